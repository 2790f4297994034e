"""What is known of a provider beyond its servers, each fact with its source, its date and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wizard.model.provider_facts import F, MailFolder, ProviderFact, Retention
    from wizard.model.servers import ClientConfig, Protocol


OTHER_USERNAMES = ("user_id_not_address", "different_user_names", "customer_number", "databases_disagree")
"""Quirks that say what the user name is where it is not, or need not be, the address."""

CLOSED = ("own_app_only", "bridge_only")
"""Quirks that say why a provider offers neither protocol."""


@dataclass(frozen=True, slots=True)
class FactSource:
    """Where a fact was read: ``reference`` names the document, ``url`` its address if public, ``checked_on`` ISO date.

    ``confidence`` is "confirmed" (two sources, or the provider's own guide), "reported" (one database) or
    "unverified" (general knowledge: always shown as such).
    """

    reference: str
    checked_on: str
    confidence: str
    url: str | None = None

    @property
    def verified(self) -> bool:
        """Whether it was read somewhere."""
        return self.confidence != "unverified"


@dataclass(frozen=True, slots=True)
class Step:
    """Something the user does at the provider first. ``text`` is a message id; ``protocols`` empty: for all."""

    text: str
    protocols: tuple[Protocol, ...]
    source: FactSource
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Quirk:
    """A way in which the provider differs from what programs expect; ``text`` is a message id."""

    code: str
    text: str
    protocols: tuple[Protocol, ...]
    source: FactSource

    @property
    def closes(self) -> bool:
        """Whether it says why a provider offers neither protocol."""
        return self.code in CLOSED


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One file of the catalogue.

    ``offers`` is a value of the answer key ``provider``: both, imap_only, pop_only, neither; None when it is not known
    whether the second protocol is offered. ``password_kind`` is what goes into the password field: "account",
    "app_password", "app_password_if_2fa", "bridge", "authorisation_code", "none" (OAuth2 or nothing). ``quota_hint`` is
    a value of the answer key ``quota`` when the provider's usual box decides it (ample, tight), else None.
    ``server_suffixes``: what the names of its mail servers end with, where the hosts of ``config`` do not say it.
    ``spf_suffixes``: what the names end with that its customers include in their SPF record, where ``mx_suffixes`` and
    the domains do not say it. ``smtp_must_match``: mail must leave through this provider's own server (certified mail,
    for one).

    ``facts`` decide about mail, passwords and programs: values of :mod:`wizard.model.provider_facts`.

    ``source`` is that of the servers, for a short view. The parallel tuples give every fact its own: ``server_sources``
    goes with ``config.incoming + config.outgoing``, ``domain_sources`` with ``config.domains``, ``mx_sources`` with
    ``mx_suffixes``, ``spf_sources`` with ``spf_suffixes``, ``server_suffix_sources`` with ``server_suffixes``.
    ``country`` is an ISO 3166 code. Texts are message ids.
    """

    id: str
    name: str
    config: ClientConfig
    mx_suffixes: tuple[str, ...]
    offers: str | None
    password_kind: str
    source: FactSource
    certified_mail: bool = False
    smtp_must_match: bool = False
    switch_on: tuple[Step, ...] = ()
    quirks: tuple[Quirk, ...] = ()
    facts: tuple[ProviderFact, ...] = ()
    quota_hint: str | None = None
    quota_text: str | None = None
    documentation: tuple[str, ...] = ()
    server_sources: tuple[FactSource, ...] = ()
    domain_sources: tuple[FactSource, ...] = ()
    mx_sources: tuple[FactSource, ...] = ()
    spf_suffixes: tuple[str, ...] = ()
    spf_sources: tuple[FactSource, ...] = ()
    server_suffixes: tuple[str, ...] = ()
    server_suffix_sources: tuple[FactSource, ...] = ()
    offers_source: FactSource | None = None
    password_source: FactSource | None = None
    quota_source: FactSource | None = None
    certified_source: FactSource | None = None
    country: str | None = None

    def fact(self, kind: type[F]) -> F | None:
        """The fact of this class; None where nothing is known. Of retention, that of the first folder."""
        return next((fact for fact in self.facts if isinstance(fact, kind)), None)

    def known(self, kind: type[F]) -> F | None:
        """The same, where somebody has read it: what is unverified decides nothing."""
        found = self.fact(kind)
        return found if found is not None and found.source.verified else None

    def retention(self, folder: MailFolder) -> Retention | None:
        """After how many days mail in ``folder`` is deleted, where somebody has read it."""
        from wizard.model.provider_facts import Retention

        kept = (fact for fact in self.facts if isinstance(fact, Retention) and fact.source.verified)
        return next((fact for fact in kept if fact.folder is folder), None)

    @property
    def sources(self) -> tuple[FactSource, ...]:
        """Where its facts were read, in order, each once."""
        single = (self.offers_source, self.password_source, self.quota_source, self.certified_source)
        every = [self.source, *self.server_sources, *self.domain_sources, *self.mx_sources, *self.spf_sources]
        every += [*self.server_suffix_sources, *(step.source for step in self.switch_on)]
        every += [*(quirk.source for quirk in self.quirks), *(fact.source for fact in self.facts)]
        return tuple(dict.fromkeys([*every, *(source for source in single if source is not None)]))
