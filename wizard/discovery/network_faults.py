"""A network that gives wrong answers to every question: that is reported, and what it says of a domain is ignored.

What the catalogue and what others published stays, as if offline; a guess that such a network made possible
goes. How it is recognised: :mod:`wizard.net.resolver_check`. The codes are listed in docs/discovery.md.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wizard.discovery.registry import spec_of
from wizard.language import translate as _
from wizard.model.discovery import CAPTIVE_PORTAL, DENIES_NAMES, NO_NETWORK, Outcome, Trust
from wizard.model.problems import Notice
from wizard.net.resolver_check import ResolverFault

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.model.address import Domain
    from wizard.model.discovery import FoundServer, SourceReport
    from wizard.net.resolver_check import ResolverView


def adjusted_reports(view: ResolverView, domain: Domain, reports: Sequence[SourceReport]) -> list[SourceReport]:
    """``reports`` about ``domain`` as they count in a network of which ``view`` was seen."""
    notice = _notice(view, domain, known=any(report.provider is not None for report in reports))
    if notice is None:
        return list(reports)
    counting = [report if notice.code == NO_NETWORK else _without_live_results(report) for report in reports]
    first = next(position for position, report in enumerate(reports) if not spec_of(report.source).local)
    counting[first] = replace(counting[first], warnings=(notice,))
    return counting


def _notice(view: ResolverView, domain: Domain, *, known: bool) -> Notice | None:
    if view.fault is ResolverFault.DENIES:
        text = _(
            "This network answers no names: according to it, not even {name} exists. It may be a guest network that "
            "wants you to sign in first (open any page in a browser), or a company network that lets nothing out. In "
            "another network, such as that of your phone, the servers can be looked up."
        )
        return Notice(DENIES_NAMES, text.format(name=domain.shown if known else view.sign))
    if view.fault is ResolverFault.INVENTS:
        text = _(
            "Every name leads to one address here ({address}): this network probably wants you to sign in first. Open "
            "any page in a browser, sign in there, and look again."
        )
        return Notice(CAPTIVE_PORTAL, text.format(address=view.invented[0]))
    if view.fault is ResolverFault.REFUSES:
        text = _(
            "This network answers no names: its name server answers every question with an error ({reason}). Is this "
            "computer connected to the internet? A guest network may want you to sign in first: open any page in a "
            "browser."
        )
        return Notice(NO_NETWORK, text.format(reason=view.reason))
    return None


def _without_live_results(report: SourceReport) -> SourceReport:
    local = spec_of(report.source).local
    servers = tuple(
        _unverified(found) for found in report.servers if local or found.evidence.trust is not Trust.GUESSED
    )
    outcome = Outcome.NOTHING if report.outcome is Outcome.FOUND and not servers else report.outcome
    asked = report.needs_consent if servers else ()
    return replace(report, outcome=outcome, servers=servers, needs_consent=asked, warnings=())


def _unverified(found: FoundServer) -> FoundServer:
    return replace(found, verified=None, trouble="")
