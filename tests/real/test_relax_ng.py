"""The RELAX NG schema of the autoconfig draft, and a stricter one of ours, for every autoconfig file of the tests."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import sample_accounts
from sample_accounts import make

from wizard.export.render import Refusal, render
from wizard.model.servers import Protocol

pytestmark = pytest.mark.slow

ACCOUNTS = [
    *sample_accounts.GOLDEN.values(),
    *sample_accounts.SWEEP.values(),
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


STRICT = Path(__file__).with_name("autoconfig-strict.rnc")
"""Our own schema, which allows nothing but what our files are."""


def strict_complaints(files: list[Path]) -> dict[str, str]:
    """What jing says against each of the files, by its name."""
    program = shutil.which("jing")
    if program is None:
        pytest.skip("jing is not installed")
    done = subprocess.run(
        [program, "-c", str(STRICT), *map(str, files)], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode in (0, 1), done.stderr  # Debian's starter warns of libraries that are not needed
    said = {}
    for line in done.stdout.splitlines():
        found = re.match(r"(.*?):\d+:\d+: (?:error|fatal): (.*)", line)
        assert found is not None, line
        said.setdefault(Path(found[1]).name, found[2])
    assert (done.returncode != 0) == bool(said)
    return said


def test_every_file_is_valid_by_our_stricter_schema(tmp_path: Path) -> None:
    files = []
    for number, account in enumerate(ACCOUNTS):
        made = render("autoconfig", account)
        if not isinstance(made, Refusal):
            files.append(tmp_path / f"{number}.xml")
            files[-1].write_bytes(made[0].content)
    assert len(files) > 250
    assert strict_complaints(files) == {}


WRONG = {
    "socket": (b">SSL<", b">TLS<"),
    "port": (b">993<", b">70000<"),
    "port_words": (b">993<", b">imaps<"),
    "method": (b">password-cleartext<", b">password<"),
    "host": (b"imap.example.org", b"imap_example.org"),
    "host_case": (b"imap.example.org", b"IMAP.example.org"),
    "host_alone": (b"imap.example.org", b"imap"),
    "username": (b"<username>%EMAILADDRESS%</username>", b"<username></username>"),
    "days": (b">14<", b">0<"),
    "leave": (b"<leaveMessagesOnServer>true", b"<leaveMessagesOnServer>yes"),
    "password": (b"</incomingServer>", b"<password>x</password></incomingServer>"),
    "no_outgoing": (b"outgoingServer", b"incomingServer"),
    "version": (b'version="1.1"', b'version="1.2"'),
    "name": (b"<displayShortName>", b"<displayShortName>xxxxxxxxxxxxxxxxxxxx"),
    "id": (b' id="example.org"', b""),
}


def test_our_schema_sees_what_the_drafts_does_not(tmp_path: Path) -> None:
    """Each of these is one change to a good file; jing has to complain about every one of them."""
    made = render("autoconfig", make())
    assert not isinstance(made, Refusal)
    files = []
    for name, change in WRONG.items():
        assert change[0] in made[0].content, name
        files.append(tmp_path / f"{name}.xml")
        files[-1].write_bytes(made[0].content.replace(*change))
    assert set(strict_complaints(files)) == {one.name for one in files}
