"""The way through the questions: forward, back, and the review in which every line can be changed.

Which question comes next is the caller's to say; here it is put, and what a person does with it becomes answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wizard.interview.answer import Answers, Origin
from wizard.interview.prompter import BACK, UNKNOWN, Choice
from wizard.interview.questions import left_out
from wizard.language import translate as _

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from wizard.interview.prompter import Prompter, Step, Unknown
    from wizard.interview.questions import Question

    NextKey = Callable[[Answers], str | None]
    """The key to ask after these answers, or None when enough is known."""

    Position = Callable[[int, Answers], str]
    """How far one is, in words; the question about to be put is the first number, counted from 1."""

GO_ON: Final = "go-on"
"""The line of the review that ends it; the hyphen keeps it apart from every key."""


class Interrupted(KeyboardInterrupt):
    """The person broke off. ``answers`` is everything said so far, to be kept for the next start."""

    def __init__(self, answers: Answers) -> None:
        super().__init__()
        self.answers = answers


class Left(Exception):
    """The person went back from the first question."""


def run_interview(
    questions: Sequence[Question],
    given: Answers,
    prompter: Prompter,
    next_key: NextKey,
    *,
    position: Position | None = None,
    leave: bool = False,
) -> Answers:
    """Ask what ``next_key`` says until it says None; ``given`` with the new answers (origin TYPED).

    With ``leave`` the first question has a way back too. Raises Left when it is taken, Interrupted, and InputNeeded
    when nobody can be asked.
    """
    found = _Walk(questions, prompter, next_key, position=position, leave=leave).go(given)
    if found is None:
        raise Left
    return found


def review(
    questions: Sequence[Question], answers: Answers, prompter: Prompter, next_key: NextKey | None = None
) -> Answers:
    """Show every answer with its origin until the person says that all is right; any line can be changed.

    After a change only what depends on it is asked again, what no longer applies is dropped, and ``next_key`` says
    whether another question is open now. Raises Interrupted with the answers as they were before the unfinished change.
    """
    _show_looked_up(questions, answers, prompter)
    while True:
        lines = [_line(one, answers) for one in questions if one.asked and _known(answers, one.key)]
        try:
            picked = prompter.select(
                _("These are your answers. Pick one to change it."),
                [Choice(GO_ON, _("All is right: go on")), *lines],
                default=GO_ON,
                given_by=_("--set KEY=VALUE"),
            )
        except KeyboardInterrupt:
            raise Interrupted(answers) from None
        if picked == GO_ON or not isinstance(picked, str):
            return answers
        answers = _change(questions, answers, prompter, picked, next_key)


def origin_in_words(origin: Origin) -> str:
    """Where an answer comes from, as the review shows it."""
    return {
        Origin.TYPED: _("you said so"),
        Origin.SET: _("from --set"),
        Origin.FILE: _("from the answers file"),
        Origin.RESUMED: _("from last time"),
        Origin.DISCOVERED: _("looked up"),
        Origin.DEFAULT: _("assumed"),
    }[origin]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question that was put, and the answers before it: where “Back” leads."""

    key: str
    before: Answers


class _Walk:
    """One way through questions.

    ``said`` remembers what was answered before somebody went back over it, ``after`` mends the answers after each new
    one, ``picked`` is a key that a person asked for: it is put even when it makes no sense.
    """

    def __init__(
        self,
        questions: Sequence[Question],
        prompter: Prompter,
        next_key: NextKey,
        *,
        position: Position | None = None,
        leave: bool = False,
        said: Answers | None = None,
        after: Callable[[Answers, str], Answers] | None = None,
        picked: str | None = None,
    ) -> None:
        self.questions = {one.key: one for one in questions}
        self.prompter = prompter
        self.next_key = next_key
        self.position = position
        self.leave = leave
        self.said = said if said is not None else Answers()
        self.after = after
        self.picked = picked
        self.history: list[_Asked] = []

    def go(self, given: Answers) -> Answers | None:
        """The answers at the end of the way; None when somebody went back from its first question."""
        answers = given
        key = self._next(answers)
        while key is not None:
            picked = self._put(key, answers)
            if picked is BACK:
                if not self.history:
                    return None
                last = self.history.pop()
                key, answers = last.key, last.before
                continue
            self.history.append(_Asked(key, answers))
            answers = self._take(key, picked, answers)
            key = self._next(answers)
        return answers

    def _next(self, answers: Answers) -> str | None:
        """The next key that can be put; what cannot is declined in what the caller sees, so that it names another."""
        view = answers
        while (key := self.next_key(view)) is not None:
            if _known(view, key):
                return None
            if key == self.picked or self._may_be_put(key, answers):
                return key
            view = view.decline(key)
        return None

    def _may_be_put(self, key: str, answers: Answers) -> bool:
        question = self.questions.get(key)
        if question is None or not question.asked:
            return False
        return key not in left_out(list(self.questions.values()), answers.values())

    def _put(self, key: str, answers: Answers) -> str | Step:
        question = self.questions[key]
        preset: str | Unknown | None = UNKNOWN if key in self.said.declined else self.said.get(key)
        asked = len(self.history) + 1
        try:
            return self.prompter.select(
                _(question.text),
                [Choice(one.value, _(one.label)) for one in question.choices],
                default=preset,
                back=self.leave or bool(self.history),
                why=_(question.why),
                unknown=True,
                position=self.position(asked, answers) if self.position is not None else "",
                given_by=_("--set {key}=VALUE (one of: {values})").format(key=key, values=", ".join(question.values)),
            )
        except KeyboardInterrupt:
            raise Interrupted(self._so_far(key, answers)) from None

    def _take(self, key: str, picked: str | Unknown, answers: Answers) -> Answers:
        if not isinstance(picked, str):
            self.said = self.said.decline(key)
            answers = answers.decline(key)
        else:
            self.said = self.said.with_(key, picked, Origin.TYPED)
            answers = answers.with_(key, picked, Origin.TYPED)
            follows = self.questions[key].choice(picked).then
            if follows:
                self.prompter.say(_(follows))
        return self.after(answers, key) if self.after is not None else answers

    def _so_far(self, key: str, answers: Answers) -> Answers:
        # Who went back and then broke off keeps the answers further on, but not the one about to be changed.
        said = self.said.without(key)
        return _without_excluded(list(self.questions.values()), answers.merged(said), {*said.items, *said.declined})


def _change(
    questions: Sequence[Question], answers: Answers, prompter: Prompter, key: str, next_key: NextKey | None
) -> Answers:
    """Ask ``key`` anew and what hangs on it; ``answers`` as they were when the person goes back."""
    senseless = left_out(questions, answers.values())

    def following(current: Answers) -> str | None:
        if not _known(current, key):
            return key
        senseless_now = left_out(questions, current.values())
        for one in questions:
            if one.asked and one.key not in senseless_now and _known(answers, one.key) and not _known(current, one.key):
                return one.key
        return next_key(current) if next_key is not None else None

    def settled(current: Answers, changed: str) -> Answers:
        if current.get(changed) == answers.get(changed) and _known(answers, changed):
            return current  # the same answer again: nothing that hangs on it has to be asked
        for one in questions:
            if one.asked and changed in one.depends_on:
                current = current.without(one.key)
        # Dropped is what made sense before: who answers a senseless question in a file has a reason.
        return _without_excluded(questions, current, {one.key for one in questions} - senseless)

    walk = _Walk(questions, prompter, following, leave=True, said=answers, after=settled, picked=key)
    try:
        found = walk.go(answers.without(key))
    except Interrupted:
        raise Interrupted(answers) from None
    return answers if found is None else found


def _without_excluded(questions: Sequence[Question], answers: Answers, among: Collection[str]) -> Answers:
    """``answers`` without those (of the keys ``among``) whose question makes no sense after the others."""
    for one in questions:  # in their order, so that what hangs on a dropped one is dropped too
        if one.key in among and one.key in left_out(questions, answers.values()):
            answers = answers.without(one.key)
    return answers


def _known(answers: Answers, key: str) -> bool:
    return answers.get(key) is not None or key in answers.declined


def _line(question: Question, answers: Answers) -> Choice:
    origin = answers.origin(question.key)
    if origin is None:
        return Choice(question.key, _said(question, _("I don't know")))
    return Choice(question.key, _said(question, _words(question, answers)), origin_in_words(origin))


def _show_looked_up(questions: Sequence[Question], answers: Answers, prompter: Prompter) -> None:
    """What is never asked cannot be changed here, but it is an answer too."""
    lines = [
        f"{_said(one, _words(one, answers))} ({origin_in_words(origin)})"
        for one in questions
        if not one.asked and (origin := answers.origin(one.key)) is not None
    ]
    if lines:
        prompter.say("\n".join(["", *lines]))


def _words(question: Question, answers: Answers) -> str:
    value = str(answers.get(question.key))
    return _(question.choice(value).label) if value in question.values else value


def _said(question: Question, words: str) -> str:
    return _("{label}: {answer}").format(label=_(question.label), answer=words)
