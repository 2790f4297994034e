"""The standard streams of the process: closed, full or gone, and characters that their encoding lacks.

- A stream that is closed is opened again, on nothing: a file that is opened later would get its number, and what is
  meant for a person would be written into it.
- Standard output that cannot be written ends the run with one sentence on standard error (:class:`OutputLost`); a
  reader that went away ends it without a word (:class:`ReaderGone`).
- Standard error that cannot be written is given up: there is nowhere left to say so.
- A character that the encoding of a stream lacks is replaced in a readable way.
"""

from __future__ import annotations

import codecs
import errno
import io
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

    from typing_extensions import Buffer

READABLE = "mail-wizard-readable"
"""The name of the error handler that replaces characters."""

_SIMPLE = {
    **dict.fromkeys("“”„«»″", '"'),
    **dict.fromkeys("‘’‚‹›′", "'"),
    **dict.fromkeys("–—−‐‑‒―─━", "-"),
    **dict.fromkeys("│┃┊", "|"),
    **dict.fromkeys("┌┐└┘├┤┬┴┼╭╮╯╰", "+"),
    **dict.fromkeys("•·●◦▪", "*"),
    **dict.fromkeys("▶►▸❯", ">"),
    **dict.fromkeys("◀◄◂❮", "<"),
    **dict.fromkeys("\u00a0\u2009\u202f", " "),
    "…": "...",
    "→": "->",
    "←": "<-",
    "⇒": "=>",
    "✓": "+",
    "✔": "+",
    "✗": "x",
    "✘": "x",
    "○": "o",
    "◉": "*",
    "€": "EUR",
    "ß": "ss",
    "æ": "ae",
    "Æ": "AE",
    "œ": "oe",
    "Œ": "OE",
    "ø": "o",
    "Ø": "O",
    "ł": "l",
    "Ł": "L",
}


class ReaderGone(Exception):
    """The reader of standard output has closed it (``| head``)."""


class OutputLost(Exception):
    """Standard output is closed or full; ``reason`` is that of the operating system."""

    def __init__(self, number: int | None) -> None:
        self.closed = number == errno.EBADF
        self.reason = os.strerror(number) if number is not None else ""
        super().__init__(self.reason)


def prepare() -> None:
    """Make the standard streams of this process what the rest of it relies on."""
    closed = [number for number in range(3) if not _is_open(number)]
    for _number in closed:
        os.open(os.devnull, os.O_RDWR)  # the lowest number that is free
    codecs.register_error(READABLE, _readable)
    if 0 in closed or sys.stdin is None:
        sys.stdin = io.TextIOWrapper(io.BufferedReader(_Nothing()), encoding="utf-8")
    if sys.platform == "win32":
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors=READABLE)
        return
    sys.stdout = _rebuilt(sys.stdout, 1, _Closed(1, "w") if 1 in closed else _Product(1, "w"))
    sys.stderr = _rebuilt(sys.stderr, 2, _Messages(2, "w"))


def give_up() -> None:
    """What is left in the buffers goes nowhere: the interpreter would complain at its end."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.close(nothing)
    raw = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    if isinstance(raw, _Product):
        raw.lost = True


def is_unicode(stream: TextIO | None) -> bool:
    """Whether every character can be written to ``stream``."""
    return (getattr(stream, "encoding", None) or "utf-8").lower().startswith("utf")


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


class _Nothing(io.RawIOBase):
    """Standard input that is closed: nobody types, and reading it fails."""

    def readable(self) -> bool:
        return True

    def readinto(self, _buffer: Buffer) -> int:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))


class _Product(io.FileIO):
    """Standard output: what fails says why, once."""

    lost = False

    def __init__(self, number: int, mode: str) -> None:
        super().__init__(number, mode, closefd=False)

    def write(self, data: Buffer) -> int:
        if self.lost:
            return memoryview(data).nbytes
        try:
            return super().write(data) or 0
        except BrokenPipeError:
            raise ReaderGone from None
        except OSError as error:
            raise OutputLost(error.errno) from None


class _Closed(_Product):
    """Standard output that is closed."""

    def write(self, data: Buffer) -> int:
        if self.lost:
            return memoryview(data).nbytes
        raise OutputLost(errno.EBADF)


class _Messages(io.FileIO):
    """Standard error: what cannot be written is not."""

    def __init__(self, number: int, mode: str) -> None:
        super().__init__(number, mode, closefd=False)

    def write(self, data: Buffer) -> int:
        try:
            return super().write(data) or 0
        except OSError:
            return memoryview(data).nbytes


class _Text(io.TextIOWrapper):
    """A text stream whose ASCII click believes: it takes a stream that says “ascii” for one that was set up wrongly,
    and writes UTF-8 into it.
    """

    @property
    def encoding(self) -> str:  # type: ignore[override] # nothing here sets it
        name = super().encoding
        return "ascii-readable" if codecs.lookup(name).name == "ascii" else name


def _rebuilt(stream: TextIO | None, number: int, raw: io.FileIO) -> io.TextIOWrapper:
    """A text stream on ``raw`` that encodes as ``stream`` did, and writes lines at once where ``stream`` did."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    lines = number == 2 or raw.isatty() or os.environ.get("PYTHONUNBUFFERED", "") != ""
    return _Text(io.BufferedWriter(raw), encoding=encoding, errors=READABLE, line_buffering=lines, write_through=False)


def _readable(error: UnicodeError) -> tuple[str, int]:
    """The error handler: quotation marks, dashes and arrows in ASCII, letters without their accents, else “?”."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    from unicodedata import combining, normalize

    text = ""
    for character in error.object[error.start : error.end]:
        plain = _SIMPLE.get(character)
        if plain is None:
            letters = normalize("NFKD", character)
            plain = "".join(letter for letter in letters if letter.isascii() and not combining(letter)) or "?"
        text += plain
    return text, error.end
