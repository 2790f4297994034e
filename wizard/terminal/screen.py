"""What a person reads, laid out for 40 to 80 columns: labels on the left, text on the right, never cut off."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, TextIO

from wizard.model.text import printable
from wizard.terminal.wrapping import columns, wrap

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import Console
    from rich.live import Live

WIDEST = 80
NARROW = 56
"""Columns below which a label gets a line of its own."""


class Screen:
    """A stream for people. Text is printed as it is (no markup) once its control characters are gone.

    ``margin``: columns left free on the left, so that it stands in line with the questions.
    """

    def __init__(self, stream: TextIO, *, color: bool, plain: bool = False, margin: int = 0) -> None:
        self.stream = stream
        self.color = color
        self.plain = plain
        self.margin = margin
        self._made: Console | None = None

    @property
    def width(self) -> int:
        """Columns to use: the terminal's, 80 at most, 20 at least."""
        return max(20, min(WIDEST, shutil.get_terminal_size((WIDEST, 24)).columns))

    def _console(self) -> Console:
        if self._made is None:
            self._made = self._new_console(redraws=self.color)
        self._made.width = self.width
        return self._made

    def _new_console(self, *, redraws: bool) -> Console:
        return _console_class()(
            file=self.stream,
            force_terminal=redraws,
            color_system="standard" if self.color else None,
            no_color=not self.color,
            width=self.width,
            highlight=False,
            markup=False,
            emoji=False,
            legacy_windows=False,
        )

    @property
    def redraws(self) -> bool:
        """Whether what was written may be written over: a terminal, and nobody who asked for plain lines."""
        return not self.plain and self.stream.isatty() and os.environ.get("TERM") != "dumb"

    @property
    def for_people(self) -> bool:
        """Whether somebody reads along: at a terminal, or with the plain lines that were asked for."""
        return self.plain or self.stream.isatty()

    def live(self) -> Live:
        """A region that is drawn anew until it is left, and then gone."""
        from rich.live import Live

        return Live(console=self._new_console(redraws=True), auto_refresh=False, transient=True)

    def blank(self) -> None:
        """An empty line."""
        self._console().print()

    def say(self, text: str, *, style: str = "", indent: int = 0) -> None:
        """A paragraph, wrapped."""
        start = " " * (self.margin + indent)
        for paragraph in text.split("\n"):
            self._print(paragraph, start, style=style)

    def title(self, text: str) -> None:
        """A line that begins a part."""
        self.blank()
        self.say(text, style="bold")

    def fields(self, rows: Iterable[tuple[str, Sequence[str]]], *, label_width: int = 14) -> None:
        """Labels with one or more paragraphs each; below :data:`NARROW` columns the text goes under its label."""
        narrow = self.plain or self.width < NARROW
        for label, texts in rows:
            above = narrow or len(label) > label_width
            if above:
                self.say(label, style="bold")
            column = self.margin + (2 if narrow else label_width + 2)
            start = " " * column if above else (" " * self.margin + label).ljust(column)
            for text in texts:
                self._print(text, start, bold_start=True)
                start = " " * column

    def steps(self, texts: Sequence[str], *, indent: int = 2) -> None:
        """Numbered steps with a hanging indent; one step stands without a number."""
        width = self.margin + indent + 2
        for number, text in enumerate(texts, start=1):
            sign = f"{number}." if len(texts) > 1 else "-"
            self._print(text, sign.rjust(width) + " ")

    def _print(self, text: str, start: str, *, style: str = "", bold_start: bool = False) -> None:
        """``text`` wrapped behind ``start``, with nothing after the last word of a line: it may be copied or piped."""
        from rich.text import Text

        # A word longer than the line, such as a web address, stays whole so that it can be copied.
        column = len(start)
        lines = wrap(_clean(text), max(10, self.width - len(start)))
        for number, line in enumerate(lines or [""]):
            if number or not start.strip():  # what is too long for its column moves to the left, to be broken less
                start = " " * max(self.margin, min(column, self.width - columns(line)))
            whole = Text(start, style="bold" if bold_start else "") + Text(line, style=style)
            whole.rstrip()
            self._console().print(whole, no_wrap=True, overflow="ignore", crop=False)
            start = " " * column


def _console_class() -> type[Console]:
    from rich.console import Console

    class Printing(Console):
        def on_broken_pipe(self) -> None:
            # rich would end the program with 1: a reader that goes away (| head) is no error.
            raise BrokenPipeError

    return Printing


def _clean(text: str) -> str:
    return printable(text, 4000)
