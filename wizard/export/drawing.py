"""A QR code drawn: as a path for pages, as SVG and PNG files, and with the characters of a terminal.

The PNG is written here, unpacked bits in stored blocks: what compression makes differs from one zlib to another, and
the same code shall be the same bytes everywhere.
"""

from __future__ import annotations

import re
import struct
import zlib
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

QUIET = 4
"""Modules of white around the code, without which a camera does not find it (ISO/IEC 18004)."""

MODULE = 8
"""Pixels of a module in a PNG file, each way."""

_RUN = re.compile("1+")


@dataclass(frozen=True, slots=True)
class ScanCode:
    """A QR code to draw: ``size`` modules each way with the white around it; ``path`` fills the dark ones (SVG)."""

    size: int
    path: str


def scan_code(text: str) -> ScanCode:
    """The QR code of ``text`` as UTF-8; at least error correction L, and more where it costs no space."""
    rows = _rows(text)
    path = []
    for y, row in enumerate(rows):
        path += [f"M{run.start()} {y}h{len(run.group())}v1h-{len(run.group())}z" for run in _RUN.finditer(row)]
    return ScanCode(len(rows), "".join(path))


def svg_of(text: str, title: str) -> bytes:
    """The code as an SVG file that needs nothing else; ``title`` is what a screen reader says."""
    from html import escape

    code = scan_code(text)
    side = code.size * MODULE
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{side}" height="{side}" viewBox="0 0 {code.size} {code.size}" '
        'role="img" stroke="none" shape-rendering="crispEdges">\n'
        f"<title>{escape(title)}</title>\n"
        f'<rect width="{code.size}" height="{code.size}" fill="#fff"/>\n'
        f'<path d="{code.path}" fill="#000"/>\n'
        "</svg>\n"
    ).encode()


def png_of(text: str) -> bytes:
    """The code as a PNG file, black and white, one bit a pixel."""
    rows = _rows(text)
    side = len(rows) * MODULE
    lines = []
    for row in rows:
        # A dark module is 0; eight pixels make a byte, so that every module is one.
        line = b"\0" + bytes(0x00 if one == "1" else 0xFF for one in row)
        lines.append(line * MODULE)
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", _stored(b"".join(lines))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _stored(data: bytes) -> bytes:
    """``data`` as a zlib stream (RFC 1950) of stored blocks (RFC 1951 section 3.2.4)."""
    blocks = [data[at : at + 65535] for at in range(0, len(data), 65535)]
    made = b"\x78\x01"
    for number, block in enumerate(blocks, 1):
        made += struct.pack("<BHH", number == len(blocks), len(block), len(block) ^ 0xFFFF) + block
    return made + struct.pack(">I", zlib.adler32(data))


def terminal_lines(text: str, *, color: bool) -> list[str]:
    """The code in half blocks, two modules a character: :func:`scan_code` columns wide, half as many lines.

    With ``color`` black on white whatever the terminal's own colours are; without, light on the terminal's background,
    which has to be dark.
    """
    rows = _rows(text)
    rows += ["0" * len(rows)] if len(rows) % 2 else []
    # What is drawn is what is light, except on white, where it is what is dark.
    signs = (" ▄", "▀█") if color else ("█▀", "▄ ")
    start, end = ("\x1b[38;5;16;48;5;231m", "\x1b[0m") if color else ("", "")
    pairs = zip(rows[::2], rows[1::2], strict=True)
    return [
        start + "".join(signs[int(up)][int(down)] for up, down in zip(above, below, strict=True)) + end
        for above, below in pairs
    ]


@lru_cache(maxsize=8)
def _matrix(text: str) -> tuple[str, ...]:
    # Bytes: of a text, segno would make ISO 8859-1 when it can, which the reader does not expect.
    code = _encoder().encode(text.encode(), error="l", micro=False)
    return tuple("".join("1" if one else "0" for one in row) for row in code.matrix)


def _encoder() -> ModuleType:
    """The encoder of segno alone: the whole of it brings in the HTTP client of the standard library, and ssl."""
    import sys
    from importlib.util import find_spec, module_from_spec

    spec = find_spec("segno")
    if "segno" not in sys.modules and spec is not None:
        sys.modules["segno"] = module_from_spec(spec)  # the package, not executed
        try:
            from segno import encoder
        finally:
            del sys.modules["segno"]
        return encoder
    from segno import encoder

    return encoder


def _rows(text: str) -> list[str]:
    """Rows of modules with the white around them: 1 is dark."""
    inner = ["0" * QUIET + row + "0" * QUIET for row in _matrix(text)]
    white = ["0" * len(inner[0])] * QUIET
    return [*white, *inner, *white]
