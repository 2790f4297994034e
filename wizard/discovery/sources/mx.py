"""The provider behind the MX records: hosts that take a domain's mail lead to whoever keeps it.

What is known of that provider is looked for in the catalogue, in the ISPDB, and on its own autoconfig host, which is
not told the address: it may belong to a stranger.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wizard.discovery.catalogue import find_by_mx
from wizard.discovery.published import ask_for_file
from wizard.discovery.sources.ispdb import ask_ispdb
from wizard.discovery.urls import autoconfig_url, dns_url
from wizard.discovery.winner import first_found
from wizard.discovery.wording import explain, outcome_of
from wizard.language import translate as _
from wizard.model.address import AddressProblem, Domain, parse_domain
from wizard.model.discovery import Evidence, FoundServer, Outcome, Source, SourceReport, Trust
from wizard.model.notice import Notice
from wizard.net.failures import Failure

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence

    from wizard.discovery.look import Look
    from wizard.model.provider import FactSource, Provider
    from wizard.model.servers import IncomingServer, OutgoingServer
    from wizard.net.dns import Answer, MxRecord

HOSTS = 10
"""MX hosts that are looked at, the most preferred first."""

PROVIDERS = 3
"""Domains of providers that are asked about."""


async def find(look: Look) -> SourceReport:
    """What is known of the provider that takes the mail of the domain."""
    domain = look.address.domain
    url = dns_url(domain.ascii, "MX")
    answer = await look.network.resolver.mx(domain.ascii)
    if isinstance(answer, Failure):
        return SourceReport(Source.MX, outcome_of(answer), url=url, detail=explain(answer))
    hosts = mail_hosts(answer)
    domains = provider_domains(hosts, domain)
    if not domains:
        why = _why_nothing(answer, hosts, domain)
        return SourceReport(Source.MX, Outcome.NOTHING, url=url, detail=why, warnings=_warnings(answer, domain))
    trust = Trust.AUTHENTICATED if answer.secure else Trust.UNAUTHENTICATED
    provider, host = _known(hosts, look)
    if provider is not None and (provider.config.incoming or provider.offers == "neither"):
        return _from_catalogue(look, provider, host, trust)
    return replace(await _asked(look, hosts[0], domains, trust), provider=provider, url=url)


def mail_hosts(answer: Answer[MxRecord]) -> tuple[str, ...]:
    """The hosts of MX records, the most preferred first, at most :data:`HOSTS`. A null MX (RFC 7505) has none."""
    ranked = sorted(answer.records, key=lambda one: (one.preference, one.host))
    return tuple(dict.fromkeys(one.host for one in ranked if one.host))[:HOSTS]


def provider_domains(hosts: Sequence[str], domain: Domain) -> tuple[Domain, ...]:
    """The domains of the providers that ``hosts`` belong to, best host first, at most :data:`PROVIDERS`.

    For each host: its name without the first label, where that is longer than the registrable domain, then the
    registrable domain. None where the best host is the domain's own: whoever stands behind it is not known from this.
    """
    from wizard.net.domains import registrable

    found: dict[Domain, None] = {}
    for at, host in enumerate(hosts):
        base = registrable(host)
        if base == domain.ascii:
            if at == 0:
                return ()
            continue
        if base is None:
            continue
        longer = host.partition(".")[2]
        for name in (longer, base):
            parsed = _domain(name)
            if len(name) >= len(base) and parsed is not None and parsed != domain:
                found[parsed] = None
    return tuple(found)[:PROVIDERS]


def _domain(name: str) -> Domain | None:
    try:
        return parse_domain(name)
    except AddressProblem:
        return None


def _why_nothing(answer: Answer[MxRecord], hosts: Sequence[str], domain: Domain) -> str:
    if hosts:
        return _("The domain takes its mail itself, at {host}.").format(host=hosts[0])
    if answer.records:
        return _("This domain takes no mail: its MX record says so.")
    if not answer.exists:
        return _("The domain {domain} does not exist in the DNS.").format(domain=domain.shown)
    return _("The domain has no MX records.")


def _warnings(answer: Answer[MxRecord], domain: Domain) -> tuple[Notice, ...]:
    """What a person should know who gave an address of ``domain``: no mail can reach it."""
    if not answer.exists:
        text = _("The domain {domain} does not exist: is the address spelt right?").format(domain=domain.shown)
        return (Notice("no_such_domain", text),)
    if answer.records and not mail_hosts(answer):  # RFC 7505
        text = _("The domain {domain} says that it takes no mail at all: is the address spelt right?")
        return (Notice("takes_no_mail", text.format(domain=domain.shown)),)
    return ()


def _known(hosts: Sequence[str], look: Look) -> tuple[Provider | None, str]:
    """The provider of the catalogue that the first known host belongs to, and that host."""
    for host in hosts:
        provider = find_by_mx(host, own=look.options.templates)
        if provider is not None:
            return provider, host
    return None, ""


def _from_catalogue(look: Look, provider: Provider, host: str, trust: Trust) -> SourceReport:
    belongs = _mx_source(provider, host)
    servers: tuple[IncomingServer | OutgoingServer, ...] = (*provider.config.incoming, *provider.config.outgoing)
    return SourceReport(
        Source.MX,
        Outcome.FOUND,
        url=dns_url(look.address.domain.ascii, "MX"),
        detail=_("The mail goes to {host}, which is {name}.").format(host=host, name=provider.name),
        servers=tuple(
            FoundServer(one.filled(look.address), Evidence(Source.MX, _trust(trust, source, belongs), source.url))
            for one, source in zip(servers, provider.server_sources, strict=True)
        ),
        provider=provider,
    )


def _mx_source(provider: Provider, host: str) -> FactSource:
    """Where it was read that hosts like ``host`` are this provider's."""
    fits = [at for at, one in enumerate(provider.mx_suffixes) if host == one or host.endswith("." + one)]
    return provider.mx_sources[max(fits, key=lambda at: len(provider.mx_suffixes[at]))]


def _trust(trust: Trust, *facts: FactSource) -> Trust:
    return Trust.GUESSED if any(one.confidence == "unverified" for one in facts) else trust


async def _asked(look: Look, host: str, domains: Sequence[Domain], trust: Trust) -> SourceReport:
    """The best answer about ``domains``: of each the ISPDB's, then its own."""
    asked: list[Coroutine[None, None, SourceReport]] = []
    for domain in domains:
        if look.options.ispdb:
            asked.append(ask_ispdb(look, domain, source=Source.MX, trust=trust))
        url = autoconfig_url(domain)
        asked.append(ask_for_file(look, Source.MX, url, about=domain, home=domain.ascii, trust=trust))
    reports = [one for one in await first_found(asked) if one is not None]
    begin = _("The mail goes to {host}.").format(host=host)
    found = next((one for one in reports if one.outcome is Outcome.FOUND), None)
    if found is not None:
        return replace(found, detail=f"{begin} {found.detail}")
    # Nothing of any; if one of them could not be asked, that is what has to be said.
    failed = next((one for one in reports if one.outcome is not Outcome.NOTHING), None)
    if failed is not None:
        return replace(failed, detail=f"{begin} {failed.detail}")
    names = ", ".join(one.shown for one in domains)
    nothing = _("Nothing is published for {domains}.").format(domains=names)
    return SourceReport(Source.MX, Outcome.NOTHING, detail=f"{begin} {nothing}")
