"""accounts.conf of aerc: addresses of servers with the user name escaped, and values that go-ini must not touch.

go-ini takes ``#`` and ``;`` for comments, a backslash at the end for a continued line, quotes around a value off, and
replaces ``%(name)s``. Between backticks only the last of these holds; and a sender's name that is more than plain words
is written as an encoded word (RFC 2047), which has none of these characters.
"""

from __future__ import annotations

import re
from base64 import b64encode
from typing import TYPE_CHECKING, Any

from wizard.export.forms import Mismatch
from wizard.export.logins import logs_in, method_for, reason_against_logins, require_servers
from wizard.export.names import safe_name
from wizard.export.passwords import in_shell, password_command
from wizard.language import translate as _
from wizard.model.servers import AuthenticationMethod, Protocol, SocketType
from wizard.model.text import printable
from wizard.programs.mail_url import mail_url

if TYPE_CHECKING:
    from wizard.model.address import EmailAddress
    from wizard.model.servers import MailAccount, Server

_PLAIN_WORDS = re.compile(r"[A-Za-z0-9]+(?: [A-Za-z0-9]+)*")
_ENCODED_BYTES = 42
"""Bytes in one encoded word: with its frame it has 75 characters at most (RFC 2047 section 2)."""
_MEANS_SOMETHING = re.compile(r"[#;`\"'\\]")


def value(text: str) -> str:
    """``text`` as a value of the file."""
    return f"`{text}`" if _MEANS_SOMETHING.search(text) else text


def sender(name: str, address: EmailAddress) -> str:
    """The sender as a header has it."""
    return f"{_phrase(name)} <{address}>" if name else str(address)


def _phrase(name: str) -> str:
    if _PLAIN_WORDS.fullmatch(name):
        return name
    words, word = [], b""
    for character in name:  # a character is never cut in two (RFC 2047 section 5)
        if len(word + character.encode()) > _ENCODED_BYTES:
            words.append(word)
            word = b""
        word += character.encode()
    return " ".join(f"=?utf-8?b?{b64encode(one).decode()}?=" for one in (*words, word))


def reason_against(account: MailAccount) -> str | None:
    """OAuth2 over STARTTLS, for which aerc has no word, and an address that go-ini would change."""
    incoming = account.incoming
    oauth2 = method_for(account, incoming) is AuthenticationMethod.OAUTH2
    if oauth2 and incoming.socket_type is SocketType.STARTTLS:
        return _(
            "aerc can use OAuth2 only where TLS is on from the start (port 993), and {host} wants STARTTLS."
        ).format(host=incoming.hostname)
    if re.search(r"%\([^)]*\)s", str(account.address)):
        return _("aerc would replace a part of “{address}”; use the values of the card.").format(
            address=printable(str(account.address), 60)
        )
    return reason_against_logins(account, (account.incoming, account.outgoing))


def words(account: MailAccount) -> dict[str, Any]:
    """``value``, the connection strings, the sender, and the password command."""
    outgoing = account.outgoing
    return {
        "value": value,
        "key": safe_name(account.address),
        "source": _url(account, account.incoming),
        "outgoing_url": _url(account, outgoing),
        "logs_in": logs_in(account, outgoing),
        "starttls": outgoing.socket_type is SocketType.STARTTLS,
        "sender": sender(account.display_name, account.address),
        # The whole output is taken for the password, so only the first line may come.
        "command": in_shell(password_command(account)) + " | head -n 1",
    }


def _url(account: MailAccount, server: Server) -> str:
    method = method_for(account, server)
    scheme = server.protocol.value + ("s" if server.socket_type is SocketType.SSL else "")
    if method is AuthenticationMethod.OAUTH2:
        scheme += "+xoauth2"
    elif not logs_in(account, server):
        return mail_url(scheme + "+none", server.hostname, server.port)
    elif server.protocol is Protocol.SMTP:
        scheme += "+plain"
    return mail_url(scheme, server.hostname, server.port, server.username)


def write(text: str) -> bytes:
    """UTF-8, with one line feed at the end."""
    return text.strip().encode() + b"\n"


def check(content: bytes, account: MailAccount) -> None:
    """Read the file as aerc does and compare."""
    from wizard.model.problems import Problem
    from wizard.programs.aerc import read_aerc

    try:
        read = read_aerc(content, "accounts.conf")
    except Problem as problem:
        raise Mismatch(str(problem)) from None
    require_servers(read, account, incoming=True, outgoing=True)
    if account.outgoing.socket_type is SocketType.STARTTLS and b"\nsmtp-starttls = yes\n" not in content:
        raise Mismatch("smtp-starttls is missing: aerc before 0.15 would send the password unencrypted")
    if read.address != account.address or read.display_name != account.display_name:
        raise Mismatch(f"sender {read.display_name!r} {read.address}")
