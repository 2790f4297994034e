"""A device on which it stopped working, or never worked, though every other one is content with the server."""

from __future__ import annotations

from functools import cache

import pytest
import trustme

from tests.cli.doctor_runs import document
from tests.diagnosis.situations import Showing
from tests.world.certificates import authority

ANNA, HOST = "anna@example.test", "mail.example.test"
ABOUT_ROOTS = {"root_too_new", "device_root_missing"}


@cache
def under(*roots: str) -> trustme.LeafCert:
    """A certificate of the host below authorities that are called so, the oldest first; this computer trusts them."""
    issuer = authority()
    for name in roots:
        issuer = trustme.CA(parent_cert=issuer, organization_name=name)
    return issuer.issue_cert(HOST)


def findings(online, device: str, *roots: str) -> dict[str, dict]:
    """What the doctor finds for ``device`` at a server that shows such a chain, by code."""
    online.world.mail(online.machine(HOST, ports=()), 993, Showing(protocol="imap", leaf=under(*roots)))
    ran = online.run("doctor", ANNA, "--json", "--imap", HOST, "--device", device)
    return {finding["code"]: finding for finding in document(ran, ran.code)["findings"]}


@pytest.mark.parametrize(
    ("device", "root"),
    [
        ("android 7.0", "HARICA TLS RSA Root CA 2021"),
        ("android-8", "Sectigo Public Server Authentication Root R46"),
        ("android 10", "Certainly Root E1"),
        ("android-11", "SSL.com TLS RSA Root CA 2022"),
        ("android-12", "Sectigo Public Server Authentication Root E46"),
        ("android-13", "SSL.com TLS ECC Root CA 2022"),
        ("macos-10.13", "DigiCert TLS ECC P384 Root G5"),
        ("macos-11", "Atos TrustedRoot Root CA RSA TLS 2021"),
        ("ios-12", "Telekom Security TLS RSA Root 2023"),
        ("ios-17", "Sectigo Public Server Authentication Root R46"),
        ("thunderbird-78", "OISTE Server Root RSA G1"),
    ],
)
def test_a_root_that_was_made_after_the_device_is_too_new_for_it(online, device, root):
    found = findings(online, device, root)["root_too_new"]
    assert found["confidence"] == "likely"
    assert root in found["evidence"]
    assert any("pdate" in step for step in found["steps"][:1])
    assert any("cross-signed" in step for step in found["steps"])


@pytest.mark.parametrize(("device", "help_"), [("macos-10.13", "Thunderbird"), ("android-10", "Firefox")])
def test_a_program_that_brings_its_own_roots_helps_at_once(online, device, help_):
    steps = findings(online, device, "Sectigo Public Server Authentication Root R46")["root_too_new"]["steps"]
    assert any(help_ in step and "of its own" in step for step in steps)


def test_what_no_source_says_of_the_versions_in_between_is_possible_only(online):
    found = findings(online, "android-13", "HARICA TLS ECC Root CA 2021")["root_too_new"]
    assert found["confidence"] == "possible"
    assert "not verified" in found["evidence"]


@pytest.mark.parametrize(
    "chain",
    [
        ("USERTrust ECC Certification Authority", "Sectigo Public Server Authentication Root E46"),
        ("ISRG Root X1", "ISRG Root X2"),
    ],
)
@pytest.mark.parametrize("device", ["android-8", "android-12", "macos-11"])
def test_a_chain_that_goes_on_to_an_older_root_suits_older_devices(online, device, chain):
    assert not ABOUT_ROOTS & findings(online, device, *chain).keys()


def test_the_cross_signature_that_has_ended_helps_nobody(online):
    """Android before 7.1.1 took Let's Encrypt's chain to the old root, which ended in 2024."""
    assert "device_root_missing" in findings(online, "android 7.0", "DST Root CA X3", "ISRG Root X1")


@pytest.mark.parametrize(
    "device", ["android-14", "android", "iphone", "macos", "thunderbird", "windows 10", "windows 11", "windows 7"]
)
@pytest.mark.parametrize("root", ["Sectigo Public Server Authentication Root R46", "SECOM TLS ECC Root CA 2024"])
def test_who_still_gets_new_roots_is_told_nothing(online, device, root):
    assert not ABOUT_ROOTS & findings(online, device, root).keys()


def test_a_root_that_is_older_than_the_device_is_known(online):
    assert not ABOUT_ROOTS & findings(online, "android-10", "USERTrust RSA Certification Authority").keys()


def test_in_italian_too(online):
    leaf = under("HARICA TLS RSA Root CA 2021")
    online.world.mail(online.machine(HOST, ports=()), 993, Showing(protocol="imap", leaf=leaf))
    ran = online.run("doctor", ANNA, "--lang", "it", "--imap", HOST, "--device", "android-10")
    said = " ".join(ran.stdout.split())
    assert "HARICA TLS RSA Root CA 2021" in said
    assert "certificato radice" in said
