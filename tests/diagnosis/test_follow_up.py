"""What else is looked at after a failure: every sign is a server or a resolver of ours that really behaves so."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from email.utils import formatdate

import pytest

from tests.diagnosis.situations import ADDRESS, ADDRESS_6, HOST
from tests.world import MailServer, Page
from wizard.model.secret import Secret
from wizard.model.servers import Protocol, SocketType
from wizard.net.failures import Failure
from wizard.net.unverified import fetch_http_head, identify_service

SSL, STARTTLS, PLAIN = SocketType.SSL, SocketType.STARTTLS, SocketType.PLAIN
OTHER = "203.0.113.20"


def _answering(seen):
    return [(port.port, port.socket_type) for port in seen.other_ports if port.answers]


# names


def test_a_domain_that_does_not_exist(world, climb):
    seen = climb(host="imap.nowhere.test")
    assert seen.extra["host_domain"] == "missing"
    assert seen.domain_exists is True  # that of the address
    assert seen.extra["domain_mx"] == HOST


def test_a_misspelt_host_of_a_domain_that_exists_and_the_right_one(world, climb):
    world.mail(ADDRESS, 993, MailServer(protocol="imap"))
    seen = climb(host="iamp.example.test")
    assert seen.failure == "no_such_name"
    assert seen.extra["host_domain"] == "exists"
    assert seen.other_names == (HOST,)


def test_names_that_answer_badly_are_not_named(world, climb):
    world.mail(ADDRESS, 993, MailServer(protocol="imap", certificate="expired"))
    assert climb(host="iamp.example.test").other_names == ()


def test_a_resolver_that_is_silent(world, climb):
    world.dns_behaviour("*", "silent")
    seen = climb(timeout=0.4)
    assert seen.failure in {"dns_timeout", "timeout"}
    assert seen.extra["deadline"] == "reached"


def test_a_resolver_that_refuses_everything(world, climb):
    world.dns_behaviour("*", "servfail")
    seen = climb()
    assert seen.failure == "dns_failed"
    assert seen.extra["dns"] == "silent"
    assert seen.domain_exists is None


# ports


def test_another_port_that_is_open_is_found(world, climb):
    world.mail(ADDRESS, 143, MailServer(protocol="imap", security="STARTTLS"))
    seen = climb(Protocol.IMAP, SSL, port=993)
    assert seen.failure == "connection_refused"
    assert _answering(seen) == [(143, STARTTLS)]


def test_every_port_for_sending_is_tried(world, climb):
    world.mail(ADDRESS, 465, MailServer(protocol="smtp"))
    world.mail(ADDRESS, 587, MailServer(protocol="smtp", security="STARTTLS"))
    seen = climb(Protocol.SMTP, STARTTLS, port=25)
    assert _answering(seen) == [(465, SSL), (587, STARTTLS)]


def test_a_web_server_without_mail_is_seen(world, climb):
    world.web(ADDRESS, {"https://mail.example.test/": Page("hello"), "http://mail.example.test/": Page("hello")})
    seen = climb()
    assert seen.extra["web"] == "443,80"
    assert seen.extra["http_status"] == "200"


# what is spoken


@pytest.mark.parametrize(("protocol", "spoken"), [("pop3", "pop3"), ("smtp", "smtp")])
def test_another_protocol_is_recognised_within_tls(world, climb, protocol, spoken):
    world.mail(ADDRESS, 993, MailServer(protocol=protocol))
    seen = climb()
    assert (seen.failure, seen.spoken) == ("wrong_protocol", spoken)
    assert not seen.extra["spoke_line"].startswith(f"{spoken.upper()}: ")  # the server's words, and no others


@pytest.mark.parametrize("protocol", Protocol)
def test_a_server_without_tls_where_tls_is_meant(world, climb, protocol):
    world.mail(ADDRESS, 1000, MailServer(protocol=protocol, security="STARTTLS"))
    seen = climb(protocol, SSL, port=1000)
    assert (seen.failure, seen.spoken) == ("not_tls", protocol.value)
    assert (1000, STARTTLS) in _answering(seen)


@pytest.mark.parametrize("protocol", Protocol)
def test_a_server_with_tls_where_none_is_meant(world, climb, protocol, monkeypatch):
    monkeypatch.setattr("wizard.diagnosis.ladder.CONVERSATION", 0.4)
    monkeypatch.setattr("wizard.net.unverified.BANNER_WAIT", 0.2)
    world.mail(ADDRESS, 1000, MailServer(protocol=protocol))
    seen = climb(protocol, STARTTLS, port=1000)
    assert (seen.failure, seen.spoken) == ("timeout", "tls")
    assert (1000, SSL) in _answering(seen)


def test_a_web_server_in_the_clear_is_recognised_by_asking_it(world, climb, monkeypatch):
    monkeypatch.setattr("wizard.diagnosis.ladder.CONVERSATION", 0.4)
    monkeypatch.setattr("wizard.net.unverified.BANNER_WAIT", 0.2)
    world.mail(ADDRESS, 143, MailServer(protocol="imap", security="plain", behaviour="web"))
    seen = climb(Protocol.IMAP, STARTTLS)
    assert seen.spoken == "http"
    assert seen.extra["spoke_line"] == "HTTP/1.1 400 Bad Request"


# TLS


@pytest.mark.parametrize("socket_type", [SSL, STARTTLS])
@pytest.mark.parametrize(
    ("wrong", "kind"),
    [
        ("self-signed", "tls_self_signed"),
        ("expired", "tls_expired"),
        ("not-yet-valid", "tls_not_yet_valid"),
        ("unknown-ca", "tls_untrusted"),
    ],
)
def test_a_certificate_that_is_refused_is_written_down(world, climb, socket_type, wrong, kind):
    world.mail(ADDRESS, 1000, MailServer(protocol="imap", security=socket_type, certificate=wrong))
    seen = climb(Protocol.IMAP, socket_type, port=1000)
    assert seen.failure == kind
    assert seen.certificate.names == (HOST,)
    assert seen.certificate.error
    assert seen.certificate.chain >= 1


def test_a_host_of_the_certificate_that_answers_well_is_the_name_to_enter(world, climb):
    names = ["imap.hoster.test", "gone.hoster.test", "*.hoster.test"]
    world.mail(ADDRESS, 993, MailServer(protocol="imap", certificate=names))
    world.dns("imap.hoster.test", A=[ADDRESS])
    world.dns("mail.hoster.test", A=[ADDRESS])
    seen = climb()
    assert seen.failure == "tls_name_mismatch"
    assert seen.certificate.names == tuple(names)
    assert seen.other_names == ("imap.hoster.test", "mail.hoster.test")


@pytest.mark.parametrize("off", [-100000, 0, 7200])
def test_the_clock_is_compared_with_that_of_a_web_server(world, climb, off):
    world.mail(ADDRESS, 993, MailServer(protocol="imap", certificate="expired"))
    world.dns("example.test", A=[OTHER])
    date = formatdate(time.time() - off, usegmt=True)
    world.web(OTHER, {"http://example.test/": Page("hello", headers={"Date": date})})
    assert abs(int(climb().extra["clock_off"]) - off) < 60


def test_the_same_unknown_issuer_elsewhere_is_seen(world, climb):
    world.mail(ADDRESS, 993, MailServer(protocol="imap", certificate="unknown-ca"))
    world.dns("example.test", A=[OTHER])
    world.web(OTHER, {"https://example.test/": Page("hello")}, certificate="unknown-ca")
    seen = climb()
    assert seen.extra["elsewhere_host"] == "example.test"
    assert seen.extra["elsewhere_issuer"] == seen.certificate.issuer


@pytest.mark.parametrize("socket_type", [SSL, STARTTLS])
@pytest.mark.parametrize("version", ["TLSv1", "TLSv1.1"])
def test_a_server_that_knows_old_tls_only(world, climb, socket_type, version):
    world.mail(ADDRESS, 1000, MailServer(protocol="imap", security=socket_type, tls_versions=[version]))
    seen = climb(Protocol.IMAP, socket_type, port=1000, password=Secret("never sent"))
    assert seen.only_old_tls == version
    assert seen.tls_version is None
    assert not world.logins


def test_a_handshake_that_breaks_is_looked_at_by_the_other_family_too(world, climb):
    world.dns(HOST, AAAA=[ADDRESS_6])
    world.mail(ADDRESS_6, 993, MailServer(protocol="imap", behaviour="close"))
    world.mail(ADDRESS, 993, MailServer(protocol="imap"))
    seen = climb()
    assert seen.failure == "connection_lost"
    assert seen.families == {"ipv4": "ok", "ipv6": "ok"}
    assert seen.extra["other_family"] == "ok"


# STARTTLS


def test_a_server_that_never_encrypts(world, climb):
    world.mail(ADDRESS, 143, MailServer(protocol="imap", security="plain"))
    seen = climb(Protocol.IMAP, STARTTLS)
    assert seen.failure == "starttls_missing"
    assert "IMAP4rev1" in seen.clear_capabilities
    assert _answering(seen) == []
    assert "starttls_mangled" not in seen.extra


@pytest.mark.parametrize(
    ("protocol", "capabilities", "port"),
    [
        ("smtp", ["SIZE", "XXXXXXXA"], 25),
        ("smtp", ["XXXXXXXX", "AUTH PLAIN"], 587),
        ("imap", ["IMAP4rev1", "XXXXXXXX"], 143),
    ],
)
def test_starttls_that_was_overwritten_on_the_way(world, climb, protocol, capabilities, port):
    world.mail(ADDRESS, port, MailServer(protocol=protocol, security="STARTTLS", capabilities_before_tls=capabilities))
    seen = climb(Protocol(protocol), STARTTLS, port=port)
    assert seen.failure == "starttls_missing"
    assert seen.extra["starttls_mangled"].startswith("XXXXXXX")


def test_starttls_that_is_missing_though_the_server_has_tls_on_its_own_port(world, climb):
    world.mail(
        ADDRESS, 143, MailServer(protocol="imap", security="STARTTLS", capabilities_before_tls=["IMAP4rev1", "ID"])
    )
    world.mail(ADDRESS, 993, MailServer(protocol="imap"))
    assert _answering(climb(Protocol.IMAP, STARTTLS)) == [(993, SSL)]


def test_starttls_that_another_address_of_the_host_announces(world, climb):
    world.dns("two.example.test", A=[ADDRESS, OTHER])
    world.mail(ADDRESS, 143, MailServer(protocol="imap", security="plain"))
    world.mail(OTHER, 143, MailServer(protocol="imap", security="plain", capabilities=["IMAP4rev1", "STARTTLS"]))
    # Which of the two is connected to is chance: the resolver of the world shuffles its records.
    climbs = (climb(Protocol.IMAP, STARTTLS, host="two.example.test") for _ in range(20))
    seen = next(observation for observation in climbs if observation.failure == "starttls_missing")
    assert seen.extra["starttls_elsewhere"] == OTHER


# the network itself


def test_a_network_that_invents_names_and_answers_as_a_web_server(world, climb):
    world.dns("*.invalid", A=[ADDRESS])
    world.web(
        ADDRESS,
        {"http://mail.example.test/": Page("", status=302, headers={"Location": "http://login.hotel.test/?x=1"})},
    )
    seen = climb()
    assert seen.extra["dns_invents"] == ADDRESS
    assert seen.extra["dns_invents_host"] == "yes"
    assert (seen.extra["http_status"], seen.extra["http_location"]) == ("302", "login.hotel.test")


def test_an_honest_network_invents_nothing(world, climb):
    seen = climb()
    assert not [key for key in seen.extra if key.startswith(("dns", "http"))]


def test_private_addresses_that_a_stranger_sends_us_to_are_told_and_not_dialled(world, climb):
    world.dns("inside.example.test", A=["10.0.0.1"])
    world.dns("*.invalid", A=["10.0.0.1"])
    seen = climb(host="inside.example.test", network=world.network(allow_private=False))
    assert (seen.failure, seen.addresses) == ("address_not_allowed", ("10.0.0.1",))
    assert seen.extra["dns_invents_host"] == "yes"
    assert ("10.0.0.1", 993) not in world.dialled


def test_after_a_login_nothing_more_is_looked_at(world, climb):
    world.mail(ADDRESS, 993, MailServer(protocol="imap"))
    seen = climb(password=Secret("wrong"))
    assert seen.failure == "login_refused"
    assert seen.other_ports == ()
    assert {port for _, port in world.dialled} == {993}


@pytest.mark.parametrize("behaviour", ["silent", "garbage", "endless", "big_headers", "slow", "reset"])
def test_a_hostile_web_server_is_a_failure_or_a_little_head(world, behaviour, monkeypatch):
    monkeypatch.setattr("wizard.net.unverified.TIMEOUT", 0.5)
    world.web(ADDRESS, {"http://mail.example.test/": Page("x", behaviour=behaviour)})
    seen = asyncio.run(fetch_http_head(world.network(), HOST))
    assert isinstance(seen, Failure) or seen.status == 200


def test_the_first_line_of_anything_is_printable(world, monkeypatch):
    monkeypatch.setattr("wizard.net.unverified.BANNER_WAIT", 0.2)
    world.mail(ADDRESS, 1000, MailServer(protocol="imap", security="plain", greeting="SSH-2.0 \x1b[2J"))
    assert asyncio.run(identify_service(world.network(), HOST, 1000)) == ("ssh", "SSH-2.0 \ufffd[2J")


def test_a_network_restricted_to_addresses_dials_no_other(world):
    network = world.network()
    only = replace(network, policy=replace(network.policy, only=frozenset({OTHER})))
    assert isinstance(asyncio.run(fetch_http_head(only, HOST)), Failure)
    assert world.dialled == []
