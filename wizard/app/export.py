"""``export``: the same files as the guided way, without a question."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wizard.app.file_accounts import AccountSettings
from wizard.app.plan import (
    Plan,
    against_pair,
    check_accepted,
    leave_for,
    protocol_for,
    require_consent,
    require_servers,
)
from wizard.app.questions import with_report_facts
from wizard.app.settings_files import require_complete
from wizard.app.writing import carry_out, carry_out_several
from wizard.language import translate as _
from wizard.model.address import parse_address
from wizard.model.problems import Place, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wizard.app.plan import Request
    from wizard.app.writing import Written


def export_plans(request: Request, formats: Sequence[str], settings: Sequence[str]) -> Iterator[Plan]:
    """A plan for each account; its servers are looked up, or read from ``settings`` (files; ``-``: standard input).

    Raises Problem.
    """
    from wizard.export.registry import format_named
    from wizard.programs.registry import form_named

    check_accepted(request.accept)
    if not formats:
        raise Problem(_("--format gives no format; “mail-wizard formats” lists them."))
    entries = [format_named(name, request.templates) for name in formats]
    if request.signer is not None and not any(
        form_named(file.form).can_be_signed for entry in entries for file in entry.files
    ):
        raise Problem(_("None of these formats can be signed; profiles for Apple devices can (mobileconfig)."))
    accounts = _read(request, settings) if settings else (_look_up(request),)
    for account in accounts:
        yield _plan(request, account, formats)


def write_plans(plans: Sequence[Plan], request: Request) -> Written:
    """Write the files of ``plans``, and the answers where they are to be kept. Raises Problem."""
    if request.also_imap and len(plans) > 1:
        raise Problem(_("This goes with one account at a time."), place=Place(key="--also-imap"))
    written = carry_out(plans[0], request) if len(plans) == 1 else carry_out_several(plans, request)
    request.keep_answers(request.answers)
    return written


def _plan(request: Request, account: AccountSettings, formats: Sequence[str]) -> Plan:
    """What to write of one account. A mail program's own file says how it reads mail; answers and options say more."""
    from wizard.advice.recommendation import recommend

    report = account.report
    require_complete(account)
    require_servers(report, request.accept)
    advice = recommend(with_report_facts(request.answers, report).values(), rules=request.rules())
    unchanged = not request.answers.values()
    requested = request.protocol or (account.protocol if unchanged else None)
    protocol = protocol_for(advice, report, requested)
    require_consent(report, protocol, request.accept)
    kept = account.leave if unchanged and request.leave_days is None else None
    leave = kept or leave_for(advice, protocol, request.leave_days)
    if request.also_imap and (reason := against_pair(report, protocol, leave, request.accept)) is not None:
        raise Problem(reason, place=Place(key="--also-imap"))
    return Plan(
        advice=advice,
        report=report,
        protocol=protocol,
        leave=leave,
        name=request.answers.name or account.name,
        formats=tuple(formats),
        password_store=request.password_store,
        also_imap=request.also_imap,
    )


def _look_up(request: Request) -> AccountSettings:
    from wizard.discovery.lookup import start

    if request.mailbox is None:
        raise Problem(_("Which address? Give it after “export”, or settings with --settings FILE."))
    look_up = start(parse_address(request.mailbox), request.look_up)
    try:
        return AccountSettings(report=look_up.result(), format="", file="")
    except BaseException:  # Ctrl-C, too
        look_up.cancel()
        raise


def _read(request: Request, settings: Sequence[str]) -> tuple[AccountSettings, ...]:
    from wizard.app.settings_files import accounts_in, completed, read_content, require_address
    from wizard.discovery.catalogue import provider_named
    from wizard.discovery.report import encrypted_only

    if settings.count("-") > 1:
        raise Problem(_("Standard input can be read only once."), place=Place(key="--settings"))
    address = None if request.address is None else parse_address(request.address)
    accounts: list[AccountSettings] = []
    for path in settings:
        content, name = read_content(path)
        # The document carries the provider's id and name alone; what else is known of it is in the catalogue.
        accounts += accounts_in(
            content,
            name,
            address=address,
            provider_named=lambda identity: provider_named(identity, own=request.templates),
        )
    for account in accounts:
        require_address(account, _("the address after “export”"))
    if not request.look_up.allow_insecure:
        accounts = [replace(account, report=encrypted_only(account.report)) for account in accounts]
    return completed(accounts)
