"""The file below ``/.well-known/`` on the web server of the domain itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.discovery.published import ask_for_file
from wizard.discovery.urls import well_known_url
from wizard.model.discovery import Source

if TYPE_CHECKING:
    from wizard.discovery.look import Look
    from wizard.model.discovery import SourceReport


async def find(look: Look) -> SourceReport:
    """What the domain says there; it is told the address, for user names can depend on it."""
    domain = look.address.domain
    url = well_known_url(domain, look.address)
    return await ask_for_file(look, Source.WELL_KNOWN, url, about=domain, home=domain.ascii)
