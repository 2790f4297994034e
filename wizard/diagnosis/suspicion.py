"""One cause that a rule has come to, and what it had to go by."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wizard.model.diagnosis import Confidence, RungStatus
from wizard.model.placeholders import fill
from wizard.model.servers import Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wizard.model.address import EmailAddress
    from wizard.model.diagnosis import Observed, RungName
    from wizard.model.provider import Provider
    from wizard.model.servers import Server

CERTAIN, LIKELY, POSSIBLE = Confidence.CERTAIN, Confidence.LIKELY, Confidence.POSSIBLE


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A code of docs/doctor.md; ``values`` go before those that :mod:`wizard.diagnosis.values` reads off."""

    code: str
    confidence: Confidence
    case: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


Suspicions = tuple[Suspicion, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """One server as it was seen, beside the ``others`` of the same run (itself included)."""

    address: EmailAddress
    observed: Observed
    provider: Provider | None
    others: tuple[Observed, ...]

    @property
    def failed_rung(self) -> RungName | None:
        """The first rung that failed."""
        return next((one.name for one in self.observed.rungs if one.status is RungStatus.FAILED), None)

    @property
    def provider_server(self) -> Server | None:
        """The provider's own server for this protocol: the one with this host, else the first."""
        if self.provider is None:
            return None
        config, target = self.provider.config, self.observed.target
        own = [one for one in (*config.incoming, *config.outgoing) if one.protocol is target.protocol]
        return next((one for one in own if self.host_of(one) == target.host), own[0] if own else None)

    def host_of(self, server: Server) -> str:
        """The host of a server of the catalogue for this address."""
        return fill(server.hostname, self.address).lower()

    @property
    def at_provider(self) -> bool:
        """Whether the server is one of the provider's own."""
        server = self.provider_server
        return server is not None and self.host_of(server) == self.observed.target.host

    @property
    def sending(self) -> bool:
        return self.observed.target.protocol is Protocol.SMTP
