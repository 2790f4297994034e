"""What the words of servers mean, and the file that says so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.diagnosis.observations import IMAP, POP3, SMTP
from wizard.diagnosis import refusals
from wizard.diagnosis.knowledge import PLACEHOLDERS, fields_of, knowledge, read_knowledge
from wizard.diagnosis.refusals import answer_line, interpret
from wizard.model.diagnosis import Confidence
from wizard.model.problems import Problem
from wizard.model.servers import Protocol

ROOT = Path(__file__).resolve().parent.parent.parent
FILE = ROOT / "templates" / "doctor.yaml"
SENTENCES = knowledge().sentences


@pytest.mark.parametrize("sentence", SENTENCES, ids=lambda one: f"{one.who}: {one.says[:40]}")
def test_a_pattern_matches_its_own_sentence_and_no_other_of_its_protocols(sentence):
    for protocol in sentence.protocols:
        said = answer_line("", sentence.says)
        matching = [one.says for one in SENTENCES if protocol in one.protocols and one.pattern.search(said)]
        assert matching == [sentence.says]
        found = interpret(protocol, "", sentence.says)
        assert (found.code, found.case, found.who) == (sentence.meaning.code, sentence.meaning.case, sentence.who)


def test_a_sentence_counts_for_the_protocols_that_are_named_only():
    assert interpret(POP3, "", "[ALERT] Too many simultaneous connections. (Failure)") is None


def test_every_sentence_has_its_source_and_what_nobody_checked_says_so():
    for one in SENTENCES:
        assert one.source.url or one.source.confidence != "confirmed", one.says
    assert {one.source.confidence for one in SENTENCES} == {"confirmed", "reported", "unverified"}


@pytest.mark.parametrize(
    ("protocol", "code", "text", "expected"),
    [
        (IMAP, "AUTHENTICATIONFAILED", "Accesso negato", ("auth_failed", "")),
        (IMAP, "NO", "[OVERQUOTA] voll", ("mailbox_full", "")),
        (IMAP, "", "NO [PRIVACYREQUIRED] encrypt first", ("login_disabled", "without_encryption")),
        (IMAP, "EXPIRED", "change it", ("auth_failed", "expired")),
        (IMAP, "unavailable", "later", ("temporarily_unavailable", "")),
        (POP3, "IN-USE", "someone is here", ("too_many_connections", "")),
        (POP3, "LOGIN-DELAY", "too soon", ("rate_limited", "")),
        (POP3, "", "-ERR [SYS/TEMP] disk", ("temporarily_unavailable", "")),
        (POP3, "AUTH", "who?", ("auth_failed", "")),
        (SMTP, "535 5.7.8", "nope", ("auth_failed", "")),
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


def test_a_known_sentence_wins_over_the_code_before_it():
    found = interpret(IMAP, "UNAVAILABLE", "Maximum number of connections from user+IP exceeded (mail_max=1)")
    assert (found.code, found.confidence) == ("too_many_connections", Confidence.CERTAIN)


@pytest.mark.parametrize("protocol", Protocol)
def test_an_endless_answer_is_read_to_a_limit(protocol):
    said = "[" + "A" * 10**6 + "] Authentication failed."
    assert interpret(protocol, "", said) is None
    assert len(answer_line("9" * 10**6, "x" * 10**6)) <= refusals.LONGEST


# The file


def test_it_is_read_once_and_at_the_first_need():
    assert knowledge() is knowledge()


def test_every_text_of_every_cause_can_be_told_with_what_is_known_of_any_server():
    always = {"address", "domain", "host", "port", "protocol", "provider", "security", "username"}
    for (code, case), telling in knowledge().texts.items():
        steps = [texts for texts in telling.steps if any(set(fields_of(one)) <= always for one in texts)]
        assert steps, (code, case)
        assert telling.cause
        assert telling.seen


def test_the_names_in_braces_are_all_used():
    used = {
        name
        for telling in knowledge().texts.values()
        for texts in (telling.cause, telling.seen, *telling.steps)
        for one in texts
        for name in fields_of(one)
    }
    assert used == PLACEHOLDERS


def test_the_document_lists_the_codes_of_the_file_and_what_they_mean():
    rows = re.findall(
        r"^\| `(\w+)` \| (.+?) \| (.+?) \|$", (ROOT / "docs" / "doctor.md").read_text("utf-8"), re.MULTILINE
    )
    told = [code for code, _when, _sure in rows]
    assert sorted(told) == sorted(knowledge().codes)
    words = {one.value for one in Confidence}
    assert all(set(re.findall(r"\w+", sure)) & words for _code, _when, sure in rows)


@pytest.mark.parametrize(
    ("old", "new", "key", "words"),
    [
        ("causes:\n", "causes:\n  x: {cause: a}\n", "causes.x", "“seen” is missing"),
        (
            'cause: "There is no server',
            'cuase: "There is no server',
            "causes.host_not_found.cuase",
            "Did you mean cause?",
        ),
        ("There is no domain {domain}", "There is no domain {xomain}", "causes.domain_not_found.cause", "domain"),
        ("There is no domain {domain}", "There is no domain {domain", "causes.domain_not_found.cause", "do not pair"),
        (
            "code: auth_failed, confidence: certain}",
            "code: auth_faild, confidence: certain}",
            "AUTHENTICATIONFAILED.code",
            "auth_failed",
        ),
        ("case: expired, confidence: certain}", "case: expird, confidence: certain}", "EXPIRED.case", "expired"),
        ('"535": {', '"35": {', "reply_codes.35", "no such code"),
        ('"5.7.8": {', '"5.7": {', "enhanced_codes.5.7", "no such code"),
        ("pattern: 'SendAsDenied'", "pattern: 'SendAs('", "pattern", "no regular expression"),
        ("pattern: 'SendAsDenied'", "pattern: 'SendAsDenied9'", "pattern", "does not match"),
        ("source: gmail_imap", "source: gmail_imp", "sentences.0.source", "gmail_imap"),
        ("protocols: [imap]", "protocols: [imap5]", "sentences.0.protocols.0", "imap"),
        ("confidence: confirmed}", "confidence: sure}", "confidence", "confirmed"),
        ('checked_on: "2026-11-25"', 'checked_on: "soon"', "checked_on", "2026-11-24"),
        ("https://www.rfc-editor.org/rfc/rfc3207", "www.rfc-editor.org", "sources.rfc3207.url", "https://"),
        ("security_programs:\n", "security_programs:\n  - {name: X}\n", "security_programs.0", "“issuer” is missing"),
        ("public_authorities:\n", "public_authorities:\n  - [a]\n", "public_authorities.0", "text is expected"),
        (
            "response_codes:\n",
            "response_codes:\n  alert: {code: auth_failed, confidence: likely}\n",
            "response_codes.alert",
            "no such code",
        ),
    ],
)
def test_a_mistake_in_the_file_is_named_with_file_line_and_key(tmp_path, old, new, key, words):
    text = FILE.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "doctor.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(Problem) as caught:
        read_knowledge(path)
    place = caught.value.place
    assert place.file == str(path)
    assert key in place.key
    assert words in caught.value.text
    changed = path.read_text(encoding="utf-8").splitlines()
    # On the line of the key itself, or of the entry that lacks one.
    assert any(
        part in changed[place.line - 1] for part in (key.rpartition(".")[2], new.strip().splitlines()[-1].strip()[:12])
    )
