"""``mail-wizard setup``: the guided way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from wizard.cli.common import CommonOptions, common_options
from wizard.cli.options import require_one_product, setup_options
from wizard.language import translate as _
from wizard.model.problems import ExitCode

if TYPE_CHECKING:
    from wizard.app.wishes import Wishes


@click.command(
    "setup",
    help=_(
        "Set up an address, step by step: a few everyday questions, the advice with its reasons, the servers, and the "
        "files for your mail programs. This is what runs without a command.\n\nNo password is needed; one is asked for "
        "only where you want the log-in checked."
    ),
)
@click.option("--defaults", is_flag=True, help=_("Take the default wherever nothing else was said, and do not ask."))
@common_options
@setup_options
def command(*, common: CommonOptions, wishes: Wishes, defaults: bool) -> int:
    from wizard.app.guided import guide

    require_one_product(common, wishes)
    screen = common.screen(margin=0 if common.plain else 2)
    done = guide(wishes, common.prompter(), screen, defaults=defaults)
    common.present(done.document, done.show)
    return ExitCode.DONE if done.files.written or wishes.dry_run else ExitCode.NOTHING_EXPORTED
