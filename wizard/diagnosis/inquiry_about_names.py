"""Looks at the DNS: does the domain exist, which of its usual names do, and does somebody invent answers?"""

from __future__ import annotations

import asyncio
from secrets import token_hex
from typing import TYPE_CHECKING

from wizard.model.servers import USUAL_PORTS, Protocol, SocketType
from wizard.net.domains import registrable
from wizard.net.failures import Failure
from wizard.net.mail import Endpoint, ServerInfo, check_server
from wizard.net.unverified import fetch_http_head

if TYPE_CHECKING:
    from wizard.diagnosis.notes import Notes
    from wizard.model.address import Domain
    from wizard.net.connect import Network
    from wizard.net.dns import Answer, MxRecord

_LABELS = {
    Protocol.IMAP: ("imap", "mail"),
    Protocol.POP3: ("pop", "pop3", "mail"),
    Protocol.SMTP: ("smtp", "mail"),
}
_MOST_MX = 2


async def look_at_the_domain(network: Network, notes: Notes, domain: Domain) -> None:
    """Whether the address's domain exists and takes mail, and whether the host's domain exists."""
    mx, own, host_exists = await asyncio.gather(
        network.resolver.mx(domain.ascii),
        network.resolver.addresses(domain.ascii),
        _exists(network, registrable(notes.target.host)),
    )
    if isinstance(mx, Failure) and isinstance(own, Failure) and host_exists is None:
        notes.extra["dns"] = "silent"
        return
    answers = [one for one in (mx, own) if not isinstance(one, Failure)]
    if answers:
        notes.domain_exists = any(one.exists for one in answers)
    if not isinstance(mx, Failure):
        notes.extra["domain_mx"] = _mx_word(mx)
    if host_exists is not None:
        notes.extra["host_domain"] = "exists" if host_exists else "missing"


def _mx_word(answer: Answer[MxRecord]) -> str:
    if not answer.records:
        return "none"
    return answer.records[0].host or "null"


async def _exists(network: Network, domain: str | None) -> bool | None:
    if domain is None:
        return None
    answer = await network.resolver.addresses(domain)
    return None if isinstance(answer, Failure) else answer.exists


async def look_at_usual_names(network: Network, notes: Notes, domain: Domain) -> None:
    """The usual names of the address's domain, and the hosts that take its mail, where the protocol answers well."""
    protocol = notes.target.protocol
    mx = await network.resolver.mx(domain.ascii)
    hosts = [f"{label}.{domain.ascii}" for label in _LABELS[protocol]]
    hosts += [] if isinstance(mx, Failure) else [one.host for one in mx.records[:_MOST_MX] if one.host]
    port = USUAL_PORTS[protocol, SocketType.SSL]
    wanted = [host for host in dict.fromkeys(hosts) if host != notes.target.host]
    looks = (check_server(network, Endpoint(protocol, host, port, SocketType.SSL)) for host in wanted)
    notes.other_names += [one.endpoint.host for one in await asyncio.gather(*looks) if isinstance(one, ServerInfo)]


async def look_for_invented_names(network: Network, notes: Notes) -> None:
    """Whether the DNS has an address for a name that cannot exist (RFC 6761 section 6.4)."""
    answer = await network.resolver.addresses(f"mw-{token_hex(6)}.invalid")
    if isinstance(answer, Failure) or not answer.records:
        return
    notes.extra["dns_invents"] = answer.records[0]
    if set(answer.records) & set(notes.addresses):
        notes.extra["dns_invents_host"] = "yes"


async def look_for_a_captive_portal(network: Network, notes: Notes) -> None:
    """What a network that wants a log-in of its own first does: invented names, and a web page in everybody's place."""
    seen, _nothing = await asyncio.gather(
        fetch_http_head(network, notes.target.host), look_for_invented_names(network, notes)
    )
    if not isinstance(seen, Failure):
        notes.extra["http_status"] = str(seen.status)
        if seen.location_host:
            notes.extra["http_location"] = seen.location_host
