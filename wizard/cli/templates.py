"""``mail-wizard templates``: the templates that files are made from, and a copy to make one's own of."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from wizard.cli.common import CommonOptions, common_options
from wizard.language import translate as _

if TYPE_CHECKING:
    from wizard.terminal.screen import Screen


@click.group(
    "templates",
    help=_(
        "The templates that files are made from, to make your own.\n\n“templates copy ID DIR” puts those of a format "
        "into a directory; with “--templates DIR” they are used instead of the built-in ones, by name."
    ),
    subcommand_metavar=_("list | copy ID DIR"),
    options_metavar=_("[OPTIONS]"),
)
def command() -> None:
    pass


@command.command("list", help=_("The available templates, with the files of each."), options_metavar=_("[OPTIONS]"))
@common_options
def _list(common: CommonOptions) -> None:
    from wizard.app.templates import listed
    from wizard.resources.templates import templates_root

    known = listed()
    entries = [{"id": entry.id, "label": entry.label, "files": list(entry.files)} for entry in known]

    def show(screen: Screen) -> None:
        screen.fields([(entry.id, [entry.label, ", ".join(entry.files)]) for entry in known])
        screen.blank()
        screen.say(
            _("They are in {directory}; “mail-wizard templates copy ID DIR” makes a copy.").format(
                directory=templates_root()
            )
        )

    common.present(lambda: {"schema": 1, "templates": entries}, show)


@command.command("copy", help=_("Copy the templates of a format into a directory."), options_metavar=_("[OPTIONS]"))
@click.argument("identity", metavar="ID")
@click.argument("directory", metavar=_("DIR"), type=Path)
@click.option("--force", is_flag=True, help=_("Overwrite files that exist."))
@common_options
def _copy(*, common: CommonOptions, identity: str, directory: Path, force: bool) -> None:
    from wizard.app.templates import copy

    paths = [str(path) for path in copy(identity, directory, force=force)]

    def show(screen: Screen) -> None:
        for path in paths:
            screen.say(path)
        screen.blank()
        screen.say(_("Edit them, then use them with: --templates {directory}").format(directory=directory))

    common.present(lambda: {"schema": 1, "copied": paths}, show)
