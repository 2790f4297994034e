"""Settings as a document: what ``discover --json`` prints, and what ``--settings`` reads, from any author.

What is read is checked strictly: a settings file may come from anywhere, and its host names end up where a password is
typed. The documents are written by :mod:`wizard.programs.documents`.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from wizard.language import translate as _
from wizard.model.address import Domain, EmailAddress, Port, parse_address, parse_domain, parse_hostname
from wizard.model.discovery import DiscoveryReport, Evidence, FoundServer, Outcome, Source, SourceReport, Trust
from wizard.model.problems import Notice
from wizard.model.provider import FactSource, Provider
from wizard.model.servers import AuthenticationMethod, ClientConfig, Protocol, SocketType, server
from wizard.model.text import has_controls, printable
from wizard.programs.documents import SCHEMA
from wizard.programs.program import Program, Signs
from wizard.resources.schema import (
    CODE,
    Custom,
    Field,
    Flag,
    Invalid,
    ListOf,
    Nullable,
    Number,
    Record,
    Text,
    member,
    optional,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.resources.documents import Document
    from wizard.resources.schema import Names, Schema

    ProviderNamed = Callable[[str], Provider | None]

ITEM_LIMIT = 200
"""Entries of one list. The longest that discovery writes has some twenty."""


def settings_from(text: str, name: str, *, provider_named: ProviderNamed | None = None) -> DiscoveryReport:
    """Read settings from JSON (or YAML) text; ``name`` is what errors call it. Raises Problem with line and key.

    The document knows a provider by id and name only: ``provider_named`` gives the rest; where it is None or does not
    know the id, the report has a provider of that id and name about which nothing else is claimed.
    """
    return _with_provider(_REPORT.load(_parse(text, name)), provider_named)


def all_settings_from(
    text: str, name: str, *, provider_named: ProviderNamed | None = None
) -> tuple[DiscoveryReport, ...]:
    """Like :func:`settings_from`, and reads what ``inspect --json`` prints of several accounts, too."""
    document = _parse(text, name)
    if isinstance(document.data, dict) and "accounts" in document.data:
        reports = _SEVERAL.load(document)
    else:
        reports = (_REPORT.load(document),)
    return tuple(_with_provider(report, provider_named) for report in reports)


def _parse(text: str, name: str) -> Document:
    from wizard.resources.documents import Document, parse_document

    data = _json(text.encode())
    return Document(name, text, data) if data is not None else parse_document(text, name)


def _json(raw: bytes) -> Any:
    """The data of valid JSON; None for anything else, which the stricter reader of YAML then names with its line.

    JSON has its own reader because YAML's takes a pair of surrogate escapes for two characters.
    """
    try:
        return json.loads(raw.decode("utf-8-sig"), object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a key is given twice")
    return made


def _no_constant(word: str) -> None:
    raise ValueError(word)


def _with_provider(report: DiscoveryReport, provider_named: ProviderNamed | None) -> DiscoveryReport:
    if report.provider is None or provider_named is None:
        return report
    return replace(report, provider=provider_named(report.provider.id) or report.provider)


def _version(value: Any, _names: Names) -> int:
    if value != SCHEMA or isinstance(value, bool):
        raise Invalid(
            _("This is schema {found}; this program reads schema {known}.").format(
                found=printable(str(value), 20), known=SCHEMA
            )
        )
    return SCHEMA


def _one_line(text: str) -> str:
    if "\n" in text:
        raise Invalid(_("A text on one line is expected here."))
    return text


def _found(
    *,
    source: Source,
    trust: Trust,
    verified: bool | None,
    protocol: Protocol,
    username: Any,
    authentication: tuple[AuthenticationMethod, ...],
    **fields: Any,
) -> FoundServer:
    _check_username(username, authentication)
    listed = server(protocol, username=username, authentication=tuple(dict.fromkeys(authentication)), **fields)
    return FoundServer(listed, Evidence(source, trust), verified)


def _check_username(value: Any, methods: tuple[AuthenticationMethod, ...]) -> None:
    """A user name is taken exactly as given; it may be empty only without a log-in."""
    if value == "" and {AuthenticationMethod.NONE, AuthenticationMethod.CLIENT_IP_ADDRESS}.issuperset(methods):
        return
    if not isinstance(value, str) or not value.strip() or value != value.strip() or len(value) > 500:
        raise Invalid(_("A user name is expected here, in quotes if it is a number."), "username")
    if has_controls(value):
        raise Invalid(_("The text contains an invisible control character."), "username")


def _provider(*, id: str, name: str) -> Provider:  # noqa: A002 - the key of the document
    return Provider(
        id=id,
        name=name,
        config=ClientConfig(id, (), name, (), ()),
        mx_suffixes=(),
        offers="both",
        password_kind="account",  # noqa: S106 - a word of the model, no password
        source=FactSource(_("the settings file"), "", "unverified"),
    )


def _report(*, schema: int, address: EmailAddress, domain: Domain | None = None, **fields: Any) -> DiscoveryReport:  # noqa: ARG001
    if domain is not None and domain != address.domain:
        raise Invalid(
            _("The domain is not the one of the address, {domain}.").format(domain=address.domain.ascii), "domain"
        )
    return DiscoveryReport(address=address, **fields)


def _accounts(*, schema: int, accounts: tuple[DiscoveryReport, ...]) -> tuple[DiscoveryReport, ...]:  # noqa: ARG001
    return accounts


def _server_as(protocol: Schema[Protocol] | Field) -> Schema[FoundServer]:
    return Record(
        _found,
        {
            "protocol": protocol,
            "host": Field(Text().to(parse_hostname), "hostname"),
            "port": Number(1, 65535).to(Port),
            "socket_type": member(SocketType),
            "username": Custom(lambda value, _names: value),
            "authentication": ListOf(member(AuthenticationMethod)),
            "source": optional(member(Source), Source.USER),
            "trust": optional(member(Trust), Trust.AUTHENTICATED),
            "verified": optional(Nullable(Flag()), None),
        },
    )


def _best(protocol: Protocol) -> Field:
    """The best server of a protocol; null where there is none."""
    return optional(Nullable(_server_as(optional(member(Protocol, protocol), protocol))))


def _list_of(item: Schema[Any]) -> Field:
    return optional(ListOf(item, empty=True, most=ITEM_LIMIT), ())


_LINE = Text().to(_one_line)
_ELAPSED = optional(Number(0, 10**9), 0)
_NOTICE = Record(Notice, {"code": CODE, "text": _LINE})
_REPORT = Record(
    _report,
    {
        "schema": Custom(_version),
        "address": Text().to(parse_address),
        "domain": optional(Text().to(parse_domain)),
        "elapsed_ms": _ELAPSED,
        "provider": optional(Nullable(Record(_provider, {"id": _LINE, "name": _LINE})), None),
        "imap": _best(Protocol.IMAP),
        "pop3": _best(Protocol.POP3),
        "smtp": _best(Protocol.SMTP),
        "alternatives": _list_of(_server_as(member(Protocol))),
        "needs_consent": _list_of(_NOTICE),
        "warnings": _list_of(_NOTICE),
        "sources": _list_of(
            Record(
                SourceReport,
                {
                    "source": member(Source),
                    "outcome": member(Outcome),
                    "url": optional(Nullable(_LINE), None),
                    "elapsed_ms": _ELAPSED,
                    "detail": optional(
                        Custom(lambda value, names: value if value == "" else _LINE.read(value, names)), ""
                    ),
                },
            )
        ),
    },
)
_SEVERAL = Record(_accounts, {"schema": Custom(_version), "accounts": ListOf(_REPORT, most=ITEM_LIMIT)})


PROGRAM = Program(
    id="settings",
    signs=Signs(
        line=re.compile(r"\A\s*\{|^[\"']?schema[\"']?[ \t]*:", re.MULTILINE),
        weak_line=re.compile(r"\A(?:\s|#.*\n|---)*[\"']?[a-z_0-9]+[\"']?[ \t]*:(?:\s|\Z)", re.MULTILINE),
        name=re.compile(r".*\.(?:json|ya?ml)", re.IGNORECASE),
    ),
)
"""Recognised like a file of any program; read by :func:`all_settings_from`, because it holds whole reports."""
