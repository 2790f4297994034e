"""Compares what is looked at with what was found for the address and answers, and reports differences.

What is looked at is what the user's mail program has, or what somebody published and was seen to fail.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wizard.diagnosis.evidence import quoted
from wizard.language import translate as _
from wizard.wording import protocol_label, security_setting

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from wizard.model.diagnosis import Finding, Target
    from wizard.model.servers import Protocol

    Published = Mapping[Protocol, Sequence[Target]]
    """What was found for the address and was seen to answer, the best first."""

SERVER_CODES = frozenset(
    {
        *("host_not_found", "host_is_a_web_server", "port_refused", "port_filtered", "port_25_blocked"),
        *("tls_name_mismatch", "tls_self_signed", "tls_expired", "tls_chain_incomplete", "tls_too_old"),
        *("tls_on_plain_port", "plain_on_tls_port", "wrong_protocol", "not_a_mail_server", "starttls_missing"),
        "unusual_port",
        *("plaintext_only", "login_disabled", "smtp_auth_missing", "temporarily_unavailable"),
    }
)
"""Causes that another host, port or security may be the way out of. Where something on the way is at fault
(``tls_intercepted``, ``starttls_stripped``) it is none.
"""

USERNAME_CODES = frozenset({"auth_failed"})


def differing_servers(targets: Iterable[Target], published: Published) -> tuple[tuple[Target, Target], ...]:
    """Each target whose host, port or security is none of those found, beside the best of these."""
    return tuple(
        (target, published[target.protocol][0])
        for target in targets
        if published.get(target.protocol)
        and not any(_same_server(target, server) for server in published[target.protocol])
    )


def differing_usernames(targets: Iterable[Target], published: Published) -> tuple[tuple[Target, Target], ...]:
    """Each target on a server that was found, whose user name is none of those found with it, beside the first."""
    return tuple(
        (target, same[0])
        for target in targets
        if (same := [server for server in published.get(target.protocol, ()) if _same_server(target, server)])
        and all(server.username != target.username for server in same)
    )


def username_difference(typed: Target, found: Target) -> str:
    """The difference between user names as one sentence."""
    return _("For {protocol}, your program has the user name {mine}; for your address, {theirs} was found.").format(
        protocol=protocol_label(typed.protocol), mine=quoted(typed.username), theirs=quoted(found.username)
    )


def server_difference(mine: Target, found: Target, *, published: bool = False) -> str:
    """The difference between servers as one sentence; ``published``: ``mine`` is what somebody published."""
    if published:
        words = _("For {protocol}, {mine} is published; {theirs} answers, which is a guess: nobody published it.")
    else:
        words = _("For {protocol}, your program has {mine}; for your address, {theirs} was found.")
    return words.format(protocol=protocol_label(mine.protocol), mine=_place(mine), theirs=_place(found))


def with_published_settings(
    findings: Iterable[Finding],
    targets: Sequence[Target],
    published: Published,
    *,
    failing: Collection[Protocol] = (),
    refused: Collection[tuple[Protocol, str]] = (),
    replaced: Collection[Target] = (),
) -> tuple[Finding, ...]:
    """``findings``, of which those that the difference explains say it, and begin with what to enter instead.

    ``failing``: protocols of which a step failed, which is what a finding for several of them is about. ``refused``:
    user names that were tried in vain, which are not suggested. ``replaced``: the targets that are published and fail.
    """
    findings = tuple(findings)
    with_own_finding = {finding.protocol for finding in findings}
    differing = {typed.protocol: (typed, found) for typed, found in differing_servers(targets, published)}
    by_protocol = {target.protocol: target for target in reversed(targets)}

    def with_server(finding: Finding, protocol: Protocol) -> Finding:
        mine, theirs = differing[protocol]
        finding = _with_server(finding, mine, theirs, published=mine in replaced)
        correct = _(
            "If you look after the domain, correct what is published: mail programs that set themselves up take it "
            "from there."
        )
        last = (correct,) if mine in replaced and correct not in finding.steps else ()
        return replace(finding, steps=(*finding.steps, *last))

    def completed(finding: Finding) -> Finding:
        if finding.code in SERVER_CODES and finding.protocol in differing:
            return with_server(finding, finding.protocol)
        if finding.code in SERVER_CODES and finding.protocol is None:
            for protocol in reversed([protocol for protocol in differing if protocol in failing]):
                if protocol not in with_own_finding:
                    finding = with_server(finding, protocol)
        elif finding.code in USERNAME_CODES and finding.protocol in by_protocol:
            servers = published.get(finding.protocol, ())
            untried = [server for server in servers if (server.protocol, server.username) not in refused]
            return _with_username(finding, by_protocol[finding.protocol], untried)
        return finding

    return tuple(map(completed, findings))


def _same_server(target: Target, other: Target) -> bool:
    return (target.host, target.port, target.socket_type) == (other.host, other.port, other.socket_type)


def _place(target: Target) -> str:
    return _("{host}, port {port}, {security}").format(
        host=target.host, port=target.port, security=security_setting(target.socket_type)
    )


def _with_server(finding: Finding, typed: Target, found: Target, *, published: bool) -> Finding:
    seen = f"{finding.evidence}." if finding.evidence.endswith("”") else finding.evidence
    evidence = f"{seen} {server_difference(typed, found, published=published)}".strip()
    host_known = found.host == typed.host or any(found.host in step for step in finding.steps)
    if finding.protocol is not None and host_known and any(str(found.port) in step for step in finding.steps):
        return replace(finding, evidence=evidence)
    step = _(
        "For {protocol}, enter {host} as the server name and port {port}, and choose {security} as the security of the "
        "connection: this was found for your address, and it answers."
    ).format(
        protocol=protocol_label(found.protocol),
        host=found.host,
        port=found.port,
        security=security_setting(found.socket_type),
    )
    same = _("Enter {other_host} as the server name.").format(other_host=found.host)
    return replace(finding, evidence=evidence, steps=(step, *(other for other in finding.steps if other != same)))


def _with_username(finding: Finding, typed: Target, published: Sequence[Target]) -> Finding:
    if not published or any(server.username == typed.username for server in published):
        return finding
    step = _("Enter {username} as the user name: this was found for your address.").format(
        username=quoted(published[0].username)
    )
    return replace(finding, steps=(step, *finding.steps))
