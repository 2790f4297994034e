"""Telling causes apart: names, ports, networks and certificates."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.diagnosis.observations import (
    ANNA,
    AVAST,
    CERTAIN,
    DNS,
    GOOD,
    GREETING,
    IMAP,
    LEAF_ALONE,
    LIKELY,
    OTHER_NAME,
    OWN_AUTHORITY,
    POP3,
    POSSIBLE,
    SMTP,
    STARTTLS,
    TCP,
    TLS,
    causes,
    codes,
    failing,
    healthy,
    only_finding,
    ports,
    provider,
    root_cause,
)
from wizard.diagnosis.evidence import best_host
from wizard.diagnosis.rules import find_causes
from wizard.model.address import parse_address
from wizard.model.diagnosis import Rung, RungStatus


def test_a_redirection_of_a_mail_host_to_the_page_of_its_owner_is_no_captive_portal():
    seen = failing(TLS, "tls_expired", extra={"http_status": "301", "http_location": "www.host.example.net"})
    assert codes(seen) == ["tls_expired"]


def test_ipv6_is_not_blamed_where_ipv4_does_not_work_either():
    assert codes(failing(TCP, "timeout", families={"ipv4": "timeout", "ipv6": "timeout"})) == ["port_filtered"]


def test_ipv6_that_connects_and_then_loses_everything_is_the_cause():
    rungs = (Rung(TCP, RungStatus.OK, "2001:db8::10"), Rung(TLS, RungStatus.FAILED))
    assert codes(failing(TLS, "timeout", rungs=rungs, extra={"other_family": "ok"})) == ["ipv6_broken"]


def test_a_host_for_mail_with_a_web_page_beside_it_is_not_called_a_web_server():
    assert codes(failing(TCP, "connection_refused", host="imap.example.org", extra={"web": "443"})) == ["port_refused"]


def test_a_silent_port_of_a_host_with_web_pages_may_be_either():
    found = causes(failing(TCP, "timeout", extra={"web": "443"}))
    assert [(finding.code, finding.confidence) for finding in found] == [
        ("port_filtered", LIKELY),
        ("host_is_a_web_server", POSSIBLE),
    ]


def test_a_host_that_answers_mail_on_another_port_is_no_web_server():
    seen = [failing(TCP, "connection_refused", POP3, extra={"web": "443"}), healthy(IMAP)]
    assert codes(*seen) == ["port_refused"]


def test_names_of_a_certificate_that_were_seen_to_answer_come_first():
    found = only_finding(
        failing(TLS, "tls_name_mismatch", certificate=OTHER_NAME, other_names=("mx.host.example.net",))
    )
    assert "Enter mx.host.example.net" in found.steps[0]


def test_a_certificate_with_wildcards_only_names_no_host_to_enter():
    found = only_finding(failing(TLS, "tls_name_mismatch", certificate=replace(GOOD, names=("*.host.example.net",))))
    assert "Ask the company that hosts the mail of example.org which server name" in found.steps[0]
    assert "*.host.example.net" in found.evidence


@pytest.mark.parametrize(
    ("kind", "off", "words"),
    [
        ("tls_expired", "90000000", "clock of this device is wrong"),
        ("tls_expired", "3", "expired on"),
        ("tls_not_yet_valid", "-90000000", "clock of this device is slow"),
        ("tls_not_yet_valid", "2", "too early"),
        ("tls_expired", "nonsense", "expired on"),
    ],
)
def test_the_clock_is_blamed_where_it_was_seen_to_be_wrong(kind, off, words):
    assert words in only_finding(failing(TLS, kind, extra={"clock_off": off})).cause


def test_the_provider_s_own_server_with_an_unknown_certificate_is_intercepted():
    seen = failing(TLS, "tls_untrusted", host="imap.gmail.com", certificate=OWN_AUTHORITY)
    found = only_finding(seen, of=parse_address("anna@gmail.com"), at="gmail")
    assert (found.code, found.confidence) == ("tls_intercepted", LIKELY)
    assert "Example Corp Authority" in found.evidence


def test_an_unknown_issuer_that_another_owner_s_host_shows_too_is_in_between():
    extra = {"elsewhere_host": "www.other.example.com", "elsewhere_issuer": OWN_AUTHORITY.issuer}
    assert codes(failing(TLS, "tls_untrusted", certificate=OWN_AUTHORITY, extra=extra)) == ["tls_intercepted"]


def test_an_unknown_issuer_of_mail_and_web_of_one_owner_is_most_likely_the_owner_s():
    extra = {"elsewhere_host": "www.example.org", "elsewhere_issuer": OWN_AUTHORITY.issuer}
    found = causes(failing(TLS, "tls_untrusted", certificate=OWN_AUTHORITY, extra=extra))
    assert ("tls_self_signed", LIKELY) in {(finding.code, finding.confidence) for finding in found}
    assert ("tls_intercepted", POSSIBLE) in {(finding.code, finding.confidence) for finding in found}


def test_a_public_issuer_on_both_hosts_is_a_missing_certificate_and_no_interception():
    extra = {"elsewhere_host": "www.other.example.com", "elsewhere_issuer": LEAF_ALONE.issuer}
    assert codes(failing(TLS, "tls_untrusted", certificate=LEAF_ALONE, extra=extra)) == ["tls_chain_incomplete"]


def test_names_that_nobody_answers_for_are_not_called_wrong():
    found = only_finding(failing(DNS, "dns_timeout", extra={"dns": "silent"}))
    assert (found.code, found.confidence) == ("host_not_found", CERTAIN)
    assert "not online" in found.cause


def test_a_protocol_that_the_provider_does_not_have_is_no_matter_of_ports():
    only_imap = next(name for name in ("icloud",) if provider(name).offers == "imap_only")
    seen = failing(TCP, "connection_refused", POP3, "pop.mail.me.com")
    found = only_finding(seen, of=parse_address("anna@icloud.com"), at=only_imap)
    assert found.code == "protocol_switched_off"
    assert "as IMAP" in found.steps[0]


def test_a_resolver_that_is_silent_until_the_deadline_is_no_fault_of_the_server():
    found = only_finding(failing(DNS, "timeout", extra={"deadline": "reached"}))
    assert (found.code, found.confidence) == ("host_not_found", LIKELY)


def test_names_that_are_invented_without_a_web_page_say_so():
    found = only_finding(
        failing(
            DNS, "address_not_allowed", extra={"dns_invents": "10.0.0.1", "dns_invents_host": "yes"}, detail="10.0.0.1"
        )
    )
    assert found.code == "captive_portal"
    assert "10.0.0.1" in found.evidence


@pytest.mark.parametrize(
    ("extra", "spoke", "sure"),
    [
        ({"http_status": "511"}, None, CERTAIN),
        ({"dns_invents_host": "yes", "dns_invents": "203.0.113.9"}, None, LIKELY),
        ({"dns_invents_host": "yes", "dns_invents": "203.0.113.9"}, "http", CERTAIN),
        ({"dns_invents_host": "yes", "http_location": "login.example"}, None, CERTAIN),
        ({"http_location": "192.168.1.1"}, None, LIKELY),
    ],
)
def test_how_sure_a_captive_portal_is(extra, spoke, sure):
    found = only_finding(failing(TLS, "not_tls", extra=extra, spoken=spoke))
    assert (found.code, found.confidence) == ("captive_portal", sure)


@pytest.mark.parametrize(
    "extra", [{"dns_invents": "203.0.113.9"}, {"http_location": "8.8.8.8"}, {"http_status": "302"}, {"web": "80"}]
)
def test_one_sign_alone_is_no_captive_portal(extra):
    assert codes(failing(TLS, "tls_expired", extra=extra)) == ["tls_expired"]


def test_web_pages_in_place_of_two_owners_servers_are_a_captive_portal():
    seen = [
        failing(TLS, "not_tls", protocol, host, spoken="http")
        for protocol, host in ((IMAP, "a.example.org"), (SMTP, "b.other.com"))
    ]
    assert codes(*seen) == ["captive_portal"]
    assert (
        codes(seen[0], replace(seen[1], target=replace(seen[1].target, host="b.example.org")))
        == ["host_is_a_web_server"] * 2
    )


def test_two_owners_hosts_that_lead_to_the_same_page_are_a_captive_portal():
    hosts = ((IMAP, "a.example.org"), (SMTP, "b.other.com"))
    seen = [
        failing(TCP, "timeout", protocol, host, extra={"http_location": "login.hotel.net"}) for protocol, host in hosts
    ]
    assert codes(*seen) == ["captive_portal"]


def test_a_silent_port_of_a_host_named_for_the_web_is_a_web_server_first():
    found = causes(failing(TCP, "timeout", host="www.example.org", extra={"web": "443"}))
    assert [(finding.code, finding.confidence) for finding in found] == [
        ("host_is_a_web_server", LIKELY),
        ("port_filtered", LIKELY),
    ]


def test_a_connection_that_is_cut_at_once_counts_as_refused_before_tls_only():
    assert codes(failing(TCP, "connection_lost")) == ["port_refused"]
    assert codes(failing(TLS, "connection_lost")) == ["temporarily_unavailable"]


def test_one_certificate_of_an_unknown_issuer_may_be_either():
    found = causes(failing(TLS, "tls_untrusted", certificate=replace(OWN_AUTHORITY, chain=1)))
    assert [(finding.code, finding.confidence) for finding in found] == [
        ("tls_self_signed", LIKELY),
        ("tls_chain_incomplete", POSSIBLE),
    ]


IMAP_ONLY = provider("icloud")
POP_ONLY, NEITHER = replace(IMAP_ONLY, offers="pop_only"), replace(IMAP_ONLY, offers="neither")


@pytest.mark.parametrize(
    ("observation", "at", "expected"),
    [
        (failing(DNS, "no_address"), None, ("host_not_found", "", CERTAIN)),
        (failing(DNS, "dns_failed"), None, ("host_not_found", "no_answer", LIKELY)),
        (failing(DNS, "dns_timeout"), None, ("host_not_found", "no_answer", LIKELY)),
        (failing(DNS, "address_not_allowed"), None, ("host_not_found", "private", LIKELY)),
        (failing(TCP, "unreachable"), None, ("port_filtered", "unreachable", LIKELY)),
        (failing(TCP, "timeout", SMTP, port=25), None, ("port_25_blocked", "", POSSIBLE)),
        (failing(TCP, "unreachable", SMTP, port=25), None, ("port_25_blocked", "", POSSIBLE)),
        (failing(TCP, "timeout", SMTP, port=26), None, ("port_filtered", "", LIKELY)),
        (failing(TCP, "timeout", IMAP, port=25), None, ("port_filtered", "", LIKELY)),
        (failing(TLS, "tls_name_mismatch", certificate=AVAST), None, ("tls_intercepted", "", CERTAIN)),
        (failing(TLS, "tls_name_mismatch", certificate=None), None, ("tls_name_mismatch", "", CERTAIN)),
        (failing(TLS, "tls_self_signed", certificate=AVAST), None, ("tls_intercepted", "", CERTAIN)),
        (failing(TLS, "tls_untrusted", certificate=None), None, ("tls_self_signed", "unknown_authority", CERTAIN)),
        (
            failing(TLS, "tls_untrusted", certificate=OWN_AUTHORITY),
            None,
            ("tls_self_signed", "unknown_authority", LIKELY),
        ),
        (failing(TLS, "tls_untrusted", certificate=GOOD), None, ("tls_chain_incomplete", "", LIKELY)),
        (failing(TLS, "tls_too_old"), None, ("tls_too_old", "", LIKELY)),
        (failing(TLS, "tls_failed"), None, ("tls_too_old", "", POSSIBLE)),
        (failing(TLS, "tls_failed", only_old_tls="TLSv1"), None, ("tls_too_old", "", LIKELY)),
        (failing(TLS, "tls_failed", extra={"tls_weak": "TLSv1.2"}), None, ("tls_too_old", "", LIKELY)),
        (failing(TLS, "connection_lost", only_old_tls="TLSv1"), None, ("tls_too_old", "", CERTAIN)),
        (failing(TLS, "tls_expired", extra={"clock_off": "86400"}), None, ("tls_expired", "", CERTAIN)),
        (failing(TLS, "tls_expired", extra={"clock_off": "86401"}), None, ("tls_expired", "clock", CERTAIN)),
        (
            failing(TLS, "tls_not_yet_valid", extra={"clock_off": "-3600"}),
            None,
            ("tls_not_yet_valid", "clock_right", CERTAIN),
        ),
        (
            failing(TLS, "tls_not_yet_valid", extra={"clock_off": "-3601"}),
            None,
            ("tls_not_yet_valid", "clock", CERTAIN),
        ),
        (failing(DNS, "no_such_name", POP3), IMAP_ONLY, ("protocol_switched_off", "not_offered", LIKELY)),
        (failing(TCP, "timeout", IMAP), POP_ONLY, ("protocol_switched_off", "not_offered", LIKELY)),
        (failing(TCP, "timeout", IMAP), NEITHER, ("protocol_switched_off", "not_offered", LIKELY)),
        (failing(TCP, "timeout", POP3), NEITHER, ("protocol_switched_off", "not_offered", LIKELY)),
        (failing(TCP, "timeout", POP3), POP_ONLY, ("port_filtered", "", LIKELY)),
        (failing(TCP, "timeout", SMTP), NEITHER, ("port_filtered", "", LIKELY)),
        # Nobody came as far as the provider.
        (failing(DNS, "dns_failed", POP3), IMAP_ONLY, ("host_not_found", "no_answer", LIKELY)),
        (failing(DNS, "dns_timeout", POP3), IMAP_ONLY, ("host_not_found", "no_answer", LIKELY)),
        (failing(DNS, "address_not_allowed", POP3), IMAP_ONLY, ("host_not_found", "private", LIKELY)),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else getattr(value, "failure", None) or "",
)
def test_what_keeps_a_program_from_connecting(observation, at, expected):
    assert root_cause(observation, at=at) == [expected]


def test_a_protocol_that_works_is_not_called_switched_off():
    assert root_cause(healthy(POP3), at=IMAP_ONLY) == []


@pytest.mark.parametrize(("at", "offers"), [(IMAP_ONLY, True), (NEITHER, False)])
def test_the_other_protocol_is_named_where_the_provider_offers_it(at, offers):
    (found,) = find_causes(ANNA, [failing(TCP, "timeout", POP3)], at)
    assert any("IMAP" in step for step in found.steps) == offers


@pytest.mark.parametrize(("kind", "named"), [("no_such_name", True), ("no_address", True), ("timeout", False)])
def test_a_protocol_that_is_not_offered_quotes_the_name_system_where_that_said_no(kind, named):
    (found,) = find_causes(ANNA, [failing(TCP if kind == "timeout" else DNS, kind, POP3)], IMAP_ONLY)
    assert ("has no address for mail.example.org" in found.evidence) == named


@pytest.mark.parametrize("label", ["imap", "pop", "smtp", "pop3", "smtps"])
def test_a_host_that_is_named_for_mail_is_no_web_server(label):
    assert codes(failing(TCP, "connection_refused", host=f"{label}.example.org", extra={"web": "443"})) == [
        "port_refused"
    ]


def test_the_domain_itself_as_the_server_is_most_likely_a_web_server():
    found = causes(failing(TCP, "timeout", host="example.org", extra={"web": "443"}))
    assert [(finding.code, finding.confidence) for finding in found] == [
        ("host_is_a_web_server", LIKELY),
        ("port_filtered", LIKELY),
    ]


TWO_OWNERS = ((IMAP, "a.example.org"), (SMTP, "b.other.com"))


@pytest.mark.parametrize(
    ("hosts", "pages"),
    [
        (TWO_OWNERS, ("x.hotel.net", "y.motel.com")),
        (TWO_OWNERS, ("login.hotel.net", "")),
        (TWO_OWNERS, ("", "")),
        (TWO_OWNERS, ("www.example.org", "www.example.org")),
        (((IMAP, "a.example.org"), (SMTP, "b.example.org")), ("www.example.net", "www.example.net")),
        (((IMAP, "a.example.org"), (SMTP, "a.example.org")), ("login.hotel.net", "login.hotel.net")),
    ],
)
def test_pages_that_need_not_be_those_of_a_portal(hosts, pages):
    seen = [
        failing(TCP, "timeout", protocol, host, extra={"http_location": page})
        for (protocol, host), page in zip(hosts, pages, strict=True)
    ]
    assert "captive_portal" not in codes(*seen)


@pytest.mark.parametrize("kind", ["no_such_name", "no_address", "dns_failed", "dns_timeout"])
def test_where_names_fail_nothing_answers_in_their_place(kind):
    page = {"http_location": "login.hotel.net"}
    seen = [failing(TCP, "timeout", IMAP, "a.example.org", extra=page), failing(DNS, kind, SMTP, "b.other.com")]
    seen[1] = replace(seen[1], extra=page)
    assert "captive_portal" not in codes(*seen)


def test_the_page_of_a_portal_is_named():
    page = {"dns_invents_host": "yes", "http_location": "login.hotel.net"}
    found = only_finding(failing(TCP, "timeout"), failing(TCP, "timeout", SMTP, extra=page))
    assert "login.hotel.net" in found.evidence


def test_a_refused_port_of_a_host_with_web_pages_and_no_mail_is_one_of_a_web_server():
    found = only_finding(failing(TCP, "connection_refused", host="host1.example.org", extra={"web": "443"}))
    assert (found.code, found.confidence) == ("host_is_a_web_server", LIKELY)


def test_a_host_where_another_server_of_the_run_answers_elsewhere_is_no_web_server():
    refused_too = failing(TCP, "connection_refused", POP3, extra={"web": "443"})
    answering = failing(TCP, "timeout", IMAP, other_ports=ports((143, STARTTLS, True)))
    assert codes(refused_too, answering) == ["port_refused", "port_filtered"]


def test_ipv6_that_is_refused_is_possibly_a_fault():
    found = only_finding(healthy(families={"ipv4": "ok", "ipv6": "connection_refused"}))
    assert (found.code, found.confidence) == ("ipv6_broken", POSSIBLE)
    assert causes(healthy(families={"ipv4": "ok", "ipv6": "unreachable"})) == ()


@pytest.mark.parametrize(("address", "other", "kind"), [("2001:db8::10", "timeout", "timeout"), ("", "ok", "timeout")])
def test_ipv6_is_not_blamed_where_nothing_was_better_without_it(address, other, kind):
    rungs = (Rung(TCP, RungStatus.OK, address), Rung(TLS, RungStatus.FAILED))
    seen = failing(TLS, kind, rungs=rungs, extra={"other_family": other})
    assert codes(seen) == ["temporarily_unavailable"]


def test_ipv6_that_works_is_not_blamed():
    rungs = (Rung(TCP, RungStatus.OK, "2001:db8::10"),)
    assert codes(healthy(rungs=rungs, extra={"other_family": "ok"})) == []


def test_a_missing_intermediate_at_the_provider_s_own_server_is_no_interception():
    gmail = parse_address("anna@gmail.com")
    seen = failing(TLS, "tls_untrusted", host="imap.gmail.com", certificate=replace(GOOD, chain=1))
    assert codes(seen, of=gmail, at="gmail") == ["tls_chain_incomplete"]


@pytest.mark.parametrize("issuer", ["Somebody Else", ""])
def test_another_issuer_elsewhere_is_no_interception(issuer):
    extra = {"elsewhere_host": "www.other.example.com", "elsewhere_issuer": issuer}
    for certificate in (OWN_AUTHORITY, replace(OWN_AUTHORITY, issuer="")):
        assert root_cause(failing(TLS, "tls_untrusted", certificate=certificate, extra=extra)) == [
            ("tls_self_signed", "unknown_authority", LIKELY)
        ]


@pytest.mark.parametrize(
    ("extra", "sure"),
    [
        ({"http_status": "511"}, CERTAIN),
        ({"dns_invents_host": "yes"}, LIKELY),
        ({"dns_invents_host": "yes", "http_location": "login.hotel.net"}, CERTAIN),
        ({"http_location": "192.168.1.1"}, LIKELY),
    ],
)
def test_one_server_of_several_shows_the_portal(extra, sure):
    found = only_finding(failing(TCP, "timeout"), failing(TCP, "timeout", SMTP, extra=extra), healthy(POP3))
    assert (found.code, found.confidence) == ("captive_portal", sure)


def test_one_page_in_place_of_two_owners_servers_is_likely_a_portal():
    page = {"http_location": "login.hotel.net"}
    found = only_finding(*(failing(TCP, "timeout", protocol, host, extra=page) for protocol, host in TWO_OWNERS))
    assert found.confidence is LIKELY


def test_the_name_of_a_certificate_that_is_of_the_same_owner_is_the_one_to_enter():
    shown = replace(GOOD, names=("imap.other.example.net", "box.example.org"))
    seen = failing(TLS, "tls_name_mismatch", certificate=shown, other_names=shown.names)
    assert "Enter box.example.org" in only_finding(seen).steps[0]


def test_a_name_of_a_certificate_under_which_nothing_answered_is_not_told():
    found = only_finding(failing(TLS, "tls_name_mismatch", certificate=OTHER_NAME))
    assert not any("Enter" in step for step in found.steps)


@pytest.mark.parametrize("kind", ["tls_expired", "tls_not_yet_valid", "tls_untrusted", "tls_self_signed"])
def test_a_certificate_that_could_not_be_read_is_told_without_its_values(kind):
    for at, host in ((None, "mail.example.org"), ("gmail", "imap.gmail.com")):
        found = only_finding(failing(TLS, kind, host=host, certificate=None), of=parse_address("anna@gmail.com"), at=at)
        assert found.cause
        assert "{" not in found.cause + found.evidence


@pytest.mark.parametrize(("kind", "date"), [("tls_expired", "2023-11-14"), ("tls_not_yet_valid", "2026-09-21")])
def test_the_day_of_a_certificate_is_told(kind, date):
    shown = replace(GOOD, not_after=1.7e9)
    found = only_finding(failing(TLS, kind, certificate=shown))
    assert date in found.cause + found.evidence
    for impossible in (0.0, 1e30, float("inf"), float("nan")):
        shown = replace(GOOD, not_after=impossible, not_before=impossible)
        assert only_finding(failing(TLS, kind, certificate=shown)).cause


def test_a_domain_that_does_not_exist_is_likely_where_its_servers_answer():
    assert only_finding(healthy(domain_exists=False)).confidence is LIKELY


def test_a_server_without_a_greeting_beside_it_keeps_a_web_server_one():
    mute = failing(GREETING, "wrong_protocol", IMAP)
    assert "host_is_a_web_server" in codes(failing(TCP, "connection_refused", POP3, extra={"web": "443"}), mute)


def test_a_connection_that_is_cut_by_a_host_with_web_pages_is_refused():
    assert codes(failing(TCP, "connection_lost", extra={"web": "443"})) == ["port_refused"]


@pytest.mark.parametrize(
    ("names", "protocol", "best"),
    [
        *((("x.a.org", f"{label}.a.org", "mail.a.org"), IMAP, f"{label}.a.org") for label in ("imap", "imaps")),
        *((("x.a.org", f"{label}.a.org", "mail.a.org"), POP3, f"{label}.a.org") for label in ("pop", "pop3", "pops")),
        *((("x.a.org", f"{label}.a.org", "mail.a.org"), SMTP, f"{label}.a.org") for label in ("smtp", "smtps")),
        *((("x.a.org", f"{label}.a.org"), IMAP, f"{label}.a.org") for label in ("mail", "mx")),
        (("x.a.org", "smtp.a.org"), IMAP, "x.a.org"),
        (("*.a.org",), IMAP, ""),
    ],
)
def test_the_host_that_looks_most_like_the_protocol_is_chosen(names, protocol, best):
    assert best_host(names, protocol) == best


def test_one_web_server_in_place_of_a_mail_server_is_no_portal():
    assert codes(failing(TLS, "not_tls", spoken="http")) == ["host_is_a_web_server"]
    both = [failing(TLS, "not_tls", protocol, spoken="http") for protocol in (IMAP, SMTP)]
    assert set(codes(*both)) == {"host_is_a_web_server"}
