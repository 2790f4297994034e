"""The way through the questions, with a person by script: forward, back, not knowing, breaking off, changing."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from tests.interview.scripted import CTRL_C, Interrupted, Left, ScriptedPerson, label, review, run_interview
from wizard.interview.answers import Answers, Origin
from wizard.interview.flow import GO_ON, Interview, origin_label
from wizard.interview.questions import Choice, Condition, Question, left_out, load_questions
from wizard.interview.steps import BACK, UNKNOWN, Select


def q(key: str, *values: str, then: str = "", asked: bool = True, when: tuple[Condition, ...] = ()) -> Question:
    choices = tuple(Choice(value, f"{key} is {value}", then and f"{then} {value}.") for value in values)
    return Question(
        key=key,
        text=f"What is {key}?",
        why=f"We ask {key}.",
        label=key.title(),
        choices=choices,
        asked=asked,
        when=when,
    )


def only_if(**allowed: str) -> tuple[Condition, ...]:
    return (Condition(tuple((key, frozenset(values.split())) for key, values in allowed.items())),)


COLOUR = q("colour", "red", "blue", "green", then="So it is")
SIZE = q("size", "small", "large")
SHADE = q("shade", "light", "dark", when=only_if(colour="blue green"))
GLOSS = q("gloss", "matt", "shiny", when=only_if(shade="dark"))
FOUND = q("found", "yes", "no", asked=False)
LAST = q("last", "a", "b")
ALL = (COLOUR, SIZE, SHADE, GLOSS, FOUND, LAST)


def in_order(answers: Answers) -> str | None:
    """A caller that asks everything and never looks whether a question makes sense."""
    for one in ALL:
        if answers.get(one.key) is None and one.key not in answers.declined:
            return one.key
    return None


def run(script: list[object], given: Answers | None = None, **more: object):
    person = ScriptedPerson(list(script))
    answers = run_interview(ALL, given or Answers(), person.ask, person.say, in_order, **more)
    assert person.script == [], "not every step was used"
    return answers, person


def asked(person: ScriptedPerson) -> list[str]:
    return [one.text.removeprefix("What is ").removesuffix("?") for one in person.put]


def typed(**pairs: str) -> Answers:
    answers = Answers()
    for key, value in pairs.items():
        answers = answers.with_(key, value, Origin.TYPED)
    return answers


# --- forward


def test_the_caller_says_what_is_asked_and_the_answers_are_typed() -> None:
    answers, person = run(["blue", "small", "dark", "matt", "a"])
    assert asked(person) == ["colour", "size", "shade", "gloss", "last"]
    assert answers == typed(colour="blue", size="small", shade="dark", gloss="matt", last="a")


def test_what_is_known_is_not_asked_and_keeps_its_origin() -> None:
    given = Answers().with_("colour", "red", Origin.FILE).with_("last", "b", Origin.DISCOVERED)
    answers, person = run(["large"], given)
    assert asked(person) == ["size"]
    assert answers.origin("colour") is Origin.FILE
    assert answers.origin("last") is Origin.DISCOVERED


def test_a_question_that_the_answers_exclude_is_left_out_whatever_the_caller_says() -> None:
    answers, person = run(["red", "small", "a"])
    assert asked(person) == ["colour", "size", "last"]
    assert answers.declined == frozenset()


def test_a_question_that_is_never_asked_is_left_out_whatever_the_caller_says() -> None:
    _answers, person = run(["red", "small", "a"])
    assert "found" not in asked(person)


def test_a_key_that_is_no_question_ends_nothing() -> None:
    def caller(answers: Answers) -> str | None:
        return "nonsense" if "nonsense" not in answers.declined else in_order(answers.without("nonsense"))

    person = ScriptedPerson(["red", "small", "a"])
    answers = run_interview(ALL, Answers(), person.ask, person.say, caller)
    assert answers == typed(colour="red", size="small", last="a")


def test_a_caller_that_insists_on_an_answered_question_ends_the_interview() -> None:
    person = ScriptedPerson(["red"])
    assert run_interview(ALL, Answers(), person.ask, person.say, lambda _answers: "colour") == typed(colour="red")


def test_nothing_to_ask_gives_back_what_was_given() -> None:
    given = typed(colour="red")
    assert run_interview(ALL, given, ScriptedPerson([]).ask, print, lambda _answers: None) is given


def test_a_question_is_put_with_why_not_knowing_and_its_choices() -> None:
    _answers, person = run(["red", "small", "a"])
    first = person.put[0]
    assert (first.text, first.why, first.unknown, first.default) == (
        "What is colour?",
        "We ask colour.",
        True,
        None,
    )
    assert [one.value for one in first.choices] == ["red", "blue", "green"]
    assert label(first, "red") == "colour is red"


def test_what_follows_is_said_after_the_answer_and_never_before() -> None:
    _answers, person = run(["red", "small", "a"])
    assert person.heard[1] == "So it is red."
    assert person.said == ["So it is red."]


def test_the_position_counts_the_questions_of_this_run() -> None:
    _answers, person = run(["red", "small", BACK, "large", "a"], position=lambda walk: f"{walk.number} of about 3")
    assert [step.position[0] for step in person.put] == ["1", "2", "3", "2", "3"]


# --- I don't know


def test_not_knowing_is_no_answer_says_nothing_and_is_not_asked_again() -> None:
    answers, person = run([UNKNOWN, "small", UNKNOWN, "matt", "a"])
    assert asked(person) == ["colour", "size", "shade", "gloss", "last"]
    assert answers.get("colour") is None
    assert answers.declined == {"colour", "shade"}
    assert person.said == []


# --- back


def test_the_first_question_has_no_way_back_and_the_others_have() -> None:
    _answers, person = run(["red", "small", "a"])
    assert [one.back for one in person.put] == [False, True, True]


def test_back_asks_the_question_before_with_its_answer_preselected() -> None:
    answers, person = run(["red", BACK, "blue", "small", "light", "a"])
    assert asked(person) == ["colour", "size", "colour", "size", "shade", "last"]
    assert person.put[2].default == "red"
    assert answers == typed(colour="blue", size="small", shade="light", last="a")


def test_back_over_several_questions_preselects_each_on_the_way_forward_again() -> None:
    answers, person = run(["red", "large", BACK, BACK, "red", "large", "b"])
    assert asked(person) == ["colour", "size", "last", "size", "colour", "size", "last"]
    assert [one.default for one in person.put] == [None, None, None, "large", "red", "large", None]
    assert answers == typed(colour="red", size="large", last="b")


def test_back_to_a_question_that_was_not_known_preselects_not_knowing() -> None:
    answers, person = run([UNKNOWN, BACK, "red", "small", "a"])
    assert person.put[2].default is UNKNOWN
    assert answers == typed(colour="red", size="small", last="a")


def test_an_answer_changed_on_the_way_back_drops_what_it_excludes() -> None:
    answers, _person = run(["blue", "small", "dark", "shiny", BACK, BACK, BACK, BACK, "red", "small", "a"])
    assert answers == typed(colour="red", size="small", last="a")


def test_back_from_the_first_question_leaves_when_the_caller_takes_it() -> None:
    person = ScriptedPerson(["red", BACK, BACK])
    with pytest.raises(Left):
        run_interview(ALL, typed(size="small"), person.ask, person.say, in_order, leave=True)
    assert person.put[0].back


def test_what_was_given_stays_when_somebody_goes_back_and_forth() -> None:
    given = Answers().with_("size", "large", Origin.SET).decline("shade")
    answers, _person = run(["blue", "matt", BACK, BACK, "green", "shiny", "a"], given)
    assert answers.origin("size") is Origin.SET
    assert answers.declined == {"shade"}
    assert answers.get("colour") == "green"


@examples(st.data())
def test_any_wandering_ends_with_what_was_answered_last(data: st.DataObject) -> None:
    last: dict[str, object] = {}
    asked: list[Select] = []

    def wander(step: Select) -> object:
        moves = [choice.value for choice in step.choices] + [UNKNOWN] + [BACK] * (step.back and len(asked) < 40)
        asked.append(step)
        last[step.text] = data.draw(st.sampled_from(moves))
        return last[step.text]

    answers = run_interview(ALL, Answers(), wander, lambda _text: None, in_order)
    for one in ALL:
        if not one.asked or one.key in left_out(ALL, answers.values()):
            assert answers.get(one.key) is None
            assert one.key not in answers.declined
        else:
            said = last[one.text]
            assert answers.get(one.key) == (None if said is UNKNOWN else said)


# --- breaking off


def test_breaking_off_carries_the_answers_so_far() -> None:
    with pytest.raises(Interrupted) as caught:
        run(["red", UNKNOWN, CTRL_C], Answers().with_("found", "yes", Origin.DISCOVERED))
    assert isinstance(caught.value, KeyboardInterrupt)
    assert caught.value.answers.values() == {"colour": "red", "found": "yes"}
    assert caught.value.answers.declined == {"size"}


def test_breaking_off_after_going_back_keeps_the_answers_further_on_but_not_the_one_in_doubt() -> None:
    with pytest.raises(Interrupted) as caught:
        run(["red", "large", BACK, BACK, CTRL_C])
    assert caught.value.answers == typed(size="large")


def test_breaking_off_keeps_no_answer_that_is_excluded_by_now() -> None:
    with pytest.raises(Interrupted) as caught:
        run(["blue", "small", "dark", BACK, BACK, BACK, "red", CTRL_C])
    assert caught.value.answers == typed(colour="red")


# --- the step as a value


def test_a_step_names_the_option_that_gives_the_answer() -> None:
    interview = Interview(load_questions(), lambda _answers: "devices")
    step = interview.step(interview.begin(Answers()))
    assert step.given_by == "--set devices=VALUE (one of: one, main_plus_glance, several)"


def test_a_walk_can_be_saved_and_going_on_from_there_is_the_same() -> None:
    interview = Interview(ALL, in_order)
    walk = interview.answer(interview.answer(interview.begin(Answers()), "blue"), UNKNOWN)
    again = pickle.loads(pickle.dumps(walk))
    assert again == walk
    assert interview.back(again) == interview.back(walk)


# --- review


def change(script: list[object], answers: Answers, next_key=None):
    person = ScriptedPerson(list(script))
    got = review(ALL, answers, person.ask, person.say, next_key)
    assert person.script == [], "not every step was used"
    return got, person


BLUE = typed(colour="blue", size="small", shade="dark", gloss="shiny", last="a")


def test_the_review_shows_every_answer_with_its_origin() -> None:
    answers = typed(colour="blue").with_("size", "small", Origin.FILE).decline("shade")
    answers = answers.with_("last", "a", Origin.DISCOVERED).with_("found", "yes", Origin.DISCOVERED)
    got, person = change([GO_ON], answers)
    assert got is answers
    assert [one.shown for one in person.put[0].choices][1:] == [
        "Colour: colour is blue (your answer)",
        "Size: size is small (from the answers file)",
        "Shade: I don't know",
        "Last: last is a (looked up)",
    ]
    assert person.said == ["\nFound: found is yes (looked up)"]


def test_every_origin_has_its_words() -> None:
    assert len({origin_label(origin) for origin in Origin}) == len(Origin)


def test_going_on_is_preselected_in_the_review() -> None:
    _got, person = change([GO_ON], BLUE)
    assert person.put[0].default == GO_ON


def test_changing_a_line_on_which_nothing_depends_asks_that_alone() -> None:
    got, person = change(["size", "large", GO_ON], BLUE)
    assert person.put[1].default == "small"
    assert got == BLUE.with_("size", "large", Origin.TYPED)


def test_changing_a_line_asks_again_what_depends_on_it_and_nothing_else() -> None:
    got, person = change(["colour", "green", "dark", GO_ON], BLUE)
    assert asked(person)[1:3] == ["colour", "shade"]
    assert person.put[2].default == "dark"
    assert got == BLUE.with_("colour", "green", Origin.TYPED)


def test_a_dependent_answer_that_changes_asks_what_depends_on_it_in_turn() -> None:
    got, person = change(["colour", "green", "light", GO_ON], BLUE)
    assert asked(person)[1:3] == ["colour", "shade"]
    assert got.values() == {"colour": "green", "size": "small", "shade": "light", "last": "a"}


def test_answers_that_no_longer_apply_are_dropped() -> None:
    got, _person = change(["colour", "red", GO_ON], BLUE)
    assert got.values() == {"colour": "red", "size": "small", "last": "a"}
    assert got.declined == frozenset()


def test_an_excluded_not_knowing_is_dropped_too() -> None:
    got, _person = change(["colour", "red", GO_ON], typed(colour="blue", size="small").decline("shade"))
    assert got.declined == frozenset()


def test_the_same_answer_again_asks_nothing_more() -> None:
    got, person = change(["colour", "blue", GO_ON], BLUE)
    assert len(person.put) == 3
    assert got.values() == BLUE.values()


def test_a_looked_up_answer_becomes_the_persons_own() -> None:
    got, _person = change(["size", "small", GO_ON], Answers().with_("size", "small", Origin.DISCOVERED))
    assert got.origin("size") is Origin.TYPED


def test_a_line_changed_to_not_knowing_is_declined() -> None:
    got, _person = change(["colour", UNKNOWN, "light", GO_ON], typed(colour="blue", shade="dark"))
    assert got.declined == {"colour"}
    assert got.values() == {"shade": "light"}


def test_a_line_that_was_not_known_can_be_answered() -> None:
    got, person = change(["size", "large", GO_ON], Answers().decline("size"))
    assert person.put[1].default is UNKNOWN
    assert got == typed(size="large")


def test_back_inside_a_change_leaves_everything_as_it_was() -> None:
    got, person = change(["colour", BACK, GO_ON], BLUE)
    assert got is BLUE
    assert person.put[1].back


def test_back_from_a_dependent_question_returns_to_the_changed_one_first() -> None:
    got, person = change(["colour", "green", BACK, BACK, GO_ON], BLUE)
    assert asked(person)[1:4] == ["colour", "shade", "colour"]
    assert person.put[3].default == "green"
    assert got is BLUE


def test_back_and_the_old_answer_again_restores_what_depended_on_it() -> None:
    got, _person = change(["colour", "green", BACK, "blue", GO_ON], BLUE)
    assert got.values() == BLUE.values()


def test_after_a_change_the_caller_says_whether_another_question_is_open() -> None:
    def caller(answers: Answers) -> str | None:
        return "last" if answers.get("size") == "large" and answers.get("last") is None else None

    got, person = change(["size", "large", "b", GO_ON], typed(colour="red", size="small"), caller)
    assert asked(person)[1:3] == ["size", "last"]
    assert got == typed(colour="red", size="large", last="b")


def test_back_from_what_a_change_opened_leads_out_of_the_change_step_by_step() -> None:
    before = typed(colour="red", size="small")
    caller = lambda answers: "last" if answers.get("size") == "large" else None  # noqa: E731
    got, _person = change(["size", "large", BACK, BACK, GO_ON], before, caller)
    assert got is before


def test_several_lines_can_be_changed_one_after_the_other() -> None:
    got, _person = change(["size", "large", "last", "b", GO_ON], BLUE)
    assert got == BLUE.with_("size", "large", Origin.TYPED).with_("last", "b", Origin.TYPED)


def test_breaking_off_in_the_review_keeps_the_finished_changes() -> None:
    with pytest.raises(Interrupted) as caught:
        change(["size", "large", CTRL_C], BLUE)
    assert caught.value.answers == BLUE.with_("size", "large", Origin.TYPED)


def test_breaking_off_inside_a_change_keeps_the_answers_before_it() -> None:
    with pytest.raises(Interrupted) as caught:
        change(["size", "large", "colour", "green", CTRL_C], BLUE)
    assert caught.value.answers == BLUE.with_("size", "large", Origin.TYPED)


def test_a_question_whose_own_condition_fails_can_be_changed_once_it_is_answered() -> None:
    """An answers file may answer a question that this person would never be asked."""
    odd = typed(colour="red").with_("shade", "dark", Origin.FILE)
    got, _person = change(["shade", "light", GO_ON], odd)
    assert got.get("colour") == "red"


@pytest.mark.parametrize("one", [one for one in load_questions() if one.asked], ids=lambda one: one.key)
def test_every_real_question_can_be_put_and_changed(one: Question) -> None:
    for value in one.values:
        person = ScriptedPerson([value])
        answers = run_interview(
            load_questions(), Answers(), person.ask, person.say, lambda a, k=one.key: None if a else k
        )
        assert answers.get(one.key) == value
        assert person.said == ([one.choice(value).then] if one.choice(value).then else [])
        other = next(word for word in one.values if word != value)
        person = ScriptedPerson([one.key, other, GO_ON])
        got = review(load_questions(), answers, person.ask, person.say)
        assert got.get(one.key) == other
