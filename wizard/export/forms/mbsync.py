"""mbsyncrc: every value between double quotes, quotes and backslashes in it behind a backslash (mbsync(1)).

``SSLType`` is what isync 1.4 reads; isync 1.5 reads it too, and says that ``TLSType`` is the new word, which 1.4
refuses.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from wizard.export.forms import Mismatch
from wizard.export.forms.comparing import with_lines_within
from wizard.export.logins import method_for, reason_against_logins, require_servers
from wizard.export.names import safe_name
from wizard.export.passwords import in_shell, password_command
from wizard.language import translate as _
from wizard.model.servers import AuthenticationMethod, SocketType

if TYPE_CHECKING:
    from wizard.model.servers import MailAccount

LONGEST_LINE = 1021
"""Bytes, the line feed not counted: seen in isync 1.4.4."""

_SPECIAL = re.compile(r'[\\"]')
_TYPES = {SocketType.SSL: "IMAPS", SocketType.STARTTLS: "STARTTLS", SocketType.PLAIN: "None"}


def quoted(text: str) -> str:
    """``text`` as one argument."""
    return '"' + _SPECIAL.sub(lambda found: "\\" + found.group(), text) + '"'


def reason_against(account: MailAccount) -> str | None:
    """A user name that is too long for a line, and what the password store cannot do."""
    if len(quoted(account.incoming.username).encode()) > LONGEST_LINE - len("User "):
        return _("mbsync cannot read a line as long as this user name needs; use the values of the card.")
    return reason_against_logins(account, (account.incoming,))


def words(account: MailAccount) -> dict[str, Any]:
    """``quoted``, the name of everything in the file, mbsync's words for security and log-in, the password command."""
    method = method_for(account, account.incoming)
    mechanisms = {AuthenticationMethod.OAUTH2: "XOAUTH2", AuthenticationMethod.PASSWORD_ENCRYPTED: "CRAM-MD5"}
    return {
        "quoted": quoted,
        "key": safe_name(account.address),
        "ssl_type": _TYPES[account.incoming.socket_type],
        # Without a list mbsync takes whatever the server offers that it thinks safest: a plugin for tokens, too.
        "mechanisms": mechanisms.get(method, "PLAIN LOGIN") if method is not None else "",
        "command": in_shell(password_command(account)),
    }


def write(text: str) -> bytes:
    """UTF-8, with one line feed at the end; raises Mismatch for a line that mbsync cannot read."""
    return with_lines_within(LONGEST_LINE, text)


def check(content: bytes, account: MailAccount) -> None:
    """Read the file as mbsync does and compare."""
    from wizard.model.problems import Problem
    from wizard.programs.mbsync import read_mbsync

    try:
        read = read_mbsync(content, "mbsyncrc")
    except Problem as problem:
        raise Mismatch(str(problem)) from None
    require_servers(read, account, incoming=True, outgoing=False)
