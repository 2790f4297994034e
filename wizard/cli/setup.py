"""``mail-wizard setup``: the guided way."""

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
    "setup",
    help=_(
        "Set up an address, step by step: a few everyday questions, the advice with its reasons, the servers, and the "
        "files for your mail programs. This is what runs without a command.\n\nNo password is needed; one is asked for "
        "only where you want the log-in checked."
    ),
)
@click.option("--defaults", is_flag=True, help=_("Use the default for everything that is not given, and do not ask."))
@common_options
@request_options
def command(*, common: CommonOptions, request: Request, defaults: bool) -> int:
    from wizard.terminal.files import show_files
    from wizard.terminal.guided import run_guided

    require_one_product(common, request)
    screen = common.screen(margin=0 if common.plain else 2)
    done = run_guided(request, common.prompter(), screen, defaults=defaults)
    common.present(done.document, lambda screen: show_files(screen, done.written, dry_run=done.dry_run))
    return ExitCode.DONE if done.written.files or request.dry_run else ExitCode.NOTHING_EXPORTED
