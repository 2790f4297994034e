"""The QR code that Thunderbird for Android scans, as SVG: the template gives the payload, the drawing is read back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from wizard.export import scan
from wizard.export.drawing import svg_of
from wizard.export.forms import Mismatch
from wizard.export.forms.comparing import require_same
from wizard.language import translate as _
from wizard.model.servers import AfterDownload, LeavePolicy, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wizard.model.servers import MailAccount
    from wizard.programs.account import ReadAccount


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
    return _draw(payload(text))


def _draw(text: str) -> bytes:
    return svg_of(text, _("QR code for Thunderbird for Android"))


def joined(contents: Sequence[bytes], accounts: Sequence[MailAccount]) -> tuple[bytes, ...]:
    """As few codes as hold all accounts, in order."""
    return joined_codes(contents, accounts, _draw)


def joined_codes(
    contents: Sequence[bytes], accounts: Sequence[MailAccount], draw: Callable[[str], bytes]
) -> tuple[bytes, ...]:
    """As few codes as hold what ``contents`` say, each drawn by ``draw`` and read back."""
    parts = [json.loads(scanned(one))[2:] for one in contents]
    pictures = tuple(draw(text) for text in scan.codes_of(parts))
    _check_codes(pictures, accounts)
    return pictures


def _check_codes(pictures: Sequence[bytes], accounts: Sequence[MailAccount]) -> None:
    from wizard.model.problems import Problem
    from wizard.programs.qr import read_picture

    try:
        codes = [read_picture(one, "picture") for one in pictures]
    except Problem as problem:
        raise Mismatch(str(problem)) from None
    if [(one.number, one.total) for one in codes] != [(at, len(codes)) for at in range(1, len(codes) + 1)]:
        raise Mismatch("the codes are not numbered in order")
    found = [account for code in codes for account in code.accounts]
    if len(found) != len(accounts):
        raise Mismatch(f"{len(found)} accounts, not {len(accounts)}")
    for read, account in zip(found, accounts, strict=True):
        _require_same(read, account)


def _require_same(read: ReadAccount, account: MailAccount) -> None:
    leave = LeavePolicy(AfterDownload.KEEP) if account.incoming.protocol is Protocol.POP3 else None
    require_same(read, account, method=scan.method_on_android, leave=leave)


def scanned(content: bytes) -> str:
    """The text of the code in the picture."""
    from wizard.programs.qr_image import text_of_picture

    return text_of_picture(content, "svg")


def check(content: bytes, account: MailAccount) -> None:
    """Read the picture as a file of anybody and compare what it says with the account."""
    _check_codes([content], [account])
