r"""Reads fetchmailrc files: the first server with its first user; nothing is ever executed.

Source of the grammar: fetchmail(1), “The run control file”: words and strings in any lines, noise words between them,
``#`` begins a comment. In strings ``\ooo``, ``\xhh`` and the letters of C are escapes, and any other character behind
a backslash is itself; a double quote cannot be written as ``\"`` (seen in fetchmail 6.4.37), only as ``\042``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wizard.model.address import AddressProblem, parse_address
from wizard.model.problems import Problem
from wizard.model.servers import (
    USUAL_PORTS,
    AfterDownload,
    AuthenticationMethod,
    IncomingServer,
    LeavePolicy,
    Protocol,
    SocketType,
)
from wizard.programs.account import ReadAccount, read_server
from wizard.programs.lines import not_of, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.model.address import EmailAddress

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
        return ReadAccount(address=_address(user), skipped=(str(problem),))
    assert isinstance(server, IncomingServer)
    leave = None
    if protocol is Protocol.POP3:
        leave = LeavePolicy(AfterDownload.KEEP if "keep" in values else AfterDownload.REMOVE)
    return ReadAccount(address=_address(user), incoming=(server,), leave=leave)


def _security(values: dict[str, str]) -> SocketType:
    """Without ``ssl`` fetchmail upgrades where it can; an empty ``sslproto`` forbids it."""
    if "ssl" in values:
        return SocketType.SSL
    return SocketType.PLAIN if values.get("sslproto") == "" else SocketType.STARTTLS


def _address(user: str) -> EmailAddress | None:
    """The file has no place for the address; a user name that is one is taken for it."""
    try:
        return parse_address(user) if "@" in user else None
    except AddressProblem:
        return None


def _first_account(text: str) -> dict[str, str]:
    """The keywords of the first server and its first user; a password is passed over."""
    values: dict[str, str] = {}
    tokens = _tokens(text)
    for word, string in tokens:
        name = _ALIASES.get(word, word)
        if string or name in _NOISE:
            continue
        if name == "poll" and "poll" in values:
            break
        if name == "user" and "user" in values:
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
        quoted = found["double"] if found["double"] is not None else found["single"]
        if quoted is not None:
            yield _unescaped(quoted), True
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
