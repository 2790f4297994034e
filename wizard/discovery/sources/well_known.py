"""The autoconfig file below ``/.well-known/`` (RFC 8615) on the web server of the domain itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.discovery.config_file import OtherQuestion, fetch_config
from wizard.discovery.source import SourceSpec
from wizard.discovery.sources.autoconfig import FILE, address_query
from wizard.language import mark
from wizard.model.discovery import Source, Trust

if TYPE_CHECKING:
    from wizard.discovery.context import Context
    from wizard.model.address import Domain, EmailAddress
    from wizard.model.discovery import SourceReport


def well_known_url(domain: Domain, address: EmailAddress | None = None) -> str:
    """The file on the web server of the domain; ``address`` is sent along where one is given."""
    return f"https://{domain.ascii}/.well-known/autoconfig/{FILE}{address_query(address)}"


def _url(context: Context) -> str:
    return well_known_url(context.address.domain, context.address)


async def find(context: Context) -> SourceReport:
    """What the domain says there; it is told the address, for user names can depend on it, unless it refuses that."""
    domain = context.address.domain
    context.findings.awaited[Source.WELL_KNOWN] = domain.ascii
    plain = [OtherQuestion(well_known_url(domain))]
    return await fetch_config(context, Source.WELL_KNOWN, _url(context), about=domain, home=domain.ascii, instead=plain)


SPEC = SourceSpec(
    source=Source.WELL_KNOWN,
    name=mark("domain's web site"),
    origin=mark("published on the provider's web site"),
    trust=Trust.AUTHENTICATED,
    find=find,
    first_question=_url,
)
