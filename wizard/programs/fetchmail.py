r"""fetchmailrc: written for one account, and read with every user of every server; nothing is ever executed.

Source of the grammar: fetchmail(1), “The run control file”, and what fetchmail 6.4.37 makes of files: words and strings
in any lines, noise words between them, ``#`` begins a comment. In strings ``\042`` is octal, ``\34`` decimal and
``\x22`` hexadecimal, letters are those of C, and any other character behind a backslash is itself; a double quote
cannot be written as ``\"``. So every value is written as a string between double quotes, a backslash in it as two.
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
from wizard.model.text import printable
from wizard.programs.program import Form, Mismatch, Program, Signs, utf8
from wizard.programs.reading import (
    ReadAccount,
    account_of,
    address_or_none,
    file_of,
    text_of,
    written_server,
)
from wizard.programs.terminal import (
    in_shell,
    method_for,
    password_command,
    read_back,
    reason_against_logins,
    require_servers,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.model.servers import MailAccount
    from wizard.programs.reading import ReadFile

_ESCAPES = str.maketrans({"\\": "\\\\", '"': "\\042"})
_STRING = re.compile(r""""[^"]*"|'[^']*'""")
_RUN = re.compile(r"[^=;:, \t\r\n]+")
_PASSED_OVER = re.compile(r"(?:[ \t\r\n,:;]|\\\n|\#[^\n]*\n)+")
_ESCAPE = re.compile(
    r"\\(?:[xX](?P<hex>[0-9a-fA-F]{0,2})|(?P<octal>0[0-7]{0,2})|(?P<decimal>[1-9][0-9]{0,2})|(?P<letter>(?s:.?)))"
)
_BASES = {"hex": 16, "octal": 8, "decimal": 10}
_LETTERS = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "\n": ""}
_ALIASES = {
    "server": "poll",
    "skip": "poll",
    "proto": "protocol",
    "port": "service",
    "authenticate": "auth",
    "preauth": "auth",
    "preauthenticate": "auth",
    "username": "user",
    "pass": "password",
}
_BEFORE_A_NAME = frozenset({"poll", "via", "user", "password", "is", "to"})
"""What follows these is a name, whatever word it looks like."""
_OF_THE_SERVER = frozenset({"protocol", "service", "auth", "via", "plugin"})
_OF_THE_USER = frozenset({"sslproto", "password"})
_SWITCHES = frozenset({"ssl", "keep"})
_PROTOCOLS = {
    "imap": Protocol.IMAP,
    "pop3": Protocol.POP3,
    "sdps": Protocol.POP3,
    "apop": Protocol.POP3,
    "kpop": Protocol.POP3,
}
_SERVICES = {"imap": "143", "imap2": "143", "imaps": "993", "pop3": "110", "pop-3": "110", "pop3s": "995"}
_METHODS = {
    "cram": AuthenticationMethod.PASSWORD_ENCRYPTED,
    "cram-md5": AuthenticationMethod.PASSWORD_ENCRYPTED,
    "otp": AuthenticationMethod.PASSWORD_ENCRYPTED,
    "opie": AuthenticationMethod.PASSWORD_ENCRYPTED,
    "oauthbearer": AuthenticationMethod.OAUTH2,
    "xoauth2": AuthenticationMethod.OAUTH2,
    "gssapi": AuthenticationMethod.GSSAPI,
    "kerberos": AuthenticationMethod.GSSAPI,
    "kerberos_v5": AuthenticationMethod.GSSAPI,
    "ntlm": AuthenticationMethod.NTLM,
    "external": AuthenticationMethod.TLS_CLIENT_CERT,
    "ssh": AuthenticationMethod.NONE,
}


def quoted(text: str) -> str:
    """``text`` as a string."""
    return f'"{text.translate(_ESCAPES)}"'


def _reason_against(account: MailAccount) -> str | None:
    """Only what the password store cannot do: the grammar has a way to say every value."""
    return reason_against_logins(account, (account.incoming,))


def _values(account: MailAccount) -> dict[str, Any]:
    server = account.incoming
    encrypted = method_for(account, server) is AuthenticationMethod.PASSWORD_ENCRYPTED
    return {
        "quoted": quoted,
        "pop3": server.protocol is Protocol.POP3,
        "auth": "cram-md5" if encrypted else "password",
        "secure": server.socket_type is not SocketType.PLAIN,
        "implicit": server.socket_type is SocketType.SSL,
        # What has come over IMAP always stays: the server is where the messages live.
        "removes": _removes(account) is True,
        "command": in_shell(password_command(account)),
    }


def _removes(account: MailAccount) -> bool | None:
    """Whether fetched messages are removed; None where the account says nothing of it."""
    if account.incoming.protocol is not Protocol.POP3 or account.leave is None:
        return None
    return account.leave.kind is AfterDownload.REMOVE


def _check(content: bytes, account: MailAccount) -> None:
    """Read the file as fetchmail does and compare."""
    read = read_back(read_fetchmail, content, "fetchmailrc")
    require_servers(read, account, incoming=True, outgoing=False)
    removes = None if read.leave is None else read.leave.kind is AfterDownload.REMOVE
    if removes is not _removes(account):
        raise Mismatch(f"leave policy {read.leave}, not {account.leave}")


def read_fetchmail(content: bytes, file: str) -> ReadFile:
    """The accounts of a fetchmailrc, one for each user of each server; raises Problem when it holds none."""
    entries = _Parser(text_of(content, file)).entries()
    return file_of("fetchmail", ((entry["poll"], entry) for entry in entries), _account, file)


def _account(values: dict[str, str]) -> ReadAccount:
    """The account of a server and a user of it."""
    word = values.get("protocol", "auto").lower()
    protocol = _PROTOCOLS.get(word)
    if word == "auto":
        raise Problem(_("The file leaves the protocol to fetchmail (AUTO), so it is not known here."))
    if protocol is None:
        raise Problem(_("{word} is not a protocol for reading a mailbox.").format(word=printable(word.upper(), 20)))
    if values.get("plugin"):
        raise Problem(_("Another program makes the connection ({key}).").format(key="plugin"))
    user, security = values.get("user", ""), _security(values)
    service = values.get("service") or ("1109" if word == "kpop" else "")
    server = written_server(
        protocol,
        hostname=values.get("via") or values["poll"],
        port=_SERVICES.get(service, service) or USUAL_PORTS[protocol, security],
        socket_type=security,
        username=user,
        authentication=(_method(word, values.get("auth", "any")),),
    )
    leave = None
    if protocol is Protocol.POP3:
        leave = LeavePolicy(AfterDownload.KEEP if values.get("keep") == "yes" else AfterDownload.REMOVE)
    return account_of([server], address=address_or_none(user), leave=leave)


def _security(values: dict[str, str]) -> SocketType:
    """Without ``ssl`` fetchmail upgrades where it can; an empty ``sslproto`` forbids it."""
    if values.get("ssl") == "yes":
        return SocketType.SSL
    return SocketType.PLAIN if values.get("sslproto") == "" else SocketType.STARTTLS


def _method(protocol: str, auth: str) -> AuthenticationMethod:
    by_protocol = {"apop": AuthenticationMethod.PASSWORD_ENCRYPTED, "kpop": AuthenticationMethod.GSSAPI}
    return by_protocol.get(protocol) or _METHODS.get(auth.lower(), AuthenticationMethod.PASSWORD_CLEARTEXT)


class _Parser:
    """Collects, word by word, what is said of each server and each of its users. A password is passed over."""

    def __init__(self, text: str) -> None:
        self.words = _words(text)
        self.found: list[dict[str, str]] = []
        self.defaults: dict[str, str] = {}
        self.server: dict[str, str] = {}
        self.users: list[dict[str, str]] = []
        self.named: tuple[str, str] = ("", "")
        """The word that the last name followed, and that name."""

    def entries(self) -> list[dict[str, str]]:
        """What the file says of each user, the defaults filled in."""
        for word, is_name in self.words:
            if not is_name:
                self._keyword(word)
        self._finish_server()
        return self.found

    def _keyword(self, word: str) -> None:
        name = _ALIASES.get(word, word)
        if word == "no" or word.removeprefix("no") in _SWITCHES:
            switch = self._next() if word == "no" else word.removeprefix("no")
            if switch in _SWITCHES:
                self._of_user()[switch] = "yes" if word == switch else "no"
        elif name == "poll":
            self._finish_server()
            self.server = {"poll": self._next()}
        elif word == "defaults":
            self._finish_server()
        elif name in _OF_THE_SERVER:
            self.server[name] = self._next()
        elif name in _OF_THE_USER:
            self._of_user()[name] = self._next()
        elif name in ("user", "is", "to", "here", "there", "password"):
            self._name(name)

    def _name(self, word: str) -> None:
        """“user NAME” and “is NAME there” are names at the server, “user NAME here” and “is NAME” at home."""
        if word in ("here", "there"):
            if self.named[0] == "user" and word == "here":
                self._of_user().pop("user", None)
            elif self.named[0] == "is" and word == "there":
                self._of_user()["user"] = self.named[1]
            return
        self.named = (word, self._next())
        if word == "user":
            self.users.append({"user": self.named[1]})

    def _next(self) -> str:
        return next(self.words, ("", True))[0]

    def _of_user(self) -> dict[str, str]:
        if not self.users:
            self.users.append({})
        return self.users[-1]

    def _finish_server(self) -> None:
        """A server entry without a user has one user: the person who runs fetchmail."""
        if "poll" in self.server:
            self.found += [self.defaults | self.server | user for user in self.users or [{}]]
        else:
            self.defaults = self.server | (self.users[-1] if self.users else {})
        self.server, self.users = {}, []


def _words(text: str) -> Iterator[tuple[str, bool]]:
    """The words of a file; with each, whether it is a name or another string, so that it cannot be a keyword."""
    position, naming, before = 0, False, ""
    while position < len(text):
        passed = _PASSED_OVER.match(text, position)
        if passed is not None:
            position = passed.end()
            continue
        if text[position] == "=":
            naming, position = True, position + 1
            continue
        string, run = _STRING.match(text, position), _RUN.match(text, position)
        if string is not None and (run is None or string.end() >= run.end()):
            position = string.end()
            yield _unescaped(string.group()[1:-1]), True
            naming = False
        elif run is not None:
            position = run.end()
            word = run.group()
            yield _unescaped(word), naming
            keyword = "" if naming else _ALIASES.get(word, word)
            naming = keyword in _BEFORE_A_NAME and before != "auth"  # “auth password” is about none
            before = keyword


def _unescaped(text: str) -> str:
    def character(found: re.Match[str]) -> str:
        if found["letter"] is not None:
            return _LETTERS.get(found["letter"], found["letter"])
        digits, base = next((found[kind], base) for kind, base in _BASES.items() if found[kind] is not None)
        return chr(int(digits or "0", base) & 0xFF)

    if "\\" not in text:
        return text
    return _ESCAPE.sub(character, text.encode().decode("latin-1")).encode("latin-1").decode(errors="replace")


PROGRAM = Program(
    id="fetchmail",
    read=read_fetchmail,
    signs=Signs(
        line=re.compile(r"^[ \t]*(?:poll|skip|server)[ \t]+\S", re.MULTILINE),
        name=re.compile(r"\.?fetchmailrc", re.IGNORECASE),
    ),
    forms={"fetchmail": Form(write=utf8, check=_check, reason_against=_reason_against, values=_values)},
)
