"""Published ports and securities that contradict each other: what works is used, and the contradiction is named."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

import pytest

from tests.discovery.published_files import config, incoming, outgoing
from tests.test_schemas import wrong
from tests.world import MailServer, Page
from wizard.diagnosis import ladder
from wizard.discovery.catalogue import find_provider
from wizard.model.address import Domain
from wizard.resources.templates import templates_root

ANNA = "anna@example.test"
HOST = "mail.example.test"
OUTLOOK = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"
PORTS = {"imap": (993, 143), "pop3": (995, 110), "smtp": (465, 587)}


def document(online, *arguments: str, code: int = 0) -> dict:
    ran = online.run("discover", ANNA, "--json", *arguments)
    assert ran.code == code, ran.stdout + ran.stderr
    return json.loads(ran.stdout)


def pair(server: dict | None) -> str | None:
    return None if server is None else f"{server['port']} {server['socket_type']} {server['verified']}"


def texts(found: dict, code: str) -> list[str]:
    return [warning["text"] for warning in found["warnings"] if warning["code"] == code]


def publish(online, *servers: str) -> None:
    online.publish("autoconfig.example.test", config(*servers))


def at(kind: str, port: int, security: str, host: str = HOST) -> str:
    return outgoing(host, port, security) if kind == "smtp" else incoming(host, port, kind, security)


def autodiscover(online, *servers: tuple[str, int, dict]) -> None:
    """A response with an element for each (type, port, further elements)."""
    inside = "".join(
        f"<Protocol><Type>{kind}</Type><Server>{HOST}</Server><Port>{port}</Port>"
        + "".join(f"<{name}>{value}</{name}>" for name, value in more.items())
        + "</Protocol>"
        for kind, port, more in servers
    )
    page = Page(f'<Autodiscover><Response xmlns="{OUTLOOK}"><Account>{inside}</Account></Response></Autodiscover>')
    online.publish("autodiscover.example.test", page, "/autodiscover/autodiscover.xml")


# --- port and security contradict each other


def test_starttls_on_the_ports_of_tls_is_tls_from_the_first_byte(online):
    online.machine(HOST)
    publish(online, *(at(kind, tls, "STARTTLS") for kind, (tls, _clear) in PORTS.items()))
    found = document(online)
    assert wrong("discover", found) == []
    assert [pair(found[kind]) for kind in PORTS] == ["993 SSL True", "995 SSL True", "465 SSL True"]
    assert [found[kind]["source"] for kind in PORTS] == ["autoconfig"] * 3
    named = texts(found, "contradictory_port")
    assert len(named) == 3
    assert "IMAP mail.example.test 993 is published with STARTTLS (autoconfig)" in named[0]
    assert "SSL/TLS works there" in named[0]
    assert not texts(found, "not_answering")
    assert found["needs_consent"] == []


def test_tls_on_the_ports_of_starttls_is_starttls(online):
    online.machine(HOST, ports=(143, 110, 587))
    publish(online, *(at(kind, clear, "SSL") for kind, (_tls, clear) in PORTS.items()))
    found = document(online)
    assert [pair(found[kind]) for kind in PORTS] == ["143 STARTTLS True", "110 STARTTLS True", "587 STARTTLS True"]
    assert all("with SSL/TLS (autoconfig)" in text for text in texts(found, "contradictory_port"))
    assert len(texts(found, "contradictory_port")) == 3


@pytest.mark.parametrize(
    ("services", "ports"),
    [
        ({"_imap": 993, "_pop3": 995, "_submission": 465}, (993, 995, 465)),
        ({"_imaps": 143, "_pop3s": 110, "_submissions": 587}, (143, 110, 587)),
    ],
)
def test_srv_records_of_the_wrong_service(online, services, ports):
    online.machine(HOST, ports=ports)
    online.srv("example.test", HOST, services)
    found = document(online)
    assert [found[kind]["port"] for kind in PORTS] == list(ports)
    assert {found[kind]["socket_type"] for kind in PORTS} == {"SSL" if 993 in ports else "STARTTLS"}
    assert all(found[kind]["verified"] for kind in PORTS)
    assert len(texts(found, "contradictory_port")) == 3


@pytest.mark.parametrize("port", [25, 2525])
def test_tls_on_the_other_ports_of_sending(online, port):
    server = MailServer(protocol="smtp", security="STARTTLS", certificate=[HOST])
    online.world.mail(online.machine(HOST, ports=(993,)), port, server)
    publish(online, incoming(HOST), outgoing(HOST, port, "SSL"))
    assert pair(document(online)["smtp"]) == f"{port} STARTTLS True"


def test_the_published_pair_stays_where_it_works(online):
    online.machine(HOST, ports=(993, 465), security="STARTTLS")
    publish(online, at("imap", 993, "STARTTLS"), at("smtp", 465, "STARTTLS"))
    found = document(online)
    assert [pair(found["imap"]), pair(found["smtp"])] == ["993 STARTTLS True", "465 STARTTLS True"]
    assert not texts(found, "contradictory_port")


def test_sources_that_make_the_same_mistake_are_named_together_and_do_not_disagree(online):
    online.machine(HOST, ports=(993, 465))
    online.srv("example.test", HOST, {"_imap": 993, "_submissions": 465})
    publish(online, at("imap", 993, "STARTTLS"), at("smtp", 465, "SSL"))
    found = document(online)
    assert pair(found["imap"]) == "993 SSL True"
    (named,) = texts(found, "contradictory_port")
    assert "(DNS records (SRV), autoconfig)" in named
    assert not texts(found, "sources_disagree")
    assert all(server["socket_type"] == "SSL" for server in found["alternatives"])


def test_a_file_that_names_a_port_in_both_ways_names_one_server(online):
    online.machine(HOST, ports=(993, 465))
    publish(online, at("imap", 993, "STARTTLS"), at("imap", 993, "SSL"), at("smtp", 465, "SSL"))
    found = document(online)
    assert pair(found["imap"]) == "993 SSL True"
    assert [server for server in found["alternatives"] if server["protocol"] == "imap"] == []
    assert not texts(found, "contradictory_port")


def test_a_good_server_after_one_that_contradicts_itself(online):
    online.machine(HOST, ports=(143, 993, 465))
    publish(online, at("imap", 143, "SSL"), at("imap", 993, "SSL"), at("smtp", 465, "SSL"))
    found = document(online)
    assert pair(found["imap"]) == "993 SSL True"
    # It is no alternative as long as nobody has seen with what it works: a file would have the useless pair.
    assert all(server["port"] != 143 or server["socket_type"] == "STARTTLS" for server in found["alternatives"])


def test_every_file_has_the_pair_that_works(online, tmp_path):
    online.machine(HOST)
    publish(online, at("imap", 993, "STARTTLS"), at("smtp", 465, "STARTTLS"))
    ran = online.run("export", ANNA, "--no-input", "--format", "autoconfig", "--format", "card", "--output", "out")
    assert ran.code == 0, ran.stderr
    tree = ET.fromstring((tmp_path / "out" / "config-v1.1.xml").read_bytes())
    assert [element.text for element in tree.iter("socketType")] == ["SSL", "SSL"]
    assert "STARTTLS" not in (tmp_path / "out" / f"{ANNA}.txt").read_text(encoding="utf-8")


def test_the_doctor_examines_the_pair_that_works_and_says_what_is_published(online):
    online.machine(HOST)
    publish(online, at("imap", 993, "STARTTLS"), at("smtp", 465, "plain"))
    ran = online.run("doctor", ANNA, "--json")
    assert ran.code == 0, ran.stdout
    seen = json.loads(ran.stdout)
    assert wrong("doctor", seen) == []
    assert {target["socket_type"] for target in seen["targets"]} == {"SSL"}
    # A program that set itself up has what is published, which is why it does not connect.
    codes = [note["code"] for note in seen["notes"]]
    assert codes == ["contradictory_port", "encryption_offered", "login_not_tried"]


# --- where it does not work in the other way either


def test_a_bad_certificate_is_what_is_said_of_the_pair_that_the_port_means(online):
    online.machine(HOST, ports=(993,), certificate="self-signed")
    online.machine("smtp.example.test", ports=(465,))
    publish(online, at("imap", 993, "STARTTLS"), outgoing("smtp.example.test"))
    found = document(online)
    assert pair(found["imap"]) == "993 SSL False"
    assert texts(found, "not_answering") == ["The certificate of mail.example.test 993 is self-signed."]
    assert not texts(found, "contradictory_port")


def test_a_certificate_for_another_name_is_offered_under_that_name(online):
    address = online.machine(HOST, ports=())
    online.world.dns("box.example.test", A=[address])
    for port, kind in ((993, "imap"), (465, "smtp")):
        online.world.mail(address, port, MailServer(protocol=kind, certificate=["box.example.test"]))
    publish(online, at("imap", 993, "STARTTLS"), at("smtp", 465, "STARTTLS"))
    found = document(online)
    assert (found["imap"]["host"], pair(found["imap"])) == ("box.example.test", "993 SSL True")


def test_a_closed_port_refuses_in_either_way(online):
    online.machine(HOST, ports=(465,))
    publish(online, at("imap", 993, "STARTTLS"), at("smtp", 465, "SSL"))
    found = document(online)
    assert pair(found["imap"]) == "993 STARTTLS False"
    assert texts(found, "not_answering") == ["mail.example.test 993 refused the connection."]


def test_where_neither_works_both_are_named_in_one_sentence(online):
    online.machine(HOST, ports=(993,), behaviour="silent")
    online.machine("smtp.example.test", ports=(465,))
    publish(online, at("imap", 993, "STARTTLS"), outgoing("smtp.example.test"))
    found = document(online, "--timeout", "2")
    assert pair(found["imap"]) == "993 STARTTLS False"
    (text,) = texts(found, "not_answering")
    assert "STARTTLS (as published), SSL/TLS (usual on this port)" in text


# --- published without encryption


def test_a_server_that_is_published_without_encryption_and_offers_it_is_used_with_it(online):
    online.machine(HOST, ports=(143, 995, 587))
    publish(online, at("imap", 143, "plain"), at("pop3", 995, "plain"), at("smtp", 587, "plain"))
    for options in ((), ("--allow-insecure",)):
        found = document(online, *options)
        assert [pair(found[kind]) for kind in PORTS] == ["143 STARTTLS True", "995 SSL True", "587 STARTTLS True"]
        assert found["needs_consent"] == []
        assert not texts(found, "plaintext_only")
        named = texts(found, "encryption_offered")
        assert len(named) == 3
        assert "IMAP mail.example.test 143 is published without encryption (autoconfig)" in named[0]


def test_a_published_encryption_is_never_given_up(online):
    online.machine(HOST, ports=(143, 587), security="plain")
    publish(online, at("imap", 143, "SSL"), at("smtp", 587, "STARTTLS"))
    found = document(online, "--allow-insecure")
    assert [pair(found["imap"]), pair(found["smtp"])] == ["143 SSL False", "587 STARTTLS False"]


def test_only_a_server_that_was_asked_is_said_to_offer_no_encryption(online):
    online.machine(HOST, ports=(143,), security="plain")
    publish(online, at("imap", 143, "plain"), at("pop3", 110, "plain"), at("smtp", 587, "plain"))
    found = document(online, "--no-probe", code=4)
    offers_none, unanswered = texts(found, "plaintext_only")
    assert offers_none.startswith("Left out, because they offer no encryption: IMAP mail.example.test 143.")
    assert (
        "no encrypted connection to them succeeded: POP3 mail.example.test 110, SMTP mail.example.test 587."
        in unanswered
    )


def test_without_a_network_nothing_is_said_but_what_is_published(online, tmp_path, monkeypatch):
    own = tmp_path / "mine" / "providers"
    own.mkdir(parents=True)
    bundled = (templates_root() / "providers" / "nifty.yaml").read_text(encoding="utf-8")
    plain = bundled.replace("port: 995", "port: 110").replace("port: 465", "port: 587").replace("SSL", "plain")
    (own / "nifty.yaml").write_text(plain, encoding="utf-8")
    known = find_provider(Domain("nifty.com"), own=own.parent)
    monkeypatch.setattr("wizard.discovery.sources.catalogue.find_provider", lambda *_domain, **_own: known)
    found = json.loads(online.run("discover", "anna@nifty.com", "--offline", "--json").stdout)
    (text,) = texts(found, "plaintext_only")
    assert text.startswith("Left out, because they are published without encryption, and not tried: ")


# --- Autodiscover


def test_autodiscover_with_tls_on_the_ports_of_tls(online):
    online.machine(HOST)
    tls = {"SSL": "on", "Encryption": "TLS"}
    autodiscover(online, ("IMAP", 993, tls), ("POP3", 995, {**tls, "SSL": "off"}), ("SMTP", 465, tls))
    found = document(online)
    assert [pair(found[kind]) for kind in PORTS] == ["993 SSL True", "995 SSL True", "465 SSL True"]
    assert not texts(found, "contradictory_port")


@pytest.mark.parametrize("more", [{"SSL": "off"}, {"SSL": "on", "Encryption": "None"}])
def test_autodiscover_without_encryption_on_the_ports_of_tls(online, more):
    online.machine(HOST)
    autodiscover(online, ("IMAP", 993, more), ("SMTP", 465, more))
    found = document(online)
    assert [pair(found["imap"]), pair(found["smtp"])] == ["993 SSL True", "465 SSL True"]
    assert not texts(found, "plaintext_only")
    assert len(texts(found, "encryption_offered")) == 2


def test_no_encryption_is_asserted_of_a_silent_server_on_a_port_of_tls(online):
    online.machine(HOST, ports=())
    autodiscover(online, ("IMAP", 993, {"SSL": "off"}), ("SMTP", 465, {"SSL": "off"}))
    found = document(online)
    assert [pair(found["imap"]), pair(found["smtp"])] == ["993 SSL False", "465 SSL False"]
    assert not texts(found, "plaintext_only")


def test_autodiscover_with_ssl_on_the_ports_of_starttls(online):
    online.machine(HOST, ports=(143, 587))
    autodiscover(online, ("IMAP", 143, {"Encryption": "SSL"}), ("SMTP", 587, {"Encryption": "SSL"}))
    found = document(online)
    assert [pair(found["imap"]), pair(found["smtp"])] == ["143 STARTTLS True", "587 STARTTLS True"]
    assert len(texts(found, "contradictory_port")) == 2


def test_a_file_on_a_port_of_tls_means_tls_where_nobody_connects(run_cli, tmp_path):
    inside = f"<Protocol><Type>IMAP</Type><Server>{HOST}</Server><Port>993</Port><SSL>off</SSL></Protocol>"
    text = f'<Autodiscover><Response xmlns="{OUTLOOK}"><Account>{inside}</Account></Response></Autodiscover>'
    (tmp_path / "autodiscover.xml").write_text(text, encoding="utf-8")
    found = json.loads(run_cli("inspect", "autodiscover.xml", "--json", "--account", ANNA).stdout)
    assert pair(found["imap"]) == "993 SSL None"
    (named,) = texts(found, "contradictory_port")
    assert "IMAP mail.example.test 993 is written with none" in named
    assert found["alternatives"] == []


# --- what a person typed is examined as typed


@pytest.mark.parametrize(
    ("kind", "port", "security", "code"),
    [
        ("imap", 993, "STARTTLS", "plain_on_tls_port"),
        ("pop3", 995, "STARTTLS", "plain_on_tls_port"),
        ("smtp", 465, "plain", "plain_on_tls_port"),
        ("imap", 143, "SSL", "tls_on_plain_port"),
        ("pop3", 110, "SSL", "tls_on_plain_port"),
        ("smtp", 587, "SSL", "tls_on_plain_port"),
    ],
)
def test_the_doctor_names_the_wrong_pair_that_was_typed(online, monkeypatch, kind, port, security, code):
    # The greeting that never comes is not waited for to the end: that would be the whole run.
    monkeypatch.setattr(ladder, "CONVERSATION", 600)
    online.machine(HOST, ports=(port,))
    ran = online.run("doctor", ANNA, f"--{kind}", f"{HOST}:{port}", "--security", security, "--json")
    (finding,) = json.loads(ran.stdout)["findings"]
    assert (finding["code"], finding["confidence"]) == (code, "certain")
    assert ran.code == 5


def test_the_guided_way_needs_no_agreement_and_writes_the_pair_that_works(online, tmp_path):
    online.machine(HOST)
    publish(online, at("imap", 993, "STARTTLS"), at("smtp", 465, "plain"))
    ran = online.run("setup", ANNA, "--no-input", "--defaults", "--set", "clients=autoconfig", "--output", "out")
    assert ran.code == 0, ran.stderr
    (written,) = (tmp_path / "out").rglob("config-v1.1.xml")
    assert [element.text for element in ET.fromstring(written.read_bytes()).iter("socketType")] == ["SSL", "SSL"]
