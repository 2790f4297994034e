"""Several accounts at once: one file for all where the format can hold them, else a directory for each account."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from wizard.app.writing import Done, about_plan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.app.plan import Plan
    from wizard.app.wishes import Wishes
    from wizard.export.render import About, Refusal, RenderedFile
    from wizard.model.servers import MailAccount

FOLDER = "accounts"
"""The directory, when ``--output`` names none."""


def carry_out_several(plans: Sequence[Plan], wishes: Wishes) -> Done:
    """Render and write what ``plans`` say, all with the same formats. Raises Problem; then nothing is written."""
    from wizard.export.write import write_files

    told = [(plan.account(), about_plan(plan, wishes)) for plan in plans]
    files, refused = render_several(plans[0].formats, told)
    output = wishes.output if wishes.output is not None else Path(FOLDER)
    output = output if output == "-" else Path(output)
    written = write_files(files, output, force=wishes.force, dry_run=wishes.dry_run) if files else ()
    first, *others = told
    return Done(
        account=first[0],
        written=written,
        refused=refused,
        provider=first[1].provider,
        others=tuple((account, about.provider) for account, about in others),
    )


def render_several(
    formats: Sequence[str], told: Sequence[tuple[MailAccount, About]]
) -> tuple[tuple[RenderedFile, ...], tuple[Refusal, ...]]:
    """Every format for all accounts: together, or in a directory named after each address. Raises Problem."""
    from wizard.export.registry import format_named
    from wizard.export.render import Refusal, holds_several, named, render, render_together
    from wizard.programs.names import safe_name

    files: list[RenderedFile] = []
    refused: list[Refusal] = []
    own = told[0][1].own_templates
    for entry in dict.fromkeys(format_named(name, own).id for name in formats):
        if holds_several(entry, own):
            together, against = render_together(entry, told)
            files += together
            refused += against
            continue
        for account, about in told:
            made = render(entry, account, about)
            if isinstance(made, Refusal):
                refused.append(named(made, account))
            else:
                files += [replace(one, name=f"{safe_name(account.address)}/{one.name}") for one in made]
    return tuple(files), tuple(refused)
