"""The doctor within the guided way: servers that nobody has connected to yet, and a log-in where somebody wants it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wizard.app.typed_servers import target_of
from wizard.language import translate as _
from wizard.model.diagnosis import RungStatus
from wizard.model.discovery import Source
from wizard.model.problems import InputNeeded
from wizard.terminal.doctor import Ladders, ask_password, show_findings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.app.plan import Plan
    from wizard.discovery.context import LookUpOptions
    from wizard.interview.prompter import Prompter
    from wizard.model.diagnosis import Diagnosis, Observed
    from wizard.model.discovery import DiscoveryReport, FoundServer
    from wizard.model.secret import Secret
    from wizard.model.servers import Protocol
    from wizard.terminal.screen import Screen


def used_servers(report: DiscoveryReport, protocol: Protocol) -> list[FoundServer]:
    """The servers of an account with ``protocol``."""
    return [one for one in (report.best(protocol), report.smtp) if one is not None]


def with_what_was_seen(
    report: DiscoveryReport, unseen: Sequence[FoundServer], options: LookUpOptions, screen: Screen
) -> DiscoveryReport:
    """Connect to ``unseen``, without a log-in; ``report`` with whether they answered. What is wrong is shown.

    Whoever does not want to wait (Ctrl-C) goes on with what is known.
    """
    screen.blank()
    screen.say(_("Connecting to the servers. Ctrl-C goes on without."))
    diagnosis = _diagnosis(report, unseen, options, screen)
    if diagnosis is None:
        return report
    causes = {one.protocol: one.cause for one in reversed(diagnosis.findings)}
    for found, observed in zip(unseen, diagnosis.observed, strict=True):
        good = _passed(observed)
        trouble = "" if good else causes.get(found.server.protocol) or causes.get(None) or ""
        report = report.with_server(replace(found, verified=good, trouble=trouble))
    if diagnosis.findings:
        show_findings(screen, diagnosis.findings)
    elif all(map(_passed, diagnosis.observed)):
        screen.say(_("They answer as they should."))
    return report


def try_log_in(plan: Plan, options: LookUpOptions, prompter: Prompter, screen: Screen) -> None:
    """Ask for the password, log in to the servers of ``plan``, and show what came of it. Nothing is kept."""
    servers = used_servers(plan.report, plan.protocol)
    hosts = ", ".join(dict.fromkeys(str(one.server.hostname) for one in servers))
    message = _("The password of {address}. It goes to {hosts} and nowhere else.").format(
        address=plan.report.address.unicode, hosts=hosts
    )
    try:
        secret = ask_password(prompter, message)
    except KeyboardInterrupt:
        screen.blank()
        screen.say(_("The log-in was not tried."))
        return
    except InputNeeded as needed:
        screen.blank()
        screen.say(needed.text)
        return
    with secret:
        diagnosis = _diagnosis(plan.report, servers, options, screen, secret)
    if diagnosis is None:
        screen.say(_("The log-in was not tried."))
    elif diagnosis.findings:
        show_findings(screen, diagnosis.findings)
    elif all(map(_passed, diagnosis.observed)):
        screen.blank()
        screen.say(_("Logging in works, for receiving and for sending."))
    else:
        screen.blank()
        screen.say(_("A step failed, and its cause is not known."))


def _diagnosis(
    report: DiscoveryReport,
    servers: Sequence[FoundServer],
    options: LookUpOptions,
    screen: Screen,
    password: Secret | None = None,
) -> Diagnosis | None:
    """What is seen of ``servers``; None where the person broke off."""
    import asyncio

    from wizard.diagnosis.diagnose import diagnose
    from wizard.diagnosis.wishes import CheckWishes
    from wizard.discovery.engine import open_network

    network = open_network(options)
    typed = frozenset(str(one.server.hostname) for one in servers if one.evidence.source is Source.USER)
    network = replace(network, policy=replace(network.policy, typed=typed))
    wishes = CheckWishes(address=report.address, password=password, allow_insecure=options.allow_insecure)
    targets = [target_of(one) for one in servers]
    try:
        with Ladders(screen, targets) as ladders:
            return asyncio.run(
                diagnose(report.address, targets, wishes, network, provider=report.provider, shown=ladders.add)
            )
    except KeyboardInterrupt:
        return None


def _passed(observed: Observed) -> bool:
    return bool(observed.rungs) and all(one.status is not RungStatus.FAILED for one in observed.rungs)
