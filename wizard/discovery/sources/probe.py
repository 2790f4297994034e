"""Trying the usual names: every guess is connected to at once, and what answers with a valid certificate is found.

Nothing here is published, so a finding is a guess however well it answers. A look is a real greeting and
the real capabilities, after STARTTLS where that is the way; only what the certificate proves counts, so a wildcard in
the DNS (every name exists) makes nothing true. Waiting ends as soon as nothing better can come.

The names are those that people give: ``imap.``, ``pop.``, ``pop3.``, ``smtp.``, ``mail.``, the domain itself, and the
hosts that take its mail (MX); with smaller providers the same machine does everything. The order says which of several
answers is the better one:

1. names of the domain before those of others: a foreign host is the weakest guess of all;
2. TLS from the first byte before STARTTLS (RFC 8314 section 3);
3. the name that is for the protocol, then ``mail.``, then the domain, then an MX host, which often takes mail only.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from math import inf
from time import monotonic
from typing import TYPE_CHECKING, Any

from wizard.discovery.certificate_names import found_by_guess, named_by_certificate, notices_for
from wizard.discovery.source import SourceSpec
from wizard.discovery.wording import endpoints, explain, outcome_of
from wizard.language import mark
from wizard.language import translate as _
from wizard.model.address import AddressProblem, Hostname, parse_hostname
from wizard.model.discovery import Evidence, FoundServer, Outcome, Source, SourceReport, Trust
from wizard.model.servers import USUAL_PORTS, AuthenticationMethod, Protocol, SocketType, server
from wizard.net.domains import same_registrable
from wizard.net.failures import Failure, FailureKind
from wizard.net.mail import Endpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from wizard.discovery.context import Context, LookUpOptions
    from wizard.model.address import Domain, Port
    from wizard.net.dns import Answer, MxRecord

GRACE = 0.7
"""Seconds that a better answer is still waited for when a good one is there; the same for what an account can do
without (the second protocol for reading), once it has what it needs."""

FOREIGN_DELAY = 0.4
"""Seconds that guesses outside the domain give those within it, unless all of those have failed before."""

CONNECTIONS = 40
"""At most, at any time."""

KEPT = 3
"""Findings of one protocol that are reported."""

MX_LIMIT = 3
"""MX hosts that are tried, by preference: a domain may have hundreds."""

_LABELS = {
    Protocol.IMAP: ("imap.", "mail.", ""),
    Protocol.POP3: ("pop.", "pop3.", "mail.", ""),
    Protocol.SMTP: ("smtp.", "mail.", ""),
}

_MOST_INFORMATIVE = (
    FailureKind.STARTTLS_INJECTION,
    FailureKind.TLS_EXPIRED,
    FailureKind.TLS_NOT_YET_VALID,
    FailureKind.TLS_SELF_SIGNED,
    FailureKind.TLS_UNTRUSTED,
    FailureKind.TLS_NAME_MISMATCH,
    FailureKind.TLS_TOO_OLD,
    FailureKind.STARTTLS_REFUSED,
    FailureKind.STARTTLS_MISSING,
    FailureKind.SERVER_SAYS_NO,
    FailureKind.ANSWER_TOO_LONG,
    FailureKind.WRONG_PROTOCOL,
    FailureKind.NOT_TLS,
    FailureKind.TLS_FAILED,
    FailureKind.CONNECTION_LOST,
    FailureKind.TIMEOUT,
    FailureKind.UNREACHABLE,
    FailureKind.DNS_TIMEOUT,
    FailureKind.DNS_FAILED,
    FailureKind.ADDRESS_NOT_ALLOWED,
    FailureKind.CONNECTION_REFUSED,
    FailureKind.NO_ADDRESS,
    FailureKind.NO_SUCH_NAME,
)
"""Which of many failures is reported: that of a mail server says more than that of a name that does not exist."""

_ABSENT = frozenset({FailureKind.CONNECTION_REFUSED, FailureKind.NO_ADDRESS, FailureKind.NO_SUCH_NAME})


@dataclass(frozen=True, slots=True)
class Guess:
    """A server that may be there. ``rank``: less is better, among the guesses of one protocol; ``foreign``: the host
    is outside the registrable domain of the address.
    """

    protocol: Protocol
    host: Hostname
    port: Port
    socket_type: SocketType
    rank: tuple[bool, int, int]

    @property
    def foreign(self) -> bool:
        return self.rank[0]


def own_guesses(domain: Domain) -> tuple[Guess, ...]:
    """The servers that the names of ``domain`` itself suggest, the better ones first within each protocol."""
    guesses = []
    for protocol, labels in _LABELS.items():
        names = [name for label in labels if (name := _name(label + domain.ascii)) is not None]
        guesses += _expand(protocol, names, first=0, foreign=False)
    return tuple(guesses)


def mx_guesses(domain: Domain, hosts: Iterable[str], same_owner: Callable[[str], bool]) -> tuple[Guess, ...]:
    """The servers that the MX ``hosts`` (by preference) may also be; ``same_owner`` says which belong to ``domain``.

    Those that :func:`own_guesses` has are left out; so is anything but a host name (the null MX of RFC 7505).
    """
    known = {(guess.protocol, guess.host) for guess in own_guesses(domain)}
    names = [name for host in list(hosts)[:MX_LIMIT] if (name := _name(host)) is not None]
    guesses: list[Guess] = []
    for protocol, labels in _LABELS.items():
        for position, name in enumerate(dict.fromkeys(names)):
            if (protocol, name) not in known:
                guesses += _expand(protocol, [name], first=len(labels) + position, foreign=not same_owner(name))
    return tuple(guesses)


def _expand(protocol: Protocol, names: list[Hostname], *, first: int, foreign: bool) -> list[Guess]:
    return [
        Guess(protocol, name, USUAL_PORTS[protocol, socket_type], socket_type, (foreign, security, first + position))
        for security, socket_type in enumerate((SocketType.SSL, SocketType.STARTTLS))
        for position, name in enumerate(names)
    ]


def _name(text: str) -> Hostname | None:
    try:
        return parse_hostname(text)
    except AddressProblem:
        return None  # the longest domains leave no room for a label


async def find(context: Context) -> SourceReport:
    """The servers that answer at the usual names of the domain, and at the hosts that take its mail."""
    race = _Race(context)
    try:
        await race.run()
        return race.report()
    finally:
        await race.close()


@dataclass(frozen=True, slots=True)
class _Finding:
    """A server behind a guess. ``machine``: the address that answered, or a name where it is not known; ``asked``: the
    host that was guessed, where it is not the one that was found.
    """

    found: FoundServer
    rank: tuple[bool, int, int]
    machine: str
    asked: str = ""


class _Race:
    """All guesses of one look-up, which of them have answered, and whether others are still worth waiting for."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._domain = context.address.domain
        self._limit = asyncio.Semaphore(CONNECTIONS)
        self._tasks: dict[asyncio.Task[_Finding | Failure], Guess] = {}
        self._mx = asyncio.create_task(context.network.resolver.mx(self._domain.ascii))
        self._wildcard = asyncio.create_task(self._any_name())
        self._best: dict[Protocol, _Finding] = {}
        self._until: dict[Protocol, float] = {}  # until when a better one is waited for
        self._end = inf  # the end of all waiting
        self._takes_no_mail = False

    async def run(self) -> None:
        """Until nothing better can come."""
        for guess in own_guesses(self._domain):
            self._start(guess)
        mx_wanted = True
        while not self._takes_no_mail:
            waiting: set[asyncio.Task[Any]] = {task for task, guess in self._tasks.items() if self._wanted(task, guess)}
            if mx_wanted and len(self._best) < len(Protocol) and monotonic() < self._end:
                waiting.add(self._mx)
            if not waiting:
                return
            done, _rest = await asyncio.wait(waiting, timeout=self._patience(), return_when=asyncio.FIRST_COMPLETED)
            if self._mx in done:
                mx_wanted = False
                self._take_mx(self._mx.result())
            for task in done - {self._mx}:
                self._take(task.result())

    async def close(self) -> None:
        """End everything that is still under way."""
        tasks = (*self._tasks, self._mx, self._wildcard)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def report(self) -> SourceReport:
        if self._takes_no_mail:
            detail = _("{domain} says that it accepts no mail.").format(domain=self._domain.shown)
            return SourceReport(Source.PROBE, Outcome.NOTHING, detail=detail)
        ended = [task.result() for task in self._tasks if task.done() and not task.cancelled()]
        findings = _deduplicated([result for result in ended if isinstance(result, _Finding)])
        if not findings:
            return _nothing([result for result in ended if isinstance(result, Failure)])
        notices = [notices_for(finding.asked, finding.found, self._domain) for finding in findings if finding.asked]
        return SourceReport(
            Source.PROBE,
            Outcome.FOUND,
            detail=endpoints(finding.found for finding in findings),
            servers=tuple(finding.found for finding in findings),
            warnings=tuple(dict.fromkeys(warning for warning, _questions in notices)),
            needs_consent=tuple(dict.fromkeys(question for _warning, questions in notices for question in questions)),
        )

    def _start(self, guess: Guess) -> None:
        self._tasks[asyncio.create_task(self._try(guess))] = guess

    def _take_mx(self, answer: Answer[MxRecord] | Failure) -> None:
        if isinstance(answer, Failure):
            return
        hosts = [record.host for record in answer.records if record.host]
        self._takes_no_mail = bool(answer.records) and not hosts  # RFC 7505
        for guess in mx_guesses(self._domain, hosts, lambda host: same_registrable(host, self._domain.ascii)):
            self._start(guess)

    def _take(self, ended: _Finding | Failure) -> None:
        if isinstance(ended, Failure) or ended.found.verified is not True:
            return
        protocol = ended.found.server.protocol
        before = self._best.get(protocol)
        if before is None or ended.rank < before.rank:
            self._best[protocol] = ended
        self._until.setdefault(protocol, monotonic() + GRACE)
        if self._end == inf and Protocol.SMTP in self._best and len(self._best) > 1:
            self._end = monotonic() + GRACE

    def _wanted(self, task: asyncio.Task[_Finding | Failure], guess: Guess) -> bool:
        """Whether the guess has not answered, and its answer could be the better one."""
        best = self._best.get(guess.protocol)
        if task.done():
            return False
        if best is None:
            return monotonic() < self._end
        return guess.rank < best.rank and monotonic() < self._until[guess.protocol]

    def _patience(self) -> float | None:
        """Seconds until one of the waits ends although nobody answered."""
        now = monotonic()
        ends = [end for end in (*self._until.values(), self._end) if now < end < inf]
        return min(ends) - now if ends else None

    async def _try(self, guess: Guess) -> _Finding | Failure:
        if guess.foreign:
            own = {
                task for task, other in self._tasks.items() if other.protocol is guess.protocol and not other.foreign
            }
            answered, _pending = await asyncio.wait(own, timeout=FOREIGN_DELAY)
            if any(_is_better(task.result(), guess.rank) for task in answered):
                await asyncio.Future()  # a host of the domain has it: this guess is not awaited, and close() ends it
        addresses = await self._context.network.resolver.addresses(guess.host)
        if isinstance(addresses, Failure):
            return addresses
        if not addresses.records:  # no use in taking one of the connections
            return Failure(FailureKind.NO_ADDRESS if addresses.exists else FailureKind.NO_SUCH_NAME, guess.host)
        endpoint = Endpoint(guess.protocol, guess.host, guess.port, guess.socket_type)
        async with self._limit:
            seen = await self._context.connections.connect(endpoint)
        if not isinstance(seen, Failure):
            return _Finding(found_by_guess(self._context, seen), guess.rank, seen.address)
        if seen.kind is FailureKind.TLS_NAME_MISMATCH:
            async with self._limit:
                named = await named_by_certificate(self._context, endpoint, seen)
            if named is not None:  # never better than what answers to a name of the domain
                return _Finding(named, (True, *guess.rank[1:]), named.server.hostname, guess.host)
        if seen.kind is FailureKind.STARTTLS_MISSING and not await self._made_up(guess, frozenset(addresses.records)):
            return _Finding(await self._plain(guess, seen), guess.rank, guess.host)
        return seen

    async def _plain(self, guess: Guess, failure: Failure) -> FoundServer:
        """A server that does not encrypt, which is reported so that people learn why it is left out."""
        methods: tuple[AuthenticationMethod, ...] = ()
        if self._context.options.allow_insecure:
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
        """Whether the name is there only because every name of the domain is; without a certificate it says nothing."""
        return guess.host != self._domain.ascii and addresses <= await asyncio.shield(self._wildcard)

    async def _any_name(self) -> frozenset[str]:
        """The addresses that a name has which nobody gave."""
        from secrets import token_hex

        answer = await self._context.network.resolver.addresses(f"mw-{token_hex(5)}.{self._domain.ascii}")
        return frozenset() if isinstance(answer, Failure) else frozenset(answer.records)


def _is_better(result: _Finding | Failure, rank: tuple[bool, int, int]) -> bool:
    return isinstance(result, _Finding) and result.found.verified is True and result.rank < rank


def _deduplicated(findings: list[_Finding]) -> list[_Finding]:
    """By protocol, the better ones first, and each machine once: what answers to two names is not two servers.

    A server that does not encrypt is of interest only where no other one is, and a name that a certificate led to only
    where it was not guessed itself.
    """
    kept = []
    for protocol in Protocol:
        of_protocol = [finding for finding in findings if finding.found.server.protocol is protocol]
        encrypting = [finding for finding in of_protocol if finding.found.verified is True]
        direct = {_host_and_port(finding) for finding in encrypting if not finding.asked}
        encrypting = [finding for finding in encrypting if not finding.asked or _host_and_port(finding) not in direct]
        machines: dict[tuple[str, int], _Finding] = {}
        for finding in sorted(encrypting or of_protocol, key=lambda finding: finding.rank):
            machines.setdefault((finding.machine, finding.found.server.port), finding)
        kept += list(machines.values())[:KEPT]
    return kept


def _host_and_port(finding: _Finding) -> tuple[str, int]:
    return finding.found.server.hostname, finding.found.server.port


def _nothing(failures: list[Failure]) -> SourceReport:
    if not failures:
        return SourceReport(Source.PROBE, Outcome.NOTHING)
    failure = min(failures, key=lambda failure: _informative(failure.kind))
    if failure.kind in _ABSENT:
        detail = _("No mail server answers at the usual names.")
        return SourceReport(Source.PROBE, Outcome.NOTHING, detail=detail)
    return SourceReport(Source.PROBE, outcome_of(failure), detail=explain(failure))


def _informative(kind: FailureKind) -> int:
    return _MOST_INFORMATIVE.index(kind) if kind in _MOST_INFORMATIVE else len(_MOST_INFORMATIVE)


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
