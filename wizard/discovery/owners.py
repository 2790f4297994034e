"""Whose servers they are: the findings in groups that belong together, and which group the account is made of.

Two servers are in the same hands where one published answer names both, where their hosts are under one registrable
domain or lead to one machine, or where the catalogue knows both as one provider's. An account is made of one group:
mail that is received at one company and sent at another, or a second protocol of a company that the domain has left, is
a fault that goes unnoticed for a long time. docs/discovery.md has the rules.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wizard.discovery.consent import is_foreign, registrable_names
from wizard.discovery.registry import spec_of
from wizard.model.discovery import NETWORK_CODES, Source, Trust
from wizard.model.servers import RECEIVING, SENDING, Protocol, SocketType

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from wizard.model.address import Domain
    from wizard.model.discovery import DiscoveryReport, FoundServer, SourceReport
    from wizard.model.provider import Provider

SEVERAL_PROVIDERS = "several_providers"
"""The code of :func:`other_owner_notices`."""

OF_THE_DOMAIN = (*NETWORK_CODES, "no_such_domain", "takes_no_mail")
"""Codes of warnings that hold whichever servers are used."""

NO_ACCOUNT = 3
"""The tier of an owner of whose servers no account can be made."""

_CURATED = (Source.CATALOGUE, Source.ISPDB)
"""Sources that are maintained by others than a previous provider."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Servers in the same hands, the best first, and what completes them.

    ``names``: their registrable domains, empty where only one source named any. ``own``: they are the domain's own.
    ``tier``: 0 published and not seen dead, 1 so only with guesses, 2 with servers that do not answer, 3 no account
    can be made of them. ``published``: whether an account was published, even if it did not answer. ``delivered``: the
    domain's mail is delivered to this owner. ``curated``: the catalogue or the ISPDB names them for this very domain.
    """

    servers: tuple[FoundServer, ...]
    names: frozenset[str] = frozenset()
    provider: Provider | None = None
    own: bool = False
    tier: int = 0
    published: bool = True
    delivered: bool = False
    curated: bool = False

    def has(self, found: FoundServer) -> bool:
        """Whether ``found`` is in the same hands."""
        return not self.names or found in self.servers or _name(found.server.hostname) in self.names


def rank(found: FoundServer, domain: Domain) -> tuple[bool, bool, int, bool, bool]:
    """What was seen not to answer last, then the unencrypted, then what needs consent, then what nobody looked at;
    implicit TLS before STARTTLS.

    RFC 8314 section 3 prefers implicit TLS. Sorting is stable: within one rank the order of the sources, and of a
    provider's own list, stays.
    """
    doubt = 2 if found.evidence.trust is Trust.GUESSED else int(is_foreign(found, domain))
    upgraded = found.server.socket_type is SocketType.STARTTLS
    return found.verified is False, not found.server.secure, doubt, found.verified is None, upgraded


def about_parent(report: SourceReport, domain: Domain) -> bool:
    """Whether ``report`` is what the parent domain publishes about itself: its hosts take the mail of ``domain``."""
    if report.source is not Source.MX or not report.mail_hosts or not report.servers or report.provider is not None:
        return False
    own = _name(domain.ascii)
    return own != domain.ascii and _name(report.mail_hosts[0]) == own


def without_parent(reports: Sequence[SourceReport], domain: Domain) -> tuple[SourceReport, ...]:
    """``reports`` without the servers of the parent domain where an account is published for exactly ``domain``."""
    exact = [
        found
        for report in reports
        if not about_parent(report, domain)
        for found in report.servers
        if found.verified is not False and found.server.secure and found.evidence.trust is not Trust.GUESSED
    ]
    if not _makes_account(exact):
        return tuple(reports)
    return tuple(replace(report, servers=()) if about_parent(report, domain) else report for report in reports)


def owners(domain: Domain, reports: Sequence[SourceReport], ranked: Sequence[FoundServer]) -> tuple[Owner, ...]:
    """The groups of ``ranked`` (by :func:`rank`), the one that leads first.

    ``reports`` say which servers were named together, and whom the mail is delivered to.
    """
    if not ranked:
        return ()
    naming = [report for report in reports if report.servers]
    if len(naming) == 1 and spec_of(naming[0].source).local:  # the public suffix list takes its time
        return (Owner(tuple(ranked), provider=naming[0].provider, own=True, curated=True),)
    return _Grouping(domain, reports, ranked).owners()


def receiving_provider(mx: SourceReport | None) -> Provider | None:
    """The provider of the catalogue that the mail is delivered to; not one that is only guessed behind a filter."""
    if mx is None or mx.provider is None:
        return None
    names = names_of(mx.provider)
    return mx.provider if any(_name(host) in names for host in mx.mail_hosts) else None


class _Grouping:
    """The groups of one look-up while they are found."""

    def __init__(self, domain: Domain, reports: Sequence[SourceReport], ranked: Sequence[FoundServer]) -> None:
        self._domain, self._reports, self._ranked = domain, reports, ranked
        self._own = _name(domain.ascii)
        self._group = self._joined()
        self._mx = next((report for report in reports if report.source is Source.MX), None)
        self._receiver = receiving_provider(self._mx)
        self._curated = {
            _name(found.server.hostname) for report in reports if report.source in _CURATED for found in report.servers
        }
        self._catalogued = {Source.CATALOGUE, *([Source.MX] if self._receiver is not None else [])}

    def owners(self) -> tuple[Owner, ...]:
        by_group: dict[str, list[FoundServer]] = {}
        for found in self._ranked:
            by_group.setdefault(self._group_of(found), []).append(found)
        groups = [self._owner(group, servers) for group, servers in by_group.items()]
        delivered = next((owner for owner in groups if owner.delivered), None)
        return tuple(sorted(groups, key=lambda owner: self._place(owner, delivered)))

    def _joined(self) -> dict[str, str]:
        """For each name the one that stands for its group."""
        group: dict[str, str] = {}

        def join(names: Iterable[str]) -> None:
            representatives = [group.setdefault(name, name) for name in names]
            for other in representatives[1:]:
                group.update({name: representatives[0] for name, old in group.items() if old == group[other]})

        for report in self._reports:
            if spec_of(report.source).trust is Trust.GUESSED:
                continue  # what answers to a guess was not named together
            names = dict.fromkeys(_name(found.server.hostname) for found in report.servers)
            # A forged answer must not join its hosts with the domain's own. With the catalogue it only chooses the
            # entry.
            known = report.provider is not None and report.provider.config.incoming
            trusts = {found.evidence.trust for found in report.servers}
            # The name of a certificate is there as a guess because it was seen to be the same machine.
            sure = known or Trust.GUESSED in trusts or trusts <= {Trust.AUTHENTICATED}
            provider = () if report.provider is None else names_of(report.provider)
            join((*provider, *(name for name in names if sure or name != self._own)))
        for pair in self._same_machines():
            join(pair)
        return group

    def _same_machines(self) -> Iterator[tuple[str, str]]:
        """Pairs of names that lead to one machine: by an address that both have, or by an alias into the other.

        One of the two was seen to answer: the same address is no coincidence then.
        """
        named = [found for report in self._reports for found in report.servers]
        by_address: dict[str, str] = {}
        for found in named:
            if found.verified:
                name = _name(found.server.hostname)
                yield from ((name, _name(other)) for other in found.machine.aliases)
                yield from ((name, by_address.setdefault(address, name)) for address in found.machine.addresses)
        receivers = [(report.mail_hosts[0], report.mail_machine) for report in self._reports if report.mail_hosts]
        for host, machine in (*((found.server.hostname, found.machine) for found in named), *receivers):
            yield from ((by_address[address], _name(host)) for address in machine.addresses & by_address.keys())

    def _group_of(self, found: FoundServer) -> str:
        name = _name(found.server.hostname)
        return self._group.get(name, name)

    def _owner(self, group: str, servers: Sequence[FoundServer]) -> Owner:
        completing = self._completing(servers)
        members = [found for found in self._ranked if found in servers or found in completing]
        published = [found for found in members if self._is_published(found)]
        names = frozenset({group, *(name for name, representative in self._group.items() if representative == group)})
        return Owner(
            servers=tuple(members),
            names=names,
            provider=next(
                (
                    report.provider
                    for report in self._reports
                    if report.provider is not None and not names.isdisjoint(names_of(report.provider))
                ),
                None,
            ),
            own=self._own in names,
            tier=_tier(members, published),
            published=_makes_account(published),
            delivered=self._is_delivered(names) and any(found.server.protocol in RECEIVING for found in published),
            curated=not names.isdisjoint(self._curated),
        )

    def _is_published(self, found: FoundServer) -> bool:
        """Whether it is published; an unverified fact of the catalogue is not a guess by this program."""
        return found.evidence.trust is not Trust.GUESSED or found.evidence.source in self._catalogued

    def _completing(self, servers: Sequence[FoundServer]) -> list[FoundServer]:
        """What gives ``servers`` the half of an account that they lack: what the same answer names, else a guess at the
        domain's own names or at a host of theirs. Guesses may complete guesses: the question names each of them.
        """
        alive = [found for found in servers if found.verified is not False]
        lacking = [
            protocol
            for half in (RECEIVING, SENDING)
            if not any(found.server.protocol in half for found in alive)
            for protocol in half
        ]
        if not alive or not lacking:
            return []
        rest = [
            found
            for found in self._ranked
            if found.server.protocol in lacking and found.verified is not False and found not in servers
        ]
        hosts = {found.server.hostname for found in alive}
        guessed = not any(self._is_published(found) for found in alive)
        return [found for found in rest if self._named_beside(found, alive)] or [
            found
            for found in rest
            if not self._is_published(found)
            and (guessed or found.server.hostname in hosts or _name(found.server.hostname) == self._own)
        ]

    def _named_beside(self, found: FoundServer, servers: Sequence[FoundServer]) -> bool:
        """Whether one published answer names ``found`` and one of ``servers``."""
        hosts = {other.server.hostname for other in servers}
        return any(
            any(named.server.hostname in hosts for named in report.servers)
            and any(_same_place(named, found) for named in report.servers)
            for report in self._reports
            if spec_of(report.source).trust is not Trust.GUESSED
        )

    def _is_delivered(self, names: frozenset[str]) -> bool:
        if self._mx is None:
            return False
        if self._mx.servers and (self._receiver is not None or self._mx.provider is None):
            return any(_name(found.server.hostname) in names for found in self._mx.servers)
        return bool(self._mx.mail_hosts) and _name(self._mx.mail_hosts[0]) in names

    def _place(self, owner: Owner, delivered: Owner | None) -> tuple[object, ...]:
        needed = account_of(owner)
        ranks = [rank(found, self._domain)[:4] for found in needed]  # STARTTLS says nothing of the owner
        # Of the domain's own servers half an account suffices: anyone could have named a whole one.
        half = owner.own and needed[0].server.protocol in RECEIVING and ranks[0] <= (False, False, 0, True)
        tier = 0 if half and owner.tier == 1 else owner.tier
        # Where mail is delivered to a known provider, its silence is that of this network; what answers is old.
        if owner.delivered and self._receiver is not None and owner.tier < NO_ACCOUNT:
            tier = 0
        worst = ranks[0] if half else max(ranks)
        return tier, self._is_left_behind(owner, delivered), worst, self._ranked.index(needed[0])

    def _is_left_behind(self, owner: Owner, delivered: Owner | None) -> bool:
        """Whether ``owner`` is merely published while the mail is delivered to another owner.

        An unknown owner that only the MX record names does not outrank the domain's own servers: the answer may be
        forged, and nothing shows that mailboxes are kept there.
        """
        if delivered is None or owner.delivered or owner.curated:
            return False
        return not owner.own or self._receiver is not None


def delivered_to_closed(reports: Sequence[SourceReport], found: Sequence[Owner]) -> Provider | None:
    """The provider that the mail is delivered to, where no program can connect to it: what others published is old."""
    provider = receiving_provider(next((report for report in reports if report.source is Source.MX), None))
    if provider is None or provider.offers != "neither":
        return None
    return None if any(owner.curated for owner in found) else provider


def _tier(members: Sequence[FoundServer], published: Sequence[FoundServer]) -> int:
    if _makes_account([found for found in published if found.verified is not False]):
        return 0
    if _makes_account([found for found in members if found.verified is not False]):
        return 1
    return 2 if _makes_account(members) else NO_ACCOUNT


def _makes_account(servers: Iterable[FoundServer]) -> bool:
    protocols = {found.server.protocol for found in servers}
    return Protocol.SMTP in protocols and not protocols.isdisjoint(RECEIVING)


def names_of(provider: Provider) -> dict[str, None]:
    """The registrable domains that a provider of the catalogue has servers in."""
    config = provider.config
    hosts = [server.hostname for server in (*config.incoming, *config.outgoing) if "%" not in server.hostname]
    return dict.fromkeys(map(_name, (*hosts, *provider.mx_suffixes)))


def with_typed(report: DiscoveryReport, typed: FoundServer) -> DiscoveryReport:
    """``report`` with a server that somebody typed as the best of its protocol.

    What was found stays beside it only where it has the same owner: the provider with its notes and steps, alternatives
    and warnings about servers, and the other protocol to read with. A domain of the provider itself stays the
    provider's.
    """
    changed, provider, name = report.with_server(typed), report.provider, _name(typed.server.hostname)
    offered = [found for found in (report.imap, report.pop3, report.smtp, *report.alternatives) if found is not None]
    names = {_name(found.server.hostname) for found in offered} | set(() if provider is None else names_of(provider))
    the_providers = provider is not None and report.address.domain in provider.config.domains
    if typed.evidence.source is not Source.USER or the_providers or name in names:
        return changed
    reading = typed.server.protocol in RECEIVING
    return replace(
        changed,
        provider=None,
        imap=None if reading and changed.imap is not typed else changed.imap,
        pop3=None if reading and changed.pop3 is not typed else changed.pop3,
        alternatives=(),
        warnings=tuple(notice for notice in report.warnings if notice.code in OF_THE_DOMAIN),
    )


def account_of(owner: Owner | None) -> list[FoundServer]:
    """The best server to read with and the best one to send with."""
    servers = () if owner is None else owner.servers
    halves = (
        next((found for found in servers if found.server.protocol in half), None) for half in (RECEIVING, SENDING)
    )
    return [found for found in halves if found is not None]


def owner_label(provider: Provider | None, servers: Iterable[FoundServer | None]) -> str:
    """Whose ``servers`` they are: the provider, or the domains that they are in."""
    if provider is not None:
        return provider.name
    return registrable_names(found.server.hostname for found in servers if found is not None)


def _same_place(found: FoundServer, other: FoundServer) -> bool:
    first, second = found.server, other.server
    return (first.protocol, first.hostname, first.port) == (second.protocol, second.hostname, second.port)


def _name(host: str) -> str:
    """The registrable domain of ``host``; ``host`` where it is a public suffix itself."""
    from wizard.net.domains import registrable

    return registrable(host) or host
