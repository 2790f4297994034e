"""What a person should know beside the findings of the doctor: docs/doctor.md lists the codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.app.doctor_scope import failed_besides, saw_nothing
from wizard.discovery.attempts import CONTRADICTIONS
from wizard.discovery.consent import apart
from wizard.discovery.owners import SEVERAL_PROVIDERS
from wizard.discovery.registry import origin_label
from wizard.language import translate as _
from wizard.model.discovery import Source
from wizard.model.problems import Notice
from wizard.model.servers import Protocol
from wizard.wording import protocol_label

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from wizard.app.doctor_scope import Scope
    from wizard.diagnosis.device import Device
    from wizard.diagnosis.evidence import Published
    from wizard.model.diagnosis import Finding, Observation, Target
    from wizard.model.discovery import DiscoveryReport, FoundServer


_OF_THE_LOOK_UP = (*CONTRADICTIONS, SEVERAL_PROVIDERS)
"""Warnings of a look-up that concern a program that sets itself up, too."""


def notes_of_look_up(report: DiscoveryReport, scope: Scope) -> Iterator[Notice]:
    """What a look-up has shown of the servers beside those that are looked at."""
    notices = [notice for notice in report.warnings if notice.code in _OF_THE_LOOK_UP]
    yield from notices
    if not saw_nothing(report):
        yield from _not_published(scope.guessed)
        yield from _guesses(report, scope.account)
        others = failed_besides(report, scope)
        yield from _failed_besides(
            found for found in others if not any(found.server.hostname in notice.text for notice in notices)
        )


def differences(
    account: Sequence[Target], published: Published, observed: Sequence[Observation], found: Sequence[Finding]
) -> tuple[list[Notice], bool]:
    """What the program has and was not found for the address, unless a finding says so; whether a server differs."""
    from wizard.diagnosis import published as beside

    refused = {(server.target.protocol, login.username) for server in observed for login in server.logins}
    shown = " ".join(text for finding in found for text in (finding.evidence, finding.cause, *finding.steps))
    moved = any(finding.code == "mailbox_moved" for finding in found)  # which says it all
    differing = () if moved else beside.differing_servers(account, published)
    sentences = [beside.server_difference(mine, theirs) for mine, theirs in differing]
    accepted = any(login.accepted for server in observed for login in server.logins)
    if not accepted:  # a name that is let in is right
        names = beside.differing_usernames(account, published)
        untried = [pair for pair in names if (pair[1].protocol, pair[1].username) not in refused]
        sentences += [beside.username_difference(mine, theirs) for mine, theirs in untried]
    return [Notice("differs", sentence) for sentence in sentences if sentence not in shown], bool(differing)


def several_providers(report: DiscoveryReport) -> list[Notice]:
    """Whom the mail is delivered to, and who else is published: from the others no new mail comes."""
    return [notice for notice in report.warnings if notice.code == SEVERAL_PROVIDERS]


def _not_published(guessed: Sequence[Target]) -> Iterator[Notice]:
    hosts = ", ".join(dict.fromkeys(target.host for target in guessed if target.source is Source.PROBE))
    if hosts:
        text = _("Nobody publishes these servers; they were looked for at the usual names: {hosts}.")
        yield Notice("not_published", text.format(hosts=hosts))


def _guesses(report: DiscoveryReport, account: Sequence[Target]) -> Iterator[Notice]:
    guesses = [target for target in account if target.guessed]
    if any(target.protocol is Protocol.IMAP and not target.guessed for target in account):
        guesses = [target for target in guesses if target.protocol is not Protocol.POP3]  # one way to read is enough
    hosts = ", ".join(f"{protocol_label(target.protocol)}: {target.host}" for target in guesses)
    if hosts:
        text = _(
            "Nobody confirms that these are the servers of {domain}; they are guesses: {hosts}. Compare them with what "
            "your provider says."
        )
        text = text.format(domain=report.address.domain.shown, hosts=hosts)
        used = [found for found in (report.imap or report.pop3, report.smtp) if found is not None]
        yield Notice("guessed", " ".join(part for part in (text, apart(used)) if part))


def _failed_besides(servers: Iterable[FoundServer]) -> Iterator[Notice]:
    for found in servers:
        text = _("Another server is published for {protocol}, and fails ({origin}): {reason}").format(
            protocol=protocol_label(found.server.protocol),
            origin=origin_label(found.evidence),
            reason=found.trouble,
        )
        yield Notice("published_fails", text)


def login_not_tried() -> Notice:
    """Nobody agreed to it, or there is no known server."""
    return Notice("login_not_tried", _("The log-in was not tried."))


def device_notes(
    device: Device, findings: Sequence[Finding], missed: Sequence[Protocol], servers: int
) -> Iterator[Notice]:
    """Which device it was, where nothing speaks against it; and what could not be compared."""
    from wizard.diagnosis.devices import name_of

    for protocol in missed:
        text = _("{protocol} could not be compared with the device.").format(protocol=protocol_label(protocol))
        yield Notice("device_not_compared", text)
    if not findings and len(missed) < servers:
        text = _("{device}: nothing was found that would keep it from connecting to these servers.").format(
            device=name_of(device)
        )
        yield Notice("device_fits", text)


def pop3_fails(finding: Finding) -> Notice:
    """What is wrong with POP3, where IMAP is as it should be."""
    text = _("POP3 does not work, but IMAP does: {cause} “doctor --protocol pop3” says what to do.")
    return Notice("pop3_fails", text.format(cause=finding.cause))
