"""``mail-wizard questions``: what may be asked, with the keys and values that scripts use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from wizard.cli.common import CommonOptions, common_options
from wizard.language import translate as _

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wizard.interview.questions import Question
    from wizard.terminal.screen import Screen


@click.command(
    "questions",
    help=_("The questions of the wizard, with the keys and values that --set and an answers file take."),
)
@common_options
def command(common: CommonOptions) -> None:
    from wizard.interview.questions import load_questions

    known = load_questions()
    common.present(
        lambda: {"schema": 1, "questions": [_document(question) for question in known]},
        lambda screen: _show(screen, known),
    )


def _document(question: Question) -> dict[str, Any]:
    return {
        "key": question.key,
        "text": _(question.text),
        "why": _(question.why),
        "values": [{"value": choice.value, "label": _(choice.label)} for choice in question.choices],
    }


def _show(screen: Screen, questions: Iterable[Question]) -> None:
    for question in questions:
        screen.title(f"{question.key}: {_(question.text)}")
        screen.fields([(choice.value, [_(choice.label)]) for choice in question.choices], label_width=18)
