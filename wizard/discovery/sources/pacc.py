"""PACC: a document on a host of its own, and its digest in the DNS; one without the other counts for nothing.

Source: draft-ietf-mailmaint-pacc. The host receives only the domain. A document that does not have the digest
is refused and not read: neither the host nor the DNS alone can mislead the user.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from wizard.discovery.config_file import is_web_page
from wizard.discovery.consent import consent_to_redirect, is_own_host, registrable_names
from wizard.discovery.source import SourceSpec
from wizard.discovery.wording import endpoints, explain, foreign_host, outcome_of
from wizard.language import mark
from wizard.language import translate as _
from wizard.model.discovery import Evidence, FoundServer, Outcome, Source, SourceReport, Trust
from wizard.model.problems import Problem
from wizard.net.domains import same_registrable
from wizard.net.failures import Failure
from wizard.net.http import fetch
from wizard.net.urls import dns_url, host_of

if TYPE_CHECKING:
    from wizard.discovery.context import Context
    from wizard.model.address import Domain
    from wizard.model.servers import IncomingServer, OutgoingServer
    from wizard.net.dns import Answer
    from wizard.net.http import Fetched

PREFIX = "ua-auto-config"


async def find(context: Context) -> SourceReport:
    """The servers of the document, when it is the one whose digest the domain publishes."""
    domain = context.address.domain
    url = pacc_url(domain)
    if not is_own_host(host_of(url), domain):
        detail = foreign_host(host_of(url), domain)
        return SourceReport(Source.PACC, Outcome.REFUSED, url=url, detail=detail)
    fetched, records = await asyncio.gather(
        fetch(context.network, url), context.network.resolver.txt(f"_{PREFIX}.{domain.ascii}")
    )
    if isinstance(fetched, Failure):
        return SourceReport(Source.PACC, outcome_of(fetched), url=url, detail=explain(fetched))
    if not fetched.body.strip() or is_web_page(fetched.body, fetched.content_type):
        detail = _("{host} answers with a web page, not with settings.").format(host=host_of(fetched.url))
        return SourceReport(Source.PACC, Outcome.NOTHING, url=url, detail=detail)
    refused = _refusal(fetched, records, domain)
    return _read(context, fetched, url) if refused is None else refused


def pacc_url(domain: Domain) -> str:
    """Where the document of ``domain`` is."""
    return f"https://{PREFIX}.{domain.ascii}/.well-known/user-agent-configuration.json"


def _refusal(fetched: Fetched, records: Answer[bytes] | Failure, domain: Domain) -> SourceReport | None:
    """Why the document does not count; None where it has the digest that the domain publishes."""
    name = f"_{PREFIX}.{domain.ascii}"
    url = dns_url(name, "TXT")
    if isinstance(records, Failure):
        return SourceReport(Source.PACC, outcome_of(records), url=url, detail=explain(records))
    from wizard.programs.pacc import digest_matches, published_digests

    digests = published_digests(records.records)
    if not digests:
        detail = _("There is a document, but {name} has no digest of it; it was not read.").format(name=name)
        return SourceReport(Source.PACC, Outcome.REFUSED, url=url, detail=detail)
    if not digest_matches(fetched.body, digests):
        detail = _("The document is not the one whose digest is published at {name}; it was not read.").format(
            name=name
        )
        return SourceReport(Source.PACC, Outcome.REFUSED, url=url, detail=detail)
    return None


def _read(context: Context, fetched: Fetched, url: str) -> SourceReport:
    from wizard.programs.pacc import read_pacc

    host = host_of(fetched.url)
    try:
        read = read_pacc(fetched.body, host, context.address)
    except Problem as problem:
        return SourceReport(Source.PACC, Outcome.MALFORMED, url=url, detail=str(problem))
    domain = context.address.domain
    strangers = [
        hop for hop in map(host_of, fetched.hops) if hop != host_of(url) and not same_registrable(hop, domain.ascii)
    ]
    trust = Trust.UNAUTHENTICATED if strangers else Trust.AUTHENTICATED
    found: tuple[IncomingServer | OutgoingServer, ...] = (*read.account.incoming, *read.account.outgoing)
    sentences = [_("Settings of “{name}”.").format(name=read.provider_name)] if found and read.provider_name else []
    if strangers:
        sentences.append(
            _("{host} redirects to another domain: {places}.").format(
                host=host_of(url), places=registrable_names(strangers)
            )
        )
    sentences += [_("Left out: {reason}").format(reason=reason) for reason in read.account.skipped]
    if not found and not read.account.skipped:
        sentences.append(_("The document at {host} names no mail servers.").format(host=host))
    servers = tuple(FoundServer(server, Evidence(Source.PACC, trust, fetched.url)) for server in found)
    nothing = Outcome.MALFORMED if read.account.skipped else Outcome.NOTHING
    return SourceReport(
        Source.PACC,
        Outcome.FOUND if found else nothing,
        url=url,
        detail=" ".join(sentences) or endpoints(servers),
        servers=servers,
        needs_consent=(consent_to_redirect(host_of(url), strangers, domain),) if found and strangers else (),
    )


def _first_question(context: Context) -> str:
    return pacc_url(context.address.domain)


SPEC = SourceSpec(
    source=Source.PACC,
    name="PACC",
    origin=mark("published by the provider (PACC)"),
    trust=Trust.AUTHENTICATED,
    find=find,
    first_question=_first_question,
)
