"""What is made of bundled files is kept beside them, counts for the same text only, and is never needed."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

import pytest

from wizard.resources import templates as environments
from wizard.resources.cache import keep, kept, stamp
from wizard.resources.documents import read_document
from wizard.resources.templates import environment

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def writing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", None)


@pytest.fixture
def templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory of bundled templates of its own."""
    (tmp_path / "hello.j2").write_text("Hello {{ name }}")
    monkeypatch.setattr(environments, "templates_root", lambda: tmp_path)
    monkeypatch.setattr(environments, "_ENVIRONMENTS", {})
    return tmp_path


def rendered(template: str) -> str:
    environments._ENVIRONMENTS.clear()
    return environment().get_template(template).render(name="Anna")


@pytest.mark.usefixtures("writing")
def test_a_template_is_compiled_once(templates: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert rendered("hello.j2") == "Hello Anna"
    assert [one.name for one in (templates / "__pycache__").iterdir()] == [
        f"hello.{sys.implementation.cache_tag}.pyc",
    ]

    from jinja2 import Environment

    def refuse(*_arguments: object, **_words: object) -> str:
        raise AssertionError("compiled a second time")

    monkeypatch.setattr(Environment, "_generate", refuse)
    assert rendered("hello.j2") == "Hello Anna"


@pytest.mark.usefixtures("writing")
def test_a_changed_template_is_compiled_anew_though_its_time_is_the_old_one(templates: Path) -> None:
    rendered("hello.j2")
    before = (templates / "hello.j2").stat()
    (templates / "hello.j2").write_text("Hallo {{ name }}")
    import os

    os.utime(templates / "hello.j2", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert rendered("hello.j2") == "Hallo Anna"


@pytest.mark.usefixtures("writing")
@pytest.mark.parametrize("spoiled", [b"", b"mail-wizard\n", b"x" * 4000])
def test_spoiled_files_are_made_anew(templates: Path, spoiled: bytes) -> None:
    rendered("hello.j2")
    (file,) = (templates / "__pycache__").iterdir()
    file.write_bytes(spoiled)
    assert rendered("hello.j2") == "Hello Anna"
    file.write_bytes(file.read_bytes()[:-20])
    assert rendered("hello.j2") == "Hello Anna"


@pytest.mark.usefixtures("writing")
def test_a_person_s_own_templates_are_not_kept(templates: Path, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "hello.j2").write_text("Ciao {{ name }}")
    assert environment(own).get_template("hello.j2").render(name="Anna") == "Ciao Anna"
    assert not (own / "__pycache__").exists()
    assert not (templates / "__pycache__").exists()


@pytest.mark.usefixtures("writing")
def test_where_nothing_can_be_written_everything_works(templates: Path) -> None:
    (templates / "__pycache__").write_text("a file in the place of the directory")
    assert rendered("hello.j2") == "Hello Anna"
    assert rendered("hello.j2") == "Hello Anna"


def test_nothing_is_kept_when_python_keeps_nothing(templates: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert rendered("hello.j2") == "Hello Anna"
    assert not (templates / "__pycache__").exists()


@pytest.mark.usefixtures("writing")
def test_the_data_of_a_bundled_document_are_kept_until_the_text_changes(tmp_path: Path) -> None:
    file = tmp_path / "data.yaml"
    file.write_text("one: [1, yes, null]\ntwo: {three: true}\n")
    first = read_document(file, bundled=True)
    second = read_document(file, bundled=True)
    assert (tmp_path / "__pycache__").is_dir()
    assert first == second
    assert second.data == {"one": [1, "yes", None], "two": {"three": True}}
    assert second.place(("two", "three")).line == 2
    file.write_text("one: 2\n")
    assert read_document(file, bundled=True).data == {"one": 2}
    shutil.rmtree(tmp_path / "__pycache__")
    read_document(file)
    assert not (tmp_path / "__pycache__").exists(), "a person's own file was kept"


@pytest.mark.usefixtures("writing")
def test_what_is_kept_counts_for_one_maker_only(tmp_path: Path) -> None:
    source, maker = tmp_path / "a.yaml", tmp_path / "maker.py"
    maker.write_text("1")
    wanted = stamp("text", str(maker))
    assert wanted is not None
    keep(str(source), wanted, b"made")
    assert kept(str(source), wanted) == b"made"
    maker.write_text("12")
    changed = stamp("text", str(maker))
    assert changed is not None
    assert kept(str(source), changed) is None
    assert stamp("text", str(tmp_path / "nothing.py")) is None
