"""Breaking off: the answers so far are kept, and the person is told where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.language import translate as _
from wizard.model.problems import ExitCode, Problem

if TYPE_CHECKING:
    from wizard.interview.answers import Answers


class Stopped(Problem):
    """The person broke off; the text says where the answers are."""

    exit_code = ExitCode.INTERRUPTED


class Halted(KeyboardInterrupt):
    """The person chose to stop here."""


def stopped(interruption: KeyboardInterrupt, given: Answers) -> Stopped:
    """Keep the answers that ``interruption`` carries, else ``given``; the problem that says so. Never raises."""
    from wizard.interview import partial

    answers = getattr(interruption, "answers", None) or given
    sentence = partial.kept_sentence(answers, partial.keep(answers))
    happened = _("Stopped; nothing was written.")
    if not isinstance(interruption, Halted):
        happened = _("Interrupted; nothing was written.")
    return Stopped(" ".join(one for one in (happened, sentence) if one))
