"""``export``: the same files as the guided way, without a question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.app.asking import with_report_facts
from wizard.app.choices import (
    check_accepted,
    leave_for,
    not_answering,
    protocol_for,
    require_consent,
    require_servers,
)
from wizard.app.plan import Plan
from wizard.app.servers import say_silence
from wizard.app.settings_files import Given
from wizard.app.several import carry_out_several
from wizard.app.writing import carry_out
from wizard.language import translate as _
from wizard.model.address import parse_address
from wizard.model.problems import Place, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.app.wishes import Wishes
    from wizard.app.writing import Done
    from wizard.terminal.screen import Screen


def export(wishes: Wishes, formats: Sequence[str], settings: Sequence[str], screen: Screen) -> Done:
    """Find the servers, or read them from the files ``settings`` (``-``: standard input), and write.

    ``screen`` is where servers that do not answer are spoken of. Raises Problem.
    """
    from wizard.export.forms import can_be_signed, form_named
    from wizard.export.registry import format_named

    check_accepted(wishes.accept)
    if not formats:
        raise Problem(_("--format names no format; “mail-wizard formats” lists them."))
    entries = [format_named(name, wishes.templates) for name in formats]
    if wishes.signer is not None and not any(
        can_be_signed(form_named(one.form)) for entry in entries for one in entry.files
    ):
        raise Problem(_("None of these formats can be signed; profiles for Apple devices can (mobileconfig)."))
    found = _read(wishes, settings) if settings else (_look_up(wishes),)
    plans = [_plan(wishes, one, formats, screen) for one in found]
    done = carry_out(plans[0], wishes) if len(plans) == 1 else carry_out_several(plans, wishes)
    wishes.keep_answers(wishes.given)
    return done


def _plan(wishes: Wishes, given: Given, formats: Sequence[str], screen: Screen) -> Plan:
    """What to write of one account. A mail program's own file says how it reads mail; answers and options say more."""
    from wizard.advice.engine import recommend

    report = given.report
    require_servers(report)
    advice = recommend(with_report_facts(wishes.given, report).values(), rules=wishes.rules())
    as_it_was = given.protocol is not None and not wishes.given.values()
    wished = wishes.protocol or (given.protocol if as_it_was else None)
    protocol = protocol_for(advice, report, wished)
    require_consent(report, protocol, wishes.accept)
    say_silence(screen, not_answering(report, protocol))
    kept = given.leave if as_it_was and wishes.leave_days is None else None
    return Plan(
        advice=advice,
        report=report,
        protocol=protocol,
        leave=kept or leave_for(advice, protocol, wishes.leave_days),
        name=wishes.given.name or given.name,
        formats=tuple(formats),
        password_store=wishes.password_store,
    )


def _look_up(wishes: Wishes) -> Given:
    from wizard.discovery.lookup import start
    from wizard.terminal.lookup import watch

    if wishes.mailbox is None:
        raise Problem(_("Which address? Give it after “export”, or settings with --settings FILE."))
    return Given(report=watch(start(parse_address(wishes.mailbox), wishes.look_up), None), format="", file="")


def _read(wishes: Wishes, settings: Sequence[str]) -> tuple[Given, ...]:
    from wizard.app.inspecting import require_address
    from wizard.app.settings_files import accounts_in, completed, read_content
    from wizard.discovery.catalogue import provider_named

    if settings.count("-") > 1:
        raise Problem(_("Standard input can be read only once."), place=Place(key="--settings"))
    address = None if wishes.address is None else parse_address(wishes.address)
    found: list[Given] = []
    for path in settings:
        content, name = read_content(path)
        # The document carries the provider's id and name alone; what else is known of it is in the catalogue.
        found += accounts_in(
            content, name, address=address, provider_named=lambda one: provider_named(one, own=wishes.templates)
        )
    for one in found:
        require_address(one, _("the address after “export”"))
    return completed(found)
