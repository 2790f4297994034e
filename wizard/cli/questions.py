"""``mail-wizard questions``: what may be asked, with the keys and values that scripts use."""

from __future__ import annotations

import click

from wizard.cli.options import Manners, manners
from wizard.language import translate as _


@click.command(
    "questions",
    help=_("The questions of the wizard, with the keys and values that --set and an answers file take."),
)
@manners
def command(manners: Manners) -> None:
    from wizard.interview.questions import load_questions

    known = load_questions()
    if manners.as_json:
        from wizard.cli.output import print_json

        listed = [
            {
                "key": one.key,
                "text": _(one.text),
                "why": _(one.why),
                "values": [{"value": choice.value, "label": _(choice.label)} for choice in one.choices],
            }
            for one in known
        ]
        print_json({"schema": 1, "questions": listed})
        return
    screen = manners.screen(product=True)
    for one in known:
        screen.title(f"{one.key}: {_(one.text)}")
        screen.fields([(choice.value, [_(choice.label)]) for choice in one.choices], label_width=18)
