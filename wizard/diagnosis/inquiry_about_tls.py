"""Looks at what a server shows in a handshake, and at the clock: nothing is trusted, nothing is sent within."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from wizard.model.servers import Protocol, SocketType
from wizard.net.failures import Failure
from wizard.net.mail import Endpoint, ServerInfo, check_server
from wizard.net.unverified import fetch_certificate, fetch_http_head

if TYPE_CHECKING:
    from wizard.diagnosis.notes import Notes
    from wizard.model.address import Domain
    from wizard.model.diagnosis import Certificate, Target
    from wizard.net.connect import Network

_HTTPS = 443
_MOST_NAMES = 8
_NEWEST_OLD = ("TLSv1", "TLSv1.1", "SSLv3")


def endpoint_of(target: Target) -> Endpoint:
    """Where a target is."""
    return Endpoint(target.protocol, target.host, target.port, target.socket_type)


async def look_at_the_certificate(network: Network, notes: Notes) -> None:
    """The certificate that was not accepted, and the hosts of its names under which the same protocol answers well."""
    shown = await fetch_certificate(network, endpoint_of(notes.target), old=True)
    if isinstance(shown, Failure):
        return
    notes.certificate = replace(shown.certificate, error=notes.detail)
    notes.tls_version = shown.tls_version
    names = _names_to_try(shown.certificate, notes.target)
    target = endpoint_of(notes.target)
    seen = await asyncio.gather(*(check_server(network, replace(target, host=name)) for name in names))
    notes.other_names += [one.endpoint.host for one in seen if isinstance(one, ServerInfo)]


def _names_to_try(certificate: Certificate, target: Target) -> list[str]:
    """The names themselves; of a wildcard, the usual ones, and the one that keeps the host's first label."""
    names: dict[str, None] = {}
    for name in certificate.names:
        if name.startswith("*."):
            labels = (target.host.partition(".")[0], "mail", target.protocol.value)
            names.update(dict.fromkeys(f"{label}{name[1:]}" for label in labels))
        else:
            names[name] = None
    names.pop(target.host, None)
    return list(names)[:_MOST_NAMES]


async def look_for_old_tls(network: Network, notes: Notes) -> None:
    """Whether a handshake succeeds when old versions, or weak keys and ciphers, are accepted."""
    shown = await fetch_certificate(network, endpoint_of(notes.target), old=True)
    if isinstance(shown, Failure):
        return
    notes.certificate = shown.certificate
    if shown.tls_version in _NEWEST_OLD:
        notes.only_old_tls = shown.tls_version
    else:
        notes.extra["tls_weak"] = shown.tls_version or ""


async def look_at_another_certificate(network: Network, notes: Notes, domain: Domain) -> None:
    """Who issued the certificate of another host, a web server: on a network that intercepts, the same issuer."""
    hosts = [host for host in (domain.ascii, f"www.{domain.ascii}") if host != notes.target.host]
    for host in hosts:
        # Of an endpoint with TLS from the first byte the protocol does not matter: the look ends before it is spoken.
        shown = await fetch_certificate(network, Endpoint(Protocol.IMAP, host, _HTTPS, SocketType.SSL))
        if not isinstance(shown, Failure):
            notes.extra["elsewhere_host"], notes.extra["elsewhere_issuer"] = host, shown.certificate.issuer
            return


async def look_at_the_clock(network: Network, notes: Notes, domain: Domain) -> None:
    """By how much this computer's clock differs from that of a web server."""
    hosts = dict.fromkeys((domain.ascii, f"www.{domain.ascii}", notes.target.host))
    for seen in await asyncio.gather(*(fetch_http_head(network, host) for host in hosts)):
        if not isinstance(seen, Failure) and seen.date is not None:
            notes.extra["clock_off"] = str(round(time.time() - seen.date))
            return
