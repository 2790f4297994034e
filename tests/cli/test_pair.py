"""POP3 that leaves messages on the computer, IMAP on the phone: the files of both in one run."""

from __future__ import annotations

import json

import pytest

GMX = ("anna@gmx.net", "--offline", "--name", "Anna Rossi")


def exported(run_cli, *more: str, formats: str = "thunderbird-userjs,autoconfig"):
    return run_cli("export", *GMX, "--format", formats, "--output", "files", *more)


def test_both_are_written_and_what_they_need_of_each_other_is_said(run_cli, tmp_path):
    ran = exported(run_cli, "--protocol", "pop3", "--leave-days", "21", "--also-imap")
    assert ran.code == 0, ran.stderr
    here, there = (tmp_path / "files" / folder / "user.js" for folder in (".", "imap"))
    assert "pop3" in here.read_text(encoding="utf-8")
    assert "imap" in there.read_text(encoding="utf-8")
    assert "pop3" not in there.read_text(encoding="utf-8")
    said = " ".join(ran.stdout.split())
    for words in (
        "in the folder “imap” are for your phone",
        "for 21 days",
        "let the computer fetch it first",
        "no other",
    ):
        assert words in said, words


def test_the_document_lists_the_files_of_both(run_cli):
    ran = exported(run_cli, "--protocol", "pop3", "--also-imap", "--json", "--dry-run")
    paths = [file["path"].replace("\\", "/") for file in json.loads(ran.stdout)["files"]]
    assert "files/user.js" in paths
    assert "files/imap/user.js" in paths


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--protocol", "imap"), "--also-imap is for POP3"),
        ((), "--also-imap is for POP3"),  # IMAP is what is advised
        (("--protocol", "pop3", "--leave-days", "0"), "removes messages at once"),
    ],
)
def test_what_would_hurt_or_is_not_needed_is_refused_with_its_reason(run_cli, tmp_path, options, reason):
    ran = exported(run_cli, *options, "--also-imap")
    assert ran.code == 2
    assert reason in " ".join(ran.stderr.split())
    assert not (tmp_path / "files").exists()


def test_the_guided_way_without_questions_writes_both_too(run_cli, tmp_path):
    answers = ("devices=main_plus_glance", "quota=tight", "backup=regular", "clients=thunderbird-userjs")
    sets = [part for answer in answers for part in ("--set", answer)]
    ran = run_cli("setup", *GMX, *sets, "--also-imap", "--no-input", "--output", "files")
    assert ran.code == 0, ran.stderr
    assert (tmp_path / "files" / "imap" / "user.js").exists()


def test_without_the_option_there_is_one_set_of_files(run_cli, tmp_path):
    assert exported(run_cli, "--protocol", "pop3").code == 0
    assert not (tmp_path / "files" / "imap").exists()
