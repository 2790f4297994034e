"""A look-up while somebody waits: a table that fills, or in plain mode a line for each source that has answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.journey.wording import outcome_in_words
from wizard.language import translate as _
from wizard.model.text import printable

if TYPE_CHECKING:
    from rich.table import Table

    from wizard.discovery.progress import Step
    from wizard.discovery.runner import LookUp
    from wizard.journey.screen import Screen
    from wizard.model.discovery import DiscoveryReport

QUIET = 0.4
"""Seconds before anything is drawn: most look-ups are done by then."""

TICK = 0.1
"""Seconds between two drawings."""


def watch(look_up: LookUp, screen: Screen | None) -> DiscoveryReport:
    """Wait for ``look_up`` and show on ``screen`` (None: nowhere) who has answered.

    Ctrl-C ends the look-up and is raised again; a second look-up may be started at once.
    """
    try:
        if screen is not None and not look_up.wait(QUIET):
            _draw(look_up, screen)
        return look_up.result()
    except BaseException:
        look_up.cancel()
        raise


def _draw(look_up: LookUp, screen: Screen) -> None:
    if screen.redraws:
        _draw_table(look_up, screen)
    else:
        _draw_lines(look_up, screen)


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
                screen.say(f"{step.source.value}: {said(step)}")


def table(steps: tuple[Step, ...], screen: Screen) -> Table:
    """Who is being asked, and what they said."""
    from rich.table import Table
    from rich.text import Text

    made = Table.grid(padding=(0, 2, 0, screen.margin), collapse_padding=True)
    for step in steps:
        made.add_row(Text(step.source.value), Text(said(step), overflow="ellipsis", no_wrap=True))
    return made


def said(step: Step) -> str:
    """What the source of ``step`` has said so far."""
    seconds = _("{seconds:.1f} s").format(seconds=step.elapsed_ms / 1000)
    if step.report is None:
        return _("is being asked ({time})").format(time=seconds)
    if step.connecting:
        return _("found; its servers are being tried ({time})").format(time=seconds)
    words = f"{outcome_in_words(step.report.outcome)} ({seconds})"
    return f"{words} {printable(step.report.detail)}" if step.report.detail else words
