"""PNG pictures as rows of grey values: as much of the format as pictures of a QR code use, with a limit on everything.

Source: the PNG specification (ISO/IEC 15948). Left out: interlacing, 16 bits a sample. Transparent counts as white.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.language import translate as _
from wizard.model.problems import Place, Problem
from wizard.model.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

SIZE_LIMIT = 4 * 1024 * 1024
"""Bytes of a file."""

PIXEL_LIMIT = 4_000_000
SIDE_LIMIT = 10_000

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""Samples of a pixel by its colour type: grey, colour, palette, grey and colour with transparency."""


@dataclass(frozen=True, slots=True)
class Picture:
    """Rows of grey values, 0 (black) to 255 (white); all rows of the same length."""

    rows: list[list[int]]


@dataclass(frozen=True, slots=True)
class _Head:
    width: int
    height: int
    depth: int
    kind: int

    @property
    def samples(self) -> int:
        return _SAMPLES[self.kind]

    @property
    def line(self) -> int:
        """Bytes of a row."""
        return (self.width * self.samples * self.depth + 7) // 8


def read_png(content: bytes, name: str) -> Picture:
    """Read the bytes of a file; ``name`` is what errors call it. Raises Problem unless it is such a picture."""
    try:
        return _read(content)
    except _Wrong as wrong:
        raise Problem(
            _("This picture cannot be read: {reason}.").format(reason=wrong), place=Place(printable(name))
        ) from None


class _Wrong(Exception):
    pass


def _read(content: bytes) -> Picture:
    if len(content) > SIZE_LIMIT:
        raise _Wrong(_("it is larger than {size} MiB").format(size=SIZE_LIMIT // 1024 // 1024))
    if not content.startswith(SIGNATURE):
        raise _Wrong(_("it is not a PNG picture"))
    head: _Head | None = None
    palette: tuple[int, ...] = ()
    packed = bytearray()
    for kind, data in _chunks(content):
        if kind == b"IHDR" and head is None:
            head = _head(data)
        elif kind == b"PLTE":
            palette = tuple(_grey(*data[start : start + 3]) for start in range(0, len(data) - len(data) % 3, 3))
        elif kind == b"IDAT":
            packed += data
    if head is None or not packed:
        raise _Wrong(_("it is damaged"))
    return Picture([_greys(row, head, palette) for row in _lines(bytes(packed), head)])


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    position = len(SIGNATURE)
    while position + 12 <= len(content):
        length, kind = struct.unpack_from(">I4s", content, position)
        if kind == b"IEND" or length > len(content):
            return
        yield kind, content[position + 8 : position + 8 + length]
        position += 12 + length


def _head(data: bytes) -> _Head:
    if len(data) != 13:
        raise _Wrong(_("it is damaged"))
    width, height, depth, kind, _method, _filter, interlaced = struct.unpack(">IIBBBBB", data)
    if interlaced or kind not in _SAMPLES or depth not in ((1, 2, 4, 8) if kind in (0, 3) else (8,)):
        raise _Wrong(_("it is stored in an unusual way"))
    if not (0 < width <= SIDE_LIMIT and 0 < height <= SIDE_LIMIT and width * height <= PIXEL_LIMIT):
        raise _Wrong(_("it has too many pixels"))
    return _Head(width, height, depth, kind)


def _lines(packed: bytes, head: _Head) -> Iterator[bytes]:
    """The rows with their filters undone. Unpacking stops where the picture ends, however much more there is."""
    wanted = (head.line + 1) * head.height
    try:
        data = zlib.decompressobj().decompress(packed, wanted)
    except zlib.error:
        raise _Wrong(_("it is damaged")) from None
    if len(data) != wanted:
        raise _Wrong(_("it is damaged"))
    step = max(1, head.samples * head.depth // 8)
    above = bytes(head.line)
    for start in range(0, wanted, head.line + 1):
        above = _unfiltered(data[start], data[start + 1 : start + 1 + head.line], above, step)
        yield above


def _unfiltered(kind: int, line: bytes, above: bytes, step: int) -> bytes:
    """A row as it is: each byte was stored as the difference to one that is guessed from its neighbours."""
    if kind == 0:
        return line
    if kind > 4:
        raise _Wrong(_("it is damaged"))
    if kind == 2:
        return bytes((value + up) & 255 for value, up in zip(line, above, strict=True))
    unfiltered = bytearray(step) + line
    for index in range(step, len(unfiltered)):
        left, up = unfiltered[index - step], above[index - step]
        corner = above[index - 2 * step] if index >= 2 * step else 0
        guess = left if kind == 1 else (left + up) // 2 if kind == 3 else _nearest(left, up, corner)
        unfiltered[index] = (unfiltered[index] + guess) & 255
    return bytes(unfiltered[step:])


def _nearest(left: int, up: int, corner: int) -> int:
    guess = left + up - corner
    return min((left, up, corner), key=lambda value: abs(guess - value))


def _greys(line: bytes, head: _Head, palette: tuple[int, ...]) -> list[int]:
    if head.kind == 2:
        return [_grey(*line[start : start + 3]) for start in range(0, len(line), 3)]
    if head.kind in (4, 6):
        step = head.samples
        pixels = (
            (_grey(*line[start : start + step - 1]), line[start + step - 1]) for start in range(0, len(line), step)
        )
        return [255 - (255 - grey) * alpha // 255 for grey, alpha in pixels]
    per_byte, top = 8 // head.depth, (1 << head.depth) - 1
    shifts = [8 - head.depth * (place + 1) for place in range(per_byte)]
    values = [byte >> shift & top for byte in line for shift in shifts][: head.width]
    if head.kind == 0:
        return [value * 255 // top for value in values]
    return [palette[value] if value < len(palette) else 255 for value in values]


def _grey(red: int, green: int | None = None, blue: int | None = None) -> int:
    """How light a colour is (Rec. 601)."""
    if green is None or blue is None:
        return red
    return (299 * red + 587 * green + 114 * blue) // 1000
