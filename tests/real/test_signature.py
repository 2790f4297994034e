"""OpenSSL verifies the signature of a profile, finds the profile in it unchanged, and its own signatures are read."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import sample_accounts
import trustme

from wizard.export.render import About, render
from wizard.export.sign import read_signer
from wizard.programs.mobileconfig import read_profile

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


def openssl(*arguments: str | Path) -> subprocess.CompletedProcess[bytes]:
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("OpenSSL is not installed")
    return subprocess.run([program, *map(str, arguments)], capture_output=True, check=False, timeout=60)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """root.pem is trusted; cert.pem was issued by the one in chain.pem, which root.pem issued."""
    root = trustme.CA()
    middle = root.create_child_ca()
    leaf = middle.issue_cert("setup.example.org", key_type=trustme.KeyType.RSA)
    (tmp_path / "root.pem").write_bytes(root.cert_pem.bytes())
    (tmp_path / "chain.pem").write_bytes(middle.cert_pem.bytes())
    (tmp_path / "cert.pem").write_bytes(leaf.cert_chain_pems[0].bytes())
    (tmp_path / "key.pem").write_bytes(leaf.private_key_pem.bytes())
    (tmp_path / "other.pem").write_bytes(trustme.CA().cert_pem.bytes())
    return tmp_path


def verified(files: Path, content: bytes, root: str = "root.pem") -> bytes | None:
    """What OpenSSL finds in the signature when it holds; the chain comes from the file alone."""
    (files / "signed").write_bytes(content)
    done = openssl(
        *("cms", "-verify", "-binary", "-inform", "DER", "-in", files / "signed", "-CAfile", files / root),
        *("-purpose", "any", "-out", files / "out"),
    )
    return (files / "out").read_bytes() if done.returncode == 0 else None


@pytest.mark.parametrize("name", ["imap", "pop-keep-for-good-hostile"])
def test_the_signature_holds_and_the_profile_in_it_is_unchanged(files: Path, name: str) -> None:
    account = sample_accounts.GOLDEN[name]
    signer = read_signer(files / "cert.pem", files / "key.pem", files / "chain.pem")
    (signed,) = render("mobileconfig", account, About(signer=signer))
    (plain,) = render("mobileconfig", account)
    assert verified(files, signed.content) == plain.content
    assert verified(files, signed.content, "other.pem") is None
    changed = signed.content.replace(b"com.apple.mail.managed", b"com.apple.mail.manageD")
    assert changed != signed.content
    assert verified(files, changed) is None


def test_without_the_chain_nobody_who_knows_the_root_alone_trusts_it(files: Path) -> None:
    signer = read_signer(files / "cert.pem", files / "key.pem")
    (signed,) = render("mobileconfig", sample_accounts.make(), About(signer=signer))
    assert verified(files, signed.content) is None


@pytest.mark.parametrize("options", [(), ("-stream",), ("-nocerts",)])
def test_what_openssl_signs_is_read(files: Path, options: tuple[str, ...]) -> None:
    """With ``-stream`` it leaves the lengths open and cuts the content into pieces."""
    (plain,) = render("mobileconfig", sample_accounts.make())
    (files / "plain").write_bytes(plain.content)
    done = openssl(
        *("cms", "-sign", "-binary", "-nodetach", "-outform", "DER", "-in", files / "plain", "-out", files / "out"),
        *("-signer", files / "cert.pem", "-inkey", files / "key.pem", *options),
    )
    assert done.returncode == 0, done.stderr
    read = read_profile((files / "out").read_bytes(), "x.mobileconfig")
    assert read.signed
    assert replace(read, signed=False) == read_profile(plain.content, "x")
