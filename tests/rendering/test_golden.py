"""The files as they are, byte for byte; ``--update-golden`` writes them anew."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sample_accounts import GOLDEN

from wizard.rendering.registry import formats
from wizard.rendering.render import Refusal, render

GOLDEN_FILES = Path(__file__).resolve().parent.parent / "golden"


@pytest.mark.parametrize("format_id", [one.id for one in formats()])
@pytest.mark.parametrize("name", GOLDEN)
def test_a_file_is_the_golden_one(name: str, format_id: str, update_golden: bool) -> None:
    made = render(format_id, GOLDEN[name])
    assert not isinstance(made, Refusal), made
    for file, one in zip(made, next(f for f in formats() if f.id == format_id).files, strict=True):
        golden = GOLDEN_FILES / name / one.name
        if update_golden:
            golden.parent.mkdir(parents=True, exist_ok=True)
            golden.write_bytes(file.content)
        assert golden.is_file(), f"no golden file {golden}; look at the output, then run pytest --update-golden"
        assert file.content == golden.read_bytes(), f"{golden} differs; if it should, run pytest --update-golden"


def test_every_golden_file_is_still_made() -> None:
    names = {one.name for entry in formats() for one in entry.files}
    assert {path.name for path in GOLDEN_FILES.rglob("*") if path.is_file()} <= names
    assert {path.name for path in GOLDEN_FILES.iterdir()} == set(GOLDEN)


DIGESTS = """
import sys, hashlib
sys.path.insert(0, sys.argv[1])
from sample_accounts import GOLDEN
from wizard.language import activate
from wizard.rendering.render import render
activate(sys.argv[2])
for name, account in GOLDEN.items():
    for format_id in ("autoconfig", "mobileconfig", "card"):
        for file in render(format_id, account):
            print(name, file.name, hashlib.sha256(file.content).hexdigest())
"""


@pytest.mark.parametrize("language", ["en", "it"])
def test_the_same_input_gives_the_same_bytes_in_every_process(language: str) -> None:
    said = set()
    for seed, zone, locale in (("1", "UTC", "C"), ("4711", "Asia/Tokyo", "it_IT.UTF-8")):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LANG": locale, "LC_ALL": locale}
        done = subprocess.run(
            [sys.executable, "-c", DIGESTS, str(Path(__file__).resolve().parent.parent), language],
            capture_output=True,
            text=True,
            check=True,
            env=environment,
        )
        assert done.stdout.count("\n") == 4 * len(GOLDEN)
        said.add(done.stdout)
    assert len(said) == 1
