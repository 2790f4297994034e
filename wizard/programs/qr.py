"""The QR code that Thunderbird for Android scans, as text: written for accounts, and read from any such code.

Source: “Export for Mobile” QR code format, version 1 (2025-02-06), feature/migration/qrcode/qr-code-format.md of
Thunderbird for Android, and the checks of its reader: one value that it does not know makes it refuse the whole code.
What is written holds no password, and a password in a code is never looked at. What becomes of downloaded messages has
no word in it. The picture of a code is :mod:`wizard.programs.qr_picture`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wizard.language import translate as _
from wizard.model.address import parse_address
from wizard.model.problems import Place, Problem
from wizard.model.servers import WITHOUT_LOGIN, AfterDownload, AuthenticationMethod, LeavePolicy, Protocol, SocketType
from wizard.model.text import printable
from wizard.programs.comparing import inverted, require_same
from wizard.programs.program import Form, Mismatch, Program, Signs
from wizard.programs.reading import (
    ReadAccount,
    ReadFile,
    decoded,
    incoming_among,
    one_line,
    outgoing_among,
    read_server,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wizard.model.servers import MailAccount, Server

ID = "thunderbird-qr"

TEXT_LIMIT = 8 * 1024
"""Characters; the largest QR code holds fewer."""

LONGEST = 800
"""Characters of the text: what Thunderbird itself calls the most that is still easy to scan."""

MOST_ACCOUNTS = 3
"""Accounts of one code, as Thunderbird itself makes them."""

SIGN_IN_PAGES = frozenset(
    {
        "imap.aol.com",
        "smtp.aol.com",
        "imap.fastmail.com",
        "smtp.fastmail.com",
        "imap.gmail.com",
        "imap.googlemail.com",
        "smtp.gmail.com",
        "smtp.googlemail.com",
        "outlook.office365.com",
        "smtp.office365.com",
        "imap.mail.yahoo.com",
        "smtp.mail.yahoo.com",
    }
)
"""The servers, exactly these, whose OAuth2 page Thunderbird for Android knows (its TbOAuthConfigurationFactory)."""

_INCOMING = {0: Protocol.IMAP, 1: Protocol.POP3}
_PROTOCOL_NUMBERS = {**inverted(_INCOMING), Protocol.SMTP: 0}
# 1 is a leftover of older settings, and read as STARTTLS: never written.
_SECURITY = {0: SocketType.PLAIN, 2: SocketType.STARTTLS, 3: SocketType.SSL, 1: SocketType.STARTTLS}
_SECURITY_NUMBERS = inverted(_SECURITY)
_METHODS = {
    0: AuthenticationMethod.NONE,
    1: AuthenticationMethod.PASSWORD_CLEARTEXT,
    2: AuthenticationMethod.PASSWORD_ENCRYPTED,
    3: AuthenticationMethod.GSSAPI,
    4: AuthenticationMethod.NTLM,
    5: AuthenticationMethod.TLS_CLIENT_CERT,
    6: AuthenticationMethod.OAUTH2,
}
_METHOD_NUMBERS = inverted(_METHODS)
_ON_ANDROID = frozenset({1, 2, 6})
"""The log-ins that the reader on Android takes; 3 to 5 have numbers, but it refuses them."""
_PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@[A-Za-z0-9.-]+")


def scan_text(account: MailAccount) -> str | None:
    """The text of the code for ``account`` alone; None when Thunderbird for Android could not read or use it."""
    if _unreadable(account) is not None:
        return None
    text = compact([1, [1, 1], *_parts(account)])
    return text if len(text) <= LONGEST else None


def codes_of(listed: Sequence[list[Any]]) -> tuple[str, ...]:
    """The texts of as few codes as hold the accounts ``listed``, each as the two parts that a code has of it."""
    groups: list[list[Any]] = []
    for parts in listed:
        # 99 of 99: room for the numbers, which are known at the end only.
        fits = groups and len(groups[-1]) < 2 * MOST_ACCOUNTS and len(compact([1, [99, 99], *groups[-1], *parts]))
        if fits and fits <= LONGEST:
            groups[-1] += parts
        else:
            groups.append(list(parts))
    return tuple(compact([1, [number, len(groups)], *group]) for number, group in enumerate(groups, 1))


def _reason_against(account: MailAccount) -> str | None:
    """Why ``account`` has no code, as a finished sentence with a way out; None when it has one."""
    reason = _unreadable(account)
    if reason is None and scan_text(account) is None:
        return _(
            "The code would have more than {count} characters, which phones do not scan reliably; "
            "shorten the name, or use the values on the card."
        ).format(count=LONGEST)
    return reason


def method_on_android(server: Server) -> AuthenticationMethod | None:
    """The first way to log in to ``server`` that the program knows and can use; None when there is none."""
    found = next((method for method in server.authentication if _usable(method, server)), None)
    return AuthenticationMethod.NONE if found in WITHOUT_LOGIN else found


def scan_server(server: Server) -> list[Any]:
    """A server as the code says it: kind, host, port, security, log-in, user name."""
    method = method_on_android(server)
    assert method is not None, "reason_against comes first"
    kind, security = _PROTOCOL_NUMBERS[server.protocol], _SECURITY_NUMBERS[server.socket_type]
    return [kind, str(server.hostname), int(server.port), security, _METHOD_NUMBERS[method], server.username]


def compact(payload: list[Any]) -> str:
    """The text of a code: JSON without blanks, letters of any script as they are."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":"))


def _parts(account: MailAccount) -> list[Any]:
    identity = [str(account.address), account.display_name]
    return [scan_server(account.incoming), [[scan_server(account.outgoing), identity]]]


def unusable_on_android(account: MailAccount) -> str | None:
    """Why Thunderbird for Android cannot log in to the servers, as a finished sentence; None when it can."""
    for server in (account.incoming, account.outgoing):
        if method_on_android(server) is None:
            return _(
                "Thunderbird for Android cannot log in to {host} ({methods}) from such a file; add the "
                "account there by its address, or use the values on the card."
            ).format(host=server.hostname, methods=", ".join(server.authentication))
    return None


def _unreadable(account: MailAccount) -> str | None:
    if not _PLAIN_ADDRESS.fullmatch(str(account.address)):
        return _(
            "The code can contain only plain addresses, and {address} is not one; type it by hand, "
            "with the values on the card."
        ).format(address=account.address.unicode)
    for server in (account.incoming, account.outgoing):
        if "\r" in server.username or "\n" in server.username or not server.hostname.isascii():
            return _("The code cannot contain the name “{name}”.").format(name=server.hostname)
    return unusable_on_android(account)


def _usable(method: AuthenticationMethod, server: Server) -> bool:
    if method is AuthenticationMethod.OAUTH2:
        return server.hostname in SIGN_IN_PAGES
    if method in WITHOUT_LOGIN:
        return server.protocol is Protocol.SMTP
    return _METHOD_NUMBERS.get(method) in _ON_ANDROID


def _values(_account: MailAccount) -> dict[str, Any]:
    return {"scan_server": scan_server}


def _write(text: str) -> bytes:
    """The text of the code, from what the template wrote; raises Mismatch when that is not a JSON list, or too long."""
    try:
        code = json.loads(text)
    except ValueError as error:
        raise Mismatch(str(error)) from None
    if not isinstance(code, list):
        raise Mismatch("no list")
    written = compact(code)
    if len(written) > LONGEST:
        raise Mismatch(f"{len(written)} characters, more than {LONGEST}")
    return written.encode()


def _joined(contents: Sequence[bytes], accounts: Sequence[MailAccount]) -> tuple[bytes, ...]:
    """As few codes as hold all accounts, in order."""
    parts = [json.loads(content)[2:] for content in contents]
    codes = tuple(text.encode() for text in codes_of(parts))
    _check_codes(codes, accounts)
    return codes


def _check(content: bytes, account: MailAccount) -> None:
    """Read the text as the program on the phone does and compare what it says with the account."""
    _check_codes([content], [account])


def _check_codes(contents: Sequence[bytes], accounts: Sequence[MailAccount]) -> None:
    try:
        codes = [read_code(content.decode(), "code") for content in contents]
    except Problem as problem:
        raise Mismatch(str(problem)) from None
    if [(code.number, code.total) for code in codes] != [(number, len(codes)) for number in range(1, len(codes) + 1)]:
        raise Mismatch("the codes are not numbered in order")
    found = [account for code in codes for account in code.accounts]
    if len(found) != len(accounts):
        raise Mismatch(f"{len(found)} accounts, not {len(accounts)}")
    for read, account in zip(found, accounts, strict=True):
        leave = LeavePolicy(AfterDownload.KEEP) if account.incoming.protocol is Protocol.POP3 else None
        require_same(read, account, method=method_on_android, leave=leave)


def _svg(text: str) -> bytes:
    from wizard.programs.qr_picture import svg_of

    return svg_of(text, _("QR code for Thunderbird for Android"))


def _png(text: str) -> bytes:
    from wizard.programs.qr_picture import png_of

    return png_of(text)


@dataclass(frozen=True, slots=True)
class ReadCode:
    """The accounts of one code. ``number`` of ``total``: several codes may belong together; counted from 1."""

    accounts: tuple[ReadAccount, ...]
    number: int
    total: int


def read_picture(content: bytes, name: str) -> ReadCode:
    """Read a picture (SVG or PNG) of a code; ``name`` is what errors call the file. Raises Problem."""
    from wizard.programs.qr_picture import text_of_picture

    return read_code(text_of_picture(content, name), name)


def read_code(text: str, name: str) -> ReadCode:
    """Read the text of a code; raises Problem for anything that Thunderbird for Android would not understand."""
    place = Place(printable(name))
    wrong = _("This is not a code of Thunderbird’s “Export for Mobile”.")
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
        number, total = (_number(value) for value in _list(counted, 2))
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
    receiver = _server(incoming, _INCOMING, longest=8)
    outgoing, *identities = _list(_list(groups, 1, 20)[0], 2, 20)
    sender = _server(outgoing, {0: Protocol.SMTP}, longest=7)
    address, *names = _list(identities[0], 1, 2)
    return ReadAccount(
        address=parse_address(_text(address)),
        display_name=_text(names[0] if names and names[0] is not None else ""),
        incoming=incoming_among([receiver]),
        outgoing=outgoing_among([sender]),
        # The program removes nothing from a POP3 server by itself.
        leave=LeavePolicy(AfterDownload.KEEP) if receiver.protocol is Protocol.POP3 else None,
    )


def _server(value: Any, protocols: dict[int, Protocol], *, longest: int) -> Server:
    kind, hostname, port, security, method, username, *_rest = _list(value, 6, longest)
    return read_server(
        _of(protocols, kind),
        hostname=_text(hostname),
        port=_number(port),
        socket_type=_of(_SECURITY, security),
        username=_text("" if username is None else username),
        authentication=(_of(_METHODS, method),),
    )


def _read(content: bytes, name: str) -> ReadFile:
    text = decoded(content).strip()
    return file_of_code(ID, read_code(text, name) if text.startswith("[") else read_picture(content, name))


def file_of_code(format_id: str, code: ReadCode) -> ReadFile:
    """What a file of the format ``format_id`` says that shows ``code``."""
    skipped: tuple[str, ...] = ()
    if code.total > 1:
        skipped = (
            _("This is code {number} of {total}; the others hold further accounts.").format(
                number=code.number, total=code.total
            ),
        )
    return ReadFile(format=format_id, accounts=code.accounts, skipped=skipped)


def _form(draw: Callable[[str], bytes]) -> Form:
    return Form(write=_write, check=_check, reason_against=_reason_against, values=_values, joined=_joined, draw=draw)


PROGRAM = Program(
    id=ID,
    read=_read,
    signs=Signs(
        starts=lambda head: head.startswith(b"\x89PNG\r\n\x1a\n"),
        roots=frozenset({"svg"}),
        line=re.compile(r"\A\s*\[\s*\d+\s*,\s*\["),
        name=re.compile(r".*\.(?:png|svg)", re.IGNORECASE),
    ),
    forms={"qr_svg": _form(_svg), "qr_png": _form(_png)},
)
