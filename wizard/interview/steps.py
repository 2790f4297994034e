"""The steps of a conversation as values: what is asked, what may be answered, what has to be done meanwhile.

The part that talks to the person (a terminal, a web page) draws them; nothing here is laid out. All texts are finished
sentences in the active language.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, Literal

from wizard.language import translate as _
from wizard.language import translate_plural
from wizard.model.problems import did_you_mean
from wizard.model.text import printable

if TYPE_CHECKING:
    from collections.abc import Callable

    Check = Callable[[str], str | None]
    """What is wrong with a text, as one sentence, or None."""


class Move(Enum):
    """What a person may do instead of answering."""

    BACK = "back"
    UNKNOWN = "unknown"
    WHY = "why"


BACK: Final = Move.BACK
UNKNOWN: Final = Move.UNKNOWN

Back = Literal[Move.BACK]
Unknown = Literal[Move.UNKNOWN]
NoAnswer = Literal[Move.BACK, Move.UNKNOWN]


@dataclass(frozen=True, slots=True)
class Choice:
    """One line to choose: ``value`` is the answer, ``label`` is shown, ``hint`` (may be empty) stands behind it."""

    value: str
    label: str
    hint: str = ""

    @property
    def shown(self) -> str:
        return f"{self.label} ({self.hint})" if self.hint else self.label


@dataclass(frozen=True, slots=True)
class Fact:
    """Something to tell before a step."""


@dataclass(frozen=True, slots=True)
class Sentence(Fact):
    """A finished text; paragraphs are divided by line breaks."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What comes next. ``id`` is stable and the same for the same step; ``facts`` are told before it, in order."""

    id: str
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt(Step):
    """Something to answer. ``back``: there is a way back; ``given_by``: the option that gives the answer unasked."""

    text: str
    back: bool = False
    given_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Select(Prompt):
    """One of ``choices``; with ``unknown`` also “I don't know”. ``why`` (may be empty) says why it is asked.

    ``position`` says how far one is ("3 of about 7").
    """

    choices: tuple[Choice, ...]
    default: str | Unknown | None = None
    why: str = ""
    unknown: bool = False
    position: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Prompt):
    """A line of text without spaces around it; ``default`` is there to be edited."""

    default: str = ""
    instruction: str = ""
    validate: Check | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkbox(Prompt):
    """Any of ``choices``, as a tuple of their values in their order; ``at_least`` so many."""

    choices: tuple[Choice, ...]
    default: tuple[str, ...] = ()
    at_least: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Password(Prompt):
    """A password, typed where nobody can read it. It never becomes part of a state."""

    instruction: str = ""


def problem_with(step: Prompt, value: Any) -> str | None:
    """Why ``value`` is no answer to ``step``, as one sentence; None when it is one."""
    if isinstance(value, Move):
        offered = step.back if value is BACK else isinstance(step, Select) and step.unknown and value is UNKNOWN
        return None if offered else _not_known(value.value, ())
    if isinstance(step, Text):
        return step.validate(value) if step.validate is not None else None
    if isinstance(step, Select):
        known = tuple(choice.value for choice in step.choices)
        return None if value in known else _not_known(value, known)
    if isinstance(step, Checkbox):
        known = tuple(choice.value for choice in step.choices)
        strangers = [word for word in value if word not in known]
        if strangers:
            return _not_known(strangers[0], known)
        return too_few(step.at_least) if len(set(value)) < step.at_least else None
    raise TypeError(type(step).__name__)


def _not_known(value: Any, known: tuple[str, ...]) -> str:
    sentence = _("The value “{value}” is not known.").format(value=printable(str(value), 60))
    return f"{sentence} {did_you_mean(str(value), known)}" if known else sentence


def too_few(count: int) -> str:
    """What is said when fewer than ``count`` were chosen."""
    return translate_plural("Please choose at least one.", "Please choose at least {count}.", count).format(count=count)
