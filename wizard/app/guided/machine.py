"""The machine: what comes next, what an answer leads to, and the way back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from wizard.app.guided import address, questions, servers, summary, trouble
from wizard.app.guided.state import Context, Place, State, Work
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
class Handler:
    """What happens at a place: its step, what an answer leads to, and where “back” leads."""

    step: Callable[[Context, State], Step]
    answer: Callable[[Context, State, Any], State] | None = None
    back: Callable[[Context, State], State] | None = None


HANDLERS = {
    Place.RESUME: Handler(address.ask_resume, address.take_resume),
    Place.FORGET: Handler(address.forget, address.forgotten),
    Place.ADDRESS: Handler(address.ask_address, address.take_address),
    Place.SPELLING: Handler(address.ask_spelling, address.take_spelling),
    Place.START: Handler(address.start, address.started),
    Place.QUESTION: Handler(questions.ask_question, questions.take_question, questions.back_question),
    Place.LOOK_UP: Handler(address.look_up, address.looked_up),
    Place.NO_NETWORK: Handler(address.ask_network, address.take_network),
    Place.NO_DOMAIN: Handler(address.ask_domain, address.take_domain),
    Place.ELSEWHERE: Handler(address.ask_elsewhere, address.take_elsewhere),
    Place.ADVICE: Handler(questions.ask_after_advice, questions.take_after_advice),
    Place.REVIEW: Handler(questions.ask_review, questions.take_review),
    Place.SERVER: Handler(servers.ask_server, servers.take_server, servers.back_server),
    Place.CHECK: Handler(servers.check, servers.checked),
    Place.SILENT: Handler(servers.ask_silent, servers.take_silent),
    Place.CONSENT: Handler(servers.ask_consent, servers.take_consent),
    Place.NAME: Handler(summary.ask_name, summary.take_name, summary.back_to_advice),
    Place.PROGRAMS: Handler(summary.ask_programs, summary.take_programs, summary.back_programs),
    Place.SUMMARY: Handler(summary.ask_summary, summary.take_summary),
    Place.LINE: Handler(summary.ask_line, summary.take_line, summary.back_line),
    Place.LOG_IN: Handler(summary.log_in, summary.logged_in),
    Place.WRITE: Handler(summary.write, summary.after_writing),
    Place.TROUBLE_PROGRAM: Handler(trouble.ask_program, trouble.take_program, trouble.back_to_questions),
    Place.TROUBLE_SAYS: Handler(trouble.ask_says, trouble.take_says, trouble.back_to_program),
    Place.EXAMINE: Handler(trouble.examine, trouble.examined),
    Place.TROUBLE_NEXT: Handler(trouble.ask_next, trouble.take_next),
    Place.DONE: Handler(summary.done),
    Place.STOPPED: Handler(summary.stopped),
}

PASSED: dict[Place, Callable[[Context, State], State]] = {
    Place.TO_ADDRESS: address.to_address,
    Place.TO_QUESTIONS: questions.to_questions,
    Place.TO_REPORT: address.to_report,
    Place.TO_ADVICE: questions.to_advice,
    Place.TO_SERVERS: servers.to_servers,
    Place.TO_DOUBTS: servers.to_doubts,
    Place.TO_SUMMARY: summary.to_summary,
}


class Guide:
    """The guided way for one request. It holds nothing that changes: the current place is in the State alone.

    ``interactive``: somebody is there to answer; with ``defaults`` nothing is asked that has a default. Raises Problem
    for a request that does not make sense.
    """

    def __init__(self, request: Request, *, interactive: bool, defaults: bool = False) -> None:
        check_accepted(request.accept)
        self.context = Context(request=request, rules=request.rules(), interactive=interactive, defaults=defaults)

    def begin(self, kept: Offer | None = None) -> State:
        """The first state; ``kept``: what an interrupted run left. Raises Problem as :meth:`answer` does."""
        request = self.context.request
        state = State(place=Place.TO_ADDRESS, answers=request.answers, agreed=frozenset(request.accept))
        return self._passed(address.offer(self.context, state, kept))

    def next_step(self, state: State) -> Step:
        """What comes next: a question, something to do, or the end."""
        return replace(HANDLERS[state.place].step(self.context, state), facts=state.facts)

    def answer(self, state: State, step: Step, value: Any) -> State:
        """The state after ``value`` (of a Work: its result) for ``step``, which is the next one of ``state``.

        Raises Problem with one sentence where ``value`` is no answer, and where the way cannot go on; ValueError for a
        step of another state.
        """
        current = self.next_step(state)
        if step.id != current.id:
            raise ValueError(f"{step.id} is not what is asked in this state: {current.id}")
        take = HANDLERS[state.place].answer
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
        back = HANDLERS[state.place].back
        step = HANDLERS[state.place].step(self.context, state)
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
        while state.place in PASSED:
            state = PASSED[state.place](self.context, state)
        return state
