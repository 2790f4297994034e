"""What only a process of its own shows: its exit code, closed and broken streams, a mistake in the program.

All other tests of commands run within the test process.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from wizard import __version__

RECOMMEND = ("recommend", "--set", "devices=several", "--json")


@pytest.mark.parametrize(
    "words", [("--version",), RECOMMEND, ("recommend", "--set", "devices=sveral"), ("--lang=it", "--help")]
)
def test_a_process_says_and_ends_as_the_test_process_does(run_cli, words):
    ran = run_cli(*words, process=True)
    assert ran == run_cli(*words)
    assert "Traceback" not in ran.stderr


def test_the_version_is_that_of_the_package(run_cli):
    assert run_cli("--version", process=True).stdout == f"mail-wizard {__version__}\n"


@pytest.mark.parametrize("redirected", [">&-", ">/dev/full"])
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_standard_output_that_cannot_be_written_ends_with_1_and_a_sentence(run_cli, redirected):
    ran = run_cli(command=["bash", "-c", f"{sys.executable} -m wizard {' '.join(RECOMMEND)} {redirected}"])
    assert ran.code == 1
    assert ran.stderr.startswith("mail-wizard: ")
    assert len(ran.stderr.splitlines()) == 1


def test_a_closed_standard_input_is_nobody_to_ask(run_cli):
    ran = run_cli(command=["bash", "-c", f"{sys.executable} -m wizard setup --offline <&-"])
    assert ran.code == 3
    assert "nobody can be asked" in ran.stderr


def test_a_bug_is_a_sentence_and_exit_code_1(run_cli, tmp_path):
    (tmp_path / "broken.py").write_text(
        "import wizard.advice.recommendation\n"
        "def fail(*a, **k): raise RuntimeError('oh\\x1b no')\n"
        "wizard.advice.recommendation.recommend = fail\n"
        "from wizard.cli import main\nmain(['recommend', '--json'])\n"
    )
    ran = run_cli(command=[sys.executable, "broken.py"])
    assert ran.code == 1
    assert "Traceback" not in ran.stderr
    assert "\x1b" not in ran.stderr
    assert json.loads(ran.stdout)["error"]["code"] == "unexpected"


@pytest.mark.parametrize("words", [["providers"], ["questions"], ["formats"], ["recommend"]])
def test_a_reader_that_goes_away_ends_with_0(run_cli, words):
    pipe = f"{sys.executable} -m wizard {' '.join(words)} | head -c 5; exit ${{PIPESTATUS[0]}}"
    ran = run_cli(command=["bash", "-c", pipe])
    assert (ran.code, ran.stderr) == (0, "")
