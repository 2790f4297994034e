"""Several accounts in one file: each is rendered and read back as if it were alone, then their files are joined."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.export.capability import expressible, reason_against
from wizard.export.forms import Mismatch, can_be_signed, form_named, joining, scanned_from
from wizard.export.registry import format_named
from wizard.export.render import Refusal, RenderedFile, content_of, render, wrong_template
from wizard.export.steps import install_steps

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from wizard.export.registry import Format, FormatFile
    from wizard.export.render import About
    from wizard.model.servers import MailAccount

NAME = "accounts"
"""What stands in a file's name instead of one address."""

Told = tuple["MailAccount", "About"]


def holds_several(format_id: str, own: Path | None = None) -> bool:
    """Whether one file of the format can hold several accounts."""
    return all(joining(form_named(one.form)) is not None for one in format_named(format_id, own).files)


def named(refusal: Refusal, account: MailAccount) -> Refusal:
    """``refusal`` with the address that it is about."""
    return Refusal(refusal.format, f"{account.address.unicode}: {refusal.reason}")


def render_together(format_id: str, told: Sequence[Told]) -> tuple[tuple[RenderedFile, ...], tuple[Refusal, ...]]:
    """The files of one format for all accounts that it can say, and why it cannot say the others. Raises Problem.

    One account that is left gets the files that it would have alone.
    """
    entry = format_named(format_id, told[0][1].own_templates)
    able: list[Told] = []
    refused = []
    for account, about in told:
        reason = reason_against(entry, account)
        if reason is None:
            able.append((expressible(entry, account), about))
        else:
            refused.append(named(Refusal(entry.id, reason), account))
    if len(able) < 2:
        made = [render(format_id, account, about) for account, about in able]
        alone = tuple(one for files in made if not isinstance(files, Refusal) for one in files)
        return alone, tuple(refused)
    return tuple(one for file in entry.files for one in _joined(entry, file, able)), tuple(refused)


def _joined(entry: Format, file: FormatFile, told: Sequence[Told]) -> list[RenderedFile]:
    form = form_named(file.form)
    join = joining(form)
    assert join is not None, "holds_several comes first"
    contents = [content_of(file, account, about) for account, about in told]
    try:
        made = join(contents, [account for account, _about in told])
    except Mismatch as mismatch:
        raise wrong_template(file, mismatch, told[0][1].own_templates) from None
    files = []
    for number, content in enumerate(made, 1):
        part = NAME if len(made) == 1 else f"{NAME}-{number}-of-{len(made)}"
        name = file.name.replace("ADDRESS", part)
        scan = scanned_from(form, content)
        signer = told[0][1].signer
        signed = signer.sign(content) if signer is not None and can_be_signed(form) else content
        files.append(
            RenderedFile(entry.id, name, file.media_type, file.mode, signed, _steps(entry, file, told, name), scan)
        )
    return files


def _steps(entry: Format, file: FormatFile, told: Sequence[Told], name: str) -> tuple[str, ...]:
    """The steps of all accounts, each sentence once; those that only later accounts have stand where they would."""
    merged: list[str] = []
    for account, about in told:
        at = 0
        for step in install_steps(entry, account, file, about.provider, signed=about.signer is not None, name=name):
            if step in merged:
                at = merged.index(step) + 1
            else:
                merged.insert(at, step)
                at += 1
    return tuple(merged)
