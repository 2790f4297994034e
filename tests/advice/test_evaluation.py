"""Points, caps, vetoes, the winner, the runner-up and how clear it is, each rule by itself."""

from __future__ import annotations

import pytest
from people import RULES
from small_rules import condition, small_rules, veto

from wizard.advice.evaluation import evaluate
from wizard.advice.rules import SCORED, UNKNOWN, Group
from wizard.model.problems import Problem
from wizard.model.recommendation import Confidence, Option

IMAP, ARCHIVE, KEEP, POP = SCORED


def of_answer(*points):
    """Rules in which one answer counts: quota ample."""
    return {"quota": {"ample": points}}


def test_points_of_all_answers_are_added_to_the_base():
    rules = small_rules(base=(1, 2, 3, 4), points={"quota": {"full": (1, -1, 0, 2)}, "sent": {"needed": (0, 5, 1, -9)}})
    assert evaluate(rules, {"quota": "full", "sent": "needed"}).scores == {IMAP: 2, ARCHIVE: 6, KEEP: 4, POP: -3}
    assert evaluate(rules, {}).scores == {IMAP: 1, ARCHIVE: 2, KEEP: 3, POP: 4}


@pytest.mark.parametrize(("most", "total"), [(6, (6, -6, 5, 0)), (5, (5, -5, 5, 0)), (7, (6, -6, 5, 0))])
def test_a_group_gives_and_takes_no_more_than_its_limit(most, total):
    points = {
        "sent": {"needed": (3, -3, 5, 1)},
        "folders": {"needed": (3, -3, 0, -1)},
        "disk": {"little": (9, 0, 0, 0)},
    }
    rules = small_rules(points=points, groups=(Group(("sent", "folders"), most),))
    answers = {"sent": "needed", "folders": "needed"}
    assert evaluate(rules, answers).points == total
    outside = evaluate(rules, {**answers, "disk": "little"}).points
    assert outside == (total[0] + 9, *total[1:])


@pytest.mark.parametrize(
    ("points", "capped"),
    [
        ((3, -3, 0, 1), (3, -3, 0, 1)),
        ((4, 0, 0, 0), (3, 0, 0, 0)),
        ((0, -4, 0, 0), (0, -3, 0, 0)),
        ((0, 0, 9, -9), (0, 0, 3, -3)),
    ],
)
def test_each_outcome_is_capped_by_itself_above_and_below(points, capped):
    assert Group(("sent", "folders"), 3).capped(points) == capped


@pytest.mark.parametrize("place", range(4))
def test_the_outcome_with_most_points_wins(place):
    points = [0, 0, 0, 0]
    points[place] = 1
    assert evaluate(small_rules(base=tuple(points)), {}).option is SCORED[place]


@pytest.mark.parametrize("out", range(4))
def test_in_a_tie_the_outcome_wins_that_takes_less_out_of_the_mailbox(out):
    rules = small_rules(vetoes=(veto("safety", *SCORED[:out], quota="full"),) if out else ())
    assert evaluate(rules, {"quota": "full"}).option is SCORED[out]


@pytest.mark.parametrize("points", [(-1, -2, -3, -4), (-9, -9, -9, -9)])
def test_points_below_nothing_are_compared_too(points):
    assert evaluate(small_rules(base=points), {}).option is IMAP
    assert evaluate(small_rules(base=points[::-1]), {}).option is (POP if points[0] > points[3] else IMAP)


def test_a_veto_stands_above_any_points():
    rules = small_rules(base=(0, 1, 0, 99), vetoes=(veto("safety", POP, backup="none unknown"),))
    assert evaluate(rules, {}).option is ARCHIVE
    assert evaluate(rules, {"backup": "none"}).option is ARCHIVE
    assert evaluate(rules, {"backup": "regular"}).option is POP


def test_a_veto_holds_when_every_condition_does_and_no_exception():
    rule = veto(
        "safety", POP, quota="ample unknown", backup="none", unless=(condition(moving="leaving", disk="plenty"),)
    )
    rules = small_rules(base=(0, 0, 0, 9), vetoes=(rule,))

    def option(**answers):
        return evaluate(rules, answers).option

    assert option(backup="none") is IMAP
    assert option(backup="none", quota="ample") is IMAP
    assert option(backup="none", quota="full") is POP
    assert option(backup="regular", quota="ample") is POP
    assert option() is POP
    assert option(backup="none", moving="leaving") is IMAP
    assert option(backup="none", disk="plenty") is IMAP
    assert option(backup="none", moving="leaving", disk="plenty") is POP


@pytest.mark.parametrize(
    ("not_offered", "left"),
    [
        ((), IMAP),
        ((IMAP,), KEEP),
        ((IMAP, KEEP), ARCHIVE),
        ((IMAP, KEEP, ARCHIVE), POP),
        ((IMAP, KEEP, ARCHIVE, POP), Option.NONE),
        ((KEEP, POP), IMAP),
        ((IMAP, ARCHIVE), KEEP),
    ],
)
def test_where_safety_leaves_nothing_the_outcome_remains_that_takes_least_away(not_offered, left):
    facts = (veto("fact", *not_offered, provider="both"),) if not_offered else ()
    rules = small_rules(base=(1, 2, 3, 4), vetoes=(*facts, veto("safety", *SCORED, quota="full")))
    assert evaluate(rules, {"provider": "both", "quota": "full"}).option is left


def test_a_fact_that_does_not_hold_leaves_the_last_resort_alone():
    rules = small_rules(vetoes=(veto("fact", IMAP, provider="pop_only"), veto("safety", *SCORED, quota="full")))
    assert evaluate(rules, {"quota": "full", "provider": "both"}).option is IMAP


@pytest.mark.parametrize(
    ("lead", "confidence"),
    [
        (9, Confidence.CLEAR),
        (4, Confidence.CLEAR),
        (3, Confidence.LEANING),
        (2, Confidence.LEANING),
        (1, Confidence.CLOSE),
        (0, Confidence.CLOSE),
    ],
)
def test_the_lead_decides_how_clear_it_is(lead, confidence):
    assert evaluate(small_rules(base=(lead, 0, -9, -9)), {}).confidence is confidence
    assert evaluate(small_rules(base=(-9, -9, 0, lead)), {}).confidence is (confidence)


def test_a_rival_that_an_answer_or_a_fact_rules_out_does_not_count():
    for kind in ("fact", "safety"):
        rules = small_rules(base=(0, 0, -9, -9), vetoes=(veto(kind, ARCHIVE, quota="ample"),))
        evaluation = evaluate(rules, {"quota": "ample"})
        assert (evaluation.runner_up, evaluation.confidence) == (KEEP, Confidence.CLEAR)


def test_a_rival_that_only_a_missing_answer_rules_out_makes_it_less_clear():
    rules = small_rules(base=(1, 0, -9, -9), vetoes=(veto("safety", ARCHIVE, quota="ample unknown"),))
    assert evaluate(rules, {}).confidence is Confidence.CLOSE
    assert evaluate(rules, {"quota": "ample"}).confidence is Confidence.CLEAR


@pytest.mark.parametrize(("overruled", "confidence"), [(9, Confidence.CLEAR), (10, Confidence.LEANING)])
def test_where_safety_overrules_more_points_it_is_never_clear(overruled, confidence):
    rules = small_rules(base=(9, 0, 0, overruled), vetoes=(veto("safety", POP, quota="ample"),))
    assert evaluate(rules, {"quota": "ample"}).confidence is confidence
    close = small_rules(base=(9, 8, 0, overruled), vetoes=(veto("safety", POP, quota="ample"),))
    assert evaluate(close, {"quota": "ample"}).confidence is Confidence.CLOSE


def test_a_fact_that_sets_aside_more_points_leaves_it_clear():
    rules = small_rules(base=(9, 0, 0, 99), vetoes=(veto("fact", POP, quota="ample"),))
    assert evaluate(rules, {"quota": "ample"}).confidence is Confidence.CLEAR


def test_what_is_the_only_outcome_offered_is_clear_and_has_no_runner_up():
    rules = small_rules(vetoes=(veto("fact", IMAP, ARCHIVE, POP, provider="both"),))
    evaluation = evaluate(rules, {"provider": "both"})
    assert (evaluation.option, evaluation.runner_up, evaluation.confidence) == (KEEP, None, Confidence.CLEAR)


def test_the_runner_up_is_the_best_that_nothing_rules_out():
    rules = small_rules(base=(9, 8, 7, 6), vetoes=(veto("safety", ARCHIVE, quota="ample unknown"),))
    assert evaluate(rules, {}).runner_up is KEEP
    assert evaluate(rules, {"quota": "full"}).runner_up is ARCHIVE


def test_else_the_runner_up_is_the_best_that_only_a_missing_answer_rules_out():
    by_silence = veto("safety", ARCHIVE, KEEP, quota="unknown")
    rules = small_rules(base=(9, 7, 8, 99), vetoes=(by_silence, veto("safety", POP, backup="none")))
    assert evaluate(rules, {"backup": "none"}).runner_up is KEEP
    assert evaluate(rules, {"backup": "none", "quota": "full"}).runner_up is KEEP


def test_a_fact_is_certain_even_where_its_answer_is_missing():
    rules = small_rules(base=(9, 8, 0, 0), vetoes=(veto("fact", *SCORED[1:], provider="unknown"),))
    assert evaluate(rules, {}).runner_up is None


def test_no_mail_program_has_no_runner_up_and_is_clear():
    evaluation = evaluate(RULES, {"provider": "neither"})
    assert (evaluation.option, evaluation.runner_up, evaluation.confidence) == (Option.NONE, None, Confidence.CLEAR)


def test_messages_stay_for_the_days_of_the_first_line_that_holds():
    for answers in ({}, {"connection": "rare"}, {"devices": "several", "backup": "regular"}):
        evaluation = evaluate(RULES, {"provider": "pop_only", **answers})
        holding = [rule for rule in RULES.leave_days if rule.when.holds(answers)]
        assert evaluation.option is KEEP
        assert evaluation.leave_rule is holding[0]
    assert evaluate(RULES, {}).leave_rule is None


@pytest.mark.parametrize("value", ["sevral", UNKNOWN, ""])
def test_a_value_that_is_no_answer_is_a_problem_that_names_the_nearest(value):
    with pytest.raises(Problem, match=rf"“{value}” is not an answer to devices\.") as caught:
        evaluate(RULES, {"devices": value})
    if value == "sevral":
        assert "Did you mean several?" in caught.value.text


def test_a_value_that_is_no_answer_is_shown_short_and_without_control_characters():
    with pytest.raises(Problem) as caught:
        evaluate(RULES, {"devices": "\x1b[31m" + "x" * 500})
    assert "\x1b" not in caught.value.text
    assert "x" * 40 in caught.value.text
    assert "x" * 61 not in caught.value.text


def test_a_question_that_the_rules_do_not_list_counts_for_nothing():
    assert evaluate(RULES, {"pets": "cats"}).answers == {}


def test_alternatives_are_every_other_answer_and_where_it_alone_would_lead():
    rules = small_rules(
        base=(1, 0, 0, 0),
        points={"quota": {"tight": (0, 2, 0, 0), "full": (0, 0, 0, 3)}, "sent": {"needed": (2, 0, 0, 0)}},
        groups=(Group(("quota", "sent"), 2),),
        vetoes=(veto("safety", POP, backup="none"),),
    )

    def outcomes(answers, *keys):
        found = evaluate(rules, answers).alternatives(keys)
        return {(factor.key, factor.value): option for factor, option in found}

    assert outcomes({}, "quota") == {("quota", "ample"): IMAP, ("quota", "tight"): ARCHIVE, ("quota", "full"): POP}
    assert outcomes({"quota": "full"}, "quota") == {("quota", "ample"): IMAP, ("quota", "tight"): ARCHIVE}
    assert outcomes({"quota": "full"}, "backup") == {("backup", "none"): IMAP, ("backup", "regular"): POP}
    assert outcomes({"quota": "full", "backup": "none"}, "sent", "backup") == {
        ("sent", "not_needed"): IMAP,
        ("sent", "needed"): IMAP,
        ("backup", "regular"): POP,
    }
    changes = evaluate(rules, {"quota": "full"}).changes(("backup", "sent"))
    assert [(factor.value, option) for factor, option in changes] == [("none", IMAP), ("needed", IMAP)]
