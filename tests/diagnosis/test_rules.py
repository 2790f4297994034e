"""Causes from what was seen: each code, what hides what, and silence where all is well."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.diagnosis.observations import (
    ANNA,
    ENCRYPTED,
    GOOD,
    IMAP,
    OAUTH2,
    PASSWORD,
    PLAIN,
    POP3,
    SMTP,
    SSL,
    STARTTLS,
    failing,
    healthy,
    ports,
    provider,
    refused,
    unsent,
)
from wizard.diagnosis.knowledge import knowledge
from wizard.diagnosis.rules import find_causes
from wizard.model.address import parse_address
from wizard.model.diagnosis import Certificate, Confidence, LoginAttempt, Rung, RungName, RungStatus
from wizard.net.failures import FailureKind

CERTAIN, LIKELY, POSSIBLE = Confidence.CERTAIN, Confidence.LIKELY, Confidence.POSSIBLE
DNS, TCP, TLS, GREETING = RungName.DNS, RungName.TCP, RungName.TLS, RungName.GREETING


def causes(*observed, of=ANNA, at=None):
    return find_causes(of, observed, provider(at) if at else None)


def codes(*observed, of=ANNA, at=None):
    return [one.code for one in causes(*observed, of=of, at=at)]


def the_one(*observed, of=ANNA, at=None):
    found = causes(*observed, of=of, at=at)
    assert len(found) == 1, [one.code for one in found]
    return found[0]


SELF_SIGNED = Certificate(names=("mail.example.org",), issuer="mail.example.org", self_signed=True, chain=1)
OTHER_NAME = replace(GOOD, names=("*.host.example.net", "www.host.example.net", "imap.host.example.net"))
LEAF_ALONE = replace(GOOD, chain=1)
OWN_AUTHORITY = replace(GOOD, issuer="Example Corp Authority", chain=2)
AVAST = replace(GOOD, issuer="Avast Web/Mail Shield Root")

# code, confidence, what was seen, words of one of the steps
EACH = [
    ("domain_not_found", CERTAIN, failing(DNS, "no_such_name", domain_exists=False), "example.org"),
    ("host_not_found", CERTAIN, failing(DNS, "no_such_name", other_names=("imap.example.org",)), "imap.example.org"),
    (
        "host_is_a_web_server",
        LIKELY,
        failing(TCP, "connection_refused", host="www.example.org", extra={"web": "443,80"}),
        "imap.",
    ),
    (
        "port_refused",
        CERTAIN,
        failing(TCP, "connection_refused", other_ports=ports((143, STARTTLS, True), (993, STARTTLS, False))),
        "143, and choose STARTTLS",
    ),
    ("port_filtered", LIKELY, failing(TCP, "timeout", other_ports=ports((143, STARTTLS, True))), "port 143"),
    (
        "port_25_blocked",
        LIKELY,
        failing(TCP, "timeout", SMTP, port=25, socket_type=STARTTLS, other_ports=ports((465, SSL, True))),
        "465, and choose SSL/TLS",
    ),
    ("ipv6_broken", LIKELY, healthy(families={"ipv4": "ok", "ipv6": "timeout"}), "IPv6"),
    (
        "tls_name_mismatch",
        CERTAIN,
        failing(TLS, "tls_name_mismatch", certificate=OTHER_NAME),
        "Enter imap.host.example.net as the server name, instead of mail.example.org",
    ),
    ("tls_self_signed", CERTAIN, failing(TLS, "tls_self_signed", certificate=SELF_SIGNED), "administrator"),
    ("tls_expired", CERTAIN, failing(TLS, "tls_expired", certificate=replace(GOOD, not_after=1.7e9)), "date and time"),
    ("tls_not_yet_valid", LIKELY, failing(TLS, "tls_not_yet_valid"), "Set the date"),
    ("tls_chain_incomplete", CERTAIN, failing(TLS, "tls_untrusted", certificate=LEAF_ALONE), "intermediate"),
    ("tls_too_old", CERTAIN, failing(TLS, "tls_too_old", only_old_tls="TLSv1"), "TLS 1.2"),
    ("tls_intercepted", CERTAIN, failing(TLS, "tls_untrusted", certificate=AVAST), "security program"),
    (
        "tls_on_plain_port",
        CERTAIN,
        failing(TLS, "not_tls", port=143, spoken="imap", detail="* OK ready", other_ports=ports((993, SSL, True))),
        "993, and choose SSL/TLS",
    ),
    (
        "plain_on_tls_port",
        CERTAIN,
        failing(GREETING, "timeout", port=993, socket_type=STARTTLS, spoken="tls"),
        "Choose SSL/TLS as the security of the connection, and leave port 993",
    ),
    (
        "wrong_protocol",
        CERTAIN,
        failing(GREETING, "wrong_protocol", port=995, spoken="pop3", other_ports=ports((993, SSL, True))),
        "993",
    ),
    (
        "not_a_mail_server",
        CERTAIN,
        failing(GREETING, "wrong_protocol", spoken="ssh", detail="SSH: SSH-2.0-x"),
        "help pages",
    ),
    (
        "captive_portal",
        CERTAIN,
        failing(
            TLS, "not_tls", spoken="http", extra={"dns_invents_host": "yes", "http_location": "login.hotel.example"}
        ),
        "sign-in page",
    ),
    (
        "starttls_missing",
        CERTAIN,
        failing(RungName.STARTTLS, "starttls_missing", socket_type=STARTTLS, other_ports=ports((993, SSL, True))),
        "993, and choose SSL/TLS",
    ),
    (
        "starttls_stripped",
        CERTAIN,
        failing(
            RungName.STARTTLS, "starttls_missing", SMTP, socket_type=STARTTLS, extra={"starttls_mangled": "XXXXXXXA"}
        ),
        "Try another network",
    ),
    (
        "plaintext_only",
        LIKELY,
        failing(RungName.STARTTLS, "starttls_missing", socket_type=STARTTLS, other_ports=ports((993, SSL, False))),
        "another provider",
    ),
    (
        "login_disabled",
        CERTAIN,
        failing(RungName.LOGIN, "login_impossible", capabilities=("IMAP4rev1", "LOGINDISABLED"), methods=(), logins=()),
        "IMAP is allowed",
    ),
    ("auth_failed", CERTAIN, refused("AUTHENTICATIONFAILED", "Authentication failed."), "by hand"),
    (
        "auth_needs_app_password",
        CERTAIN,
        refused("ALERT", "Application-specific password required: https://support.google.com/accounts/answer/185833"),
        "app password",
    ),
    (
        "auth_oauth2_only",
        CERTAIN,
        refused("535 5.7.139", "Authentication unsuccessful, basic authentication is disabled.", SMTP),
        "OAuth2",
    ),
    ("auth_mechanism_missing", CERTAIN, healthy(authentication=(ENCRYPTED,), logins=()), "normal password"),
    (
        "username_form",
        CERTAIN,
        failing(
            RungName.LOGIN,
            "login_refused",
            username="anna",
            logins=(
                LoginAttempt(mechanism="PLAIN", username="anna", accepted=False, code="NO", text="bad"),
                LoginAttempt(mechanism="PLAIN", username="anna@example.org", accepted=True),
            ),
        ),
        "“anna@example.org” as the user name",
    ),
    ("protocol_switched_off", CERTAIN, refused("ALERT", "Your account is not enabled for IMAP use."), "allow IMAP"),
    ("mailbox_full", CERTAIN, refused("OVERQUOTA", "Quota exceeded"), "delete large"),
    ("too_many_connections", CERTAIN, refused("ALERT", "Too many simultaneous connections. (Failure)"), "1 or 2"),
    (
        "rate_limited",
        CERTAIN,
        refused("454 4.7.0", "Too many login attempts, please try again later.", SMTP),
        "an hour",
    ),
    ("temporarily_unavailable", LIKELY, refused("UNAVAILABLE", "Backend down"), "in an hour"),
    (
        "smtp_auth_missing",
        CERTAIN,
        failing(
            RungName.LOGIN,
            "login_impossible",
            SMTP,
            port=25,
            socket_type=STARTTLS,
            capabilities=("SIZE",),
            methods=(),
            logins=(),
        ),
        "465, and choose SSL/TLS",
    ),
    (
        "smtp_sender_refused",
        CERTAIN,
        unsent("MAIL", "553 5.7.1", "<anna@example.org>: Sender address rejected: not owned by user bruno"),
        "your own address",
    ),
    (
        "smtp_relay_denied",
        CERTAIN,
        unsent("RCPT", "554 5.7.1", "<anna@example.org>: Relay access denied"),
        "own provider",
    ),
]


@pytest.mark.parametrize(("code", "confidence", "observed", "step"), EACH, ids=[one[0] for one in EACH])
def test_what_was_seen_leads_to_the_cause_with_what_to_do(code, confidence, observed, step):
    found = the_one(observed)
    assert (found.code, found.confidence) == (code, confidence)
    assert any(step in one for one in found.steps), found.steps
    assert found.cause
    assert found.evidence
    assert "{" not in found.cause + found.evidence + "".join(found.steps)


def test_certified_mail_has_to_leave_through_its_own_server():
    pec = parse_address("anna@pec.it")
    found = the_one(healthy(SMTP, "smtps.aruba.it"), of=pec, at="aruba-pec")
    assert (found.code, found.confidence) == ("pec_needs_its_own_smtp", CERTAIN)
    assert "smtps.pec.aruba.it" in found.steps[0]
    assert "465" in found.steps[0]


def test_every_code_is_reached_by_a_case_here():
    assert {one[0] for one in EACH} | {"pec_needs_its_own_smtp"} == set(knowledge().codes)


# All is well

HEALTHY = {
    "implicit TLS": [healthy(), healthy(SMTP)],
    "STARTTLS": [
        healthy(socket_type=STARTTLS, clear_capabilities=("STARTTLS", "LOGINDISABLED")),
        healthy(SMTP, socket_type=STARTTLS),
    ],
    "POP3": [healthy(POP3), healthy(SMTP)],
    "POP3 by STLS": [healthy(POP3, socket_type=STARTTLS, clear_capabilities=("STLS", "USER"))],
    "split hosts": [healthy(IMAP, "in.example.org"), healthy(SMTP, "out.example.net")],
    "IDN": [healthy(IMAP, "mail.xn--bcher-kva.example")],
    "IPv4 only": [healthy(addresses=("203.0.113.10",), families={"ipv4": "ok"})],
    "IPv6 only": [healthy(addresses=("2001:db8::10",), families={"ipv6": "ok"})],
    "a device without IPv6": [healthy(families={"ipv4": "ok", "ipv6": "unreachable"})],
    "local part as the user name": [healthy(username="anna"), healthy(SMTP, username="anna")],
    "nobody logs in": [healthy(logins=()), healthy(SMTP, logins=())],
    "OAuth2 beside a password": [healthy(methods=(PASSWORD, OAUTH2), authentication=(OAUTH2,), logins=())],
    "encrypted password": [healthy(methods=(PASSWORD, ENCRYPTED), authentication=(ENCRYPTED,))],
    "by another mechanism at the second try": [
        healthy(
            logins=(
                LoginAttempt(mechanism="PLAIN", username="anna@example.org", accepted=False, code="504", text="no"),
                LoginAttempt(mechanism="LOGIN", username="anna@example.org", accepted=True),
            )
        )
    ],
    "a mailbox with room": [healthy(extra={"quota_used": "10", "quota_limit": "1000"}, messages=3)],
    "a message was sent": [healthy(SMTP, sent=LoginAttempt(mechanism="DATA", username="a", accepted=True, code="250"))],
}


@pytest.mark.parametrize("observed", HEALTHY.values(), ids=HEALTHY)
def test_servers_that_are_as_they_should_be_have_no_finding(observed):
    assert causes(*observed) == ()


def test_healthy_servers_of_providers_have_no_finding():
    assert causes(healthy(IMAP, "imap.gmail.com"), of=parse_address("anna@gmail.com"), at="gmail") == ()
    pec = [healthy(IMAP, "imaps.pec.aruba.it"), healthy(SMTP, "smtps.pec.aruba.it")]
    assert causes(*pec, of=parse_address("anna@pec.it"), at="aruba-pec") == ()


def test_nothing_seen_is_nothing_found():
    assert causes() == ()


# What hides what


def test_a_captive_portal_is_told_alone():
    away = {"dns_invents_host": "yes", "http_location": "login.hotel.example"}
    seen = [
        failing(TLS, "tls_name_mismatch", certificate=OTHER_NAME, extra=away),
        failing(TCP, "connection_refused", SMTP, extra=away),
    ]
    assert codes(*seen) == ["captive_portal"]


def test_a_redirection_of_a_mail_host_to_the_page_of_its_owner_is_no_captive_portal():
    seen = failing(TLS, "tls_expired", extra={"http_status": "301", "http_location": "www.host.example.net"})
    assert codes(seen) == ["tls_expired"]


def test_a_domain_that_does_not_exist_hides_that_its_servers_are_not_found():
    seen = [
        failing(DNS, "no_such_name", protocol, f"{protocol}.example.org", domain_exists=False)
        for protocol in (IMAP, SMTP)
    ]
    assert codes(*seen) == ["domain_not_found"]


def test_the_same_cause_at_two_servers_is_told_once_and_for_no_protocol():
    found = the_one(
        failing(TLS, "tls_self_signed", IMAP, certificate=SELF_SIGNED),
        failing(TLS, "tls_self_signed", SMTP, certificate=SELF_SIGNED),
    )
    assert found.protocol is None


def test_two_causes_at_two_servers_are_both_told_with_their_protocols():
    found = causes(failing(TCP, "timeout", IMAP), failing(TLS, "tls_expired", SMTP))
    assert {(one.code, one.protocol) for one in found} == {("port_filtered", IMAP), ("tls_expired", SMTP)}


def test_a_security_program_hides_what_its_certificates_look_like():
    seen = [
        failing(TLS, "tls_untrusted", certificate=AVAST),
        failing(TLS, "tls_self_signed", SMTP, certificate=SELF_SIGNED),
    ]
    assert codes(*seen) == ["tls_intercepted"]


def test_ipv6_is_not_blamed_where_ipv4_does_not_work_either():
    assert codes(failing(TCP, "timeout", families={"ipv4": "timeout", "ipv6": "timeout"})) == ["port_filtered"]


def test_ipv6_that_connects_and_then_loses_everything_is_the_cause():
    rungs = (Rung(TCP, RungStatus.OK, "2001:db8::10"), Rung(TLS, RungStatus.FAILED))
    assert codes(failing(TLS, "timeout", rungs=rungs, extra={"other_family": "ok"})) == ["ipv6_broken"]


def test_another_owners_server_for_certified_mail_hides_its_refusals():
    seen = unsent("MAIL", "550 5.7.1", "no", host="smtp.libero.it")
    assert codes(seen, of=parse_address("anna@pec.it"), at="aruba-pec") == ["pec_needs_its_own_smtp"]


# Telling near causes apart


def test_a_host_for_mail_with_a_web_page_beside_it_is_not_called_a_web_server():
    assert codes(failing(TCP, "connection_refused", host="imap.example.org", extra={"web": "443"})) == ["port_refused"]


def test_a_silent_port_of_a_host_with_web_pages_may_be_either():
    found = causes(failing(TCP, "timeout", extra={"web": "443"}))
    assert [(one.code, one.confidence) for one in found] == [
        ("port_filtered", LIKELY),
        ("host_is_a_web_server", POSSIBLE),
    ]


def test_a_host_that_answers_mail_on_another_port_is_no_web_server():
    seen = [failing(TCP, "connection_refused", POP3, extra={"web": "443"}), healthy(IMAP)]
    assert codes(*seen) == ["port_refused"]


def test_names_of_a_certificate_that_were_seen_to_answer_come_first():
    found = the_one(failing(TLS, "tls_name_mismatch", certificate=OTHER_NAME, other_names=("mx.host.example.net",)))
    assert "Enter mx.host.example.net" in found.steps[0]


def test_a_certificate_with_wildcards_only_names_no_host_to_enter():
    found = the_one(failing(TLS, "tls_name_mismatch", certificate=replace(GOOD, names=("*.host.example.net",))))
    assert "Ask example.org which server name" in found.steps[0]
    assert "*.host.example.net" in found.evidence


@pytest.mark.parametrize(
    ("kind", "off", "words"),
    [
        ("tls_expired", "90000000", "clock of this device is wrong"),
        ("tls_expired", "3", "ran out on"),
        ("tls_not_yet_valid", "-90000000", "clock of this device is behind"),
        ("tls_not_yet_valid", "2", "too early"),
        ("tls_expired", "nonsense", "ran out on"),
    ],
)
def test_the_clock_is_blamed_where_it_was_seen_to_be_wrong(kind, off, words):
    assert words in the_one(failing(TLS, kind, extra={"clock_off": off})).cause


def test_the_provider_s_own_server_with_an_unknown_certificate_is_intercepted():
    seen = failing(TLS, "tls_untrusted", host="imap.gmail.com", certificate=OWN_AUTHORITY)
    found = the_one(seen, of=parse_address("anna@gmail.com"), at="gmail")
    assert (found.code, found.confidence) == ("tls_intercepted", LIKELY)
    assert "Example Corp Authority" in found.evidence


def test_an_unknown_issuer_that_another_owner_s_host_shows_too_is_in_between():
    extra = {"elsewhere_host": "www.other.example.com", "elsewhere_issuer": OWN_AUTHORITY.issuer}
    assert codes(failing(TLS, "tls_untrusted", certificate=OWN_AUTHORITY, extra=extra)) == ["tls_intercepted"]


def test_an_unknown_issuer_of_mail_and_web_of_one_owner_is_most_likely_the_owner_s():
    extra = {"elsewhere_host": "www.example.org", "elsewhere_issuer": OWN_AUTHORITY.issuer}
    found = causes(failing(TLS, "tls_untrusted", certificate=OWN_AUTHORITY, extra=extra))
    assert ("tls_self_signed", LIKELY) in {(one.code, one.confidence) for one in found}
    assert ("tls_intercepted", POSSIBLE) in {(one.code, one.confidence) for one in found}


def test_a_public_issuer_on_both_hosts_is_a_missing_certificate_and_no_interception():
    extra = {"elsewhere_host": "www.other.example.com", "elsewhere_issuer": LEAF_ALONE.issuer}
    assert codes(failing(TLS, "tls_untrusted", certificate=LEAF_ALONE, extra=extra)) == ["tls_chain_incomplete"]


def test_https_on_the_mail_port_is_a_web_server():
    seen = failing(
        GREETING, "timeout", port=443, socket_type=STARTTLS, spoken="tls", extra={"spoke_line": "HTTP/1.1 400 Bad"}
    )
    assert codes(seen) == ["host_is_a_web_server"]


def test_a_greeting_of_smtp_without_its_name_is_smtp_where_smtp_is_meant():
    seen = failing(TLS, "not_tls", SMTP, port=587, spoken="plain", detail="220 mail.example.org ready")
    assert codes(seen) == ["tls_on_plain_port"]


def test_another_protocol_for_reading_offers_to_become_the_account():
    found = the_one(failing(GREETING, "wrong_protocol", port=995, spoken="pop3"))
    assert any("POP3 account" in one or "as POP3" in one for one in found.steps)
    assert not any("as SMTP" in one for one in the_one(failing(GREETING, "wrong_protocol", spoken="smtp")).steps)


def test_starttls_that_the_provider_is_known_to_offer_was_taken_away():
    seen = failing(RungName.STARTTLS, "starttls_missing", host="imap.mail.tim.it", socket_type=STARTTLS)
    tim = provider("tim")
    host = next(one.hostname for one in tim.config.incoming if one.protocol is IMAP)
    seen = replace(seen, target=replace(seen.target, host=host))
    assert [one.code for one in find_causes(parse_address("anna@tim.it"), [seen], tim)] == ["starttls_stripped"]


def test_words_before_the_encryption_are_an_attack():
    found = the_one(failing(RungName.STARTTLS, "starttls_injection", socket_type=STARTTLS, detail="a OK done"))
    assert (found.code, "“a OK done”" in found.evidence) == ("starttls_stripped", True)


def test_a_program_without_encryption_is_told_that_there_is_one():
    found = the_one(
        healthy(socket_type=PLAIN, certificate=None, clear_capabilities=("IMAP4rev1", "STARTTLS", "AUTH=PLAIN"))
    )
    assert (found.code, found.confidence) == ("plaintext_only", CERTAIN)
    assert "STARTTLS" in found.steps[0]


def test_a_server_that_locks_the_log_in_until_there_is_encryption():
    seen = healthy(
        socket_type=PLAIN,
        clear_capabilities=("STARTTLS", "LOGINDISABLED"),
        capabilities=("STARTTLS", "LOGINDISABLED"),
        methods=(),
        logins=(),
    )
    assert codes(seen) == ["login_disabled"]


def test_names_that_nobody_answers_for_are_not_called_wrong():
    found = the_one(failing(DNS, "dns_timeout", extra={"dns": "silent"}))
    assert (found.code, found.confidence) == ("host_not_found", CERTAIN)
    assert "not online" in found.cause


# Log-ins


def test_a_wrong_password_at_a_provider_of_app_passwords_wants_one_and_says_where():
    seen = refused(
        "AUTHENTICATIONFAILED", "Invalid credentials (Failure)", host="imap.gmail.com", username="anna@gmail.com"
    )
    found = the_one(seen, of=parse_address("anna@gmail.com"), at="gmail")
    assert (found.code, found.confidence) == ("auth_needs_app_password", LIKELY)
    assert any("2-Step Verification" in one for one in found.steps)
    assert not any("Forwarding and POP/IMAP" in one for one in found.steps)


def test_a_protocol_that_is_switched_off_says_where_the_provider_has_the_switch():
    seen = refused(
        "ALERT", "Your account is not enabled for IMAP use.", host="imap.gmail.com", username="anna@gmail.com"
    )
    found = the_one(seen, of=parse_address("anna@gmail.com"), at="gmail")
    assert "Forwarding and POP/IMAP" in found.steps[0]
    assert "https://mail.google.com/" in found.steps[0]


def test_the_user_name_of_the_catalogue_is_offered_where_another_was_refused():
    seen = refused("535", "no", SMTP, host="smtp.mail.me.com", username="anna", socket_type=STARTTLS)
    found = the_one(seen, of=parse_address("anna@icloud.com"), at="icloud")
    assert (found.code, found.confidence) == ("username_form", LIKELY)
    assert "“anna@icloud.com”" in found.steps[0]


def test_a_part_of_the_address_as_the_user_name_is_a_possible_cause():
    found = causes(refused("AUTHENTICATIONFAILED", "no", username="anna"))
    assert [(one.code, one.confidence) for one in found] == [("auth_failed", CERTAIN), ("username_form", POSSIBLE)]


def test_both_forms_of_the_name_refused_leave_the_password():
    tries = tuple(
        LoginAttempt(mechanism="PLAIN", username=name, accepted=False, code="AUTHENTICATIONFAILED")
        for name in ("anna", "anna@example.org")
    )
    assert codes(failing(RungName.LOGIN, "login_refused", username="anna", logins=tries)) == ["auth_failed"]


def test_unknown_words_of_a_refusal_are_likely_the_password():
    found = the_one(refused("NO", "Nessuna pizza oggi"))
    assert (found.code, found.confidence) == ("auth_failed", LIKELY)
    assert "“NO Nessuna pizza oggi”" in found.evidence


@pytest.mark.parametrize(
    ("at", "address", "code"),
    [
        ("outlook", "anna@outlook.com", "auth_oauth2_only"),
        ("qq", "anna@qq.com", "auth_needs_app_password"),
        ("icloud", "anna@icloud.com", "auth_needs_app_password"),
    ],
)
def test_what_a_refusal_means_depends_on_the_password_that_the_provider_takes(at, address, code):
    config = provider(at).config
    host = next(one.hostname for one in config.incoming if one.protocol is IMAP)
    name = address.partition("@")[0] if at == "icloud" else address
    assert codes(refused("NO", "no", host=host, username=name), of=parse_address(address), at=at) == [code]


def test_a_protocol_that_the_provider_does_not_have_is_no_matter_of_ports():
    only_imap = next(one for one in ("icloud",) if provider(one).offers == "imap_only")
    seen = failing(TCP, "connection_refused", POP3, "pop.mail.me.com")
    found = the_one(seen, of=parse_address("anna@icloud.com"), at=only_imap)
    assert found.code == "protocol_switched_off"
    assert "as IMAP" in found.steps[0]


def test_a_mailbox_that_is_full_is_told_although_the_log_in_passes():
    assert codes(healthy(extra={"quota_used": "1000", "quota_limit": "1000"})) == ["mailbox_full"]


def test_a_mailbox_that_does_not_open_is_judged_by_its_words():
    seen = failing(RungName.MAILBOX, "mailbox_refused", extra={"mailbox": "[INUSE] Mailbox in use"})
    assert codes(seen) == ["too_many_connections"]


def test_ways_to_log_in_that_are_all_foreign():
    seen = failing(RungName.LOGIN, "login_impossible", methods=(OAUTH2,), capabilities=("AUTH=XOAUTH2",), logins=())
    assert codes(seen) == ["auth_oauth2_only"]


# Sending


@pytest.mark.parametrize(
    ("command", "code", "text", "expected"),
    [
        ("MAIL", "550", "no", ("smtp_sender_refused", LIKELY)),
        ("RCPT", "550", "no", ("smtp_relay_denied", POSSIBLE)),
        ("DATA", "550", "no", ("smtp_sender_refused", POSSIBLE)),
        ("RCPT", "451", "Greylisted", ("temporarily_unavailable", LIKELY)),
        ("MAIL", "530 5.7.0", "Authentication required", ("smtp_auth_missing", LIKELY)),
        ("RCPT", "552 5.2.2", "user is over quota", ("mailbox_full", CERTAIN)),
    ],
)
def test_a_refused_message_is_judged_by_its_words_and_the_command(command, code, text, expected):
    found = the_one(unsent(command, code, text))
    assert (found.code, found.confidence) == expected


# Hostile words


HOSTILE = "\x1b[2J\r\nFAKE: all is well “quoted” \u202e" + "x" * 5000


@pytest.mark.parametrize(
    "seen",
    [
        refused("NO", HOSTILE),
        refused(HOSTILE, HOSTILE),
        failing(GREETING, "wrong_protocol", detail=HOSTILE, extra={"spoke_line": HOSTILE}),
        failing(TLS, "tls_untrusted", certificate=replace(OWN_AUTHORITY, issuer=HOSTILE)),
        failing(TLS, "tls_name_mismatch", certificate=replace(GOOD, names=(HOSTILE, HOSTILE))),
        failing(RungName.STARTTLS, "starttls_missing", socket_type=STARTTLS, clear_capabilities=(HOSTILE,)),
        failing(RungName.STARTTLS, "starttls_missing", socket_type=STARTTLS, extra={"starttls_mangled": HOSTILE}),
        failing(TLS, "not_tls", extra={"dns_invents_host": "yes", "http_location": HOSTILE}),
        failing(RungName.MAILBOX, "mailbox_refused", extra={"mailbox": HOSTILE}),
        unsent("MAIL", "550", HOSTILE),
        unsent("MAIL", "550", "{host} {0} {answer.__class__}"),
    ],
    ids=lambda seen: f"{seen.failure} {len(seen.extra)}",
)
def test_words_of_servers_stay_on_their_line_short_and_printable(seen):
    for found in causes(seen):
        for text in (found.cause, found.evidence, *found.steps):
            assert text.isprintable()
            assert len(text) < 800
            assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in text


# What real ladders have shown


def test_a_resolver_that_is_silent_until_the_deadline_is_no_fault_of_the_server():
    found = the_one(failing(DNS, "timeout", extra={"deadline": "reached"}))
    assert (found.code, found.confidence) == ("host_not_found", LIKELY)


def test_names_that_are_invented_without_a_web_page_say_so():
    found = the_one(
        failing(
            DNS, "address_not_allowed", extra={"dns_invents": "10.0.0.1", "dns_invents_host": "yes"}, detail="10.0.0.1"
        )
    )
    assert found.code == "captive_portal"
    assert "10.0.0.1" in found.evidence


def test_a_possible_cause_never_comes_before_a_likely_one():
    extra = {"elsewhere_host": "www.example.org", "elsewhere_issuer": OWN_AUTHORITY.issuer}
    found = causes(failing(TLS, "tls_untrusted", certificate=OWN_AUTHORITY, extra=extra))
    assert [one.confidence for one in found] == [LIKELY, POSSIBLE]


def test_a_server_that_greets_and_then_talks_without_end_is_a_mail_server():
    assert codes(failing(RungName.CAPABILITIES, "answer_too_long")) == ["temporarily_unavailable"]


def test_too_many_connections_in_place_of_a_greeting():
    assert codes(failing(GREETING, "server_says_no", SMTP, detail="421 4.7.0 Too many connections")) == [
        "too_many_connections"
    ]


def test_a_port_without_encryption_names_the_one_that_has_it():
    found = the_one(healthy(socket_type=PLAIN, certificate=None))
    assert (found.code, found.confidence) == ("plaintext_only", CERTAIN)
    assert "993, and choose SSL/TLS" in found.steps[0]
    assert "AUTH=PLAIN" in found.evidence


def test_a_password_that_cannot_be_sent_is_no_matter_of_the_method():
    found = the_one(failing(RungName.LOGIN, "login_impossible", logins=()))
    assert (found.code, found.confidence) == ("auth_failed", POSSIBLE)
    assert "by hand" in found.steps[0]


@pytest.mark.parametrize(
    "kind", [*FailureKind, "login_refused", "login_impossible", "mailbox_refused", "message_refused", "new"]
)
@pytest.mark.parametrize("rung", RungName)
def test_whatever_fails_wherever_has_a_cause_with_evidence_and_steps(kind, rung):
    for found in (causes(failing(rung, str(kind))), causes(failing(rung, str(kind), SMTP, socket_type=STARTTLS))):
        assert found
        assert all(one.cause and one.evidence and one.steps for one in found)


# How sure


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
    found = the_one(failing(TLS, "not_tls", extra=extra, spoken=spoke))
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
    assert [(one.code, one.confidence) for one in found] == [
        ("host_is_a_web_server", LIKELY),
        ("port_filtered", LIKELY),
    ]


def test_a_connection_that_is_cut_at_once_counts_as_refused_before_tls_only():
    assert codes(failing(TCP, "connection_lost")) == ["port_refused"]
    assert codes(failing(TLS, "connection_lost")) == ["temporarily_unavailable"]


def test_ipv6_stands_last_and_the_domain_first():
    seen = failing(TLS, "tls_expired", domain_exists=False, families={"ipv4": "ok", "ipv6": "timeout"})
    assert codes(seen) == ["domain_not_found", "tls_expired", "ipv6_broken"]


def test_a_refused_password_where_only_oauth2_is_offered():
    found = the_one(refused("NO", "no", methods=(OAUTH2,)))
    assert (found.code, found.confidence) == ("auth_oauth2_only", CERTAIN)


def test_a_program_with_passwords_where_only_oauth2_is_offered():
    assert codes(healthy(methods=(OAUTH2,), authentication=(PASSWORD,), logins=())) == ["auth_oauth2_only"]


def test_log_ins_that_are_switched_off_are_seen_without_trying():
    seen = healthy(capabilities=("IMAP4rev1", "LOGINDISABLED"), methods=(), logins=())
    assert codes(seen) == ["login_disabled"]
    assert codes(replace(seen, capabilities=("IMAP4rev1",))) == []


def test_starttls_that_is_offered_and_refused():
    found = the_one(failing(RungName.STARTTLS, "starttls_refused", socket_type=STARTTLS, detail="BAD no"))
    assert (found.code, found.confidence) == ("starttls_missing", CERTAIN)
    assert "refuses" in found.cause


def test_one_certificate_of_an_unknown_issuer_may_be_either():
    found = causes(failing(TLS, "tls_untrusted", certificate=replace(OWN_AUTHORITY, chain=1)))
    assert [(one.code, one.confidence) for one in found] == [
        ("tls_chain_incomplete", LIKELY),
        ("tls_self_signed", POSSIBLE),
    ]


def test_tls_on_a_port_where_tls_was_chosen_is_not_told_as_missing():
    assert codes(failing(GREETING, "timeout", spoken="tls")) == ["temporarily_unavailable"]


def test_mail_that_must_match_without_being_certified_is_likely():
    provider_of_both = replace(provider("aruba-pec"), certified_mail=False)
    (found,) = find_causes(parse_address("anna@pec.it"), [healthy(SMTP, "smtp.example.org")], provider_of_both)
    assert (found.code, found.confidence) == ("pec_needs_its_own_smtp", LIKELY)


def test_a_host_beside_the_provider_s_own_is_its_own_too():
    assert codes(healthy(SMTP, "smtp2.pec.aruba.it"), of=parse_address("anna@pec.it"), at="aruba-pec") == []


def test_the_same_seen_twice_gives_the_same():
    seen = [observed for _code, _sure, observed, _step in EACH]
    assert causes(*seen) == causes(*seen)
