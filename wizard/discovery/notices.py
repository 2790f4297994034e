"""What a person must mind about a finding, and what needs consent. The codes are listed in docs/catalogue.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.discovery.foreign import foreign_servers, is_foreign
from wizard.discovery.provider_file import CLOSED
from wizard.language import translate as _
from wizard.model.discovery import Outcome, Source, Trust
from wizard.model.notice import Notice
from wizard.model.servers import Protocol, SocketType

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wizard.model.address import Domain, EmailAddress
    from wizard.model.discovery import FoundServer, SourceReport
    from wizard.model.provider import FactSource, Provider

YEARS_FRESH = 2
"""Years after which a fact is said to be old: providers change servers about that often."""


DOUBTFUL_SETTINGS = ("user_id_not_address", "databases_disagree", "regional_servers")
"""Quirks that put in doubt a value of the settings themselves: said even where the quirk itself is confirmed."""


def no_network(reports: Sequence[SourceReport]) -> tuple[Notice, ...]:
    """Said where the network was asked and no source could even be reached."""
    asked = [one for one in reports if one.source is not Source.CATALOGUE]
    reached = any(one.outcome not in (Outcome.UNREACHABLE, Outcome.CANCELLED) for one in asked)
    if reached or not any(one.outcome is Outcome.UNREACHABLE for one in asked):
        return ()
    return (Notice("no_network", _("Nobody in the network answered. Is this computer connected to the internet?")),)


def consent(chosen: Sequence[FoundServer], *, foreign: Sequence[FoundServer], domain: Domain) -> tuple[Notice, ...]:
    """One question of consent for each kind of doubt about the servers that were ``chosen``.

    ``foreign``: those of them that are asked about if they lie outside ``domain``.
    """
    guessed = [one for one in chosen if one.evidence.trust is Trust.GUESSED]
    outside = [one.server.hostname for one in foreign if is_foreign(one, domain)]
    plain = [one for one in chosen if one.server.socket_type is SocketType.PLAIN]
    notices = []
    if guessed:
        text = _("These servers are a guess; compare them with what your provider says: {servers}.")
        notices.append(Notice("guess", text.format(servers=_list(guessed))))
    if outside:
        notices.append(foreign_servers(outside, domain))
    if plain:
        notices.append(_unencrypted(plain))
    return tuple(notices)


def warnings(
    address: EmailAddress,
    provider: Provider | None,
    ranked: Sequence[FoundServer],
    chosen: Sequence[FoundServer],
    *,
    today: str,
) -> tuple[Notice, ...]:
    """What to mind: about the servers ``chosen`` of all that were ``ranked``, and about the provider."""
    found = [*_plaintext(ranked, chosen), *_oauth2(chosen)]
    if provider is not None:
        found += [*_closed(provider, ranked), *_unverified(address, provider, ranked), *_offer(provider)]
        found += _old(provider, chosen, today)
    return tuple(found)


def _plaintext(ranked: Sequence[FoundServer], chosen: Sequence[FoundServer]) -> Iterator[Notice]:
    taken = {one.server.protocol for one in chosen}
    left_out: dict[Protocol, FoundServer] = {}
    for one in ranked:
        if one.server.socket_type is SocketType.PLAIN and one.server.protocol not in taken:
            left_out.setdefault(one.server.protocol, one)
    if left_out:
        yield Notice(
            "plaintext_only",
            _(
                "Left out, because nothing is encrypted there: {servers}. Your password and your mail could be read on "
                "the way; --allow-insecure permits it."
            ).format(servers=_list(list(left_out.values()))),
        )
    used = [one for one in chosen if one.server.socket_type is SocketType.PLAIN]
    if used:
        yield _unencrypted(used)


def _unencrypted(servers: Sequence[FoundServer]) -> Notice:
    text = _("Nothing is encrypted on the way to {servers}: others can read your password and your mail.")
    return Notice("plaintext", text.format(servers=_list(servers)))


def _oauth2(chosen: Sequence[FoundServer]) -> Iterator[Notice]:
    only = [one for one in chosen if one.server.only_oauth2]
    if only:
        yield Notice(
            "oauth2_only",
            _(
                "Logging in works only through the sign-in page of the provider (OAuth2); a program that cannot do "
                "that gets no mail from {servers}."
            ).format(servers=_list(only)),
        )


def _closed(provider: Provider, ranked: Sequence[FoundServer]) -> Iterator[Notice]:
    if provider.offers == "neither":
        for quirk in provider.quirks:
            if quirk.code in CLOSED:
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
    guessed = [one for one in ranked if _of_catalogue(one) and one.evidence.trust is Trust.GUESSED]
    if guessed:
        yield Notice("unverified_facts", _("Not verified: the servers {servers}.").format(servers=_list(guessed)))
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
            "unverified_facts", _("Not verified: which password {name} wants here.").format(name=provider.name)
        )
    for step in provider.switch_on:
        if _doubtful(step.source):
            yield Notice("unverified_facts", _("Not verified, but often needed: {step}").format(step=_(step.text)))
    for quirk in provider.quirks:
        if quirk.code in DOUBTFUL_SETTINGS and not _doubtful(quirk.source) and ranked:
            yield Notice(quirk.code, _(quirk.text))
        elif _doubtful(quirk.source) and quirk.code not in CLOSED:
            yield Notice("unverified_facts", _("Not verified: {fact}").format(fact=_(quirk.text)))


def _offer(provider: Provider) -> Iterator[Notice]:
    """A list that names one protocol only is no proof that the other one is not offered."""
    source = provider.offers_source
    if provider.offers not in ("imap_only", "pop_only") or source is None or source.confidence == "confirmed":
        return
    listed, other = ("IMAP", "POP3") if provider.offers == "imap_only" else ("POP3", "IMAP")
    yield Notice(
        "offer_not_confirmed",
        _("For {name} only {listed} is listed; whether it offers {other} too is not verified.").format(
            name=provider.name, listed=listed, other=other
        ),
    )


def _old(provider: Provider, chosen: Sequence[FoundServer], today: str) -> Iterator[Notice]:
    limit = f"{int(today[:4]) - YEARS_FRESH:04d}{today[4:]}"
    dates = [provider.source.checked_on] if any(_of_catalogue(one) for one in chosen) else []
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


def _list(servers: Sequence[FoundServer]) -> str:
    """Servers in a sentence: protocol, host and port."""
    words = {Protocol.IMAP: "IMAP", Protocol.POP3: "POP3", Protocol.SMTP: "SMTP"}
    return ", ".join(f"{words[one.server.protocol]} {one.server.hostname} {one.server.port}" for one in servers)
