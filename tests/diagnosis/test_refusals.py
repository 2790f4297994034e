"""What the words of servers mean."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.diagnosis.observations import IMAP, POP3, SMTP
from wizard.diagnosis import refusals
from wizard.diagnosis.knowledge import Stage, knowledge
from wizard.diagnosis.refusals import answer_line, interpret
from wizard.model.diagnosis import Confidence
from wizard.model.servers import Protocol

ROOT = Path(__file__).resolve().parent.parent.parent
FILE = ROOT / "templates" / "doctor.yaml"
SENTENCES = knowledge().sentences


@pytest.mark.parametrize("sentence", SENTENCES, ids=lambda sentence: f"{sentence.who}: {sentence.says[:40]}")
def test_a_pattern_matches_its_own_sentence_and_no_other_of_its_protocols(sentence):
    for protocol in sentence.protocols:
        answer = answer_line("", sentence.says)
        matching = [
            sentence.says
            for sentence in SENTENCES
            if protocol in sentence.protocols and sentence.pattern.search(answer)
        ]
        assert matching == [sentence.says]
        found = interpret(protocol, "", sentence.says, host=host_of(sentence.who))
        assert (found.code, found.case, found.who) == (sentence.meaning.code, sentence.meaning.case, sentence.who)


def host_of(who: str) -> str:
    """A server of those who say a sentence."""
    return f"mail.{knowledge().speakers.get(who, ('example.org',))[0]}"


def test_a_sentence_counts_for_the_protocols_that_are_named_only():
    assert interpret(POP3, "", "[ALERT] Too many simultaneous connections. (Failure)").who == ""


def test_a_sentence_of_a_provider_is_certain_at_its_servers_and_likely_elsewhere():
    says = "[ALERT] Application-specific password required: https://support.google.com/ (Failure)"
    assert interpret(IMAP, "", says, host="imap.gmail.com").confidence is Confidence.CERTAIN
    assert interpret(IMAP, "", says, host="imap.example.org").confidence is Confidence.LIKELY
    assert interpret(IMAP, "", says, host="notgmail.com").confidence is Confidence.LIKELY


def test_a_sentence_that_means_something_of_its_own_at_one_provider_is_not_read_so_elsewhere():
    says = "[AUTHENTICATIONFAILED] LOGIN Invalid credentials"
    assert interpret(IMAP, "", says, host="imap.mail.yahoo.com").code == "auth_needs_app_password"
    assert interpret(IMAP, "", says, host="imap.example.org").code == "auth_failed"


@pytest.mark.parametrize(
    ("protocol", "says", "expected"),
    [
        (
            SMTP,
            "534 5.7.14 Please log in via your web browser and then try again. Learn more at",
            ("auth_failed", "web_login"),
        ),
        (IMAP, "NO Your account is not yet enabled for IMAP use. Please visit", ("protocol_switched_off", "")),
        (SMTP, "550 5.7.60 SMTP; Client does not have permission to send as this sender", ("smtp_sender_refused", "")),
        (IMAP, "NO Maximum number of sessions from user+IP exceeded", ("too_many_connections", "")),
    ],
)
def test_a_word_that_differs_does_not_lose_a_known_sentence(protocol, says, expected):
    stage = Stage.MAIL if expected[0] == "smtp_sender_refused" else Stage.LOGIN
    found = interpret(protocol, "", says, stage=stage)
    assert (found.code, found.case, found.confidence) == (*expected, Confidence.LIKELY)


def test_every_sentence_has_its_source_and_what_nobody_checked_says_so():
    for sentence in SENTENCES:
        assert sentence.source.url or sentence.source.confidence != "confirmed", sentence.says
    assert {sentence.source.confidence for sentence in SENTENCES} == {"confirmed", "reported", "unverified"}


@pytest.mark.parametrize(
    ("protocol", "code", "text", "expected"),
    [
        (IMAP, "AUTHENTICATIONFAILED", "", ("auth_failed", "")),
        (IMAP, "AUTHENTICATIONFAILED", "Accesso negato", ("auth_failed", "unclear")),
        (IMAP, "NO", "[OVERQUOTA] voll", ("mailbox_full", "")),
        (IMAP, "", "NO [PRIVACYREQUIRED] encrypt first", ("login_disabled", "without_encryption")),
        (IMAP, "EXPIRED", "change it", ("password_expired", "")),
        (IMAP, "unavailable", "later", ("temporarily_unavailable", "")),
        (POP3, "IN-USE", "someone is here", ("mailbox_in_use", "")),
        (POP3, "LOGIN-DELAY", "too soon", ("rate_limited", "")),
        (POP3, "", "-ERR [SYS/TEMP] disk", ("temporarily_unavailable", "")),
        (POP3, "AUTH", "who?", ("auth_failed", "unclear")),
        (SMTP, "535 5.7.8", "nope", ("auth_failed", "unclear")),
        (SMTP, "535", "", ("auth_failed", "")),
        (SMTP, "538 5.7.11", "encrypt", ("login_disabled", "without_encryption")),
        (SMTP, "552 5.2.2", "full", ("mailbox_full", "")),
        (SMTP, "", "452 4.2.2 full", ("mailbox_full", "")),
        (SMTP, "454 4.7.99", "soon", ("temporarily_unavailable", "")),
        (SMTP, "504", "what?", ("auth_mechanism_missing", "")),
        (SMTP, "421", "closing", ("temporarily_unavailable", "")),
    ],
)
def test_the_codes_of_the_standards_are_known_in_every_writing(protocol, code, text, expected):
    found = interpret(protocol, code, text)
    assert (found.code, found.case) == expected
    assert found.source.confidence == "confirmed"


@pytest.mark.parametrize(
    ("protocol", "code", "text"),
    [
        (IMAP, "NO", "no idea"),
        (IMAP, "", ""),
        (POP3, "-ERR", "no idea"),
        (SMTP, "599", "no idea"),
        (SMTP, "", "call 535 for help"),
        (IMAP, "NO", "see 535 5.7.8"),
        (IMAP, "NO", "[XYZZY] nothing"),
    ],
)
def test_words_that_nobody_knows_mean_nothing(protocol, code, text):
    assert interpret(protocol, code, text) is None


@pytest.mark.parametrize(
    ("code", "text", "line"),
    [
        ("NO", "not now", "NO not now"),
        ("no", "not now", "no not now"),
        ("BAD", "what", "BAD what"),
        ("BYE", "closing", "BYE closing"),
        ("-ERR", "not now", "-ERR not now"),
        ("ERR", "not now", "ERR not now"),
        ("AUTH", "wrong", "[AUTH] wrong"),
        ("535 5.7.8", "wrong", "535 5.7.8 wrong"),
        ("", "  wrong \r\n password ", "wrong password"),
        ("535", "535 wrong", "535 wrong"),
        ("535", "5355 is no code", "535 5355 is no code"),
        ("AUTH", "[AUTH] wrong", "[AUTH] wrong"),
        ("NO", "", "NO"),
        ("NO", "x" * 600, "NO " + "x" * 497),
    ],
)
def test_the_line_of_an_answer_is_put_together_as_the_server_had_it(code, text, line):
    assert answer_line(code, text) == line


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("499 4.7.99 later", "temporarily_unavailable"),
        ("499 4.3.99 later", "temporarily_unavailable"),
        ("499 4.4.99 later", None),
        ("550 5.7.8 no", "auth_failed"),
        ("535 5.2.2 full", "mailbox_full"),
    ],
)
def test_an_enhanced_code_counts_before_its_class_and_before_the_three_digits(line, expected):
    found = interpret(SMTP, "", line)
    assert (found and found.code) == expected


def test_codes_in_brackets_count_for_imap_and_pop3_and_those_of_smtp_for_smtp_only():
    assert interpret(SMTP, "", "[AUTHENTICATIONFAILED] no") is None
    assert interpret(POP3, "", "535 5.7.8 no") is None
    assert interpret(IMAP, "", "NO [XYZZY] [AUTHENTICATIONFAILED] no").code == "auth_failed"


def test_a_known_sentence_wins_over_the_code_before_it():
    found = interpret(IMAP, "UNAVAILABLE", "Maximum number of connections from user+IP exceeded (mail_max=1)")
    assert (found.code, found.confidence) == ("too_many_connections", Confidence.CERTAIN)


@pytest.mark.parametrize("protocol", Protocol)
def test_an_endless_answer_is_read_to_a_limit(protocol):
    text = "[" + "A" * 10**6 + "] Authentication failed."
    assert interpret(protocol, "", text) is None
    assert len(answer_line("9" * 10**6, "x" * 10**6)) <= refusals.LONGEST
