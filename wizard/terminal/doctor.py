"""The doctor at a terminal: what it asks, the ladders while they are climbed, and what it found."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Self

from wizard.app.passwords import COMMAND, DESCRIPTOR
from wizard.app.user_report import explanation
from wizard.diagnosis.report import rung_detail
from wizard.discovery.registry import origin_label
from wizard.interview.steps import Choice, Password, Select
from wizard.language import translate as _
from wizard.model.diagnosis import Confidence, RungName, RungStatus
from wizard.model.discovery import Source
from wizard.model.problems import InputNeeded
from wizard.model.servers import Protocol, SocketType
from wizard.model.text import printable
from wizard.terminal.screen import NARROW
from wizard.wording import (
    confidence_label,
    duration_label,
    protocol_label,
    rung_label,
    scope_label,
    status_label,
    target_label,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from rich.live import Live

    from wizard.app.doctor import DoctorResult
    from wizard.app.user_report import UserReport
    from wizard.discovery.lookup import LookUp
    from wizard.model.diagnosis import Finding, Observation, Rung, Target
    from wizard.model.discovery import DiscoveryReport
    from wizard.model.problems import Notice
    from wizard.model.secret import Secret
    from wizard.terminal.prompters import Prompter
    from wizard.terminal.screen import Screen

    Rungs = Mapping[Target, Sequence[Rung]]

_LONGEST_DETAIL = 200
_BEFORE, _AFTER = (RungName.DNS, RungName.TCP), (RungName.CAPABILITIES, RungName.LOGIN)
_ORDER = {
    SocketType.SSL: (*_BEFORE, RungName.TLS, RungName.GREETING, *_AFTER),
    SocketType.STARTTLS: (*_BEFORE, RungName.GREETING, RungName.STARTTLS, RungName.TLS, *_AFTER),
    SocketType.PLAIN: (*_BEFORE, RungName.GREETING, *_AFTER),
}


class DoctorView:
    """The :class:`wizard.app.doctor.View` of a terminal; ``screen`` None: nothing is shown at work (--json)."""

    def __init__(self, prompter: Prompter, screen: Screen | None) -> None:
        self._prompter, self._screen = prompter, screen
        self._ladders_shown = False

    def wait_for(self, look_up: LookUp) -> DiscoveryReport:
        """As :func:`wizard.terminal.lookup.watch`."""
        from wizard.terminal.lookup import watch

        return watch(look_up, self._screen)

    def may_send_password(self, doubts: Sequence[Notice]) -> bool:
        """Ask about ``doubts``. Raises InputNeeded with the options that agree."""
        texts = " ".join(notice.text for notice in doubts)
        options = " ".join(f"--accept {notice.code}" for notice in doubts)
        if not self._prompter.interactive:
            raise InputNeeded(f"{texts} {_('To agree, add: {options}').format(options=options)}")
        step = Select(
            id="consent",
            text=f"{texts} {_('Shall the password be sent there?')}",
            choices=(Choice("no", _("No: check without logging in")), Choice("yes", _("Yes, these are my servers"))),
            default="no",
            given_by=options,
        )
        return bool(self._prompter.ask(step) == "yes")

    def ask_password(self, message: str) -> Secret:
        """As :func:`ask_password`."""
        return ask_password(self._prompter, message)

    @contextmanager
    def climbing(self, targets: Sequence[Target]) -> Iterator[Callable[[Target, Rung], None]]:
        """The ladders to ``targets``, drawn as they are climbed."""
        with Ladders(self._screen, targets) as ladders:
            yield ladders.add
        self._ladders_shown = ladders.stay

    def show(self, screen: Screen, result: DoctorResult, *, verbose: bool = False) -> None:
        """The result, for a person."""
        diagnosis = result.diagnosis
        screen.say(diagnosis.address.unicode, style="bold")
        show_words(screen, result.user_report)
        targets = [observation.target for observation in diagnosis.observations]
        screen.fields([(protocol_label(target.protocol), _target_lines(target)) for target in targets])
        if result.connected and (verbose or not self._ladders_shown):
            screen.blank()
            show_ladders(screen, diagnosis.observations, verbose=verbose)
        show_findings(screen, diagnosis.findings)
        if not diagnosis.findings:
            screen.blank()
            screen.say(_verdict(result), style="bold")
        if result.settings and result.user_report.program is not None:
            screen.blank()
            screen.say(_("Look at these settings in {program}").format(program=result.user_report.program.label))
            screen.steps(result.settings)
        if result.notes:
            screen.blank()
            screen.fields([(_("Please note"), [notice.text for notice in result.notes])])


def show_words(screen: Screen, user_report: UserReport) -> None:
    """What the words on the person's screen mean."""
    if user_report.words is not None:
        screen.fields(
            [
                (_("It shows"), [f"“{user_report.words.text}”"]),
                (_("That means"), list(explanation(user_report.words, user_report.program))),
            ]
        )
        screen.blank()


def ask_password(prompter: Prompter, message: str) -> Secret:
    """The password, typed. Raises InputNeeded with the options that give it."""
    step = Password(
        id="password", text=message, instruction=_("It is not stored anywhere."), given_by=f"{COMMAND}, {DESCRIPTOR}"
    )
    secret: Secret = prompter.ask(step)
    return secret


def _verdict(result: DoctorResult) -> str:
    """What was seen to be right: no more than what was looked at."""
    if not result.connected:
        if any(notice.code == "differs" for notice in result.notes):
            return _("What your program has is not what the built-in catalogue has for your address.")
        return _("Your program has what the built-in catalogue has for your address.")
    if result.unexplained:
        return _("A step failed, and its cause is not known.")
    reading = [target for target in result.working if target.protocol is not Protocol.SMTP]
    sending = [target for target in result.working if target.protocol is Protocol.SMTP]
    if reading and sending:
        words = _(
            "Nothing is wrong: the servers for reading ({reading}) and sending ({sending}) answer as they should."
        )
        return words.format(reading=_places(reading), sending=_places(sending))
    if reading:
        words = _("Nothing is wrong with reading ({reading}). Sending was not checked: give its server with --smtp.")
        return words.format(reading=_places(reading))
    words = _("Nothing is wrong with sending ({sending}). Reading was not checked: give its server with --imap.")
    return words.format(sending=_places(sending))


def _places(targets: Sequence[Target]) -> str:
    """``IMAP: mail.example.org, POP3: …``; of a guess, that it is one."""
    hosts = [_("{host} (a guess)").format(host=target.host) if target.guessed else target.host for target in targets]
    return ", ".join(f"{protocol_label(target.protocol)}: {host}" for target, host in zip(targets, hosts, strict=True))


def _target_lines(target: Target) -> list[str]:
    name = _("user name {username}").format(username=target.username)
    origin = _("a usual server name") if target.source is Source.PROBE else origin_label(target.evidence)
    return [target_label(target), f"{name}; {origin}"]


def show_findings(screen: Screen, findings: Sequence[Finding]) -> None:
    """Each finding, the root cause first: the cause, what was seen, and what to do."""
    for finding in findings:
        screen.blank()
        screen.say(_headline(finding), style="bold")
        screen.fields([(_("Seen"), [finding.evidence])] if finding.evidence else [])
        if finding.steps:
            screen.say(_("What to do"))
            screen.steps(finding.steps)


def _headline(finding: Finding) -> str:
    """``IMAP: the cause (likely)``; what is certain needs no word for it."""
    scope = scope_label(finding)
    text = f"{scope}: {finding.cause}" if scope else finding.cause
    if finding.confidence is Confidence.CERTAIN:
        return text
    return f"{text} ({confidence_label(finding.confidence)})"


class Ladders:
    """The ladders to all servers side by side, while they are climbed; ``screen`` None: shown nowhere.

    ``stay``: in plain mode each step is a line that stays on the screen; else the table is gone afterwards.
    """

    def __init__(self, screen: Screen | None, targets: Sequence[Target]) -> None:
        self._screen, self._targets = screen, targets
        self._rungs: dict[Target, list[Rung]] = {target: [] for target in targets}
        self._live: Live | None = None
        self.stay = screen is not None and not screen.redraws and screen.for_people

    def __enter__(self) -> Self:
        if self._screen is not None and self._screen.redraws:
            self._live = self._screen.live()
            self._live.start()
            self._draw()
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._live is not None:
            self._live.stop()

    def add(self, target: Target, rung: Rung) -> None:
        """A step to ``target`` has ended."""
        self._rungs[target].append(rung)
        if self._live is not None:
            self._draw()
        elif self.stay and self._screen is not None:
            self._screen.say(f"{_heading(target, self._targets)}, {_line(rung, detail=True)}")

    def _draw(self) -> None:
        from rich.console import Group
        from rich.text import Text

        if self._live is None or self._screen is None:
            return
        margin = " " * self._screen.margin
        lines = ladder_lines(self._targets, self._rungs, self._screen.width - self._screen.margin, running=True)
        if any(rung.status is RungStatus.FAILED for rungs in self._rungs.values() for rung in rungs):
            lines += ["", _("Looking for the cause …")]
        self._live.update(Group(*(Text(margin + line, no_wrap=True) for line in lines)), refresh=True)


def show_ladders(screen: Screen, observed: Sequence[Observation], *, verbose: bool = False) -> None:
    """The final result of every step; ``verbose``: with what was seen."""
    rungs = {
        server.target: [replace(rung, detail=rung_detail(rung, server)) for rung in server.rungs] for server in observed
    }
    targets = [server.target for server in observed]
    for line in ladder_lines(targets, rungs, screen.width - screen.margin, details=verbose):
        screen.say(line)


def ladder_lines(
    targets: Sequence[Target], rungs: Rungs, width: int, *, running: bool = False, details: bool = False
) -> list[str]:
    """Lines at most ``width`` wide: a column a server, or one below the other where that is too wide.

    ``running``: a step that has not ended has dots.
    """
    cells = {target: _cells(target, rungs[target], running=running) for target in targets}
    names = [name for name in _in_order(targets) if any(name in column for column in cells.values())]
    label_width = 2 + max((len(rung_label(name)) for name in names), default=0)
    headings = [_heading(target, targets) for target in targets]
    column_width = 2 + max(
        [10, *map(len, headings), *(len(cell) for column in cells.values() for cell in column.values())]
    )
    if details or width < NARROW or label_width + column_width * len(targets) > width:
        return [
            line
            for target in targets
            for line in _below(target, rungs[target], width, running=running, details=details)
        ]
    head = ("", *headings)
    body = [(rung_label(name), *(cells[target].get(name, "") for target in targets)) for name in names]
    return [
        "".join([label.ljust(label_width), *(cell.ljust(column_width) for cell in row)]).rstrip()
        for label, *row in (head, *body)
    ]


def _heading(target: Target, targets: Sequence[Target]) -> str:
    """The protocol; where there are two servers of it, also which of them."""
    label = protocol_label(target.protocol)
    several = sum(other.protocol is target.protocol for other in targets) > 1
    return f"{label} {target.host} {target.port}" if several else label


def _in_order(targets: Sequence[Target]) -> Sequence[RungName]:
    """The steps as they are climbed, where that is the same for all; with STARTTLS the encryption begins later."""
    kinds = {target.socket_type for target in targets}
    return (*_ORDER[SocketType.STARTTLS], RungName.MAILBOX) if kinds == {SocketType.STARTTLS} else tuple(RungName)


def _cells(target: Target, rungs: Sequence[Rung], *, running: bool) -> dict[RungName, str]:
    cells = {rung.name: _cell(rung) for rung in rungs}
    following = _following(target, rungs) if running else None
    return cells if following is None else {**cells, following: "…"}


def _following(target: Target, rungs: Sequence[Rung]) -> RungName | None:
    """The step that is under way; None behind one that failed, and behind those that every run makes."""
    if any(rung.status is RungStatus.FAILED for rung in rungs):
        return None
    done = {rung.name for rung in rungs}
    return next((name for name in _ORDER[target.socket_type] if name not in done), None)


def _cell(rung: Rung) -> str:
    status = status_label(rung.status)
    return status if rung.status is RungStatus.SKIPPED else f"{status} {duration_label(rung.elapsed_ms)}"


def _line(rung: Rung, *, detail: bool) -> str:
    line = f"{rung_label(rung.name)}: {_cell(rung)}"
    return f"{line}, {printable(rung.detail, _LONGEST_DETAIL)}" if detail and rung.detail else line


def _below(target: Target, rungs: Sequence[Rung], width: int, *, running: bool, details: bool) -> list[str]:
    lines = [f"{protocol_label(target.protocol)}  {target_label(target)}"]
    lines += [f"  {_line(rung, detail=details)}" for rung in rungs]
    following = _following(target, rungs) if running else None
    if following is not None:
        lines.append(f"  {rung_label(following)}: …")
    return lines if details else [printable(line, max(width, 20)) for line in lines]
