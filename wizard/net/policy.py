"""Which addresses and ports may be connected to on the word of others."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address


@dataclass(frozen=True, slots=True)
class AddressPolicy:
    """Global unicast addresses only, unless ``allow_private``; a host in ``typed`` (A-labels) is the person's own word."""

    allow_private: bool = False
    typed: frozenset[str] = frozenset()

    def allows(self, host: str, address: str) -> bool:
        """Whether ``address`` (without a scope), found for ``host``, may be connected to."""
        if self.allow_private or host in self.typed:
            return True
        parsed = ip_address(address)
        return parsed.is_global and not parsed.is_multicast
