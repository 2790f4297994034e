r"""fetchmailrc: written for one account, and the first server with its first user of any; nothing is ever executed.

Source of the grammar: fetchmail(1), “The run control file”: words and strings in any lines, noise words between them,
``#`` begins a comment. In strings ``\ooo``, ``\xhh`` and the letters of C are escapes, and any other character behind
a backslash is itself; a double quote cannot be written as ``\"`` (seen in fetchmail 6.4.37), only as ``\042``. So every
value is written as a string between double quotes, a backslash in it as two.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from wizard.model.problems import Problem
from wizard.model.servers import (
    USUAL_PORTS,
    AfterDownload,
    AuthenticationMethod,
    LeavePolicy,
    Protocol,
    SocketType,
)
from wizard.programs.program import Form, Mismatch, Program, Signs, utf8
from wizard.programs.reading import (
    ReadAccount,
    address_or_none,
    file_of_one,
    incoming_among,
    not_of,
    read_server,
    text_of,
)
from wizard.programs.terminal import in_shell, method_for, password_command, reason_against_logins, require_servers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.model.servers import MailAccount

_ESCAPES = str.maketrans({"\\": "\\\\", '"': "\\042"})
_TOKEN = re.compile(
    r"""\s+|\#[^\n]*|"(?P<double>[^"\n]*)"|'(?P<single>[^'\n]*)'|(?P<mark>[,:;=])|(?P<word>[^\s"',;:=]+)|(?P<other>.)"""
)
_ESCAPE = re.compile(r"\\(?:(?P<octal>[0-7]{1,3})|x(?P<hex>[0-9a-fA-F]{1,2})|(?P<letter>.))")
_LETTERS = {"n": "\n", "r": "\r", "t": "\t", "b": "\b"}
_NOISE = frozenset({"and", "with", "has", "wants", "options", "here", "there", "is", ",", ":", ";"})
_ALIASES = {
    "skip": "poll",
    "server": "poll",
    "proto": "protocol",
    "port": "service",
    "username": "user",
    "pass": "password",
}
_WITH_VALUE = frozenset({"protocol", "service", "auth", "user", "sslproto", "via", "password", "sslcertpath", "mda"})
_FLAGS = frozenset({"ssl", "keep", "nokeep", "sslcertck", "uidl"})
_METHODS = {
    "cram-md5": AuthenticationMethod.PASSWORD_ENCRYPTED,
    "oauthbearer": AuthenticationMethod.OAUTH2,
    "xoauth2": AuthenticationMethod.OAUTH2,
    "gssapi": AuthenticationMethod.GSSAPI,
    "ntlm": AuthenticationMethod.NTLM,
    "external": AuthenticationMethod.TLS_CLIENT_CERT,
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
    try:
        read = read_fetchmail(content, "fetchmailrc")
    except Problem as problem:
        raise Mismatch(str(problem)) from None
    require_servers(read, account, incoming=True, outgoing=False)
    removes = None if read.leave is None else read.leave.kind is AfterDownload.REMOVE
    if removes is not _removes(account):
        raise Mismatch(f"leave policy {read.leave}, not {account.leave}")


def read_fetchmail(content: bytes, file: str) -> ReadAccount:
    """The first account of a fetchmailrc; raises Problem when it holds none."""
    values = _first_account(text_of(content, file))
    if "poll" not in values or values.get("protocol", "").lower() not in ("imap", "pop3"):
        raise not_of("fetchmail", file)
    user = values.get("user", "")
    protocol = Protocol(values["protocol"].lower())
    security = _security(values)
    try:
        server = read_server(
            protocol,
            hostname=values.get("via") or values["poll"],
            port=values.get("service") or USUAL_PORTS[protocol, security],
            socket_type=security,
            username=user,
            authentication=(_METHODS.get(values.get("auth", ""), AuthenticationMethod.PASSWORD_CLEARTEXT),),
        )
    except Problem as problem:
        return ReadAccount(address=address_or_none(user), skipped=(str(problem),))
    leave = None
    if protocol is Protocol.POP3:
        leave = LeavePolicy(AfterDownload.KEEP if "keep" in values else AfterDownload.REMOVE)
    return ReadAccount(address=address_or_none(user), incoming=incoming_among([server]), leave=leave)


def _security(values: dict[str, str]) -> SocketType:
    """Without ``ssl`` fetchmail upgrades where it can; an empty ``sslproto`` forbids it."""
    if "ssl" in values:
        return SocketType.SSL
    return SocketType.PLAIN if values.get("sslproto") == "" else SocketType.STARTTLS


def _first_account(text: str) -> dict[str, str]:
    """The keywords of the first server and its first user; a password is passed over."""
    values: dict[str, str] = {}
    tokens = _tokens(text)
    for word, string in tokens:
        name = _ALIASES.get(word, word)
        if string or name in _NOISE:
            continue
        if name in ("poll", "user") and name in values:
            break
        if name == "poll" or name in _WITH_VALUE:
            value = next(tokens, ("", False))[0]
            if name != "password":
                values[name] = value
        elif name in _FLAGS:
            values[name] = "yes"
    if "nokeep" in values:
        values.pop("keep", None)
    return values


def _tokens(text: str) -> Iterator[tuple[str, bool]]:
    """The words (with False) and strings (with True) of a file, comments left out."""
    for found in _TOKEN.finditer(text):
        string = found["double"] if found["double"] is not None else found["single"]
        if string is not None:
            yield _unescaped(string), True
        elif found["word"] is not None:
            yield found["word"], False
        elif found["mark"] is not None:
            yield found["mark"], False


def _unescaped(text: str) -> str:
    def character(found: re.Match[str]) -> str:
        if found["octal"] is not None:
            return chr(int(found["octal"], 8) & 0xFF)
        if found["hex"] is not None:
            return chr(int(found["hex"], 16))
        return _LETTERS.get(found["letter"], found["letter"])

    return _ESCAPE.sub(character, text)


PROGRAM = Program(
    id="fetchmail",
    read=lambda content, file: file_of_one("fetchmail", read_fetchmail(content, file), file),
    signs=Signs(
        line=re.compile(r"^[ \t]*(?:poll|skip|server)[ \t]+\S", re.MULTILINE),
        name=re.compile(r"\.?fetchmailrc", re.IGNORECASE),
    ),
    forms={"fetchmail": Form(write=utf8, check=_check, reason_against=_reason_against, values=_values)},
)
