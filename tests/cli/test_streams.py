"""Standard streams that are closed, full or gone, and that lack characters: every command, as a shell starts it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from wizard.cli.commands import COMMANDS

pytestmark = pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")

PYTHON = f'"{sys.executable}" -m wizard'
BROKEN = {
    "no stdout": ">&-",
    "full stdout": ">/dev/full",
    "no stderr": "2>&-",
    "full stderr": "2>/dev/full",
    "no stdin": "<&-",
    "nothing": "<&- >&- 2>&-",
    "no reader": None,
}
"""Ways in which a shell can break the streams of a command."""

WORDS = {
    "setup": "setup anna@gmx.net --offline --set clients=card",
    "recommend": "recommend --set devices=several",
    "discover": "discover anna@gmx.net --offline",
    "export": "export anna@gmx.net --offline --no-input --format card --output made --force",
    "doctor": "doctor anna@gmx.net --imap 127.0.0.1:1 --allow-private --timeout 1 --resolver 127.0.0.1:9",
    "inspect": "inspect absent.xml",
    "templates": "templates list",
    "formats": "formats",
    "questions": "questions",
    "providers": "providers gmx",
    "help": "--help",
    "version": "--version",
    "wrong option": "formats --nonsense",
    "standard input": "inspect -",
}
USUAL = {"doctor": 2, "inspect": 2, "wrong option": 2, "standard input": 2}
"""The exit codes of what does not end with 0 for its own reasons: a number as a host, a missing file, …"""

PLAIN = [
    ("formats", "no stdout"),
    ("export", "full stdout"),
    ("wrong option", "full stderr"),
    ("providers", "no reader"),
]


def ran(words: str, how: str | None, environment: dict[str, str], folder: Path, *more: str) -> tuple[int, str]:
    """The exit code and what came out on standard error where that is open."""
    command = f"{PYTHON} {words} {' '.join(more)}"
    # The reader has gone before anything is written: the command waits for it to end.
    line = f"{command} {how}" if how is not None else f"({{ sleep 0.3; {command}; }}; echo $? >code) | true"
    done = subprocess.run(
        ["bash", "-c", line],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
        text=True,
    )
    code = done.returncode if how is not None else int((folder / "code").read_text())
    return code, done.stderr


def expected(name: str, broken: str) -> int:
    if name in USUAL:
        return USUAL[name]
    return 1 if broken in ("no stdout", "full stdout", "nothing") else 0


ROWS = [
    pytest.param(
        name,
        broken,
        as_json,
        marks=[] if (name, broken) in PLAIN else pytest.mark.slow,
        id=f"{name}, {broken}{', --json' if as_json else ''}",
    )
    for name in WORDS
    for broken in BROKEN
    for as_json in (False, True)
    if not (as_json and name in ("help", "version"))  # these print no document
]


@pytest.mark.parametrize(("name", "broken", "as_json"), ROWS)
def test_a_broken_stream_ends_a_command_with_its_exit_code_and_one_sentence(
    name, broken, as_json, cli_environment, tmp_path
):
    code, said = ran(WORDS[name], BROKEN[broken], cli_environment, tmp_path, *(["--json"] if as_json else []))
    assert code == expected(name, broken), said
    assert "Traceback" not in said
    assert "Exception ignored" not in said
    if code == 1 and broken != "nothing":
        assert said.count("\n") == 1
        assert said.startswith("mail-wizard: Standard output ")
    if name == "export":
        assert (tmp_path / "made" / "anna@gmx.net.html").is_file()


def test_every_command_has_a_row():
    assert set(COMMANDS) <= WORDS.keys()


def test_a_closed_standard_input_is_named(cli_environment, tmp_path):
    code, said = ran("inspect -", "<&-", cli_environment, tmp_path)
    assert (code, said) == (2, "mail-wizard: standard input: This is closed.\n")


# Characters that an encoding lacks


@pytest.mark.parametrize("encoding", ["ascii", "iso8859-1", "cp850"])
@pytest.mark.parametrize(
    "words", ["recommend --set devices=several", "providers gmx", "--help", "posta", "export --format x anna@gmx.net"]
)
def test_characters_that_the_output_lacks_are_replaced_in_a_readable_way(encoding, words, cli_environment, tmp_path):
    environment = {**cli_environment, "PYTHONIOENCODING": encoding}
    line = f"{PYTHON} {words} --lang it 2>&1"
    done = subprocess.run(["bash", "-c", line], cwd=tmp_path, env=environment, capture_output=True, check=False)
    text = done.stdout.decode(encoding)  # every byte is of this encoding
    assert text
    assert "\\u" not in text
    assert "Traceback" not in text


def test_quotation_marks_and_accents_become_what_ascii_has(cli_environment, tmp_path):
    environment = {**cli_environment, "PYTHONIOENCODING": "ascii"}
    _code, said = ran("discover posta --lang it", "</dev/null", environment, tmp_path)
    assert said == 'mail-wizard: "posta" non ha la @; un indirizzo email e fatto cosi: anna@example.org.\n'


def test_a_json_document_is_ascii_where_the_output_is_not_unicode(cli_environment, tmp_path):
    environment = {**cli_environment, "PYTHONIOENCODING": "iso8859-1"}
    words = [sys.executable, "-m", "wizard", "providers", "gmx", "--json", "--lang", "it"]
    done = subprocess.run(words, env=environment, cwd=tmp_path, capture_output=True, check=True)
    assert done.stdout.isascii()
    assert b"\\u2019" in done.stdout


@pytest.mark.skipif(os.name == "nt", reason="arguments are text on Windows")
def test_an_argument_that_is_no_text_is_said_to_be_that(cli_environment, tmp_path):
    code, said = ran("discover $'\\xff@example.org'", "</dev/null", cli_environment, tmp_path)
    assert code == 2
    assert "is not text in the encoding of this system" in said


# Paths


LONG = "x" * 300
OPTIONS = {
    "--output": "export anna@gmx.net --offline --no-input --format card --output",
    "--answers": "recommend --no-input --answers",
    "--save-answers": "recommend --no-input --set devices=one --save-answers",
    "--scoring": "recommend --no-input --set devices=one --scoring",
    "--settings": "export --offline --no-input --format card --output made --settings",
    "--templates": "export anna@gmx.net --offline --no-input --format card --output made --templates",
    "--ispdb": "discover anna@gmx.net --timeout 1 --resolver 127.0.0.1:9 --ispdb",
    "--report": "doctor anna@gmx.net --imap localhost:1 --timeout 1 --resolver 127.0.0.1:9 --report",
    "FILE": "inspect",
    "DIR": "templates copy card",
}
CAUSES = {"too long": LONG, "a file on the way": "file/below", "a circle": "circle/below"}


@pytest.mark.parametrize("cause", CAUSES)
@pytest.mark.parametrize("option", OPTIONS)
def test_a_path_that_cannot_be_used_is_one_sentence_and_one_exit_code_in_every_option(option, cause, run_cli, tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "circle").symlink_to("circle")
    done = run_cli(*OPTIONS[option].split(), CAUSES[cause])
    assert (done.code, done.stderr.count("\n")) == (2, 1), done.stderr
    assert cause != "too long" or "too long for this system" in done.stderr


def test_a_working_directory_that_is_gone_is_a_sentence(cli_environment, tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()
    line = f"cd gone && rmdir ../gone && {PYTHON} export anna@gmx.net --offline --no-input --format card"
    done = subprocess.run(
        ["bash", "-c", line], cwd=tmp_path, env=cli_environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
