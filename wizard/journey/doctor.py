"""``doctor``: why does it not connect? The servers, the ladders to them, and what is wrong."""

from __future__ import annotations

from dataclasses import dataclass, replace
from time import monotonic
from typing import TYPE_CHECKING, Any

from wizard.journey.choices import check_accepted
from wizard.journey.climbing import Climbing, show_ladders
from wizard.journey.findings import show_findings
from wizard.journey.helpdesk import report_in_the_way, write_report
from wizard.journey.looking import watch
from wizard.journey.permission import may_send
from wizard.journey.typed_servers import published_in, targets_of, usual_targets
from wizard.journey.wording import protocol_in_words, source_in_words
from wizard.language import translate as _
from wizard.model.diagnosis import Diagnosis, RungStatus
from wizard.model.notice import Notice
from wizard.model.problems import ExitCode, NothingDiscovered, Place, Problem
from wizard.model.servers import Protocol
from wizard.verification.wishes import DEADLINE
from wizard.verification.words import target_in_words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from wizard.discovery.options import LookUpOptions
    from wizard.discovery.runner import LookUp
    from wizard.interview.prompters import Prompter
    from wizard.journey.passwords import PasswordSource
    from wizard.journey.screen import Screen
    from wizard.journey.typed_servers import Typed
    from wizard.model.address import EmailAddress
    from wizard.model.diagnosis import Finding, Target
    from wizard.model.discovery import DiscoveryReport
    from wizard.model.secret import Secret
    from wizard.verification.device import Device

LOOK_UP = 0.4
"""The part of the deadline that finding the servers may take, where they are not given."""

ABOUT_THE_LOGIN = frozenset(
    {
        *("login_disabled", "auth_failed", "auth_needs_app_password", "auth_oauth2_only", "auth_mechanism_missing"),
        *("username_form", "protocol_switched_off", "device_auth"),
    }
)
"""The codes that end with exit code 6; all others with 5."""

_MEANS_NOTHING_ELSE = ("no_such_domain", "no_network")


@dataclass(frozen=True, slots=True, kw_only=True)
class DoctorWishes:
    """``timeout``: seconds for everything but typing. ``settings``: a file, ``-`` for standard input."""

    address: EmailAddress
    look_up: LookUpOptions
    typed: Typed
    password: PasswordSource
    settings: str | None = None
    protocol: Protocol | None = None
    login: bool = False
    send_test: bool = False
    device: Device | None = None
    report: Path | None = None
    shorten: bool = False
    force: bool = False
    accept: tuple[str, ...] = ()
    timeout: float = DEADLINE

    def check(self) -> None:
        """Raise Problem for what does not go together."""
        check_accepted(self.accept)
        self.typed.check()
        if self.look_up.offline:
            raise Problem(_("The doctor connects to servers; --offline leaves it nothing to do."))
        if self.settings is not None and self.typed.places:
            raise Problem(_("Settings come from a file or are typed, not both."), place=Place(key="--settings"))
        if not self.password.asks and not self.login:
            raise Problem(_("A password is needed for --login or --send-test only."))
        if self.report is not None:
            report_in_the_way(self.report, force=self.force)


@dataclass(frozen=True, slots=True)
class Examined:
    """What a run came to. ``told``: what came of every step stands on the screen already."""

    diagnosis: Diagnosis
    notes: tuple[Notice, ...]
    told: bool

    @property
    def exit_code(self) -> ExitCode:
        """That of the first finding, which is the root cause."""
        if not self.diagnosis.findings:
            return ExitCode.NETWORK if unexplained(self.diagnosis) else ExitCode.DONE
        first = self.diagnosis.findings[0].code
        return ExitCode.LOGIN_REFUSED if first in ABOUT_THE_LOGIN else ExitCode.NETWORK

    def document(self) -> dict[str, Any]:
        """The run as one JSON document."""
        from wizard.verification.document import diagnosis_document

        return diagnosis_document(self.diagnosis, self.notes)

    def show(self, screen: Screen, *, verbose: bool = False) -> None:
        """Everything, for a person."""
        screen.say(self.diagnosis.address.unicode, style="bold")
        screen.fields([(protocol_in_words(one.target.protocol), _about(one.target)) for one in self.diagnosis.observed])
        if not self.told or verbose:
            screen.blank()
            show_ladders(screen, self.diagnosis.observed, verbose=verbose)
        show_findings(screen, self.diagnosis.findings)
        if not self.diagnosis.findings:
            screen.blank()
            screen.say(_verdict(self.diagnosis), style="bold")
        if self.notes:
            screen.blank()
            screen.fields([(_("Mind"), [one.text for one in self.notes])])


def unexplained(diagnosis: Diagnosis) -> bool:
    """Whether a step failed of which no cause is known."""
    return any(rung.status is RungStatus.FAILED for one in diagnosis.observed for rung in one.rungs)


def _verdict(diagnosis: Diagnosis) -> str:
    if unexplained(diagnosis):
        return _("A step failed, and its cause is not known.")
    return _("Nothing is wrong: the servers answer as they should.")


def _about(target: Target) -> list[str]:
    name = _("user name {username}").format(username=target.username)
    return [target_in_words(target), f"{name}; {source_in_words(target.source)}"]


def examine(wishes: DoctorWishes, prompter: Prompter, screen: Screen | None) -> Examined:
    """The whole run; ``screen`` is where it is seen at work. Raises Problem."""
    wishes.check()
    return _Examination(wishes, prompter, screen).run()


class _Examination:
    """One run; the clock stands still while somebody types."""

    def __init__(self, wishes: DoctorWishes, prompter: Prompter, screen: Screen | None) -> None:
        self._wishes, self._prompter, self._screen = wishes, prompter, screen
        self._left = wishes.timeout
        self._notes: list[Notice] = []

    def run(self) -> Examined:
        wishes = self._wishes
        targets = self._given()
        begun = monotonic()
        look_up = self._start(alone=not targets)
        report = None
        if not targets:
            report = watch(look_up, self._screen)
            targets = self._found(report)
            self._left -= monotonic() - begun
        if wishes.send_test and not any(one.protocol is Protocol.SMTP for one in targets):
            raise Problem(_("There is no server for sending to try it with; --smtp names one."))
        password = self._password(report, targets)
        try:
            return self._examined(targets, password, look_up, spent=wishes.timeout - self._left)
        finally:
            if password is not None:
                password.wipe()

    def _given(self) -> tuple[Target, ...]:
        """What was typed or read from a file; nothing where the servers are to be found."""
        wishes = self._wishes
        if wishes.typed.places:
            return wishes.typed.targets(wishes.address)
        if wishes.settings is None:
            return ()
        from wizard.journey.settings_files import accounts_in, completed, read_content

        content, name = read_content(wishes.settings)
        (one,) = completed(accounts_in(content, name, address=wishes.address))
        targets = targets_of(one.report, protocol=wishes.protocol, username=wishes.typed.username)
        if not targets:
            raise Problem(_("The file names no server."), place=Place(name))
        return targets

    def _start(self, *, alone: bool) -> LookUp:
        from wizard.discovery.options import TIMEOUT
        from wizard.discovery.runner import start

        most = self._wishes.timeout * (LOOK_UP if alone else 1)
        return start(self._wishes.address, replace(self._wishes.look_up, timeout=min(TIMEOUT, most)))

    def _found(self, report: DiscoveryReport) -> tuple[Target, ...]:
        """The servers of a look-up. Raises NothingDiscovered where there is none to connect to."""
        targets = targets_of(report, protocol=self._wishes.protocol, username=self._wishes.typed.username)
        if targets:
            return targets
        if any(one.code in _MEANS_NOTHING_ELSE for one in report.warnings):
            return usual_targets(self._wishes.address)
        from wizard.journey.servers import nothing_known

        hint = _("Give what your mail program has: --imap HOST, --pop3 HOST, --smtp HOST.")
        raise NothingDiscovered(f"{nothing_known(report)} {hint}")

    def _password(self, report: DiscoveryReport | None, targets: Sequence[Target]) -> Secret | None:
        wishes = self._wishes
        if not wishes.login:
            return None
        if report is not None and not may_send(report, targets, wishes.accept, self._prompter):
            self._notes.append(Notice("login_not_tried", _("The log-in was not tried.")))
            return None
        hosts = ", ".join(dict.fromkeys(one.host for one in targets))
        message = _("The password of {address}. It goes to {hosts} and nowhere else.").format(
            address=wishes.address.unicode, hosts=hosts
        )
        return wishes.password.read(self._prompter, message)

    def _examined(
        self, targets: tuple[Target, ...], password: Secret | None, look_up: LookUp, *, spent: float
    ) -> Examined:
        import asyncio

        wishes = self._wishes
        begun = monotonic()
        with Climbing(self._screen, targets) as climbing:
            observed, compared = asyncio.run(self._climb(targets, password, climbing))
        report = look_up.result()
        findings = self._causes(targets, report, observed)
        elapsed_ms = round((spent + monotonic() - begun) * 1000)
        diagnosis = Diagnosis(
            address=wishes.address, observed=observed, findings=(*findings, *compared), elapsed_ms=elapsed_ms
        )
        untold = not any(one.code == "login_not_tried" for one in self._notes)
        if password is None and untold and not findings:
            self._notes.append(
                Notice("login_not_tried", _("Whether the log-in works was not tried; --login does that."))
            )
        examined = Examined(diagnosis, tuple(self._notes), climbing.told)
        if wishes.report is not None:
            write_report(wishes.report, diagnosis, examined.notes, shorten=wishes.shorten, force=wishes.force)
        return examined

    async def _climb(
        self, targets: tuple[Target, ...], password: Secret | None, climbing: Climbing
    ) -> tuple[Any, tuple[Finding, ...]]:
        from wizard.discovery.online import open_network
        from wizard.verification.device_check import compare_with
        from wizard.verification.diagnose import observe
        from wizard.verification.wishes import CheckWishes

        wishes, begun = self._wishes, monotonic()
        network = open_network(wishes.look_up)
        if wishes.typed.places:  # a private address is the person's own word
            typed = frozenset(one.host for one in targets)
            network = replace(network, policy=replace(network.policy, typed=typed))
        checks = CheckWishes(
            address=wishes.address,
            password=password,
            send_test=wishes.send_test,
            allow_insecure=wishes.look_up.allow_insecure,
            timeout=max(0.1, self._left),
        )
        observed = await observe(targets, checks, network, shown=climbing.shown)
        if wishes.device is None:
            return observed, ()
        left = self._left - (monotonic() - begun)
        compared, missed = await compare_with(wishes.device, observed, network, seconds=left)
        for protocol in missed:
            text = _("{protocol} could not be compared with the device.").format(protocol=protocol_in_words(protocol))
            self._notes.append(Notice("device_not_compared", text))
        return observed, compared

    def _causes(self, targets: Sequence[Target], report: DiscoveryReport, observed: Any) -> tuple[Finding, ...]:
        from wizard.verification import published as beside
        from wizard.verification.rules import find_causes

        published = published_in(report)
        found = beside.with_what_is_published(
            find_causes(self._wishes.address, observed, report.provider), targets, published
        )
        told = " ".join(text for one in found for text in (one.evidence, one.cause, *one.steps))
        sentences = [beside.in_words(mine, theirs) for mine, theirs in beside.differing(targets, published)]
        if not any(login.accepted for one in observed for login in one.logins):  # a name that is let in is right
            names = beside.differing_names(targets, published)
            sentences += [beside.names_in_words(mine, theirs) for mine, theirs in names]
        self._notes += [Notice("differs", sentence) for sentence in sentences if sentence not in told]
        return found
