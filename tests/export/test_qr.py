"""The code as files and on a terminal: what is drawn is what segno computes, and a QR reader reads it."""

from __future__ import annotations

import io
import json
import re
import struct
import sys
import zlib

import pytest
import segno
from hypothesis import given, settings
from hypothesis import strategies as st
from qr_reader import read_greys
from sample_accounts import ADDRESSES, GOLDEN, HOSTILE, KEEP_14, MATRIX, OAUTH2, REMOVE, UNSAFE, legible, make

from tests.ground import examples
from wizard.export.render import About, Refusal, render
from wizard.model.problems import Problem
from wizard.model.servers import AfterDownload, Protocol
from wizard.programs.png import PIXEL_LIMIT, read_png
from wizard.programs.program import Mismatch
from wizard.programs.qr import LONGEST, codes_of, compact, read_code, read_picture, scan_server, scan_text
from wizard.programs.qr_picture import (
    MODULE,
    QUIET,
    modules_in_svg,
    png_of,
    scan_code,
    svg_of,
    terminal_lines,
    text_of_picture,
)


def modules(text: str) -> list[list[bool]]:
    """What segno computes."""
    return [[bool(module) for module in row] for row in segno.make_qr(text.encode(), error="l").matrix]


@pytest.mark.parametrize("name", list(MATRIX)[::4])
def test_both_pictures_say_what_the_account_says_or_the_format_is_refused(name: str) -> None:
    made = render("thunderbird-qr", MATRIX[name])
    if isinstance(made, Refusal):
        assert "-oauth2-" in name
        assert "smtp.outlook.com" in made.reason or "pop.outlook.com" in made.reason or "imap.outlook" in made.reason
        return
    account = MATRIX[name]
    for file in made:
        (read,) = read_picture(file.content, file.name).accounts
        assert read.incoming[0].hostname == account.incoming.hostname
        assert read.incoming[0].username == account.incoming.username
        assert read.outgoing[0].username == account.outgoing.username
        assert (read.address, read.display_name) == (account.address, account.display_name)
    assert made[0].scan == scan_text(account)
    assert made[1].scan is None


@pytest.mark.parametrize("name", GOLDEN)
def test_another_reader_reads_the_png(name: str) -> None:
    svg, png = render("thunderbird-qr", GOLDEN[name])
    assert read_greys(read_png(png.content, png.name).rows) == svg.scan


@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_value_comes_back_as_it_is(value: str) -> None:
    joined = "\u200d" in value
    made = render("thunderbird-qr", make(name=value, username="u" if joined else value))
    assert not isinstance(made, Refusal)
    for file in made:
        (read,) = read_picture(file.content, file.name).accounts
        assert read.display_name == value
        assert read.incoming[0].username == ("u" if joined else value)


@pytest.mark.parametrize("value", UNSAFE)
def test_an_unsafe_value_is_refused(value: str) -> None:
    assert isinstance(render("thunderbird-qr", make(name=value)), Refusal)
    assert isinstance(render("thunderbird-qr", make(username=value)), Refusal)


@given(legible(60))
@settings(max_examples=examples(12))
def test_any_printable_name_comes_back_or_is_too_long(value: str) -> None:
    made = render("thunderbird-qr", make(name=value))
    assert not isinstance(made, Refusal)
    assert read_picture(made[0].content, "x").accounts[0].display_name == value


@pytest.mark.parametrize("address", [address for address in ADDRESSES if '"' in address or "ö" in address])
def test_an_address_that_the_reader_refuses_gives_no_code_and_a_reason(address: str) -> None:
    made = render("thunderbird-qr", make(address))
    assert isinstance(made, Refusal)
    assert "card" in made.reason


def test_what_is_too_long_to_scan_is_refused() -> None:
    made = render("thunderbird-qr", make(name="x" * 400, username="u" * 200))
    assert isinstance(made, Refusal)
    assert str(LONGEST) in made.reason


def test_oauth2_is_refused_where_the_phone_does_not_know_the_page() -> None:
    assert isinstance(render("thunderbird-qr", make("anna@outlook.com", methods=OAUTH2)), Refusal)
    made = render("thunderbird-qr", make("anna@gmail.com", methods=OAUTH2))
    assert not isinstance(made, Refusal)
    assert "sign-in page" in " ".join(made[0].install)


@pytest.mark.parametrize(("leave", "word"), [(KEEP_14, "longer than 14 days"), (REMOVE, "one day the mailbox is full")])
def test_the_steps_say_that_the_phone_removes_nothing(leave, word: str) -> None:
    made = render("thunderbird-qr", make(protocol=Protocol.POP3, leave=leave))
    assert word in " ".join(made[0].install)
    (read,) = read_picture(made[0].content, "x").accounts
    assert read.leave is not None
    assert read.leave.kind is AfterDownload.KEEP


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ('[1, [1, 1], [0, "imap.example.net", 993, 3, 1, "x"], []]', "does not write"),
        ('{"a": 1}', "no list"),
        ("[1,", "does not write"),
        (f'["{"x" * LONGEST}"]', "more than 800"),
    ],
)
def test_a_template_that_says_something_else_is_caught(tmp_path, wrong: str, words: str) -> None:
    (tmp_path / "clients").mkdir()
    (tmp_path / "clients/thunderbird-qr.json.j2").write_text(wrong)
    with pytest.raises(Problem, match=words):
        render("thunderbird-qr", make(), About(own_templates=tmp_path))


def codes_for(accounts) -> tuple[str, ...]:
    return codes_of([json.loads(scan_text(account))[2:] for account in accounts])


def test_several_accounts_go_into_as_few_codes_as_hold_them() -> None:
    accounts = [make(f"person{number}@example.org", name=f"Person {number}") for number in range(8)]
    texts = codes_for(accounts)
    assert len(texts) == 3
    seen = []
    for index, text in enumerate(texts, 1):
        assert len(text) <= LONGEST
        code = read_code(text, "code")
        assert (code.number, code.total) == (index, 3)
        seen += [account.address for account in code.accounts]
    assert seen == [account.address for account in accounts]
    long = [make(f"person{number}@example.org", name="N" * 400) for number in range(3)]
    assert [len(read_code(text, "code").accounts) for text in codes_for(long)] == [1, 1, 1]
    assert codes_for(accounts[:1]) == (scan_text(accounts[0]),)


@pytest.mark.parametrize("color", [True, False])
def test_the_code_on_a_terminal_is_the_code(color: bool) -> None:
    text = scan_text(make())
    assert text is not None
    lines = terminal_lines(text, color=color)
    size = scan_code(text).size
    if color:
        lines = [line.removeprefix("\x1b[38;5;16;48;5;231m").removesuffix("\x1b[0m") for line in lines]
    assert {len(line) for line in lines} == {size}
    assert len(lines) == (size + 1) // 2
    inked = {" ": (0, 0), "▀": (1, 0), "▄": (0, 1), "█": (1, 1)}
    rows = []
    for line in lines:
        # With colours the ink is black; without, it is the light of the terminal.
        rows += [[bool(inked[sign][half]) is color for sign in line] for half in (0, 1)]
    inner = [row[QUIET:-QUIET] for row in rows[QUIET : QUIET + size - 2 * QUIET]]
    assert inner == modules(text)
    assert not any(any(row) for row in rows[:QUIET])


def test_both_files_show_the_modules_that_segno_computes() -> None:
    text = scan_text(make(name="Änn 👩 " * 8))
    assert text is not None
    white = [False] * scan_code(text).size
    framed = [[False] * QUIET + row + [False] * QUIET for row in modules(text)]
    wanted = [white] * QUIET + framed + [white] * QUIET
    assert modules_in_svg(svg_of(text, "title"), "code.svg") == wanted
    pixels = read_png(png_of(text), "code.png").rows
    assert [[value == 0 for value in row[::MODULE]] for row in pixels[::MODULE]] == wanted
    assert {value for row in pixels for value in row} == {0, 255}
    assert all(pixels[y] == pixels[y - y % MODULE] for y in range(len(pixels)))


@pytest.mark.parametrize("draw", [lambda text: svg_of(text, "title"), png_of])
def test_a_drawing_that_is_not_the_code_is_never_given_to_anybody(monkeypatch, draw) -> None:
    from wizard.programs import qr_picture

    right = qr_picture._rows("x")
    wrong = [*right[:10], right[10].translate({48: 49, 49: 48}), *right[11:]]
    drawings = iter([wrong, right])
    monkeypatch.setattr(qr_picture, "_rows", lambda _text: next(drawings))
    with pytest.raises(Mismatch):
        draw("x")


@pytest.mark.parametrize("picture", [svg_of("x", "title"), png_of("x")])
def test_without_the_package_that_reads_pictures_one_sentence_names_it(monkeypatch, picture: bytes) -> None:
    monkeypatch.setitem(sys.modules, "zxingcpp", None)
    with pytest.raises(Problem, match=re.escape("mail-wizard[pictures]")) as caught:
        text_of_picture(picture, "code")
    assert caught.value.exit_code == 2
    assert caught.value.place is not None
    assert caught.value.place.file == "code"


# What follows is the reader, for files of anybody.


def test_a_picture_of_another_program_is_read_whatever_its_kind() -> None:
    text = scan_text(make())
    code = segno.make_qr(text.encode(), error="m")
    for options in ({"scale": 3}, {"scale": 5, "border": 1}, {"scale": 4, "dark": "navy"}, {"scale": 2, "light": None}):
        out = io.BytesIO()
        code.save(out, kind="png", **options)
        assert text_of_picture(out.getvalue(), "x.png") == text, options


def filtered(kind: int) -> bytes:
    """A code as an RGB picture whose rows are all stored with one filter."""
    grey = read_png(png_of("filtered"), "x").rows
    lines = [bytes(value for pixel in row for value in (pixel, pixel, pixel)) for row in grey]
    above, data = bytes(len(lines[0])), b""
    for line in lines:
        out = bytearray()
        for index, value in enumerate(line):
            left = line[index - 3] if index >= 3 else 0
            up, corner = above[index], above[index - 3] if index >= 3 else 0
            nearest = min((left, up, corner), key=lambda one: abs(left + up - corner - one))
            out.append((value - (0, left, up, (left + up) // 2, nearest)[kind]) & 255)
        data += bytes([kind]) + out
        above = line
    head = struct.pack(">IIBBBBB", len(grey[0]), len(grey), 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(data)), (b"IEND", b""))
    made = b"\x89PNG\r\n\x1a\n"
    for name, body in chunks:
        made += struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
    return made


@pytest.mark.parametrize("kind", range(5))
def test_every_filter_of_png_is_undone(kind: int) -> None:
    assert text_of_picture(filtered(kind), "x.png") == "filtered"


def png(head: bytes, body: bytes) -> bytes:
    chunks = ((b"IHDR", head), (b"IDAT", body), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + bytes(4) for kind, data in chunks
    )


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a",
        png(struct.pack(">IIBBBBB", 5000, 5000, 1, 0, 0, 0, 0), b""),
        png(struct.pack(">IIBBBBB", 8, 8, 1, 0, 0, 0, 1), b"x"),
        png(struct.pack(">IIBBBBB", 0, 8, 1, 0, 0, 0, 0), b"x"),
        png(struct.pack(">IIBBBBB", 8, 8, 3, 0, 0, 0, 0), b"x"),
        png(struct.pack(">IIBBBBB", 8, 8, 1, 0, 0, 0, 0), b"no zlib"),
        png(struct.pack(">IIBBBBB", 8, 8, 1, 0, 0, 0, 0), zlib.compress(b"\0" * 3)),
        png(struct.pack(">IIBBBBB", 8, 8, 1, 0, 0, 0, 0), zlib.compress(b"\x09\0" * 8)),
        png(struct.pack(">IIBBBBB", 8, 8, 1, 0, 0, 0, 0), zlib.compress(b"\0\xff" * 8)),
        png(struct.pack(">IIBBBBB", 8, 8, 1, 0, 0, 0, 0), zlib.compress(b"\0\0" * 8)),
        b"<svg/>",
        b"<html/>",
        b'<svg viewBox="0 0 30 30"><path d="M1 1h500v1h-500z"/></svg>',
        b'<svg viewBox="0 0 30 30"><path d="M1 1c1 1 1 1 1 1"/></svg>',
        b'<svg viewBox="0 0 999 999"><path d=""/></svg>',
        b'<!DOCTYPE svg [<!ENTITY a "b">]><svg/>',
    ],
)
def test_a_picture_that_is_none_or_shows_no_code_is_a_problem(content: bytes) -> None:
    with pytest.raises(Problem):
        text_of_picture(content, "x.png")


def test_what_a_small_file_unpacks_to_has_a_limit() -> None:
    bomb = zlib.compress(bytes(200_000_000), 9)
    with pytest.raises(Problem):
        read_png(png(struct.pack(">IIBBBBB", 2000, PIXEL_LIMIT // 2000 + 1, 8, 6, 0, 0, 0), bomb), "bomb.png")
    small = read_png(png(struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0), bomb), "bomb.png")
    assert small.rows == [[0] * 8] * 8


@given(st.binary(max_size=300))
def test_any_bytes_are_a_problem_and_nothing_worse(content: bytes) -> None:
    for start in (b"", b"\x89PNG\r\n\x1a\n", png_of("x")[:60]):
        with pytest.raises(Problem):
            read_picture(start + content, "x")


GOOD = [
    1,
    [1, 1],
    [0, "imap.example.org", 993, 3, 1, "anna"],
    [[[0, "smtp.example.org", 465, 3, 1, "anna"], ["a@b.example", "A"]]],
]


def changed(path: tuple[int, ...], value) -> str:
    import copy

    payload = copy.deepcopy(GOOD)
    place = payload
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return compact(payload)


def test_a_code_of_the_desktop_with_names_and_passwords_is_read_without_these() -> None:
    text = compact(
        [
            1,
            [2, 3],
            [1, "pop.example.org", 110, 2, 2, "anna", "My account", "canary"],
            [[[0, "smtp.example.org", 587, 1, 6, "anna", "canary"], ["a@b.example", "A"], ["c@d.example", None]]],
        ]
    )
    code = read_code(text, "code")
    assert (code.number, code.total) == (2, 3)
    assert "canary" not in repr(code)
    assert code.accounts[0].outgoing[0].socket_type.value == "STARTTLS"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "[1]",
        "[" * 5000,
        "NaN",
        '"' + "x" * 9000 + '"',
        compact([1, [1, 1]]),
        compact([*GOOD, GOOD[2]]),
        changed((0,), 2),
        changed((0,), True),
        changed((1,), [2, 1]),
        changed((1,), [0, 0]),
        changed((1,), "1/1"),
        changed((2, 0), 2),
        changed((2, 0), "0"),
        changed((2, 1), "imap.example.org\n"),
        changed((2, 1), "10.0.0.1"),
        changed((2, 2), 0),
        changed((2, 2), "993"),
        changed((2, 2), 99999),
        changed((2, 3), 4),
        changed((2, 4), 7),
        changed((2, 4), -1),
        changed((2, 5), ""),
        changed((2, 5), "a\nb"),
        changed((2, 5), "u" * 501),
        changed((2, 5), None),
        changed((2, 5), {}),
        changed((3,), []),
        changed((3, 0), [GOOD[2]]),
        changed((3, 0, 0, 0), 1),
        changed((3, 0, 1), ["no address", "A"]),
        changed((3, 0, 1), ["a@b.example", "over\u202eride"]),
        changed((3, 0, 1), ["a@b.example", 5]),
        changed((3, 0, 1), []),
    ],
)
def test_a_text_that_the_phone_would_refuse_is_a_problem(text: str) -> None:
    with pytest.raises(Problem) as caught:
        read_code(text, "code")
    assert caught.value.place is not None
    assert caught.value.place.file == "code"


def test_a_server_is_numbers_and_texts_of_plain_types() -> None:
    assert [type(value) for value in scan_server(make().incoming)] == [int, str, int, int, int, str]


def test_the_svg_needs_nothing_else_and_says_what_it_is() -> None:
    content = svg_of("x", 'A "title" <here>').decode()
    assert "<title>A &quot;title&quot; &lt;here&gt;</title>" in content
    assert not re.search(r"href|script|url\(|style", content)
