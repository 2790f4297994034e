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
from small_rules import small_rules, veto
from test_principles import answers_of_anybody, sizes
from test_situations import OWN, labelled, read  # noqa: F401 - a fixture

from wizard.advice.evaluation import evaluate
from wizard.advice.question_order import Choice, next_question, open_questions
from wizard.advice.recommendation import recommend
from wizard.advice.rules import Interview
from wizard.interview.questions import load_questions
from wizard.model.recommendation import Option

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
    harmed = [
        situation["id"]
        for situation in labelled
        if outcome(interviewed(situation["answers"])[0]) in situation.get("never", ())
    ]
    assert harmed in ([], [9])  # seven times “I don't know”, and what would tell is not asked within the limit


def test_own_situations_are_never_advised_harmfully_by_a_short_interview():
    for situation in read(OWN):
        assert outcome(interviewed(situation["answers"])[0]) not in {"pop"} & set(situation.get("never", ())), (
            situation["id"]
        )


def test_shares_of_the_answers_to_a_question_add_up_to_a_hundred():
    for key, factors in RULES.factors.items():
        assert sum(factor.share for factor in factors.values()) == 100, key


def asking(rules: Rules, *, most: int = 9, core: tuple[str, ...] = (), early: tuple[str, ...] = ()) -> Rules:
    """The rules with another interview."""
    return replace(rules, interview=Interview(core, most, frozenset({"provider"}), early))


TO_POP, TO_ARCHIVE = (0, 0, 0, 9), (0, 9, 0, 0)
NO_BACKUP = veto("safety", Option.POP, backup="none")
SHARED = veto("safety", Option.POP, shared="several_people")


def test_the_likeliest_change_of_the_result_is_asked_for():
    points = {"others": {"imap": TO_ARCHIVE}, "disk": {"little": TO_ARCHIVE}, "sent": {"needed": (9, 0, 0, 0)}}
    rules = asking(small_rules(base=(1, 0, 0, 0), points=points))
    assert open_questions({}, rules=rules) == ("others", "disk")  # 30 and 25 of 100 people
    assert next_question({}, rules=rules) == "others"
    assert next_question({}, rules=rules, declined=["others"]) == "disk"
    assert next_question({"others": "none", "disk": "plenty"}, rules=rules) is None


def test_a_change_of_the_protocol_counts_double():
    points = {"others": {"imap": TO_ARCHIVE}, "disk": {"little": TO_POP}}
    assert open_questions({}, rules=asking(small_rules(base=(1, 0, 0, 0), points=points))) == ("disk", "others")
    points = {"sent": {"needed": TO_ARCHIVE}, "disk": {"little": TO_POP}}  # 55 of 100 people, and 25 twice
    assert open_questions({}, rules=asking(small_rules(base=(1, 0, 0, 0), points=points))) == ("sent", "disk")
    points = {"others": {"imap": TO_POP}, "disk": {"little": TO_POP}}
    assert open_questions({}, rules=asking(small_rules(base=(1, 0, 0, 0), points=points))) == ("others", "disk")


def test_of_questions_that_are_as_likely_the_earlier_one_of_the_file_comes_first():
    points = {"sent": {"needed": TO_POP}, "webmail": {"often": TO_ARCHIVE}, "disk": {"little": TO_ARCHIVE}}
    rules = asking(small_rules(base=(1, 0, 0, 0), points=points))
    assert open_questions({}, rules=rules) == ("sent", "webmail", "disk")
    assert next_question({"sent": "not_needed"}, rules=rules) == "webmail"


def test_an_early_question_comes_first_as_soon_as_it_can_change_the_result():
    points = {"others": {"imap": TO_ARCHIVE}, "disk": {"little": TO_ARCHIVE}, "moving": {"leaving": (0, 5, 0, 0)}}
    rules = asking(small_rules(base=(6, 0, 0, 0), points=points), early=("moving",))
    assert next_question({}, rules=rules) == "others"
    assert next_question({"alerts": "instant"}, rules=rules) == "others"
    lower = asking(small_rules(base=(1, 0, 0, 0), points=points), early=("moving",))
    assert next_question({}, rules=lower) == "moving"


def test_a_question_of_the_core_counts_by_points_or_by_a_veto():
    only_imap = veto("fact", Option.POP_KEEP, Option.POP, provider="imap_only")
    answers = {"provider": "imap_only"}
    for points, vetoes, first in (
        ({"sent": {"needed": TO_ARCHIVE}}, (), "sent"),
        ({"sent": {"needed": TO_POP}}, (), None),
        ({}, (veto("safety", Option.IMAP_ARCHIVE, sent="needed"),), "sent"),
        ({}, (veto("safety", Option.IMAP, backup="none", sent="needed"),), "sent"),
        ({}, (veto("safety", Option.POP, sent="needed"),), None),
        ({}, (veto("safety", Option.IMAP, alerts="instant"),), None),
        (
            {},
            (veto("fact", Option.IMAP_ARCHIVE, provider="imap_only"), veto("safety", Option.IMAP, sent="needed")),
            None,
        ),
    ):
        rules = small_rules(base=(1, 0, 0, 0), points=points, vetoes=(only_imap, *vetoes))
        choice = Choice(evaluate(rules, answers), rules.keys, 9)
        assert ("sent" if choice.counts("sent") else None) == first


def test_a_question_whose_checks_would_find_no_room_gives_way_to_them():
    """Instant alerts would lead to POP3, which has to be checked for a backup and for other people."""
    rules = small_rules(base=(1, 0, 0, 0), points={"alerts": {"instant": TO_POP}}, vetoes=(NO_BACKUP, SHARED))
    assert next_question({}, rules=asking(rules, most=3)) == "alerts"
    assert next_question({}, rules=asking(rules, most=2)) == "backup"  # 60 of 100 have none, 10 share it
    assert next_question({}, rules=asking(rules, most=2), declined=["backup"]) == "shared"
    assert next_question({}, rules=asking(rules, most=1)) == "backup"
    assert next_question({}, rules=asking(rules, most=0)) is None


def test_a_likely_question_without_room_gives_way_to_a_less_likely_one_that_has_it():
    points = {"alerts": {"instant": TO_POP}, "disk": {"little": TO_ARCHIVE}}
    rules = small_rules(base=(1, 0, 0, 0), points=points, vetoes=(NO_BACKUP, SHARED))
    assert next_question({}, rules=asking(rules, most=2)) == "disk"


def test_of_checks_that_are_as_likely_the_earlier_one_of_the_file_comes_first():
    vetoes = (veto("safety", Option.POP, folders="needed"), veto("safety", Option.POP, devices="several"))
    rules = small_rules(base=(1, 0, 0, 0), points={"alerts": {"instant": TO_POP}}, vetoes=vetoes)
    assert next_question({}, rules=asking(rules, most=2)) == "devices"


def test_when_there_is_just_room_for_the_checks_they_come_first():
    points = {"alerts": {"instant": TO_POP}, "quota": {"ample": (0, 99, 0, 0)}}
    rules = small_rules(base=(1, 0, 0, 0), points=points, vetoes=(NO_BACKUP, SHARED))
    answers = {"alerts": "instant"}
    assert next_question(answers, rules=asking(rules, most=4)) == "quota"
    assert next_question(answers, rules=asking(rules, most=3)) == "backup"
    assert next_question({**answers, "backup": "regular"}, rules=asking(rules, most=3)) == "shared"
    assert next_question(answers, rules=asking(rules, most=3), declined=["backup"]) == "shared"


def test_what_imap_must_be_checked_for_is_checked_where_the_result_may_fall_back_on_it():
    points = {"alerts": {"instant": TO_POP}, "sent": {"needed": TO_ARCHIVE}}
    box = veto("safety", Option.IMAP, moving="leaving")
    rules = asking(small_rules(base=(1, 0, 0, 0), points=points, vetoes=(box, NO_BACKUP, SHARED)), most=4)
    pop = {"alerts": "instant"}
    assert next_question(pop, rules=rules) == "backup"
    pop["backup"] = "regular"
    assert next_question(pop, rules=rules) == "shared"
    assert next_question({**pop, "shared": "several_people"}, rules=rules) == "moving"
    assert next_question({**pop, "shared": "one_person"}, rules=rules) == "sent"  # nothing leads back to IMAP any more
    no_imap = veto("fact", Option.IMAP, Option.IMAP_ARCHIVE, provider="pop_only")
    rules = asking(small_rules(base=(1, 0, 0, 0), points=points, vetoes=(no_imap, box, NO_BACKUP)), most=3)
    assert next_question({"alerts": "instant", "backup": "regular", "provider": "pop_only"}, rules=rules) is None


def test_a_fact_is_no_check_of_safety():
    fact = veto("fact", Option.POP, shared="several_people")
    points = {"alerts": {"instant": TO_POP}, "quota": {"ample": (0, 99, 0, 0)}}
    rules = small_rules(base=(1, 0, 0, 0), points=points, vetoes=(fact,))
    assert next_question({"alerts": "instant"}, rules=asking(rules, most=2)) == "quota"


def test_what_is_answered_needs_no_check():
    """A full mailbox would rule out POP3, but the answer that leads there says that it is not full."""
    points = {"quota": {"tight": TO_POP}, "disk": {"little": TO_ARCHIVE}}
    rules = small_rules(base=(1, 0, 0, 0), points=points, vetoes=(veto("safety", Option.POP, quota="full"),))
    assert next_question({}, rules=asking(rules, most=1)) == "quota"


def test_each_rule_of_safety_on_a_question_is_a_check():
    vetoes = (NO_BACKUP, veto("safety", Option.POP, backup="regular", sent="needed"), SHARED)
    rules = small_rules(base=(1, 0, 0, 0), points={"alerts": {"instant": TO_POP}}, vetoes=vetoes)
    assert next_question({}, rules=asking(rules, most=2)) == "backup"
    assert next_question({"alerts": "instant", "shared": "one_person"}, rules=asking(rules, most=3)) == "backup"


def test_a_question_that_is_never_put_is_not_asked_even_where_the_rules_do_not_call_it_known():
    rules = small_rules(base=(1, 0, 0, 0), points={"provider": {"both": TO_POP}, "disk": {"little": TO_ARCHIVE}})
    rules = replace(rules, interview=Interview((), 9, frozenset()))
    assert open_questions({}, rules=rules) == ("disk",)
    assert next_question({}, rules=rules) == "disk"


def test_the_recommendation_names_the_same_question_and_none_that_was_declined():
    points = {"others": {"imap": TO_ARCHIVE}, "disk": {"little": TO_ARCHIVE}, "provider": {"both": TO_POP}}
    rules = asking(small_rules(base=(1, 0, 0, 0), points=points))
    assert recommend({}, rules=rules).next_question == "others"
    assert recommend({}, rules=rules, declined=["others"]).next_question == "disk"
    assert recommend({}, rules=rules, declined=["others", "disk"]).next_question is None
