"""The QR code that Thunderbird for Android scans, as SVG: the template gives the payload, the drawing is read back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from wizard.language import translate as _
from wizard.model.servers import AfterDownload, LeavePolicy, Protocol
from wizard.rendering import scan
from wizard.rendering.drawing import svg_of
from wizard.rendering.forms import Mismatch
from wizard.rendering.forms.comparing import require_same

if TYPE_CHECKING:
    from wizard.model.servers import MailAccount


def reason_against(account: MailAccount) -> str | None:
    """What the reader on the phone does not take, and what is too long to scan."""
    return scan.reason_against(account)


def words(_account: MailAccount) -> dict[str, Any]:
    """The numbers of a server."""
    return {"scan_server": scan.scan_server}


def payload(text: str) -> str:
    """The text of the code, from what the template wrote; raises Mismatch when that is no JSON list, or too long."""
    try:
        said = json.loads(text)
    except ValueError as error:
        raise Mismatch(str(error)) from None
    if not isinstance(said, list):
        raise Mismatch("no list")
    made = scan.compact(said)
    if len(made) > scan.LONGEST:
        raise Mismatch(f"{len(made)} characters, more than {scan.LONGEST}")
    return made


def write(text: str) -> bytes:
    """The picture of the code."""
    return svg_of(payload(text), _("QR code for Thunderbird for Android"))


def scanned(content: bytes) -> str:
    """The text of the code in the picture."""
    from wizard.formats.qr_image import text_of_picture

    return text_of_picture(content, "svg")


def check(content: bytes, account: MailAccount) -> None:
    """Read the picture as a file of anybody and compare what it says with the account."""
    from wizard.formats.qr import read_picture
    from wizard.model.problems import Problem

    try:
        code = read_picture(content, "picture")
    except Problem as problem:
        raise Mismatch(str(problem)) from None
    if len(code.accounts) != 1 or (code.number, code.total) != (1, 1):
        raise Mismatch(f"{len(code.accounts)} accounts, code {code.number} of {code.total}")
    leave = LeavePolicy(AfterDownload.KEEP) if account.incoming.protocol is Protocol.POP3 else None
    require_same(code.accounts[0], account, method=scan.method_on_android, leave=leave)
