"""What a run of the doctor looks at, and what follows from that for its answer: which servers, which of them may get a
password, and which an account needs and nobody knows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.app.typed_servers import target_of, targets_of, usual_targets
from wizard.model.discovery import Source, Trust
from wizard.model.servers import Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wizard.model.diagnosis import Target
    from wizard.model.discovery import DiscoveryReport, FoundServer

_OF_THE_DOMAIN = frozenset(Source) - {Source.MX, Source.PROBE, Source.USER}
"""Sources whose word is about the domain itself, which programs follow: what they name should work."""

_READING = (Protocol.IMAP, Protocol.POP3)
_NO_GUESS_HELPS = ("no_such_domain", "no_network")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The servers of a run, none where nothing is known.

    ``account``: the server of each protocol that an account would have; a password may go there. ``published``: servers
    that are published and were seen to fail, so that a guess is in ``account`` in their place. ``guessed``: servers that
    fail, or do not encrypt, where no better one is known. The last two get no password. ``missing``: protocols that an
    account needs and of which no server is known. ``whole``: it is all of an account, not what a person named.
    """

    account: tuple[Target, ...] = ()
    published: tuple[Target, ...] = ()
    guessed: tuple[Target, ...] = ()
    missing: tuple[Protocol, ...] = ()
    whole: bool = False

    @property
    def targets(self) -> tuple[Target, ...]:
        """All of them, by protocol; those of the account first."""
        return _by_protocol((*self.account, *self.guessed, *self.published))

    @property
    def looked_at_only(self) -> tuple[Target, ...]:
        """Those that get no password."""
        return _by_protocol((*self.guessed, *self.published))


def scope_of(report: DiscoveryReport, *, protocol: Protocol | None = None, username: str | None = None) -> Scope:
    """What is to be looked at after a look-up; for reading, ``protocol`` only. ``username`` goes before theirs."""
    reading = _READING if protocol is None else (protocol,)
    account = targets_of(report, protocol=protocol, username=username)
    known = {target.protocol for target in account}
    needed = [kinds for kinds in (reading, (Protocol.SMTP,)) if known.isdisjoint(kinds)]
    failing = [_first(report.failing(kind) for kind in kinds) for kinds in needed]
    guessed = tuple(target_of(found, username) for found in failing if found is not None)
    unknown = tuple(kinds[0] for kinds, found in zip(needed, failing, strict=True) if found is None)
    if account or guessed:
        blind = any(notice.code in _NO_GUESS_HELPS for notice in report.warnings)
        return Scope(
            account=account,
            published=tuple(target_of(found, username) for found in _replaced(report, known)),
            guessed=guessed,
            missing=() if blind else unknown,
            whole=True,
        )
    if any(notice.code in _NO_GUESS_HELPS for notice in report.warnings):
        return Scope(guessed=usual_targets(report.address), whole=True)
    return Scope()


def _by_protocol(targets: Iterable[Target]) -> tuple[Target, ...]:
    order = tuple(Protocol)
    return tuple(sorted(targets, key=lambda target: order.index(target.protocol)))


def _first(found: Iterable[FoundServer | None]) -> FoundServer | None:
    return next((server for server in found if server is not None), None)


def _replaced(report: DiscoveryReport, protocols: Iterable[Protocol]) -> list[FoundServer]:
    """The published server of each protocol that failed, where a guess is the best one that is known."""
    replaced = []
    for protocol in protocols:
        best = report.best(protocol)
        if best is None or best.evidence.trust is not Trust.GUESSED:
            continue
        named = (found for source in report.sources for found in source.servers if _is_of_the_domain(found))
        failed = (found for found in named if found.server.protocol is protocol and found.verified is not True)
        replaced += [found for found in (next(failed, None),) if found is not None]
    return replaced


def _is_of_the_domain(found: FoundServer) -> bool:
    evidence = found.evidence
    return evidence.source in _OF_THE_DOMAIN and evidence.trust is not Trust.GUESSED and found.server.secure
