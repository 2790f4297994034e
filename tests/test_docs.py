"""What the documents promise is so."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from wizard.cli.commands import COMMANDS
from wizard.model.problems import ExitCode

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
SET_UP = (
    "python3 -m venv .venv && .venv/bin/pip install -q . && .venv/bin/mail-wizard",
    "python3 -m venv .venv && .venv/bin/pip install -q '.[test]' && .venv/bin/python -m pytest -q",
)


def blocks(text: str) -> list[str]:
    return re.findall(r"^```sh\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def test_the_readme_has_exactly_the_two_commands_each_on_a_line_of_its_own():
    lines = [line for block in blocks(README) for line in block.splitlines() if "-m venv" in line]
    assert lines == list(SET_UP)


def test_the_examples_for_scripts_work_one_after_the_other(cli_environment, tmp_path):
    part = README.partition("## In scripts")[2].partition("\n## ")[0]
    (script,) = blocks(part)
    ours = f'mail-wizard() {{ {shlex.quote(sys.executable)} -m wizard "$@"; }}\n'
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", ours + script],
        cwd=tmp_path,
        env=cli_environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"anna", "anna-imap", "settings.json", "card.html"}
    assert len(list((tmp_path / "anna").iterdir())) == 4


def test_every_command_that_is_built_stands_in_the_readme():
    assert not [
        name
        for name in COMMANDS
        if f"`mail-wizard {name}" not in README and f"`{name}" not in README and name != "setup"
    ]


def test_the_exit_codes_in_the_document_are_those_of_the_program():
    text = (ROOT / "docs" / "exit-codes.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| (\w+) \|", text, re.MULTILINE)
    assert [(int(number), name) for number, name in rows] == [(int(code), code.name.lower()) for code in ExitCode]


@pytest.mark.parametrize(
    "document", sorted(ROOT.glob("*.md")) + sorted((ROOT / "docs").rglob("*.md")), ids=lambda p: p.name
)
def test_every_link_to_a_file_leads_somewhere(document):
    links = re.findall(r"\]\(([^)#\s]+)\)", document.read_text(encoding="utf-8"))
    gone = [link for link in links if "://" not in link and not (document.parent / link).exists()]
    assert not gone


def test_what_the_documents_say_of_libraries_is_about_those_that_are_used():
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {re.split(r"[^A-Za-z0-9_-]", one)[0].lower() for one in project["dependencies"]}
    told = {
        name.lower().replace("_", "-")
        for name in re.findall(r"\*\*([\w-]+)\*\*", (ROOT / "docs/decisions.md").read_text("utf-8"))
    }
    assert names <= told


def ours() -> list[Path]:
    folders = ("wizard", "templates", "tests", "tools", "docs", ".ci")
    files = [path for name in folders for path in (ROOT / name).rglob("*") if path.is_file()]
    files += [path for path in ROOT.iterdir() if path.is_file() and path.suffix in (".md", ".toml")]
    return [
        path for path in files if "__pycache__" not in path.parts and path.suffix not in (".mo", ".png", ".pyc", ".reg")
    ]


def test_no_file_names_the_machine_it_was_written_on_or_where_packages_came_from():
    # Put together here, so that this file does not hold them.
    words = ("/" + "work/", "/" + "root/", "/" + "opt/", "py" + "pi.org", "python" + "hosted", "npm" + "js.org")
    found = [
        f"{path.relative_to(ROOT)}:{number}: {word}"
        for path in ours()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        for word in words
        if word in line
    ]
    assert not found


def test_every_text_file_ends_with_a_line_end_and_has_none_of_windows():
    wrong = [
        path
        for path in ours()
        if path.stat().st_size and (not path.read_bytes().endswith(b"\n") or b"\r\n" in path.read_bytes())
    ]
    assert not [path for path in wrong if "golden" not in path.parts]
