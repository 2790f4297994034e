"""A QR code as a picture: drawn as a path for pages, as SVG and PNG files and for a terminal, and read from a picture.

segno computes the modules, and every file is compared with them before it is handed over. The PNG is written here,
unpacked bits in stored blocks: what compression makes differs from one zlib to another, and the same code shall be the
same bytes everywhere. A code in a picture is found by the optional package zxing-cpp.
"""

from __future__ import annotations

import re
import struct
import zlib
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from wizard.language import translate as _
from wizard.model.problems import Place, Problem
from wizard.model.text import printable
from wizard.programs.elements import read_tree
from wizard.programs.png import SIGNATURE, read_png
from wizard.programs.program import Mismatch

if TYPE_CHECKING:
    from types import ModuleType

QUIET = 4
"""Modules of white around the code, without which a camera does not find it (ISO/IEC 18004)."""

MODULE = 8
"""Pixels of a module in a PNG file, each way."""

LARGEST = 177 + 2 * 20
"""Modules each way: those of the largest code, and room for white."""

_RUN = re.compile("1+")
_DRAWN_RUN = re.compile(r"M(\d{1,3}) (\d{1,3})h(\d{1,3})v1h-\3z")


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
    drawn = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{side}" height="{side}" viewBox="0 0 {code.size} {code.size}" '
        'role="img" stroke="none" shape-rendering="crispEdges">\n'
        f"<title>{escape(title)}</title>\n"
        f'<rect width="{code.size}" height="{code.size}" fill="#fff"/>\n'
        f'<path d="{code.path}" fill="#000"/>\n'
        "</svg>\n"
    ).encode()
    _require_drawn(text, modules_in_svg(drawn, "svg"))
    return drawn


def png_of(text: str) -> bytes:
    """The code as a PNG file, black and white, one bit a pixel."""
    rows = _rows(text)
    side = len(rows) * MODULE
    lines = []
    for row in rows:
        # A dark module is 0; eight pixels make a byte, so that every module is one.
        line = b"\0" + bytes(0x00 if sign == "1" else 0xFF for sign in row)
        lines.append(line * MODULE)
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", _stored(b"".join(lines))), (b"IEND", b""))
    drawn = SIGNATURE + b"".join(_chunk(kind, data) for kind, data in chunks)
    _require_drawn(text, [[value == 0 for value in row] for row in read_png(drawn, "png").rows], MODULE)
    return drawn


def _require_drawn(text: str, modules: list[list[bool]], scale: int = 1) -> None:
    """Raise Mismatch unless ``modules``, each drawn ``scale`` times, are those that segno computes for ``text``."""
    if modules != _scaled([[sign == "1" for sign in row] for row in _rows(text)], scale):
        raise Mismatch("the picture does not show the code")


def _scaled(modules: list[list[bool]], scale: int) -> list[list[bool]]:
    """Each of ``modules`` ``scale`` times, both ways."""
    return [[dark for dark in row for _column in range(scale)] for row in modules for _line in range(scale)]


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _stored(data: bytes) -> bytes:
    """``data`` as a zlib stream (RFC 1950) of stored blocks (RFC 1951 section 3.2.4)."""
    blocks = [data[start : start + 65535] for start in range(0, len(data), 65535)]
    stream = b"\x78\x01"
    for number, block in enumerate(blocks, 1):
        stream += struct.pack("<BHH", number == len(blocks), len(block), len(block) ^ 0xFFFF) + block
    return stream + struct.pack(">I", zlib.adler32(data))


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
    return tuple("".join("1" if module else "0" for module in row) for row in code.matrix)


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


def text_of_picture(content: bytes, name: str) -> str:
    """The text of the one QR code in a picture, SVG of this program or any PNG; ``name`` is what errors call it.

    Raises Problem, also where the package zxing-cpp, which finds the code, is not installed.
    """
    if content.startswith(SIGNATURE):
        rows = read_png(content, name).rows
    else:
        drawn = modules_in_svg(content, name)
        rows = [[0 if dark else 255 for dark in row] for row in _scaled(drawn, MODULE)]
    return _text_in(rows, name)


def modules_in_svg(content: bytes, name: str) -> list[list[bool]]:
    """The modules of a drawing, dark ones true, as this program draws them: runs in one path. Raises Problem."""
    root = read_tree(content, name)
    box = re.fullmatch(r"0 0 (\d{1,3}) \1", root.attributes.get("viewBox", ""))
    paths = [path.attributes.get("d", "") for path in root.all("path")] if root.name == "svg" else []
    size = int(box.group(1)) if box is not None else 0
    if len(paths) != 1 or not 21 <= size <= LARGEST:
        raise _no_code(name)
    rows = [[False] * size for _row in range(size)]
    length_read = 0
    for found in _DRAWN_RUN.finditer(paths[0]):
        x, y, length = (int(number) for number in found.groups())
        if y >= size or x + length > size:
            raise _no_code(name)
        rows[y][x : x + length] = [True] * length
        length_read += len(found.group())
    if length_read != len(paths[0]):
        raise _no_code(name)
    return rows


def _no_code(name: str) -> Problem:
    return Problem(_("There is no QR code in the picture that can be read here."), place=Place(printable(name)))


def _text_in(rows: list[list[int]], name: str) -> str:
    """The text of the one code among these rows of grey values."""
    try:
        import zxingcpp
    except ImportError:
        raise Problem(
            _(
                "To read a QR code from a picture, one more package is needed: install “mail-wizard[pictures]” "
                "instead of “mail-wizard”."
            ),
            place=Place(printable(name)),
        ) from None
    flat = bytes(value for row in rows for value in row)
    found = zxingcpp.read_barcodes(memoryview(flat).cast("B", (len(rows), len(rows[0]))))
    codes = [code for code in found if code.valid and code.format == zxingcpp.BarcodeFormat.QRCode]
    if len(codes) != 1:
        raise _no_code(name)
    try:
        text: str = codes[0].bytes.decode()
    except UnicodeDecodeError:
        raise _no_code(name) from None
    return text
