"""himalaya's config.toml, version 2: written for one account, and the default account of any; nothing is executed.

Source: the project's own config.sample.toml and the types that it is read into (src/config.rs, version 2). A file of
version 1 (``backend.type``) is another format. himalaya expands ``~`` at the start and ``$name`` anywhere in user
names, as a shell would, so those cannot be said. A password command is a list of words: no shell reads it.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from wizard.language import translate as _
from wizard.model.problems import Place, Problem
from wizard.model.servers import USUAL_PORTS, AuthenticationMethod, Protocol, SocketType
from wizard.model.text import printable
from wizard.programs.names import safe_name
from wizard.programs.program import Form, Mismatch, Program, Signs, utf8
from wizard.programs.reading import (
    ReadAccount,
    address_or_none,
    file_of_one,
    incoming_among,
    not_of,
    one_line_or_nothing,
    outgoing_among,
    read_server,
    text_of,
)
from wizard.programs.terminal import (
    logs_in,
    mail_url,
    method_for,
    password_command,
    read_mail_url,
    reason_against_logins,
    require_servers,
)

if TYPE_CHECKING:
    from wizard.model.servers import MailAccount, Server

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


def quoted(text: str) -> str:
    """``text`` as a basic string; the escapes of JSON are escapes of TOML (TOML 1.0, “String”)."""
    return json.dumps(text, ensure_ascii=False)


def _reason_against(account: MailAccount) -> str | None:
    """A user name that himalaya would expand as a shell does."""
    for server in (account.incoming, account.outgoing):
        if logs_in(account, server) and ("$" in server.username or server.username.startswith("~")):
            return _("himalaya would replace a part of the user name “{name}”; use the values of the card.").format(
                name=printable(server.username, 60)
            )
    return reason_against_logins(account, (account.incoming, account.outgoing))


def _values(account: MailAccount) -> dict[str, Any]:
    return {
        "quoted": quoted,
        "key": safe_name(account.address),
        "servers": (("imap", account.incoming), ("smtp", account.outgoing)),
        "url": _url,
        "logs_in": lambda server: logs_in(account, server),
        "mechanism": lambda server: "xoauth2" if _with_token(account, server) else "plain",
        "secret": lambda server: "token" if _with_token(account, server) else "password",
        "command": "[" + ", ".join(quoted(word) for word in password_command(account)) + "]",
    }


def _with_token(account: MailAccount, server: Server) -> bool:
    return method_for(account, server) is AuthenticationMethod.OAUTH2


def _url(server: Server) -> str:
    secure = "s" if server.socket_type is SocketType.SSL else ""
    return mail_url(server.protocol.value + secure, server.hostname, server.port)


def _check(content: bytes, account: MailAccount) -> None:
    """Read the file as himalaya does and compare."""
    try:
        read = read_himalaya(content, "config.toml")
    except Problem as problem:
        raise Mismatch(str(problem)) from None
    require_servers(read, account, incoming=True, outgoing=True)
    if read.address != account.address or read.display_name != account.display_name:
        raise Mismatch(f"sender {read.display_name!r} {read.address}")


def read_himalaya(content: bytes, file: str) -> ReadAccount:
    """The default account of a config.toml (else the first); raises Problem when it holds none.

    A server that cannot be is skipped.
    """
    account = _default(_tables(text_of(content, file), file))
    servers: list[Server] = []
    skipped: list[str] = []
    for protocol, key in ((Protocol.IMAP, "imap"), (Protocol.SMTP, "smtp")):
        table = account.get(key)
        if not isinstance(table, dict) or not isinstance(table.get("server"), str):
            continue
        try:
            servers.append(_server(protocol, table))
        except Problem as problem:
            skipped.append(f"{key}: {problem}")
    if not servers and not skipped:
        raise not_of("himalaya", file)
    return ReadAccount(
        address=address_or_none(account.get("email")),
        display_name=one_line_or_nothing(account.get("display-name")),
        incoming=incoming_among(servers),
        outgoing=outgoing_among(servers),
        skipped=tuple(skipped),
    )


def _tables(text: str, file: str) -> dict[str, Any]:
    import tomllib

    # The standard library takes quadratic time for a key of many parts (a.a.a…).
    if any(len(line) > LONGEST_LINE for line in text.split("\n")):
        raise Problem(_("A line is longer than {count} characters.").format(count=LONGEST_LINE), place=Place(file))
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Problem(
            _("The file is not valid TOML: {reason}.").format(reason=printable(str(error), 120)), place=Place(file)
        ) from None
    except RecursionError:
        raise Problem(_("The file is nested too deeply."), place=Place(file)) from None


def _default(document: dict[str, Any]) -> dict[str, Any]:
    accounts = document.get("accounts")
    tables = [table for table in accounts.values() if isinstance(table, dict)] if isinstance(accounts, dict) else []
    default = next((table for table in tables if table.get("default") is True), None)
    return default or next(iter(tables), {})


def _server(protocol: Protocol, table: dict[str, Any]) -> Server:
    """The server of one backend; a bare ``host[:port]`` means TLS from the first byte."""
    text = table["server"] if "://" in table["server"] else f"{protocol.value}s://{table['server']}"
    url = read_mail_url(text)
    if url.scheme not in (protocol.value, f"{protocol.value}s"):
        raise Problem(_("“{text}” is not a server address.").format(text=printable(url.scheme, 40)))
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
    """The one mechanism of ``sasl`` with its user name; without the table there is no log-in."""
    if not isinstance(sasl, dict):
        return AuthenticationMethod.NONE, ""
    for name, method in _METHODS.items():
        table = sasl.get(name)
        if isinstance(table, dict):
            user = table.get("username", table.get("authcid", ""))
            return method, user if isinstance(user, str) else ""
    raise Problem(_("The log-in “{method}” is not known here.").format(method=printable(", ".join(sasl), 40)))


PROGRAM = Program(
    id="himalaya",
    read=lambda content, file: file_of_one("himalaya", read_himalaya(content, file), file),
    signs=Signs(
        line=re.compile(r"^[ \t]*\[accounts\.", re.MULTILINE),
        name=re.compile(r"(?:himalaya.*|config)\.toml", re.IGNORECASE),
    ),
    forms={"himalaya": Form(write=utf8, check=_check, reason_against=_reason_against, values=_values)},
)
