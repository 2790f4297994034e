"""Networks whose answers are wrong: the network is named as the cause, and nothing is said of the domain."""

from __future__ import annotations

import json

import pytest

from tests.cli.test_setup_online import KNOWN
from tests.online import config_of
from tests.terminal import ENTER
from tests.world import Page

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


# --- every name is denied

NO_SUCH = ("libero.it does not exist", "spelled", "Did you mean", "mistyped")


def codes(document) -> list[str]:
    return [notice["code"] for notice in document["warnings"]]


def flat(text: str) -> str:
    return " ".join(text.split())


def public_only(online, *words: str):
    """The command as it is run outside of tests: private addresses are not contacted."""
    return online._run(*words, "--resolver", online.world.resolver, env=online.environment)


def discovered(online, address: str, code: int, *words: str, run=None):
    words = ("discover", address, "--json", *words)
    ran = run(online, *words) if run is not None else online.run(*words)
    assert ran.code == code, ran
    return json.loads(ran.stdout)


def states(document) -> set:
    """What was seen of the servers, by the sources that named them."""
    servers = [document[protocol] for protocol in ("imap", "pop3", "smtp")] + document["alternatives"]
    return {(server["source"], server["verified"]) for server in servers if server is not None}


@pytest.mark.parametrize("words", [(), ("--no-ispdb",), ("--ispdb", ".")], ids=" ".join)
@pytest.mark.parametrize("address", ["anna@libero.it", "anna@gmail.com"])
def test_a_network_that_denies_every_name_leaves_what_the_catalogue_knows(online, address, words):
    online.world.dns_behaviour("*", "nxdomain")
    found = discovered(online, address, 0, *words)
    assert codes(found)[0] == "dns_denies_names"
    assert not {"no_such_domain", "not_answering", "no_network"} & {*codes(found)}
    assert states(found) == {("catalogue", None)}
    assert found["needs_consent"] == []


@pytest.mark.parametrize("words", [(), ("--no-ispdb",)], ids=" ".join)
@pytest.mark.parametrize("address", ["anna@gmial.com", ANNA])
def test_a_network_that_denies_every_name_says_nothing_of_a_domain_and_suggests_none(online, address, words):
    online.world.dns_behaviour("*", "nxdomain")
    assert codes(discovered(online, address, 4, *words)) == ["dns_denies_names"]
    ran = online.run("discover", address, *words)
    assert "This network answers no names: according to it, not even gmail.com exists." in flat(ran.stderr)
    assert f"In a terminal, “mail-wizard {address}” asks you for the servers." in flat(ran.stderr)
    assert "Sources asked" not in ran.stderr
    assert not [sentence for sentence in NO_SUCH if sentence in ran.stderr]


def test_that_a_network_resolves_its_own_names_proves_nothing(online):
    online.world.dns_behaviour("*", "nxdomain")
    own = online.machine("intranet.hotel.test", ports=())
    online.world.dns_behaviour("*.hotel.test", "truncated")
    assert own
    assert codes(discovered(online, "anna@libero.it", 0))[0] == "dns_denies_names"
    assert codes(discovered(online, ANNA, 4)) == ["dns_denies_names"]


def test_a_company_that_finds_its_own_mail_in_such_a_network_gets_it(online):
    online.world.dns_behaviour("*", "nxdomain")
    for name in ("company.test", "*.company.test"):
        online.world.dns_behaviour(name, "truncated")
    online.machine("mail.company.test")
    online.srv("company.test", "mail.company.test")
    found = discovered(online, "anna@company.test", 0)
    assert states(found) == {("srv", True)}
    assert codes(found) == []


def test_a_network_in_which_names_are_there_and_lead_nowhere_denies_them(online):
    """As a filter does that answers 0.0.0.0."""
    online.world.dns("*", A=["0.0.0.0"])
    for name in ("*.com", "*.it", "*.test", "com", "it", "test", "yahoo.com"):
        online.world.dns(name, A=["0.0.0.0"])
    assert codes(discovered(online, "anna@libero.it", 0))[0] == "dns_denies_names"


@pytest.mark.parametrize("behaviour", ["refused", "servfail"])
def test_a_network_that_refuses_every_question_says_so(online, behaviour):
    online.world.dns_behaviour("*", behaviour)
    for address, code in (("anna@libero.it", 0), (ANNA, 4)):
        assert codes(discovered(online, address, code))[0] == "no_network"
        ran = online.run("discover", address)
        assert f"its name server answers every question with an error ({behaviour.upper()})" in flat(
            ran.stdout + ran.stderr
        )


@pytest.mark.parametrize("domain", ["libero.it", "example.test"])
def test_files_are_written_of_the_catalogue_and_of_nothing_else(online, tmp_path, domain):
    online.world.dns_behaviour("*", "nxdomain")
    ran = online.run("export", f"anna@{domain}", "--format", "autoconfig", "--no-input", "--output", "new")
    assert "This network answers no names" in flat(ran.stderr)
    assert not [sentence for sentence in NO_SUCH if sentence in ran.stderr]
    if domain == "libero.it":
        assert ran.code == 0
        assert "imapmail.libero.it" in (tmp_path / "new" / "config-v1.1.xml").read_text(encoding="utf-8")
    else:
        assert ran.code == 4


def test_without_questions_the_network_is_named_and_the_files_are_written(online, tmp_path):
    online.world.dns_behaviour("*", "nxdomain")
    ran = online.run("setup", "anna@libero.it", "--no-input", *KNOWN, "--output", "new")
    assert ran.code == 0, ran
    assert "This network answers no names" in flat(ran.stderr)
    assert "imapmail.libero.it" in (tmp_path / "new" / "anna@libero.it.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("language", ["en", "it"])
@pytest.mark.slow
def test_the_guided_way_stands_on_the_servers_of_the_catalogue(online, language):
    online.world.dns_behaviour("*", "nxdomain")
    words = {
        "en": ("This network answers no names", "> Continue without the network", "Look again", "Stop here"),
        "it": ("Questa rete non riconosce", "> Vai avanti senza rete", "Cerca di nuovo", "Fermati qui"),
    }[language]
    with online.open("anna@libero.it", *KNOWN, "--lang", language) as terminal:
        steps = [f"{count} {about}" for count in range(1, 6) for about in ("of about", "di circa")]
        while words[2] not in terminal.see_any(words[2], *steps):
            terminal.press(ENTER)
        shown = flat(terminal.see(*words))
        assert "mistyped" not in shown
        terminal.press(ENTER)
        terminal.see_any("What would you like to do next?", "E adesso?")
        terminal.press(ENTER)
        assert "does not answer" not in terminal.see("imapmail.libero.it 993")


# --- and what is no such network


def test_a_domain_that_does_not_exist_in_a_good_network_does_not_exist(online):
    found = discovered(online, "anna@gmial.com", 4)
    assert codes(found) == ["no_such_domain"]
    assert "Did you mean anna@gmail.com?" in flat(online.run("discover", "anna@gmial.com").stderr)


def test_a_domain_of_the_catalogue_that_has_run_out_is_said_to(online):
    online.machine("ispdb.test", ports=())
    found = discovered(online, "anna@libero.it", 0)
    assert "no_such_domain" in codes(found)
    assert "dns_denies_names" not in codes(found)
    said = flat(online.run("discover", "anna@libero.it").stdout)
    assert "The domain libero.it is in the catalogue, but no longer exists" in said
    assert "spelled" not in said


def test_a_filter_that_blocks_the_database_alone_is_no_lying_network(online):
    online.world.dns_behaviour("ispdb.test", "nxdomain")
    assert codes(discovered(online, "anna@nowhere.test", 4)) == ["no_such_domain"]
    online.world.dns("example.test", A=[online.machine("www.example.test", ports=())])
    assert codes(discovered(online, ANNA, 4)) == []


# --- every name leads to one address


def portal(online, address: str, kind: str = "A") -> None:
    for name in ("*", "*.com", "*.it", "*.test", "*.invalid", "com", "it", "test", "yahoo.com"):
        online.world.dns(name, **{kind: [address]})


@pytest.mark.parametrize("page", [False, True])
def test_a_portal_is_named_and_what_the_catalogue_knows_stays(online, page):
    address = online.machine("login.hotel.test", ports=())
    if page:
        online.world.web(address, {"https://login.hotel.test/": Page(b"sign in")}, certificate=["login.hotel.test"])
    portal(online, address)
    found = discovered(online, "anna@libero.it", 0)
    assert codes(found)[0] == "captive_portal"
    assert not {"no_such_domain", "not_answering", "no_network", "certificate_name"} & {*codes(found)}
    assert states(found) == {("catalogue", None)}
    assert codes(discovered(online, ANNA, 4)) == ["captive_portal"]
    said = flat(online.run("discover", ANNA).stderr).partition("Sources asked")[0]
    assert f"Every name leads to one address here ({address})" in said
    assert "another name" not in said


def test_a_portal_that_takes_connections_and_says_nothing_is_named_by_the_deadline(online):
    address = online.machine("login.hotel.test", ports=())
    online.world.web(address, {}, certificate=["login.hotel.test"], behaviour="silent")
    portal(online, address)
    found = discovered(online, "anna@libero.it", 0, "--timeout", "2")
    assert codes(found)[0] == "captive_portal"
    assert states(found) == {("catalogue", None)}


def test_a_portal_that_leaves_mail_records_as_they_are_keeps_what_they_lead_to(online):
    online.world.dns("example.test", MX=[(10, "aspmx.l.google.com")])
    address = online.machine("login.hotel.test", ports=())
    for name in ("example.test", "*.example.test"):
        online.world.dns(name, A=[address])
    portal(online, address)
    found = discovered(online, ANNA, 0)
    assert codes(found)[0] == "captive_portal"
    assert states(found) == {("mx", None)}
    assert [notice["code"] for notice in found["needs_consent"]] == ["foreign_domain"]


def test_a_portal_at_a_private_address_is_named_without_being_contacted(online):
    portal(online, "10.11.12.13")
    found = discovered(online, "anna@libero.it", 0, run=public_only)
    assert codes(found)[0] == "captive_portal"
    assert states(found) == {("catalogue", None)}
    assert codes(discovered(online, ANNA, 4, run=public_only)) == ["captive_portal"]
    assert {event[0] for event in online.world.seen} == {"dns"}


def test_a_network_that_lies_about_ipv6_only_is_named(online):
    portal(online, "fd00::1", "AAAA")
    for name in ("ispdb.test", "example.test"):
        online.machine(name, ports=())
        online.world.dns(name, AAAA=["fd00::1"])
    assert codes(discovered(online, ANNA, 4, run=public_only)) == ["captive_portal"]


def test_a_wildcard_of_the_domain_is_no_portal(online):
    address = online.machine("www.example.test", ports=())
    online.machine("ispdb.test", ports=())
    online.world.dns("example.test", A=[address])
    online.world.dns("*.example.test", A=[address])
    assert "captive_portal" not in codes(discovered(online, ANNA, 4))


# --- the doctor says the same


def diagnosed(online, *words: str, code: int = 5) -> list[str]:
    ran = online.run("doctor", *words, "--json")
    assert ran.code == code, ran
    return [finding["code"] for finding in json.loads(ran.stdout)["findings"]]


TYPED = (ANNA, "--imap", "imap.example.test", "--smtp", "smtp.example.test")
KINDS = pytest.mark.parametrize("words", [("anna@libero.it",), (ANNA,), TYPED], ids=["known", "unknown", "typed"])


@KINDS
def test_the_doctor_names_a_network_that_denies_every_name(online, words):
    online.world.dns_behaviour("*", "nxdomain")
    assert diagnosed(online, *words) == ["dns_denies_names"]


@KINDS
def test_the_doctor_names_a_portal(online, words):
    portal(online, online.machine("login.hotel.test", ports=()))
    assert diagnosed(online, *words) == ["captive_portal"]


@pytest.mark.parametrize("words", [("anna@libero.it",), (ANNA,)], ids=["known", "unknown"])
def test_the_doctor_names_a_portal_at_a_private_address(online, words):
    portal(online, "10.11.12.13")
    ran = public_only(online, "doctor", *words, "--json")
    assert [finding["code"] for finding in json.loads(ran.stdout)["findings"]] == ["captive_portal"]
    assert ran.code == 5


def test_the_doctor_says_so_of_a_server_outside_where_the_network_knows_the_domain_itself(online):
    """As a company's network does that has zones of its own and no others."""
    online.world.dns_behaviour("*", "nxdomain")
    for name in ("company.test", "*.company.test"):
        online.world.dns_behaviour(name, "truncated")
    online.world.dns("company.test", MX=[(10, "mx.company.test")])
    assert diagnosed(online, "anna@company.test", "--imap", "imap.hoster.example") == ["dns_denies_names"]


@pytest.mark.parametrize("behaviour", ["refused", "servfail"])
def test_the_doctor_names_a_network_that_refuses_every_question(online, behaviour):
    online.world.dns_behaviour("*", behaviour)
    ran = online.run("doctor", "anna@libero.it")
    assert ran.code == 5
    assert "or gives only errors" in flat(ran.stdout)
    assert behaviour.upper() in ran.stdout


# --- a resolver that denies single types, or that leads what does not exist to a page of its own


@pytest.mark.parametrize(
    "denied", [("MX",), ("MX", "SRV", "TXT"), ("AAAA",), ("SRV",), ("AAAA", "MX", "SRV")], ids="-".join
)
def test_a_resolver_that_denies_some_types_denies_no_domain(online, denied):
    online.machine("mail.example.test", "example.test")
    online.publish("autoconfig.example.test", config_of("mail.example.test", "example.test"))
    online.world.dns_denies(*denied)
    found = discovered(online, ANNA, 0)
    assert states(found) == {("autoconfig", True)}
    assert codes(found) == []


@pytest.mark.parametrize("denied", [("MX",), ("AAAA", "MX", "SRV")], ids="-".join)
def test_where_nothing_is_found_behind_such_a_resolver_the_domain_is_not_said_to_be_missing(online, denied):
    online.machine("example.test", ports=())
    online.world.dns_denies(*denied)
    assert codes(discovered(online, ANNA, 4)) == []
    assert codes(discovered(online, "anna@exmaple.test", 4)) == ["no_such_domain"]


def test_a_page_of_the_provider_for_what_does_not_exist_makes_no_domain_exist(online):
    """Other names get the right answers: it is not a captive portal."""
    page = online.machine("page.provider.test", ports=())
    online.publish("ispdb.test", b"", path="/other")
    for name in ("*", "*.test", "*.invalid", "invalid"):
        online.world.dns(name, A=[page])
    online.world.dns_denies("MX", "SRV", "TXT", "AAAA")
    found = discovered(online, "anna@exmaple.test", 4)
    assert codes(found) == ["no_such_domain"]
