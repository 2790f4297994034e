"""Signs configuration profiles: CMS SignedData (RFC 5652) in DER, with what is signed in it, and the chain beside.

The package cryptography does the work; it is an extra of this one (``sign``), and imported when a key is read. A
signature holds the time at which it was made: signed files differ from run to run, and only they.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wizard.language import translate as _
from wizard.model.problems import Place, Problem
from wizard.model.text import printable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from cryptography.x509 import Certificate

SIZE_LIMIT = 1024 * 1024
"""Bytes of one file with a key or certificates."""


@dataclass(frozen=True, slots=True)
class Signer:
    """A certificate with its key and the certificates that lead to a root, all checked to belong together."""

    certificate: Certificate
    key: Any
    chain: tuple[Certificate, ...]

    def sign(self, content: bytes) -> bytes:
        """``content`` inside a signature over it."""
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.serialization import Encoding
        from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder

        builder = PKCS7SignatureBuilder().set_data(content).add_signer(self.certificate, self.key, SHA256())
        for certificate in self.chain:
            builder = builder.add_certificate(certificate)
        # Binary: without it line ends would be changed to those of mail, and the profile with them.
        return builder.sign(Encoding.DER, [PKCS7Options.Binary])


def read_signer(certificate: Path, key: Path, chain: Path | None = None, *, now: datetime | None = None) -> Signer:
    """The signer of three PEM files. What follows the first certificate in its file belongs to the chain.

    ``now`` is the time at which the certificate has to be valid: the present one, if it is None. Raises Problem, with
    the file, when the package is missing or anything does not fit.
    """
    try:
        import cryptography.x509
    except ImportError:
        raise Problem(
            _("Signing needs one more package: install “mail-wizard[sign]” instead of “mail-wizard”.")
        ) from None
    del cryptography
    first, *others = _certificates(certificate)
    others += _certificates(chain) if chain is not None else []
    private = _key(key)
    _require_pair(first, private, certificate, key)
    _require_valid(first, certificate, now)
    _require_chain(first, others, chain or certificate)
    return Signer(first, private, tuple(dict.fromkeys(other for other in others if other != first)))


def _read(path: Path) -> bytes:
    from wizard.resources.documents import read_bytes

    raw = read_bytes(path, SIZE_LIMIT + 1)
    if len(raw) > SIZE_LIMIT:
        place = Place(str(path))
        raise Problem(_("The file is larger than 1 MiB, which is too large."), place=place)
    return raw


def _certificates(path: Path) -> list[Certificate]:
    from cryptography.x509 import load_pem_x509_certificates

    raw = _read(path)
    try:
        return load_pem_x509_certificates(raw)
    except ValueError:
        text = (
            _("This is a key; the certificate is in another file.")
            if b"PRIVATE KEY-----" in raw
            else _("This is not a certificate in PEM format (“-----BEGIN CERTIFICATE-----”).")
        )
        raise Problem(text, place=Place(str(path))) from None


def _key(path: Path) -> Any:
    """The private key; RSA or of an elliptic curve, which is what the signature can be made with."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    place = Place(str(path))
    raw = _read(path)
    try:
        key = load_pem_private_key(raw, None)
    except TypeError:
        raise Problem(
            _("The key is protected by a password, which is never asked for here; save it without one first."),
            place=place,
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        raise Problem(
            _("This is not a private key in PEM format (“-----BEGIN PRIVATE KEY-----”)."), place=place
        ) from None
    if not isinstance(key, (RSAPrivateKey, EllipticCurvePrivateKey)):
        raise Problem(
            _("Profiles are signed with RSA or elliptic curve keys; this one is of another kind."), place=place
        )
    return key


def _require_pair(certificate: Certificate, key: Any, certificate_path: Path, key_path: Path) -> None:
    if certificate.public_key() != key.public_key():
        raise Problem(
            _("The key does not belong to the first certificate of “{path}”.").format(
                path=printable(str(certificate_path))
            ),
            place=Place(str(key_path)),
        )


def _require_valid(certificate: Certificate, path: Path, now: datetime | None) -> None:
    from datetime import UTC, datetime

    time = now or datetime.now(UTC)
    start, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if not start <= time <= end:
        raise Problem(
            _("The certificate is valid from {start} to {end} only; no device would trust it now.").format(
                start=f"{start:%Y-%m-%d}", end=f"{end:%Y-%m-%d}"
            ),
            place=Place(str(path)),
        )


def _require_chain(certificate: Certificate, others: Sequence[Certificate], path: Path) -> None:
    """Where there is a chain, it has to begin at the certificate; a certificate without one may be enough."""
    from cryptography.exceptions import InvalidSignature

    if not others or certificate.issuer == certificate.subject:
        return
    for issuer in others:
        try:
            certificate.verify_directly_issued_by(issuer)
        except (ValueError, TypeError, InvalidSignature):
            continue
        return
    raise Problem(_("The certificate was not issued by any of those in the chain."), place=Place(str(path)))
