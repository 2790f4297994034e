"""From advice and wishes to one account: which protocol, how long POP3 leaves messages, what needs consent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.discovery.consent import CONSENT_CODES, consent_for_account
from wizard.language import translate as _
from wizard.model.accounts import SAFE_DAYS
from wizard.model.discovery import Trust
from wizard.model.problems import InputNeeded, NothingDiscovered, Problem, did_you_mean
from wizard.model.recommendation import Option
from wizard.model.servers import AfterDownload, LeavePolicy, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.model.discovery import DiscoveryReport, FoundServer
    from wizard.model.recommendation import Recommendation


def protocol_for(advice: Recommendation, report: DiscoveryReport, wished: str | None) -> Protocol:
    """The protocol to set up: ``--protocol``, else the advice, else the one there is a server for."""
    if wished is not None:
        return Protocol(wished)
    advised = advice.protocol or Protocol.IMAP
    if report.best(advised) is None:
        other = Protocol.POP3 if advised is Protocol.IMAP else Protocol.IMAP
        if report.best(other) is not None:
            return other
    return advised


def leave_for(advice: Recommendation, protocol: Protocol, days: int | None) -> LeavePolicy:
    """How long POP3 leaves messages: ``--leave-days``, else the advice, else the safe fortnight.

    Removing at once is never a default: only the advice (which asks for a backup) or the person says so.
    """
    if days is not None:
        return LeavePolicy(AfterDownload.REMOVE) if days == 0 else LeavePolicy(AfterDownload.KEEP_DAYS, days)
    if protocol is Protocol.POP3 and advice.option is Option.POP:
        return LeavePolicy(AfterDownload.REMOVE)
    if advice.leave_days is not None:
        return LeavePolicy(AfterDownload.KEEP_DAYS, advice.leave_days)
    return LeavePolicy(AfterDownload.KEEP_DAYS, SAFE_DAYS)


def check_accepted(accepted: Sequence[str]) -> None:
    """Raise Problem for an ``--accept`` that names no code."""
    for code in accepted:
        if code not in CONSENT_CODES:
            raise Problem(
                _("“{code}” is nothing that can be agreed to.").format(code=code)
                + " "
                + did_you_mean(code, CONSENT_CODES)
            )


def require_consent(report: DiscoveryReport, protocol: Protocol, accepted: Sequence[str]) -> None:
    """Raise InputNeeded when something needs a consent that ``--accept`` did not give."""
    missing = consent_for_account(report, protocol, accepted)
    if missing:
        raise InputNeeded(
            " ".join(one.text for one in missing)
            + " "
            + _("To agree, add: {options}").format(
                options=" ".join(dict.fromkeys(f"--accept {one.code}" for one in missing))
            )
        )


def not_answering(report: DiscoveryReport, protocol: Protocol) -> list[FoundServer]:
    """The servers of an account with ``protocol`` that were connected to in vain."""
    used = (report.best(protocol), report.smtp)
    return [one for one in used if one is not None and one.verified is False]


def require_servers(report: DiscoveryReport) -> None:
    """Raise NothingDiscovered, with the reason and what can be done, when no account can be made of ``report``."""
    if report.usable:
        return
    from wizard.app.servers import next_step, nothing_known

    raise NothingDiscovered(" ".join(one for one in (nothing_known(report), next_step(report)) if one))


def guessed(*servers: FoundServer | None) -> bool:
    """Whether any of the servers is a guess."""
    return any(one is not None and one.evidence.trust is Trust.GUESSED for one in servers)


def verified(*servers: FoundServer | None) -> bool | None:
    """Whether all of the servers were seen to answer; None when any was not looked at."""
    states = [one.verified for one in servers if one is not None]
    if False in states:
        return False
    return None if None in states or not states else True
