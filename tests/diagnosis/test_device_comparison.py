"""Why a device cannot use a server."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace

import pytest

from tests.world import MailServer, World
from wizard import language
from wizard.diagnosis.device import CODES, KEYS
from wizard.diagnosis.device_comparison import compare
from wizard.diagnosis.devices import device_named, devices
from wizard.model.diagnosis import Confidence
from wizard.model.servers import AuthenticationMethod, Protocol, SocketType
from wizard.net.mail import Endpoint
from wizard.net.tls_support import ChainCertificate, Support, TlsSupport, find_tls_support
from wizard.resources.templates import templates_root

FILE = templates_root() / "devices.yaml"
PASSWORD, OAUTH2 = AuthenticationMethod.PASSWORD_CLEARTEXT, AuthenticationMethod.OAUTH2
ALL_VERSIONS = ("1.0", "1.1", "1.2", "1.3")
ALL_FAMILIES = ("gcm", "gcm_ecdsa", "gcm_dhe", "cbc")

LETS_ENCRYPT = (
    ChainCertificate("mail.example.org", "R12", "RSA 2048", "RSA with SHA-256"),
    ChainCertificate("R12", "ISRG Root X1", "RSA 2048", "RSA with SHA-256"),
)
LETS_ENCRYPT_EC = (
    ChainCertificate("mail.example.org", "E7", "EC P-256", "ECDSA with SHA-384"),
    ChainCertificate("E7", "ISRG Root X1", "EC P-384", "RSA with SHA-256"),
)
# With the cross-signature that kept old Android going until September 2024.
LETS_ENCRYPT_CROSSED = (
    *LETS_ENCRYPT,
    ChainCertificate("ISRG Root X1", "DST Root CA X3", "RSA 4096", "RSA with SHA-256"),
)
SECTIGO = (
    ChainCertificate("mail.example.org", "Sectigo RSA DV", "RSA 2048", "RSA with SHA-256"),
    ChainCertificate("Sectigo RSA DV", "USERTrust RSA Certification Authority", "RSA 2048", "RSA with SHA-384"),
)
SECTIGO_2021 = (
    ChainCertificate("mail.example.org", "Sectigo DV R36", "RSA 2048", "RSA with SHA-256"),
    ChainCertificate("Sectigo DV R36", "Sectigo Public Server Authentication Root R46", "RSA 3072", "RSA with SHA-384"),
)
SECTIGO_CROSSED = (
    *SECTIGO,
    ChainCertificate(
        "USERTrust RSA Certification Authority", "AAA Certificate Services", "RSA 4096", "RSA with SHA-384"
    ),
)
DIGICERT = (
    ChainCertificate("mail.example.org", "DigiCert TLS RSA", "RSA 2048", "RSA with SHA-256"),
    ChainCertificate("DigiCert TLS RSA", "DigiCert Global Root CA", "RSA 2048", "RSA with SHA-256"),
)


def tried(accepted: tuple[str, ...], of: tuple[str, ...]) -> Support:
    return Support(frozenset(accepted), frozenset(of) - frozenset(accepted))


def server(
    *,
    host: str = "mail.example.org",
    versions: tuple[str, ...] = ("1.2", "1.3"),
    keys: tuple[str, ...] = ("rsa",),
    ciphers: tuple[str, ...] = ("gcm", "cbc"),
    chains: tuple[tuple[ChainCertificate, ...], ...] = (DIGICERT,),
    **more,
) -> TlsSupport:
    more = {"needs_name": False, "methods": (PASSWORD,), "curves": tried(("P-256",), ("P-256",)), **more}
    return TlsSupport(
        endpoint=Endpoint(Protocol.IMAP, host, 993, SocketType.SSL),
        versions=tried(versions, ALL_VERSIONS),
        keys=tried(keys, KEYS),
        ciphers=tried(ciphers, ALL_FAMILIES),
        chains=chains,
        **more,
    )


def codes(device: str, offered: TlsSupport) -> list[str]:
    return [finding.code for finding in compare(device_named(device), offered)]


def finding(device: str, offered: TlsSupport, code: str):
    return next(finding for finding in compare(device_named(device), offered) if finding.code == code)


def test_android_4_4_after_years_because_of_old_tls_and_a_root_that_it_does_not_have():
    """“My Android fails after years; the PC and the iPad still work.”"""
    offered = server(chains=(LETS_ENCRYPT,))
    found = compare(device_named("Android 4.4"), offered)
    assert [finding.code for finding in found] == ["device_tls_too_old", "device_root_missing"]
    assert {finding.confidence for finding in found} == {Confidence.CERTAIN}
    assert "K-9 Mail" in found[0].steps[0]
    assert "ISRG Root X1" in found[1].evidence
    assert "Install the missing root certificate" in found[1].steps[0]
    assert codes("iPad", offered) == []
    assert codes("macOS", offered) == []


def test_the_expired_cross_signature_no_longer_helps_android():
    missing = finding("android-4.4", server(chains=(LETS_ENCRYPT_CROSSED,)), "device_root_missing")
    assert "ISRG Root X1" in missing.evidence
    assert "/ DST" not in missing.evidence


def test_android_7_1_1_knows_the_root_and_7_0_does_not():
    offered = server(chains=(LETS_ENCRYPT,))
    assert codes("Android 7.1.1 or 7.1.2", offered) == []
    assert codes("android-7.0", offered) == ["device_root_missing"]


def test_ios_9_does_not_know_the_root_and_ios_10_does():
    offered = server(chains=(LETS_ENCRYPT,))
    assert "device_root_missing" in codes("ios-9", offered)
    assert "device_root_missing" not in codes("ios-10", offered)


def test_a_cross_signature_by_an_old_root_keeps_old_android_going():
    assert "device_root_missing" in codes("android-4.4", server(chains=(SECTIGO,)))
    assert "device_root_missing" not in codes("android-4.4", server(chains=(SECTIGO_CROSSED,)))


def test_a_chain_to_a_root_that_nobody_knows_of_counts_for_nothing():
    unknown = (ChainCertificate("mail.example.org", "Some Authority", "RSA 2048", "RSA with SHA-256"),)
    assert "device_root_missing" not in codes("android-2.3", server(chains=(unknown,)))


def test_one_of_two_chains_is_enough():
    assert codes("android-7.0", server(keys=("rsa", "ecdsa"), chains=(LETS_ENCRYPT_EC, DIGICERT))) == []


def test_windows_fetches_roots_as_long_as_it_is_kept_up_to_date():
    offered = server(versions=ALL_VERSIONS, ciphers=("cbc", "3des"), chains=(LETS_ENCRYPT,))
    assert "device_root_missing" not in codes("outlook-2010", offered)
    assert finding("windows xp", offered, "device_root_missing").confidence is Confidence.POSSIBLE


def test_windows_live_mail_refuses_let_s_encrypt_whatever_windows_knows():
    offered = server(versions=ALL_VERSIONS, chains=(LETS_ENCRYPT,))
    assert finding("windows live mail", offered, "device_root_missing").confidence is Confidence.LIKELY


def test_a_server_with_tls_1_3_alone_is_for_new_programs():
    offered = server(versions=("1.3",), keys=(), ciphers=())
    assert finding("android-5", offered, "device_tls_too_old").confidence is Confidence.CERTAIN
    assert codes("Thunderbird", offered) == []
    assert codes("android-10", offered) == []


def test_outlook_2010_on_windows_7_without_the_change_of_the_registry():
    offered = server(versions=("1.2",), ciphers=("cbc",))
    found = finding("Outlook 2010", offered, "device_tls_too_old")
    assert found.confidence is Confidence.CERTAIN
    assert "KB3140245" in found.steps[0]
    assert any("Thunderbird" in step for step in found.steps[1:])
    assert codes("outlook-2016", offered) == []


def test_windows_7_and_8_1_have_no_cipher_for_a_server_with_ecdhe_and_gcm_alone():
    offered = server(versions=("1.2",), ciphers=("gcm",))
    assert codes("outlook-2013", offered) == ["device_cipher"]
    assert finding("outlook-2013", offered, "device_cipher").confidence is Confidence.CERTAIN
    assert codes("outlook-2010", offered) == ["device_tls_too_old", "device_cipher"]
    assert codes("outlook-2016", offered) == []


def test_tls_1_2_with_an_elliptic_key_alone():
    offered = server(versions=("1.2",), keys=("ecdsa",), ciphers=("gcm_ecdsa",), chains=(LETS_ENCRYPT_EC,))
    assert "device_key_type" in codes("android-2.3", offered)
    assert "device_key_type" in codes("windows-xp", offered)
    assert codes("outlook-2013", offered) == []
    assert codes("thunderbird-38", offered) == ["device_root_missing"]


def test_the_kind_of_the_key_is_read_from_the_chain_where_nothing_else_tells():
    offered = replace(server(versions=("1.3",), chains=(LETS_ENCRYPT_EC,)), keys=Support(), ciphers=Support())
    assert "device_key_type" in codes("android-2.3", offered)


def test_android_7_0_knows_one_curve():
    offered = server(curves=tried((), ("P-256",)))
    assert finding("android-7.0", offered, "device_cipher").confidence is Confidence.POSSIBLE
    assert codes("android-7.1", offered) == []


def test_a_server_that_shows_its_certificate_by_name_only():
    offered = server(versions=ALL_VERSIONS, ciphers=("cbc", "3des"), needs_name=True)
    assert "device_no_sni" in codes("android-2.3", offered)
    assert "device_no_sni" in codes("windows-xp", offered)
    assert codes("outlook-2010", offered) == []


def test_a_certificate_signed_with_sha_1_is_for_old_programs_only():
    chain = (ChainCertificate("mail.example.org", "DigiCert Global Root CA", "RSA 2048", "RSA with SHA-1"),)
    assert codes("ios-15", server(chains=(chain,))) == ["device_signature"]
    assert "device_signature" not in codes("android-4.4", server(chains=(chain,)))


def test_a_server_with_tls_1_0_alone_is_too_old_for_a_current_program():
    offered = server(versions=("1.0",), ciphers=("cbc",))
    found = finding("thunderbird-115", offered, "device_tls_too_old")
    assert len(found.steps) == 1
    assert "Ask the provider to switch on TLS 1.2" in found.steps[0]
    assert codes("outlook-2010", offered) == []


def test_where_sources_contradict_each_other_a_finding_is_only_possible():
    assert finding("ios-9", server(), "device_tls_too_old").confidence is Confidence.POSSIBLE
    assert finding("macos-10.8", server(), "device_tls_too_old").confidence is Confidence.LIKELY


def test_a_password_program_at_a_provider_with_oauth2_alone():
    offered = server(host="outlook.office365.com", methods=(OAUTH2, PASSWORD))
    found = finding("Outlook 2013 on Windows 7", offered, "device_auth")
    assert found.confidence is Confidence.LIKELY
    assert any("OAuth2" in step for step in found.steps)
    assert "device_auth" not in codes("outlook-365", offered)


def test_an_old_program_at_microsoft_hears_of_the_hosts_for_old_tls():
    offered = server(host="outlook.office365.com")
    assert any("imap-legacy" in step for step in finding("android-4.0", offered, "device_tls_too_old").steps)


def test_a_password_program_at_google_needs_an_app_password():
    found = finding("k9-5", server(host="imap.gmail.com", chains=()), "device_auth")
    assert found.confidence is Confidence.LIKELY
    assert "app password" in found.steps[0]
    assert "Google" in found.steps[0]


def test_a_server_of_an_unknown_provider_with_oauth2_alone():
    offered = server(methods=(OAUTH2,))
    assert codes("thunderbird-24", offered)[-1] == "device_auth"
    assert codes("printer-2018", offered) == ["device_auth"]


def test_a_way_to_log_in_that_the_device_does_not_know():
    offered = server(methods=(AuthenticationMethod.GSSAPI,))
    assert codes("gmail-app", offered) == ["device_auth"]
    assert codes("thunderbird", offered) == []


def test_a_host_that_only_ends_like_a_provider_s_is_somebody_else_s():
    assert codes("outlook-2016", server(host="mail.notgmail.com")) == []


def test_what_could_not_be_found_out_counts_for_nothing():
    nothing = TlsSupport(endpoint=Endpoint(Protocol.IMAP, "mail.example.org", 993, SocketType.SSL))
    for device in devices():
        assert compare(device, nothing) == ()


def test_a_version_that_could_not_be_tried_makes_the_finding_only_possible():
    offered = replace(server(), versions=Support(frozenset({"1.2"}), frozenset({"1.3"})))
    assert finding("android-4.4", offered, "device_tls_too_old").confidence is Confidence.POSSIBLE


@pytest.mark.parametrize("device", [device.id for device in devices()])
def test_an_easy_server_suits_every_device(device):
    easy = server(versions=ALL_VERSIONS, keys=("rsa", "ecdsa"), ciphers=(*ALL_FAMILIES, "3des"))
    assert codes(device, easy) == []


@pytest.mark.parametrize("tongue", language.LANGUAGES)
def test_every_finding_is_whole_in_every_language(tongue):
    language.activate(tongue)
    hard = [
        server(host="outlook.office365.com", versions=("1.3",), chains=(LETS_ENCRYPT_EC,), needs_name=True),
        server(
            versions=("1.2",), keys=("ecdsa",), ciphers=("gcm_ecdsa",), chains=(LETS_ENCRYPT_EC,), methods=(OAUTH2,)
        ),
        server(host="imap.gmail.com", versions=("1.0",), ciphers=("3des",)),
        server(chains=(SECTIGO_2021,)),
    ]
    seen = set()
    for device in devices():
        for found in (found for offered in hard for found in compare(device, offered)):
            seen.add(found.code)
            for text in (found.evidence, found.cause, *found.steps):
                assert text
                assert not re.search(r"[{}]", text), text
            assert found.steps
            assert found.protocol is Protocol.IMAP
    assert seen >= set(CODES) - {"device_signature"}


def test_a_server_that_announces_oauth2_alone_is_asked_and_compared(monkeypatch):
    with World() as world:
        monkeypatch.setenv("SSL_CERT_FILE", str(world.ca_file))
        world.dns("mail.example.test", A=["203.0.113.10"])
        world.mail("203.0.113.10", 993, MailServer(protocol="imap", auth=("XOAUTH2",)))
        place = Endpoint(Protocol.IMAP, "mail.example.test", 993, SocketType.SSL)
        offered = asyncio.run(find_tls_support(world.network(), place))
    assert isinstance(offered, TlsSupport)
    assert codes("printer-2018", offered) == ["device_auth"]
