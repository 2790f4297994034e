"""Networks that answer nothing truthfully: what the network does is said, and nothing is said of the domain."""

from __future__ import annotations

import json

from tests.online import config_of

ANNA = "anna@example.test"


# --- datagrams are swallowed


def test_a_network_that_swallows_datagrams_finds_what_is_published(online):
    online.world.dns_behaviour("*", "tcp-only")
    online.machine("mail.example.test")
    online.publish("autoconfig.example.test", config_of("mail.example.test", "example.test"))
    ran = online.run("discover", ANNA, "--json", "--timeout", "60")
    found = json.loads(ran.stdout)
    assert (found["imap"]["verified"], found["smtp"]["verified"]) == (True, True)
    assert found["warnings"] == []
