"""The file on the host ``autoconfig.DOMAIN``, which a provider keeps for mail programs, or where a TXT record says.

Source: draft-ietf-mailmaint-autoconfig, “Retrieving the configuration”. Its URLs are built here and nowhere else, so
that no odd address can change where one leads. The record, ``mailconf=URL`` at the domain itself, is an older custom
that few programs still follow.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from wizard.discovery.config_file import OtherQuestion, fetch_config, invented_address
from wizard.discovery.consent import is_own_host
from wizard.discovery.source import SourceSpec, first_by_priority
from wizard.discovery.wording import foreign_host
from wizard.language import mark
from wizard.language import translate as _
from wizard.model.discovery import Outcome, Source, SourceReport, Trust
from wizard.model.text import printable
from wizard.net.failures import Failure
from wizard.net.urls import dns_url, host_of, parse_secure_url

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wizard.discovery.context import Context
    from wizard.model.address import Domain, EmailAddress
    from wizard.net.urls import SecureUrl

FILE = "mail/config-v1.1.xml"
RECORD = "mailconf="


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
    """What the provider says at its host, else where the TXT record of the domain leads."""
    at_host, at_record = await first_by_priority([_ask_host(context), _ask_by_record(context)])
    if at_host is not None and at_host.outcome is Outcome.FOUND:
        return at_host  # also where the record was read sooner
    if at_record is None or at_record.outcome is Outcome.NOTHING:
        assert at_host is not None  # the first is left open only where the other one has found something
        return at_host
    if at_host is None or at_record.outcome is Outcome.FOUND or at_host.outcome is Outcome.NOTHING:
        return at_record
    return replace(at_host, detail=f"{at_host.detail} {at_record.detail}")


async def _ask_host(context: Context) -> SourceReport:
    """What the host says; it is told the address, for user names can depend on it, unless it refuses that."""
    domain, url = context.address.domain, _url(context)
    host = host_of(url)
    if not is_own_host(host, domain):
        return SourceReport(Source.AUTOCONFIG, Outcome.REFUSED, url=url, detail=foreign_host(host, domain))
    plain = [OtherQuestion(autoconfig_url(domain))]
    return await fetch_config(context, Source.AUTOCONFIG, url, about=domain, home=domain.ascii, instead=plain)


async def _ask_by_record(context: Context) -> SourceReport:
    """What is said where the TXT record leads; nothing without one, or where it names what is asked anyway.

    A host of the domain is told the address; another one learns what is in the URL, and the domain at most.
    """
    domain = context.address.domain
    question = dns_url(domain.ascii, "TXT")
    answer = await context.network.resolver.txt(domain.ascii)
    named = [] if isinstance(answer, Failure) else named_by_record(answer.records)
    if isinstance(answer, Failure) or not named:
        context.findings.awaited[Source.AUTOCONFIG] = host_of(_url(context))
        return SourceReport(Source.AUTOCONFIG, Outcome.NOTHING, url=question)
    # Of several records the first that can be asked: the DNS gives them in any order.
    place = next((name for name in named if not isinstance(parse_secure_url(name), Failure)), named[0])
    begin = _("The TXT record of {domain} names {place}.").format(domain=domain.shown, place=printable(place, 200))
    url = parse_secure_url(place)
    if isinstance(url, Failure):
        reason = _("Only https:// addresses of a host name, on the usual port, are asked.")
        return SourceReport(Source.AUTOCONFIG, Outcome.REFUSED, url=question, detail=f"{begin} {reason}")
    if str(url) in (autoconfig_url(domain), _url(context)):
        return SourceReport(Source.AUTOCONFIG, Outcome.NOTHING, url=question)
    trust = Trust.AUTHENTICATED if answer.secure else Trust.UNAUTHENTICATED
    report = await _ask_at(context, url, trust)
    return replace(report, detail=f"{begin} {report.detail}")


async def _ask_at(context: Context, url: SecureUrl, trust: Trust) -> SourceReport:
    """What is said at ``url``, which a record named.

    A host elsewhere that answers about addresses only gets an invented one.
    """
    domain, asked = context.address.domain, str(url)
    instead = []
    if "?" not in url.target and is_own_host(url.host, domain):
        instead = [OtherQuestion(asked)]
        asked += address_query(context.address)
    elif "?" not in url.target:
        invented = invented_address(domain)
        instead = [OtherQuestion(asked + address_query(invented), invented)]
    return await fetch_config(
        context, Source.AUTOCONFIG, asked, about=domain, home=domain.ascii, trust=trust, instead=instead
    )


def named_by_record(records: Iterable[bytes]) -> list[str]:
    """The places that TXT records name: what follows ``mailconf=``, as it is written."""
    texts = [record.decode("ascii", "replace").strip() for record in records]
    return [text[len(RECORD) :].strip() for text in texts if text.lower().startswith(RECORD)]


SPEC = SourceSpec(
    source=Source.AUTOCONFIG,
    name="autoconfig",
    origin=mark("published by the provider (autoconfig)"),
    trust=Trust.AUTHENTICATED,
    find=find,
    first_question=_url,
)
