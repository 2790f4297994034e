"""The checks of data files: what they take, and that what they refuse is named with place and nearest value."""

from __future__ import annotations

import pytest

from wizard.model.problems import Problem
from wizard.resources import shape
from wizard.resources.documents import parse_document

DOCUMENT = parse_document("top:\n  colour: red\n  number: 7\n", "f.yaml")
AT = ("top", "colour")


def refused(call, *arguments, **named) -> str:
    with pytest.raises(Problem) as caught:
        call(DOCUMENT, AT, *arguments, **named)
    assert caught.value.place.file == "f.yaml"
    assert caught.value.place.line == 2
    assert caught.value.exit_code == 2
    return str(caught.value)


def test_a_mapping_has_the_keys_it_must_and_no_others():
    value = {"a": 1}
    assert shape.mapping(DOCUMENT, AT, value, required=("a",), allowed=("a", "b")) is value
    assert "“b” is missing" in refused(shape.mapping, value, required=("b",), allowed=("a", "b"))


def test_an_unknown_key_comes_with_the_nearest_one():
    said = refused(shape.mapping, {"labell": 1}, allowed=("label", "steps"))
    assert "“labell” is not known" in said
    assert "Did you mean label?" in said
    assert "top.colour.labell" in said


@pytest.mark.parametrize("value", [None, [], "text", 3, True])
def test_what_is_no_mapping_is_refused(value):
    assert "keys with values" in refused(shape.mapping, value, allowed=())


@pytest.mark.parametrize("key", [3, None, True])
def test_a_key_that_is_no_text_is_refused(key):
    assert "is not known" in refused(shape.mapping, {key: 1}, allowed=("a",))


def test_a_list_is_not_empty_unless_it_may_be():
    assert shape.sequence(DOCUMENT, AT, [1]) == [1]
    assert shape.sequence(DOCUMENT, AT, [], empty=True) == []
    assert "a list is expected" in refused(shape.sequence, [])


@pytest.mark.parametrize("value", [None, {}, "text", 3, ("a",)])
def test_what_is_no_list_is_refused(value):
    assert "a list is expected" in refused(shape.sequence, value, empty=True)


@pytest.mark.parametrize("value", ["a", "two\nlines", " x ", "“curly”", "日本"])
def test_a_text_is_given_back_as_it_is(value):
    assert shape.text(DOCUMENT, AT, value) == value


@pytest.mark.parametrize("value", ["", "  ", "\n", None, 3, True, ["a"]])
def test_what_is_no_text_is_refused(value):
    assert "a text is expected" in refused(shape.text, value)


@pytest.mark.parametrize("value", ["a\x00", "a\x1b[31m", "a\x7f", "a\u202eb", "a\tb", "a\rb"])
def test_a_text_with_a_control_character_is_refused(value):
    assert "control character" in refused(shape.text, value)


def test_a_word_is_one_of_those_known_or_comes_back_with_the_nearest():
    assert shape.choice(DOCUMENT, AT, "red", ("red", "green")) == "red"
    said = refused(shape.choice, "gren", ("red", "green"))
    assert "“gren” is not known" in said
    assert "Did you mean green?" in said


def test_where_no_word_is_near_all_are_named():
    assert "It can be: red, green." in refused(shape.choice, "9999", ("red", "green"))


@pytest.mark.parametrize("value", [None, 1, True, ["red"], {}])
def test_what_is_no_word_is_refused(value):
    refused(shape.choice, value, ("red", "green"))


@pytest.mark.parametrize("value", [1, 5, 10])
def test_a_number_within_its_limits_is_taken(value):
    assert shape.number(DOCUMENT, AT, value, 1, 10) == value


@pytest.mark.parametrize("value", [0, 11, -1, 10**30, True, "5", 5.0, None])
def test_any_other_number_is_refused_with_the_limits(value):
    assert "from 1 to 10" in refused(shape.number, value, 1, 10)


def test_a_flag_is_true_or_false_and_nothing_like_it():
    assert shape.flag(DOCUMENT, AT, True) is True
    assert shape.flag(DOCUMENT, AT, False) is False
    for value in ("yes", 1, 0, None, "true"):
        assert "true or false" in refused(shape.flag, value)


def test_hostile_words_are_printable_in_the_error():
    said = refused(shape.choice, "\x1b[31m" + "x" * 5000, ("red", "green"))
    assert "\x1b" not in said
    assert len(said) < 300
