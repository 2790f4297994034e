"""``mail-wizard formats``: what can be written."""

from __future__ import annotations

import click

from wizard.cli.options import Manners, manners
from wizard.language import translate as _


@click.command("formats", help=_("What can be written, and for which programs."))
@manners
def command(manners: Manners) -> None:
    from wizard.export.registry import formats

    known = formats()
    if manners.as_json:
        from wizard.cli.output import print_json

        listed = [
            {"format": one.id, "label": _(one.label), "files": list(one.file_names), "media_type": one.media_type}
            for one in known
        ]
        print_json({"schema": 1, "formats": listed})
        return
    manners.screen(product=True).fields([(one.id, [_(one.label), ", ".join(one.file_names)]) for one in known])
