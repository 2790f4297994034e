"""From what was observed to what is wrong and what to do: nothing is looked at, the same for the same observations.

One root cause a server, the others of the run beside it; consequences of a reported cause are not reported.
What each code means and when it is reported: docs/doctor.md. The words: templates/doctor.yaml.

A new rule is a function in ``rules_connection``, ``rules_conversation`` or ``rules_answers``, and its place in the
list of that module.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wizard.diagnosis.evidence import CERTAIN, LIKELY, POSSIBLE, Cause, Evidence, Missing
from wizard.diagnosis.findings import finding_for, finding_for_unseen, joined
from wizard.diagnosis.rules_answers import certified_mail_elsewhere
from wizard.diagnosis.rules_around import AROUND_RULES, trusted_security_program
from wizard.diagnosis.rules_connection import (
    CONNECTION_RULES,
    captive_portal,
    dns_denies_names,
    domain_not_found,
    ipv6_broken,
)
from wizard.diagnosis.rules_conversation import CONVERSATION_RULES
from wizard.model.servers import Protocol
from wizard.wording import protocol_label

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from wizard.diagnosis.evidence import Causes, Home, Published, Rule
    from wizard.diagnosis.findings import Draft
    from wizard.model.address import EmailAddress
    from wizard.model.diagnosis import Finding, Observation, Target
    from wizard.model.provider import Provider

ROOT_RULES: tuple[Rule, ...] = (*AROUND_RULES, *CONNECTION_RULES, *CONVERSATION_RULES)
"""In the order of the connection: the first that comes to a cause has the root cause."""

INDEPENDENT_RULES: tuple[Rule, ...] = (
    domain_not_found,
    certified_mail_elsewhere,
    ipv6_broken,
    trusted_security_program,
)
"""Always asked: what they come to does not follow from another cause."""

NETWORK_RULES: tuple[Rule, ...] = (dns_denies_names, captive_portal)
"""Asked first, once for all servers: in such a network no answer means what it says."""

_FIRST = ("domain_not_found", "domain_expired", "mailbox_moved", "tls_intercepted", "pec_needs_its_own_smtp")
_LAST = ("ipv6_broken",)
_BY_CONFIDENCE = (CERTAIN, LIKELY, POSSIBLE)

_CERTIFICATE = ("tls_name_mismatch", "tls_self_signed", "tls_expired", "tls_not_yet_valid", "tls_chain_incomplete")
_OF_ITS_LOG_IN = (
    *("login_disabled", "auth_failed", "auth_needs_app_password", "auth_oauth2_only", "auth_mechanism_missing"),
    *("username_form", "protocol_switched_off", "password_expired", "program_refused", "smtp_auth_missing"),
)
_OF_ITS_SENDING = (
    *("smtp_sender_refused", "smtp_relay_denied", "mailbox_moved", "sending_suspended", "taken_for_spam"),
    *("rate_reached", "mailbox_full"),
)
_OF_ITS_NAMES = ("host_not_found", "host_is_a_web_server", "port_refused", "port_filtered", "not_a_mail_server")
HIDES = {
    "domain_expired": (*_OF_ITS_NAMES, *_CERTIFICATE),
    "domain_not_found": ("host_not_found",),
    "tls_intercepted": _CERTIFICATE,
    "pec_needs_its_own_smtp": (*_OF_ITS_LOG_IN, *_OF_ITS_SENDING),
}
"""What is not reported beside a cause that is at least likely; the causes of NETWORK_RULES hide everything."""
_REASONS = frozenset(
    (
        *("address_locked_out", "rate_limited", "password_expired", "protocol_switched_off", "hosting_suspended"),
        *("auth_needs_app_password", "auth_oauth2_only", "device_auth"),
    )
)
"""For which every server of an account may refuse a log-in, one with the reason and another without."""

_NAMED_CASES = ("blocked", "web_login")
_BARE_CASES = ("", "unclear", "first_steps")
"""Special cases of a refused log-in that are such reasons, and those that name none."""


def find_causes(
    address: EmailAddress,
    observations: Sequence[Observation],
    provider: Provider | None,
    missing: Sequence[Missing] = (),
    left_out: Sequence[Target] = (),
    *,
    providers: Mapping[str, Provider] | None = None,
    published: Published | None = None,
    home: Home | None = None,
    replaced: Collection[Target] = (),
    expected: Callable[[Finding], bool] = lambda _finding: False,
) -> tuple[Finding, ...]:
    """What is wrong, the root first; nothing for servers that are as they should be.

    ``provider``: what the catalogue knows of the address's provider, if anything; ``providers``: by host, of those of
    the servers. ``missing``: what the account needs and nobody knows. ``published``:
    what was found for the address and was seen to answer; ``home``: where the mail of an own domain is; ``replaced``:
    the targets that are published and fail, for which a guess stands there. ``expected``: which of equally sure
    findings come first.
    """
    everything = tuple(observations)
    known = (provider, everything, providers or {}, published or {}, home)
    by_server = [Evidence(address, observation, *known) for observation in everything]
    failing = [evidence for evidence in by_server if evidence.observation.failure is not None]
    for rule in NETWORK_RULES if failing else ():
        if causes := rule(failing[0]):  # nothing else can be determined in such a network
            return tuple(finding_for(cause, failing[0]).finding for cause in causes)
    known_causes = _without_bare_refusals([(evidence, _causes(evidence)) for evidence in by_server])
    found = [finding_for(cause, evidence, replaced) for evidence, causes in known_causes for cause in causes]
    found += [finding_for_unseen(missing_server(each), each.protocol, address, provider) for each in missing]
    for target in left_out:
        about = (target.protocol, address, provider, target, published)
        found.append(finding_for_unseen(unusual_port(target), *about))
    by_key: dict[tuple[object, ...], list[Draft]] = {}
    for draft in found:
        by_key.setdefault(draft.key, []).append(draft)
    findings = [joined(group) for group in by_key.values()]
    reported = _without_consequences(findings)
    return tuple(sorted(reported, key=lambda finding: (*_rank(finding), not expected(finding))))


def _causes(evidence: Evidence) -> Causes:
    independent = tuple(cause for rule in INDEPENDENT_RULES for cause in rule(evidence))
    if evidence.observation.extra.get("other_family") == "ok" and any(
        cause.code == "ipv6_broken" for cause in independent
    ):
        return independent
    root: Causes = next((causes for rule in ROOT_RULES if (causes := rule(evidence))), ())
    return (*independent, *root)


def _without_bare_refusals(by_server: Sequence[tuple[Evidence, Causes]]) -> list[tuple[Evidence, Causes]]:
    """``by_server`` without a log-in that is refused for no reason where another server of the account gives one.

    What that reason asks for comes first; whether the password is right shows only afterwards.
    """
    reasons = [evidence.observation for evidence, causes in by_server if any(map(_is_a_reason, causes))]

    def explained(evidence: Evidence) -> bool:
        return any(other is reason for other in evidence.of_the_account for reason in reasons)

    return [(evidence, () if _is_bare(causes) and explained(evidence) else causes) for evidence, causes in by_server]


def _is_a_reason(cause: Cause) -> bool:
    """Whether it is a reason for which every server of an account may refuse a log-in."""
    named = cause.code in _REASONS or (cause.code == "auth_failed" and cause.case in _NAMED_CASES)
    return named and cause.confidence is not POSSIBLE


def _is_bare(causes: Causes) -> bool:
    return bool(causes) and causes[0].code == "auth_failed" and causes[0].case in _BARE_CASES


def missing_server(missing: Missing) -> Cause:
    """A server that the account needs, and that nobody knows."""
    if missing.protocol is Protocol.SMTP:
        return Cause("no_sending_server", CERTAIN)
    other = next((protocol for protocol in missing.others if protocol is not Protocol.SMTP), None)
    if other is None:
        return Cause("no_receiving_server", CERTAIN)
    return Cause("no_receiving_server", CERTAIN, "other_protocol", {"alternative": protocol_label(other)})


def unusual_port(target: Target) -> Cause:
    """A published port that is none of mail: nobody connects to it, nor should a mail program."""
    return Cause("unusual_port", CERTAIN, values={"host": target.host, "port": str(target.port)})


def merge_findings(findings: Iterable[Finding]) -> list[Finding]:
    """The same cause with the same steps at several servers is told once, for no protocol."""
    once: dict[tuple[object, ...], Finding] = {}
    for finding in findings:
        key = (finding.code, finding.cause, finding.steps)
        known = once.get(key)
        if known is None:
            once[key] = finding
        elif known.protocol is not finding.protocol:
            surer = min(known, finding, key=lambda finding: _BY_CONFIDENCE.index(finding.confidence))
            once[key] = replace(surer, protocol=None)
    return list(once.values())


def _without_consequences(findings: Sequence[Finding]) -> list[Finding]:
    hidden = {
        (code, finding.protocol if finding.code == "pec_needs_its_own_smtp" else None)
        for finding in findings
        if finding.confidence is not POSSIBLE
        for code in HIDES.get(finding.code, ())
    }
    return [
        finding
        for finding in findings
        if (finding.code, None) not in hidden and (finding.code, finding.protocol) not in hidden
    ]


def _rank(finding: Finding) -> tuple[int, int]:
    sure = finding.confidence is not POSSIBLE
    place = 0 if sure and finding.code in _FIRST else 2 if finding.code in _LAST else 1
    return place, _BY_CONFIDENCE.index(finding.confidence)
