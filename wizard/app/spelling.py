"""Slips in a domain: the well-known one that was perhaps meant."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from wizard.model.address import Domain, EmailAddress

if TYPE_CHECKING:
    from collections.abc import Iterable


def near_address(address: EmailAddress, *, sure: bool = False) -> EmailAddress | None:
    """``address`` at the well-known domain that is one slip away from its own, or None.

    None where the domain is itself a provider's. ``sure``: the domain does not exist, so that a short name counts, too,
    in which one slip is much.
    """
    from wizard.discovery.catalogue import all_providers, find_provider

    if find_provider(address.domain) is not None:
        return None
    typed = address.domain.ascii
    known = [str(one) for provider in all_providers() for one in provider.config.domains]
    near = get_close_matches(typed, known, n=1, cutoff=0.86) or (_one_slip(typed, known) if sure else [])
    return EmailAddress(address.local, Domain(near[0])) if near else None


def _one_slip(typed: str, known: Iterable[str]) -> list[str]:
    return [one for one in known if _is_one_slip(typed, one)][:1]


def _is_one_slip(one: str, other: str) -> bool:
    """Whether a character was left out, put in, or mistaken, or two neighbours have changed places."""
    if abs(len(one) - len(other)) > 1:
        return False
    same = next((at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), None)
    if same is None:
        return len(one) != len(other)
    left, right = one[same:], other[same:]
    return (
        left[1:] == right
        or left == right[1:]
        or left[1:] == right[1:]
        or (left[:2] == right[1::-1] and left[2:] == right[2:])
    )
