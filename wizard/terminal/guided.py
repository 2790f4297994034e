"""The guided way in a terminal: its steps become questions of a prompter, what has to be done is done meanwhile."""

from __future__ import annotations

import errno
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from wizard import interruption
from wizard.app.guided.machine import Guide
from wizard.app.guided.state import (
    AdviceFact,
    Done,
    ExaminedFact,
    FindingsFact,
    ServersFact,
    SilentFact,
    Work,
    WorkKind,
)
from wizard.app.guided.work import connect, examine, stopped, targets_for, write
from wizard.app.writing import steps_at_provider
from wizard.discovery.consent import CONSENT_CODES
from wizard.interview.steps import BACK, Prompt, Select, Sentence
from wizard.language import translate as _
from wizard.model.discovery import NETWORK_CODES
from wizard.model.problems import InputNeeded
from wizard.terminal.advice import show_advice
from wizard.terminal.lookup import say_silence, show_chosen, show_warnings, watch
from wizard.wording import step_label

if TYPE_CHECKING:
    from wizard.advice.rules import Rules
    from wizard.app.doctor import DoctorResult
    from wizard.app.guided.state import Outcome, State
    from wizard.app.plan import Request
    from wizard.discovery.lookup import LookUp
    from wizard.interview.answers import Answers
    from wizard.interview.steps import Fact, Step
    from wizard.model.diagnosis import Diagnosis
    from wizard.model.discovery import DiscoveryReport, FoundServer
    from wizard.model.secret import Secret
    from wizard.model.servers import Protocol
    from wizard.terminal.doctor import DoctorView
    from wizard.terminal.prompters import Prompter
    from wizard.terminal.screen import Screen

_ASKED = (*CONSENT_CODES, *NETWORK_CODES, "no_such_domain")
"""Codes of what is put as a question, and need not be said besides."""


def run_guided(request: Request, prompter: Prompter, screen: Screen, *, defaults: bool) -> Outcome:
    """The whole way; with ``defaults`` nothing is asked that has a default. Raises Problem; Stopped where the person
    breaks off or chooses to stop, with the answers kept.
    """
    guide = Guide(request, interactive=prompter.interactive, defaults=defaults)
    run = _Run(guide, prompter, screen)
    try:
        outcome = run.go()
        if outcome is not None:
            return outcome
        interruption.gate.closed = True
    except (KeyboardInterrupt, interruption.Terminated):
        interruption.gate.closed = True  # the answers are kept, whatever comes now
        raise stopped(run.answers, writing=run.writing) from None
    except OSError as error:
        if error.errno != errno.EIO:
            raise
        interruption.gate.closed = True
        raise stopped(run.answers, hung_up=True) from None
    raise stopped(run.answers, chosen=True)


def ask_questions(answers: Answers, prompter: Prompter, rules: Rules | None) -> Answers:
    """Ask what can still change the advice, and nothing else. Raises Stopped, with the answers kept."""
    from wizard.app.questions import expected_questions, interview_for, position_of

    interview = interview_for(rules)
    walk, expected = interview.begin(answers), expected_questions(answers, rules)
    try:
        while walk.key is not None:
            if walk.follows:
                prompter.say(walk.follows)
            value = prompter.ask(interview.step(walk, position=position_of(walk.number, expected)))
            walk = (interview.back(walk) or walk) if value is BACK else interview.answer(walk, value)
    except (KeyboardInterrupt, interruption.Terminated):
        interruption.gate.closed = True
        raise stopped(interview.so_far(walk)) from None
    if walk.follows:
        prompter.say(walk.follows)
    return walk.answers


class _Run:
    """One run: the machine, where the person is by now, and the look-up that runs meanwhile."""

    def __init__(self, guide: Guide, prompter: Prompter, screen: Screen) -> None:
        self.guide = guide
        self.state: State | None = None
        self.writing = False
        self._prompter = prompter
        self._screen = screen
        self._look_up: LookUp | None = None
        self._doctor: DoctorView | None = None

    @property
    def answers(self) -> Answers:
        """What is kept when the person breaks off now."""
        if self.state is None:  # nothing was said in this run, and what the last one left has not been offered yet
            from wizard.interview.answers import Answers

            return Answers()
        return self.guide.answers_so_far(self.state)

    def go(self) -> Outcome | None:
        """From the first step to the last; None where the person chose to stop."""
        from wizard.interview import partial

        self.state = state = self.guide.begin(partial.offered() if self._prompter.interactive else None)
        while not isinstance(step := self.guide.next_step(state), Done):
            assert isinstance(step, Work | Prompt)
            self._show_facts(step)
            value = self._work(state, step) if isinstance(step, Work) else self._prompter.ask(step)
            self.state = state = self.guide.answer(state, step, value)
        return step.outcome

    def _work(self, state: State, step: Work) -> Any:
        if step.kind is WorkKind.FORGET:
            from wizard.interview import partial

            return partial.forget()
        if step.kind is WorkKind.START:
            return self._start(state)
        if step.kind is WorkKind.LOOK_UP:
            return self._found()
        if step.kind is WorkKind.CHECK:
            self._screen.blank()
            self._screen.say(_("Connecting to the servers. Press Ctrl-C to skip this."))
            return self._connect(state, step)
        if step.kind is WorkKind.EXAMINE:
            return self._examine(state)
        if step.kind is WorkKind.LOG_IN:
            return self._log_in(state, step)
        self.writing = True
        return write(self.guide, state)

    def _start(self, state: State) -> DiscoveryReport | None:
        """Begin to look up the address; the report where it is there at once."""
        from wizard.discovery.lookup import start

        assert state.address is not None
        if self._look_up is not None:
            self._look_up.cancel()
        options = replace(self.guide.context.request.look_up, accepted=tuple(sorted(state.agreed)))
        self._look_up = look_up = start(state.address, options)
        return look_up.result() if look_up.done or options.offline else None

    def _found(self) -> DiscoveryReport:
        """What was found; Ctrl-C ends the wait and continues with what is known."""
        look_up = self._look_up
        assert look_up is not None
        if look_up.done or not self.guide.context.asks:
            return watch(look_up, None)
        self._screen.blank()
        self._screen.say(_("Still looking for the servers. Press Ctrl-C to enter them by hand."))
        with interruption.skippable():
            return watch(look_up, self._screen)
        return look_up.result()  # it was told to stop

    def _connect(self, state: State, step: Work, password: Secret | None = None) -> Diagnosis | None:
        """What was seen of the servers; None where the person does not want to wait."""
        from wizard.terminal.doctor import Ladders

        assert state.report is not None
        options = self.guide.context.request.look_up
        with interruption.skippable(), Ladders(self._screen, targets_for(step.servers)) as ladders:
            return connect(state.report, step.servers, options, ladders.add, password)
        return None

    def _examine(self, state: State) -> DoctorResult | str | None:
        """What the doctor says; None where the person does not want to wait."""
        from wizard.terminal.doctor import DoctorView

        self._screen.blank()
        self._screen.say(_("Connecting to the servers. Press Ctrl-C to skip this."))
        self._doctor = DoctorView(self._prompter, self._screen)
        with interruption.skippable():
            return examine(self.guide, state, self._doctor)
        return None

    def _log_in(self, state: State, step: Work) -> Diagnosis | str | None:
        """The result of the log-in; a sentence where it cannot be tried, None where the person interrupted it."""
        assert step.password is not None
        with interruption.skippable():
            try:
                secret = self._prompter.ask(step.password)
            except InputNeeded as needed:
                return needed.text
            with secret:
                return self._connect(state, step, secret)
        return None

    def _show_facts(self, step: Step) -> None:
        """The facts before ``step``."""
        for position, fact in enumerate(step.facts):
            if isinstance(fact, Sentence):
                if position == 0 and not (isinstance(step, Select) and step.position):
                    self._screen.blank()
                self._prompter.say(fact.text)
            else:
                self._show(fact)

    def _show(self, fact: Fact) -> None:
        if isinstance(fact, AdviceFact):
            show_advice(self._screen, fact.advice, unanswered=fact.unanswered, in_full=fact.in_full)
        elif isinstance(fact, ServersFact):
            _show_servers(self._screen, fact.report, fact.protocol)
        elif isinstance(fact, FindingsFact):
            from wizard.terminal.doctor import show_findings

            show_findings(self._screen, fact.findings)
        elif isinstance(fact, ExaminedFact):
            assert self._doctor is not None
            self._screen.blank()
            self._doctor.show(self._screen, fact.result)
        elif isinstance(fact, SilentFact):
            say_silence(self._screen, fact.servers)
        else:
            raise TypeError(type(fact).__name__)


def _show_servers(screen: Screen, report: DiscoveryReport, protocol: Protocol) -> None:
    """The servers, the warnings about them, and what to do at the provider first."""
    screen.blank()
    show_chosen(screen, report, protocol)
    steps = steps_at_provider(report.provider, protocol)
    servers: list[FoundServer] = [found for found in (report.imap, report.pop3, report.smtp) if found is not None]
    shown_elsewhere = [_(step.text) for step in steps]
    shown_elsewhere += [notice.text for notice in (*report.needs_consent, *report.warnings) if notice.code in _ASKED]
    shown_elsewhere += [found.trouble for found in servers if found.trouble]
    show_warnings(screen, report, shown=shown_elsewhere)
    if steps:
        screen.blank()
        screen.fields([(_("Do first"), [step_label(step) for step in steps])])
