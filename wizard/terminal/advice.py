"""The advice as a person reads it: the answer first, then why, then what it means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.language import translate as _
from wizard.model.recommendation import Option
from wizard.wording import advice_confidence_label, option_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.model.recommendation import Recommendation
    from wizard.terminal.screen import Screen

SHOWN_REASONS = 3
SHOWN_CHANGES = 3


def show_advice(
    screen: Screen, recommendation: Recommendation, *, unanswered: Sequence[str] = (), in_full: bool = False
) -> None:
    """Print the advice; ``in_full`` adds every reason, what was ruled out, and every answer that would change it.

    ``unanswered`` are the labels of open questions whose answer could still change it.
    """
    rows: list[tuple[str, list[str]]] = [
        (_("Our advice"), [recommendation.headline, f"({advice_confidence_label(recommendation.confidence)})"])
    ]
    count = None if in_full else SHOWN_REASONS
    for label, texts in (
        (_("Because"), [reason.text for reason in recommendation.reasons[:count]]),
        (
            _("Ruled out"),
            list(dict.fromkeys(veto.text for veto in recommendation.vetoes if in_full or veto.kind == "fact")),
        ),
        (_("Against"), [reason.text for reason in recommendation.against]),
        (_("Days"), [recommendation.leave_reason] if recommendation.leave_reason else []),
        (_("Changes if"), _changes(recommendation, in_full=in_full)),
        (_("Still open"), [", ".join(unanswered)] if unanswered else []),
        (_("From now on"), list(recommendation.tomorrow)),
        (_("Please note"), [notice.text for notice in recommendation.warnings]),
    ):
        if texts:
            rows.append((label, texts))
    screen.blank()
    screen.fields(rows)


def _changes(recommendation: Recommendation, *, in_full: bool) -> list[str]:
    shown = recommendation.would_change if in_full else recommendation.would_change[:SHOWN_CHANGES]
    texts = [
        _("{condition}: then {outcome}").format(condition=change.text, outcome=option_label(change.to))
        for change in shown
        if change.text
    ]
    if not texts and recommendation.option is not Option.NONE and in_full:
        return [_("No single other answer would change it.")]
    return texts
