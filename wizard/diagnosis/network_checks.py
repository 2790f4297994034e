"""Checks of the network and of the name system around a server: does the internet answer, does another server answer in
its place, does the domain of the address still take mail.

Each is made only after a failure that calls for it. Asked are the servers of the person's domain and of the host that
failed, and the control of the options, which the look-up has asked already; docs/doctor.md lists every question.
"""

from __future__ import annotations

import asyncio
from secrets import token_hex
from typing import TYPE_CHECKING

from wizard.net.connect import connect
from wizard.net.domains import registrable, same_owner
from wizard.net.failures import Failure, FailureKind
from wizard.net.resolver_check import ResolverFault, check_resolver, is_blocking_address
from wizard.net.unverified import HttpHead, fetch_http_head

if TYPE_CHECKING:
    from wizard.diagnosis.options import CheckOptions
    from wizard.diagnosis.recorder import Recorder
    from wizard.model.address import Domain
    from wizard.net.connect import Network
    from wizard.net.dns import Answer, MxRecord

WEB_PORTS = (443, 80)
_MAX_NAME_SERVERS = 4


async def check_web_ports(network: Network, recorder: Recorder) -> None:
    """Which ports of a web server the host has: those that take connections, and those that do not even refuse."""
    connecting, silent = await _web_ports(network, recorder.target.host)
    recorder.record_extra(web=_listed(connecting), web_silent=_listed(silent))


async def _web_ports(network: Network, host: str) -> tuple[list[int], list[int]]:
    """The ports of the web that connect, and those that do not answer at all."""
    found = await asyncio.gather(*(_connected(network, host, port) for port in WEB_PORTS))
    by_port = dict(zip(WEB_PORTS, found, strict=True))
    return (
        [port for port, failure in by_port.items() if failure is None],
        [port for port, failure in by_port.items() if failure is not None and failure.kind is FailureKind.TIMEOUT],
    )


async def _connected(network: Network, host: str, port: int) -> Failure | None:
    connection = await connect(network, host, port)
    if isinstance(connection, Failure):
        return connection
    connection.sock.close()
    return None


def _listed(ports: list[int]) -> str:
    return ",".join(map(str, ports))


async def check_internet(network: Network, recorder: Recorder, options: CheckOptions) -> None:
    """Whether a web server answers that is another machine than the host: then the internet is there."""
    domain = options.address.domain.ascii
    hosts = [host for host in (domain, f"www.{domain}", options.control) if host]
    own = set(recorder.observation.addresses)
    elsewhere = [host for host in dict.fromkeys(hosts) if own.isdisjoint(await _addresses(network, host))]
    looks = await asyncio.gather(*(_web_ports(network, host) for host in elsewhere))
    answering = [host for host, (connecting, _silent) in zip(elsewhere, looks, strict=True) if connecting]
    if answering:
        recorder.record_extra(internet=answering[-1])
    elif any(silent for _connecting, silent in looks):
        recorder.record_extra(internet="silent")


async def _addresses(network: Network, host: str) -> tuple[str, ...]:
    answer = await network.resolver.addresses(host)
    return () if isinstance(answer, Failure) else answer.records


async def check_parking(network: Network, recorder: Recorder, domain: Domain) -> None:
    """Who answers for the names of the domain, whether all of them lead to one address, and who takes its mail."""
    mx, servers, own, invented = await asyncio.gather(
        network.resolver.mx(domain.ascii),
        network.resolver.name_servers(registrable(domain.ascii) or domain.ascii),
        network.resolver.addresses(domain.ascii),
        network.resolver.addresses(f"mw-{token_hex(6)}.{domain.ascii}"),
    )
    if not isinstance(mx, Failure):
        recorder.record_extra(domain_mx=first_mx(mx))
    if not isinstance(servers, Failure) and servers.records:
        recorder.record_extra(name_servers=",".join(servers.records[:_MAX_NAME_SERVERS]))
    if not isinstance(own, Failure) and not isinstance(invented, Failure) and set(own.records) & set(invented.records):
        recorder.record_extra(every_name=invented.records[0])


def first_mx(answer: Answer[MxRecord]) -> str:
    """The host that takes the mail first; ``none`` without a record, ``null`` where it takes none (RFC 7505)."""
    if not answer.records:
        return "none"
    return answer.records[0].host or "null"


async def check_known_names(network: Network, recorder: Recorder) -> None:
    """Whether the network denies the host's domain and names that surely exist."""
    host = recorder.target.host
    view = await check_resolver(network, registrable(host) or host)
    if view.fault is ResolverFault.DENIES:
        recorder.record_extra(dns_denies=view.sign)


async def check_invented_names(network: Network, recorder: Recorder) -> None:
    """Whether the DNS has an address for a name that cannot exist (RFC 6761 section 6.4)."""
    answer = await network.resolver.addresses(f"mw-{token_hex(6)}.invalid")
    if isinstance(answer, Failure):
        return
    invented = [address for address in answer.records if not is_blocking_address(network, address)]
    if not invented:
        return
    recorder.record_extra(dns_invents=invented[0])
    if set(invented) & set(recorder.observation.addresses):
        recorder.record_extra(dns_invents_host="yes")


async def check_captive_portal(network: Network, recorder: Recorder, options: CheckOptions) -> None:
    """What a network that wants a log-in of its own first does: invented names, and a web page in everybody's place.

    Asked without encryption are the host, the domain of the address and the control: a portal leads them all to itself,
    or shows one page in place of each.
    """
    hosts = dict.fromkeys((recorder.target.host, options.address.domain.ascii, options.control))
    asked = [host for host in hosts if host]
    (page, *others), _nothing = await asyncio.gather(
        asyncio.gather(*(fetch_http_head(network, host) for host in asked)), check_invented_names(network, recorder)
    )
    if not isinstance(page, Failure):
        recorder.record_extra(http_status=str(page.status))
        if page.location_host:
            recorder.record_extra(http_location=page.location_host)
    shown = {host: head.title for host, head in zip(asked, (page, *others), strict=True) if isinstance(head, HttpHead)}
    control = shown.pop(options.control or "", "")
    if control and control in shown.values():
        recorder.record_extra(http_page=control)
    for host, other in zip(asked[1:], others, strict=True):
        if not isinstance(other, Failure) and other.location_host:
            name = "http_control" if host == options.control else "http_domain"
            recorder.record_extra(**{name: "own" if same_owner(host, other.location_host) else other.location_host})
