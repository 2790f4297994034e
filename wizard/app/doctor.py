"""``doctor``: why does it not connect? The servers, the ladders to them, and what is wrong."""

from __future__ import annotations

from dataclasses import dataclass, replace
from time import monotonic
from typing import TYPE_CHECKING, Any

from wizard.app.choices import check_accepted
from wizard.app.climbing import Climbing
from wizard.app.examined import Examined
from wizard.app.helpdesk import report_in_the_way, write_report
from wizard.app.looking import watch
from wizard.app.permission import may_send
from wizard.app.typed_servers import published_in, targets_of, usual_targets
from wizard.app.wording import protocol_in_words
from wizard.diagnosis.options import DEADLINE
from wizard.language import translate as _
from wizard.model.diagnosis import Diagnosis
from wizard.model.notice import Notice
from wizard.model.problems import NothingDiscovered, Place, Problem
from wizard.model.servers import Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from wizard.app.passwords import PasswordSource
    from wizard.app.screen import Screen
    from wizard.app.typed_servers import Typed
    from wizard.diagnosis.device import Device
    from wizard.discovery.options import LookUpOptions
    from wizard.discovery.runner import LookUp
    from wizard.interview.prompters import Prompter
    from wizard.model.address import EmailAddress
    from wizard.model.diagnosis import Finding, Target
    from wizard.model.discovery import DiscoveryReport
    from wizard.model.secret import Secret

LOOK_UP = 0.4
"""The part of the deadline that finding the servers may take, where they are not given."""

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
        report, guessed = None, False
        if not targets:
            report = watch(look_up, self._screen)
            targets, guessed = self._found(report)
            self._left -= monotonic() - begun
        if wishes.send_test and not any(one.protocol is Protocol.SMTP for one in targets):
            raise Problem(_("There is no server for sending to try it with; --smtp names one."))
        password = self._password(report, targets) if wishes.login and not guessed else None
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
        from wizard.app.settings_files import accounts_in, completed, read_content

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

    def _found(self, report: DiscoveryReport) -> tuple[tuple[Target, ...], bool]:
        """The servers of a look-up, and whether they are but the usual names, which get no password.

        Raises NothingDiscovered where there is none to connect to.
        """
        targets = targets_of(report, protocol=self._wishes.protocol, username=self._wishes.typed.username)
        if targets:
            return targets, False
        if any(one.code in _MEANS_NOTHING_ELSE for one in report.warnings):
            if self._wishes.login:
                self._notes.append(Notice("login_not_tried", _("The log-in was not tried.")))
            return usual_targets(self._wishes.address), True
        from wizard.app.servers import nothing_known

        hint = _("Give what your mail program has: --imap HOST, --pop3 HOST, --smtp HOST.")
        raise NothingDiscovered(f"{nothing_known(report)} {hint}")

    def _password(self, report: DiscoveryReport | None, targets: Sequence[Target]) -> Secret | None:
        wishes = self._wishes
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
            address=wishes.address, observations=observed, findings=(*findings, *compared), elapsed_ms=elapsed_ms
        )
        if any(one.sent is not None and one.sent.accepted for one in observed):
            sent = _("A message to {address} was sent: look whether it arrives.")
            self._notes.append(Notice("test_sent", sent.format(address=wishes.address.unicode)))
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
        from wizard.diagnosis.diagnose import compare_with_device, observe
        from wizard.diagnosis.options import CheckOptions
        from wizard.discovery.online import open_network

        wishes, begun = self._wishes, monotonic()
        network = open_network(wishes.look_up)
        if wishes.typed.places:  # a private address is the person's own word
            typed = frozenset(one.host for one in targets)
            network = replace(network, policy=replace(network.policy, typed=typed))
        checks = CheckOptions(
            address=wishes.address,
            password=password,
            send_test=wishes.send_test,
            allow_insecure=wishes.look_up.allow_insecure,
            timeout=max(0.1, self._left),
        )
        observed = await observe(targets, checks, network, on_rung=climbing.shown)
        if wishes.device is None:
            return observed, ()
        left = self._left - (monotonic() - begun)
        compared, missed = await compare_with_device(wishes.device, observed, network, seconds=left)
        self._notes += _about_the_device(wishes.device, compared, missed, len(targets))
        return observed, compared

    def _causes(self, targets: Sequence[Target], report: DiscoveryReport, observed: Any) -> tuple[Finding, ...]:
        from wizard.diagnosis import published as beside
        from wizard.diagnosis.rules import find_causes

        published = published_in(report)
        failing = {one.target.protocol for one in observed if one.failure is not None}
        refused = {(one.target.protocol, login.username) for one in observed for login in one.logins}
        found = beside.with_published_settings(
            find_causes(self._wishes.address, observed, report.provider),
            targets,
            published,
            failing=failing,
            refused=refused,
        )
        told = " ".join(text for one in found for text in (one.evidence, one.cause, *one.steps))
        sentences = [
            beside.server_difference(mine, theirs) for mine, theirs in beside.differing_servers(targets, published)
        ]
        if not any(login.accepted for one in observed for login in one.logins):  # a name that is let in is right
            names = beside.differing_usernames(targets, published)
            untried = [pair for pair in names if (pair[1].protocol, pair[1].username) not in refused]
            sentences += [beside.username_difference(mine, theirs) for mine, theirs in untried]
        self._notes += [Notice("differs", sentence) for sentence in sentences if sentence not in told]
        return found


def _about_the_device(
    device: Device, findings: Sequence[Finding], missed: Sequence[Protocol], servers: int
) -> Iterator[Notice]:
    """Which device it was, where nothing speaks against it; and what could not be compared."""
    from wizard.diagnosis.devices import name_of

    for protocol in missed:
        text = _("{protocol} could not be compared with the device.").format(protocol=protocol_in_words(protocol))
        yield Notice("device_not_compared", text)
    if not findings and len(missed) < servers:
        text = _("{device}: nothing was seen that would keep it from these servers.").format(device=name_of(device))
        yield Notice("device_fits", text)
