"""Rendering the chosen formats and writing them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from wizard.app.choices import guessed, verified
from wizard.model.servers import Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wizard.app.plan import Plan
    from wizard.app.wishes import Wishes
    from wizard.export.render import About, Refusal, RenderedFile
    from wizard.export.write import WrittenFile
    from wizard.model.provider import Provider, Step
    from wizard.model.servers import MailAccount


@dataclass(frozen=True, slots=True)
class Done:
    """What was written and what was refused; the accounts say which steps at their providers matter."""

    account: MailAccount
    written: tuple[WrittenFile, ...]
    refused: tuple[Refusal, ...]
    provider: Provider | None = None
    others: tuple[tuple[MailAccount, Provider | None], ...] = ()


def carry_out(plan: Plan, wishes: Wishes) -> Done:
    """Render and write what ``plan`` says. Raises Problem; nothing is written when anything is in the way."""
    from wizard.export.write import write_files

    account = plan.account()
    about = about_plan(plan, wishes)
    files, refused = render_all(plan.formats, account, about)
    output = plan.output if plan.output is not None else output_for(account, wishes.output)
    written = write_files(files, output, force=wishes.force, dry_run=wishes.dry_run) if files else ()
    return Done(account, written, refused, plan.report.provider)


def about_plan(plan: Plan, wishes: Wishes) -> About:
    """What is known beside the account of ``plan``."""
    from wizard.export.render import About

    chosen = (plan.report.best(plan.protocol), plan.report.smtp)
    return About(
        provider=plan.report.provider,
        recommendation=plan.advice if plan.advice.protocol is plan.protocol else None,
        verified=verified(*chosen),
        guessed=guessed(*chosen),
        own_templates=wishes.templates,
        signer=wishes.signer,
    )


def render_all(
    formats: Iterable[str], account: MailAccount, about: About
) -> tuple[tuple[RenderedFile, ...], tuple[Refusal, ...]]:
    """Every format rendered, or refused with its reason. Raises Problem for an unknown format id."""
    from wizard.export.registry import format_named
    from wizard.export.render import Refusal, render

    files: list[RenderedFile] = []
    refused: list[Refusal] = []
    for one in dict.fromkeys(format_named(name, about.own_templates).id for name in formats):
        made = render(one, account, about)
        if isinstance(made, Refusal):
            refused.append(made)
        else:
            files.extend(made)
    return tuple(files), tuple(refused)


def output_for(account: MailAccount, output: str | None) -> Path | str:
    """Where the files go: what was asked for, else a directory named after the address; ``-`` is standard output."""
    from wizard.programs.names import safe_name

    if output == "-":
        return output
    return Path(output) if output is not None else Path(safe_name(account.address))


def steps_at_provider(provider: Provider | None, protocol: Protocol) -> tuple[Step, ...]:
    """What must be switched on at the provider first, for reading with ``protocol`` and for sending."""
    if provider is None:
        return ()
    used = {protocol, Protocol.SMTP}
    return tuple(step for step in provider.switch_on if not step.protocols or used & set(step.protocols))
