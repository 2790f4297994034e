"""The file on the host ``autoconfig.DOMAIN``, which a provider keeps for mail programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.discovery.foreign import is_at_home
from wizard.discovery.published import ask_for_file
from wizard.discovery.urls import autoconfig_url, host_of
from wizard.discovery.wording import of_others
from wizard.model.discovery import Outcome, Source, SourceReport

if TYPE_CHECKING:
    from wizard.discovery.look import Look


async def find(look: Look) -> SourceReport:
    """What the provider says there; it is told the address, for user names can depend on it."""
    domain = look.address.domain
    url = autoconfig_url(domain, look.address)
    host = host_of(url)
    if not is_at_home(host, domain):
        return SourceReport(Source.AUTOCONFIG, Outcome.REFUSED, url=url, detail=of_others(host, domain))
    return await ask_for_file(look, Source.AUTOCONFIG, url, about=domain, home=domain.ascii)
