"""The rules as flat numbers, so that a hundred thousand people are advised in seconds.

The four scores live in one integer, sixteen bits each; a set of answers is one integer with a bit per answer (and one
for “no answer”), so a veto is a few bit tests. What one other answer would do is reckoned from the difference alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wizard.advice.rules import SCORED
from wizard.language import translate as _
from wizard.model.problems import Problem, did_you_mean
from wizard.model.recommendation import Option
from wizard.model.text import printable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wizard.advice.rules import Points

_FIELD = 16
_MIDDLE = 0x4000
_BIAS = sum(_MIDDLE << (_FIELD * place) for place in range(4))
_LAST_RESORT = (Option.IMAP, Option.POP_KEEP, Option.IMAP_ARCHIVE, Option.POP)
"""Which outcome is left when safety forbids all that the provider offers: the one that takes least away."""

MOST_LEAD = 1 << _FIELD
"""More than any answer can change: the lead of an outcome that has no rival."""

Masks = tuple[int, ...]


def pack(points: Sequence[int]) -> int:
    """Four points as one integer that can be added to others."""
    return sum(point << (_FIELD * place) for place, point in enumerate(points))


def unpack(packed: int) -> Points:
    """The four points of a sum of packed ones, each within ±16383."""
    biased = packed + _BIAS
    one, two, three, four = (((biased >> (_FIELD * place)) & 0xFFFF) - _MIDDLE for place in range(4))
    return one, two, three, four


@dataclass(frozen=True, slots=True)
class FlatVeto:
    """A veto rule as bit masks: each of ``masks`` must meet the answers, and of no ``unless`` all.

    ``owners`` are the keys of ``masks``, ``keys`` all keys on which the rule depends.
    """

    masks: Masks
    unless: tuple[Masks, ...]
    blocks: int
    fact: bool
    owners: tuple[int, ...]
    keys: tuple[int, ...]

    def fires(self, bits: int) -> bool:
        """Whether the rule holds for the answers ``bits``."""
        for mask in self.masks:
            if not bits & mask:
                return False
        for masks in self.unless:
            for mask in masks:
                if not bits & mask:
                    break
            else:
                return False
        return True


@dataclass(slots=True)
class State:
    """A set of answers, reckoned: the answer of each key (0: none), bits, sums, the numbers of the vetoes that fire."""

    chosen: list[int]
    bits: int
    plain: int
    grouped: list[int]
    fired: list[int]
    blocked: int
    option: Option


@dataclass(frozen=True, slots=True, eq=False)
class Compiled:
    """The rules for one scoring file; made by wizard.advice.compiling.compile_rules.

    ``closing`` is what each answer rules out whatever the others are, ``closed_by`` the vetoes that say so. ``swing``
    is how far another answer to a key can move two outcomes apart. ``linked`` are the vetoes that several keys decide,
    ``guarding`` the safety vetoes that a key can switch, for each outcome that they rule out. ``shares`` are how many
    of 100 people give each answer.
    """

    keys: tuple[str, ...]
    place: dict[str, int]
    values: tuple[tuple[str, ...], ...]
    bits: tuple[tuple[int, ...], ...]
    plain: tuple[tuple[int, ...], ...]
    grouped: tuple[tuple[int, ...], ...]
    group_of: tuple[int, ...]
    most: tuple[int, ...]
    base: int
    vetoes: tuple[FlatVeto, ...]
    closing: tuple[tuple[int, ...], ...]
    closed_by: tuple[tuple[tuple[int, ...], ...], ...]
    swing: tuple[int, ...]
    linked: tuple[int, ...]
    guarding: tuple[tuple[tuple[int, ...], ...], ...]
    shares: tuple[tuple[int, ...], ...]
    capped: list[dict[int, int]] = field(default_factory=list)

    def index(self, key: str, value: str) -> int:
        """The number of ``value`` among the answers to ``key``, from 1. Raises Problem for a value without a line."""
        values = self.values[self.place[key]]
        try:
            return values.index(value) + 1
        except ValueError:
            raise Problem(
                _("“{value}” is no answer to {key}.").format(value=printable(str(value), 60), key=key)
                + " "
                + did_you_mean(str(value), values)
            ) from None

    def state(self, answers: Mapping[str, str]) -> State:
        """Reckon ``answers``; keys without a line count for nothing. Raises Problem for an unknown value."""
        chosen = [0] * len(self.keys)
        for key, value in answers.items():
            if key in self.place:
                chosen[self.place[key]] = self.index(key, value)
        return self.reckon(chosen)

    def reckon(self, chosen: list[int]) -> State:
        """Reckon answers given by their numbers."""
        bits, plain, grouped = 0, self.base, [0] * len(self.most)
        blocked, fired = 0, list[int]()
        for key, number in enumerate(chosen):
            bits |= self.bits[key][number]
            blocked += self.closing[key][number]
            fired += self.closed_by[key][number]
            if number:
                plain += self.plain[key][number]
                if self.group_of[key] >= 0:
                    grouped[self.group_of[key]] += self.grouped[key][number]
        for rule in self.linked:
            veto = self.vetoes[rule]
            if veto.fires(bits):
                fired.append(rule)
                blocked += veto.blocks
        fired.sort()
        option = self.choose(self.total(plain, grouped), blocked, bits)
        return State(chosen, bits, plain, grouped, fired, blocked, option)

    def total(self, plain: int, grouped: Sequence[int]) -> int:
        """The packed scores, each group kept within its cap."""
        for group, packed in enumerate(grouped):
            plain += self.cap(group, packed)
        return plain

    def cap(self, group: int, packed: int) -> int:
        """The packed sum of a group, no outcome getting more or less than the group may give."""
        known = self.capped[group].get(packed)
        if known is None:
            most = self.most[group]
            known = pack([max(-most, min(most, point)) for point in unpack(packed)])
            self.capped[group][packed] = known
        return known

    def choose(self, total: int, blocked: int, bits: int) -> Option:
        """The outcome with most points that nothing blocks; the earlier one of :data:`SCORED` in a tie."""
        biased, best, winner = total + _BIAS, -1, -1
        for place in (0, 1, 2, 3):
            if not (blocked >> (8 * place)) & 0xFF:
                score = (biased >> (_FIELD * place)) & 0xFFFF
                if score > best:
                    best, winner = score, place
        return SCORED[winner] if winner >= 0 else self._last_resort(bits)

    def _last_resort(self, bits: int) -> Option:
        facts = 0
        for veto in self.vetoes:
            if veto.fact and veto.fires(bits):
                facts += veto.blocks
        for option in _LAST_RESORT:
            if not (facts >> (8 * SCORED.index(option))) & 0xFF:
                return option
        return Option.NONE

    def flips(self, state: State, keys: Sequence[int]) -> list[tuple[int, int, Option]]:
        """Those of :meth:`others` that change the outcome. Keys that cannot are passed over."""
        option = state.option
        if option is Option.NONE:
            return [one for one in self.others(state, keys) if one[2] is not option]
        scores, place = unpack(self.total(state.plain, state.grouped)), SCORED.index(option)
        open_rivals = [
            score for rival, score in enumerate(scores) if rival != place and not (state.blocked >> (8 * rival)) & 0xFF
        ]
        lead = scores[place] - max(open_rivals) if open_rivals else MOST_LEAD
        if (state.blocked >> (8 * place)) & 0xFF:  # nothing but a last resort: any answer may change that
            lead = -1
        live, mine = self._live(state.bits), 0xFF << (8 * place)
        worth = [
            key
            for key in keys
            if live[key]
            or self.swing[key] >= lead
            or self.closing[key][state.chosen[key]]
            or any(closed & mine for closed in self.closing[key])
        ]
        return [one for one in self.others(state, worth, live) if one[2] is not option]

    def _live(self, bits: int) -> list[list[tuple[int, FlatVeto]]]:
        """For each key the linked vetoes that one other answer to it can switch: most have two obstacles or more."""
        live: list[list[tuple[int, FlatVeto]]] = [[] for _key in self.keys]
        for rule in self.linked:
            veto = self.vetoes[rule]
            obstacle, several = -1, False
            for mask, key in zip(veto.masks, veto.owners, strict=True):
                if not bits & mask:
                    several = obstacle >= 0
                    obstacle = key
                    if several:
                        break
            if not several:
                for key in veto.keys if obstacle < 0 else (obstacle,):
                    live[key].append((rule, veto))
        return live

    def others(
        self, state: State, keys: Sequence[int], live: list[list[tuple[int, FlatVeto]]] | None = None
    ) -> list[tuple[int, int, Option]]:
        """For each key of ``keys`` and each other answer to it: the outcome. Answers as (key, number, outcome)."""
        results = []
        live = live if live is not None else self._live(state.bits)
        choose = self.choose
        rest = self.total(state.plain, state.grouped)
        for key in keys:
            old, group = state.chosen[key], self.group_of[key]
            choices, plain, closing = self.bits[key], self.plain[key], self.closing[key]
            bits = state.bits ^ choices[old]
            blocked, touching = state.blocked - closing[old], live[key]
            for rule, veto in touching:
                if rule in state.fired:
                    blocked -= veto.blocks
            before = rest - plain[old]
            if group >= 0:
                before -= self.cap(group, state.grouped[group])
                moving = state.grouped[group] - self.grouped[key][old]
            for number in range(1, len(choices)):
                if number == old:
                    continue
                now, closed = bits | choices[number], blocked + closing[number]
                for _rule, veto in touching:
                    if veto.fires(now):
                        closed += veto.blocks
                total = before + plain[number]
                if group >= 0:
                    total += self.cap(group, moving + self.grouped[key][number])
                results.append((key, number, choose(total, closed, now)))
        return results
