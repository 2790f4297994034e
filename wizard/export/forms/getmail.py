"""getmailrc: values as they are, one a line, which its parser neither unquotes nor interpolates.

Seen in getmail 6.18: it knows no STARTTLS; it checks a certificate only when ``ca_certs`` is set; it hands some values
to Python's ``eval`` (the password command is one, a user name is not); its IMAP log-in sends the user name without
quoting, so that only an atom of RFC 3501 arrives as it is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from wizard.export.forms import Mismatch
from wizard.export.logins import method_for, reason_against_logins, require_servers
from wizard.export.names import safe_name
from wizard.export.passwords import password_command
from wizard.language import translate as _
from wizard.model.servers import AfterDownload, AuthenticationMethod, Protocol, SocketType
from wizard.model.text import printable

if TYPE_CHECKING:
    from wizard.model.servers import MailAccount

CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
"""The authorities that the system trusts, on Debian and Ubuntu, Arch, Alpine, Gentoo; a step says where else."""

_ATOM = re.compile(r"[!#-$&'+-\[^-z|}~,]+")


def reason_against(account: MailAccount) -> str | None:
    """A user name that getmail's IMAP log-in would garble, and a log-in that it knows for IMAP alone."""
    server = account.incoming
    method = method_for(account, server)
    if server.protocol is Protocol.IMAP and not _ATOM.fullmatch(server.username):
        return _("getmail would not send the user name “{name}” whole; use mbsync or fetchmail instead.").format(
            name=printable(server.username, 60)
        )
    if server.protocol is Protocol.POP3 and method is AuthenticationMethod.OAUTH2:
        return _("getmail can use the provider’s sign-in page (OAuth2) with IMAP only; use IMAP.")
    if server.protocol is Protocol.POP3 and method not in (None, AuthenticationMethod.PASSWORD_CLEARTEXT):
        return _("getmail can log in to a POP3 server with a plain password only; use IMAP, or fetchmail.")
    return reason_against_logins(account, (server,))


def words(account: MailAccount) -> dict[str, Any]:
    """The class of getmail that fits, the method, what becomes of messages, and the command as a Python tuple."""
    import json

    server, leave = account.incoming, account.leave
    pop3, encrypted = server.protocol is Protocol.POP3, server.socket_type is SocketType.SSL
    return {
        "key": safe_name(account.address),
        "retriever": f"Simple{'POP3' if pop3 else 'IMAP'}{'SSL' if encrypted else ''}Retriever",
        # Nothing is escaped but quotes and backslashes, which JSON and Python write alike.
        "command": ", ".join(json.dumps(word, ensure_ascii=False) for word in password_command(account)),
        "certificates": CERTIFICATES if encrypted else None,
        "with_token": method_for(account, server) is AuthenticationMethod.OAUTH2,
        "cram_md5": method_for(account, server) is AuthenticationMethod.PASSWORD_ENCRYPTED,
        "removes": pop3 and leave is not None and leave.kind is AfterDownload.REMOVE,
        "days": leave.days if pop3 and leave is not None else None,
    }


def write(text: str) -> bytes:
    """UTF-8, with one line feed at the end."""
    return text.strip().encode() + b"\n"


def check(content: bytes, account: MailAccount) -> None:
    """Read the file as getmail does and compare."""
    from wizard.model.problems import Problem
    from wizard.programs.getmail import read_getmail

    try:
        read = read_getmail(content, "getmailrc")
    except Problem as problem:
        raise Mismatch(str(problem)) from None
    require_servers(read, account, incoming=True, outgoing=False)
    wanted = account.leave if account.incoming.protocol is Protocol.POP3 else None
    if read.leave != wanted:
        raise Mismatch(f"leave policy {read.leave}, not {wanted}")
