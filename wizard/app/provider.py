"""One provider of the catalogue: by its name, and as a document with the source of each fact."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wizard.language import translate as _
from wizard.model.problems import Problem, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wizard.model.provider import FactSource, Provider, Quirk, Step
    from wizard.model.provider_facts import ProviderFact
    from wizard.model.servers import Server


def chosen_provider(name: str) -> Provider:
    """The provider called ``name`` (id, name or domain). Raises Problem with the nearest one."""
    from wizard.discovery.catalogue import all_providers, provider_named
    from wizard.model.text import printable

    found = provider_named(name)
    if found is None:
        known = [
            word
            for provider in all_providers()
            for word in (provider.id, provider.name, *map(str, provider.config.domains))
        ]
        nearest = did_you_mean(name, known) if len(name) > 2 else ""
        shown = nearest if nearest and len(nearest) < 200 else _("“mail-wizard providers” lists them.")
        raise Problem(_("No provider “{name}” is known.").format(name=printable(name, 60)) + " " + shown)
    return found


def provider_document(provider: Provider) -> dict[str, Any]:
    """The provider as JSON; every group of facts carries its source."""
    config = provider.config
    return {
        "id": provider.id,
        "name": provider.name,
        "country": provider.country,
        "domains": [str(domain) for domain in config.domains],
        "unverified_domains": _unverified(map(str, config.domains), provider.domain_sources),
        "mx_suffixes": list(provider.mx_suffixes),
        "unverified_mx_suffixes": _unverified(provider.mx_suffixes, provider.mx_sources),
        "spf_suffixes": list(provider.spf_suffixes),
        "unverified_spf_suffixes": _unverified(provider.spf_suffixes, provider.spf_sources),
        "server_suffixes": list(provider.server_suffixes),
        "unverified_server_suffixes": _unverified(provider.server_suffixes, provider.server_suffix_sources),
        "offers": provider.offers,
        "offers_source": provider.offers_source and _source_document(provider.offers_source),
        "certified_mail": provider.certified_mail,
        "smtp_must_match": provider.smtp_must_match,
        "password_kind": provider.password_kind,
        "password_source": provider.password_source and _source_document(provider.password_source),
        "servers": [
            _server_document(server, source)
            for server, source in zip((*config.incoming, *config.outgoing), provider.server_sources, strict=False)
        ],
        "switch_on": [{"text": _(step.text), "url": step.url, **_scope(step)} for step in provider.switch_on],
        "quirks": [{"code": quirk.code, "text": _(quirk.text), **_scope(quirk)} for quirk in provider.quirks],
        "facts": [_fact_document(fact) for fact in provider.facts],
        "quota_hint": provider.quota_hint,
        "documentation": list(provider.documentation),
        "source": _source_document(provider.source),
    }


def _fact_document(fact: ProviderFact) -> dict[str, Any]:
    """The fact by its kind, a sentence, its values and its source."""
    from dataclasses import fields

    from wizard.model.provider_facts import KINDS
    from wizard.wording.provider_facts import fact_sentence

    values = {field.name: getattr(fact, field.name) for field in fields(fact) if field.name != "source"}
    return {
        "kind": KINDS[type(fact)],
        "text": fact_sentence(fact),
        **{name: list(value) if isinstance(value, tuple) else value for name, value in values.items()},
        "source": _source_document(fact.source),
    }


def _scope(fact: Step | Quirk) -> dict[str, Any]:
    """For which protocols a fact holds, and where it was read."""
    return {
        "protocols": [protocol.value for protocol in fact.protocols],
        "source": _source_document(fact.source),
    }


def _server_document(server: Server, source: FactSource) -> dict[str, Any]:
    return {
        "protocol": server.protocol.value,
        "host": server.hostname,
        "port": server.port,
        "socket_type": server.socket_type.value,
        "username": server.username,
        "authentication": [method.value for method in server.authentication],
        "source": _source_document(source),
    }


def _unverified(names: Iterable[str], sources: Sequence[FactSource]) -> list[str]:
    return [name for name, source in zip(names, sources, strict=True) if source.confidence == "unverified"]


def _source_document(source: FactSource) -> dict[str, Any]:
    return {
        "reference": source.reference,
        "url": source.url,
        "checked_on": source.checked_on,
        "confidence": source.confidence,
    }
