"""Settings as a document: what ``discover --json`` prints, and what ``--settings`` reads, from any author.

What is read is checked strictly: a settings file may come from anywhere, and its host names end up where a password is
typed. The documents are written by :mod:`wizard.programs.documents`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from wizard.language import translate as _
from wizard.model.address import Domain, EmailAddress, Port, is_number, parse_address, parse_domain, parse_hostname
from wizard.model.discovery import DiscoveryReport, Evidence, FoundServer, Outcome, Source, SourceReport, Trust
from wizard.model.problems import Notice
from wizard.model.provider import FactSource, Provider
from wizard.model.servers import (
    AfterDownload,
    AuthenticationMethod,
    ClientConfig,
    LeavePolicy,
    Protocol,
    SocketType,
    server,
)
from wizard.model.text import has_controls, printable
from wizard.programs.documents import SCHEMA
from wizard.programs.program import Program, Signs
from wizard.programs.reading import UNKNOWN, IncompleteServer, written_server
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

CONTAINER_LIMIT = 20_000
"""Objects and lists of a document: a thousand accounts have fewer."""

ITEM_LIMIT = 200
"""Entries of one list. The longest that discovery writes has some twenty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadSettings:
    """One document. ``leave`` is what it says of messages on the server, None where nothing.

    ``incomplete``: servers as ``inspect --json`` prints them of a file that does not say everything; they are not in
    the report. Its address is UNKNOWN where the document has null.
    """

    report: DiscoveryReport
    leave: LeavePolicy | None = None
    incomplete: tuple[IncompleteServer, ...] = ()


def settings_from(text: str, name: str, *, provider_named: ProviderNamed | None = None) -> DiscoveryReport:
    """Read settings from JSON (or YAML) text; ``name`` is what errors call it. Raises Problem with line and key.

    The document knows a provider by id and name only: ``provider_named`` gives the rest; where it is None or does not
    know the id, the report has a provider of that id and name about which nothing else is claimed.
    """
    return _with_provider(_REPORT.load(_parse(text, name)), provider_named).report


def all_settings_from(text: str, name: str, *, provider_named: ProviderNamed | None = None) -> tuple[ReadSettings, ...]:
    """All that a document says, read like :func:`settings_from`, or the list that ``inspect --json`` prints."""
    document = _parse(text, name)
    if isinstance(document.data, dict) and "accounts" in document.data:
        accounts = _SEVERAL.load(document)
    else:
        accounts = (_REPORT.load(document),)
    return tuple(_with_provider(account, provider_named) for account in accounts)


def _parse(text: str, name: str) -> Document:
    from wizard.resources.documents import Document, parse_document

    data = _json(text.encode())
    return Document(name, text, data) if data is not None else parse_document(text, name)


def _json(raw: bytes) -> Any:
    """The data of valid JSON; None for anything else, which the stricter reader of YAML then names with its line.

    JSON has its own reader because YAML's takes a pair of surrogate escapes for two characters. What is too large is
    left to the other's limits: an object or a list takes far more memory than its two brackets.
    """
    if raw.count(b"{") + raw.count(b"[") > CONTAINER_LIMIT:
        return None
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


def _with_provider(read: ReadSettings, provider_named: ProviderNamed | None) -> ReadSettings:
    provider = read.report.provider
    if provider is None or provider_named is None:
        return read
    return replace(read, report=replace(read.report, provider=provider_named(provider.id) or provider))


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
    host: str | None,
    port: Port | None,
    socket_type: SocketType | None,
    username: Any,
    authentication: tuple[AuthenticationMethod, ...],
) -> FoundServer | IncompleteServer:
    if username is not None:
        _check_username(username, authentication)
    methods = tuple(dict.fromkeys(authentication))
    if host is None or is_number(host) or port is None or socket_type is None or username is None:
        incomplete = written_server(
            protocol,
            hostname=host or "",
            port=port,
            socket_type=socket_type,
            username=username or "",
            authentication=methods,
        )
        if isinstance(incomplete, IncompleteServer):
            return incomplete
        return FoundServer(incomplete, Evidence(source, trust), verified)
    listed = server(
        protocol,
        hostname=parse_hostname(host),
        port=port,
        socket_type=socket_type,
        username=username,
        authentication=methods,
    )
    return FoundServer(listed, Evidence(source, trust), verified)


def _host(text: str) -> str:
    """A name as A-labels; a number as it is, to be shown. Raises AddressProblem for anything else."""
    return _one_line(text).strip() if is_number(text) else parse_hostname(text)


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


def _report(
    *,
    schema: int,  # noqa: ARG001
    address: EmailAddress | None,
    domain: Domain | None = None,
    leave_days: int | None,
    alternatives: tuple[FoundServer | IncompleteServer, ...],
    **fields: Any,
) -> ReadSettings:
    if domain is not None and address is not None and domain != address.domain:
        raise Invalid(
            _("The domain is not the one of the address, {domain}.").format(domain=address.domain.ascii), "domain"
        )
    best = {protocol: fields.pop(protocol.value, None) for protocol in Protocol}
    usable: dict[str, Any] = {kind.value: found for kind, found in best.items() if isinstance(found, FoundServer)}
    return ReadSettings(
        report=DiscoveryReport(
            address=address or UNKNOWN,
            alternatives=tuple(found for found in alternatives if isinstance(found, FoundServer)),
            **usable,
            **fields,
        ),
        leave=_leave(leave_days),
        incomplete=tuple(found for found in (*best.values(), *alternatives) if isinstance(found, IncompleteServer)),
    )


def _leave(days: int | None) -> LeavePolicy | None:
    if days is None:
        return None
    return LeavePolicy(AfterDownload.KEEP_DAYS, days) if days else LeavePolicy(AfterDownload.REMOVE)


def _accounts(*, schema: int, accounts: tuple[ReadSettings, ...]) -> tuple[ReadSettings, ...]:  # noqa: ARG001
    return accounts


def _server_as(protocol: Schema[Protocol] | Field) -> Schema[FoundServer | IncompleteServer]:
    return Record(
        _found,
        {
            "protocol": protocol,
            "host": Nullable(Text().to(_host)),
            "port": Nullable(Number(1, 65535).to(Port)),
            "socket_type": Nullable(member(SocketType)),
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
        "address": Nullable(Text().to(parse_address)),
        "domain": optional(Nullable(Text().to(parse_domain))),
        "elapsed_ms": _ELAPSED,
        "provider": optional(Nullable(Record(_provider, {"id": _LINE, "name": _LINE})), None),
        "imap": _best(Protocol.IMAP),
        "pop3": _best(Protocol.POP3),
        "smtp": _best(Protocol.SMTP),
        "alternatives": _list_of(_server_as(member(Protocol))),
        "leave_days": optional(Nullable(Number(0, 3650)), None),
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
