"""Start-up time is a feature: what a command does not need, it does not import."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.world import World

ROOT = Path(__file__).resolve().parent.parent

RUN = """
import json, sys
from wizard.cli import main
try:
    main(sys.argv[1:])
except SystemExit as end:
    assert not end.code, end.code
sys.stdout.flush()
sys.stderr.write("MODULES " + json.dumps(sorted(sys.modules)))
"""

ASKING = {"questionary", "prompt_toolkit", "platformdirs"}
DRAWING = {"rich", "pygments"}
NETWORK = {
    "asyncio",
    "dns",
    "ssl",
    "socket",
    "email",
    "http",
    "urllib.request",
    "publicsuffixlist",
    "concurrent.futures",
}
DEVELOPERS = {"hypothesis", "pytest", "babel"}
FILES = {"jinja2", "markupsafe", "plistlib", "xml", "segno"}
DATA = {"yaml", "json"}

COMMANDS = {
    "--version": (("--version",), ASKING | DRAWING | NETWORK | DEVELOPERS | FILES | DATA | {"idna"}),
    "--help": (("--help",), ASKING | DRAWING | NETWORK | DEVELOPERS | FILES | DATA | {"idna"}),
    "recommend": (
        ("recommend", "--set", "devices=several", "--json"),
        ASKING | DRAWING | NETWORK | DEVELOPERS | FILES | {"idna"},
    ),
    "discover": (
        ("discover", "anna@gmx.net", "--offline", "--json"),
        ASKING | DRAWING | DEVELOPERS | FILES | {"dns", "ssl", "email", "http"},
    ),
    "doctor --help": (("doctor", "--help"), ASKING | DRAWING | NETWORK | DEVELOPERS | FILES | DATA),
    "doctor --device list": (("doctor", "--device", "list", "--json"), ASKING | DRAWING | NETWORK | DEVELOPERS | FILES),
    "export": (
        ("export", "anna@gmx.net", "--offline", "--format", "autoconfig,mobileconfig", "--output", "new"),
        ASKING | NETWORK | DEVELOPERS | {"segno", "pygments", "cryptography", "zxingcpp"},
    ),
    "export of the card": (
        ("export", "anna@gmx.net", "--offline", "--format", "card", "--output", "new"),
        ASKING | NETWORK | DEVELOPERS | {"pygments", "plistlib", "segno.writers", "cryptography"},
    ),
}


def modules(folder: Path, *words: str) -> set[str]:
    """What is imported once the command has run, beyond the bare interpreter's own."""
    # Not the tests' environment: what closes the network there imports socket.
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", RUN, *words],
        cwd=folder,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "MODULES " in done.stderr, done.stderr
    return set(json.loads(done.stderr.rpartition("MODULES ")[2])) - {"json", "json.decoder", "json.scanner"}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_does_not_import_what_it_does_not_need(name, tmp_path):
    words, absent = COMMANDS[name]
    imported = modules(tmp_path, *words)
    assert "click" in imported  # the command did run
    assert not absent & imported


def test_only_a_command_that_writes_files_imports_the_templates(tmp_path):
    assert "jinja2" in modules(tmp_path, *COMMANDS["export"][0])


@pytest.mark.parametrize("name", sorted(ASKING | DRAWING | NETWORK | FILES | DATA | {"hypothesis", "pytest", "idna"}))
def test_every_module_that_must_be_absent_is_one(name):
    assert importlib.util.find_spec(name) is not None, f"no module {name}: the test above would prove nothing"


FIRST_QUESTION = """
import sys
asked = False
def watch(event, _arguments):
    global asked
    # A name server is asked from a connected socket: the questions leave right after this.
    if event == "socket.connect" and not asked:
        asked = True
        sys.stderr.write("MODULES " + " ".join(sorted(sys.modules)) + "\\n")
sys.addaudithook(watch)
from wizard.cli import main
main(sys.argv[1:])
"""

LATER = {
    "aiohappyeyeballs",
    "h11",
    "html",
    "idna.uts46data",
    "json.encoder",
    "publicsuffixlist",
    "rich",
    "wizard.discovery.certificate_names",
    "wizard.discovery.completion",
    "wizard.discovery.connecting",
    "wizard.discovery.provider_file",
    "wizard.discovery.report",
    "wizard.net.certificates",
    "wizard.net.conversation",
    "wizard.net.http_client",
    "wizard.net.mail",
    "wizard.net.responses",
    "wizard.net.tls",
    "wizard.programs.autoconfig",
    "wizard.programs.autodiscover",
    "wizard.programs.pacc",
    "wizard.programs.settings",
    "wizard.wording",
    "xml.parsers.expat",
    "yaml",
}
"""What connects, reads answers, judges them and shows them."""


def test_the_first_question_leaves_before_what_only_later_steps_need_is_imported(tmp_path):
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    words = ("discover", "anna@example.test", "--json", "--allow-private", "--no-ispdb", "--resolver")
    with World() as world:
        done = subprocess.run(
            [sys.executable, "-c", FIRST_QUESTION, *words, world.resolver],
            cwd=tmp_path,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 4, done.stderr
    loaded = set(done.stderr.partition("MODULES ")[2].partition("\n")[0].split())
    assert "dns.message" in loaded  # the question was asked
    assert not LATER & loaded


@pytest.mark.parametrize("name", sorted(LATER))
def test_every_module_that_comes_later_is_one(name):
    assert importlib.util.find_spec(name) is not None
