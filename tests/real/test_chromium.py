"""A real Chromium prints and shows the card: one A4 sheet, every value, a code that scans, no sideways scrolling.

Every page lies on this machine; a proxy that is not there keeps Chromium from asking for anything else.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
import sample_accounts
import zxingcpp
from sample_accounts import KEEP_14, make

from wizard import language
from wizard.export.render import About, Refusal, render
from wizard.model.servers import MailAccount, Protocol, SocketType
from wizard.programs.qr import scan_text

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--proxy-server=127.0.0.1:9",
)
LIMIT = 60
"""Seconds for one run of Chromium; measured: about 1.5."""

ACCOUNTS: dict[str, MailAccount] = {
    **sample_accounts.GOLDEN,
    "long": make(
        "anna.maria.delle-vigne.rossi@posta.esempio-di-un-fornitore-di-posta.example.org",
        protocol=Protocol.POP3,
        security=SocketType.STARTTLS,
        leave=KEEP_14,
    ),
}
# Italian is the longer of the two languages, so it is the one that must fit.
PRINTED = [*((name, "en") for name in ACCOUNTS), ("long", "it"), ("pop-keep", "it")]
PROVIDERS = [
    *((f"anna@{domain}", "it") for domain in ("gmx.net", "libero.it", "gmail.com", "outlook.com", "pec.it")),
    ("anna@gmail.com", "en"),
]


def program(*names: str) -> str:
    """The first of these programs that is here; without any the test is skipped, and fails in CI."""
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        pytest.skip(f"{names[0]} is not installed")
    return found


def chromium(directory: Path, *options: str) -> str:
    """Run Chromium with a profile of its own; it and its children are dead when this returns or raises."""
    profile = directory / "chromium"
    process = subprocess.Popen(
        [program("chromium", "chromium-browser", "google-chrome"), *FLAGS, f"--user-data-dir={profile}", *options],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**ENVIRONMENT, "HOME": str(directory)},
        start_new_session=True,
    )
    try:
        stdout, stderr = process.communicate(timeout=LIMIT)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        shutil.rmtree(profile, ignore_errors=True)
    assert process.returncode == 0, stderr.decode(errors="replace")[-2000:]
    return stdout.decode()


def printed(page: Path) -> Path:
    """The page as Chromium prints it, as PDF."""
    pdf = page.with_suffix(".pdf")
    chromium(page.parent, "--no-pdf-header-footer", f"--print-to-pdf={pdf}", page.as_uri())
    return pdf


def run(*command: str | Path) -> bytes:
    return subprocess.run([*map(str, command)], capture_output=True, check=True, timeout=LIMIT).stdout


def card_file(directory: Path, account: MailAccount, name: str = "card") -> Path:
    made = render("card", account, About(verified=None))
    assert not isinstance(made, Refusal)
    page = directory / f"{name}.html"
    page.write_bytes(made[0].content)
    return page


def is_one_sheet(pdf: Path) -> None:
    told = run(program("pdfinfo"), pdf).decode()
    assert re.search(r"^Pages: +1$", told, re.MULTILINE), told
    assert "(A4)" in told


@pytest.mark.parametrize(("name", "locale"), PRINTED)
def test_a_card_prints_on_one_sheet_with_every_value_and_a_code_that_scans(
    tmp_path: Path, name: str, locale: str
) -> None:
    language.activate(locale)
    account = ACCOUNTS[name]
    pdf = printed(card_file(tmp_path, account))
    is_one_sheet(pdf)
    text = run(program("pdftotext"), "-raw", pdf, "-").decode()
    # A long value is broken over lines: where, is Chromium's business.
    unbroken = re.sub(r"\s", "", text)
    for server in (account.incoming, account.outgoing):
        for value in (server.hostname, str(server.port), server.username):
            assert re.sub(r"\s", "", value) in unbroken
    assert scan_from_paper(pdf) == scan_text(account)


def scan_from_paper(pdf: Path) -> str:
    """What a QR reader makes of the printed sheet, at the resolution of a cheap scanner (200 dots an inch)."""
    picture = run(program("pdftoppm"), "-gray", "-r", "200", pdf)
    magic, width, height, _, dots = re.match(rb"(P5)\s+(\d+)\s+(\d+)\s+(\d+)\s(.*)", picture, re.DOTALL).groups()
    assert magic == b"P5"
    view = memoryview(dots).cast("B", (int(height), int(width)))
    (found,) = zxingcpp.read_barcodes(view)
    return found.bytes.decode()


@pytest.mark.parametrize(("address", "locale"), PROVIDERS)
def test_what_the_program_exports_for_a_real_provider_prints_on_one_sheet(
    tmp_path: Path, address: str, locale: str
) -> None:
    """With everything that is known of the provider, and with advice: the usual case of the guided way."""
    answers = ("devices=several", "quota=tight", "backup=regular", "webmail=sometimes", "offline=recent")
    options = ["--offline", "--no-input", "--lang", locale, "--format", "card", "--output", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-m", "wizard", "export", address, *options, *(f"--set={one}" for one in answers)],
        capture_output=True,
        check=False,
        env={**ENVIRONMENT, "HOME": str(tmp_path)},
        timeout=LIMIT,
    )
    assert done.returncode == 0, done.stderr.decode()
    is_one_sheet(printed(tmp_path / f"{address}.html"))


@pytest.mark.parametrize("locale", ["en", "it"])
def test_the_page_of_each_program_prints_on_one_sheet_and_shows_nothing_of_the_others(
    tmp_path: Path, locale: str
) -> None:
    language.activate(locale)
    account = ACCOUNTS["long"]
    page = card_file(tmp_path, account)
    text = page.read_text()
    chosen = [page]
    for number in range(1, text.count('type="radio"')):
        chosen.append(tmp_path / f"p{number}.html")
        chosen[-1].write_text(text.replace(" checked>", ">").replace(f'id="p{number}"', f'id="p{number}" checked'))
    assert len(chosen) == 9
    for number, one in enumerate(chosen):
        if number in (0, 1, 2, 4, 5):  # the longest ones
            pdf = printed(one)
            is_one_sheet(pdf)
            told = re.sub(r"\s", "", run(program("pdftotext"), "-raw", pdf, "-").decode())
            assert re.sub(r"\s", "", account.incoming.username) in told
            assert scan_from_paper(pdf) == scan_text(account)
            if number == 2:
                assert "Thunderbird/K-9" not in told


MEASURE = """<!DOCTYPE html><meta charset="utf-8"><body>
{frames}
<script>
addEventListener("load", () => {{
  document.title = [...document.querySelectorAll("iframe")].map(frame => {{
    const root = frame.contentDocument.documentElement;
    return [root.scrollWidth, frame.contentWindow.innerWidth, getComputedStyle(root).backgroundColor].join("|");
  }}).join(";");
}});
</script>"""


def measured(directory: Path, pages: list[tuple[Path, int]], *options: str) -> list[tuple[int, int, str]]:
    """For each page on a screen of so many pixels: the width it takes, the width of the screen, its background."""
    frames = [
        f'<iframe src="{page.name}" style="width:{width}px;height:600px;border:0"></iframe>' for page, width in pages
    ]
    wrapper = directory / "measure.html"
    wrapper.write_text(MEASURE.format(frames="\n".join(frames)))
    dump = chromium(directory, "--allow-file-access-from-files", *options, "--dump-dom", wrapper.as_uri())
    said = re.search(r"<title>(.*?)</title>", dump)
    assert said is not None, dump[:500]
    parts = [one.split("|") for one in said[1].split(";")]
    assert len(parts) == len(pages)
    return [(int(wide), int(window), background) for wide, window, background in parts]


@pytest.mark.parametrize("locale", ["en", "it"])
def test_nobody_has_to_scroll_sideways(tmp_path: Path, locale: str) -> None:
    language.activate(locale)
    files = [card_file(tmp_path, account, name) for name, account in ACCOUNTS.items()]
    pages = [(page, width) for page in files for width in (360, 390, 768, 1100)]
    for (page, width), (wide, window, _) in zip(pages, measured(tmp_path, pages), strict=True):
        assert window == width
        assert wide <= width, page.name


def test_the_card_is_dark_where_the_person_wants_it_dark(tmp_path: Path) -> None:
    pages = [(card_file(tmp_path, make()), 1100)]
    ((_, _, light),) = measured(tmp_path, pages)
    ((_, _, dark),) = measured(tmp_path, pages, "--blink-settings=preferredColorScheme=0")
    assert light == "rgb(242, 245, 247)"
    assert dark == "rgb(17, 22, 27)"
