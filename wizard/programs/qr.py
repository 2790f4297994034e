"""Reads what Thunderbird's “Export for Mobile” puts into a QR code: the text, or a picture of the code.

Source: “Export for Mobile” QR code format, version 1 (2025-02-06), of Thunderbird for Android. As in its reader, one
value that cannot be used makes the whole code unusable. Passwords that a code may hold are never looked at.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wizard.language import translate as _
from wizard.model.address import parse_address
from wizard.model.problems import Place, Problem
from wizard.model.servers import (
    AfterDownload,
    AuthenticationMethod,
    IncomingServer,
    LeavePolicy,
    OutgoingServer,
    Protocol,
    SocketType,
)
from wizard.model.text import printable
from wizard.programs.account import ReadAccount, one_line, read_server

if TYPE_CHECKING:
    from collections.abc import Iterable

TEXT_LIMIT = 8 * 1024
"""Characters; the largest QR code holds fewer."""

_INCOMING = {0: Protocol.IMAP, 1: Protocol.POP3}
_SECURITY = {0: SocketType.PLAIN, 1: SocketType.STARTTLS, 2: SocketType.STARTTLS, 3: SocketType.SSL}
_METHODS = {
    0: AuthenticationMethod.NONE,
    1: AuthenticationMethod.PASSWORD_CLEARTEXT,
    2: AuthenticationMethod.PASSWORD_ENCRYPTED,
    3: AuthenticationMethod.GSSAPI,
    4: AuthenticationMethod.NTLM,
    5: AuthenticationMethod.TLS_CLIENT_CERT,
    6: AuthenticationMethod.OAUTH2,
}


@dataclass(frozen=True, slots=True)
class ReadCode:
    """The accounts of one code. ``number`` of ``total``: several codes may belong together; counted from 1."""

    accounts: tuple[ReadAccount, ...]
    number: int
    total: int


def read_picture(content: bytes, name: str) -> ReadCode:
    """Read a picture (SVG or PNG) of a code; ``name`` is what errors call the file. Raises Problem."""
    from wizard.programs.qr_image import text_of_picture

    return read_code(text_of_picture(content, name), name)


def read_code(text: str, name: str) -> ReadCode:
    """Read the text of a code; raises Problem for anything that Thunderbird for Android would not understand."""
    place = Place(printable(name))
    wrong = _("This is no code of Thunderbird’s “Export for Mobile”.")
    try:
        data = json.loads(text) if len(text) <= TEXT_LIMIT else None
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, list) or len(data) < 2:
        raise Problem(wrong, place=place)
    version, counted, *listed = data
    if version != 1 or isinstance(version, bool):
        raise Problem(
            _("This is version {version} of the code; version 1 is known.").format(version=printable(str(version), 20)),
            place=place,
        )
    try:
        number, total = (_number(one) for one in _list(counted, 2))
        if len(listed) % 2 or not listed or not 1 <= number <= total:
            raise _Wrong
        pairs = zip(listed[::2], listed[1::2], strict=True)
        accounts = tuple(_account(incoming, groups) for incoming, groups in pairs)
    except _Wrong:
        raise Problem(wrong, place=place) from None
    except Problem as problem:
        raise Problem(problem.text, place=place) from None
    return ReadCode(accounts, number, total)


class _Wrong(Exception):
    pass


def _list(value: Any, shortest: int, longest: int | None = None) -> list[Any]:
    if not isinstance(value, list) or not shortest <= len(value) <= (longest or shortest):
        raise _Wrong
    return value


def _number(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise _Wrong
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise _Wrong
    return one_line(value)


def _of(known: dict[int, Any], value: Any) -> Any:
    if _number(value) not in known:
        raise _Wrong
    return known[value]


def _account(incoming: Any, groups: Any) -> ReadAccount:
    """One account. Its first group of sending server and identities is what the program uses."""
    first = _server(incoming, _INCOMING, longest=8)
    outgoing, *identities = _list(_list(groups, 1, 20)[0], 2, 20)
    sender = _server(outgoing, {0: Protocol.SMTP}, longest=7)
    address, *names = _list(identities[0], 1, 2)
    assert isinstance(first, IncomingServer)
    assert isinstance(sender, OutgoingServer)
    return ReadAccount(
        address=parse_address(_text(address)),
        display_name=_text(names[0] if names and names[0] is not None else ""),
        incoming=(first,),
        outgoing=(sender,),
        # The program removes nothing from a POP3 server by itself.
        leave=LeavePolicy(AfterDownload.KEEP) if first.protocol is Protocol.POP3 else None,
    )


def _server(value: Any, protocols: dict[int, Protocol], *, longest: int) -> IncomingServer | OutgoingServer:
    kind, hostname, port, security, method, username, *_rest = _list(value, 6, longest)
    methods: Iterable[AuthenticationMethod] = (_of(_METHODS, method),)
    return read_server(
        _of(protocols, kind),
        hostname=_text(hostname),
        port=_number(port),
        socket_type=_of(_SECURITY, security),
        username=_text("" if username is None else username),
        authentication=methods,
    )
