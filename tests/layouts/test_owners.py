"""One owner of an account: who leads where several are named, what is said of the others, what comes into a file."""

from __future__ import annotations

import json
import re

import pytest

from tests.discovery.published_files import config, incoming, outgoing
from tests.online import ALL, config_of

D = "example.test"
ANNA = f"anna@{D}"
FORMATS = "autoconfig,mobileconfig,outlook-autodiscover,card,thunderbird-android,neomutt"
GOOGLE = ("imap.gmail.com", "pop.gmail.com", "smtp.gmail.com")
HOSTS = {"imap": GOOGLE[0], "pop3": GOOGLE[1], "smtp": GOOGLE[2]}


def at_google(online, *, ports=ALL, mx=True) -> None:
    """The mail of the domain is delivered to Google, whose servers are these."""
    online.machine(*GOOGLE, ports=ports)
    if mx:
        online.world.dns(D, MX=[(1, "aspmx.l.google.com"), (5, "alt1.aspmx.l.google.com")])


def at_stranger(online, name="evil.test", *, ports=ALL) -> None:
    """A company that nobody knows takes the mail, and publishes settings for its own customers."""
    online.world.dns(D, MX=[(10, f"mx.{name}")])
    online.machine(f"mail.{name}", ports=ports)
    online.publish(f"autoconfig.{name}", config_of(f"mail.{name}", name))


def publishes(online, host: str, *, ports=ALL) -> None:
    """The domain's own web host publishes servers at ``host``."""
    online.machine(host, ports=ports)
    online.publish(f"autoconfig.{D}", config_of(host, D))


def document(online, *words: str, address=ANNA, code=0) -> dict:
    ran = online.run("discover", address, "--json", *words)
    assert ran.code == code, ran.stdout + ran.stderr
    return json.loads(ran.stdout)


def hosts(found: dict) -> dict[str, str | None]:
    return {kind: found[kind] and found[kind]["host"] for kind in ("imap", "pop3", "smtp")}


def codes(notices) -> list[str]:
    return [notice["code"] for notice in notices]


def told(found: dict) -> str:
    return " ".join(notice["text"] for notice in found["warnings"] if notice["code"] == "several_providers")


def exported(online, tmp_path, *words: str, code=0) -> str:
    """Everything that ``export`` says and writes, in one text."""
    out = f"out{len(list(tmp_path.iterdir()))}"
    ran = online.run("export", ANNA, "--no-input", "--json", "--format", FORMATS, "--output", out, *words)
    assert ran.code == code, ran.stdout + ran.stderr
    files = [path for path in sorted((tmp_path / out).rglob("*")) if path.is_file()]
    assert bool(files) is (code == 0)
    return ran.stdout + "".join(path.read_text("utf-8", errors="replace") for path in files)


# --- consent covers everything that leaves


def test_what_a_stranger_says_in_the_dns_is_in_no_file(online, tmp_path):
    publishes(online, f"mail.{D}")
    at_stranger(online)
    online.srv(D, "mail.evil.test")
    found = document(online)
    assert hosts(found) == dict.fromkeys(HOSTS, f"mail.{D}")
    assert found["needs_consent"] == []
    assert all(server["host"] == f"mail.{D}" for server in found["alternatives"])
    assert "evil" not in exported(online, tmp_path)
    assert "evil" not in exported(online, tmp_path, "--accept", "foreign_domain")


def test_a_protocol_that_only_a_stranger_names_is_in_no_file(online, tmp_path):
    online.machine(f"mail.{D}", ports=(993, 465))
    file = config(incoming(f"mail.{D}"), outgoing(f"mail.{D}"), domains=(D,))
    online.publish(f"autoconfig.{D}", file)
    online.machine("mail.evil.test")
    online.world.dns(f"_imaps._tcp.{D}", SRV=[(0, 1, 993, f"mail.{D}")])
    online.world.dns(f"_pop3s._tcp.{D}", SRV=[(0, 1, 995, "mail.evil.test")])
    found = document(online)
    assert hosts(found) == {"imap": f"mail.{D}", "pop3": None, "smtp": f"mail.{D}"}
    assert "evil" not in exported(online, tmp_path)


def test_a_guess_beside_published_servers_is_in_no_file(online, tmp_path):
    online.machine(f"imap.{D}", f"smtp.{D}", ports=(993, 465))
    online.machine(f"pop.{D}", ports=(995,))
    online.world.dns(f"_imaps._tcp.{D}", SRV=[(0, 1, 993, f"imap.{D}")])
    online.world.dns(f"_submissions._tcp.{D}", SRV=[(0, 1, 465, f"smtp.{D}")])
    assert hosts(document(online))["pop3"] == f"pop.{D}"
    assert f"pop.{D}" not in exported(online, tmp_path)


def test_of_guesses_those_are_in_a_file_that_the_question_names(online, tmp_path):
    for name, port in (("imap", 993), ("pop", 995), ("smtp", 465)):
        online.machine(f"{name}.{D}", ports=(port,))
    assert "--accept guess" in online.run("export", ANNA, "--no-input", "--format", "card").stderr
    written = exported(online, tmp_path, "--accept", "guess")
    assert f"imap.{D}" in written
    assert f"pop.{D}" not in written


@pytest.mark.parametrize("ports", [(993, 465), (995, 465), (993, 995, 465), (993, 143, 995, 110, 465, 587)])
def test_the_question_names_every_guess_that_a_file_holds(online, tmp_path, ports):
    online.machine(f"mail.{D}", ports=ports)
    asked = online.run("export", ANNA, "--no-input", "--format", "autoconfig").stderr
    named = set(re.findall(r"(IMAP|POP3|SMTP) (\S+) (\d+)", asked))
    exported(online, tmp_path, "--accept", "guess")
    (file,) = tmp_path.rglob("config-v1.1.xml")
    servers = re.findall(
        r'type="(\w+)">\s*<hostname>(\S+)</hostname>\s*<port>(\d+)</port>', file.read_text(encoding="utf-8")
    )
    assert servers
    assert {(protocol.upper(), host, port) for protocol, host, port in servers} <= named


def test_one_guess_is_called_one(online):
    online.machine(f"smtp.{D}", ports=(465,))
    online.machine("imap.one.test", ports=(993,))
    online.publish(f"autoconfig.{D}", config(incoming("imap.one.test"), domains=(D,)))
    (text,) = [notice["text"] for notice in document(online)["needs_consent"] if notice["code"] == "guess"]
    assert text.startswith("This server is a guess")


def test_guesses_at_two_companies_are_asked_about_with_that_word(online, tmp_path):
    online.world.dns(D, MX=[(10, "mx.uno.test")])
    online.machine("mx.uno.test", ports=())
    online.machine(f"imap.{D}", ports=(993,))
    online.machine("smtp.uno.test", ports=(465,))
    found = document(online)
    assert hosts(found) == {"imap": f"imap.{D}", "pop3": None, "smtp": "smtp.uno.test"}
    words = f"Mail would be received at {D} and sent at uno.test"
    assert any(words in notice["text"] for notice in found["needs_consent"])
    assert words in exported(online, tmp_path, code=3)
    assert words in " ".join(online.run("doctor", ANNA, "--plain").stdout.split())


def test_guesses_at_two_names_of_one_machine_are_of_one_company(online):
    online.world.dns(D, MX=[(10, "mx.uno.test")])
    online.machine("mx.uno.test", ports=())
    online.machine("smtp.uno.test", f"imap.{D}", ports=(993, 465))
    assert not any("Mail would be received" in notice["text"] for notice in document(online)["needs_consent"])


def test_servers_agreed_to_stand_with_others_of_the_same_domain(online, tmp_path):
    online.machine("mail.hoster.test")
    online.srv(D, "mail.hoster.test")
    assert 'type="pop3"' in exported(online, tmp_path, "--accept", "foreign_domain")


# --- the mail has moved


@pytest.mark.parametrize("old", [f"mail.{D}", "mail.oldhost.test"])
def test_where_the_mail_is_delivered_leads_before_what_an_old_host_still_publishes(online, tmp_path, old):
    publishes(online, old)
    at_google(online)
    found = document(online)
    assert hosts(found) == HOSTS
    assert found["provider"]["id"] == "gmail"
    assert old not in {server["host"] for server in found["alternatives"]}
    assert codes(found["needs_consent"]) == ["foreign_domain"]
    assert f"Mail for {D} is delivered to Gmail (aspmx.l.google.com)." in told(found)
    assert f"({old}) are published, too, and these servers answer." in told(found)
    assert "previous provider" in told(found)
    assert "previous provider" in exported(online, tmp_path, code=3)
    shown = " ".join(online.run("discover", ANNA).stdout.split())
    assert f"Mail for {D} is delivered to Gmail" in shown
    assert "The sources disagree" not in shown
    written = exported(online, tmp_path, "--accept", "foreign_domain")
    assert old not in written
    assert "Gmail" in written


def test_the_doctor_says_whom_the_mail_is_delivered_to(online):
    publishes(online, "mail.oldhost.test")
    at_google(online)
    ran = online.run("doctor", ANNA, "--json")
    assert ran.code == 0
    notes = json.loads(ran.stdout)["notes"]
    (note,) = [note["text"] for note in notes if note["code"] == "several_providers"]
    assert f"Mail for {D} is delivered to Gmail" in note


def test_the_old_host_that_is_typed_is_said_to_be_the_one_from_before(online):
    publishes(online, "mail.oldhost.test")
    at_google(online)
    ran = online.run("doctor", ANNA, "--json", "--imap", "mail.oldhost.test", "--smtp", "mail.oldhost.test")
    (found,) = json.loads(ran.stdout)["findings"]
    assert (found["code"], "delivered to Gmail" in found["cause"]) == ("mailbox_moved", True)


def test_an_old_host_that_does_not_answer_any_more_is_told_too(online):
    publishes(online, "mail.oldhost.test", ports=())
    at_google(online)
    found = document(online)
    assert hosts(found) == HOSTS
    assert "do not answer as they should" in told(found)


@pytest.mark.parametrize("old", [f"mail.{D}", "mail.oldhost.test"])
def test_the_receiver_leads_also_where_this_network_does_not_reach_it(online, tmp_path, old):
    publishes(online, old)
    at_google(online, ports=())
    found = document(online)
    assert hosts(found) == HOSTS
    assert found["provider"]["id"] == "gmail"
    assert f"Mail for {D} is delivered to Gmail" in told(found)
    assert "Its servers do not answer from here" in told(found)
    place = "under its own name" if D in old else "at oldhost.test"
    assert f"Settings for {D} {place} ({old}) are published, too, and these servers answer" in told(found)
    assert "do not answer from here" in exported(online, tmp_path, code=3)
    assert old not in exported(online, tmp_path, "--accept", "foreign_domain")


def test_a_guess_at_an_old_host_does_not_go_before_a_receiver_that_is_out_of_reach(online):
    online.machine(f"mail.{D}")
    at_google(online, ports=())
    assert hosts(document(online)) == HOSTS


def test_pop3_of_the_old_host_is_not_offered_beside_the_new_one(online, tmp_path):
    publishes(online, "mail.oldhost.test")
    online.world.dns(D, MX=[(10, "mx.newhost.test")])
    online.machine("mail.newhost.test", ports=(993, 465))
    file = config(incoming("mail.newhost.test"), outgoing("mail.newhost.test"), domains=("newhost.test",))
    online.publish("autoconfig.newhost.test", file)
    found = document(online)
    assert hosts(found) == {"imap": "mail.newhost.test", "pop3": None, "smtp": "mail.newhost.test"}
    assert codes(found["needs_consent"]) == ["foreign_domain"]
    assert "oldhost" not in exported(online, tmp_path, "--accept", "foreign_domain")


def test_receiving_and_sending_of_two_owners_make_no_account(online):
    online.machine("imap.one.test", ports=(993,))
    online.machine("smtp.two.test", ports=(465,))
    online.world.dns(f"_imaps._tcp.{D}", SRV=[(0, 1, 993, "imap.one.test")])
    online.machine("imap.two.test", ports=())
    online.publish(f"autoconfig.{D}", config(incoming("imap.two.test"), outgoing("smtp.two.test"), domains=(D,)))
    found = document(online)
    used = {found[kind]["host"].partition(".")[2] for kind in HOSTS if found[kind]}
    assert len(used) == 1


def test_sending_that_is_not_published_is_guessed_at_the_domain_alone(online):
    online.machine("imap.one.test", ports=(993,))
    online.world.dns(f"_imaps._tcp.{D}", SRV=[(0, 1, 993, "imap.one.test")])
    online.machine(f"smtp.{D}", ports=(465,))
    found = document(online)
    assert hosts(found) == {"imap": "imap.one.test", "pop3": None, "smtp": f"smtp.{D}"}
    assert sorted(codes(found["needs_consent"])) == ["foreign_domain", "guess"]


def test_one_answer_that_names_two_companies_is_one_account(online):
    online.machine("imap.one.test", ports=(993,))
    online.machine("smtp.two.test", ports=(465,))
    file = config(incoming("imap.one.test"), outgoing("smtp.two.test"), domains=(D,))
    online.publish(f"autoconfig.{D}", file)
    found = document(online)
    assert hosts(found) == {"imap": "imap.one.test", "pop3": None, "smtp": "smtp.two.test"}
    assert found["needs_consent"] == []


def test_records_that_lead_to_the_receiver_lead_before_a_file_of_the_old_host(online):
    publishes(online, "mail.oldhost.test")
    online.machine("mail.newhost.test")
    online.srv(D, "mail.newhost.test")
    online.world.dns(D, MX=[(10, "mx.newhost.test")])
    found = document(online)
    assert hosts(found) == dict.fromkeys(HOSTS, "mail.newhost.test")
    assert f"Mail for {D} is delivered to newhost.test (mx.newhost.test)." in told(found)


def test_a_file_that_leads_to_the_receiver_needs_no_question_whatever_old_records_say(online):
    at_google(online)
    servers = (incoming(GOOGLE[0]), incoming(GOOGLE[1], 995, "pop3"), outgoing(GOOGLE[2]))
    online.publish(f"autoconfig.{D}", config(*servers, domains=(D,)))
    online.machine("mail.oldhost.test")
    online.srv(D, "mail.oldhost.test")
    found = document(online)
    assert hosts(found) == HOSTS
    assert found["provider"]["id"] == "gmail"
    assert found["needs_consent"] == []
    assert "oldhost" in told(found)


# --- the mail has not moved


def test_a_receiver_that_is_the_domain_itself_changes_nothing(online):
    publishes(online, "mail.hoster.test")
    online.world.dns(D, MX=[(10, f"mx.{D}")])
    found = document(online)
    assert hosts(found) == dict.fromkeys(HOSTS, "mail.hoster.test")
    assert found["needs_consent"] == []
    assert told(found) == ""


@pytest.mark.parametrize("host", [f"mail.{D}", "mail.hoster.test"])
def test_an_unknown_filter_in_front_changes_nothing(online, host):
    publishes(online, host)
    online.world.dns(D, MX=[(10, "mx1.filter.test"), (20, "mx2.filter.test")])
    online.machine("mx1.filter.test", ports=())
    found = document(online)
    assert hosts(found) == dict.fromkeys(HOSTS, host)
    assert found["needs_consent"] == []
    assert told(found) == ""


def test_of_two_receivers_the_preferred_one_counts(online):
    publishes(online, "mail.oldhost.test")
    at_google(online, mx=False)
    online.world.dns(D, MX=[(10, "aspmx.l.google.com"), (20, "mx.oldhost.test")])
    assert hosts(document(online)) == HOSTS


def test_what_the_database_has_for_the_domain_itself_is_not_left_behind(online):
    online.machine("mail.hoster.test")
    online.publish("ispdb.test", config_of("mail.hoster.test", D), f"/v1.1/{D}")
    at_google(online)
    found = document(online)
    assert hosts(found) == dict.fromkeys(HOSTS, "mail.hoster.test")
    assert found["provider"] is None
    assert "Gmail" in told(found)


def test_a_receiver_that_lets_no_program_in_is_said_and_the_old_host_is_not_used(online):
    online.world.dns(D, MX=[(10, "mail.protonmail.ch"), (20, "mailsec.protonmail.ch")])
    publishes(online, "mail.oldhost.test")
    found = document(online, code=4)
    assert hosts(found) == dict.fromkeys(HOSTS)
    assert found["provider"]["id"] == "proton"
    said = " ".join(online.run("discover", ANNA).stderr.split())
    assert "No mail program can connect to Proton Mail directly." in said


def test_what_the_parent_domain_publishes_about_itself_is_no_disagreement(online):
    sub = f"sub.{D}"
    online.machine(f"mail.{sub}", ports=(993, 465))
    online.srv(sub, f"mail.{sub}", {"_imaps": 993, "_submissions": 465})
    online.world.dns(sub, MX=[(10, f"mx.{D}")])
    publishes(online, f"mail.{D}")
    found = document(online, address=f"anna@{sub}")
    assert hosts(found) == {"imap": f"mail.{sub}", "pop3": None, "smtp": f"mail.{sub}"}
    assert not {"sources_disagree", "several_providers"} & {*codes(found["warnings"])}
    assert f"mail.{D}" not in {server["host"] for server in found["alternatives"]}


def test_what_the_parent_domain_publishes_serves_where_there_is_nothing_else(online):
    sub = f"sub.{D}"
    online.world.dns(sub, MX=[(10, f"mx.{D}")])
    publishes(online, f"mail.{D}")
    assert document(online, address=f"anna@{sub}")["imap"]["host"] == f"mail.{D}"


@pytest.mark.slow
def test_the_guided_way_offers_both_owners_by_name(online, tmp_path):
    from tests.cli.test_setup_online import DOUBT, to_the_servers

    publishes(online, "mail.oldhost.test")
    at_google(online)
    with online.open(ANNA, *DOUBT) as terminal:
        to_the_servers(terminal)
        shown = terminal.see("Is that where your mail is kept?", "Yes, my mail is there: use Gmail", "Stop here")
        assert "> Enter the servers by hand" in shown
        terminal.pick("No: use oldhost.test instead")
        terminal.see("mail.oldhost.test 993", "Is everything right?")
        terminal.press("\r")
        assert terminal.end() == 0
    card = (tmp_path / "work" / ANNA / f"{ANNA}.txt").read_text()
    assert "mail.oldhost.test" in card
    assert "Gmail" not in card.partition("In your program")[0]


# --- names of the domain that lead to the receiver's machines


@pytest.mark.parametrize("source", ["autoconfig", "srv"])
@pytest.mark.parametrize("how", ["alias", "address"])
def test_a_name_of_the_domain_at_the_receivers_machine_is_no_other_owner(online, how, source):
    address = online.machine(*GOOGLE, certificate=[*GOOGLE, f"mail.{D}"])
    online.world.dns(D, MX=[(1, "aspmx.l.google.com")])
    online.world.dns(f"mail.{D}", **({"CNAME": [GOOGLE[0]]} if how == "alias" else {"A": [address]}))
    if source == "srv":
        online.srv(D, f"mail.{D}")
    else:
        online.publish(f"autoconfig.{D}", config_of(f"mail.{D}", D))
    found = document(online)
    assert hosts(found) == dict.fromkeys(HOSTS, f"mail.{D}")
    assert (found["needs_consent"], told(found)) == ([], "")


def test_an_alias_into_the_names_of_a_provider_with_many_addresses_is_no_other_owner(online):
    at_google(online)
    online.machine("imap.frontend.gmail.com", certificate=[f"mail.{D}"])
    online.world.dns(f"mail.{D}", CNAME=["imap.frontend.gmail.com"])
    online.publish(f"autoconfig.{D}", config_of(f"mail.{D}", D))
    found = document(online)
    assert hosts(found) == dict.fromkeys(HOSTS, f"mail.{D}")
    assert found["provider"]["name"] == document(online, address="anna@gmail.com")["provider"]["name"]
    assert (found["needs_consent"], told(found)) == ([], "")


@pytest.mark.parametrize("alias", [None, "mail.oldhost.test"])
def test_an_old_host_under_a_name_of_the_domain_is_another_owner(online, alias):
    at_google(online)
    online.machine(*filter(None, (f"mail.{D}" if alias is None else None, alias)), certificate=[f"mail.{D}"])
    if alias is not None:
        online.world.dns(f"mail.{D}", CNAME=[alias])
    online.publish(f"autoconfig.{D}", config_of(f"mail.{D}", D))
    found = document(online)
    assert hosts(found) == HOSTS
    assert f"mail.{D}" in told(found)


def test_the_machine_that_takes_the_mail_is_the_receivers_whatever_its_name(online):
    at_google(online, mx=False)
    address = online.machine(f"mail.{D}")
    online.world.dns(D, MX=[(1, "aspmx.l.google.com")])
    online.world.dns("aspmx.l.google.com", A=[address])
    online.publish(f"autoconfig.{D}", config_of(f"mail.{D}", D))
    found = document(online)
    assert hosts(found) == dict.fromkeys(HOSTS, f"mail.{D}")
    assert (found["needs_consent"], told(found)) == ([], "")
