"""Reads neomuttrc (and muttrc) files: the ``set`` commands that speak of servers; nothing is ever executed.

Source of the grammar: the manual of NeoMutt, “Syntax of Initialization Files”. A value that depends on a command
(backticks) or on something that the file does not say itself (``$HOME``) is unknown here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wizard.model.problems import Problem
from wizard.model.servers import (
    USUAL_PORTS,
    AfterDownload,
    AuthenticationMethod,
    IncomingServer,
    LeavePolicy,
    OutgoingServer,
    Protocol,
    SocketType,
)
from wizard.programs.account import ReadAccount, one_line, read_server
from wizard.programs.lines import not_of, text_of
from wizard.programs.mail_url import MailUrl, read_mail_url
from wizard.programs.sender import read_sender

if TYPE_CHECKING:
    from wizard.model.servers import Server

_SYNONYMS = {"spool_file": "spoolfile", "real_name": "realname"}
_NAME = re.compile(r"[ \t]*(?P<prefix>no|inv|&|\?)?(?P<name>[A-Za-z_]+)[?!&]?[ \t]*(?P<equals>=[ \t]*)?")
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|([A-Za-z]\w*))")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "e": "\x1b"}
_SCHEMES = {
    "imap": (Protocol.IMAP, False),
    "imaps": (Protocol.IMAP, True),
    "pop": (Protocol.POP3, False),
    "pops": (Protocol.POP3, True),
    "smtp": (Protocol.SMTP, False),
    "smtps": (Protocol.SMTP, True),
}

Values = dict[str, "str | None"]
"""Variables and their values; None where the file alone does not say."""


def read_neomutt(content: bytes, file: str) -> ReadAccount:
    """The account of a neomuttrc; raises Problem when it holds none. A server that cannot be is skipped."""
    values = _values(text_of(content, file))
    servers: list[Server] = []
    skipped: list[str] = []
    for name in ("folder", "spoolfile", "pop_host", "smtp_url"):
        try:
            found = _server(values, name)
        except Problem as problem:
            skipped.append(f"{name}: {problem}")
            continue
        if found is not None and found.protocol not in {one.protocol for one in servers}:
            servers.append(found)
    if not servers and not skipped:
        raise not_of("NeoMutt", file)
    incoming = tuple(one for one in servers if isinstance(one, IncomingServer))
    name, address = read_sender(values.get("from") or "")
    return ReadAccount(
        address=address,
        display_name=_name(values.get("realname")) or name,
        incoming=incoming,
        outgoing=tuple(one for one in servers if isinstance(one, OutgoingServer)),
        leave=_leave(values, incoming),
        skipped=tuple(skipped),
    )


def _server(values: Values, name: str) -> Server | None:
    text = values.get(name)
    if text is None or "://" not in text:
        return None
    url = read_mail_url(text)
    if url.scheme not in _SCHEMES:
        return None
    protocol, implicit = _SCHEMES[url.scheme]
    security = SocketType.SSL if implicit else _upgrade(values)
    return read_server(
        protocol,
        hostname=url.hostname,
        port=url.port or USUAL_PORTS[protocol, security],
        socket_type=security,
        username=_username(values, protocol, url),
        authentication=(_method(values, protocol, url),),
    )


def _username(values: Values, protocol: Protocol, url: MailUrl) -> str:
    kind = {Protocol.IMAP: "imap", Protocol.POP3: "pop", Protocol.SMTP: "smtp"}[protocol]
    return url.username or values.get(f"{kind}_user") or values.get(f"{kind}_login") or ""


def _upgrade(values: Values) -> SocketType:
    """What a scheme without TLS means: NeoMutt upgrades where the server can, and by default insists on it."""
    refused = values.get("ssl_starttls") == "no" and values.get("ssl_force_tls") == "no"
    return SocketType.PLAIN if refused else SocketType.STARTTLS


def _method(values: Values, protocol: Protocol, url: MailUrl) -> AuthenticationMethod:
    kind = {Protocol.IMAP: "imap", Protocol.POP3: "pop", Protocol.SMTP: "smtp"}[protocol]
    if protocol is Protocol.SMTP and not _username(values, protocol, url):
        return AuthenticationMethod.NONE
    if f"{kind}_oauth_refresh_command" in values:
        return AuthenticationMethod.OAUTH2
    return AuthenticationMethod.PASSWORD_CLEARTEXT


def _leave(values: Values, incoming: tuple[IncomingServer, ...]) -> LeavePolicy | None:
    """Read in place (a spoolfile on the server), messages stay; fetched, ``pop_delete`` decides."""
    if not any(one.protocol is Protocol.POP3 for one in incoming):
        return None
    fetched = "pop_host" in values and values.get("pop_delete") == "yes"
    return LeavePolicy(AfterDownload.REMOVE if fetched else AfterDownload.KEEP)


def _name(text: str | None) -> str:
    try:
        return one_line(text or "")
    except Problem:
        return ""


def _values(text: str) -> Values:
    """What the ``set`` and ``unset`` commands of a file say; the last one counts."""
    values: Values = {}
    scanner = _Scanner(re.sub(r"(?<!\\)\\\n", "", text), values)
    while not scanner.done:
        command = scanner.word()
        if command in ("set", "unset", "reset", "toggle"):
            scanner.assignments(command)
        else:
            scanner.rest()
    return values


class _Scanner:
    """Goes through a file once, character by character; never back, so that time grows with the length alone."""

    def __init__(self, text: str, values: Values) -> None:
        self.text = text
        self.at = 0
        self.values = values

    @property
    def done(self) -> bool:
        return self.at >= len(self.text)

    def word(self) -> str:
        """The command that begins here; line feeds, semicolons and comments before it are passed over."""
        while not self.done and (self.text[self.at].isspace() or self.text[self.at] == ";"):
            self.at += 1
        start = self.at
        while not self.done and (self.text[self.at].isalnum() or self.text[self.at] in "_-"):
            self.at += 1
        return self.text[start : self.at]

    def rest(self) -> None:
        """Pass over the rest of a command."""
        while not self.done and self.text[self.at] not in "\n;":
            if self.text[self.at] == "#":
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            else:
                before = self.at
                self._token()
                self.at += self.at == before

    def assignments(self, command: str) -> None:
        """Everything after ``set`` on its line."""
        while not self.done and self.text[self.at] not in "\n;#":
            found = _NAME.match(self.text, self.at)
            if found is None:
                break
            self.at = found.end()
            name = _SYNONYMS.get(found["name"], found["name"])
            if found["equals"] is not None:
                self.values[name] = self._token() or (None if self._dynamic else "")
            else:
                on = command == "set" and found["prefix"] is None
                self.values[name] = "yes" if on else "no"
        self.rest()

    def _token(self) -> str | None:
        """The value that begins here, quotes and escapes resolved; None when nothing begins here, or when it is
        unknown (``_dynamic``).
        """
        self._dynamic = False
        start, quote, said = self.at, "", ""
        while not self.done:
            character = self.text[self.at]
            if not quote and (character.isspace() or character in ";#"):
                break
            if character == quote:
                quote = ""
            elif not quote and character in "\"'":
                quote = character
            else:
                said += self._character(quote)
                continue
            self.at += 1
        if self._dynamic or self.at == start:
            return None
        return said

    def _character(self, quote: str) -> str:
        """The text that the character here stands for; moves past it."""
        character = self.text[self.at]
        if character == "\\" and quote != "'":
            return self._escaped()
        if character == "`" and quote != "'":
            end = self.text.find("`", self.at + 1)
            self.at = len(self.text) if end < 0 else end + 1
            self._dynamic = True
            return ""
        variable = _VARIABLE.match(self.text, self.at) if character == "$" and quote != "'" else None
        if variable is not None:
            self.at = variable.end()
            value = self.values.get(variable[1] or variable[2])
            self._dynamic = self._dynamic or value is None
            return value or ""
        self.at += 1
        return character

    def _escaped(self) -> str:
        octal = re.compile(r"\\([0-7]{3})").match(self.text, self.at)
        if octal is not None:
            self.at = octal.end()
            return chr(int(octal[1], 8))
        character = self.text[self.at + 1 : self.at + 2]
        self.at += 2
        return _ESCAPES.get(character, character)
