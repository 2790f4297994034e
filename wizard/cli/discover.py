"""``mail-wizard discover``: the servers of an address."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from wizard.cli.network import network_options
from wizard.cli.options import Manners, manners
from wizard.language import translate as _
from wizard.model.address import parse_address
from wizard.model.problems import ExitCode

if TYPE_CHECKING:
    from wizard.discovery.context import LookUpOptions


@click.command(
    "discover",
    help=_(
        "The servers of an address: whether each answers, where it was found, and how far to trust it.\n\nBuilt-in "
        "knowledge and the network are asked; -v shows who was asked and what came of it. With --json the document "
        "that “export --settings” reads."
    ),
)
@click.argument("address", metavar=_("ADDRESS"))
@manners
@network_options
def command(*, manners: Manners, address: str, look_up: LookUpOptions) -> int:
    from wizard.app.plan import check_accepted
    from wizard.discovery.lookup import start
    from wizard.terminal.lookup import watch_with_lines

    check_accepted(look_up.accepted)
    waiting = None if manners.as_json else manners.screen()
    report, sources_shown = watch_with_lines(start(parse_address(address), look_up), waiting)
    if manners.as_json:
        from wizard.cli.output import print_json
        from wizard.programs.settings import report_document

        print_json(report_document(report))
    else:
        from wizard.terminal.lookup import show_report

        show_report(manners.screen(product=report.usable), report, verbose=manners.verbose, sources_shown=sources_shown)
    return ExitCode.DONE if report.usable else ExitCode.NOTHING_DISCOVERED
