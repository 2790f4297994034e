"""What a run of the doctor looks at, and what follows from that for its answer: which servers, which of them may get a
password, and which an account needs and nobody knows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wizard.app.servers import does_not_exist, lacks_network
from wizard.app.typed_servers import target_of, targets_of, usual_targets
from wizard.diagnosis.evidence import Missing
from wizard.model.discovery import Source, Trust
from wizard.model.servers import RECEIVING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wizard.model.diagnosis import Target
    from wizard.model.discovery import DiscoveryReport, FoundServer

_OF_THE_DOMAIN = frozenset(Source) - {Source.MX, Source.PROBE, Source.USER}
"""Sources whose word is about the domain itself, which programs follow: what they name should work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The servers of a run, none where nothing is known.

    ``account``: the server of each protocol that an account would have; a password may go there. ``published``: servers
    that are published and were seen to fail, for which a guess is in ``account``. ``guessed``: servers that
    fail, or do not encrypt, where no better one is known. The last two get no password. ``missing``: what an account
    needs and nobody knows. ``left_out``: published servers that are not connected to, because their ports are none of
    mail. ``whole``: it is all of an account, not what a person named.
    """

    account: tuple[Target, ...] = ()
    published: tuple[Target, ...] = ()
    guessed: tuple[Target, ...] = ()
    missing: tuple[Missing, ...] = ()
    left_out: tuple[Target, ...] = ()
    whole: bool = False

    @property
    def targets(self) -> tuple[Target, ...]:
        """All of them, by protocol; those of the account first."""
        return _by_protocol((*self.account, *self.guessed, *self.published))

    @property
    def looked_at_only(self) -> tuple[Target, ...]:
        """Those that get no password."""
        return _by_protocol((*self.guessed, *self.published))

    def only(self, protocols: Sequence[Protocol]) -> Scope:
        """Of these protocols alone; all of it where nothing is of them."""
        if not any(target.protocol in protocols for target in self.targets):
            return self

        def of(targets: tuple[Target, ...]) -> tuple[Target, ...]:
            return tuple(target for target in targets if target.protocol in protocols)

        return replace(
            self,
            account=of(self.account),
            published=of(self.published),
            guessed=of(self.guessed),
            missing=tuple(missing for missing in self.missing if missing.protocol in protocols),
            left_out=of(self.left_out),
        )


def scope_of(report: DiscoveryReport, *, protocol: Protocol | None = None, username: str | None = None) -> Scope:
    """What is to be looked at after a look-up; for reading, ``protocol`` only. ``username`` goes before theirs."""
    needs = (RECEIVING if protocol is None else (protocol,), (Protocol.SMTP,))
    account = targets_of(report, protocol=protocol, username=username)
    failing = [_first(map(report.failing, kinds)) for kinds in needs if not any(map(report.best, kinds))]
    guessed = tuple(target_of(found, username) for found in failing if found is not None)
    left_out = tuple(target_of(found, username) for found in _left_out(report, needs))
    if account or guessed:
        return Scope(
            account=account,
            published=tuple(target_of(found, username) for found in _replaced(report, account)),
            guessed=guessed,
            missing=() if saw_nothing(report) else _missing(report, needs, (*account, *guessed, *left_out)),
            left_out=left_out,
            whole=True,
        )
    return Scope(guessed=usual_targets(report.address), whole=True) if saw_nothing(report) else Scope()


def _missing(
    report: DiscoveryReport, needs: Iterable[Sequence[Protocol]], listed: Iterable[Target]
) -> tuple[Missing, ...]:
    """What of ``needs``, each with its alternatives, is none of the ``listed`` servers."""
    known = {target.protocol for target in listed}
    others = tuple(kind for kind in Protocol if report.best(kind) is not None)
    return tuple(Missing(kinds[0], others) for kinds in needs if known.isdisjoint(kinds))


def _left_out(report: DiscoveryReport, needs: Iterable[Sequence[Protocol]]) -> list[FoundServer]:
    """A published server of each of ``needs`` that was not connected to, where no other published one is there."""
    found = []
    for kinds in needs:
        best = [server for server in map(report.best, kinds) if server is not None]
        if all(server.evidence.trust is Trust.GUESSED for server in best):
            found.append(_first(map(report.left_out, kinds)))
    return [server for server in found if server is not None]


def saw_nothing(report: DiscoveryReport) -> bool:
    """Whether the domain or the network is what fails, so that a server that was not found says nothing."""
    return lacks_network(report) or does_not_exist(report)


def _by_protocol(targets: Iterable[Target]) -> tuple[Target, ...]:
    order = tuple(Protocol)
    return tuple(sorted(targets, key=lambda target: order.index(target.protocol)))


def _first(found: Iterable[FoundServer | None]) -> FoundServer | None:
    return next((server for server in found if server is not None), None)


def _replaced(report: DiscoveryReport, account: Iterable[Target]) -> list[FoundServer]:
    """The published server of a protocol that failed, where a guess is the best one; of reading, one protocol."""
    protocols = [target.protocol for target in account]
    if Protocol.IMAP in protocols and Protocol.POP3 in protocols:
        protocols.remove(Protocol.POP3)  # one way to read is enough
    guesses = [kind for kind in protocols if (best := report.best(kind)) and best.evidence.trust is Trust.GUESSED]
    failed = [next(iter(_failed(report, protocol)), None) for protocol in guesses]
    return [found for found in failed if found is not None]


def failed_besides(report: DiscoveryReport, scope: Scope) -> list[FoundServer]:
    """The published servers that failed and are not looked at, because another published one works or is enough."""
    kinds = [target.protocol for target in scope.account]
    looked_at = {target.protocol for target in scope.published}
    failed = [found for kind in kinds if kind not in looked_at for found in _failed(report, kind)[:1]]
    return [found for found in failed if found.trouble and found is not report.best(found.server.protocol)]


def _failed(report: DiscoveryReport, protocol: Protocol) -> list[FoundServer]:
    """The published servers of ``protocol`` that were not seen to answer, before the one that was."""
    failed: list[FoundServer] = []
    for found in (found for source in report.sources for found in source.servers):
        if found.server.protocol is protocol and _is_of_the_domain(found):
            if found.verified is True:
                break
            failed.append(found)
    return failed


def _is_of_the_domain(found: FoundServer) -> bool:
    evidence = found.evidence
    return evidence.source in _OF_THE_DOMAIN and evidence.trust is not Trust.GUESSED and found.server.secure
