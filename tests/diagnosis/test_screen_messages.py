"""What mail programs show: the file, and that each wording is recognised, in any usual writing."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from wizard.diagnosis.screen_matching import recognise
from wizard.diagnosis.screen_messages import program_named, read_messages, screen_messages
from wizard.export.registry import card_programs, formats
from wizard.model.diagnosis import Confidence
from wizard.model.problems import Problem

ROOT = Path(__file__).resolve().parent.parent.parent
MESSAGES = screen_messages().messages
WORDINGS = [(message, wording) for message in MESSAGES for told in message.says.values() for wording in told]
CODES = [(message, code) for message in MESSAGES for code in message.codes]


def known(text: str, program: str | None = None) -> tuple:
    return recognise(text, None if program is None else program_named(program)).messages


def test_there_are_enough_of_each_program_in_both_languages():
    assert all({"en", "it"} <= set(message.says) for message in MESSAGES)
    of = {name: [m for m in MESSAGES if any(p.family == name for p in m.programs)] for name in
          ("microsoft", "apple", "mozilla", "android")}  # fmt: skip
    assert sum(map(len, of.values())) >= 60
    assert all(len(messages) >= 10 for messages in of.values())


def test_each_wording_is_recognised_as_its_own_message():
    wrong = [wording for message, wording in WORDINGS if known(wording)[:1] != (message,)]
    assert wrong == []


def test_each_wording_is_recognised_with_other_signs_and_with_the_parts_that_differ():
    filled = {
        wording: wording.upper().replace("…", " “Anna@Example.org” imap.example.org 993 ").replace("'", "’")
        for _message, wording in WORDINGS
    }
    wrong = [wording for message, wording in WORDINGS if known(filled[wording])[:1] != (message,)]
    assert wrong == []


def test_each_wording_is_recognised_within_a_dialog():
    wrong = [
        wording
        for message, wording in WORDINGS
        if len(wording) > 40 and known(f"Attention!\n\n{wording}\n\n[ OK ] [ Help ]")[:1] != (message,)
    ]
    assert wrong == []


def test_each_code_is_recognised_in_any_writing():
    for message, code in CODES:
        bare = code.removeprefix("0x")
        for text in (code, code.lower(), bare, f"({code})", f"Error: {code}: see help", code.replace("0x", "0X")):
            assert known(text) == (message,), text


def test_no_code_is_listed_twice():
    codes = [code.casefold() for _message, code in CODES]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize(
    "text",
    [
        "Anmeldung am Server fehlgeschlagen",
        "Der IMAP-Server antwortet nicht",
        "La connexion au serveur a échoué",
        "hello",
        "server",
        "my mail does not work since yesterday",
        "0x80040FFF",
        "Server error 0x80040FFF",
        "Internal server error while loading the page of the bank",
        "…",
        "12345",
    ],
)
def test_what_is_none_of_them_is_not_taken_for_one(text):
    assert known(text) == ()


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("it keeps asking for my password", "auth_needs_app_password"),
        ("continua a chiedere la password", "auth_needs_app_password"),
        ("Trouble logging in to the mail server", "auth_needs_app_password"),
        ("We can't connect right now", "port_filtered"),
        ("non riesco a collegarmi al server", "port_filtered"),
        ("The security certificate was issued by a company you have not chosen to trust", "tls_chain_incomplete"),
        ("messaggio non inviato", "port_25_blocked"),
        ("550 relay not permitted", "smtp_auth_missing"),
        ("la casella è piena", "mailbox_full"),
        ("too many simultaneous connections", "too_many_connections"),
        ("DNS server not found", "host_not_found"),
    ],
)
def test_other_words_have_a_subject_at_least(text, cause):
    words = recognise(text)
    assert words.messages == ()
    assert words.causes[0] == cause
    assert words.confidence is Confidence.POSSIBLE


@pytest.mark.parametrize("text", ["battery low", "Windows update failed", "hello", "Der Server antwortet nicht"])
def test_what_speaks_of_nothing_has_no_subject(text):
    assert recognise(text).kinds == ()


@pytest.mark.parametrize(
    ("text", "program"),
    [
        ("0x800CCC0E", "outlook"),
        ("Cannot Verify Server Identity", "iphone"),
        ("Username or password incorrect", None),
        ("The operation timed out", None),
        ("Certificato scaduto", None),
        ("keeps asking for the password", None),
    ],
)
def test_only_what_no_other_program_says_so_tells_the_program(text, program):
    told = recognise(text).program
    assert (None if told is None else told.id) == program


def test_not_is_a_word_that_counts():
    """“Not sent” is no part of “sent, but not copied”."""
    assert recognise("Messaggio non inviato").messages == ()


def test_of_messages_that_fit_alike_the_one_of_the_named_program_is_taken():
    text = "Impossibile connettersi al server"
    assert known(text, "samsung")[0].programs[0].id == "samsung"
    assert known(text, "mac")[0].programs[0].id == "mac"


def test_long_nonsense_takes_no_time():
    started = time.process_time()
    recognise("the conection to teh servr mail pasword was nott failedd " * 400)
    assert time.process_time() - started < 2


def test_what_nobody_could_look_up_is_possible_at_most():
    for message in MESSAGES:
        words = recognise(message.says["en"][0].replace("…", "x.example.org"))
        if words.messages and all(source.confidence == "unverified" for source in words.messages[0].source):
            assert words.confidence is Confidence.POSSIBLE


def test_every_cause_is_a_code_of_the_doctor():
    schema = json.loads((ROOT / "docs/schemas/doctor.json").read_text(encoding="utf-8"))
    codes = set(schema["$defs"]["finding"]["properties"]["code"]["enum"])
    assert {code for message in MESSAGES for code in message.kind.causes} <= codes


def test_every_program_of_the_card_and_every_format_is_known_by_its_name():
    for program in card_programs():
        assert program_named(program.name).name == program.name
    for entry in formats():
        assert program_named(entry.id)


def test_no_name_stands_for_two_programs():
    names = [name for program in screen_messages().programs.values() for name in (program.id, *program.also)]
    assert len(names) == len(set(names))


GOOD = """
sources: {s: {reference: x, checked_on: 2026-11-28, confidence: unverified}}
programs: {p: {name: P}}
words: {sending: [smtp], receiving: [imap]}
subjects: []
kinds: {k: {meaning: "{program} fails.", about: both, causes: [], look: login}}
messages:
  - {programs: [p], kind: k, source: s, says: {en: [It fails]}}
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("kind: k", "kind: kk", "line 8"),
        ("programs: [p]", "programs: [q]", "It can be: p."),
        ("{program} fails", "{programs} fails", "Did you mean program?"),
        ("en: [It fails]", "it: [Non va]", "The key “en” is missing"),
        ("look: login", "look: logn", "Did you mean login?"),
        ("source: s", "source: t", "source"),
    ],
)
def test_what_is_wrong_in_the_file_is_named_with_its_line(tmp_path, old, new, said):
    path = tmp_path / "messages.yaml"
    path.write_text(GOOD, encoding="utf-8")
    assert len(read_messages(path).messages) == 1
    path.write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(Problem) as caught:
        read_messages(path)
    assert said in str(caught.value) or said in caught.value.text
