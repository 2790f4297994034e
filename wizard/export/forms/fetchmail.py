r"""fetchmailrc: every value a string between double quotes.

Seen in fetchmail 6.4.37: a backslash is written as two, and a double quote as ``\042``, because ``\"`` ends the
string and is read as something else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wizard.export.forms import Mismatch
from wizard.export.logins import method_for, reason_against_logins, require_servers
from wizard.export.passwords import in_shell, password_command
from wizard.model.servers import AfterDownload, AuthenticationMethod, Protocol, SocketType

if TYPE_CHECKING:
    from wizard.model.servers import MailAccount

_ESCAPES = str.maketrans({"\\": "\\\\", '"': "\\042"})


def quoted(text: str) -> str:
    """``text`` as a string."""
    return f'"{text.translate(_ESCAPES)}"'


def reason_against(account: MailAccount) -> str | None:
    """Only what the password store cannot do: the grammar has a way to say every value."""
    return reason_against_logins(account, (account.incoming,))


def words(account: MailAccount) -> dict[str, Any]:
    """``quoted``, the method and the security in fetchmail's words, whether messages stay, and the command."""
    server = account.incoming
    pop3 = server.protocol is Protocol.POP3
    encrypted = method_for(account, server) is AuthenticationMethod.PASSWORD_ENCRYPTED
    return {
        "quoted": quoted,
        "pop3": pop3,
        "auth": "cram-md5" if encrypted else "password",
        "secure": server.socket_type is not SocketType.PLAIN,
        "implicit": server.socket_type is SocketType.SSL,
        # What has come over IMAP always stays: the server is where the messages live.
        "removes": pop3 and account.leave is not None and account.leave.kind is AfterDownload.REMOVE,
        "command": in_shell(password_command(account)),
    }


def write(text: str) -> bytes:
    """UTF-8, with one line feed at the end: the words after it, from another file, still belong to the user."""
    return text.strip().encode() + b"\n"


def check(content: bytes, account: MailAccount) -> None:
    """Read the file as fetchmail does and compare."""
    from wizard.model.problems import Problem
    from wizard.programs.fetchmail import read_fetchmail

    try:
        read = read_fetchmail(content, "fetchmailrc")
    except Problem as problem:
        raise Mismatch(str(problem)) from None
    require_servers(read, account, incoming=True, outgoing=False)
    removes = None if read.leave is None else read.leave.kind is AfterDownload.REMOVE
    wanted = None
    if account.incoming.protocol is Protocol.POP3 and account.leave is not None:
        wanted = account.leave.kind is AfterDownload.REMOVE
    if removes is not wanted:
        raise Mismatch(f"leave policy {read.leave}, not {account.leave}")
