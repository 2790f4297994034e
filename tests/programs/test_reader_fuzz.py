"""Files of every format, spoiled at random: a reader gives what it read, or a Problem with the file's name."""

from __future__ import annotations

import multiprocessing
import os
import random
import sys

import pytest

from tests.ground import SHARED
from tests.programs.hostile_files import golden, readers
from wizard.app.settings_files import accounts_in
from wizard.model.problems import Problem

COUNT = int(os.environ.get("MAIL_WIZARD_FUZZ", "20000"))
CHUNK = 250
PIECES = (
    b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\xe2\x80\xae", b"\x1b[2J", b"&#0;", b"&lt;", b"<![CDATA[", b"]]>", b"<!--",
    b"<?x?>", b"<!DOCTYPE a>", b"%EMAILADDRESS%", b"%EMAILDOMAIN%", b"99999999999999999999", b"-1", b"0", b"1e9",
    b"65536", b"\xd9\xa9", b"a" * 300, b"<a>" * 40, b"</a>", b"\r", b"\n", b"\n\n", b"\t", b'"', b"'", b"'''", b"{",
    b"}", b"[" * 200, b"(", b")", b"null", b"true", b"yes", b"\\ud800", b"\\u0000", b"\\", b"\\\n", b"NaN", b"xn--",
    b"..", b"@", b"/", b":", b"://", b"#", b"`id`", b"$(id)", b"| cat", b"source ~/x", b"include x", b"[DEFAULT]",
    b"%(a)s", b"imaps://a:b@c", b"192.0.2.1", b"[::1]", b"=?utf-8?q?=00?=", b"=?x?b?y?=", b"\xc3\x28", b"\x80",
    b"\xf0\x9f\x91\x8d",
)  # fmt: skip
ENCODINGS = ("utf-16", "utf-16-be", "utf-32", "latin-1", "cp1252", "utf-7", "cp037")


def originals() -> list[tuple[str, bytes]]:
    """Every golden file with its format, and the small real ones where they are at hand."""
    found = [(kind, path.read_bytes()) for kind, paths in golden().items() for path in paths]
    real = sorted((SHARED / "cases").rglob("*"))
    fit = (path for path in real if path.is_file() and path.stat().st_size < 64 * 1024 and path.suffix != ".md")
    return [*found, *(("", path.read_bytes()) for path in fit)]


def spoiled(body: bytes, other: bytes, chance: random.Random) -> bytes:
    """``body`` with a few changes; ``other`` is what pieces are taken from."""
    made = body
    for _change in range(chance.choice((1, 1, 1, 2, 3, 5, 9))):
        place = chance.randrange(len(made) + 1)
        end = min(len(made), place + chance.choice((1, 1, 4, 16, 60, 400)))
        made = chance.choice(CHANGES)(made[:place], made[place:end], made[end:], other, chance)
    if chance.random() < 0.03:
        made = made.decode("utf-8", "replace").encode(chance.choice(ENCODINGS), "replace")
    return made


def _flipped(before: bytes, here: bytes, after: bytes, _other: bytes, chance: random.Random) -> bytes:
    return before + (bytes([here[0] ^ 1 << chance.randrange(8)]) + here[1:] if here else b"") + after


def _taken(before: bytes, _here: bytes, after: bytes, other: bytes, chance: random.Random) -> bytes:
    begin = chance.randrange(len(other) + 1)
    return before + other[begin : begin + chance.choice((8, 60, 400))] + after


def _shuffled(before: bytes, here: bytes, after: bytes, _other: bytes, chance: random.Random) -> bytes:
    lines = (before + here + after).split(b"\n")
    chance.shuffle(lines)
    return b"\n".join(lines)


CHANGES = (
    _flipped,
    _taken,
    _shuffled,
    lambda before, here, after, other, chance: before + after,
    lambda before, here, after, other, chance: before,
    lambda before, here, after, other, chance: before + here * chance.choice((2, 3, 50)) + after,
    lambda before, here, after, other, chance: before + chance.choice(PIECES) + here + after,
    lambda before, here, after, other, chance: before + chance.choice(PIECES) + after,
    lambda before, here, after, other, chance: before + chance.randbytes(len(here)) + after,
)


def chunk(number: int) -> list[str]:
    """What went wrong among the files of a chunk."""
    files, read, wrong = originals(), readers(), []
    for index in range(number * CHUNK, (number + 1) * CHUNK):
        chance = random.Random(index)
        kind, body = files[index % len(files)]
        content = spoiled(body, chance.choice(files)[1], chance)
        ways = {"any": lambda content: accounts_in(content, "spoiled")}
        if kind in read:
            ways[kind] = lambda content, kind=kind: read[kind](content, "spoiled")
        for name, way in ways.items():
            try:
                way(content)
            except Problem as problem:
                if problem.place is None or problem.place.file is None:
                    wrong.append(f"{index}, {name}: {problem.text} (which file?)")
            except Exception as error:
                wrong.append(f"{index}, {name}: {type(error).__name__}: {error}\n{content[:2000]!r}")
    return wrong


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the files are spoiled in processes that are forked")
def test_spoiled_files_give_accounts_or_a_problem():
    assert COUNT >= 20_000 or "MAIL_WIZARD_FUZZ" in os.environ
    with multiprocessing.get_context("fork").Pool(2) as pool:
        wrong = [fault for faults in pool.imap_unordered(chunk, range(COUNT // CHUNK)) for fault in faults]
    assert not wrong, f"{len(wrong)} of {COUNT}\n" + "\n".join(fault[:700] for fault in wrong[:30])
