"""``mail-wizard inspect``: what a settings file says."""

from __future__ import annotations

from pathlib import Path

import click

from wizard.cli.common import CommonOptions, common_options
from wizard.cli.options import own_templates
from wizard.language import translate as _
from wizard.model.problems import ExitCode


@click.command(
    "inspect",
    help=_(
        "What a settings file says: any format that “mail-wizard formats” lists, from this "
        "program or any other.\n\nWith --json, prints the document that “export --settings” reads; "
        "several accounts in one file become a list."
    ),
)
@click.argument("file", metavar=_("FILE"))
@click.option(
    "--account",
    metavar=_("ADDRESS"),
    help=_(
        "Which account to show where there are several: its address, or what the file calls it. Where the file does "
        "not name the address or the user name, it is this address."
    ),
)
@click.option(
    "--follow",
    is_flag=True,
    help=_("Also read the files that a neomuttrc reads with “source”, where they are in the same directory."),
)
@click.option("--templates", metavar=_("DIR"), type=Path, help=_("Your own templates and providers."))
@common_options
def command(*, common: CommonOptions, file: str, account: str | None, follow: bool, templates: Path | None) -> int:
    from wizard.app.settings_files import inspect, inspection_document
    from wizard.terminal.settings import show_inspection

    accounts = inspect(file, account, own=own_templates(templates), follow=follow)
    common.present(lambda: inspection_document(accounts), lambda screen: show_inspection(screen, accounts))
    return ExitCode.DONE
