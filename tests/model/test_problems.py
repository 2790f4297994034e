"""Problems: one sentence, a place, an exit code, the nearest word."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.model import problems
from wizard.model.problems import ExitCode, Place, Problem, did_you_mean, nearest
from wizard.model.recommendation import Option
from wizard.model.servers import Protocol
from wizard.model.text import escaped, has_controls, printable

DEVICES = ("one", "main_plus_glance", "several")


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("sevral", "several"),
        ("SEVERAL", "several"),
        ("main-plus-glance", "main_plus_glance"),
        ("xyz", None),
        ("", None),
    ],
)
def test_the_nearest_word_is_what_was_most_likely_meant(word, meant):
    assert nearest(word, DEVICES) == meant


def test_where_no_word_is_near_all_are_named():
    assert did_you_mean("sevral", DEVICES) == "Did you mean several?"
    assert did_you_mean("xyz", DEVICES) == "It can be: one, main_plus_glance, several."


def test_the_known_words_may_be_any_iterable():
    assert did_you_mean("xyz", iter(DEVICES)) == "It can be: one, main_plus_glance, several."


@pytest.mark.parametrize(
    ("place", "shown"),
    [
        (Place("a.yaml", 3, "devices"), "a.yaml, line 3, devices: Wrong."),
        (Place("a.yaml"), "a.yaml: Wrong."),
        (Place(key="--set"), "--set: Wrong."),
        (Place(), "Wrong."),
        (None, "Wrong."),
    ],
)
def test_a_problem_names_its_place_first(place, shown):
    assert str(Problem("Wrong.", place=place)) == shown


@pytest.mark.parametrize(
    ("name", "code"),
    [("Problem", 2), ("InputNeeded", 3), ("NothingDiscovered", 4), ("OutputExists", 7)],
)
def test_the_exit_codes_are_those_promised(name, code):
    assert getattr(problems, name)("x").exit_code == code


def test_a_problem_may_carry_another_exit_code_without_changing_its_class():
    assert Problem("x", exit_code=ExitCode.NETWORK).exit_code == 5
    assert Problem("x").exit_code == 2


@given(st.text(), st.integers(min_value=2, max_value=40))
def test_whatever_is_made_printable_is_printable_and_short(text, limit):
    shown = printable(text, limit)
    assert not has_controls(shown, emoji=True)
    assert len(shown) <= limit
    shown.encode()
    assert printable(shown, limit) == shown


def test_escape_sequences_and_reversed_text_do_not_reach_a_terminal():
    assert printable("\x1b]0;title\x07ok\u202egro.elpmaxe") == "�]0;title�ok�gro.elpmaxe"


def test_ordinary_text_stays_as_it_is():
    assert printable("Größe “12” – 你好 👍") == "Größe “12” – 你好 👍"


@pytest.mark.parametrize("shown", ["❤️ Anna", "👩‍👩‍👧", "1️⃣", "👍🏽", "🏳️‍🌈", "☎︎"])
def test_an_emoji_stays_legible_and_may_stand_in_the_name_of_a_person_only(shown):
    assert printable(shown) == shown
    assert not has_controls(shown, emoji=True)
    assert has_controls(shown) == any(sign in shown for sign in "\u200d\ufe0e\ufe0f")


@pytest.mark.parametrize(
    "sign",
    "\u034f\u115f\u1160\u17b4\u180e\u200b\u200d\u2800\u3164\ufe00\ufe0f\uffa0\U000e0041\U000e0100\ue000\U00100000\u202e\u2066\x9b"
    "\x7f\ud800",
)
def test_a_sign_that_shows_nothing_is_shown_as_one(sign):
    assert printable(f"an{sign}na") == "an�na"
    assert has_controls(f"an{sign}na", emoji=True)


@given(st.text())
def test_an_escaped_document_says_the_same(text):
    document = json.dumps({"text": text}, ensure_ascii=False, indent=2)
    shown = escaped(document)
    assert json.loads(shown) == json.loads(document)
    assert not has_controls(shown.replace("\n", ""))


def test_every_outcome_says_which_protocol_it_sets_up():
    assert {option.value: option.protocol for option in Option} == {
        "imap": Protocol.IMAP,
        "imap_archive": Protocol.IMAP,
        "pop_keep": Protocol.POP3,
        "pop": Protocol.POP3,
        "none": None,
    }
