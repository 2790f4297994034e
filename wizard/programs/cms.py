"""What is inside a signature: the content of CMS SignedData (RFC 5652), in DER or in BER with lengths left open.

The signature itself is not judged here: that needs roots to trust, and whoever reads settings wants to see them first.
"""

from __future__ import annotations

SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
"""1.2.840.113549.1.7.2, as its bytes stand in the file."""

DEPTH_LIMIT = 8

_SEQUENCE, _SET, _INTEGER, _OID, _EXPLICIT = 0x30, 0x31, 0x02, 0x06, 0xA0
_OCTETS, _PIECES = 0x04, 0x24
"""An octet string in one piece, or as a list of them."""


class NotSigned(Exception):
    """The bytes are no signed data with content in it."""


def signed_content(data: bytes) -> bytes:
    """The content that was signed; raises NotSigned."""
    info = _Parts(data, 0, len(data)).inside(_SEQUENCE)
    if info.value(_OID) != SIGNED_DATA:
        raise NotSigned("other data than signed")
    signed = info.inside(_EXPLICIT).inside(_SEQUENCE)
    signed.value(_INTEGER)
    signed.inside(_SET)
    content = signed.inside(_SEQUENCE)
    content.value(_OID)
    return content.inside(_EXPLICIT).octets()


class _Parts:
    """The parts of a value, one after the other: a tag, a length, and as many bytes."""

    def __init__(self, data: bytes, start: int, end: int, depth: int = 0) -> None:
        if depth > DEPTH_LIMIT:
            raise NotSigned("nested too deeply")
        self.data, self.at, self.end, self.depth = data, start, end, depth

    def _next(self) -> tuple[int, int, int | None]:
        """Tag, and where the value begins and ends; None where the length is left open. Moves past the head only."""
        if self.at + 2 > self.end:
            raise NotSigned("it ends too soon")
        tag, first = self.data[self.at], self.data[self.at + 1]
        start = self.at + 2
        if first == 0x80:
            return tag, start, None
        length = first
        if first & 0x80:
            count = first & 0x7F
            if count > 4 or start + count > self.end:
                raise NotSigned("a length is wrong")
            length = int.from_bytes(self.data[start : start + count], "big")
            start += count
        if start + length > self.end:
            raise NotSigned("a length is wrong")
        return tag, start, start + length

    def _take(self) -> tuple[int, int, int]:
        """Tag, begin and end of the next part, which is left behind."""
        tag, start, end = self._next()
        if end is not None:
            self.at = end
            return tag, start, end
        # Two zero bytes end what has no length; they can only be found by walking over everything in it.
        inner = _Parts(self.data, start, self.end, self.depth + 1)
        while self.data[inner.at : inner.at + 2] != b"\0\0":
            inner._take()
        self.at = inner.at + 2
        return tag, start, inner.at

    def value(self, wanted: int) -> bytes:
        """The bytes of the next part, which has the tag ``wanted``."""
        tag, start, end = self._take()
        if tag != wanted:
            raise NotSigned(f"tag {tag:#x}")
        return self.data[start:end]

    def inside(self, wanted: int) -> _Parts:
        """The parts of the next part."""
        tag, start, end = self._take()
        if tag != wanted:
            raise NotSigned(f"tag {tag:#x}")
        return _Parts(self.data, start, end, self.depth + 1)

    def octets(self) -> bytes:
        """The next part as an octet string, put together from its pieces."""
        tag, start, end = self._take()
        if tag == _OCTETS:
            return self.data[start:end]
        if tag != _PIECES:
            raise NotSigned(f"tag {tag:#x}")
        inner, made = _Parts(self.data, start, end, self.depth + 1), []
        while inner.at < inner.end:
            made.append(inner.octets())
        return b"".join(made)
