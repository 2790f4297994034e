"""The questions file: its shape, its words, and what an own file may say wrong."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from wizard.interview.answers import check_answer
from wizard.interview.questions import left_out, load_questions, question, use_own_questions
from wizard.model.problems import Problem
from wizard.resources.templates import templates_root

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

GOOD = """\
questions:
  colour:
    label: "Colour"
    text: "Which colour?"
    why: "Because."
    choices:
      red:
        label: "Red"
        then: "So it glows."
      blue:
        label: "Blue"
  depth:
    label: "Depth"
    text: "How deep is the blue?"
    why: "Because."
    asked: true
    choices:
      low:
        label: "Low"
      high:
        label: "High"
    when:
      - colour: [blue]
"""

CONTRACT = {
    "devices": ["one", "main_plus_glance", "several"],
    "webmail": ["never", "sometimes", "often"],
    "shared": ["one_person", "several_people"],
    "offline": ["rarely", "recent", "everything"],
    "connection": ["good", "slow", "rare"],
    "quota": ["ample", "tight", "full"],
    "old_mail": ["little", "lots"],
    "folders": ["not_needed", "needed"],
    "sent": ["not_needed", "needed"],
    "alerts": ["not_needed", "instant"],
    "privacy": ["no_preference", "off_server"],
    "backup": ["none", "regular"],
    "device_risk": ["low", "portable"],
    "legal": ["ordinary", "certified", "retention"],
    "disk": ["plenty", "little"],
    "moving": ["staying", "leaving"],
    "expiry": ["kept", "deleted_by_age", "deleted_when_unused"],
    "others": ["none", "imap", "pop_delete"],
    "provider": ["both", "imap_only", "pop_only", "neither"],
}
"""What scripts rely on: changing a word here breaks them."""


@pytest.fixture
def own(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        (tmp_path / "questions.yaml").write_text(text)
        return tmp_path

    return write


def test_the_keys_and_values_are_the_ones_that_scripts_use() -> None:
    assert {one.key: sorted(one.values) for one in load_questions()} == {
        key: sorted(values) for key, values in CONTRACT.items()
    }


def test_the_provider_is_never_asked_and_everything_else_may_be() -> None:
    assert [one.key for one in load_questions() if not one.asked] == ["provider"]


@pytest.mark.parametrize("one", [one for one in load_questions() if one.asked], ids=lambda one: one.key)
def test_a_question_speaks_in_everyday_words(one) -> None:
    texts = [one.text, one.why, one.label]
    texts += [text for choice in one.choices for text in (choice.label, choice.then)]
    for text in texts:
        jargon = re.search(r"\b(imap|pop3?|smtp|servers?|clients?|protocols?|sync\w*|host|port)\b", text, re.IGNORECASE)
        assert jargon is None, text
        assert '"' not in text
        assert "'" not in text.replace("don't", "").replace("person's", "").replace("nobody's", ""), text


@pytest.mark.parametrize("one", load_questions(), ids=lambda one: one.key)
def test_a_question_says_why_and_what_follows_in_whole_sentences(one) -> None:
    assert one.text.endswith("?")
    assert one.why.endswith(".")
    assert not one.label.endswith(".")
    for choice in one.choices:
        assert not choice.label.endswith(".")
        assert choice.then == "" or choice.then.endswith(".")


def test_a_question_is_left_out_once_every_condition_is_excluded() -> None:
    sent = question("sent")
    assert sent.applies({})
    assert sent.applies({"devices": "one"})
    assert sent.applies({"devices": "one", "webmail": "often"})
    assert sent.applies({"devices": "several", "webmail": "never"})
    assert not sent.applies({"devices": "one", "webmail": "never"})
    assert sent.depends_on == {"devices", "webmail"}


def test_an_unknown_key_names_the_nearest_one() -> None:
    with pytest.raises(Problem, match="Did you mean devices") as caught:
        question("device")
    assert caught.value.exit_code == 2


def test_an_own_file_replaces_the_built_in_one(own) -> None:
    read = load_questions(own(GOOD))
    assert [one.key for one in read] == ["colour", "depth"]
    assert read[0].choice("red").then == "So it glows."
    assert not read[1].applies({"colour": "red"})
    assert [one.key for one in load_questions()] != ["colour", "depth"]


def test_a_directory_without_the_file_leaves_the_built_in_one(tmp_path: Path) -> None:
    assert load_questions(tmp_path) == load_questions()


WRONG = [
    ("questions:", "quest:", 1, "quest"),
    ('    label: "Colour"\n', "", 2, "questions.colour"),
    ('    label: "Colour"', "    label: 5", 3, "questions.colour.label"),
    ('    why: "Because."', '    whi: "Because."', 5, "questions.colour.whi"),
    ("  colour:\n", "  Colour!:\n", 2, "questions.Colour!"),
    ("  colour:\n", "  address:\n", 2, "questions.address"),
    ("  colour:\n", "  12:\n", 2, "questions.12"),
    ("      red:\n", "      Red:\n", 7, "questions.colour.choices.Red"),
    ('        label: "Red"\n', "        label: []\n", 8, "questions.colour.choices.red.label"),
    ('        then: "So it glows."\n', "        thn: x\n", 9, "questions.colour.choices.red.thn"),
    ('      blue:\n        label: "Blue"\n', "", 6, "questions.colour.choices"),
    ("    asked: true", "    asked: yes", 16, "questions.depth.asked"),
    ("    asked: true", "    core: true", 16, "questions.depth.core"),
    ("      - colour: [blue]", "      - colour: [green]", 23, "questions.depth.when.0.colour.0"),
    ("      - colour: [blue]", "      - color: [blue]", 23, "questions.depth.when.0.color"),
    ("      - colour: [blue]", "      - depth: [low]", 23, "questions.depth.when.0.depth"),
    ("      - colour: [blue]", "      - colour: blue", 23, "questions.depth.when.0.colour"),
    ("      - colour: [blue]", "      - {}", 23, "questions.depth.when.0"),
    ("      - colour: [blue]", "      colour: [blue]", 22, "questions.depth.when"),
]


@pytest.mark.parametrize(
    ("good", "bad", "line", "key"), WRONG, ids=[key + "-" + bad.strip() for _g, bad, _l, key in WRONG]
)
def test_a_wrong_shape_is_a_sentence_with_file_line_and_key(own, good: str, bad: str, line: int, key: str) -> None:
    assert good in GOOD
    with pytest.raises(Problem) as caught:
        load_questions(own(GOOD.replace(good, bad, 1)))
    place = caught.value.place
    assert place is not None
    assert place.file is not None
    assert place.file.endswith("questions.yaml")
    assert place.key == key
    assert place.line == line
    assert caught.value.text.rstrip().endswith((".", "?"))


@pytest.mark.parametrize(
    "text",
    ["", "[]", "questions: []", "questions: {}", "questions:\n  a: 1", "a: b: c", "\x00", "questions: &a\n  b: *a"],
)
def test_what_is_no_questions_file_is_refused_with_its_name(own, text: str) -> None:
    with pytest.raises(Problem) as caught:
        load_questions(own(text))
    assert "questions.yaml" in str(caught.value)


def test_a_misspelt_condition_names_the_nearest_word(own) -> None:
    with pytest.raises(Problem, match="Did you mean blue"):
        load_questions(own(GOOD.replace("[blue]", "[bleu]")))


def test_what_hangs_on_a_question_that_is_left_out_is_left_out_too(own) -> None:
    more = GOOD + (
        '  gloss:\n    label: "Gloss"\n    text: "How?"\n    why: "Because."\n'
        '    choices: {matt: {label: "Matt"}, shiny: {label: "Shiny"}}\n    when:\n      - depth: [high]\n'
    )
    read = load_questions(own(more))
    assert left_out(read, {}) == frozenset()
    assert left_out(read, {"colour": "red"}) == {"depth", "gloss"}
    assert left_out(read, {"colour": "blue", "depth": "low"}) == {"gloss"}
    assert left_out(read, {"colour": "red", "depth": "high"}) == {"depth"}


def test_own_questions_count_everywhere_once_they_are_in_use(own) -> None:
    directory = own(GOOD)
    use_own_questions(directory)
    try:
        assert check_answer("colour", "red") == "red"
        with pytest.raises(Problem, match="not known"):
            check_answer("devices", "one")
    finally:
        use_own_questions(None)
    assert check_answer("devices", "one") == "one"


def test_the_options_take_own_questions(own, run_cli) -> None:
    text = (templates_root() / "questions.yaml").read_text(encoding="utf-8")
    directory = own(text.replace("      several:\n", "      heaps:\n", 1).replace("several]", "heaps]"))
    arguments = ("export", "anna@gmx.net", "--offline", "--format", "card", "--dry-run", "--templates", directory)
    refused = run_cli(*arguments, "--set", "devices=several")
    assert refused.code == 2
    assert "“several” is not known" in refused.stderr
    own("questions: []")
    broken = run_cli(*arguments, "--set", "devices=one")
    assert broken.code == 2
    assert "questions.yaml, line 1, questions" in broken.stderr
