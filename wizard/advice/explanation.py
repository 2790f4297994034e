"""Why this outcome: the difference to the next one, in sentences that are true for the outcome they stand beside."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wizard.advice.rules import SCORED
from wizard.language import translate as _
from wizard.model.notice import Notice
from wizard.model.recommendation import Change, Option, Reason, Veto

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from wizard.advice.compiled import State
    from wizard.advice.rules import LeaveRule, Points, Rules
    from wizard.model.recommendation import Recommendation

    Flip = tuple[int, int, Option]

BASE_KEY = "base"
"""The key of the reason that no answer gives: what speaks for the outcome before anything is known."""

ENOUGH_REASONS = 2
MORE_REASONS = 2
"""How many reasons are added that do not tell the winner from the runner-up, but from another outcome: why IMAP at all,
why anything leaves the mailbox. Their points, those of the difference to the runner-up, are 0."""


def explain_choice(
    plain: Recommendation,
    rules: Rules,
    state: State,
    answers: Mapping[str, str],
    flips: Sequence[Flip],
    *,
    leave: LeaveRule | None,
    next_question: str | None,
) -> Recommendation:
    """``plain`` with everything that is told to the person, in the active language."""
    outcome = rules.outcomes[plain.option]
    reasons, against = _for_and_against(plain, rules, state, answers)
    days = plain.leave_days

    def told(message: str) -> str:
        text = _(message)
        return text.replace("{days}", str(days)) if days is not None else text

    return replace(
        plain,
        headline=told(outcome.headline),
        reasons=tuple(Reason(one.key, one.answer, one.points, told(one.text)) for one in reasons),
        against=tuple(Reason(one.key, one.answer, one.points, told(one.text)) for one in against),
        vetoes=_vetoes(rules, state, answers),
        would_change=_changes(rules, answers, flips),
        warnings=tuple(
            Notice(rule.code, _(rule.text))
            for rule in rules.warnings
            if plain.option in rule.options and rule.when.holds(answers)
        ),
        tomorrow=tuple(told(one.text) for one in outcome.tomorrow if one.when.holds(answers)),
        leave_reason=told(leave.text) if leave is not None else None,
        next_question=next_question,
    )


def contributions(rules: Rules, answers: Mapping[str, str]) -> dict[str, Points]:
    """What each answer really adds to each outcome: where a group is capped, its smallest parts are cut first."""
    parts = {key: rules.lines[key][value].points for key, value in answers.items()}
    for group in rules.groups:
        members = [key for key in group.keys if key in parts]
        for place in range(len(SCORED)):
            total = sum([parts[key][place] for key in members])
            excess, sign = abs(total) - group.most, 1 if total > 0 else -1
            if excess <= 0:
                continue
            for key in sorted(members, key=lambda key: abs(parts[key][place])):
                cut = min(parts[key][place] * sign, excess)
                if cut > 0:
                    excess -= cut
                    parts[key] = _changed(parts[key], place, parts[key][place] - sign * cut)
    return parts


def _changed(points: Points, place: int, value: int) -> Points:
    one, two, three, four = (value if here == place else point for here, point in enumerate(points))
    return one, two, three, four


def _for_and_against(
    plain: Recommendation, rules: Rules, state: State, answers: Mapping[str, str]
) -> tuple[list[Reason], list[Reason]]:
    """The reasons, strongest first, and the one honest thing that speaks against the winner."""
    winner, outcome = plain.option, rules.outcomes[plain.option]
    if winner is Option.NONE:
        return [], []
    place = SCORED.index(winner)
    rival, others = _rivals(plain, rules, state)
    speaking: list[Reason] = []
    opposing: list[Reason] = []
    besides: list[tuple[int, Reason]] = []
    for key, points in contributions(rules, answers).items():
        line = rules.lines[key][answers[key]]
        difference = points[place] - points[rival] if rival is not None else 0
        if difference > 0:
            speaking.append(Reason(key, line.value, difference, line.why.get(winner) or outcome.why))
        elif difference < 0:
            opposing.append(Reason(key, line.value, difference, line.but.get(winner) or outcome.but))
        elif winner in line.why and (strength := points[place] - min([points[other] for other in others])) > 0:
            besides.append((strength, Reason(key, line.value, 0, line.why[winner])))
    speaking.sort(key=lambda one: -one.points)
    first = _overruling(plain, rules, state, answers)
    speaking.sort(key=lambda one: one.key not in first)
    besides.sort(key=lambda one: -one[0])
    speaking += [reason for _strength, reason in besides[:MORE_REASONS]]
    if len(speaking) < ENOUGH_REASONS:
        lead = outcome.base - rules.outcomes[SCORED[rival]].base if rival is not None else 0
        if lead > 0 or not speaking:
            speaking.append(Reason(BASE_KEY, winner.value, max(lead, 0), outcome.why))
    worst = min(opposing, key=lambda one: one.points, default=Reason(BASE_KEY, winner.value, 0, outcome.but))
    return _once(speaking), [worst]


def _once(reasons: Iterable[Reason]) -> list[Reason]:
    """The reasons without a sentence that was said already."""
    return list({one.text: one for one in reversed(list(reasons))}.values())[::-1]


def _rivals(plain: Recommendation, rules: Rules, state: State) -> tuple[int | None, list[int]]:
    """The runner-up, and all outcomes that are offered, as places in the points.

    Where safety leaves no runner-up, the best outcome that is offered stands in for it.
    """
    facts = {option for veto in rules.fired(state) if veto.kind == "fact" for option in veto.exclude}
    offered = [option for option in SCORED if option not in facts]
    others = [option for option in offered if option is not plain.option]
    rival = plain.runner_up or max(others, key=lambda option: plain.scores[option], default=None)
    return (SCORED.index(rival) if rival is not None else None), [SCORED.index(option) for option in offered]


def _overruling(plain: Recommendation, rules: Rules, state: State, answers: Mapping[str, str]) -> set[str]:
    """Keys of the answers for whose sake safety set aside an outcome with more points than the winner."""
    return {
        veto.key
        for veto in rules.fired(state)
        if veto.kind == "safety"
        and veto.key in answers
        and any(plain.scores[option] > plain.scores[plain.option] for option in veto.exclude)
    }


def _vetoes(rules: Rules, state: State, answers: Mapping[str, str]) -> tuple[Veto, ...]:
    """What is ruled out and why; what only a missing answer rules out is told where nothing else does.

    Where the provider does not offer an outcome, there is no more to say about it.
    """
    sure: list[Veto] = []
    assumed: list[Veto] = []
    fired = rules.fired(state)
    missing = {option for rule in fired if rule.kind == "fact" for option in rule.exclude}
    for rule in fired:
        text, for_now = _(rule.text), rule.kind != "fact" and rule.assumed(answers)
        (assumed if for_now else sure).extend(
            Veto(option, rule.kind, rule.key, text)
            for option in rule.exclude
            if option is not state.option and (rule.kind == "fact" or option not in missing)
        )
    told = {veto.option for veto in sure}
    for veto in assumed:
        if veto.option not in told:
            told.add(veto.option)
            sure.append(veto)
    return tuple(sure)


def _changes(rules: Rules, answers: Mapping[str, str], flips: Sequence[Flip]) -> tuple[Change, ...]:
    """Every single other answer that would change the outcome, the most plausible first; never a fact looked up."""
    compiled = rules.compiled
    rank = {compiled.place[key]: number for number, key in enumerate(rules.plausible)}
    found = []
    for key, number, to in flips:
        name = compiled.keys[key]
        if name in rules.interview.known and name in answers:
            continue
        line = rules.lines[name][compiled.values[key][number - 1]]
        found.append((rank[key], -line.share, number, Change(name, line.value, to, _(line.condition))))
    found.sort(key=lambda one: one[:3])
    return tuple(one[3] for one in found)
