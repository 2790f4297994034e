"""``doctor``: why does it not connect? The servers, the ladders to them, what is wrong, and the report for a helpdesk.

The caller of a run passes a :class:`View`, which waits, asks and shows; nothing here knows how.
"""

from __future__ import annotations

import typing
from dataclasses import dataclass, replace
from time import monotonic
from typing import TYPE_CHECKING, Any

from wizard.app.doctor_notes import (
    device_notes,
    differences,
    login_not_tried,
    notes_of_look_up,
    pop3_fails,
    several_providers,
)
from wizard.app.doctor_report import check_report_path, write_report
from wizard.app.doctor_scope import Scope, scope_of
from wizard.app.plan import asking_for, check_accepted
from wizard.app.typed_servers import home_of, providers_of, published_in, targets_of
from wizard.app.user_report import (
    UserReport,
    next_look,
    program_document,
    program_not_known,
    side_not_examined,
    where_to_enter,
    words_document,
)
from wizard.diagnosis.options import DEADLINE
from wizard.discovery.consent import PAID_PLAN, consent_for_account, unread_settings
from wizard.language import translate as _
from wizard.model.diagnosis import Diagnosis, RungStatus
from wizard.model.problems import ExitCode, NothingDiscovered, Notice, Place, Problem
from wizard.model.servers import Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from wizard.app.passwords import PasswordSource
    from wizard.app.typed_servers import TypedServers
    from wizard.diagnosis.device import Device
    from wizard.diagnosis.evidence import Home
    from wizard.discovery.context import LookUpOptions
    from wizard.discovery.lookup import LookUp
    from wizard.model.address import EmailAddress
    from wizard.model.diagnosis import Finding, Observation, Rung, Target
    from wizard.model.discovery import DiscoveryReport
    from wizard.model.secret import Secret

LOOK_UP_SHARE = 0.4
"""The part of the deadline that finding the servers may take, where they are not given."""

LOGIN_CODES = frozenset(
    {
        *("login_disabled", "auth_failed", "auth_needs_app_password", "auth_oauth2_only", "auth_mechanism_missing"),
        *("username_form", "protocol_switched_off", "password_expired", "program_refused", "device_auth"),
    }
)
"""The codes of findings that end with exit code 6; all others with 5."""


class View(typing.Protocol):
    """What a run needs of the person who started it."""

    def wait_for(self, look_up: LookUp) -> DiscoveryReport:
        """The result of ``look_up``, with its progress shown meanwhile."""

    def may_send_password(self, doubts: Sequence[Notice]) -> bool:
        """Whether the password may go to servers that are in doubt. Raises InputNeeded where nobody can be asked."""

    def ask_password(self, message: str) -> Secret:
        """The password, typed. Raises InputNeeded where nobody can be asked."""

    def climbing(self, targets: Sequence[Target]) -> AbstractContextManager[Callable[[Target, Rung], None]]:
        """A context whose value is called with each step to one of ``targets`` that has ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DoctorRequest:
    """``timeout``: seconds for everything but typing. ``settings``: a file, ``-`` for standard input.

    ``report``: where the text for a helpdesk goes; ``shorten``: addresses in it begin with one letter only.
    """

    address: EmailAddress
    look_up: LookUpOptions
    typed: TypedServers
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
    user_report: UserReport = UserReport()  # noqa: RUF009 - a value that never changes
    timeout: float = DEADLINE

    def check(self) -> None:
        """Raise Problem for what does not go together."""
        check_accepted(self.accept)
        self.typed.check()
        if self.look_up.offline:
            self._check_offline()
        if self.settings is not None and self.typed.places:
            raise Problem(
                _("Settings come either from a file or from options, not both."), place=Place(key="--settings")
            )
        if not self.password.asks and not self.login:
            raise Problem(_("A password is only needed for --login or --send-test."))
        if self.report is not None:
            check_report_path(self.report, force=self.force)

    def _check_offline(self) -> None:
        if not self.typed.places and self.settings is None:
            raise Problem(
                _(
                    "With --offline the doctor compares what your mail program has with the built-in catalogue: give "
                    "--imap HOST, --pop3 HOST, --smtp HOST, or --settings FILE."
                )
            )
        connecting = {"--login": self.login, "--device": self.device is not None, "--report": self.report is not None}
        for option, given in connecting.items():
            if given:
                raise Problem(_("This needs a connection; --offline opens none."), place=Place(key=option))


@dataclass(frozen=True, slots=True)
class DoctorResult:
    """What a run came to; ``notes`` are what a person should know beside the findings.

    ``not_needed``: a protocol that fails, without which an account can be as it should. ``connected``: False where
    the settings were only compared with the catalogue. ``user_report``: what the
    person said of the mail program; ``settings``: what to look at in it, where the servers are as they should be.
    """

    diagnosis: Diagnosis
    notes: tuple[Notice, ...]
    not_needed: Protocol | None = None
    user_report: UserReport = UserReport()  # noqa: RUF009 - a value that never changes
    settings: tuple[str, ...] = ()
    connected: bool = True

    @property
    def exit_code(self) -> ExitCode:
        """That of the first finding, which is the root cause."""
        if not self.diagnosis.findings:
            return ExitCode.NETWORK if self.unexplained else ExitCode.DONE
        first = self.diagnosis.findings[0].code
        return ExitCode.LOGIN_REFUSED if first in LOGIN_CODES else ExitCode.NETWORK

    @property
    def unexplained(self) -> bool:
        """Whether a step failed of which no cause is known."""
        return any(rung.status is RungStatus.FAILED for observed in self._needed for rung in observed.rungs)

    @property
    def working(self) -> tuple[Target, ...]:
        """The servers that were seen to answer as they should, where there is no finding."""
        return tuple(observed.target for observed in self._needed)

    @property
    def _needed(self) -> list[Observation]:
        observations = self.diagnosis.observations
        return [observed for observed in observations if observed.target.protocol is not self.not_needed]

    def document(self) -> dict[str, Any]:
        """The run as one JSON document."""
        from wizard.diagnosis.report import diagnosis_document

        document = diagnosis_document(self.diagnosis, self.notes)
        if self.user_report.words is not None:
            document["says"] = words_document(self.user_report.words, self.user_report.program)
        if self.user_report.program is not None:
            document["program"] = program_document(self.user_report.program, self.settings)
        return document


def examine(request: DoctorRequest, view: View) -> DoctorResult:
    """The whole run. Raises Problem."""
    request.check()
    return _Examination(request, view).run()


class _Examination:
    """One run; the clock stands still while somebody types."""

    def __init__(self, request: DoctorRequest, view: View) -> None:
        self._request, self._view = request, view
        self._left = request.timeout
        self._user_report = request.user_report
        self._notes: list[Notice] = [*program_not_known(request.user_report)]

    def run(self) -> DoctorResult:
        request = self._request
        scope = self._given()
        if scope is not None and request.look_up.offline:
            from wizard.app.doctor_offline import compare_with_catalogue

            return compare_with_catalogue(request, scope, self._start(alone=False).result(), self._user_report)
        if request.send_test and scope and not any(target.protocol is Protocol.SMTP for target in scope.account):
            raise Problem(_("There is no outgoing server to try it with; give one with --smtp."))
        started = monotonic()
        look_up = self._start(alone=scope is None)
        report = None
        if scope is None:
            report = self._view.wait_for(look_up)
            scope = self._found(report)
            self._left -= monotonic() - started
        password = self._password(report, scope.account) if request.login else None
        try:
            return self._examined(scope, password, look_up, spent=request.timeout - self._left)
        finally:
            if password is not None:
                password.wipe()

    def _given(self) -> Scope | None:
        """What was typed or read from a file; None where the servers are to be found."""
        request = self._request
        if request.typed.places:
            return Scope(account=request.typed.targets(request.address))
        if request.settings is None:
            return None
        from wizard.app.settings_files import accounts_in, completed, read_content, require_complete

        content, name = read_content(request.settings)
        (account,) = completed(accounts_in(content, name, address=request.address))
        self._user_report = request.user_report.for_format(account.format)
        targets = targets_of(account.as_written, protocol=request.protocol, username=request.typed.username)
        require_complete(account)
        if not targets:
            raise Problem(_("The file names no server."), place=Place(name))
        scope = Scope(account=targets)
        return scope if request.send_test else scope.only(self._user_report.protocols)

    def _start(self, *, alone: bool) -> LookUp:
        from wizard.discovery.context import TIMEOUT
        from wizard.discovery.lookup import start

        limit = self._request.timeout * (LOOK_UP_SHARE if alone else 1)
        return start(self._request.address, replace(self._request.look_up, timeout=min(TIMEOUT, limit)))

    def _found(self, report: DiscoveryReport) -> Scope:
        """The servers of a look-up. Raises NothingDiscovered where there is none to connect to."""
        scope = scope_of(report, protocol=self._request.protocol, username=self._request.typed.username)
        if not scope.targets:
            from wizard.app.servers import nothing_known

            hint = _("Give what your mail program has: --imap HOST, --pop3 HOST, --smtp HOST.")
            unread = unread_settings(report, self._request.accept)
            reasons = [nothing_known(report), *([asking_for(unread)] if unread else []), hint]
            raise NothingDiscovered(" ".join((*self._user_report.explanation, *reasons)))
        if not self._request.send_test:
            scope = scope.only(self._user_report.protocols)
        self._notes += notes_of_look_up(report, scope)
        return scope

    def _password(self, report: DiscoveryReport | None, targets: Sequence[Target]) -> Secret | None:
        request = self._request
        doubts = () if report is None else password_doubts(report, targets, request.accept)
        if not targets or (doubts and not self._view.may_send_password(doubts)):
            self._notes.append(login_not_tried())
            return None
        hosts = ", ".join(dict.fromkeys(target.host for target in targets))
        message = _("The password of {address}. It goes to {hosts} and nowhere else.").format(
            address=request.address.unicode, hosts=hosts
        )
        return request.password.read(lambda: self._view.ask_password(message))

    def _examined(self, scope: Scope, password: Secret | None, look_up: LookUp, *, spent: float) -> DoctorResult:
        from wizard import interruption

        request = self._request
        started = monotonic()
        with self._view.climbing(scope.targets) as shown:
            observed, compared = interruption.run(self._climb(scope, password, shown))
        findings = self._causes(scope, look_up.result(), observed)
        findings, not_needed = self._without_what_is_not_needed(scope, findings, observed)
        elapsed_ms = round((spent + monotonic() - started) * 1000)
        diagnosis = Diagnosis(
            address=request.address, observations=observed, findings=(*findings, *compared), elapsed_ms=elapsed_ms
        )
        if any(server.sent is not None and server.sent.accepted for server in observed):
            sent = _("A message was sent to {address}: check that it arrives.")
            self._notes.append(Notice("test_sent", sent.format(address=request.address.unicode)))
        result = DoctorResult(diagnosis, tuple(self._notes), not_needed, self._user_report)
        result = self._with_what_the_program_wants(result, tried=password is not None)
        if request.report is not None:
            notes = (*self._user_report.notes, *result.notes)
            write_report(request.report, diagnosis, notes, shorten=request.shorten, force=request.force)
        return result

    def _with_what_the_program_wants(self, result: DoctorResult, *, tried: bool) -> DoctorResult:
        """Where nothing was found: what to look at next, in the program and besides."""
        targets = [server.target for server in result.diagnosis.observations]
        notes = [*result.notes, *side_not_examined(self._user_report, targets)]
        if result.diagnosis.findings or result.unexplained:
            notes += where_to_enter(self._user_report, result.diagnosis.findings)
            return replace(result, notes=tuple(notes))
        notes += next_look(self._user_report, result.diagnosis.observations)
        if not tried and not any(notice.code == "login_not_tried" for notice in notes):
            notes.append(Notice("login_not_tried", _("Whether the log-in works was not tried; --login does that.")))
        return replace(result, notes=tuple(notes), settings=self._user_report.settings(result.working))

    def _without_what_is_not_needed(
        self, scope: Scope, findings: tuple[Finding, ...], observed: Sequence[Observation]
    ) -> tuple[tuple[Finding, ...], Protocol | None]:
        """``findings`` without those about POP3 where nobody asked for it and IMAP is fine: these become notes."""
        failing = {server.target.protocol for server in observed if server.failure is not None}
        reading = {target.protocol for target in scope.account} - {Protocol.SMTP}
        if not scope.whole or len(reading) < 2 or Protocol.POP3 not in failing or Protocol.IMAP in failing:
            return findings, None
        self._notes += [pop3_fails(finding) for finding in findings if finding.protocol is Protocol.POP3]
        return tuple(finding for finding in findings if finding.protocol is not Protocol.POP3), Protocol.POP3

    async def _climb(
        self, scope: Scope, password: Secret | None, shown: Callable[[Target, Rung], None]
    ) -> tuple[tuple[Observation, ...], tuple[Finding, ...]]:
        import asyncio

        from wizard.diagnosis.diagnose import compare_with_device, observe
        from wizard.diagnosis.options import CheckOptions
        from wizard.discovery.engine import open_network

        request, started = self._request, monotonic()
        network = open_network(request.look_up)
        if request.typed.places:  # a private address is the person's own word
            typed = frozenset(target.host for target in scope.account)
            network = replace(network, policy=replace(network.policy, typed=typed))
        checks = CheckOptions(
            address=request.address,
            password=password,
            send_test=request.send_test,
            allow_insecure=request.look_up.allow_insecure,
            timeout=max(0.1, self._left),
            control=request.look_up.ispdb_host,
        )
        with_password, without = await asyncio.gather(
            observe(scope.account, checks, network, on_rung=shown),
            observe(scope.looked_at_only, replace(checks, password=None, send_test=False), network, on_rung=shown),
        )
        by_target = {server.target: server for server in (*without, *with_password)}
        observed = tuple(by_target[target] for target in scope.targets)
        if request.device is None:
            return observed, ()
        left = self._left - (monotonic() - started)
        used = [server for server in observed if server.target not in scope.published]
        compared, missed = await compare_with_device(request.device, used, network, seconds=left)
        self._notes += device_notes(request.device, compared, missed, len(used))
        return observed, compared

    def _causes(self, scope: Scope, report: DiscoveryReport, observed: Sequence[Observation]) -> tuple[Finding, ...]:
        from wizard.diagnosis.rules import find_causes

        published = published_in(report)
        found = find_causes(
            self._request.address,
            observed,
            report.provider,
            scope.missing,
            scope.left_out,
            providers=providers_of((*scope.targets, *scope.left_out), report.provider, self._request.look_up.templates),
            published=published,
            home=self._home(report, observed),
            expected=self._user_report.expected,
            replaced=(*scope.published, *scope.left_out),
        )
        notes, others = differences(scope.account, published, observed, found)
        self._notes += notes
        self._notes += [notice for notice in several_providers(report) if others and notice not in self._notes]
        return found

    def _home(self, report: DiscoveryReport, observed: Sequence[Observation]) -> Home | None:
        """Where the mail of an own domain is, with every machine of which a name says that it is there, too."""
        from wizard import interruption
        from wizard.diagnosis.machine_names import at_home
        from wizard.discovery.engine import open_network

        home = home_of(report)
        strangers = [seen for seen in observed if home is not None and not home.has(seen, None)]
        if home is None or not strangers:
            return home
        return interruption.run(at_home(open_network(self._request.look_up), home, strangers))


def password_doubts(report: DiscoveryReport, targets: Sequence[Target], accepted: Sequence[str]) -> tuple[Notice, ...]:
    """Why a password should not go unasked to the servers of ``report``: they are guessed, or belong to others."""
    doubts: dict[str, Notice] = {}
    for protocol in dict.fromkeys(target.protocol for target in targets if target.protocol is not Protocol.SMTP):
        doubts |= {notice.code: notice for notice in consent_for_account(report, protocol, accepted)}
    doubts.pop(PAID_PLAN, None)  # the servers are right, whatever the plan
    return tuple(doubts.values())
