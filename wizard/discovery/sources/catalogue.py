"""The catalogue as a source: what is bundled, or the person's own."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from wizard.discovery.catalogue import find_provider
from wizard.language import translate as _
from wizard.model.discovery import Evidence, FoundServer, Outcome, Source, SourceReport, Trust

if TYPE_CHECKING:
    from wizard.discovery.options import LookUpOptions
    from wizard.model.address import EmailAddress
    from wizard.model.provider import FactSource, Provider
    from wizard.model.servers import IncomingServer, OutgoingServer


def find(address: EmailAddress, options: LookUpOptions) -> SourceReport:
    """What the catalogue knows of the domain of ``address``; Problem when a file of the person's own is wrong."""
    begun = monotonic()
    provider = find_provider(address.domain, own=options.templates)
    servers = _found(provider, address) if provider is not None else ()
    return SourceReport(
        source=Source.CATALOGUE,
        outcome=Outcome.NOTHING if provider is None else Outcome.FOUND,
        elapsed_ms=round((monotonic() - begun) * 1000),
        detail=_("The built-in catalogue does not know {domain}.").format(domain=address.domain.shown)
        if provider is None
        else provider.name,
        servers=servers,
        provider=provider,
    )


def _found(provider: Provider, address: EmailAddress) -> tuple[FoundServer, ...]:
    """The servers with placeholders filled in; a server is as sure as its entry and as the domain's being there."""
    belongs = provider.domain_sources[provider.config.domains.index(address.domain)]
    servers: tuple[IncomingServer | OutgoingServer, ...] = (*provider.config.incoming, *provider.config.outgoing)
    return tuple(
        FoundServer(one.filled(address), Evidence(Source.CATALOGUE, _trust(source, belongs), source.url))
        for one, source in zip(servers, provider.server_sources, strict=True)
    )


def _trust(*facts: FactSource) -> Trust:
    sure = all(fact.confidence != "unverified" for fact in facts)
    return Trust.AUTHENTICATED if sure else Trust.GUESSED
