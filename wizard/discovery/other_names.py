"""Where a published server shows a certificate for another name of the same machine: that name is offered instead."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from wizard.discovery.certificate_names import named_by_certificate, notices_for
from wizard.model.discovery import Trust
from wizard.model.servers import Protocol
from wizard.net.failures import FailureKind

if TYPE_CHECKING:
    from wizard.discovery.look import Look
    from wizard.discovery.verifying import Verifier
    from wizard.model.discovery import FoundServer, SourceReport


async def with_names_of_certificates(look: Look, verifier: Verifier, report: SourceReport) -> SourceReport:
    """``report`` with one server more for each protocol of which none answered under the name that was published."""
    wanted = [one for protocol in Protocol if (one := _misnamed(verifier, report, protocol)) is not None]
    offered = await asyncio.gather(*(_other_name(look, verifier, one) for one in wanted))
    for published, found in zip(wanted, offered, strict=True):
        if found is None:
            continue
        warning, questions = notices_for(published.server.hostname, found, look.address.domain)
        report = replace(
            report,
            servers=(*report.servers, found),
            warnings=tuple(dict.fromkeys((*report.warnings, warning))),
            needs_consent=tuple(dict.fromkeys((*report.needs_consent, *questions))),
        )
    return report


def _misnamed(verifier: Verifier, report: SourceReport, protocol: Protocol) -> FoundServer | None:
    """The first server of ``protocol`` whose certificate is for another name, where none of them passed."""
    servers = [one for one in report.servers if one.server.protocol is protocol]
    if any(one.verified is True for one in servers):
        return None
    for one in servers:
        failed = verifier.failure_of(one)
        if failed is not None and failed[1].kind is FailureKind.TLS_NAME_MISMATCH:
            return one
    return None


async def _other_name(look: Look, verifier: Verifier, published: FoundServer) -> FoundServer | None:
    failed = verifier.failure_of(published)
    found = None if failed is None else await named_by_certificate(look, *failed)
    if found is None:
        return None
    evidence = replace(published.evidence, trust=Trust.GUESSED)
    server = replace(found.server, username=published.server.username)
    return replace(found, evidence=evidence, server=server)
