"""``mail-wizard formats``: what can be written."""

from __future__ import annotations

import click

from wizard.cli.common import CommonOptions, common_options
from wizard.language import translate as _


@click.command("formats", help=_("The formats that can be written, and the programs they are for."))
@common_options
def command(common: CommonOptions) -> None:
    from wizard.export.registry import formats

    known = formats()
    common.present(
        lambda: {
            "schema": 1,
            "formats": [
                {
                    "format": entry.id,
                    "label": _(entry.label),
                    "files": list(entry.file_names),
                    "media_type": entry.media_type,
                }
                for entry in known
            ],
        },
        lambda screen: screen.fields([(entry.id, [_(entry.label), ", ".join(entry.file_names)]) for entry in known]),
    )
