"""What Thunderbird for Android scans: accounts as the text of a QR code, and why an account has none.

Source: “Export for Mobile” QR code format, version 1 (2025-02-06), feature/migration/qrcode/qr-code-format.md of
Thunderbird for Android, and the checks of its reader: one value that it does not know makes it refuse the whole code.
The code holds no password. What becomes of downloaded messages has no word in it.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from wizard.language import translate as _
from wizard.model.servers import AuthenticationMethod, Protocol, SocketType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.model.servers import MailAccount, Server

LONGEST = 800
"""Characters of the text: what Thunderbird itself calls the most that is still easy to scan."""

MOST_ACCOUNTS = 3
"""Accounts of one code, as Thunderbird itself makes them."""

SIGN_IN_PAGES = frozenset(
    {
        "imap.aol.com",
        "smtp.aol.com",
        "imap.fastmail.com",
        "smtp.fastmail.com",
        "imap.gmail.com",
        "imap.googlemail.com",
        "smtp.gmail.com",
        "smtp.googlemail.com",
        "outlook.office365.com",
        "smtp.office365.com",
        "imap.mail.yahoo.com",
        "smtp.mail.yahoo.com",
    }
)
"""The servers, exactly these, whose OAuth2 page Thunderbird for Android knows (its TbOAuthConfigurationFactory)."""

_PROTOCOLS = {Protocol.IMAP: 0, Protocol.POP3: 1, Protocol.SMTP: 0}
# 1 is a leftover of older settings, and read as STARTTLS: never written.
_SECURITY = {SocketType.PLAIN: 0, SocketType.STARTTLS: 2, SocketType.SSL: 3}
# 3 to 5 (Kerberos, NTLM, certificate) have numbers, but the reader on Android refuses them.
_METHODS = {
    AuthenticationMethod.NONE: 0,
    AuthenticationMethod.CLIENT_IP_ADDRESS: 0,
    AuthenticationMethod.PASSWORD_CLEARTEXT: 1,
    AuthenticationMethod.PASSWORD_ENCRYPTED: 2,
    AuthenticationMethod.OAUTH2: 6,
}
_PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@[A-Za-z0-9.-]+")


def scan_text(account: MailAccount) -> str | None:
    """The text of the code for ``account`` alone; None when Thunderbird for Android could not read or use it."""
    if _unreadable(account) is not None:
        return None
    text = compact([1, [1, 1], *_parts(account)])
    return text if len(text) <= LONGEST else None


def scan_texts(accounts: Sequence[MailAccount]) -> tuple[str, ...]:
    """The texts of as few codes as hold all ``accounts``, in their order: each within :data:`LONGEST` characters.

    Call it with accounts only that have a code of their own (:func:`reason_against`).
    """
    return codes_of([_parts(account) for account in accounts])


def codes_of(listed: Sequence[list[Any]]) -> tuple[str, ...]:
    """The texts of as few codes as hold the accounts ``listed``, each as the two parts that a code has of it."""
    groups: list[list[Any]] = []
    for parts in listed:
        # 99 of 99: room for the numbers, which are known at the end only.
        fits = groups and len(groups[-1]) < 2 * MOST_ACCOUNTS and len(compact([1, [99, 99], *groups[-1], *parts]))
        if fits and fits <= LONGEST:
            groups[-1] += parts
        else:
            groups.append(list(parts))
    return tuple(compact([1, [at, len(groups)], *group]) for at, group in enumerate(groups, 1))


def reason_against(account: MailAccount) -> str | None:
    """Why ``account`` has no code, as a finished sentence with a way out; None when it has one."""
    reason = _unreadable(account)
    if reason is None and scan_text(account) is None:
        return _(
            "The code would have more than {count} characters, which no phone scans well; shorten the name, or use the "
            "values of the card."
        ).format(count=LONGEST)
    return reason


def method_on_android(server: Server) -> AuthenticationMethod | None:
    """The first way to log in to ``server`` that the program knows and can use; None when there is none."""
    found = next((one for one in server.authentication if _usable(one, server)), None)
    return AuthenticationMethod.NONE if found is AuthenticationMethod.CLIENT_IP_ADDRESS else found


def scan_server(server: Server) -> list[Any]:
    """A server as the code says it: kind, host, port, security, log-in, user name."""
    method = method_on_android(server)
    assert method is not None, "reason_against comes first"
    kind, security = _PROTOCOLS[server.protocol], _SECURITY[server.socket_type]
    return [kind, str(server.hostname), int(server.port), security, _METHODS[method], server.username]


def compact(payload: list[Any]) -> str:
    """The text of a code: JSON without blanks, letters of any script as they are."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":"))


def _parts(account: MailAccount) -> list[Any]:
    identity = [str(account.address), account.display_name]
    return [scan_server(account.incoming), [[scan_server(account.outgoing), identity]]]


def unusable_on_android(account: MailAccount) -> str | None:
    """Why Thunderbird for Android cannot log in to the servers, as a finished sentence; None when it can."""
    for server in (account.incoming, account.outgoing):
        if method_on_android(server) is None:
            return _(
                "Thunderbird for Android cannot log in to {host} ({methods}) from such a file; add the account there "
                "by its address, or use the values of the card."
            ).format(host=server.hostname, methods=", ".join(server.authentication))
    return None


def _unreadable(account: MailAccount) -> str | None:
    if not _PLAIN_ADDRESS.fullmatch(str(account.address)):
        return _(
            "The code can hold plain addresses only, and {address} is none; type it by hand, with the values of the "
            "card."
        ).format(address=account.address.unicode)
    for server in (account.incoming, account.outgoing):
        if "\r" in server.username or "\n" in server.username or not server.hostname.isascii():
            return _("The code cannot hold the name “{name}”.").format(name=server.hostname)
    return unusable_on_android(account)


def _usable(method: AuthenticationMethod, server: Server) -> bool:
    if method is AuthenticationMethod.OAUTH2:
        return server.hostname in SIGN_IN_PAGES
    return method in _METHODS and (_METHODS[method] > 0 or server.protocol is Protocol.SMTP)
