"""The ladders to all servers side by side, drawn while they are climbed; in plain mode a line a step."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Self

from wizard.app.screen import NARROW
from wizard.app.wording import protocol_in_words, seconds_in_words
from wizard.diagnosis.wording import detail_in_words, rung_in_words, status_in_words, target_in_words
from wizard.language import translate as _
from wizard.model.diagnosis import RungName, RungStatus
from wizard.model.servers import SocketType
from wizard.model.text import printable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.live import Live

    from wizard.app.screen import Screen
    from wizard.model.diagnosis import Observation, Rung, Target
    from wizard.model.servers import Protocol

    Rungs = Mapping[Protocol, Sequence[Rung]]

_LONGEST_DETAIL = 200
_BEFORE, _AFTER = (RungName.DNS, RungName.TCP), (RungName.CAPABILITIES, RungName.LOGIN)
_ORDER = {
    SocketType.SSL: (*_BEFORE, RungName.TLS, RungName.GREETING, *_AFTER),
    SocketType.STARTTLS: (*_BEFORE, RungName.GREETING, RungName.STARTTLS, RungName.TLS, *_AFTER),
    SocketType.PLAIN: (*_BEFORE, RungName.GREETING, *_AFTER),
}


class Climbing:
    """A context in which :meth:`shown` is called with each step that has ended; ``screen`` None: shown nowhere.

    ``told``: lines stand on the screen afterwards that say what came of every step.
    """

    def __init__(self, screen: Screen | None, targets: Sequence[Target]) -> None:
        self._screen, self._targets = screen, targets
        self._rungs: dict[Protocol, list[Rung]] = {one.protocol: [] for one in targets}
        self._live: Live | None = None
        self.told = screen is not None and not screen.redraws and screen.for_people

    def __enter__(self) -> Self:
        if self._screen is not None and self._screen.redraws:
            self._live = self._screen.live()
            self._live.start()
            self._draw()
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._live is not None:
            self._live.stop()

    def shown(self, target: Target, rung: Rung) -> None:
        """A step to ``target`` has ended."""
        self._rungs[target.protocol].append(rung)
        if self._live is not None:
            self._draw()
        elif self.told and self._screen is not None:
            self._screen.say(f"{protocol_in_words(target.protocol)}, {_line(rung, detail=True)}")

    def _draw(self) -> None:
        from rich.console import Group
        from rich.text import Text

        if self._live is None or self._screen is None:
            return
        margin = " " * self._screen.margin
        lines = rows(self._targets, self._rungs, self._screen.width - self._screen.margin, running=True)
        if any(one.status is RungStatus.FAILED for rungs in self._rungs.values() for one in rungs):
            lines += ["", _("Looking for the cause …")]
        self._live.update(Group(*(Text(margin + line, no_wrap=True) for line in lines)), refresh=True)


def show_ladders(screen: Screen, observed: Sequence[Observation], *, verbose: bool = False) -> None:
    """What came of every step, for good; ``verbose``: with what was seen."""
    rungs = {
        one.target.protocol: [replace(rung, detail=detail_in_words(rung, one)) for rung in one.rungs]
        for one in observed
    }
    for line in rows([one.target for one in observed], rungs, screen.width - screen.margin, details=verbose):
        screen.say(line)


def rows(
    targets: Sequence[Target], rungs: Rungs, width: int, *, running: bool = False, details: bool = False
) -> list[str]:
    """Lines at most ``width`` wide: a column a server, or one below the other where that is too wide.

    ``running``: a step that has not ended has dots.
    """
    cells = {one.protocol: _cells(one, rungs[one.protocol], running=running) for one in targets}
    names = [name for name in _in_order(targets) if any(name in of for of in cells.values())]
    first = 2 + max((len(rung_in_words(name)) for name in names), default=0)
    column = 2 + max([10, *(len(cell) for of in cells.values() for cell in of.values())])
    if details or width < NARROW or first + column * len(targets) > width:
        return [
            line
            for one in targets
            for line in _below(one, rungs[one.protocol], width, running=running, details=details)
        ]
    head = ("", *(protocol_in_words(one.protocol) for one in targets))
    body = [(rung_in_words(name), *(cells[one.protocol].get(name, "") for one in targets)) for name in names]
    return [
        "".join([label.ljust(first), *(cell.ljust(column) for cell in row)]).rstrip() for label, *row in (head, *body)
    ]


def _in_order(targets: Sequence[Target]) -> Sequence[RungName]:
    """The steps as they are climbed, where that is the same for all; with STARTTLS the encryption begins later."""
    kinds = {one.socket_type for one in targets}
    return (*_ORDER[SocketType.STARTTLS], RungName.MAILBOX) if kinds == {SocketType.STARTTLS} else tuple(RungName)


def _cells(target: Target, rungs: Sequence[Rung], *, running: bool) -> dict[RungName, str]:
    cells = {one.name: _cell(one) for one in rungs}
    following = _following(target, rungs) if running else None
    return cells if following is None else {**cells, following: "…"}


def _following(target: Target, rungs: Sequence[Rung]) -> RungName | None:
    """The step that is under way; None behind one that failed, and behind those that every run makes."""
    if any(one.status is RungStatus.FAILED for one in rungs):
        return None
    done = {one.name for one in rungs}
    return next((name for name in _ORDER[target.socket_type] if name not in done), None)


def _cell(rung: Rung) -> str:
    words = status_in_words(rung.status)
    return words if rung.status is RungStatus.SKIPPED else f"{words} {seconds_in_words(rung.elapsed_ms)}"


def _line(rung: Rung, *, detail: bool) -> str:
    line = f"{rung_in_words(rung.name)}: {_cell(rung)}"
    return f"{line}, {printable(rung.detail, _LONGEST_DETAIL)}" if detail and rung.detail else line


def _below(target: Target, rungs: Sequence[Rung], width: int, *, running: bool, details: bool) -> list[str]:
    lines = [f"{protocol_in_words(target.protocol)}  {target_in_words(target)}"]
    lines += [f"  {_line(one, detail=details)}" for one in rungs]
    following = _following(target, rungs) if running else None
    if following is not None:
        lines.append(f"  {rung_in_words(following)}: …")
    return lines if details else [printable(line, max(width, 20)) for line in lines]
