"""Compares what is looked at with what was found for the address and answers, and reports differences.

What is looked at is what the user's mail program has, or what somebody published and was seen to fail.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.diagnosis.evidence import quoted
from wizard.diagnosis.way_out import best_published, same_server
from wizard.language import translate as _
from wizard.wording import protocol_label, security_setting

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wizard.diagnosis.evidence import Published
    from wizard.model.diagnosis import Target


def differing_servers(targets: Iterable[Target], published: Published) -> tuple[tuple[Target, Target], ...]:
    """Each target whose host, port or security is none of those found, beside the best of these."""
    pairs = ((target, best_published(target, published.get(target.protocol, ()))) for target in targets)
    return tuple((target, server) for target, server in pairs if server is not None)


def differing_usernames(targets: Iterable[Target], published: Published) -> tuple[tuple[Target, Target], ...]:
    """Each target on a server that was found, whose user name is none of those found with it, beside the first."""
    return tuple(
        (target, same[0])
        for target in targets
        if (same := [server for server in published.get(target.protocol, ()) if same_server(target, server)])
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


def _place(target: Target) -> str:
    return _("{host}, port {port}, {security}").format(
        host=target.host, port=target.port, security=security_setting(target.socket_type)
    )
