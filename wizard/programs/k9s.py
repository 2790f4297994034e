"""The settings file of Thunderbird for Android and K-9 Mail (``.k9s``): written, and read without trusting it.

Source: the program's own settings export and import (SettingsExporter, SettingsImporter, ServerSettingsDescriptions),
settings versions 79 to 111; a file of another version is read as far as it is known. An account that cannot be used is
left out with its reason. A password in the file is never looked at.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from wizard.language import translate as _
from wizard.model.problems import Place, Problem
from wizard.model.servers import AfterDownload, AuthenticationMethod, LeavePolicy, Protocol, SocketType
from wizard.model.text import printable
from wizard.programs.comparing import inverted, require_same, untidy_name
from wizard.programs.elements import read_tree
from wizard.programs.names import uuid_of
from wizard.programs.program import Form, Mismatch, Program, Signs, utf8
from wizard.programs.qr import method_on_android, unusable_on_android
from wizard.programs.reading import (
    ReadAccount,
    ReadFile,
    address_or_none,
    file_of,
    incoming_among,
    incomplete_among,
    one_line,
    outgoing_among,
    written_server,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.model.servers import MailAccount, Server
    from wizard.programs.elements import Element
    from wizard.programs.reading import WrittenServer

ID = "thunderbird-android"

ACCOUNT_LIMIT = 64

FORMAT = "1"
"""Of the file; the program has never written another."""

LAST_WITH_DEFAULT_SECURITY = 91
"""The last version of the settings in which a server without a security has TLS; later ones are refused."""

SECURITY = {
    "NONE": SocketType.PLAIN,
    "STARTTLS_REQUIRED": SocketType.STARTTLS,
    "STARTTLS_OPTIONAL": SocketType.STARTTLS,
    "SSL_TLS_REQUIRED": SocketType.SSL,
    "SSL_TLS_OPTIONAL": SocketType.SSL,
}
"""The names of the program; the two that end with OPTIONAL are old, and read as the strict ones."""
_SECURITY_FOR = inverted(SECURITY)

METHODS = {
    "NONE": AuthenticationMethod.NONE,
    "PLAIN": AuthenticationMethod.PASSWORD_CLEARTEXT,
    "LOGIN": AuthenticationMethod.PASSWORD_CLEARTEXT,
    "AUTOMATIC": AuthenticationMethod.PASSWORD_CLEARTEXT,
    "CRAM_MD5": AuthenticationMethod.PASSWORD_ENCRYPTED,
    "XOAUTH2": AuthenticationMethod.OAUTH2,
    "EXTERNAL": AuthenticationMethod.TLS_CLIENT_CERT,
}
"""The names of the program, with two of older versions that mean a password."""
_METHOD_FOR = inverted(METHODS)


def _reason_against(account: MailAccount) -> str | None:
    """What the program on the phone cannot log in to."""
    return untidy_name(account) or unusable_on_android(account)


def _values(account: MailAccount) -> dict[str, Any]:
    return {
        "account_uuid": uuid_of(f"k9s|{account.address}"),
        "delete_policy": _delete_policy(account),
        "connection_security": lambda server: _SECURITY_FOR[server.socket_type],
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
    return _METHOD_FOR[method]


def _joined(contents: Sequence[bytes], accounts: Sequence[MailAccount]) -> tuple[bytes, ...]:
    """One file with all accounts."""
    import xml.etree.ElementTree as ET

    first, *others = [ET.fromstring(content) for content in contents]  # noqa: S314 - our own text, read back before
    listed = first.find("accounts")
    if listed is None:
        raise Mismatch("no accounts")
    for other in others:
        listed.extend(other.iterfind("accounts/account"))
    ET.indent(first)
    content = b'<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(first, encoding="unicode").encode() + b"\n"
    _check_all(content, accounts)
    return (content,)


def _check(content: bytes, account: MailAccount) -> None:
    """Read the file as if it came from anywhere and compare what it says with the account."""
    _check_all(content, [account])


def _check_all(content: bytes, accounts: Sequence[MailAccount]) -> None:
    from uuid import UUID

    try:
        read = read_k9s(content, "k9s")
        entries = next(read_tree(content, "k9s").all("accounts")).all("account")
        uuids = {UUID(entry.attributes["uuid"]) for entry in entries}
    except Problem as problem:
        raise Mismatch(str(problem)) from None
    except (ValueError, KeyError) as error:
        raise Mismatch(f"an account without a UUID: {error}") from None
    if len(uuids) != len(accounts) or len(read.accounts) != len(accounts):
        raise Mismatch(f"{len(read.accounts)} accounts with {len(uuids)} UUIDs, left out: {read.skipped}")
    for found, account in zip(read.accounts, accounts, strict=True):
        leave = LeavePolicy(AfterDownload.KEEP) if account.incoming.protocol is Protocol.POP3 else None
        require_same(found, account, method=method_on_android, leave=leave)


def read_k9s(content: bytes, name: str) -> ReadFile:
    """Read the bytes of a file; ``name`` is what errors call it.

    Raises Problem with file and line when it is not such a file, or holds no usable account.
    """
    root = read_tree(content, name)
    listed = next(root.all("accounts"), None) if root.name == "k9settings" else None
    if listed is None:
        raise Problem(
            _("This is not a settings file of Thunderbird for Android or K-9 Mail."),
            place=Place(printable(name), root.line),
        )
    if root.attributes.get("format", FORMAT) != FORMAT:
        text = _("This is format {found} of the settings file of Thunderbird for Android; format {known} is known.")
        found = printable(root.attributes["format"], 20)
        raise Problem(text.format(found=found, known=FORMAT), place=Place(printable(name), root.line))
    entries = list(listed.all("account"))
    if len(entries) > ACCOUNT_LIMIT:
        raise Problem(_("The file has more than {count} accounts.").format(count=ACCOUNT_LIMIT), place=Place(name))
    version = root.attributes.get("version", "")
    old = version.isascii() and version.isdigit() and len(version) < 7 and int(version) <= LAST_WITH_DEFAULT_SECURITY
    named = [(_("line {line}").format(line=entry.line), entry) for entry in entries]
    return file_of(ID, named, lambda entry: _account(entry, old=old), name)


def _account(entry: Element, *, old: bool) -> ReadAccount:
    identities = next(entry.all("identities"), None)
    identity = next(identities.all("identity"), None) if identities is not None else None
    incoming = _server(entry, "incoming-server", {"IMAP": Protocol.IMAP, "POP3": Protocol.POP3}, old=old)
    outgoing = _server(entry, "outgoing-server", {"SMTP": Protocol.SMTP}, old=old)
    servers = [server for server in (incoming, outgoing) if server is not None]
    return ReadAccount(
        address=None if identity is None else address_or_none(identity.first("email")),
        label=printable(entry.first("name") or "", 60),
        display_name="" if identity is None else one_line(identity.first("name") or ""),
        incoming=incoming_among(servers),
        outgoing=outgoing_among(servers),
        incomplete=incomplete_among(servers),
        # Whatever its delete policy: by itself the program removes nothing from a POP3 server.
        leave=LeavePolicy(AfterDownload.KEEP) if incoming is not None and incoming.protocol is Protocol.POP3 else None,
    )


def _server(entry: Element, name: str, kinds: dict[str, Protocol], *, old: bool) -> WrittenServer | None:
    element = next(entry.all(name), None)
    if element is None:
        return None
    protocol = kinds.get(element.attributes.get("type", ""))
    if protocol is None:
        raise Problem(_("A server has a type, a security or a log-in that is not known."))
    security = _security(element.first("connection-security") or "", old=old)
    username = element.first("username") or ""
    return written_server(
        protocol,
        hostname=element.first("host") or "",
        port=element.first("port"),
        socket_type=security,
        username=username,
        authentication=(_log_in(element, protocol, security, username),),
    )


def _security(word: str, *, old: bool) -> SocketType | None:
    """The security of a word; None where the file does not say one that the program itself would accept."""
    if not word:
        return SocketType.SSL if old else None
    if word not in SECURITY:
        raise Problem(_("A server has a type, a security or a log-in that is not known."))
    return SECURITY[word]


def _log_in(element: Element, protocol: Protocol, security: SocketType | None, username: str) -> AuthenticationMethod:
    """How the program logs in. Nobody does so for sending without a user name; “automatic” never sends a password in
    the clear.
    """
    word = element.first("authentication-type") or ("NONE" if protocol is Protocol.SMTP else "")
    if word not in METHODS:
        raise Problem(_("A server has a type, a security or a log-in that is not known."))
    if protocol is Protocol.SMTP and not username:
        return AuthenticationMethod.NONE
    if word == "AUTOMATIC" and security is SocketType.PLAIN:
        return AuthenticationMethod.PASSWORD_ENCRYPTED
    return METHODS[word]


PROGRAM = Program(
    id=ID,
    read=read_k9s,
    signs=Signs(roots=frozenset({"k9settings"}), name=re.compile(r".*\.k9s", re.IGNORECASE)),
    forms={
        "k9s": Form(write=utf8, check=_check, reason_against=_reason_against, values=_values, joined=_joined),
    },
)
