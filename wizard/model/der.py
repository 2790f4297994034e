"""The reader of ASN.1 as bytes: DER (certificates), and BER (signed files), both of X.690. Pure.

A stranger's bytes give elements or DerError, whatever they are; reading takes time in proportion to their number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

INTEGER, OCTET_STRING, OID, UTF8_STRING = 0x02, 0x04, 0x06, 0x0C
UTC_TIME, GENERALIZED_TIME, UNIVERSAL_STRING, BMP_STRING = 0x17, 0x18, 0x1C, 0x1E
SEQUENCE, SET = 0x30, 0x31
CONSTRUCTED = 0x20
"""The bit of a tag that says that the content is elements (X.690 section 8.1.2.5)."""

DEPTH_LIMIT = 8
"""Elements within each other whose length is left open, and strings within strings."""

_INDEFINITE = 0x80
_END_OF_CONTENTS = b"\0\0"
_MAX_LENGTH_BYTES = 4


class DerError(ValueError):
    """The bytes are no such structure."""


@dataclass(frozen=True, slots=True)
class Element:
    """``tag``: the identifier octet; ``content``: what is inside; ``encoded``: all of it, tag and length included.

    ``ber``: whether it was read as BER; then its parts are, too.
    """

    tag: int
    content: bytes
    encoded: bytes
    ber: bool = False

    def expect(self, tag: int) -> Element:
        """The element itself; DerError where it has another tag."""
        if self.tag != tag:
            raise DerError(f"tag {self.tag:#x} instead of {tag:#x}")
        return self

    def each(self) -> Iterator[Element]:
        """The elements inside, one after the other, maybe none. DerError at the first that is not whole."""
        position = 0
        while position < len(self.content):
            element, position = _read(self.content, position, ber=self.ber)
            yield element

    def parts(self, tag: int | None = None) -> list[Element]:
        """The elements inside, one at least. DerError where there is none, or where ``tag`` is not this one's tag."""
        found = list((self if tag is None else self.expect(tag)).each())
        if not found:
            raise DerError("empty")
        return found

    def octets(self, depth: int = 0) -> bytes:
        """The value of an octet string. In BER it may come as a list of pieces (X.690 section 8.7)."""
        if not self.ber or self.tag == OCTET_STRING:
            return self.expect(OCTET_STRING).content
        if depth > DEPTH_LIMIT:
            raise DerError("nested too deeply")
        pieces = self.expect(OCTET_STRING | CONSTRUCTED).each()
        return b"".join(piece.octets(depth + 1) for piece in pieces)


def read_element(data: bytes, *, ber: bool = False) -> Element:
    """The first element of ``data``; what follows it is ignored. ``ber`` permits what DER forbids.

    Not read: a tag of several bytes, a length of more than 4 bytes. Raises DerError.
    """
    return _read(data, 0, ber=ber)[0]


def _read(data: bytes, start: int, *, ber: bool, depth: int = 0) -> tuple[Element, int]:
    """The element at ``start``, and where the next one begins."""
    if start + 2 > len(data):
        raise DerError("cut off")
    tag, length, begin = data[start], data[start + 1], start + 2
    if tag & 0x1F == 0x1F:
        raise DerError("a tag of several bytes")
    if length == _INDEFINITE and ber:
        end = _end_of_contents(data, begin, depth + 1)
        after = end + len(_END_OF_CONTENTS)
        return Element(tag, data[begin:end], data[start:after], ber), after
    if length & 0x80:
        size = length & 0x7F
        if not 1 <= size <= _MAX_LENGTH_BYTES:
            raise DerError("a length that is not read here")
        length, begin = int.from_bytes(data[begin : begin + size], "big"), begin + size
    end = begin + length
    if end > len(data):
        raise DerError("cut off")
    return Element(tag, data[begin:end], data[start:end], ber), end


def _end_of_contents(data: bytes, position: int, depth: int) -> int:
    """Where the two zero bytes are that end an open length: found by walking over everything before them."""
    if depth > DEPTH_LIMIT:
        raise DerError("nested too deeply")
    while data[position : position + 2] != _END_OF_CONTENTS:
        _, position = _read(data, position, ber=True, depth=depth)
    return position
