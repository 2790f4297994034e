"""What scoring.yaml says, as frozen data: points, vetoes, texts. Reading and checking it is another module."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING

from wizard.model.recommendation import Option

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from wizard.advice.compiled import Compiled, State

FILE = "scoring.yaml"
UNKNOWN = "unknown"
"""Stands in conditions for “no answer”; it is never an answer itself."""

SCORED = (Option.IMAP, Option.IMAP_ARCHIVE, Option.POP_KEEP, Option.POP)
"""The outcomes that get points, in the order of the points and of ties: the one that loses least comes first."""

Points = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Condition:
    """Holds when each key has one of its values; a key without an answer has the value :data:`UNKNOWN`."""

    values: tuple[tuple[str, frozenset[str]], ...]

    def holds(self, answers: Mapping[str, str]) -> bool:
        """Whether it holds for ``answers``."""
        for key, allowed in self.values:  # noqa: SIM110 - all() takes twice as long, and this runs often
            if answers.get(key, UNKNOWN) not in allowed:
                return False
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One answer of one question. ``share`` of 100 people give it; ``why`` and ``but`` are message ids per winner."""

    key: str
    value: str
    points: Points
    share: int
    condition: str
    why: Mapping[Option, str]
    but: Mapping[Option, str]
    source: str


@dataclass(frozen=True, kw_only=True)
class VetoRule:
    """Rules ``exclude`` out when ``when`` holds and none of ``unless`` does. ``kind`` is "fact" or "safety"."""

    kind: str
    exclude: tuple[Option, ...]
    key: str
    when: Condition
    unless: tuple[Condition, ...]
    text: str
    source: str

    @cached_property
    def mentions(self) -> frozenset[str]:
        """The keys on which it depends."""
        return frozenset(key for condition in (self.when, *self.unless) for key, _values in condition.values)

    @cached_property
    def needs(self) -> frozenset[str]:
        """The keys that have to be answered for it to hold for certain."""
        return frozenset(key for key, _values in self.when.values)

    def assumed(self, answers: Mapping[str, str]) -> bool:
        """Whether it holds only because an answer is missing."""
        return not self.needs <= answers.keys()


@dataclass(frozen=True, slots=True)
class WarningRule:
    """A notice for the outcomes ``options`` when ``when`` holds."""

    code: str
    options: frozenset[Option]
    when: Condition
    text: str


@dataclass(frozen=True, slots=True)
class LeaveRule:
    """How many ``days`` messages stay when ``when`` holds; ``text`` says why, with the placeholder {days}."""

    days: int
    when: Condition
    text: str


@dataclass(frozen=True, slots=True)
class Tomorrow:
    """A sentence on daily life, shown when ``when`` holds."""

    text: str
    when: Condition


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is said of an outcome, whatever the answers. ``base`` are its points before any answer."""

    base: int
    headline: str
    why: str
    but: str
    tomorrow: tuple[Tomorrow, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Questions that ask for the same thing: together they add or take at most ``most`` points per outcome."""

    keys: tuple[str, ...]
    most: int


@dataclass(frozen=True, slots=True)
class Interview:
    """``core`` keys are asked first, ``known`` ones never; at most ``most`` questions come before a result.

    ``early`` keys come before all others as soon as their answer alone can change the result.
    """

    core: tuple[str, ...]
    most: int
    known: frozenset[str]
    early: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rules:
    """A whole scoring file. ``compiled`` is the same in the form that is fast to evaluate."""

    outcomes: Mapping[Option, Outcome]
    lines: Mapping[str, Mapping[str, Line]]
    groups: tuple[Group, ...]
    vetoes: tuple[VetoRule, ...]
    warnings: tuple[WarningRule, ...]
    leave_days: tuple[LeaveRule, ...]
    clear: int
    leaning: int
    plausible: tuple[str, ...]
    interview: Interview
    guides: Mapping[str, str]
    compiled: Compiled

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the questions that count."""
        return tuple(self.lines)

    def fired(self, state: State) -> list[VetoRule]:
        """The vetoes that hold for reckoned answers, in the order of the file."""
        return [self.vetoes[number] for number in state.fired]

    def values(self, key: str) -> tuple[str, ...]:
        """The answers to ``key`` that count; raises KeyError."""
        return tuple(self.lines[key])


def load_rules(path: Path | None = None) -> Rules:
    """The rules of the person's own file, or the bundled ones. Raises Problem with file, line and key.

    What an own file leaves out as a whole section (vetoes, warnings, …) is taken from the bundled file; a question that
    it does not list counts for nothing.
    """
    return _bundled() if path is None else _own(path)


@cache
def _bundled() -> Rules:
    from wizard.advice.reading import read_rules
    from wizard.resources.documents import read_document
    from wizard.resources.templates import find_data

    return read_rules(read_document(find_data(FILE), bundled=True), None)


def _own(path: Path) -> Rules:
    from wizard.advice.reading import read_rules
    from wizard.resources.documents import read_document

    return read_rules(read_document(path), _bundled())
