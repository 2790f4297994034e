"""The machine: what comes next, what an answer leads to, and the way back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from wizard.app.guided import address, questions, servers, summary
from wizard.app.guided.state import At, Context, State, Work
from wizard.app.plan import check_accepted
from wizard.interview.steps import BACK, Prompt, problem_with
from wizard.model.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.app.plan import Plan, Request
    from wizard.interview.answers import Answers
    from wizard.interview.partial import Offer
    from wizard.interview.steps import Step


@dataclass(frozen=True, slots=True)
class Place:
    """A place on the way: its step, what an answer leads to, and where “back” leads."""

    step: Callable[[Context, State], Step]
    answer: Callable[[Context, State, Any], State] | None = None
    back: Callable[[Context, State], State] | None = None


PLACES = {
    At.RESUME: Place(address.ask_resume, address.take_resume),
    At.FORGET: Place(address.forget, address.forgotten),
    At.ADDRESS: Place(address.ask_address, address.take_address),
    At.SPELLING: Place(address.ask_spelling, address.take_spelling),
    At.START: Place(address.start, address.started),
    At.QUESTION: Place(questions.ask_question, questions.take_question, questions.back_question),
    At.LOOK_UP: Place(address.look_up, address.looked_up),
    At.NO_NETWORK: Place(address.ask_network, address.take_network),
    At.NO_DOMAIN: Place(address.ask_domain, address.take_domain),
    At.ADVICE: Place(questions.ask_after_advice, questions.take_after_advice),
    At.REVIEW: Place(questions.ask_review, questions.take_review),
    At.SERVER: Place(servers.ask_server, servers.take_server, servers.back_server),
    At.CHECK: Place(servers.check, servers.checked),
    At.SILENT: Place(servers.ask_silent, servers.take_silent),
    At.CONSENT: Place(servers.ask_consent, servers.take_consent),
    At.NAME: Place(summary.ask_name, summary.take_name, summary.back_to_advice),
    At.PROGRAMS: Place(summary.ask_programs, summary.take_programs, summary.back_programs),
    At.SUMMARY: Place(summary.ask_summary, summary.take_summary),
    At.LINE: Place(summary.ask_line, summary.take_line, summary.back_line),
    At.LOG_IN: Place(summary.log_in, summary.logged_in),
    At.WRITE: Place(summary.write, summary.after_writing),
    At.DONE: Place(summary.done),
    At.STOPPED: Place(summary.stopped),
}

PASSED: dict[At, Callable[[Context, State], State]] = {
    At.TO_ADDRESS: address.to_address,
    At.TO_QUESTIONS: questions.to_questions,
    At.TO_REPORT: address.to_report,
    At.TO_ADVICE: questions.to_advice,
    At.TO_SERVERS: servers.to_servers,
    At.TO_DOUBTS: servers.to_doubts,
    At.TO_SUMMARY: summary.to_summary,
}


class Guide:
    """The guided way for one request. It holds nothing that changes: where somebody is, is in the State alone.

    ``interactive``: somebody is there to answer; with ``defaults`` nothing is asked that has a default. Raises Problem
    for a request that does not make sense.
    """

    def __init__(self, request: Request, *, interactive: bool, defaults: bool = False) -> None:
        check_accepted(request.accept)
        self.context = Context(request=request, rules=request.rules(), interactive=interactive, defaults=defaults)

    def begin(self, kept: Offer | None = None) -> State:
        """The first state; ``kept``: what an interrupted run left. Raises Problem as :meth:`answer` does."""
        request = self.context.request
        state = State(at=At.TO_ADDRESS, answers=request.answers, agreed=frozenset(request.accept))
        return self._passed(address.offer(self.context, state, kept))

    def next_step(self, state: State) -> Step:
        """What comes next: a question, something to do, or the end."""
        return replace(PLACES[state.at].step(self.context, state), facts=state.facts)

    def answer(self, state: State, step: Step, value: Any) -> State:
        """The state after ``value`` (of a Work: its result) for ``step``, which is the next one of ``state``.

        Raises Problem with one sentence where ``value`` is no answer, and where the way cannot go on; ValueError for a
        step of another state.
        """
        current = self.next_step(state)
        if step.id != current.id:
            raise ValueError(f"{step.id} is not what is asked in this state: {current.id}")
        take = PLACES[state.at].answer
        if take is None:
            raise ValueError("the way is at its end")
        if isinstance(current, Prompt):
            value = value.strip() if isinstance(value, str) else value
            problem = problem_with(current, value)
            if problem is not None:
                raise Problem(problem)
            if value is BACK:
                return self.back(state)
        return self._passed(take(self.context, replace(state, facts=()), value))

    def back(self, state: State) -> State:
        """At the question before; the same state where there is no way back."""
        back = PLACES[state.at].back
        step = PLACES[state.at].step(self.context, state)
        if back is None or not (isinstance(step, Work) or (isinstance(step, Prompt) and step.back)):
            return state
        return self._passed(back(self.context, replace(state, facts=())))

    def plan(self, state: State) -> Plan:
        """What will be written; only from the summary on."""
        return summary.plan_of(self.context, state)

    def answers_so_far(self, state: State) -> Answers:
        """What a person who breaks off here has said: it is kept for the next start."""
        return questions.answers_so_far(self.context, state)

    def _passed(self, state: State) -> State:
        while state.at in PASSED:
            state = PASSED[state.at](self.context, state)
        return state
