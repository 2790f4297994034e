"""Apple's configuration profile: the template gives JSON, plistlib writes it, so that no escaping can go wrong.

Source of the keys and their types: Apple's published schema (TopLevel, CommonPayloadKeys, com.apple.mail.managed).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from wizard.export.forms import Mismatch
from wizard.language import translate as _
from wizard.model.servers import AuthenticationMethod, Protocol, SocketType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.model.servers import MailAccount, Server

CAN_BE_SIGNED = True

AUTHENTICATION = {
    AuthenticationMethod.PASSWORD_CLEARTEXT: "EmailAuthPassword",
    AuthenticationMethod.PASSWORD_ENCRYPTED: "EmailAuthCRAMMD5",
    AuthenticationMethod.NTLM: "EmailAuthNTLM",
    AuthenticationMethod.NONE: "EmailAuthNone",
    AuthenticationMethod.CLIENT_IP_ADDRESS: "EmailAuthNone",
}
_MUST_NOT = ("IncomingPassword", "OutgoingPassword", "SMIMEEnabled", "PreventMove", "PayloadRemovalDisallowed")
_TLS_PORTS = (993, 995, 465)
_UPGRADE_PORTS = (143, 110, 587, 25)


def reason_against(account: MailAccount) -> str | None:
    """A profile says "use TLS" in one word for both ways of it; the device goes by the port."""
    for server in (account.incoming, account.outgoing):
        upgrade_on_tls = server.socket_type is SocketType.STARTTLS and server.port in _TLS_PORTS
        tls_on_upgrade = server.socket_type is SocketType.SSL and server.port in _UPGRADE_PORTS
        if upgrade_on_tls or tls_on_upgrade:
            return _(
                "A profile cannot say {security} on port {port}: the device decides by the port. Add the account in "
                "the device's own settings, with the values of the card."
            ).format(security=server.socket_type.value, port=server.port)
    return None


def authentication_word(server: Server) -> str:
    """The first method of ``server`` that a profile has a word for."""
    return next(AUTHENTICATION[one] for one in server.authentication if one in AUTHENTICATION)


def write(text: str) -> bytes:
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


def joined(contents: Sequence[bytes], accounts: Sequence[MailAccount]) -> tuple[bytes, ...]:
    """One profile with a payload for each account, under an identity that is theirs together."""
    import plistlib

    from wizard.export.identity import identity_of_several

    read = [plistlib.loads(one) for one in contents]
    identifier, uuid = identity_of_several([one.address for one in accounts])
    shown = ", ".join(one.address.unicode for one in accounts)
    outer = {
        **read[0],
        "PayloadIdentifier": identifier,
        "PayloadUUID": uuid,
        "PayloadDisplayName": _("E-mail for %(address)s") % {"address": shown},
        "PayloadDescription": _("Sets up the mailboxes {addresses} in Mail. It holds no password.").format(
            addresses=shown
        ),
        "PayloadContent": [inner for one in read for inner in one["PayloadContent"]],
    }
    if len({one.get("PayloadOrganization") for one in read}) > 1:
        del outer["PayloadOrganization"]
    content = plistlib.dumps(outer, sort_keys=True)
    _check_all(content, accounts)
    return (content,)


def check(content: bytes, account: MailAccount) -> None:
    """Read the profile and compare every value with the account."""
    _check_all(content, [account])


def _check_all(content: bytes, accounts: Sequence[MailAccount]) -> None:
    from wizard.export.forms.plist import read_plist

    try:
        outer = read_plist(content)
        payloads = outer["PayloadContent"]
        for inner, account in zip(payloads, accounts, strict=True):
            _compare(inner, _expected(account))
        _compare(outer, {"PayloadType": "Configuration", "PayloadVersion": 1})
        uuids = [one["PayloadUUID"] for one in (outer, *payloads)]
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
        "EmailAccountType": "EmailTypePOP" if incoming.protocol is Protocol.POP3 else "EmailTypeIMAP",
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
