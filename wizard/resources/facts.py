"""Facts and where they were read: what the data files about providers, servers and devices have in common."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wizard.language import mark
from wizard.model.provider import FactSource
from wizard.resources.schema import MapOf, Record, Reference, Text, optional, words

if TYPE_CHECKING:
    from wizard.resources.schema import Schema

DAY = Text(
    re.compile(r"20\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"),
    mark("A date is expected here, such as 2026-11-24."),
)
WEB_ADDRESS = Text(
    re.compile(r"https?://[a-z0-9.-]+(?:[/?#][!-~]*)?", re.IGNORECASE),
    mark("A web address beginning with https:// is expected here."),
)
SOURCE = Reference("sources")
"""The source of a fact: the name of an entry of :func:`sources`."""


def sources(reference: Schema[str]) -> Schema[dict[str, FactSource]]:
    """The documents that the facts of a file were read in, by the short name that the facts use."""
    source = Record(
        FactSource,
        {
            "reference": reference,
            "checked_on": DAY,
            "confidence": words("confirmed", "reported", "unverified"),
            "url": optional(WEB_ADDRESS),
        },
    )
    return MapOf(Text(), source, names="sources")
