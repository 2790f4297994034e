"""The file of settings of Thunderbird for Android and K-9 Mail: XML with the program's own words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid5

from wizard.export.forms import Mismatch
from wizard.export.forms.comparing import require_same, untidy_name
from wizard.export.identity import NAMESPACE
from wizard.export.scan import method_on_android, unusable_on_android
from wizard.model.servers import AfterDownload, AuthenticationMethod, LeavePolicy, Protocol, SocketType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.model.servers import MailAccount, Server

_SECURITY = {
    SocketType.SSL: "SSL_TLS_REQUIRED",
    SocketType.STARTTLS: "STARTTLS_REQUIRED",
    SocketType.PLAIN: "NONE",
}
_METHODS = {
    AuthenticationMethod.NONE: "NONE",
    AuthenticationMethod.PASSWORD_CLEARTEXT: "PLAIN",
    AuthenticationMethod.PASSWORD_ENCRYPTED: "CRAM_MD5",
    AuthenticationMethod.OAUTH2: "XOAUTH2",
}


def reason_against(account: MailAccount) -> str | None:
    """What the program on the phone cannot log in to."""
    return untidy_name(account) or unusable_on_android(account)


def words(account: MailAccount) -> dict[str, Any]:
    """The program's words for the account."""
    return {
        "account_uuid": str(uuid5(NAMESPACE, f"k9s|{account.address}")),
        "delete_policy": _delete_policy(account),
        "connection_security": lambda server: _SECURITY[server.socket_type],
        "authentication_type": _method,
    }


def _delete_policy(account: MailAccount) -> str:
    """What happens on the server to a message that is deleted on the phone. Nothing is removed without that.

    With “remove at once” it is deleted there too, which is as near as the program can come.
    """
    removing = account.leave is not None and account.leave.kind is AfterDownload.REMOVE
    return "DELETE" if account.incoming.protocol is Protocol.IMAP or removing else "NEVER"


def _method(server: Server) -> str:
    method = method_on_android(server)
    assert method is not None, "reason_against comes first"
    return _METHODS[method]


def write(text: str) -> bytes:
    """The XML as UTF-8 without a byte order mark."""
    return text.strip().encode() + b"\n"


def joined(contents: Sequence[bytes], accounts: Sequence[MailAccount]) -> tuple[bytes, ...]:
    """One file with all accounts."""
    import xml.etree.ElementTree as ET

    first, *others = [ET.fromstring(one) for one in contents]  # noqa: S314 - our own text, read back before
    listed = first.find("accounts")
    if listed is None:
        raise Mismatch("no accounts")
    for other in others:
        listed.extend(other.iterfind("accounts/account"))
    ET.indent(first)
    content = b'<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(first, encoding="unicode").encode() + b"\n"
    _check_all(content, accounts)
    return (content,)


def check(content: bytes, account: MailAccount) -> None:
    """Read the file as a file of anybody and compare what it says with the account."""
    _check_all(content, [account])


def _check_all(content: bytes, accounts: Sequence[MailAccount]) -> None:
    from uuid import UUID

    from wizard.model.problems import Problem
    from wizard.programs.elements import read_tree
    from wizard.programs.k9s import read_k9s

    try:
        read = read_k9s(content, "k9s")
        entries = next(read_tree(content, "k9s").all("accounts")).all("account")
        uuids = {UUID(one.attributes["uuid"]) for one in entries}
    except Problem as problem:
        raise Mismatch(str(problem)) from None
    except (ValueError, KeyError) as error:
        raise Mismatch(f"an account without a UUID: {error}") from None
    if len(uuids) != len(accounts) or len(read.accounts) != len(accounts):
        raise Mismatch(f"{len(read.accounts)} accounts with {len(uuids)} UUIDs, left out: {read.skipped}")
    for found, account in zip(read.accounts, accounts, strict=True):
        leave = LeavePolicy(AfterDownload.KEEP) if account.incoming.protocol is Protocol.POP3 else None
        require_same(found, account, method=method_on_android, leave=leave)
