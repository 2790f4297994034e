"""The advice: one of five outcomes with its reasons. All texts are finished sentences in the active language."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from wizard.model.servers import Protocol

if TYPE_CHECKING:
    from wizard.model.problems import Notice


class Option(StrEnum):
    """The outcomes, in the order that wins a tie (the one that loses least first)."""

    IMAP = "imap"
    IMAP_ARCHIVE = "imap_archive"
    POP_KEEP = "pop_keep"
    POP = "pop"
    NONE = "none"

    @property
    def protocol(self) -> Protocol | None:
        """The protocol that the outcome sets up, None where there is none."""
        if self in (Option.IMAP, Option.IMAP_ARCHIVE):
            return Protocol.IMAP
        return None if self is Option.NONE else Protocol.POP3


class Confidence(StrEnum):
    CLEAR = "clear"
    LEANING = "leaning"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Reason:
    """What an answer adds to the difference between the winner and the runner-up."""

    key: str
    answer: str
    points: int
    text: str


@dataclass(frozen=True, slots=True)
class Veto:
    """An option that was ruled out: a ``fact`` of the provider, or for the ``safety`` of the mail."""

    option: Option
    kind: str
    key: str
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """A single other answer that would change the outcome to ``to``."""

    key: str
    value: str
    to: Option
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """The advice for a set of answers. ``scores`` are whole points of the four scored options.

    ``leave_days`` is set exactly when messages stay on the server for a time (pop_keep). ``tomorrow`` are the sentences
    on what daily life looks like; ``leave_reason`` says why that many days.
    """

    option: Option
    confidence: Confidence
    scores: dict[Option, int]
    runner_up: Option | None = None
    leave_days: int | None = None
    leave_reason: str | None = None
    reasons: tuple[Reason, ...] = ()
    against: tuple[Reason, ...] = ()
    vetoes: tuple[Veto, ...] = ()
    would_change: tuple[Change, ...] = ()
    warnings: tuple[Notice, ...] = ()
    tomorrow: tuple[str, ...] = ()
    next_question: str | None = None
    headline: str = ""

    @property
    def protocol(self) -> Protocol | None:
        return self.option.protocol
