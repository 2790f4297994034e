"""One look-up's access to the network: who is asked for names, which addresses are allowed, where packets go."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wizard.net.policy import AddressPolicy

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.net.dns import Resolver


def _as_it_is(address: str, port: int) -> tuple[str, int]:
    return address, port


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """What every function of this room that opens a connection takes.

    ``route`` gives the address and port that are really dialled for a checked address and port; only tests give one,
    to have servers of their own on ports that anybody may open.
    """

    resolver: Resolver
    policy: AddressPolicy = field(default_factory=AddressPolicy)
    route: Callable[[str, int], tuple[str, int]] = _as_it_is
