"""One provider of the catalogue, for people and as a document, each fact with its source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wizard.language import translate as _
from wizard.model.problems import Problem, did_you_mean
from wizard.wording import offers_label, password_kind_label, protocol_label, server_label

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wizard.model.provider import FactSource, Provider
    from wizard.terminal.screen import Screen


def chosen_provider(name: str) -> Provider:
    """The provider called ``name`` (id, name or domain). Raises Problem with the nearest one."""
    from wizard.discovery.catalogue import all_providers, provider_named
    from wizard.model.text import printable

    found = provider_named(name)
    if found is None:
        known = [word for one in all_providers() for word in (one.id, one.name, *map(str, one.config.domains))]
        nearest = did_you_mean(name, known) if len(name) > 2 else ""
        shown = nearest if nearest and len(nearest) < 200 else _("“mail-wizard providers” lists them.")
        raise Problem(_("No provider “{name}” is known.").format(name=printable(name, 60)) + " " + shown)
    return found


def show_provider(screen: Screen, provider: Provider) -> None:
    """Everything known, with what nobody verified called so."""
    config = provider.config
    screen.say(provider.name, style="bold")
    servers = list(zip((*config.incoming, *config.outgoing), provider.server_sources, strict=False))
    rows: list[tuple[str, list[str]]] = [
        (_("Domains"), _names([one.shown for one in config.domains], provider.domain_sources)),
        (_("By MX"), _names(provider.mx_suffixes, provider.mx_sources)),
        (_("Offers"), [offers_label(provider.offers) + (_doubt(provider.offers_source) if provider.offers else "")]),
        (
            _("Servers"),
            [
                f"{protocol_label(one.protocol)}  {server_label(one)}  {one.username}{_doubt(source)}"
                for one, source in servers
            ]
            or [_("none for other mail programs") if provider.offers == "neither" else _("not known")],
        ),
        (_("Password"), [password_kind_label(provider.password_kind) + _doubt(provider.password_source)]),
        (
            _("First do"),
            [_(step.text) + (f" {step.url}" if step.url else "") + _doubt(step.source) for step in provider.switch_on],
        ),
        (_("Mind"), [_(quirk.text) + _doubt(quirk.source) for quirk in provider.quirks]),
        (_("Space"), [_(provider.quota_text) + _doubt(provider.quota_source)] if provider.quota_text else []),
        (_("Help pages"), list(provider.documentation)),
        (_("Sources"), _sources(provider)),
    ]
    screen.blank()
    screen.fields([(label, texts) for label, texts in rows if texts])


def _sources(provider: Provider) -> list[str]:
    every = [provider.source, *provider.server_sources, *provider.domain_sources, *provider.mx_sources]
    every += [step.source for step in provider.switch_on] + [quirk.source for quirk in provider.quirks]
    single = (provider.offers_source, provider.password_source, provider.quota_source, provider.certified_source)
    every += [one for one in single if one is not None]
    return list(dict.fromkeys(_source_line(one) for one in every))


def _names(names: Sequence[str], sources: Sequence[FactSource]) -> list[str]:
    """Names in one line, each that nobody has verified marked so."""
    marked = [name + _doubt(source) for name, source in zip(names, sources, strict=True)]
    return [", ".join(marked)] if marked else []


def _source_line(source: FactSource) -> str:
    words = {"confirmed": _("confirmed"), "reported": _("reported"), "unverified": _("not verified")}
    return f"{_(source.reference)}, {source.checked_on} ({words[source.confidence]})" + (
        f" {source.url}" if source.url else ""
    )


def _doubt(source: FactSource | None) -> str:
    return " " + _("(not verified)") if source is not None and source.confidence == "unverified" else ""


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
        "offers": provider.offers,
        "offers_source": provider.offers_source and _source_document(provider.offers_source),
        "certified_mail": provider.certified_mail,
        "smtp_must_match": provider.smtp_must_match,
        "password_kind": provider.password_kind,
        "password_source": provider.password_source and _source_document(provider.password_source),
        "servers": [
            {
                "protocol": one.protocol.value,
                "host": one.hostname,
                "port": one.port,
                "socket_type": one.socket_type.value,
                "username": one.username,
                "authentication": [method.value for method in one.authentication],
                "source": _source_document(source),
            }
            for one, source in zip((*config.incoming, *config.outgoing), provider.server_sources, strict=False)
        ],
        "switch_on": [
            {
                "text": _(step.text),
                "url": step.url,
                "protocols": [p.value for p in step.protocols],
                "source": _source_document(step.source),
            }
            for step in provider.switch_on
        ],
        "quirks": [
            {
                "code": one.code,
                "text": _(one.text),
                "protocols": [p.value for p in one.protocols],
                "source": _source_document(one.source),
            }
            for one in provider.quirks
        ],
        "quota_hint": provider.quota_hint,
        "documentation": list(provider.documentation),
        "source": _source_document(provider.source),
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
