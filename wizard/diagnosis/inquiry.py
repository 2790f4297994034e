"""After a rung has failed: what else is looked at, so that causes can be told apart.

Every look is made side by side with the others, bounded by itself, and written down as soon as it is there. No password
is anywhere near; what does not verify a certificate sends nothing within TLS.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from wizard.diagnosis import inquiry_about_names, inquiry_about_tls
from wizard.diagnosis.inquiry_about_ports import (
    SILENCE,
    look_at_other_ports,
    look_by_the_other_family,
    look_for_starttls,
    look_for_the_web,
    look_what_speaks,
)
from wizard.model.diagnosis import RungName
from wizard.net.failures import FailureKind

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any

    from wizard.diagnosis.notes import Notes
    from wizard.diagnosis.wishes import CheckWishes
    from wizard.net.connect import Network

CERTIFICATE_KINDS = frozenset(
    {
        FailureKind.TLS_NAME_MISMATCH,
        FailureKind.TLS_SELF_SIGNED,
        FailureKind.TLS_UNTRUSTED,
        FailureKind.TLS_EXPIRED,
        FailureKind.TLS_NOT_YET_VALID,
    }
)
_DATES = frozenset({FailureKind.TLS_EXPIRED, FailureKind.TLS_NOT_YET_VALID})
_ISSUERS = frozenset({FailureKind.TLS_SELF_SIGNED, FailureKind.TLS_UNTRUSTED})
_AFTER_TCP = frozenset({RungName.TLS, RungName.GREETING, RungName.CAPABILITIES, RungName.STARTTLS})


async def inquire(network: Network, notes: Notes, wishes: CheckWishes) -> None:
    """Look around after the failure that ``notes`` hold, and add to them; after a log-in there is nothing to see."""
    rung, failure = notes.failed_rung, notes.failure
    looks: list[Coroutine[Any, Any, None]] = []
    if rung is RungName.DNS:
        looks = _without_an_address(network, notes, wishes)
    elif rung is RungName.TCP:
        looks = [look_at_other_ports(network, notes), look_for_the_web(network, notes)]
    elif rung in _AFTER_TCP and failure in CERTIFICATE_KINDS:
        looks = _about_a_certificate(network, notes, wishes)
    elif rung in _AFTER_TCP and failure != FailureKind.SERVER_SAYS_NO:  # its words say all
        looks = _about_a_conversation(network, notes)
    if rung is RungName.TCP or rung in _AFTER_TCP:
        looks.append(inquiry_about_names.look_for_a_captive_portal(network, notes))
    async with asyncio.TaskGroup() as group:
        for look in looks:
            group.create_task(look)


def _without_an_address(network: Network, notes: Notes, wishes: CheckWishes) -> list[Coroutine[Any, Any, None]]:
    looks = [inquiry_about_names.look_at_the_domain(network, notes, wishes.address.domain)]
    if notes.failure == FailureKind.ADDRESS_NOT_ALLOWED:
        return [*looks, inquiry_about_names.look_for_invented_names(network, notes)]
    return [*looks, inquiry_about_names.look_at_usual_names(network, notes, wishes.address.domain)]


def _about_a_certificate(network: Network, notes: Notes, wishes: CheckWishes) -> list[Coroutine[Any, Any, None]]:
    looks = [inquiry_about_tls.look_at_the_certificate(network, notes)]
    if notes.failure in _DATES:
        looks.append(inquiry_about_tls.look_at_the_clock(network, notes, wishes.address.domain))
    if notes.failure in _ISSUERS:
        looks.append(inquiry_about_tls.look_at_another_certificate(network, notes, wishes.address.domain))
    return looks


def _about_a_conversation(network: Network, notes: Notes) -> list[Coroutine[Any, Any, None]]:
    looks = [look_at_other_ports(network, notes), look_by_the_other_family(network, notes)]
    if notes.failed_rung is RungName.TLS and notes.failure != FailureKind.NOT_TLS:
        looks.append(inquiry_about_tls.look_for_old_tls(network, notes))
    if notes.failure == FailureKind.STARTTLS_MISSING:
        looks.append(look_for_starttls(network, notes))
    if notes.failure in SILENCE or notes.failure in (FailureKind.NOT_TLS, FailureKind.WRONG_PROTOCOL):
        looks.append(look_what_speaks(network, notes))
    return looks
