"""The questions, read from templates/questions.yaml: data that anybody may edit, checked when it is read."""

from __future__ import annotations

import re
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from wizard.language import translate as _
from wizard.model.problems import Problem, did_you_mean
from wizard.model.text import printable

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from wizard.resources.documents import Document

FILE = "questions.yaml"
NOT_A_KEY = ("address", "name", "clients")
"""Keys of an answers file that are no questions."""

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
    from wizard.resources.documents import read_document
    from wizard.resources.root import find_data, templates_root
    from wizard.resources.shape import mapping

    path = find_data(FILE, own)
    document = read_document(path, bundled=path.parent == templates_root())
    top = mapping(document, (), document.data, required=("questions",), allowed=("questions",))
    entries = top["questions"]
    if not isinstance(entries, dict) or not entries:
        raise document.problem(_("Here a list of keys with values is expected."), ("questions",))
    read: list[Question] = []
    for key, entry in entries.items():
        read.append(_question(document, key, entry, read))
    return tuple(read)


def left_out(questions: Sequence[Question], answers: Mapping[str, str]) -> frozenset[str]:
    """The keys of ``questions`` that make no sense after ``answers``, and of those that hang on such a one."""
    out: set[str] = set()
    for one in questions:  # a condition names questions above only
        if not one.applies(answers, out):
            out.add(one.key)
    return frozenset(out)


def question(key: str, questions: Sequence[Question] | None = None) -> Question:
    """The question with ``key``; raises Problem with the nearest key when there is none."""
    known = load_questions() if questions is None else questions
    for one in known:
        if one.key == key:
            return one
    raise Problem(
        _("The key “{key}” is not known.").format(key=printable(key, 60))
        + " "
        + did_you_mean(key, [one.key for one in known])
    )


def _question(document: Document, key: Any, entry: Any, above: Sequence[Question]) -> Question:
    from wizard.resources.shape import flag, mapping, text

    at = ("questions", key)
    if not isinstance(key, str) or not _KEY.fullmatch(key) or key in NOT_A_KEY:
        raise document.problem(
            _("“{key}” cannot be the key of a question: small letters and _ only, and not one of {words}.").format(
                key=printable(str(key), 60), words=", ".join(NOT_A_KEY)
            ),
            at,
        )
    required = ("label", "text", "why", "choices")
    fields = mapping(document, at, entry, required=required, allowed=(*required, "asked", "when"))
    return Question(
        key=key,
        text=text(document, (*at, "text"), fields["text"]).strip(),
        why=text(document, (*at, "why"), fields["why"]).strip(),
        label=text(document, (*at, "label"), fields["label"]).strip(),
        choices=_choices(document, (*at, "choices"), fields["choices"]),
        asked=flag(document, (*at, "asked"), fields.get("asked", True)),
        when=_conditions(document, (*at, "when"), fields["when"], above) if "when" in fields else (),
    )


def _choices(document: Document, at: tuple[str, ...], entry: Any) -> tuple[Choice, ...]:
    from wizard.resources.shape import mapping, text

    if not isinstance(entry, dict) or len(entry) < 2:
        raise document.problem(_("Here two choices or more are expected, each a value with its label."), at)
    read = []
    for value, fields in entry.items():
        if not isinstance(value, str) or not _KEY.fullmatch(value):
            raise document.problem(
                _("“{value}” cannot be a value: small letters, digits and _ only.").format(
                    value=printable(str(value), 60)
                ),
                (*at, value),
            )
        mapping(document, (*at, value), fields, required=("label",), allowed=("label", "then"))
        label = text(document, (*at, value, "label"), fields["label"]).strip()
        then = text(document, (*at, value, "then"), fields["then"]).strip() if "then" in fields else ""
        read.append(Choice(value, label, then))
    return tuple(read)


def _conditions(
    document: Document, at: tuple[str, ...], entry: Any, above: Sequence[Question]
) -> tuple[Condition, ...]:
    """Conditions name questions above only: so none can depend on itself, directly or not."""
    from wizard.resources.shape import choice, mapping, sequence

    read = []
    known = {one.key: one for one in above}
    for position, condition in enumerate(sequence(document, at, entry)):
        here = (*at, position)
        allowed = []
        for key, values in mapping(document, here, condition, allowed=known).items():
            listed = sequence(document, (*here, key), values)
            allowed.append(
                (
                    key,
                    frozenset(
                        choice(document, (*here, key, index), value, known[key].values)
                        for index, value in enumerate(listed)
                    ),
                )
            )
        if not allowed:
            raise document.problem(_("Here a list of keys with values is expected."), here)
        read.append(Condition(tuple(allowed)))
    return tuple(read)
