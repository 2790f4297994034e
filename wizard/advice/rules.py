"""The rules of the advice as values: points, vetoes, texts."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from wizard.model.recommendation import Option

if TYPE_CHECKING:
    from collections.abc import Mapping

UNKNOWN = "unknown"
"""Stands in conditions for “no answer”; it is never an answer itself."""

SCORED = (Option.IMAP, Option.IMAP_ARCHIVE, Option.POP_KEEP, Option.POP)
"""The outcomes that get points, in the order of the points and of ties: the one that loses least comes first."""

Points = tuple[int, int, int, int]
"""Points of the outcomes of :data:`SCORED`, in their order."""

NO_POINTS: Points = (0, 0, 0, 0)


def add(left: Points, right: Points) -> Points:
    """The sum, outcome by outcome."""
    return left[0] + right[0], left[1] + right[1], left[2] + right[2], left[3] + right[3]


def subtract(left: Points, right: Points) -> Points:
    """The difference, outcome by outcome."""
    return left[0] - right[0], left[1] - right[1], left[2] - right[2], left[3] - right[3]


@dataclass(frozen=True, slots=True)
class Condition:
    """Holds when each key has one of its values; a key without an answer has the value :data:`UNKNOWN`."""

    values: tuple[tuple[str, frozenset[str]], ...]

    @property
    def keys(self) -> frozenset[str]:
        """The keys on which it depends."""
        return frozenset(key for key, _allowed in self.values)

    def holds(self, answers: Mapping[str, str]) -> bool:
        """Whether it holds for ``answers``."""
        for key, allowed in self.values:  # noqa: SIM110 - all() takes twice as long, and this runs often
            if answers.get(key, UNKNOWN) not in allowed:
                return False
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """What one answer of one question counts.

    ``share`` of 100 people give this answer; ``why`` and ``but`` are message ids by the outcome that won.
    """

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
    def keys(self) -> frozenset[str]:
        """The keys on which it depends."""
        return self.when.keys.union(*(condition.keys for condition in self.unless))

    def holds(self, answers: Mapping[str, str]) -> bool:
        """Whether it holds for ``answers``."""
        if not self.when.holds(answers):
            return False
        for condition in self.unless:  # noqa: SIM110 - as above
            if condition.holds(answers):
                return False
        return True

    def assumed(self, answers: Mapping[str, str]) -> bool:
        """Whether it holds only because an answer is missing."""
        return not self.when.keys <= answers.keys()


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


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Questions that ask for the same thing: together they add or take at most ``most`` points per outcome."""

    keys: tuple[str, ...]
    most: int

    def capped(self, points: Points) -> Points:
        """The sum ``points`` of its answers, kept within ``most``."""
        if -self.most <= min(points) and max(points) <= self.most:
            return points
        first, second, third, fourth = (max(-self.most, min(self.most, value)) for value in points)
        return first, second, third, fourth


@dataclass(frozen=True, slots=True)
class Interview:
    """``core`` keys are asked first, ``known`` ones never; at most ``most`` questions come before a result.

    ``early`` keys come before all others as soon as their answer alone can change the result.
    """

    core: tuple[str, ...]
    most: int
    known: frozenset[str]
    early: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, eq=False)
class Rules:
    """A whole scoring file. ``factors`` are by question and answer, ``plausible`` are all keys in that order."""

    outcomes: Mapping[Option, Outcome]
    factors: Mapping[str, Mapping[str, Factor]]
    groups: tuple[Group, ...]
    vetoes: tuple[VetoRule, ...]
    warnings: tuple[WarningRule, ...]
    leave_days: tuple[LeaveRule, ...]
    clear: int
    leaning: int
    plausible: tuple[str, ...]
    interview: Interview
    guides: Mapping[str, str]

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the questions that count."""
        return tuple(self.factors)

    def values(self, key: str) -> tuple[str, ...]:
        """The answers to ``key`` that count; raises KeyError."""
        return tuple(self.factors[key])

    @cached_property
    def base(self) -> Points:
        """The points before any answer."""
        first, second, third, fourth = (self.outcomes[option].base for option in SCORED)
        return first, second, third, fourth

    @cached_property
    def group_of(self) -> Mapping[str, Group]:
        """The group of each key; those that are in none make one without a limit."""
        grouped = {key: group for group in self.groups for key in group.keys}
        ungrouped = Group(tuple(key for key in self.factors if key not in grouped), sys.maxsize)
        return {key: grouped.get(key, ungrouped) for key in self.factors}

    @cached_property
    def vetoes_on(self) -> Mapping[str, tuple[VetoRule, ...]]:
        """For each key the vetoes that depend on it."""
        return {key: tuple(veto for veto in self.vetoes if key in veto.keys) for key in self.factors}
