"""A certificate read from its bytes, without trusting it: names, dates, issuer, key, signature. Pure.

X.509 (RFC 5280), as far as these fields need it: a fixed path through the structure, no recursion. A stranger's bytes
give a value or ValueError, whatever they are.
"""

from __future__ import annotations

import calendar
import re
import time
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from wizard.model.address import AddressProblem, parse_hostname
from wizard.model.der import (
    BMP_STRING,
    GENERALIZED_TIME,
    OCTET_STRING,
    OID,
    SEQUENCE,
    UNIVERSAL_STRING,
    UTC_TIME,
    UTF8_STRING,
    read_element,
)
from wizard.model.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from wizard.model.der import Element
    from wizard.model.diagnosis import Certificate

MAX_NAMES = 100
"""Host names of one certificate that are kept."""

_MAX_NAMES_READ = 1000
_VERSION, _EXTENSIONS, _DNS_NAME = 0xA0, 0xA3, 0x82  # context-specific tags of RFC 5280 sections 4.1 and 4.2.1.6

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
_CHARACTERS = {UTF8_STRING: "utf-8", BMP_STRING: "utf-16-be", UNIVERSAL_STRING: "utf-32-be"}
_OTHER_CHARACTERS = "latin-1"  # covers all the other kinds of string
_TIMES = {UTC_TIME: re.compile(r"\d{12}Z"), GENERALIZED_TIME: re.compile(r"\d{14}Z")}


class Name(NamedTuple):
    """A distinguished name: its common name and organisation as they stand (raw), and all of it as bytes."""

    common: str
    organisation: str
    encoded: bytes

    @property
    def short(self) -> str:
        """The common name, or the organisation where there is none."""
        return self.common or self.organisation


class CertificateFields(NamedTuple):
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

    @property
    def host_names(self) -> tuple[str, ...]:
        """``names`` as :func:`host_names` gives them."""
        return host_names(self.names)


def read_certificate(encoded: bytes) -> CertificateFields:
    """One certificate as DER. ValueError where it is none."""
    body, algorithm, _signature_value = read_element(encoded).parts(SEQUENCE)
    fields = body.parts()
    if fields[0].tag == _VERSION:
        fields = fields[1:]
    _serial, _signature, issuer, validity, subject, key, *rest = fields
    begin, end = validity.parts()
    return CertificateFields(
        subject=_name(subject),
        issuer=_name(issuer),
        not_before=_time(begin),
        not_after=_time(end),
        key=_key(key),
        signature=_known(_SIGNATURES, algorithm.parts()[0]),
        names=tuple(islice(_alternative_names(rest), _MAX_NAMES_READ)),
    )


def try_certificate(encoded: bytes) -> CertificateFields | None:
    """:func:`read_certificate`, None where it is none."""
    try:
        return read_certificate(encoded)
    except (ValueError, OverflowError):
        return None


def describe_chain(sent: Sequence[bytes], verified: Sequence[bytes] = ()) -> Certificate:
    """The first certificate of ``sent`` (DER), and what the others say of it; ``verified``: the chain up to a root.

    An unreadable certificate gives an empty one.
    """
    from wizard.model.diagnosis import Certificate  # a look-up reads names only

    first = try_certificate(sent[0]) if sent else None
    if first is None:
        return Certificate(chain=len(sent))
    root = try_certificate(verified[-1]) if verified else None
    issuer = dict.fromkeys(part for part in (first.issuer.organisation, first.issuer.common) if part)
    return Certificate(
        names=first.host_names,
        subject=printable(first.subject.short),
        issuer=printable(", ".join(issuer)),
        not_before=first.not_before,
        not_after=first.not_after,
        self_signed=first.issuer.encoded == first.subject.encoded,
        key=printable(first.key),
        signature=printable(first.signature),
        chain=len(sent),
        root="" if root is None else printable(root.subject.short),
    )


def host_names(names: Iterable[str]) -> tuple[str, ...]:
    """The host names among the DNS names of a certificate's subjectAltName, which alone count (RFC 9525).

    As A-labels in lower case, a wildcard as ``*.example.org``, each once, in the certificate's order, at most
    MAX_NAMES. Anything else is left out: the certificate of a stranger may contain any text.
    """
    found: dict[str, None] = {}
    for name in names:
        if len(found) < MAX_NAMES and (host := _host_name(name)) is not None:
            found[host] = None
    return tuple(found)


def _host_name(value: str) -> str | None:
    wildcard = "*." if value.startswith("*.") else ""
    name = value.removeprefix("*.")
    if not name.isascii() or name != name.strip():  # a certificate has A-labels; anything else is not mended here
        return None
    try:
        return wildcard + parse_hostname(name)
    except AddressProblem:
        return None


def _name(element: Element) -> Name:
    common = organisation = ""
    for group in element.each():
        for pair in group.each():
            kind, value = pair.parts()
            if kind.content.hex() == _COMMON_NAME:
                common = _text(value)
            elif kind.content.hex() == _ORGANISATION:
                organisation = _text(value)
    return Name(common, organisation, element.encoded)


def _text(element: Element) -> str:
    return element.content.decode(_CHARACTERS.get(element.tag, _OTHER_CHARACTERS), "replace")


def _time(element: Element) -> float:
    """RFC 5280 section 4.1.2.5: seconds are there, and the time zone is Z."""
    text = element.content.decode("ascii", "replace")
    if element.tag not in _TIMES or not _TIMES[element.tag].fullmatch(text):
        raise ValueError("not a time")
    if element.tag == UTC_TIME:  # section 4.1.2.5.1: 50 to 99 are of the last century
        text = ("19" if text[:2] >= "50" else "20") + text
    return float(calendar.timegm(time.strptime(text, "%Y%m%d%H%M%SZ")))


def _key(element: Element) -> str:
    algorithm, bits = element.parts()
    kind, *parameters = algorithm.parts()
    match kind.content.hex():
        case oid if oid == _RSA:
            modulus = read_element(bits.content[1:]).parts(SEQUENCE)[0].content
            return f"RSA {int.from_bytes(modulus, 'big').bit_length()}"
        case oid if oid == _EC:
            return f"EC {_known(_CURVES, parameters[0])}" if parameters else "EC"
    return _known(_KEYS, kind)


def _known(words: dict[str, str], element: Element) -> str:
    if element.tag != OID:
        return "?"
    oid = element.content[:32].hex()
    return words.get(oid, oid)


def _alternative_names(fields: list[Element]) -> Iterator[str]:
    extensions = next((field for field in fields if field.tag == _EXTENSIONS), None)
    if extensions is None:
        return
    for extension in read_element(extensions.content).expect(SEQUENCE).each():
        kind, *_critical, value = extension.parts()
        if kind.content.hex() == _ALTERNATIVE_NAMES and value.tag == OCTET_STRING:
            for name in read_element(value.content).expect(SEQUENCE).each():
                if name.tag == _DNS_NAME:
                    yield name.content.decode("latin-1")
