"""The QR code on a terminal is the one of the files; where it could not be scanned there is none."""

from __future__ import annotations

import pytest

from tests.qr_reader import read_modules
from tests.terminal import Terminal
from wizard.programs.qr import read_code, read_picture

INK = {" ": (False, False), "▀": (True, False), "▄": (False, True), "█": (True, True)}
OPTIONS = ("export", "anna@gmx.net", "--offline", "--no-input", "--name", "Anna", "--format", "thunderbird-qr")


def code_on(terminal: Terminal, *, ink_is_dark: bool) -> str | None:
    """The text of the code that can be seen; None when there is none."""
    lines = [line for line in terminal.everything.splitlines() if line.strip() and set(line) <= set(INK)]
    if not lines:
        return None
    width = max(len(line) for line in lines)
    rows = []
    for line in lines:
        rows += [[INK[sign][half] is ink_is_dark for sign in line.ljust(width)] for half in (0, 1)]
    dark = [at for at, row in enumerate(rows) if any(row)]
    left = min(row.index(True) for row in rows if True in row)
    size = dark[-1] - dark[0] + 1
    return read_modules([row[left : left + size] for row in rows[dark[0] : dark[-1] + 1]])


@pytest.mark.parametrize("color", [True, False])
def test_the_code_on_the_terminal_is_the_code_of_the_file(cli_environment, tmp_path, color: bool) -> None:
    environment = cli_environment if color else {**cli_environment, "NO_COLOR": "1"}
    with Terminal(OPTIONS, env=environment, cwd=tmp_path) as terminal:
        assert terminal.end() == 0
        text = code_on(terminal, ink_is_dark=color)
        assert ("\x1b[38;5;16;48;5;231m" in terminal.raw) is color
    assert text is not None
    svg = (tmp_path / "anna@gmx.net" / "anna@gmx.net.svg").read_bytes()
    assert read_code(text, "terminal") == read_picture(svg, "svg")
    assert str(read_code(text, "terminal").accounts[0].address) == "anna@gmx.net"


def test_what_is_too_narrow_or_read_aloud_gets_no_code(cli_environment, tmp_path) -> None:
    with Terminal(OPTIONS, env=cli_environment, cwd=tmp_path, columns=40) as terminal:
        assert terminal.end() == 0
        assert code_on(terminal, ink_is_dark=True) is None
    with Terminal((*OPTIONS, "--plain"), env=cli_environment, cwd=tmp_path) as terminal:
        assert terminal.end() == 0
        assert code_on(terminal, ink_is_dark=True) is None


def test_what_goes_into_a_file_holds_no_code(run_cli) -> None:
    ran = run_cli(*OPTIONS)
    assert ran.code == 0
    assert "anna@gmx.net.svg" in ran.stdout
    assert not set("█▀▄") & set(ran.stdout + ran.stderr)


def test_to_sign_what_cannot_be_signed_is_said_before_anything_is_looked_up(run_cli, tmp_path) -> None:
    import trustme

    leaf = trustme.CA().issue_cert("setup.example.org")
    leaf.private_key_and_cert_chain_pem.write_to_path(tmp_path / "both.pem")
    ran = run_cli("export", "anna@gmx.net", "--format", "card", "--sign", "both.pem", "--sign-key", "both.pem")
    assert ran.code == 2
    assert "None of these formats can be signed" in ran.stderr
