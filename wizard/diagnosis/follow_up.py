"""After a rung has failed: which checks tell causes apart, and those of the surroundings (names, network, clock).

Every check is made side by side with the others, bounded by itself, and recorded as soon as its result is there. No
password is anywhere near; what does not verify a certificate sends nothing within TLS. The checks of the server itself:
:mod:`wizard.diagnosis.server_checks`; of the network: :mod:`wizard.diagnosis.network_checks`.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from wizard.diagnosis import network_checks, server_checks
from wizard.model.diagnosis import RungName
from wizard.model.servers import USUAL_LABELS, USUAL_PORTS, Protocol, SocketType
from wizard.net.domains import registrable
from wizard.net.failures import CERTIFICATE_KINDS, UNKNOWN_ISSUER_KINDS, Failure, FailureKind
from wizard.net.mail import Endpoint, ServerInfo, check_server
from wizard.net.unverified import fetch_certificate, fetch_http_head

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any

    from wizard.diagnosis.options import CheckOptions
    from wizard.diagnosis.recorder import Recorder
    from wizard.model.address import Domain
    from wizard.net.connect import Network

    Checks = list[Coroutine[Any, Any, None]]

_WRONG_DATES = frozenset({FailureKind.TLS_EXPIRED, FailureKind.TLS_NOT_YET_VALID})
_AFTER_TCP = frozenset({RungName.TLS, RungName.GREETING, RungName.CAPABILITIES, RungName.STARTTLS})

_MAX_MX = 2
_HTTPS = 443


async def follow_up(network: Network, recorder: Recorder, options: CheckOptions) -> None:
    """Check what else is to be seen after the failure in ``recorder``, and add to it; nothing after a log-in."""
    rung, failure = recorder.observation.failed_rung, recorder.observation.failure
    if rung not in (RungName.DNS, RungName.TCP, *_AFTER_TCP):
        return
    if rung in _AFTER_TCP and failure in server_checks.CUT_OFF:
        await server_checks.check_silent_close(network, recorder)
    checks = _of_the_failure(network, recorder, options)
    checks.append(network_checks.check_parking(network, recorder, options.address.domain))
    if rung is not RungName.DNS:
        checks.append(network_checks.check_captive_portal(network, recorder, options))
    async with asyncio.TaskGroup() as group:
        for check in checks:
            group.create_task(check)


def _of_the_failure(network: Network, recorder: Recorder, options: CheckOptions) -> Checks:
    rung, failure = recorder.observation.failed_rung, recorder.observation.failure
    if rung is RungName.DNS:
        return _of_the_name(network, recorder, options)
    if rung is RungName.TCP:
        return _of_the_port(network, recorder, options)
    if "closes_at_once" in recorder.observation.extra:  # a server that counts connections is left alone
        return [
            server_checks.check_other_ports(network, recorder),
            server_checks.check_other_family(network, recorder),
        ]
    if failure in CERTIFICATE_KINDS:
        return _of_the_certificate(network, recorder, options)
    if failure == FailureKind.SERVER_SAYS_NO:  # its words say all
        return []
    return _of_the_conversation(network, recorder)


def _of_the_port(network: Network, recorder: Recorder, options: CheckOptions) -> Checks:
    checks: Checks = [
        server_checks.check_other_ports(network, recorder),
        network_checks.check_web_ports(network, recorder),
    ]
    if recorder.observation.failure == FailureKind.TIMEOUT:
        checks.append(network_checks.check_internet(network, recorder, options))
    return checks


def _of_the_name(network: Network, recorder: Recorder, options: CheckOptions) -> Checks:
    checks = [
        check_domain(network, recorder, options.address.domain),
        network_checks.check_known_names(network, recorder),
    ]
    if recorder.observation.failure == FailureKind.ADDRESS_NOT_ALLOWED:
        return [*checks, network_checks.check_invented_names(network, recorder)]
    return [*checks, check_usual_names(network, recorder, options.address.domain)]


def _of_the_certificate(network: Network, recorder: Recorder, options: CheckOptions) -> Checks:
    failure = recorder.observation.failure
    checks = [server_checks.check_certificate(network, recorder, options.address.domain)]
    if failure in _WRONG_DATES:
        checks.append(check_clock(network, recorder, options.address.domain))
    if failure in UNKNOWN_ISSUER_KINDS:
        checks.append(check_issuer_elsewhere(network, recorder, options.address.domain))
    return checks


def _of_the_conversation(network: Network, recorder: Recorder) -> Checks:
    rung, failure = recorder.observation.failed_rung, recorder.observation.failure
    checks = [
        server_checks.check_other_ports(network, recorder),
        server_checks.check_other_family(network, recorder),
    ]
    if rung is RungName.TLS and failure != FailureKind.NOT_TLS:
        checks.append(server_checks.check_old_tls(network, recorder))
    if failure == FailureKind.STARTTLS_MISSING:
        checks.append(server_checks.check_starttls(network, recorder))
    if failure in {*server_checks.SILENCE, FailureKind.NOT_TLS, FailureKind.WRONG_PROTOCOL}:
        checks.append(server_checks.check_spoken_protocol(network, recorder))
    return checks


async def check_domain(network: Network, recorder: Recorder, domain: Domain) -> None:
    """Whether the address's domain exists and takes mail, and whether the host's domain exists."""
    mx, own, host_exists = await asyncio.gather(
        network.resolver.mx(domain.ascii),
        network.resolver.addresses(domain.ascii),
        _exists(network, registrable(recorder.target.host)),
    )
    if isinstance(mx, Failure) and isinstance(own, Failure) and host_exists is None:
        recorder.record_extra(dns="silent")
        return
    answers = [answer for answer in (mx, own) if not isinstance(answer, Failure)]
    if answers:
        recorder.record(domain_exists=any(answer.exists for answer in answers))
    if not isinstance(mx, Failure):
        recorder.record_extra(domain_mx=network_checks.first_mx(mx))
    if host_exists is not None:
        recorder.record_extra(host_domain="exists" if host_exists else "missing")


async def _exists(network: Network, domain: str | None) -> bool | None:
    if domain is None:
        return None
    answer = await network.resolver.addresses(domain)
    return None if isinstance(answer, Failure) else answer.exists


async def check_usual_names(network: Network, recorder: Recorder, domain: Domain) -> None:
    """The usual names of the address's domain, and the hosts that take its mail, where the protocol answers well."""
    protocol = recorder.target.protocol
    mx = await network.resolver.mx(domain.ascii)
    hosts = [f"{label}.{domain.ascii}" for label in USUAL_LABELS[protocol]]
    hosts += [] if isinstance(mx, Failure) else [record.host for record in mx.records[:_MAX_MX] if record.host]
    port = USUAL_PORTS[protocol, SocketType.SSL]
    candidates = [host for host in dict.fromkeys(hosts) if host != recorder.target.host]
    looks = (check_server(network, Endpoint(protocol, host, port, SocketType.SSL)) for host in candidates)
    answering = [seen.endpoint.host for seen in await asyncio.gather(*looks) if isinstance(seen, ServerInfo)]
    recorder.record(other_names=(*recorder.observation.other_names, *answering))


async def check_issuer_elsewhere(network: Network, recorder: Recorder, domain: Domain) -> None:
    """Who issued the certificate of another host, a web server: on a network that intercepts, the same issuer."""
    for host in (domain.ascii, f"www.{domain.ascii}"):
        if host == recorder.target.host:
            continue
        # Of an endpoint with TLS from the first byte the protocol does not matter: nothing is spoken within.
        shown = await fetch_certificate(network, Endpoint(Protocol.IMAP, host, _HTTPS, SocketType.SSL))
        if not isinstance(shown, Failure):
            recorder.record_extra(elsewhere_host=host, elsewhere_issuer=shown.certificate.issuer)
            return


async def check_clock(network: Network, recorder: Recorder, domain: Domain) -> None:
    """By how much this computer's clock differs from that of a web server."""
    hosts = dict.fromkeys((domain.ascii, f"www.{domain.ascii}", recorder.target.host))
    for page in await asyncio.gather(*(fetch_http_head(network, host) for host in hosts)):
        if not isinstance(page, Failure) and page.date is not None:
            recorder.record_extra(clock_off=str(round(time.time() - page.date)))
            return
