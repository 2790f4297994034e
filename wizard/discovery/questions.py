"""What each source asks first: said of those that gave no answer in time, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.discovery.sources.autodiscover import autodiscover_url
from wizard.discovery.sources.pacc import pacc_url
from wizard.discovery.sources.srv import SERVICES
from wizard.discovery.urls import autoconfig_url, dns_url, ispdb_url, well_known_url
from wizard.model.discovery import Source
from wizard.model.text import printable

if TYPE_CHECKING:
    from wizard.discovery.look import Look


def first_question(source: Source, look: Look) -> str | None:
    """The address or the question to the DNS that ``source`` begins with; None where it has none of its own."""
    domain = look.address.domain
    match source:
        case Source.SRV:
            return dns_url(f"{next(iter(SERVICES))}._tcp.{domain.ascii}", "SRV")
        case Source.AUTOCONFIG:
            return autoconfig_url(domain, look.address)
        case Source.WELL_KNOWN:
            return well_known_url(domain, look.address)
        case Source.ISPDB:
            directory = look.options.ispdb_directory
            return (
                printable(ispdb_url(look.options.ispdb_url, domain))
                if directory is None
                else directory.absolute().as_uri()
            )
        case Source.MX:
            return dns_url(domain.ascii, "MX")
        case Source.AUTODISCOVER:
            return autodiscover_url(f"autodiscover.{domain.ascii}")
        case Source.PACC:
            return pacc_url(domain)
    return None
