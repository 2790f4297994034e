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
    from wizard.discovery.lookup import start

    if look_up.accepted:
        from wizard.app.plan import check_accepted

        check_accepted(look_up.accepted)
    running = start(parse_address(address), look_up)
    # The questions are on their way, and what shows the answers is imported meanwhile.
    if common.as_json:
        from wizard.programs.documents import report_document

        report = running.result()
        print_json(report_document(report))
    else:
        from wizard.terminal.lookup import show_report, watch_with_lines

        report, sources_shown = watch_with_lines(running, common.screen())
        show_report(common.screen(product=report.usable), report, verbose=common.verbose, sources_shown=sources_shown)
    return ExitCode.DONE if report.usable else ExitCode.NOTHING_DISCOVERED
