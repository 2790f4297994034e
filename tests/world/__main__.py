"""Serve a world on its real addresses and ports: ``python -m tests.world SCENARIO.py``.

A scenario is a Python file with ``build(world)``, and ``DNS_ADDRESS`` (and ``DNS_PORT``) where the resolver listens::

    from tests.world import MailServer

    DNS_ADDRESS = "203.0.113.53"

    def build(world):
        world.dns("mail.example.test", A=["203.0.113.10"])
        world.mail("203.0.113.10", 993, MailServer(protocol="imap"))

The caller runs it as root of a network namespace, and has added every address to an interface (``ip address add
203.0.113.10/32 dev lo``; IPv6 with ``nodad``) and a ``blackhole`` route for what is to swallow packets.

When everything is served, one line of JSON on standard output says ``{"resolver": …, "ca_file": …}``. It serves until
standard input ends; a last line of JSON then says what was seen.
"""

from __future__ import annotations

import json
import runpy
import sys

from tests.world import World


def main(scenario: str) -> None:
    """Serve a scenario until standard input ends."""
    described = runpy.run_path(scenario)
    place = {"dns_address": described.get("DNS_ADDRESS"), "dns_port": described.get("DNS_PORT", 53)}
    with World(direct=True, **place) as world:
        described["build"](world)
        _say({"resolver": world.resolver, "ca_file": str(world.ca_file)})
        sys.stdin.read()
        _say({"seen": world.seen, "logins": world.logins})


def _say(what: dict) -> None:
    print(json.dumps(what, default=lambda value: value.decode("latin-1")), flush=True)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m tests.world SCENARIO.py")
    main(sys.argv[1])
