"""Trying the usual names: every guess is connected to at once, and what answers with a valid certificate is found.

Nothing here is published, so a finding is a guess however well it answers. A look is a real greeting and
the real capabilities, after STARTTLS where that is the way; only what the certificate proves counts, so a wildcard in
the DNS (every name exists) makes nothing true. Waiting ends as soon as nothing better can come.

Which names are tried is in guesses.py: those of the domain at once, others as sources learn of them. The order says
which of several answers is the better one:

1. what leads to the same owner as published servers, then names of the domain, then those of others;
2. TLS from the first byte before STARTTLS (RFC 8314 section 3);
3. the name that is for the protocol, then ``mail.``, then the domain, then an MX host, which often takes mail only.

What others publish is waited for as long as it may lead to a guess; what was found until then is published at once, so
that the look-up does not wait with it.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from functools import partial
from math import inf
from time import monotonic
from typing import TYPE_CHECKING, Any

from wizard.discovery.guesses import (
    Guess,
    Lead,
    Rank,
    mx_guesses,
    own_guesses,
    provider_guesses,
    published_guesses,
)
from wizard.discovery.source import SourceSpec
from wizard.discovery.sources.mx import mail_hosts, provider_domains
from wizard.discovery.tried import is_there, tried_in_vain
from wizard.discovery.wording import explain
from wizard.language import mark
from wizard.language import translate as _
from wizard.model.discovery import Evidence, FoundServer, Outcome, Source, SourceReport, Trust
from wizard.model.servers import AuthenticationMethod, Protocol, SocketType, server
from wizard.net.domains import same_registrable
from wizard.net.failures import CERTIFICATE_KINDS, Failure, FailureKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wizard.discovery.context import Context, LookUpOptions
    from wizard.discovery.guess_outcomes import Finding

GRACE = 0.7
"""Seconds that a better answer is still waited for when a good one is there; the same for what an account can do
without (the second protocol for reading), once it has what it needs."""

FOREIGN_DELAY = 0.4
"""Seconds that guesses outside the domain give those within it, unless all of those have failed before."""

CONNECTIONS = 40
"""At most, at any time."""

PROVIDER_DELAY = 1.5
"""Seconds at most that what the domain of the MX hosts publishes is waited for before its usual names are tried."""


async def find(context: Context) -> SourceReport:
    """The servers that answer at the usual names of the domain, and at the hosts that take its mail."""
    race = _Race(context)
    try:
        await race.run()
        return race.report()
    finally:
        await race.close()


_Key = tuple[Protocol, str, int, Lead]


class _Race:
    """All guesses of one look-up, which of them have answered, and whether others are still worth waiting for."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._domain = context.address.domain
        self._limit = asyncio.Semaphore(CONNECTIONS)
        self._tasks: dict[asyncio.Task[Finding | Failure], Guess] = {}
        self._in_vain: list[tuple[Guess, Failure]] = []  # servers that are there but fail
        self._mx = asyncio.create_task(context.network.resolver.mx(self._domain.ascii))
        self._leads = {
            lead: asyncio.create_task(ask())
            for lead, ask in (
                (Lead.MX_HOST, self._from_mx),
                (Lead.PROVIDER, self._from_provider),
                (Lead.PUBLISHED, self._from_published),
            )
        }
        self._zones: dict[str, asyncio.Task[frozenset[str]]] = {}
        self._best: dict[Protocol, Finding] = {}
        self._until: dict[Protocol, float] = {}  # until when a better one is waited for
        self._end = inf  # the end of all waiting
        self._takes_no_mail = False

    async def run(self) -> None:
        """Until nothing better can come."""
        self._start(own_guesses(self._domain))
        while not self._takes_no_mail:
            guesses = {task for task, guess in self._tasks.items() if self._wanted(task, guess)}
            leads = {lead: task for lead, task in self._leads.items() if self._wanted_lead(lead)}
            if not guesses and not leads:
                return
            if not guesses and Lead.MX_HOST not in leads:  # whatever may still come depends on what others say
                self._context.findings.publish(self.report())
            waiting: set[asyncio.Task[Any]] = {*guesses, *leads.values()}
            done, _rest = await asyncio.wait(waiting, timeout=self._patience(), return_when=asyncio.FIRST_COMPLETED)
            for lead in [lead for lead, task in leads.items() if task in done]:
                self._start(self._leads.pop(lead).result())
                if lead is Lead.PUBLISHED:
                    self._wait_again()
            for task in guesses & done:
                self._take(task.result())

    async def close(self) -> None:
        """End everything that is still under way."""
        tasks = (*self._tasks, *self._leads.values(), *self._zones.values(), self._mx)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def report(self) -> SourceReport:
        if self._takes_no_mail:
            detail = _("{domain} says that it accepts no mail.").format(domain=self._domain.shown)
            return SourceReport(Source.PROBE, Outcome.NOTHING, detail=detail)
        from wizard.discovery.guess_outcomes import Finding, report_of

        ended = [task.result() for task in self._tasks if task.done() and not task.cancelled()]
        findings = self._needed([result for result in ended if isinstance(result, Finding)])
        report = report_of(findings, [result for result in ended if isinstance(result, Failure)], self._domain)
        return replace(report, tried=tried_in_vain(self._in_vain, self._context.address))

    def _needed(self, findings: list[Finding]) -> list[Finding]:
        """Without those that were guessed because none were published, where some have been found meanwhile."""
        missing = {guess.protocol for guess in published_guesses(self._context.findings.reports.values())}
        return [
            finding
            for finding in findings
            if finding.rank[0] is not Lead.PUBLISHED or finding.found.server.protocol in missing
        ]

    def _start(self, guesses: Iterable[Guess]) -> None:
        started = {_key(guess) for guess in self._tasks.values()}
        for guess in guesses:
            if _key(guess) not in started:
                self._tasks[asyncio.create_task(self._try(guess))] = guess

    async def _from_mx(self) -> tuple[Guess, ...]:
        answer = await self._mx
        if isinstance(answer, Failure):
            return ()
        hosts = [record.host for record in answer.records if record.host]
        self._takes_no_mail = bool(answer.records) and not hosts  # RFC 7505
        return mx_guesses(self._domain, hosts, partial(same_registrable, self._domain.ascii))

    async def _from_provider(self) -> tuple[Guess, ...]:
        """The usual names at the domain of the first MX host, where its owner published no servers."""
        answer = await self._mx
        domains = () if isinstance(answer, Failure) else provider_domains(mail_hosts(answer)[:1], self._domain)
        with suppress(TimeoutError):
            async with asyncio.timeout(PROVIDER_DELAY):
                while domains and self._provider_is_known() is None:
                    await self._context.findings.changed()
        known = Source.MX not in self._context.findings.pending and self._provider_is_known() is not False
        return () if known else provider_guesses(domains)

    def _provider_is_known(self) -> bool | None:
        """Whether servers of those who take the mail were published and answer; None where that will be seen."""
        findings = self._context.findings
        report = findings.reports.get(Source.MX)
        if Source.MX in findings.pending:
            return None
        seen = {found.verified for found in report.servers} if report is not None else set()
        if True in seen or (report is not None and report.provider is not None):
            return True
        return None if None in seen else False

    async def _from_published(self) -> tuple[Guess, ...]:
        """What follows from servers that others have published meanwhile."""
        findings = self._context.findings
        started = {_key(guess) for guess in self._tasks.values()}
        while True:
            guesses = published_guesses(findings.reports.values())
            fresh = tuple(guess for guess in guesses if _key(guess) not in started)
            if fresh or not self._others():
                return fresh
            await findings.changed()

    def _wait_again(self) -> None:
        """Servers were published that lead to better guesses: those get their time, and there may be more."""
        end = monotonic() + GRACE
        self._until.update(dict.fromkeys(self._best, end))
        self._end = self._end if self._end == inf else end
        if self._others():
            self._leads[Lead.PUBLISHED] = asyncio.create_task(self._from_published())

    def _others(self) -> bool:
        """Whether other sources are still being asked."""
        return bool(self._context.findings.pending - {Source.PROBE})

    def _take(self, ended: Finding | Failure) -> None:
        if isinstance(ended, Failure) or ended.found.verified is not True:
            return
        protocol = ended.found.server.protocol
        before = self._best.get(protocol)
        if before is None or ended.rank < before.rank:
            self._best[protocol] = ended
        self._until.setdefault(protocol, monotonic() + GRACE)
        if self._end == inf and Protocol.SMTP in self._best and len(self._best) > 1:
            self._end = monotonic() + GRACE

    def _wanted(self, task: asyncio.Task[Finding | Failure], guess: Guess) -> bool:
        """Whether the guess has not answered, and its answer could be the better one."""
        best = self._best.get(guess.protocol)
        if task.done():
            return False
        if best is None:
            return monotonic() < self._end
        return guess.rank < best.rank and monotonic() < self._until[guess.protocol]

    def _wanted_lead(self, lead: Lead) -> bool:
        if lead not in self._leads or lead is Lead.PUBLISHED:
            return lead in self._leads
        return len(self._best) < len(Protocol) and monotonic() < self._end

    def _patience(self) -> float | None:
        """Seconds until one of the waits ends although nobody answered."""
        now = monotonic()
        ends = [end for end in (*self._until.values(), self._end) if now < end < inf]
        return min(ends) - now if ends else None

    async def _try(self, guess: Guess) -> Finding | Failure:
        if guess.foreign:
            better = {
                task
                for task, other in self._tasks.items()
                if other.protocol is guess.protocol and other.lead < guess.lead
            }
            answered, _pending = await asyncio.wait(better, timeout=FOREIGN_DELAY)
            if any(_is_better(task.result(), guess.rank) for task in answered):
                await asyncio.Future()  # a likelier host has it: this guess is not awaited, and close() ends it
        addresses = await self._context.network.resolver.addresses(guess.host)
        if isinstance(addresses, Failure):
            return addresses
        if not addresses.records:  # no use in taking one of the connections
            return Failure(FailureKind.NO_ADDRESS if addresses.exists else FailureKind.NO_SUCH_NAME, guess.host)
        from wizard.discovery.certificate_names import found_by_guess, named_by_certificate
        from wizard.discovery.guess_outcomes import Finding
        from wizard.net.mail import Endpoint

        endpoint = Endpoint(guess.protocol, guess.host, guess.port, guess.socket_type)
        async with self._limit:
            seen = await self._context.connections.connect(endpoint)
        if not isinstance(seen, Failure):
            return Finding(found_by_guess(self._context, seen), guess.rank, seen.address)
        if seen.kind is FailureKind.TLS_NAME_MISMATCH:
            async with self._limit:
                named = await named_by_certificate(self._context, endpoint, seen)
            if named is not None:  # never better than what answers to a name of the domain
                return Finding(
                    named, (max(guess.lead, Lead.MX_HOST), *guess.rank[1:]), named.server.hostname, guess.host
                )
        if is_there(guess, seen) and (
            seen.kind in CERTIFICATE_KINDS or not await self._made_up(guess, frozenset(addresses.records))
        ):
            self._in_vain.append((guess, seen))
            if seen.kind is FailureKind.STARTTLS_MISSING:
                return Finding(await self._plain(guess, seen), guess.rank, guess.host)
        return seen

    async def _plain(self, guess: Guess, failure: Failure) -> FoundServer:
        """A server that does not encrypt, which is reported so that people learn why it is left out."""
        methods: tuple[AuthenticationMethod, ...] = ()
        if self._context.options.allow_insecure:
            from wizard.net.mail import Endpoint

            endpoint = Endpoint(guess.protocol, guess.host, guess.port, SocketType.PLAIN)
            seen = await self._context.connections.connect(endpoint)
            methods = () if isinstance(seen, Failure) else seen.authentication
        plain = server(
            guess.protocol,
            hostname=guess.host,
            port=guess.port,
            socket_type=SocketType.PLAIN,
            username=str(self._context.address),
            authentication=methods or (AuthenticationMethod.PASSWORD_CLEARTEXT,),
        )
        evidence = Evidence(Source.PROBE, Trust.GUESSED)
        return FoundServer(plain, evidence, verified=False, trouble=explain(failure), offers_no_encryption=True)

    async def _made_up(self, guess: Guess, addresses: frozenset[str]) -> bool:
        """Whether the name is there only because every name of its domain is; without a certificate it says nothing."""
        if not guess.zone:
            return False
        if guess.zone not in self._zones:
            self._zones[guess.zone] = asyncio.create_task(self._any_name(guess.zone))
        return addresses <= await asyncio.shield(self._zones[guess.zone])

    async def _any_name(self, zone: str) -> frozenset[str]:
        """The addresses that a name of ``zone`` has which nobody gave."""
        from secrets import token_hex

        answer = await self._context.network.resolver.addresses(f"mw-{token_hex(5)}.{zone}")
        return frozenset() if isinstance(answer, Failure) else frozenset(answer.records)


def _key(guess: Guess) -> _Key:
    return guess.protocol, guess.host, guess.port, guess.lead


def _is_better(result: Finding | Failure, rank: Rank) -> bool:
    return not isinstance(result, Failure) and result.found.verified is True and result.rank < rank


def _permitted(options: LookUpOptions) -> bool:
    return options.probe


SPEC = SourceSpec(
    source=Source.PROBE,
    name=mark("usual names"),
    origin=mark("found by probing"),
    trust=Trust.GUESSED,
    find=find,
    permitted=_permitted,
    conventional=True,
)
