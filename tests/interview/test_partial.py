"""What an interruption leaves: kept, offered once, forgotten; and a kept file that nobody should trust."""

from __future__ import annotations

import json
import os
import stat
import sys
from pathlib import Path

import pytest

from wizard.interview import partial
from wizard.interview.answers import Answers, Origin

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="permission bits, pipes and links of POSIX")


def said() -> Answers:
    return (
        Answers()
        .with_("address", "anna@example.org", Origin.TYPED)
        .with_("devices", "several", Origin.SET)
        .decline("quota")
    )


def put(text: str | bytes) -> Path:
    path = partial.state_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_nothing_is_offered_when_nothing_was_kept() -> None:
    assert partial.offered() is None


def test_what_was_kept_is_offered_as_resumed_with_what_is_not_known() -> None:
    assert partial.keep(said()) == partial.state_file()
    offer = partial.offered()
    assert offer is not None
    assert offer.notices == ()
    assert offer.answers.get("devices") == "several"
    assert offer.answers.address == "anna@example.org"
    assert {answer.origin for answer in offer.answers.items.values()} == {Origin.RESUMED}
    assert offer.answers.declined == {"quota"}


def test_it_lies_where_the_system_keeps_state(own_home: Path) -> None:
    assert partial.state_file() == own_home / "state" / "mail-wizard" / "interrupted.json"


def test_what_was_looked_up_or_assumed_is_not_kept() -> None:
    answers = said().with_("provider", "both", Origin.DISCOVERED).with_("backup", "none", Origin.DEFAULT)
    partial.keep(answers)
    assert set(json.loads(partial.state_file().read_text())["answers"]) == {"address", "devices"}


def test_nothing_said_is_nothing_kept() -> None:
    answers = Answers().with_("provider", "both", Origin.DISCOVERED)
    assert partial.keep(answers) is None
    assert not partial.state_file().exists()
    assert partial.kept_sentence(answers, None) == ""


@POSIX
def test_the_file_is_readable_by_its_owner_alone() -> None:
    before = os.umask(0)
    try:
        path = partial.keep(said())
    finally:
        os.umask(before)
    assert path is not None
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_another_address_is_offered_nothing_and_the_file_stays() -> None:
    partial.keep(said())
    assert partial.offered("bruno@example.org") is None
    offer = partial.offered("anna@example.org")
    assert offer is not None
    assert offer.answers.get("devices") == "several"


def test_forgetting_removes_it_and_may_be_done_twice() -> None:
    partial.keep(said())
    partial.forget()
    partial.forget()
    assert partial.offered() is None


def test_a_second_interruption_replaces_the_first() -> None:
    partial.keep(said())
    partial.keep(said().with_("devices", "one", Origin.TYPED))
    offer = partial.offered()
    assert offer is not None
    assert offer.answers.get("devices") == "one"
    assert list(partial.state_file().parent.iterdir()) == [partial.state_file()]


def test_an_answer_that_is_no_longer_valid_is_asked_again_with_a_notice() -> None:
    put('{"schema": 1, "answers": {"devices": "three", "color": "red", "webmail": "often"}, "declined": ["gone", 5]}')
    offer = partial.offered()
    assert offer is not None
    assert offer.answers.values() == {"webmail": "often"}
    assert offer.answers.declined == frozenset()
    assert [one.code for one in offer.notices] == ["kept_answer_invalid"] * 2
    assert "devices" in offer.notices[0].text


def test_an_answer_wins_over_not_knowing_in_the_same_file() -> None:
    put('{"schema": 1, "answers": {"devices": "one"}, "declined": ["devices"]}')
    offer = partial.offered()
    assert offer is not None
    assert offer.answers.get("devices") == "one"
    assert offer.answers.declined == frozenset()


BROKEN = {
    "empty": b"",
    "half": b'{"schema": 1, "answers": {"dev',
    "list": b"[]",
    "number": b"7",
    "deep": b"[" * 60_000,
    "other schema": b'{"schema": 2, "answers": {}}',
    "no answers": b'{"schema": 1}',
    "answers a list": b'{"schema": 1, "answers": []}',
    "declined a word": b'{"schema": 1, "answers": {}, "declined": "quota"}',
    "not UTF-8": b'{"schema": 1, "answers": {"name": "\xff"}}',
    "NUL": b"\x00" * 100,
    "too large": b" " * (64 * 1024 + 1),
    "huge number": b'{"schema": ' + b"9" * 10_000 + b"}",
}


@pytest.mark.parametrize("raw", BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_a_notice_and_no_answer(raw: bytes) -> None:
    put(raw)
    offer = partial.offered()
    assert offer is not None
    assert not offer.answers
    assert [one.code for one in offer.notices] == ["kept_answers_unreadable"]


HOSTILE = {
    "escape in a key": {"\x1b[2Jdevices": "one"},
    "escape in a value": {"name": "\x1b]0;owned\x07"},
    "a list": {"devices": ["one"]},
    "a number": {"devices": 10**50},
    "nothing": {"devices": None},
    "a mapping": {"devices": {"a": {"b": "c"}}},
    "right to left": {"name": "\u202egnp.exe"},
    "a password": {"password": "hunter2"},
    "lone surrogate": {"name": "\ud800"},
    "a long key": {"k" * 30_000: "one"},
}


@pytest.mark.parametrize("answers", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_answer_is_a_short_printable_notice(answers: dict[str, object]) -> None:
    put(json.dumps({"schema": 1, "answers": answers}))
    offer = partial.offered()
    assert offer is not None
    assert not offer.answers
    (notice,) = offer.notices
    assert notice.text.isprintable()
    assert len(notice.text) < 200
    assert "hunter2" not in notice.text


def test_a_directory_in_its_place_is_a_notice() -> None:
    partial.state_file().mkdir(parents=True)
    offer = partial.offered()
    assert offer is not None
    assert [one.code for one in offer.notices] == ["kept_answers_unreadable"]
    partial.forget()  # does not raise
    assert partial.keep(said()) is None


@POSIX
def test_a_pipe_in_its_place_does_not_stop_the_program() -> None:
    partial.state_file().parent.mkdir(parents=True)
    os.mkfifo(partial.state_file())
    offer = partial.offered()
    assert offer is not None
    assert [one.code for one in offer.notices] == ["kept_answers_unreadable"]


@POSIX
def test_a_device_behind_a_link_is_a_notice() -> None:
    partial.state_file().parent.mkdir(parents=True)
    partial.state_file().symlink_to("/dev/zero")
    offer = partial.offered()
    assert offer is not None
    assert [one.code for one in offer.notices] == ["kept_answers_unreadable"]


@POSIX
def test_a_link_is_replaced_and_what_it_pointed_to_stays(tmp_path: Path) -> None:
    precious = tmp_path / "precious.txt"
    precious.write_text("mine")
    partial.state_file().parent.mkdir(parents=True)
    partial.state_file().symlink_to(precious)
    assert partial.keep(said()) is not None
    assert precious.read_text() == "mine"
    assert not partial.state_file().is_symlink()
    partial.state_file().unlink()
    partial.state_file().symlink_to(precious)
    partial.forget()
    assert precious.read_text() == "mine"


@POSIX
@pytest.mark.parametrize("where", ["file in the way", "read-only", "under /dev/null"])
def test_a_directory_that_cannot_be_written_is_said_and_raises_nothing(
    where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = tmp_path / "state"
    if where == "file in the way":
        state.write_text("")
    elif where == "under /dev/null":
        state = Path("/dev/null/state")
    else:
        if os.geteuid() == 0:
            monkeypatch.setattr(Path, "mkdir", _refuse)  # root may write everywhere
        else:
            state.mkdir(mode=0o500)
    monkeypatch.setenv("XDG_STATE_HOME", str(state))
    assert partial.keep(said()) is None
    assert "could not be kept" in partial.kept_sentence(said(), None)
    partial.forget()
    partial.offered()


def _refuse(*_args: object, **_more: object) -> None:
    raise PermissionError(13, "Permission denied")


def test_without_a_home_directory_nothing_is_kept_and_nothing_breaks(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless(*_args: object, **_more: object) -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr("platformdirs.user_state_path", homeless)
    assert partial.keep(said()) is None
    partial.forget()
    offer = partial.offered()
    assert offer is not None
    assert not offer.answers


def test_the_person_is_told_where_the_answers_are() -> None:
    path = partial.keep(said())
    assert str(path) in partial.kept_sentence(said(), path)
    assert "offers to continue" in partial.kept_sentence(said(), path)
