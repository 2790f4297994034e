"""The card as a page (HTML) and as plain text: what must stand on them, and the QR code that can be read back.

The page is well formed, without scripts, and nothing is fetched from anywhere. The text is UTF-8, with line feeds and
no control character. On both every value is unbroken.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from wizard.language import translate as _
from wizard.model.problems import Place, Problem
from wizard.model.text import printable
from wizard.programs.program import Form, Mismatch, Program, Signs

if TYPE_CHECKING:
    from wizard.model.servers import MailAccount
    from wizard.programs.reading import ReadFile

ID = "card"

VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
FORBIDDEN = frozenset({"script", "iframe", "object", "embed", "base", "form", "link"})

_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


def _write(text: str) -> bytes:
    """The text with one line feed at its end and none of the blanks that templates leave at line ends."""
    lines = [line.rstrip() for line in text.strip().splitlines()]
    return "".join(f"{line}\n" for line in lines).encode()


def _check_text(content: bytes, account: MailAccount) -> None:
    """Every value that must be typed stands there, and nothing that a terminal would obey."""
    text = content.decode()
    control = _CONTROL.search(text)
    if control is not None:
        raise Mismatch(f"control character {control.group()!r}")
    _require_values(text, account)


def _check_page(content: bytes, account: MailAccount) -> None:
    """Every element closed in order, nothing active or foreign, every value in the text as it is."""
    reader = _Reader()
    reader.feed(content.decode())
    reader.close()
    if reader.open:
        raise Mismatch(f"<{reader.open[-1]}> is not closed")
    _require_values("".join(reader.text), account)


def _require_values(text: str, account: MailAccount) -> None:
    """Raise Mismatch when a value that the user must type is not in ``text`` as it is."""
    for server in (account.incoming, account.outgoing):
        for value in (server.hostname, str(server.port), server.username):
            if value not in text:
                raise Mismatch(f"{value!r} is missing")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in FORBIDDEN:
            raise Mismatch(f"<{tag}> must not be on the page")
        for name, value in attrs:
            if name.startswith("on") or name in ("src", "srcset", "action", "formaction"):
                raise Mismatch(f"the attribute {name} must not be on the page")
            if name == "href" and not (value or "").startswith(("https://", "http://", "#")):
                raise Mismatch(f"the link {value!r} goes nowhere on the web")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            raise Mismatch(f"<{tag}/> closes nothing in HTML")
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            raise Mismatch(f"</{tag}> stands in the wrong place")

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] != "style":
            self.text.append(data)


def _read(content: bytes, name: str) -> ReadFile:
    """A page to print is for people; the QR code on it is the part that a program reads."""
    from wizard.programs.qr import file_of_code, read_picture

    start = content.find(b"<svg")
    end = content.find(b"</svg>", start)
    if start < 0 or end < 0:
        raise Problem(
            _("This page is meant for people: it has no QR code that could be read back."), place=Place(printable(name))
        )
    return file_of_code(ID, read_picture(content[start : end + len(b"</svg>")], name))


PROGRAM = Program(
    id=ID,
    read=_read,
    signs=Signs(roots=frozenset({"html"})),
    forms={"html": Form(write=_write, check=_check_page), "text": Form(write=_write, check=_check_text)},
)
