"""The RELAX NG schema of the autoconfig draft, and xmllint, for every autoconfig file that the tests make."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
import sample_accounts
from sample_accounts import make

from wizard.model.servers import Protocol
from wizard.rendering.render import Refusal, render

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.real

ACCOUNTS = [
    *sample_accounts.GOLDEN.values(),
    *sample_accounts.MATRIX.values(),
    *(make(username=value, provider=value) for value in sample_accounts.HOSTILE),
    *(make(address, protocol=Protocol.POP3) for address in sample_accounts.ADDRESSES),
]


def complaints(schema: Path, files: list[Path]) -> list[str]:
    """The files that xmllint does not find valid."""
    program = shutil.which("xmllint")
    if program is None:
        pytest.skip("xmllint is not installed")
    done = subprocess.run(
        [program, "--nonet", "--noout", "--relaxng", str(schema), *map(str, files)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    lines = done.stderr.splitlines()
    assert sum(line.endswith((" validates", " fails to validate")) for line in lines) == len(files), done.stderr
    return [line for line in lines if line.endswith(" fails to validate")]


def test_every_file_is_valid_by_the_schema_of_the_draft(shared_data: Path, tmp_path: Path) -> None:
    files = []
    for number, account in enumerate(ACCOUNTS):
        made = render("autoconfig", account)
        if not isinstance(made, Refusal):
            files.append(tmp_path / f"{number}.xml")
            files[-1].write_bytes(made[0].content)
    assert len(files) > 250
    assert complaints(shared_data / "autoconfig.rng", files) == []


@pytest.mark.parametrize("change", [(b"993", b"abc"), (b' type="imap"', b""), (b' id="example.org"', b"")])
def test_the_schema_itself_sees_what_is_wrong(shared_data: Path, tmp_path: Path, change: tuple[bytes, bytes]) -> None:
    """It is lax on purpose (unknown elements are allowed); it does see this much."""
    made = render("autoconfig", make())
    assert not isinstance(made, Refusal)
    assert change[0] in made[0].content
    file = tmp_path / "wrong.xml"
    file.write_bytes(made[0].content.replace(*change))
    assert len(complaints(shared_data / "autoconfig.rng", [file])) == 1
