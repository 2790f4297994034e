"""The providers that the SPF record of a domain lets send for it (RFC 7208): behind a mail filter they are the trace of
where the mailboxes are.

Only names are read, of the record itself and of those that it includes from the same owner; nothing is evaluated.
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

from wizard.discovery.catalogue import find_by_spf
from wizard.discovery.consent import is_own_host
from wizard.net.failures import Failure

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wizard.discovery.context import Context
    from wizard.model.provider import Provider

LENGTH = 4096
"""Bytes of a record that is read; RFC 7208 section 3.4 recommends to stay below 450."""

NAMES = 20
"""Names of one record that count: a receiving server stops at ten (RFC 7208 section 4.6.4)."""

OWN_RECORDS = 3
"""Records of the same owner that are asked for because the first one names them."""

_TERM = re.compile(r"\+?include:(?P<included>.+)|redirect=(?P<elsewhere>.+)", re.IGNORECASE)
_NAME = re.compile(r"(?=.{4,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])")


async def providers_by_spf(context: Context) -> tuple[Provider, ...]:
    """The providers of the catalogue with servers for reading that may send for the domain, as its record has them."""
    domain = context.address.domain
    names = await _names(context, domain.ascii)
    own = [name for name in names if name != domain.ascii and is_own_host(name, domain)][:OWN_RECORDS]
    deeper = dict(zip(own, await asyncio.gather(*(_names(context, name) for name in own)), strict=True))
    listed = dict.fromkeys(other for name in names for other in deeper.get(name, (name,)))
    found = [find_by_spf(name, own=context.options.templates) for name in listed]
    providers = {provider.id: provider for provider in found if provider is not None and provider.config.incoming}
    return tuple(providers.values())


def named_domains(records: Iterable[bytes]) -> tuple[str, ...]:
    """The domains that the SPF records among ``records`` (TXT) include, and the one that they redirect to.

    Those that are not to pass (``-include:``), macros, and anything that is not a name are left out. A second record
    is an error by RFC 7208 section 4.5, but a common one: both are read.
    """
    names = [name for record in sorted(records) if len(record) <= LENGTH for name in _included_names(record)]
    return tuple(dict.fromkeys(names))


def _included_names(record: bytes) -> list[str]:
    version, *terms = record.decode("ascii", "replace").split(" ")
    if version.lower() != "v=spf1":
        return []
    matches = [match for term in terms if (match := _TERM.fullmatch(term)) is not None]
    names = [(match["included"] or match["elsewhere"]).lower().removesuffix(".") for match in matches]
    return [name for name in names if _NAME.fullmatch(name)][:NAMES]


async def _names(context: Context, name: str) -> tuple[str, ...]:
    answer = await context.network.resolver.txt(name)
    return () if isinstance(answer, Failure) else named_domains(answer.records)
