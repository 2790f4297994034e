"""A look-up while somebody waits: a table that fills, or in plain mode a line for each source that has answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.discovery.registry import source_label
from wizard.language import translate as _
from wizard.model.discovery import Outcome, Source
from wizard.model.text import printable
from wizard.wording import duration_label, outcome_label

if TYPE_CHECKING:
    from rich.table import Table

    from wizard.discovery.lookup import LookUp
    from wizard.discovery.progress import Step
    from wizard.model.discovery import DiscoveryReport
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
    return watch_and_tell(look_up, screen)[0]


def watch_and_tell(look_up: LookUp, screen: Screen | None) -> tuple[DiscoveryReport, bool]:
    """As :func:`watch`; also whether lines stand on the screen now that say what became of every source."""
    told = False
    try:
        if screen is not None and not look_up.wait(QUIET):
            if screen.redraws:
                _draw_table(look_up, screen)
            elif screen.for_people:
                _draw_lines(look_up, screen)
                told = True
        return look_up.result(), told
    except BaseException:
        look_up.cancel()
        raise


def _draw_table(look_up: LookUp, screen: Screen) -> None:
    with screen.live() as live:
        while not look_up.wait(TICK):
            live.update(table(look_up.steps(), screen), refresh=True)


def _draw_lines(look_up: LookUp, screen: Screen) -> None:
    """A line as soon as a source has answered; none is drawn again."""
    told = set()
    done = False
    while not done:
        done = look_up.wait(TICK)
        for step in look_up.steps():
            if step.report is not None and not step.connecting and step.source not in told:
                told.add(step.source)
                screen.say(f"{source_label(step.source)}: {said(step, in_full=True)}")


def table(steps: tuple[Step, ...], screen: Screen) -> Table:
    """Who is being asked, and what they said: a line each, cut at the edge of a narrow screen."""
    from rich.table import Table
    from rich.text import Text

    names = max((len(source_label(one.source)) for one in steps), default=0)
    room = max(10, screen.width - screen.margin - names - 3)
    made = Table.grid(padding=(0, 2, 0, screen.margin), collapse_padding=True)
    made.add_column(no_wrap=True, min_width=names)
    made.add_column(no_wrap=True)
    for step in sorted(steps, key=lambda one: _ORDER.index(one.source)):
        style = "" if step.report is None else "dim"
        made.add_row(Text(source_label(step.source)), Text(printable(said(step), room), style=style))
    return made


def said(step: Step, *, in_full: bool = False) -> str:
    """What the source of ``step`` has said so far; the reason for nothing only ``in_full``."""
    time = duration_label(step.elapsed_ms)
    if step.report is None:
        return _("asking … {time}").format(time=time)
    if step.connecting:
        return _("found; trying … {time}").format(time=time)
    words = f"{outcome_label(step.report.outcome)} ({time})"
    shown = in_full or step.report.outcome is not Outcome.NOTHING
    return f"{words}: {step.report.detail}" if step.report.detail and shown else words
