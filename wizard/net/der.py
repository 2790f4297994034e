"""A certificate read from its bytes, without trusting it: names, dates, issuer, key, signature. Pure.

X.509 (RFC 5280) in DER (X.690), as far as these fields need it: a fixed path through the structure, no recursion. A
stranger's bytes give a value or ValueError, whatever they are.
"""

from __future__ import annotations

import calendar
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_SEQUENCE, _BIT_STRING, _OCTETS, _OBJECT = 0x30, 0x03, 0x04, 0x06
_UTC_TIME, _GENERAL_TIME = 0x17, 0x18
_VERSION, _EXTENSIONS, _DNS_NAME = 0xA0, 0xA3, 0x82
_MOST = 1000
"""Elements of one list that are read: host names, parts of a name, extensions."""

_COMMON_NAME, _ORGANISATION, _ALTERNATIVE_NAMES = "550403", "55040a", "551d11"
_RSA, _EC = "2a864886f70d010101", "2a8648ce3d0201"
_KEYS = {"2b6570": "Ed25519", "2b6571": "Ed448", "2a8648ce380401": "DSA", "2a864886f70d01010a": "RSA-PSS"}
_CURVES = {"2a8648ce3d030107": "P-256", "2b81040022": "P-384", "2b81040023": "P-521"}
_SIGNATURES = {
    "2a864886f70d010104": "RSA with MD5",
    "2a864886f70d010105": "RSA with SHA-1",
    "2a864886f70d01010b": "RSA with SHA-256",
    "2a864886f70d01010c": "RSA with SHA-384",
    "2a864886f70d01010d": "RSA with SHA-512",
    "2a864886f70d01010a": "RSA-PSS",
    "2a8648ce3d0401": "ECDSA with SHA-1",
    "2a8648ce3d040302": "ECDSA with SHA-256",
    "2a8648ce3d040303": "ECDSA with SHA-384",
    "2a8648ce3d040304": "ECDSA with SHA-512",
    "2b6570": "Ed25519",
    "2b6571": "Ed448",
}
_CHARACTERS = {0x0C: "utf-8", 0x1E: "utf-16-be", 0x1C: "utf-32-be"}  # all other strings: Latin-1 covers them


@dataclass(frozen=True, slots=True)
class Name:
    """A distinguished name: its common name and organisation as they stand (raw), and all of it as bytes."""

    common: str
    organisation: str
    whole: bytes


@dataclass(frozen=True, slots=True)
class Read:
    """``names``: DNS names as they stand (raw); times in seconds since 1970 (UTC); ``key``: ``RSA 2048``, ``EC P-256``;
    ``signature``: ``RSA with SHA-256``, or the dotless OID in hexadecimal where it is another.
    """

    subject: Name
    issuer: Name
    not_before: float
    not_after: float
    key: str
    signature: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Element:
    tag: int
    content: bytes
    whole: bytes


def read_certificate(der: bytes) -> Read:
    """One certificate. ValueError where it is none."""
    body, algorithm = _parts(_only(der, _SEQUENCE).content)[:2]
    fields = _parts(body.content)
    if fields[0].tag == _VERSION:
        fields = fields[1:]
    _serial, _inner, issuer, validity, subject, key, *rest = fields
    begin, end = _parts(validity.content)[:2]
    return Read(
        subject=_name(subject),
        issuer=_name(issuer),
        not_before=_time(begin),
        not_after=_time(end),
        key=_key(key),
        signature=_known(_SIGNATURES, _parts(algorithm.content)[0]),
        names=tuple(_alternative_names(rest)),
    )


def _element(data: bytes, at: int) -> tuple[_Element, int]:
    """The element at ``at``, and where the next one begins."""
    if at + 2 > len(data):
        raise ValueError("cut off")
    tag, length, start = data[at], data[at + 1], at + 2
    if tag & 0x1F == 0x1F:
        raise ValueError("a tag of several bytes")
    if length & 0x80:
        size = length & 0x7F
        if not 1 <= size <= 4:
            raise ValueError("a length that DER does not have")
        length, start = int.from_bytes(data[start : start + size], "big"), start + size
    end = start + length
    if end > len(data):
        raise ValueError("cut off")
    return _Element(tag, data[start:end], data[at:end]), end


def _only(data: bytes, tag: int) -> _Element:
    element, _end = _element(data, 0)
    if element.tag != tag:
        raise ValueError(f"{element.tag:#x} instead of {tag:#x}")
    return element


def _each(data: bytes) -> Iterator[_Element]:
    at = 0
    for _count in range(_MOST):
        if at >= len(data):
            return
        element, at = _element(data, at)
        yield element


def _parts(data: bytes) -> list[_Element]:
    found = list(_each(data))
    if not found:
        raise ValueError("empty")
    return found


def _name(element: _Element) -> Name:
    common = organisation = ""
    for group in _each(element.content):
        for pair in _each(group.content):
            kind, value = _parts(pair.content)[:2]
            if kind.content.hex() == _COMMON_NAME:
                common = _text(value)
            elif kind.content.hex() == _ORGANISATION:
                organisation = _text(value)
    return Name(common, organisation, element.whole)


def _text(element: _Element) -> str:
    return element.content.decode(_CHARACTERS.get(element.tag, "latin-1"), "replace")


def _time(element: _Element) -> float:
    text = element.content.decode("ascii", "replace")
    if element.tag == _UTC_TIME:  # RFC 5280 section 4.1.2.5.1: 50 to 99 are of the last century
        text = ("19" if text[:2] >= "50" else "20") + text
    elif element.tag != _GENERAL_TIME:
        raise ValueError("no time")
    return float(calendar.timegm(time.strptime(text, "%Y%m%d%H%M%SZ")))


def _key(element: _Element) -> str:
    algorithm, bits = _parts(element.content)[:2]
    kind, *parameters = _parts(algorithm.content)
    match kind.content.hex():
        case oid if oid == _RSA:
            numbers = _only(bits.content[1:], _SEQUENCE)
            modulus = _parts(numbers.content)[0].content
            return f"RSA {int.from_bytes(modulus, 'big').bit_length()}"
        case oid if oid == _EC:
            return f"EC {_known(_CURVES, parameters[0])}" if parameters else "EC"
    return _known(_KEYS, kind)


def _known(words: dict[str, str], element: _Element) -> str:
    if element.tag != _OBJECT:
        return "?"
    oid = element.content[:32].hex()
    return words.get(oid, oid)


def _alternative_names(fields: list[_Element]) -> Iterator[str]:
    extensions = next((one for one in fields if one.tag == _EXTENSIONS), None)
    if extensions is None:
        return
    for extension in _each(_only(extensions.content, _SEQUENCE).content):
        kind, *_critical, value = _parts(extension.content)
        if kind.content.hex() == _ALTERNATIVE_NAMES and value.tag == _OCTETS:
            for one in _each(_only(value.content, _SEQUENCE).content):
                if one.tag == _DNS_NAME:
                    yield one.content.decode("latin-1")
