"""A person on the guided way without a terminal: answers each step, and has the work between them done."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

from wizard.app.guided.machine import Guide
from wizard.app.guided.state import Done, State, Work, WorkKind
from wizard.app.guided.work import write
from wizard.app.plan import Request
from wizard.discovery.context import LookUpOptions
from wizard.discovery.lookup import discover
from wizard.interview import partial
from wizard.interview.answers import Answers, Origin
from wizard.interview.steps import BACK, UNKNOWN, Checkbox, Prompt, Select, Sentence, Step, Text
from wizard.model.address import Hostname, Port
from wizard.model.diagnosis import Confidence, Diagnosis, Finding, Observation, Rung, RungName, RungStatus
from wizard.model.discovery import DiscoveryReport, Evidence, FoundServer, Source, Trust
from wizard.model.servers import USUAL_PORTS, AuthenticationMethod, PasswordStore, Protocol, SocketType, server

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.app.guided.state import Outcome
    from wizard.model.address import EmailAddress

    LookUp = Callable[[EmailAddress], DiscoveryReport]

OFFLINE = LookUpOptions(offline=True)
ONLINE = LookUpOptions()


def request(address: str | None = None, *, answers: dict[str, str] | None = None, **options: Any) -> Request:
    """What the command line asked for."""
    given = Answers()
    for key, value in (answers or {}).items():
        given = given.with_(key, value, Origin.SET)
    values: dict[str, Any] = {
        "save_answers": None, "scoring": None, "look_up": OFFLINE, "output": None, "force": False, "dry_run": False,
        "protocol": None, "leave_days": None, "accept": (), "password_store": PasswordStore.PASS, "templates": None,
    }  # fmt: skip
    return Request(address=address, answers=given, **{**values, **options})


def found(
    protocol: Protocol,
    host: str,
    *,
    source: Source = Source.AUTOCONFIG,
    trust: Trust = Trust.AUTHENTICATED,
    verified: bool | None = True,
    security: SocketType = SocketType.SSL,
    port: int | None = None,
    methods: tuple[AuthenticationMethod, ...] = (AuthenticationMethod.PASSWORD_CLEARTEXT,),
) -> FoundServer:
    made = server(
        protocol,
        hostname=Hostname(host),
        port=Port(port) if port is not None else USUAL_PORTS[protocol, security],
        socket_type=security,
        username="anna@example.test",
        authentication=methods,
    )
    return FoundServer(made, Evidence(source, trust), verified=verified)


def diagnosis(address: EmailAddress, servers: tuple[FoundServer, ...], *broken: Protocol) -> Diagnosis:
    """What is seen of ``servers``, those of the protocols ``broken`` with a finding."""
    from wizard.app.guided.work import targets_for

    observations = tuple(
        Observation(
            target=target,
            rungs=(Rung(RungName.TCP, RungStatus.FAILED if target.protocol in broken else RungStatus.OK),),
        )
        for target in targets_for(servers)
    )
    findings = tuple(
        Finding(
            code="tcp_refused",
            protocol=protocol,
            confidence=Confidence.CERTAIN,
            evidence="seen",
            cause=f"Nothing answers for {protocol}.",
            steps=("Try again.",),
        )
        for protocol in broken
    )
    return Diagnosis(address=address, observations=observations, findings=findings)


class Journey:
    """``look_up`` says what is found for an address; ``early``: it is known before the first question.

    ``broken``: protocols whose servers are seen not to answer; None: nobody waits for what is seen.
    """

    def __init__(
        self,
        asked: Request,
        *,
        look_up: LookUp | None = None,
        early: bool = True,
        interactive: bool = True,
        defaults: bool = False,
        broken: tuple[Protocol, ...] | None = (),
        log_in: Any = None,
        examined: Any = None,
    ) -> None:
        self.guide = Guide(asked, interactive=interactive, defaults=defaults)
        self.look_up = look_up if look_up is not None else lambda address: discover(address, asked.look_up)
        self.early = early
        self.broken = broken
        self.log_in = log_in
        self.examined = examined
        self.work: list[WorkKind] = []
        self.shown: list[Any] = []
        self.state: State = self.guide.begin(partial.offered() if interactive else None)
        self._go()

    @property
    def step(self) -> Step:
        return self.guide.next_step(self.state)

    @property
    def id(self) -> str:
        """The id of the step."""
        return self.step.id

    @property
    def facts(self) -> list[type]:
        """The kinds of what is told before the step, and before the work that led to it."""
        return [type(fact) for fact in self.shown]

    @property
    def sentences(self) -> list[str]:
        return [fact.text for fact in self.shown if isinstance(fact, Sentence)]

    @property
    def kept(self) -> Answers:
        """What is kept when the person breaks off here."""
        return self.guide.answers_so_far(self.state)

    @property
    def outcome(self) -> Outcome | None:
        step = self.step
        assert isinstance(step, Done), step
        return step.outcome

    def label(self, value: str) -> str:
        """What the choice with ``value`` shows."""
        step = self.step
        assert isinstance(step, Select | Checkbox)
        return next(choice.shown for choice in step.choices if choice.value == value)

    def answer(self, *values: Any) -> Journey:
        """Answer one step after the other."""
        for value in values:
            self.shown = []
            self.state = self.guide.answer(self.state, self.step, value)
            self._go()
        return self

    def back(self) -> Journey:
        return self.answer(BACK)

    def until(self, *ids: str, **given: Any) -> Journey:
        """Go on with the usual answers, or those ``given`` for a step or question, until a step of ``ids``."""
        for _number in range(60):
            if self.id in ids or isinstance(self.step, Done):
                return self
            value = given.get(self.id)
            self.answer(usual(self.step) if value is None else value)
        raise AssertionError(f"never at {ids}, but at {self.id}")

    def _go(self) -> None:
        """Have done what is to be done, up to the next question. A state can be saved and read at any point."""
        self.shown += self.step.facts
        while isinstance(step := self.step, Work):
            self.work.append(step.kind)
            self.state = self.guide.answer(self.state, step, self._result(step))
            self.shown += self.step.facts
        assert pickle.loads(pickle.dumps(self.state)) == self.state

    def _result(self, step: Work) -> Any:
        address = self.state.address
        if step.kind is WorkKind.FORGET:
            return partial.forget()
        assert address is not None
        if step.kind is WorkKind.START:
            return self.look_up(address) if self.early else None
        if step.kind is WorkKind.LOOK_UP:
            return self.look_up(address)
        if step.kind is WorkKind.CHECK:
            return None if self.broken is None else diagnosis(address, step.servers, *self.broken)
        if step.kind is WorkKind.LOG_IN:
            assert step.password is not None
            return self.log_in(step) if callable(self.log_in) else self.log_in
        if step.kind is WorkKind.EXAMINE:
            return self.examined
        return write(self.guide, self.state)


def usual(step: Step) -> Any:
    """An answer that leads on, to the end."""
    assert isinstance(step, Prompt)
    if isinstance(step, Text):
        typed = {"address": "anna@gmx.net", "server-host-name": "mail.example.test", "server-port-number": "993"}
        return step.default or typed.get(step.id, "Anna")
    if isinstance(step, Checkbox):
        return step.default or (step.choices[0].value,)
    assert isinstance(step, Select)
    if step.unknown:
        return UNKNOWN
    forward = {
        "review": "go-on", "silent-servers": "use", "consent": "use", "no-network": "use", "no-domain": "by-hand",
        "server-unencrypted": "yes", "advice": "on",
    }  # fmt: skip
    if step.id == "server-host":
        return step.choices[1].value
    return forward.get(step.id, step.default)
