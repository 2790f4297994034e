"""The questions, read from templates/questions.yaml: data that anybody may edit, checked when it is read."""

from __future__ import annotations

import re
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from wizard.interview.answers import ABOUT
from wizard.language import mark
from wizard.language import translate as _
from wizard.model.problems import Problem
from wizard.model.text import printable
from wizard.resources.schema import (
    ByKey,
    Custom,
    Flag,
    Invalid,
    ListOf,
    MapOf,
    Message,
    NameOf,
    Record,
    Text,
    optional,
    unknown,
    words,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from wizard.resources.schema import Names, Schema

FILE = "questions.yaml"

_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True, slots=True)
class Choice:
    """An answer to choose. ``label`` and ``then`` (what follows from it, may be empty) are message ids."""

    value: str
    label: str
    then: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """Answers under which a question makes sense: for each key, the values that allow it."""

    allowed: tuple[tuple[str, frozenset[str]], ...]

    def may_hold(self, answers: Mapping[str, str], never: Collection[str] = ()) -> bool:
        """Whether no answer excludes it; a key without an answer excludes nothing, unless it will ``never`` get one."""
        return all(answers[key] in values if key in answers else key not in never for key, values in self.allowed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question. ``text``, ``why`` and ``label`` (a noun phrase for the review) are message ids."""

    key: str
    text: str
    why: str
    label: str
    choices: tuple[Choice, ...]
    asked: bool = True
    when: tuple[Condition, ...] = ()

    @property
    def values(self) -> tuple[str, ...]:
        return tuple(choice.value for choice in self.choices)

    @property
    def depends_on(self) -> frozenset[str]:
        """The keys that decide whether this question makes sense."""
        return frozenset(key for condition in self.when for key, _values in condition.allowed)

    def applies(self, answers: Mapping[str, str], never: Collection[str] = ()) -> bool:
        """Whether the question makes sense after ``answers``; what is not known excludes nothing.

        ``never``: keys of questions that make no sense themselves, so that nothing will be known of them.
        """
        return not self.when or any(condition.may_hold(answers, never) for condition in self.when)

    def choice(self, value: str) -> Choice:
        """The choice with ``value``; raises KeyError."""
        for choice in self.choices:
            if choice.value == value:
                return choice
        raise KeyError(value)


_own: ContextVar[Path | None] = ContextVar("own_questions", default=None)


def use_own_questions(directory: Path | None) -> None:
    """Let :func:`load_questions` look into ``directory`` first, in this context; None: the bundled file alone."""
    _own.set(directory)


def load_questions(own: Path | None = None) -> tuple[Question, ...]:
    """All questions in their order; ``own`` is a directory whose questions.yaml replaces the bundled one.

    Without ``own`` it is the directory of :func:`use_own_questions`. Raises Problem with file, line and key when the
    file has a wrong shape.
    """
    return _read(own if own is not None else _own.get())


@cache
def _read(own: Path | None) -> tuple[Question, ...]:
    from wizard.resources.documents import read_data

    return SCHEMA.load(read_data(FILE, own))


def left_out(questions: Sequence[Question], answers: Mapping[str, str]) -> frozenset[str]:
    """The keys of ``questions`` that make no sense after ``answers``, and of those that hang on such a one."""
    out: set[str] = set()
    for asked in questions:  # a condition names questions above only
        if not asked.applies(answers, out):
            out.add(asked.key)
    return frozenset(out)


def question(key: str, questions: Sequence[Question] | None = None) -> Question:
    """The question with ``key``; raises Problem with the nearest key when there is none."""
    known = load_questions() if questions is None else questions
    for asked in known:
        if asked.key == key:
            return asked
    raise Problem(unknown(key, [asked.key for asked in known], key=True))


def _key(value: Any, _names: Names) -> str:
    if not isinstance(value, str) or not _KEY.fullmatch(value) or value in ABOUT:
        raise Invalid(
            _("“{key}” cannot be the key of a question: use only lowercase letters and _, and none of {words}.").format(
                key=printable(str(value), 60), words=", ".join(ABOUT)
            )
        )
    return value


def _choices(read: dict[str, Choice]) -> tuple[Choice, ...]:
    if len(read) < 2:
        raise Invalid(_("Two or more choices are expected here, each a value with its label."))
    return tuple(read.values())


def _answers_to(key: str, names: Names) -> Schema[frozenset[str]]:
    asked: Question = names["questions"][key]
    return ListOf(words(*asked.values)).to(frozenset)


_VALUE = Text(_KEY, mark("“{value}” cannot be a value: use only lowercase letters, digits and _."))
# A condition names questions above only: so none can depend on itself, directly or not.
_CONDITION = MapOf(NameOf("questions"), ByKey(_answers_to)).to(lambda allowed: Condition(tuple(allowed.items())))
_QUESTION = Record(
    Question,
    {
        "label": Message(),
        "text": Message(),
        "why": Message(),
        "choices": MapOf(_VALUE, Record(Choice, {"label": Message(), "then": optional(Message())}, key="value")).to(
            _choices
        ),
        "asked": optional(Flag()),
        "when": optional(ListOf(_CONDITION)),
    },
    key="key",
)
SCHEMA = Record(
    lambda questions: tuple(questions.values()), {"questions": MapOf(Custom(_key), _QUESTION, names="questions")}
)
"""The schema of questions.yaml."""
