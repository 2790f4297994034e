"""The sources by name: which of them are asked, and their words. :class:`Source` is the list; no other is asked."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from wizard.discovery.source import SourceSpec
from wizard.language import mark
from wizard.language import translate as _
from wizard.model.discovery import Source, Trust

if TYPE_CHECKING:
    from wizard.discovery.context import LookUpOptions
    from wizard.model.discovery import DiscoveryReport, Evidence, FoundServer

USER = SourceSpec(
    source=Source.USER,
    name=mark("you"),
    origin=mark("typed by you"),
    trust=Trust.UNAUTHENTICATED,
    find=None,
    local=True,
)
"""Servers that the user typed: the source has a name, and is never queried."""


def spec_of(source: Source) -> SourceSpec:
    """All that is particular to ``source``: ``SPEC`` of the module in sources/ that has its name.

    The module is imported when it is needed: without the network nothing that could open a connection is loaded.
    """
    if source is Source.USER:
        return USER
    spec: SourceSpec = import_module(f"wizard.discovery.sources.{source.name.lower()}").SPEC
    return spec


def sources_for(options: LookUpOptions) -> tuple[SourceSpec, ...]:
    """The sources that ``options`` permit, in the order of whose word counts more where two are equally secure."""
    if options.offline:
        return (spec_of(Source.CATALOGUE),)
    specs = (spec_of(source) for source in Source)
    return tuple(spec for spec in specs if spec.find is not None and spec.permitted(options))


def source_label(source: Source) -> str:
    """Who is asked, in at most 19 characters."""
    return _(spec_of(source).name)


def origin_label(evidence: Evidence) -> str:
    """Where a setting was read."""
    spec = spec_of(evidence.source)
    by_dns = evidence.trust is Trust.GUESSED and (evidence.url or "").startswith("dns:")
    return _(spec.guess_origin if by_dns and spec.guess_origin else spec.origin)


def provenance_label(report: DiscoveryReport, found: FoundServer) -> str:
    """Where a server was read, when the catalogue checked it, and how far that can be trusted."""
    origin = origin_label(found.evidence)
    if found.evidence.source is Source.CATALOGUE and report.provider is not None:
        from wizard.wording import month_label

        date = month_label(report.provider.source.checked_on)
        origin = _("{origin}, checked {date}").format(origin=origin, date=date)
    trust = trust_label(found)
    return f"{origin}; {trust}" if trust else origin


def trust_label(found: FoundServer) -> str:
    """How far the word of a source can be trusted; empty where the source says it all."""
    if found.evidence.trust is Trust.GUESSED:
        return _("a guess: please check")
    if spec_of(found.evidence.source).local:
        return ""
    if found.evidence.trust is Trust.UNAUTHENTICATED:
        return _("not protected in transit")
    return _("protected in transit")
