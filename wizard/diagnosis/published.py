"""What a person has in a mail program, beside what was found for the address: where they differ, that is said."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wizard.diagnosis.values import quoted
from wizard.language import translate as _
from wizard.wording import protocol_label, security_setting

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from wizard.model.diagnosis import Finding, Target
    from wizard.model.servers import Protocol

    Published = Mapping[Protocol, Sequence[Target]]
    """What was found for the address and was seen to answer, the best first."""

ABOUT_THE_SERVER = frozenset(
    {
        *("host_not_found", "host_is_a_web_server", "port_refused", "port_filtered", "port_25_blocked"),
        *("tls_name_mismatch", "tls_self_signed", "tls_expired", "tls_chain_incomplete", "tls_too_old"),
        *("tls_on_plain_port", "plain_on_tls_port", "wrong_protocol", "not_a_mail_server", "starttls_missing"),
        *("plaintext_only", "login_disabled", "smtp_auth_missing", "temporarily_unavailable"),
    }
)
"""Causes that another host, port or security may be the way out of. Where something on the way is at fault
(``tls_intercepted``, ``starttls_stripped``) it is none.
"""

ABOUT_THE_NAME = frozenset({"auth_failed"})


def differing(targets: Iterable[Target], published: Published) -> tuple[tuple[Target, Target], ...]:
    """Each target whose host, port or security is none of those found, beside the best of these."""
    return tuple(
        (target, published[target.protocol][0])
        for target in targets
        if published.get(target.protocol) and not any(_same(target, one) for one in published[target.protocol])
    )


def differing_names(targets: Iterable[Target], published: Published) -> tuple[tuple[Target, Target], ...]:
    """Each target on a server that was found, whose user name is none of those found with it, beside the first."""
    return tuple(
        (target, same[0])
        for target in targets
        if (same := [one for one in published.get(target.protocol, ()) if _same(target, one)])
        and all(one.username != target.username for one in same)
    )


def names_in_words(mine: Target, theirs: Target) -> str:
    """The difference between user names as one sentence."""
    return _("For {protocol}, your program has the user name {mine}; for your address, {theirs} was found.").format(
        protocol=protocol_label(mine.protocol), mine=quoted(mine.username), theirs=quoted(theirs.username)
    )


def in_words(mine: Target, theirs: Target) -> str:
    """The difference as one sentence."""
    return _("For {protocol}, your program has {mine}; for your address, {theirs} was found.").format(
        protocol=protocol_label(mine.protocol), mine=_place(mine), theirs=_place(theirs)
    )


def with_what_is_published(
    findings: Iterable[Finding],
    targets: Sequence[Target],
    published: Published,
    *,
    failing: Collection[Protocol] = (),
    refused: Collection[tuple[Protocol, str]] = (),
) -> tuple[Finding, ...]:
    """``findings``, of which those that the difference explains say it, and begin with what to enter instead.

    ``failing``: protocols of which a step failed, which is what a finding for several of them is about. ``refused``:
    user names that were tried in vain, which nobody is told to enter.
    """
    findings = tuple(findings)
    alone = {one.protocol for one in findings}
    pairs = {mine.protocol: (mine, theirs) for mine, theirs in differing(targets, published)}
    by_name = {one.protocol: one for one in targets}
    made = []
    for one in findings:
        if one.protocol in pairs and one.code in ABOUT_THE_SERVER:
            made.append(_told_apart(one, *pairs[one.protocol]))
        elif one.protocol is None and one.code in ABOUT_THE_SERVER:
            for protocol in reversed([kind for kind in pairs if kind in failing and kind not in alone]):
                one = _told_apart(one, *pairs[protocol])  # noqa: PLW2901 - each adds its own step
            made.append(one)
        elif one.protocol in by_name and one.code in ABOUT_THE_NAME:
            untried = [
                server
                for server in published.get(one.protocol, ())
                if (server.protocol, server.username) not in refused
            ]
            made.append(_with_the_name(one, by_name[one.protocol], untried))
        else:
            made.append(one)
    return tuple(made)


def _same(one: Target, other: Target) -> bool:
    return (one.host, one.port, one.socket_type) == (other.host, other.port, other.socket_type)


def _place(target: Target) -> str:
    return _("{host}, port {port}, {security}").format(
        host=target.host, port=target.port, security=security_setting(target.socket_type)
    )


def _told_apart(finding: Finding, mine: Target, theirs: Target) -> Finding:
    seen = f"{finding.evidence}." if finding.evidence.endswith("”") else finding.evidence
    evidence = f"{seen} {in_words(mine, theirs)}".strip()
    known = theirs.host == mine.host or any(theirs.host in step for step in finding.steps)
    if finding.protocol is not None and known and any(str(theirs.port) in step for step in finding.steps):
        return replace(finding, evidence=evidence)
    step = _(
        "For {protocol}, enter {host} as the server name and port {port}, and choose {security} as the security of the "
        "connection: this was found for your address, and it answers."
    ).format(
        protocol=protocol_label(theirs.protocol),
        host=theirs.host,
        port=theirs.port,
        security=security_setting(theirs.socket_type),
    )
    same = _("Enter {other_host} as the server name.").format(other_host=theirs.host)
    return replace(finding, evidence=evidence, steps=(step, *(one for one in finding.steps if one != same)))


def _with_the_name(finding: Finding, mine: Target, published: Sequence[Target]) -> Finding:
    if not published or any(one.username == mine.username for one in published):
        return finding
    step = _("Enter {username} as the user name: this was found for your address.").format(
        username=quoted(published[0].username)
    )
    return replace(finding, steps=(step, *finding.steps))
