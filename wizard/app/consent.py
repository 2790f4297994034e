"""What is doubtful about servers, and needs consent before they are used (docs/consent.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.app.plan import used_servers
from wizard.language import translate as _
from wizard.model.discovery import Source, Trust
from wizard.model.problems import InputNeeded, Problem, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.model.discovery import DiscoveryReport, FoundServer
    from wizard.model.notice import Notice
    from wizard.model.servers import Protocol

CONSENT_CODES = ("foreign_domain", "guess", "plaintext")
"""What may need consent; the codes of docs/consent.md."""


def check_accepted(accepted: Sequence[str]) -> None:
    """Raise Problem for an ``--accept`` that names no code."""
    for code in accepted:
        if code not in CONSENT_CODES:
            raise Problem(
                _("“{code}” is nothing that can be agreed to.").format(code=code)
                + " "
                + did_you_mean(code, CONSENT_CODES)
            )


def consent_needed(report: DiscoveryReport, protocol: Protocol, accepted: Sequence[str]) -> list[Notice]:
    """What needs consent for an account with ``protocol``, naming only the servers that it uses.

    Doubt about another server needs none, nor does what the person typed.
    """
    from wizard.discovery.notices import consent

    used = doubted(report, protocol, "")
    # What was said about all servers is said again about those that are used; a source's own question stays as it is.
    again = {notice.code: notice for notice in consent(used, foreign=(), domain=report.address.domain)}
    return [
        again.get(notice.code, notice)
        for notice in report.needs_consent
        if notice.code not in accepted and doubted(report, protocol, notice.code)
    ]


def doubted(report: DiscoveryReport, protocol: Protocol, code: str) -> list[FoundServer]:
    """The servers of an account with ``protocol`` that the consent ``code`` is about; not those that were typed."""
    found = [server for server in used_servers(report, protocol) if server.evidence.source is not Source.USER]
    if code == "guess":
        return [server for server in found if server.evidence.trust is Trust.GUESSED]
    if code == "plaintext":
        return [server for server in found if not server.server.secure]
    if code == "foreign_domain":
        return [server for server in found if server.evidence.trust is not Trust.AUTHENTICATED]
    return found


def require_consent(report: DiscoveryReport, protocol: Protocol, accepted: Sequence[str]) -> None:
    """Raise InputNeeded when something needs a consent that ``--accept`` did not give."""
    missing = consent_needed(report, protocol, accepted)
    if missing:
        options = " ".join(dict.fromkeys(f"--accept {notice.code}" for notice in missing))
        texts = " ".join(notice.text for notice in missing)
        raise InputNeeded(f"{texts} {_('To agree, add: {options}').format(options=options)}")
