"""What the readers of the terminal programs' files share: text out of bytes, within bounds, and places in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.language import translate as _
from wizard.model.problems import Place, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST_FILE = 256 * 1024
"""Bytes; the files that people write by hand over many years stay far below."""


def text_of(content: bytes, file: str) -> str:
    """The text of a file; raises Problem when it is too large, no UTF-8, or binary."""
    if len(content) > LARGEST_FILE:
        raise Problem(_("The file is larger than {count} KiB.").format(count=LARGEST_FILE // 1024), place=Place(file))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Problem(_("The file is no text (UTF-8)."), place=Place(file)) from None
    if "\0" in text:
        raise Problem(_("The file is no text (UTF-8)."), place=Place(file))
    return text.replace("\r\n", "\n")


def numbered(text: str) -> Iterator[tuple[int, str]]:
    """The lines of ``text`` with their numbers from 1; only a line feed ends a line, as these programs have it."""
    return enumerate(text.split("\n"), start=1)


def not_of(program: str, file: str) -> Problem:
    """The problem of a file that holds no account of ``program``."""
    return Problem(_("This is no file of {program} with an account in it.").format(program=program), place=Place(file))
