"""The QR code on the terminal, for those who read one: black on white where there are colours."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wizard.terminal.screen import Screen


def show_code(screen: Screen, text: str) -> None:
    """Draw the code of ``text``, with an empty line around it.

    Nothing is drawn where it could not be scanned: no terminal, one that is narrower than the code or has no such
    characters, and a screen reader, which would read them out one by one.
    """
    from wizard.export.drawing import scan_code, terminal_lines

    wide = scan_code(text).size <= shutil.get_terminal_size((80, 24)).columns
    if screen.plain or not screen.stream.isatty() or not wide or not _has_blocks(screen):
        return
    screen.blank()
    screen.stream.write("".join(f"{line}\n" for line in terminal_lines(text, color=screen.color)))
    screen.stream.flush()
    screen.blank()


def _has_blocks(screen: Screen) -> bool:
    try:
        "█▀▄".encode(screen.stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
