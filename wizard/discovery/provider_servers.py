"""The servers of a provider's file: hosts, ports, user names and ways to log in, checked one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wizard.language import translate as _
from wizard.model.address import Domain, EmailAddress, Hostname, Port, parse_hostname
from wizard.model.placeholders import check_template, fill
from wizard.model.problems import Problem
from wizard.model.servers import (
    AuthenticationMethod,
    IncomingServer,
    OutgoingServer,
    Protocol,
    SocketType,
    server,
)
from wizard.resources.shape import choice, mapping, number, sequence, text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wizard.model.provider import FactSource
    from wizard.resources.documents import Document

INCOMING = (Protocol.IMAP.value, Protocol.POP3.value)

_FIELDS = ("host", "port", "socket_type", "username", "authentication", "source")
_SAMPLE = EmailAddress("anna", Domain("example.org"))

At = tuple[Any, ...]
AnyServer = IncomingServer | OutgoingServer


def read_servers(
    document: Document, top: Mapping[str, Any], sources: Mapping[str, FactSource]
) -> tuple[tuple[AnyServer, ...], tuple[FactSource, ...]]:
    """Incoming, then outgoing servers in the file's order, and the source of each. Raises Problem with the place."""
    servers: list[AnyServer] = []
    read_in: list[FactSource] = []
    for key in ("incoming", "outgoing"):
        for index, entry in enumerate(sequence(document, (key,), top[key]) if key in top else []):
            at: At = (key, index)
            one = _server(document, at, entry, key)
            if one in servers:
                raise document.problem(_("This server stands here twice."), at)
            servers.append(one)
            read_in.append(sources[choice(document, (*at, "source"), entry["source"], sources)])
    return tuple(servers), tuple(read_in)


def _server(document: Document, at: At, entry: Any, key: str) -> AnyServer:
    required = ("protocol", *_FIELDS) if key == "incoming" else _FIELDS
    fields = mapping(document, at, entry, required=required, allowed=required)
    protocol = Protocol.SMTP.value
    if key == "incoming":
        protocol = choice(document, (*at, "protocol"), fields["protocol"], INCOMING)
    return server(
        Protocol(protocol),
        hostname=_host(document, (*at, "host"), fields["host"]),
        port=Port(number(document, (*at, "port"), fields["port"], 1, 65535)),
        socket_type=_socket_type(document, (*at, "socket_type"), fields["socket_type"]),
        username=_template(document, (*at, "username"), fields["username"]),
        authentication=_methods(document, (*at, "authentication"), fields["authentication"]),
    )


def _socket_type(document: Document, at: At, value: Any) -> SocketType:
    # The nearest word to “TLS” would be STARTTLS, and that is the other thing.
    if isinstance(value, str) and value.casefold() in ("tls", "ssl/tls", "tls/ssl"):
        raise document.problem(_("TLS from the first byte is written SSL here, TLS by an upgrade STARTTLS."), at)
    return SocketType(choice(document, at, value, [one.value for one in SocketType]))


def _template(document: Document, at: At, value: Any) -> str:
    written = text(document, at, value)
    try:
        check_template(written)
    except Problem as problem:
        raise document.problem(problem.text, at) from None
    return written


def _host(document: Document, at: At, value: Any) -> Hostname:
    written = _template(document, at, value)
    filled = fill(written, _SAMPLE)
    try:
        parsed = parse_hostname(filled)
    except Problem as problem:
        raise document.problem(problem.text, at) from None
    if parsed != filled:
        raise document.problem(_("Please write it as {name}.").format(name=parsed), at)
    return Hostname(written)


def _methods(document: Document, at: At, value: Any) -> tuple[AuthenticationMethod, ...]:
    known = [one.value for one in AuthenticationMethod]
    methods = [choice(document, (*at, index), one, known) for index, one in enumerate(sequence(document, at, value))]
    if len(set(methods)) != len(methods):
        raise document.problem(_("The same way to log in stands here twice."), at)
    return tuple(AuthenticationMethod(one) for one in methods)
