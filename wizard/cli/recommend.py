"""``mail-wizard recommend``: the advice alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from wizard.cli.common import CommonOptions, common_options
from wizard.cli.options import answer_options, read_given
from wizard.language import translate as _

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.terminal.screen import Screen


@click.command(
    "recommend",
    help=_(
        "POP3 or IMAP? The advice alone, with its reasons.\n\nGive answers with --set or --answers; with none, and in "
        "a terminal, you are asked. Answers that are missing count for nothing. “mail-wizard questions” lists the keys."
    ),
)
@common_options
@answer_options
def command(
    common: CommonOptions, answers: str | None, sets: tuple[str, ...], save_answers: Path | None, scoring: Path | None
) -> None:
    from wizard.advice.recommendation import recommend, recommendation_document
    from wizard.advice.rules_file import load_rules
    from wizard.app.questions import with_catalogue_facts

    given = read_given(answers, sets)
    rules = load_rules(scoring) if scoring is not None else None
    given = with_catalogue_facts(given)
    if common.may_ask and answers is None and not sets:
        from wizard.terminal.guided import ask_questions

        given = ask_questions(given, common.prompter(), rules)
    if save_answers is not None:
        from wizard.interview.answer_files import save_answers as save

        save(given, save_answers, force=None)
    advice = recommend(given.values(), rules=rules, declined=given.declined)

    def show(screen: Screen) -> None:
        from wizard.app.questions import labels_of, still_open
        from wizard.terminal.advice import show_advice

        show_advice(screen, advice, unanswered=labels_of(still_open(given, rules)), in_full=True)

    common.present(lambda: recommendation_document(advice), show)
