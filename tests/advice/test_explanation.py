"""What is told: reasons, what speaks against it, what would change it, warnings, days, and what it means tomorrow."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from people import RULES, any_answers, outcome
from small_rules import small_rules, veto
from test_principles import answers_of_anybody, sizes

from wizard.advice.evaluation import evaluate
from wizard.advice.explanation import BASE_KEY, contributions
from wizard.advice.recommendation import recommend
from wizard.advice.rules import NO_POINTS, SCORED, Group
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
    assert all(reason.points >= 0 for reason in advice.reasons)
    assert all(reason.points <= 0 for reason in advice.against)
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
            assert any(reason.key == key for reason in advice.reasons) or factor.why.get(advice.option) is None


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
        changes = {(change.key, change.value): change.to for change in advice.would_change}
        for key, factors in RULES.factors.items():
            if key in RULES.interview.known and key in answers:
                continue
            for value in factors:
                changed = outcome({**answers, key: value})
                assert changes.get((key, value), advice.option) is changed


def test_what_was_looked_up_is_not_offered_as_a_change():
    assert "provider" not in {change.key for change in recommend({"provider": "both"}).would_change}
    assert "provider" in {change.key for change in recommend({}).would_change}


@given(answers_of_anybody)
def test_the_plausible_changes_come_first(answers):
    order = [RULES.plausible.index(change.key) for change in recommend(answers).would_change]
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


def days_of(quota, backup, connection, privacy, devices, shared):
    """How many days messages stay, said once more: see the texts of leave_days in scoring.yaml."""
    saved = backup == "regular"
    if quota in ("tight", "full"):
        return 7 if saved and connection != "rare" else 14
    if not saved:
        return 30
    if privacy == "off_server":
        return 7
    waiting = connection in ("slow", "rare") or devices == "several" or shared == "several_people"
    return 30 if waiting else 14


def test_the_days_of_every_combination_of_what_decides_them():
    rules = small_rules(base=(0, 0, 9, 0))
    keys = ("quota", "backup", "connection", "privacy", "devices", "shared")
    for values in product(*((None, *RULES.values(key)) for key in keys)):
        answers = {key: value for key, value in zip(keys, values, strict=True) if value is not None}
        assert evaluate(rules, answers).leave_rule.days == days_of(*values), answers


@given(answers_of_anybody)
def test_no_sentence_has_a_gap_and_none_is_said_twice(answers):
    advice = recommend(answers)
    texts = [
        advice.headline,
        *(reason.text for reason in advice.reasons),
        *(reason.text for reason in advice.against),
        *(warning.text for warning in advice.warnings),
        *advice.tomorrow,
    ]
    assert all(text and "{" not in text for text in texts)
    assert len(set(texts)) == len(texts)
    assert all(rule.text and "{" not in rule.text for rule in (*advice.vetoes, *advice.would_change))


@given(answers_of_anybody)
def test_tomorrow_tells_of_sent_mail_of_deleting_and_of_a_broken_computer(answers):
    advice = recommend(answers)
    text = " ".join(advice.tomorrow)
    assert "breaks" in text
    if advice.option is not Option.NONE:
        assert len(advice.tomorrow) == 4
        assert "send" in advice.tomorrow[0]
        assert "delete" in advice.tomorrow[1]
        assert "second device" in advice.tomorrow[3]


def expected_warnings(answers, option):
    """The table of docs/recommendation.md once more."""
    get, imap = answers.get, option in (Option.IMAP, Option.IMAP_ARCHIVE)
    program, leaves = option is not Option.NONE, option not in (Option.IMAP, Option.NONE)
    saved = get("backup") == "regular"
    holds = {
        "box_full_now": program and get("quota") == "full",
        "box_nearly_full": option is Option.IMAP and get("quota") == "tight",
        "stop_other_pop_first": program and get("others") == "pop_delete",
        "backup_first": option in (Option.IMAP_ARCHIVE, Option.POP_KEEP) and not saved,
        "check_backup_before_delete": leaves and saved,
        "mail_expires": option in (Option.IMAP_ARCHIVE, Option.POP_KEEP, Option.POP)
        and get("expiry") in ("deleted_by_age", "deleted_when_unused"),
        "pop_here_imap_there": get("devices") == "main_plus_glance"
        and get("provider", "both") == "both"
        and (
            option is Option.POP_KEEP or (imap and get("offline") == "everything" and saved and get("disk") != "little")
        ),
        "copy_before_closing": program and get("moving") == "leaving",
        "off_server_needs_backup": option is Option.IMAP and get("privacy") == "off_server",
        "imap_is_not_a_backup": option is Option.IMAP and not saved,
        "archive_needs_space": option is Option.IMAP_ARCHIVE and get("disk") == "little",
        "switch_on_offline_copy": imap and (get("offline") == "everything" or get("connection") == "rare"),
        "pop_sees_inbox_only": program and not imap and get("folders") != "not_needed",
        "pec_is_not_conservation": get("legal") == "certified",
        "retention_needs_conservation": get("legal") == "retention",
        "provider_has_no_open_protocol": option is Option.NONE,
    }
    return sorted(code for code, needed in holds.items() if needed)


@pytest.mark.parametrize("option", SCORED)
def test_each_outcome_comes_with_its_warnings_once_each(option):
    rules = small_rules(base=tuple(9 if other is option else 0 for other in SCORED))
    for answers in any_answers(300, seed=12):
        advice = recommend(answers, rules=rules)
        assert advice.option is option
        assert sorted(warning.code for warning in advice.warnings) == expected_warnings(answers, option), answers


def test_where_no_mail_program_is_let_in_the_warnings_about_the_mail_itself_remain():
    for answers in any_answers(100, seed=13):
        answers["provider"] = "neither"
        codes = [warning.code for warning in recommend(answers).warnings]
        assert sorted(codes) == expected_warnings(answers, Option.NONE), answers


@given(answers_of_anybody)
def test_the_advice_comes_with_its_warnings_once_each(answers):
    advice = recommend(answers)
    assert sorted(warning.code for warning in advice.warnings) == expected_warnings(answers, advice.option)


def test_a_fact_of_the_provider_is_told_as_a_fact():
    vetoes = recommend({"provider": "imap_only", "devices": "one"}).vetoes
    assert {rule.option for rule in vetoes if rule.kind == "fact"} == {Option.POP_KEEP, Option.POP}
    assert {rule.text for rule in vetoes if rule.kind == "fact"} == {"This provider offers no POP3."}


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
    assert {reason.key: reason.points for reason in advice.reasons}["quota"] == 0


def test_why_imap_at_all_is_told_even_when_the_runner_up_is_imap_too():
    advice = recommend({"devices": "several", "quota": "tight", "backup": "regular"})
    assert (advice.option, advice.runner_up) == (Option.IMAP_ARCHIVE, Option.IMAP)
    assert {reason.key: reason.points for reason in advice.reasons}["devices"] == 0


@given(answers_of_anybody)
def test_what_the_provider_does_not_offer_is_not_called_dangerous_as_well(answers):
    vetoes = recommend(answers).vetoes
    not_offered = {rule.option for rule in vetoes if rule.kind == "fact"}
    assert not_offered.isdisjoint(rule.option for rule in vetoes if rule.kind == "safety")
    assert len(set(vetoes)) == len(vetoes)


def test_after_the_mailbox_is_closed_nothing_is_said_to_be_with_the_provider():
    for backup in ("none", "regular"):
        text = " ".join(recommend({"moving": "leaving", "devices": "several", "backup": backup}).tomorrow)
        assert "after the mailbox was closed" in text
        assert "still with the provider" not in text


def told(reasons):
    """Reasons without their sentences."""
    return [(reason.key, reason.answer, reason.points) for reason in reasons]


def test_reasons_come_strongest_first_and_the_weightiest_objection_is_the_one_against():
    rules = small_rules(
        points={
            "devices": {"several": (1, 0, 0, 0)},
            "webmail": {"often": (5, 0, 0, 0)},
            "sent": {"needed": (3, 0, 0, 0)},
            "quota": {"tight": (0, 1, 0, 0)},
            "old_mail": {"lots": (0, 2, 0, 0)},
            "disk": {"plenty": (0, 1, 0, 0)},
        }
    )
    answers = {"devices": "several", "webmail": "often", "sent": "needed"}
    answers |= {"quota": "tight", "old_mail": "lots", "disk": "plenty"}
    advice = recommend(answers, rules=rules)
    assert (advice.option, advice.runner_up) == (Option.IMAP, Option.IMAP_ARCHIVE)
    assert told(advice.reasons) == [("webmail", "often", 5), ("sent", "needed", 3), ("devices", "several", 1)]
    assert told(advice.against) == [("old_mail", "lots", -2)]
    assert advice.reasons[0].text == rules.factors["webmail"]["often"].why[Option.IMAP]
    assert advice.against[0].text == rules.factors["old_mail"]["lots"].but[Option.IMAP]


def test_an_answer_for_whose_sake_safety_overrules_comes_before_stronger_ones():
    points = {"webmail": {"often": (5, 0, 0, 0)}, "quota": {"full": (1, 0, 0, 99)}, "sent": {"needed": (3, 0, 0, 0)}}
    answers = {"webmail": "often", "quota": "full", "sent": "needed"}

    def keys(*vetoes, base=NO_POINTS):
        rules = small_rules(base=base, points=points, vetoes=vetoes)
        return [reason.key for reason in recommend(answers, rules=rules).reasons]

    assert keys(veto("safety", Option.POP, quota="full")) == ["quota", "webmail", "sent"]
    assert keys(veto("safety", Option.POP_KEEP, Option.POP, quota="full")) == ["quota", "webmail", "sent"]
    assert keys(veto("fact", Option.POP, quota="full")) == ["webmail", "sent", "quota"]
    fewer = veto("safety", Option.POP_KEEP, quota="full")
    assert keys(veto("fact", Option.POP, quota="full"), fewer) == ["webmail", "sent", "quota"]
    # As many points as the winner has are not overruled; one more is.
    for more, first in ((-90, "webmail"), (-89, "quota")):
        assert keys(veto("safety", Option.POP, quota="full"), base=(0, 0, 0, more))[0] == first


def test_what_only_a_missing_answer_overrules_is_no_reason():
    rules = small_rules(base=(2, 0, 0, 9), vetoes=(veto("safety", Option.POP, quota="unknown"),))
    assert told(recommend({}, rules=rules).reasons) == [("base", "imap", 2)]


@pytest.mark.parametrize(
    ("base", "answers", "reasons"),
    [
        ((3, 1, 0, 0), {}, [("base", "imap", 2)]),
        ((0, 0, 0, 0), {}, [("base", "imap", 0)]),
        ((3, 1, 0, 0), {"sent": "needed"}, [("sent", "needed", 4), ("base", "imap", 2)]),
        ((2, 1, 0, 0), {"sent": "needed"}, [("sent", "needed", 4), ("base", "imap", 1)]),
        ((1, 1, 0, 0), {"sent": "needed"}, [("sent", "needed", 4)]),
        ((1, 2, 0, 0), {"sent": "needed"}, [("sent", "needed", 4)]),
        ((3, 1, 0, 0), {"sent": "needed", "alerts": "instant"}, [("sent", "needed", 4), ("alerts", "instant", 1)]),
    ],
)
def test_what_speaks_for_an_outcome_beforehand_is_told_where_there_are_not_two_reasons(base, answers, reasons):
    points = {"sent": {"needed": (4, 0, 0, 0)}, "alerts": {"instant": (1, 0, 0, 0)}}
    advice = recommend(answers, rules=small_rules(base=base, points=points))
    assert told(advice.reasons) == reasons


def test_where_no_answer_speaks_against_it_the_weak_side_of_the_outcome_is_told():
    advice = recommend({}, rules=small_rules())
    assert told(advice.against) == [("base", "imap", 0)]
    assert advice.against[0].text == RULES.outcomes[Option.IMAP].but


def test_up_to_two_answers_are_told_that_set_the_winner_apart_from_another_outcome_only():
    alike = {
        "devices": {"several": (2, 2, 0, 0)},
        "webmail": {"often": (4, 4, 4, 3)},
        "sent": {"needed": (3, 3, 0, 0)},
        "folders": {"needed": (5, 5, 5, 5)},
        "others": {"imap": (1, 1, 0, -9)},
    }
    answers = {"devices": "several", "webmail": "often", "sent": "needed", "folders": "needed"}
    advice = recommend(answers, rules=small_rules(base=(1, 0, 0, 0), points=alike))
    assert told(advice.reasons) == [("sent", "needed", 0), ("devices", "several", 0)]
    advice = recommend({**answers, "others": "imap"}, rules=small_rules(base=(1, 0, 0, 0), points=alike))
    assert told(advice.reasons) == [("others", "imap", 0), ("sent", "needed", 0)]
    no_pop = veto("fact", Option.POP, provider="imap_only")
    rules = small_rules(base=(1, 0, 0, 0), points=alike, vetoes=(no_pop,))
    advice = recommend({**answers, "others": "imap", "provider": "imap_only"}, rules=rules)
    assert told(advice.reasons) == [("sent", "needed", 0), ("devices", "several", 0)]


@pytest.mark.parametrize(
    ("points", "reasons"),
    [
        ((3, 3, 2, 3), [("devices", "several", 0)]),
        ((3, 3, 3, 3), [("base", "imap", 1)]),
        ((-3, -3, -2, -2), [("base", "imap", 1)]),
    ],
)
def test_what_sets_the_winner_apart_from_no_outcome_is_no_reason(points, reasons):
    rules = small_rules(base=(1, 0, 0, 0), points={"devices": {"several": points}})
    assert told(recommend({"devices": "several"}, rules=rules).reasons)[:1] == reasons


def test_what_is_alike_for_winner_and_runner_up_is_told_in_words_for_the_winner_or_not_at_all():
    rules = small_rules(base=(1, 0, 0, 0), points={"shared": {"one_person": (3, 3, 0, 0)}})
    assert Option.IMAP not in RULES.factors["shared"]["one_person"].why
    assert told(recommend({"shared": "one_person"}, rules=rules).reasons) == [("base", "imap", 1)]


def test_the_smallest_objection_is_told_and_without_words_of_its_own_in_those_of_the_outcome():
    rules = small_rules(base=(2, 0, 0, 0), points={"shared": {"one_person": (0, 1, 0, 0)}})
    advice = recommend({"shared": "one_person"}, rules=rules)
    assert told(advice.against) == [("shared", "one_person", -1)]
    assert advice.against[0].text == RULES.outcomes[Option.IMAP].but


def test_where_only_missing_answers_hold_back_more_points_the_outcome_speaks_for_itself():
    rules = small_rules(base=(0, 5, 0, 0), vetoes=(veto("safety", *SCORED[1:], backup="unknown"),))
    advice = recommend({}, rules=rules)
    assert (advice.runner_up, told(advice.reasons)) == (Option.IMAP_ARCHIVE, [("base", "imap", 0)])


def test_without_a_runner_up_the_best_outcome_that_is_offered_is_compared_with():
    rules = small_rules(
        base=(9, 0, 0, 0),
        points={"quota": {"full": (1, 5, 2, 7)}},
        vetoes=(veto("safety", *SCORED[1:], quota="full"), veto("fact", Option.POP, provider="both")),
    )
    advice = recommend({"quota": "full", "provider": "both"}, rules=rules)
    assert (advice.runner_up, told(advice.against)) == (None, [("quota", "full", -4)])


def test_the_only_outcome_that_is_offered_is_compared_with_nothing():
    rules = small_rules(points={"quota": {"full": (1, 0, 0, 0)}}, vetoes=(veto("fact", *SCORED[1:], provider="both"),))
    advice = recommend({"quota": "full", "provider": "both"}, rules=rules)
    assert (told(advice.reasons), told(advice.against)) == ([("base", "imap", 0)], [("base", "imap", 0)])


def test_a_sentence_is_told_once_and_where_the_strongest_reason_stands():
    points = {
        "sent": {"not_needed": (5, 0, 0, 0)},
        "folders": {"needed": (4, 0, 0, 0)},
        "alerts": {"not_needed": (3, 0, 0, 0)},
    }
    answers = {"sent": "not_needed", "folders": "needed", "alerts": "not_needed"}
    advice = recommend(answers, rules=small_rules(points=points))
    assert RULES.factors["sent"]["not_needed"].why.get(Option.IMAP) is None
    assert told(advice.reasons) == [("sent", "not_needed", 5), ("folders", "needed", 4)]
    assert advice.reasons[0].text == RULES.outcomes[Option.IMAP].why


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize(
    ("points", "most", "parts"),
    [
        ((5, 3, 2), 10, (5, 3, 2)),
        ((5, 3, 2), 9, (5, 3, 1)),
        ((5, 3, 2), 8, (5, 3, 0)),
        ((5, 3, 2), 7, (5, 2, 0)),
        ((5, 3, 2), 4, (4, 0, 0)),
        ((-5, -3, -2), 4, (-4, 0, 0)),
        ((-5, 3, -4), 2, (-5, 3, 0)),
        ((5, -1, 2), 3, (4, -1, 0)),
    ],
)
def test_where_a_group_is_capped_its_smallest_parts_are_cut_first(points, most, parts, place):
    def at_place(value):
        return tuple(value if other == place else 0 for other in range(4))

    keys = ("devices", "sent", "folders")
    answers = {"devices": "several", "sent": "needed", "folders": "needed"}
    given = {key: {answers[key]: at_place(value)} for key, value in zip(keys, points, strict=True)}
    rules = small_rules(points=given, groups=(Group(keys, most),))
    assert [contributions(rules, answers)[key] for key in keys] == [at_place(part) for part in parts]


def vetoes_told(rules, **answers):
    return [(rule.option, rule.kind, rule.key) for rule in recommend(answers, rules=rules).vetoes]


def test_vetoes_are_told_in_the_order_of_the_file_with_the_winner_left_out():
    rules = small_rules(
        vetoes=(
            veto("safety", Option.POP, backup="none"),
            veto("safety", Option.POP_KEEP, Option.POP, quota="full"),
            veto("safety", *SCORED, others="imap"),
        )
    )
    assert vetoes_told(rules, backup="none", quota="full") == [
        (Option.POP, "safety", "backup"),
        (Option.POP_KEEP, "safety", "quota"),
        (Option.POP, "safety", "quota"),
    ]
    assert vetoes_told(rules, others="imap") == [(option, "safety", "others") for option in SCORED[1:]]


def test_what_only_a_missing_answer_rules_out_is_told_once_and_only_where_nothing_else_rules_it_out():
    rules = small_rules(
        vetoes=(
            veto("safety", Option.POP_KEEP, Option.POP, backup="unknown"),
            veto("safety", Option.POP, quota="unknown"),
            veto("safety", Option.POP, others="imap"),
        )
    )
    assert vetoes_told(rules) == [(Option.POP_KEEP, "safety", "backup"), (Option.POP, "safety", "backup")]
    assert vetoes_told(rules, others="imap") == [
        (Option.POP, "safety", "others"),
        (Option.POP_KEEP, "safety", "backup"),
    ]


def test_a_fact_is_told_first_hand_and_safety_adds_nothing_to_it():
    rules = small_rules(
        vetoes=(
            veto("safety", Option.POP_KEEP, Option.POP, backup="none"),
            veto("fact", Option.POP, provider="imap_only"),
            veto("fact", Option.POP, provider="imap_only"),
        )
    )
    assert vetoes_told(rules, backup="none", provider="imap_only") == [
        (Option.POP_KEEP, "safety", "backup"),
        (Option.POP, "fact", "provider"),
        (Option.POP, "fact", "provider"),
    ]


def test_changes_come_by_plausibility_and_then_by_how_many_people_answer_so():
    to_archive = (0, 9, 0, 0)
    points = {
        "alerts": {"instant": to_archive},
        "quota": {"full": to_archive, "ample": to_archive, "tight": to_archive},
        "provider": {"both": to_archive},
    }
    rules = small_rules(base=(1, 0, 0, 0), points=points)
    changes = recommend({}, rules=rules).would_change
    assert [(change.key, change.value, change.to) for change in changes] == [
        ("quota", "ample", Option.IMAP_ARCHIVE),
        ("quota", "tight", Option.IMAP_ARCHIVE),
        ("quota", "full", Option.IMAP_ARCHIVE),
        ("alerts", "instant", Option.IMAP_ARCHIVE),
        ("provider", "both", Option.IMAP_ARCHIVE),
    ]
    assert changes[0].text == RULES.factors["quota"]["ample"].condition


def test_the_texts_of_an_outcome_are_those_of_the_file_with_the_days_filled_in():
    advice = recommend({"provider": "pop_only", "quota": "tight", "backup": "regular"})
    outcome = RULES.outcomes[Option.POP_KEEP]
    assert advice.headline == outcome.headline.replace("{days}", "7")
    assert advice.leave_reason.startswith("7 days: ")
    assert "for up to 7 days" in " ".join(advice.tomorrow)
    bare = recommend({})
    assert (bare.headline, bare.leave_days, bare.leave_reason) == (RULES.outcomes[Option.IMAP].headline, None, None)
