"""config.toml of himalaya, version 2: basic strings of TOML.

himalaya expands ``~`` at the start and ``$name`` anywhere in user names, as a shell would (src/config.rs), so those
cannot be said. A password command is a list of words: no shell reads it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from wizard.export.forms import Mismatch
from wizard.export.logins import logs_in, method_for, reason_against_logins, require_servers
from wizard.export.names import safe_name
from wizard.export.passwords import password_command
from wizard.language import translate as _
from wizard.model.servers import AuthenticationMethod, SocketType
from wizard.model.text import printable
from wizard.programs.mail_url import mail_url

if TYPE_CHECKING:
    from wizard.model.servers import MailAccount, Server


def quoted(text: str) -> str:
    """``text`` as a basic string; the escapes of JSON are escapes of TOML (TOML 1.0, “String”)."""
    return json.dumps(text, ensure_ascii=False)


def reason_against(account: MailAccount) -> str | None:
    """A user name that himalaya would expand as a shell does."""
    for server in (account.incoming, account.outgoing):
        if logs_in(account, server) and ("$" in server.username or server.username.startswith("~")):
            return _("himalaya would replace a part of the user name “{name}”; use the values of the card.").format(
                name=printable(server.username, 60)
            )
    return reason_against_logins(account, (account.incoming, account.outgoing))


def words(account: MailAccount) -> dict[str, Any]:
    """``quoted``, the two servers with their tables, and the password command as a list."""
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


def write(text: str) -> bytes:
    """UTF-8, with one line feed at the end."""
    return text.strip().encode() + b"\n"


def check(content: bytes, account: MailAccount) -> None:
    """Read the file as himalaya does and compare."""
    from wizard.model.problems import Problem
    from wizard.programs.himalaya import read_himalaya

    try:
        read = read_himalaya(content, "config.toml")
    except Problem as problem:
        raise Mismatch(str(problem)) from None
    require_servers(read, account, incoming=True, outgoing=True)
    if read.address != account.address or read.display_name != account.display_name:
        raise Mismatch(f"sender {read.display_name!r} {read.address}")
