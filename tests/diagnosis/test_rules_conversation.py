"""Telling causes apart: what is spoken, encryption, the log-in, the mailbox and sending."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.diagnosis.observations import (
    ANNA,
    CERTAIN,
    ENCRYPTED,
    GREETING,
    IMAP,
    LIKELY,
    OAUTH2,
    PASSWORD,
    PLAIN,
    POP3,
    POSSIBLE,
    SMTP,
    STARTTLS,
    TLS,
    causes,
    codes,
    failing,
    healthy,
    only_finding,
    provider,
    refused,
    root_cause,
    target,
    unsent,
)
from wizard.diagnosis.rules import find_causes
from wizard.model.address import parse_address
from wizard.model.diagnosis import LoginAttempt, RungName
from wizard.model.servers import AuthenticationMethod


def test_certified_mail_has_to_leave_through_its_own_server():
    pec = parse_address("anna@pec.it")
    seen, published = healthy(SMTP, "smtps.aruba.it"), {SMTP: [target(SMTP, "smtps.pec.aruba.it")]}
    (found,) = find_causes(pec, [seen], provider("aruba-pec"), published=published)
    assert (found.code, found.confidence) == ("pec_needs_its_own_smtp", CERTAIN)
    assert "smtps.pec.aruba.it" in found.steps[0]
    assert "465" in found.steps[0]


def test_https_on_the_mail_port_is_a_web_server():
    seen = failing(
        GREETING, "timeout", port=443, socket_type=STARTTLS, spoken="tls", extra={"spoke_line": "HTTP/1.1 400 Bad"}
    )
    assert codes(seen) == ["host_is_a_web_server"]


def test_a_greeting_of_smtp_without_its_name_is_smtp_where_smtp_is_meant():
    seen = failing(TLS, "not_tls", SMTP, port=587, spoken="plain", detail="220 mail.example.org ready")
    assert codes(seen) == ["tls_on_plain_port"]


def test_another_protocol_for_reading_offers_to_become_the_account():
    found = only_finding(failing(GREETING, "wrong_protocol", port=995, spoken="pop3"))
    assert any("POP3 account" in step or "as POP3" in step for step in found.steps)
    assert not any("as SMTP" in step for step in only_finding(failing(GREETING, "wrong_protocol", spoken="smtp")).steps)


def test_starttls_that_the_provider_is_known_to_offer_was_taken_away():
    seen = failing(RungName.STARTTLS, "starttls_missing", host="imap.mail.tim.it", socket_type=STARTTLS)
    tim = provider("tim")
    host = next(server.hostname for server in tim.config.incoming if server.protocol is IMAP)
    seen = replace(seen, target=replace(seen.target, host=host))
    assert [finding.code for finding in find_causes(parse_address("anna@tim.it"), [seen], tim)] == ["starttls_stripped"]


def test_words_before_the_encryption_are_an_attack():
    found = only_finding(failing(RungName.STARTTLS, "starttls_injection", socket_type=STARTTLS, detail="a OK done"))
    assert (found.code, "“a OK done”" in found.evidence) == ("starttls_stripped", True)


def test_a_program_without_encryption_is_told_that_there_is_one():
    found = only_finding(
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


def test_a_wrong_password_at_a_provider_of_app_passwords_wants_one_and_says_where():
    seen = refused(
        "AUTHENTICATIONFAILED", "Invalid credentials (Failure)", host="imap.gmail.com", username="anna@gmail.com"
    )
    found = only_finding(seen, of=parse_address("anna@gmail.com"), at="gmail")
    assert (found.code, found.confidence) == ("auth_needs_app_password", LIKELY)
    assert any("2-Step Verification" in step for step in found.steps)
    assert not any("Forwarding and POP/IMAP" in step for step in found.steps)


def test_a_protocol_that_is_switched_off_says_where_the_provider_has_the_switch():
    seen = refused(
        "ALERT", "Your account is not enabled for IMAP use.", host="imap.gmail.com", username="anna@gmail.com"
    )
    found = only_finding(seen, of=parse_address("anna@gmail.com"), at="gmail")
    assert "the administrator has to allow it" in found.steps[0]  # nobody else can switch it there today


def test_the_user_name_of_the_catalogue_is_offered_where_another_was_refused():
    seen = refused("535", "no", SMTP, host="smtp.mail.me.com", username="anna", socket_type=STARTTLS)
    found = only_finding(seen, of=parse_address("anna@icloud.com"), at="icloud")
    assert (found.code, found.confidence) == ("username_form", LIKELY)
    assert "“anna@icloud.com”" in found.steps[0]


def test_a_part_of_the_address_as_the_user_name_is_a_possible_cause():
    found = causes(refused("AUTHENTICATIONFAILED", "no", username="anna"))
    assert [(finding.code, finding.confidence) for finding in found] == [
        ("auth_failed", CERTAIN),
        ("username_form", POSSIBLE),
    ]


def test_both_forms_of_the_name_refused_leave_the_password():
    tries = tuple(
        LoginAttempt(mechanism="PLAIN", username=name, accepted=False, code="AUTHENTICATIONFAILED")
        for name in ("anna", "anna@example.org")
    )
    assert codes(failing(RungName.LOGIN, "login_refused", username="anna", logins=tries)) == ["auth_failed"]


@pytest.mark.parametrize(
    ("code", "protocol", "confidence"),
    [("NO", IMAP, POSSIBLE), ("AUTHENTICATIONFAILED", IMAP, LIKELY), ("535 5.7.8", SMTP, LIKELY)],
)
def test_words_that_nobody_knows_are_shown_and_no_new_password_is_advised_before_web_mail_was_tried(
    code, protocol, confidence
):
    found = only_finding(refused(code, "Nessuna pizza oggi", protocol))
    assert (found.code, found.confidence) == ("auth_failed", confidence)
    assert "Nessuna pizza oggi”" in found.evidence
    assert "does not say that the password is wrong" in found.cause
    new_password = [place for place, step in enumerate(found.steps) if "set a new" in step]
    assert all("Only if the web page refuses" in found.steps[place] for place in new_password)
    assert new_password > [2]


def test_a_greeting_that_refuses_for_good_is_about_the_network():
    found = only_finding(failing(GREETING, "server_says_no", SMTP, detail="554 mx.example.org"))
    assert (found.code, found.confidence) == ("address_blacklisted", LIKELY)
    assert "waiting does not help" in found.cause
    assert not any("again in an hour" in step for step in found.steps)


def test_a_bare_refusal_at_a_command_is_about_what_the_command_brings():
    assert root_cause(unsent("RCPT", "550", "")) == [("mailbox_moved", "", POSSIBLE)]
    assert root_cause(unsent("DATA", "554", "")) == [("taken_for_spam", "", POSSIBLE)]


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
    host = next(server.hostname for server in config.incoming if server.protocol is IMAP)
    name = address.partition("@")[0] if at == "icloud" else address
    assert codes(refused("NO", "no", host=host, username=name), of=parse_address(address), at=at) == [code]


def test_a_mailbox_that_is_full_is_told_although_the_log_in_passes():
    assert codes(healthy(extra={"quota_used": "1000", "quota_limit": "1000"})) == ["mailbox_full"]


def test_a_mailbox_that_does_not_open_is_judged_by_its_words():
    seen = failing(RungName.MAILBOX, "mailbox_refused", extra={"mailbox": "[INUSE] Mailbox in use"})
    assert codes(seen) == ["mailbox_in_use"]


def test_ways_to_log_in_that_are_all_foreign():
    seen = failing(RungName.LOGIN, "login_impossible", methods=(OAUTH2,), capabilities=("AUTH=XOAUTH2",), logins=())
    assert codes(seen) == ["auth_oauth2_only"]


@pytest.mark.parametrize(
    ("command", "code", "text", "expected"),
    [
        ("MAIL", "550", "no", ("smtp_sender_refused", LIKELY)),
        ("RCPT", "550", "no", ("mailbox_moved", POSSIBLE)),
        ("RCPT", "554", "no", ("smtp_relay_denied", POSSIBLE)),
        ("DATA", "550", "no", ("taken_for_spam", POSSIBLE)),
        ("RCPT", "451", "Greylisted", ("temporarily_unavailable", LIKELY)),
        ("MAIL", "530 5.7.0", "Authentication required", ("smtp_auth_missing", LIKELY)),
        ("RCPT", "552 5.2.2", "user is over quota", ("mailbox_full", CERTAIN)),
    ],
)
def test_a_refused_message_is_judged_by_its_words_and_the_command(command, code, text, expected):
    found = only_finding(unsent(command, code, text))
    assert (found.code, found.confidence) == expected


def test_a_server_that_greets_and_then_talks_without_end_is_a_mail_server():
    assert codes(failing(RungName.CAPABILITIES, "answer_too_long")) == ["temporarily_unavailable"]


def test_too_many_connections_in_place_of_a_greeting():
    assert codes(failing(GREETING, "server_says_no", SMTP, detail="421 4.7.0 Too many connections")) == [
        "too_many_connections"
    ]


def test_a_port_without_encryption_names_the_one_that_has_it_where_it_was_seen():
    plain = healthy(socket_type=PLAIN, certificate=None)
    found = only_finding(plain)
    assert (found.code, found.confidence) == ("plaintext_only", CERTAIN)
    assert not any("993" in step for step in found.steps)
    (told,) = find_causes(ANNA, [plain], None, published={IMAP: [target()]})
    assert "993, and choose SSL/TLS" in told.steps[0]
    assert "AUTH=PLAIN" in found.evidence


def test_a_password_that_cannot_be_sent_is_no_matter_of_the_method():
    found = only_finding(failing(RungName.LOGIN, "login_impossible", logins=()))
    assert (found.code, found.confidence) == ("auth_failed", POSSIBLE)
    assert "by hand" in found.steps[0]


def test_a_refused_password_where_only_oauth2_is_offered():
    found = only_finding(refused("NO", "no", methods=(OAUTH2,)))
    assert (found.code, found.confidence) == ("auth_oauth2_only", CERTAIN)


def test_a_program_with_passwords_where_only_oauth2_is_offered():
    assert codes(healthy(methods=(OAUTH2,), authentication=(PASSWORD,), logins=())) == ["auth_oauth2_only"]


def test_log_ins_that_are_switched_off_are_seen_without_trying():
    seen = healthy(capabilities=("IMAP4rev1", "LOGINDISABLED"), methods=(), logins=())
    assert codes(seen) == ["login_disabled"]
    assert codes(replace(seen, capabilities=("IMAP4rev1",))) == []


def test_starttls_that_is_offered_and_refused():
    found = only_finding(failing(RungName.STARTTLS, "starttls_refused", socket_type=STARTTLS, detail="BAD no"))
    assert (found.code, found.confidence) == ("starttls_missing", CERTAIN)
    assert "refuses" in found.cause


def test_tls_on_a_port_where_tls_was_chosen_is_not_told_as_missing():
    assert codes(failing(GREETING, "timeout", spoken="tls")) == ["temporarily_unavailable"]


def test_mail_that_must_match_without_being_certified_is_likely():
    provider_of_both = replace(provider("aruba-pec"), certified_mail=False)
    (found,) = find_causes(parse_address("anna@pec.it"), [healthy(SMTP, "smtp.example.org")], provider_of_both)
    assert (found.code, found.confidence) == ("pec_needs_its_own_smtp", LIKELY)


def test_a_host_beside_the_provider_s_own_is_its_own_too():
    assert codes(healthy(SMTP, "smtp2.pec.aruba.it"), of=parse_address("anna@pec.it"), at="aruba-pec") == []


TIM, GSSAPI = provider("tim"), AuthenticationMethod.GSSAPI
AT_STARTTLS = {"socket_type": STARTTLS}
IF_2FA = replace(provider("gmx"), password_kind="app_password_if_2fa")
BRIDGED = replace(provider("proton"), offers=None)
UNAVAILABLE = ("temporarily_unavailable", "", POSSIBLE)


@pytest.mark.parametrize(
    ("observation", "at", "expected"),
    [
        # What is spoken
        (failing(GREETING, "wrong_protocol", detail="SSH-2.0-x"), None, ("not_a_mail_server", "", CERTAIN)),
        (failing(GREETING, "answer_too_long"), None, ("not_a_mail_server", "", LIKELY)),
        (failing(GREETING, "wrong_protocol", POP3, detail="* OK ready"), None, ("wrong_protocol", "", CERTAIN)),
        (failing(GREETING, "wrong_protocol", detail="+OK ready"), None, ("wrong_protocol", "", CERTAIN)),
        (failing(GREETING, "wrong_protocol", detail="220 x ESMTP"), None, ("wrong_protocol", "", CERTAIN)),
        (failing(GREETING, "wrong_protocol", detail="220 x"), None, ("not_a_mail_server", "", LIKELY)),
        (failing(GREETING, "timeout", spoken="imap"), None, UNAVAILABLE),
        (failing(GREETING, "timeout", **AT_STARTTLS), None, UNAVAILABLE),
        (failing(TLS, "connection_lost", spoken="imap", **AT_STARTTLS), None, UNAVAILABLE),
        (failing(GREETING, "connection_lost"), None, UNAVAILABLE),
        (
            failing(RungName.STARTTLS, "starttls_missing", detail="+OK ready", **AT_STARTTLS),
            None,
            ("starttls_missing", "", CERTAIN),
        ),
        (
            failing(RungName.STARTTLS, "starttls_missing", spoken="tls", **AT_STARTTLS),
            None,
            ("starttls_missing", "", CERTAIN),
        ),
        (failing(GREETING, "wrong_protocol", SMTP, detail="hello"), None, ("not_a_mail_server", "", LIKELY)),
        (failing(TLS, "not_tls", SMTP, detail="hello", spoken="plain"), None, ("not_a_mail_server", "", LIKELY)),
        # Encryption
        (
            healthy(clear_capabilities=("STARTTLS",), logins=(), socket_type=PLAIN),
            None,
            ("plaintext_only", "avoidable", CERTAIN),
        ),
        (
            healthy(clear_capabilities=("STARTTLS",), methods=(), socket_type=PLAIN),
            None,
            ("plaintext_only", "avoidable", CERTAIN),
        ),
        (
            healthy(capabilities=("STARTTLS", "LOGINDISABLED"), methods=(), logins=(), socket_type=PLAIN),
            None,
            ("login_disabled", "without_encryption", CERTAIN),
        ),
        (
            failing(RungName.LOGIN, "login_unencrypted", authentication=(ENCRYPTED,), methods=(PASSWORD,), logins=()),
            None,
            ("auth_mechanism_missing", "", CERTAIN),
        ),
        (
            failing(RungName.STARTTLS, "starttls_missing", extra={"starttls_elsewhere": "203.0.113.9"}, **AT_STARTTLS),
            None,
            ("starttls_stripped", "", LIKELY),
        ),
        (failing(RungName.STARTTLS, "starttls_missing", **AT_STARTTLS), TIM, ("starttls_missing", "", CERTAIN)),
        (
            failing(RungName.STARTTLS, "starttls_injection", **AT_STARTTLS),
            None,
            ("starttls_stripped", "injection", LIKELY),
        ),
        # Before the log-in
        (
            failing(GREETING, "server_says_no", detail="nobody knows"),
            None,
            ("temporarily_unavailable", "unclear", POSSIBLE),
        ),
        (failing(GREETING, "server_says_no", SMTP, detail="421 full"), None, ("temporarily_unavailable", "", LIKELY)),
        # Nothing that can be used
        (
            failing(RungName.LOGIN, "login_impossible", methods=(GSSAPI,), logins=()),
            None,
            ("auth_mechanism_missing", "", LIKELY),
        ),
        (
            failing(RungName.LOGIN, "login_impossible", methods=(GSSAPI, PASSWORD), logins=()),
            None,
            ("auth_failed", "unsendable", POSSIBLE),
        ),
        (
            failing(RungName.LOGIN, "login_impossible", methods=(GSSAPI, OAUTH2), logins=()),
            None,
            ("auth_mechanism_missing", "", LIKELY),
        ),
        # A server that says what it wants
        (refused("EXPIRED", "no"), provider("gmail"), ("password_expired", "", CERTAIN)),
        (refused("UNAVAILABLE", "no"), provider("gmail"), ("temporarily_unavailable", "", LIKELY)),
        (
            failing(RungName.MAILBOX, "mailbox_refused", detail="[INUSE] Mailbox in use"),
            None,
            ("mailbox_in_use", "", CERTAIN),
        ),
        (
            failing(
                RungName.MAILBOX, "mailbox_refused", extra={"mailbox": "no", "quota_used": "9", "quota_limit": "9"}
            ),
            None,
            ("mailbox_full", "", CERTAIN),
        ),
        # Another kind of password
        (refused("NO", "no"), provider("qq"), ("auth_needs_app_password", "authorisation_code", LIKELY)),
        (refused("NO", "no"), provider("outlook"), ("auth_oauth2_only", "", LIKELY)),
        (refused("NO", "no"), BRIDGED, ("auth_needs_app_password", "bridge", LIKELY)),
        (refused("NO", "no", methods=(OAUTH2, PASSWORD)), None, ("auth_failed", "", LIKELY)),
        (refused("AUTHENTICATIONFAILED", "no"), None, ("auth_failed", "", CERTAIN)),
        # Offered, where nobody logged in
        (healthy(SMTP, methods=(), logins=()), None, ("smtp_auth_missing", "", CERTAIN)),
        (
            healthy(socket_type=PLAIN, capabilities=("IMAP4rev1",), clear_capabilities=None),
            None,
            ("plaintext_only", "on_this_port", CERTAIN),
        ),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else getattr(value, "failure", None) or "",
)
def test_what_goes_wrong_in_a_conversation(observation, at, expected):
    assert root_cause(observation, at=at) == [expected]


@pytest.mark.parametrize(
    "observation",
    [
        healthy(authentication=(AuthenticationMethod.NONE,), logins=()),
        healthy(authentication=(AuthenticationMethod.CLIENT_IP_ADDRESS,), logins=()),
        healthy(authentication=(ENCRYPTED,)),  # logged in
        healthy(authentication=(PASSWORD,), methods=(), logins=()),  # nothing is announced, nothing was tried
        healthy(authentication=(PASSWORD,), capabilities=None, methods=(OAUTH2,), logins=()),
        healthy(SMTP, methods=()),  # logged in
        healthy(SMTP, capabilities=None, methods=(), logins=()),
        healthy(capabilities=("LOGINDISABLED",), methods=()),  # logged in
        healthy(socket_type=PLAIN, capabilities=None, clear_capabilities=("STARTTLS",)),
        healthy(extra={"quota_used": "999", "quota_limit": "1000"}),
        healthy(extra={"quota_used": "10", "quota_limit": "0"}),
        healthy(extra={"quota_used": "10"}),
        healthy(extra={"quota_used": "²", "quota_limit": "²"}),
    ],
)
def test_what_is_no_cause_by_itself(observation):
    assert root_cause(observation) == []


def test_a_right_password_is_never_called_wrong_where_another_explanation_is_known():
    """The first finding says what to do; none of these may send people off to change their password."""
    wrong = refused("NO", "no", username="anna")
    for name, kind in (
        ("icloud", "auth_needs_app_password"),
        ("qq", "auth_needs_app_password"),
        ("outlook", "auth_oauth2_only"),
        ("proton", "auth_needs_app_password"),
    ):
        at = replace(provider(name), offers=None)
        (found,) = root_cause(wrong, at=at)
        assert found[0] == kind
    assert root_cause(wrong, at=IF_2FA) == [("auth_failed", "first_steps", LIKELY)]
    found = [("auth_failed", "", LIKELY), ("auth_needs_app_password", "", POSSIBLE)]
    assert root_cause(wrong, at=replace(IF_2FA, switch_on=())) == found
    for code, text in (("NO", "[UNAVAILABLE] later"), ("NO", "[ALERT] Too many simultaneous connections. (Failure)")):
        (found,) = root_cause(refused(code, text))
        assert found[0] not in ("auth_failed", "username_form")


def test_a_provider_that_takes_the_account_s_password_adds_nothing_to_a_wrong_one():
    ordinary = replace(provider("icloud"), password_kind="account", switch_on=())
    own = refused("NO", "no", host="imap.mail.me.com", username="anna")
    assert root_cause(own, at=ordinary, of=parse_address("anna@icloud.com")) == [("auth_failed", "", LIKELY)]
    elsewhere = refused("NO", "no", username="anna")
    assert root_cause(elsewhere, at=ordinary) == [("auth_failed", "", LIKELY), ("username_form", "perhaps", POSSIBLE)]


@pytest.mark.parametrize(
    ("tried", "expected"),
    [
        (["anna"], ["auth_failed", "username_form"]),
        (["anna", "anna@example.org"], ["auth_failed"]),
        (["anna@example.org"], ["auth_failed"]),
        (["bruno@example.org"], ["auth_failed"]),
    ],
)
def test_the_whole_address_is_offered_where_it_was_not_tried(tried, expected):
    logins = tuple(LoginAttempt(mechanism="PLAIN", username=name, accepted=False, code="NO") for name in tried)
    observation = failing(RungName.LOGIN, "login_refused", username=tried[0], logins=logins)
    assert [code for code, _case, _confidence in root_cause(observation)] == expected


def test_a_user_name_that_the_server_does_not_know_offers_the_whole_address():
    found = only_finding(
        refused("NO", "Invalid user name or password. Please use full email address as user name.", username="anna")
    )
    assert found.code == "username_form"
    assert any("“anna@example.org”" in step for step in found.steps)


def test_a_log_in_that_passed_with_the_given_name_says_nothing_of_the_name():
    logins = tuple(
        LoginAttempt(mechanism="PLAIN", username=name, accepted=name == "anna", code="NO")
        for name in ("anna@x", "anna")
    )
    assert root_cause(healthy(username="anna", logins=logins)) == []
    assert root_cause(healthy(username="anna@x", logins=logins)) == [("username_form", "", CERTAIN)]
    assert root_cause(healthy(username="anna@x", logins=logins[1:])) == []


@pytest.mark.parametrize(
    ("kind", "seen"),
    [("timeout", "took the connection, and then said nothing"), ("connection_lost", "closed the connection")],
)
def test_a_server_that_breaks_off_is_not_quoted(kind, seen):
    found = only_finding(failing(GREETING, kind, detail="greeting"))
    assert seen in found.evidence
    assert "“greeting”" not in found.evidence


@pytest.mark.parametrize(
    ("command", "code", "expected"),
    [
        ("RCPT", "499", ("temporarily_unavailable", "", LIKELY)),
        ("DATA", "599", ("taken_for_spam", "", POSSIBLE)),
        ("MAIL", "599", ("smtp_sender_refused", "own_address", LIKELY)),
        ("RCPT", "599", ("smtp_relay_denied", "after_login", POSSIBLE)),
        ("RCPT", "550 5.2.1", ("smtp_relay_denied", "after_login", POSSIBLE)),
    ],
)
def test_codes_that_nobody_knows_are_judged_by_their_first_digit_and_the_command(command, code, expected):
    assert root_cause(unsent(command, code, "no")) == [expected]


@pytest.mark.parametrize(
    ("host", "own"),
    [
        ("smtps.pec.aruba.it", True),
        ("smtp.pec.aruba.it", True),
        ("pec.aruba.it", False),
        ("smtps.aruba.it", False),
        ("xpec.aruba.it", False),
        ("smtp.libero.it", False),
    ],
)
def test_which_hosts_are_the_provider_s_own_for_certified_mail(host, own):
    assert (codes(healthy(SMTP, host), of=parse_address("anna@pec.it"), at="aruba-pec") == []) == own


def test_only_what_is_sent_has_to_leave_through_the_provider_s_own_server():
    pec = parse_address("anna@pec.it")
    assert codes(healthy(IMAP, "imap.libero.it"), of=pec, at="aruba-pec") == []
    unknown = provider("aruba-pec")
    unknown = replace(unknown, config=replace(unknown.config, outgoing=()))
    assert find_causes(pec, [healthy(SMTP, "smtp.libero.it")], unknown) == ()


def test_the_server_for_certified_mail_is_named_with_all_that_has_to_be_entered():
    seen, published = healthy(SMTP, "smtp.libero.it"), {SMTP: [target(SMTP, "smtps.pec.aruba.it")]}
    (found,) = find_causes(parse_address("anna@pec.it"), [seen], provider("aruba-pec"), published=published)
    for value in ("smtps.pec.aruba.it", "465", "SSL/TLS", "“anna@pec.it”"):
        assert any(value in step for step in found.steps), value
    (unseen,) = find_causes(parse_address("anna@pec.it"), [seen], provider("aruba-pec"))
    assert unseen.steps[0] == "Enter the outgoing server of Aruba PEC, as its help pages show it."


def test_a_short_host_name_of_the_provider_is_its_own_and_its_neighbours_are_not():
    matching = replace(provider("gmx"), smtp_must_match=True)
    own = str(matching.config.outgoing[0].hostname)
    anna = parse_address("anna@gmx.net")
    assert find_causes(anna, [healthy(SMTP, own, username="anna@gmx.net")], matching) == ()
    (found,) = find_causes(anna, [healthy(SMTP, "smtp.gmx.net", username="anna@gmx.net")], matching)
    assert found.code == "pec_needs_its_own_smtp"


def test_encryption_that_the_provider_is_known_to_offer_was_avoidable():
    known = provider("gmx")
    own = str(known.config.incoming[0].hostname)
    plain = {"socket_type": PLAIN, "capabilities": ("IMAP4rev1",), "clear_capabilities": None}
    assert root_cause(healthy(IMAP, own, **plain), at=known) == [("plaintext_only", "avoidable", CERTAIN)]
    assert root_cause(healthy(IMAP, "mail.example.org", **plain), at=known) == [
        ("plaintext_only", "on_this_port", CERTAIN)
    ]
    readable = replace(known.config.incoming[0], socket_type=PLAIN, port=143)
    old = replace(known, config=replace(known.config, incoming=(readable,)))
    assert root_cause(healthy(IMAP, own, **plain), at=old) == [("plaintext_only", "on_this_port", CERTAIN)]


def test_only_between_protocols_for_reading_the_account_may_become_the_other_kind():
    for_sending = only_finding(failing(GREETING, "wrong_protocol", SMTP, spoken="imap"))
    assert not any("account" in step for step in for_sending.steps)
    for_reading = only_finding(failing(GREETING, "wrong_protocol", POP3, spoken="imap"))
    assert for_reading.steps != for_sending.steps


def test_the_whole_address_is_what_to_enter_where_it_is_possibly_wanted():
    _wrong, perhaps = causes(refused("NO", "no", username="anna"))
    assert any("anna@example.org" in step for step in perhaps.steps)
    assert "“NO no”" in perhaps.evidence


@pytest.mark.parametrize(
    ("methods", "first_step"),
    [
        ((PASSWORD, ENCRYPTED), "encrypted password"),
        ((PASSWORD, OAUTH2), "OAuth2"),
        ((PASSWORD,), "which authentication method"),
    ],
)
def test_a_method_that_the_server_refused_is_not_advised(methods, first_step):
    found = only_finding(refused("NO", "Authentication mechanism PLAIN is not available", methods=methods))
    assert found.code == "auth_mechanism_missing"
    assert first_step in found.steps[0]
    assert not any("normal password" in step for step in found.steps)
