"""Somebody comes to the guided way with a trouble: the machine, without a terminal."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.app.journey import ONLINE, Journey, request
from wizard.app.doctor import DoctorResult
from wizard.app.guided.state import ExaminedFact, Place, WorkKind
from wizard.app.guided.trouble import TROUBLE
from wizard.model.address import parse_address
from wizard.model.diagnosis import Diagnosis
from wizard.model.discovery import DiscoveryReport
from wizard.model.problems import Notice

ANNA = "anna@example.test"
RESULT = DoctorResult(Diagnosis(address=parse_address(ANNA), observations=(), findings=()), ())


@pytest.fixture(autouse=True)
def work_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def somebody(**how: Any) -> Journey:
    return Journey(
        request(ANNA, look_up=ONLINE), look_up=lambda address: DiscoveryReport(address=address), early=False, **how
    )


def at_the_result(**how: Any) -> Journey:
    return somebody(**{"examined": RESULT, **how}).answer(TROUBLE, "outlook", "0x800CCC0E")


def test_the_first_question_has_the_choice_and_no_other_one():
    journey = somebody()
    assert journey.step.choices[-1].value == TROUBLE
    journey.answer(journey.step.choices[0].value)
    assert TROUBLE not in [choice.value for choice in journey.step.choices]


def test_offline_it_is_not_offered():
    journey = Journey(request("anna@gmx.net"))
    assert TROUBLE not in [choice.value for choice in journey.step.choices]


def test_program_and_words_are_asked_and_the_doctor_looks():
    journey = somebody(examined=RESULT).answer(TROUBLE)
    assert journey.id == Place.TROUBLE_PROGRAM
    assert "thunderbird" in [choice.value for choice in journey.step.choices]
    journey.answer("outlook")
    assert journey.id == Place.TROUBLE_SAYS
    journey.answer("0x800CCC0E")
    assert journey.work[-1] is WorkKind.EXAMINE
    assert journey.facts == [ExaminedFact]
    assert (journey.state.trouble.program, journey.state.trouble.says) == ("outlook", "0x800CCC0E")


def test_what_it_shows_may_be_left_out():
    journey = somebody(examined=RESULT).answer(TROUBLE, "other", "")
    assert journey.facts == [ExaminedFact]


def test_afterwards_the_set_up_goes_on_where_it_was():
    journey = at_the_result()
    assert journey.id == Place.TROUBLE_NEXT
    first = somebody().id
    journey.answer("set-up")
    assert journey.id == first
    assert journey.until("advice").id in ("advice", "no-domain", "server-host")


def test_the_log_in_is_tried_on_request_and_offered_once():
    journey = at_the_result()
    journey.answer("log-in")
    assert journey.state.trouble.login
    assert journey.work.count(WorkKind.EXAMINE) == 2
    assert "log-in" not in [choice.value for choice in journey.step.choices]


def test_looking_again_asks_for_both_with_what_was_said_preselected():
    journey = at_the_result().answer("again")
    assert (journey.id, journey.step.default) == (Place.TROUBLE_PROGRAM, "outlook")
    journey.answer("thunderbird")
    assert journey.step.default == "0x800CCC0E"


def test_back_leads_to_the_program_and_to_the_question():
    journey = somebody().answer(TROUBLE)
    first = somebody().id
    journey.answer("outlook").back()
    assert journey.id == Place.TROUBLE_PROGRAM
    assert journey.back().id == first


@pytest.mark.parametrize(("came", "said"), [(None, "interrupted"), ("No server is known.", "No server is known.")])
def test_a_check_that_did_not_come_about_is_a_sentence(came, said):
    journey = at_the_result(examined=came)
    assert journey.id == Place.TROUBLE_NEXT
    assert said in journey.sentences[0]


def test_stopping_there_writes_nothing(tmp_path):
    assert at_the_result().answer("stop").outcome is None
    assert list(tmp_path.iterdir()) == []


def test_that_the_log_in_was_not_tried_is_a_choice_and_no_note():
    notes = (Notice("login_not_tried", "x"), Notice("differs", "y"))
    journey = at_the_result(examined=replace(RESULT, notes=notes))
    assert [notice.code for notice in journey.shown[0].result.notes] == ["differs"]
