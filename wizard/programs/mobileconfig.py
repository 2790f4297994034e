"""Apple's configuration profiles (``.mobileconfig``): written for accounts, and read, signed or not.

Source of the keys and their types: Apple's published schema (TopLevel, CommonPayloadKeys, com.apple.mail.managed). The
template gives JSON and plistlib writes it, so that no escaping can go wrong. Of a profile from anywhere, an account
that cannot be used is left out with its reason; other payloads are passed over. Passwords that it may hold are never
looked at, and a signature is noted, not judged.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeGuard

from wizard.language import translate as _
from wizard.model.address import parse_address
from wizard.model.der import INTEGER, OID, SEQUENCE, SET, read_element
from wizard.model.problems import Place, Problem
from wizard.model.servers import EMAIL_ADDRESS, AuthenticationMethod, Protocol, SocketType
from wizard.model.text import printable
from wizard.programs.comparing import inverted
from wizard.programs.names import identity_of, identity_of_several
from wizard.programs.program import Form, Mismatch, Program, Signs
from wizard.programs.reading import (
    IncompleteServer,
    ReadAccount,
    ReadFile,
    exchange_left_out,
    file_of,
    incoming_among,
    incomplete_among,
    one_line,
    outgoing_among,
    without_accounts,
    written_server,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from xml.etree import ElementTree as ET

    from wizard.model.servers import MailAccount, Server
    from wizard.programs.reading import WrittenServer

ID = "mobileconfig"

SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
"""1.2.840.113549.1.7.2, the object identifier of CMS SignedData, as its bytes stand in the file."""

_EXPLICIT = 0xA0

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
_METHOD_FOR = {**inverted(METHODS), AuthenticationMethod.CLIENT_IP_ADDRESS: "EmailAuthNone"}

_TYPES = {"EmailTypeIMAP": Protocol.IMAP, "EmailTypePOP": Protocol.POP3}
_TYPE_FOR = inverted(_TYPES)
_UPGRADE_PORTS = (143, 110, 587, 25)
"""“Use SSL” on one of these is STARTTLS: the device goes by the port."""
_MUST_NOT = ("IncomingPassword", "OutgoingPassword", "SMIMEEnabled", "PreventMove", "PayloadRemovalDisallowed")
_TLS_PORTS = (993, 995, 465)


def _reason_against(account: MailAccount) -> str | None:
    """A profile says "use TLS" in one word for both ways of it; the device goes by the port."""
    for server in (account.incoming, account.outgoing):
        upgrade_on_tls = server.socket_type is SocketType.STARTTLS and server.port in _TLS_PORTS
        tls_on_upgrade = server.socket_type is SocketType.SSL and server.port in _UPGRADE_PORTS
        if upgrade_on_tls or tls_on_upgrade:
            return _(
                "A profile cannot express {security} on port {port}: the device decides by the port. Add "
                "the account in the device's own settings, with the values on the card."
            ).format(security=server.socket_type.value, port=server.port)
    return None


def authentication_word(server: Server) -> str:
    """The first method of ``server`` that a profile has a word for."""
    return next(_METHOD_FOR[method] for method in server.authentication if method in _METHOD_FOR)


def _values(account: MailAccount) -> dict[str, Any]:
    return {
        "profile_authentication": authentication_word,
        "identity": lambda: identity_of(account.address, account.incoming.protocol),
    }


def _write(text: str) -> bytes:
    """The XML property list of the JSON that the template wrote; keys sorted, so that the bytes are the same always."""
    import plistlib

    try:
        return plistlib.dumps(json.loads(text, object_pairs_hook=_once), sort_keys=True)
    except (ValueError, TypeError, OverflowError) as error:
        raise Mismatch(str(error)) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise ValueError("a key is given twice")
    return dict(pairs)


def _joined(contents: Sequence[bytes], accounts: Sequence[MailAccount]) -> tuple[bytes, ...]:
    """One profile with a payload for each account, under an identity that is theirs together."""
    import plistlib

    read = [plistlib.loads(content) for content in contents]
    identifier, uuid = identity_of_several([account.address for account in accounts])
    shown = ", ".join(account.address.unicode for account in accounts)
    outer = {
        **read[0],
        "PayloadIdentifier": identifier,
        "PayloadUUID": uuid,
        "PayloadDisplayName": _("E-mail for %(address)s") % {"address": shown},
        "PayloadDescription": _("Sets up the mailboxes {addresses} in Mail. It contains no password.").format(
            addresses=shown
        ),
        "PayloadContent": [inner for profile in read for inner in profile["PayloadContent"]],
    }
    if len({profile.get("PayloadOrganization") for profile in read}) > 1:
        del outer["PayloadOrganization"]
    content = plistlib.dumps(outer, sort_keys=True)
    _check_all(content, accounts)
    return (content,)


def _check(content: bytes, account: MailAccount) -> None:
    """Read the profile and compare every value with the account."""
    _check_all(content, [account])


def _check_all(content: bytes, accounts: Sequence[MailAccount]) -> None:
    try:
        outer = read_plist(content)
        payloads = outer["PayloadContent"]
        for inner, account in zip(payloads, accounts, strict=True):
            _compare(inner, _expected(account))
        _compare(outer, {"PayloadType": "Configuration", "PayloadVersion": 1})
        uuids = [payload["PayloadUUID"] for payload in (outer, *payloads)]
    except (ValueError, KeyError, TypeError) as error:
        raise Mismatch(f"not a profile: {error}") from None
    if len(set(uuids)) < len(uuids):
        raise Mismatch("two PayloadUUID are the same")
    for where in (outer, *payloads):
        for name in _MUST_NOT:
            if name in where:
                raise Mismatch(f"{name} must not be in a profile")
        for name, value in where.items():
            if value == "":
                raise Mismatch(f"{name} is empty, which a device calls malformed")


def _compare(found: dict[str, Any], wanted: dict[str, Any]) -> None:
    for name, value in wanted.items():
        if found.get(name) != value or type(found.get(name)) is not type(value):
            raise Mismatch(f"{name} is {found.get(name)!r}, not {value!r}")


def _expected(account: MailAccount) -> dict[str, Any]:
    incoming, outgoing = account.incoming, account.outgoing
    wanted: dict[str, Any] = {
        "PayloadType": "com.apple.mail.managed",
        "PayloadVersion": 1,
        "EmailAccountType": _TYPE_FOR[incoming.protocol],
        "EmailAddress": str(account.address),
    }
    if account.display_name:
        wanted["EmailAccountName"] = account.display_name
    for side, server in (("Incoming", incoming), ("Outgoing", outgoing)):
        wanted |= {
            f"{side}MailServerHostName": str(server.hostname),
            f"{side}MailServerPortNumber": int(server.port),
            f"{side}MailServerUseSSL": server.secure,
            f"{side}MailServerAuthentication": authentication_word(server),
        }
        if authentication_word(server) != "EmailAuthNone":
            wanted[f"{side}MailServerUsername"] = server.username
    return wanted


def read_plist(content: bytes) -> dict[str, Any]:
    """The dictionary of a property list that this program wrote: strictly, and faster than plistlib, which reads any.

    There is nothing but dictionaries, lists, texts, whole numbers and truth values in a profile of ours; a number with
    a point (``<real>``), a date, data, a key given twice, text between the elements: each raises ValueError.
    """
    from xml.etree import ElementTree as ET

    try:
        root = ET.XML(content)
    except ET.ParseError as error:
        raise ValueError(str(error)) from None
    if root.tag != "plist" or len(root) != 1 or root[0].tag != "dict":
        raise ValueError("it is no property list with one dictionary")
    _refuse_text(root)
    return _dictionary(root[0])


def _dictionary(element: ET.Element) -> dict[str, Any]:
    _refuse_text(element)
    keys, values = element[::2], element[1::2]
    read = {key.text or "": _value(value) for key, value in zip(keys, values, strict=True)}
    if len(read) != len(keys) or any(key.tag != "key" or len(key) for key in keys):
        raise ValueError("a key is given twice, or missing")
    return read


def _value(element: ET.Element) -> Any:
    kind, text = element.tag, element.text
    if kind == "dict":
        return _dictionary(element)
    if kind == "array":
        _refuse_text(element)
        return [_value(child) for child in element]
    if len(element):
        raise ValueError(f"there are elements in <{kind}>")
    if kind == "string":
        return text or ""
    if kind == "integer":
        return int(text or "")
    if kind in ("true", "false") and not text:
        return kind == "true"
    raise ValueError(f"<{kind}> has no place in a profile")


def _refuse_text(element: ET.Element) -> None:
    """Raise ValueError for text between the elements in ``element``."""
    around = (element.text or "") + "".join([child.tail or "" for child in element])
    if around.strip():
        raise ValueError(f"there is text between the elements in <{element.tag}>")


def read_profile(content: bytes, name: str) -> ReadFile:
    """Read the bytes of a file; ``name`` is what errors call it.

    Raises Problem when it is not a profile, or has no usable mail account.
    """
    place = Place(printable(name))
    if len(content) > SIZE_LIMIT:
        raise Problem(_("The file is larger than {size} KiB.").format(size=SIZE_LIMIT // 1024), place=place)
    signed = content[:1] == b"\x30"
    try:
        plain = signed_content(content) if signed else content
    except NotSigned:
        raise Problem(_("This is not a profile for Apple devices, or it is encrypted."), place=place) from None
    outer = _any_plist(plain, place)
    payloads = outer.get("PayloadContent") if isinstance(outer, dict) else None
    if not isinstance(payloads, list):
        raise Problem(_("This is not a profile for Apple devices, or it is encrypted."), place=place)
    if len(payloads) > PAYLOAD_LIMIT:
        raise Problem(_("The file has more than {count} parts.").format(count=PAYLOAD_LIMIT), place=place)
    entries = [
        (str(number), payload) for number, payload in enumerate(payloads, 1) if _is(payload, "com.apple.mail.managed")
    ]
    if not entries:
        raise without_accounts([], name)
    read = file_of(ID, entries, _account, name)
    exchange = [_text(payload, "Host") for payload in payloads if _is(payload, "com.apple.eas.account")]
    others = tuple(exchange_left_out(host) for host in exchange)
    return replace(read, skipped=(*read.skipped, *others), signed=signed)


def _is(payload: object, kind: str) -> bool:
    return isinstance(payload, dict) and payload.get("PayloadType") == kind


def _any_plist(content: bytes, place: Place) -> Any:
    """The property list; None for anything that is none. plistlib itself refuses declarations of entities.

    Raises Problem for XML in an encoding that nobody knows.
    """
    import plistlib
    from xml.parsers.expat import ExpatError

    try:
        return plistlib.loads(content)
    except (ExpatError, ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError):
        return None  # plistlib.InvalidFileException is a ValueError; the others are what damaged files get from it
    except LookupError:
        raise Problem(_("This is not valid XML: {reason}.").format(reason=_("unknown encoding")), place=place) from None


def _text(payload: dict[str, Any], key: str) -> str:
    value = payload.get(key)
    return value if isinstance(value, str) else ""


def _account(payload: dict[str, Any]) -> ReadAccount:
    """An account. Where neither the address nor a user name is in it, the device asks, and it is for anybody."""
    protocol = _TYPES.get(_text(payload, "EmailAccountType"))
    if protocol is None:
        raise Problem(_("The type of the account is not known."))
    incoming = _server(payload, "Incoming", protocol)
    servers = [incoming]
    if _text(payload, "OutgoingMailServerHostName"):
        servers.append(_server(payload, "Outgoing", Protocol.SMTP))
    address = one_line(_text(payload, "EmailAddress"))
    asks = not address and not any(server.username for server in servers)
    if asks:
        servers = [server.with_username(EMAIL_ADDRESS) if _lacks_user(server) else server for server in servers]
    name = one_line(_text(payload, "EmailAccountName"))
    return ReadAccount(
        address=parse_address(address) if address else None,
        label=printable(_text(payload, "EmailAccountDescription"), 60),
        # Servers that make such files for everybody write their own name where the person's belongs.
        display_name="" if name in {server.hostname for server in servers} else name,
        incoming=incoming_among(servers),
        outgoing=outgoing_among(servers),
        incomplete=incomplete_among(servers),
        unfilled=asks,
    )


def _lacks_user(server: WrittenServer) -> TypeGuard[IncompleteServer]:
    return isinstance(server, IncompleteServer) and server.username is None


def _server(payload: dict[str, Any], side: str, protocol: Protocol) -> WrittenServer:
    start = f"{side}MailServer"
    method = METHODS.get(_text(payload, start + "Authentication"))
    if method is None:
        raise Problem(_("A server has a type, a security or a log-in that is not known."))
    encrypted = payload.get(start + "UseSSL", False)  # the default of Apple's schema
    port = payload.get(start + "PortNumber")
    if port is not None and (not isinstance(port, int) or isinstance(port, bool)):
        raise Problem(_("A port is not a number."))
    security: SocketType | None = SocketType.STARTTLS if port in _UPGRADE_PORTS else SocketType.SSL
    if encrypted is not True:
        # Only a boolean decides: anything else must not turn encryption off.
        security = SocketType.PLAIN if encrypted is False else None
    return written_server(
        protocol,
        hostname=_text(payload, start + "HostName"),
        port=None if port is None else max(0, port),
        socket_type=security,
        username=_text(payload, start + "Username"),
        authentication=(method,),
    )


class NotSigned(Exception):
    """The bytes are not signed data with content."""


def signed_content(data: bytes) -> bytes:
    """The content of CMS SignedData (RFC 5652) in DER or BER; raises NotSigned.

    The signature is not verified here: that requires roots to trust, and the settings are to be seen before.
    """
    try:
        content_type, explicit, *_ = read_element(data, ber=True).parts(SEQUENCE)
        if content_type.expect(OID).content != SIGNED_DATA:
            raise NotSigned("other data than signed")
        (signed_data,) = explicit.parts(_EXPLICIT)
        version, algorithms, content, *_ = signed_data.parts(SEQUENCE)
        version.expect(INTEGER)
        algorithms.expect(SET)
        inner_type, explicit, *_ = content.parts(SEQUENCE)
        inner_type.expect(OID)
        (octets,) = explicit.parts(_EXPLICIT)
        return octets.octets()
    except ValueError as error:  # DerError, or an element that is missing
        raise NotSigned(str(error)) from error


PROGRAM = Program(
    id=ID,
    read=read_profile,
    signs=Signs(
        # A signature begins with a sequence (0x30, also the digit 0) and a length that is not ASCII.
        starts=lambda head: head.startswith(b"bplist0") or (head[:1] == b"\x30" and head[1:2] > b"\x7f"),
        roots=frozenset({"plist"}),
        name=re.compile(r".*\.mobileconfig", re.IGNORECASE),
    ),
    forms={
        "profile": Form(
            write=_write,
            check=_check,
            reason_against=_reason_against,
            values=_values,
            joined=_joined,
            can_be_signed=True,
        ),
    },
)
