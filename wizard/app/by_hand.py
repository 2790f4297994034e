"""Entering a server by hand: three small questions; what is suggested is called a guess and never taken unasked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.interview.prompter import BACK, Choice
from wizard.language import translate as _
from wizard.model.address import AddressProblem, parse_hostname, parse_port
from wizard.model.discovery import Evidence, FoundServer, Source, Trust
from wizard.model.servers import USUAL_PORTS, AuthenticationMethod, Protocol, SocketType, server
from wizard.model.text import has_controls
from wizard.wording import protocol_label, security_label

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.interview.prompter import Prompter
    from wizard.model.address import EmailAddress, Hostname, Port

# The names that hosters use most, the likeliest first: a name of its own for each service, then one for all.
USUAL_HOSTS = {
    Protocol.IMAP: ("imap", "mail"),
    Protocol.POP3: ("pop", "pop3", "mail"),
    Protocol.SMTP: ("smtp", "mail"),
}
OTHER = "other"


def enter_server(
    prompter: Prompter,
    address: EmailAddress,
    protocol: Protocol,
    current: FoundServer | None = None,
    *,
    doubted: bool = False,
) -> FoundServer | None:
    """Ask for host, port with security, and user name; None when the person goes back from the first question.

    ``current`` is preset, but not its name where it is ``doubted``. The evidence says "typed by you"; a suggested name
    that was picked is called a guess.
    """
    while True:
        host = _ask_host(prompter, address, protocol, current, OTHER if doubted else None)
        if host is None:
            return None
        while True:
            socket = _ask_port(prompter, protocol, current)
            if socket is None:
                break
            username = _ask_username(prompter, address, current)
            if username is not None:
                return _found(protocol, host, socket, username, current)


def _found(
    protocol: Protocol,
    host: tuple[Hostname, bool],
    socket: tuple[Port, SocketType],
    username: str,
    current: FoundServer | None,
) -> FoundServer:
    made = server(
        protocol,
        hostname=host[0],
        port=socket[0],
        socket_type=socket[1],
        username=username,
        authentication=(
            current.server.authentication if current is not None else (AuthenticationMethod.PASSWORD_CLEARTEXT,)
        ),
    )
    if current is not None and made == current.server:
        return current
    return FoundServer(made, Evidence(Source.USER, Trust.GUESSED if host[1] else Trust.UNAUTHENTICATED))


def _ask_host(
    prompter: Prompter, address: EmailAddress, protocol: Protocol, current: FoundServer | None, preset: str | None
) -> tuple[Hostname, bool] | None:
    suggestions = [f"{label}.{address.domain.ascii}" for label in USUAL_HOSTS[protocol]]
    choices = [Choice(name, _("{host} (a guess)").format(host=name)) for name in suggestions]
    if current is not None:
        kept = current.server.hostname
        choices = [Choice(kept, _("{host} (as it is)").format(host=kept))] + [
            one for one in choices if one.value != kept
        ]
    while True:
        picked = prompter.select(
            _("The server for incoming mail ({protocol})").format(protocol=protocol_label(protocol))
            if protocol is not Protocol.SMTP
            else _("The server for outgoing mail (SMTP)"),
            [Choice(OTHER, _("I have its name: I type it")), *choices],
            default=preset or (current.server.hostname if current is not None else OTHER),
            back=True,
            why=_("Your provider names its servers on its help pages, or in the letter or message that welcomed you."),
        )
        if picked is BACK:
            return None
        if picked != OTHER:
            guessed = current is None or picked != current.server.hostname
            return parse_hostname(str(picked)), guessed
        typed = prompter.text(
            _("Name of the server"),
            default=current.server.hostname if current is not None else "",
            validate=lambda text: _problem_of(lambda: parse_hostname(text)),
            instruction=_("such as mail.example.org"),
            back=True,
        )
        if typed is not BACK:
            return parse_hostname(str(typed)), False


def _ask_port(prompter: Prompter, protocol: Protocol, current: FoundServer | None) -> tuple[Port, SocketType] | None:
    usual = [(USUAL_PORTS[protocol, kind], kind) for kind in (SocketType.SSL, SocketType.STARTTLS)]
    if current is not None and (current.server.port, current.server.socket_type) not in usual:
        usual.insert(0, (current.server.port, current.server.socket_type))
    labels = {SocketType.SSL: _("usual, and the safest"), SocketType.STARTTLS: _("an older way, also encrypted")}
    choices = [
        Choice(f"{port} {kind.value}", f"{port}, {security_label(kind)}", labels.get(kind, "")) for port, kind in usual
    ]
    picked = prompter.select(
        _("Port and security of the connection"),
        [*choices, Choice(OTHER, _("another port"))],
        default=f"{current.server.port} {current.server.socket_type.value}"
        if current is not None
        else choices[0].value,
        back=True,
        why=_("A port is the number of the door at the server. Encrypted means that nobody on the way can read along."),
    )
    if picked is BACK:
        return None
    if picked != OTHER:
        port, _space, kind = str(picked).partition(" ")
        return parse_port(port), SocketType(kind)
    return _ask_other_port(prompter)


def _ask_other_port(prompter: Prompter) -> tuple[Port, SocketType] | None:
    typed = prompter.text(
        _("Port"),
        validate=lambda text: _problem_of(lambda: parse_port(text)),
        instruction=_("a number from 1 to 65535"),
        back=True,
    )
    if typed is BACK:
        return None
    kind = prompter.select(
        _("Security of the connection"),
        [Choice(one.value, security_label(one)) for one in SocketType],
        default=SocketType.SSL.value,
        back=True,
        why=_("Without encryption anybody on the way can read your password and your mail."),
    )
    if kind is BACK:
        return None
    if kind == SocketType.PLAIN.value and not _agrees_to_plain(prompter):
        return None
    return parse_port(str(typed)), SocketType(str(kind))


def _agrees_to_plain(prompter: Prompter) -> bool:
    picked = prompter.select(
        _("Without encryption anybody on the way can read your password and your mail. Use it all the same?"),
        [Choice("no", _("No, choose again")), Choice("yes", _("Yes, I know what I do"))],
        default="no",
    )
    return picked == "yes"


def _ask_username(prompter: Prompter, address: EmailAddress, current: FoundServer | None) -> str | None:
    choices = [
        Choice(str(address), str(address), _("the whole address: mostly this")),
        Choice(address.local, address.local, _("only the part before the @")),
    ]
    if current is not None and current.server.username not in (str(address), address.local):
        choices.insert(0, Choice(current.server.username, current.server.username))
    picked = prompter.select(
        _("User name at this server"),
        [*choices, Choice(OTHER, _("another one: I type it"))],
        default=current.server.username if current is not None else str(address),
        back=True,
        why=_("The name that you log in with. Most providers want the whole address."),
    )
    if picked is BACK:
        return None
    if picked != OTHER:
        return str(picked)
    typed = prompter.text(_("User name"), validate=_username_problem, back=True)
    return None if typed is BACK else str(typed).strip()


def _username_problem(text: str) -> str | None:
    if not text.strip():
        return _("The user name is empty.")
    return _("The user name contains an invisible control character.") if has_controls(text) else None


def _problem_of(parse: Callable[[], object]) -> str | None:
    try:
        parse()
    except AddressProblem as problem:
        return problem.text
    return None
