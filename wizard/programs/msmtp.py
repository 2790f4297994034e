"""Reads msmtprc files: the account that is used when nobody names one; nothing is ever executed.

Source of the grammar: msmtp(1), “Configuration files”, and what msmtp 1.8.23 makes of values: one command a line, the
value goes to the end of the line, and quotes around the whole of it are taken off; inside there are no escapes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wizard.model.address import AddressProblem, parse_address
from wizard.model.problems import Problem
from wizard.model.servers import AuthenticationMethod, OutgoingServer, Protocol, SocketType
from wizard.programs.account import ReadAccount, read_server
from wizard.programs.lines import not_of, numbered, text_of

if TYPE_CHECKING:
    from wizard.model.address import EmailAddress

_METHODS = {
    "off": AuthenticationMethod.NONE,
    "on": AuthenticationMethod.PASSWORD_CLEARTEXT,
    "": AuthenticationMethod.PASSWORD_CLEARTEXT,
    "plain": AuthenticationMethod.PASSWORD_CLEARTEXT,
    "login": AuthenticationMethod.PASSWORD_CLEARTEXT,
    "cram-md5": AuthenticationMethod.PASSWORD_ENCRYPTED,
    "digest-md5": AuthenticationMethod.PASSWORD_ENCRYPTED,
    "scram-sha-1": AuthenticationMethod.PASSWORD_ENCRYPTED,
    "scram-sha-256": AuthenticationMethod.PASSWORD_ENCRYPTED,
    "oauthbearer": AuthenticationMethod.OAUTH2,
    "xoauth2": AuthenticationMethod.OAUTH2,
    "ntlm": AuthenticationMethod.NTLM,
    "gssapi": AuthenticationMethod.GSSAPI,
    "external": AuthenticationMethod.TLS_CLIENT_CERT,
}
_KNOWN = frozenset({"host", "port", "tls", "tls_starttls", "auth", "user", "from"})
_PORTS = {SocketType.SSL: 465, SocketType.STARTTLS: 587, SocketType.PLAIN: 587}


@dataclass(slots=True)
class _Account:
    name: str
    line: int
    values: dict[str, str] = field(default_factory=dict)


def read_msmtp(content: bytes, file: str) -> ReadAccount:
    """The default account of a msmtprc (else the last one); raises Problem when it holds none."""
    account = _default(text_of(content, file))
    if account is None or "host" not in account.values:
        raise not_of("msmtp", file)
    values = account.values
    try:
        server = _server(values)
    except Problem as problem:
        return ReadAccount(address=_address(values.get("from")), skipped=(f"{account.name}: {problem}",))
    return ReadAccount(address=_address(values.get("from")), outgoing=(server,))


def _server(values: dict[str, str]) -> OutgoingServer:
    security = SocketType.PLAIN
    if values.get("tls", "off") in ("on", ""):
        security = SocketType.SSL if values.get("tls_starttls") == "off" else SocketType.STARTTLS
    method = _METHODS.get(values.get("auth", "off"), AuthenticationMethod.PASSWORD_CLEARTEXT)
    server = read_server(
        Protocol.SMTP,
        hostname=values["host"],
        port=values.get("port") or _PORTS[security],
        socket_type=security,
        username="" if method is AuthenticationMethod.NONE else values.get("user", ""),
        authentication=(method,),
    )
    assert isinstance(server, OutgoingServer)
    return server


def _address(text: str | None) -> EmailAddress | None:
    try:
        return parse_address(text) if text else None
    except AddressProblem:
        return None


def _default(text: str) -> _Account | None:
    """The account called default; ``account default : NAME`` means that one."""
    defaults: dict[str, str] = {}
    accounts: dict[str, _Account] = {}
    values = defaults
    for number, line in numbered(text):
        word, _space, rest = line.strip().partition(" ")
        value = _unquoted(rest.strip())
        if word == "defaults":
            values = defaults
        elif word == "account":
            name, _colon, parents = (part.strip() for part in value.partition(":"))
            made = _Account(name, number, dict(defaults))
            for parent in parents.split(","):
                if parent.strip() in accounts:
                    made.values |= accounts[parent.strip()].values
            accounts[name] = made
            values = made.values
        elif word in _KNOWN:
            values[word] = value
    return accounts.get("default") or next(reversed(accounts.values()), None)


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text.startswith('"') and text.endswith('"') else text
