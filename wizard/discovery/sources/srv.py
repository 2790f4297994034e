"""SRV records of the domain: RFC 6186, with the services of RFC 8314, chosen from as RFC 2782 says."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from random import SystemRandom
from typing import TYPE_CHECKING

from wizard.discovery.source import SourceSpec
from wizard.discovery.tried import endpoint, left_out
from wizard.discovery.wording import endpoints, explain, outcome_of, unusual_ports
from wizard.language import mark
from wizard.language import translate as _
from wizard.model.address import Hostname, Port
from wizard.model.discovery import Evidence, FoundServer, Outcome, Source, SourceReport, Trust
from wizard.model.servers import AuthenticationMethod, Protocol, SocketType, server
from wizard.net.failures import Failure
from wizard.net.policy import MAIL_PORTS
from wizard.net.urls import dns_url

if TYPE_CHECKING:
    from collections.abc import Iterable
    from random import Random

    from wizard.discovery.context import Context
    from wizard.model.address import EmailAddress
    from wizard.net.dns import Answer, SrvRecord

SERVICES = {
    "_imaps": (Protocol.IMAP, SocketType.SSL),
    "_imap": (Protocol.IMAP, SocketType.STARTTLS),
    "_pop3s": (Protocol.POP3, SocketType.SSL),
    "_pop3": (Protocol.POP3, SocketType.STARTTLS),
    "_submissions": (Protocol.SMTP, SocketType.SSL),
    "_submission": (Protocol.SMTP, SocketType.STARTTLS),
}
"""RFC 6186 section 3 and RFC 8314 section 5.1. Encryption is always demanded: of ``_imap`` and its like by STARTTLS."""

TARGETS = 8
"""Targets of one service that are kept: more would not be tried within any deadline."""


async def find(context: Context) -> SourceReport:
    """The servers that the records name, in the order in which they are to be tried."""
    resolver, domain = context.network.resolver, context.address.domain.ascii
    answers = await asyncio.gather(*(resolver.srv(f"{service}._tcp.{domain}") for service in SERVICES))
    return report_of(context.address, dict(zip(SERVICES, answers, strict=True)), SystemRandom())


def report_of(address: EmailAddress, answers: dict[str, Answer[SrvRecord] | Failure], chance: Random) -> SourceReport:
    """The report that the ``answers`` to the six questions make, by service. Pure but for ``chance``."""
    read = _Read(address)
    for service, answer in answers.items():
        if isinstance(answer, Failure):
            read.failures.append((service, answer))
        else:
            read.take(service, answer, chance)
    return read.report()


def in_order(records: Iterable[SrvRecord], chance: Random) -> tuple[SrvRecord, ...]:
    """``records`` in the order in which they are tried (RFC 2782, “Usage rules”), as a pure function of ``chance``.

    They go by priority; among equals drawn one after another, each as likely as its weight.

    Those of weight 0 are put first before drawing, which leaves them a small chance beside others.
    """
    by_priority: dict[int, list[SrvRecord]] = {}
    for record in records:
        by_priority.setdefault(record.priority, []).append(record)
    return tuple(record for priority in sorted(by_priority) for record in _drawn(by_priority[priority], chance))


def _drawn(equals: list[SrvRecord], chance: Random) -> list[SrvRecord]:
    left = sorted(equals, key=lambda record: (record.weight != 0, record.weight, record.target, record.port))
    drawn = []
    while left:
        number = chance.randint(0, sum(record.weight for record in left))
        running = 0
        for position, record in enumerate(left):
            running += record.weight
            if running >= number:
                drawn.append(left.pop(position))
                break
    return drawn


@dataclass(slots=True)
class _Read:
    """What was read so far."""

    address: EmailAddress
    found: dict[str, list[SrvRecord]] = field(default_factory=dict)  # by service, only records that can be used
    published: set[str] = field(default_factory=set)  # services with a target
    denied: list[str] = field(default_factory=list)
    failures: list[tuple[str, Failure]] = field(default_factory=list)
    odd_ports: dict[str, list[SrvRecord]] = field(default_factory=dict)
    secure: bool = True

    def take(self, service: str, answer: Answer[SrvRecord], chance: Random) -> None:
        named = [record for record in answer.records if record.target]
        if answer.records and not named:
            self.denied.append(service)  # the target “.”: decidedly not available at this domain
        if not named:
            return
        self.published.add(service)
        usable = [record for record in named if record.port in MAIL_PORTS]
        if len(usable) < len(named):
            self.odd_ports[service] = [record for record in named if record.port not in MAIL_PORTS]
        if usable:
            self.found[service] = list(in_order(usable, chance))[:TARGETS]
            self.secure = self.secure and answer.secure

    def report(self) -> SourceReport:
        first = next(iter(self.found), next(iter(SERVICES)))
        servers = tuple(found for service in self._ranked() for found in self._servers(service, self.found[service]))
        return SourceReport(
            Source.SRV,
            self._outcome(),
            url=self._url(first),
            detail=self._detail() or endpoints(servers),
            servers=servers,
            not_offered=self._not_offered(),
            left_out=left_out(self._odd_ports()),
        )

    def _url(self, service: str) -> str:
        return _question(service, self.address)

    def _ranked(self) -> list[str]:
        """The services with encryption from the first byte before STARTTLS; the protocol that the domain prefers first.

        RFC 6186 section 3.4: a lower priority says that IMAP is preferred to POP3, or the other way round.
        """
        preferred = {
            protocol: min(self.found[service][0].priority for service in self.found if SERVICES[service][0] is protocol)
            for protocol in {SERVICES[service][0] for service in self.found}
        }
        return sorted(
            self.found, key=lambda service: (SERVICES[service][0] is Protocol.SMTP, preferred[SERVICES[service][0]])
        )

    def _servers(self, service: str, records: Iterable[SrvRecord]) -> list[FoundServer]:
        protocol, socket_type = SERVICES[service]
        evidence = Evidence(
            Source.SRV, Trust.AUTHENTICATED if self.secure else Trust.UNAUTHENTICATED, self._url(service)
        )
        return [
            FoundServer(
                server(
                    protocol,
                    hostname=Hostname(record.target),
                    port=Port(record.port),
                    socket_type=socket_type,
                    # RFC 6186 section 4: the whole address is tried first.
                    username=str(self.address),
                    # The records do not say; what the server announces counts.
                    authentication=(AuthenticationMethod.PASSWORD_CLEARTEXT,),
                ),
                evidence,
            )
            for record in records
        ]

    def _odd_ports(self) -> list[FoundServer]:
        return [found for service, records in self.odd_ports.items() for found in self._servers(service, records)]

    def _not_offered(self) -> tuple[Protocol, ...]:
        """What the domain says it does not offer. While the answer for the other service is missing, nobody knows."""
        open_questions = {SERVICES[service][0] for service, _failure in self.failures}
        offered = {SERVICES[service][0] for service in self.published}
        denied = dict.fromkeys(SERVICES[service][0] for service in self.denied)
        return tuple(protocol for protocol in denied if protocol not in offered and protocol not in open_questions)

    def _outcome(self) -> Outcome:
        if self.found:
            return Outcome.FOUND
        if self.odd_ports:
            return Outcome.REFUSED
        return outcome_of(self.failures[0][1]) if self.failures else Outcome.NOTHING

    def _detail(self) -> str:
        sentences = []
        denied = self._not_offered()
        if denied:
            words = ", ".join(protocol.value.upper() for protocol in denied)
            sentences.append(_("The domain says that it does not offer {protocols}.").format(protocols=words))
        closed = [service for service in self.denied if SERVICES[service][0] not in denied]
        if closed:
            sentences.append(_("Not offered: {services}.").format(services=", ".join(closed)))
        if self.odd_ports:
            sentences.append(unusual_ports(map(endpoint, self._odd_ports())))
        if self.failures:
            sentences.append(explain(self.failures[0][1]))  # the others will have failed in the same way
        if not sentences and not self.found:
            sentences.append(_("The domain has no SRV records for mail."))
        return " ".join(sentences)


def _question(service: str, address: EmailAddress) -> str:
    return dns_url(f"{service}._tcp.{address.domain.ascii}", "SRV")


def _first_question(context: Context) -> str:
    return _question(next(iter(SERVICES)), context.address)


SPEC = SourceSpec(
    source=Source.SRV,
    name=mark("DNS records (SRV)"),
    origin=mark("from the domain's DNS records (SRV)"),
    trust=Trust.UNAUTHENTICATED,
    find=find,
    first_question=_first_question,
    conventional=True,
    provisional=True,
)
