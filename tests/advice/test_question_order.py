"""What is asked, in which order, and when it is enough; docs/interview-figures.md has the figures for more persons."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from people import RULES, VALUES, any_answers, harm, interviewed, outcome, persons
from test_principles import answers_of_anybody, sizes
from test_situations import OWN, labelled, read  # noqa: F401 - a fixture

from wizard.advice.question_order import next_question, open_questions
from wizard.advice.recommendation import recommend
from wizard.interview.questions import load_questions

sys.path.insert(0, str(Path(__file__).parent.parent / "benchmarks"))

from interview_figures import figures

if TYPE_CHECKING:
    from wizard.advice.rules import Rules

MOST = RULES.interview.most
ASKABLE = {question.key for question in load_questions() if question.asked}


def limited_to(most: int) -> Rules:
    """The rules with another limit of the interview."""
    return replace(RULES, interview=replace(RULES.interview, most=most))


WITHOUT_LIMIT = limited_to(99)


def test_the_core_comes_first_in_its_order():
    assert next_question({}) == "devices"
    assert next_question({"devices": "several"}) == "quota"
    assert next_question({"devices": "several", "quota": "ample"}) == "backup"
    assert next_question({"quota": "tight"}) == "devices"


def test_a_question_of_the_core_that_cannot_matter_is_left_out():
    assert next_question({"provider": "neither"}) is None
    assert next_question({"provider": "imap_only"}) == "quota"  # IMAP it is, on however many devices
    assert next_question({"provider": "pop_only"}) == "devices"


def test_i_do_not_know_is_not_asked_again_and_counts_as_asked():
    assert next_question({}, declined=["devices"]) == "quota"
    assert next_question({}, declined=["devices", "quota", "backup"], rules=limited_to(3)) is None


def test_ask_me_more_goes_on_beyond_the_limit():
    person = {"provider": "both", "devices": "one", "quota": "tight", "backup": "regular"}
    answers, put = interviewed(person)
    assert len(put) == MOST
    declined = set(put) - answers.keys()
    assert next_question(answers, declined=declined) is None
    assert next_question(answers, declined=declined, rules=WITHOUT_LIMIT) in open_questions(answers, declined=declined)


@given(answers_of_anybody)
def test_what_is_asked_is_open_and_what_is_known_is_not(answers):
    key = next_question(answers, rules=WITHOUT_LIMIT)
    assert key is None or key in ASKABLE - answers.keys()
    assert recommend(answers).next_question == next_question(answers)


@given(answers_of_anybody)
def test_it_ends_only_when_no_single_open_answer_can_change_the_result(answers):
    if next_question(answers, rules=WITHOUT_LIMIT) is None:
        now = outcome(answers)
        applying = {question.key for question in load_questions() if question.asked and question.applies(answers)}
        for key in applying - answers.keys():
            assert {outcome({**answers, key: value}) for value in VALUES[key]} == {now}


@given(answers_of_anybody)
def test_open_questions_are_those_of_which_an_answer_changes_the_result(answers):
    now = outcome(answers)
    applying = {question.key for question in load_questions() if question.asked and question.applies(answers)}
    expected = {
        key
        for key in applying - answers.keys()
        if any(outcome({**answers, key: value}) is not now for value in VALUES[key])
    }
    assert set(open_questions(answers)) == expected


@given(answers_of_anybody, st.sets(st.sampled_from(sorted(ASKABLE))))
def test_an_interview_from_any_answers_on_ends_within_the_limit(answers, unknown):
    person = {key: value for key, value in answers.items() if key not in unknown}
    found, put = interviewed(person)
    assert len(put) <= MOST
    assert len(set(put)) == len(put)
    assert harm(person, outcome(found)) is None or outcome(found) is outcome(person)


@pytest.mark.parametrize("count", sizes(500, 3000))
@pytest.mark.parametrize("unknown", [0.0, 0.15])
def test_simulated_persons_are_asked_little_and_advised_as_if_asked_everything(unknown, count):
    found = figures(persons(count, seed=7, unknown=unknown))
    assert found["median"] <= 7
    assert found["most"] <= MOST == 9
    assert found["same"] >= 97
    assert found["losses"] == 0


@pytest.mark.parametrize("count", sizes(500, 3000))
def test_nobody_of_the_whole_space_loses_mail_by_a_short_interview(count):
    found = figures(any_answers(count, seed=8))
    assert found["losses"] == 0
    assert found["most"] <= 9


def test_the_labelled_persons_are_advised_by_a_short_interview_too(labelled):  # noqa: F811
    found = figures([situation["answers"] for situation in labelled])
    assert found["median"] <= 7
    assert found["most"] <= 9
    assert found["same"] >= 97
    assert found["losses"] == 0
    for situation in labelled:
        assert outcome(interviewed(situation["answers"])[0]) not in situation.get("never", ())


def test_own_situations_are_never_advised_harmfully_by_a_short_interview():
    for situation in read(OWN):
        assert outcome(interviewed(situation["answers"])[0]) not in {"pop"} & set(situation.get("never", ())), (
            situation["id"]
        )


def test_shares_of_the_answers_to_a_question_add_up_to_a_hundred():
    for key, factors in RULES.factors.items():
        assert sum(factor.share for factor in factors.values()) == 100, key
