"""``mail-wizard setup``: the guided way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from wizard.cli.options import (
    Manners,
    answer_options,
    manners,
    network_options,
    own_templates,
    read_given,
    writing_options,
)
from wizard.language import translate as _
from wizard.model.problems import ExitCode

if TYPE_CHECKING:
    from pathlib import Path


@click.command(
    "setup",
    help=_(
        "Set up an address, step by step: a few everyday questions, the advice with its reasons, the servers, and the "
        "files for your mail programs. This is what runs without a command.\n\nNo password is asked for."
    ),
)
@click.argument("address", metavar=_("[ADDRESS]"), required=False)
@click.option("--defaults", is_flag=True, help=_("Take the default wherever nothing else was said, and do not ask."))
@manners
@answer_options
@network_options
@writing_options
def command(
    *,
    manners: Manners,
    address: str | None,
    answers: str | None,
    sets: tuple[str, ...],
    save_answers: Path | None,
    defaults: bool,
    scoring: Path | None,
    offline: bool,
    allow_insecure: bool,
    output: str | None,
    force: bool,
    dry_run: bool,
    name: str | None,
    protocol: str | None,
    leave_days: int | None,
    accept: tuple[str, ...],
    templates: Path | None,
) -> int:
    from wizard.discovery.options import LookUpOptions
    from wizard.journey.guided import Wishes, guide

    templates = own_templates(templates)  # first: answers are checked against the questions in it
    wishes = Wishes(
        address=address,
        given=read_given(answers, sets, name),
        scoring=scoring,
        look_up=LookUpOptions(offline=offline, allow_insecure=allow_insecure),
        output=output,
        force=force,
        dry_run=dry_run,
        protocol=protocol,
        leave_days=leave_days,
        accept=accept,
        templates=templates,
        save_answers=save_answers,
        defaults=defaults,
    )
    done = guide(wishes, manners.prompter(), manners.screen(margin=0 if manners.plain else 2))
    if manners.as_json:
        from wizard.cli.output import print_json

        print_json(done.document())
    else:
        done.show(manners.screen(product=True))
    return ExitCode.DONE if done.files.written or dry_run else ExitCode.NOTHING_EXPORTED
