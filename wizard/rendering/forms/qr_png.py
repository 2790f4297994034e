"""The same QR code as :mod:`wizard.rendering.forms.qr_svg`, as PNG."""

from __future__ import annotations

from wizard.rendering.drawing import png_of
from wizard.rendering.forms.qr_svg import check, payload, reason_against, words

__all__ = ["check", "reason_against", "words", "write"]


def write(text: str) -> bytes:
    """The picture of the code."""
    return png_of(payload(text))
