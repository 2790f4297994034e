"""A person by script: answers each question as told, and remembers how it was put."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from wizard.interview.prompter import Choice, Move

if TYPE_CHECKING:
    from collections.abc import Sequence

CTRL_C = object()


@dataclass
class Put:
    """A question as it was put."""

    message: str
    choices: list[Choice]
    default: object
    back: bool
    why: str | None
    unknown: bool
    position: str
    given_by: str

    def label(self, value: str) -> str:
        return next(one.shown for one in self.choices if one.value == value)


@dataclass
class ScriptedPrompter:
    """``script``: values, Move.BACK, Move.UNKNOWN or CTRL_C. A step that the question does not offer is a failure."""

    script: list[Any]
    put: list[Put] = field(default_factory=list)
    heard: list[str | Put] = field(default_factory=list)
    """What was said and what was put, in order."""

    interactive = True

    def say(self, text: str) -> None:
        self.heard.append(text)

    @property
    def said(self) -> list[str]:
        return [one for one in self.heard if isinstance(one, str)]

    def select(
        self,
        message: str,
        choices: Sequence[Choice],
        *,
        default: object = None,
        back: bool = False,
        why: str | None = None,
        unknown: bool = False,
        position: str = "",
        given_by: str = "",
    ) -> Any:
        one = Put(message, list(choices), default, back, why, unknown, position, given_by)
        self.put.append(one)
        self.heard.append(one)
        assert self.script, f"one question too many: {message}"
        step = self.script.pop(0)
        if step is CTRL_C:
            raise KeyboardInterrupt
        offered = [choice.value for choice in choices]
        offered += [Move.BACK] * back + [Move.UNKNOWN] * unknown
        assert step in offered, f"{step!r} is not offered by {message!r}: {offered}"
        return step

    def text(self, message: str, **_more: Any) -> Any:
        raise AssertionError(f"not expected: {message}")

    def checkbox(self, message: str, _choices: object, **_more: Any) -> Any:
        raise AssertionError(f"not expected: {message}")
