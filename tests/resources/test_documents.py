"""YAML and JSON as people write them, the traps in them, and the lines that errors name."""

from __future__ import annotations

import os

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wizard.model.problems import Problem
from wizard.resources import documents
from wizard.resources.documents import DEPTH_LIMIT, SIZE_LIMIT, parse_document, read_document


def data(text: str):
    return parse_document(text, "f.yaml").data


def refused(text: str) -> Problem:
    with pytest.raises(Problem) as caught:
        parse_document(text, "f.yaml")
    assert caught.value.place is not None
    assert caught.value.place.file == "f.yaml"
    return caught.value


@pytest.mark.parametrize("word", ["yes", "no", "on", "off", "Yes", "NO", "y", "n", "True", "FALSE"])
def test_only_true_and_false_are_booleans(word):
    assert data(f"a: {word}") == {"a": word}


@pytest.mark.parametrize(("word", "value"), [("true", True), ("false", False), ("null", None), ("~", None), ("", None)])
def test_true_false_and_null_are_what_they_say(word, value):
    assert data(f"a: {word}") == {"a": value}


@pytest.mark.parametrize("word", ["2026-11-24", "12:30:45", "1_000", "0x1F", "0o17", "1.5", "1e3", ".inf", "="])
def test_dates_times_and_numbers_that_nobody_needs_stay_text(word):
    assert data(f"a: {word}") == {"a": word}


@pytest.mark.parametrize(("word", "number"), [("0", 0), ("14", 14), ("-3", -3), ("+3", 3), ("0110", 110), ("08", 8)])
def test_whole_numbers_are_read_as_people_count(word, number):
    assert data(f"a: {word}") == {"a": number}


def test_norway_stays_a_country():
    assert data("countries: [NO, IT]") == {"countries": ["NO", "IT"]}


def test_json_is_read_too():
    assert data('{"devices": "several", "list": [1, true, null]}') == {"devices": "several", "list": [1, True, None]}


def test_a_character_that_json_escapes_as_two_surrogates_is_one_character():
    assert data('{"name": "Anna \\ud83d\\ude00"}') == {"name": "Anna \U0001f600"}


def test_an_escaped_backslash_before_something_like_a_surrogate_is_a_backslash():
    assert data('{"name": "\\\\ud83d\\\\ude00"}') == {"name": "\\ud83d\\ude00"}


@pytest.mark.parametrize("half", ["\\ud83d", "\\ude00", "\\ude00\\ud83d"])
def test_half_a_surrogate_pair_is_an_error_or_harmless_text_but_never_a_crash_when_printed(half):
    try:
        found = data(f'{{"name": "{half}"}}')
    except Problem:
        return
    documents.printable(found["name"]).encode("utf-8")


def test_a_key_given_twice_is_an_error_at_the_second():
    problem = refused("devices: one\nquota: full\ndevices: several\n")
    assert problem.place.line == 3
    assert "“devices”" in problem.text


def test_a_key_given_twice_deep_inside_is_an_error_too_also_in_files_of_ours():
    with pytest.raises(Problem, match="twice"):
        parse_document("a:\n  b:\n    c: 1\n    c: 2\n", "f.yaml", bundled=True)


@pytest.mark.parametrize("text", ["? [a, b]\n: c\n", "? {a: b}\n: c\n"])
def test_a_key_that_is_a_list_or_a_mapping_is_an_error(text):
    assert "list or a mapping" in refused(text).text


def test_an_alias_is_refused_where_it_stands():
    problem = refused("a: &x [1]\nb: *x\n")
    assert problem.place.line == 2
    assert "aliases" in problem.text


def test_a_small_file_that_means_a_huge_one_is_refused_at_once():
    levels = "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 20))
    assert "aliases" in refused("l0: &l0 [lol]\n" + levels).text


@pytest.mark.parametrize(
    "text", ["a: !!python/object/apply:os.system ['true']", "a: !x 1", "!!set {a, b}", "a: !!binary aa"]
)
def test_a_tag_is_refused(text):
    assert "tags" in refused(text).text


def test_a_tag_of_python_is_refused_in_files_of_ours_too():
    with pytest.raises(Problem):
        parse_document("a: !!python/object/apply:os.system ['true']", "f.yaml", bundled=True)


@pytest.mark.parametrize("sign", ["[]", "{}"])
def test_nesting_is_limited(sign):
    def nested(levels):
        opening, closing = ("[", "]") if sign == "[]" else ("{a: ", "}")
        return opening * levels + "1" + closing * levels

    data(nested(DEPTH_LIMIT))
    assert "deeply" in refused(nested(DEPTH_LIMIT + 1)).text
    refused(nested(20_000))  # libyaml has a limit of its own there


@pytest.mark.parametrize("text", ["a: [1", "a: 'x", "\ta: 1", "a: b: c", "- a\nb: 1", "%", "@", "a: `x`"])
def test_what_does_not_parse_is_one_sentence_with_a_line(text):
    problem = refused(text)
    assert problem.place.line is not None
    assert "\n" not in problem.text
    assert problem.text.startswith("This is not valid YAML")


def test_two_documents_in_one_file_are_an_error():
    refused("a: 1\n---\nb: 2\n")


@pytest.mark.parametrize("text", ["a: 1\nb: x\x07y\n", "é: 1\nb: x\x07y\n"])
def test_a_character_that_yaml_does_not_allow_is_named_with_its_line(text):
    assert refused(text).place.line == 2


@pytest.mark.parametrize("text", ["", "\n", "# only a comment\n", "---\n"])
def test_an_empty_file_is_no_data(text):
    assert data(text) is None


def test_a_merge_of_an_alias_is_refused():
    refused("base: &b {a: 1}\nx: {<<: *b}\n")


@example("{")
@example("a: 1\x85b: 2")
@example("\ufeff\ufeffa: 1")
@example("? ? ? a")
@given(st.text(max_size=200))
def test_no_text_ends_in_anything_but_data_or_a_problem(text):
    try:
        parse_document(text, "f.yaml")
    except Problem as problem:
        said = str(problem)
    else:
        return
    assert "\n" not in said


# Lines


FILE = """\
# a comment
devices: one
list:
  - {code: a}
  - code: b
    if: {quota: [tight, full]}
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ((), 2),
        (("devices",), 2),
        (("list",), 3),
        (("list", 0, "code"), 4),
        (("list", 1), 5),
        (("list", 1, "if", "quota", 1), 6),
        (("list", 1, "absent"), 5),
        (("list", 9), 3),
        (("devices", "absent"), 2),
    ],
)
def test_a_path_has_the_line_of_the_deepest_part_that_is_there(path, line):
    assert parse_document(FILE, "f.yaml").place(path).line == line


def test_the_key_of_a_place_is_the_whole_path():
    assert parse_document(FILE, "f.yaml").place(("list", 1, "if")).key == "list.1.if"


def test_a_hostile_key_is_made_printable_in_a_place():
    key = parse_document('{"a\\u001b[31mb": 1}', "f.yaml").place(("a\x1b[31mb",)).key
    assert "\x1b" not in key


# Files


def test_a_byte_order_mark_is_forgiven(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")
    assert read_document(path).data == {"a": 1, "b": 2}


def test_bytes_that_are_not_utf_8_are_named_with_their_line(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_bytes(b"a: 1\nb: caff\xe8\n")
    with pytest.raises(Problem, match="UTF-8") as caught:
        read_document(path)
    assert (caught.value.place.file, caught.value.place.line) == (str(path), 2)


def test_a_file_of_exactly_the_limit_is_read_and_one_byte_more_is_not(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_bytes(b"a: 1\n#" + b"x" * (SIZE_LIMIT - 6))
    assert read_document(path).data == {"a": 1}
    with path.open("ab") as stream:
        stream.write(b"x")
    with pytest.raises(Problem, match="1 MiB"):
        read_document(path)


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="no endless device on this system")
def test_an_endless_file_is_not_read_to_its_end():
    from pathlib import Path

    with pytest.raises(Problem, match="1 MiB"):
        read_document(Path("/dev/zero"))


def test_a_file_that_is_not_there_and_a_directory_are_one_sentence(tmp_path):
    with pytest.raises(Problem, match="This file does not exist"):
        read_document(tmp_path / "absent.yaml")
    with pytest.raises(Problem, match="This is a directory"):
        read_document(tmp_path)
    with pytest.raises(Problem):
        read_document(tmp_path / "a\0b")


@pytest.mark.parametrize("loader", ["fast", "pure"])
def test_both_readers_of_yaml_give_the_same(loader, monkeypatch):
    import yaml

    if loader == "pure":
        monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    elif not hasattr(yaml, "CSafeLoader"):
        pytest.skip("this PyYAML has no libyaml")
    monkeypatch.setattr(documents, "_LOADER", None)
    assert data("a: yes\nb: 010\nc: 2026-01-01\nd: true\n") == {"a": "yes", "b": 10, "c": "2026-01-01", "d": True}
    assert refused("a: 1\na: 2\n").place.line == 2
    assert refused("é: 1\nb: \x07\n").place.line == 2
