"""What is doubtful about a finding, and what a person must agree to before it is used. How they are asked is not here.

Source: RFC 6186 section 6 and draft-ietf-mailmaint-autoconfig (security considerations): where nothing proves that
servers outside the domain of an address are its servers, their second-level domain is shown in full and confirmed.
Punycode stands beside Unicode, for letters can look alike. The codes are listed in docs/consent.md.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

from wizard.discovery.registry import spec_of
from wizard.language import translate as _
from wizard.model.address import Domain
from wizard.model.discovery import Outcome, Source, Trust
from wizard.model.problems import Notice
from wizard.model.servers import Protocol, SocketType

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from wizard.model.discovery import DiscoveryReport, FoundServer, SourceReport
    from wizard.model.provider import Provider

FOREIGN_DOMAIN, GUESS, PLAINTEXT, PAID_PLAN = "foreign_domain", "guess", "plaintext", "paid_plan"
CONSENT_CODES = (FOREIGN_DOMAIN, GUESS, PLAINTEXT, PAID_PLAN)
"""What may need consent; the codes of docs/consent.md."""


def is_foreign(found: FoundServer, domain: Domain) -> bool:
    """Whether ``found`` leads out of ``domain`` and nobody who can be trusted said so."""
    if found.evidence.trust is Trust.AUTHENTICATED or spec_of(found.evidence.source).local:
        return False
    from wizard.net.domains import same_registrable

    return not same_registrable(found.server.hostname, domain.ascii)


def is_own_host(host: str, domain: Domain) -> bool:
    """Whether ``host`` and ``domain`` are in the same hands; below a public suffix every name has another owner."""
    from wizard.net.domains import same_registrable

    return host == domain.ascii or same_registrable(host, domain.ascii)


def registrable_names(hosts: Iterable[str]) -> str:
    """The registrable domains of ``hosts``, each once and in full."""
    from wizard.net.domains import registrable

    return ", ".join(dict.fromkeys(Domain(registrable(host) or host).shown for host in hosts))


# What a source itself asks about, with its reason


def consent_to_redirect(host: str, strangers: Iterable[str], domain: Domain) -> Notice:
    """The question about settings that come from ``strangers`` because ``host`` redirects there."""
    text = _(
        "The settings for {domain} come from {places}, because {host} redirects there. Is that where your mail is kept?"
    )
    places = registrable_names(strangers)
    return Notice(FOREIGN_DOMAIN, text.format(domain=domain.shown, places=places, host=host))


def consent_to_referral(target: str, domain: Domain) -> Notice:
    """The question about settings that were not read, because they are said to be at ``target``."""
    text = _("The settings for {domain} are said to be at {places}. Is that where your mail is kept?")
    return Notice(FOREIGN_DOMAIN, text.format(domain=domain.shown, places=registrable_names([target])))


def consent_to_hosts(hosts: Iterable[str], domain: Domain, reason: str) -> Notice:
    """The question about servers at ``hosts`` that are offered for the sentence ``reason``."""
    question = _("Is your mail for {domain} kept at {places}?")
    text = question.format(domain=domain.shown, places=registrable_names(hosts))
    return Notice(FOREIGN_DOMAIN, f"{reason} {text}")


# What the servers that were chosen need


def needed_consent(
    chosen: Sequence[FoundServer], domain: Domain, reports: Sequence[SourceReport]
) -> tuple[Notice, ...]:
    """What must be agreed to; a foreign domain about which a source itself asks, with its reason, is asked once.

    A guess at a company whose other servers the domain itself named is a guess, and leads to no stranger.
    """
    asked = tuple(dict.fromkeys(_asked_by_sources(reports, chosen)))
    texts = " ".join(notice.text for notice in asked)
    foreign = [
        found
        for found in chosen
        if is_foreign(found, domain)
        and registrable_names([found.server.hostname]) not in texts
        and not _is_beside_named(found, chosen)
    ]
    return tuple(dict.fromkeys((*_consent(chosen, foreign=foreign, domain=domain), *asked)))


def _is_beside_named(found: FoundServer, others: Sequence[FoundServer]) -> bool:
    """Whether ``found`` is a guess at a company of which one of ``others`` was named by a word that is protected."""
    from wizard.net.domains import same_registrable

    hosts = (other.server.hostname for other in others if other.evidence.trust is Trust.AUTHENTICATED)
    return found.evidence.trust is Trust.GUESSED and any(
        same_registrable(found.server.hostname, host) for host in hosts
    )


def _asked_by_sources(reports: Sequence[SourceReport], chosen: Sequence[FoundServer]) -> Iterator[Notice]:
    """What a source itself wants agreed to: where its servers are used and nobody surer named them, too, or where it is
    all there is.
    """
    used = {found.evidence.source for found in chosen if found.evidence.trust is not Trust.AUTHENTICATED}
    for report in reports:
        if report.source in used or (not chosen and report.outcome is Outcome.REFUSED):
            yield from report.needs_consent


def _consent(chosen: Sequence[FoundServer], *, foreign: Sequence[FoundServer], domain: Domain) -> Iterator[Notice]:
    """One question for each kind of doubt about the servers that were ``chosen``.

    ``foreign``: those of them that lie outside ``domain`` and that no source asks about itself.
    """
    guessed = [found for found in chosen if found.evidence.trust is Trust.GUESSED]
    plain = [found for found in chosen if found.server.socket_type is SocketType.PLAIN]
    if guessed:
        text = _("These servers are a guess; compare them with what your provider says: {servers}.")
        if len(guessed) == 1:
            text = _("This server is a guess; compare it with what your provider says: {servers}.")
        text = text.format(servers=listed(guessed))
        yield Notice(GUESS, " ".join(part for part in (text, apart(chosen)) if part))
    if foreign:
        text = _(
            "The servers for {domain} are at {places}, and nothing proves that this is true: somebody who controls the "
            "network could have said so. Is that where your mail is kept?"
        )
        yield Notice(
            FOREIGN_DOMAIN,
            text.format(domain=domain.shown, places=registrable_names(found.server.hostname for found in foreign)),
        )
    if plain:
        yield unencrypted(plain)


def apart(servers: Sequence[FoundServer]) -> str:
    """That mail would be read at one company and sent at another, where a guess among ``servers`` makes it so; "" where
    both are under one domain or on one machine.
    """
    from wizard.net.domains import registrable

    halves = [
        [found for found in servers if (found.server.protocol is Protocol.SMTP) is sending] for sending in (False, True)
    ]
    names = [{registrable(found.server.hostname) or found.server.hostname for found in half} for half in halves]
    machines = [frozenset[str]().union(*(found.machine.addresses for found in half)) for half in halves]
    together = not all(halves) or names[0] & names[1] or machines[0] & machines[1]
    if together or not any(found.evidence.trust is Trust.GUESSED for found in servers):
        return ""
    reading, sending = (registrable_names(found.server.hostname for found in half) for half in halves)
    return _(
        "Mail would be received at {reading} and sent at {sending}: these are usually two different companies, and one "
        "password rarely works at both."
    ).format(reading=reading, sending=sending)


def unencrypted(servers: Sequence[FoundServer]) -> Notice:
    """That nothing is encrypted on the way to ``servers``."""
    text = _("The connection to {servers} is not encrypted: others can read your password and your mail.")
    return Notice(PLAINTEXT, text.format(servers=listed(servers)))


def paid_plan(provider: Provider | None, servers: Sequence[FoundServer]) -> Iterator[Notice]:
    """The question about those of ``servers`` that work in paid plans of ``provider`` only."""
    paid = _paid(provider, servers)
    if provider is not None and paid:
        protocols = ", ".join(dict.fromkeys(found.server.protocol.value.upper() for found in paid))
        text = _("At {name}, {protocols} works in paid plans only: do you have one?")
        yield Notice(PAID_PLAN, text.format(name=provider.name, protocols=protocols))


def _paid(provider: Provider | None, servers: Sequence[FoundServer]) -> list[FoundServer]:
    if provider is None or not provider.facts:
        return []
    from wizard.model.provider_facts import PaidOnly

    fact = provider.known(PaidOnly)
    return [] if fact is None else [found for found in servers if found.server.protocol in fact.protocols]


def listed(servers: Sequence[FoundServer]) -> str:
    """Servers in a sentence: protocol, host and port."""
    return ", ".join(
        f"{found.server.protocol.value.upper()} {found.server.hostname} {found.server.port}" for found in servers
    )


# What one account needs


def unread_settings(report: DiscoveryReport, accepted: Collection[str]) -> list[Notice]:
    """The questions about settings elsewhere that were not read because nobody agreed to it; they are all there is."""
    if report.imap is not None or report.pop3 is not None or report.smtp is not None:
        return []
    return [notice for notice in report.needs_consent if notice.code == FOREIGN_DOMAIN and notice.code not in accepted]


def consent_for_account(report: DiscoveryReport, protocol: Protocol, accepted: Sequence[str]) -> list[Notice]:
    """What needs consent for an account with ``protocol``, naming only the servers that it uses, and of guesses those
    that files would name beside them.

    Doubt about another server needs none, nor does a server that the user typed. ``accepted``: codes agreed to before.
    """
    used = list(
        dict.fromkeys((*doubtful_servers(report, protocol, ""), *doubtful_servers(report, protocol, PLAINTEXT)))
    )
    guesses = [found for found in _in_files(report, protocol) if found.evidence.trust is Trust.GUESSED]
    used += [found for found in guesses if found.evidence.source is not Source.USER and found not in used]
    # What was said about all servers is said again about those that are used; a source's own question stays as it is.
    again = {notice.code: notice for notice in _consent(used, foreign=(), domain=report.address.domain)}
    again |= {
        notice.code: notice for notice in paid_plan(report.provider, doubtful_servers(report, protocol, PAID_PLAN))
    }
    return [
        again.get(notice.code, notice)
        for notice in report.needs_consent
        if notice.code not in accepted and doubtful_servers(report, protocol, notice.code)
    ]


def _in_files(report: DiscoveryReport, protocol: Protocol) -> list[FoundServer]:
    """The servers beside those of an account with ``protocol`` that its files name, once it was agreed to."""
    agreed = agreed_report(report, protocol)
    return [found for found in (agreed.imap, agreed.pop3, *agreed.alternatives) if found is not None]


def _is_typed(found: FoundServer) -> bool:
    """Whether the person typed ``found``; a server that was read from a file has its name as evidence."""
    return found.evidence.source is Source.USER and found.evidence.url is None


def doubtful_servers(report: DiscoveryReport, protocol: Protocol, code: str) -> list[FoundServer]:
    """The servers of an account with ``protocol`` that the consent ``code`` is about; not those that were typed.

    What a file says was typed by nobody, but neither is it a guess, or the word of a network.
    """
    used = [found for found in (report.best(protocol), report.smtp) if found is not None]
    if code == PLAINTEXT:
        return [found for found in used if not found.server.secure and not _is_typed(found)]
    found_by_us = [found for found in used if found.evidence.source is not Source.USER]
    if code == GUESS:
        return [found for found in found_by_us if found.evidence.trust is Trust.GUESSED]
    if code == PAID_PLAN:
        return _paid(report.provider, found_by_us)
    if code == FOREIGN_DOMAIN:
        return [found for found in found_by_us if found.evidence.trust is not Trust.AUTHENTICATED]
    return found_by_us


# What is agreed to beside the servers of an account


def agreed_report(report: DiscoveryReport, protocol: Protocol) -> DiscoveryReport:
    """``report`` with the servers that an account with ``protocol`` uses, and of the others those that are agreed to
    once these are: :func:`agreed_with`.
    """
    used = [found for found in (report.best(protocol), report.smtp) if found is not None]
    beside = agreed_with(used, report.address.domain, report.sources)

    def kept(found: FoundServer | None) -> FoundServer | None:
        return found if found is not None and (found in used or beside(found)) else None

    alternatives = tuple(found for found in report.alternatives if beside(found))
    return replace(report, imap=kept(report.imap), pop3=kept(report.pop3), alternatives=alternatives)


def agreed_with(
    used: Sequence[FoundServer], domain: Domain, reports: Sequence[SourceReport]
) -> Callable[[FoundServer], bool]:
    """Whether a further server may stand beside those that are ``used``: it needs no consent, or what had to be asked
    about these names it, too. A server without encryption never stands beside one that has it.

    Consent was for what was asked about, and not for whatever else there is.
    """
    asking = {report.source for report in reports if report.needs_consent}
    named = [found for report in reports for found in report.servers]
    asked = frozenset(
        question
        for found in used
        for question in _questions(found, domain, asking)
        if question[0] != FOREIGN_DOMAIN or not _is_beside_named(found, named)
    )
    places = {_place(found) for found in used}
    encrypting = any(found.server.secure for found in used)

    def agreed(found: FoundServer) -> bool:
        if encrypting and not found.server.secure:
            return False
        return _place(found) in places or _questions(found, domain, asking) <= asked

    return agreed


def _questions(found: FoundServer, domain: Domain, asking: Collection[Source]) -> frozenset[tuple[str, str]]:
    """What must be agreed to before ``found`` is used: each code, with what the question names."""
    server, trust, source = found.server, found.evidence.trust, found.evidence.source
    questions = set()
    if not server.secure:
        questions.add((PLAINTEXT, str(server.hostname)))
    if source is not Source.USER and trust is Trust.GUESSED:
        questions.add((GUESS, str(server.hostname)))
    if is_foreign(found, domain):
        questions.add((FOREIGN_DOMAIN, registrable_names([server.hostname])))
    if source in asking and trust is not Trust.AUTHENTICATED:
        questions.add((FOREIGN_DOMAIN, source.value))
    return frozenset(questions)


def _place(found: FoundServer) -> tuple[object, ...]:
    return found.server.protocol, *_endpoint(found)


# Where sources contradict each other: both values are shown, and what the live servers said decides


def disagreements(reports: Sequence[SourceReport], chosen: Sequence[FoundServer]) -> Iterator[Notice]:
    """A notice for each protocol of which sources name different servers, or servers that do not answer."""
    for protocol in Protocol:
        taken = next((found for found in chosen if found.server.protocol is protocol), None)
        yield from _about_servers(protocol, reports, taken)
        yield from _about_usernames(protocol, reports)
        if taken is not None and taken.verified is False:
            yield Notice("not_answering", taken.trouble)


def _about_servers(protocol: Protocol, reports: Sequence[SourceReport], taken: FoundServer | None) -> Iterator[Notice]:
    named = {report.source: _servers_of(report, protocol) for report in reports if _can_contradict(report.source)}
    named = {source: servers for source, servers in named.items() if servers}
    if taken is not None and spec_of(taken.evidence.source).trust is Trust.GUESSED:
        named[taken.evidence.source] = [taken]
    sets = [{_endpoint(found) for found in servers} for servers in named.values()]
    apart = any(not left & right for left, right in combinations(sets, 2))
    if taken is None or not apart:
        return
    values = "; ".join(f"{_(spec_of(source).name)}: {_with_state(servers)}" for source, servers in named.items())
    yield Notice(
        "sources_disagree",
        _("The sources disagree about {protocol}: {values}. Chosen: {host} {port}.").format(
            protocol=protocol.value.upper(), values=values, host=taken.server.hostname, port=taken.server.port
        ),
    )


def _about_usernames(protocol: Protocol, reports: Sequence[SourceReport]) -> Iterator[Notice]:
    """One server, two user names: only a log-in shows which is right."""
    names: dict[tuple[object, ...], dict[str, Source]] = {}
    for report in reports:
        if not _can_contradict(report.source) or spec_of(report.source).conventional:
            continue
        first: dict[tuple[object, ...], str] = {}
        for found in _servers_of(report, protocol):
            first.setdefault(_endpoint(found), found.server.username)  # the others are its alternatives
        for endpoint, name in first.items():
            names.setdefault(endpoint, {}).setdefault(name, report.source)
    for by_name in names.values():
        if len(by_name) > 1:
            values = "; ".join(f"{_(spec_of(source).name)}: {name}" for name, source in by_name.items())
            text = _("The sources disagree about the user name: {values}. If logging in fails, try the other one.")
            yield Notice("usernames_disagree", text.format(values=values))
            return


def _can_contradict(source: Source) -> bool:
    """A guess contradicts nothing, and what the user typed is meant to."""
    spec = spec_of(source)
    return spec.find is not None and spec.trust is not Trust.GUESSED


def _servers_of(report: SourceReport, protocol: Protocol) -> list[FoundServer]:
    return [found for found in report.servers if found.server.protocol is protocol and found.server.secure]


def _with_state(servers: Sequence[FoundServer]) -> str:
    """The one of a source's servers that stands for it, what answered or else what it names first, and its state."""
    found = next((found for found in servers if found.verified is True), servers[0])
    state = {True: _("answers"), False: _("does not answer as it should"), None: _("not tried")}[found.verified]
    return f"{found.server.hostname} {found.server.port} ({state})"


def _endpoint(found: FoundServer) -> tuple[object, ...]:
    server = found.server
    return server.hostname, server.port, server.socket_type
