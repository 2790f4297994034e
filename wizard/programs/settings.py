"""Reads settings: the document of ``discover --json``, or one that a person wrote (``export --settings``).

What is read is checked strictly: a settings file may come from anybody, and its host names end up where a password is
typed. The documents that are written are in :mod:`wizard.programs.documents`, and offered here too.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from wizard.language import translate as _
from wizard.model.address import AddressProblem, EmailAddress, parse_address, parse_domain, parse_hostname, parse_port
from wizard.model.discovery import DiscoveryReport, Evidence, FoundServer, Outcome, Source, SourceReport, Trust
from wizard.model.notice import Notice
from wizard.model.provider import FactSource, Provider
from wizard.model.servers import AuthenticationMethod, ClientConfig, SocketType, server
from wizard.model.servers import Protocol as MailProtocol
from wizard.model.text import has_controls, printable
from wizard.programs.documents import SCHEMA, export_document, report_document
from wizard.programs.program import Program, Signs
from wizard.resources import shape

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.resources.documents import Document

__all__ = ["all_settings_from", "export_document", "report_document", "settings_from"]

ITEM_LIMIT = 200
"""Entries of one list. The longest that discovery writes has some twenty."""

_CODE = re.compile(r"[a-z][a-z0-9_]{0,63}")
_SERVER_REQUIRED = ("host", "port", "socket_type", "username", "authentication")
_SERVER_KEYS = ("protocol", *_SERVER_REQUIRED, "source", "trust", "verified")
_SOURCE_KEYS = ("source", "outcome", "url", "elapsed_ms", "detail")
_REPORT_LISTS = ("alternatives", "needs_consent", "warnings", "sources")
_REPORT_KEYS = ("schema", "address", "domain", "elapsed_ms", "provider", "imap", "pop3", "smtp", *_REPORT_LISTS)

KeyPath = tuple[Any, ...]


def settings_from(
    text: str, name: str, *, provider_named: Callable[[str], Provider | None] | None = None
) -> DiscoveryReport:
    """Read settings from JSON (or YAML) text; ``name`` is what errors call it. Raises Problem with line and key.

    The document knows a provider by id and name only: ``provider_named`` gives the rest; where it is None or does not
    know the id, the report has a provider of that id and name about which nothing else is claimed.
    """
    return _report(_parse(text, name), provider_named)


def all_settings_from(
    text: str, name: str, *, provider_named: Callable[[str], Provider | None] | None = None
) -> tuple[DiscoveryReport, ...]:
    """Like :func:`settings_from`, and reads what ``inspect --json`` prints of several accounts, too."""
    document = _parse(text, name)
    if not isinstance(document.data, dict) or "accounts" not in document.data:
        return (_report(document, provider_named),)
    top = shape.mapping(document, (), document.data, required=("schema", "accounts"), allowed=("schema", "accounts"))
    _require_schema(document, top)
    listed = shape.sequence(document, ("accounts",), top["accounts"])
    if len(listed) > ITEM_LIMIT:
        raise document.problem(_("More than {count} entries are too many.").format(count=ITEM_LIMIT), ("accounts",))
    return tuple(_report(document.part(one, "accounts", at), provider_named) for at, one in enumerate(listed))


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


def _report(document: Document, provider_named: Callable[[str], Provider | None] | None) -> DiscoveryReport:
    top = shape.mapping(document, (), document.data, required=("schema", "address"), allowed=_REPORT_KEYS)
    _require_schema(document, top)
    address = _address(document, top)
    found = {one.value: _found(document, (one.value,), top.get(one.value), one) for one in MailProtocol}
    others = _list(document, top, "alternatives")
    return DiscoveryReport(
        address=address,
        elapsed_ms=_elapsed(document, (), top),
        provider=_provider(document, top.get("provider"), provider_named),
        imap=found["imap"],
        pop3=found["pop3"],
        smtp=found["smtp"],
        alternatives=tuple(
            one for at, value in enumerate(others) if (one := _found(document, ("alternatives", at), value, None))
        ),
        needs_consent=_notices(document, top, "needs_consent"),
        warnings=_notices(document, top, "warnings"),
        sources=tuple(
            _source(document, ("sources", at), value) for at, value in enumerate(_list(document, top, "sources"))
        ),
    )


def _require_schema(document: Document, top: dict[str, Any]) -> None:
    if top["schema"] != SCHEMA or isinstance(top["schema"], bool):
        raise document.problem(
            _("This is schema {found}; this program reads schema {known}.").format(
                found=printable(str(top["schema"]), 20), known=SCHEMA
            ),
            ("schema",),
        )


def _address(document: Document, top: dict[str, Any]) -> EmailAddress:
    try:
        address = parse_address(shape.text(document, ("address",), top["address"]))
    except AddressProblem as problem:
        raise document.problem(problem.text, ("address",)) from None
    if "domain" not in top:
        return address
    try:
        domain = parse_domain(shape.text(document, ("domain",), top["domain"]))
    except AddressProblem as problem:
        raise document.problem(problem.text, ("domain",)) from None
    if domain != address.domain:
        raise document.problem(
            _("The domain is not the one of the address, {domain}.").format(domain=address.domain.ascii), ("domain",)
        )
    return address


def _list(document: Document, top: dict[str, Any], key: str) -> list[Any]:
    listed = shape.sequence(document, (key,), top.get(key, []), empty=True)
    if len(listed) > ITEM_LIMIT:
        raise document.problem(_("More than {count} entries are too many.").format(count=ITEM_LIMIT), (key,))
    return listed


def _elapsed(document: Document, path: KeyPath, entry: dict[str, Any]) -> int:
    return shape.number(document, (*path, "elapsed_ms"), entry.get("elapsed_ms", 0), 0, 10**9)


def _found(document: Document, path: KeyPath, value: Any, protocol: MailProtocol | None) -> FoundServer | None:
    """A server; None for null, which only the three best servers may be (``protocol`` is then theirs)."""
    if value is None and protocol is not None:
        return None
    required = _SERVER_REQUIRED if protocol is not None else ("protocol", *_SERVER_REQUIRED)
    entry = shape.mapping(document, path, value, required=required, allowed=_SERVER_KEYS)
    known = [one.value for one in MailProtocol] if protocol is None else [protocol.value]
    kind = MailProtocol(shape.choice(document, (*path, "protocol"), entry.get("protocol", known[0]), known))
    methods = shape.sequence(document, (*path, "authentication"), entry["authentication"])
    names = [one.value for one in AuthenticationMethod]
    try:
        hostname = parse_hostname(shape.text(document, (*path, "host"), entry["host"]))
    except AddressProblem as problem:
        raise document.problem(problem.text, (*path, "host")) from None
    port = parse_port(shape.number(document, (*path, "port"), entry["port"], 1, 65535))
    listed = [shape.choice(document, (*path, "authentication", at), one, names) for at, one in enumerate(methods)]
    security = shape.choice(document, (*path, "socket_type"), entry["socket_type"], [one.value for one in SocketType])
    source = shape.choice(document, (*path, "source"), entry.get("source", "user"), [one.value for one in Source])
    trust = shape.choice(document, (*path, "trust"), entry.get("trust", "authenticated"), [one.value for one in Trust])
    verified = entry.get("verified")
    return FoundServer(
        server(
            kind,
            hostname=hostname,
            port=port,
            socket_type=SocketType(security),
            username=_username(document, (*path, "username"), entry["username"], listed),
            authentication=dict.fromkeys(AuthenticationMethod(one) for one in listed),
        ),
        Evidence(Source(source), Trust(trust)),
        None if verified is None else shape.flag(document, (*path, "verified"), verified),
    )


def _username(document: Document, path: KeyPath, value: Any, methods: list[str]) -> str:
    """A user name exactly as given; it may be empty only where nobody logs in."""
    if value == "" and {"none", "client-IP-address"}.issuperset(methods):
        return ""
    if not isinstance(value, str) or not value.strip() or value != value.strip() or len(value) > 500:
        raise document.problem(_("Here a user name is expected, in quotes when it is a number."), path)
    if has_controls(value):
        raise document.problem(_("The text holds an invisible control character."), path)
    return value


def _line(document: Document, path: KeyPath, value: Any, *, empty: bool = False) -> str:
    """A text on one line."""
    if value == "" and empty:
        return ""
    found = shape.text(document, path, value)
    if "\n" in found:
        raise document.problem(_("Here a text on one line is expected."), path)
    return found


def _notices(document: Document, top: dict[str, Any], key: str) -> tuple[Notice, ...]:
    notices = []
    for at, value in enumerate(_list(document, top, key)):
        entry = shape.mapping(document, (key, at), value, required=("code", "text"), allowed=("code", "text"))
        code = _line(document, (key, at, "code"), entry["code"])
        if not _CODE.fullmatch(code):
            raise document.problem(_("A code is written in small letters, digits and “_”."), (key, at, "code"))
        notices.append(Notice(code, _line(document, (key, at, "text"), entry["text"])))
    return tuple(notices)


def _source(document: Document, path: KeyPath, value: Any) -> SourceReport:
    entry = shape.mapping(document, path, value, required=("source", "outcome"), allowed=_SOURCE_KEYS)
    source = shape.choice(document, (*path, "source"), entry["source"], [one.value for one in Source])
    outcome = shape.choice(document, (*path, "outcome"), entry["outcome"], [one.value for one in Outcome])
    url = entry.get("url")
    return SourceReport(
        Source(source),
        Outcome(outcome),
        url=None if url is None else _line(document, (*path, "url"), url),
        elapsed_ms=_elapsed(document, path, entry),
        detail=_line(document, (*path, "detail"), entry.get("detail", ""), empty=True),
    )


def _provider(
    document: Document, value: Any, provider_named: Callable[[str], Provider | None] | None
) -> Provider | None:
    if value is None:
        return None
    path = ("provider",)
    entry = shape.mapping(document, path, value, required=("id", "name"), allowed=("id", "name"))
    identity = _line(document, (*path, "id"), entry["id"])
    known = provider_named(identity) if provider_named is not None else None
    if known is not None:
        return known
    name = _line(document, (*path, "name"), entry["name"])
    return Provider(
        id=identity,
        name=name,
        config=ClientConfig(identity, (), name, (), ()),
        mx_suffixes=(),
        offers="both",
        password_kind="account",  # noqa: S106 - a word of the model, no password
        source=FactSource(_("the settings file"), "", "unverified"),
    )


PROGRAM = Program(
    id="settings",
    signs=Signs(
        line=re.compile(r"\A\s*\{|^[\"']?schema[\"']?[ \t]*:", re.MULTILINE),
        weak_line=re.compile(r"\A(?:\s|#.*\n|---)*[\"']?[a-z_0-9]+[\"']?[ \t]*:(?:\s|\Z)", re.MULTILINE),
        name=re.compile(r".*\.(?:json|ya?ml)", re.IGNORECASE),
    ),
)
"""Recognised like a file of any program; read by :func:`all_settings_from`, because it holds whole reports."""
