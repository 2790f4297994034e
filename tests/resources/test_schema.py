"""The schema of data files: what it takes, and that what it refuses is named with place and nearest value."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import Any

import pytest

from wizard.model.problems import Problem
from wizard.resources.documents import Document, parse_document
from wizard.resources.schema import (
    ByKey,
    Choice,
    Custom,
    Field,
    Flag,
    Invalid,
    ListOf,
    MapOf,
    Message,
    NameOf,
    Nullable,
    Number,
    OneOrMany,
    Record,
    Reference,
    Schema,
    Text,
    member,
    optional,
    words,
)


def read(schema: Schema[Any], value: Any, names: Any = None) -> Any:
    return schema.load(Document("f.yaml", "", value), names)


def refused(schema: Schema[Any], value: Any, names: Any = None) -> str:
    with pytest.raises(Problem) as caught:
        read(schema, value, names)
    assert caught.value.exit_code == 2
    return caught.value.text


# Single values


@pytest.mark.parametrize("value", ["a", "two\nlines", " x ", "“curly”", "日本"])
def test_a_text_is_given_back_as_it_is_and_a_message_without_space_at_its_ends(value: str) -> None:
    assert read(Text(), value) == value
    assert read(Message(), value) == value.strip()


@pytest.mark.parametrize("value", ["", "  ", "\n", None, 3, True, ["a"], {}])
@pytest.mark.parametrize("schema", [Text(), Message(), Message(("x",))])
def test_what_is_no_text_is_refused(schema: Schema[str], value: Any) -> None:
    assert "text is expected" in refused(schema, value)


@pytest.mark.parametrize("value", ["a\x00", "a\x1b[31m", "a\x7f", "a\u202eb", "a\tb", "a\rb"])
@pytest.mark.parametrize("schema", [Text(), Message()])
def test_a_text_with_a_control_character_is_refused(schema: Schema[str], value: str) -> None:
    assert "control character" in refused(schema, value)


@pytest.mark.parametrize("value", ["abc", "12 ", 12, None, "", ["12"], {}])
def test_a_text_with_a_pattern_matches_as_a_whole_or_hears_what_is_expected(value: Any) -> None:
    schema = Text(re.compile(r"\d+"), "“{value}” is no number.")
    assert read(schema, "12") == "12"
    assert refused(schema, value) == f"“{value}” is no number."


def test_a_message_holds_the_placeholders_that_are_known() -> None:
    schema = Message(("host", "port"))
    assert read(schema, "{host} and {port}") == "{host} and {port}"
    assert "“hots” cannot stand in braces here. Did you mean host?" in refused(schema, "{hots}")
    assert "cannot stand in braces" in refused(schema, "{}")
    for text in ("{host", "host}", "{ {host}"):
        assert "are not balanced" in refused(schema, text)
    assert read(Message(), "{anything") == "{anything"


@pytest.mark.parametrize("value", [1, 5, 10])
def test_a_number_within_its_limits_is_taken(value: int) -> None:
    assert read(Number(1, 10), value) == value


@pytest.mark.parametrize("value", [0, 11, -1, 10**30, True, "5", 5.0, None])
def test_any_other_number_is_refused_with_the_limits(value: Any) -> None:
    assert "from 1 to 10" in refused(Number(1, 10), value)


def test_a_flag_is_true_or_false_and_nothing_like_it() -> None:
    assert read(Flag(), True) is True
    assert read(Flag(), False) is False
    for value in ("yes", 1, 0, None, "true"):
        assert "True or false" in refused(Flag(), value)


COLOURS = words("red", "green")


class Colour(Enum):
    RED = "red"
    GREEN = "green"
    BLUE = "blue"


def test_a_word_is_one_of_those_known_or_comes_back_with_the_nearest() -> None:
    assert read(COLOURS, "red") == "red"
    assert refused(COLOURS, "gren") == "The value “gren” is not known. Did you mean green?"


def test_where_no_word_is_near_all_are_named() -> None:
    assert "It can be: red, green." in refused(COLOURS, "9999")


@pytest.mark.parametrize("value", [None, 1, True, ["red"], {}])
def test_what_is_no_word_is_refused(value: Any) -> None:
    assert "is not known" in refused(COLOURS, value)


def test_a_choice_gives_what_stands_behind_the_word() -> None:
    assert read(Choice({"one": 1, "two": 2}), "two") == 2
    assert read(member(Colour), "blue") is Colour.BLUE
    assert read(member(Colour, Colour.RED), "red") is Colour.RED
    assert "It can be: red." in refused(member(Colour, Colour.RED), "blue")


def test_hostile_words_are_printable_in_the_error() -> None:
    for text in (
        refused(COLOURS, "\x1b[31m" + "x" * 5000),
        refused(Record(dict, {"a": Text()}), {"\x1b[31m" + "x" * 5000: 1}),
        refused(Message(("a",)), "{b" + "x" * 5000 + "}"),
    ):
        assert "\x1b" not in text
        assert len(text) < 300


def test_null_is_a_value_only_where_it_is_named() -> None:
    assert read(Nullable(Flag()), None) is None
    assert read(Nullable(Flag()), False) is False
    assert "True or false" in refused(Nullable(Flag()), "")


def test_a_value_is_converted_and_the_function_may_refuse_it() -> None:
    def even(number: int) -> int:
        if number % 2:
            raise Problem("This is odd.")
        return number // 2

    assert read(Number(0, 9).to(even), 4) == 2
    assert refused(Number(0, 9).to(even), 3) == "This is odd."
    assert "from 0 to 9" in refused(Number(0, 9).to(even), 12)


# Containers


def test_a_list_is_not_empty_unless_it_may_be() -> None:
    assert read(ListOf(Text()), ["a", "b"]) == ("a", "b")
    assert read(ListOf(Text(), empty=True), []) == ()
    assert "list is expected" in refused(ListOf(Text()), [])


@pytest.mark.parametrize("value", [None, {}, "text", 3, ("a",)])
def test_what_is_no_list_is_refused(value: Any) -> None:
    assert "list is expected" in refused(ListOf(Text(), empty=True), value)


def test_a_list_may_be_limited() -> None:
    assert read(ListOf(Text(), most=2), ["a", "a"]) == ("a", "a")
    assert "More than 2" in refused(ListOf(Text(), most=2), ["a", "b", "c"])


def test_one_value_is_as_good_as_a_list_of_it_where_that_is_said() -> None:
    assert read(OneOrMany(COLOURS), "red") == ("red",)
    assert read(OneOrMany(COLOURS), ["red", "green"]) == ("red", "green")
    assert "list is expected" in refused(OneOrMany(COLOURS), [])
    assert "Did you mean green?" in refused(OneOrMany(COLOURS), "gren")


def test_a_map_has_the_keys_it_may_and_must_have() -> None:
    schema = MapOf(COLOURS, Number(0, 9), required=("red",))
    assert read(schema, {"green": 1, "red": 2}) == {"green": 1, "red": 2}
    assert refused(schema, {"reed": 1}) == "The key “reed” is not known. Did you mean red?"
    assert refused(schema, {"green": 1}) == "The key “red” is missing."
    assert "keys with values" in refused(schema, {})
    assert read(MapOf(COLOURS, Flag(), empty=True), {}) == {}
    assert read(MapOf(member(Colour), Flag()), {"blue": True}) == {Colour.BLUE: True}


@pytest.mark.parametrize("value", [None, [], "text", 3, True])
def test_what_is_no_mapping_is_refused(value: Any) -> None:
    assert "keys with values" in refused(MapOf(Text(), Text(), empty=True), value)
    assert "keys with values" in refused(Record(dict, {}), value)


@pytest.mark.parametrize("key", [3, None, True])
def test_a_key_that_is_no_text_is_refused(key: Any) -> None:
    assert "is not known" in refused(Record(dict, {"a": Text()}), {key: "b"})
    assert "is not known" in refused(MapOf(COLOURS, Text()), {key: "b"})
    assert "text is expected" in refused(MapOf(Text(), Text()), {key: "b"})


@dataclass(frozen=True)
class Dog:
    name: str
    age: int = 1
    owner: str = "nobody"
    id: str = ""


DOG = Record(
    Dog, {"label": Field(Text(), "name"), "age": optional(Number(0, 20)), "owner": optional(Text(), "Anna")}, key="id"
)


def test_a_record_becomes_an_object_and_what_is_absent_its_default() -> None:
    assert read(DOG, {"label": "Rex", "age": 3, "owner": "Berta"}) == Dog("Rex", 3, "Berta")
    assert read(DOG, {"label": "Rex"}) == Dog("Rex", 1, "Anna")


def test_an_unknown_key_comes_with_the_nearest_one_and_a_missing_one_is_named() -> None:
    assert refused(DOG, {"lable": "Rex"}) == "The key “lable” is not known. Did you mean label?"
    assert refused(DOG, {"age": 3}) == "The key “label” is missing."


def test_a_record_in_a_map_knows_its_key() -> None:
    assert read(MapOf(Text(), DOG), {"rex": {"label": "Rex"}})["rex"].id == "rex"
    assert read(MapOf(Text(), DOG.to(lambda dog: dog.id)), {"rex": {"label": "Rex"}}) == {"rex": "rex"}


def test_of_a_record_in_part_only_what_is_there_is_passed_on() -> None:
    schema = DOG.partly(dict, "age")
    assert read(schema, {"age": 3}) == {"age": 3}
    assert read(schema, {"age": 3, "label": "Rex"}) == {"age": 3, "name": "Rex"}
    assert "“age” is missing" in refused(schema, {"label": "Rex"})
    assert "Did you mean label?" in refused(schema, {"age": 3, "lable": "Rex"})


def test_the_key_may_decide_what_its_value_is() -> None:
    schema = MapOf(words("number", "flag"), ByKey(lambda key, _names: Flag() if key == "flag" else Number(0, 9)))
    assert read(schema, {"number": 3, "flag": True}) == {"number": 3, "flag": True}
    assert "True or false" in refused(schema, {"flag": 3})


def test_what_no_schema_says_a_function_reads() -> None:
    def sum_of(value: Any, names: Any) -> int:
        if not isinstance(value, str):
            raise Invalid("A sum is expected.")
        return sum(names["numbers"][word] for word in value.split("+"))

    assert read(Custom(sum_of), "one+two", {"numbers": {"one": 1, "two": 2}}) == 3
    assert refused(Custom(sum_of), 3) == "A sum is expected."


# References


FRIENDS = Record(
    dict,
    {
        "people": MapOf(
            Text(),
            Record(
                lambda age, knows=(): (age, [known[0] for known in knows]),
                {"age": Number(0, 150), "knows": optional(ListOf(Reference("people")))},
            ),
            names="people",
        ),
        "host": Reference("people"),
    },
)


def test_a_reference_is_the_entry_that_it_names() -> None:
    read_friends = read(
        FRIENDS, {"host": "anna", "people": {"anna": {"age": 40}, "bob": {"age": 9, "knows": ["anna"]}}}
    )
    assert read_friends == {"people": {"anna": (40, []), "bob": (9, [40])}, "host": (40, [])}


def test_a_reference_to_nothing_names_the_nearest_entry() -> None:
    people = {"anna": {"age": 40}, "bob": {"age": 9}}
    assert refused(FRIENDS, {"people": people, "host": "ana"}) == "The value “ana” is not known. Did you mean anna?"


def test_an_entry_refers_to_those_above_it_only() -> None:
    for knows in ("bob", "carl"):
        people = {"anna": {"age": 40}, "bob": {"age": 9, "knows": [knows]}, "carl": {"age": 9}}
        assert f"“{knows}” is not known" in refused(FRIENDS, {"people": people, "host": "anna"})


def test_names_may_be_known_beforehand_and_one_reading_leaves_nothing_to_the_next() -> None:
    names = {"people": {"zoe": 1}}
    assert read(Reference("people"), "zoe", names) == 1
    assert read(NameOf("people"), "zoe", names) == "zoe"
    assert "Did you mean zoe?" in refused(NameOf("people"), "zo", names)
    read(FRIENDS, {"people": {"anna": {"age": 40}}, "host": "anna"}, names)
    assert names == {"people": {"zoe": 1}}
    assert "is not known" in refused(Reference("people"), "anna", names)
    assert "is not known" in refused(Reference("people"), "anna")


# Places


def test_every_error_names_file_line_and_key() -> None:
    text = """\
people:
  anna:
    age: 40
  bob:
    age: 9
    knows: [anna, {wrong}]
host: anna
"""
    schema = Record(dict, {"pets": optional(MapOf(Text(), ListOf(DOG))), **FRIENDS.fields})
    good = text.replace(", {wrong}", "")
    schema.load(parse_document(good, "f.yaml"))
    for faulty, line, key in (
        (text.replace("{wrong}", "ana"), 6, "people.bob.knows.1"),
        (good.replace("age: 9", "age: 900"), 5, "people.bob.age"),
        (good.replace("    age: 9\n", ""), 4, "people.bob"),
        (good.replace("host", "hots"), 7, "hots"),
        (good + "pets:\n  anna:\n    - label: Rex\n    - age: 3\n", 11, "pets.anna.1"),
        (good + "pets:\n  anna:\n    - label: Rex\n    - label: []\n", 11, "pets.anna.1.label"),
        (good + "pets:\n  12: []\n", 9, "pets.12"),
    ):
        with pytest.raises(Problem) as caught:
            schema.load(parse_document(faulty, "f.yaml"))
        place = caught.value.place
        assert place is not None
        assert (place.file, place.line, place.key) == ("f.yaml", line, key)


def test_a_rule_of_a_record_may_blame_one_of_its_values() -> None:
    def smaller(low: int, high: int) -> tuple[int, int]:
        if low > high:
            raise Invalid("Too large.", "low")
        return low, high

    schema = ListOf(Record(smaller, {"low": Number(0, 9), "high": Number(0, 9)}))
    with pytest.raises(Problem) as caught:
        schema.load(parse_document("- {low: 1, high: 2}\n- high: 2\n  low: 3\n", "f.yaml"))
    assert str(caught.value) == "f.yaml, line 3, 1.low: Too large."
