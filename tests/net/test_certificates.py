"""Reading certificates that nobody has verified: real ones, wrong ones, and bytes of a stranger."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given
from hypothesis import strategies as st

from wizard.model.der import GENERALIZED_TIME, UTC_TIME
from wizard.model.diagnosis import Certificate
from wizard.net.certificates import MAX_NAMES, describe_chain, host_names, read_certificate, try_certificate

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
    assert len(host_names(names)) == MAX_NAMES == 100


@given(st.lists(st.text(max_size=70)))
def test_names_of_any_text_are_host_names(names):
    for name in host_names(names):
        plain = name.removeprefix("*.")
        assert set(plain) <= set("abcdefghijklmnopqrstuvwxyz0123456789-.")
        assert 0 < len(plain) <= 253


# Certificates by hand: what no library writes any more, and what none should.


def part(tag, *values):
    value = b"".join(values)
    length = bytes([len(value)]) if len(value) < 128 else b"\x82" + len(value).to_bytes(2, "big")
    return bytes([tag]) + length + value


def oid(dotless):
    return part(0x06, bytes.fromhex(dotless))


RSA_KEY, SHA256_WITH_RSA, COMMON_NAME, ORGANISATION = "2a864886f70d010101", "2a864886f70d01010b", "550403", "55040a"


def name(*attributes):
    return part(0x30, *(part(0x31, part(0x30, oid(kind), part(tag, value))) for kind, tag, value in attributes))


def public_key(modulus=b"\0" + b"\xff" * 128, *, algorithm=None):
    numbers = part(0x30, part(0x02, modulus), part(0x02, b"\1\0\1"))
    return part(0x30, algorithm or part(0x30, oid(RSA_KEY), part(0x05)), part(0x03, b"\0", numbers))


def alternative_names(*names, critical=()):
    return part(0x30, oid("551d11"), *critical, part(0x04, part(0x30, *names)))


SUBJECT, ISSUER = name((COMMON_NAME, 0x0C, b"a.example")), name((ORGANISATION, 0x13, b"An authority"))
VERSION_3 = part(0xA0, part(0x02, b"\2"))


def made(
    begin=(UTC_TIME, b"240229123059Z"),
    end=(GENERALIZED_TIME, b"20510101000000Z"),
    *,
    subject=SUBJECT,
    issuer=ISSUER,
    key=None,
    extensions=(),
    version=VERSION_3,
    signature=SHA256_WITH_RSA,
    unique_identifiers=b"",
):
    """A certificate as DER, with a signature that means nothing."""
    algorithm = part(0x30, oid(signature), part(0x05))
    validity = part(0x30, part(*begin), part(*end))
    more = [part(0xA3, part(0x30, *extensions))] if extensions else []
    body = part(
        0x30,
        version,
        part(0x02, b"\7"),
        algorithm,
        issuer,
        validity,
        subject,
        key or public_key(),
        unique_identifiers,
        *more,
    )
    return part(0x30, body, algorithm, part(0x03, b"\0" + bytes(16)))


@pytest.mark.parametrize(
    ("tag", "text", "moment"),
    [
        (UTC_TIME, b"000101000000Z", datetime(2000, 1, 1, tzinfo=UTC)),
        (UTC_TIME, b"240229123059Z", datetime(2024, 2, 29, 12, 30, 59, tzinfo=UTC)),
        (UTC_TIME, b"491231235959Z", datetime(2049, 12, 31, 23, 59, 59, tzinfo=UTC)),
        (UTC_TIME, b"500101000000Z", datetime(1950, 1, 1, tzinfo=UTC)),
        (UTC_TIME, b"510101000000Z", datetime(1951, 1, 1, tzinfo=UTC)),
        (UTC_TIME, b"700101000001Z", datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)),
        (UTC_TIME, b"991231235959Z", datetime(1999, 12, 31, 23, 59, 59, tzinfo=UTC)),
        (GENERALIZED_TIME, b"19491231235959Z", datetime(1949, 12, 31, 23, 59, 59, tzinfo=UTC)),
        (GENERALIZED_TIME, b"20491231235959Z", datetime(2049, 12, 31, 23, 59, 59, tzinfo=UTC)),
        (GENERALIZED_TIME, b"20500101000000Z", datetime(2050, 1, 1, tzinfo=UTC)),
        (GENERALIZED_TIME, b"21000228235959Z", datetime(2100, 2, 28, 23, 59, 59, tzinfo=UTC)),
        # RFC 5280 section 4.1.2.5: for a certificate without an end
        (GENERALIZED_TIME, b"99991231235959Z", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_a_date_is_of_its_century(tag, text, moment):
    """RFC 5280 section 4.1.2.5.1: a year of two digits is of the last century from 50 on, of this one below."""
    assert read_certificate(made(begin=(tag, text))).not_before == moment.timestamp()
    assert read_certificate(made(end=(tag, text))).not_after == moment.timestamp()


@given(st.integers(1950, 9999), st.integers(0, 365 * 86400 - 1))
def test_every_date_is_read_as_it_was_written(year, seconds):
    moment = datetime(year, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    utc, general = (moment.strftime(form).encode() for form in ("%y%m%d%H%M%SZ", "%Y%m%d%H%M%SZ"))
    read = read_certificate(
        made((UTC_TIME, utc) if year < 2050 else (GENERALIZED_TIME, general), (GENERALIZED_TIME, general))
    )
    assert read.not_before == read.not_after == moment.timestamp()


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        (UTC_TIME, b""),
        (UTC_TIME, b"2402291230Z"),  # without seconds, which X.690 permits in BER and RFC 5280 nowhere
        (UTC_TIME, b"240229123059"),
        (UTC_TIME, b"240229123059+0100"),
        (UTC_TIME, b"20240229123059Z"),
        (UTC_TIME, b"240229123059Z "),
        (UTC_TIME, b" 240229123059Z"),
        (UTC_TIME, b"24022912305\xb2Z"),
        (UTC_TIME, b"230229123059Z"),
        (UTC_TIME, b"241301000000Z"),
        (GENERALIZED_TIME, b"240229123059Z"),
        (GENERALIZED_TIME, b"20240229123059.5Z"),
        (GENERALIZED_TIME, b"202402291230Z"),
        (GENERALIZED_TIME, b"20240229123059z"),
        (0x13, b"240229123059Z"),
        (0x0C, b"20240229123059Z"),
    ],
)
def test_what_is_no_date_of_a_certificate_makes_it_none(tag, text):
    for wrong in (made(begin=(tag, text)), made(end=(tag, text))):
        with pytest.raises(ValueError, match=r"time|day|unconverted"):
            read_certificate(wrong)
        assert describe_chain([wrong]) == Certificate(chain=1)


def test_a_certificate_of_the_first_version_has_no_number_for_it():
    assert read_certificate(made(version=b"")).subject.common == "a.example"


@pytest.mark.parametrize(
    ("tag", "value", "text"),
    [
        (0x0C, "Société 証明".encode(), "Société 証明"),
        (0x13, b"Printable", "Printable"),
        (0x14, "Société".encode("latin-1"), "Société"),
        (0x16, b"IA5", "IA5"),
        (0x1E, "Società".encode("utf-16-be"), "Società"),
        (0x1C, "證明".encode("utf-32-be"), "證明"),
        (0x0C, b"\xff", "\ufffd"),
    ],
)
def test_names_are_read_in_the_characters_of_their_kind(tag, value, text):
    read = read_certificate(made(subject=name((COMMON_NAME, tag, value))))
    assert (read.subject.common, read.subject.organisation) == (text, "")


def test_a_name_is_called_by_its_common_name_else_by_its_organisation():
    both = name((ORGANISATION, 0x0C, b"Org"), (COMMON_NAME, 0x0C, b"Common"), ("550406", 0x13, b"IT"))
    chain = [made(subject=both, issuer=both), made(subject=name((ORGANISATION, 0x0C, b"Root")))]
    found = describe_chain(chain, verified=chain)
    assert (found.subject, found.issuer, found.root) == ("Common", "Org, Common", "Root")
    assert found.self_signed
    assert describe_chain(chain[1:], verified=chain[:1]).root == "Common"
    same = name((ORGANISATION, 0x0C, b"Same"), (COMMON_NAME, 0x0C, b"Same"))
    assert describe_chain([made(issuer=same)]).issuer == "Same"
    assert describe_chain([made(issuer=same)]).root == ""
    assert describe_chain([made(issuer=SUBJECT)]).issuer == "a.example"


def test_a_certificate_in_front_is_described_and_the_root_at_the_end():
    first, second, last = (made(subject=name((COMMON_NAME, 0x0C, text))) for text in (b"first", b"second", b"last"))
    found = describe_chain([first, second], verified=[first, second, last])
    assert (found.subject, found.chain, found.root) == ("first", 2, "last")
    assert describe_chain([first], verified=[first, b"x"]).root == ""


@pytest.mark.parametrize(
    ("algorithm", "key"),
    [
        ([oid("2b6570")], "Ed25519"),
        ([oid("2b6571")], "Ed448"),
        ([oid("2a8648ce380401")], "DSA"),
        ([oid("2a864886f70d01010a")], "RSA-PSS"),
        ([oid("2a8648ce3d0201"), oid("2a8648ce3d030107")], "EC P-256"),
        ([oid("2a8648ce3d0201"), oid("2b81040022")], "EC P-384"),
        ([oid("2a8648ce3d0201"), oid("2b81040023")], "EC P-521"),
        ([oid("2a8648ce3d0201"), oid("2b8104000a")], "EC 2b8104000a"),
        ([oid("2a8648ce3d0201"), oid("2a8648ce3d030107"), part(0x05)], "EC P-256"),
        ([oid("2a8648ce3d0201"), part(0x30)], "EC ?"),
        ([oid("2a8648ce3d0201")], "EC"),
        ([oid("2b65" + "70" * 40)], "2b65" + "70" * 30),
    ],
)
def test_keys_are_called_as_people_call_them(algorithm, key):
    read = read_certificate(made(key=public_key(algorithm=part(0x30, *algorithm))))
    assert read.key == key


@pytest.mark.parametrize("bits", [512, 1023, 1024, 2047, 2048, 4096])
def test_the_size_of_an_rsa_key_is_counted_in_bits(bits):
    modulus = (1 << (bits - 1) | 1).to_bytes(bits // 8 + 1, "big")
    assert read_certificate(made(key=public_key(modulus))).key == f"RSA {bits}"


@pytest.mark.parametrize(
    ("signature", "called"),
    [
        ("2a864886f70d010104", "RSA with MD5"),
        ("2a864886f70d010105", "RSA with SHA-1"),
        ("2a864886f70d01010b", "RSA with SHA-256"),
        ("2a864886f70d01010c", "RSA with SHA-384"),
        ("2a864886f70d01010d", "RSA with SHA-512"),
        ("2a864886f70d01010a", "RSA-PSS"),
        ("2a8648ce3d0401", "ECDSA with SHA-1"),
        ("2a8648ce3d040302", "ECDSA with SHA-256"),
        ("2a8648ce3d040303", "ECDSA with SHA-384"),
        ("2a8648ce3d040304", "ECDSA with SHA-512"),
        ("2b6570", "Ed25519"),
        ("2b6571", "Ed448"),
        ("2a030405", "2a030405"),
    ],
)
def test_signatures_are_called_as_people_call_them(signature, called):
    assert read_certificate(made(signature=signature)).signature == called


def test_only_dns_names_of_the_alternative_names_count():
    others = part(0x81, b"me@a.example"), part(0x86, b"https://a.example/"), part(0x87, b"\xc0\0\2\1")
    more = part(0x30, oid("551d13"), part(0x01, b"\xff"), part(0x04, part(0x30, part(0x82, b"no.example"))))
    names = alternative_names(*others, part(0x82, b"a.example"), part(0x82, b"b.example"), critical=[part(1, b"\xff")])
    assert read_certificate(made(extensions=(more, names))).names == ("a.example", "b.example")
    assert read_certificate(made(extensions=(more,))).names == ()
    assert read_certificate(made()).names == ()


def test_unique_identifiers_before_the_extensions_are_passed_over():
    """RFC 5280 section 4.1.2.8: nobody writes them any more."""
    made_once = made(extensions=(alternative_names(part(0x82, b"a.example")),), unique_identifiers=part(0x81, b"\0x"))
    assert read_certificate(made_once).names == ("a.example",)


def test_alternative_names_of_another_form_are_none():
    wrong = part(0x30, oid("551d11"), part(0x0C, part(0x30, part(0x82, b"a.example"))))
    assert read_certificate(made(extensions=(wrong,))).names == ()


def test_of_many_names_a_thousand_are_read():
    many = [part(0x82, b"*") for _ in range(999)] + [part(0x82, b"a.example"), part(0x82, b"b.example")]
    read = read_certificate(made(extensions=(alternative_names(*many),)))
    assert len(read.names) == 1000
    assert read.host_names == ("a.example",)


def test_unreadable_certificates_are_none():
    for wrong in (b"", made()[:-1], part(0x31), part(0x30), part(0x30, part(0x30)), b"\x31" + made()[1:]):
        assert try_certificate(wrong) is None
    assert try_certificate(made()) == read_certificate(made())
    assert read_certificate(made() + b"more") == read_certificate(made())
