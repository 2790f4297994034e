"""``mail-wizard export``: files from discovered or given settings, without questions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from wizard.cli.common import CommonOptions, common_options
from wizard.cli.options import request_options, require_one_product
from wizard.language import translate as _
from wizard.model.problems import ExitCode

if TYPE_CHECKING:
    from wizard.app.plan import Request


@click.command(
    "export",
    help=_(
        "Write the files for your mail programs.\n\nThe servers are looked up, or read from --settings. The protocol "
        "is what the advice says for the answers given, or --protocol. “mail-wizard formats” lists the formats."
    ),
)
@click.option(
    "--format",
    "formats",
    metavar="ID",
    multiple=True,
    required=True,
    help=_("The format to write; repeatable, or separated by commas."),
)
@click.option(
    "--settings",
    metavar=_("FILE"),
    multiple=True,
    help=_(
        "Settings from a file: what “discover --json” prints, or any file that “inspect” can "
        "read; - is standard input. Repeatable: several accounts go into one file where the "
        "format allows it."
    ),
)
@common_options
@request_options
def command(*, common: CommonOptions, request: Request, formats: tuple[str, ...], settings: tuple[str, ...]) -> int:
    from wizard.app.export import export_plans, write_plans
    from wizard.app.plan import not_answering
    from wizard.programs.documents import export_document
    from wizard.terminal.files import show_files
    from wizard.terminal.lookup import say_network, say_silence

    require_one_product(common, request)
    named = [part.strip() for word in formats for part in word.split(",") if part.strip()]
    plans = []
    for plan in export_plans(request, named, settings):
        say_network(common.screen(), plan.report)
        say_silence(common.screen(), not_answering(plan.report, plan.protocol))
        plans.append(plan)
    written = write_plans(plans, request)
    common.present(
        lambda: export_document(written.files, written.refused),
        lambda screen: show_files(screen, written, dry_run=request.dry_run),
    )
    return ExitCode.DONE if written.files else ExitCode.NOTHING_EXPORTED
