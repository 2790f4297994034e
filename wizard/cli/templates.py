"""``mail-wizard templates``: the templates that files are made from, and a copy to make one's own of."""

from __future__ import annotations

from pathlib import Path

import click

from wizard.cli.options import Manners, manners
from wizard.language import translate as _


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


@command.command("list", help=_("What there is, with the files of each."), options_metavar=_("[OPTIONS]"))
@manners
def _list(manners: Manners) -> None:
    from wizard.app.templates import listed
    from wizard.resources.templates import templates_root

    found = listed()
    if manners.as_json:
        from wizard.cli.output import print_json

        entries = [{"id": one.id, "label": one.label, "files": list(one.files)} for one in found]
        print_json({"schema": 1, "templates": entries})
        return
    screen = manners.screen(product=True)
    screen.fields([(one.id, [one.label, ", ".join(one.files)]) for one in found])
    screen.blank()
    screen.say(
        _("They lie in {directory}; “mail-wizard templates copy ID DIR” makes a copy.").format(
            directory=templates_root()
        )
    )


@command.command("copy", help=_("Copy the templates of a format into a directory."), options_metavar=_("[OPTIONS]"))
@click.argument("identity", metavar="ID")
@click.argument("directory", metavar=_("DIR"), type=Path)
@click.option("--force", is_flag=True, help=_("Overwrite files that exist."))
@manners
def _copy(*, manners: Manners, identity: str, directory: Path, force: bool) -> None:
    from wizard.app.templates import copy

    paths = copy(identity, directory, force=force)
    if manners.as_json:
        from wizard.cli.output import print_json

        print_json({"schema": 1, "copied": [str(one) for one in paths]})
        return
    screen = manners.screen(product=True)
    for one in paths:
        screen.say(str(one))
    screen.blank()
    screen.say(_("Change them, then use them with: --templates {directory}").format(directory=directory))
