"""neomuttrc: written for one account, and the ``set`` commands of any such file (also muttrc) that speak of servers.

Source of the grammar: the manual of NeoMutt, “Syntax of Initialization Files”. Nothing is ever executed: a value that
depends on a command (backticks) or on something that the file does not say itself (``$HOME``) is unknown here.

Every value is written as one double-quoted word, in which nothing is run and nothing replaced. Seen in NeoMutt
20220429: inside double quotes backticks run a command and ``$name`` is replaced, unless a backslash stands before them;
inside single quotes nothing is, but there is no way to say a single quote. ``pop_authenticators`` stays unset: not
every build knows the word xoauth2 there, and NeoMutt uses the token where it can anyway.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from wizard.language import translate as _
from wizard.model.problems import Problem
from wizard.model.servers import (
    USUAL_PORTS,
    AfterDownload,
    AuthenticationMethod,
    LeavePolicy,
    Protocol,
    SocketType,
)
from wizard.programs.names import safe_name
from wizard.programs.program import Form, Mismatch, Program, Signs, utf8
from wizard.programs.reading import (
    ReadAccount,
    file_of_one,
    incoming_among,
    not_of,
    one_line_or_nothing,
    outgoing_among,
    read_sender,
    read_server,
    text_of,
)
from wizard.programs.terminal import (
    MailUrl,
    in_shell,
    logs_in,
    mail_url,
    method_for,
    password_command,
    read_mail_url,
    reason_against_logins,
    require_servers,
    without_encryption,
)

if TYPE_CHECKING:
    from wizard.model.servers import IncomingServer, MailAccount, Server

_SPECIAL = re.compile(r'[\\"`$]')
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

_KINDS = {Protocol.IMAP: "imap", Protocol.POP3: "pop", Protocol.SMTP: "smtp"}
"""How the names of variables begin, and the schemes of URLs."""

Values = dict[str, "str | None"]
"""Variables and their values; None where the file alone does not say."""


def quoted(text: str) -> str:
    """``text`` as a word of the file, whatever it holds (line feeds excepted: no value has one)."""
    return '"' + _SPECIAL.sub(lambda found: "\\" + found.group(), text) + '"'


def output_of(command: str) -> str:
    """A word that stands for the first line that ``command`` prints, taken as it is when NeoMutt starts."""
    return '"`' + command + '`"'


def _reason_against(account: MailAccount) -> str | None:
    """What one file of NeoMutt cannot say: STARTTLS demanded of one server and no encryption at all of the other."""
    kinds = {account.incoming.socket_type, account.outgoing.socket_type}
    if kinds == {SocketType.STARTTLS, SocketType.PLAIN}:
        return _(
            "NeoMutt has one switch for both servers, and cannot insist on STARTTLS for one while the other is not "
            "encrypted; use the values of the card."
        )
    return reason_against_logins(account, (account.incoming, account.outgoing))


def _values_for(account: MailAccount) -> dict[str, Any]:
    incoming, outgoing = account.incoming, account.outgoing
    pop3 = incoming.protocol is Protocol.POP3
    return {
        "quoted": quoted,
        "output_of": output_of,
        "command": in_shell(password_command(account)),
        "kind": _KINDS[incoming.protocol],
        "incoming_url": _url(incoming),
        "outgoing_url": _url(outgoing, outgoing.username if logs_in(account, outgoing) else ""),
        "with_token": lambda server: method_for(account, server) is AuthenticationMethod.OAUTH2,
        "logs_in": lambda server: logs_in(account, server),
        "encrypted": SocketType.PLAIN not in (incoming.socket_type, outgoing.socket_type),
        "fetched": pop3 and account.leave is not None and account.leave.kind is AfterDownload.REMOVE,
        "folder": f"~/Mail/{safe_name(account.address)}",
    }


def _url(server: Server, username: str = "") -> str:
    secure = "s" if server.socket_type is SocketType.SSL else ""
    return mail_url(_KINDS[server.protocol] + secure, server.hostname, server.port, username, "/")


def _check(content: bytes, account: MailAccount) -> None:
    """Read the file as NeoMutt does and compare."""
    try:
        read = read_neomutt(content, "neomuttrc")
    except Problem as problem:
        raise Mismatch(str(problem)) from None
    require_servers(read, account, incoming=True, outgoing=True, as_written=without_encryption)
    if read.address != account.address or read.display_name != account.display_name:
        raise Mismatch(f"sender {read.display_name!r} {read.address}")
    kept = None if read.leave is None else read.leave.kind is not AfterDownload.REMOVE
    wanted = None
    if account.incoming.protocol is Protocol.POP3 and account.leave is not None:
        wanted = account.leave.kind is not AfterDownload.REMOVE
    if kept is not wanted:
        raise Mismatch(f"leave policy {read.leave}, not {account.leave}")


def read_neomutt(content: bytes, file: str) -> ReadAccount:
    """The account of a neomuttrc; raises Problem when it holds none. A server that cannot be is skipped."""
    values = _values(text_of(content, file))
    servers: list[Server] = []
    skipped: list[str] = []
    for variable in ("folder", "spoolfile", "pop_host", "smtp_url"):
        try:
            server = _server(values, variable)
        except Problem as problem:
            skipped.append(f"{variable}: {problem}")
            continue
        if server is not None and server.protocol not in {known.protocol for known in servers}:
            servers.append(server)
    if not servers and not skipped:
        raise not_of("NeoMutt", file)
    incoming = incoming_among(servers)
    name, address = read_sender(values.get("from") or "")
    return ReadAccount(
        address=address,
        display_name=one_line_or_nothing(values.get("realname")) or name,
        incoming=incoming,
        outgoing=outgoing_among(servers),
        leave=_leave(values, incoming),
        skipped=tuple(skipped),
    )


def _server(values: Values, variable: str) -> Server | None:
    text = values.get(variable)
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
    kind = _KINDS[protocol]
    return url.username or values.get(f"{kind}_user") or values.get(f"{kind}_login") or ""


def _upgrade(values: Values) -> SocketType:
    """What a scheme without TLS means: NeoMutt upgrades where the server can, and by default insists on it."""
    refused = values.get("ssl_starttls") == "no" and values.get("ssl_force_tls") == "no"
    return SocketType.PLAIN if refused else SocketType.STARTTLS


def _method(values: Values, protocol: Protocol, url: MailUrl) -> AuthenticationMethod:
    kind = _KINDS[protocol]
    if protocol is Protocol.SMTP and not _username(values, protocol, url):
        return AuthenticationMethod.NONE
    if f"{kind}_oauth_refresh_command" in values:
        return AuthenticationMethod.OAUTH2
    return AuthenticationMethod.PASSWORD_CLEARTEXT


def _leave(values: Values, incoming: tuple[IncomingServer, ...]) -> LeavePolicy | None:
    """Read in place (a spoolfile on the server), messages stay; fetched, ``pop_delete`` decides."""
    if not any(server.protocol is Protocol.POP3 for server in incoming):
        return None
    fetched = "pop_host" in values and values.get("pop_delete") == "yes"
    return LeavePolicy(AfterDownload.REMOVE if fetched else AfterDownload.KEEP)


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
        self.position = 0
        self.values = values

    @property
    def done(self) -> bool:
        return self.position >= len(self.text)

    def word(self) -> str:
        """The command that begins here; line feeds, semicolons and comments before it are passed over."""
        while not self.done and (self.text[self.position].isspace() or self.text[self.position] == ";"):
            self.position += 1
        start = self.position
        while not self.done and (self.text[self.position].isalnum() or self.text[self.position] in "_-"):
            self.position += 1
        return self.text[start : self.position]

    def rest(self) -> None:
        """Pass over the rest of a command."""
        while not self.done and self.text[self.position] not in "\n;":
            if self.text[self.position] == "#":
                end = self.text.find("\n", self.position)
                self.position = len(self.text) if end < 0 else end
            else:
                before = self.position
                self._token()
                self.position += self.position == before

    def assignments(self, command: str) -> None:
        """Everything after ``set`` on its line."""
        while not self.done and self.text[self.position] not in "\n;#":
            found = _NAME.match(self.text, self.position)
            if found is None:
                break
            self.position = found.end()
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
        start, quote, token = self.position, "", ""
        while not self.done:
            character = self.text[self.position]
            if not quote and (character.isspace() or character in ";#"):
                break
            if character == quote:
                quote = ""
            elif not quote and character in "\"'":
                quote = character
            else:
                token += self._character(quote)
                continue
            self.position += 1
        if self._dynamic or self.position == start:
            return None
        return token

    def _character(self, quote: str) -> str:
        """The text that the character here stands for; moves past it."""
        character = self.text[self.position]
        if character == "\\" and quote != "'":
            return self._escaped()
        if character == "`" and quote != "'":
            end = self.text.find("`", self.position + 1)
            self.position = len(self.text) if end < 0 else end + 1
            self._dynamic = True
            return ""
        variable = _VARIABLE.match(self.text, self.position) if character == "$" and quote != "'" else None
        if variable is not None:
            self.position = variable.end()
            value = self.values.get(variable[1] or variable[2])
            self._dynamic = self._dynamic or value is None
            return value or ""
        self.position += 1
        return character

    def _escaped(self) -> str:
        octal = re.compile(r"\\([0-7]{3})").match(self.text, self.position)
        if octal is not None:
            self.position = octal.end()
            return chr(int(octal[1], 8))
        character = self.text[self.position + 1 : self.position + 2]
        self.position += 2
        return _ESCAPES.get(character, character)


PROGRAM = Program(
    id="neomutt",
    read=lambda content, file: file_of_one("neomutt", read_neomutt(content, file), file),
    signs=Signs(
        line=re.compile(r"^[ \t]*set[ \t]+[a-z_]+[ \t]*=", re.MULTILINE),
        name=re.compile(r"\.?(?:neo)?muttrc", re.IGNORECASE),
    ),
    forms={"neomutt": Form(write=utf8, check=_check, reason_against=_reason_against, values=_values_for)},
)
