"""An HTML page: well formed, without scripts, and nothing fetched from anywhere."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING

from wizard.export.forms import Mismatch, text

if TYPE_CHECKING:
    from wizard.model.servers import MailAccount

VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
FORBIDDEN = frozenset({"script", "iframe", "object", "embed", "base", "form", "link"})


def reason_against(account: MailAccount) -> str | None:  # noqa: ARG001 - the form's face
    """A page can say everything."""
    return None


def write(page: str) -> bytes:
    """The page as UTF-8 with line feeds."""
    return text.write(page)


def check(content: bytes, account: MailAccount) -> None:
    """Every element closed in order, nothing active or foreign, every value in the text as it is."""
    reader = _Reader()
    reader.feed(content.decode())
    reader.close()
    if reader.open:
        raise Mismatch(f"<{reader.open[-1]}> is not closed")
    text.require_values("".join(reader.text), account)


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
