"""The values of the guided way: the current place, what is shown before a step, what has to be done."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self

from wizard.interview.answers import Answers, Origin
from wizard.interview.steps import Fact, Password, Sentence, Step

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from wizard.advice.rules import Rules
    from wizard.app.doctor import DoctorResult
    from wizard.app.guided.server_entry import ServerDraft
    from wizard.app.plan import Plan, Request
    from wizard.app.writing import Written
    from wizard.interview.flow import Walk
    from wizard.model.address import EmailAddress
    from wizard.model.diagnosis import Finding
    from wizard.model.discovery import DiscoveryReport, FoundServer
    from wizard.model.recommendation import Recommendation
    from wizard.model.servers import LeavePolicy, Protocol, Server


class Place(StrEnum):
    """The current place. Those of the second group are passed without a step: what comes next is found out there."""

    RESUME = "resume"
    ADDRESS = "address"
    SPELLING = "spelling"
    START = "start-look-up"
    FORGET = "forget"
    QUESTION = "question"
    LOOK_UP = "look-up"
    NO_NETWORK = "no-network"
    NO_DOMAIN = "no-domain"
    ELSEWHERE = "elsewhere"
    ADVICE = "advice"
    REVIEW = "review"
    SERVER = "server"
    CHECK = "check"
    SILENT = "silent-servers"
    CONSENT = "consent"
    NAME = "name"
    PROGRAMS = "programs"
    SUMMARY = "summary"
    LINE = "line"
    LOG_IN = "log-in"
    WRITE = "write"
    TROUBLE_PROGRAM = "trouble-program"
    TROUBLE_SAYS = "trouble-says"
    EXAMINE = "examine"
    TROUBLE_NEXT = "trouble-next"
    DONE = "done"
    STOPPED = "stopped"

    TO_ADDRESS = "to-address"
    TO_QUESTIONS = "to-questions"
    TO_REPORT = "to-report"
    TO_ADVICE = "to-advice"
    TO_SERVERS = "to-servers"
    TO_DOUBTS = "to-doubts"
    TO_SUMMARY = "to-summary"


class Round(StrEnum):
    """Why questions are asked: at first, for a surer advice, once more from the summary, or to change one answer."""

    FIRST = "first"
    REFINE = "refine"
    AGAIN = "again"
    CHANGE = "change"


class WorkKind(StrEnum):
    """What has to be done between two questions; :mod:`wizard.app.guided.work` does it."""

    FORGET = "forget"
    START = "start"
    LOOK_UP = "look-up"
    CHECK = "check"
    LOG_IN = "log-in"
    WRITE = "write"
    EXAMINE = "examine"


@dataclass(frozen=True, slots=True, kw_only=True)
class Work(Step):
    """Something to do; its result is the answer to the step.

    ``password``: what to ask for first (LOG_IN). ``servers``: those to connect to (CHECK, LOG_IN).
    """

    kind: WorkKind
    servers: tuple[FoundServer, ...] = ()
    password: Password | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the guided way came to."""

    plan: Plan
    written: Written
    dry_run: bool

    def document(self) -> dict[str, Any]:
        """The run as one JSON document: advice, discovery and files, each as its own command prints it."""
        from wizard.advice.recommendation import recommendation_document
        from wizard.programs.documents import export_document, report_document

        exported = export_document(self.written.files, self.written.refused)
        return {
            "schema": 1,
            "address": str(self.plan.report.address),
            "recommendation": recommendation_document(self.plan.advice),
            "discovery": report_document(self.plan.report),
            "files": exported["files"],
            "refused": exported["refused"],
            "dry_run": self.dry_run,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Done(Step):
    """The end; ``outcome`` None: the person chose to stop, and nothing was written."""

    outcome: Outcome | None


@dataclass(frozen=True, slots=True)
class AdviceFact(Fact):
    """The advice; ``unanswered``: the labels of open questions whose answer could change it."""

    advice: Recommendation
    unanswered: tuple[str, ...] = ()
    in_full: bool = False


@dataclass(frozen=True, slots=True)
class ServersFact(Fact):
    """The servers that will be used, with what is doubtful about them and what to do at the provider first."""

    report: DiscoveryReport
    protocol: Protocol


@dataclass(frozen=True, slots=True)
class SilentFact(Fact):
    """Servers that do not answer, where nobody is asked about them."""

    servers: tuple[FoundServer, ...]


@dataclass(frozen=True, slots=True)
class FindingsFact(Fact):
    """What is wrong with servers that were connected to."""

    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class ExaminedFact(Fact):
    """What the doctor says when mail does not work."""

    result: DoctorResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What does not work: the id of the mail program, and what it shows; ``login``: the log-in is to be tried."""

    program: str = ""
    says: str = ""
    login: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Servers being typed, one after the other. ``adopt``: the protocol to read with once it has its server.

    ``settle``: afterwards doubts about them are asked about; otherwise the summary follows.
    """

    wanted: tuple[Protocol, ...]
    draft: ServerDraft
    position: int = 0
    settle: bool = True
    adopt: Protocol | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Everything that is known of one way. Never changed: each move makes a new one, so that going back is easy.

    ``facts`` are told before the next step. ``typed``: the address as it was typed. ``kept``: what an interrupted run
    left. ``remembered``: what was answered last, also before going back. ``expected``: about how many questions.
    ``agreed``: codes of consent; ``taken``: servers used although they do not answer; ``tried``: servers that were
    connected to. ``after``: where the way goes on once nothing is doubtful; ``before``: the servers before the doubts.
    ``also_imap``: files for the phone too. ``line``: the line of the summary that is being changed. ``trouble``: what
    does not work, where that was said.
    """

    place: Place
    answers: Answers
    facts: tuple[Fact, ...] = ()
    kept: Answers | None = None
    typed: str = ""
    address: EmailAddress | None = None
    greeted: EmailAddress | None = None
    round: Round = Round.FIRST
    walk: Walk | None = None
    remembered: Answers = Answers()  # noqa: RUF009 - a value that never changes
    expected: int = 0
    report: DiscoveryReport | None = None
    advice: Recommendation | None = None
    open_questions: tuple[str, ...] = ()
    agreed: frozenset[str] = frozenset()
    taken: frozenset[Server] = frozenset()
    tried: frozenset[Server] = frozenset()
    entry: Entry | None = None
    after: Place = Place.TO_SUMMARY
    before: tuple[Server, ...] = ()
    protocol: Protocol | None = None
    leave: LeavePolicy | None = None
    also_imap: bool = False
    name: str | None = None
    formats: tuple[str, ...] = ()
    output: Path | str | None = None
    line: str = ""
    trouble: Trouble = Trouble()
    written: Written | None = None

    def to(self, place: Place, *facts: Fact, **changes: Any) -> Self:
        """At another place, with more to tell."""
        return replace(self, place=place, facts=(*self.facts, *facts), **changes)

    def say(self, *sentences: str) -> Self:
        """With sentences to tell before the next step."""
        return replace(self, facts=(*self.facts, *(Sentence(text) for text in sentences if text)))

    def with_answer(self, key: str, value: str) -> Self:
        """With what the person said for ``key``; an empty text takes it back."""
        answers = self.answers.with_(key, value, Origin.TYPED) if value else self.answers.without(key)
        return replace(self, answers=answers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What does not change on the way. ``interactive``: somebody is there; ``defaults``: but is not to be asked."""

    request: Request
    rules: Rules | None
    interactive: bool
    defaults: bool

    @property
    def asks(self) -> bool:
        """Whether what has a default is asked anyway."""
        return self.interactive and not self.defaults


def protocols_of(servers: Sequence[FoundServer]) -> tuple[Protocol, ...]:
    """The protocol of each server."""
    return tuple(found.server.protocol for found in servers)
