"""From answers to an outcome: points are added up, vetoes rule out, the best of what is left wins."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from wizard.advice.rules import NO_POINTS, SCORED, add, subtract
from wizard.language import translate as _
from wizard.model.problems import Problem, did_you_mean
from wizard.model.recommendation import Confidence, Option
from wizard.model.text import printable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from wizard.advice.rules import Factor, Group, LeaveRule, Points, Rules, VetoRule

LAST_RESORT = (Option.IMAP, Option.POP_KEEP, Option.IMAP_ARCHIVE, Option.POP)
"""Which outcome is left when safety rules out all that the provider offers: the one that takes least away."""


class Alternative(NamedTuple):
    """What another answer to one question would lead to."""

    factor: Factor
    option: Option


@dataclass(frozen=True)
class Evaluation:
    """What ``rules`` make of ``answers``, which have keys and values of the rules only.

    ``sums`` are the points that the answers of each group give together, before they are capped; ``vetoes`` are those
    that hold, in the order of the file.
    """

    rules: Rules
    answers: Mapping[str, str]
    sums: Mapping[Group, Points]
    points: Points
    vetoes: tuple[VetoRule, ...]
    option: Option

    @property
    def scores(self) -> dict[Option, int]:
        """The points by outcome."""
        return dict(zip(SCORED, self.points, strict=True))

    @cached_property
    def not_offered(self) -> frozenset[Option]:
        """What a fact of the provider rules out."""
        return frozenset(option for veto in self.vetoes if veto.kind == "fact" for option in veto.exclude)

    @cached_property
    def offered(self) -> tuple[Option, ...]:
        """The outcomes that no fact of the provider rules out."""
        return tuple(option for option in SCORED if option not in self.not_offered)

    @cached_property
    def ruled_out(self) -> frozenset[Option]:
        """What facts and answers rule out, whatever the missing answers are."""
        return frozenset(option for veto in self.vetoes if not self.for_now(veto) for option in veto.exclude)

    def for_now(self, veto: VetoRule) -> bool:
        """Whether ``veto``, which holds, is a rule of safety that a missing answer may lift."""
        return veto.kind != "fact" and veto.assumed(self.answers)

    def best_rival(self, excluded: Collection[Option]) -> Option | None:
        """The outcome with most points beside the winner and ``excluded``."""
        scores = self.scores
        rivals = [option for option in SCORED if option is not self.option and option not in excluded]
        return max(rivals, key=scores.__getitem__, default=None)

    @property
    def runner_up(self) -> Option | None:
        """The best rival that no veto rules out; else the best that only a missing answer rules out; else None."""
        excluded = {option for veto in self.vetoes for option in veto.exclude}
        return self.best_rival(excluded) or self.best_rival(self.ruled_out)

    @property
    def confidence(self) -> Confidence:
        """How far the winner leads. A rival that only a missing answer rules out counts; where safety overruled more
        points, it is never clear.
        """
        if self.option is Option.NONE:
            return Confidence.CLEAR
        scores, clear, leaning = self.scores, self.rules.clear, self.rules.leaning
        rival, overruled = self.best_rival(self.ruled_out), self.best_rival(self.not_offered)
        lead = scores[self.option] - scores[rival] if rival is not None else clear
        if overruled is not None and scores[overruled] > scores[self.option]:
            lead = min(lead, leaning)
        if lead >= clear:
            return Confidence.CLEAR
        return Confidence.LEANING if lead >= leaning else Confidence.CLOSE

    @property
    def leave_rule(self) -> LeaveRule | None:
        """The first rule on how long messages stay that holds; None unless they stay for a time."""
        if self.option is not Option.POP_KEEP:
            return None
        return next((rule for rule in self.rules.leave_days if rule.when.holds(self.answers)), None)

    def alternatives(self, keys: Iterable[str]) -> Iterator[Alternative]:
        """Every answer to ``keys`` that is not the present one, with the outcome to which it alone would lead.

        Only what depends on the key is evaluated again: the points of its group, and the vetoes that name it.
        """
        rules = self.rules
        for key in keys:
            present, group = self.answers.get(key), rules.group_of[key]
            of_other_groups = subtract(self.points, group.capped(self.sums[group]))
            of_other_keys = subtract(self.sums[group], rules.factors[key][present].points if present else NO_POINTS)
            changed = dict(self.answers)
            excluded_anyway = {option for veto in self.vetoes if key not in veto.keys for option in veto.exclude}
            for value, factor in rules.factors[key].items():
                if value == present:
                    continue
                changed[key] = value
                points = add(of_other_groups, group.capped(add(of_other_keys, factor.points)))
                excluded = excluded_anyway.copy()
                for veto in rules.vetoes_on[key]:
                    if veto.holds(changed):
                        excluded.update(veto.exclude)
                yield Alternative(factor, choose(rules, changed, points, excluded))

    def changes(self, keys: Iterable[str]) -> list[Alternative]:
        """The :meth:`alternatives` that lead to another outcome."""
        return [alternative for alternative in self.alternatives(keys) if alternative.option is not self.option]


def evaluate(rules: Rules, given: Mapping[str, str]) -> Evaluation:
    """What ``rules`` make of ``given``; keys without factors count for nothing. Raises Problem for an unknown value."""
    answers = {key: value for key, value in given.items() if key in rules.factors}
    sums = dict.fromkeys(rules.group_of.values(), NO_POINTS)
    for key, value in answers.items():
        group = rules.group_of[key]
        sums[group] = add(sums[group], find_factor(rules, key, value).points)
    points = rules.base
    for group, total in sums.items():
        points = add(points, group.capped(total))
    vetoes = tuple(veto for veto in rules.vetoes if veto.holds(answers))
    excluded = {option for veto in vetoes for option in veto.exclude}
    return Evaluation(rules, answers, sums, points, vetoes, choose(rules, answers, points, excluded))


def find_factor(rules: Rules, key: str, value: str) -> Factor:
    """What the answer ``value`` to ``key`` counts. Raises Problem for a value that the rules do not know."""
    factors = rules.factors[key]
    if value not in factors:
        raise Problem(
            _("“{value}” is not an answer to {key}.").format(value=printable(str(value), 60), key=key)
            + " "
            + did_you_mean(str(value), tuple(factors))
        )
    return factors[value]


def choose(rules: Rules, answers: Mapping[str, str], points: Points, excluded: Collection[Option]) -> Option:
    """The outcome with most points that is not excluded; the earlier one of :data:`SCORED` in a tie."""
    best, most = None, 0
    for option, score in zip(SCORED, points, strict=True):
        if option not in excluded and (best is None or score > most):
            best, most = option, score
    return best or last_resort(rules, answers)


def last_resort(rules: Rules, answers: Mapping[str, str]) -> Option:
    """What is left where everything is ruled out: what facts allow and takes least away, else no mail program."""
    facts = [veto for veto in rules.vetoes if veto.kind == "fact" and veto.holds(answers)]
    return next((option for option in LAST_RESORT if not any(option in veto.exclude for veto in facts)), Option.NONE)
