"""A person by script, who answers each step as told, and the ways that such a person goes through an interview."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from wizard.interview.flow import GO_ON, Interview
from wizard.interview.steps import BACK, problem_with

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wizard.interview.answers import Answers
    from wizard.interview.flow import NextKey, Walk
    from wizard.interview.questions import Question
    from wizard.interview.steps import Prompt, Select

    Ask = Callable[[Prompt], Any]

CTRL_C = object()


class Interrupted(KeyboardInterrupt):
    """The person broke off. ``answers``: what is kept."""

    def __init__(self, answers: Answers) -> None:
        super().__init__()
        self.answers = answers


class Left(Exception):
    """The person went back from the first question."""


@dataclass
class ScriptedPerson:
    """``script``: values, BACK, UNKNOWN or CTRL_C. A value that the step does not offer is a failure.

    ``put``: the steps; ``heard``: what was said and what was put, in order.
    """

    script: list[Any]
    put: list[Select] = field(default_factory=list)
    heard: list[str | Select] = field(default_factory=list)

    def say(self, text: str) -> None:
        self.heard.append(text)

    @property
    def said(self) -> list[str]:
        return [heard for heard in self.heard if isinstance(heard, str)]

    def ask(self, step: Select) -> Any:
        self.put.append(step)
        self.heard.append(step)
        assert self.script, f"one question too many: {step.text}"
        value = self.script.pop(0)
        if value is CTRL_C:
            raise KeyboardInterrupt
        assert problem_with(step, value) is None, f"{value!r} is not offered by {step.text!r}"
        return value


def label(step: Select, value: str) -> str:
    """What the choice with ``value`` shows."""
    return next(choice.shown for choice in step.choices if choice.value == value)


def run_interview(
    questions: Sequence[Question],
    given: Answers,
    ask: Ask,
    say: Callable[[str], None],
    next_key: NextKey,
    *,
    position: Callable[[Walk], str] = lambda _walk: "",
    leave: bool = False,
) -> Answers:
    """Go through the questions. Raises Left and Interrupted."""
    interview = Interview(questions, next_key, leave=leave)
    walk = _walked(interview, interview.begin(given), ask, say, position)
    if walk is None:
        raise Left
    return walk.answers


def review(
    questions: Sequence[Question],
    answers: Answers,
    ask: Ask,
    say: Callable[[str], None],
    next_key: NextKey | None = None,
) -> Answers:
    """Change answers until all is right. Raises Interrupted."""
    interview = Interview(questions, next_key)
    for sentence in interview.looked_up(answers):
        say(sentence.text)
    while True:
        try:
            picked = ask(interview.review(answers))
        except KeyboardInterrupt:
            raise Interrupted(answers) from None
        if picked == GO_ON:
            return answers
        walk = _walked(interview, interview.change(answers, picked), ask, say)
        answers = answers if walk is None else walk.answers


def _walked(
    interview: Interview,
    walk: Walk | None,
    ask: Ask,
    say: Callable[[str], None],
    position: Callable[[Walk], str] = lambda _walk: "",
) -> Walk | None:
    """The end of ``walk``, None where it was left by its beginning."""
    while walk is not None and walk.key is not None:
        try:
            value = ask(interview.step(walk, position=position(walk)))
        except KeyboardInterrupt:
            raise Interrupted(interview.so_far(walk)) from None
        walk = interview.back(walk) if value is BACK else interview.answer(walk, value)
        if walk is not None and walk.follows:
            say(walk.follows)
    return walk
