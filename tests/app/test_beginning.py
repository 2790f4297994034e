"""The beginning of the guided way: what an interrupted run left is offered."""

from __future__ import annotations

import pytest

from tests.interview.scripted import CTRL_C, ScriptedPrompter
from wizard.app.beginning import resume
from wizard.interview import partial
from wizard.interview.answers import Answers, Origin
from wizard.interview.flow import Interrupted


@pytest.fixture
def kept() -> Answers:
    answers = Answers().with_("address", "anna@example.org", Origin.TYPED).with_("devices", "several", Origin.TYPED)
    partial.keep(answers)
    return answers


def test_nothing_kept_is_nothing_asked():
    given = Answers()
    assert resume(given, ScriptedPrompter([]), None) is given


def test_going_on_puts_the_command_line_above_what_was_kept(kept):
    given = Answers().with_("devices", "one", Origin.SET)
    prompter = ScriptedPrompter(["on"])
    got = resume(given, prompter, None)
    assert (got.get("devices"), got.address) == ("one", "anna@example.org")
    assert "anna@example.org" in prompter.put[0].message


def test_beginning_afresh_forgets_what_was_kept(kept):
    assert resume(Answers(), ScriptedPrompter(["afresh"]), None) == Answers()
    assert partial.offered() is None


@pytest.mark.parametrize("by_answer", [False, True])
def test_another_address_is_offered_nothing_and_what_was_kept_stays(kept, by_answer):
    given = Answers().with_("address", "bruno@example.org", Origin.SET) if by_answer else Answers()
    assert resume(given, ScriptedPrompter([]), None if by_answer else "bruno@example.org") is given
    assert partial.offered() is not None


def test_the_same_address_written_otherwise_is_offered(kept):
    assert resume(Answers(), ScriptedPrompter(["on"]), "anna@EXAMPLE.org").get("devices") == "several"


def test_a_kept_file_that_is_broken_is_said_and_nothing_is_asked():
    partial.state_file().parent.mkdir(parents=True)
    partial.state_file().write_text("{")
    prompter = ScriptedPrompter([])
    assert resume(Answers(), prompter, None) == Answers()
    assert len(prompter.said) == 1
    assert "cannot be read" in prompter.said[0]


def test_an_answer_that_is_no_longer_valid_is_said_and_the_rest_is_offered():
    partial.state_file().parent.mkdir(parents=True)
    partial.state_file().write_text('{"schema": 1, "answers": {"devices": "three", "webmail": "often"}}')
    prompter = ScriptedPrompter(["on"])
    assert resume(Answers(), prompter, None).values() == {"webmail": "often"}
    assert "devices" in prompter.said[0]


def test_breaking_off_at_the_offer_loses_nothing(kept):
    with pytest.raises(Interrupted) as caught:
        resume(Answers().with_("quota", "full", Origin.SET), ScriptedPrompter([CTRL_C]), None)
    assert caught.value.answers.values() == {"devices": "several", "quota": "full"}
