"""Shared hosting: a host shows a valid certificate for another name of the same machine, and that name is offered.

``mail.example.org`` often is the same machine as ``server42.hoster.example``, and has a certificate for the latter
only. A mail program that is given the first name warns, and its user learns to dismiss the warning; given
the second, it works. The name counts only when it leads to the machine that was meant and everything is right there.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from wizard.discovery.consent import consent_to_hosts
from wizard.language import translate as _
from wizard.model.address import Hostname, Port, hostname_or_none
from wizard.model.discovery import Evidence, FoundServer, Source, Trust
from wizard.model.problems import Notice
from wizard.model.servers import AuthenticationMethod, Protocol, server
from wizard.net.domains import registrable, same_registrable
from wizard.net.failures import Failure, FailureKind
from wizard.net.mail import Endpoint

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wizard.discovery.connecting import Verifier
    from wizard.discovery.context import Context
    from wizard.model.address import Domain
    from wizard.model.discovery import SourceReport
    from wizard.net.mail import ServerInfo

TRIES = 3
"""Names of one certificate that are tried: some carry a hundred customers."""

WARNING = "certificate_name"


async def offer_certificate_names(context: Context, verifier: Verifier, report: SourceReport) -> SourceReport:
    """``report`` with one server more for each protocol of which none answered under the name that was published."""
    misnamed = [found for protocol in Protocol if (found := _misnamed(verifier, report, protocol)) is not None]
    offered = await asyncio.gather(*(_other_name(context, verifier, found) for found in misnamed))
    for published, found in zip(misnamed, offered, strict=True):
        if found is None:
            continue
        warning, questions = notices_for(published.server.hostname, found, context.address.domain)
        report = replace(
            report,
            servers=(*report.servers, found),
            warnings=tuple(dict.fromkeys((*report.warnings, warning))),
            needs_consent=tuple(dict.fromkeys((*report.needs_consent, *questions))),
        )
    return report


def has_other_name(report: SourceReport, found: FoundServer) -> bool:
    """Whether ``found`` of ``report`` is offered under the name of a certificate, and not under one that was asked for.

    That it answers shows that the name and the machine belong together, and nothing of the name that was asked for.
    """
    offered = any(notice.code == WARNING for notice in report.warnings)
    return offered and found.evidence.trust is Trust.GUESSED


async def named_by_certificate(context: Context, endpoint: Endpoint, failure: Failure) -> FoundServer | None:
    """The server at ``endpoint`` under a name that its certificate has; None where there is none that holds.

    ``failure`` is what looking at ``endpoint`` gave. A name holds when it resolves to an address that the host of
    ``endpoint`` has too, and a look at it with its own name passes. What is found is a guess, verified, and its
    evidence names the probe as source. :func:`notices_for` says what a person is to be told and asked.
    """
    if failure.kind is not FailureKind.TLS_NAME_MISMATCH or not failure.certificate_names:
        return None
    context.findings.doubt_names()
    names = candidates(failure.certificate_names, endpoint.host, await _hosts_of_mail(context))
    own = await _addresses(context, endpoint.host)
    if not names or not own:
        return None
    answers = await asyncio.gather(*(_holds(context, endpoint, name, own) for name in names))
    first = next((answer for answer in answers if answer is not None), None)
    return None if first is None else found_by_guess(context, first)


def candidates(names: Iterable[str], asked: str, hosts_of_mail: Iterable[str]) -> tuple[Hostname, ...]:
    """The names of a certificate that are worth a look, the likeliest first, at most :data:`TRIES`.

    A wildcard names no host. Names in a domain that takes the mail (``hosts_of_mail``) come first: the others may
    belong to other customers.
    """
    valid = dict.fromkeys(name for text in names if (name := hostname_or_none(text)) is not None and name != asked)
    owners = {registrable(host) for host in hosts_of_mail} - {None}
    return tuple(sorted(valid, key=lambda name: registrable(name) not in owners))[:TRIES]


def found_by_guess(context: Context, info: ServerInfo) -> FoundServer:
    """The finding that a look at a guessed server makes. The user name is the whole address, which is the usual one."""
    endpoint = info.endpoint
    return FoundServer(
        server(
            endpoint.protocol,
            hostname=Hostname(endpoint.host),
            port=Port(endpoint.port),
            socket_type=endpoint.socket_type,
            username=str(context.address),
            authentication=info.authentication or (AuthenticationMethod.PASSWORD_CLEARTEXT,),
        ),
        Evidence(Source.PROBE, Trust.GUESSED),
        verified=True,
    )


def notices_for(asked: str, found: FoundServer, domain: Domain) -> tuple[Notice, tuple[Notice, ...]]:
    """What to say about ``found`` in place of the host ``asked``: a warning, and what to ask, if it is foreign."""
    name = found.server.hostname
    because = _("{asked} presents a certificate for {name}; both are the same machine.").format(asked=asked, name=name)
    warning = Notice(
        WARNING,
        f"{because} " + _("Enter {name} in your mail program, so that it can verify the server.").format(name=name),
    )
    if same_registrable(name, domain.ascii):
        return warning, ()
    return warning, (consent_to_hosts([name], domain, because),)


async def _holds(context: Context, endpoint: Endpoint, name: Hostname, own: frozenset[str]) -> ServerInfo | None:
    if own.isdisjoint(await _addresses(context, name)):
        return None
    seen = await context.connections.connect(Endpoint(endpoint.protocol, name, endpoint.port, endpoint.socket_type))
    return None if isinstance(seen, Failure) else seen


async def _addresses(context: Context, host: str) -> frozenset[str]:
    answer = await context.network.resolver.addresses(host)
    return frozenset() if isinstance(answer, Failure) else frozenset(answer.records)


async def _hosts_of_mail(context: Context) -> tuple[str, ...]:
    answer = await context.network.resolver.mx(context.address.domain.ascii)
    return () if isinstance(answer, Failure) else tuple(record.host for record in answer.records)


def _misnamed(verifier: Verifier, report: SourceReport, protocol: Protocol) -> FoundServer | None:
    """The first server of ``protocol`` whose certificate is for another name, where none of them passed."""
    servers = [found for found in report.servers if found.server.protocol is protocol]
    if any(found.verified is True for found in servers):
        return None
    for found in servers:
        failed = verifier.failure_of(found)
        if failed is not None and failed[1].kind is FailureKind.TLS_NAME_MISMATCH:
            return found
    return None


async def _other_name(context: Context, verifier: Verifier, published: FoundServer) -> FoundServer | None:
    failed = verifier.failure_of(published)
    found = None if failed is None else await named_by_certificate(context, *failed)
    if found is None:
        return None
    evidence = replace(published.evidence, trust=Trust.GUESSED)
    server = found.server.named_as(published.server)
    return replace(found, evidence=evidence, server=server)
