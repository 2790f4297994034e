"""Messages to the user: notices, and errors that the user can correct, with a place and an exit code."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from wizard.language import translate as _

if TYPE_CHECKING:
    from collections.abc import Iterable


class ExitCode(IntEnum):
    """The exit codes of the command, as docs/exit-codes.md promises them to scripts."""

    DONE = 0
    UNEXPECTED = 1
    USAGE = 2
    INPUT_NEEDED = 3
    NOTHING_DISCOVERED = 4
    NETWORK = 5
    LOGIN_REFUSED = 6
    OUTPUT_EXISTS = 7
    NOTHING_EXPORTED = 8
    HUNG_UP = 129
    INTERRUPTED = 130
    TERMINATED = 143


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is wrong: a file (or what stands for one), a line counted from 1, a key."""

    file: str | None = None
    line: int | None = None
    key: str | None = None

    def __str__(self) -> str:
        parts = []
        if self.file is not None:
            parts.append(self.file)
        if self.line is not None:
            parts.append(_("line {line}").format(line=self.line))
        if self.key is not None:
            parts.append(self.key)
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence for the user with a code for scripts: what warnings and questions of consent are made of.

    ``code`` is stable and documented; ``text`` is a finished sentence in the active language.
    """

    code: str
    text: str


class Problem(Exception):
    """An error that the user can correct. ``text`` is one finished sentence in the active language."""

    exit_code = ExitCode.USAGE

    def __init__(self, text: str, *, place: Place | None = None, exit_code: ExitCode | None = None) -> None:
        super().__init__(text)
        self.text = text
        self.place = place
        if exit_code is not None:
            self.exit_code = exit_code

    def __str__(self) -> str:
        return self.text if self.place is None or not str(self.place) else f"{self.place}: {self.text}"


class InputNeeded(Problem):
    """Something must be asked, and asking is not allowed (``--no-input``, no terminal)."""

    exit_code = ExitCode.INPUT_NEEDED


class NothingDiscovered(Problem):
    """No server is known for the address."""

    exit_code = ExitCode.NOTHING_DISCOVERED


class OutputExists(Problem):
    """A file is in the way, and ``--force`` was not given."""

    exit_code = ExitCode.OUTPUT_EXISTS


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that ``word`` was most likely meant to be, or None when none is close."""
    from difflib import get_close_matches

    by_folded = {name.casefold(): name for name in known}
    found = get_close_matches(word.casefold(), list(by_folded), n=1, cutoff=0.5)
    return by_folded[found[0]] if found else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A sentence that helps after an unknown word: the nearest known one, or all of them."""
    words = list(known)
    found = nearest(word, words)
    if found is not None:
        return _("Did you mean {word}?").format(word=found)
    return _("It can be: {words}.").format(words=", ".join(words))
