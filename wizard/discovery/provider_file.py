"""A provider's file as a Provider: every key checked, every fact with its source. The schema is docs/catalogue.md."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from wizard.discovery.provider_servers import read_servers
from wizard.language import translate as _
from wizard.model.address import AddressProblem, Domain, parse_domain
from wizard.model.provider import FactSource, Provider, Quirk, Step
from wizard.model.servers import ClientConfig, IncomingServer, OutgoingServer, Protocol
from wizard.resources.shape import choice, mapping, sequence, text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from wizard.resources.documents import Document

CONFIDENCES = ("confirmed", "reported", "unverified")
OFFERS = ("both", "imap_only", "pop_only", "neither", "not_known")
PASSWORD_KINDS = ("account", "app_password", "app_password_if_2fa", "bridge", "authorisation_code", "none")
QUOTA_HINTS = ("ample", "tight", "not_known")
CLOSED = ("own_app_only", "bridge_only")
"""Quirks that say why a provider offers neither protocol."""

_REQUIRED = ("id", "name", "offers", "password", "sources")
_OPTIONAL = (
    "country",
    "domains",
    "mx_suffixes",
    "incoming",
    "outgoing",
    "switch_on",
    "quirks",
    "quota",
    "certified_mail",
    "smtp_must_match",
    "documentation",
)
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")
_COUNTRY = re.compile(r"[A-Z]{2}")
_DATE = re.compile(r"20\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])")
_URL = re.compile(r"https?://[a-z0-9.-]+(?:[/?#][!-~]*)?", re.IGNORECASE)
_OFFERED = {
    "both": {Protocol.IMAP, Protocol.POP3},
    "imap_only": {Protocol.IMAP},
    "pop_only": {Protocol.POP3},
    "neither": set[Protocol](),
}

Sources = dict[str, FactSource]
At = tuple[Any, ...]


def load_provider(path: Path, *, bundled: bool = False) -> Provider:
    """The provider of a file of the catalogue; Problem with file, line, key and the nearest valid value."""
    from wizard.resources.documents import read_document

    document = read_document(path, bundled=bundled)
    top = mapping(document, (), document.data, required=_REQUIRED, allowed=(*_REQUIRED, *_OPTIONAL))
    if top["id"] != path.stem or not _ID.fullmatch(path.stem):
        raise document.problem(
            _("The id must be the name of the file, in small letters, digits and hyphens: {name}.").format(
                name=re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-") or "example"
            ),
            ("id",),
        )
    return _provider(document, top, _sources(document, top["sources"]))


def _provider(document: Document, top: Mapping[str, Any], sources: Sources) -> Provider:
    domains, domain_sources = _names(document, "domains", top, sources)
    suffixes, mx_sources = _names(document, "mx_suffixes", top, sources)
    servers, server_sources = read_servers(document, top, sources)
    incoming = tuple(one for one in servers if isinstance(one, IncomingServer))
    outgoing = tuple(one for one in servers if isinstance(one, OutgoingServer))
    offers, offers_source = _stated(document, "offers", "protocols", top, OFFERS, sources)
    password, password_source = _stated(document, "password", "kind", top, PASSWORD_KINDS, sources)
    quirks = _quirks(document, top, sources)
    _check_offer(document, offers, incoming, outgoing, quirks)
    hint, quota_text, quota_source = _quota(document, top, sources)
    name = text(document, ("name",), top["name"]).strip()
    certified, must_match = (_granted(document, key, top, sources) for key in ("certified_mail", "smtp_must_match"))
    return Provider(
        id=top["id"],
        name=name,
        config=ClientConfig(top["id"], domains, name, incoming, outgoing),
        mx_suffixes=tuple(str(one) for one in suffixes),
        offers=None if offers == "not_known" else offers,
        password_kind=password,
        source=(server_sources or (offers_source,))[0],
        certified_mail=certified is not None,
        smtp_must_match=must_match is not None,
        switch_on=_steps(document, top, sources),
        quirks=quirks,
        quota_hint=hint,
        quota_text=quota_text,
        documentation=tuple(
            _url(document, ("documentation", index), one)
            for index, one in enumerate(_list(document, ("documentation",), top))
        ),
        server_sources=server_sources,
        domain_sources=domain_sources,
        mx_sources=mx_sources,
        offers_source=offers_source,
        password_source=password_source,
        quota_source=quota_source,
        certified_source=certified,
        country=_country(document, top),
    )


def _sources(document: Document, value: Any) -> Sources:
    """The documents that the facts of this file were read in, by the short name that the facts use."""
    if not isinstance(value, dict) or not value:
        raise document.problem(_("Here a list of keys with values is expected."), ("sources",))
    found: Sources = {}
    required = ("reference", "checked_on", "confidence")
    for name, entry in value.items():
        at: At = ("sources", name)
        fields = mapping(document, at, entry, required=required, allowed=(*required, "url"))
        if not isinstance(fields["checked_on"], str) or not _DATE.fullmatch(fields["checked_on"]):
            raise document.problem(_("Here a day is expected, written like 2026-11-24."), (*at, "checked_on"))
        found[str(name)] = FactSource(
            reference=text(document, (*at, "reference"), fields["reference"]),
            checked_on=fields["checked_on"],
            confidence=choice(document, (*at, "confidence"), fields["confidence"], CONFIDENCES),
            url=_url(document, (*at, "url"), fields["url"]) if "url" in fields else None,
        )
    return found


def source_of(document: Document, at: At, value: Any, sources: Sources) -> FactSource:
    """The source that ``value`` names."""
    return sources[choice(document, at, value, sources)]


def _names(
    document: Document, key: str, top: Mapping[str, Any], sources: Sources
) -> tuple[tuple[Domain, ...], tuple[FactSource, ...]]:
    """Domains grouped by their source, written as the look-up compares them."""
    found: dict[Domain, FactSource] = {}
    groups = mapping(document, (key,), top.get(key, {}), allowed=sources)
    for name, group in groups.items():
        for index, written in enumerate(sequence(document, (key, name), group)):
            at: At = (key, name, index)
            try:
                domain = parse_domain(text(document, at, written))
            except AddressProblem as problem:
                raise document.problem(problem.text, at) from None
            if domain.ascii != written:
                raise document.problem(_("Please write it as {name}.").format(name=domain.ascii), at)
            if domain in found:
                raise document.problem(_("“{name}” stands here twice.").format(name=domain.ascii), at)
            found[domain] = sources[name]
    return tuple(found), tuple(found.values())


def _stated(
    document: Document, key: str, field: str, top: Mapping[str, Any], words: tuple[str, ...], sources: Sources
) -> tuple[str, FactSource]:
    fields = mapping(document, (key,), top[key], required=(field, "source"), allowed=(field, "source"))
    word = choice(document, (key, field), fields[field], words)
    return word, source_of(document, (key, "source"), fields["source"], sources)


def _granted(document: Document, key: str, top: Mapping[str, Any], sources: Sources) -> FactSource | None:
    """The source of a fact that holds when its key is there."""
    if key not in top:
        return None
    fields = mapping(document, (key,), top[key], required=("source",), allowed=("source",))
    return source_of(document, (key, "source"), fields["source"], sources)


def _quota(
    document: Document, top: Mapping[str, Any], sources: Sources
) -> tuple[str | None, str | None, FactSource | None]:
    if "quota" not in top:
        return None, None, None
    fields = mapping(
        document, ("quota",), top["quota"], required=("hint", "source"), allowed=("hint", "text", "source")
    )
    hint = choice(document, ("quota", "hint"), fields["hint"], QUOTA_HINTS)
    shown = text(document, ("quota", "text"), fields["text"]).strip() if "text" in fields else None
    source = source_of(document, ("quota", "source"), fields["source"], sources)
    return None if hint == "not_known" else hint, shown, source


def _steps(document: Document, top: Mapping[str, Any], sources: Sources) -> tuple[Step, ...]:
    found = []
    required = ("text", "source")
    for index, entry in enumerate(_list(document, ("switch_on",), top)):
        at: At = ("switch_on", index)
        fields = mapping(document, at, entry, required=required, allowed=(*required, "protocols", "url"))
        found.append(
            Step(
                text=text(document, (*at, "text"), fields["text"]).strip(),
                protocols=_protocols(document, at, fields),
                source=source_of(document, (*at, "source"), fields["source"], sources),
                url=_url(document, (*at, "url"), fields["url"]) if "url" in fields else None,
            )
        )
    return tuple(found)


def _quirks(document: Document, top: Mapping[str, Any], sources: Sources) -> tuple[Quirk, ...]:
    found = []
    required = ("code", "text", "source")
    for index, entry in enumerate(_list(document, ("quirks",), top)):
        at: At = ("quirks", index)
        fields = mapping(document, at, entry, required=required, allowed=(*required, "protocols"))
        if not isinstance(fields["code"], str) or not _CODE.fullmatch(fields["code"]):
            raise document.problem(_("A code has small letters, digits and _ only."), (*at, "code"))
        found.append(
            Quirk(
                code=fields["code"],
                text=text(document, (*at, "text"), fields["text"]).strip(),
                protocols=_protocols(document, at, fields),
                source=source_of(document, (*at, "source"), fields["source"], sources),
            )
        )
    return tuple(found)


def _protocols(document: Document, at: At, fields: Mapping[str, Any]) -> tuple[Protocol, ...]:
    if "protocols" not in fields:
        return ()
    here = (*at, "protocols")
    return tuple(
        Protocol(choice(document, (*here, index), one, [known.value for known in Protocol]))
        for index, one in enumerate(sequence(document, here, fields["protocols"]))
    )


def _list(document: Document, at: At, top: Mapping[str, Any]) -> list[Any]:
    return sequence(document, at, top[at[0]]) if at[0] in top else []


def _url(document: Document, at: At, value: Any) -> str:
    written = text(document, at, value)
    if not _URL.fullmatch(written):
        raise document.problem(_("Here the address of a web page is expected, beginning with https://."), at)
    return written


def _country(document: Document, top: Mapping[str, Any]) -> str | None:
    if "country" not in top:
        return None
    written = top["country"]
    if not isinstance(written, str) or not _COUNTRY.fullmatch(written):
        raise document.problem(_("Here the two capital letters of a country are expected, such as IT."), ("country",))
    return written


def _check_offer(
    document: Document,
    offers: str,
    incoming: tuple[IncomingServer, ...],
    outgoing: tuple[OutgoingServer, ...],
    quirks: tuple[Quirk, ...],
) -> None:
    """What is said to be offered and the servers that are listed agree."""
    listed = {one.protocol for one in incoming}
    if offers in _OFFERED and listed and listed != _OFFERED[offers]:
        raise document.problem(
            _("The value “{value}” does not agree with the servers that are listed.").format(value=offers),
            ("offers", "protocols"),
        )
    if bool(incoming) != bool(outgoing):
        raise document.problem(
            _("Servers for receiving and for sending belong together: one of the two is missing."),
            ("incoming",) if incoming else ("outgoing",),
        )
    if offers == "neither" and not any(one.code in CLOSED for one in quirks):
        raise document.problem(
            _("Where neither protocol is offered, a quirk says why; its code is one of {words}.").format(
                words=", ".join(CLOSED)
            ),
            ("offers", "protocols"),
        )
