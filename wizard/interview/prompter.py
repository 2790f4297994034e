"""What every prompter can do. Messages, labels and hints arrive as finished sentences in the active language."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wizard.model.secret import Secret

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
Step = Literal[Move.BACK, Move.UNKNOWN]


@dataclass(frozen=True, slots=True)
class Choice:
    """One line to choose: ``value`` is returned, ``label`` is shown, ``hint`` (may be empty) stands behind it."""

    value: str
    label: str
    hint: str = ""

    @property
    def shown(self) -> str:
        return f"{self.label} ({self.hint})" if self.hint else self.label


class Prompter(Protocol):
    """Asks a person, or says that nobody may be asked.

    ``position`` says how far one is ("3 of about 7"); ``given_by`` names the option that gives the answer without
    asking ("--set devices=…"). Every question raises KeyboardInterrupt when the person breaks off, and InputNeeded
    when nobody can answer.
    """

    @property
    def interactive(self) -> bool:
        """Whether somebody is there to answer."""

    def say(self, text: str) -> None:
        """Show paragraphs (divided by line breaks), wrapped to the terminal."""

    def text(
        self,
        message: str,
        *,
        default: str = "",
        validate: Check | None = None,
        instruction: str = "",
        back: bool = False,
        given_by: str = "",
    ) -> str | Back:
        """A line of text without spaces around it, ready to be edited when ``default`` is given."""

    def select(
        self,
        message: str,
        choices: Sequence[Choice],
        *,
        default: str | Unknown | None = None,
        back: bool = False,
        why: str | None = None,
        unknown: bool = False,
        position: str = "",
        given_by: str = "",
    ) -> str | Step:
        """One of ``choices``; ``why`` is shown when asked for, and the question is put again."""

    def checkbox(
        self,
        message: str,
        choices: Sequence[Choice],
        *,
        default: Sequence[str] = (),
        back: bool = False,
        at_least: int = 0,
        given_by: str = "",
    ) -> tuple[str, ...] | Back:
        """Any of ``choices``, in their order; ``at_least`` so many."""

    def secret(self, message: str, *, instruction: str = "", given_by: str = "") -> Secret:
        """A password, not shown while it is typed, and never empty; whoever asked wipes it."""
