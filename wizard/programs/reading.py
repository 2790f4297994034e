"""What the readers of every format share: the accounts of a file as values, and each value checked as it comes in."""

from __future__ import annotations

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

from wizard.language import translate as _
from wizard.model.address import (
    AddressProblem,
    Domain,
    EmailAddress,
    Hostname,
    parse_address,
    parse_hostname,
    parse_port,
)
from wizard.model.problems import Place, Problem
from wizard.model.servers import (
    EMAIL_DOMAIN,
    EMAIL_LOCAL_PART,
    PASSWORD_METHODS,
    USUAL_PORTS,
    IncomingServer,
    OutgoingServer,
    Protocol,
    fill,
    has_placeholder,
    server,
)
from wizard.model.text import has_controls, printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from wizard.model.servers import AuthenticationMethod, LeavePolicy, Server, SocketType

Entry = TypeVar("Entry")
Value = TypeVar("Value")

LONGEST_VALUE = 500
"""Characters of a user name or a person's name."""

UNKNOWN = EmailAddress(EMAIL_LOCAL_PART, Domain(EMAIL_DOMAIN))
"""What stands for the address in a file that leaves it to its reader: its placeholders are filled once it is known."""

_SOMEBODY = EmailAddress("local", Domain("example.org"))
"""Whose address stands in for everybody's where a name with placeholders is checked."""

LARGEST_TEXT = 256 * 1024
"""Bytes of a file of text; the files that people write by hand over many years stay far below."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncompleteServer:
    """A server as a file has it, which cannot be used as it is: something is missing, or is not what it should be.

    ``hostname`` is empty, and ``port``, ``socket_type`` and ``username`` are None, where the file does not say them and
    nothing follows from the rest. All texts are printable, and checked no further. ``reasons``: what is wrong, as
    finished sentences.
    """

    protocol: Protocol
    hostname: str
    port: int | None
    socket_type: SocketType | None
    username: str | None
    authentication: tuple[AuthenticationMethod, ...]
    reasons: tuple[str, ...]

    def with_username(self, username: str) -> WrittenServer:
        """The same server with ``username`` where the file has none; complete where nothing else was missing."""
        if self.username is not None:
            return self
        return written_server(
            self.protocol,
            hostname=self.hostname,
            port=self.port,
            socket_type=self.socket_type,
            username=username,
            authentication=self.authentication,
        )


WrittenServer = IncomingServer | OutgoingServer | IncompleteServer


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadAccount:
    """An account that a file holds. Servers are in the order of the file; each list may be empty (a program that only
    sends has no incoming server). ``incomplete`` are those that the file names and that cannot be used as they are:
    they are shown, and no file is made of them.

    ``label`` is what the file itself calls the account. ``address`` and ``leave`` are None where the file says nothing.
    ``skipped`` names what was left out, and why. ``unfilled``: the account is for any address of ``domains`` (of any
    domain where these are empty), and host and user names hold placeholders; else nothing is a placeholder.
    ``provider`` is the name that the file gives it.
    """

    address: EmailAddress | None
    label: str = ""
    display_name: str = ""
    incoming: tuple[IncomingServer, ...] = ()
    outgoing: tuple[OutgoingServer, ...] = ()
    incomplete: tuple[IncompleteServer, ...] = ()
    leave: LeavePolicy | None = None
    skipped: tuple[str, ...] = ()
    unfilled: bool = False
    domains: tuple[Domain, ...] = ()
    provider: str = ""

    @property
    def empty(self) -> bool:
        """Whether the file names no server for it at all."""
        return not (self.incoming or self.outgoing or any(server.hostname for server in self.incomplete))

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why nothing can be made of it, where it is empty."""
        reasons = (*self.skipped, *(reason for server in self.incomplete for reason in server.reasons))
        return reasons or (_("It names no server."),)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFile:
    """All accounts of a file in their order; ``format`` is an id of clients.yaml.

    ``skipped`` says what was left out beside what the accounts say of themselves. ``signed``: a signature is around the
    file, which nobody has checked.
    """

    format: str
    accounts: tuple[ReadAccount, ...]
    skipped: tuple[str, ...] = ()
    signed: bool = False


def host_template(text: str) -> Hostname:
    """``text`` as a host name that is valid once its placeholders are filled; they stay. Raises AddressProblem."""
    filled = parse_hostname(fill(text, _SOMEBODY))
    return Hostname(text) if has_placeholder(text) else filled


def read_server(
    protocol: Protocol,
    *,
    hostname: str,
    port: str | int | None,
    socket_type: SocketType,
    username: str,
    authentication: Iterable[AuthenticationMethod],
    templates: bool = False,
) -> IncomingServer | OutgoingServer:
    """As :func:`written_server`, but raises Problem with the reason when the server cannot be used."""
    server = written_server(
        protocol,
        hostname=hostname,
        port=port,
        socket_type=socket_type,
        username=username,
        authentication=authentication,
        templates=templates,
    )
    if isinstance(server, IncompleteServer):
        raise Problem(server.reasons[0])
    return server


def written_server(
    protocol: Protocol,
    *,
    hostname: str,
    port: str | int | None,
    socket_type: SocketType | None,
    username: str,
    authentication: Iterable[AuthenticationMethod],
    templates: bool = False,
) -> WrittenServer:
    """The server of these values of a file, incomplete where one of them is missing or cannot be used.

    Where a value is not in the file: "" for ``hostname`` and ``username``, None for ``socket_type``, "" or None for
    ``port``, which then is the usual one of the protocol and its security. A missing security is never guessed, nor is
    a missing user name. ``templates``: host and user name may hold placeholders, which stay; else everything is taken
    as it is written.
    """
    checked = _Checked()
    methods = tuple(dict.fromkeys(authentication))
    name = checked.value(lambda: host_template(hostname) if templates else parse_hostname(hostname))
    if socket_type is None:
        checked.reasons.append(_("It does not say whether the connection is encrypted, and how."))
    usual = None if socket_type is None else USUAL_PORTS[protocol, socket_type]
    number = usual if port in (None, "") else checked.value(lambda: parse_port(port))
    user = checked.value(lambda: one_line(username))
    needed = protocol is not Protocol.SMTP or not PASSWORD_METHODS.isdisjoint(methods)
    if needed and user == "":
        checked.reasons.append(_("There is no user name for {host}.").format(host=name or printable(hostname, 100)))
    if checked.reasons or name is None or socket_type is None or number is None or user is None:
        return IncompleteServer(
            protocol=protocol,
            hostname=printable(hostname.strip(), LONGEST_VALUE),
            port=number,
            socket_type=socket_type,
            username=printable(username, LONGEST_VALUE) or (None if needed else ""),
            authentication=methods,
            reasons=tuple(checked.reasons),
        )
    return server(protocol, hostname=name, port=number, socket_type=socket_type, username=user, authentication=methods)


@dataclass(slots=True)
class _Checked:
    """Values that are read one after the other, with what is wrong with them."""

    reasons: list[str] = field(default_factory=list)

    def value(self, read: Callable[[], Value]) -> Value | None:
        try:
            return read()
        except Problem as problem:
            self.reasons.append(problem.text)
            return None


def incomplete_among(servers: Iterable[WrittenServer]) -> tuple[IncompleteServer, ...]:
    """Those of ``servers`` that cannot be used as they are, in order."""
    return tuple(server for server in servers if isinstance(server, IncompleteServer))


def incoming_among(servers: Iterable[Server | IncompleteServer]) -> tuple[IncomingServer, ...]:
    """The IMAP and POP3 servers of ``servers``, in order."""
    return tuple(server for server in servers if isinstance(server, IncomingServer))


def outgoing_among(servers: Iterable[Server | IncompleteServer]) -> tuple[OutgoingServer, ...]:
    """The SMTP servers of ``servers``, in order."""
    return tuple(server for server in servers if isinstance(server, OutgoingServer))


def account_of(
    servers: Iterable[WrittenServer],
    *,
    address: EmailAddress | None,
    display_name: str = "",
    leave: LeavePolicy | None = None,
    skipped: Iterable[str] = (),
) -> ReadAccount:
    """The account with ``servers``, those for receiving, for sending and those that cannot be used in their places."""
    written = tuple(servers)
    return ReadAccount(
        address=address,
        display_name=display_name,
        incoming=incoming_among(written),
        outgoing=outgoing_among(written),
        incomplete=incomplete_among(written),
        leave=leave,
        skipped=tuple(skipped),
    )


def usable(
    keys: Iterable[str], read: Callable[[str], ReadAccount | None], name: str
) -> tuple[tuple[ReadAccount, ...], tuple[str, ...]]:
    """The accounts that ``read`` makes of ``keys``, and why others cannot be used; None: not a mail account.

    Raises Problem, which calls the file ``name``, when there is none.
    """
    accounts, skipped = [], []
    for key in keys:
        try:
            found = read(key)
        except Problem as problem:
            skipped.append(printable(f"{key}: {problem.text}"))
            continue
        if found is not None and found.empty:
            skipped += [_named(key, reason) for reason in found.reasons]
        elif found is not None:
            accounts.append(found)
    if not accounts:
        raise without_accounts(skipped[:1], name)
    return tuple(accounts), tuple(skipped)


def without_accounts(reasons: Iterable[str], name: str, line: int | None = None) -> Problem:
    """The problem of a file, called ``name``, whose accounts cannot be used for ``reasons``, or that holds none."""
    reason = printable("; ".join(reasons))
    text = _("The file holds other settings, but no mail account.")
    if reason:
        text = _("The file has no account that can be used ({reason}).").format(reason=reason)
    return Problem(text, place=Place(printable(name), line))


def file_of(
    program: str, entries: Iterable[tuple[str, Entry]], read: Callable[[Entry], ReadAccount], file: str
) -> ReadFile:
    """A file of ``program`` with what ``read`` makes of its ``entries``, each with its name; a Problem that it raises
    is the reason why one is left out. Its name is the label of an account that has none. An account stays where its
    servers are incomplete: it is shown. Raises Problem when there is no entry, or none that names a server.
    """
    accounts: list[ReadAccount] = []
    skipped: list[str] = []
    for key, entry in entries:
        try:
            account = read(entry)
        except Problem as problem:
            skipped.append(_named(key, problem.text))
            continue
        skipped += [_named(key, reason) for reason in (account.reasons if account.empty else account.skipped)]
        if not account.empty:
            accounts.append(replace(account, label=account.label or printable(key, 60), skipped=()))
    if not accounts:
        raise without_accounts(skipped[:3], file) if skipped else not_of(program, file)
    return ReadFile(format=program.lower(), accounts=tuple(accounts), skipped=tuple(skipped))


def _named(key: str, reason: str) -> str:
    return printable(f"{key}: {reason}" if key else reason)


def exchange_left_out(host: str = "") -> str:
    """Why servers of Microsoft Exchange are left out; ``host`` is one of them, where it is known."""
    return printable(": ".join(word for word in (host, _("Microsoft Exchange servers are not read.")) if word))


def one_line(text: str) -> str:
    """A user name or the name of a person, as it is; raises Problem for control characters and for endless text."""
    if has_controls(text.replace("\u200c", "").replace("\u200d", ""), emoji=True):
        raise Problem(_("The text contains an invisible control character."))
    if len(text) > LONGEST_VALUE:
        raise Problem(_("A value is longer than {count} characters.").format(count=LONGEST_VALUE))
    return text


def one_line_or_nothing(text: object) -> str:
    """An optional name: empty if ``text`` is not a string that :func:`one_line` accepts."""
    try:
        return one_line(text) if isinstance(text, str) else ""
    except Problem:
        return ""


def address_or_none(text: object) -> EmailAddress | None:
    """The address that ``text`` is; None for anything else."""
    try:
        return parse_address(text) if isinstance(text, str) and "@" in text else None
    except AddressProblem:
        return None


def read_sender(text: str) -> tuple[str, EmailAddress | None]:
    """The name and the address of a header such as ``Anna <anna@example.org>`` (RFC 5322), encoded words (RFC 2047)
    decoded.
    """
    from email.errors import HeaderParseError
    from email.header import decode_header, make_header
    from email.utils import parseaddr

    found = re.fullmatch(r"(?s)(?P<name>.*?)\s*<(?P<address>[^<>]*)>\s*", text)
    name, address = ("", text) if found is None else (found["name"], found["address"])
    if name.startswith('"'):
        name = parseaddr(f"{name} <x@example.org>")[0]
    try:
        decoded = one_line(str(make_header(decode_header(name))))
    except (HeaderParseError, LookupError, UnicodeError, Problem):
        decoded = ""
    return decoded, address_or_none(address)


def text_of(content: bytes, file: str) -> str:
    """The text of a file; raises Problem when it is too large, no UTF-8, or binary."""
    if len(content) > LARGEST_TEXT:
        raise Problem(_("The file is larger than {count} KiB.").format(count=LARGEST_TEXT // 1024), place=Place(file))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Problem(_("The file is not a text file (UTF-8)."), place=Place(file)) from None
    if "\0" in text:
        raise Problem(_("The file is not a text file (UTF-8)."), place=Place(file))
    return text.replace("\r\n", "\n")


def decoded(content: bytes, *, otherwise: str = "utf-8") -> str:
    """The text of bytes that are UTF-16, as a byte order mark or their zeros show, or UTF-8, or else ``otherwise``;
    what is none of these is replaced.
    """
    if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return content.decode("utf-16", "replace")
    for place, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        # The letters of the names of settings are ASCII: every other byte of theirs is a zero.
        begin = content[place:40:2]
        if begin and begin.count(0) == len(begin) and 0 not in content[1 - place : 40 : 2]:
            return content.decode(encoding, "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("utf-8-sig" if otherwise == "utf-8" else otherwise, "replace")


def numbered(text: str) -> Iterator[tuple[int, str]]:
    """The lines of ``text`` with their numbers from 1; only a line feed ends a line, as these programs have it."""
    return enumerate(text.split("\n"), start=1)


def not_of(program: str, file: str) -> Problem:
    """The problem of a file that holds no account of ``program``."""
    return Problem(_("The file has no account for {program}.").format(program=program), place=Place(file))
