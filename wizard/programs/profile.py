"""Reads Apple's configuration profiles (``.mobileconfig``), signed or not, as the mail accounts in them.

Source of the keys: Apple's published schema (com.apple.mail.managed). An account that cannot be used is left out with
its reason; other payloads are passed over. Passwords that a profile may hold are never looked at, and a signature is
noted, not judged.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wizard.language import translate as _
from wizard.model.address import parse_address
from wizard.model.problems import Place, Problem
from wizard.model.servers import (
    USUAL_PORTS,
    AuthenticationMethod,
    IncomingServer,
    OutgoingServer,
    Protocol,
    SocketType,
)
from wizard.model.text import printable
from wizard.programs.account import ReadAccount, one_line, read_server
from wizard.programs.cms import NotSigned, signed_content

SIZE_LIMIT = 1024 * 1024
"""Bytes; a profile with certificates and pictures in it stays below."""

PAYLOAD_LIMIT = 200

METHODS = {
    "EmailAuthNone": AuthenticationMethod.NONE,
    "EmailAuthPassword": AuthenticationMethod.PASSWORD_CLEARTEXT,
    "EmailAuthCRAMMD5": AuthenticationMethod.PASSWORD_ENCRYPTED,
    "EmailAuthHTTPMD5": AuthenticationMethod.PASSWORD_ENCRYPTED,
    "EmailAuthNTLM": AuthenticationMethod.NTLM,
}

_TYPES = {"EmailTypeIMAP": Protocol.IMAP, "EmailTypePOP": Protocol.POP3}
_UPGRADE_PORTS = (143, 110, 587, 25)
"""“Use SSL” on one of these is STARTTLS: the device goes by the port."""


@dataclass(frozen=True, slots=True)
class ReadProfile:
    """The mail accounts of a profile in their order. ``signed``: a signature is around it, whoever made it."""

    accounts: tuple[ReadAccount, ...]
    signed: bool
    name: str
    skipped: tuple[str, ...] = ()


def read_profile(content: bytes, name: str) -> ReadProfile:
    """Read the bytes of a file; ``name`` is what errors call it.

    Raises Problem when it is no profile, or has no mail account that can be used.
    """
    place = Place(printable(name))
    if len(content) > SIZE_LIMIT:
        raise Problem(_("The file is larger than {size} KiB.").format(size=SIZE_LIMIT // 1024), place=place)
    signed = content[:1] == b"\x30"
    try:
        plain = signed_content(content) if signed else content
    except NotSigned:
        raise Problem(_("This is no profile for Apple devices, or an encrypted one."), place=place) from None
    outer = _plist(plain)
    payloads = outer.get("PayloadContent") if isinstance(outer, dict) else None
    if not isinstance(payloads, list):
        raise Problem(_("This is no profile for Apple devices, or an encrypted one."), place=place)
    if len(payloads) > PAYLOAD_LIMIT:
        raise Problem(_("The file has more than {count} parts.").format(count=PAYLOAD_LIMIT), place=place)
    accounts, skipped = [], []
    for number, payload in enumerate(payloads, 1):
        if isinstance(payload, dict) and payload.get("PayloadType") == "com.apple.mail.managed":
            try:
                accounts.append(_account(payload))
            except Problem as problem:
                skipped.append(printable(f"{number}: {problem.text}"))
    if not accounts:
        reason = skipped[0] if skipped else _("it is empty")
        raise Problem(_("The file has no account that can be used ({reason}).").format(reason=reason), place=place)
    return ReadProfile(tuple(accounts), signed, printable(_text(outer, "PayloadDisplayName"), 100), tuple(skipped))


def _plist(content: bytes) -> Any:
    """The property list; None for anything that is none. plistlib itself refuses declarations of entities."""
    import plistlib
    from xml.parsers.expat import ExpatError

    try:
        return plistlib.loads(content)
    except (ExpatError, ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError):
        return None  # plistlib.InvalidFileException is a ValueError; the others are what damaged files get from it


def _text(payload: dict[str, Any], key: str) -> str:
    found = payload.get(key)
    return found if isinstance(found, str) else ""


def _account(payload: dict[str, Any]) -> ReadAccount:
    protocol = _TYPES.get(_text(payload, "EmailAccountType"))
    if protocol is None:
        raise Problem(_("The type of the account is not known."))
    incoming = _server(payload, "Incoming", protocol)
    outgoing = _server(payload, "Outgoing", Protocol.SMTP)
    assert isinstance(incoming, IncomingServer)
    assert isinstance(outgoing, OutgoingServer)
    address = one_line(_text(payload, "EmailAddress"))
    return ReadAccount(
        address=parse_address(address) if address else None,
        display_name=one_line(_text(payload, "EmailAccountName")),
        incoming=(incoming,),
        outgoing=(outgoing,),
    )


def _server(payload: dict[str, Any], side: str, protocol: Protocol) -> IncomingServer | OutgoingServer:
    start = f"{side}MailServer"
    method = METHODS.get(_text(payload, start + "Authentication"))
    if method is None:
        raise Problem(_("A server has a type, a security or a log-in that is not known."))
    encrypted = payload.get(start + "UseSSL") is True
    port = payload.get(start + "PortNumber")
    if port is None:
        port = USUAL_PORTS[protocol, SocketType.SSL if encrypted else SocketType.PLAIN]
    if not isinstance(port, int) or isinstance(port, bool):
        raise Problem(_("A port is no number."))
    security = SocketType.STARTTLS if port in _UPGRADE_PORTS else SocketType.SSL
    return read_server(
        protocol,
        hostname=_text(payload, start + "HostName"),
        port=max(0, port),
        socket_type=security if encrypted else SocketType.PLAIN,
        username=_text(payload, start + "Username"),
        authentication=(method,),
    )
