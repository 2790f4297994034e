"""The policy for addresses: what others may make us connect to."""

from __future__ import annotations

import pytest

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

NOWHERE = ["0.0.0.0", "::", "224.0.0.1", "239.255.255.255", "255.255.255.255", "ff02::1", "ff0e::1"]


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
    assert {25, 110, 143, 465, 587, 993, 995} <= MAIL_PORTS
    assert not {22, 53, 80, 443, 3306, 4190, 6379, 11211} & MAIL_PORTS
