"""``export``: the same files as the guided way, without a question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.app.asking import with_report_facts
from wizard.app.consent import check_accepted, require_consent
from wizard.app.plan import Plan, leave_for, not_answering, protocol_for, require_servers
from wizard.app.servers import say_silence
from wizard.app.settings_files import Given
from wizard.app.writing import carry_out, carry_out_several
from wizard.language import translate as _
from wizard.model.address import parse_address
from wizard.model.problems import Place, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.app.plan import Request
    from wizard.app.writing import Written
    from wizard.terminal.screen import Screen


def export(request: Request, formats: Sequence[str], settings: Sequence[str], screen: Screen) -> Written:
    """Find the servers, or read them from the files ``settings`` (``-``: standard input), and write.

    ``screen`` is where servers that do not answer are spoken of. Raises Problem.
    """
    from wizard.export.forms import can_be_signed, form_named
    from wizard.export.registry import format_named

    check_accepted(request.accept)
    if not formats:
        raise Problem(_("--format names no format; “mail-wizard formats” lists them."))
    entries = [format_named(name, request.templates) for name in formats]
    if request.signer is not None and not any(
        can_be_signed(form_named(one.form)) for entry in entries for one in entry.files
    ):
        raise Problem(_("None of these formats can be signed; profiles for Apple devices can (mobileconfig)."))
    found = _read(request, settings) if settings else (_look_up(request),)
    plans = [_plan(request, one, formats, screen) for one in found]
    done = carry_out(plans[0], request) if len(plans) == 1 else carry_out_several(plans, request)
    request.keep_answers(request.answers)
    return done


def _plan(request: Request, given: Given, formats: Sequence[str], screen: Screen) -> Plan:
    """What to write of one account. A mail program's own file says how it reads mail; answers and options say more."""
    from wizard.advice.engine import recommend

    report = given.report
    require_servers(report)
    advice = recommend(with_report_facts(request.answers, report).values(), rules=request.rules())
    as_it_was = given.protocol is not None and not request.answers.values()
    wished = request.protocol or (given.protocol if as_it_was else None)
    protocol = protocol_for(advice, report, wished)
    require_consent(report, protocol, request.accept)
    say_silence(screen, not_answering(report, protocol))
    kept = given.leave if as_it_was and request.leave_days is None else None
    return Plan(
        advice=advice,
        report=report,
        protocol=protocol,
        leave=kept or leave_for(advice, protocol, request.leave_days),
        name=request.answers.name or given.name,
        formats=tuple(formats),
        password_store=request.password_store,
    )


def _look_up(request: Request) -> Given:
    from wizard.discovery.runner import start
    from wizard.terminal.lookup import watch

    if request.mailbox is None:
        raise Problem(_("Which address? Give it after “export”, or settings with --settings FILE."))
    return Given(report=watch(start(parse_address(request.mailbox), request.look_up), None), format="", file="")


def _read(request: Request, settings: Sequence[str]) -> tuple[Given, ...]:
    from wizard.app.inspecting import require_address
    from wizard.app.settings_files import accounts_in, completed, read_content
    from wizard.discovery.catalogue import provider_named

    if settings.count("-") > 1:
        raise Problem(_("Standard input can be read only once."), place=Place(key="--settings"))
    address = None if request.address is None else parse_address(request.address)
    found: list[Given] = []
    for path in settings:
        content, name = read_content(path)
        # The document carries the provider's id and name alone; what else is known of it is in the catalogue.
        found += accounts_in(
            content, name, address=address, provider_named=lambda one: provider_named(one, own=request.templates)
        )
    for one in found:
        require_address(one, _("the address after “export”"))
    return completed(found)
