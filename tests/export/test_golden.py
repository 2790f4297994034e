"""The files as they are, byte for byte; ``--update-golden`` writes them anew."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sample_accounts import GOLDEN, GOLDEN_MATRIX

from wizard.export.registry import formats
from wizard.export.render import Refusal, render

GOLDEN_FILES = Path(__file__).resolve().parent.parent / "golden"
ACCOUNTS = {**GOLDEN, **GOLDEN_MATRIX}
PAGES = ("imap", "pop-remove-starttls", "imap-oauth2-and-password", "pop-keep-for-good-hostile", "pop_keep-tls-oauth2")
"""The accounts whose card is compared as a page, too: the others' differ in values alone, and those are in the text."""
REFUSED = ".refused.txt"
"""The ending of a file that holds, under the name of a format, why it cannot say the account."""


def is_kept(account: str, file: str) -> bool:
    return account in PAGES or not file.endswith(".html")


@pytest.mark.parametrize("format_id", [entry.id for entry in formats()])
@pytest.mark.parametrize("name", ACCOUNTS)
def test_a_file_is_the_golden_one(name: str, format_id: str, update_golden: bool) -> None:
    made = render(format_id, ACCOUNTS[name])
    refusal = GOLDEN_FILES / name / f"{format_id}{REFUSED}"
    if isinstance(made, Refusal):
        contents = {refusal: made.reason.encode() + b"\n"}
    else:
        entry = next(entry for entry in formats() if entry.id == format_id)
        named = zip(made, entry.files, strict=True)
        contents = {
            GOLDEN_FILES / name / entry_file.name: file.content
            for file, entry_file in named
            if is_kept(name, entry_file.name)
        }
    if update_golden:
        refusal.unlink(missing_ok=True)
    for golden, content in contents.items():
        if update_golden:
            golden.parent.mkdir(parents=True, exist_ok=True)
            golden.write_bytes(content)
        assert golden.is_file(), f"no golden file {golden}; look at the output, then run pytest --update-golden"
        assert content == golden.read_bytes(), f"{golden} differs; if it should, run pytest --update-golden"


def test_every_golden_file_is_still_made() -> None:
    assert {path.name for path in GOLDEN_FILES.iterdir()} == set(ACCOUNTS)
    for name, account in ACCOUNTS.items():
        made = {entry.id: render(entry.id, account) for entry in formats()}
        refused = {f"{format_id}{REFUSED}" for format_id, what in made.items() if isinstance(what, Refusal)}
        written = {file.name for entry in formats() if f"{entry.id}{REFUSED}" not in refused for file in entry.files}
        written = {file for file in written if is_kept(name, file)}
        assert {path.name for path in (GOLDEN_FILES / name).iterdir()} == refused | written


def test_no_format_refuses_everything() -> None:
    for entry in formats():
        assert any(not isinstance(render(entry.id, account), Refusal) for account in GOLDEN_MATRIX.values()), entry.id


DIGESTS = """
import sys, hashlib
sys.path.insert(0, sys.argv[1])
from sample_accounts import GOLDEN
from wizard.language import activate
from wizard.export.registry import formats
from wizard.export.render import Refusal, render
activate(sys.argv[2])
for name, account in GOLDEN.items():
    for entry in formats():
        made = render(entry.id, account)
        for file in () if isinstance(made, Refusal) else made:
            print(name, file.name, hashlib.sha256(file.content).hexdigest())
"""


@pytest.mark.parametrize("language", ["en", "it"])
def test_the_same_input_gives_the_same_bytes_in_every_process(language: str) -> None:
    outputs = set()
    for seed, zone, locale in (("1", "UTC", "C"), ("4711", "Asia/Tokyo", "it_IT.UTF-8")):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LANG": locale, "LC_ALL": locale}
        done = subprocess.run(
            [sys.executable, "-c", DIGESTS, str(Path(__file__).resolve().parent.parent), language],
            capture_output=True,
            text=True,
            check=True,
            env=environment,
        )
        assert done.stdout.count("\n") > 5 * len(GOLDEN)
        outputs.add(done.stdout)
    assert len(outputs) == 1
