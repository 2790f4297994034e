"""Rules made for one test: the questions, answers and texts of the built-in file with other points and vetoes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from people import RULES

from wizard.advice.rules import NO_POINTS, SCORED, Condition, Rules, VetoRule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wizard.advice.rules import Group, Points
    from wizard.model.recommendation import Option


def small_rules(
    *,
    base: Points = NO_POINTS,
    points: Mapping[str, Mapping[str, Points]] | None = None,
    groups: tuple[Group, ...] = (),
    vetoes: tuple[VetoRule, ...] = (),
) -> Rules:
    """Rules in which only the answers of ``points`` count, and only ``vetoes`` rule out."""
    outcomes = {
        option: replace(outcome, base=dict(zip(SCORED, base, strict=True)).get(option, 0))
        for option, outcome in RULES.outcomes.items()
    }
    factors = {
        key: {
            value: replace(factor, points=(points or {}).get(key, {}).get(value, NO_POINTS))
            for value, factor in of_key.items()
        }
        for key, of_key in RULES.factors.items()
    }
    return replace(RULES, outcomes=outcomes, factors=factors, groups=groups, vetoes=vetoes)


def condition(**values: str) -> Condition:
    """Holds when each key has one of the values named with spaces between."""
    return Condition(tuple((key, frozenset(words.split())) for key, words in values.items()))


def veto(kind: str, *exclude: Option, unless: tuple[Condition, ...] = (), **values: str) -> VetoRule:
    """A rule that excludes the outcomes when :func:`condition` holds; its key is the first one."""
    return VetoRule(
        kind=kind,
        exclude=exclude,
        key=next(iter(values)),
        when=condition(**values),
        unless=unless,
        text=f"{kind} {' '.join(values)}",
        source="",
    )
