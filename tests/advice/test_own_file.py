"""A scoring file of one's own: what it may leave out, and what is said when it is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from wizard.advice.question_order import next_question
from wizard.advice.recommendation import recommend
from wizard.advice.rules_file import load_rules, read_rules
from wizard.model.problems import Problem
from wizard.model.recommendation import Option
from wizard.resources.documents import read_document
from wizard.resources.templates import find_data

if TYPE_CHECKING:
    from pathlib import Path

SMALL = """\
options:
  imap: {base: 1}
  imap_archive: {base: 0}
  pop_keep: {base: 0}
  pop: {base: 0}
factors:
  devices:
    several: {points: [5, 4, 0, 0]}
    one: {points: [0, 0, 0, 3]}
vetoes:
  - {kind: safety, exclude: [pop], if: {backup: [none, unknown]}, text: "No backup.", source: me}
"""


@pytest.fixture
def own(tmp_path):
    """Write a scoring file and give its path."""

    def write(text: str) -> Path:
        path = tmp_path / "mine.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_points_and_vetoes_of_an_own_file_replace_the_built_in_ones(own):
    rules = load_rules(own(SMALL))
    assert recommend({"devices": "several", "quota": "full"}, rules=rules).option is Option.IMAP
    assert recommend({"devices": "one"}, rules=rules).option is Option.IMAP
    assert recommend({"devices": "one", "backup": "regular"}, rules=rules).option is Option.POP
    assert [rule.text for rule in recommend({"devices": "one"}, rules=rules).vetoes] == ["No backup."]


def test_what_an_own_file_leaves_out_comes_from_the_built_in_one(own):
    rules, built_in = load_rules(own(SMALL)), load_rules()
    assert rules.warnings == built_in.warnings
    assert rules.leave_days == built_in.leave_days
    assert rules.interview == built_in.interview
    assert rules.outcomes[Option.POP].headline == built_in.outcomes[Option.POP].headline
    assert rules.factors["devices"]["several"].why == built_in.factors["devices"]["several"].why
    assert rules.factors["quota"]["full"].points == (0, 0, 0, 0)


def test_an_own_file_without_vetoes_keeps_the_built_in_safety(own):
    text = SMALL[: SMALL.index("vetoes:")]
    assert load_rules(own(text)).vetoes == load_rules().vetoes
    assert recommend({"devices": "one"}, rules=load_rules(own(text))).option is Option.IMAP


def test_the_interview_follows_the_own_file(own):
    rules = load_rules(own(SMALL + "interview: {core: [backup], most: 2, known: [provider]}\n"))
    assert next_question({}, rules=rules) == "backup"
    assert next_question({"backup": "regular"}, rules=rules) == "devices"
    assert next_question({"backup": "none"}, rules=rules) is None
    assert next_question({"backup": "regular", "devices": "one"}, rules=rules) is None


def test_the_built_in_file_can_be_used_as_an_own_one(own):
    rules = load_rules(own(find_data("scoring.yaml").read_text(encoding="utf-8")))
    for answers in ({}, {"devices": "several", "quota": "full"}, {"provider": "pop_only"}):
        assert recommend(answers, rules=rules) == recommend(answers)


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "words"),
    [
        ("  devices:", "  device:", 7, "factors.device", "Did you mean devices?"),
        ("    several:", "    severel:", 8, "factors.devices.severel", "Did you mean several?"),
        ("points: [5, 4, 0, 0]", "points: [5, 4, 0]", 8, "factors.devices.several.points", "Four whole numbers"),
        ("points: [5, 4, 0, 0]", "points: [5, 4, 0, much]", 8, "factors.devices.several.points.3", "whole number"),
        ("points: [5, 4, 0, 0]", "points: [5, 4, 0, 100]", 8, "factors.devices.several.points.3", "from -99 to 99"),
        ("points: [5, 4, 0, 0]", "point: [5, 4, 0, 0]", 8, "factors.devices.several.point", "Did you mean points?"),
        ("kind: safety", "kind: savety", 11, "vetoes.0.kind", "Did you mean safety?"),
        ("exclude: [pop]", "exclude: [pop4]", 11, "vetoes.0.exclude.0", "Did you mean pop?"),
        ("exclude: [pop]", "exclude: [none]", 11, "vetoes.0.exclude.0", "imap"),
        ("{backup: [none, unknown]}", "{backup: [nope]}", 11, "vetoes.0.if.backup.0", "Did you mean none?"),
        ("{backup: [none, unknown]}", "{backups: none}", 11, "vetoes.0.if.backups", "Did you mean backup?"),
        ("{backup: [none, unknown]}", "{}", 11, "vetoes.0.if", "needs a condition"),
        ('text: "No backup."', 'text: ""', 11, "vetoes.0.text", "text is expected"),
        (", source: me", "", 11, "vetoes.0", "“source” is missing"),
        ("  pop: {base: 0}\n", "", 2, "options", "“pop” is missing"),
        ("imap: {base: 1}", "imap: {base: yes}", 2, "options.imap.base", "whole number"),
        ("vetoes:", "veto:", 10, "veto", "Did you mean vetoes?"),
        ("factors:\n", "factors: 3\nfactor:\n", 7, "factor", "Did you mean factors?"),
    ],
)
def test_a_mistake_is_named_with_file_line_key_and_the_nearest_word(own, old, new, line, key, words):
    assert old in SMALL
    path = own(SMALL.replace(old, new, 1))
    with pytest.raises(Problem) as caught:
        load_rules(path)
    place = caught.value.place
    assert (place.file, place.key) == (str(path), key)
    assert abs(place.line - line) <= 1
    assert words in caught.value.text


@pytest.mark.parametrize(
    ("more", "key", "words"),
    [
        ("groups: [{of: [devices, devices], most: 3}]", "groups.0.of.1", "already in a group"),
        ("groups: [{of: [devices], most: 0}]", "groups.0.most", "from 1 to 99"),
        ("warnings: [{code: Not Good, for: [imap], if: {}, text: x}]", "warnings.0.code", "lowercase letters"),
        ("leave_days: [{days: 0, if: {}, text: x}]", "leave_days.0.days", "from 1 to"),
        ("leave_days: [{days: 5, if: {quota: full}, text: x}]", "leave_days", "must apply to everybody"),
        ("leave_days: [{days: 5, if: {}, text: 'x {day}'}]", "leave_days.0.text", "Did you mean days?"),
        ("confidence: {clear: 1, leaning: 2}", "confidence.clear", "cannot be less"),
        ("plausible: [quotas]", "plausible.0", "Did you mean quota?"),
        ("interview: {core: [device], most: 9, known: []}", "interview.core.0", "Did you mean devices?"),
        ("interview: {core: [], most: -1, known: []}", "interview.most", "from 0 to"),
        ("guides: [a]", "guides", "list of keys with values"),
    ],
)
def test_a_mistake_in_a_further_section_is_named_too(own, more, key, words):
    with pytest.raises(Problem) as caught:
        load_rules(own(SMALL + more + "\n"))
    assert caught.value.place.key == key
    assert words in caught.value.text


def test_no_answer_of_the_bundled_file_is_called_unknown(tmp_path):
    bundled = find_data("scoring.yaml").read_text(encoding="utf-8")
    path = tmp_path / "scoring.yaml"
    path.write_text(bundled.replace("    several:", "    unknown:", 1), encoding="utf-8")
    with pytest.raises(Problem, match="may not be “unknown”") as caught:
        read_rules(read_document(path), None)
    assert caught.value.place.key == "factors.devices.unknown"


@pytest.mark.parametrize(
    "text", ["", "[]", "3", "options: {", "a: b", "options:\n factors:\n", "factors: {}\noptions: {}"]
)
def test_a_file_that_is_no_scoring_file_is_a_problem_with_its_name(own, text):
    path = own(text)
    with pytest.raises(Problem) as caught:
        load_rules(path)
    assert caught.value.place.file == str(path)


def test_a_file_that_is_not_there_is_a_problem(tmp_path):
    with pytest.raises(Problem, match="file does not exist"):
        load_rules(tmp_path / "none.yaml")


junk = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-200, 200)
    | st.text(max_size=8)
    | st.sampled_from(["imap", "quota", "full"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8) | st.just("if"), inner, max_size=4),
    max_leaves=8,
)
SECTIONS = ["options", "factors", "groups", "vetoes", "warnings", "leave_days", "confidence", "plausible", "interview"]


@given(st.sampled_from(SECTIONS), junk)
def test_junk_in_a_section_is_never_more_than_a_problem(tmp_path_factory, section, value):
    path = tmp_path_factory.mktemp("junk") / "mine.yaml"
    path.write_text(yaml.safe_dump({**yaml.safe_load(SMALL), section: value}), encoding="utf-8")
    place = None
    try:
        rules = load_rules(path)
    except Problem as problem:
        place = problem.place
    if place is None:
        assert recommend({"devices": "several"}, rules=rules).headline
    else:
        assert place.file == str(path)


def test_the_command_says_it_in_one_sentence_and_ends_with_2(run_cli, own):
    path = own(SMALL.replace("several:", "severel:"))
    ran = run_cli("recommend", "--scoring", path, "--set", "devices=one", "--no-input")
    assert ran.code == 2
    assert ran.stdout == ""
    assert "Traceback" not in ran.stderr
    text = " ".join(ran.stderr.split())
    assert "mine.yaml" in text
    assert "severel" in text
    assert "Did you mean several?" in text


def test_the_command_follows_an_own_file(run_cli, own):
    ran = run_cli("recommend", "--scoring", own(SMALL), "--set", "devices=one", "--set", "backup=regular", "--json")
    assert ran.code == 0
    assert '"recommendation": "pop"' in ran.stdout
