"""When mail does not work: which program, what it shows, the doctor's answer, and on to the set-up."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wizard.app.guided.state import ExaminedFact, Place, Round, Trouble, Work, WorkKind
from wizard.interview.steps import Choice, Select, Text
from wizard.language import translate as _

if TYPE_CHECKING:
    from wizard.app.doctor import DoctorResult
    from wizard.app.guided.state import Context, State

TROUBLE = "trouble"
SET_UP, LOG_IN, AGAIN, STOP = "set-up", "log-in", "again", "stop"


def offered(context: Context, state: State) -> bool:
    """At the first question, which everybody sees who comes without an answer, unless nothing may be connected to."""
    first = state.walk is not None and not state.walk.history and state.round is Round.FIRST
    return first and not context.request.look_up.offline


def choice() -> Choice:
    return Choice(TROUBLE, _("None of this: my mail does not work, find out why"))


def ask_program(_context: Context, state: State) -> Select:
    from wizard.diagnosis.screen_messages import screen_messages

    programs = [program for program in screen_messages().programs.values() if program.family]
    return Select(
        id=state.place,
        text=_("In which program does your mail not work?"),
        choices=(
            *(Choice(program.id, program.label) for program in programs),
            Choice("other", _("In another one")),
        ),
        default=state.trouble.program or "other",
        back=True,
    )


def take_program(_context: Context, state: State, value: str) -> State:
    return state.to(Place.TROUBLE_SAYS, trouble=Trouble(program=value, says=state.trouble.says))


def back_to_questions(_context: Context, state: State) -> State:
    return state.to(Place.QUESTION)


def ask_says(_context: Context, state: State) -> Text:
    return Text(
        id=state.place,
        text=_("What does it show? A code or a sentence"),
        default=state.trouble.says,
        instruction=_("may stay empty"),
        back=True,
    )


def take_says(_context: Context, state: State, value: str) -> State:
    return state.to(Place.EXAMINE, trouble=Trouble(program=state.trouble.program, says=value))


def back_to_program(_context: Context, state: State) -> State:
    return state.to(Place.TROUBLE_PROGRAM)


def examine(_context: Context, state: State) -> Work:
    return Work(id=state.place, kind=WorkKind.EXAMINE)


def examined(_context: Context, state: State, result: DoctorResult | str | None) -> State:
    """With what the doctor found: a text says why nothing was looked at, None means that it was interrupted."""
    state = state.to(Place.TROUBLE_NEXT)
    if result is None:
        return state.say(_("The check was interrupted."))
    if isinstance(result, str):
        return state.say(result)
    # That the log-in was not tried is a choice here.
    notes = tuple(notice for notice in result.notes if notice.code != "login_not_tried")
    return state.to(Place.TROUBLE_NEXT, ExaminedFact(replace(result, notes=notes)))


def ask_next(_context: Context, state: State) -> Select:
    log_in = [] if state.trouble.login else [Choice(LOG_IN, _("Check the log-in, too (asks for the password)"))]
    return Select(
        id=state.place,
        text=_("What would you like to do next?"),
        choices=(
            Choice(SET_UP, _("Set up the address: a few questions, then ready files")),
            *log_in,
            Choice(AGAIN, _("Look again, with another program or message")),
            Choice(STOP, _("Stop here")),
        ),
        default=SET_UP,
    )


def take_next(_context: Context, state: State, value: str) -> State:
    if value == LOG_IN:
        trouble = Trouble(program=state.trouble.program, says=state.trouble.says, login=True)
        return state.to(Place.EXAMINE, trouble=trouble)
    places = {SET_UP: Place.QUESTION, AGAIN: Place.TROUBLE_PROGRAM}
    return state.to(places.get(value, Place.STOPPED))
