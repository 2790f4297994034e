"""Reads the documents and the digests of PACC (``user-agent-configuration.json``), without trusting them.

Source: draft-ietf-mailmaint-pacc, Automatic Configuration of Email, Calendar, and Contact Server Settings. A protocol
has a host and nothing else: the port is that of TLS from the first byte, the user name is the address. How to log in is
said once for all. Sending was called ``smtp`` up to version 02 of the draft and is called ``submit`` since; both are
read, the newer name first. Protocols other than those of mail are ignored. The placeholders of autoconfig are
filled in, though the draft has none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wizard.language import translate as _
from wizard.model.problems import Place, Problem
from wizard.model.servers import (
    USUAL_PORTS,
    AuthenticationMethod,
    IncomingServer,
    OutgoingServer,
    Protocol,
    SocketType,
    fill,
)
from wizard.model.text import printable
from wizard.programs.reading import ReadAccount, read_server

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wizard.model.address import EmailAddress

SIZE_LIMIT = 256 * 1024
DEPTH_LIMIT = 16

_MEMBERS = (
    (Protocol.IMAP, ("imap",)),
    (Protocol.POP3, ("pop3",)),
    (Protocol.SMTP, ("submit", "smtp")),
)


@dataclass(frozen=True, slots=True)
class ReadPacc:
    """A document: its servers, and the name of the provider as it calls itself (printable, may be empty)."""

    account: ReadAccount
    provider_name: str = ""


def published_digests(records: Iterable[bytes]) -> tuple[bytes, ...]:
    """The SHA-256 digests that the TXT records at ``_ua-auto-config`` publish (``v=UAAC1; a=sha256; d=BASE64``).

    While a document changes there may be several. Records of another version or algorithm, or that make no sense, are
    left out; so are tags that are not known.
    """
    found = (_digest(record) for record in records)
    return tuple(digest for digest in found if digest is not None)


def _digest(record: bytes) -> bytes | None:
    from base64 import b64decode
    from binascii import Error

    tags: dict[str, str] = {}
    for part in record.decode("ascii", "replace").split(";"):
        name, equals, value = part.partition("=")
        if not equals:
            continue
        if tags.setdefault(name.strip().lower(), value.strip()) != value.strip():
            return None  # a tag that says two things says nothing
    if tags.get("v") != "UAAC1" or tags.get("a", "").lower() != "sha256":
        return None
    try:
        digest = b64decode(tags.get("d", ""), validate=True)
    except (Error, ValueError):
        return None
    return digest if len(digest) == 32 else None


def digest_matches(content: bytes, digests: Iterable[bytes]) -> bool:
    """Whether ``content``, the body as it was decoded, has one of the digests."""
    from hashlib import sha256

    return sha256(content).digest() in tuple(digests)


def read_pacc(content: bytes, name: str, address: EmailAddress) -> ReadPacc:
    """Read the bytes of a document for ``address``; ``name`` is what errors call it.

    Raises Problem when it is not such a document, is unsafe, or names no authentication method.
    """
    try:
        document = _load(content)
        protocols, methods = _object(document, "protocols"), _methods(document)
        incoming: list[IncomingServer] = []
        outgoing: list[OutgoingServer] = []
        skipped: list[str] = []
        for protocol, members in _MEMBERS:
            member = next((member for member in members if member in protocols), None)
            if member is None:
                continue
            try:
                found = _server(protocol, protocols[member], methods, address)
            except Problem as problem:
                skipped.append(printable(f"{member}: {problem.text}"))
                continue
            if isinstance(found, OutgoingServer):
                outgoing.append(found)
            else:
                incoming.append(found)
    except Problem as problem:
        raise Problem(problem.text, place=Place(printable(name))) from None
    account = ReadAccount(address=address, incoming=tuple(incoming), outgoing=tuple(outgoing), skipped=tuple(skipped))
    return ReadPacc(account, printable(fill(_provider_name(document), address), 60))


def _load(content: bytes) -> dict[str, Any]:
    import json

    if len(content) > SIZE_LIMIT:
        raise Problem(_("The file is larger than {size} KiB.").format(size=SIZE_LIMIT // 1024))
    try:
        document = json.loads(content.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_number)
    except RecursionError:
        raise _too_deep() from None
    except ValueError as error:  # also invalid UTF-8, and a number with thousands of digits
        raise Problem(_("This is not valid JSON: {reason}.").format(reason=printable(str(error)))) from None
    _check_depth(document)
    if not isinstance(document, dict):
        raise Problem(_("This is not a PACC document: “{member}” is missing.").format(member="protocols"))
    return document


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name is given twice")
    return members


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is not a number")


def _check_depth(document: Any) -> None:
    level = [document]
    for _depth in range(DEPTH_LIMIT):
        level = [
            below
            for parent in level
            if isinstance(parent, dict | list)
            for below in (parent.values() if isinstance(parent, dict) else parent)
        ]
        if not level:
            return
    raise _too_deep()


def _too_deep() -> Problem:
    return Problem(_("The file is nested too deeply, or has too many parts."))


def _object(parent: dict[str, Any], member: str) -> dict[str, Any]:
    value = parent.get(member)
    if not isinstance(value, dict):
        raise Problem(_("This is not a PACC document: “{member}” is missing.").format(member=member))
    return value


def _methods(document: dict[str, Any]) -> tuple[AuthenticationMethod, ...]:
    offered = _object(document, "authentication")
    methods = []
    # The document has no order. OAuth2 is second: most programs have no registration with most providers.
    if offered.get("password") is True:
        methods.append(AuthenticationMethod.PASSWORD_CLEARTEXT)
    if isinstance(offered.get("oauth-public"), dict):
        methods.append(AuthenticationMethod.OAUTH2)
    if not methods:
        raise Problem(_("The file names no known authentication method."))
    return tuple(methods)


def _server(
    protocol: Protocol, entry: Any, methods: tuple[AuthenticationMethod, ...], address: EmailAddress
) -> IncomingServer | OutgoingServer:
    host = entry.get("host") if isinstance(entry, dict) else None
    return read_server(
        protocol,
        hostname=fill(host, address) if isinstance(host, str) else "",
        port=USUAL_PORTS[protocol, SocketType.SSL],
        socket_type=SocketType.SSL,
        username=str(address),
        authentication=methods,
    )


def _provider_name(document: dict[str, Any]) -> str:
    info = document.get("info")
    provider = info.get("provider") if isinstance(info, dict) else None
    shown = provider.get("name") if isinstance(provider, dict) else None
    return printable(shown, 60) if isinstance(shown, str) else ""
