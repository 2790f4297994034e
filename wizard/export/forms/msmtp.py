"""msmtprc: every value between double quotes, which msmtp takes off and looks no further.

Seen in msmtp 1.8.23: there are no escapes, so what stands between the outer quotes is the value, quotes in it included;
a line may have 499 bytes. Only the sender's address is looked at again, for patterns (msmtp(1), “from”).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from wizard.export.forms import Mismatch
from wizard.export.forms.comparing import with_lines_within
from wizard.export.logins import logs_in, method_for, reason_against_logins, require_servers
from wizard.export.names import safe_name
from wizard.export.passwords import in_shell, password_command
from wizard.language import translate as _
from wizard.model.servers import AuthenticationMethod, SocketType
from wizard.model.text import printable

if TYPE_CHECKING:
    from wizard.model.servers import MailAccount

LONGEST_LINE = 499
"""Bytes, the line feed not counted."""

_PATTERN = re.compile(r"[?*\[]|%[UHCM]")


def quoted(text: str) -> str:
    """``text`` as the value of a command."""
    return f'"{text}"'


def reason_against(account: MailAccount) -> str | None:
    """A sender that msmtp would take for a pattern, and a user name that is too long for a line."""
    if _PATTERN.search(str(account.address)):
        return _("msmtp would take “{address}” for a pattern; use the values of the card.").format(
            address=printable(str(account.address), 60)
        )
    if len(account.outgoing.username.encode()) > LONGEST_LINE - len('user ""'):
        return _("msmtp cannot read a line as long as this user name needs; use the values of the card.")
    return reason_against_logins(account, (account.outgoing,))


def words(account: MailAccount) -> dict[str, Any]:
    """``quoted``, the name of the account in the file, the method in msmtp's words, and the password command."""
    return {
        "quoted": quoted,
        "key": safe_name(account.address),
        "auth": _auth(account),
        "logs_in": logs_in(account, account.outgoing),
        "command": in_shell(password_command(account)),
    }


def _auth(account: MailAccount) -> str:
    method = method_for(account, account.outgoing)
    if not logs_in(account, account.outgoing):
        return "off"
    if method is AuthenticationMethod.OAUTH2:
        return "xoauth2"
    if method is AuthenticationMethod.PASSWORD_ENCRYPTED:
        return "cram-md5"
    # Without TLS “on” refuses to send a password as it is; whoever exports an unencrypted account has agreed to it.
    return "plain" if account.outgoing.socket_type is SocketType.PLAIN else "on"


def write(text: str) -> bytes:
    """UTF-8, with one line feed at the end; raises Mismatch for a line that msmtp cannot read."""
    return with_lines_within(LONGEST_LINE, text)


def check(content: bytes, account: MailAccount) -> None:
    """Read the file as msmtp does and compare."""
    from wizard.model.problems import Problem
    from wizard.programs.msmtp import read_msmtp

    try:
        read = read_msmtp(content, "msmtprc")
    except Problem as problem:
        raise Mismatch(str(problem)) from None
    require_servers(read, account, incoming=False, outgoing=True)
    if read.address != account.address:
        raise Mismatch(f"sender {read.address}")
