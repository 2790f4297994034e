"""The catalogue as a source: the bundled one, or the user's own."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from wizard.discovery.catalogue import find_provider
from wizard.discovery.source import SourceSpec
from wizard.language import mark
from wizard.language import translate as _
from wizard.model.discovery import Evidence, FoundServer, Outcome, Source, SourceReport, Trust

if TYPE_CHECKING:
    from wizard.discovery.context import LookUpOptions
    from wizard.model.address import EmailAddress
    from wizard.model.provider import FactSource, Provider
    from wizard.model.servers import IncomingServer, OutgoingServer


def find(address: EmailAddress, options: LookUpOptions) -> SourceReport:
    """What the catalogue knows of the domain of ``address``; Problem when a file of the person's own is wrong."""
    begun = monotonic()
    provider = find_provider(address.domain, own=options.templates)
    servers: tuple[FoundServer, ...] = ()
    if provider is None:
        outcome = Outcome.NOTHING
        detail = _("The built-in catalogue does not know {domain}.").format(domain=address.domain.shown)
    else:
        outcome, detail = Outcome.FOUND, provider.name
        belongs = provider.domain_sources[provider.config.domains.index(address.domain)]
        servers = servers_of(provider, address, Source.CATALOGUE, Trust.AUTHENTICATED, belongs)
    elapsed_ms = round((monotonic() - begun) * 1000)
    return SourceReport(
        Source.CATALOGUE, outcome, elapsed_ms=elapsed_ms, detail=detail, servers=servers, provider=provider
    )


def servers_of(
    provider: Provider, address: EmailAddress, source: Source, trust: Trust, belongs: FactSource
) -> tuple[FoundServer, ...]:
    """The servers of ``provider`` with placeholders filled in.

    A server is worth ``trust`` unless its entry, or ``belongs``, which says that the domain is this provider's, is not
    verified: then it is a guess.
    """
    listed: tuple[IncomingServer | OutgoingServer, ...] = (*provider.config.incoming, *provider.config.outgoing)
    found = []
    for server, fact in zip(listed, provider.server_sources, strict=True):
        unverified = "unverified" in (fact.confidence, belongs.confidence)
        evidence = Evidence(source, Trust.GUESSED if unverified else trust, fact.url)
        found.append(FoundServer(server.filled(address), evidence))
    return tuple(found)


SPEC = SourceSpec(
    source=Source.CATALOGUE,
    name=mark("built-in catalogue"),
    origin=mark("from the built-in catalogue"),
    trust=Trust.AUTHENTICATED,
    find=find,
    local=True,
)
