"""One report from what every source said: the best server of each protocol, the others, what to mind."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wizard.discovery.crosscheck import disagreements
from wizard.discovery.foreign import is_foreign, places
from wizard.discovery.notices import consent, no_network, warnings
from wizard.model.discovery import DiscoveryReport, Outcome, Source, Trust
from wizard.model.servers import Protocol, SocketType

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from wizard.discovery.options import LookUpOptions
    from wizard.model.address import Domain, EmailAddress
    from wizard.model.discovery import FoundServer, SourceReport
    from wizard.model.notice import Notice

_SECURITY = {SocketType.SSL: 0, SocketType.STARTTLS: 1, SocketType.PLAIN: 2}
_TRUST = {Trust.AUTHENTICATED: 0, Trust.UNAUTHENTICATED: 1, Trust.GUESSED: 2}

_SEEN = {None: 0, False: 1, True: 2}

OTHER_NAMES = 4
"""User names of one server that are reported beside the first: nobody would try more before asking."""

_CONVENTIONAL = frozenset({Source.SRV, Source.PROBE})
"""Sources that say nothing about the user name: theirs is a convention, and gives way to what somebody published."""


def merge(
    address: EmailAddress, reports: Sequence[SourceReport], options: LookUpOptions, elapsed_ms: int, today: str
) -> DiscoveryReport:
    """The report for ``address``; ``reports`` in the order of the registry, ``today`` as an ISO date."""
    offered = list(_offered(reports))
    found = _different(offered)
    ranked = sorted((*found, *_other_names(offered, found)), key=lambda one: _rank(one, address.domain))
    usable = [one for one in ranked if one.server.secure or options.allow_insecure]
    best = {
        protocol: next((one for one in usable if one.server.protocol is protocol), None)
        for protocol in (Protocol.IMAP, Protocol.POP3, Protocol.SMTP)
    }
    chosen = [one for one in best.values() if one is not None]
    provider = next((report.provider for report in reports if report.provider is not None), None)
    return DiscoveryReport(
        address=address,
        elapsed_ms=elapsed_ms,
        provider=provider,
        imap=best[Protocol.IMAP],
        pop3=best[Protocol.POP3],
        smtp=best[Protocol.SMTP],
        alternatives=tuple(
            one for protocol in best for one in usable if one.server.protocol is protocol and one not in chosen
        ),
        needs_consent=_needs_consent(chosen, address.domain, reports),
        warnings=_once(
            (
                *no_network(reports),
                *disagreements(reports, chosen),
                *warnings(address, provider, ranked, chosen, today=today),
                *(notice for report in reports for notice in report.warnings),
            )
        ),
        sources=tuple(reports),
    )


def _rank(found: FoundServer, domain: Domain) -> tuple[bool, bool, int, bool, int]:
    """What was seen not to answer last, then the unencrypted, then what needs consent, then what nobody looked at;
    implicit TLS before STARTTLS.

    RFC 8314 section 3 prefers implicit TLS. Sorting is stable: within one rank the order of the sources, and of a
    provider's own list, stays.
    """
    doubt = 2 if found.evidence.trust is Trust.GUESSED else int(is_foreign(found, domain))
    security = _SECURITY[found.server.socket_type]
    return found.verified is False, not found.server.secure, doubt, found.verified is None, security


def _offered(reports: Sequence[SourceReport]) -> Iterator[FoundServer]:
    """Every server but the guesses of a protocol that the domain says is not offered: its word counts, not ours."""
    denied = {protocol for report in reports for protocol in report.not_offered}
    for report in reports:
        yield from (
            one for one in report.servers if report.source is not Source.PROBE or one.server.protocol not in denied
        )


def _different(servers: Iterable[FoundServer]) -> list[FoundServer]:
    """Each server once, with the word of the highest source; a source that agrees may make it surer."""
    kept: dict[tuple[object, ...], FoundServer] = {}
    published: dict[tuple[object, ...], str] = {}  # the first user name that was
    for one in servers:
        key = _place(one)
        kept[key] = _agreed(kept[key], one) if key in kept else one
        if one.evidence.source not in _CONVENTIONAL:
            published.setdefault(key, one.server.username)
    for key, name in published.items():
        if kept[key].evidence.source in _CONVENTIONAL:
            kept[key] = replace(kept[key], server=replace(kept[key].server, username=name))
    return list(kept.values())


def _other_names(offered: Iterable[FoundServer], different: Iterable[FoundServer]) -> list[FoundServer]:
    """The same servers with the other user names that were published for them, at most :data:`OTHER_NAMES` each."""
    first = {_place(one): one for one in different}
    names: dict[tuple[object, ...], list[str]] = {place: [one.server.username] for place, one in first.items()}
    found = []
    for one in offered:
        known, same = names[_place(one)], first[_place(one)]
        if one.evidence.source in _CONVENTIONAL or one.server.username in known or len(known) > OTHER_NAMES:
            continue
        known.append(one.server.username)
        server = replace(same.server, username=one.server.username)
        found.append(replace(one, server=server, verified=same.verified, trouble=same.trouble))
    return found


def _place(found: FoundServer) -> tuple[object, ...]:
    server = found.server
    return server.protocol, server.hostname, server.port, server.socket_type


def _agreed(first: FoundServer, second: FoundServer) -> FoundServer:
    """One finding of two about the same server, ``first`` by the source that counts more."""
    if first.evidence.trust is Trust.GUESSED and second.evidence.trust is not Trust.GUESSED:
        first, second = second, first
    surer = min(first.evidence.trust, second.evidence.trust, key=_TRUST.__getitem__)
    made = replace(first, evidence=replace(first.evidence, trust=surer))
    if _SEEN[second.verified] > _SEEN[first.verified]:
        server = replace(first.server, authentication=second.server.authentication)
        made = replace(made, verified=second.verified, trouble=second.trouble, server=server)
    return made


def _needs_consent(
    chosen: Sequence[FoundServer], domain: Domain, reports: Sequence[SourceReport]
) -> tuple[Notice, ...]:
    """What must be agreed to; a foreign domain about which a source itself asks, with its reason, is asked once."""
    asked = _once(_of_sources(reports, chosen))
    told = " ".join(one.text for one in asked)
    unasked = [one for one in chosen if not (is_foreign(one, domain) and places([one.server.hostname]) in told)]
    return _once((*consent(chosen, foreign=unasked, domain=domain), *asked))


def _of_sources(reports: Sequence[SourceReport], chosen: Sequence[FoundServer]) -> Iterator[Notice]:
    """What a source itself wants agreed to: where its servers are used and nobody surer named them, too, or where it is
    all there is.
    """
    used = {one.evidence.source for one in chosen if one.evidence.trust is not Trust.AUTHENTICATED}
    for report in reports:
        if report.source in used or (not chosen and report.outcome is Outcome.REFUSED):
            yield from report.needs_consent


def _once(notices: Iterable[Notice]) -> tuple[Notice, ...]:
    return tuple(dict.fromkeys(notices))
