"""Preferences of a Thunderbird profile: one call a line, read back by a parser that executes nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from wizard.export.forms import Mismatch
from wizard.export.forms.comparing import require_same
from wizard.language import translate as _
from wizard.model.servers import AuthenticationMethod, Protocol, SocketType

if TYPE_CHECKING:
    from collections.abc import Sequence

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


_LISTS = ("mail.accountmanager.accounts", "mail.smtpservers")
_NAMES_ONE = ("mail.accountmanager.defaultaccount", "mail.smtp.defaultserver")
_NUMBERED_KEY = re.compile(r"(mail\.(?:account\.account|server\.server|identity\.id|smtpserver\.smtp))1\.(\w+)")
_NUMBERED_VALUE = re.compile(r"(account|server|id|smtp)1")
_REFERENCES = ("server", "identities", "smtpServer")


def joined(contents: Sequence[bytes], accounts: Sequence[MailAccount]) -> tuple[bytes, ...]:
    """One file with all accounts: what is called account1, server1, id1 and smtp1 in each is numbered through."""
    import json

    from wizard.programs.userjs import read_preferences

    made: dict[str, str | int | bool] = {}
    for number, content in enumerate(contents, 1):
        for key, value in read_preferences(content, "user.js").items():
            found = _NUMBERED_KEY.fullmatch(key)
            refers = key in (*_LISTS, *_NAMES_ONE) or (found is not None and found[2] in _REFERENCES)
            one = _NUMBERED_VALUE.sub(rf"\g<1>{number}", value) if refers and isinstance(value, str) else value
            if key in _LISTS and key in made:
                made[key] = f"{made[key]},{one}"
            elif found is not None:
                made[f"{found[1]}{number}.{found[2]}"] = one
            else:
                made.setdefault(key, one)  # of the defaults the first account's count
    comments = [line for line in contents[0].decode().splitlines() if line.startswith("//")]
    lines = [f"user_pref({json.dumps(key)}, {json.dumps(value)});" for key, value in made.items()]
    content = "\n".join([*comments, *lines, ""]).encode("ascii")
    _check_all(content, accounts)
    return (content,)


def check(content: bytes, account: MailAccount) -> None:
    """Read the file as a file of anybody and compare what it says with the account."""
    _check_all(content, [account])


def _check_all(content: bytes, accounts: Sequence[MailAccount]) -> None:
    from wizard.model.problems import Problem
    from wizard.programs.userjs import read_userjs

    try:
        read = read_userjs(content, "user.js")
    except Problem as problem:
        raise Mismatch(str(problem)) from None
    if len(read.accounts) != len(accounts) or read.skipped:
        raise Mismatch(f"{len(read.accounts)} accounts, left out: {read.skipped}")
    for found, account in zip(read.accounts, accounts, strict=True):
        leave = account.leave if account.incoming.protocol is Protocol.POP3 else None
        require_same(found, account, method=_method, leave=leave)
