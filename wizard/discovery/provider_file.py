"""A provider's file as a Provider, every fact with its source. What the keys mean is in docs/catalogue.md."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from wizard.language import mark
from wizard.language import translate as _
from wizard.model.address import Domain, EmailAddress, Hostname, Port, parse_domain, parse_hostname
from wizard.model.provider import CLOSED, FactSource, Provider, Quirk, Step
from wizard.model.servers import (
    RECEIVING,
    AuthenticationMethod,
    ClientConfig,
    IncomingServer,
    OutgoingServer,
    Protocol,
    SocketType,
    check_template,
    fill,
    server,
)
from wizard.resources.facts import SOURCE, WEB_ADDRESS, sources
from wizard.resources.schema import (
    CODE,
    ByKey,
    Custom,
    Field,
    Invalid,
    ListOf,
    MapOf,
    Message,
    NameOf,
    Number,
    Record,
    Text,
    member,
    optional,
    words,
)

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.model.provider_facts import ProviderFact
    from wizard.resources.schema import Fields, Names, Schema

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_OFFERED = {
    "both": set(RECEIVING),
    "imap_only": {Protocol.IMAP},
    "pop_only": {Protocol.POP3},
    "neither": set[Protocol](),
}
_SAMPLE = EmailAddress("anna", Domain("example.org"))

AnyServer = IncomingServer | OutgoingServer
Sourced = tuple[tuple[Any, FactSource], ...]
"""Facts, each with its source."""


def load_provider(path: Path, *, bundled: bool = False) -> Provider:
    """The provider of a file of the catalogue; Problem with file, line, key and the nearest valid value."""
    from wizard.resources.documents import read_document

    document = read_document(path, bundled=bundled)
    provider = SCHEMA.load(document)
    if provider.id != path.stem or not _ID.fullmatch(path.stem):
        raise document.problem(
            _("The id must be the name of the file, in lowercase letters, digits and hyphens: {name}.").format(
                name=re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-") or "example"
            ),
            ("id",),
        )
    return provider


# Values


def _domain(written: str) -> Domain:
    domain = parse_domain(written)
    if domain.ascii != written:  # as the look-up compares them
        raise Invalid(_("Please write it as {name}.").format(name=domain.ascii))
    return domain


def _template(written: str) -> str:
    check_template(written)
    return written


def _host(written: str) -> Hostname:
    filled = fill(_template(written), _SAMPLE)
    parsed = parse_hostname(filled)
    if parsed != filled:
        raise Invalid(_("Please write it as {name}.").format(name=parsed))
    return Hostname(written)


_SOCKET_TYPE = member(SocketType)


def _socket_type(value: Any, names: Names) -> SocketType:
    # The nearest word to “TLS” would be STARTTLS, and that is the other thing.
    if isinstance(value, str) and value.casefold() in ("tls", "ssl/tls", "tls/ssl"):
        raise Invalid(_("Write SSL for TLS from the first byte, STARTTLS for an upgraded connection."))
    return _SOCKET_TYPE.read(value, names)


def _methods(methods: tuple[AuthenticationMethod, ...]) -> tuple[AuthenticationMethod, ...]:
    if len(set(methods)) != len(methods):
        raise Invalid(_("The same authentication method is listed twice."))
    return methods


# Facts


def _names_of(source: str, names: Names) -> Schema[Sourced]:
    """Domains that were read in one ``source``."""
    fact = names["sources"][source]
    return ListOf(Text().to(_domain)).to(lambda domains: tuple((domain, fact) for domain in domains))


def _once(groups: dict[str, Sourced]) -> Sourced:
    found: dict[Domain, FactSource] = {}
    for name, group in groups.items():
        for index, (domain, fact) in enumerate(group):
            if domain in found:
                raise Invalid(_("“{name}” is listed twice.").format(name=domain.ascii), name, index)
            found[domain] = fact
    return tuple(found.items())


def _server(*, source: FactSource, protocol: Protocol = Protocol.SMTP, **values: Any) -> tuple[AnyServer, FactSource]:
    return server(protocol, **values), source


def _different(servers: Sourced) -> Sourced:
    for index, (listed, _source) in enumerate(servers):
        if any(listed == earlier for earlier, _fact in servers[:index]):
            raise Invalid(_("This server is listed twice."), index)
    return servers


def _facts(value: Any, names: Names) -> tuple[ProviderFact, ...]:
    """What decides beyond servers: its schema takes longer to make than most files to read, and many have none."""
    from wizard.discovery.provider_facts import FACTS

    return FACTS.read(value, names)


def _fact(value: Any, source: FactSource) -> tuple[Any, FactSource]:
    return value, source


def _quota(hint: str, source: FactSource, text: str | None = None) -> dict[str, Any]:
    return {"quota_hint": None if hint == "not_known" else hint, "quota_text": text, "quota_source": source}


def _provider(
    *,
    id: str,  # noqa: A002 - the key of the file
    name: str,
    domains: Sourced,
    mx_suffixes: Sourced,
    spf_suffixes: Sourced,
    server_suffixes: Sourced,
    incoming: Sourced,
    outgoing: Sourced,
    offers: tuple[str, FactSource],
    password: tuple[str, FactSource],
    quirks: tuple[Quirk, ...],
    quota: dict[str, Any],
    certified_mail: FactSource | None,
    smtp_must_match: FactSource | None,
    sources: dict[str, FactSource],  # noqa: ARG001 - the facts have theirs already
    **values: Any,
) -> Provider:
    _check_offer(offers[0], incoming, outgoing, quirks)
    config = ClientConfig(id, _values(domains), name, _values(incoming), _values(outgoing))
    server_sources = tuple(source for _server, source in (*incoming, *outgoing))
    return Provider(
        id=id,
        name=name,
        config=config,
        mx_suffixes=tuple(str(suffix) for suffix in _values(mx_suffixes)),
        spf_suffixes=tuple(str(suffix) for suffix in _values(spf_suffixes)),
        server_suffixes=tuple(str(suffix) for suffix in _values(server_suffixes)),
        offers=None if offers[0] == "not_known" else offers[0],
        offers_source=offers[1],
        password_kind=password[0],
        password_source=password[1],
        source=(server_sources or (offers[1],))[0],
        certified_mail=certified_mail is not None,
        certified_source=certified_mail,
        smtp_must_match=smtp_must_match is not None,
        quirks=quirks,
        server_sources=server_sources,
        domain_sources=tuple(source for _domain, source in domains),
        mx_sources=tuple(source for _suffix, source in mx_suffixes),
        spf_sources=tuple(source for _suffix, source in spf_suffixes),
        server_suffix_sources=tuple(source for _suffix, source in server_suffixes),
        **quota,
        **values,
    )


def _values(facts: Sourced) -> tuple[Any, ...]:
    return tuple(value for value, _source in facts)


def _check_offer(offers: str, incoming: Sourced, outgoing: Sourced, quirks: tuple[Quirk, ...]) -> None:
    """What is said to be offered and the servers that are listed agree."""
    listed = {server.protocol for server in _values(incoming)}
    if offers in _OFFERED and listed and listed != _OFFERED[offers]:
        raise Invalid(
            _("The value “{value}” does not agree with the servers that are listed.").format(value=offers),
            *("offers", "protocols"),
        )
    if bool(incoming) != bool(outgoing):
        raise Invalid(
            _("Servers for receiving and for sending belong together: one of the two is missing."),
            "incoming" if incoming else "outgoing",
        )
    if offers == "neither" and not any(quirk.code in CLOSED for quirk in quirks):
        raise Invalid(
            _("Where neither protocol is offered, a quirk says why; its code is one of {words}.").format(
                words=", ".join(CLOSED)
            ),
            *("offers", "protocols"),
        )


# The schema

_NAMES = MapOf(NameOf("sources"), ByKey(_names_of), empty=True).to(_once)
_SERVER: Fields = {
    "host": Field(Text().to(_host), "hostname"),
    "port": Number(1, 65535).to(Port),
    "socket_type": Custom(_socket_type),
    "username": Text().to(_template),
    "authentication": ListOf(member(AuthenticationMethod)).to(_methods),
    "source": SOURCE,
}
_PROTOCOLS = optional(ListOf(member(Protocol)), ())
_GRANTED = optional(Record(lambda source: source, {"source": SOURCE}), None)
"""A fact that holds when its key is there."""

SCHEMA = Record(
    _provider,
    {
        "sources": sources(Message()),
        "id": Text(),
        "name": Text().to(str.strip),
        "country": optional(
            Text(re.compile(r"[A-Z]{2}"), mark("A country code of two capital letters is expected here, such as IT."))
        ),
        "domains": optional(_NAMES, ()),
        "mx_suffixes": optional(_NAMES, ()),
        "spf_suffixes": optional(_NAMES, ()),
        "server_suffixes": optional(_NAMES, ()),
        "incoming": optional(
            ListOf(Record(_server, {"protocol": member(Protocol, *RECEIVING), **_SERVER})).to(_different),
            (),
        ),
        "outgoing": optional(ListOf(Record(_server, _SERVER)).to(_different), ()),
        "offers": Record(
            _fact,
            {"protocols": Field(words(*_OFFERED, "not_known"), "value"), "source": SOURCE},
        ),
        "password": Record(
            _fact,
            {
                "kind": Field(
                    words("account", "app_password", "app_password_if_2fa", "bridge", "authorisation_code", "none"),
                    "value",
                ),
                "source": SOURCE,
            },
        ),
        "switch_on": optional(
            ListOf(
                Record(
                    Step,
                    {"text": Message(), "protocols": _PROTOCOLS, "source": SOURCE, "url": optional(WEB_ADDRESS)},
                )
            )
        ),
        "quirks": optional(
            ListOf(
                Record(
                    Quirk,
                    {
                        "code": CODE,
                        "text": Message(),
                        "protocols": _PROTOCOLS,
                        "source": SOURCE,
                    },
                )
            ),
            (),
        ),
        "facts": optional(Custom(_facts), ()),
        "quota": optional(
            Record(
                _quota,
                {"hint": words("ample", "tight", "not_known"), "text": optional(Message()), "source": SOURCE},
            ),
            {},
        ),
        "certified_mail": _GRANTED,
        "smtp_must_match": _GRANTED,
        "documentation": optional(ListOf(WEB_ADDRESS)),
    },
)
"""The schema of a file in providers/."""
