"""The same QR code as :mod:`wizard.export.forms.qr_svg`, as PNG."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.export.drawing import png_of
from wizard.export.forms.qr_svg import check, joined_codes, payload, reason_against, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.model.servers import MailAccount

__all__ = ["check", "joined", "reason_against", "words", "write"]


def write(text: str) -> bytes:
    """The picture of the code."""
    return png_of(payload(text))


def joined(contents: Sequence[bytes], accounts: Sequence[MailAccount]) -> tuple[bytes, ...]:
    """As few codes as hold all accounts, in order."""
    return joined_codes(contents, accounts, png_of)
