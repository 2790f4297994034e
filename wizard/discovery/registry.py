"""The sources in their order: an explicit list, nothing finds its way in by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.discovery.sources import catalogue
from wizard.model.discovery import Source, SourceReport

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from wizard.discovery.look import Look
    from wizard.discovery.options import LookUpOptions
    from wizard.model.address import EmailAddress

    Find = Callable[[EmailAddress, LookUpOptions], SourceReport]
    FindInNetwork = Callable[[Look], Coroutine[None, None, SourceReport]]


@dataclass(frozen=True, slots=True)
class RegisteredSource:
    """A source: ``find`` gives its report; ``offline`` says that it needs no network, and is no coroutine."""

    source: Source
    find: Find | FindInNetwork
    offline: bool


BUNDLED: tuple[RegisteredSource, ...] = (RegisteredSource(Source.CATALOGUE, catalogue.find, offline=True),)
"""What needs no network."""


def sources_for(options: LookUpOptions) -> tuple[RegisteredSource, ...]:
    """The sources that ``options`` permit, in the order of whose word counts more where two are equally secure."""
    if options.offline:
        return BUNDLED
    # Imported here: without the network nothing that could open a connection is loaded.
    from wizard.discovery.sources import autoconfig, autodiscover, ispdb, mx, pacc, probe, srv, well_known

    asked = (
        *BUNDLED,
        RegisteredSource(Source.SRV, srv.find, offline=False),
        RegisteredSource(Source.AUTOCONFIG, autoconfig.find, offline=False),
        RegisteredSource(Source.WELL_KNOWN, well_known.find, offline=False),
        RegisteredSource(Source.ISPDB, ispdb.find, offline=False),
        RegisteredSource(Source.MX, mx.find, offline=False),
        RegisteredSource(Source.AUTODISCOVER, autodiscover.find, offline=False),
        RegisteredSource(Source.PACC, pacc.find, offline=False),
        RegisteredSource(Source.PROBE, probe.find, offline=False),
    )
    unwanted = {Source.PROBE: not options.probe, Source.ISPDB: not options.ispdb}
    return tuple(one for one in asked if not unwanted.get(one.source, False))
