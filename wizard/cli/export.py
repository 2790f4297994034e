"""``mail-wizard export``: files from discovered or given settings, without questions."""

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
    "export",
    help=_(
        "Write the files for your mail programs.\n\nThe servers are looked up, or read from --settings (what “discover "
        "--json” prints). The protocol is what the advice says for the answers given, or --protocol. “mail-wizard "
        "formats” lists the formats."
    ),
)
@click.argument("address", metavar=_("[ADDRESS]"), required=False)
@click.option(
    "--format",
    "formats",
    metavar="ID",
    multiple=True,
    required=True,
    help=_("What to write; repeatable, or with commas."),
)
@click.option("--settings", metavar=_("FILE"), help=_("Settings from a file; - is standard input."))
@manners
@answer_options
@network_options
@writing_options
def command(
    *,
    manners: Manners,
    address: str | None,
    formats: tuple[str, ...],
    settings: str | None,
    answers: str | None,
    sets: tuple[str, ...],
    save_answers: Path | None,
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
    from wizard.journey.export import Request, export

    templates = own_templates(templates)  # first: answers are checked against the questions in it
    request = Request(
        address=address,
        formats=tuple(part.strip() for word in formats for part in word.split(",") if part.strip()),
        settings=settings,
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
    )
    done = export(request)
    if save_answers is not None:
        from wizard.interview.answers import save_answers as save

        save(request.given, save_answers, force=force)
    if manners.as_json:
        from wizard.cli.output import print_json
        from wizard.formats.settings import export_document

        print_json(export_document(done.written, done.refused))
    else:
        from wizard.journey.writing import show_files

        show_files(manners.screen(product=True), done, dry_run=dry_run)
    return ExitCode.DONE if done.written else ExitCode.NOTHING_EXPORTED
