"""Signed profiles: what is in them, who can sign, and what is said when something does not fit."""

from __future__ import annotations

import datetime as dt
import plistlib
import subprocess
import sys

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import NameOID
from sample_accounts import GOLDEN, make

from wizard.export.render import About, render
from wizard.export.sign import read_signer
from wizard.model.problems import Problem
from wizard.programs.mobileconfig import signed_content

NOW = dt.datetime.now(dt.UTC)


def pem_of(key, password: bytes | None = None) -> bytes:
    hidden = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, hidden)


def certificate_for(key, *, days: tuple[int, int] = (-1, 1)) -> bytes:
    """A certificate that the key made for itself, valid from and to so many days from now."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test")])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW + dt.timedelta(days=days[0]))
        .not_valid_after(NOW + dt.timedelta(days=days[1]))
    )
    algorithm = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return builder.sign(key, algorithm).public_bytes(serialization.Encoding.PEM)


@pytest.fixture(scope="module")
def authority():
    root = trustme.CA()
    middle = root.create_child_ca()
    return root, middle, middle.issue_cert("setup.example.org", key_type=trustme.KeyType.RSA)


@pytest.fixture
def files(authority, tmp_path):
    """A certificate, its key, its chain and both certificates in one file; the last is another key."""
    root, middle, leaf = authority
    (tmp_path / "cert.pem").write_bytes(leaf.cert_chain_pems[0].bytes())
    (tmp_path / "key.pem").write_bytes(leaf.private_key_pem.bytes())
    (tmp_path / "chain.pem").write_bytes(middle.cert_pem.bytes() + root.cert_pem.bytes())
    (tmp_path / "fullchain.pem").write_bytes(leaf.cert_chain_pems[0].bytes() + middle.cert_pem.bytes())
    (tmp_path / "other.pem").write_bytes(pem_of(ec.generate_private_key(ec.SECP256R1())))
    return tmp_path


@pytest.mark.parametrize("name", GOLDEN)
def test_the_signed_file_holds_the_profile_as_it_would_be_without_a_signature(files, name: str) -> None:
    signer = read_signer(files / "cert.pem", files / "key.pem", files / "chain.pem")
    (plain,) = render("mobileconfig", GOLDEN[name])
    (signed,) = render("mobileconfig", GOLDEN[name], About(signer=signer))
    assert signed.content[:1] == b"\x30"  # DER, not PEM and not S/MIME
    assert signed_content(signed.content) == plain.content
    assert plistlib.loads(signed_content(signed.content))["PayloadType"] == "Configuration"
    assert (signed.name, signed.media_type, signed.mode) == (plain.name, plain.media_type, plain.mode)


def test_the_certificate_and_its_chain_are_in_the_file_each_once(files, authority) -> None:
    root, middle, leaf = authority
    issued = {
        x509.load_pem_x509_certificate(certificate.bytes())
        for certificate in (leaf.cert_chain_pems[0], middle.cert_pem)
    }
    for chain, wanted in (
        (files / "chain.pem", issued | {x509.load_pem_x509_certificate(root.cert_pem.bytes())}),
        (files / "fullchain.pem", issued),
        (None, issued - {x509.load_pem_x509_certificate(middle.cert_pem.bytes())}),
    ):
        content = read_signer(files / "cert.pem", files / "key.pem", chain).sign(b"x")
        found = pkcs7.load_der_pkcs7_certificates(content)
        assert len(found) == len(wanted)
        assert set(found) == wanted
    whole = read_signer(files / "fullchain.pem", files / "key.pem")
    assert set(pkcs7.load_der_pkcs7_certificates(whole.sign(b"x"))) == issued


def test_only_profiles_are_signed(files) -> None:
    signer = read_signer(files / "cert.pem", files / "key.pem")
    for format_id in ("autoconfig", "card", "thunderbird-android", "outlook-autodiscover"):
        assert [file.content for file in render(format_id, make(), About(signer=signer))] == [
            file.content for file in render(format_id, make())
        ]


def test_the_steps_speak_of_the_signature(files) -> None:
    signer = read_signer(files / "cert.pem", files / "key.pem")
    signed = " ".join(render("mobileconfig", make(), About(signer=signer))[0].install)
    plain = " ".join(render("mobileconfig", make())[0].install)
    assert "who signed the profile" in signed
    assert "Not Signed" not in signed
    assert "Not Signed" in plain
    assert "who signed the profile" not in plain


@pytest.mark.parametrize("key", [ec.generate_private_key(ec.SECP256R1()), rsa.generate_private_key(65537, 2048)])
def test_both_usual_kinds_of_keys_sign(tmp_path, key) -> None:
    (tmp_path / "cert.pem").write_bytes(certificate_for(key))
    (tmp_path / "key.pem").write_bytes(pem_of(key))
    assert signed_content(read_signer(tmp_path / "cert.pem", tmp_path / "key.pem").sign(b"profile")) == b"profile"


def problem_of(files, certificate: str, key: str, chain: str | None = None) -> tuple[str, str]:
    """The sentence and the name of the file that it is about."""
    with pytest.raises(Problem) as caught:
        read_signer(files / certificate, files / key, files / chain if chain is not None else None)
    assert caught.value.place is not None
    assert caught.value.place.file is not None
    return caught.value.text, caught.value.place.file.rpartition("/")[2]


def test_files_that_do_not_fit_are_named_with_the_reason(files) -> None:
    old = ec.generate_private_key(ec.SECP256R1())
    odd = ed25519.Ed25519PrivateKey.generate()
    (files / "old.pem").write_bytes(certificate_for(old, days=(-30, -1)))
    (files / "old-key.pem").write_bytes(pem_of(old))
    (files / "odd.pem").write_bytes(certificate_for(odd))
    (files / "odd-key.pem").write_bytes(pem_of(odd))
    (files / "locked.pem").write_bytes(pem_of(old, b"canary"))
    (files / "empty.pem").write_bytes(b"")
    (files / "noise.pem").write_bytes(b"\0\xff" * 100)
    (files / "huge.pem").write_bytes(b"x" * (1024 * 1024 + 1))
    (files / "strange.pem").write_bytes(trustme.CA().cert_pem.bytes())
    for words, file, *given in (
        ("file does not exist", "gone.pem", "gone.pem", "key.pem"),
        ("file does not exist", "gone.pem", "cert.pem", "gone.pem"),
        ("file does not exist", "gone.pem", "cert.pem", "key.pem", "gone.pem"),
        ("is a directory", files.name, ".", "key.pem"),
        ("not a certificate", "empty.pem", "empty.pem", "key.pem"),
        ("not a certificate", "noise.pem", "cert.pem", "key.pem", "noise.pem"),
        ("larger than", "huge.pem", "cert.pem", "huge.pem"),
        ("This is a key", "key.pem", "key.pem", "cert.pem"),
        ("not a private key", "cert.pem", "cert.pem", "cert.pem"),
        ("not a private key", "noise.pem", "cert.pem", "noise.pem"),
        ("does not belong to the first certificate", "other.pem", "cert.pem", "other.pem"),
        ("protected by a password", "locked.pem", "old.pem", "locked.pem"),
        ("another kind", "odd-key.pem", "odd.pem", "odd-key.pem"),
        ("valid from", "old.pem", "old.pem", "old-key.pem"),
        ("not issued by any", "strange.pem", "cert.pem", "key.pem", "strange.pem"),
    ):
        text, named = problem_of(files, *given)
        assert words in text, (given, text)
        assert named == file, given


def test_a_key_that_may_not_be_read_is_a_problem(files, monkeypatch) -> None:
    with pytest.raises(Problem, match="cannot be read"):
        read_signer(files / "cert.pem", files / "key\0.pem")


def test_without_the_package_it_is_said_what_to_install(files, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography", None)
    monkeypatch.setitem(sys.modules, "cryptography.x509", None)
    with pytest.raises(Problem, match=r"mail-wizard\[sign\]"):
        read_signer(files / "cert.pem", files / "key.pem")


def test_the_package_is_imported_for_signing_only() -> None:
    code = (
        "import sys, wizard.export.sign, wizard.cli.options, wizard.programs.mobileconfig; print(sorted(sys.modules))"
    )
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "'wizard.export.sign'" in output
    assert "'cryptography" not in output


def export(run_cli, files, *options: str):
    ran = run_cli("export", "anna@gmx.net", "--offline", "--no-input", "--format", "mobileconfig", *options, cwd=files)
    return ran.code, ran.stderr


def test_export_signs(run_cli, files) -> None:
    code, output = export(run_cli, files, "--sign", "cert.pem", "--sign-key", "key.pem", "--sign-chain", "chain.pem")
    assert code == 0, output
    content = (files / "anna@gmx.net" / "anna@gmx.net.mobileconfig").read_bytes()
    assert plistlib.loads(signed_content(content))["PayloadContent"][0]["EmailAddress"] == "anna@gmx.net"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--sign", "cert.pem"), "--sign-key"),
        (("--sign-key", "key.pem"), "--sign"),
        (("--sign-chain", "chain.pem"), "--sign"),
        (("--sign", "cert.pem", "--sign-key", "other.pem"), "other.pem"),
    ],
)
def test_export_says_what_is_wrong_and_writes_nothing(run_cli, files, options, words: str) -> None:
    before = sorted(files.iterdir())
    code, output = export(run_cli, files, *options)
    assert code == 2
    assert words in output
    assert sorted(files.iterdir()) == before
