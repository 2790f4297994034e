"""When a look-up may end although not every source has answered: a pure rule over what has been said so far.

A higher source wins over a faster one, so those above are waited for; but never longer than :data:`GRACE` once a
usable answer was seen to work.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.discovery.foreign import is_foreign
from wizard.model.discovery import Source, Trust
from wizard.model.servers import Protocol, SocketType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.model.address import Domain
    from wizard.model.discovery import FoundServer, SourceReport

GRACE = 0.8
"""Seconds that others are still waited for after the first usable and verified answer."""


_DENIED = {"imap_only": frozenset({Protocol.POP3}), "pop_only": frozenset({Protocol.IMAP})}
"""What a provider of the catalogue says it does not offer."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one source stands: ``report`` once its servers were connected to, None before.

    ``so_far``: what is known until then; of its servers those count that have been seen to answer.
    """

    source: Source
    report: SourceReport | None
    so_far: SourceReport | None = None

    @property
    def known(self) -> SourceReport | None:
        return self.so_far if self.report is None else self.report


def usable(standings: Sequence[Standing]) -> bool:
    """Whether an account can be made of what was seen to work."""
    return _usable(_best(standings))


def settled(standings: Sequence[Standing], domain: Domain, since_usable: float) -> bool:
    """Whether nothing more is worth waiting for; ``standings`` in the order of whose word counts more.

    ``since_usable`` is the time in seconds since :func:`usable` became true.
    """
    pending = [at for at, one in enumerate(standings) if one.report is None]
    if not pending or _nothing_to_find(standings):
        return True
    best = _best(standings)
    if not _usable(best):
        return False
    return since_usable >= GRACE or not any(_matters(at, standings, best, domain) for at in pending)


def _matters(
    at: int, standings: Sequence[Standing], best: dict[Protocol, tuple[int, FoundServer]], domain: Domain
) -> bool:
    """Whether the pending source at ``at`` may change the outcome."""
    if any(at < position for position, _found in best.values()):
        return True
    if _missing(standings, best):
        return True
    if standings[at].source is Source.PROBE:
        return False  # a guess never comes before what somebody published
    return any(
        # Encryption from the first byte, or the word of somebody who can be trusted, would be better.
        found.server.socket_type is SocketType.STARTTLS
        or found.evidence.trust is Trust.GUESSED
        or is_foreign(found, domain)
        for _position, found in best.values()
    )


def _best(standings: Sequence[Standing]) -> dict[Protocol, tuple[int, FoundServer]]:
    """The first verified and encrypting server of each protocol, with the position of its source."""
    best: dict[Protocol, tuple[int, FoundServer]] = {}
    for at, one in enumerate(standings):
        for found in one.known.servers if one.known is not None else ():
            if found.verified is True and found.server.secure:
                best.setdefault(found.server.protocol, (at, found))
    return best


def _usable(best: dict[Protocol, tuple[int, FoundServer]]) -> bool:
    return Protocol.SMTP in best and (Protocol.IMAP in best or Protocol.POP3 in best)


def _missing(standings: Sequence[Standing], best: dict[Protocol, tuple[int, FoundServer]]) -> bool:
    """Whether a protocol is neither found nor known not to be offered."""
    reports = [one.known for one in standings if one.known is not None]
    denied = {protocol for report in reports for protocol in report.not_offered}
    provider = next((report.provider for report in reports if report.provider is not None), None)
    if provider is not None:
        denied |= _DENIED.get(provider.offers or "", frozenset())
    return any(protocol not in best and protocol not in denied for protocol in (Protocol.IMAP, Protocol.POP3))


def _nothing_to_find(standings: Sequence[Standing]) -> bool:
    """Whether the provider is known to let no other program in."""
    return any(
        one.report is not None and one.report.provider is not None and one.report.provider.offers == "neither"
        for one in standings
    )
