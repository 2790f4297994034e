"""himalaya's config.toml: written for one account as version 2 has it, and read with every account, the default one
first, as versions 0, 1 and 2 have it; nothing is executed.

Source: the project's own config.sample.toml and the types that it is read into (src/config.rs). Version 2 has ``imap``
and ``smtp`` with a ``server``; version 1 ``backend`` and ``message.send.backend`` with a ``type`` and a ``host``, its
betas ``imap`` and ``smtp`` with a ``host``; version 0 has a table for each account at the top with ``imap-host``.
himalaya expands ``~`` at the start and ``$name`` anywhere in user
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
    account_of,
    address_or_none,
    file_of,
    one_line_or_nothing,
    text_of,
    written_server,
)
from wizard.programs.terminal import (
    logs_in,
    mail_url,
    method_for,
    password_command,
    read_back,
    read_mail_url,
    reason_against_logins,
    require_servers,
)

if TYPE_CHECKING:
    from wizard.model.servers import MailAccount, Server
    from wizard.programs.reading import ReadFile, WrittenServer

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
_ENCRYPTIONS = {
    "tls": SocketType.SSL,
    "ssl": SocketType.SSL,
    "start-tls": SocketType.STARTTLS,
    "starttls": SocketType.STARTTLS,
    "none": SocketType.PLAIN,
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
    read = read_back(read_himalaya, content, "config.toml")
    require_servers(read, account, incoming=True, outgoing=True)
    if read.address != account.address or read.display_name != account.display_name:
        raise Mismatch(f"sender {read.display_name!r} {read.address}")


def read_himalaya(content: bytes, file: str) -> ReadFile:
    """The accounts of a config.toml, the default one first; raises Problem when it holds none.

    A server that cannot be is skipped.
    """
    document = _tables(text_of(content, file), file)
    listed = document.get("accounts")
    tables = listed if isinstance(listed, dict) else document
    common: dict[str, Any] = {key: value for key, value in document.items() if isinstance(value, str)}
    accounts = [(name, common | table) for name, table in tables.items() if isinstance(table, dict)]
    accounts.sort(key=lambda account: account[1].get("default") is not True)
    return file_of("himalaya", accounts, _account, file)


def _account(table: dict[str, Any]) -> ReadAccount:
    servers: list[WrittenServer] = []
    skipped: list[str] = []
    for protocol in (Protocol.IMAP, Protocol.SMTP):
        try:
            servers += _servers(protocol, table)
        except Problem as problem:
            skipped.append(f"{protocol.value}: {problem}")
    return account_of(
        servers,
        address=address_or_none(table.get("email")),
        display_name=one_line_or_nothing(table.get("display-name")),
        skipped=skipped,
    )


def _servers(protocol: Protocol, table: dict[str, Any]) -> list[WrittenServer]:
    """The server for ``protocol``, whichever version wrote the account; none where it names another backend."""
    if isinstance(table.get(f"{protocol.value}-host"), str):
        return [_first_version(protocol, table)]
    backend = table.get(protocol.value)
    if isinstance(backend, dict) and isinstance(backend.get("server"), str):
        return [_server(protocol, backend)]
    if not isinstance(backend, dict):
        backend = table.get("backend") if protocol is Protocol.IMAP else _within(table, "message", "send", "backend")
    if isinstance(backend, dict) and isinstance(backend.get("host"), str):
        return [_second_version(protocol, backend)] if backend.get("type", protocol.value) == protocol.value else []
    kind = backend.get("type") if isinstance(backend, dict) else backend
    if isinstance(kind, str) and kind != protocol.value:
        raise Problem(_("“{text}” is not a mail server.").format(text=printable(kind, 40)))
    return []


def _within(table: Any, *keys: str) -> Any:
    for key in keys:
        table = table.get(key) if isinstance(table, dict) else None
    return table


def _first_version(protocol: Protocol, table: dict[str, Any]) -> WrittenServer:
    kind = protocol.value
    security = SocketType.SSL if table.get(f"{kind}-ssl", True) is True else SocketType.PLAIN
    if table.get(f"{kind}-starttls") is True:
        security = SocketType.STARTTLS
    oauth2 = _within(table, f"{kind}-auth", "type") == "oauth2" or f"{kind}-oauth2-method" in table
    oauth2 = oauth2 or table.get(f"{kind}-auth") == "oauth2"
    return _of_values(
        protocol, table[f"{kind}-host"], table.get(f"{kind}-port"), security, table.get(f"{kind}-login"), oauth2=oauth2
    )


def _second_version(protocol: Protocol, table: dict[str, Any]) -> WrittenServer:
    encryption = table.get("encryption", "tls")
    word = encryption.get("type", "tls") if isinstance(encryption, dict) else encryption
    security = _ENCRYPTIONS.get(word if isinstance(word, str) else "none")
    if security is None:
        raise Problem(_("The encryption “{text}” is not known here.").format(text=printable(str(word), 40)))
    oauth2 = _within(table, "auth", "type") == "oauth2" or "oauth2" in table
    return _of_values(protocol, table["host"], table.get("port"), security, table.get("login"), oauth2=oauth2)


def _of_values(
    protocol: Protocol, host: str, port: Any, security: SocketType, login: Any, *, oauth2: bool
) -> WrittenServer:
    return written_server(
        protocol,
        hostname=host,
        port=port if isinstance(port, int | str) else USUAL_PORTS[protocol, security],
        socket_type=security,
        username=login if isinstance(login, str) else "",
        authentication=(AuthenticationMethod.OAUTH2 if oauth2 else AuthenticationMethod.PASSWORD_CLEARTEXT,),
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


def _server(protocol: Protocol, table: dict[str, Any]) -> WrittenServer:
    """The server of one backend; a bare ``host[:port]`` means TLS from the first byte."""
    text = table["server"] if "://" in table["server"] else f"{protocol.value}s://{table['server']}"
    url = read_mail_url(text)
    if url.scheme not in (protocol.value, f"{protocol.value}s"):
        raise Problem(_("“{text}” is not a server address.").format(text=printable(url.scheme, 40)))
    security = SocketType.SSL
    if url.scheme == protocol.value:
        security = SocketType.STARTTLS if table.get("starttls") is True else SocketType.PLAIN
    method, username = _login(table.get("sasl"))
    return written_server(
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
    read=read_himalaya,
    signs=Signs(
        line=re.compile(r"^[ \t]*(?:\[accounts\.|(?:imap|smtp)-host[ \t]*=)", re.MULTILINE),
        name=re.compile(r"(?:himalaya.*|config)\.toml", re.IGNORECASE),
    ),
    forms={"himalaya": Form(write=utf8, check=_check, reason_against=_reason_against, values=_values)},
)
