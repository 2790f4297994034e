"""The JSON of ``recommend --json``, to the letter of docs/recommendation.md."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wizard.model.recommendation import Reason, Recommendation

SCHEMA = 1


def recommendation_document(recommendation: Recommendation) -> dict[str, Any]:
    """The advice as plain data for ``json.dumps``."""
    protocol = recommendation.protocol
    return {
        "schema": SCHEMA,
        "recommendation": recommendation.option.value,
        "protocol": protocol.value if protocol is not None else None,
        "leave_days": recommendation.leave_days,
        "confidence": recommendation.confidence.value,
        "runner_up": recommendation.runner_up.value if recommendation.runner_up is not None else None,
        "scores": {option.value: score for option, score in recommendation.scores.items()},
        "reasons": [_reason(one) for one in recommendation.reasons],
        "against": [_reason(one) for one in recommendation.against],
        "vetoes": [
            {"option": one.option.value, "kind": one.kind, "key": one.key, "text": one.text}
            for one in recommendation.vetoes
        ],
        "would_change": [
            {"key": one.key, "value": one.value, "to": one.to.value} for one in recommendation.would_change
        ],
        "warnings": [{"code": one.code, "text": one.text} for one in recommendation.warnings],
        "next_question": recommendation.next_question,
    }


def _reason(reason: Reason) -> dict[str, Any]:
    return {"key": reason.key, "answer": reason.answer, "points": reason.points, "text": reason.text}
