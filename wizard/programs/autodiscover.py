"""Autodiscover responses (plain old XML, ``autodiscover.xml``): written for Outlook, and read without trusting them.

Source: MS-OXDSCLI, Autodiscover Publishing and Lookup Protocol: section 2.2.4 (the response and its elements), and the
pages “POX Autodiscover XML elements for Exchange” for their defaults. The servers of IMAP, POP3 and SMTP are read; that
a response also speaks of Exchange (EXCH, EXPR, EXHTTP, WEB, MobileSync) is noted. Where published files and the
document differ:

- ``Encryption`` decides over ``SSL``: None, SSL (TLS from the first byte), TLS (STARTTLS), Auto (the best that the port
  is known for). Files with ``SSL`` off and ``Encryption`` TLS are common, and mean STARTTLS. Several mail servers write
  TLS for 993, 995 and 465, too, where it can only mean the usual encryption of these ports, TLS from the first byte.
- Without ``Encryption``, ``SSL`` on (the default) on a port of STARTTLS means STARTTLS, as Outlook itself reads it.
  ``SSL`` off on such a port dates from a time when clients knew nothing else: STARTTLS is tried first, and what the
  file literally says, no encryption, stays as the second choice.
- ``SPA`` (NTLM) counts where it says on. The document makes on the default; those who leave it out do not mean it.
- Flags are on and off; true, yes and 1 are found as well. ``TLS`` on, which the document does not have, means STARTTLS
  where ``SSL`` is off. ``Type`` POP is POP3, and ``AuthPackage`` names OAuth2 at those who have nothing else.
- Servers in several ``Account`` elements are those of one account: the document has one, and some write one a server.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from wizard.language import translate as _
from wizard.model.address import AddressProblem
from wizard.model.problems import Place, Problem
from wizard.model.servers import (
    EMAIL_ADDRESS,
    EMAIL_DOMAIN,
    AuthenticationMethod,
    IncomingServer,
    OutgoingServer,
    Protocol,
    SocketType,
    fill,
    security_of_port,
)
from wizard.model.text import printable
from wizard.programs.comparing import first_method, inverted, needs_log_in, require_same, untidy_name
from wizard.programs.elements import Element, read_tree
from wizard.programs.program import Form, Mismatch, Program, Signs, utf8
from wizard.programs.reading import (
    LONGEST_VALUE,
    IncompleteServer,
    ReadAccount,
    ReadFile,
    exchange_left_out,
    incoming_among,
    incomplete_among,
    one_line,
    outgoing_among,
    written_server,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wizard.model.address import EmailAddress
    from wizard.model.servers import MailAccount
    from wizard.programs.reading import WrittenServer

ID = "outlook-autodiscover"

SERVER_LIMIT = 64

_PROTOCOLS = {"IMAP": Protocol.IMAP, "POP3": Protocol.POP3, "POP": Protocol.POP3, "SMTP": Protocol.SMTP}
_EXCHANGE = frozenset({"EXCH", "EXPR", "EXHTTP", "WEB", "MOBILESYNC"})
_ENCRYPTION = {"None": SocketType.PLAIN, "SSL": SocketType.SSL, "TLS": SocketType.STARTTLS}
_ENCRYPTION_FOR = inverted(_ENCRYPTION)
_ON, _OFF = frozenset({"on", "true", "yes", "1"}), frozenset({"off", "false", "no", "0"})
_PACKAGES = {
    "oauth": AuthenticationMethod.OAUTH2,
    "oauth2": AuthenticationMethod.OAUTH2,
    "ntlm": AuthenticationMethod.NTLM,
    "kerb": AuthenticationMethod.GSSAPI,
    "certificate": AuthenticationMethod.TLS_CLIENT_CERT,
}
"""``AuthPackage``; the others are of HTTP, or mean a password."""
_UPGRADE_PORTS = (143, 110, 587, 25)
"""On these, and on no other, programs that go by the port take an encrypted connection for STARTTLS."""


def _reason_against(account: MailAccount) -> str | None:
    """Programs read “encrypted” together with the port: what contradicts it would be understood in two ways."""
    for server in (account.incoming, account.outgoing):
        if server.secure and (server.socket_type is SocketType.STARTTLS) != (server.port in _UPGRADE_PORTS):
            return _(
                "Programs that read Autodiscover decide by the port, and would not use {security} on "
                "port {port}; type the values on the card instead."
            ).format(security=server.socket_type.value, port=server.port)
    return untidy_name(account)


def _values(_account: MailAccount) -> dict[str, Any]:
    return {"encryption": lambda server: _ENCRYPTION_FOR[server.socket_type], "needs_log_in": needs_log_in}


def _check(content: bytes, account: MailAccount) -> None:
    """Read the file as a response of any server and compare what it says with the account."""
    try:
        read = _parse(content, "autodiscover.xml")
        response = next(read_tree(content, "autodiscover.xml").all("Response"))
    except Problem as problem:
        raise Mismatch(str(problem)) from None
    if read.exchange or read.redirect_url or read.redirect_address or read.error:
        raise Mismatch("it says more than the servers of an account")
    # The reader keeps of the name what can be shown; here every character counts.
    user = next(response.all("User"), None)
    name = (user.first("DisplayName") if user is not None else None) or ""
    # The programs that read such a file know no placeholders: everything is taken as it is written.
    account_read = replace(read.account, address=account.address, display_name=name)
    if not account.outgoing.username:
        # Without a log-in the name means nothing; without one the reader takes the address.
        nameless = tuple(replace(server, username="") for server in account_read.outgoing)
        account_read = replace(account_read, outgoing=nameless)
    # The reader is lenient about the word for the encryption; the programs that read such a file are not.
    words = [entry.first("Encryption") for entry in next(response.all("Account")).all("Protocol")]
    if words != [_ENCRYPTION_FOR[server.socket_type] for server in (account.incoming, account.outgoing)]:
        raise Mismatch(f"encryption {words}")
    require_same(account_read, account, method=first_method, leave=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadAutodiscover:
    """A response. ``account`` has no servers where it names none, which is legal.

    ``exchange``: it names servers that speak Exchange's own protocols. ``redirect_url`` and ``redirect_address``:
    where, or for which address, to ask again, as written and not checked; None where it does not redirect. ``error``:
    what the server says went wrong, printable, else empty. ``incomplete``: of what was left out of the account, the
    servers that can be shown, by the sentence about them.
    """

    account: ReadAccount
    incomplete: Mapping[str, IncompleteServer] = field(default_factory=dict)
    exchange: bool = False
    redirect_url: str | None = None
    redirect_address: str | None = None
    error: str = ""


def read_autodiscover(content: bytes, name: str, address: EmailAddress) -> ReadAutodiscover:
    """Read the bytes of a response that is for ``address``; ``name`` is what errors call it.

    Its placeholders are filled in, for some servers take those of autoconfig over; a server whose name is none then is
    left out. Raises Problem with file and line when it is not an Autodiscover response or is unsafe.
    """
    read = _parse(content, name)
    return replace(read, account=_filled(read.account, address))


def _filled(account: ReadAccount, address: EmailAddress) -> ReadAccount:
    incoming: list[IncomingServer] = []
    outgoing: list[OutgoingServer] = []
    skipped = list(account.skipped)
    servers: list[IncomingServer | OutgoingServer] = [*account.incoming, *account.outgoing]
    for server in servers:
        try:
            filled = server.filled(address)
        except AddressProblem as problem:
            skipped.append(printable(problem.reason))
            continue
        if isinstance(filled, OutgoingServer):
            outgoing.append(filled)
        else:
            incoming.append(filled)
    return ReadAccount(
        address=address,
        display_name=printable(fill(account.display_name, address), LONGEST_VALUE),
        incoming=tuple(incoming),
        outgoing=tuple(outgoing),
        skipped=tuple(skipped),
    )


def _parse(content: bytes, name: str) -> ReadAutodiscover:
    """The response as it is written: the placeholders stay, and one stands where the name is that of the address."""
    root = read_tree(content, name)
    response = next(root.all("Response"), None) if root.called("Autodiscover") else None
    if response is None:
        raise Problem(_("This is not an Autodiscover response."), place=Place(printable(name), root.line))
    failed = next(response.all("Error"), None)
    accounts = list(response.all("Account"))
    entries = [entry for account in accounts for entry in account.all("Protocol")]
    if len(entries) > SERVER_LIMIT:
        raise Problem(
            _("The file has more than {count} servers.").format(count=SERVER_LIMIT), place=Place(printable(name))
        )
    account, incomplete = _account(entries, response)
    return ReadAutodiscover(
        account=account,
        incomplete=incomplete,
        exchange=any(_kind(entry) in _EXCHANGE for entry in entries),
        redirect_url=_redirect(accounts, "RedirectUrl"),
        redirect_address=_redirect(accounts, "RedirectAddr"),
        error=_error(failed),
    )


def _error(failed: Element | None) -> str:
    if failed is None:
        return ""
    parts = (failed.first("ErrorCode"), failed.first("Message"))
    return printable(" ".join(part for part in parts if part) or "?", 200)


def _redirect(accounts: Iterable[Element], kind: str) -> str | None:
    """The text of ``kind`` where the response redirects that way: by its Action, or for want of anything else."""
    for account in accounts:
        target = account.first(kind)
        if target and (account.first("Action") or "").casefold() in ("", kind.casefold()):
            return target
    return None


def _account(entries: list[Element], response: Element) -> tuple[ReadAccount, dict[str, IncompleteServer]]:
    user = next(response.all("User"), None)
    servers: list[WrittenServer] = []
    skipped: list[str] = []
    incomplete: dict[str, IncompleteServer] = {}
    # What is for sending may refer to what is for reading (UsePOPAuth), wherever it stands.
    for entry in sorted(entries, key=lambda entry: _kind(entry) == "SMTP"):
        if _kind(entry) not in _PROTOCOLS:
            continue
        try:
            servers += _servers(entry, incoming_among(servers))
        except Problem as problem:
            skipped.append(printable(str(Problem(problem.text, place=Place(line=entry.line)))))
    for server in incomplete_among(servers):
        skipped.append(printable(server.reasons[0]))
        incomplete[skipped[-1]] = server
    account = ReadAccount(
        address=None,
        display_name=printable((user.first("DisplayName") if user is not None else None) or "", LONGEST_VALUE),
        incoming=incoming_among(servers),
        outgoing=outgoing_among(servers),
        skipped=tuple(skipped),
    )
    return account, incomplete


def _kind(entry: Element) -> str:
    return (entry.first("Type") or entry.attributes.get("Type", "")).upper()


def _servers(entry: Element, incoming: tuple[IncomingServer, ...]) -> list[WrittenServer]:
    """The server of an element, for each way in which its encryption can be understood, the safer one first."""
    protocol = _PROTOCOLS[_kind(entry)]
    port = entry.first("Port") or ""
    first, *others = _socket_types(entry, port)
    server = written_server(
        protocol,
        hostname=entry.first("Server") or "",
        port=port,
        socket_type=first,
        username=_username(entry, incoming),
        authentication=_methods(entry, protocol),
        templates=True,
    )
    if isinstance(server, IncompleteServer):
        place = Place(line=entry.line)
        return [replace(server, reasons=tuple(str(Problem(reason, place=place)) for reason in server.reasons))]
    return [server, *(replace(server, socket_type=other) for other in others)]


def _socket_types(entry: Element, port: str) -> tuple[SocketType, ...]:
    encryption = (entry.first("Encryption") or "").upper()
    usual = security_of_port(int(port)) if port.isascii() and port.isdigit() and len(port) < 7 else None
    for word, socket_type in _ENCRYPTION.items():
        if encryption == word.upper():
            return (usual or socket_type,) if socket_type is SocketType.STARTTLS else (socket_type,)
    by_port = usual or SocketType.SSL
    if encryption == "AUTO" or not _is(entry, "SSL", _OFF):
        return (by_port,)
    if _is(entry, "TLS", _ON):
        return (usual or SocketType.STARTTLS,)
    if port and by_port is SocketType.SSL:
        return (SocketType.PLAIN,)
    return (SocketType.STARTTLS, SocketType.PLAIN)


def _is(entry: Element, name: str, words: frozenset[str]) -> bool:
    return (entry.first(name) or "").casefold() in words


def _username(entry: Element, incoming: tuple[IncomingServer, ...]) -> str:
    """The name to log in with: as written, with its domain where that is required, else the address."""
    login = one_line(entry.first("LoginName") or "")
    if not login:
        return incoming[0].username if _is(entry, "UsePOPAuth", _ON) and incoming else EMAIL_ADDRESS
    whole = "@" in login or "\\" in login or EMAIL_ADDRESS in login.upper()
    if whole or not _is(entry, "DomainRequired", _ON):
        return login
    domain = one_line(entry.first("DomainName") or "") or EMAIL_DOMAIN
    # A name with dots is one of the DNS and is written as in an address; the others are those of Windows networks.
    of_the_dns = "." in domain or domain.upper() == EMAIL_DOMAIN
    return f"{login}@{domain}" if of_the_dns else f"{domain}\\{login}"


def _methods(entry: Element, protocol: Protocol) -> tuple[AuthenticationMethod, ...]:
    if protocol is Protocol.SMTP and _is(entry, "AuthRequired", _OFF):
        return (AuthenticationMethod.NONE,)
    if _is(entry, "SPA", _ON):
        return (AuthenticationMethod.NTLM,)
    package = (entry.first("AuthPackage") or "").casefold()
    return (_PACKAGES.get(package, AuthenticationMethod.PASSWORD_CLEARTEXT),)


def _read(content: bytes, name: str) -> ReadFile:
    read = _parse(content, name)
    account = replace(
        read.account,
        incomplete=tuple(read.incomplete.values()),
        skipped=tuple(reason for reason in read.account.skipped if reason not in read.incomplete),
        unfilled=True,
    )
    if account.empty:
        raise Problem(_why_no_server(read), place=Place(name))
    return ReadFile(format=ID, accounts=(account,), skipped=(exchange_left_out(),) if read.exchange else ())


def _why_no_server(read: ReadAutodiscover) -> str:
    elsewhere = read.redirect_url or read.redirect_address
    if elsewhere is not None:
        return _("The file names no servers; it only redirects programs to {place}.").format(place=printable(elsewhere))
    if read.error:
        return _("The file names no servers; it reports an error: {error}.").format(error=read.error)
    reasons = [*read.account.skipped[:1], *([exchange_left_out()] if read.exchange else [])]
    return " ".join([_("The file names no IMAP, POP3 or SMTP servers."), *reasons])


PROGRAM = Program(
    id=ID,
    read=_read,
    signs=Signs(roots=frozenset({"Autodiscover"}), name=re.compile(r"autodiscover\.xml", re.IGNORECASE)),
    forms={"autodiscover": Form(write=utf8, check=_check, reason_against=_reason_against, values=_values)},
)
