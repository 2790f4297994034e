"""``discover --offline``: servers, where they were found, how far to trust them."""

from __future__ import annotations

import json

from wizard.model.discovery import Source

TOP = [
    "schema", "address", "domain", "elapsed_ms", "provider", "imap", "pop3", "smtp", "alternatives", "leave_days",
    "needs_consent", "warnings", "sources",
]  # fmt: skip
SERVER = [
    "protocol", "host", "port", "socket_type", "username", "authentication", "source", "trust", "verified",
]  # fmt: skip


def test_a_known_provider_in_the_form_of_the_contract(run_cli):
    ran = run_cli("discover", "anna@gmx.net", "--offline", "--json")
    assert (ran.code, ran.stderr) == (0, "")
    document = json.loads(ran.stdout)
    assert list(document) == TOP
    assert document["provider"]["id"] == "gmx"
    assert list(document["imap"]) == SERVER
    assert document["imap"] == {
        "protocol": "imap", "host": "imap.gmx.net", "port": 993, "socket_type": "SSL", "username": "anna@gmx.net",
        "authentication": ["password-cleartext"], "source": "catalogue", "trust": "authenticated", "verified": None,
    }  # fmt: skip
    assert [one["outcome"] for one in document["sources"]] == ["found"]


def test_an_unknown_domain_prints_the_document_and_ends_with_4(run_cli):
    ran = run_cli("discover", "anna@nowhere.example.org", "--offline", "--json")
    assert ran.code == 4
    document = json.loads(ran.stdout)
    assert document["imap"] is document["pop3"] is document["smtp"] is None
    assert [one["outcome"] for one in document["sources"]] == ["nothing"]
    assert "error" not in document


def test_for_people_each_server_has_its_source_and_trust(run_cli):
    ran = run_cli("discover", "anna@libero.it", "--offline")
    assert ran.code == 0
    assert "imapmail.libero.it 993 SSL/TLS" in " ".join(ran.stdout.split())
    assert "from the built-in catalogue, checked 20" in " ".join(ran.stdout.split())
    assert "not tried" in ran.stdout


def test_without_offline_the_network_is_asked_and_every_source_says_what_came_of_it(run_cli):
    from tests.world import World

    with World() as world:  # nobody is there but the DNS, which knows one name
        world.dns("yahoo.com", TXT=["there"])
        ran = run_cli("discover", "anna@gmx.net", "--json", "--resolver", world.resolver)
    assert ran.code == 0, ran.stderr
    document = json.loads(ran.stdout)
    assert document["imap"]["source"] == "catalogue"
    assert document["imap"]["verified"] is False
    assert "not_answering" in [one["code"] for one in document["warnings"]]
    outcomes = {one["source"]: one["outcome"] for one in document["sources"]}
    assert set(outcomes) == {source.value for source in Source} - {"user"}
    assert outcomes["autoconfig"] == "nothing"


def test_a_unicode_domain_is_looked_up_as_the_network_writes_it(run_cli):
    document = json.loads(run_cli("discover", "anna@bücher.example", "--offline", "--json").stdout)
    assert document["domain"] == "xn--bcher-kva.example"


def test_what_can_be_agreed_to_in_advance_is_checked(run_cli):
    assert run_cli("discover", "anna@gmx.net", "--offline", "--json", "--accept", "foreign_domain").code == 0
    ran = run_cli("discover", "anna@gmx.net", "--offline", "--accept", "foreign")
    assert ran.code == 2
    assert "foreign_domain" in ran.stderr
