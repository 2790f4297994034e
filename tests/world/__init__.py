"""A small internet for tests: DNS, web and mail servers of our own, each able to fail in every way.

    with World() as world:
        world.dns("example.test", MX=[(10, "mx.example.test")], TXT=["v=spf1 -all"])
        world.dns("mail.example.test", A=["203.0.113.10"], AAAA=["2001:db8::10"])
        world.dns("_imaps._tcp.example.test", SRV=[(0, 1, 993, "mail.example.test")])
        world.mail("203.0.113.10", 993, MailServer(protocol="imap", security="SSL"))
        world.web("203.0.113.20", {"https://autoconfig.example.test/mail/config-v1.1.xml": Page("<clientConfig/>")})
        network = world.network()
        ... the code under test ...
        assert ("dns", "_imaps._tcp.example.test", "SRV") in world.seen

A daemon thread with an event loop of its own serves; nothing is left at the end. Addresses are the ones of a real
world (use 203.0.113.0/24, 198.51.100.0/24, 192.0.2.0/24, 2001:db8::/32); every one is mapped to a port on loopback,
which ``world.route`` knows. Somewhere nobody serves, connections are refused.

``World(direct=True, dns_address="203.0.113.53")`` binds the real addresses and ports instead, DNS on port 53: for a
network namespace whose ``lo`` has these addresses, see :mod:`tests.world.__main__`.
"""

from __future__ import annotations

from tests.world.mail import Login, MailServer
from tests.world.serving import World
from tests.world.web import Page, Request

__all__ = ["Login", "MailServer", "Page", "Request", "World"]
