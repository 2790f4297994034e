"""``export``: the same files as the guided way, without a question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.journey.asking import with_report_facts
from wizard.journey.choices import check_accepted, leave_for, protocol_for, require_consent, require_servers
from wizard.journey.plan import Plan
from wizard.journey.writing import carry_out
from wizard.language import translate as _
from wizard.model.address import parse_address
from wizard.model.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.journey.wishes import Wishes
    from wizard.journey.writing import Done
    from wizard.model.discovery import DiscoveryReport


def export(wishes: Wishes, formats: Sequence[str], settings: str | None) -> Done:
    """Find the servers, or read them from the file ``settings`` (``-``: standard input), and write. Raises Problem."""
    from wizard.rendering.forms import can_be_signed, form_named
    from wizard.rendering.registry import format_named
    from wizard.scoring.engine import recommend

    check_accepted(wishes.accept)
    if not formats:
        raise Problem(_("--format names no format; “mail-wizard formats” lists them."))
    entries = [format_named(name) for name in formats]
    if wishes.signer is not None and not any(
        can_be_signed(form_named(one.form)) for entry in entries for one in entry.files
    ):
        raise Problem(_("None of these formats can be signed; profiles for Apple devices can (mobileconfig)."))
    report = _look_up(wishes) if settings is None else _read(wishes, settings)
    require_servers(report)
    advice = recommend(with_report_facts(wishes.given, report).values(), rules=wishes.rules())
    protocol = protocol_for(advice, report, wishes.protocol)
    require_consent(report, protocol, wishes.accept)
    plan = Plan(
        advice=advice,
        report=report,
        protocol=protocol,
        leave=leave_for(advice, protocol, wishes.leave_days),
        name=wishes.given.name or "",
        formats=tuple(formats),
        password_store=wishes.password_store,
    )
    done = carry_out(plan, wishes)
    wishes.keep_answers(wishes.given)
    return done


def _look_up(wishes: Wishes) -> DiscoveryReport:
    from wizard.discovery.runner import start
    from wizard.journey.looking import watch

    if wishes.mailbox is None:
        raise Problem(_("Which address? Give it after “export”, or settings with --settings FILE."))
    return watch(start(parse_address(wishes.mailbox), wishes.look_up), None)


def _read(wishes: Wishes, settings: str) -> DiscoveryReport:
    from wizard.discovery.catalogue import provider_named
    from wizard.formats.settings import read_settings

    # The document carries the provider's id and name alone; what else is known of it is in the catalogue.
    report = read_settings(settings, provider_named=lambda name: provider_named(name, own=wishes.templates))
    if wishes.address is not None and parse_address(wishes.address) != report.address:
        raise Problem(
            _("The settings are for {address}; give that address, or none.").format(address=report.address.unicode)
        )
    return report
