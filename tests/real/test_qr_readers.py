"""Programs that people have read the code: zbarimg and zxing the PNG, and the SVG as ImageMagick draws it."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
import sample_accounts
import zxingcpp
from sample_accounts import HOSTILE, make

from wizard.export.render import Refusal, render
from wizard.programs.png import read_png
from wizard.programs.qr import LONGEST, scan_text
from wizard.programs.qr_picture import text_of_picture

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.model.servers import MailAccount

pytestmark = pytest.mark.slow


def run(name: str, *arguments: str | Path) -> bytes:
    program = shutil.which(name)
    if program is None:
        pytest.skip(f"{name} is not installed")
    return subprocess.run([program, *map(str, arguments)], capture_output=True, check=True, timeout=60).stdout


def zbar(picture: Path) -> str:
    """What zbarimg reads, as bytes: it would guess another character set otherwise."""
    said = run(
        "zbarimg", "--quiet", "--raw", "--nodbus", "-Sdisable", "-Sqr.enable", "-Sqr.binary", "--oneshot", picture
    )
    return said.decode()


def zxing(picture: bytes) -> str:
    rows = read_png(picture, "picture").rows
    flat = memoryview(bytes(value for row in rows for value in row)).cast("B", (len(rows), len(rows[0])))
    (found,) = zxingcpp.read_barcodes(flat)
    return found.bytes.decode()


def files_of(account: MailAccount, directory: Path) -> tuple[Path, Path]:
    made = render("thunderbird-qr", account)
    assert not isinstance(made, Refusal)
    svg, png = directory / "code.svg", directory / "code.png"
    svg.write_bytes(made[0].content)
    png.write_bytes(made[1].content)
    return svg, png


LARGEST = make(name="N" * 200 + "é" * 250, username="DOM\\" + "u" * 100)
ACCOUNTS = {**sample_accounts.GOLDEN, **{value[:30]: make(name=value) for value in HOSTILE}, "the largest": LARGEST}


def test_the_largest_is_near_the_limit() -> None:
    text = scan_text(LARGEST)
    assert text is not None
    assert LONGEST - 100 < len(text) <= LONGEST


@pytest.mark.parametrize("name", ACCOUNTS)
def test_the_png_is_read_by_both(tmp_path: Path, name: str) -> None:
    _, png = files_of(ACCOUNTS[name], tmp_path)
    assert zbar(png) == zxing(png.read_bytes()) == scan_text(ACCOUNTS[name])


@pytest.mark.parametrize("name", [*sample_accounts.GOLDEN, "the largest"])
def test_the_svg_is_read_by_both_as_librsvg_draws_it(tmp_path: Path, name: str) -> None:
    svg, _ = files_of(ACCOUNTS[name], tmp_path)
    drawn = tmp_path / "drawn.png"
    run("rsvg-convert", "--background-color=white", "--output", drawn, svg)
    text = scan_text(ACCOUNTS[name])
    assert zbar(drawn) == zxing(drawn.read_bytes()) == text
    assert text_of_picture(drawn.read_bytes(), "drawn.png") == text
