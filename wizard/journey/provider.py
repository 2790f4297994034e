"""One provider of the catalogue, for people and as a document, each fact with its source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wizard.journey.wording import protocol_in_words, server_in_words
from wizard.language import translate as _
from wizard.model.problems import Problem, did_you_mean

if TYPE_CHECKING:
    from wizard.journey.screen import Screen
    from wizard.model.provider import FactSource, Provider


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
        (_("Domains"), [", ".join(domain.shown for domain in config.domains)] if config.domains else []),
        (_("By MX"), [", ".join(provider.mx_suffixes)] if provider.mx_suffixes else []),
        (
            _("Servers"),
            [
                f"{protocol_in_words(one.protocol)}  {server_in_words(one)}  {one.username}{_doubt(source)}"
                for one, source in servers
            ]
            or [_("not known")],
        ),
        (_("Password"), [password_in_words(provider)]),
        (
            _("First do"),
            [_(step.text) + (f" {step.url}" if step.url else "") + _doubt(step.source) for step in provider.switch_on],
        ),
        (_("Mind"), [_(quirk.text) + _doubt(quirk.source) for quirk in provider.quirks]),
        (_("Space"), [_(provider.quota_text)] if provider.quota_text else []),
        (_("Help pages"), list(provider.documentation)),
        (_("Sources"), _sources(provider)),
    ]
    screen.blank()
    screen.fields([(label, texts) for label, texts in rows if texts])


def password_in_words(provider: Provider) -> str:
    """What goes into the password field of a mail program."""
    return {
        "account": _("the password of the mailbox"),
        "app_password": _("an app password, made on the provider's web site"),
        "app_password_if_2fa": _("the password of the mailbox; with two-step sign-in, an app password"),
        "bridge": _("the password that the provider's Bridge program shows"),
        "authorisation_code": _("an authorisation code, made on the provider's web site"),
        "none": _("none: the provider's own sign-in page opens"),
    }[provider.password_kind]


def _sources(provider: Provider) -> list[str]:
    every = [provider.source, *provider.server_sources]
    every += [step.source for step in provider.switch_on] + [quirk.source for quirk in provider.quirks]
    return list(dict.fromkeys(_source_line(one) for one in every))


def _source_line(source: FactSource) -> str:
    words = {"confirmed": _("confirmed"), "reported": _("reported"), "unverified": _("not verified")}
    return f"{_(source.reference)}, {source.checked_on} ({words[source.confidence]})" + (
        f" {source.url}" if source.url else ""
    )


def _doubt(source: FactSource) -> str:
    return " " + _("(not verified)") if source.confidence == "unverified" else ""


def provider_document(provider: Provider) -> dict[str, Any]:
    """The provider as JSON; every group of facts carries its source."""
    config = provider.config
    return {
        "id": provider.id,
        "name": provider.name,
        "domains": [str(domain) for domain in config.domains],
        "mx_suffixes": list(provider.mx_suffixes),
        "offers": provider.offers,
        "certified_mail": provider.certified_mail,
        "password_kind": provider.password_kind,
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


def _source_document(source: FactSource) -> dict[str, Any]:
    return {
        "reference": source.reference,
        "url": source.url,
        "checked_on": source.checked_on,
        "confidence": source.confidence,
    }
