"""What the doctor found, for a person: the cause first, then what was seen, then what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.diagnosis.wording import confidence_in_words, where_in_words
from wizard.language import translate as _
from wizard.model.diagnosis import Confidence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.app.screen import Screen
    from wizard.model.diagnosis import Finding


def show_findings(screen: Screen, findings: Sequence[Finding]) -> None:
    """Each finding, the root cause first."""
    for one in findings:
        screen.blank()
        screen.say(_headline(one), style="bold")
        screen.fields([(_("Seen"), [one.evidence])] if one.evidence else [])
        if one.steps:
            screen.say(_("What to do"))
            screen.steps(one.steps)


def _headline(finding: Finding) -> str:
    """``IMAP: the cause (likely)``; what is certain needs no word for it."""
    where = where_in_words(finding)
    text = f"{where}: {finding.cause}" if where else finding.cause
    if finding.confidence is Confidence.CERTAIN:
        return text
    return f"{text} ({confidence_in_words(finding.confidence)})"
