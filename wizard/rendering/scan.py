"""What Thunderbird for Android scans: an account as its text, and the text as a QR code that a page can draw.

Source: “Export for Mobile” QR code format, version 1 (2025-02-06), feature/migration/qrcode/qr-code-format.md of
Thunderbird for Android, and the checks of its reader: one value that it does not know makes it refuse the whole code.
The code holds no password. What becomes of downloaded messages has no word in it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wizard.model.servers import AuthenticationMethod, Protocol, SocketType

if TYPE_CHECKING:
    from wizard.model.servers import MailAccount, Server

LONGEST = 800
"""Characters of the text: what Thunderbird itself calls the most that is still easy to scan."""

QUIET = 4
"""Modules of white around the code, without which a camera does not find it (ISO/IEC 18004)."""

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

_RUN = re.compile("1+")


@dataclass(frozen=True, slots=True)
class ScanCode:
    """A QR code to draw: ``size`` modules each way with the white around it; ``path`` fills the dark ones (SVG)."""

    size: int
    path: str


def scan_text(account: MailAccount) -> str | None:
    """The text of the code for ``account``; None when Thunderbird for Android could not read or use it."""
    incoming, outgoing = _server(account.incoming), _server(account.outgoing)
    address = str(account.address)
    if incoming is None or outgoing is None or not _PLAIN_ADDRESS.fullmatch(address):
        return None
    payload = [1, [1, 1], incoming, [[outgoing, [address, account.display_name]]]]
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    return text if len(text) <= LONGEST else None


def _server(server: Server) -> list[Any] | None:
    method = next((_METHODS[one] for one in server.authentication if _usable(one, server)), None)
    one_line = "\r" not in server.username and "\n" not in server.username
    if method is None or not one_line or not server.hostname.isascii():
        return None
    kind, security = _PROTOCOLS[server.protocol], _SECURITY[server.socket_type]
    return [kind, str(server.hostname), int(server.port), security, method, server.username]


def _usable(method: AuthenticationMethod, server: Server) -> bool:
    if method is AuthenticationMethod.OAUTH2:
        return server.hostname in SIGN_IN_PAGES
    return method in _METHODS and (_METHODS[method] > 0 or server.protocol is Protocol.SMTP)


def scan_code(text: str) -> ScanCode:
    """The QR code of ``text`` as UTF-8; at least error correction L, and more where it costs no space."""
    import segno

    # Bytes: of a text, segno would make ISO 8859-1 when it can, which the reader does not expect.
    rows = segno.make_qr(text.encode(), error="l").matrix
    path = []
    for y, row in enumerate(rows, QUIET):
        dark = "".join("1" if module else "0" for module in row)
        path += [f"M{run.start() + QUIET} {y}h{len(run.group())}v1h-{len(run.group())}z" for run in _RUN.finditer(dark)]
    return ScanCode(len(rows) + 2 * QUIET, "".join(path))
