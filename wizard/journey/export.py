"""``export``: the same files as the guided way, without a question."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.journey.asking import with_report_facts
from wizard.journey.choices import (
    check_accepted,
    guessed,
    leave_for,
    protocol_for,
    require_consent,
    require_servers,
    verified,
)
from wizard.journey.writing import Done, output_for, render_all
from wizard.language import translate as _
from wizard.model.accounts import account_from
from wizard.model.address import parse_address
from wizard.model.problems import Problem

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.discovery.options import LookUpOptions
    from wizard.interview.answers import Answers
    from wizard.model.discovery import DiscoveryReport


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the command line said. ``leave_days`` 0 means: remove at once."""

    address: str | None
    formats: tuple[str, ...]
    settings: str | None
    given: Answers
    scoring: Path | None
    look_up: LookUpOptions
    output: str | None
    force: bool
    dry_run: bool
    protocol: str | None
    leave_days: int | None
    accept: tuple[str, ...]
    templates: Path | None


def export(request: Request) -> Done:
    """Find (or read) the settings, choose the protocol, render and write. Raises Problem."""
    from wizard.rendering.registry import format_named
    from wizard.rendering.render import About
    from wizard.rendering.write import write_files
    from wizard.scoring.engine import recommend
    from wizard.scoring.rules import load_rules

    check_accepted(request.accept)
    for name in request.formats:
        format_named(name)
    report = _settings(request)
    require_servers(report)
    rules = load_rules(request.scoring) if request.scoring is not None else None
    advice = recommend(with_report_facts(request.given, report).values(), rules=rules)
    protocol = protocol_for(advice, report, request.protocol)
    require_consent(report, protocol, request.accept)
    account = account_from(
        report,
        protocol,
        leave=leave_for(advice, protocol, request.leave_days),
        display_name=request.given.name or "",
    )
    about = About(
        provider=report.provider,
        recommendation=advice if advice.protocol is protocol else None,
        verified=verified(report.best(protocol), report.smtp),
        guessed=guessed(report.best(protocol), report.smtp),
        own_templates=request.templates,
    )
    files, refused = render_all(request.formats, account, about)
    written = (
        write_files(files, output_for(account, request.output), force=request.force, dry_run=request.dry_run)
        if files
        else ()
    )
    return Done(account, written, refused, report.provider)


def _settings(request: Request) -> DiscoveryReport:
    if request.settings is not None:
        return _from_file(request)
    address = request.address if request.address is not None else request.given.address
    if address is None:
        raise Problem(_("Which address? Give it after “export”, or settings with --settings FILE."))
    from wizard.discovery.runner import discover

    return discover(parse_address(address), request.look_up)


def _from_file(request: Request) -> DiscoveryReport:
    from wizard.discovery.catalogue import provider_named
    from wizard.formats.settings import read_settings

    assert request.settings is not None
    # The document carries the provider's id and name alone; what else is known of it is in the catalogue.
    report = read_settings(request.settings, provider_named=lambda name: provider_named(name, own=request.templates))
    if request.address is not None and parse_address(request.address) != report.address:
        raise Problem(
            _("The settings are for {address}; give that address, or none.").format(address=report.address.unicode)
        )
    return report
