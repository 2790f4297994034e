"""Why this outcome: the difference to the next one, in sentences that are true for the outcome they stand beside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.advice.rules import SCORED
from wizard.language import translate as _
from wizard.model.problems import Notice
from wizard.model.recommendation import Change, Option, Reason, Recommendation, Veto

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from wizard.advice.evaluation import Alternative, Evaluation
    from wizard.advice.rules import Points, Rules

BASE_KEY = "base"
"""The key of the reason that no answer gives: what speaks for the outcome before anything is known."""

ENOUGH_REASONS = 2
MORE_REASONS = 2
"""How many reasons are added that do not tell the winner from the runner-up, but from another outcome: why IMAP at all,
why anything leaves the mailbox. Their points, those of the difference to the runner-up, are 0."""


def explain(evaluation: Evaluation, changes: Sequence[Alternative], *, next_question: str | None) -> Recommendation:
    """The recommendation with all its sentences, in the active language.

    ``changes`` are those of all keys; ``next_question`` is passed on.
    """
    rules, answers = evaluation.rules, evaluation.answers
    outcome, leave = rules.outcomes[evaluation.option], evaluation.leave_rule

    def text(message: str) -> str:
        return _(message) if leave is None else _(message).replace("{days}", str(leave.days))

    reasons, against = _reasons(evaluation, text)

    return Recommendation(
        option=evaluation.option,
        confidence=evaluation.confidence,
        scores=evaluation.scores,
        runner_up=evaluation.runner_up,
        leave_days=leave.days if leave is not None else None,
        leave_reason=text(leave.text) if leave is not None else None,
        headline=text(outcome.headline),
        reasons=reasons,
        against=against,
        vetoes=_vetoes(evaluation),
        would_change=_would_change(evaluation, changes),
        warnings=tuple(
            Notice(rule.code, text(rule.text))
            for rule in rules.warnings
            if evaluation.option in rule.options and rule.when.holds(answers)
        ),
        tomorrow=tuple(text(sentence.text) for sentence in outcome.tomorrow if sentence.when.holds(answers)),
        next_question=next_question,
    )


def contributions(rules: Rules, answers: Mapping[str, str]) -> dict[str, Points]:
    """What each answer really adds to each outcome: where a group is capped, its smallest parts are cut first."""
    parts = {key: rules.factors[key][value].points for key, value in answers.items()}
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
    first, second, third, fourth = (value if number == place else old for number, old in enumerate(points))
    return first, second, third, fourth


def _reasons(evaluation: Evaluation, text: Callable[[str], str]) -> tuple[tuple[Reason, ...], tuple[Reason, ...]]:
    """The reasons, strongest first, and the one honest thing that speaks against the winner."""
    rules, answers, winner = evaluation.rules, evaluation.answers, evaluation.option
    if winner is Option.NONE:
        return (), ()
    outcome, place = rules.outcomes[winner], SCORED.index(winner)
    # Where safety leaves no runner-up, the best outcome that is offered stands in for it.
    rival = evaluation.runner_up or evaluation.best_rival(evaluation.not_offered)
    rival_place = place if rival is None else SCORED.index(rival)
    offered = [SCORED.index(option) for option in evaluation.offered]
    supporting: list[Reason] = []
    opposing: list[Reason] = []
    further: list[tuple[int, Reason]] = []
    for key, points in contributions(rules, answers).items():
        factor, difference = rules.factors[key][answers[key]], points[place] - points[rival_place]
        if difference > 0:
            supporting.append(Reason(key, factor.value, difference, text(factor.why.get(winner) or outcome.why)))
        elif difference < 0:
            opposing.append(Reason(key, factor.value, difference, text(factor.but.get(winner) or outcome.but)))
        elif winner in factor.why and (strength := points[place] - min([points[other] for other in offered])) > 0:
            further.append((strength, Reason(key, factor.value, 0, text(factor.why[winner]))))
    overruling = _overruling(evaluation)
    supporting.sort(key=lambda reason: (reason.key not in overruling, -reason.points))
    further.sort(key=lambda pair: -pair[0])
    supporting += [reason for _strength, reason in further[:MORE_REASONS]]
    if len(supporting) < ENOUGH_REASONS:
        lead = 0 if rival is None else outcome.base - rules.outcomes[rival].base
        if lead > 0 or not supporting:
            supporting.append(Reason(BASE_KEY, winner.value, max(lead, 0), text(outcome.why)))
    weak_side = Reason(BASE_KEY, winner.value, 0, text(outcome.but))
    return _without_repetition(supporting), (min(opposing, key=lambda reason: reason.points, default=weak_side),)


def _without_repetition(reasons: Sequence[Reason]) -> tuple[Reason, ...]:
    """The reasons without a sentence that an earlier one has."""
    first: dict[str, Reason] = {}
    for reason in reasons:
        first.setdefault(reason.text, reason)
    return tuple(first.values())


def _overruling(evaluation: Evaluation) -> set[str]:
    """Keys of the answers for whose sake safety set aside an outcome with more points than the winner."""
    scores = evaluation.scores
    better = {option for option in SCORED if scores[option] > scores[evaluation.option]}
    return {
        veto.key
        for veto in evaluation.vetoes
        if veto.kind == "safety" and veto.key in evaluation.answers and not better.isdisjoint(veto.exclude)
    }


def _vetoes(evaluation: Evaluation) -> tuple[Veto, ...]:
    """What is ruled out and why; what only a missing answer rules out is told where nothing else does.

    Where the provider does not offer an outcome, there is no more to say about it.
    """
    certain: list[Veto] = []
    assumed: list[Veto] = []
    for rule in evaluation.vetoes:
        (assumed if evaluation.for_now(rule) else certain).extend(
            Veto(option, rule.kind, rule.key, _(rule.text))
            for option in rule.exclude
            if option is not evaluation.option and (rule.kind == "fact" or option not in evaluation.not_offered)
        )
    explained = {veto.option for veto in certain}
    for veto in assumed:
        if veto.option not in explained:
            explained.add(veto.option)
            certain.append(veto)
    return tuple(certain)


def _would_change(evaluation: Evaluation, changes: Sequence[Alternative]) -> tuple[Change, ...]:
    """Every single other answer that would change the outcome, the most plausible first; never a fact looked up."""
    rules = evaluation.rules
    looked_up = rules.interview.known & evaluation.answers.keys()
    shown = [change for change in changes if change.factor.key not in looked_up]
    shown.sort(key=lambda change: (rules.plausible.index(change.factor.key), -change.factor.share))
    return tuple(Change(factor.key, factor.value, option, _(factor.condition)) for factor, option in shown)
