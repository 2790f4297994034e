"""Reading certificates that nobody has verified: real ones, wrong ones, and bytes of a stranger."""

from __future__ import annotations

import asyncio
import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given
from hypothesis import strategies as st

from tests.diagnosis.climbing import ADDRESS, HOST
from tests.world import MailServer
from wizard.model.diagnosis import Certificate
from wizard.model.servers import Protocol, SocketType
from wizard.net import certificates, der
from wizard.net.certificates import Shown, certificate_of, look_without_trust
from wizard.net.failures import Failure, FailureKind
from wizard.net.mail import Endpoint

BEGIN, END = datetime(2024, 2, 29, 12, 30, 59, tzinfo=UTC), datetime(2051, 1, 1, tzinfo=UTC)


def _made(key, *, algorithm=None, names=("a.example", "*.b.example"), issuer="An authority", extra=()):
    """A certificate as DER, made by another library."""
    oid = x509.NameOID
    subject = x509.Name([x509.NameAttribute(oid.COMMON_NAME, "a.example")])
    by = x509.Name([x509.NameAttribute(oid.ORGANIZATION_NAME, issuer), x509.NameAttribute(oid.COMMON_NAME, "Root 1")])
    builder = x509.CertificateBuilder(by, subject, key.public_key(), 7, BEGIN, END)
    if names:
        alternatives = [x509.DNSName(name) for name in names]
        builder = builder.add_extension(x509.SubjectAlternativeName([*alternatives, *extra]), critical=True)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    return builder.sign(key, algorithm).public_bytes(serialization.Encoding.DER)


KEYS = [
    (lambda: rsa.generate_private_key(65537, 1024), hashes.SHA256(), "RSA 1024", "RSA with SHA-256"),
    (lambda: rsa.generate_private_key(65537, 2048), hashes.SHA512(), "RSA 2048", "RSA with SHA-512"),
    (lambda: ec.generate_private_key(ec.SECP256R1()), hashes.SHA256(), "EC P-256", "ECDSA with SHA-256"),
    (lambda: ec.generate_private_key(ec.SECP384R1()), hashes.SHA384(), "EC P-384", "ECDSA with SHA-384"),
    (ed25519.Ed25519PrivateKey.generate, None, "Ed25519", "Ed25519"),
]


@pytest.mark.parametrize(("generate", "algorithm", "key", "signature"), KEYS, ids=[one[2] for one in KEYS])
def test_keys_and_signatures_have_names(generate, algorithm, key, signature):
    read = der.read_certificate(_made(generate(), algorithm=algorithm))
    assert (read.key, read.signature) == (key, signature)


@pytest.fixture(scope="module")
def example():
    return _made(ec.generate_private_key(ec.SECP256R1()), algorithm=hashes.SHA256())


def test_names_dates_and_issuer_are_those_another_library_wrote(example):
    found = certificate_of([example, b"second"])
    assert found.names == ("a.example", "*.b.example")
    assert (found.subject, found.issuer) == ("a.example", "An authority, Root 1")
    assert (found.not_before, found.not_after) == (BEGIN.timestamp(), END.timestamp())  # UTCTime, GeneralizedTime
    assert (found.chain, found.self_signed) == (2, False)


def test_a_certificate_without_names_has_none():
    key = ec.generate_private_key(ec.SECP256R1())
    assert certificate_of([_made(key, algorithm=hashes.SHA256(), names=())]).names == ()


def test_only_host_names_are_kept_and_hostile_text_is_made_printable():
    key = ec.generate_private_key(ec.SECP256R1())
    extra = [x509.RFC822Name("me@example.org"), x509.UniformResourceIdentifier("https://example.org/")]
    made = _made(
        key,
        algorithm=hashes.SHA256(),
        names=("good.example", "bad\x1b[2J.example", "under_score..example"),
        issuer="Evil\x1b[2J\u202eCorp",
        extra=extra,
    )
    found = certificate_of([made])
    assert found.names == ("good.example",)
    assert "\x1b" not in repr(found)
    assert "\u202e" not in found.issuer


@pytest.mark.parametrize("kind", ["UTF-8", "Latin"])
def test_issuers_of_other_languages_are_read(kind):
    key = ec.generate_private_key(ec.SECP256R1())
    made = _made(key, algorithm=hashes.SHA256(), issuer="Società Elettrica" if kind == "Latin" else "証明書")
    assert certificate_of([made]).issuer.startswith(("Società", "証明書"))


def test_every_root_of_this_system_can_be_read():
    roots = ssl.create_default_context().get_ca_certs(binary_form=True)
    if not roots:
        pytest.skip("this system has no roots that OpenSSL can list")
    for root in roots:
        found = certificate_of([root])
        assert found.issuer
        assert found.self_signed == (found.subject in found.issuer or found.self_signed)
        assert found.key.startswith(("RSA", "EC", "Ed"))


def test_what_python_reads_of_roots_is_what_is_read_here():
    context = ssl.create_default_context()
    for root, theirs in zip(context.get_ca_certs(binary_form=True), context.get_ca_certs(), strict=True):
        ours = certificate_of([root])
        assert ours.not_after == ssl.cert_time_to_seconds(theirs["notAfter"])
        assert ours.not_before == ssl.cert_time_to_seconds(theirs["notBefore"])


@given(st.binary(max_size=300))
def test_any_bytes_are_a_certificate_or_none(data):
    assert isinstance(certificate_of([data]), Certificate)


@given(data=st.data())
def test_a_certificate_with_spoiled_bytes_is_a_value(example, data):
    spoiled = bytearray(example)
    for _ in range(data.draw(st.integers(1, 4))):
        spoiled[data.draw(st.integers(0, len(spoiled) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(spoiled)))
    assert isinstance(certificate_of([bytes(spoiled)]), Certificate)
    assert isinstance(certificate_of([bytes(spoiled[:cut])]), Certificate)


def test_nothing_shown_is_an_empty_certificate():
    assert certificate_of([]) == Certificate()


@pytest.fixture
def shown(world):
    """``shown(protocol, socket_type, old=…, **server)``: what the server shows to somebody who believes everything."""

    def shown(protocol=Protocol.IMAP, socket_type=SocketType.SSL, *, old=False, **server):
        world.mail(ADDRESS, 1000, MailServer(protocol=protocol, security=socket_type, **server))
        return asyncio.run(look_without_trust(world.network(), Endpoint(protocol, HOST, 1000, socket_type), old=old))

    return shown


@pytest.mark.parametrize("protocol", Protocol)
@pytest.mark.parametrize("socket_type", [SocketType.SSL, SocketType.STARTTLS])
@pytest.mark.parametrize("wrong", ["self-signed", "expired", "not-yet-valid", "unknown-ca"])
def test_a_certificate_that_is_not_accepted_is_read(shown, protocol, socket_type, wrong):
    seen = shown(protocol, socket_type, certificate=wrong)
    assert isinstance(seen, Shown), seen
    found = seen.certificate
    now = datetime.now(UTC)
    assert found.names == (HOST,)
    assert found.self_signed == (wrong == "self-signed")
    assert (found.not_after < now.timestamp()) == (wrong == "expired")
    assert (found.not_before > (now + timedelta(hours=1)).timestamp()) == (wrong == "not-yet-valid")
    assert ("Nobody knows this authority" in found.issuer) == (wrong == "unknown-ca")


@pytest.mark.parametrize(
    ("protocol", "socket_type", "commands"),
    [
        (Protocol.IMAP, SocketType.SSL, []),
        (Protocol.IMAP, SocketType.STARTTLS, ["s STARTTLS"]),
        (Protocol.SMTP, SocketType.STARTTLS, ["EHLO [127.0.0.1]", "STARTTLS"]),
    ],
)
def test_within_a_connection_that_is_not_trusted_nothing_is_said(world, shown, protocol, socket_type, commands):
    assert isinstance(shown(protocol, socket_type, certificate="unknown-ca"), Shown)
    assert world.mail_commands() == commands


@pytest.mark.parametrize("version", ["TLSv1", "TLSv1.1"])
def test_old_versions_are_shown_to_who_looks_for_them_only(shown, version):
    seen = shown(old=True, tls_versions=[version])
    assert isinstance(seen, Shown), seen
    assert seen.tls_version == version


def test_old_versions_are_not_taken_without_being_asked_for(shown):
    seen = shown(tls_versions=["TLSv1"])
    assert isinstance(seen, Failure)
    assert seen.kind in {FailureKind.TLS_TOO_OLD, FailureKind.TLS_FAILED}


def test_a_silent_server_is_not_waited_for_long(shown, monkeypatch):
    monkeypatch.setattr(certificates, "SECONDS", 0.2)
    assert shown(behaviour="silent").kind is FailureKind.TIMEOUT
