"""After a rung has failed: which checks tell causes apart, and those of the surroundings (names, network, clock).

Every check is made side by side with the others, bounded by itself, and recorded as soon as its result is there. No
password is anywhere near; what does not verify a certificate sends nothing within TLS. The checks of the server itself:
:mod:`wizard.diagnosis.server_checks`.
"""

from __future__ import annotations

import asyncio
import time
from secrets import token_hex
from typing import TYPE_CHECKING

from wizard.diagnosis import server_checks
from wizard.model.diagnosis import RungName
from wizard.model.servers import USUAL_PORTS, Protocol, SocketType
from wizard.net.domains import registrable
from wizard.net.failures import CERTIFICATE_KINDS, Failure, FailureKind
from wizard.net.mail import Endpoint, ServerInfo, check_server
from wizard.net.truthfulness import Untruth, look_at_resolver
from wizard.net.unverified import fetch_certificate, fetch_http_head

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any

    from wizard.diagnosis.options import CheckOptions
    from wizard.diagnosis.recorder import Recorder
    from wizard.model.address import Domain
    from wizard.net.connect import Network
    from wizard.net.dns import Answer, MxRecord

    Checks = list[Coroutine[Any, Any, None]]

_WRONG_DATES = frozenset({FailureKind.TLS_EXPIRED, FailureKind.TLS_NOT_YET_VALID})
_UNKNOWN_ISSUERS = frozenset({FailureKind.TLS_SELF_SIGNED, FailureKind.TLS_UNTRUSTED})
_AFTER_TCP = frozenset({RungName.TLS, RungName.GREETING, RungName.CAPABILITIES, RungName.STARTTLS})

_USUAL_LABELS = {
    Protocol.IMAP: ("imap", "mail"),
    Protocol.POP3: ("pop", "pop3", "mail"),
    Protocol.SMTP: ("smtp", "mail"),
}
_MAX_MX = 2
_HTTPS = 443


async def follow_up(network: Network, recorder: Recorder, options: CheckOptions) -> None:
    """Check what else is to be seen after the failure in ``recorder``, and add to it; nothing after a log-in."""
    rung, failure = recorder.observation.failed_rung, recorder.observation.failure
    checks: Checks = []
    if rung is RungName.DNS:
        checks = _of_the_name(network, recorder, options)
    elif rung is RungName.TCP:
        checks = [
            server_checks.check_other_ports(network, recorder),
            server_checks.check_web_ports(network, recorder),
        ]
    elif rung in _AFTER_TCP and failure in CERTIFICATE_KINDS:
        checks = _of_the_certificate(network, recorder, options)
    elif rung in _AFTER_TCP and failure != FailureKind.SERVER_SAYS_NO:  # its words say all
        checks = _of_the_conversation(network, recorder)
    if rung is RungName.TCP or rung in _AFTER_TCP:
        checks.append(check_captive_portal(network, recorder))
    async with asyncio.TaskGroup() as group:
        for check in checks:
            group.create_task(check)


def _of_the_name(network: Network, recorder: Recorder, options: CheckOptions) -> Checks:
    checks = [
        check_domain(network, recorder, options.address.domain),
        check_known_names(network, recorder),
    ]
    if recorder.observation.failure == FailureKind.ADDRESS_NOT_ALLOWED:
        return [*checks, check_invented_names(network, recorder)]
    return [*checks, check_usual_names(network, recorder, options.address.domain)]


def _of_the_certificate(network: Network, recorder: Recorder, options: CheckOptions) -> Checks:
    failure = recorder.observation.failure
    checks = [server_checks.check_certificate(network, recorder)]
    if failure in _WRONG_DATES:
        checks.append(check_clock(network, recorder, options.address.domain))
    if failure in _UNKNOWN_ISSUERS:
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
        recorder.record_extra(domain_mx=_first_mx(mx))
    if host_exists is not None:
        recorder.record_extra(host_domain="exists" if host_exists else "missing")


def _first_mx(answer: Answer[MxRecord]) -> str:
    if not answer.records:
        return "none"
    return answer.records[0].host or "null"


async def _exists(network: Network, domain: str | None) -> bool | None:
    if domain is None:
        return None
    answer = await network.resolver.addresses(domain)
    return None if isinstance(answer, Failure) else answer.exists


async def check_usual_names(network: Network, recorder: Recorder, domain: Domain) -> None:
    """The usual names of the address's domain, and the hosts that take its mail, where the protocol answers well."""
    protocol = recorder.target.protocol
    mx = await network.resolver.mx(domain.ascii)
    hosts = [f"{label}.{domain.ascii}" for label in _USUAL_LABELS[protocol]]
    hosts += [] if isinstance(mx, Failure) else [record.host for record in mx.records[:_MAX_MX] if record.host]
    port = USUAL_PORTS[protocol, SocketType.SSL]
    candidates = [host for host in dict.fromkeys(hosts) if host != recorder.target.host]
    looks = (check_server(network, Endpoint(protocol, host, port, SocketType.SSL)) for host in candidates)
    answering = [seen.endpoint.host for seen in await asyncio.gather(*looks) if isinstance(seen, ServerInfo)]
    recorder.record(other_names=(*recorder.observation.other_names, *answering))


async def check_known_names(network: Network, recorder: Recorder) -> None:
    """Whether the network denies the host's domain and names that surely exist."""
    host = recorder.target.host
    view = await look_at_resolver(network, registrable(host) or host)
    if view.untruth is Untruth.DENIES:
        recorder.record_extra(dns_denies=view.sign)


async def check_invented_names(network: Network, recorder: Recorder) -> None:
    """Whether the DNS has an address for a name that cannot exist (RFC 6761 section 6.4)."""
    answer = await network.resolver.addresses(f"mw-{token_hex(6)}.invalid")
    if isinstance(answer, Failure) or not answer.records:
        return
    recorder.record_extra(dns_invents=answer.records[0])
    if set(answer.records) & set(recorder.observation.addresses):
        recorder.record_extra(dns_invents_host="yes")


async def check_captive_portal(network: Network, recorder: Recorder) -> None:
    """What a network that wants a log-in of its own first does: invented names, and a web page in everybody's place."""
    page, _nothing = await asyncio.gather(
        fetch_http_head(network, recorder.target.host), check_invented_names(network, recorder)
    )
    if not isinstance(page, Failure):
        recorder.record_extra(http_status=str(page.status))
        if page.location_host:
            recorder.record_extra(http_location=page.location_host)


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
