"""The questions, the advice that follows from them, and the review of the answers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wizard.app.guided import trouble
from wizard.app.guided.state import AdviceFact, Place, Round
from wizard.app.questions import (
    expected_questions,
    interview_for,
    labels_of,
    position_of,
    still_open,
    with_report_facts,
)
from wizard.interview.answers import Answers, Origin
from wizard.interview.flow import GO_ON
from wizard.interview.steps import Choice, Select
from wizard.language import translate as _

if TYPE_CHECKING:
    from wizard.app.guided.state import Context, State
    from wizard.interview.flow import Interview, Walk
    from wizard.interview.steps import Unknown

GO, MORE, WHY, CHANGE = "on", "more", "why", "change"

_AFTERWARDS = {
    Round.FIRST: Place.LOOK_UP,
    Round.REFINE: Place.TO_ADVICE,
    Round.AGAIN: Place.TO_ADVICE,
    Round.CHANGE: Place.REVIEW,
}


def interview(context: Context, state: State) -> Interview:
    """The rules of the round that ``state`` is in."""
    again = state.round is Round.AGAIN
    return interview_for(context.rules, refine=state.round is Round.REFINE, leave=not again)


def to_questions(context: Context, state: State) -> State:
    """Begin a round of questions."""
    walk = interview(context, state).begin(state.answers, state.remembered)
    return _walked(state.to(Place.QUESTION, expected=expected_questions(state.answers, context.rules)), walk)


def _walked(state: State, walk: Walk) -> State:
    """At the next question of ``walk``, or behind the round."""
    state = state.say(walk.follows).to(Place.QUESTION, walk=walk, remembered=_remembered(state, walk))
    if walk.key is not None:
        return state
    after = _AFTERWARDS[state.round]
    if after is Place.LOOK_UP and state.report is not None:
        after = Place.TO_REPORT
    return state.to(after, walk=None, answers=walk.answers)


def _remembered(state: State, walk: Walk) -> Answers:
    """What the person said last in all rounds. A change that is under way counts once it is finished."""
    if walk.original is None:
        return walk.remembered
    remembered = state.remembered
    for asked in walk.history if walk.key is None else ():
        value = walk.answers.get(asked.key)
        remembered = (
            remembered.decline(asked.key) if value is None else remembered.with_(asked.key, value, Origin.TYPED)
        )
    return remembered


def ask_question(context: Context, state: State) -> Select:
    assert state.walk is not None
    position = ""
    if state.round is not Round.CHANGE:
        expected = 0 if state.round is Round.REFINE else state.expected
        position = position_of(state.walk.number, expected)
    step = interview(context, state).step(state.walk, position=position)
    if trouble.offered(context, state):
        return replace(step, choices=(*step.choices, trouble.choice()))
    return step


def take_question(context: Context, state: State, value: str | Unknown) -> State:
    assert state.walk is not None
    if value == trouble.TROUBLE and trouble.offered(context, state):
        return state.to(Place.TROUBLE_PROGRAM)
    return _walked(state, interview(context, state).answer(state.walk, value))


def back_question(context: Context, state: State) -> State:
    """At the question before. In front of the first: the address, the advice, or the review that led here."""
    assert state.walk is not None
    walk = interview(context, state).back(state.walk)
    if walk is not None:
        return state.to(Place.QUESTION, walk=walk)
    if state.round is Round.FIRST:
        # The walk stays: what was answered is kept when somebody breaks off there.
        return state.to(Place.ADDRESS, greeted=None)
    return state.to(Place.REVIEW if state.round is Round.CHANGE else Place.TO_ADVICE, walk=None)


def answers_so_far(context: Context, state: State) -> Answers:
    """What is kept when somebody breaks off here."""
    if state.kept is not None:
        return state.answers.merged(state.kept)
    rules = interview(context, state)
    return rules.kept(state.answers, state.remembered) if state.walk is None else rules.so_far(state.walk)


def to_advice(context: Context, state: State) -> State:
    """Make the advice of what is known by now."""
    from wizard.advice.recommendation import recommend

    assert state.report is not None
    answers = with_report_facts(state.answers, state.report)
    advice = recommend(answers.values(), rules=context.rules, declined=answers.declined)
    state = state.to(Place.TO_SERVERS, answers=answers, advice=advice)
    if not context.asks:
        return state
    left = still_open(answers, context.rules)
    return state.to(Place.ADVICE, AdviceFact(advice, tuple(labels_of(left))), open_questions=left)


def ask_after_advice(_context: Context, state: State) -> Select:
    choices = [Choice(GO, _("Continue"))]
    if state.open_questions:
        choices.append(Choice(MORE, _("Ask me more questions: the advice could still change")))
    choices += [Choice(WHY, _("Show every reason, and continue")), Choice(CHANGE, _("Change an answer"))]
    return Select(id=state.place, text=_("What would you like to do next?"), choices=tuple(choices), default=GO)


def take_after_advice(context: Context, state: State, value: str) -> State:
    assert state.advice is not None
    if value == MORE:
        return state.to(Place.TO_QUESTIONS, round=Round.REFINE)
    if value == WHY:
        return state.to(Place.TO_SERVERS, AdviceFact(state.advice, in_full=True))
    if value == CHANGE:
        facts = interview_for(context.rules).looked_up(state.answers)
        return state.to(Place.REVIEW, *facts)
    return state.to(Place.TO_SERVERS)


def ask_review(context: Context, state: State) -> Select:
    return interview_for(context.rules).review(state.answers)


def take_review(context: Context, state: State, value: str) -> State:
    if value == GO_ON:
        return state.to(Place.TO_ADVICE)
    state = state.to(Place.QUESTION, round=Round.CHANGE)
    return _walked(state, interview(context, state).change(state.answers, value))
