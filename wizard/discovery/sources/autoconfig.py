"""The file on the host ``autoconfig.DOMAIN``, which a provider keeps for mail programs.

Source: draft-ietf-mailmaint-autoconfig, “Retrieving the configuration”. Its URLs are built here and nowhere else, so
that no odd address can change where one leads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from wizard.discovery.config_file import fetch_config
from wizard.discovery.consent import is_own_host
from wizard.discovery.source import SourceSpec
from wizard.discovery.wording import foreign_host
from wizard.language import mark
from wizard.model.discovery import Outcome, Source, SourceReport, Trust
from wizard.net.urls import host_of

if TYPE_CHECKING:
    from wizard.discovery.context import Context
    from wizard.model.address import Domain, EmailAddress

FILE = "mail/config-v1.1.xml"


def autoconfig_url(domain: Domain, address: EmailAddress | None = None) -> str:
    """The file on the host that a provider keeps for it; ``address`` is sent along where one is given."""
    return f"https://autoconfig.{domain.ascii}/{FILE}{address_query(address)}"


def address_query(address: EmailAddress | None) -> str:
    """The part of a URL that tells the address.

    Everything but the unreserved characters of RFC 3986 is encoded: a plus sign would be read as a space.
    """
    return "" if address is None else f"?emailaddress={quote(str(address), safe='')}"


def _url(context: Context) -> str:
    return autoconfig_url(context.address.domain, context.address)


async def find(context: Context) -> SourceReport:
    """What the provider says there; it is told the address, for user names can depend on it."""
    domain, url = context.address.domain, _url(context)
    host = host_of(url)
    if not is_own_host(host, domain):
        return SourceReport(Source.AUTOCONFIG, Outcome.REFUSED, url=url, detail=foreign_host(host, domain))
    return await fetch_config(context, Source.AUTOCONFIG, url, about=domain, home=domain.ascii)


SPEC = SourceSpec(
    source=Source.AUTOCONFIG,
    name="autoconfig",
    origin=mark("published by the provider (autoconfig)"),
    trust=Trust.AUTHENTICATED,
    find=find,
    first_question=_url,
)
