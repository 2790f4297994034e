"""The file on the host ``autoconfig.DOMAIN``, which a provider keeps for mail programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.discovery.published import ask_for_file
from wizard.discovery.urls import autoconfig_url
from wizard.model.discovery import Source

if TYPE_CHECKING:
    from wizard.discovery.look import Look
    from wizard.model.discovery import SourceReport


async def find(look: Look) -> SourceReport:
    """What the provider says there; it is told the address, for user names can depend on it."""
    domain = look.address.domain
    url = autoconfig_url(domain, look.address)
    return await ask_for_file(look, Source.AUTOCONFIG, url, about=domain, home=domain.ascii)
