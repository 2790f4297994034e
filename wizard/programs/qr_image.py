"""A QR code in a picture file: the SVG and PNG that this program writes, and PNG pictures that are as clean as those.

A photograph of a code is none of these; for one the optional package zxing-cpp is asked, where it is installed.
Everything has a limit before anything is unpacked: the size of the file, of the picture, and of what it unpacks to.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wizard.language import translate as _
from wizard.model.problems import Place, Problem
from wizard.model.text import printable
from wizard.programs.png import Picture, read_png
from wizard.programs.qr_matrix import NoCode, text_in

if TYPE_CHECKING:
    from wizard.programs.qr_matrix import Matrix

LARGEST = 177 + 2 * 20
"""Modules each way: those of the largest code, and room for white."""

_RUN = re.compile(r"M(\d{1,3}) (\d{1,3})h(\d{1,3})v1h-\3z")
_PNG = b"\x89PNG\r\n\x1a\n"


def text_of_picture(content: bytes, name: str) -> str:
    """The text of the one QR code in a picture; ``name`` is what errors call the file. Raises Problem."""
    place = Place(printable(name))
    try:
        if not content.startswith(_PNG):
            return text_in(_cropped(_drawn(content, name)))
        picture = read_png(content, name)
        try:
            return text_in(_sampled(picture))
        except NoCode:
            return _photographed(picture)
    except NoCode:
        raise Problem(_("There is no QR code in the picture that can be read here."), place=place) from None


def _drawn(content: bytes, name: str) -> list[list[bool]]:
    """The dark modules of an SVG picture, as this program draws them: runs in one path."""
    from wizard.programs.elements import read_tree

    root = read_tree(content, name)
    box = re.fullmatch(r"0 0 (\d{1,3}) \1", root.attributes.get("viewBox", ""))
    paths = [one.attributes.get("d", "") for one in root.all("path")] if root.name == "svg" else []
    size = int(box.group(1)) if box is not None else 0
    if len(paths) != 1 or not 21 <= size <= LARGEST:
        raise NoCode("the drawing is of another kind")
    rows = [[False] * size for _ in range(size)]
    read = 0
    for found in _RUN.finditer(paths[0]):
        x, y, length = (int(one) for one in found.groups())
        if y >= size or x + length > size:
            raise NoCode("the drawing leaves its frame")
        rows[y][x : x + length] = [True] * length
        read += len(found.group())
    if read != len(paths[0]):
        raise NoCode("the drawing is of another kind")
    return rows


def _cropped(rows: list[list[bool]]) -> Matrix:
    top, left, bottom, right = _frame(rows)
    return [row[left : right + 1] for row in rows[top : bottom + 1]]


def _frame(rows: list[list[bool]]) -> tuple[int, int, int, int]:
    """The first and last row and column with anything dark: top, left, bottom, right."""
    dark = [at for at, row in enumerate(rows) if any(row)]
    if not dark:
        raise NoCode("nothing is dark")
    inside = rows[dark[0] : dark[-1] + 1]
    left = min(row.index(True) for row in inside if True in row)
    right = max(len(row) - 1 - row[::-1].index(True) for row in inside if True in row)
    return dark[0], left, dark[-1], right


def _sampled(picture: Picture) -> Matrix:
    """The modules of a picture that holds nothing but an upright code: the middle of each is looked at."""
    rows = [[value < 128 for value in row] for row in picture.rows]
    top, left, bottom, right = _frame(rows)
    width, height = right - left + 1, bottom - top + 1
    first = rows[top][left : right + 1]
    # The upper edge of the upper left square is seven modules long.
    unit = (first.index(False) if False in first else 0) / 7
    if abs(width - height) > unit or unit < 1:
        raise NoCode("the code does not stand alone, or upright")
    size = round(width / unit)
    if not 21 <= size <= LARGEST:
        raise NoCode(f"{size} modules")
    steps = [(at + 0.5) / size for at in range(size)]
    return [[rows[top + int(y * height)][left + int(x * width)] for x in steps] for y in steps]


def _photographed(picture: Picture) -> str:
    try:
        import zxingcpp
    except ImportError:
        raise NoCode("it is not as clean as a program draws it") from None
    flat = bytes(value for row in picture.rows for value in row)
    found = zxingcpp.read_barcodes(memoryview(flat).cast("B", (len(picture.rows), len(picture.rows[0]))))
    codes = [one for one in found if one.valid and one.format == zxingcpp.BarcodeFormat.QRCode]
    if len(codes) != 1:
        raise NoCode(f"{len(codes)}")
    try:
        text: str = codes[0].bytes.decode()
    except UnicodeDecodeError:
        raise NoCode("not UTF-8") from None
    return text
