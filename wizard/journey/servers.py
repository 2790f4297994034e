"""The servers on the screen: what was found, what needs consent, and entering or changing one by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.journey.wording import (
    age_in_words,
    login_in_words,
    outcome_in_words,
    protocol_in_words,
    server_in_words,
    trust_in_words,
)
from wizard.language import translate as _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.journey.screen import Screen
    from wizard.model.discovery import DiscoveryReport, FoundServer, SourceReport
    from wizard.model.servers import Protocol


def show_report(screen: Screen, report: DiscoveryReport, *, verbose: bool = False) -> None:
    """Everything that a look-up found, for ``discover``."""
    screen.say(report.address.unicode, style="bold")
    if report.provider is not None:
        screen.say(report.provider.name)
    rows = [
        (label, _server_lines(report, found))
        for label, found in (
            (_("Incoming"), report.imap),
            (_("Incoming"), report.pop3),
            (_("Outgoing"), report.smtp),
            *((_("Also"), one) for one in report.alternatives),
        )
        if found is not None
    ]
    if rows:
        screen.blank()
        screen.fields(rows)
    else:
        screen.say(nothing_known(report))
    _show_steps(screen, report)
    show_notices(screen, report)
    if verbose or not rows:
        screen.blank()
        screen.fields([(_("Asked"), [_source_line(one) for one in report.sources])])


def nothing_known(report: DiscoveryReport) -> str:
    """Why there are no servers, in one sentence."""
    if report.provider is not None and report.provider.offers == "neither":
        return _("No mail program can connect to {name} directly.").format(name=report.provider.name)
    if report.provider is not None and any(one.code == "plaintext_only" for one in report.warnings):
        return _("No server of {name} that encrypts is known.").format(name=report.provider.name)
    if report.provider is not None:
        return _("{name} is known, but not the names of its servers.").format(name=report.provider.name)
    return _("Nothing is known of {domain}.").format(domain=report.address.domain.shown)


def _show_steps(screen: Screen, report: DiscoveryReport) -> None:
    """What to switch on first. The steps that nobody has confirmed are among the warnings, as such."""
    steps = report.provider.switch_on if report.provider is not None else ()
    texts = [
        _(step.text) + (f" {step.url}" if step.url else "") for step in steps if step.source.confidence != "unverified"
    ]
    if texts:
        screen.blank()
        screen.fields([(_("First do"), texts)])


def show_warnings(screen: Screen, report: DiscoveryReport, *, told: Sequence[str] = ()) -> None:
    """What to mind, without the warnings about a sentence of ``told``, which is shown with its doubt elsewhere."""
    texts = [one.text for one in report.warnings if not any(sentence in one.text for sentence in told)]
    if texts:
        screen.blank()
        screen.fields([(_("Mind"), texts)])


def show_notices(screen: Screen, report: DiscoveryReport) -> None:
    """Warnings and what needs consent."""
    show_warnings(screen, report)
    if report.needs_consent:
        screen.blank()
        screen.fields([(_("To agree to"), [f"{one.text} ({one.code})" for one in report.needs_consent])])


def show_chosen(screen: Screen, report: DiscoveryReport, protocol: Protocol) -> None:
    """The two servers that will be used, in short, for the guided way."""
    rows = [
        (label, [server_in_words(found.server), f"{age_in_words(report, found)}; {trust_in_words(found)}"])
        for label, found in ((_("Incoming"), report.best(protocol)), (_("Outgoing"), report.smtp))
        if found is not None
    ]
    screen.fields(rows)


def _server_lines(report: DiscoveryReport, found: FoundServer) -> list[str]:
    server = found.server
    return [
        f"{protocol_in_words(server.protocol)}  {server_in_words(server)}",
        _("user name {username}; log in with: {login}").format(username=server.username, login=login_in_words(server)),
        f"{age_in_words(report, found)}; {trust_in_words(found)}",
    ]


def _source_line(source: SourceReport) -> str:
    words = outcome_in_words(source.outcome)
    return f"{source.source.value}: {words} ({source.elapsed_ms} ms)" + (f" {source.detail}" if source.detail else "")
