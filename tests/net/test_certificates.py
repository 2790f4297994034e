"""Reading certificates that nobody has verified: real ones, wrong ones, and bytes of a stranger."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given
from hypothesis import strategies as st

from wizard.model.diagnosis import Certificate
from wizard.net.certificates import MAX_NAMES, describe_chain, host_names, read_certificate

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


@pytest.mark.parametrize(("generate", "algorithm", "key", "signature"), KEYS, ids=[case[2] for case in KEYS])
def test_keys_and_signatures_have_names(generate, algorithm, key, signature):
    read = read_certificate(_made(generate(), algorithm=algorithm))
    assert (read.key, read.signature) == (key, signature)


@pytest.fixture(scope="module")
def example():
    return _made(ec.generate_private_key(ec.SECP256R1()), algorithm=hashes.SHA256())


def test_names_dates_and_issuer_are_those_another_library_wrote(example):
    found = describe_chain([example, b"second"])
    assert found.names == ("a.example", "*.b.example")
    assert (found.subject, found.issuer) == ("a.example", "An authority, Root 1")
    assert (found.not_before, found.not_after) == (BEGIN.timestamp(), END.timestamp())  # UTCTime, GeneralizedTime
    assert (found.chain, found.self_signed) == (2, False)


def test_a_certificate_without_names_has_none():
    key = ec.generate_private_key(ec.SECP256R1())
    assert describe_chain([_made(key, algorithm=hashes.SHA256(), names=())]).names == ()


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
    found = describe_chain([made])
    assert found.names == ("good.example",)
    assert "\x1b" not in repr(found)
    assert "\u202e" not in found.issuer


@pytest.mark.parametrize("kind", ["UTF-8", "Latin"])
def test_issuers_of_other_languages_are_read(kind):
    key = ec.generate_private_key(ec.SECP256R1())
    made = _made(key, algorithm=hashes.SHA256(), issuer="Società Elettrica" if kind == "Latin" else "証明書")
    assert describe_chain([made]).issuer.startswith(("Società", "証明書"))


def test_every_root_of_this_system_can_be_read():
    roots = ssl.create_default_context().get_ca_certs(binary_form=True)
    if not roots:
        pytest.skip("this system has no roots that OpenSSL can list")
    for root in roots:
        found = describe_chain([root])
        assert found.issuer
        assert found.self_signed == (found.subject in found.issuer or found.self_signed)
        assert found.key.startswith(("RSA", "EC", "Ed"))


def test_what_python_reads_of_roots_is_what_is_read_here():
    context = ssl.create_default_context()
    for root, theirs in zip(context.get_ca_certs(binary_form=True), context.get_ca_certs(), strict=True):
        ours = describe_chain([root])
        assert ours.not_after == ssl.cert_time_to_seconds(theirs["notAfter"])
        assert ours.not_before == ssl.cert_time_to_seconds(theirs["notBefore"])


@given(st.binary(max_size=300))
def test_any_bytes_are_a_certificate_or_none(data):
    assert isinstance(describe_chain([data]), Certificate)


@given(data=st.data())
def test_a_certificate_with_spoiled_bytes_is_a_value(example, data):
    spoiled = bytearray(example)
    for _ in range(data.draw(st.integers(1, 4))):
        spoiled[data.draw(st.integers(0, len(spoiled) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(spoiled)))
    assert isinstance(describe_chain([bytes(spoiled)]), Certificate)
    assert isinstance(describe_chain([bytes(spoiled[:cut])]), Certificate)


def test_nothing_shown_is_an_empty_certificate():
    assert describe_chain([]) == Certificate()


def test_names_of_a_certificate_are_host_names_and_nothing_else():
    names = [
        "Server42.Hoster.Example",
        "*.hoster.example",
        "server42.hoster.example",
        "192.0.2.1",
        "evil\x1b[2J.example",
        "a b.example",
        " space.example",
        "bücher.example",
        "*",
        "*.*.example",
        "",
        "xn--bcher-kva.example",
    ]
    assert host_names(names) == (
        "server42.hoster.example",
        "*.hoster.example",
        "xn--bcher-kva.example",
    )


def test_a_certificate_with_thousands_of_names_is_cut():
    names = [f"host{number}.example.org" for number in range(5000)]
    assert len(host_names(names)) == MAX_NAMES


@given(st.lists(st.text(max_size=70)))
def test_names_of_any_text_are_host_names(names):
    for name in host_names(names):
        plain = name.removeprefix("*.")
        assert set(plain) <= set("abcdefghijklmnopqrstuvwxyz0123456789-.")
        assert 0 < len(plain) <= 253
