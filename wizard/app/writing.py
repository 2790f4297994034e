"""Rendering the chosen formats and writing them, for one account or for several at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from wizard.app.plan import guessed, verified
from wizard.model.servers import Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wizard.app.plan import Plan, Request
    from wizard.export.render import About, Refusal, RenderedFile
    from wizard.export.write import WrittenFile
    from wizard.model.address import EmailAddress
    from wizard.model.provider import Provider, Step
    from wizard.model.servers import MailAccount

FOLDER = "accounts"
"""The directory for several accounts, when ``--output`` names none."""

OTHER_DEVICES = "imap"
"""The directory, below that of the account, for the files of other devices, which read with IMAP beside POP3."""


@dataclass(frozen=True, slots=True)
class Written:
    """What was written and what was refused; the accounts say which steps at their providers matter."""

    account: MailAccount
    files: tuple[WrittenFile, ...]
    refused: tuple[Refusal, ...]
    provider: Provider | None = None
    others: tuple[tuple[MailAccount, Provider | None], ...] = ()

    @property
    def paired(self) -> bool:
        """Whether there are files of one mailbox for a computer with POP3 and for other devices with IMAP."""
        return any(account.address == self.account.address for account, _provider in self.others)


def carry_out(plan: Plan, request: Request) -> Written:
    """Render and write what ``plan`` says. Raises Problem; nothing is written when anything is in the way."""
    from wizard.export.write import write_files

    account = plan.account()
    files, refused = render_all(plan.formats, account, about_plan(plan, request))
    others: tuple[tuple[MailAccount, Provider | None], ...] = ()
    if plan.also_imap:
        there = plan.for_other_devices()
        others = ((there.account(), there.report.provider),)
        more, refused_there = render_all(there.formats, others[0][0], about_plan(there, request))
        files += tuple(replace(file, name=f"{OTHER_DEVICES}/{file.name}") for file in more)
        refused = tuple(dict.fromkeys((*refused, *refused_there)))
    output = plan.output if plan.output is not None else output_for(account.address, request.output)
    written = write_files(files, output, force=request.force, dry_run=request.dry_run) if files else ()
    return Written(account, written, refused, plan.report.provider, others)


def carry_out_several(plans: Sequence[Plan], request: Request) -> Written:
    """Render and write what ``plans`` say, all with the same formats. Raises Problem; then nothing is written."""
    from wizard.export.write import write_files

    accounts = [(plan.account(), about_plan(plan, request)) for plan in plans]
    files, refused = render_several(plans[0].formats, accounts)
    output = request.output if request.output is not None else Path(FOLDER)
    output = output if output == "-" else Path(output)
    written = write_files(files, output, force=request.force, dry_run=request.dry_run) if files else ()
    (account, about), *others = accounts
    return Written(
        account=account,
        files=written,
        refused=refused,
        provider=about.provider,
        others=tuple((account, about.provider) for account, about in others),
    )


def about_plan(plan: Plan, request: Request) -> About:
    """What is known beside the account of ``plan``."""
    from wizard.export.render import About

    chosen = (plan.report.best(plan.protocol), plan.report.smtp)
    return About(
        provider=plan.report.provider,
        recommendation=plan.advice if plan.advice.protocol is plan.protocol else None,
        verified=verified(*chosen),
        guessed=guessed(*chosen),
        own_templates=request.templates,
        signer=request.signer,
    )


def render_all(
    formats: Iterable[str], account: MailAccount, about: About
) -> tuple[tuple[RenderedFile, ...], tuple[Refusal, ...]]:
    """Every format rendered, or refused with its reason. Raises Problem for an unknown format id."""
    from wizard.export.registry import format_named
    from wizard.export.render import Refusal, render

    files: list[RenderedFile] = []
    refused: list[Refusal] = []
    for format_id in dict.fromkeys(format_named(name, about.own_templates).id for name in formats):
        made = render(format_id, account, about)
        if isinstance(made, Refusal):
            refused.append(made)
        else:
            files.extend(made)
    return tuple(files), tuple(refused)


def render_several(
    formats: Sequence[str], accounts: Sequence[tuple[MailAccount, About]]
) -> tuple[tuple[RenderedFile, ...], tuple[Refusal, ...]]:
    """Every format for all accounts: one file for all where the format can hold them, else a directory for each.

    Raises Problem.
    """
    from wizard.export.registry import format_named
    from wizard.export.render import Refusal, holds_several, named, render, render_together
    from wizard.programs.names import safe_name

    files: list[RenderedFile] = []
    refused: list[Refusal] = []
    own = accounts[0][1].own_templates
    for format_id in dict.fromkeys(format_named(name, own).id for name in formats):
        if holds_several(format_id, own):
            together, against = render_together(format_id, accounts)
            files += together
            refused += against
            continue
        for account, about in accounts:
            made = render(format_id, account, about)
            if isinstance(made, Refusal):
                refused.append(named(made, account))
            else:
                files += [replace(file, name=f"{safe_name(account.address)}/{file.name}") for file in made]
    return tuple(files), tuple(refused)


def output_for(address: EmailAddress, output: str | None) -> Path | str:
    """Where the files go: what was asked for, else a directory named after the address; ``-`` is standard output."""
    from wizard.programs.names import safe_name

    if output == "-":
        return output
    return Path(output) if output is not None else Path(safe_name(address))


def steps_at_provider(provider: Provider | None, protocol: Protocol) -> tuple[Step, ...]:
    """What must be switched on at the provider first, for reading with ``protocol`` and for sending."""
    if provider is None:
        return ()
    used = {protocol, Protocol.SMTP}
    return tuple(step for step in provider.switch_on if not step.protocols or used & set(step.protocols))
