"""Reads the files of settings of Thunderbird for Android and K-9 Mail (``.k9s``), without trusting them.

Source: the program's own settings export and import (SettingsExporter, SettingsImporter, ServerSettingsDescriptions),
settings versions 79 to 111; a file of another version is read as far as it is known. An account that cannot be used is
left out with its reason. A password in the file is never looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.language import translate as _
from wizard.model.address import parse_address
from wizard.model.problems import Place, Problem
from wizard.model.servers import (
    AfterDownload,
    AuthenticationMethod,
    IncomingServer,
    LeavePolicy,
    OutgoingServer,
    Protocol,
    SocketType,
)
from wizard.model.text import printable
from wizard.programs.account import ReadAccount, ReadAccounts, one_line, read_server
from wizard.programs.elements import read_tree

if TYPE_CHECKING:
    from wizard.programs.elements import Element

ACCOUNT_LIMIT = 64

SECURITY = {
    "NONE": SocketType.PLAIN,
    "STARTTLS_REQUIRED": SocketType.STARTTLS,
    "STARTTLS_OPTIONAL": SocketType.STARTTLS,
    "SSL_TLS_REQUIRED": SocketType.SSL,
    "SSL_TLS_OPTIONAL": SocketType.SSL,
}
"""The names of the program; the two that end with OPTIONAL are old, and read as the strict ones."""

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


def read_k9s(content: bytes, name: str) -> ReadAccounts:
    """Read the bytes of a file; ``name`` is what errors call it.

    Raises Problem with file and line when it is no such file, or holds no account that can be used.
    """
    root = read_tree(content, name)
    listed = next(root.all("accounts"), None) if root.name == "k9settings" else None
    if listed is None:
        raise Problem(
            _("This is no file of settings of Thunderbird for Android or K-9 Mail."),
            place=Place(printable(name), root.line),
        )
    entries = list(listed.all("account"))
    if len(entries) > ACCOUNT_LIMIT:
        raise Problem(_("The file has more than {count} accounts.").format(count=ACCOUNT_LIMIT), place=Place(name))
    accounts, skipped = [], []
    for entry in entries:
        try:
            accounts.append(_account(entry))
        except Problem as problem:
            skipped.append(printable(f"line {entry.line}: {problem.text}"))
    if not accounts:
        reason = skipped[0] if skipped else _("it is empty")
        raise Problem(
            _("The file has no account that can be used ({reason}).").format(reason=reason),
            place=Place(printable(name), listed.line),
        )
    return ReadAccounts(tuple(accounts), tuple(skipped))


def _account(entry: Element) -> ReadAccount:
    identities = next(entry.all("identities"), None)
    identity = next(identities.all("identity"), None) if identities is not None else None
    if identity is None:
        raise Problem(_("There is no identity."))
    incoming = _server(entry, "incoming-server", {"IMAP": Protocol.IMAP, "POP3": Protocol.POP3})
    outgoing = _server(entry, "outgoing-server", {"SMTP": Protocol.SMTP})
    if incoming is None or outgoing is None:
        raise Problem(_("A server is missing."))
    assert isinstance(incoming, IncomingServer)
    assert isinstance(outgoing, OutgoingServer)
    return ReadAccount(
        address=parse_address(one_line(identity.first("email") or "")),
        display_name=one_line(identity.first("name") or ""),
        incoming=(incoming,),
        outgoing=(outgoing,),
        # Whatever its delete policy: by itself the program removes nothing from a POP3 server.
        leave=LeavePolicy(AfterDownload.KEEP) if incoming.protocol is Protocol.POP3 else None,
    )


def _server(entry: Element, name: str, kinds: dict[str, Protocol]) -> IncomingServer | OutgoingServer | None:
    found = next(entry.all(name), None)
    if found is None:
        return None
    protocol = kinds.get(found.attributes.get("type", ""))
    security = SECURITY.get(found.first("connection-security") or "NONE")
    method = METHODS.get(found.first("authentication-type") or ("NONE" if protocol is Protocol.SMTP else ""))
    if protocol is None or security is None or method is None:
        raise Problem(_("A server has a type, a security or a log-in that is not known."))
    return read_server(
        protocol,
        hostname=found.first("host") or "",
        port=found.first("port") or "",
        socket_type=security,
        username=found.first("username") or "",
        authentication=(method,),
    )
