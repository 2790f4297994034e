"""Mozilla autoconfig files (``config-v1.1.xml``): written for one account, and read from anywhere, without trust.

Source: draft-ietf-mailmaint-autoconfig; where the draft is silent, what Thunderbird does. Any document type is refused
before an entity could be declared; size, depth and the number of servers have limits. A server that cannot be
understood is skipped with its reason, and the others stay, whatever they are for; of an element that is given twice,
the first usable one counts; what is not known is ignored. How to log in is what the server itself will announce, so a
server stays where the file does not say it, or in words that are not known.

What is written has to survive Thunderbird's reader, whose rules come from its own code (version 153 ESR): text that
looks like a number or a truth value is turned into one before it is used as text, and placeholders are replaced one
after the other, so that an address which itself contains one is replaced twice.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from wizard.language import translate as _
from wizard.model.address import AddressProblem, Domain, EmailAddress, parse_domain, parse_port
from wizard.model.problems import Place, Problem
from wizard.model.servers import (
    EMAIL_ADDRESS,
    EMAIL_DOMAIN,
    EMAIL_LOCAL_PART,
    PASSWORD_METHODS,
    WITHOUT_LOGIN,
    AfterDownload,
    AuthenticationMethod,
    ClientConfig,
    IncomingServer,
    LeavePolicy,
    OutgoingServer,
    Protocol,
    SocketType,
    fill,
    with_password,
)
from wizard.model.servers import server as make_server
from wizard.model.text import has_controls, printable
from wizard.programs.comparing import described
from wizard.programs.elements import Element, read_tree
from wizard.programs.names import username_forms
from wizard.programs.program import Form, Mismatch, Program, Signs, utf8
from wizard.programs.reading import (
    LONGEST_VALUE,
    IncompleteServer,
    ReadAccount,
    ReadFile,
    host_template,
    incoming_among,
    outgoing_among,
    without_accounts,
    written_server,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wizard.model.servers import MailAccount

ID = "autoconfig"

SERVER_LIMIT = 64
PROVIDER_LIMIT = 64

AUTHENTICATION = {
    **{method.value: method for method in AuthenticationMethod},
    "plain": AuthenticationMethod.PASSWORD_CLEARTEXT,
    "secure": AuthenticationMethod.PASSWORD_ENCRYPTED,
    "smtp-after-pop": AuthenticationMethod.NONE,
}
"""The names of the draft and the older ones that files still carry."""

_AUTHENTICATION = {word.lower(): method for word, method in AUTHENTICATION.items()}
_SOCKET_TYPES = {socket_type.value.lower(): socket_type for socket_type in SocketType}


FOREVER = 3650
"""Days that stand for "keep for good": the format has no word for it, and a program's own default removes sooner."""

# What JavaScript's isFinite() accepts of a text, and the part of it that comes back unchanged from parseFloat().
_NUMBER = re.compile(
    r"\s*(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|0x[0-9a-f]+|0o[0-7]+|0b[01]+)?\s*|true|false", re.IGNORECASE
)
_UNCHANGED = re.compile(r"0|[1-9]\d{0,14}|true|false")


def survives_thunderbird(text: str) -> bool:
    """Whether Thunderbird reads ``text`` as it is, not as another number (``007`` becomes 7, ``1e3`` 1000)."""
    return _NUMBER.fullmatch(text) is None or _UNCHANGED.fullmatch(text) is not None


def username_for(username: str, address: EmailAddress, published: str = "") -> str | None:
    """How ``username`` is written: with placeholders where it has parts of the address, else as it is.

    The form is right for this person, and for everybody else who gets the file: it is looked up by the domain alone.
    ``published``: the form that the provider gave it. None: no spelling is understood by every reader.
    """
    for text in username_forms(username, address, published):
        means_it = fill(text, address) == username and _thunderbird_fills(text, address) == username
        if means_it and survives_thunderbird(text):
            return text
    return None


def _thunderbird_fills(text: str, address: EmailAddress) -> str:
    values = (
        (EMAIL_ADDRESS, str(address)),
        (EMAIL_LOCAL_PART, address.local),
        ("%EMAILDOMAIN%", address.domain.ascii),
        ("%REALNAME%", "\0"),  # the sender's name, typed later: no value can be right
    )
    for placeholder, value in values:
        text = text.replace(placeholder, value)
    return text


def _reason_against(account: MailAccount) -> str | None:
    """What the readers of this format cannot take, though the format could say it."""
    if "@" in account.address.local:
        return _("Thunderbird cannot read an address with two @; use the values of the card.")
    domain_survives = survives_thunderbird(account.address.domain.ascii)
    for server in (account.incoming, account.outgoing, *account.alternatives):
        if server.username and username_for(server.username, account.address, server.username_form) is None:
            return _(
                "Thunderbird would change the user name “{name}” when it reads the file; type it by hand, with the "
                "values of the card."
            ).format(name=server.username)
        if not domain_survives or not survives_thunderbird(server.hostname):
            return _("Thunderbird would take the name “{name}” for a number; use the values of the card.").format(
                name=server.hostname
            )
    return None


def _values(account: MailAccount) -> dict[str, Any]:
    return {
        "leave": None if account.leave is None else leave_written(account.leave),
        "autoconfig_username": lambda server: username_for(server.username, account.address, server.username_form),
    }


def leave_written(policy: LeavePolicy) -> LeavePolicy:
    """What the file says for ``policy``: "for good" becomes the longest time, and the user is told to untick it."""
    return LeavePolicy(AfterDownload.KEEP_DAYS, FOREVER) if policy.kind is AfterDownload.KEEP else policy


def _check(content: bytes, account: MailAccount) -> None:
    """Read the file as a client would and compare servers, order and leave policy with the account."""
    try:
        read = read_autoconfig(content, "config-v1.1.xml")
        config = read.config.filled(account.address)
    except Problem as problem:
        raise Mismatch(str(problem)) from None
    servers = (account.incoming, account.outgoing, *account.alternatives)
    wanted = incoming_among(servers)
    if config.incoming != wanted:
        raise Mismatch(f"{described(config.incoming)}, not {described(wanted)}")
    wanted_outgoing = outgoing_among(servers)
    if config.outgoing != wanted_outgoing:
        raise Mismatch(f"{described(config.outgoing)}, not {described(wanted_outgoing)}")
    if config.domains != (account.address.domain,) or config.id != account.address.domain.ascii:
        raise Mismatch(f"id {config.id}, domains {config.domains}")
    leave = leave_written(account.leave) if account.leave is not None else None
    if read.leave != leave:
        raise Mismatch(f"leave policy {read.leave}, not {leave}")
    if read.skipped:
        raise Mismatch(f"unreadable parts: {read.skipped}")


@dataclass(frozen=True, slots=True)
class ReadConfig:
    """A file as settings. ``leave`` is what it says for its first POP3 server, None where it says nothing.

    ``skipped`` names what was left out and why; ``incomplete`` are the servers among that, by the sentence about them.
    ``any_domain``: the file is for every address, whatever domains it names beside. Lists of servers may be empty.
    ``line``: where the provider begins.
    """

    config: ClientConfig
    leave: LeavePolicy | None
    skipped: tuple[str, ...] = ()
    any_domain: bool = False
    incomplete: Mapping[str, IncompleteServer] = field(default_factory=dict)
    line: int | None = None

    @property
    def usable(self) -> bool:
        """Whether it names a server that can be used."""
        return bool(self.config.incoming or self.config.outgoing)


def read_autoconfig(content: bytes, name: str, domain: Domain | None = None) -> ReadConfig:
    """Read the bytes of a file; ``name`` is what errors call it. Placeholders in host and user names stay.

    ``domain``: whose settings are wanted, where a file has several providers; else, and where none names it, the first
    counts that can be used. A server about whose log-in the file says nothing that is known has no ``authentication``.
    Raises Problem with file and line when it is not an autoconfig file, is unsafe, or has no server that can be used.
    """
    readable, problems = _read_providers(content, name)
    usable = [read for read in readable if read.usable]
    if not usable:
        raise problems[0] if problems else without_accounts(readable[0].skipped[:1], name, readable[0].line)
    return next((read for read in usable if domain in read.config.domains), usable[0])


def _read_providers(content: bytes, name: str) -> tuple[list[ReadConfig], list[Problem]]:
    """Each provider of a file that can be read, and why others cannot; raises Problem when it has none."""
    root = read_tree(content, name)
    providers = list(root.all("emailProvider")) if root.called("clientConfig") else []
    if not providers:
        place = Place(printable(name), root.line)
        raise Problem(_("This is not an autoconfig file: it has no e-mail provider."), place=place)
    if len(providers) > PROVIDER_LIMIT:
        text = _("The file has more than {count} providers.").format(count=PROVIDER_LIMIT)
        raise Problem(text, place=Place(printable(name)))
    readable, problems = [], []
    for provider in providers:
        try:
            readable.append(_read_provider(provider, name))
        except Problem as problem:
            problems.append(problem)
    return readable, problems


def _read_provider(provider: Element, name: str) -> ReadConfig:
    skipped: list[str] = []
    domains: list[Domain] = []
    any_domain = False
    for child in provider.all("domain"):
        if child.text.upper() == EMAIL_DOMAIN:  # as servers write it that generate one file for all
            any_domain = True
            continue
        try:
            domains.append(parse_domain(child.text))
        except AddressProblem as problem:
            skipped.append(_("line {line}").format(line=child.line) + f": {problem.reason}")
    if not domains and not any_domain:
        text = _("The file names no domain.")
        if skipped:
            text = _("The file names no domain that can be used ({reason}).").format(reason=printable(skipped[0]))
        raise Problem(text, place=Place(printable(name), provider.line))
    try:
        identity = host_template(provider.attributes.get("id", ""))
    except AddressProblem:
        place = Place(printable(name), provider.line)
        raise Problem(_("The file does not name its provider."), place=place) from None
    read = _collect(provider, identity, tuple(domains), skipped, name)
    return replace(read, any_domain=any_domain)


def _collect(
    provider: Element,
    identity: str,
    domains: tuple[Domain, ...],
    skipped: list[str],
    name: str,
) -> ReadConfig:
    incoming: list[IncomingServer] = []
    outgoing: list[OutgoingServer] = []
    incomplete: dict[str, IncompleteServer] = {}
    leave = None
    entries = [child for child in provider.children if child.called("incomingServer") or child.called("outgoingServer")]
    if len(entries) > SERVER_LIMIT:
        raise Problem(_("The file has more than {count} servers.").format(count=SERVER_LIMIT), place=Place(name))
    usual = _usual_names(entries)
    for entry in entries:
        try:
            server = _server(entry, usual)
        except Problem as problem:
            skipped.append(printable(_left_out(entry, problem)))
            shown = _as_written(entry, usual)
            incomplete |= {skipped[-1]: shown} if shown is not None else {}
            continue
        if isinstance(server, OutgoingServer):
            outgoing.append(server)
            continue
        if server.protocol is Protocol.POP3 and not any(known.protocol is Protocol.POP3 for known in incoming):
            leave = _leave(entry)
        incoming.append(server)
    config = ClientConfig(identity, domains, _display_name(provider, identity), tuple(incoming), tuple(outgoing))
    return ReadConfig(config, leave, tuple(map(printable, skipped)), incomplete=incomplete, line=provider.line)


def _usual_names(entries: list[Element]) -> dict[str, str]:
    """The user name of an element that has none, by the element's name; empty where there is none.

    For sending it is the one for receiving, which files of the ISPDB mean. Where no server has a name, it is the
    address, which is tried first everywhere (RFC 6186 section 4).
    """
    receiving = [_text(entry, "username") for entry in entries if entry.called("incomingServer")]
    names = [name for name in (_text(entry, "username") for entry in entries) if name]
    fallback = "" if names else EMAIL_ADDRESS
    return {"incomingServer": fallback, "outgoingServer": next((name for name in receiving if name), fallback)}


def _left_out(entry: Element, problem: Problem) -> str:
    words = [_("line {line}").format(line=entry.line), _text(entry, "hostname"), problem.text]
    return ": ".join(word for word in words if word)


def _display_name(provider: Element, identity: str) -> str:
    return printable(_text(provider, "displayName") or _text(provider, "displayShortName") or identity, 60)


def _server(entry: Element, usual: dict[str, str]) -> IncomingServer | OutgoingServer:
    """The server of an element; raises Problem with the reason when it cannot be used.

    ``usual``: the user name where the element has none, by its own name.
    """
    kind = entry.attributes.get("type", "").lower()
    sends = entry.called("outgoingServer")
    wanted = ("smtp",) if sends else ("imap", "pop3")
    if kind not in wanted:
        raise Problem(_("the type “{kind}” is not known").format(kind=printable(kind, 40)))
    protocol = Protocol(kind)
    hostname = _text(entry, "hostname")
    try:
        host = host_template(hostname)
    except AddressProblem:
        raise Problem(_("“{text}” is not a host name").format(text=printable(hostname, 100))) from None
    socket_type = _socket_type(entry)
    if socket_type is None:
        raise Problem(_("there is no known socketType"))
    methods = _methods(entry, protocol)
    return make_server(
        protocol,
        hostname=host,
        port=parse_port(_text(entry, "port")),
        socket_type=socket_type,
        username=_username(entry, protocol, methods, usual["outgoingServer" if sends else "incomingServer"]),
        authentication=methods,
    )


def _socket_type(entry: Element) -> SocketType | None:
    words = [text.lower() for text in _texts(entry, "socketType")]
    return next((_SOCKET_TYPES[word] for word in words if word in _SOCKET_TYPES), None)


def _as_written(entry: Element, usual: dict[str, str]) -> IncompleteServer | None:
    """A server that cannot be used, as far as the file says it; None where its protocol or host is not known."""
    sends = entry.called("outgoingServer")
    kind = entry.attributes.get("type", "").lower()
    if kind not in (("smtp",) if sends else ("imap", "pop3")) or not _text(entry, "hostname"):
        return None
    words = [text.lower() for text in _texts(entry, "authentication")]
    server = written_server(
        Protocol(kind),
        hostname=_text(entry, "hostname"),
        port=_text(entry, "port"),
        socket_type=_socket_type(entry),
        username=_text(entry, "username") or usual["outgoingServer" if sends else "incomingServer"],
        authentication=[_AUTHENTICATION[word] for word in words if word in _AUTHENTICATION],
        templates=True,
    )
    if not isinstance(server, IncompleteServer):
        return None
    line = Place(line=entry.line)
    return replace(server, reasons=tuple(str(Problem(reason, place=line)) for reason in server.reasons))


def _texts(entry: Element, name: str) -> list[str]:
    return [child.text for child in entry.all(name)]


def _text(entry: Element, name: str) -> str:
    """The first text of that name that is not empty."""
    return next((text for text in _texts(entry, name) if text), "")


def _methods(entry: Element, protocol: Protocol) -> tuple[AuthenticationMethod, ...]:
    """The known methods in their order, each once; none where the file says none, or in words that are not known.

    Only sending can go without any log-in.
    """
    words = [text.lower() for text in _texts(entry, "authentication") if text]
    known = [_AUTHENTICATION[word] for word in words if word in _AUTHENTICATION]
    sending = protocol is Protocol.SMTP
    methods = tuple(dict.fromkeys(method for method in known if sending or method not in WITHOUT_LOGIN))
    if not methods and known and len(known) == len(words):
        raise Problem(_("there is no known authentication"))
    return methods


def _username(entry: Element, protocol: Protocol, methods: tuple[AuthenticationMethod, ...], usual: str) -> str:
    username = _text(entry, "username")
    needed = protocol is not Protocol.SMTP or not methods or not PASSWORD_METHODS.isdisjoint(methods)
    if needed and not username:
        username = usual
    if has_controls(username):
        raise Problem(_("the user name contains a control character"))
    if len(username) > LONGEST_VALUE:
        raise Problem(_("the user name is longer than {count} characters").format(count=LONGEST_VALUE))
    if not username and needed:
        raise Problem(_("there is no user name"))
    return username


def _leave(entry: Element) -> LeavePolicy | None:
    """The policy that a POP3 server carries (Thunderbird's extension of the draft); None when it says nothing."""
    extension = next(entry.all("pop3"), None)
    stays = extension.first("leaveMessagesOnServer") if extension is not None else None
    if extension is None or stays not in ("true", "false"):
        return None
    if stays == "false":
        return LeavePolicy(AfterDownload.REMOVE)
    days = extension.first("daysToLeaveMessagesOnServer") or ""
    if days.isascii() and days.isdigit() and len(days) < 6 and 1 <= int(days) <= FOREVER:
        return LeavePolicy(AfterDownload.KEEP_DAYS, int(days))
    return LeavePolicy(AfterDownload.KEEP)


def _read(content: bytes, name: str) -> ReadFile:
    readable, problems = _read_providers(content, name)
    if not readable:
        raise problems[0]
    accounts = tuple(_account(read) for read in readable)
    kept = tuple(account for account in accounts if not account.empty)
    if not kept:
        raise without_accounts(readable[0].skipped[:1], name, readable[0].line)
    lost = [reason for account in accounts if account.empty for reason in account.reasons]
    return ReadFile(format=ID, accounts=kept, skipped=(*(problem.text for problem in problems), *lost))


def _account(read: ReadConfig) -> ReadAccount:
    """A provider as an account of anybody at its domains."""
    config = read.config
    return ReadAccount(
        address=None,
        label=config.id,
        # Nobody connects to what is read here: a password is what a server takes that says nothing else.
        incoming=tuple(map(with_password, config.incoming)),
        outgoing=tuple(map(with_password, config.outgoing)),
        incomplete=tuple(read.incomplete.values()),
        leave=read.leave,
        skipped=tuple(reason for reason in read.skipped if reason not in read.incomplete),
        unfilled=True,
        domains=() if read.any_domain else config.domains,
        provider="" if config.display_name == config.id else config.display_name,
    )


PROGRAM = Program(
    id=ID,
    read=_read,
    signs=Signs(roots=frozenset({"clientConfig"}), name=re.compile(r"config-v1\.[0-9]\.xml", re.IGNORECASE)),
    forms={"autoconfig": Form(write=utf8, check=_check, reason_against=_reason_against, values=_values)},
)
