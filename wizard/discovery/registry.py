"""The sources by name, and which of them are asked. :class:`Source` is the list: nothing finds its way in by itself."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from wizard.discovery.source import SourceSpec
from wizard.language import mark
from wizard.model.discovery import Source, Trust

if TYPE_CHECKING:
    from wizard.discovery.context import LookUpOptions

USER = SourceSpec(
    source=Source.USER,
    name=mark("you"),
    origin=mark("typed by you"),
    trust=Trust.UNAUTHENTICATED,
    find=None,
    local=True,
)
"""What somebody typed: it has words, and is never asked."""


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
