"""The world that other tests stand on does what it promises: asked with plain clients of the standard library."""

from __future__ import annotations

import dns.message
import dns.query
import dns.rcode
import pytest

from tests.world import World


@pytest.fixture
def world():
    with World() as world:
        yield world


def test_a_name_without_records_of_its_own_exists_when_something_below_it_does(world):
    world.dns("_imaps._tcp.example.test", SRV=[(0, 1, 993, "mail.example.test")])
    host, port = world.resolver.split(":")

    def ask(name, kind="A"):
        return dns.query.udp(dns.message.make_query(name, kind), host, port=int(port), timeout=2)

    assert ask("example.test").rcode() == dns.rcode.NOERROR
    assert ask("mail.example.test").rcode() == dns.rcode.NXDOMAIN
    assert "0 1 993 mail.example.test." in ask("_IMAPS._tcp.Example.test", "SRV").answer[0].to_text()
