"""The elements of an XML document from anywhere, read without trusting it.

Any document type is refused before an entity could be declared; size, depth and the number of elements have limits.
Names of elements are given without their namespaces and found in any capitals: no settings file has two elements that
differ in these alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wizard.language import translate as _
from wizard.model.problems import Place, Problem
from wizard.model.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

SIZE_LIMIT = 256 * 1024
"""Bytes; the largest published file has some ten thousand."""

DEPTH_LIMIT = 16
ELEMENT_LIMIT = 20_000


@dataclass(slots=True)
class Element:
    """An element with what is in it; ``name`` without its namespace, ``line`` counted from 1."""

    name: str
    attributes: dict[str, str]
    line: int
    children: list[Element] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The text directly in the element, without blanks at its ends."""
        parts = self.parts
        return (parts[0] if len(parts) == 1 else "".join(parts)).strip(" \t\r\n")

    def all(self, name: str) -> Iterator[Element]:
        """The children called ``name``, in order."""
        return iter([child for child in self.children if child.called(name)])

    def called(self, name: str) -> bool:
        """Whether that is its name."""
        return self.name == name or self.name.lower() == name.lower()

    def first(self, name: str) -> str | None:
        """The text of the first child called ``name``; None when there is none."""
        for child in self.children:
            if child.called(name):
                return child.text
        return None


def read_tree(content: bytes, name: str) -> Element:
    """The root of a document, with everything in it; raises Problem unless it is plain XML of a reasonable size."""
    from xml.parsers import expat

    shown = printable(name)
    if len(content) > SIZE_LIMIT:
        raise Problem(_("The file is larger than {size} KiB.").format(size=SIZE_LIMIT // 1024), place=Place(shown))
    tree = _Tree(shown)
    try:
        tree.parser.Parse(content, True)
    except expat.ExpatError as error:
        reason = expat.errors.messages.get(error.code, str(error)) if error.code else str(error)
        raise Problem(
            _("This is not valid XML: {reason}.").format(reason=printable(reason)), place=Place(shown, error.lineno)
        ) from None
    except (LookupError, ValueError, UnicodeError):
        raise tree.refused(_("This is not valid XML: {reason}.").format(reason=_("unknown encoding"))) from None
    finally:
        tree.let_go()
    return tree.roots[0]


class _Tree:
    """The elements as the parser reports them; ``name`` is what errors call the file."""

    def __init__(self, name: str) -> None:
        from xml.parsers import expat

        self.name = name
        self.roots: list[Element] = []
        self.open: list[Element] = []
        self.count = 0
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self.parser.EntityDeclHandler = self.doctype
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end

    def let_go(self) -> None:
        """The parser holds its handlers, and they hold it: undone, neither waits for the garbage collector."""
        self.parser.StartDoctypeDeclHandler = self.parser.EntityDeclHandler = None
        self.parser.StartElementHandler = self.parser.EndElementHandler = self.parser.CharacterDataHandler = None

    def refused(self, text: str) -> Problem:
        return Problem(text, place=Place(self.name, self.parser.CurrentLineNumber))

    def doctype(self, *_arguments: object) -> None:
        raise self.refused(_("The file declares a document type, which no settings file needs; it was not read."))

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.count += 1
        if len(self.open) >= DEPTH_LIMIT or self.count > ELEMENT_LIMIT:
            raise self.refused(_("The file is nested too deeply, or has too many parts."))
        plain = tag.rpartition(":")[2] if ":" in tag else tag
        element = Element(plain, attributes, self.parser.CurrentLineNumber, [], [])
        (self.open[-1].children if self.open else self.roots).append(element)
        self.open.append(element)
        self.parser.CharacterDataHandler = element.parts.append

    def end(self, _tag: str) -> None:
        self.open.pop()
        self.parser.CharacterDataHandler = self.open[-1].parts.append if self.open else None
