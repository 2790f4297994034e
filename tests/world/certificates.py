"""Certificates for our servers: one authority for the whole run, and every way to be wrong.

A certificate is asked for by its names, or by what is wrong with it: ``"self-signed"``, ``"expired"``,
``"not-yet-valid"``, ``"unknown-ca"``. A wrong one carries the name the client asks for, so nothing else is wrong.
"""

from __future__ import annotations

import atexit
import shutil
import ssl
import tempfile
import warnings
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import trustme

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Wanted = str | tuple[str, ...] | None
"""Host names, one of WRONG, or None: a good one for whatever name the client asks for."""

WRONG = ("self-signed", "expired", "not-yet-valid", "unknown-ca")
NAMELESS = "localhost"
"""What a client that sends no server name is taken to want."""

TLS_VERSIONS = {
    "TLSv1": ssl.TLSVersion.TLSv1,
    "TLSv1.1": ssl.TLSVersion.TLSv1_1,
    "TLSv1.2": ssl.TLSVersion.TLSv1_2,
    "TLSv1.3": ssl.TLSVersion.TLSv1_3,
}


@cache
def authority() -> trustme.CA:
    """The authority that clients of the world trust."""
    return trustme.CA(organization_name="The world of the tests", key_type=trustme.KeyType.ECDSA)


@cache
def unknown_authority() -> trustme.CA:
    """An authority nobody trusts."""
    return trustme.CA(organization_name="Nobody knows this authority", key_type=trustme.KeyType.ECDSA)


@cache
def ca_file() -> Path:
    """The certificate of :func:`authority` as PEM, for ``SSL_CERT_FILE``; gone when the process ends."""
    directory = Path(tempfile.mkdtemp(prefix="world-"))
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    path = directory / "ca.pem"
    authority().cert_pem.write_to_path(path)
    return path


def wanted(certificate: Sequence[str] | str | None) -> Wanted:
    """What a server was given, checked: a misspelt kind is a mistake of the test."""
    if certificate is None:
        return None
    if isinstance(certificate, str):
        if certificate not in WRONG:
            raise ValueError(f"certificate is a list of names or one of {WRONG}, not {certificate!r}")
        return certificate
    return tuple(certificate)


def server_context(
    certificate: Wanted, versions: Sequence[str] | None = None, alpn: tuple[str, ...] = ()
) -> ssl.SSLContext:
    """A server's context that shows ``certificate``; ``versions`` as in TLS_VERSIONS, the oldest to the newest."""
    return choosing_context(lambda _: certificate, versions, alpn)


def choosing_context(
    choose: Callable[[str], Wanted], versions: Sequence[str] | None = None, alpn: tuple[str, ...] = ()
) -> ssl.SSLContext:
    """A server's context that shows what ``choose`` says for the name that the client sends."""
    allowed = tuple(versions or ())
    context = _context(allowed, alpn)

    def named(connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
        name = name or NAMELESS
        kind = choose(name) or (name,)
        connection.context = _leaf_context(kind, name if isinstance(kind, str) else "", allowed, alpn)

    context.sni_callback = named  # called without a name too
    return context


def _context(versions: tuple[str, ...], alpn: tuple[str, ...]) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    if alpn:
        context.set_alpn_protocols(list(alpn))
    if versions:
        _limit(context, versions)
    return context


def _limit(context: ssl.SSLContext, versions: Sequence[str]) -> None:
    allowed = sorted(TLS_VERSIONS[version] for version in versions)
    if allowed[0] < ssl.TLSVersion.TLSv1_2:
        context.set_ciphers("DEFAULT:@SECLEVEL=0")  # below that, OpenSSL 3 signs no handshake of TLS 1.1
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = allowed[0]
        context.maximum_version = allowed[-1]


@cache
def _leaf_context(
    kind: str | tuple[str, ...], name: str, versions: tuple[str, ...], alpn: tuple[str, ...]
) -> ssl.SSLContext:
    context = _context(versions, alpn)  # the level of security comes with the certificate
    if kind == "self-signed":
        _load(context, self_signed(name))
    else:
        leaf(kind, name).configure_cert(context)
    return context


@cache
def leaf(kind: str | tuple[str, ...], name: str) -> trustme.LeafCert:
    """A certificate with these names, or a wrong one for ``name``."""
    now = datetime.now(UTC).replace(microsecond=0)
    match kind:
        case "expired":
            return authority().issue_cert(name, not_before=now - timedelta(90), not_after=now - timedelta(1))
        case "not-yet-valid":
            return authority().issue_cert(name, not_before=now + timedelta(1), not_after=now + timedelta(90))
        case "unknown-ca":
            return unknown_authority().issue_cert(name)
    return authority().issue_cert(*kind)


def self_signed(name: str) -> bytes:
    """The PEM of a key and of a certificate that the key signed itself."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name[:64])])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(1))
        .not_valid_after(now + timedelta(90))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    encoding = serialization.Encoding.PEM
    plain = serialization.NoEncryption()
    private = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, plain)
    return private + certificate.public_bytes(encoding)


def _load(context: ssl.SSLContext, pem: bytes) -> None:
    path = ca_file().with_name("self-signed.pem")
    path.write_bytes(pem)
    context.load_cert_chain(path)
    path.unlink()
