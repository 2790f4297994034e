"""From what was found to one account: pure choices, nothing is looked up here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.language import translate as _
from wizard.model.discovery import Trust
from wizard.model.problems import NothingDiscovered, Problem
from wizard.model.servers import (
    AfterDownload,
    IncomingServer,
    LeavePolicy,
    MailAccount,
    OutgoingServer,
    Protocol,
    SocketType,
)

if TYPE_CHECKING:
    from wizard.model.discovery import DiscoveryReport, FoundServer

SAFE_DAYS = 14
"""Days that POP3 leaves messages when nobody said otherwise: removing at once must be somebody's decision."""


def account_from(
    report: DiscoveryReport, protocol: Protocol, *, leave: LeavePolicy | None = None, display_name: str = ""
) -> MailAccount:
    """The account that ``report`` makes with ``protocol`` first.

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
    ordered = dict.fromkeys(one.server for one in _in_order(report, protocol))  # found twice, listed once
    others = tuple(one for one in ordered if one not in (first, sender))
    with_pop3 = any(one.protocol is Protocol.POP3 for one in (first, *others))
    policy = (leave or LeavePolicy(AfterDownload.KEEP_DAYS, SAFE_DAYS)) if with_pop3 else None
    return MailAccount(
        address=report.address,
        display_name=display_name,
        incoming=first,
        outgoing=sender,
        alternatives=others,
        leave=policy,
        provider_id=report.provider.id if report.provider is not None else None,
        provider_name=report.provider.name if report.provider is not None else None,
    )


def _in_order(report: DiscoveryReport, protocol: Protocol) -> list[FoundServer]:
    """Further servers: same protocol first, then the other incoming one, then outgoing.

    Plaintext and guesses never come in beside chosen servers that are neither: nobody was asked about them.
    """
    found = [one for one in (report.imap, report.pop3, report.smtp, *report.alternatives) if one is not None]
    chosen = [one for one in (report.best(protocol), report.smtp) if one is not None]
    plain = any(one.server.socket_type is SocketType.PLAIN for one in chosen)
    guess = any(one.evidence.trust is Trust.GUESSED for one in chosen)
    agreed = [
        one
        for one in found
        if (plain or one.server.socket_type is not SocketType.PLAIN)
        and (guess or one.evidence.trust is not Trust.GUESSED)
    ]
    rank = {protocol: 0, Protocol.SMTP: 2}
    return sorted(agreed, key=lambda one: rank.get(one.server.protocol, 1))
