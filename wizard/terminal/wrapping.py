"""Text in lines of a width in columns: East Asian letters and most emoji take two, and may be broken between."""

from __future__ import annotations

import re
import textwrap

_PIECES = re.compile(r"\s+|\S+")


def wrap(text: str, width: int, *, first: str = "", rest: str = "", long_words: bool = False) -> list[str]:
    """``text`` in lines of at most ``width`` columns, broken at blanks and between wide characters.

    ``first`` and ``rest`` begin the first line and the others. A word longer than a line, such as a web address, stays
    whole so that it can be copied, unless ``long_words`` may be broken, too.
    """
    if text.isascii():
        return textwrap.wrap(
            text,
            width,
            initial_indent=first,
            subsequent_indent=rest,
            break_long_words=long_words,
            break_on_hyphens=False,
        )
    lines: list[str] = []
    line, blank = "", ""
    for piece in _pieces(text, max(1, width - columns(rest)) if long_words else 0):
        start = rest if lines else first
        if piece.isspace():
            blank = " " * len(piece) if line else ""
        elif line and columns(start + line + blank + piece) > width:
            lines.append(start + line)
            line, blank = piece, ""
        else:
            line, blank = line + blank + piece, ""
    return [*lines, (rest if lines else first) + line] if line else lines


def columns(text: str) -> int:
    """The columns that ``text`` takes on a terminal."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def _pieces(text: str, longest: int) -> list[str]:
    """Blanks and words; each wide character, with what combines with it, is a word. ``longest``: columns of a word."""
    pieces: list[str] = []
    for word in _PIECES.findall(text):
        piece = ""
        for character in word:
            size = columns(character)
            if size == 0 and not piece and pieces:
                pieces[-1] += character
            elif size == 2:
                pieces += [piece, character] if piece else [character]
                piece = ""
            elif longest and columns(piece) >= longest:
                pieces.append(piece)
                piece = character
            else:
                piece += character
        pieces += [piece] if piece else []
    return pieces
