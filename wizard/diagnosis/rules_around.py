"""Rules for what is around a server: a domain that has moved, a silent machine, a limit of connections, a shield."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.diagnosis.evidence import LIKELY, POSSIBLE, Cause, rule
from wizard.diagnosis.issuers import security_program
from wizard.diagnosis.knowledge import knowledge
from wizard.model.diagnosis import RungName, RungStatus
from wizard.model.servers import Protocol
from wizard.net.failures import FailureKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.diagnosis.evidence import Causes, Evidence, Home, Rule
    from wizard.model.diagnosis import Observation

_WEB_PORTS = "443,80"


@rule("domain_expired")
def domain_expired(evidence: Evidence) -> Causes:
    """A domain that is not paid for: somebody who parks domains answers for it, or all its names lead to one address
    and nobody takes its mail.
    """
    observation, extra = evidence.observation, evidence.observation.extra
    if observation.failed_rung is RungName.LOGIN or any(map(_answered, evidence.all_observations)):
        return ()
    mx = extra.get("domain_mx", "")
    parking = knowledge().parking
    parker = next((host for host in extra.get("name_servers", "").split(",") if parking.has(host)), "")
    if mx not in ("none", "null") and not parking.has(mx):
        return ()
    if parker:
        return (Cause("domain_expired", LIKELY, values={"parker": parker}),)
    domain, invented = evidence.address.domain.ascii, extra.get("every_name", "")
    within = observation.target.host == domain or observation.target.host.endswith(f".{domain}")
    if within and invented and invented in observation.addresses:
        return (Cause("domain_expired", POSSIBLE, values={"invented": invented}),)
    return ()


@rule("address_locked_out", "port_filtered")
def silent_machine(evidence: Evidence) -> Causes:
    """A machine that answers on no port at all, not even those of the web, while others do.

    So does the firewall of a hoster with an address from which wrong passwords came. A large provider keeps the web off
    its mail servers, and locks nobody out so.
    """
    observation = evidence.observation
    silent = mail_is_silent(observation) and observation.extra.get("web_silent") == _WEB_PORTS
    if not silent or evidence.server_provider is not None or evidence.at_provider:
        return ()
    internet = observation.extra.get("internet", "")
    if internet == "silent":
        return (Cause("port_filtered", LIKELY, "nothing_answers"),)
    answering = next(_connected_elsewhere(evidence), "") or internet
    return (Cause("address_locked_out", LIKELY if answering else POSSIBLE, values={"answering": answering}),)


def mail_is_silent(observation: Observation) -> bool:
    """Whether no port of mail that was tried gave as much as a refusal."""
    if observation.failed_rung is not RungName.TCP or observation.failure != FailureKind.TIMEOUT:
        return False
    silent = observation.extra.get("silent_ports", "").split(",")
    others = {str(port.port) for port in observation.other_ports}
    return bool(others) and others <= set(silent)


def _connected_elsewhere(evidence: Evidence) -> Iterator[str]:
    """The hosts of the run that took a connection and are other machines."""
    own = set(evidence.observation.addresses)
    for other in evidence.all_observations:
        connected = any(rung.name is RungName.TCP and rung.status is RungStatus.OK for rung in other.rungs)
        if connected and other.addresses and own.isdisjoint(other.addresses):
            yield other.target.host


@rule("mailbox_moved")
def old_server(evidence: Evidence) -> Causes:
    """A server that answers, whether it lets in or not, while the mail of the domain is delivered and read elsewhere.

    Sending may still go through it: that counts where reading is here, too, or where it is refused.
    """
    observation, home = evidence.observation, evidence.home
    if home is None or not _speaks(observation) or _is_at(evidence, observation, home):
        return ()
    if evidence.sending and not _refuses(observation) and not any(_reads_elsewhere(evidence, home)):
        return ()
    accepted = any(attempt.accepted for attempt in observation.logins)
    values = {"new_home": home.name, "mail_host": home.mail_host}
    return (Cause("mailbox_moved", LIKELY, "lets_in" if accepted else "old_server", values),)


def _speaks(observation: Observation) -> bool:
    """Whether the conversation went as far as the log-in: before that something else is wrong."""
    return observation.failure is None or observation.failed_rung in (RungName.LOGIN, RungName.MAILBOX)


def _refuses(observation: Observation) -> bool:
    attempts = (*observation.logins, *([observation.sent] if observation.sent is not None else []))
    return bool(attempts) and not attempts[-1].accepted


def _is_at(evidence: Evidence, observation: Observation, home: Home) -> bool:
    return home.has(observation, evidence.providers.get(observation.target.host))


def _reads_elsewhere(evidence: Evidence, home: Home) -> Iterator[bool]:
    for other in evidence.all_observations:
        if other.target.protocol is not Protocol.SMTP:
            yield _speaks(other) and not _is_at(evidence, other, home)


@rule("too_many_connections")
def closed_without_a_word(evidence: Evidence) -> Causes:
    """A server that takes a connection and closes it at once: as a rule it has as many as it allows one address.

    A limit counts the connections of one service. Where that for sending closes them, too, the server has a trouble.
    """
    closes = evidence.observation.extra.get("closes_at_once")
    if closes is None:
        return ()
    same = [other for other in evidence.all_observations if set(other.addresses) & set(evidence.observation.addresses)]
    if evidence.sending and closes == "always":
        return ()
    if any(other.extra.get("closes_at_once") == "always" for other in same if other.target.protocol is Protocol.SMTP):
        return ()
    answers = closes == "sometimes" or any(_answered(other) for other in same)
    return (Cause("too_many_connections", LIKELY if answers else POSSIBLE, "closed"),)


def _answered(observation: Observation) -> bool:
    greeted = any(rung.name is RungName.GREETING and rung.status is RungStatus.OK for rung in observation.rungs)
    return greeted or any(port.answers for port in observation.other_ports)


@rule("tls_intercepted")
def trusted_security_program(evidence: Evidence) -> Causes:
    """A security program whose certificate this device trusts: programs with a list of their own do not."""
    observation = evidence.observation
    program = security_program(observation.certificate) if observation.failure is None else None
    return () if program is None else (Cause("tls_intercepted", POSSIBLE, "trusted", {"product": program.name}),)


AROUND_RULES: tuple[Rule, ...] = (domain_expired, old_server, silent_machine, closed_without_a_word)
"""In the order in which they are asked, before those of the connection itself."""
