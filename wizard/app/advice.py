"""The advice as a person reads it: the answer first, then why, then what it means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.language import translate as _
from wizard.model.recommendation import Confidence, Option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.model.recommendation import Recommendation
    from wizard.terminal.screen import Screen

SHOWN_REASONS = 3
SHOWN_CHANGES = 3


def confidence_in_words(recommendation: Recommendation) -> str:
    """How sure the advice is, as words."""
    return {
        Confidence.CLEAR: _("a clear case"),
        Confidence.LEANING: _("leaning this way"),
        Confidence.CLOSE: _("a close call: the other way is fine too"),
    }[recommendation.confidence]


def name_of(option: Option) -> str:
    """An outcome in few words, with the technical word that mail programs show."""
    return {
        Option.IMAP: _("IMAP: the mail stays on the server"),
        Option.IMAP_ARCHIVE: _("IMAP, with old mail moved to this computer"),
        Option.POP_KEEP: _("POP3 that leaves messages on the server for some days"),
        Option.POP: _("POP3: download the mail and clear the server"),
        Option.NONE: _("no mail program: this provider does not let one in"),
    }[option]


def show_advice(
    screen: Screen, recommendation: Recommendation, *, unanswered: Sequence[str] = (), in_full: bool = False
) -> None:
    """Print the advice; ``in_full`` adds every reason, what was ruled out, and every answer that would change it.

    ``unanswered`` are the labels of open questions whose answer could still change it.
    """
    rows: list[tuple[str, list[str]]] = [
        (_("Our advice"), [recommendation.headline, f"({confidence_in_words(recommendation)})"])
    ]
    count = None if in_full else SHOWN_REASONS
    for label, texts in (
        (_("Because"), [one.text for one in recommendation.reasons[:count]]),
        (
            _("Ruled out"),
            list(dict.fromkeys(one.text for one in recommendation.vetoes if in_full or one.kind == "fact")),
        ),
        (_("Against"), [one.text for one in recommendation.against]),
        (_("Days"), [recommendation.leave_reason] if recommendation.leave_reason else []),
        (_("Different if"), _changes(recommendation, in_full=in_full)),
        (_("Still open"), [", ".join(unanswered)] if unanswered else []),
        (_("From now on"), list(recommendation.tomorrow)),
        (_("Mind"), [one.text for one in recommendation.warnings]),
    ):
        if texts:
            rows.append((label, texts))
    screen.blank()
    screen.fields(rows)


def _changes(recommendation: Recommendation, *, in_full: bool) -> list[str]:
    shown = recommendation.would_change if in_full else recommendation.would_change[:SHOWN_CHANGES]
    texts = [
        _("{condition}: then {outcome}").format(condition=one.text, outcome=name_of(one.to))
        for one in shown
        if one.text
    ]
    if not texts and recommendation.option is not Option.NONE and in_full:
        return [_("No single other answer would change it.")]
    return texts
