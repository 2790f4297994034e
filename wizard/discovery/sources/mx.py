"""The provider behind the MX records: hosts that receive a domain's mail lead to the provider of its mailboxes.

What is known of that provider is looked for in the catalogue, in the ISPDB, and on its own hosts, which are not told
the address: they may belong to a stranger. Where nothing is known, the hosts may be those of a mail filter: then a
provider of the catalogue that may send for the domain (SPF) is a guess.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING

from wizard.discovery.catalogue import find_by_mx, find_provider
from wizard.discovery.config_file import OtherQuestion, fetch_config, invented_address
from wizard.discovery.consent import consent_to_hosts, is_own_host
from wizard.discovery.source import SourceSpec, first_by_priority
from wizard.discovery.sources.autoconfig import autoconfig_url
from wizard.discovery.sources.catalogue import servers_of
from wizard.discovery.sources.ispdb import ask_ispdb
from wizard.discovery.sources.well_known import well_known_url
from wizard.discovery.spf import providers_by_spf
from wizard.discovery.wording import explain, outcome_of
from wizard.language import mark
from wizard.language import translate as _
from wizard.model.address import AddressProblem, Domain, parse_domain
from wizard.model.discovery import Evidence, Outcome, Source, SourceReport, Trust
from wizard.model.problems import Notice
from wizard.model.servers import Protocol
from wizard.net.failures import Failure
from wizard.net.urls import dns_url

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from wizard.discovery.context import Context
    from wizard.model.address import EmailAddress
    from wizard.model.provider import FactSource, Provider
    from wizard.net.dns import Answer, MxRecord

HOSTS = 10
"""MX hosts that are looked at, the most preferred first."""

DOMAINS = 2
"""Of these, those whose usual names are tried before SPF counts: of the most preferred host."""

PROVIDERS = 3
"""Domains of providers that are asked about."""

SILENCE = 2.5
"""Seconds for which what a provider publishes is waited for before a guess is made."""

PATIENCE = 1.0
"""Seconds of these for which other sources, which may know better, are waited for when nothing was published."""


async def find(context: Context) -> SourceReport:
    """What is known of the provider that takes the mail of the domain."""
    domain = context.address.domain
    url = _question(context)
    answer = await context.network.resolver.mx(domain.ascii)
    if isinstance(answer, Failure):
        return SourceReport(Source.MX, outcome_of(answer), url=url, detail=explain(answer))
    if not answer.exists:
        from wizard.net.resolver_check import exists_by_address  # most domains exist

        if await exists_by_address(context.network, domain.ascii):
            answer = replace(answer, exists=True)
    hosts = mail_hosts(answer)
    if not hosts:
        why = _why_nothing(answer, domain)
        return SourceReport(Source.MX, Outcome.NOTHING, url=url, detail=why, warnings=_warnings(answer, context))
    if not is_own_host(hosts[0], domain):
        context.network.resolver.ask_ahead(hosts[0])  # it may be the machine that the domain calls its own
    domains = provider_domains(hosts, domain)
    trust = Trust.AUTHENTICATED if answer.secure else Trust.UNAUTHENTICATED
    provider, host = _known(hosts, context) if domains else (None, "")
    if provider is not None and (provider.config.incoming or provider.offers == "neither"):
        return replace(_from_catalogue(context, provider, host, trust), mail_hosts=hosts)
    begun = SourceReport(Source.MX, Outcome.CANCELLED, url=url, provider=provider, mail_hosts=hosts)
    context.findings.publish(begun)  # whom the mail is delivered to decides whether others have to be waited for
    published = asyncio.create_task(_published(context, hosts, domains, trust))
    behind = asyncio.create_task(providers_by_spf(context))  # beside what else is asked, so that it costs no time
    try:
        until = monotonic() + SILENCE
        await asyncio.wait((published,), timeout=SILENCE)
        guess = None
        if provider is None and not (published.done() and published.result().outcome is Outcome.FOUND):
            guess = await _behind_a_filter(context, behind, hosts[0], domains, min(until - monotonic(), PATIENCE))
        return replace(guess or replace(await published, provider=provider, url=url), mail_hosts=hosts)
    finally:
        published.cancel()
        behind.cancel()
        await asyncio.gather(published, behind, return_exceptions=True)


def mail_hosts(answer: Answer[MxRecord]) -> tuple[str, ...]:
    """The hosts of MX records, the most preferred first, at most :data:`HOSTS`. A null MX (RFC 7505) has none."""
    ranked = sorted(answer.records, key=lambda record: (record.preference, record.host))
    return tuple(dict.fromkeys(record.host for record in ranked if record.host))[:HOSTS]


def provider_domains(hosts: Sequence[str], domain: Domain) -> tuple[Domain, ...]:
    """The domains of the providers that ``hosts`` belong to, best host first, at most :data:`PROVIDERS`.

    For each host: its name without the first label, where that is longer than the registrable domain, then the
    registrable domain. None where the best host is the domain's own: this does not show who operates it.
    """
    from wizard.net.domains import registrable

    found: dict[Domain, None] = {}
    for position, host in enumerate(hosts):
        base = registrable(host)
        if base == domain.ascii:
            if position == 0:
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


def _why_nothing(answer: Answer[MxRecord], domain: Domain) -> str:
    if answer.records:
        return _("This domain accepts no mail: its MX record says so.")
    if not answer.exists:
        return _("The domain {domain} does not exist in the DNS.").format(domain=domain.shown)
    return _("The domain has no MX records.")


def _warnings(answer: Answer[MxRecord], context: Context) -> tuple[Notice, ...]:
    """What a person should know who gave an address of such a domain: no mail can reach it."""
    domain = context.address.domain
    if not answer.exists:
        text = _("The domain {domain} does not exist: is the address spelled correctly?")
        if find_provider(domain, own=context.options.templates) is not None:
            text = _("The domain {domain} is in the catalogue, but no longer exists: no mail can reach it.")
        return (Notice("no_such_domain", text.format(domain=domain.shown)),)
    if answer.records and not mail_hosts(answer):  # RFC 7505
        text = _("The domain {domain} says that it accepts no mail: is the address spelled correctly?")
        return (Notice("takes_no_mail", text.format(domain=domain.shown)),)
    return ()


def _known(hosts: Sequence[str], context: Context) -> tuple[Provider | None, str]:
    """The provider of the catalogue that the first known host belongs to, and that host."""
    for host in hosts:
        provider = find_by_mx(host, own=context.options.templates)
        if provider is not None:
            return provider, host
    return None, ""


def _from_catalogue(context: Context, provider: Provider, host: str, trust: Trust) -> SourceReport:
    return SourceReport(
        Source.MX,
        Outcome.FOUND,
        url=_question(context),
        detail=_("The mail goes to {host} ({name}).").format(host=host, name=provider.name),
        servers=servers_of(provider, context.address, Source.MX, trust, _mx_source(provider, host)),
        provider=provider,
    )


def _mx_source(provider: Provider, host: str) -> FactSource:
    """Where it was read that hosts like ``host`` are this provider's."""
    fits = [
        position
        for position, suffix in enumerate(provider.mx_suffixes)
        if host == suffix or host.endswith("." + suffix)
    ]
    return provider.mx_sources[max(fits, key=lambda position: len(provider.mx_suffixes[position]))]


async def _published(context: Context, hosts: Sequence[str], domains: Sequence[Domain], trust: Trust) -> SourceReport:
    """What is published for the providers with these ``domains``, of which there may be none."""
    if domains:
        return await _ask(context, hosts[0], domains, trust)
    detail = _("The domain receives its own mail, at {host}.").format(host=hosts[0])
    return SourceReport(Source.MX, Outcome.NOTHING, detail=detail)


async def _behind_a_filter(
    context: Context,
    providers: asyncio.Task[tuple[Provider, ...]],
    host: str,
    domains: Sequence[Domain],
    patience: float,
) -> SourceReport | None:
    """The servers of a provider that may send for the domain, where no others are known; ``host`` takes the mail, and
    its owner has ``domains``. Who takes mail and shows servers to read it with is a provider, and no filter.

    ``patience``: seconds for which others are waited for, which may know better.
    """
    await asyncio.wait((providers,), timeout=max(0.0, patience))
    if not providers.done() or not providers.result():
        return None
    receive = await asyncio.gather(_receives_elsewhere(context, patience), _has_mailboxes(context, domains, patience))
    return None if any(receive) else _guess(context, providers.result(), host)


async def _has_mailboxes(context: Context, domains: Sequence[Domain], patience: float) -> bool:
    """Whether a server for reading answers at a usual name of those who take the mail, with a valid certificate."""
    from wizard.discovery.guesses import provider_guesses
    from wizard.net.mail import Endpoint

    async def answers(endpoint: Endpoint) -> bool:
        found = await context.network.resolver.addresses(endpoint.host)
        if isinstance(found, Failure) or not found.records:
            return False
        return not isinstance(await context.connections.connect(endpoint), Failure)

    tasks = [
        asyncio.create_task(answers(Endpoint(guess.protocol, guess.host, guess.port, guess.socket_type)))
        for guess in provider_guesses(domains[:DOMAINS])
        if guess.protocol is not Protocol.SMTP
    ]
    try:
        with suppress(TimeoutError):
            for ended in asyncio.as_completed(tasks, timeout=max(0.0, patience)):
                if await ended:
                    return True
        return False
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _receives_elsewhere(context: Context, patience: float) -> bool:
    """Whether another source knows a server for receiving that answers; who is slower does not count."""
    findings = context.findings

    def answers() -> list[bool | None]:
        """True for a source with a server that does, False for one without, None where that will be seen."""
        others = [report for source, report in findings.reports.items() if source is not Source.MX]
        silent = findings.pending - {Source.MX, *findings.reports}
        return [*map(_receives, others), *(None for _source in silent)]

    with suppress(TimeoutError):
        async with asyncio.timeout(patience):
            while True not in answers() and None in answers():
                await findings.changed()
    return True in answers()


def _receives(report: SourceReport) -> bool | None:
    seen = {
        found.verified for found in report.servers if found.server.protocol is not Protocol.SMTP and found.server.secure
    }
    return True if True in seen else None if None in seen else False


def _guess(context: Context, providers: Sequence[Provider], host: str) -> SourceReport:
    """The servers of the first of ``providers`` as a guess: ``host`` only takes the mail, the others may send it."""
    domain, first = context.address.domain, providers[0]
    if len(providers) == 1:
        reason = _(
            "The mail for {domain} passes through {host}. The SPF record of {domain} lets {name} send for it, so the "
            "mailboxes are probably there."
        )
    else:
        reason = _(
            "The mail for {domain} passes through {host}. The SPF record of {domain} lets several providers send for "
            "it, and does not say which of them keeps the mailboxes. {name} is only its first; it may as well be "
            "{others}."
        )
    others = ", ".join(provider.name for provider in providers[1:])
    reason = reason.format(domain=domain.shown, host=host, name=first.name, others=others)
    evidence = Evidence(Source.MX, Trust.GUESSED, dns_url(domain.ascii, "TXT"))
    listed = servers_of(first, context.address, Source.MX, Trust.GUESSED, first.source)
    servers = tuple(replace(found, evidence=evidence) for found in listed)
    hosts = [found.server.hostname for found in servers if not is_own_host(found.server.hostname, domain)]
    return SourceReport(
        Source.MX,
        Outcome.FOUND,
        url=evidence.url,
        detail=reason,
        servers=servers,
        provider=first,
        needs_consent=(consent_to_hosts(hosts, domain, reason),) if hosts else (),
    )


async def _ask(context: Context, host: str, domains: Sequence[Domain], trust: Trust) -> SourceReport:
    """The best answer about ``domains``: of each the ISPDB's, then that of its autoconfig host, then its web site's."""
    questions: list[Coroutine[None, None, SourceReport]] = []
    for domain in domains:
        if context.options.ispdb:
            questions.append(ask_ispdb(context, domain, source=Source.MX, trust=trust))
        questions += [_published_by(context, url_of, domain, trust) for url_of in (autoconfig_url, well_known_url)]
    reports = [report for report in await first_by_priority(questions) if report is not None]
    begin = _("The mail goes to {host}.").format(host=host)
    found = next((report for report in reports if report.outcome is Outcome.FOUND), None)
    if found is not None:
        return replace(found, detail=f"{begin} {found.detail}")
    # Nothing of any; if one of them could not be asked, that is what has to be said.
    failed = next((report for report in reports if report.outcome is not Outcome.NOTHING), None)
    if failed is not None:
        return replace(failed, detail=f"{begin} {failed.detail}")
    names = ", ".join(domain.shown for domain in domains)
    nothing = _("Nothing is published for {domains}.").format(domains=names)
    return SourceReport(Source.MX, Outcome.NOTHING, detail=f"{begin} {nothing}")


async def _published_by(
    context: Context, url_of: Callable[[Domain, EmailAddress | None], str], domain: Domain, trust: Trust
) -> SourceReport:
    """What the provider with ``domain`` publishes; many of their hosts answer only where an address is asked about.

    They get an invented address: at the domain of the person's address, whose mail they receive, then at their own.
    """
    invented = [invented_address(name) for name in (context.address.domain, domain)]
    return await fetch_config(
        context,
        Source.MX,
        url_of(domain, None),
        about=domain,
        home=domain.ascii,
        trust=trust,
        instead=[OtherQuestion(url_of(domain, address), address) for address in invented],
    )


def _question(context: Context) -> str:
    return dns_url(context.address.domain.ascii, "MX")


SPEC = SourceSpec(
    source=Source.MX,
    name=mark("mail delivery (MX)"),
    origin=mark("from the company that receives the domain's mail (MX)"),
    guess_origin=mark("named by the domain's SPF record"),
    trust=Trust.UNAUTHENTICATED,
    find=find,
    first_question=_question,
)
