"""From what was seen of the servers to what is wrong and what to do: no look at anything, the same for the same.

One root cause a server, the others of the run beside it; what follows from a cause that is told is not told again.
What each code means and when it is told: docs/doctor.md. The words: templates/doctor.yaml.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wizard.diagnosis.rules_connection import (
    about_ipv6,
    about_the_domain,
    about_the_name,
    about_the_network,
    about_the_port,
)
from wizard.diagnosis.rules_conversation import (
    about_a_refusal,
    about_anything_else,
    about_no_encryption,
    about_starttls,
    about_the_speech,
    about_what_is_offered,
)
from wizard.diagnosis.rules_login import about_the_login, about_the_mailbox, about_the_offer
from wizard.diagnosis.rules_sending import about_certified_mail, about_the_message
from wizard.diagnosis.rules_tls import about_tls
from wizard.diagnosis.suspicion import CERTAIN, LIKELY, POSSIBLE, Case
from wizard.diagnosis.telling import tell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from wizard.diagnosis.suspicion import Suspicions
    from wizard.model.address import EmailAddress
    from wizard.model.diagnosis import Finding, Observed
    from wizard.model.provider import Provider

    Rule = Callable[[Case], Suspicions]

ROOTS: tuple[Rule, ...] = (
    *(about_the_offer, about_the_name, about_the_port, about_tls, about_the_speech, about_starttls),
    *(about_a_refusal, about_the_login, about_the_mailbox, about_the_message),
    *(about_no_encryption, about_what_is_offered, about_anything_else),
)
"""In the order of the connection: the first that says something has the cause."""

BESIDES: tuple[Rule, ...] = (about_the_domain, about_certified_mail, about_ipv6)
"""Always looked at: what they say does not follow from another cause."""

_FIRST = ("domain_not_found", "captive_portal", "tls_intercepted", "pec_needs_its_own_smtp")
_LAST = ("ipv6_broken",)
_SURE = (CERTAIN, LIKELY, POSSIBLE)

_SENDING = ("smtp_auth_missing", "smtp_sender_refused", "smtp_relay_denied", "auth_failed", "username_form")
_TLS = ("tls_name_mismatch", "tls_self_signed", "tls_expired", "tls_not_yet_valid", "tls_chain_incomplete")
HIDES: dict[str, tuple[str, ...]] = {
    "domain_not_found": ("host_not_found",),
    "tls_intercepted": _TLS,
    "pec_needs_its_own_smtp": _SENDING,
}
"""What is not told beside a cause that is at least likely; ``captive_portal`` hides everything."""


def find_causes(address: EmailAddress, observed: Sequence[Observed], provider: Provider | None) -> tuple[Finding, ...]:
    """What is wrong, the root first; nothing for servers that are as they should be.

    ``provider``: what the catalogue knows of the address's provider, if anything.
    """
    everything = tuple(observed)
    cases = [Case(address, one, provider, everything) for one in everything]
    network = about_the_network(everything)
    if network:
        failing = next(case for case in cases if case.observed.failure is not None)
        return tuple(tell(one, failing) for one in network)
    found = [tell(one, case) for case in cases for one in _suspected(case)]
    return tuple(sorted(_without_consequences(merged(found)), key=_rank))


def _suspected(case: Case) -> Suspicions:
    besides = tuple(one for rule in BESIDES for one in rule(case))
    if any(one.code == "ipv6_broken" and case.observed.extra.get("other_family") == "ok" for one in besides):
        return besides
    root: Suspicions = next((found for rule in ROOTS if (found := rule(case))), ())
    return (*besides, *root)


def merged(findings: Iterable[Finding]) -> list[Finding]:
    """The same cause with the same steps at several servers is told once, for no protocol."""
    once: dict[tuple[object, ...], Finding] = {}
    for one in findings:
        key = (one.code, one.cause, one.steps)
        known = once.get(key)
        if known is None:
            once[key] = one
        elif known.protocol is not one.protocol:
            surer = min(known, one, key=lambda finding: _SURE.index(finding.confidence))
            once[key] = replace(surer, protocol=None)
    return list(once.values())


def _without_consequences(findings: Sequence[Finding]) -> list[Finding]:
    hidden = {
        (code, one.protocol if one.code == "pec_needs_its_own_smtp" else None)
        for one in findings
        if one.confidence is not POSSIBLE
        for code in HIDES.get(one.code, ())
    }
    return [one for one in findings if (one.code, None) not in hidden and (one.code, one.protocol) not in hidden]


def _rank(finding: Finding) -> tuple[int, int]:
    sure = finding.confidence is not POSSIBLE
    place = 0 if sure and finding.code in _FIRST else 2 if finding.code in _LAST else 1
    return place, _SURE.index(finding.confidence)
