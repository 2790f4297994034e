"""A QR reader that is none of ours, for what tests see drawn."""

from __future__ import annotations

import zxingcpp


def read_modules(rows: list[list[bool]], *, scale: int = 4) -> str:
    """The text of the one code among ``rows`` of modules, dark ones true, with or without white around them."""
    width = len(rows[0]) + 8
    white = [[False] * width] * 4
    framed = [*white, *([False] * 4 + list(row) + [False] * 4 for row in rows), *white]
    greys = [[0 if dark else 255 for dark in row for _column in range(scale)] for row in framed]
    return read_greys([row for row in greys for _line in range(scale)])


def read_greys(rows: list[list[int]]) -> str:
    """The text of the one code among rows of grey values, 0 (black) to 255."""
    flat = bytes(value for row in rows for value in row)
    found = zxingcpp.read_barcodes(memoryview(flat).cast("B", (len(rows), len(rows[0]))))
    (code,) = [code for code in found if code.valid and code.format == zxingcpp.BarcodeFormat.QRCode]
    return code.bytes.decode()
