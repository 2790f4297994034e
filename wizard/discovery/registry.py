"""The sources in their order: an explicit list, nothing finds its way in by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.discovery.sources import catalogue
from wizard.model.discovery import Source, SourceReport

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.discovery.options import LookUpOptions
    from wizard.model.address import EmailAddress


@dataclass(frozen=True, slots=True)
class RegisteredSource:
    """A source: ``find`` gives its report; ``offline`` says that it needs no network."""

    source: Source
    find: Callable[[EmailAddress, LookUpOptions], SourceReport]
    offline: bool


SOURCES: tuple[RegisteredSource, ...] = (RegisteredSource(Source.CATALOGUE, catalogue.find, offline=True),)
"""In the order of whose word counts more, where two are equally secure."""
