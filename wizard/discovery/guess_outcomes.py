"""The outcome of guesses: what answered, each machine once, or the failure that best explains why nothing did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.discovery.certificate_names import notices_for
from wizard.discovery.guesses import Lead
from wizard.discovery.wording import endpoints, explain, outcome_of
from wizard.language import translate as _
from wizard.model.discovery import Outcome, Source, SourceReport
from wizard.model.servers import Protocol
from wizard.net.failures import Failure, FailureKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.discovery.guesses import Rank
    from wizard.model.address import Domain
    from wizard.model.discovery import FoundServer

KEPT = 3
"""Findings of one protocol that are reported."""

_MOST_INFORMATIVE = (
    FailureKind.STARTTLS_INJECTION,
    FailureKind.TLS_EXPIRED,
    FailureKind.TLS_NOT_YET_VALID,
    FailureKind.TLS_SELF_SIGNED,
    FailureKind.TLS_UNTRUSTED,
    FailureKind.TLS_NAME_MISMATCH,
    FailureKind.TLS_TOO_OLD,
    FailureKind.STARTTLS_REFUSED,
    FailureKind.STARTTLS_MISSING,
    FailureKind.SERVER_SAYS_NO,
    FailureKind.ANSWER_TOO_LONG,
    FailureKind.WRONG_PROTOCOL,
    FailureKind.NOT_TLS,
    FailureKind.TLS_FAILED,
    FailureKind.CONNECTION_LOST,
    FailureKind.TIMEOUT,
    FailureKind.UNREACHABLE,
    FailureKind.DNS_TIMEOUT,
    FailureKind.DNS_FAILED,
    FailureKind.ADDRESS_NOT_ALLOWED,
    FailureKind.CONNECTION_REFUSED,
    FailureKind.NO_ADDRESS,
    FailureKind.NO_SUCH_NAME,
)
"""Which of many failures is reported: that of a mail server says more than that of a name that does not exist."""

_ABSENT = frozenset({FailureKind.CONNECTION_REFUSED, FailureKind.NO_ADDRESS, FailureKind.NO_SUCH_NAME})


@dataclass(frozen=True, slots=True)
class Finding:
    """A server behind a guess. ``machine``: the address that answered, or a name where it is not known; ``asked``: the
    host that was guessed, where it is not the one that was found.
    """

    found: FoundServer
    rank: Rank
    machine: str
    asked: str = ""


def report_of(findings: Sequence[Finding], failures: Sequence[Failure], domain: Domain) -> SourceReport:
    """The report of guesses for addresses at ``domain``."""
    kept = _deduplicated(findings)
    if not kept:
        return _nothing(failures)
    notices = [notices_for(finding.asked, finding.found, domain) for finding in kept if finding.asked]
    return SourceReport(
        Source.PROBE,
        Outcome.FOUND,
        detail=" ".join((*_reasons(kept), endpoints(finding.found for finding in kept))),
        servers=tuple(finding.found for finding in kept),
        warnings=tuple(dict.fromkeys(warning for warning, _questions in notices)),
        needs_consent=tuple(dict.fromkeys(question for _warning, questions in notices for question in questions)),
    )


def _reasons(findings: Sequence[Finding]) -> list[str]:
    """How it came to guesses that are not names of the domain."""
    leads = {(finding.rank[0], finding.found.server.protocol is Protocol.SMTP) for finding in findings}
    reasons = []
    if (Lead.PUBLISHED, True) in leads:
        reasons.append(_("Nobody published a server for sending; the host for receiving was tried for it."))
    if (Lead.PUBLISHED, False) in leads:
        reasons.append(_("Nobody published a server for receiving; the host for sending was tried for it."))
    if any(lead is Lead.PROVIDER for lead, _sending in leads):
        reasons.append(_("The usual names of those who receive the domain's mail were tried, too."))
    return reasons


def _deduplicated(findings: Sequence[Finding]) -> list[Finding]:
    """By protocol, the better ones first, and each machine once: what answers to two names is not two servers.

    A server that does not encrypt is of interest only where no other one is, a name that a certificate led to only
    where it was not guessed itself, and what was led to in another way only where nothing better was.
    """
    kept = []
    for protocol in Protocol:
        of_protocol = [finding for finding in findings if finding.found.server.protocol is protocol]
        encrypting = [finding for finding in of_protocol if finding.found.verified is True]
        direct = {_host_and_port(finding) for finding in encrypting if not finding.asked}
        encrypting = [finding for finding in encrypting if not finding.asked or _host_and_port(finding) not in direct]
        machines: dict[tuple[str, int], Finding] = {}
        offered = sorted(encrypting or of_protocol, key=lambda finding: finding.rank)
        for finding in offered:
            if finding.rank[0] is offered[0].rank[0]:
                machines.setdefault((finding.machine, finding.found.server.port), finding)
        kept += list(machines.values())[:KEPT]
    return kept


def _host_and_port(finding: Finding) -> tuple[str, int]:
    return finding.found.server.hostname, finding.found.server.port


def _nothing(failures: Sequence[Failure]) -> SourceReport:
    if not failures:
        return SourceReport(Source.PROBE, Outcome.NOTHING)
    failure = min(failures, key=lambda failure: _informative(failure.kind))
    if failure.kind in _ABSENT:
        detail = _("No mail server answers at the usual names.")
        return SourceReport(Source.PROBE, Outcome.NOTHING, detail=detail)
    return SourceReport(Source.PROBE, outcome_of(failure), detail=explain(failure))


def _informative(kind: FailureKind) -> int:
    return _MOST_INFORMATIVE.index(kind) if kind in _MOST_INFORMATIVE else len(_MOST_INFORMATIVE)
