"""Answers in and out: one check for all of them, an origin for each, and a file that reads back the same."""

from __future__ import annotations

import io
import os
import stat
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.interview import partial
from wizard.interview.answer_files import answers_text, gather, parse_set, read_answers, save_answers
from wizard.interview.answers import PERSONAL, Answers, Origin, check_answer
from wizard.interview.questions import load_questions
from wizard.model.problems import ExitCode, OutputExists, Problem

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

KNOWN = [(one.key, value) for one in load_questions() for value in one.values]


def by_set(key: str, value: str, _folder: Path) -> str:
    return parse_set(f"{key}={value}")[1]


def by_file(key: str, value: str, folder: Path) -> str:
    import json

    path = folder / "answers.json"
    path.write_text(json.dumps({key: value}))
    return str(read_answers(path).get(key))


def by_stdin(key: str, value: str, _folder: Path) -> str:
    import json

    return str(read_answers("-", io.StringIO(json.dumps({key: value}))).get(key))


def typed(key: str, value: str, _folder: Path) -> str:
    return check_answer(key, value)


def resumed(key: str, value: str, _folder: Path) -> str:
    partial.keep(Answers().with_(key, value, Origin.TYPED))
    offer = partial.offered()
    assert offer is not None
    if offer.notices:
        raise Problem("; ".join(one.text for one in offer.notices))
    return str(offer.answers.get(key))


WAYS = [typed, by_set, by_file, by_stdin, resumed]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("key", "value", "stored"),
    [
        ("devices", "several", "several"),
        ("devices", "  one ", "one"),
        ("address", " Anna@EXAMPLE.org", "Anna@example.org"),
        ("address", "info@bücher.example", "info@bücher.example"),
        ("name", " Anna Rossi ", "Anna Rossi"),
        ("clients", "card, autoconfig,card", "card,autoconfig"),
    ],
)
def test_every_way_in_stores_a_good_answer_alike(
    way: Callable[[str, str, Path], str], key: str, value: str, stored: str, tmp_path: Path
) -> None:
    assert way(key, value, tmp_path) == stored


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("devices", "sevral"),
        ("devices", ""),
        ("device", "one"),
        ("DEVICES", "one"),
        ("address", "anna"),
        ("address", "anna@@example.org"),
        ("name", "Anna\x1b[31m"),
        ("name", "A" * 201),
        ("name", "   "),
        ("clients", "../../etc/passwd"),
        ("clients", " , "),
        ("password", "hunter2"),
    ],
)
def test_every_way_in_refuses_a_bad_answer(
    way: Callable[[str, str, Path], str], key: str, value: str, tmp_path: Path
) -> None:
    with pytest.raises(Problem) as caught:
        way(key, value, tmp_path)
    assert caught.value.exit_code is ExitCode.USAGE
    assert "\x1b" not in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_wrong_value_in_a_file_names_file_line_key_and_the_nearest_word(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("# mine\nquota: ample\ndevices: sevral\n")
    with pytest.raises(Problem) as caught:
        read_answers(path)
    assert str(caught.value) == f"{path}, line 3, devices: The value “sevral” is not known. Did you mean several?"


def test_a_wrong_key_in_a_file_names_file_line_key_and_the_nearest_word(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("quota: ample\n\ndevises: several\n")
    with pytest.raises(Problem) as caught:
        read_answers(path)
    assert str(caught.value) == f"{path}, line 3, devises: The key “devises” is not known. Did you mean devices?"


@pytest.mark.parametrize("key", ["password", "imap_password", "PASS", "pwd", "api_token", "secret", "Kennwort", "pin"])
def test_a_password_is_refused_without_being_shown(key: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(f"{key}: hunter2\n")
    for ask in (lambda: read_answers(path), lambda: parse_set(f"{key}=hunter2")):
        with pytest.raises(Problem, match="password is never given") as caught:
            ask()
        assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("word", ["devices", "=one", "", "  =one", "devices one"])
def test_a_set_that_is_no_pair_says_how_it_looks(word: str) -> None:
    with pytest.raises(Problem, match="KEY=VALUE") as caught:
        parse_set(word)
    assert caught.value.place is not None
    assert caught.value.place.file == "--set"


def test_a_set_may_have_an_equals_sign_in_its_value() -> None:
    assert parse_set("name=A=B") == ("name", "A=B")


def test_set_wins_over_the_file_and_a_later_set_over_an_earlier_one(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("devices: one\nquota: full\n")
    got = gather(path, ["devices=several", "devices=main_plus_glance"])
    assert (got.get("devices"), got.origin("devices")) == ("main_plus_glance", Origin.SET)
    assert (got.get("quota"), got.origin("quota")) == ("full", Origin.FILE)


def test_the_better_origin_wins_whichever_side_it_comes_from() -> None:
    for better, worse in zip(list(Origin), list(Origin)[1:], strict=False):
        strong = Answers().with_("devices", "one", better)
        weak = Answers().with_("devices", "several", worse)
        assert strong.merged(weak).get("devices") == "one"
        assert weak.merged(strong).get("devices") == "one"


def test_an_answer_wins_over_not_knowing() -> None:
    declined = Answers().decline("devices")
    known = Answers().with_("devices", "one", Origin.DISCOVERED)
    for both in (declined.merged(known), known.merged(declined)):
        assert both.get("devices") == "one"
        assert both.declined == frozenset()


def test_what_was_looked_up_is_nothing_that_a_person_said() -> None:
    answers = Answers()
    for number, origin in enumerate(Origin):
        answers = answers.with_(KNOWN[number * 3][0], KNOWN[number * 3][1], origin)
    assert {answer.origin for answer in answers.personal().items.values()} == PERSONAL


def test_answers_never_change(tmp_path: Path) -> None:
    before = Answers().with_("devices", "one", Origin.TYPED)
    before.with_("devices", "several", Origin.SET)
    before.decline("devices")
    before.without("devices")
    assert before.get("devices") == "one"
    with pytest.raises(TypeError):
        before.items["devices"] = None  # type: ignore[index]


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing\n", "---\n", "{}"])
def test_an_empty_file_is_no_answers(text: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    assert read_answers(path) == Answers()


@pytest.mark.parametrize(
    "text",
    [
        "just words",
        "- devices\n",
        "devices: [one]\n",
        "devices: {one: two}\n",
        "devices: 1\n",
        "devices: null\n",
        "devices: true\n",
        "1: one\n",
        "devices: one\ndevices: several\n",
        "devices: &a one\nquota: *a\n",
        "devices: !!python/object:os.system one\n",
        "devices: 'one\n",
        "clients: [card, 5]\n",
        "clients: {card: yes}\n",
        "address: 5\n",
        "name: [Anna]\n",
        "{" * 2000,
        "devices: " + "9" * 5000,
        "\ud83d".encode("utf-8", "surrogatepass").decode("latin-1"),
    ],
)
def test_a_hostile_or_broken_file_is_one_sentence_with_its_name(text: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(Problem) as caught:
        read_answers(path)
    assert str(caught.value).startswith(str(path))
    assert len(str(caught.value)) < 500


def test_words_that_yaml_1_1_takes_for_truth_stay_words(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("name: No\nbackup: none\n")
    got = read_answers(path)
    assert (got.name, got.get("backup")) == ("No", "none")


def test_a_file_that_is_not_there_too_large_or_not_text_is_said(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="file does not exist"):
        read_answers(tmp_path / "missing.yaml")
    big = tmp_path / "big.yaml"
    big.write_bytes(b"#" * (1024 * 1024 + 1))
    with pytest.raises(Problem, match="1 MiB"):
        read_answers(big)
    binary = tmp_path / "binary.yaml"
    binary.write_bytes(b"devices: one\n\xff\xfe")
    with pytest.raises(Problem, match="UTF-8") as caught:
        read_answers(binary)
    assert caught.value.place is not None
    assert caught.value.place.line == 2


@pytest.mark.parametrize("feed", [io.StringIO("x" * (1024 * 1024 + 1)), io.TextIOWrapper(io.BytesIO(b"#" * 1048577))])
def test_standard_input_has_the_same_limit(feed) -> None:
    with pytest.raises(Problem, match="1 MiB") as caught:
        read_answers("-", feed)
    assert str(caught.value).startswith("standard input")


def test_standard_input_is_read_as_bytes_whatever_the_locale() -> None:
    got = read_answers("-", io.TextIOWrapper(io.BytesIO("name: Zoë\n".encode()), encoding="ascii"))
    assert got.name == "Zoë"


def test_json_is_read_too_with_its_escaped_signs() -> None:
    got = read_answers("-", io.StringIO('{"name": "\\ud83d\\udc69 Anna", "clients": ["card", "autoconfig"]}'))
    assert got.name == "👩 Anna"
    assert got.clients == ("card", "autoconfig")


# --- saving


def said() -> Answers:
    answers = Answers().with_("address", "anna@example.org", Origin.TYPED)
    answers = answers.with_("name", "Anna: “#1” 'x' - yes", Origin.SET).with_("clients", "card,autoconfig", Origin.FILE)
    answers = answers.with_("devices", "several", Origin.RESUMED).decline("quota")
    return answers.with_("provider", "both", Origin.DISCOVERED).with_("backup", "none", Origin.DEFAULT)


def test_saved_answers_read_back_to_the_same(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    save_answers(said(), path)
    got = read_answers(path)
    assert {key: answer.value for key, answer in got.items.items()} == {
        key: answer.value for key, answer in said().personal().items.items()
    }
    assert {answer.origin for answer in got.items.values()} == {Origin.FILE}
    assert got.declined == frozenset()


def test_a_saved_file_explains_itself_and_leaves_out_what_was_looked_up(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    save_answers(said(), path)
    text = path.read_text(encoding="utf-8")
    assert "# Where do you read this mailbox? On several devices equally\ndevices: several\n" in text
    assert "# Not known: quota" in text
    assert "provider" not in text
    assert "backup" not in text


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_any_name_that_passes_the_check_survives_saving(name: str) -> None:
    try:
        checked = check_answer("name", name)
    except Problem:
        return
    text = answers_text(Answers().with_("name", checked, Origin.TYPED))
    assert read_answers("-", io.StringIO(text)).name == checked


@pytest.mark.parametrize(("key", "value"), KNOWN)
def test_every_known_answer_survives_saving(key: str, value: str) -> None:
    text = answers_text(Answers().with_(key, value, Origin.TYPED))
    assert read_answers("-", io.StringIO(text)).values() == {key: value}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no permission bits")
def test_a_saved_file_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    before = os.umask(0)
    try:
        save_answers(said(), path)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_an_existing_file_stays_unless_forced(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("old")
    with pytest.raises(OutputExists, match="--force") as caught:
        save_answers(said(), path)
    assert caught.value.exit_code == 7
    assert path.read_text() == "old"
    save_answers(said(), path, force=True)
    assert read_answers(path).address == "anna@example.org"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")
@pytest.mark.parametrize("leads_to", ["pipe", "/dev/null"])
def test_what_is_no_ordinary_file_is_not_replaced_even_when_forced(tmp_path: Path, leads_to: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    link = tmp_path / "mine.yaml"
    link.symlink_to(leads_to)
    for path in (link, tmp_path / "pipe"):
        before = path.lstat()
        with pytest.raises(Problem, match="not a regular file"):
            save_answers(said(), path, force=True)
        assert path.lstat() == before


def test_a_link_that_leads_nowhere_counts_as_existing(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OutputExists):
        save_answers(said(), path)
    assert not (tmp_path / "elsewhere").exists()


def test_an_interruption_while_saving_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("old")

    def interrupted(_handle: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        save_answers(said(), path, force=True)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_directory_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="directory for this file does not exist") as caught:
        save_answers(said(), tmp_path / "no" / "mine.yaml")
    assert "mine.yaml" in str(caught.value)
