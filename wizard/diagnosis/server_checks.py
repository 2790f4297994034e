"""Checks of a server after a rung has failed: its certificate, old TLS, its other ports and addresses, what it speaks.

Nothing is trusted, and nothing is sent within a connection whose certificate was not verified.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from wizard.diagnosis.dual_stack import ip_family
from wizard.diagnosis.machine_names import names_to_try
from wizard.model.diagnosis import OtherPort, RungName
from wizard.model.servers import Protocol, SocketType
from wizard.net.failures import Failure, FailureKind
from wizard.net.mail import Endpoint, ServerInfo, check_server
from wizard.net.responses import offers_starttls, recognise_protocol
from wizard.net.unverified import closes_unasked, fetch_certificate, identify_service

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wizard.diagnosis.recorder import Recorder
    from wizard.model.address import Domain
    from wizard.model.diagnosis import Observation, Target
    from wizard.net.connect import Network

    Service = tuple[str, str]

SSL, STARTTLS = SocketType.SSL, SocketType.STARTTLS

PORTS: dict[Protocol, tuple[tuple[int, SocketType], ...]] = {
    Protocol.IMAP: ((993, SSL), (143, STARTTLS)),
    Protocol.POP3: ((995, SSL), (110, STARTTLS)),
    Protocol.SMTP: ((465, SSL), (587, STARTTLS), (2525, STARTTLS), (25, STARTTLS)),
}
SILENCE = frozenset({FailureKind.TIMEOUT, FailureKind.CONNECTION_LOST, FailureKind.TLS_FAILED})
"""Failures in which nothing was said that would tell what is spoken."""

CUT_OFF = frozenset({FailureKind.CONNECTION_LOST, FailureKind.TLS_FAILED})
"""Failures that a connection has which the server closes at once."""

PAUSE = 0.5
"""Seconds between two connections to a server that may count them."""

_MAX_ADDRESSES = 3
_OLD_VERSIONS = ("TLSv1", "TLSv1.1", "SSLv3")

# Some firewalls overwrite what they do not want announced, in its length: STARTTLS becomes XXXXXXXA or XXXXXXXX.
_MANGLED = re.compile(r"X{3,8}[A-Z]?", re.IGNORECASE)


def endpoint_of(target: Target) -> Endpoint:
    """Where a target is."""
    return Endpoint(target.protocol, target.host, target.port, target.socket_type)


async def check_certificate(network: Network, recorder: Recorder, domain: Domain) -> None:
    """The certificate that was not accepted, and the hosts of its names under which the same protocol answers well."""
    endpoint = endpoint_of(recorder.target)
    shown = await fetch_certificate(network, endpoint, old=True)
    if isinstance(shown, Failure):
        return
    certificate = replace(shown.certificate, error=recorder.observation.detail)
    recorder.record(certificate=certificate, tls_version=shown.tls_version)
    names = await names_to_try(network, shown.certificate, recorder.observation, domain)
    looks = await asyncio.gather(*(check_server(network, endpoint._replace(host=name)) for name in names))
    answering = [seen.endpoint.host for seen in looks if isinstance(seen, ServerInfo)]
    recorder.record(other_names=(*recorder.observation.other_names, *answering))


async def check_old_tls(network: Network, recorder: Recorder) -> None:
    """Whether a handshake succeeds when old versions, or weak keys and ciphers, are accepted."""
    shown = await fetch_certificate(network, endpoint_of(recorder.target), old=True)
    if isinstance(shown, Failure):
        return
    recorder.record(certificate=shown.certificate)
    if shown.tls_version in _OLD_VERSIONS:
        recorder.record(only_old_tls=shown.tls_version)
    else:
        recorder.record_extra(tls_weak=shown.tls_version or "")


async def check_other_ports(network: Network, recorder: Recorder) -> None:
    """The other usual ports of the protocol, and the same port secured in the other ways."""
    target = recorder.target
    places = dict.fromkeys((*PORTS[target.protocol], *_same_port(recorder.observation)))
    others = [place for place in places if place != (target.port, target.socket_type)]
    looks = (check_server(network, Endpoint(target.protocol, target.host, *place)) for place in others)
    seen = list(zip(others, await asyncio.gather(*looks), strict=True))
    found = (
        OtherPort(port=port, socket_type=socket_type, answers=isinstance(answer, ServerInfo))
        for (port, socket_type), answer in seen
    )
    recorder.record(other_ports=(*recorder.observation.other_ports, *found))
    silent = [str(port) for (port, _), answer in seen if _swallowed(answer, recorder.observation)]
    recorder.record_extra(silent_ports=",".join(silent))


def _swallowed(answer: ServerInfo | Failure, observation: Observation) -> bool:
    """Whether not even a refusal came: the detail is then the addresses, and no step of a conversation."""
    if not isinstance(answer, Failure) or answer.kind is not FailureKind.TIMEOUT:
        return False
    return set(answer.detail.split(", ")) <= set(observation.addresses)


async def check_silent_close(network: Network, recorder: Recorder) -> None:
    """Whether the port closes a connection before anything was said, and whether it does so each time.

    One connection after the other: a server that counts them would count ours.
    """
    target = recorder.target
    network = _restricted_to(network, [_connected_address(recorder.observation)])
    await asyncio.sleep(PAUSE)
    closed = await closes_unasked(network, target.host, target.port)
    if closed is None:
        return
    await asyncio.sleep(PAUSE)
    answers = isinstance(await check_server(network, endpoint_of(target)), ServerInfo)
    if answers or closed:
        recorder.record_extra(closes_at_once="sometimes" if answers else "always")


def _same_port(observation: Observation) -> list[tuple[int, SocketType]]:
    """The port itself, secured in the other way, where what happened on it suggests that."""
    port, encrypted = observation.target.port, observation.target.socket_type is SSL
    if encrypted and observation.failure == FailureKind.NOT_TLS:
        return [(port, STARTTLS)]
    if not encrypted and observation.failed_rung is RungName.GREETING and observation.failure in SILENCE:
        return [(port, SSL)]
    return []


async def check_spoken_protocol(network: Network, recorder: Recorder) -> None:
    """What is spoken on the port instead: another protocol, a web server, TLS where none was meant, or none at all."""
    target, observation = recorder.target, recorder.observation
    detail = observation.detail
    named = _named_protocol(detail)
    protocol = recognise_protocol(detail) or named or await _smtp_after_220(network, observation)
    if protocol:
        recorder.record(spoken=protocol.lower())
        recorder.record_extra(spoke_line=detail.removeprefix(f"{named}: "))
        return
    if observation.failure == FailureKind.NOT_TLS and detail:
        recorder.record(spoken="plain")
        recorder.record_extra(spoke_line=detail)
        return
    encrypted = target.socket_type is SSL
    within = asyncio.create_task(identify_service(network, target.host, target.port, within_tls=True))
    clear = asyncio.create_task(identify_service(network, target.host, target.port))
    try:
        spoken, line = await _first_answer(clear, within, encrypted=encrypted)
    finally:
        for task in (within, clear):
            task.cancel()
        await asyncio.gather(within, clear, return_exceptions=True)
    if line is not None:
        recorder.record(spoken=spoken or None)
        recorder.record_extra(spoke_line=line)


async def _first_answer(
    clear: asyncio.Task[Service | None], within: asyncio.Task[Service | None], *, encrypted: bool
) -> tuple[str, str | None]:
    """What is spoken instead, and its first line; no line where nothing is.

    To a program that waited in the clear, TLS says it all: what a server says in the clear is not awaited then.
    """
    if encrypted and (answer := await clear) is not None and answer[0]:
        return answer
    if (answer := await within) is not None:
        return (answer[0] if encrypted else "tls"), answer[1]
    if (answer := await clear) is not None:
        return answer[0] or "plain", answer[1]
    return "", None


async def _smtp_after_220(network: Network, observation: Observation) -> str:
    """A first line with 220 is SMTP's or FTP's, and need not say whose (RFC 5321 section 4.2): asking tells."""
    if not observation.detail.startswith("220") or observation.target.protocol is Protocol.SMTP:
        return ""
    seen = await check_server(network, endpoint_of(observation.target)._replace(protocol=Protocol.SMTP))
    return "smtp" if isinstance(seen, ServerInfo) else ""


def _named_protocol(detail: str) -> str:
    """The protocol that :mod:`wizard.net` has recognised already (“POP3: +OK ready”)."""
    word, colon, _rest = detail.partition(": ")
    return word if colon and word in ("IMAP", "POP3", "SMTP", "HTTP", "SSH") else ""


async def check_other_family(network: Network, recorder: Recorder) -> None:
    """The same again over the other IP version: one of them may connect and lose what is large."""
    observation = recorder.observation
    used = ip_family(_connected_address(observation))
    others = [address for address in observation.addresses if ip_family(address) != used]
    if not others:
        return
    seen = await check_server(_restricted_to(network, others), endpoint_of(recorder.target))
    recorder.record_extra(other_family=seen.kind.value if isinstance(seen, Failure) else "ok")


def _connected_address(observation: Observation) -> str:
    """The detail of the rung TCP."""
    return next((rung.detail for rung in observation.rungs if rung.name is RungName.TCP), "")


def _restricted_to(network: Network, addresses: Iterable[str]) -> Network:
    """The same network, in which there are these addresses only."""
    return replace(network, policy=replace(network.policy, only=frozenset(addresses)))


async def check_starttls(network: Network, recorder: Recorder) -> None:
    """Whether STARTTLS was overwritten on the way, and whether another address of the host announces it."""
    observation = recorder.observation
    words = (word for capability in observation.clear_capabilities or () for word in capability.split())
    mangled = next((word for word in words if len(word) >= 4 and _MANGLED.fullmatch(word)), None)
    if mangled is not None:
        recorder.record_extra(starttls_mangled=mangled)
    used = _connected_address(observation)
    endpoint = endpoint_of(recorder.target)._replace(socket_type=SocketType.PLAIN)
    for address in [address for address in observation.addresses if address != used][:_MAX_ADDRESSES]:
        seen = await check_server(_restricted_to(network, [address]), endpoint)
        if isinstance(seen, ServerInfo) and offers_starttls(recorder.target.protocol, seen.capabilities):
            recorder.record_extra(starttls_elsewhere=address)
            return
