"""When a look-up is complete although not every source has answered: a pure rule over the answers so far.

A higher source wins over a faster one, so those above are waited for; but never longer than :data:`GRACE` once a
usable answer was seen to work.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from wizard.discovery.consent import is_foreign
from wizard.discovery.owners import owners, rank, receiving_provider, without_parent
from wizard.discovery.registry import spec_of
from wizard.model.discovery import Source, Trust
from wizard.model.servers import RECEIVING, Protocol, SocketType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.discovery.owners import Owner
    from wizard.model.address import Domain
    from wizard.model.discovery import FoundServer, SourceReport
    from wizard.model.provider import Provider

GRACE = 0.8
"""Seconds that others are still waited for after the first usable and verified answer."""


_DENIED = {"imap_only": frozenset({Protocol.POP3}), "pop_only": frozenset({Protocol.IMAP})}
"""What a provider of the catalogue says it does not offer."""


class SourceState(NamedTuple):
    """Where one source stands: ``report`` once its servers were connected to, None before.

    ``provisional``: what is known until then; of its servers those count that have been seen to answer. ``too_late``:
    it cannot answer within GRACE any more, because its web server has been silent for too long.
    """

    source: Source
    report: SourceReport | None
    provisional: SourceReport | None = None
    too_late: bool = False

    @property
    def known(self) -> SourceReport | None:
        return self.provisional if self.report is None else self.report


def has_usable_account(states: Sequence[SourceState]) -> bool:
    """Whether an account can be made of what was seen to work."""
    return _usable(_best(states))


def is_complete(states: Sequence[SourceState], domain: Domain, since_usable: float) -> bool:
    """Whether nothing more is worth waiting for; ``states`` in the order of whose word counts more.

    ``since_usable`` is the time in seconds since an account became usable (:func:`has_usable_account`).
    """
    pending = [position for position, state in enumerate(states) if state.report is None]
    if not pending or _nothing_to_find(states):
        return True
    if not has_usable_account(states):
        return False
    groups = _owners(states, domain)
    if since_usable >= GRACE:
        return any(_usable(_best(states, owner)) for owner in groups)
    best = _best(states, groups[0])
    if not _usable(best) or _receiver_may_lead(states, groups[0]):
        return False
    in_time = [position for position in pending if not states[position].too_late]
    return not any(_matters(position, states, groups[0], domain) for position in in_time)


def _owners(states: Sequence[SourceState], domain: Domain) -> tuple[Owner, ...]:
    reports = without_parent([state.known for state in states if state.known is not None], domain)
    servers = [found for report in reports for found in report.servers if found.server.secure]
    return owners(domain, reports, sorted(servers, key=lambda found: rank(found, domain)))


def _receiver_may_lead(states: Sequence[SourceState], lead: Owner) -> bool:
    """Whether it is open what is published by those whom the mail is delivered to, and this could change who leads."""
    mx = next((state for state in states if state.source is Source.MX and state.report is None), None)
    if mx is None or lead.curated:
        return False
    if mx.known is None or receiving_provider(mx.known) is not None:
        return not lead.delivered
    return not lead.own and not lead.delivered


def _matters(pending: int, states: Sequence[SourceState], lead: Owner, domain: Domain) -> bool:
    """Whether the source at position ``pending`` may change the outcome, which is the servers of ``lead`` so far."""
    best = _best(states, lead)
    if any(pending < position for position, _found in best.values()):
        return True
    if _missing(states, best, lead.provider):
        return True
    if spec_of(states[pending].source).trust is Trust.GUESSED:
        return _of_two(best)  # a guess never comes before published servers
    return any(
        # Encryption from the first byte, or a trustworthy source, would be better.
        found.server.socket_type is SocketType.STARTTLS
        or found.evidence.trust is Trust.GUESSED
        or is_foreign(found, domain)
        for _position, found in best.values()
    )


def _of_two(best: dict[Protocol, tuple[int, FoundServer]]) -> bool:
    """Whether one half of the account was published and the other is a guess: a likelier guess may be on its way."""
    published = {protocol for protocol, (_position, found) in best.items() if found.evidence.trust is not Trust.GUESSED}
    return bool(published) and (Protocol.SMTP not in published or published == {Protocol.SMTP})


def _best(states: Sequence[SourceState], owner: Owner | None = None) -> dict[Protocol, tuple[int, FoundServer]]:
    """The first verified and encrypting server of each protocol, of ``owner`` or at all, with the position of its
    source.
    """
    best: dict[Protocol, tuple[int, FoundServer]] = {}
    for position, state in enumerate(states):
        for found in state.known.servers if state.known is not None else ():
            if found.verified is True and found.server.secure and (owner is None or found in owner.servers):
                best.setdefault(found.server.protocol, (position, found))
    return best


def _usable(best: dict[Protocol, tuple[int, FoundServer]]) -> bool:
    return Protocol.SMTP in best and (Protocol.IMAP in best or Protocol.POP3 in best)


def _missing(
    states: Sequence[SourceState], best: dict[Protocol, tuple[int, FoundServer]], provider: Provider | None
) -> bool:
    """Whether a protocol is neither found nor known not to be offered."""
    reports = [state.known for state in states if state.known is not None]
    denied = {protocol for report in reports for protocol in report.not_offered}
    if provider is not None:
        denied |= _DENIED.get(provider.offers or "", frozenset())
    return any(protocol not in best and protocol not in denied for protocol in RECEIVING)


def _nothing_to_find(states: Sequence[SourceState]) -> bool:
    """Whether the provider is known to let no other program in."""
    return any(
        state.report is not None and state.report.provider is not None and state.report.provider.offers == "neither"
        for state in states
    )
