"""What is built is what people install: tried outside the repository, in environments that begin empty."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.ground import ENVIRONMENT, IN_CI, ROOT

pytestmark = pytest.mark.slow

PARTS = ("wizard", "templates", "tests", "tools", "docs")
DROPPINGS = shutil.ignore_patterns("__pycache__", "*.pyc", ".*_cache")
CLEAN = {name: value for name, value in ENVIRONMENT.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}


def run(*words: str | Path, cwd: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in words],
        cwd=cwd,
        env={**CLEAN, **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )


@dataclass(frozen=True)
class Environment:
    """A virtual environment of its own."""

    folder: Path

    @property
    def programs(self) -> Path:
        return self.folder / ("Scripts" if os.name == "nt" else "bin")

    def pip(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        return run(self.programs / "python", "-m", "pip", "install", "-q", *words, cwd=self.folder)

    def fetch(self, *words: str | Path) -> None:
        """Install what must come from elsewhere; a machine without a way there cannot run these tests."""
        done = self.pip(*words)
        if done.returncode:
            reason = f"pip could not install {' '.join(map(str, words))}: {done.stderr[-300:]}"
            pytest.fail(reason) if IN_CI else pytest.skip(reason)


def new_environment(folder: Path) -> Environment:
    done = run(sys.executable, "-m", "venv", folder, cwd=folder.parent)
    assert done.returncode == 0, done.stderr
    return Environment(folder)


@dataclass(frozen=True)
class Built:
    """A wheel and a source archive, and the environment that has the builder."""

    wheel: Path
    archive: Path
    builder: Environment

    @property
    def names(self) -> list[str]:
        return zipfile.ZipFile(self.wheel).namelist()


def build(builder: Environment, tree: Path, *targets: str) -> None:
    done = run(builder.programs / "python", "-m", "hatchling", "build", *targets, cwd=tree)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder = tmp_path_factory.mktemp("build")
    builder = new_environment(folder / "builder")
    builder.fetch("hatchling")
    tree = folder / "tree"  # a copy: building leaves things behind
    tree.mkdir()
    for path in ROOT.iterdir():
        if path.is_file():
            shutil.copy(path, tree)
    for name in PARTS:
        shutil.copytree(ROOT / name, tree / name, ignore=DROPPINGS)
    build(builder, tree, "-t", "sdist", "-t", "wheel")
    (wheel,) = (tree / "dist").glob("*.whl")
    (archive,) = (tree / "dist").glob("*.tar.gz")
    return Built(wheel, archive, builder)


@pytest.fixture(scope="module")
def installed(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    environment = new_environment(tmp_path_factory.mktemp("installed") / "environment")
    done = environment.pip("--no-deps", built.wheel)
    assert done.returncode == 0, done.stderr
    environment.fetch(built.wheel)
    return environment


def test_the_wheel_holds_the_templates_and_the_translations(built):
    root = ROOT / "templates"
    files = [path for path in root.rglob("*") if path.is_file() and path.parent.name != "__pycache__"]
    templates = {f"wizard/templates/{path.relative_to(root).as_posix()}" for path in files}
    assert len(templates) > 10
    assert templates <= set(built.names)
    catalogue = "wizard/locale/it/LC_MESSAGES/mail_wizard.mo"
    assert zipfile.ZipFile(built.wheel).read(catalogue) == (ROOT / catalogue).read_bytes()
    assert "wizard/py.typed" in built.names


def test_the_wheel_holds_the_program_and_nothing_else(built):
    others = [name for name in built.names if not name.startswith(("wizard/", "mail_wizard-"))]
    assert not others
    assert not [name for name in built.names if "__pycache__" in name or name.endswith(".pyc")]
    assert [name for name in built.names if name.endswith("LICENSE")]


def test_the_source_archive_holds_what_the_wheel_and_the_tests_need(built, tmp_path):
    with tarfile.open(built.archive) as archive:
        archive.extractall(tmp_path, filter="data")
    (tree,) = tmp_path.iterdir()
    for name in ("README.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "tests/conftest.py", "docs/exit-codes.md"):
        assert (tree / name).is_file(), name
    build(built.builder, tree, "-t", "wheel")
    (again,) = (tree / "dist").glob("*.whl")
    assert sorted(zipfile.ZipFile(again).namelist()) == sorted(built.names)


def test_an_installed_wheel_exports_outside_the_repository(installed, tmp_path):
    words = [
        "export",
        "anna@gmx.net",
        "--offline",
        "--format",
        "autoconfig,mobileconfig,card",
        "--output",
        "new",
        "--json",
    ]
    done = run(installed.programs / "mail-wizard", *words, cwd=tmp_path, HOME=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert {one["format"] for one in json.loads(done.stdout)["files"]} == {"autoconfig", "mobileconfig", "card"}
    written = {path.name for path in (tmp_path / "new").iterdir()}
    assert written == {"config-v1.1.xml", "anna@gmx.net.mobileconfig", "anna@gmx.net.html", "anna@gmx.net.txt"}
    assert b"imap.gmx.net" in (tmp_path / "new" / "config-v1.1.xml").read_bytes()


def test_an_installed_wheel_uses_nothing_of_the_repository(installed, tmp_path):
    code = "import wizard, wizard.resources.templates as r; print(wizard.__file__); print(r.templates_root())"
    done = run(installed.programs / "python", "-c", code, cwd=tmp_path)
    places = [Path(line) for line in done.stdout.splitlines()]
    assert len(places) == 2, done.stderr
    assert all(place.is_relative_to(installed.folder) for place in places)


def test_the_version_is_that_of_the_wheel_whichever_way_it_is_called(installed, built, tmp_path):
    version = built.wheel.name.split("-")[1]
    for words in ((installed.programs / "mail-wizard",), (installed.programs / "python", "-m", "wizard")):
        assert run(*words, "--version", cwd=tmp_path).stdout == f"mail-wizard {version}\n"


def test_an_installed_wheel_speaks_italian(installed, tmp_path):
    done = run(installed.programs / "mail-wizard", "--help", "--lang", "it", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    english = run(installed.programs / "mail-wizard", "--help", cwd=tmp_path)
    assert done.stdout.splitlines()[0] != english.stdout.splitlines()[0]
