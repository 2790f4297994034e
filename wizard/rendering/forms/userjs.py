"""Preferences of a Thunderbird profile: one call a line, read back by a parser that executes nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from wizard.language import translate as _
from wizard.model.servers import AuthenticationMethod, Protocol, SocketType
from wizard.rendering.forms import Mismatch
from wizard.rendering.forms.comparing import require_same

if TYPE_CHECKING:
    from wizard.model.servers import MailAccount, Server

_SOCKETS = {SocketType.PLAIN: 0, SocketType.STARTTLS: 2, SocketType.SSL: 3}
_METHODS = {
    AuthenticationMethod.NONE: 1,
    AuthenticationMethod.CLIENT_IP_ADDRESS: 1,
    AuthenticationMethod.PASSWORD_CLEARTEXT: 3,
    AuthenticationMethod.PASSWORD_ENCRYPTED: 4,
    AuthenticationMethod.GSSAPI: 5,
    AuthenticationMethod.NTLM: 6,
    AuthenticationMethod.OAUTH2: 10,
}


def reason_against(account: MailAccount) -> str | None:
    """What Thunderbird makes something else of."""
    if "@" in account.address.local:
        return _("Thunderbird cannot read an address with two @; use the values of the card.")
    return None


def words(account: MailAccount) -> dict[str, Any]:
    """Thunderbird's numbers, and where its folders for sent messages and drafts begin."""
    incoming = account.incoming
    kind = "imap" if incoming.protocol is Protocol.IMAP else "mailbox"
    return {
        "socket_number": lambda server: _SOCKETS[server.socket_type],
        "method_number": lambda server: _METHODS[server.authentication[0]],
        "folder_start": f"{kind}://{_escaped(incoming.username)}@{incoming.hostname}/",
    }


def _escaped(username: str) -> str:
    """``username`` as Thunderbird writes it into the address of a folder: all but these characters as %XX."""
    return re.sub(rb"[^A-Za-z0-9*_.-]", lambda found: b"%%%02X" % found.group()[0], username.encode()).decode()


def write(text: str) -> bytes:
    """The text in ASCII; raises Mismatch for anything else, which tojson would not have written."""
    try:
        return text.strip().encode("ascii") + b"\n"
    except UnicodeEncodeError as error:
        raise Mismatch(str(error)) from None


def _method(server: Server) -> AuthenticationMethod:
    method = server.authentication[0]
    return AuthenticationMethod.NONE if method is AuthenticationMethod.CLIENT_IP_ADDRESS else method


def check(content: bytes, account: MailAccount) -> None:
    """Read the file as a file of anybody and compare what it says with the account."""
    from wizard.formats.userjs import read_userjs
    from wizard.model.problems import Problem

    try:
        read = read_userjs(content, "user.js")
    except Problem as problem:
        raise Mismatch(str(problem)) from None
    if len(read.accounts) != 1 or read.skipped:
        raise Mismatch(f"{len(read.accounts)} accounts, left out: {read.skipped}")
    leave = account.leave if account.incoming.protocol is Protocol.POP3 else None
    require_same(read.accounts[0], account, method=_method, leave=leave)
