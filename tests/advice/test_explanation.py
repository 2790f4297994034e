"""What is told: reasons, what speaks against it, what would change it, warnings, days, and what it means tomorrow."""

from __future__ import annotations

import pytest
from hypothesis import given
from people import RULES, any_answers, outcome
from test_principles import answers_of_anybody, sizes

from wizard.advice.explanation import BASE_KEY, contributions
from wizard.advice.recommendation import recommend
from wizard.advice.rules import SCORED
from wizard.model.recommendation import Confidence, Option


@given(answers_of_anybody)
def test_points_are_of_the_difference_between_winner_and_runner_up(answers):
    advice = recommend(answers)
    if advice.runner_up is None:
        return
    parts = contributions(RULES, answers)
    won, lost = SCORED.index(advice.option), SCORED.index(advice.runner_up)
    for reason in (*advice.reasons, *advice.against):
        if reason.key != BASE_KEY:
            points = parts[reason.key]
            assert reason.answer == answers[reason.key]
            assert reason.points == points[won] - points[lost]


@given(answers_of_anybody)
def test_reasons_never_speak_against_and_the_one_against_never_for(answers):
    advice = recommend(answers)
    assert all(one.points >= 0 for one in advice.reasons)
    assert all(one.points <= 0 for one in advice.against)
    expected = 0 if advice.option is Option.NONE else 1
    assert len(advice.against) == expected
    assert len(advice.reasons) >= expected


@given(answers_of_anybody)
def test_every_answer_that_favours_the_winner_over_the_runner_up_is_named(answers):
    advice = recommend(answers)
    if advice.runner_up is None:
        return
    won, lost = SCORED.index(advice.option), SCORED.index(advice.runner_up)
    for key, points in contributions(RULES, answers).items():
        if points[won] > points[lost]:
            factor = RULES.factors[key][answers[key]]
            assert any(one.key == key for one in advice.reasons) or factor.why.get(advice.option) is None


def test_every_answer_that_can_favour_an_outcome_has_a_sentence_for_it():
    for key, factors in RULES.factors.items():
        for value, factor in factors.items():
            for place, option in enumerate(SCORED):
                lower = min(factor.points) < factor.points[place]
                higher = max(factor.points) > factor.points[place]
                assert not lower or option in factor.why, (key, value, option)
                assert not higher or option in factor.but, (key, value, option)


@pytest.mark.parametrize("count", sizes(200, 1500))
def test_everything_that_would_change_it_does_and_nothing_is_left_out(count):
    for answers in any_answers(count, seed=3):
        advice = recommend(answers)
        told = {(one.key, one.value): one.to for one in advice.would_change}
        for key, factors in RULES.factors.items():
            if key in RULES.interview.known and key in answers:
                continue
            for value in factors:
                changed = outcome({**answers, key: value})
                assert told.get((key, value), advice.option) is changed


def test_what_was_looked_up_is_not_offered_as_a_change():
    assert "provider" not in {one.key for one in recommend({"provider": "both"}).would_change}
    assert "provider" in {one.key for one in recommend({}).would_change}


@given(answers_of_anybody)
def test_the_plausible_changes_come_first(answers):
    order = [RULES.plausible.index(one.key) for one in recommend(answers).would_change]
    assert order == sorted(order)


@given(answers_of_anybody)
def test_days_are_named_exactly_when_messages_stay_for_a_time(answers):
    advice = recommend(answers)
    stays = advice.option is Option.POP_KEEP
    assert (advice.leave_days is not None) is stays
    assert (advice.leave_reason is not None) is stays
    if stays:
        assert 7 <= advice.leave_days <= 30
        assert advice.leave_reason.startswith(f"{advice.leave_days} days")


@pytest.mark.parametrize(
    ("more", "days"),
    [
        ({"quota": "tight", "backup": "regular"}, 7),
        ({"quota": "tight", "backup": "regular", "connection": "rare"}, 14),
        ({"quota": "tight", "backup": "none"}, 14),
        ({"backup": "none"}, 30),
        ({"privacy": "off_server", "backup": "regular"}, 7),
        ({"connection": "rare", "backup": "regular"}, 30),
        ({"devices": "several", "backup": "regular"}, 30),
        ({"shared": "several_people", "backup": "regular"}, 30),
        ({"backup": "regular"}, 14),
    ],
)
def test_the_days_follow_the_need(more, days):
    assert recommend({"provider": "pop_only", "devices": "main_plus_glance", **more}).leave_days == days


@given(answers_of_anybody)
def test_no_sentence_has_a_gap_and_none_is_said_twice(answers):
    advice = recommend(answers)
    texts = [
        advice.headline,
        *(one.text for one in advice.reasons),
        *(one.text for one in advice.against),
        *(one.text for one in advice.warnings),
        *advice.tomorrow,
    ]
    assert all(text and "{" not in text for text in texts)
    assert len(set(texts)) == len(texts)
    assert all(one.text and "{" not in one.text for one in (*advice.vetoes, *advice.would_change))


@given(answers_of_anybody)
def test_tomorrow_tells_of_sent_mail_of_deleting_and_of_a_broken_computer(answers):
    advice = recommend(answers)
    told = " ".join(advice.tomorrow)
    assert "breaks" in told
    if advice.option is not Option.NONE:
        assert len(advice.tomorrow) == 4
        assert "send" in advice.tomorrow[0]
        assert "delete" in advice.tomorrow[1]
        assert "second device" in advice.tomorrow[3]


@given(answers_of_anybody)
def test_each_warning_comes_once_and_the_needed_ones_come(answers):
    advice = recommend(answers)
    codes = [one.code for one in advice.warnings]
    assert len(set(codes)) == len(codes)
    needed = {
        "pec_is_not_conservation": answers.get("legal") == "certified",
        "retention_needs_conservation": answers.get("legal") == "retention",
        "stop_other_pop_first": answers.get("others") == "pop_delete" and advice.option is not Option.NONE,
        "box_full_now": answers.get("quota") == "full" and advice.option is not Option.NONE,
        "copy_before_closing": answers.get("moving") == "leaving" and advice.option is not Option.NONE,
        "check_backup_before_delete": answers.get("backup") == "regular"
        and advice.option in (Option.IMAP_ARCHIVE, Option.POP_KEEP, Option.POP),
        "backup_first": answers.get("backup") != "regular"
        and advice.option in (Option.IMAP_ARCHIVE, Option.POP_KEEP, Option.POP),
    }
    assert {code for code in needed if code in codes} == {code for code, wanted in needed.items() if wanted}


def test_a_fact_of_the_provider_is_told_as_a_fact():
    vetoes = recommend({"provider": "imap_only", "devices": "one"}).vetoes
    assert {one.option for one in vetoes if one.kind == "fact"} == {Option.POP_KEEP, Option.POP}
    assert {one.text for one in vetoes if one.kind == "fact"} == {"This provider offers no POP3."}


def test_what_safety_overrules_is_the_first_reason():
    advice = recommend(
        {"devices": "one", "webmail": "never", "quota": "tight", "privacy": "off_server", "backup": "none"}
    )
    assert advice.option is Option.IMAP
    assert advice.scores[Option.POP] > advice.scores[Option.IMAP]
    assert advice.reasons[0].key == "backup"


@pytest.mark.parametrize(
    ("answers", "confidence"),
    [
        ({"devices": "several", "quota": "ample", "webmail": "often"}, Confidence.CLEAR),
        ({"provider": "neither"}, Confidence.CLEAR),
        ({"devices": "one", "webmail": "sometimes", "quota": "full", "backup": "regular"}, Confidence.CLOSE),
        ({"devices": "main_plus_glance", "quota": "tight", "old_mail": "lots", "backup": "regular"}, Confidence.CLOSE),
    ],
)
def test_confidence_is_a_word_for_the_lead(answers, confidence):
    assert recommend(answers).confidence is confidence


@pytest.mark.parametrize(
    ("answers", "option"),
    [
        ({"devices": "main_plus_glance", "quota": "tight", "backup": "regular"}, Option.POP_KEEP),
        ({"devices": "one", "webmail": "never", "quota": "tight", "backup": "regular"}, Option.POP),
    ],
)
def test_why_anything_leaves_the_mailbox_is_told_even_when_the_runner_up_does_the_same(answers, option):
    advice = recommend(answers)
    assert advice.option is option
    assert {one.key: one.points for one in advice.reasons}["quota"] == 0


def test_why_imap_at_all_is_told_even_when_the_runner_up_is_imap_too():
    advice = recommend({"devices": "several", "quota": "tight", "backup": "regular"})
    assert (advice.option, advice.runner_up) == (Option.IMAP_ARCHIVE, Option.IMAP)
    assert {one.key: one.points for one in advice.reasons}["devices"] == 0


@given(answers_of_anybody)
def test_what_the_provider_does_not_offer_is_not_called_dangerous_as_well(answers):
    vetoes = recommend(answers).vetoes
    not_offered = {one.option for one in vetoes if one.kind == "fact"}
    assert not_offered.isdisjoint(one.option for one in vetoes if one.kind == "safety")
    assert len(set(vetoes)) == len(vetoes)


def test_after_the_mailbox_is_closed_nothing_is_said_to_be_with_the_provider():
    for backup in ("none", "regular"):
        told = " ".join(recommend({"moving": "leaving", "devices": "several", "backup": backup}).tomorrow)
        assert "after the mailbox was closed" in told
        assert "still with the provider" not in told
