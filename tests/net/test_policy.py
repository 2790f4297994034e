"""The policy for addresses: what others may make us connect to."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.net.policy import MAIL_PORTS, AddressPolicy

HOST = "mail.example.org"

GLOBAL = ["9.9.9.9", "100.63.255.255", "100.128.0.0", "172.32.0.1", "192.0.1.1", "223.255.255.255"]
GLOBAL += ["2620:fe::fe", "2001:4860:4860::8888", "2a00::1", "3fff:1000::1", "64:ff9b::9.9.9.9"]

NOT_GLOBAL = {
    "this network": ["0.0.0.1", "0.255.255.255"],
    "loopback": ["127.0.0.1", "127.255.255.254", "::1"],
    "private": ["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1"],
    "carrier-grade NAT": ["100.64.0.1", "100.127.255.255"],
    "link-local": ["169.254.169.254", "fe80::1", "fe80::1%eth0", "febf::1"],
    "protocol assignments": ["192.0.0.8", "192.0.0.170", "2001:1::1", "2001:20::1"],
    "documentation": ["192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "3fff::1"],
    "benchmarks": ["198.18.0.1", "198.19.255.255", "2001:2::1"],
    "reserved": ["240.0.0.1", "255.255.255.254", "192.88.99.1"],
    "unique local": ["fc00::1", "fd00:ec2::254"],
    "site-local": ["fec0::1"],
    "discard": ["100::1"],
    "not given out": ["4000::1", "::2"],
    "an IPv4 address inside": ["::ffff:127.0.0.1", "::ffff:9.9.9.9", "::127.0.0.1", "::ffff:0:9.9.9.9"],
    "6to4": ["2002:7f00:1::1", "2002:909:909::1"],
    "Teredo": ["2001:0:909:909::1"],
    "NAT64 of a private address": ["64:ff9b::10.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b::169.254.169.254"],
    "NAT64 of the local network": ["64:ff9b:1::9.9.9.9"],
    "a scope": ["2620:fe::fe%eth0"],
}

# Every block, written out once more: first and last address, and what lies just outside, where that is global.
EDGES = [
    ("0.0.0.1", "0.255.255.255", "", "1.0.0.0"),
    ("10.0.0.0", "10.255.255.255", "9.255.255.255", "11.0.0.0"),
    ("100.64.0.0", "100.127.255.255", "100.63.255.255", "100.128.0.0"),
    ("127.0.0.0", "127.255.255.255", "126.255.255.255", "128.0.0.0"),
    ("169.254.0.0", "169.254.255.255", "169.253.255.255", "169.255.0.0"),
    ("172.16.0.0", "172.31.255.255", "172.15.255.255", "172.32.0.0"),
    ("192.0.0.0", "192.0.0.255", "191.255.255.255", "192.0.1.0"),
    ("192.0.2.0", "192.0.2.255", "192.0.1.255", "192.0.3.0"),
    ("192.88.99.0", "192.88.99.255", "192.88.98.255", "192.88.100.0"),
    ("192.168.0.0", "192.168.255.255", "192.167.255.255", "192.169.0.0"),
    ("198.18.0.0", "198.19.255.255", "198.17.255.255", "198.20.0.0"),
    ("198.51.100.0", "198.51.100.255", "198.51.99.255", "198.51.101.0"),
    ("203.0.113.0", "203.0.113.255", "203.0.112.255", "203.0.114.0"),
    ("240.0.0.0", "255.255.255.254", "223.255.255.255", ""),
    ("2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:200::"),
    ("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::"),
    ("2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2003::"),
    ("3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff:1000::"),
    ("::1", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "", "2000::"),
    ("4000::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", ""),
    ("64:ff9b::a00:0", "64:ff9b::aff:ffff", "64:ff9b::9ff:ffff", "64:ff9b::b00:0"),
    ("64:ff9b::7f00:0", "64:ff9b::7fff:ffff", "64:ff9b::7eff:ffff", "64:ff9b::8000:0"),
    ("64:ff9b::c0a8:0", "64:ff9b::c0a8:ffff", "64:ff9b::c0a7:ffff", "64:ff9b::c0a9:0"),
    ("64:ff9b::a9fe:0", "64:ff9b::a9fe:ffff", "64:ff9b::a9fd:ffff", "64:ff9b::a9ff:0"),
    ("64:ff9b::1:0:0", "64:ff9b:0:ffff:ffff:ffff:ffff:ffff", "64:ff9b::dfff:ffff", ""),
]

NOWHERE = ["0.0.0.0", "::", "224.0.0.0", "224.0.0.1", "239.255.255.254", "239.255.255.255", "255.255.255.255"]
NOWHERE += ["ff00::", "ff02::1", "ff0e::1"]


@pytest.mark.parametrize("address", GLOBAL)
def test_a_global_address_is_allowed(address):
    assert AddressPolicy().allows(HOST, address)


@pytest.mark.parametrize(
    "address", [pytest.param(address, id=f"{name} {address}") for name, many in NOT_GLOBAL.items() for address in many]
)
def test_another_address_is_allowed_to_those_who_said_so_only(address):
    assert not AddressPolicy().allows(HOST, address)
    assert AddressPolicy(allow_private=True).allows(HOST, address)
    assert AddressPolicy(typed=frozenset({HOST})).allows(HOST, address)
    assert not AddressPolicy(typed=frozenset({"other.example.org"})).allows(HOST, address)


@pytest.mark.parametrize(("first", "last", "before", "after"), EDGES)
def test_a_block_ends_where_it_ends(first, last, before, after):
    assert not any(AddressPolicy().allows(HOST, address) for address in (first, last))
    assert all(AddressPolicy().allows(HOST, address) for address in (before, after) if address)


@given(st.ip_addresses())
def test_nothing_passes_that_python_or_an_address_inside_calls_private(address):
    """Another list than ours: what newer releases of Python know as private, reserved or the like never passes."""
    if not AddressPolicy().allows(HOST, str(address)):
        return
    inside = ip_address(int(address) & 0xFFFFFFFF) if address in ip_network("64:ff9b::/96") else address
    for bad in ("is_private", "is_loopback", "is_link_local", "is_multicast", "is_reserved", "is_unspecified"):
        assert not getattr(inside, bad)
    assert getattr(address, "ipv4_mapped", None) is getattr(address, "sixtofour", None) is None
    assert getattr(address, "teredo", None) is None


def test_only_the_addresses_that_are_listed_count_where_there_is_a_list():
    policy = AddressPolicy(only=frozenset({"9.9.9.9", "10.0.0.1"}))
    assert policy.allows(HOST, "9.9.9.9")
    assert not policy.allows(HOST, "9.9.9.10")
    assert not policy.allows(HOST, "10.0.0.1")
    assert AddressPolicy(only=policy.only, allow_private=True).allows(HOST, "10.0.0.1")
    assert not AddressPolicy(only=policy.only, allow_private=True).allows(HOST, "10.0.0.2")
    assert not AddressPolicy(only=policy.only, typed=frozenset({HOST})).allows(HOST, "10.0.0.2")


@pytest.mark.parametrize("address", NOWHERE)
def test_where_no_server_can_be_nobody_connects(address):
    assert not AddressPolicy().allows(HOST, address)
    assert not AddressPolicy(allow_private=True, typed=frozenset({HOST})).allows(HOST, address)


@pytest.mark.parametrize(
    "text", ["", "localhost", "127.1", "0x7f000001", "2130706433", "127.0.0.1 ", "[::1]", "1.2.3.04"]
)
def test_what_is_no_address_is_never_allowed(text):
    assert not AddressPolicy(allow_private=True).allows(HOST, text)


def test_the_ports_are_those_of_mail():
    assert {25, 110, 143, 465, 587, 993, 995, 2525} == MAIL_PORTS
