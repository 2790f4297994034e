"""neomuttrc: one double-quoted word for every value, in which nothing is run and nothing replaced.

Seen in NeoMutt 20220429: inside double quotes backticks run a command and ``$name`` is replaced, unless a backslash
stands before them; inside single quotes nothing is, but there is no way to say a single quote. ``pop_authenticators``
stays unset: not every build knows the word xoauth2 there, and NeoMutt uses the token where it can all the same.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from wizard.export.forms import Mismatch
from wizard.export.logins import (
    logs_in,
    method_for,
    reason_against_logins,
    require_servers,
    without_encryption,
)
from wizard.export.names import safe_name
from wizard.export.passwords import in_shell, password_command
from wizard.language import translate as _
from wizard.model.servers import AfterDownload, AuthenticationMethod, Protocol, SocketType
from wizard.programs.mail_url import mail_url

if TYPE_CHECKING:
    from wizard.model.servers import MailAccount, Server

_SPECIAL = re.compile(r'[\\"`$]')


def quoted(text: str) -> str:
    """``text`` as a word of the file, whatever it holds (line feeds excepted: no value has one)."""
    return '"' + _SPECIAL.sub(lambda found: "\\" + found.group(), text) + '"'


def output_of(command: str) -> str:
    """A word that stands for the first line that ``command`` prints, taken as it is when NeoMutt starts."""
    return '"`' + command + '`"'


def reason_against(account: MailAccount) -> str | None:
    """What one file of NeoMutt cannot say: STARTTLS demanded of one server and no encryption at all of the other."""
    kinds = {account.incoming.socket_type, account.outgoing.socket_type}
    if kinds == {SocketType.STARTTLS, SocketType.PLAIN}:
        return _(
            "NeoMutt has one switch for both servers, and cannot insist on STARTTLS for one while the other is not "
            "encrypted; use the values of the card."
        )
    return reason_against_logins(account, (account.incoming, account.outgoing))


def words(account: MailAccount) -> dict[str, Any]:
    """``quoted`` and ``output_of``, the addresses of the servers, and what depends on the account."""
    incoming, outgoing = account.incoming, account.outgoing
    pop3 = incoming.protocol is Protocol.POP3
    return {
        "quoted": quoted,
        "output_of": output_of,
        "command": in_shell(password_command(account)),
        "kind": "pop" if pop3 else "imap",
        "incoming_url": _url("pop" if pop3 else "imap", incoming),
        "outgoing_url": _url("smtp", outgoing, outgoing.username if logs_in(account, outgoing) else ""),
        "with_token": lambda server: method_for(account, server) is AuthenticationMethod.OAUTH2,
        "logs_in": lambda server: logs_in(account, server),
        "encrypted": SocketType.PLAIN not in (incoming.socket_type, outgoing.socket_type),
        "fetched": pop3 and account.leave is not None and account.leave.kind is AfterDownload.REMOVE,
        "folder": f"~/Mail/{safe_name(account.address)}",
    }


def _url(scheme: str, server: Server, username: str = "") -> str:
    secure = "s" if server.socket_type is SocketType.SSL else ""
    return mail_url(scheme + secure, server.hostname, server.port, username, "/")


def write(text: str) -> bytes:
    """UTF-8, with one line feed at the end."""
    return text.strip().encode() + b"\n"


def check(content: bytes, account: MailAccount) -> None:
    """Read the file as NeoMutt does and compare."""
    from wizard.model.problems import Problem
    from wizard.programs.neomutt import read_neomutt

    try:
        read = read_neomutt(content, "neomuttrc")
    except Problem as problem:
        raise Mismatch(str(problem)) from None
    require_servers(read, account, incoming=True, outgoing=True, said=without_encryption)
    if read.address != account.address or read.display_name != account.display_name:
        raise Mismatch(f"sender {read.display_name!r} {read.address}")
    kept = None if read.leave is None else read.leave.kind is not AfterDownload.REMOVE
    wanted = None
    if account.incoming.protocol is Protocol.POP3 and account.leave is not None:
        wanted = account.leave.kind is not AfterDownload.REMOVE
    if kept is not wanted:
        raise Mismatch(f"leave policy {read.leave}, not {account.leave}")
