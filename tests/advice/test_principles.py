"""What holds for everybody: the principles of docs/recommendation.md over the whole space of answers."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise, permutations
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from people import REMOVAL, RULES, VALUES, any_answers, harm, nearly_free, outcome
from small_rules import small_rules

from wizard.advice.evaluation import evaluate
from wizard.advice.explanation import contributions
from wizard.advice.recommendation import recommend
from wizard.model.recommendation import Option

if TYPE_CHECKING:
    from _pytest.mark import ParameterSet

POP = (Option.POP_KEEP, Option.POP)
answers_of_anybody = st.fixed_dictionaries(
    {}, optional={key: st.sampled_from(values) for key, values in VALUES.items()}
)


def sizes(some: int, many: int) -> list[ParameterSet]:
    """How many answer sets are looked at: ``many`` only where slow tests run."""
    return [pytest.param(some, id="some"), pytest.param(many, id="many", marks=pytest.mark.slow)]


def with_each_value(answers: dict[str, str]) -> dict[str, dict[str, Option]]:
    """For each key and each of its values the outcome that ``answers`` would have with it."""
    evaluation = evaluate(RULES, answers)
    table: dict[str, dict[str, Option]] = {key: {} for key in VALUES}
    for factor, option in evaluation.alternatives(RULES.keys):
        table[factor.key][factor.value] = option
    for key, value in answers.items():
        table[key][value] = evaluation.option
    return table


@pytest.fixture(scope="module", params=sizes(3000, 30_000))
def changes(request) -> list[tuple[dict[str, str], dict[str, dict[str, Option]]]]:
    """A fixed sample of answers, each with what every single other answer leads to."""
    return [(answers, with_each_value(answers)) for answers in any_answers(request.param, seed=2)]


def test_no_answers_mean_imap():
    assert recommend({}).option is Option.IMAP


@pytest.mark.parametrize("count", sizes(10_000, 200_000))
def test_nobody_of_a_wide_sweep_is_harmed(count):
    harmed: Counter[tuple[str, Option]] = Counter()
    seen: Counter[Option] = Counter()
    for answers in any_answers(count, seed=1):
        option = outcome(answers)
        seen[option] += 1
        if (reason := harm(answers, option)) is not None:
            harmed[reason, option] += 1
    assert harmed == {}
    assert all(seen[option] > count // 4000 for option in Option), seen


@pytest.mark.parametrize("count", sizes(400, 5000))
def test_whatever_the_points_are_the_vetoes_alone_keep_everybody_from_harm(count):
    harmed: Counter[tuple[str, Option]] = Counter()
    for points in permutations((30, 20, 10, 0)):
        rules = small_rules(base=points, vetoes=RULES.vetoes)
        for answers in nearly_free(count, seed=3):
            option = evaluate(rules, answers).option
            if (reason := harm(answers, option)) is not None:
                harmed[reason, option] += 1
    assert harmed == {}


def test_without_a_word_on_space_mail_is_removed_only_from_somebody_seldom_online_who_needs_nothing_in_the_mailbox():
    """Principle 2, its last case: every answer of it is needed, however much the points speak for POP3."""
    rules = small_rules(base=(0, 0, 0, 99), vetoes=RULES.vetoes)
    case = {"devices": "one", "webmail": "never", "connection": "rare", "offline": "everything", "backup": "regular"}
    assert evaluate(rules, case).option is Option.POP
    assert evaluate(rules, {**case, "quota": "ample"}).option is not Option.POP
    for key in case:
        for value in (None, *(value for value in VALUES[key] if value != case[key])):
            changed = {name: answer for name, answer in {**case, key: value}.items() if answer is not None}
            assert evaluate(rules, changed).option is not Option.POP, changed


@given(answers_of_anybody)
def test_nobody_is_harmed(answers):
    assert harm(answers, outcome(answers)) is None


@given(answers_of_anybody)
def test_no_fact_and_no_danger_is_outweighed_by_points(answers):
    advice = recommend(answers)
    ruled_out = {rule.option for rule in advice.vetoes}
    assert advice.option not in ruled_out
    best = max(advice.scores, key=lambda option: advice.scores[option])
    if advice.option is not Option.NONE and advice.scores[best] > advice.scores[advice.option]:
        assert best in ruled_out


@given(answers_of_anybody)
def test_an_alternative_is_what_evaluating_the_changed_answers_gives(answers):
    for key, outcomes in with_each_value(answers).items():
        for value, option in outcomes.items():
            assert option is outcome({**answers, key: value})


@pytest.mark.parametrize(
    ("key", "order"),
    [
        ("devices", ["one", "main_plus_glance", "several"]),
        ("webmail", ["never", "sometimes", "often"]),
        ("shared", ["one_person", "several_people"]),
        ("others", ["none", "imap"]),
        ("device_risk", ["low", "portable"]),
        ("folders", ["not_needed", "needed"]),
        ("sent", ["not_needed", "needed"]),
        ("alerts", ["not_needed", "instant"]),
        ("connection", ["good", "slow"]),
        ("disk", ["plenty", "little"]),
        ("backup", ["regular", "none"]),
    ],
)
def test_more_places_and_more_danger_never_take_more_out_of_the_mailbox(changes, key, order):
    against = [
        (answers, milder, sharper)
        for answers, table in changes
        for milder, sharper in pairwise(order)
        if REMOVAL[table[key][sharper]] > REMOVAL[table[key][milder]]
    ]
    assert against == []


@pytest.mark.parametrize(
    ("key", "order"),
    [
        ("quota", ["ample", "tight", "full"]),
        ("privacy", ["no_preference", "off_server"]),
        ("moving", ["staying", "leaving"]),
        ("expiry", ["kept", "deleted_by_age"]),
        ("expiry", ["kept", "deleted_when_unused"]),
        ("old_mail", ["little", "lots"]),
    ],
)
def test_what_calls_for_room_or_a_copy_never_leads_back_to_imap_alone(changes, key, order):
    against = [
        (answers, milder, sharper)
        for answers, table in changes
        for milder, sharper in pairwise(order)
        if table[key][sharper] is Option.IMAP and table[key][milder] is not Option.IMAP
    ]
    assert against == []


@pytest.mark.parametrize(
    ("key", "plain", "weighty"),
    [("legal", "ordinary", "certified"), ("legal", "ordinary", "retention"), ("moving", "staying", "leaving")],
)
def test_mail_of_weight_never_moves_to_pop3(changes, key, plain, weighty):
    assert [answers for answers, table in changes if table[key][weighty] in POP and table[key][plain] not in POP] == []


def test_a_missing_answer_lies_between_its_answers(changes):
    for answers, table in changes[::5]:
        for key in answers:
            without = outcome({name: value for name, value in answers.items() if name != key})
            removed = [REMOVAL[option] for option in table[key].values()]
            assert min(removed) <= REMOVAL[without] <= max(removed), (answers, key)
            if len(set(table[key].values())) == 1:
                assert without in table[key].values(), (answers, key)


@given(answers_of_anybody, st.sampled_from(sorted(VALUES)))
def test_a_missing_answer_adds_no_points(answers, key):
    answers.pop(key, None)
    assert key not in contributions(RULES, answers)
    assert key not in {reason.key for reason in recommend(answers).reasons}


def test_keys_that_are_no_questions_count_for_nothing():
    assert recommend({"address": "anna@example.org", "name": "Anna", "clients": "card"}) == recommend({})


def test_what_says_that_the_mailbox_is_read_in_several_places_is_one_group_and_needing_mail_offline_another():
    assert [(set(group.keys), group.most) for group in RULES.groups] == [
        ({"devices", "webmail", "shared", "folders", "sent", "alerts", "others"}, 10),
        ({"offline", "connection"}, 3),
    ]


@given(answers_of_anybody)
def test_answers_that_say_the_same_count_once(answers):
    parts = contributions(RULES, answers)
    for group in RULES.groups:
        for place in range(4):
            assert abs(sum(parts[key][place] for key in group.keys if key in parts)) <= group.most


@given(answers_of_anybody)
def test_the_scores_are_the_base_and_what_each_answer_contributes(answers):
    advice = recommend(answers)
    parts = contributions(RULES, answers)
    for place, (option, score) in enumerate(advice.scores.items()):
        assert score == RULES.outcomes[option].base + sum(points[place] for points in parts.values())
