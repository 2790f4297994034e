"""Mozilla autoconfig files (``config-v1.1.xml``): written for one account, and read from anywhere, without trust.

Source: draft-ietf-mailmaint-autoconfig; where the draft is silent, what Thunderbird does. Any document type is refused
before an entity could be declared; size, depth and the number of servers have limits. A server that cannot be
understood is skipped with its reason, and the others stay; of an element that is given twice, the first usable one
counts; what is not known is ignored.

What is written has to survive Thunderbird's reader, whose rules come from its own code (version 153 ESR): text that
looks like a number or a truth value is turned into one before it is used as text, and placeholders are replaced one
after the other, so that an address which itself contains one is replaced twice.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wizard.language import translate as _
from wizard.model.address import (
    AddressProblem,
    Domain,
    EmailAddress,
    Hostname,
    parse_domain,
    parse_hostname,
    parse_port,
)
from wizard.model.problems import Place, Problem
from wizard.model.servers import (
    EMAIL_ADDRESS,
    EMAIL_LOCAL_PART,
    PASSWORD_METHODS,
    PLACEHOLDERS,
    AfterDownload,
    AuthenticationMethod,
    ClientConfig,
    IncomingServer,
    LeavePolicy,
    OutgoingServer,
    Protocol,
    SocketType,
    fill,
)
from wizard.model.servers import server as make_server
from wizard.model.text import has_controls, printable
from wizard.programs.comparing import described
from wizard.programs.elements import Element, read_tree
from wizard.programs.program import Form, Mismatch, Program, Signs, utf8
from wizard.programs.reading import LONGEST_VALUE, ReadAccount, ReadFile, incoming_among, outgoing_among

if TYPE_CHECKING:
    from wizard.model.servers import MailAccount

ID = "autoconfig"

SERVER_LIMIT = 64

AUTHENTICATION = {
    **{method.value: method for method in AuthenticationMethod},
    "plain": AuthenticationMethod.PASSWORD_CLEARTEXT,
    "secure": AuthenticationMethod.PASSWORD_ENCRYPTED,
    "smtp-after-pop": AuthenticationMethod.NONE,
}
"""The names of the draft and the older ones that files still carry."""

_SOCKET_TYPES = {socket_type.value: socket_type for socket_type in SocketType}

_UNAUTHENTICATED = frozenset({AuthenticationMethod.NONE, AuthenticationMethod.CLIENT_IP_ADDRESS})

FOREVER = 3650
"""Days that stand for "keep for good": the format has no word for it, and a program's own default removes sooner."""

# What JavaScript's isFinite() accepts of a text, and the part of it that comes back unchanged from parseFloat().
_NUMBER = re.compile(
    r"\s*(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|0x[0-9a-f]+|0o[0-7]+|0b[01]+)?\s*|true|false", re.IGNORECASE
)
_UNCHANGED = re.compile(r"0|[1-9]\d{0,14}|true|false")


def survives_thunderbird(text: str) -> bool:
    """Whether Thunderbird reads ``text`` as it is, not as another number (``007`` becomes 7, ``1e3`` 1000)."""
    return _NUMBER.fullmatch(text) is None or _UNCHANGED.fullmatch(text) is not None


def username_for(username: str, address: EmailAddress) -> str | None:
    """How ``username`` is written: a placeholder where it is the address or its local part, else as it is.

    The placeholder is right for this person, and for the others of a shared computer who have an address of the same
    domain (Thunderbird looks a local file up by the domain). None: no spelling is understood by every reader.
    """
    exact = str(address)
    if "%" not in exact and "%" not in username:  # nothing in them is replaced: the usual case, without trying it out
        if username in (exact, address.local):
            return EMAIL_ADDRESS if username == exact else EMAIL_LOCAL_PART
        return username if survives_thunderbird(username) else None
    for text in (EMAIL_ADDRESS, EMAIL_LOCAL_PART, username):
        means_it = fill(text, address) == username and _thunderbird_fills(text, address) == username
        if means_it and survives_thunderbird(text):
            return text
    return None


def _thunderbird_fills(text: str, address: EmailAddress) -> str:
    values = (
        (EMAIL_ADDRESS, str(address)),
        (EMAIL_LOCAL_PART, address.local),
        ("%EMAILDOMAIN%", address.domain.ascii),
        ("%REALNAME%", "\0"),  # the sender's name, typed later: no value can be right
    )
    for placeholder, value in values:
        text = text.replace(placeholder, value)
    return text


def _reason_against(account: MailAccount) -> str | None:
    """What the readers of this format cannot take, though the format could say it."""
    if "@" in account.address.local:
        return _("Thunderbird cannot read an address with two @; use the values of the card.")
    domain_survives = survives_thunderbird(account.address.domain.ascii)
    for server in (account.incoming, account.outgoing, *account.alternatives):
        if server.username and username_for(server.username, account.address) is None:
            return _(
                "Thunderbird would change the user name “{name}” when it reads the file; type it by hand, with the "
                "values of the card."
            ).format(name=server.username)
        if not domain_survives or not survives_thunderbird(server.hostname):
            return _("Thunderbird would take the name “{name}” for a number; use the values of the card.").format(
                name=server.hostname
            )
    return None


def _values(account: MailAccount) -> dict[str, Any]:
    return {
        "leave": None if account.leave is None else leave_written(account.leave),
        "autoconfig_username": lambda server: username_for(server.username, account.address),
    }


def leave_written(policy: LeavePolicy) -> LeavePolicy:
    """What the file says for ``policy``: "for good" becomes the longest time, and the user is told to untick it."""
    return LeavePolicy(AfterDownload.KEEP_DAYS, FOREVER) if policy.kind is AfterDownload.KEEP else policy


def _check(content: bytes, account: MailAccount) -> None:
    """Read the file as a client would and compare servers, order and leave policy with the account."""
    try:
        read = read_autoconfig(content, "config-v1.1.xml")
        config = read.config.filled(account.address)
    except Problem as problem:
        raise Mismatch(str(problem)) from None
    servers = (account.incoming, account.outgoing, *account.alternatives)
    wanted = incoming_among(servers)
    if config.incoming != wanted:
        raise Mismatch(f"{described(config.incoming)}, not {described(wanted)}")
    wanted_outgoing = outgoing_among(servers)
    if config.outgoing != wanted_outgoing:
        raise Mismatch(f"{described(config.outgoing)}, not {described(wanted_outgoing)}")
    if config.domains != (account.address.domain,) or config.id != account.address.domain.ascii:
        raise Mismatch(f"id {config.id}, domains {config.domains}")
    leave = leave_written(account.leave) if account.leave is not None else None
    if read.leave != leave:
        raise Mismatch(f"leave policy {read.leave}, not {leave}")
    if read.skipped:
        raise Mismatch(f"unreadable parts: {read.skipped}")


@dataclass(frozen=True, slots=True)
class ReadConfig:
    """A file as settings. ``leave`` is what it says for its first POP3 server, None where it says nothing.

    ``skipped`` names, for a log, what was left out and why.
    """

    config: ClientConfig
    leave: LeavePolicy | None
    skipped: tuple[str, ...] = ()


def read_autoconfig(content: bytes, name: str) -> ReadConfig:
    """Read the bytes of a file; ``name`` is what errors call it. Placeholders in host and user names stay.

    Raises Problem with file and line when it is not an autoconfig file, is unsafe, or has no usable pair of servers.
    """
    root = read_tree(content, name)
    place = Place(printable(name), root.line)
    provider = next(root.all("emailProvider"), None) if root.name == "clientConfig" else None
    if provider is None:
        raise Problem(_("This is not an autoconfig file: it has no e-mail provider."), place=place)
    skipped: list[str] = []
    domains = []
    for child in provider.all("domain"):
        try:
            domains.append(parse_domain(child.text))
        except AddressProblem as problem:
            skipped.append(_("line {line}").format(line=child.line) + f": {problem.reason}")
    if not domains:
        raise Problem(_("The file names no domain."), place=Place(printable(name), provider.line))
    identity = _host(provider.attributes.get("id", ""), domains[0].ascii)
    if identity is None:
        raise Problem(_("The file does not name its provider."), place=Place(printable(name), provider.line))
    return _collect(provider, identity, tuple(domains), skipped, name)


def _collect(
    provider: Element,
    identity: str,
    domains: tuple[Domain, ...],
    skipped: list[str],
    name: str,
) -> ReadConfig:
    incoming: list[IncomingServer] = []
    outgoing: list[OutgoingServer] = []
    leave = None
    entries = [child for child in provider.children if child.name in ("incomingServer", "outgoingServer")]
    if len(entries) > SERVER_LIMIT:
        raise Problem(_("The file has more than {count} servers.").format(count=SERVER_LIMIT), place=Place(name))
    receiving = [entry.first("username") or "" for entry in entries if entry.name == "incomingServer"]
    usual = next((username for username in receiving if username), "")
    for entry in entries:
        try:
            server = _server(entry, domains[0].ascii, usual)
        except Problem as problem:
            skipped.append(_("line {line}").format(line=entry.line) + f": {problem.text}")
            continue
        if isinstance(server, OutgoingServer):
            outgoing.append(server)
            continue
        if server.protocol is Protocol.POP3 and not any(known.protocol is Protocol.POP3 for known in incoming):
            leave = _leave(entry)
        incoming.append(server)
    if not incoming or not outgoing:
        raise Problem(
            _("The file has no incoming server that can be used.")
            if not incoming
            else _("The file has no outgoing server that can be used."),
            place=Place(printable(name), provider.line),
        )
    config = ClientConfig(identity, domains, _display_name(provider, identity), tuple(incoming), tuple(outgoing))
    return ReadConfig(config, leave, tuple(printable(reason) for reason in skipped))


def _display_name(provider: Element, identity: str) -> str:
    return printable(provider.first("displayName") or identity, 60)


def _server(entry: Element, domain: str, usual: str) -> IncomingServer | OutgoingServer:
    """The server of an element; raises Problem with the reason when it cannot be used.

    ``usual`` is the user name for sending where the element has none: the one for receiving.
    """
    kind = entry.attributes.get("type", "")
    wanted = ("smtp",) if entry.name == "outgoingServer" else ("imap", "pop3")
    if kind not in wanted:
        raise Problem(_("the type “{kind}” is not known").format(kind=printable(kind, 40)))
    protocol = Protocol(kind)
    hostname = _host(entry.first("hostname") or "", domain)
    if hostname is None:
        raise Problem(_("“{text}” is not a host name").format(text=printable(entry.first("hostname") or "", 100)))
    socket_type = next((_SOCKET_TYPES[text] for text in _texts(entry, "socketType") if text in _SOCKET_TYPES), None)
    if socket_type is None:
        raise Problem(_("there is no known socketType"))
    methods = _methods(entry, protocol)
    return make_server(
        protocol,
        hostname=Hostname(hostname),
        port=parse_port(entry.first("port") or ""),
        socket_type=socket_type,
        username=_username(entry, protocol, methods, usual),
        authentication=methods,
    )


def _texts(entry: Element, name: str) -> list[str]:
    return [child.text for child in entry.all(name)]


def _methods(entry: Element, protocol: Protocol) -> tuple[AuthenticationMethod, ...]:
    """The known methods in their order, each once. Only sending can go without any log-in."""
    known = [AUTHENTICATION[text] for text in _texts(entry, "authentication") if text in AUTHENTICATION]
    sending = protocol is Protocol.SMTP
    methods = tuple(dict.fromkeys(method for method in known if sending or method not in _UNAUTHENTICATED))
    if not methods:
        raise Problem(_("there is no known authentication"))
    return methods


def _username(entry: Element, protocol: Protocol, methods: tuple[AuthenticationMethod, ...], usual: str) -> str:
    username = entry.first("username") or ""
    needed = protocol is not Protocol.SMTP or not PASSWORD_METHODS.isdisjoint(methods)
    if needed and not username and protocol is Protocol.SMTP:
        username = usual  # files of the ISPDB leave it out
    if has_controls(username):
        raise Problem(_("the user name contains a control character"))
    if len(username) > LONGEST_VALUE:
        raise Problem(_("the user name is longer than {count} characters").format(count=LONGEST_VALUE))
    if not username and needed:
        raise Problem(_("there is no user name"))
    return username


def _host(text: str, domain: str) -> str | None:
    """``text`` as a host name that is valid once its placeholders are filled; they stay. None when it is none."""
    try:
        if "%" not in text:
            return parse_hostname(text)
        filled = parse_hostname(fill(text, EmailAddress("local", Domain(domain))))
    except AddressProblem:
        return None
    return text if any(placeholder in text for placeholder in PLACEHOLDERS) else filled


def _leave(entry: Element) -> LeavePolicy | None:
    """The policy that a POP3 server carries (Thunderbird's extension of the draft); None when it says nothing."""
    extension = next(entry.all("pop3"), None)
    stays = extension.first("leaveMessagesOnServer") if extension is not None else None
    if extension is None or stays not in ("true", "false"):
        return None
    if stays == "false":
        return LeavePolicy(AfterDownload.REMOVE)
    days = extension.first("daysToLeaveMessagesOnServer") or ""
    if days.isascii() and days.isdigit() and len(days) < 6 and 1 <= int(days) <= FOREVER:
        return LeavePolicy(AfterDownload.KEEP_DAYS, int(days))
    return LeavePolicy(AfterDownload.KEEP)


def _read(content: bytes, name: str) -> ReadFile:
    read = read_autoconfig(content, name)
    config = read.config
    account = ReadAccount(address=None, incoming=config.incoming, outgoing=config.outgoing, leave=read.leave)
    return ReadFile(
        format=ID,
        accounts=(account,),
        skipped=read.skipped,
        unfilled=True,
        domains=config.domains,
        provider="" if config.display_name == config.id else config.display_name,
    )


PROGRAM = Program(
    id=ID,
    read=_read,
    signs=Signs(roots=frozenset({"clientConfig"}), name=re.compile(r"config-v1\.[0-9]\.xml", re.IGNORECASE)),
    forms={"autoconfig": Form(write=utf8, check=_check, reason_against=_reason_against, values=_values)},
)
