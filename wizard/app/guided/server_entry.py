"""A server typed by hand: three small questions; what is suggested is called a guess and never taken unasked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from wizard.interview.steps import Choice, Prompt, Select, Text
from wizard.language import translate as _
from wizard.model.address import AddressProblem, parse_hostname, parse_port
from wizard.model.discovery import Evidence, FoundServer, Source, Trust
from wizard.model.servers import USUAL_LABELS, USUAL_PORTS, AuthenticationMethod, Protocol, SocketType, server
from wizard.model.text import has_controls
from wizard.wording import protocol_label, security_label

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.model.address import EmailAddress, Hostname, Port

OTHER = "other"


class Part(StrEnum):
    """What is asked for."""

    HOST = "server-host"
    HOST_NAME = "server-host-name"
    PORT = "server-port"
    PORT_NUMBER = "server-port-number"
    SECURITY = "server-security"
    UNENCRYPTED = "server-unencrypted"
    USERNAME = "server-username"
    USERNAME_TEXT = "server-username-text"


_BEFORE = {
    Part.HOST_NAME: Part.HOST,
    Part.PORT: Part.HOST,
    Part.PORT_NUMBER: Part.PORT,
    Part.SECURITY: Part.PORT_NUMBER,
    Part.UNENCRYPTED: Part.SECURITY,
    Part.USERNAME: Part.PORT,
    Part.USERNAME_TEXT: Part.USERNAME,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerDraft:
    """A server that is half typed. ``current`` is preset, but not its name where it is ``doubted``.

    ``guessed``: the name is a suggestion that was picked.
    """

    address: EmailAddress
    protocol: Protocol
    current: FoundServer | None = None
    doubted: bool = False
    part: Part = Part.HOST
    host: Hostname | None = None
    guessed: bool = False
    port: Port | None = None
    security: SocketType | None = None

    def step(self) -> Prompt:
        """What is asked next."""
        return {
            Part.HOST: self._ask_host,
            Part.HOST_NAME: self._ask_host_name,
            Part.PORT: self._ask_port,
            Part.PORT_NUMBER: self._ask_port_number,
            Part.SECURITY: self._ask_security,
            Part.UNENCRYPTED: self._ask_unencrypted,
            Part.USERNAME: self._ask_username,
            Part.USERNAME_TEXT: self._ask_username_text,
        }[self.part]()

    def back(self) -> ServerDraft | None:
        """At the question before; None in front of the first one."""
        before = _BEFORE.get(self.part)
        return None if before is None else replace(self, part=before)

    def answer(self, value: str) -> ServerDraft | FoundServer:
        """With ``value`` for what was asked; the server once all is known.

        The evidence says "typed by you"; a suggested name that was picked is called a guess.
        """
        return {
            Part.HOST: self._take_host,
            Part.HOST_NAME: self._take_host_name,
            Part.PORT: self._take_port,
            Part.PORT_NUMBER: self._take_port_number,
            Part.SECURITY: self._take_security,
            Part.UNENCRYPTED: self._take_unencrypted,
            Part.USERNAME: self._take_username,
            Part.USERNAME_TEXT: self._found,
        }[self.part](value)

    def _ask_host(self) -> Select:
        suggestions = [f"{label}.{self.address.domain.ascii}" for label in USUAL_LABELS[self.protocol]]
        choices = [Choice(name, _("{host} (a guess)").format(host=name)) for name in suggestions]
        if self.current is not None:
            kept = self.current.server.hostname
            others = [choice for choice in choices if choice.value != kept]
            choices = [Choice(kept, _("{host} (unchanged)").format(host=kept)), *others]
        return Select(
            id=self.part,
            text=_("The server for incoming mail ({protocol})").format(protocol=protocol_label(self.protocol))
            if self.protocol is not Protocol.SMTP
            else _("The server for outgoing mail (SMTP)"),
            choices=(Choice(OTHER, _("I know its name and will type it")), *choices),
            default=OTHER if self.doubted or self.current is None else self.current.server.hostname,
            back=True,
            why=_(
                "Your provider lists its servers on its help pages, or in the welcome letter or message it sent you."
            ),
        )

    def _take_host(self, value: str) -> ServerDraft:
        if value == OTHER:
            return replace(self, part=Part.HOST_NAME)
        guessed = self.current is None or value != self.current.server.hostname
        return replace(self, part=Part.PORT, host=parse_hostname(value), guessed=guessed)

    def _ask_host_name(self) -> Text:
        return Text(
            id=self.part,
            text=_("Name of the server"),
            default=self.current.server.hostname if self.current is not None else "",
            validate=lambda text: _problem_of(lambda: parse_hostname(text)),
            instruction=_("such as mail.example.org"),
            back=True,
        )

    def _take_host_name(self, value: str) -> ServerDraft:
        return replace(self, part=Part.PORT, host=parse_hostname(value), guessed=False)

    def _ask_port(self) -> Select:
        usual = [(USUAL_PORTS[self.protocol, kind], kind) for kind in (SocketType.SSL, SocketType.STARTTLS)]
        current = None if self.current is None else (self.current.server.port, self.current.server.socket_type)
        if current is not None and current not in usual:
            usual.insert(0, current)
        hints = {SocketType.SSL: _("usual, and the safest"), SocketType.STARTTLS: _("an older way, also encrypted")}
        choices = [
            Choice(f"{port} {kind.value}", f"{port}, {security_label(kind)}", hints.get(kind, ""))
            for port, kind in usual
        ]
        return Select(
            id=self.part,
            text=_("Port and security of the connection"),
            choices=(*choices, Choice(OTHER, _("another port"))),
            default=choices[0].value if current is None else f"{current[0]} {current[1].value}",
            back=True,
            why=_(
                "A port is the number of a service on the server. Encrypted means that nobody on the way "
                "can read your mail."
            ),
        )

    def _take_port(self, value: str) -> ServerDraft:
        if value == OTHER:
            return replace(self, part=Part.PORT_NUMBER)
        port, _space, kind = value.partition(" ")
        return replace(self, part=Part.USERNAME, port=parse_port(port), security=SocketType(kind))

    def _ask_port_number(self) -> Text:
        return Text(
            id=self.part,
            text=_("Port"),
            validate=lambda text: _problem_of(lambda: parse_port(text)),
            instruction=_("a number from 1 to 65535"),
            back=True,
        )

    def _take_port_number(self, value: str) -> ServerDraft:
        return replace(self, part=Part.SECURITY, port=parse_port(value))

    def _ask_security(self) -> Select:
        return Select(
            id=self.part,
            text=_("Security of the connection"),
            choices=tuple(Choice(kind.value, security_label(kind)) for kind in SocketType),
            default=SocketType.SSL.value,
            back=True,
            why=_("Without encryption anybody on the way can read your password and your mail."),
        )

    def _take_security(self, value: str) -> ServerDraft:
        kind = SocketType(value)
        return replace(self, part=Part.USERNAME if kind is not SocketType.PLAIN else Part.UNENCRYPTED, security=kind)

    def _ask_unencrypted(self) -> Select:
        return Select(
            id=self.part,
            text=_("Without encryption anybody on the way can read your password and your mail. Use it anyway?"),
            choices=(Choice("no", _("No, choose again")), Choice("yes", _("Yes, I accept the risk"))),
            default="no",
        )

    def _take_unencrypted(self, value: str) -> ServerDraft:
        return replace(self, part=Part.USERNAME if value == "yes" else Part.PORT)

    def _ask_username(self) -> Select:
        address = self.address
        choices = [
            Choice(str(address), str(address), _("the whole address, as most providers want it")),
            Choice(address.local, address.local, _("only the part before the @")),
        ]
        current = None if self.current is None else self.current.server.username
        if current is not None and current not in (str(address), address.local):
            choices.insert(0, Choice(current, current))
        return Select(
            id=self.part,
            text=_("User name at this server"),
            choices=(*choices, Choice(OTHER, _("another one: I will type it"))),
            default=current if current is not None else str(address),
            back=True,
            why=_("The name that you log in with. Most providers want the whole address."),
        )

    def _take_username(self, value: str) -> ServerDraft | FoundServer:
        return replace(self, part=Part.USERNAME_TEXT) if value == OTHER else self._found(value)

    def _ask_username_text(self) -> Text:
        return Text(id=self.part, text=_("User name"), validate=_username_problem, back=True)

    def _found(self, username: str) -> FoundServer:
        assert self.host is not None
        assert self.port is not None
        assert self.security is not None
        password = (AuthenticationMethod.PASSWORD_CLEARTEXT,)
        made = server(
            self.protocol,
            hostname=self.host,
            port=self.port,
            socket_type=self.security,
            username=username.strip(),
            authentication=password if self.current is None else self.current.server.authentication,
        )
        if self.current is not None and made == self.current.server:
            return self.current
        return FoundServer(made, Evidence(Source.USER, Trust.GUESSED if self.guessed else Trust.UNAUTHENTICATED))


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
