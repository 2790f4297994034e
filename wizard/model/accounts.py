"""From what was found to one account: pure choices, nothing is looked up here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.language import translate as _
from wizard.model.problems import NothingDiscovered, Problem
from wizard.model.servers import (
    AfterDownload,
    IncomingServer,
    LeavePolicy,
    MailAccount,
    OutgoingServer,
    Protocol,
)

if TYPE_CHECKING:
    from wizard.model.discovery import DiscoveryReport, FoundServer

SAFE_DAYS = 14
"""Days that POP3 leaves messages by default: removing at once must be the user's decision."""


def account_from(
    report: DiscoveryReport, protocol: Protocol, *, leave: LeavePolicy | None = None, display_name: str = ""
) -> MailAccount:
    """The account that ``report`` makes with ``protocol`` first; every server of ``report`` comes into it.

    ``leave`` is used for POP3, recommended or alternative; None means :data:`SAFE_DAYS` days. Raises NothingDiscovered
    when nothing is known, Problem when this protocol is not offered or nothing can send.
    """
    incoming, outgoing = report.best(protocol), report.smtp
    if not report.usable or outgoing is None:
        raise NothingDiscovered(_("No mail server is known for {address}.").format(address=report.address.unicode))
    if incoming is None:
        raise Problem(
            _("{protocol} is not offered for {address}.").format(
                protocol=protocol.value.upper(), address=report.address.unicode
            )
        )
    first, sender = incoming.server, outgoing.server
    assert isinstance(first, IncomingServer)
    assert isinstance(sender, OutgoingServer)
    ordered = dict.fromkeys(found.server for found in _further(report, protocol))
    further = tuple(server for server in ordered if server not in (first, sender))  # found twice, listed once
    with_pop3 = any(server.protocol is Protocol.POP3 for server in (first, *further))
    policy = (leave or LeavePolicy(AfterDownload.KEEP_DAYS, SAFE_DAYS)) if with_pop3 else None
    return MailAccount(
        address=report.address,
        display_name=display_name,
        incoming=first,
        outgoing=sender,
        alternatives=further,
        leave=policy,
        provider_id=report.provider.id if report.provider is not None else None,
        provider_name=report.provider.name if report.provider is not None else None,
    )


def _further(report: DiscoveryReport, protocol: Protocol) -> list[FoundServer]:
    """All servers of ``report``: those of ``protocol`` first, then the other incoming ones, then outgoing."""
    candidates = (report.imap, report.pop3, report.smtp, *report.alternatives)
    order = [protocol, *(other for other in Protocol if other is not protocol)]  # SMTP is the last of Protocol
    known = [found for found in candidates if found is not None]
    return sorted(known, key=lambda found: order.index(found.server.protocol))
