"""One report from what every source said: the best server of each protocol, the others, and the warnings.

The codes of the warnings are listed in docs/catalogue.md and docs/discovery.md; what needs consent is in consent.py.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wizard.discovery.attempts import by_port, contradictions, contradictory_ports, is_doubtful
from wizard.discovery.consent import (
    PLAINTEXT,
    agreed_with,
    disagreements,
    listed,
    needed_consent,
    paid_plan,
    unencrypted,
)
from wizard.discovery.other_owners import other_owner_notices
from wizard.discovery.owners import delivered_to_closed, owners, rank, without_parent
from wizard.discovery.registry import spec_of
from wizard.language import translate as _
from wizard.model.discovery import NETWORK_CODES, NO_NETWORK, DiscoveryReport, Outcome, Source, SourceReport, Trust
from wizard.model.problems import Notice
from wizard.model.servers import Protocol, SocketType

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from wizard.discovery.context import LookUpOptions
    from wizard.discovery.owners import Owner
    from wizard.model.address import EmailAddress
    from wizard.model.discovery import FoundServer
    from wizard.model.provider import FactSource, Provider
    from wizard.model.servers import Server

_VERIFIED = (None, False, True)
"""What was seen of a server: the later values say more than the earlier ones."""


OTHER_USERNAMES = 4
"""User names of one server that are reported beside the first: few users would try more before asking for help."""

YEARS_FRESH = 2
"""Years after which a fact is reported as old: providers change servers about that often."""

DOUBTFUL_SETTINGS = ("user_id_not_address", "databases_disagree", "regional_servers")
"""Quirks that put in doubt whether the settings work for everybody: reported even where the quirk is confirmed."""


def merge_reports(
    address: EmailAddress, reports: Sequence[SourceReport], options: LookUpOptions, elapsed_ms: int, today: str
) -> DiscoveryReport:
    """The report for ``address``; ``reports`` by rank of their sources, ``today`` as an ISO date."""
    considered = without_parent(reports, address.domain)
    offered = list(_offered(considered))
    distinct = _named_like_published(_distinct(offered))
    ranked = sorted((*distinct, *_other_usernames(offered, distinct)), key=lambda found: rank(found, address.domain))
    usable = [found for found in ranked if found.server.secure or options.allow_insecure]
    merging = _Merging(address, reports, considered, ranked, elapsed_ms, today)
    found = owners(address.domain, considered, usable)
    closed = delivered_to_closed(considered, found)
    if closed is not None or not found:
        return merging.report(None, found, closed or merging.provider_of(None))
    report = merging.report(found[0], found[1:], merging.provider_of(found[0]))
    others = [owner for owner in found[1:] if owner.tier == 0]
    return replace(
        report,
        others=tuple(
            merging.report(owner, [other for other in found if other is not owner], owner.provider) for owner in others
        ),
    )


def report_of_file(address: EmailAddress, servers: Sequence[FoundServer], provider: Provider | None) -> DiscoveryReport:
    """What a file says, ``servers`` in its order, by the rules for what a look-up finds: the encrypted ones first, none
    without encryption beside them, and what needs consent.

    A server without encryption is in it where there is no other of its protocol: :func:`encrypted_only` takes it out.
    Nobody connects, so a security that contradicts the port of the server counts only after the usual one.
    """
    from wizard.discovery.context import LookUpOptions

    said = tuple(reading for found in servers for reading in by_port(found))
    reports = [SourceReport(Source.USER, Outcome.FOUND, servers=said)]
    report = merge_reports(address, reports, LookUpOptions(allow_insecure=True), 0, "")
    return replace(report, provider=provider, sources=(), warnings=(*contradictory_ports(servers), *report.warnings))


def report_of_document(report: DiscoveryReport) -> DiscoveryReport:
    """``report``, which anybody may have written as a document: what is said there of servers that nobody has looked at
    is understood as in any other file, and consent that a server without encryption needs is among the rest.
    """
    best = {kind: report.best(kind) for kind in Protocol}
    said = [found for found in best.values() if found is not None and found.evidence.source is Source.USER]
    readings = {found.server.protocol: by_port(found) for found in said}
    chosen = {kind: readings[kind][0] if kind in readings else found for kind, found in best.items()}
    second = tuple(found for reading in readings.values() for found in reading[1:] if found.server.secure)
    plain = [
        found for kind, found in chosen.items() if kind in readings and found is not None and not found.server.secure
    ]
    asked = any(notice.code == PLAINTEXT for notice in report.needs_consent)
    consent = () if asked or not plain else (unencrypted(plain),)
    return replace(
        report,
        imap=chosen[Protocol.IMAP],
        pop3=chosen[Protocol.POP3],
        smtp=chosen[Protocol.SMTP],
        alternatives=(*second, *report.alternatives),
        needs_consent=(*report.needs_consent, *consent),
        warnings=tuple(dict.fromkeys((*contradictory_ports(said), *report.warnings, *consent))),
    )


def encrypted_only(report: DiscoveryReport) -> DiscoveryReport:
    """``report`` without the servers that do not encrypt, and with a warning about what is missing then."""
    known = [found for found in (report.imap, report.pop3, report.smtp, *report.alternatives) if found is not None]
    if all(found.server.secure for found in known):
        return report
    secure = [found for found in known if found.server.secure]
    best = {kind: next((found for found in secure if found.server.protocol is kind), None) for kind in Protocol}
    chosen = [found for found in best.values() if found is not None]
    return replace(
        report,
        imap=best[Protocol.IMAP],
        pop3=best[Protocol.POP3],
        smtp=best[Protocol.SMTP],
        alternatives=tuple(found for found in secure if found not in chosen),
        needs_consent=tuple(notice for notice in report.needs_consent if notice.code != PLAINTEXT),
        warnings=(
            *(notice for notice in report.warnings if notice.code != PLAINTEXT),
            *_plaintext(known, chosen),
        ),
    )


@dataclass(frozen=True, slots=True)
class _Merging:
    """What the reports of one look-up have in common, for every owner. ``considered``: the reports that count."""

    address: EmailAddress
    reports: Sequence[SourceReport]
    considered: Sequence[SourceReport]
    ranked: Sequence[FoundServer]
    elapsed_ms: int
    today: str

    def report(self, owner: Owner | None, rest: Sequence[Owner], provider: Provider | None) -> DiscoveryReport:
        """The servers of ``owner`` alone, who is known as ``provider``, with what is told of the ``rest``."""
        domain, servers = self.address.domain, () if owner is None else owner.servers
        best = {kind: next((found for found in servers if found.server.protocol is kind), None) for kind in Protocol}
        chosen = [found for found in best.values() if found is not None]
        beside = agreed_with(chosen, domain, self.considered)
        alternatives = tuple(
            found
            for protocol in best
            for found in servers
            if found.server.protocol is protocol
            and found not in chosen
            and beside(found)
            # Beside a server that works, neither a contradictory pair nor a further guess is useful.
            and not ((is_doubtful(found) or found.evidence.trust is Trust.GUESSED) and _works(best[protocol]))
        )
        guesses = [found for found in alternatives if found.evidence.trust is Trust.GUESSED]
        return DiscoveryReport(
            address=self.address,
            elapsed_ms=self.elapsed_ms,
            provider=provider,
            imap=best[Protocol.IMAP],
            pop3=best[Protocol.POP3],
            smtp=best[Protocol.SMTP],
            alternatives=alternatives,
            needs_consent=(
                *needed_consent((*chosen, *guesses), domain, self.considered),
                *paid_plan(provider, chosen),
            ),
            warnings=self._warnings(owner, rest, chosen, provider),
            sources=tuple(self.reports),
        )

    def _warnings(
        self, owner: Owner | None, rest: Sequence[Owner], chosen: Sequence[FoundServer], provider: Provider | None
    ) -> tuple[Notice, ...]:
        ranked = self.ranked if owner is None else [found for found in self.ranked if owner.has(found)]
        notices = (
            *no_network(self.reports),
            *other_owner_notices(self.address.domain, self.considered, provider, (owner, *rest)),
            *disagreements(self.considered, chosen),
            *contradictions(self.considered, lambda found: owner is None or owner.has(found)),
            *warnings(self.address, provider, ranked, chosen, today=self.today),
            *(notice for report in self.reports for notice in report.warnings),
        )
        return tuple(dict.fromkeys(notices))

    def provider_of(self, owner: Owner | None) -> Provider | None:
        """The provider whose servers are used. What the catalogue has for the domain itself stays where it names none,
        or where others are used only because its own do not answer.
        """
        if owner is not None and owner.provider is not None:
            return owner.provider
        for report in self.considered:
            if report.provider is None:
                continue
            silent = not any(found.verified is not False for found in report.servers)
            if owner is None or (report.source is Source.CATALOGUE and silent):
                return report.provider
        return None


def _works(found: FoundServer | None) -> bool:
    return found is not None and found.verified is True


def _offered(reports: Sequence[SourceReport]) -> Iterator[FoundServer]:
    """Every server but the guesses of a protocol that the domain says is not offered: its word counts, not ours."""
    denied = {protocol for report in reports for protocol in report.not_offered}
    for report in reports:
        guesses = spec_of(report.source).trust is Trust.GUESSED
        bare = {_place(found) for found in report.servers if found.offers_no_encryption}
        yield from (
            found
            for found in report.servers
            if not (guesses and found.server.protocol in denied)
            # A file that leaves the encryption open is read as STARTTLS first, which this server was seen not to have.
            and not (found.verified is False and not found.offers_no_encryption and _place(found) in bare)
        )


def _place(found: FoundServer) -> tuple[object, ...]:
    return found.server.protocol, found.server.hostname, found.server.port


def _distinct(servers: Iterable[FoundServer]) -> list[FoundServer]:
    """Each server once, with the word of the highest source; a source that agrees may make it surer."""
    kept: dict[tuple[object, ...], FoundServer] = {}
    published: dict[tuple[object, ...], Server] = {}  # the first whose user name was
    for found in servers:
        key = _key(found)
        kept[key] = _combined(kept[key], found) if key in kept else found
        if not _conventional(found):
            published.setdefault(key, found.server)
    for key, named in published.items():
        if _conventional(kept[key]):
            kept[key] = replace(kept[key], server=kept[key].server.named_as(named))
    return list(kept.values())


def _named_like_published(servers: Sequence[FoundServer]) -> list[FoundServer]:
    """``servers``, where each guess has the user name that was published for a server of its host or of its owner:
    nobody has two names at one company.
    """
    named = [found for found in servers if not _conventional(found) and found.evidence.trust is not Trust.GUESSED]
    if not named:
        return list(servers)
    from wizard.net.domains import same_registrable

    def like(found: FoundServer) -> FoundServer:
        if not _conventional(found) or found.evidence.trust is not Trust.GUESSED:
            return found
        host = found.server.hostname
        beside = [other for other in named if same_registrable(other.server.hostname, host)]
        beside.sort(key=lambda other: (other.verified is False, other.server.hostname != host))
        return replace(found, server=found.server.named_as(beside[0].server)) if beside else found

    return [like(found) for found in servers]


def _other_usernames(offered: Iterable[FoundServer], distinct: Iterable[FoundServer]) -> list[FoundServer]:
    """The same servers with the other user names that were published for them, at most :data:`OTHER_USERNAMES` each."""
    first = {_key(found): found for found in distinct}
    names: dict[tuple[object, ...], list[str]] = {key: [found.server.username] for key, found in first.items()}
    others = []
    for found in offered:
        known, same = names[_key(found)], first[_key(found)]
        if _conventional(found) or found.server.username in known or len(known) > OTHER_USERNAMES:
            continue
        known.append(found.server.username)
        server = same.server.named_as(found.server)
        others.append(replace(found, server=server, verified=same.verified, trouble=same.trouble))
    return others


def _conventional(found: FoundServer) -> bool:
    return spec_of(found.evidence.source).conventional


def _key(found: FoundServer) -> tuple[object, ...]:
    server = found.server
    return server.protocol, server.hostname, server.port, server.socket_type


def _combined(first: FoundServer, second: FoundServer) -> FoundServer:
    """One finding of two about the same server, ``first`` by the source that counts more."""
    if first.evidence.trust is Trust.GUESSED and second.evidence.trust is not Trust.GUESSED:
        first, second = second, first
    if second.evidence.trust is Trust.AUTHENTICATED:
        first = replace(first, evidence=replace(first.evidence, trust=Trust.AUTHENTICATED))
    if _VERIFIED.index(second.verified) > _VERIFIED.index(first.verified):
        server = replace(first.server, authentication=second.server.authentication)
        first = replace(
            first,
            verified=second.verified,
            trouble=second.trouble,
            machine=second.machine,
            offers_no_encryption=second.offers_no_encryption,
            server=server,
        )
    return first


def no_network(reports: Sequence[SourceReport]) -> tuple[Notice, ...]:
    """Said where the network was asked and no source could even be reached; what was seen of it says more."""
    seen = tuple(notice for report in reports for notice in report.warnings if notice.code in NETWORK_CODES)
    if seen:
        return seen
    outcomes = [report.outcome for report in reports if not spec_of(report.source).local]
    reached = any(outcome not in (Outcome.UNREACHABLE, Outcome.CANCELLED) for outcome in outcomes)
    if reached or Outcome.UNREACHABLE not in outcomes:
        return ()
    return (Notice(NO_NETWORK, _("Nobody in the network answered. Is this computer connected to the internet?")),)


def warnings(
    address: EmailAddress,
    provider: Provider | None,
    ranked: Sequence[FoundServer],
    chosen: Sequence[FoundServer],
    *,
    today: str,
) -> tuple[Notice, ...]:
    """What to mind: about the servers ``chosen`` of all that were ``ranked``, and about the provider."""
    notices = [*_plaintext(ranked, chosen), *_oauth2(chosen)]
    if provider is not None:
        notices += [*_closed(provider, ranked), *_unverified(address, provider, ranked), *_offer(provider)]
        notices += _rules(provider, ranked)
        notices += _old(provider, chosen, today)
    return tuple(notices)


def _plaintext(ranked: Sequence[FoundServer], chosen: Sequence[FoundServer]) -> Iterator[Notice]:
    taken = {found.server.protocol for found in chosen}
    left_out: dict[Protocol, FoundServer] = {}
    for found in ranked:
        if found.server.socket_type is SocketType.PLAIN and found.server.protocol not in taken:
            left_out.setdefault(found.server.protocol, found)
    reasons: dict[str, list[FoundServer]] = {}
    for found in left_out.values():
        reasons.setdefault(_why_left_out(found), []).append(found)
    danger = _("Your password and your mail could be read on the way; --allow-insecure allows them anyway.")
    for reason, servers in reasons.items():
        yield Notice("plaintext_only", f"{reason.format(servers=listed(servers))} {danger}")
    used = [found for found in chosen if found.server.socket_type is SocketType.PLAIN]
    if used:
        yield unencrypted(used)


def _why_left_out(found: FoundServer) -> str:
    """Nothing is said of a server but what was published, where nobody has connected to it."""
    if found.offers_no_encryption:
        return _("Left out, because they offer no encryption: {servers}.")
    if found.verified is None:
        return _("Left out, because they are published without encryption, and not tried: {servers}.")
    return _(
        "Left out, because they are published without encryption, and no encrypted connection to them succeeded: "
        "{servers}."
    )


def _oauth2(chosen: Sequence[FoundServer]) -> Iterator[Notice]:
    only = [found for found in chosen if found.server.only_oauth2]
    if only:
        yield Notice(
            "oauth2_only",
            _(
                "Logging in works only through the sign-in page of the provider (OAuth2); a program that cannot do "
                "that gets no mail from {servers}."
            ).format(servers=listed(only)),
        )


def _closed(provider: Provider, ranked: Sequence[FoundServer]) -> Iterator[Notice]:
    if provider.offers == "neither":
        for quirk in provider.quirks:
            if quirk.closes:
                yield Notice(quirk.code, _(quirk.text))
    elif not ranked:
        yield Notice(
            "servers_not_known",
            _("{name} is known, but not the names of its servers: its own pages or its support will tell you.").format(
                name=provider.name
            ),
        )


def _unverified(address: EmailAddress, provider: Provider, ranked: Sequence[FoundServer]) -> Iterator[Notice]:
    """Every fact that nobody has confirmed, and every quirk that puts a setting in doubt, named."""
    guessed = [found for found in ranked if _of_catalogue(found) and found.evidence.trust is Trust.GUESSED]
    if guessed:
        yield Notice("unverified_facts", _("Not verified: the servers {servers}.").format(servers=listed(guessed)))
    if address.domain in provider.config.domains:
        position = provider.config.domains.index(address.domain)
        if _doubtful(provider.domain_sources[position]):
            yield Notice(
                "unverified_facts",
                _("Not verified: that addresses at {domain} belong to {name}.").format(
                    domain=address.domain.shown, name=provider.name
                ),
            )
    if _doubtful(provider.password_source):
        yield Notice(
            "unverified_facts", _("Not verified: which password {name} expects here.").format(name=provider.name)
        )
    for step in provider.switch_on:
        if _doubtful(step.source):
            yield Notice("unverified_facts", _("Not verified, but often needed: {step}").format(step=_(step.text)))
    for quirk in provider.quirks:
        if quirk.code in DOUBTFUL_SETTINGS and not _doubtful(quirk.source) and ranked:
            yield Notice(quirk.code, _(quirk.text))
        elif _doubtful(quirk.source) and not quirk.closes:
            yield Notice("unverified_facts", _("Not verified: {fact}").format(fact=_(quirk.text)))


def _rules(provider: Provider, ranked: Sequence[FoundServer]) -> Iterator[Notice]:
    """What the provider does by itself and people have to know in time: mail that it deletes, a password that ends."""
    if not ranked or not provider.facts:
        return
    from wizard.model.provider_facts import KINDS
    from wizard.wording.provider_facts import fact_sentence, in_time

    for fact in provider.facts:
        if in_time(fact) and fact.source.verified:
            yield Notice(KINDS[type(fact)], fact_sentence(fact))


def _offer(provider: Provider) -> Iterator[Notice]:
    """A list that names one protocol only is no proof that the other one is not offered."""
    source = provider.offers_source
    if provider.offers not in ("imap_only", "pop_only") or source is None or source.confidence == "confirmed":
        return
    known, other = ("IMAP", "POP3") if provider.offers == "imap_only" else ("POP3", "IMAP")
    yield Notice(
        "offer_not_confirmed",
        _("For {name} only {listed} is listed; whether it offers {other} too is not verified.").format(
            name=provider.name, listed=known, other=other
        ),
    )


def _old(provider: Provider, chosen: Sequence[FoundServer], today: str) -> Iterator[Notice]:
    limit = f"{int(today[:4]) - YEARS_FRESH:04d}{today[4:]}"
    dates = [provider.source.checked_on] if any(_of_catalogue(found) for found in chosen) else []
    if dates and min(dates) < limit:
        yield Notice(
            "old_facts",
            _("The settings of {name} were last checked on {date}; they may have changed since.").format(
                name=provider.name, date=min(dates)
            ),
        )


def _of_catalogue(found: FoundServer) -> bool:
    return found.evidence.source is Source.CATALOGUE


def _doubtful(source: FactSource | None) -> bool:
    return source is not None and source.confidence == "unverified"
