"""Reads Mozilla autoconfig files (``config-v1.1.xml``) from anywhere, without trusting them.

Source: draft-ietf-mailmaint-autoconfig; where the draft is silent, what Thunderbird does. Any document type is refused
before an entity could be declared; size, depth and the number of servers have limits. A server that cannot be
understood is skipped with its reason, and the others stay; of an element that is given twice, the first usable one
counts; what is not known is ignored.
"""

from __future__ import annotations

from dataclasses import dataclass

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
from wizard.model.placeholders import PLACEHOLDERS, fill
from wizard.model.problems import Place, Problem
from wizard.model.servers import (
    PASSWORD_METHODS,
    AfterDownload,
    AuthenticationMethod,
    ClientConfig,
    IncomingServer,
    LeavePolicy,
    OutgoingServer,
    Protocol,
    SocketType,
    server,
)
from wizard.model.text import has_controls, printable
from wizard.programs.account import LONGEST_VALUE
from wizard.programs.elements import SIZE_LIMIT, Element, read_tree

__all__ = ["SIZE_LIMIT", "ReadConfig", "read_autoconfig"]

SERVER_LIMIT = 64

AUTHENTICATION = {
    **{one.value: one for one in AuthenticationMethod},
    "plain": AuthenticationMethod.PASSWORD_CLEARTEXT,
    "secure": AuthenticationMethod.PASSWORD_ENCRYPTED,
    "smtp-after-pop": AuthenticationMethod.NONE,
}
"""The names of the draft and the older ones that files still carry."""

_SOCKET_TYPES = {one.value: one for one in SocketType}

_UNAUTHENTICATED = frozenset({AuthenticationMethod.NONE, AuthenticationMethod.CLIENT_IP_ADDRESS})


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

    Raises Problem with file and line when it is no autoconfig file, is unsafe, or has no usable pair of servers.
    """
    root = read_tree(content, name)
    place = Place(printable(name), root.line)
    provider = next(root.all("emailProvider"), None) if root.name == "clientConfig" else None
    if provider is None:
        raise Problem(_("This is no autoconfig file: it has no e-mail provider."), place=place)
    skipped: list[str] = []
    domains = []
    for child in provider.all("domain"):
        try:
            domains.append(parse_domain(child.text))
        except AddressProblem as problem:
            skipped.append(f"line {child.line}: {problem.reason}")
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
    entries = [one for one in provider.children if one.name in ("incomingServer", "outgoingServer")]
    if len(entries) > SERVER_LIMIT:
        raise Problem(_("The file has more than {count} servers.").format(count=SERVER_LIMIT), place=Place(name))
    receiving = [one.first("username") or "" for one in entries if one.name == "incomingServer"]
    usual = next((one for one in receiving if one), "")
    for entry in entries:
        try:
            found = _server(entry, domains[0].ascii, usual)
        except Problem as problem:
            skipped.append(f"line {entry.line}: {problem.text}")
            continue
        if isinstance(found, OutgoingServer):
            outgoing.append(found)
            continue
        if found.protocol is Protocol.POP3 and not any(one.protocol is Protocol.POP3 for one in incoming):
            leave = _leave(entry)
        incoming.append(found)
    if not incoming or not outgoing:
        raise Problem(
            _("The file has no incoming server that can be used.")
            if not incoming
            else _("The file has no outgoing server that can be used."),
            place=Place(printable(name), provider.line),
        )
    config = ClientConfig(identity, domains, _display_name(provider, identity), tuple(incoming), tuple(outgoing))
    return ReadConfig(config, leave, tuple(printable(one) for one in skipped))


def _display_name(provider: Element, identity: str) -> str:
    return printable(provider.first("displayName") or identity, 60)


def _server(entry: Element, domain: str, usual: str) -> IncomingServer | OutgoingServer:
    """The server of an element; raises Problem with the reason when it cannot be used.

    ``usual`` is the user name for sending where the element has none: the one for receiving.
    """
    kind = entry.attributes.get("type", "")
    wanted = ("smtp",) if entry.name == "outgoingServer" else ("imap", "pop3")
    if kind not in wanted:
        raise Problem(f"the type “{kind}” is not known")
    protocol = Protocol(kind)
    hostname = _host(entry.first("hostname") or "", domain)
    if hostname is None:
        raise Problem(f"“{entry.first('hostname') or ''}” is no host name")
    socket_type = next((_SOCKET_TYPES[one.text] for one in entry.all("socketType") if one.text in _SOCKET_TYPES), None)
    if socket_type is None:
        raise Problem("no known socketType")
    methods = _methods(entry, protocol)
    return server(
        protocol,
        hostname=Hostname(hostname),
        port=parse_port(entry.first("port") or ""),
        socket_type=socket_type,
        username=_username(entry, protocol, methods, usual),
        authentication=methods,
    )


def _methods(entry: Element, protocol: Protocol) -> tuple[AuthenticationMethod, ...]:
    """The known methods in their order, each once. Only sending can go without any log-in."""
    known = [AUTHENTICATION[one.text] for one in entry.all("authentication") if one.text in AUTHENTICATION]
    methods = tuple(dict.fromkeys(one for one in known if protocol is Protocol.SMTP or one not in _UNAUTHENTICATED))
    if not methods:
        raise Problem("no known authentication")
    return methods


def _username(entry: Element, protocol: Protocol, methods: tuple[AuthenticationMethod, ...], usual: str) -> str:
    username = entry.first("username") or ""
    needed = protocol is not Protocol.SMTP or not PASSWORD_METHODS.isdisjoint(methods)
    if needed and not username and protocol is Protocol.SMTP:
        username = usual  # files of the ISPDB leave it out
    if has_controls(username):
        raise Problem("the user name holds a control character")
    if len(username) > LONGEST_VALUE:
        raise Problem(f"the user name is longer than {LONGEST_VALUE} characters")
    if not username and needed:
        raise Problem("there is no user name")
    return username


def _host(text: str, domain: str) -> str | None:
    """``text`` as a host name that is valid once its placeholders are filled; they stay. None when it is none."""
    try:
        if "%" not in text:
            return parse_hostname(text)
        filled = parse_hostname(fill(text, EmailAddress("local", Domain(domain))))
    except AddressProblem:
        return None
    return text if any(one in text for one in PLACEHOLDERS) else filled


def _leave(entry: Element) -> LeavePolicy | None:
    """The policy that a POP3 server carries (Thunderbird's extension of the draft); None when it says nothing."""
    extension = next(entry.all("pop3"), None)
    stays = extension.first("leaveMessagesOnServer") if extension is not None else None
    if extension is None or stays not in ("true", "false"):
        return None
    if stays == "false":
        return LeavePolicy(AfterDownload.REMOVE)
    days = extension.first("daysToLeaveMessagesOnServer") or ""
    if days.isascii() and days.isdigit() and len(days) < 6 and 1 <= int(days) <= 3650:
        return LeavePolicy(AfterDownload.KEEP_DAYS, int(days))
    return LeavePolicy(AfterDownload.KEEP)
