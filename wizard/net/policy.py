"""Which addresses and ports may be connected to on the word of others (server-side request forgery).

The ranges are the special-purpose registries of IANA (RFC 6890 and those after it), written out: what
``ipaddress.is_global`` says differs between releases of Python 3.11, 3.12 and 3.13.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

MAIL_PORTS = frozenset({25, 110, 143, 465, 587, 993, 995, 2525})
"""The TCP ports that remote data may send us to.

IANA's ports of SMTP, POP3, IMAP and submission, and 2525, which providers open for submission because networks block
25 and 587, and where nothing else is at home. Not 4190 (ManageSieve): nothing here speaks it. Every port of the ISPDB
is among them.
"""

_NOT_GLOBAL_4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # “this network”; Linux connects 0.0.0.0 to itself
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT (RFC 6598); Tailscale too
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local, and where clouds keep their metadata
        "172.16.0.0/12",
        "192.0.0.0/24",  # protocol assignments (RFC 6890), among them DS-Lite
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # relays of 6to4, given up (RFC 7526)
        "192.168.0.0/16",
        "198.18.0.0/15",  # benchmarks; some proxies invent addresses here
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/3",  # multicast, the reserved block, and broadcast
    )
)

# Unicast addresses are given out of 2000::/3 alone: loopback, ::/96, ::ffff:0:0/96 (IPv4-mapped), unique local, link-
# local, site-local, multicast and the discard prefix lie outside.
_GLOBAL_6 = IPv6Network("2000::/3")
_NOT_GLOBAL_6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments: Teredo with an IPv4 address inside, ORCHID, benchmarks
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: an IPv4 address inside, given up (RFC 7526)
        "3fff::/20",  # documentation (RFC 9637)
    )
)

# What DNS64 makes of an IPv4 address where a network has IPv6 only (RFC 6052 section 2.1), as mobile networks do. Not
# 64:ff9b:1::/48 (RFC 8215): which part of such an address is the IPv4 address is known to its network only.
_NAT64 = IPv6Network("64:ff9b::/96")

_BROADCAST = IPv4Address("255.255.255.255")


@dataclass(frozen=True, slots=True)
class AddressPolicy:
    """Global unicast addresses only, unless ``allow_private``; a host in ``typed`` (A-labels) was entered by the user.

    ``only``: if there are any, no address but these, whatever a name leads to.
    """

    allow_private: bool = False
    typed: frozenset[str] = frozenset()
    only: frozenset[str] = frozenset()

    def allows(self, host: str, address: str) -> bool:
        """Whether ``address``, found for ``host``, may be connected to.

        Never an address that cannot belong to a server (multicast, broadcast, 0.0.0.0 and ::), nor text that is not an
        address. One with a scope (``fe80::1%eth0``) is on the local link.
        """
        if self.only and address not in self.only:
            return False
        try:
            parsed = ip_address(address)
        except ValueError:
            return False
        if parsed.is_multicast or parsed.is_unspecified or parsed == _BROADCAST:
            return False
        if self.allow_private or host in self.typed:
            return True
        return _is_global_4(parsed) if isinstance(parsed, IPv4Address) else _is_global_6(parsed)


def _is_global_4(address: IPv4Address) -> bool:
    return not any(address in network for network in _NOT_GLOBAL_4)


def _is_global_6(address: IPv6Address) -> bool:
    if address.scope_id is not None:
        return False
    if address in _NAT64:
        return _is_global_4(IPv4Address(int(address) & 0xFFFFFFFF))
    return address in _GLOBAL_6 and not any(address in network for network in _NOT_GLOBAL_6)
