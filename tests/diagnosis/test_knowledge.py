"""templates/doctor.yaml: its texts and words, and what is said of a mistake in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from wizard.diagnosis.knowledge import PLACEHOLDERS, fields_of, knowledge, read_knowledge
from wizard.model.diagnosis import Confidence
from wizard.model.problems import Problem

ROOT = Path(__file__).resolve().parent.parent.parent
FILE = ROOT / "templates" / "doctor.yaml"
SENTENCES = knowledge().sentences


def test_it_is_read_once_and_at_the_first_need():
    assert knowledge() is knowledge()


def test_every_text_of_every_cause_can_be_told_with_what_is_known_of_any_server():
    always = {"address", "domain", "host", "port", "protocol", "provider", "security", "username"}
    for (code, case), texts_of_cause in knowledge().texts.items():
        steps = [texts for texts in texts_of_cause.steps if any(set(fields_of(text)) <= always for text in texts)]
        assert steps, (code, case)
        assert texts_of_cause.cause
        assert texts_of_cause.seen


def test_the_names_in_braces_are_all_used():
    used = {
        name
        for texts_of_cause in knowledge().texts.values()
        for texts in (texts_of_cause.cause, texts_of_cause.seen, *texts_of_cause.steps)
        for text in texts
        for name in fields_of(text)
    }
    assert used == PLACEHOLDERS


def test_the_document_lists_the_codes_of_the_file_and_what_they_mean():
    rows = re.findall(
        r"^\| `(\w+)` \| (.+?) \| (.+?) \|$", (ROOT / "docs" / "doctor.md").read_text("utf-8"), re.MULTILINE
    )
    codes = [code for code, _when, _sure in rows]
    assert sorted(codes) == sorted(knowledge().codes)
    words = {word.value for word in Confidence}
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
        ("The domain {domain}", "The domain {xomain}", "causes.domain_not_found.cause", "domain"),
        ("The domain {domain}", "The domain {domain", "causes.domain_not_found.cause", "are not balanced"),
        (
            "code: auth_failed, confidence: certain}",
            "code: auth_faild, confidence: certain}",
            "AUTHENTICATIONFAILED.code",
            "auth_failed",
        ),
        ("case: blocked, confidence: possible}", "case: blockd, confidence: possible}", "CONTACTADMIN.case", "blocked"),
        ('"535": {', '"35": {', "reply_codes.35", "code does not exist"),
        ('"5.7.8": {', '"5.7": {', "enhanced_codes.5.7", "code does not exist"),
        ("pattern: 'SendAsDenied'", "pattern: 'SendAs('", "pattern", "not a regular expression"),
        ("pattern: 'SendAsDenied'", "pattern: 'SendAsDenied9'", "pattern", "does not match"),
        ('en: ["helo*|ehlo*",', 'en: ["helo(ehlo",', "word_classes.0.says.en.0", "not a pattern of words"),
        ("stages: [greeting, mail", "stages: [greating, mail", "word_classes.0.stages.0", "greeting"),
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
            "code does not exist",
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
