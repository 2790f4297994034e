"""A look-up: while somebody waits for it, and what it found.

While it runs, a table fills; in plain mode there is a line for each source that has answered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.app.servers import (
    does_not_exist,
    lacks_network,
    network_is_at_fault,
    network_notice,
    next_step,
    nothing_known,
    what_to_do_about_silence,
)
from wizard.discovery.owners import SEVERAL_PROVIDERS
from wizard.discovery.registry import provenance_label, source_label
from wizard.language import translate as _
from wizard.model.discovery import Outcome, Source
from wizard.model.text import printable
from wizard.wording import duration_label, endpoint_label, outcome_label, server_label, state_label, username_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from wizard.discovery.lookup import LookUp
    from wizard.discovery.progress import Step
    from wizard.model.address import EmailAddress
    from wizard.model.discovery import DiscoveryReport, FoundServer, SourceReport
    from wizard.model.servers import Protocol
    from wizard.terminal.screen import Screen

QUIET = 0.4
"""Seconds before anything is drawn: most look-ups are done by then."""

TICK = 0.1
"""Seconds between two drawings."""

_ORDER = tuple(Source)


def watch(look_up: LookUp, screen: Screen | None) -> DiscoveryReport:
    """Wait for ``look_up`` and show on ``screen`` (None: nowhere) who has answered.

    Ctrl-C ends the look-up and is raised again; a second look-up may be started at once.
    """
    return watch_with_lines(look_up, screen)[0]


def watch_with_lines(look_up: LookUp, screen: Screen | None) -> tuple[DiscoveryReport, bool]:
    """As :func:`watch`; also whether lines stay on the screen that say what became of every source."""
    stay = False
    try:
        if screen is not None and not look_up.wait(QUIET):
            if screen.redraws:
                _draw_table(look_up, screen)
            elif screen.for_people:
                _draw_lines(look_up, screen)
                stay = True
        return look_up.result(), stay
    except BaseException:
        look_up.cancel()
        raise


def _draw_table(look_up: LookUp, screen: Screen) -> None:
    with screen.live() as live:
        while not look_up.wait(TICK):
            live.update(table(look_up.steps(), screen), refresh=True)


def _draw_lines(look_up: LookUp, screen: Screen) -> None:
    """A line as soon as a source has answered; none is drawn again."""
    shown = set()
    done = False
    while not done:
        done = look_up.wait(TICK)
        for step in look_up.steps():
            if step.report is not None and not step.connecting and step.source not in shown:
                shown.add(step.source)
                screen.say(f"{source_label(step.source)}: {step_line(step, in_full=True)}")


def table(steps: tuple[Step, ...], screen: Screen) -> Table:
    """Who is being asked, and what they said: a line each, cut at the edge of a narrow screen."""
    from rich.table import Table
    from rich.text import Text

    names = max((len(source_label(step.source)) for step in steps), default=0)
    room = max(10, screen.width - screen.margin - names - 3)
    rows = Table.grid(padding=(0, 2, 0, screen.margin), collapse_padding=True)
    rows.add_column(no_wrap=True, min_width=names)
    rows.add_column(no_wrap=True)
    for step in sorted(steps, key=lambda step: _ORDER.index(step.source)):
        style = "" if step.report is None else "dim"
        rows.add_row(Text(source_label(step.source)), Text(printable(step_line(step), room), style=style))
    return rows


def step_line(step: Step, *, in_full: bool = False) -> str:
    """What the source of ``step`` has said so far; the reason for nothing only ``in_full``."""
    time = duration_label(step.elapsed_ms)
    if step.report is None:
        return _("asking … {time}").format(time=time)
    if step.connecting:
        return _("found; trying … {time}").format(time=time)
    words = f"{outcome_label(step.report.outcome)} ({time})"
    shown = in_full or step.report.outcome is not Outcome.NOTHING
    return f"{words}: {step.report.detail}" if step.report.detail and shown else words


def show_report(screen: Screen, report: DiscoveryReport, *, verbose: bool = False, sources_shown: bool = False) -> None:
    """Everything that a look-up found; ``sources_shown``: what became of each source is on the screen already."""
    screen.say(_headline(report.address), style="bold")
    if report.provider is not None:
        screen.say(report.provider.name)
    chosen = [
        (label, found)
        for label, found in ((_("Incoming"), report.imap), (_("Incoming"), report.pop3), (_("Outgoing"), report.smtp))
        if found is not None
    ]
    if chosen:
        screen.blank()
        screen.fields([(label, _server_lines(report, found)) for label, found in chosen])
        _show_others(screen, report, verbose=verbose)
    sentences = [] if report.usable else [nothing_known(report), next_step(report)]
    if sentences:
        screen.blank()
        screen.say(" ".join(filter(None, sentences)))
    _show_steps(screen, report)
    show_notices(screen, report, shown=sentences[:1])
    if verbose or not (report.usable or sources_shown or does_not_exist(report) or network_is_at_fault(report)):
        _show_sources(screen, report, verbose=verbose)


def _headline(address: EmailAddress) -> str:
    """The address, with the form of its domain that the network knows where that is another."""
    domain = address.domain
    return address.unicode if domain.unicode == domain.ascii else f"{address.unicode} ({domain.ascii})"


def _show_others(screen: Screen, report: DiscoveryReport, *, verbose: bool) -> None:
    """The servers that would do too: a line each, or with ``verbose`` as much as of the best ones."""
    others = report.alternatives
    if others and verbose:
        screen.fields([(_("Also"), _server_lines(report, found)) for found in others])
    elif others:
        screen.fields([(_("Also"), [_server_line(report, found) for found in others])])


def _show_steps(screen: Screen, report: DiscoveryReport) -> None:
    """What to switch on first. The steps that nobody has confirmed are among the warnings, as such."""
    steps = report.provider.switch_on if report.provider is not None else ()
    texts = [
        _(step.text) + (f" {step.url}" if step.url else "") for step in steps if step.source.confidence != "unverified"
    ]
    if texts:
        screen.blank()
        screen.fields([(_("Do first"), texts)])


def show_warnings(screen: Screen, report: DiscoveryReport, *, shown: Sequence[str] = ()) -> None:
    """What to mind, without the warnings that hold a sentence of ``shown``, which stands elsewhere with its doubt.

    That several owners are named says more than each difference between their servers.
    """
    several = any(notice.code == SEVERAL_PROVIDERS for notice in report.warnings)
    texts = [
        notice.text
        for notice in report.warnings
        if not (several and notice.code == "sources_disagree")
        and not any(sentence in notice.text for sentence in shown)
    ]
    if texts:
        screen.blank()
        screen.fields([(_("Please note"), texts)])


def show_notices(screen: Screen, report: DiscoveryReport, *, shown: Sequence[str] = ()) -> None:
    """Warnings, and what needs consent. Why a server does not answer stands beside the server."""
    asked = [notice.text for notice in report.needs_consent]
    best = [found for found in (report.imap, report.pop3, report.smtp) if found is not None]
    silent = [found.trouble for found in best if found.verified is False and found.trouble]
    show_warnings(screen, report, shown=[*asked, *silent, *shown])
    if silent and not lacks_network(report):
        screen.blank()
        screen.say(f"{what_to_do_about_silence()} {_('“mail-wizard doctor” looks for the cause.')}")
    if asked:
        options = " ".join(dict.fromkeys(f"--accept {notice.code}" for notice in report.needs_consent))
        asked.append(_("The guided set-up asks you; in a script {options} agrees.").format(options=options))
        screen.blank()
        screen.fields([(_("To agree to"), asked)])


def say_network(screen: Screen, report: DiscoveryReport) -> None:
    """What is wrong with the network, where no server was looked at because of it and nobody is asked."""
    network = network_notice(report)
    if network is not None and network_is_at_fault(report):
        screen.say(network.text)


def say_silence(screen: Screen, servers: Sequence[FoundServer]) -> None:
    """Why servers do not answer as they should, and what can be done: where nobody is asked."""
    if servers:
        screen.say(" ".join(found.trouble for found in servers if found.trouble))
        screen.say(f"{what_to_do_about_silence()} {_('“mail-wizard doctor” looks for the cause.')}")


def show_chosen(screen: Screen, report: DiscoveryReport, protocol: Protocol) -> None:
    """The two servers that will be used, in short, for the guided way."""
    rows = [
        (label, [server_label(found.server), state_label(found), provenance_label(report, found)])
        for label, found in ((_("Incoming"), report.best(protocol)), (_("Outgoing"), report.smtp))
        if found is not None
    ]
    screen.fields(rows)


def _server_lines(report: DiscoveryReport, found: FoundServer) -> list[str]:
    server = found.server
    return [endpoint_label(server), state_label(found), provenance_label(report, found), username_label(server)]


def _server_line(report: DiscoveryReport, found: FoundServer) -> str:
    state = {True: _("answers"), False: _("does not answer as it should"), None: _("not tried")}[found.verified]
    best = report.best(found.server.protocol)
    if best is not None and server_label(best.server) == server_label(found.server):  # another name for it
        state = username_label(found.server)
    return f"{endpoint_label(found.server)} ({state}); {provenance_label(report, found)}"


def _show_sources(screen: Screen, report: DiscoveryReport, *, verbose: bool) -> None:
    """What every source said; with ``verbose`` also where it was asked."""
    seconds = duration_label(report.elapsed_ms)
    screen.blank()
    screen.say(_("Sources asked ({time} in total)").format(time=seconds), style="bold")
    screen.fields(
        [(source_label(source.source), _source_lines(source, verbose=verbose)) for source in report.sources],
        label_width=22,
    )


def _source_lines(source: SourceReport, *, verbose: bool) -> list[str]:
    words = f"{outcome_label(source.outcome)} ({duration_label(source.elapsed_ms)})"
    lines = [f"{words}: {source.detail}" if source.detail else words]
    return [*lines, source.url] if verbose and source.url else lines
