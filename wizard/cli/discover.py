"""``mail-wizard discover``: the servers of an address."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from wizard.cli.common import CommonOptions, common_options, print_json
from wizard.cli.options import network_options
from wizard.language import translate as _
from wizard.model.address import parse_address
from wizard.model.problems import ExitCode

if TYPE_CHECKING:
    from wizard.discovery.context import LookUpOptions


@click.command(
    "discover",
    help=_(
        "The servers of an address: whether each answers, where it was found, and how far to "
        "trust it.\n\nThe built-in catalogue and the network are searched; -v shows every source "
        "and its result. With --json, prints the document that “export --settings” reads."
    ),
)
@click.argument("address", metavar=_("ADDRESS"))
@common_options
@network_options
def command(*, common: CommonOptions, address: str, look_up: LookUpOptions) -> int:
    from wizard.app.plan import check_accepted
    from wizard.discovery.lookup import start
    from wizard.terminal.lookup import watch_with_lines

    check_accepted(look_up.accepted)
    waiting = None if common.as_json else common.screen()
    report, sources_shown = watch_with_lines(start(parse_address(address), look_up), waiting)
    if common.as_json:
        from wizard.programs.settings import report_document

        print_json(report_document(report))
    else:
        from wizard.terminal.lookup import show_report

        show_report(common.screen(product=report.usable), report, verbose=common.verbose, sources_shown=sources_shown)
    return ExitCode.DONE if report.usable else ExitCode.NOTHING_DISCOVERED
