"""What is inside a signature: the content of CMS SignedData (RFC 5652), in DER or BER.

The signature itself is not judged here: that needs roots to trust, and whoever reads settings wants to see them first.
"""

from __future__ import annotations

from wizard.model.der import INTEGER, OID, SEQUENCE, SET, read_element

SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
"""1.2.840.113549.1.7.2, as its bytes stand in the file."""

_EXPLICIT = 0xA0


class NotSigned(Exception):
    """The bytes are no signed data with content in it."""


def signed_content(data: bytes) -> bytes:
    """The content that was signed; raises NotSigned."""
    try:
        content_type, explicit, *_ = read_element(data, ber=True).parts(SEQUENCE)
        if content_type.expect(OID).content != SIGNED_DATA:
            raise NotSigned("other data than signed")
        (signed_data,) = explicit.parts(_EXPLICIT)
        version, algorithms, content, *_ = signed_data.parts(SEQUENCE)
        version.expect(INTEGER)
        algorithms.expect(SET)
        inner_type, explicit, *_ = content.parts(SEQUENCE)
        inner_type.expect(OID)
        (octets,) = explicit.parts(_EXPLICIT)
        return octets.octets()
    except ValueError as error:  # DerError, or an element that is missing
        raise NotSigned(str(error)) from error
