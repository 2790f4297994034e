"""Answers and where they come from; a value object without any file or question behind it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

ABOUT: Final = ("address", "name", "clients")
"""Keys that say whose mailbox it is and what files are wanted; they are no questions and count for no advice."""


class Origin(StrEnum):
    """Where an answer comes from, in the order of truth: an earlier one wins."""

    TYPED = "typed"
    SET = "set"
    FILE = "file"
    RESUMED = "resumed"
    DISCOVERED = "discovered"
    DEFAULT = "default"


_RANK: Final = {origin: rank for rank, origin in enumerate(Origin)}
PERSONAL: Final = frozenset({Origin.TYPED, Origin.SET, Origin.FILE, Origin.RESUMED})
"""Origins of what a person said; the others are looked up or assumed, anew in each run."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A value (for ``clients``: ids with commas between) and its origin."""

    value: str
    origin: Origin


def _nothing() -> Mapping[str, Answer]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Answers:
    """What is known so far. Never changed: each change makes a new one. ``declined``: keys with “I don't know”."""

    items: Mapping[str, Answer] = field(default_factory=_nothing)
    declined: frozenset[str] = frozenset()

    def get(self, key: str) -> str | None:
        """The value of ``key``, or None."""
        found = self.items.get(key)
        return None if found is None else found.value

    def origin(self, key: str) -> Origin | None:
        """Where the value of ``key`` comes from, or None."""
        found = self.items.get(key)
        return None if found is None else found.origin

    def values(self) -> dict[str, str]:
        """The answers to questions alone, as the scoring takes them."""
        return {key: answer.value for key, answer in self.items.items() if key not in ABOUT}

    @property
    def address(self) -> str | None:
        return self.get("address")

    @property
    def name(self) -> str | None:
        return self.get("name")

    @property
    def clients(self) -> tuple[str, ...]:
        """The ids of the formats that are wanted; empty when nothing was said."""
        joined = self.get("clients")
        return tuple(joined.split(",")) if joined else ()

    def with_(self, key: str, value: str, origin: Origin) -> Answers:
        """With this answer, whatever there was before; ``key`` is not declined any more."""
        items = {**self.items, key: Answer(value, origin)}
        return Answers(MappingProxyType(items), self.declined - {key})

    def without(self, key: str) -> Answers:
        """As if ``key`` had never been asked."""
        items = {name: answer for name, answer in self.items.items() if name != key}
        return Answers(MappingProxyType(items), self.declined - {key})

    def without_origin(self, origin: Origin) -> Answers:
        """Without the answers that come from ``origin``."""
        items = {key: answer for key, answer in self.items.items() if answer.origin is not origin}
        return Answers(MappingProxyType(items), self.declined)

    def decline(self, key: str) -> Answers:
        """With “I don't know” for ``key``."""
        return Answers(self.without(key).items, self.declined | {key})

    def merged(self, other: Answers) -> Answers:
        """Both together: for each key the answer with the better origin, this one's when they are equal.

        An answer wins over “I don't know”.
        """
        items = dict(other.items)
        for key, answer in self.items.items():
            if key not in items or _RANK[answer.origin] <= _RANK[items[key].origin]:
                items[key] = answer
        return Answers(MappingProxyType(items), (self.declined | other.declined) - items.keys())

    def personal(self) -> Answers:
        """What the person said, without what was looked up or assumed."""
        items = {key: answer for key, answer in self.items.items() if answer.origin in PERSONAL}
        return Answers(MappingProxyType(items), self.declined)

    def __bool__(self) -> bool:
        return bool(self.items or self.declined)

    def __reduce__(self) -> tuple[object, ...]:
        return _answers, (dict(self.items), self.declined)  # a read-only mapping cannot be pickled


def _answers(items: dict[str, Answer], declined: frozenset[str]) -> Answers:
    return Answers(MappingProxyType(items), declined)
