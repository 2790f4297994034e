"""Causes from observations: each code, what hides what, and silence where all is well."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from tests.diagnosis.observations import (
    ANNA,
    AVAST,
    CERTAIN,
    DNS,
    ENCRYPTED,
    GOOD,
    GREETING,
    IMAP,
    LEAF_ALONE,
    LIKELY,
    OAUTH2,
    OTHER_NAME,
    OWN_AUTHORITY,
    PASSWORD,
    POP3,
    POSSIBLE,
    SELF_SIGNED,
    SMTP,
    SSL,
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
    refused,
    unsent,
)
from wizard import language
from wizard.diagnosis.evidence import Evidence, Missing
from wizard.diagnosis.knowledge import knowledge
from wizard.diagnosis.rules import INDEPENDENT_RULES, NETWORK_RULES, ROOT_RULES, find_causes, merge_findings
from wizard.model.address import parse_address
from wizard.model.diagnosis import LoginAttempt, Rung, RungName, RungStatus
from wizard.model.provider_facts import MostConnections, OAuth2Issuer, PasswordEnds, SenderDomain, SendingLimits
from wizard.model.servers import Protocol, SocketType
from wizard.net.failures import FailureKind

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
        "domain_expired",
        LIKELY,
        failing(TCP, "connection_refused", extra={"name_servers": "ns1.bodis.com", "domain_mx": "none"}),
        "renew it",
    ),
    (
        "address_locked_out",
        LIKELY,
        failing(
            TCP,
            "timeout",
            other_ports=ports((143, STARTTLS, False)),
            extra={"silent_ports": "143", "web_silent": "443,80", "internet": "ispdb.example"},
        ),
        "public IP address",
    ),
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
        "dns_denies_names",
        CERTAIN,
        failing(DNS, "no_such_name", domain_exists=False, extra={"dns_denies": "gmail.com"}),
        "the connection of your phone",
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
        LIKELY,
        refused("ALERT", "Application-specific password required: https://support.google.com/accounts/answer/185833"),
        "app password",
    ),
    (
        "auth_oauth2_only",
        LIKELY,
        refused("535 5.7.139", "Authentication failed, basic authentication is disabled.", SMTP),
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
    ("protocol_switched_off", LIKELY, refused("ALERT", "Your account is not enabled for IMAP use."), "allow IMAP"),
    ("mailbox_full", CERTAIN, refused("OVERQUOTA", "Quota exceeded"), "delete large"),
    ("too_many_connections", LIKELY, refused("ALERT", "Too many simultaneous connections. (Failure)"), "1 or 2"),
    (
        "rate_limited",
        LIKELY,
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
    ("password_expired", LIKELY, refused("NO", "La password è scaduta"), "set a new password"),
    ("mailbox_in_use", LIKELY, refused("-ERR", "pop lock busy!", POP3), "fifteen minutes"),
    ("program_refused", LIKELY, refused("NO", "SELECT Unsafe Login."), "identifies itself"),
    ("sending_suspended", LIKELY, unsent("MAIL", "550", "Sending is blocked for this account"), "arrives"),
    ("rate_reached", LIKELY, unsent("RCPT", "550", "exceeded the max emails per hour"), "outbox"),
    ("taken_for_spam", LIKELY, unsent("DATA", "552 5.2.0", "spam detected"), "plain words"),
    (
        "address_blacklisted",
        CERTAIN,
        failing(GREETING, "server_says_no", SMTP, detail="554 5.7.1 Client host blocked using zen.spamhaus.org"),
        "phone",
    ),
    ("helo_refused", LIKELY, unsent("MAIL", "550", "Invalid HELO name"), "hyphens"),
    ("mailbox_moved", LIKELY, unsent("RCPT", "550 5.1.1", "User unknown in virtual mailbox table"), "letter by letter"),
    ("hosting_suspended", LIKELY, refused("NO", "Domain suspended: unpaid"), "invoice"),
    (
        "message_blocks_pop3",
        LIKELY,
        failing(RungName.MAILBOX, "mailbox_refused", POP3, extra={"mailbox": "-ERR message 3 is corrupt"}),
        "Fetch again",
    ),
]


@pytest.mark.parametrize(("code", "confidence", "observed", "step"), EACH, ids=[row[0] for row in EACH])
def test_what_was_seen_leads_to_the_cause_with_what_to_do(code, confidence, observed, step):
    found = only_finding(observed)
    assert (found.code, found.confidence) == (code, confidence)
    assert any(step in step for step in found.steps), found.steps
    assert found.cause
    assert found.evidence
    assert "{" not in found.cause + found.evidence + "".join(found.steps)


KNOWN_OF_A_PROVIDER = [
    (
        refused("NO", "[LIMIT] Too many simultaneous connections."),
        MostConnections,
        {"most": 4},
        "at most 4 connections",
    ),
    (refused("NO", "La password è scaduta"), PasswordEnds, {"days": 91}, "ends after 91 days"),
    (
        unsent("RCPT", "550", "exceeded the max emails per hour"),
        SendingLimits,
        {"per_hour": 250},
        "250 messages an hour",
    ),
    (unsent("MAIL", "553 5.7.1", "Sender address rejected: not owned by user bruno"), SenderDomain, {}, "own domain"),
    (refused("NO", "BasicAuthBlocked"), OAuth2Issuer, {"issuer": "login.example.org"}, "at login.example.org"),
]


@pytest.mark.parametrize(("observed", "fact", "values", "words"), KNOWN_OF_A_PROVIDER)
def test_what_is_known_of_the_provider_is_told_with_the_cause_where_somebody_has_read_it(observed, fact, values, words):
    known = provider("gmx")
    facts = [fact(**values, source=known.source), fact(**values, source=replace(known.source, confidence="unverified"))]
    read, heard = (find_causes(ANNA, (observed,), replace(known, facts=(each,)))[0].steps for each in facts)
    assert any(words in step for step in read), read
    assert not any(words in step for step in heard), heard


def test_the_password_of_aruba_pec_that_ends_is_told_where_it_is_refused_as_expired():
    steps = find_causes(ANNA, (refused("NO", "La password è scaduta"),), provider("aruba-pec"))[0].steps
    assert any("ends after 90 days" in step for step in steps), steps


def test_every_code_is_reached_by_a_case_here():
    others = {
        "pec_needs_its_own_smtp",
        "unusual_port",
        *MISSING,
    }  # told of an address, and of a server that nobody knows
    assert {row[0] for row in EACH} | others == set(knowledge().codes)


MISSING = {"no_sending_server": (SMTP, [healthy()]), "no_receiving_server": (IMAP, [healthy(SMTP)])}


@pytest.mark.parametrize("code", MISSING)
def test_a_server_that_nobody_knows_is_told_beside_those_that_are_as_they_should_be(code):
    protocol, observed = MISSING[code]
    assert find_causes(ANNA, observed, None) == ()
    (found,) = find_causes(ANNA, observed, None, [Missing(protocol)])
    assert (found.code, found.protocol, found.confidence) == (code, protocol, CERTAIN)
    assert str(ANNA) in found.steps[1], "how it is seen to be done"


def test_what_fails_is_told_before_what_is_missing_and_a_captive_portal_alone():
    failed = failing(RungName.TLS, "tls_expired")
    assert [found.code for found in find_causes(ANNA, [failed], None, [Missing(SMTP)])] == [
        "tls_expired",
        "no_sending_server",
    ]
    away = replace(failed, extra={"dns_invents_host": "yes", "http_location": "login.hotel.example"})
    assert [found.code for found in find_causes(ANNA, [away], None, [Missing(SMTP)])] == ["captive_portal"]


def test_the_other_protocol_for_reading_is_the_way_out_where_the_wanted_one_is_missing():
    (found,) = find_causes(ANNA, [healthy(SMTP)], None, [Missing(POP3, (IMAP, SMTP))])
    assert (found.code, found.protocol) == ("no_receiving_server", POP3)
    assert found.steps[0].startswith("Set the account up with IMAP")


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


@pytest.mark.parametrize(
    "hidden",
    [
        failing(TLS, "tls_name_mismatch", SMTP, certificate=OTHER_NAME),
        failing(TLS, "tls_self_signed", SMTP, certificate=SELF_SIGNED),
        failing(TLS, "tls_expired", SMTP),
        failing(TLS, "tls_not_yet_valid", SMTP),
        failing(TLS, "tls_untrusted", SMTP, certificate=LEAF_ALONE),
    ],
    ids=lambda observation: observation.failure,
)
def test_where_somebody_intercepts_no_certificate_is_blamed(hidden):
    assert codes(failing(TLS, "tls_untrusted", certificate=AVAST), hidden) == ["tls_intercepted"]


@pytest.mark.parametrize(
    "hidden",
    [
        healthy(SMTP, "smtp.libero.it", methods=(), logins=()),
        unsent("MAIL", "550", "no", host="smtp.libero.it"),
        unsent("RCPT", "554", "no", host="smtp.libero.it"),
        refused("535 5.7.8", "no", SMTP, "smtp.libero.it"),
        refused(
            "535",
            "no",
            SMTP,
            "smtp.libero.it",
            username="anna",
            logins=(
                LoginAttempt(mechanism="PLAIN", username="anna", accepted=False, code="535"),
                LoginAttempt(mechanism="PLAIN", username="anna@pec.it", accepted=True),
            ),
        ),
        refused("534 5.7.9", "Application-specific password required.", SMTP, "smtp.libero.it"),
        refused("535 5.7.139", "Authentication failed, basic authentication is disabled.", SMTP, "smtp.libero.it"),
        refused("535 5.7.8", "SMTP access is not enabled for this account", SMTP, "smtp.libero.it"),
    ],
    ids=[
        *("smtp_auth_missing", "smtp_sender_refused", "smtp_relay_denied", "auth_failed", "username_form"),
        *("auth_needs_app_password", "auth_oauth2_only", "protocol_switched_off"),
    ],
)
def test_what_the_wrong_server_for_certified_mail_says_is_not_told(hidden, request):
    assert codes(hidden) == [request.node.callspec.id]
    found = codes(hidden, of=parse_address("anna@pec.it"), at="aruba-pec")
    assert found[0] == "pec_needs_its_own_smtp"
    assert request.node.callspec.id not in found


def test_the_wrong_server_for_sending_hides_nothing_of_the_one_for_reading():
    pec = parse_address("anna@pec.it")
    seen = [healthy(SMTP, "smtp.libero.it"), refused("AUTHENTICATIONFAILED", "no", host="imaps.pec.aruba.it")]
    name = provider("aruba-pec").config.incoming[0].filled(pec).username
    seen[1] = replace(seen[1], logins=(replace(seen[1].logins[0], username=name),))
    assert codes(*seen, of=pec, at="aruba-pec")[:2] == ["pec_needs_its_own_smtp", "auth_failed"]


@pytest.mark.parametrize(
    ("first", "second", "order"),
    [
        (
            failing(TCP, "connection_refused"),
            failing(TLS, "tls_untrusted", SMTP, host="smtp.gmail.com", certificate=OWN_AUTHORITY),
            ["tls_intercepted", "port_refused"],
        ),
        (
            failing(TCP, "connection_refused"),
            healthy(SMTP, domain_exists=False),
            ["domain_not_found", "port_refused"],
        ),
        (failing(TCP, "timeout"), failing(TLS, "tls_expired", SMTP), ["tls_expired", "port_filtered"]),
        (
            healthy(families={"ipv4": "ok", "ipv6": "timeout"}),
            failing(GREETING, "connection_lost", SMTP),
            ["temporarily_unavailable", "ipv6_broken"],
        ),
    ],
    ids=lambda value: None,
)
def test_what_concerns_everything_comes_first_then_the_surer_one_and_ipv6_last(first, second, order):
    assert codes(first, second, of=parse_address("anna@gmail.com"), at="gmail") == order


def test_a_missing_domain_comes_before_the_wrong_server_for_certified_mail():
    seen = failing(TCP, "connection_refused", SMTP, domain_exists=False)
    found = codes(seen, of=parse_address("anna@pec.it"), at="aruba-pec")
    assert found[:2] == ["domain_not_found", "pec_needs_its_own_smtp"]
    likely = replace(provider("aruba-pec"), certified_mail=False)
    (first, *_rest) = find_causes(
        parse_address("anna@pec.it"), [failing(TCP, "connection_refused"), healthy(SMTP)], likely
    )
    assert first.code == "pec_needs_its_own_smtp"


def test_ipv6_that_is_the_cause_is_told_beside_a_missing_domain_and_without_a_second_cause():
    rungs = (Rung(TCP, RungStatus.OK, "2001:db8::10"), Rung(TLS, RungStatus.FAILED))
    seen = failing(TLS, "timeout", rungs=rungs, extra={"other_family": "ok"}, domain_exists=False)
    assert codes(seen) == ["domain_not_found", "ipv6_broken"]


def test_ipv4_that_fails_where_ipv6_works_is_told_by_what_failed():
    rungs = (Rung(TCP, RungStatus.OK, "203.0.113.10"), Rung(TLS, RungStatus.FAILED))
    assert codes(failing(TLS, "connection_lost", rungs=rungs, extra={"other_family": "ok"})) == [
        "temporarily_unavailable"
    ]


def test_findings_are_merged_where_code_cause_and_steps_are_the_same():
    finding = only_finding(failing(TLS, "tls_self_signed", certificate=SELF_SIGNED))
    at_smtp = replace(finding, protocol=SMTP)
    assert merge_findings([finding, finding]) == [finding]
    assert merge_findings([finding, at_smtp]) == [replace(finding, protocol=None)]
    for other in ({"code": "tls_expired"}, {"cause": "Another."}, {"steps": ("Another.",)}):
        assert len(merge_findings([finding, replace(at_smtp, **other)])) == 2
    less_sure = replace(at_smtp, confidence=LIKELY, evidence="less")
    for pair in ([finding, less_sure], [less_sure, finding]):
        assert [(finding.confidence, finding.evidence) for finding in merge_findings(pair)] == [
            (CERTAIN, finding.evidence)
        ]


def test_every_rule_says_which_codes_it_comes_to():
    rules = (*NETWORK_RULES, *ROOT_RULES, *INDEPENDENT_RULES)
    seen = [observation for _code, _sure, observation, _step in EACH]
    seen += [failing(rung, kind, protocol) for rung in RungName for kind in KINDS for protocol in Protocol]
    known = knowledge()
    of_answers = {
        meaning.code
        for meaning in (
            *known.response_codes.values(),
            *known.enhanced_codes.values(),
            *known.reply_codes.values(),
            *(sentence.meaning for sentence in known.sentences),
            *(kind.meaning for kind in known.word_classes),
        )
    }
    for rule, observation, at in itertools.product(rules, seen, PROVIDERS):
        found = {cause.code for cause in rule(Evidence(ANNA, observation, at, (observation,)))}
        assert found <= set(rule.codes) | (of_answers if rule.reads_answers else set()), rule
    assert {code for rule in rules for code in rule.codes} | of_answers | {*MISSING, "unusual_port"} == set(known.codes)


def test_a_captive_portal_is_told_alone():
    away = {"dns_invents_host": "yes", "http_location": "login.hotel.example"}
    seen = [
        failing(TLS, "tls_name_mismatch", certificate=OTHER_NAME, extra=away),
        failing(TCP, "connection_refused", SMTP, extra=away),
    ]
    assert codes(*seen) == ["captive_portal"]


def test_a_network_that_denies_every_name_is_told_alone_even_beside_a_server_of_its_own():
    denied = failing(DNS, "no_such_name", domain_exists=False, extra={"dns_denies": "gmail.com"})
    assert codes(denied, failing(TLS, "tls_self_signed", SMTP, certificate=SELF_SIGNED)) == ["dns_denies_names"]


def test_a_domain_that_does_not_exist_hides_that_its_servers_are_not_found():
    seen = [
        failing(DNS, "no_such_name", protocol, f"{protocol}.example.org", domain_exists=False)
        for protocol in (IMAP, SMTP)
    ]
    assert codes(*seen) == ["domain_not_found"]


def test_the_same_cause_at_two_servers_is_told_once_and_for_no_protocol():
    found = only_finding(
        failing(TLS, "tls_self_signed", IMAP, certificate=SELF_SIGNED),
        failing(TLS, "tls_self_signed", SMTP, certificate=SELF_SIGNED),
    )
    assert found.protocol is None


def test_two_causes_at_two_servers_are_both_told_with_their_protocols():
    found = causes(failing(TCP, "timeout", IMAP), failing(TLS, "tls_expired", SMTP))
    assert {(finding.code, finding.protocol) for finding in found} == {("port_filtered", IMAP), ("tls_expired", SMTP)}


def test_a_security_program_hides_what_its_certificates_look_like():
    seen = [
        failing(TLS, "tls_untrusted", certificate=AVAST),
        failing(TLS, "tls_self_signed", SMTP, certificate=SELF_SIGNED),
    ]
    assert codes(*seen) == ["tls_intercepted"]


def test_another_owners_server_for_certified_mail_hides_its_refusals():
    seen = unsent("MAIL", "550 5.7.1", "no", host="smtp.libero.it")
    assert codes(seen, of=parse_address("anna@pec.it"), at="aruba-pec") == ["pec_needs_its_own_smtp"]


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


def test_a_possible_cause_never_comes_before_a_likely_one():
    extra = {"elsewhere_host": "www.example.org", "elsewhere_issuer": OWN_AUTHORITY.issuer}
    found = causes(failing(TLS, "tls_untrusted", certificate=OWN_AUTHORITY, extra=extra))
    assert [finding.confidence for finding in found] == [LIKELY, POSSIBLE]


OF_THE_WEB = {"http_status", "http_malformed", "body_too_large", "redirect_refused", "too_many_redirects"}
OF_THE_LOGIN = ("login_refused", "login_impossible", "login_unencrypted", "mailbox_refused", "message_refused")
KINDS = [*(kind.value for kind in FailureKind if kind.value not in OF_THE_WEB), *OF_THE_LOGIN, "new"]
PROVIDERS = (None, provider("gmail"), provider("aruba-pec"))
SETTINGS = [*itertools.product(Protocol, SocketType, PROVIDERS, language.LANGUAGES)]
PAIRWISE = [
    (protocol, socket_type, PROVIDERS[(row + column) % 3], language.LANGUAGES[(row * 3 + column) % 2])
    for row, protocol in enumerate(Protocol)
    for column, socket_type in enumerate(SocketType)
]
"""Every two values of protocol, security, provider and language stand together in one of these."""


def _has_a_cause(kind, rung, protocol, socket_type, known, code_of_language):
    language.activate(code_of_language)
    found = find_causes(ANNA, (failing(rung, kind, protocol, socket_type=socket_type),), known)
    assert found, (kind, rung, protocol, socket_type)
    assert all(finding.cause and finding.evidence and finding.steps for finding in found), found


@pytest.mark.parametrize("rung", RungName)
@pytest.mark.parametrize("kind", KINDS)
def test_whatever_fails_wherever_has_a_cause_with_evidence_and_steps(kind, rung):
    for settings in PAIRWISE:
        _has_a_cause(kind, rung, *settings)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_whatever_fails_wherever_has_a_cause_in_every_combination(kind):
    for rung, settings in itertools.product(RungName, SETTINGS):
        _has_a_cause(kind, rung, *settings)


def test_ipv6_stands_last_and_the_domain_first():
    seen = failing(TLS, "tls_expired", domain_exists=False, families={"ipv4": "ok", "ipv6": "timeout"})
    assert codes(seen) == ["domain_not_found", "tls_expired", "ipv6_broken"]


def test_the_same_seen_twice_gives_the_same():
    seen = [observed for _code, _sure, observed, _step in EACH]
    assert causes(*seen) == causes(*seen)
