"""The way through the questions: forward, back, and the review in which every line can be changed.

The current place on the way is a value (:class:`Walk`), and every move makes a new one. Which question comes next is
the caller's to say; what a person does with it becomes answers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from wizard.interview.answers import Answers, Origin
from wizard.interview.questions import left_out
from wizard.interview.steps import UNKNOWN, Choice, Select, Sentence
from wizard.language import translate as _

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from wizard.interview.questions import Question
    from wizard.interview.steps import Unknown

    NextKey = Callable[[Answers], str | None]
    """The key to ask after these answers, or None when enough is known."""

GO_ON: Final = "go-on"
"""The line of the review that ends it; the hyphen keeps it apart from every key."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that was answered, and the answers before it: where “Back” leads."""

    key: str
    before: Answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """The current place on a way through questions.

    ``key``: the question that is put now; None at the end of the way. ``history``: the questions before it.
    ``remembered``: what was answered before somebody went back over it. ``follows``: what follows from the last answer,
    as a sentence. ``original``: in a change, the answers before it; ``changed``: the key that the person picked, which
    is put even when it makes no sense.
    """

    answers: Answers
    key: str | None = None
    history: tuple[Asked, ...] = ()
    remembered: Answers = Answers()  # noqa: RUF009 - a value that never changes
    follows: str = ""
    original: Answers | None = None
    changed: str | None = None

    @property
    def number(self) -> int:
        """The place of the question that is put now, counted from 1."""
        return len(self.history) + 1


class Interview:
    """The rules of a way: ``questions`` in their order, and ``next_key``, which says what to ask after some answers.

    ``leave``: there is a way back from the first question.
    """

    def __init__(self, questions: Sequence[Question], next_key: NextKey | None, *, leave: bool = False) -> None:
        self._questions = {question.key: question for question in questions}
        self._next_key = next_key
        self._leave = leave

    def begin(self, answers: Answers, remembered: Answers | None = None) -> Walk:
        """The way that begins with ``answers``; what is ``remembered`` is preselected."""
        return self._ahead(Walk(answers=answers, remembered=remembered if remembered is not None else Answers()))

    def change(self, answers: Answers, key: str) -> Walk:
        """The way that asks ``key`` anew, and after it what hangs on it."""
        walk = Walk(answers=answers.without(key), remembered=answers, original=answers, changed=key)
        return self._ahead(walk)

    def step(self, walk: Walk, *, position: str = "") -> Select:
        """The question that is put now."""
        assert walk.key is not None
        question, remembered = self._questions[walk.key], walk.remembered
        return Select(
            id=question.key,
            text=_(question.text),
            choices=tuple(Choice(choice.value, _(choice.label)) for choice in question.choices),
            default=UNKNOWN if question.key in remembered.declined else remembered.get(question.key),
            back=self._leave or walk.changed is not None or bool(walk.history),
            why=_(question.why),
            unknown=True,
            position=position,
            given_by=_("--set {key}=VALUE (one of: {values})").format(
                key=question.key, values=", ".join(question.values)
            ),
        )

    def answer(self, walk: Walk, value: str | Unknown) -> Walk:
        """The way after ``value`` was answered to the question that is put now."""
        assert walk.key is not None
        key, answers, follows = walk.key, walk.answers, ""
        if isinstance(value, str):
            remembered = walk.remembered.with_(key, value, Origin.TYPED)
            answers = answers.with_(key, value, Origin.TYPED)
            follows = self._questions[key].choice(value).then
        else:
            remembered = walk.remembered.decline(key)
            answers = answers.decline(key)
        if walk.original is not None:
            answers = self._settled(answers, walk.original, key)
        return self._ahead(
            replace(
                walk,
                answers=answers,
                history=(*walk.history, Asked(key, walk.answers)),
                remembered=remembered,
                follows=_(follows) if follows else "",
            )
        )

    def back(self, walk: Walk) -> Walk | None:
        """At the question before, with the answers as they were; None when there is none before."""
        if not walk.history:
            return None
        last = walk.history[-1]
        return replace(walk, key=last.key, answers=last.before, history=walk.history[:-1], follows="")

    def so_far(self, walk: Walk) -> Answers:
        """What is kept when somebody breaks off here; in a change, the answers before it.

        Who went back and then broke off keeps the answers further on, but not the one about to be changed.
        """
        if walk.original is not None:
            return walk.original
        remembered = walk.remembered if walk.key is None else walk.remembered.without(walk.key)
        return self.kept(walk.answers, remembered)

    def kept(self, answers: Answers, remembered: Answers) -> Answers:
        """``answers`` with those ``remembered`` that still make sense."""
        return self._without_excluded(answers.merged(remembered), {*remembered.items, *remembered.declined})

    def review(self, answers: Answers) -> Select:
        """Every answer with its origin, to pick the one to change; GO_ON says that all is right."""
        lines = [_line(question, answers) for question in self._asked() if _known(answers, question.key)]
        return Select(
            id="review",
            text=_("These are your answers. Pick one to change it."),
            choices=(Choice(GO_ON, _("Everything is right: continue")), *lines),
            default=GO_ON,
            given_by=_("--set KEY=VALUE"),
        )

    def looked_up(self, answers: Answers) -> tuple[Sentence, ...]:
        """The answers to what is never asked, which cannot be changed in the review."""
        lines = [
            f"{_labelled(question, _words(question, answers))} ({origin_label(origin)})"
            for question in self._questions.values()
            if not question.asked and (origin := answers.origin(question.key)) is not None
        ]
        return (Sentence("\n".join(["", *lines])),) if lines else ()

    def _ahead(self, walk: Walk) -> Walk:
        return replace(walk, key=self._next(walk))

    def _next(self, walk: Walk) -> str | None:
        """The next key that can be put; what cannot is declined in what the caller sees, so that it names another."""
        view = walk.answers
        while (key := self._key_by_rules(walk, view)) is not None:
            if _known(view, key):
                return None
            if key == walk.changed or self._may_be_put(key, walk.answers):
                return key
            view = view.decline(key)
        return None

    def _key_by_rules(self, walk: Walk, view: Answers) -> str | None:
        """What the rules name after ``view``: in a change first what hangs on it, then what the caller says."""
        if walk.original is not None:
            if walk.changed is not None and not _known(view, walk.changed):
                return walk.changed
            out = self._left_out(view)
            for question in self._asked():
                key = question.key
                if key not in out and _known(walk.original, key) and not _known(view, key):
                    return key
        return self._next_key(view) if self._next_key is not None else None

    def _may_be_put(self, key: str, answers: Answers) -> bool:
        question = self._questions.get(key)
        return question is not None and question.asked and key not in self._left_out(answers)

    def _settled(self, answers: Answers, original: Answers, changed: str) -> Answers:
        """``answers`` of a change without what hangs on ``changed``, and without what makes no sense any more."""
        if answers.get(changed) == original.get(changed) and _known(original, changed):
            return answers  # the same answer again: nothing that hangs on it has to be asked
        for question in self._asked():
            if changed in question.depends_on:
                answers = answers.without(question.key)
        # Dropped is what made sense before: who answers a senseless question in a file has a reason.
        return self._without_excluded(answers, self._questions.keys() - self._left_out(original))

    def _without_excluded(self, answers: Answers, among: Collection[str]) -> Answers:
        """``answers`` without those (of the keys ``among``) whose question makes no sense after the others."""
        for key in self._questions:  # in their order, so that what hangs on a dropped one is dropped too
            if key in among and key in self._left_out(answers):
                answers = answers.without(key)
        return answers

    def _left_out(self, answers: Answers) -> frozenset[str]:
        return left_out(tuple(self._questions.values()), answers.values())

    def _asked(self) -> list[Question]:
        return [question for question in self._questions.values() if question.asked]


def origin_label(origin: Origin) -> str:
    """Where an answer comes from, as the review shows it."""
    return {
        Origin.TYPED: _("your answer"),
        Origin.SET: _("from --set"),
        Origin.FILE: _("from the answers file"),
        Origin.RESUMED: _("from last time"),
        Origin.DISCOVERED: _("looked up"),
        Origin.DEFAULT: _("assumed"),
    }[origin]


def _known(answers: Answers, key: str) -> bool:
    return answers.get(key) is not None or key in answers.declined


def _line(question: Question, answers: Answers) -> Choice:
    origin = answers.origin(question.key)
    if origin is None:
        return Choice(question.key, _labelled(question, _("I don't know")))
    return Choice(question.key, _labelled(question, _words(question, answers)), origin_label(origin))


def _words(question: Question, answers: Answers) -> str:
    value = str(answers.get(question.key))
    return _(question.choice(value).label) if value in question.values else value


def _labelled(question: Question, words: str) -> str:
    return _("{label}: {answer}").format(label=_(question.label), answer=words)
