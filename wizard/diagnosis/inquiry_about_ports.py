"""Looks at other ports, other addresses and other ways of encrypting of the same host."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from wizard.diagnosis.families import family
from wizard.diagnosis.inquiry_about_tls import endpoint_of
from wizard.model.diagnosis import OtherPort, RungName
from wizard.model.servers import Protocol, SocketType
from wizard.net.connect import connect
from wizard.net.failures import Failure, FailureKind
from wizard.net.mail import Endpoint, ServerInfo, check_server
from wizard.net.responses import offers_starttls, recognise_protocol
from wizard.net.unverified import identify_service

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wizard.diagnosis.notes import Notes
    from wizard.net.connect import Network

SSL, STARTTLS = SocketType.SSL, SocketType.STARTTLS

OTHERS: dict[Protocol, tuple[tuple[int, SocketType], ...]] = {
    Protocol.IMAP: ((993, SSL), (143, STARTTLS)),
    Protocol.POP3: ((995, SSL), (110, STARTTLS)),
    Protocol.SMTP: ((465, SSL), (587, STARTTLS), (2525, STARTTLS), (25, STARTTLS)),
}
SILENCE = frozenset({FailureKind.TIMEOUT, FailureKind.CONNECTION_LOST, FailureKind.TLS_FAILED})
_WEB = (443, 80)
_MOST_ADDRESSES = 3

# Some firewalls overwrite what they do not want announced, in its length: STARTTLS becomes XXXXXXXA or XXXXXXXX.
_MANGLED = re.compile(r"X{3,8}[A-Z]?", re.IGNORECASE)


async def look_at_other_ports(network: Network, notes: Notes) -> None:
    """The other usual ports of the protocol, and the same port secured in the other ways."""
    target = notes.target
    places = [*OTHERS[target.protocol], *_same_port(notes)]
    wanted = [place for place in dict.fromkeys(places) if place != (target.port, target.socket_type)]
    looks = (check_server(network, Endpoint(target.protocol, target.host, port, kind)) for port, kind in wanted)
    seen = await asyncio.gather(*looks)
    notes.other_ports += [
        OtherPort(port=port, socket_type=kind, answers=isinstance(one, ServerInfo))
        for (port, kind), one in zip(wanted, seen, strict=True)
    ]


def _same_port(notes: Notes) -> list[tuple[int, SocketType]]:
    """The port itself, secured in the other way, where what happened on it speaks for that."""
    encrypted = notes.target.socket_type is SSL
    if encrypted and notes.failure == FailureKind.NOT_TLS:
        return [(notes.target.port, STARTTLS)]
    if not encrypted and notes.failed_rung is RungName.GREETING and notes.failure in SILENCE:
        return [(notes.target.port, SSL)]
    return []


async def look_for_the_web(network: Network, notes: Notes) -> None:
    """Whether the host takes connections as a web server."""
    found = await asyncio.gather(*(_connects(network, notes.target.host, port) for port in _WEB))
    notes.extra["web"] = ",".join(str(port) for port, one in zip(_WEB, found, strict=True) if one)


async def _connects(network: Network, host: str, port: int) -> bool:
    connection = await connect(network, host, port)
    if isinstance(connection, Failure):
        return False
    connection.sock.close()
    return True


async def look_what_speaks(network: Network, notes: Notes) -> None:
    """What is spoken on the port instead: another protocol, a web server, TLS where none was meant, or none at all."""
    target = notes.target
    named = _named(notes.detail)
    heard = recognise_protocol(notes.detail) or named or await _smtp_after_220(network, notes)
    if heard:
        notes.spoke, notes.extra["spoke_line"] = heard.lower(), notes.detail.removeprefix(f"{named}: ")
        return
    if notes.failure == FailureKind.NOT_TLS and notes.detail:
        notes.spoke, notes.extra["spoke_line"] = "plain", notes.detail
        return
    clear, within = await asyncio.gather(
        identify_service(network, target.host, target.port),
        identify_service(network, target.host, target.port, within_tls=True),
    )
    encrypted = target.socket_type is SSL
    if encrypted and clear is not None and clear[0]:
        notes.spoke, notes.extra["spoke_line"] = clear
    elif within is not None:
        notes.spoke = (within[0] or None) if encrypted else "tls"
        notes.extra["spoke_line"] = within[1]
    elif clear is not None:
        notes.spoke, notes.extra["spoke_line"] = clear[0] or "plain", clear[1]


async def _smtp_after_220(network: Network, notes: Notes) -> str:
    """A first line with 220 is SMTP's or FTP's, and need not say whose (RFC 5321 section 4.2): to be asked tells."""
    if not notes.detail.startswith("220") or notes.target.protocol is Protocol.SMTP:
        return ""
    seen = await check_server(network, replace(endpoint_of(notes.target), protocol=Protocol.SMTP))
    return "smtp" if isinstance(seen, ServerInfo) else ""


def _named(detail: str) -> str:
    """The protocol that the room of the network has recognised already (“POP3: +OK ready”)."""
    word, colon, _rest = detail.partition(": ")
    return word if colon and word in ("IMAP", "POP3", "SMTP", "HTTP", "SSH") else ""


async def look_by_the_other_family(network: Network, notes: Notes) -> None:
    """The same again by the other family of addresses: one of them may connect and lose what is large."""
    other = [one for one in notes.addresses if family(one) != family(_used(notes))]
    if not other:
        return
    seen = await check_server(_only(network, other), endpoint_of(notes.target))
    notes.extra["other_family"] = seen.kind.value if isinstance(seen, Failure) else "ok"


def _used(notes: Notes) -> str:
    """The address that was connected to: the detail of that rung."""
    return next((rung.detail for rung in notes.rungs if rung.name is RungName.TCP), "")


def _only(network: Network, addresses: Iterable[str]) -> Network:
    """The same network, in which there are these addresses only."""
    return replace(network, policy=replace(network.policy, only=frozenset(addresses)))


async def look_for_starttls(network: Network, notes: Notes) -> None:
    """Whether STARTTLS was overwritten on the way, and whether another address of the host announces it."""
    known = notes.clear_capabilities or ()
    words = (word for one in known for word in one.split())
    mangled = next((word for word in words if len(word) >= 4 and _MANGLED.fullmatch(word)), None)
    if mangled is not None:
        notes.extra["starttls_mangled"] = mangled
    for address in [one for one in notes.addresses if one != _used(notes)][:_MOST_ADDRESSES]:
        only = _only(network, [address])
        seen = await check_server(only, replace(endpoint_of(notes.target), socket_type=SocketType.PLAIN))
        if isinstance(seen, ServerInfo) and offers_starttls(notes.target.protocol, seen.capabilities):
            notes.extra["starttls_elsewhere"] = address
            return
