"""SRV records of the domain: RFC 6186, with the services of RFC 8314, chosen from as RFC 2782 says."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from random import SystemRandom
from typing import TYPE_CHECKING

from wizard.discovery.srv_order import in_order
from wizard.discovery.urls import dns_url
from wizard.discovery.wording import explain, named, outcome_of, unusual_ports
from wizard.language import translate as _
from wizard.model.address import Hostname, Port
from wizard.model.discovery import Evidence, FoundServer, Outcome, Source, SourceReport, Trust
from wizard.model.servers import AuthenticationMethod, Protocol, SocketType, server
from wizard.net.failures import Failure
from wizard.net.policy import MAIL_PORTS

if TYPE_CHECKING:
    from random import Random

    from wizard.discovery.look import Look
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

_WORDS = {Protocol.IMAP: "IMAP", Protocol.POP3: "POP3", Protocol.SMTP: "SMTP"}


async def find(look: Look) -> SourceReport:
    """The servers that the records name, in the order in which they are to be tried."""
    resolver, domain = look.network.resolver, look.address.domain.ascii
    answers = await asyncio.gather(*(resolver.srv(f"{service}._tcp.{domain}") for service in SERVICES))
    return report_of(look.address, dict(zip(SERVICES, answers, strict=True)), SystemRandom())


def report_of(address: EmailAddress, answers: dict[str, Answer[SrvRecord] | Failure], chance: Random) -> SourceReport:
    """The report that the ``answers`` to the six questions make, by service. Pure but for ``chance``."""
    read = _Read(address)
    for service, answer in answers.items():
        if isinstance(answer, Failure):
            read.failures.append((service, answer))
        else:
            read.take(service, answer, chance)
    return read.report()


@dataclass(slots=True)
class _Read:
    """What was read so far."""

    address: EmailAddress
    found: dict[str, list[SrvRecord]] = field(default_factory=dict)  # by service, only records that can be used
    published: set[str] = field(default_factory=set)  # services with a target
    denied: list[str] = field(default_factory=list)
    failures: list[tuple[str, Failure]] = field(default_factory=list)
    odd_ports: list[str] = field(default_factory=list)
    secure: bool = True

    def take(self, service: str, answer: Answer[SrvRecord], chance: Random) -> None:
        named = [one for one in answer.records if one.target]
        if answer.records and not named:
            self.denied.append(service)  # the target “.”: decidedly not available at this domain
        if not named:
            return
        self.published.add(service)
        usable = [one for one in named if self._usable(one)]
        if usable:
            self.found[service] = list(in_order(usable, chance))[:TARGETS]
            self.secure = self.secure and answer.secure

    def _usable(self, record: SrvRecord) -> bool:
        if record.port not in MAIL_PORTS:
            self.odd_ports.append(f"{record.target} {record.port}")
            return False
        return True

    def report(self) -> SourceReport:
        first = next(iter(self.found), next(iter(SERVICES)))
        servers = tuple(one for service in self._ranked() for one in self._servers(service))
        return SourceReport(
            Source.SRV,
            self._outcome(),
            url=self._url(first),
            detail=self._detail() or named(servers),
            servers=servers,
            not_offered=self._not_offered(),
        )

    def _url(self, service: str) -> str:
        return dns_url(f"{service}._tcp.{self.address.domain.ascii}", "SRV")

    def _ranked(self) -> list[str]:
        """The services with encryption from the first byte before STARTTLS; the protocol that the domain prefers first.

        RFC 6186 section 3.4: a lower priority says that IMAP is preferred to POP3, or the other way round.
        """
        preferred = {
            protocol: min(self.found[one][0].priority for one in self.found if SERVICES[one][0] is protocol)
            for protocol in {SERVICES[one][0] for one in self.found}
        }
        return sorted(self.found, key=lambda one: (SERVICES[one][0] is Protocol.SMTP, preferred[SERVICES[one][0]]))

    def _servers(self, service: str) -> list[FoundServer]:
        protocol, socket_type = SERVICES[service]
        evidence = Evidence(
            Source.SRV, Trust.AUTHENTICATED if self.secure else Trust.UNAUTHENTICATED, self._url(service)
        )
        return [
            FoundServer(
                server(
                    protocol,
                    hostname=Hostname(one.target),
                    port=Port(one.port),
                    socket_type=socket_type,
                    # RFC 6186 section 4: the whole address is tried first.
                    username=str(self.address),
                    # The records do not say; what the server announces counts.
                    authentication=(AuthenticationMethod.PASSWORD_CLEARTEXT,),
                ),
                evidence,
            )
            for one in self.found[service]
        ]

    def _not_offered(self) -> tuple[Protocol, ...]:
        """What the domain says it does not offer. While the answer for the other service is missing, nobody knows."""
        open_questions = {SERVICES[service][0] for service, _failure in self.failures}
        offered = {SERVICES[service][0] for service in self.published}
        denied = dict.fromkeys(SERVICES[service][0] for service in self.denied)
        return tuple(one for one in denied if one not in offered and one not in open_questions)

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
            words = ", ".join(_WORDS[one] for one in denied)
            sentences.append(_("The domain says that it does not offer {protocols}.").format(protocols=words))
        closed = [one for one in self.denied if SERVICES[one][0] not in denied]
        if closed:
            sentences.append(_("Not offered: {services}.").format(services=", ".join(closed)))
        if self.odd_ports:
            sentences.append(unusual_ports(self.odd_ports))
        if self.failures:
            sentences.append(explain(self.failures[0][1]))  # the others will have failed in the same way
        if not sentences and not self.found:
            sentences.append(_("The domain has no SRV records for mail."))
        return " ".join(sentences)
