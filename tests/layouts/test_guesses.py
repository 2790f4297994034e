"""Layouts of which one half is published, or nothing: what was learnt steers the guesses, and a person is asked."""

from __future__ import annotations

import json

import pytest

from tests.discovery.published_files import config, incoming, outgoing
from tests.online import config_of

ANNA = "anna@example.test"
RECEIVING = {"_imaps": 993, "_pop3s": 995}
FILTER = "mx1.filter.test"


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """Whoever waits for something better waits until it is there, however busy this machine is."""
    for module, name in (
        ("completion", "GRACE"),
        ("source", "GRACE"),
        ("sources.mx", "SILENCE"),
        ("sources.mx", "PATIENCE"),
        ("sources.probe", "GRACE"),
        ("sources.probe", "FOREIGN_DELAY"),
        ("sources.probe", "PROVIDER_DELAY"),
    ):
        monkeypatch.setattr(f"wizard.discovery.{module}.{name}", 30)


def found(online, *options: str):
    """What ``discover`` found, as the document; the servers as “host port”."""
    ran = online.run("discover", ANNA, "--json", "--timeout", "60", *options)
    document = json.loads(ran.stdout)
    servers = {
        protocol: server and f"{server['host']} {server['port']}"
        for protocol, server in ((name, document[name]) for name in ("imap", "pop3", "smtp"))
    }
    return document, servers


def codes(document) -> list[str]:
    return sorted(notice["code"] for notice in document["needs_consent"])


def all_hosts(document) -> set[str]:
    servers = [document["imap"], document["pop3"], document["smtp"], *document["alternatives"]]
    return {server["host"] for server in servers if server}


def detail(document, source: str) -> str:
    return next(entry["detail"] for entry in document["sources"] if entry["source"] == source)


def by_trust(document) -> dict[str, str]:
    return {name: document[name] and document[name]["trust"] for name in ("imap", "pop3", "smtp")}


# --- one half is published


def test_sending_is_looked_for_at_the_host_that_receives(online):
    online.machine("imap.hoster.test")
    online.srv("example.test", "imap.hoster.test", RECEIVING)
    document, servers = found(online)
    assert servers == {
        "imap": "imap.hoster.test 993",
        "pop3": "imap.hoster.test 995",
        "smtp": "imap.hoster.test 465",
    }
    assert by_trust(document) == {"imap": "unauthenticated", "pop3": "unauthenticated", "smtp": "guessed"}
    assert codes(document) == ["foreign_domain", "guess"]
    assert "Nobody published a server for sending" in detail(document, "probe")


def test_a_guess_for_sending_is_exported_only_when_it_was_agreed_to(online, tmp_path):
    online.machine("mail.example.test")
    online.srv("example.test", "mail.example.test", RECEIVING)
    export = ("export", ANNA, "--no-input", "--timeout", "60", "--format", "autoconfig", "--output", str(tmp_path))
    assert online.run(*export).code == 3
    assert online.run(*export, "--accept", "guess").code == 0
    (file,) = tmp_path.iterdir()
    assert b"<port>465</port>" in file.read_bytes()


@pytest.mark.parametrize("receives", ["mail.example.test", "imap.hoster.test"])
def test_a_file_with_servers_for_receiving_only_is_completed(online, receives):
    online.machine(receives)
    online.publish("autoconfig.example.test", config(incoming(receives), domains=("example.test",)))
    document, servers = found(online)
    assert (servers["imap"], servers["smtp"]) == (f"{receives} 993", f"{receives} 465")
    assert by_trust(document)["imap"] == "authenticated"
    assert codes(document) == ["guess"]  # the domain itself named the company, so that nobody is a stranger


def test_sending_at_the_same_host_by_starttls_is_found(online):
    online.machine("imap.hoster.test", ports=(993, 587))
    online.srv("example.test", "imap.hoster.test", {"_imaps": 993})
    _document, servers = found(online)
    assert servers["smtp"] == "imap.hoster.test 587"


@pytest.mark.parametrize("sends", ["mail.example.test", "smtp.example.test"])
@pytest.mark.parametrize("name", ["%EMAILLOCALPART%", "web123p4"])
def test_a_guess_takes_over_the_user_name_that_was_published_at_its_company(online, tmp_path, name, sends):
    online.machine("mail.example.test", ports=(993, 995))
    online.machine(sends, ports=(993, 995, 465))
    file = config(incoming("mail.example.test", username=name), domains=("example.test",))
    online.publish("autoconfig.example.test", file)
    document, _servers = found(online)
    wanted = "anna" if "%" in name else name
    assert [document[kind]["username"] for kind in ("imap", "pop3", "smtp")] == [wanted] * 3
    export = ("export", ANNA, "--no-input", "--timeout", "60", "--format", "autoconfig", "--output", str(tmp_path))
    assert online.run(*export, "--accept", "guess").code == 0
    (written,) = tmp_path.iterdir()
    text = written.read_text()
    assert text.count(f"<username>{name}</username>") == text.count("<username>")


def test_a_guess_at_another_company_keeps_the_usual_user_name(online):
    online.machine("imap.hoster.test", ports=(993,))
    online.machine("smtp.example.test", ports=(465,))
    file = config(incoming("imap.hoster.test", username="web123p4"), domains=("example.test",))
    online.publish("autoconfig.example.test", file)
    document, _servers = found(online)
    assert (document["imap"]["username"], document["smtp"]["username"]) == ("web123p4", ANNA)


@pytest.mark.parametrize("sending", ["smtp.hoster.test", "mail.hoster.test"])
@pytest.mark.parametrize("receiving", ["imap.hoster.test", "pop3.hoster.test"])
def test_names_like_that_of_the_host_that_receives_are_tried(online, receiving, sending):
    service, port = ("_imaps", 993) if receiving.startswith("imap") else ("_pop3s", 995)
    online.machine(receiving, ports=(port,))
    online.machine(sending, ports=(465,))
    online.srv("example.test", receiving, {service: port})
    _document, servers = found(online)
    assert servers["smtp"] == f"{sending} 465"


def test_the_owner_of_the_published_servers_comes_before_the_names_of_the_domain(online):
    online.machine("imap.hoster.test", ports=(993, 995, 587))
    online.machine("smtp.example.test", ports=(465,))
    online.srv("example.test", "imap.hoster.test", RECEIVING)
    document, servers = found(online)
    assert servers["smtp"] == "imap.hoster.test 587"
    assert "smtp.example.test" not in all_hosts(document)


def test_where_the_host_that_receives_does_not_send_the_usual_names_do(online):
    online.machine("imap.hoster.test", ports=(993,))
    online.machine("smtp.example.test", ports=(465,))
    online.srv("example.test", "imap.hoster.test", {"_imaps": 993})
    document, servers = found(online)
    assert servers["smtp"] == "smtp.example.test 465"
    assert by_trust(document)["smtp"] == "guessed"


def test_the_second_of_two_hosts_that_receive_is_tried_too(online):
    online.machine("imap.one.test", ports=(993,))
    online.machine("pop.two.test", ports=(995, 465))
    online.srv("example.test", "imap.one.test", {"_imaps": 993})
    online.srv("example.test", "pop.two.test", {"_pop3s": 995})
    _document, servers = found(online)
    assert servers["smtp"] == "pop.two.test 465"


def test_a_server_for_sending_that_does_not_encrypt_is_as_good_as_none(online):
    online.machine("imap.example.test", ports=(993, 465))
    sending = outgoing("out.example.test", 25, security="plain")
    file = config(incoming("imap.example.test"), sending, domains=("example.test",))
    online.publish("autoconfig.example.test", file)
    _document, servers = found(online)
    assert servers["smtp"] == "imap.example.test 465"


def test_what_the_company_behind_the_mx_publishes_by_halves_is_completed(online):
    online.world.dns("example.test", MX=[(10, "mx1.hoster.test")])
    online.machine("in.hoster.test")
    online.publish("autoconfig.hoster.test", config(incoming("in.hoster.test"), domains=("hoster.test",)))
    document, servers = found(online)
    assert (servers["imap"], servers["smtp"]) == ("in.hoster.test 993", "in.hoster.test 465")
    assert codes(document) == ["foreign_domain", "guess"]


def test_what_is_published_later_makes_the_guess_unnecessary(online):
    online.machine("imap.hoster.test")
    online.machine("smtp.example.test", ports=(465,))
    online.srv("example.test", "imap.hoster.test", RECEIVING)
    online.publish("autoconfig.example.test", config_of("smtp.example.test", "example.test"))
    document, servers = found(online)
    assert servers["smtp"] == "smtp.example.test 465"
    assert by_trust(document)["smtp"] == "authenticated"
    assert "guess" not in codes(document)


def test_sending_that_the_domain_says_it_does_not_offer_is_not_guessed(online):
    online.machine("imap.hoster.test")
    online.srv("example.test", "imap.hoster.test", {"_imaps": 993})
    for service in ("_submissions", "_submission"):
        online.world.dns(f"{service}._tcp.example.test", SRV=[(0, 0, 0, ".")])
    document, servers = found(online)
    assert servers == {"imap": "imap.hoster.test 993", "pop3": None, "smtp": None}
    assert document["alternatives"] == []


def test_receiving_is_looked_for_at_the_host_that_sends(online):
    online.machine("smtp.hoster.test", ports=(465,))
    online.machine("imap.hoster.test", ports=(993,))
    online.srv("example.test", "smtp.hoster.test", {"_submissions": 465})
    document, servers = found(online)
    assert servers == {"imap": "imap.hoster.test 993", "pop3": None, "smtp": "smtp.hoster.test 465"}
    assert codes(document) == ["foreign_domain", "guess"]
    assert "Nobody published a server for receiving" in detail(document, "probe")


def test_a_certificate_for_another_name_is_no_server_for_sending(online):
    online.machine("imap.hoster.test", ports=(993,))
    address = online.machine("other.hoster.test", ports=(465,))
    online.world.dns("smtp.hoster.test", A=[address])
    online.srv("example.test", "imap.hoster.test", {"_imaps": 993})
    document, servers = found(online)
    assert servers["smtp"] == "other.hoster.test 465"  # the name that the certificate has, and leads there
    assert "certificate_name" in {warning["code"] for warning in document["warnings"]}


# --- nothing is published, the mail goes to a company that is not in the catalogue


@pytest.mark.parametrize(
    ("mx", "names"),
    [
        ("mx1.hoster.test", ("mail.hoster.test",)),
        ("mx1.hoster.test", ("imap.hoster.test", "pop.hoster.test", "smtp.hoster.test")),
        ("mx.eu.hoster.test", ("imap.eu.hoster.test", "pop.eu.hoster.test", "smtp.eu.hoster.test")),
        ("mx.eu.hoster.test", ("mail.hoster.test",)),
    ],
    ids=["mail", "each", "longer", "shorter"],
)
def test_the_usual_names_of_those_who_take_the_mail_are_tried(online, mx, names):
    online.world.dns("example.test", MX=[(10, mx)])
    online.machine(mx, ports=())
    online.machine(*names)
    document, servers = found(online)
    imap, pop3, smtp = names * (3 // len(names))
    assert servers == {"imap": f"{imap} 993", "pop3": f"{pop3} 995", "smtp": f"{smtp} 465"}
    assert set(by_trust(document).values()) == {"guessed"}
    assert codes(document) == ["foreign_domain", "guess"]
    assert "hoster.test" in next(
        entry["text"] for entry in document["needs_consent"] if entry["code"] == "foreign_domain"
    )
    assert "those who receive the domain's mail" in detail(document, "probe")


def test_a_name_of_the_domain_itself_is_the_better_guess(online):
    online.world.dns("example.test", MX=[(10, "mx1.hoster.test")])
    online.machine("mail.hoster.test")
    online.machine("mail.example.test")
    document, _servers = found(online)
    assert all_hosts(document) == {"mail.example.test"}
    assert codes(document) == ["guess"]


def test_a_host_that_takes_the_mail_and_gives_it_out_is_the_better_guess(online):
    online.world.dns("example.test", MX=[(10, "server42.hoster.test")])
    online.machine("server42.hoster.test")
    online.machine("mail.hoster.test")
    document, _servers = found(online)
    assert all_hosts(document) == {"server42.hoster.test"}


def test_names_that_exist_because_every_name_does_prove_nothing(online):
    online.world.dns("example.test", MX=[(10, "mx1.hoster.test")])
    online.machine("mx1.hoster.test", ports=())
    online.machine("*.hoster.test", ports=(143, 110, 587), security="plain")
    document, servers = found(online)
    assert servers == {"imap": None, "pop3": None, "smtp": None}
    assert "plaintext_only" not in {warning["code"] for warning in document["warnings"]}


def test_what_those_who_take_the_mail_publish_comes_before_their_usual_names(online):
    online.world.dns("example.test", MX=[(10, "mx1.hoster.test")])
    online.machine("mail.hoster.test")
    online.machine("in.hoster.test")
    online.publish("autoconfig.hoster.test", config_of("in.hoster.test", "hoster.test"))
    document, _servers = found(online)
    assert all_hosts(document) == {"in.hoster.test"}


def test_where_what_they_publish_does_not_answer_their_usual_names_are_tried(online):
    online.world.dns("example.test", MX=[(10, "mx1.hoster.test")])
    online.machine("mail.hoster.test")
    online.machine("old.hoster.test", ports=())
    online.publish("autoconfig.hoster.test", config_of("old.hoster.test", "hoster.test"))
    document, servers = found(online)
    assert servers["imap"] == "mail.hoster.test 993"
    assert by_trust(document)["imap"] == "guessed"


def test_a_certificate_for_another_name_at_those_who_take_the_mail_names_the_server(online):
    online.world.dns("example.test", MX=[(10, "mx1.hoster.test")])
    address = online.machine("box7.hoster.test")
    online.world.dns("mail.hoster.test", A=[address])
    document, servers = found(online)
    assert servers["imap"] == "box7.hoster.test 993"
    assert "certificate_name" in {warning["code"] for warning in document["warnings"]}


# --- the mail passes through a filter, and the SPF record says who sends


@pytest.fixture
def filtered(online):
    """A domain whose mail goes to a filter, and the servers of two big providers."""
    online.machine(FILTER, ports=())
    online.machine("imap.gmail.com", "pop.gmail.com", "smtp.gmail.com")
    online.machine("outlook.office365.com", "smtp.office365.com", ports=(993, 995, 587))
    return online


def publish_spf(online, *texts: str, mx: tuple[int, str] = (10, FILTER)) -> None:
    online.world.dns("example.test", TXT=texts, MX=[mx])


GOOGLE_MAY_SEND = "v=spf1 include:_spf.google.com ~all"
GOOGLE = {"imap": "imap.gmail.com 993", "pop3": "pop.gmail.com 995", "smtp": "smtp.gmail.com 465"}
MICROSOFT = {"imap": "outlook.office365.com 993", "pop3": "outlook.office365.com 995", "smtp": "smtp.office365.com 587"}


@pytest.mark.parametrize(
    ("records", "servers"),
    [
        (["v=spf1 include:_spf.google.com ~all"], GOOGLE),
        (["v=spf1 ip4:192.0.2.1 include:spf.protection.outlook.com -all"], MICROSOFT),
        (["V=SPF1 +INCLUDE:_SPF.GOOGLE.COM. ~ALL"], GOOGLE),
        (["v=spf1 redirect=_spf.google.com"], GOOGLE),
        (["google-site-verification=x", "v=spf1 include:_spf.google.com ~all", "v=DMARC1"], GOOGLE),
        (["v=spf1 include:sendgrid.net include:amazonses.com include:spf.protection.outlook.com -all"], MICROSOFT),
        (["v=spf1 include:_spf.example.test ~all"], MICROSOFT),
    ],
    ids=["google", "microsoft", "uppercase", "redirect", "other texts", "mass mail", "own include"],
)
def test_the_provider_that_may_send_for_the_domain_is_a_guess_with_its_reason(filtered, records, servers):
    publish_spf(filtered, *records)
    filtered.world.dns("_spf.example.test", TXT=["v=spf1 include:spf.protection.outlook.com ?all"])
    document, seen = found(filtered)
    assert seen == servers
    assert set(by_trust(document).values()) == {"guessed"}
    assert codes(document) == ["foreign_domain", "guess"]
    name = "Gmail" if servers is GOOGLE else "Microsoft 365"
    assert document["provider"]["name"] == name
    (question,) = [entry["text"] for entry in document["needs_consent"] if entry["code"] == "foreign_domain"]
    assert f"passes through {FILTER}" in question
    assert f"lets {name} send for it, so the mailboxes are probably there" in question


def test_the_screen_says_that_the_spf_record_names_the_provider(filtered):
    publish_spf(filtered, GOOGLE_MAY_SEND)
    for command in (("discover",), ("doctor", "--plain")):
        english = " ".join(filtered.run(command[0], ANNA, *command[1:]).stdout.split())
        assert "named by the domain's SPF record" in english
        assert "company that receives" not in english
    assert "indicato dal record SPF del dominio" in " ".join(
        filtered.run("discover", ANNA, "--lang", "it").stdout.split()
    )


def test_several_providers_are_all_named_and_the_first_one_is_taken(filtered):
    text = "v=spf1 include:_spf.google.com include:spf.protection.outlook.com -all"
    publish_spf(filtered, text)
    document, servers = found(filtered)
    assert servers == GOOGLE
    said = detail(document, "mx")
    assert "does not say which of them keeps the mailboxes" in said
    assert "it may as well be Microsoft 365" in said
    assert "probably" not in said


@pytest.mark.parametrize(
    "text",
    [
        "v=spf1 include:sendgrid.net include:servers.mcsv.net -all",
        "v=spf1 -include:_spf.google.com ~all",
        "v=spf1 include:%{i}._spf.google.com -all",
        "v=spf10 include:_spf.google.com -all",
        "spf2.0/pra include:_spf.google.com -all",
        "v=spf1 " + "ip4:192.0.2.1 " * 300 + "include:_spf.google.com -all",
        "v=spf1 include:example.test include:_a.example.test -all",
    ],
    ids=["mass mail", "denied", "macro", "another version", "another record", "too long", "circles"],
)
def test_a_record_that_names_no_provider_leads_nowhere(filtered, text):
    publish_spf(filtered, text)
    filtered.world.dns("_a.example.test", TXT=["v=spf1 include:_a.example.test include:_b.example.test -all"])
    filtered.world.dns("_b.example.test", TXT=["v=spf1 include:_spf.google.com -all"])  # one level is enough
    document, servers = found(filtered)
    assert servers == {"imap": None, "pop3": None, "smtp": None}
    assert document["provider"] is None


def test_servers_of_the_domain_itself_are_not_given_up_for_a_name_in_the_record(filtered):
    publish_spf(filtered, GOOGLE_MAY_SEND)
    filtered.machine("mail.example.test")
    document, _servers = found(filtered)
    assert all_hosts(document) == {"mail.example.test"}
    assert document["provider"] is None
    assert codes(document) == ["guess"]


def test_published_servers_are_not_mixed_with_a_name_in_the_record(filtered):
    publish_spf(filtered, GOOGLE_MAY_SEND)
    filtered.machine("mail.example.test", ports=(993, 465))
    filtered.srv("example.test", "mail.example.test", {"_imaps": 993, "_submissions": 465})
    document, _servers = found(filtered)
    assert all_hosts(document) == {"mail.example.test"}
    assert document["provider"] is None


def test_a_company_that_publishes_its_servers_is_no_filter(filtered):
    publish_spf(filtered, GOOGLE_MAY_SEND)
    filtered.machine("mail.filter.test")
    filtered.publish("autoconfig.filter.test", config_of("mail.filter.test", "filter.test"))
    document, _servers = found(filtered)
    assert all_hosts(document) == {"mail.filter.test"}


@pytest.mark.parametrize("others", ["", "include:_spf.hoster.test "])
@pytest.mark.parametrize("names", [("imap.hoster.test", "smtp.hoster.test"), ("mail.hoster.test",)])
def test_a_company_that_takes_the_mail_and_shows_servers_to_read_it_is_no_filter(filtered, names, others):
    text = f"v=spf1 a mx {others}include:spf.protection.outlook.com ~all"  # a tool that sends, too
    publish_spf(filtered, text, mx=(10, "mx1.hoster.test"))
    filtered.machine("mx1.hoster.test", ports=())
    filtered.machine(*names)
    document, servers = found(filtered)
    assert servers["imap"] == f"{names[0]} 993"
    assert servers["smtp"] == f"{names[-1]} 465"
    assert document["provider"] is None
    assert "No mail server answers" not in detail(document, "probe")


def test_a_company_that_only_sends_beside_taking_the_mail_is_a_filter(filtered):
    publish_spf(filtered, "v=spf1 include:_spf.filter.test include:_spf.google.com -all")
    filtered.machine("smtp.filter.test", ports=(465, 587))
    document, servers = found(filtered)
    assert servers == GOOGLE
    assert {server["host"].partition(".")[2] for server in (document["imap"], document["smtp"])} == {"gmail.com"}


def test_old_servers_that_no_longer_answer_do_not_hide_who_sends(filtered):
    publish_spf(filtered, GOOGLE_MAY_SEND)
    filtered.machine("old.example.test", ports=())
    filtered.publish("autoconfig.example.test", config_of("old.example.test", "example.test"))
    document, servers = found(filtered)
    assert servers == GOOGLE
    assert document["provider"]["name"] == "Gmail"


def test_a_filter_of_ones_own_is_a_filter_too(filtered):
    publish_spf(filtered, GOOGLE_MAY_SEND, mx=(10, "mx.example.test"))
    filtered.machine("mx.example.test", ports=())
    _document, servers = found(filtered)
    assert servers == GOOGLE


def test_settings_behind_a_filter_are_exported_only_when_both_were_agreed_to(filtered, tmp_path):
    publish_spf(filtered, GOOGLE_MAY_SEND)
    export = ("export", ANNA, "--no-input", "--timeout", "60", "--format", "autoconfig", "--output", str(tmp_path))
    assert filtered.run(*export).code == 3
    assert filtered.run(*export, "--accept", "guess").code == 3
    assert list(tmp_path.iterdir()) == []
    assert filtered.run(*export, "--accept", "guess", "--accept", "foreign_domain").code == 0


def test_a_domain_that_takes_no_mail_is_left_alone_whatever_its_record_says(filtered):
    publish_spf(filtered, GOOGLE_MAY_SEND, mx=(0, "."))
    _document, servers = found(filtered)
    assert servers == {"imap": None, "pop3": None, "smtp": None}
