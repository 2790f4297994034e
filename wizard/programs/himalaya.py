"""Reads himalaya's config.toml, version 2: the default account in it (else the first); nothing is ever executed.

Source: the project's own config.sample.toml and the types that it is read into (src/config.rs, version 2). A file of
version 1 (``backend.type``) is another format.
"""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

from wizard.language import translate as _
from wizard.model.address import AddressProblem, parse_address
from wizard.model.problems import Place, Problem
from wizard.model.servers import (
    USUAL_PORTS,
    AuthenticationMethod,
    IncomingServer,
    OutgoingServer,
    Protocol,
    SocketType,
)
from wizard.model.text import printable
from wizard.programs.account import ReadAccount, one_line, read_server
from wizard.programs.lines import not_of, text_of
from wizard.programs.mail_url import read_mail_url

if TYPE_CHECKING:
    from wizard.model.address import EmailAddress
    from wizard.model.servers import Server

LONGEST_LINE = 4096
"""Characters; a value has 500 at most."""

_METHODS = {
    "plain": AuthenticationMethod.PASSWORD_CLEARTEXT,
    "login": AuthenticationMethod.PASSWORD_CLEARTEXT,
    "scram-sha-256": AuthenticationMethod.PASSWORD_ENCRYPTED,
    "oauthbearer": AuthenticationMethod.OAUTH2,
    "xoauth2": AuthenticationMethod.OAUTH2,
    "anonymous": AuthenticationMethod.NONE,
}


def read_himalaya(content: bytes, file: str) -> ReadAccount:
    """The default account of a config.toml; raises Problem when it holds none. A server that cannot be is skipped."""
    account = _default(_tables(text_of(content, file), file))
    servers: list[Server] = []
    skipped: list[str] = []
    for protocol, name in ((Protocol.IMAP, "imap"), (Protocol.SMTP, "smtp")):
        table = account.get(name)
        if not isinstance(table, dict) or not isinstance(table.get("server"), str):
            continue
        try:
            servers.append(_server(protocol, table))
        except Problem as problem:
            skipped.append(f"{name}: {problem}")
    if not servers and not skipped:
        raise not_of("himalaya", file)
    return ReadAccount(
        address=_address(account.get("email")),
        display_name=_name(account.get("display-name")),
        incoming=tuple(one for one in servers if isinstance(one, IncomingServer)),
        outgoing=tuple(one for one in servers if isinstance(one, OutgoingServer)),
        skipped=tuple(skipped),
    )


def _tables(text: str, file: str) -> dict[str, Any]:
    # The standard library takes quadratic time for a key of many parts (a.a.a…).
    if any(len(line) > LONGEST_LINE for line in text.split("\n")):
        raise Problem(_("A line is longer than {count} characters.").format(count=LONGEST_LINE), place=Place(file))
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Problem(
            _("The file is no TOML: {reason}.").format(reason=printable(str(error), 120)), place=Place(file)
        ) from None
    except RecursionError:
        raise Problem(_("The file is nested too deeply."), place=Place(file)) from None


def _default(document: dict[str, Any]) -> dict[str, Any]:
    accounts = document.get("accounts")
    tables = [one for one in accounts.values() if isinstance(one, dict)] if isinstance(accounts, dict) else []
    default = next((one for one in tables if one.get("default") is True), None)
    return default or next(iter(tables), {})


def _server(protocol: Protocol, table: dict[str, Any]) -> Server:
    """The server of one backend; a bare ``host[:port]`` means TLS from the first byte."""
    text = table["server"] if "://" in table["server"] else f"{protocol.value}s://{table['server']}"
    url = read_mail_url(text)
    if url.scheme not in (protocol.value, f"{protocol.value}s"):
        raise Problem(_("“{text}” is no address of a server.").format(text=printable(url.scheme, 40)))
    security = SocketType.SSL
    if url.scheme == protocol.value:
        security = SocketType.STARTTLS if table.get("starttls") is True else SocketType.PLAIN
    method, username = _login(table.get("sasl"))
    return read_server(
        protocol,
        hostname=url.hostname,
        port=url.port or USUAL_PORTS[protocol, security],
        socket_type=security,
        username=username,
        authentication=(method,),
    )


def _login(sasl: Any) -> tuple[AuthenticationMethod, str]:
    """The one mechanism of ``sasl`` with its user name; without the table nobody logs in."""
    if not isinstance(sasl, dict):
        return AuthenticationMethod.NONE, ""
    for name, method in _METHODS.items():
        table = sasl.get(name)
        if isinstance(table, dict):
            user = table.get("username", table.get("authcid", ""))
            return method, user if isinstance(user, str) else ""
    raise Problem(_("The log-in “{method}” is not known here.").format(method=printable(", ".join(sasl), 40)))


def _address(text: Any) -> EmailAddress | None:
    try:
        return parse_address(text) if isinstance(text, str) else None
    except AddressProblem:
        return None


def _name(text: Any) -> str:
    try:
        return one_line(text) if isinstance(text, str) else ""
    except Problem:
        return ""
