"""One report from what every source said: the best server of each protocol, the others, what to mind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.discovery.notices import consent, warnings
from wizard.model.discovery import DiscoveryReport, Trust
from wizard.model.servers import Protocol, SocketType

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wizard.discovery.options import LookUpOptions
    from wizard.model.address import EmailAddress
    from wizard.model.discovery import FoundServer, SourceReport

_SECURITY = {SocketType.SSL: 0, SocketType.STARTTLS: 1, SocketType.PLAIN: 2}


def merge(
    address: EmailAddress, reports: Sequence[SourceReport], options: LookUpOptions, elapsed_ms: int, today: str
) -> DiscoveryReport:
    """The report for ``address``; ``reports`` in the order of the registry, ``today`` as an ISO date."""
    ranked = sorted(_different(one for report in reports for one in report.servers), key=_rank)
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
        needs_consent=(*consent(usable), *(notice for report in reports for notice in report.needs_consent)),
        warnings=(
            *warnings(address, provider, ranked, chosen, today=today),
            *(notice for report in reports for notice in report.warnings),
        ),
        sources=tuple(reports),
    )


def _rank(found: FoundServer) -> tuple[bool, bool, bool, int]:
    """What was seen not to answer last, then the unencrypted, then guesses; TLS from the first byte before STARTTLS.

    RFC 8314 section 3 prefers implicit TLS. Sorting is stable: within one rank the order of the sources, and of a
    provider's own list, stays.
    """
    return (
        found.verified is False,
        not found.server.secure,
        found.evidence.trust is Trust.GUESSED,
        _SECURITY[found.server.socket_type],
    )


def _different(servers: Iterable[FoundServer]) -> list[FoundServer]:
    """Without those that a source higher up already named, unless that one guessed and this one did not."""
    kept: dict[tuple[object, ...], FoundServer] = {}
    for one in servers:
        server = one.server
        key = (server.protocol, server.hostname, server.port, server.socket_type)
        before = kept.get(key)
        if before is None or (before.evidence.trust is Trust.GUESSED and one.evidence.trust is not Trust.GUESSED):
            kept[key] = one
    return list(kept.values())
