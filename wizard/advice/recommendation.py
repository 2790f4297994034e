"""The recommendation for a set of answers, and its JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wizard.advice.evaluation import evaluate
from wizard.advice.explanation import explain
from wizard.advice.question_order import choose_question
from wizard.advice.rules_file import load_rules

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from wizard.advice.rules import Rules
    from wizard.model.recommendation import Reason, Recommendation

SCHEMA = 1


def recommend(
    answers: Mapping[str, str],
    *,
    rules: Rules | None = None,
    declined: Collection[str] = (),
) -> Recommendation:
    """The advice for ``answers`` (question key -> value), in the active language.

    Keys that the rules do not list count for nothing, as absent ones do. ``declined`` keys (“I don't know”) are
    never the next question. Raises Problem for a value that the rules do not know.
    """
    evaluation = evaluate(rules if rules is not None else load_rules(), answers)
    changes = evaluation.changes(evaluation.rules.keys)
    following = choose_question(evaluation, answers, declined=declined, changes=changes)
    return explain(evaluation, changes, next_question=following)


def recommendation_document(recommendation: Recommendation) -> dict[str, Any]:
    """The document of ``recommend --json`` (docs/recommendation.md) as plain data for ``json.dumps``."""
    protocol, runner_up = recommendation.protocol, recommendation.runner_up
    return {
        "schema": SCHEMA,
        "recommendation": recommendation.option.value,
        "protocol": protocol.value if protocol is not None else None,
        "leave_days": recommendation.leave_days,
        "confidence": recommendation.confidence.value,
        "runner_up": runner_up.value if runner_up is not None else None,
        "scores": {option.value: score for option, score in recommendation.scores.items()},
        "reasons": [_reason_document(reason) for reason in recommendation.reasons],
        "against": [_reason_document(reason) for reason in recommendation.against],
        "vetoes": [
            {"option": veto.option.value, "kind": veto.kind, "key": veto.key, "text": veto.text}
            for veto in recommendation.vetoes
        ],
        "would_change": [
            {"key": change.key, "value": change.value, "to": change.to.value} for change in recommendation.would_change
        ],
        "warnings": [{"code": warning.code, "text": warning.text} for warning in recommendation.warnings],
        "next_question": recommendation.next_question,
    }


def _reason_document(reason: Reason) -> dict[str, Any]:
    return {"key": reason.key, "answer": reason.answer, "points": reason.points, "text": reason.text}
