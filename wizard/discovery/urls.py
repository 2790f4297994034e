"""The addresses of what is asked: built here and nowhere else, so that no odd address can change where one leads."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wizard.model.address import Domain, EmailAddress

FILE = "mail/config-v1.1.xml"


def autoconfig_url(domain: Domain, address: EmailAddress | None = None) -> str:
    """The file on the host that a provider keeps for it; ``address`` is sent along where one is given.

    Source: draft-ietf-mailmaint-autoconfig, “Retrieving the configuration”.
    """
    return f"https://autoconfig.{domain.ascii}/{FILE}{_query(address)}"


def well_known_url(domain: Domain, address: EmailAddress | None = None) -> str:
    """The file on the web server of the domain itself (RFC 8615)."""
    return f"https://{domain.ascii}/.well-known/autoconfig/{FILE}{_query(address)}"


def ispdb_url(base: str, domain: Domain) -> str:
    """The file of ``domain`` in the database at ``base``; the domain is all that is ever sent there."""
    return f"{base if base.endswith(('/', '=')) else base + '/'}{domain.ascii}"


def dns_url(name: str, kind: str) -> str:
    """A question to the DNS as an address (RFC 4501)."""
    return f"dns:{name}?type={kind}"


def host_of(url: str) -> str:
    """The host of an address that was asked, in small letters; empty where there is none."""
    from urllib.parse import urlsplit

    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _query(address: EmailAddress | None) -> str:
    """Everything but the unreserved characters of RFC 3986 is encoded: a plus sign would be read as a space."""
    if address is None:
        return ""
    from urllib.parse import quote

    return f"?emailaddress={quote(str(address), safe='')}"
