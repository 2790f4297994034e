"""Contexts of TLS, errors of TLS, names of certificates."""

from __future__ import annotations

import asyncio
import errno
import ssl
import threading

import pytest
import trustme

from wizard.net import tls
from wizard.net.failures import Failure, FailureKind
from wizard.net.tls import client_context, ready_context, tls_failure, warm_up


@pytest.fixture
def roots(monkeypatch, tmp_path):
    """A file of trusted roots that may be changed."""
    path = tmp_path / "roots.pem"
    trustme.CA().cert_pem.write_to_path(path)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "none"))
    return path


def test_the_context_verifies_chain_and_name_and_refuses_old_tls(roots):
    context = client_context()
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2


def test_without_the_name_the_chain_is_still_verified(roots):
    context = client_context(check_hostname=False)
    assert not context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED


def test_roots_are_read_once(roots):
    assert client_context() is client_context()
    assert client_context() is not client_context(check_hostname=False)


def test_another_file_of_roots_is_read_anew(roots, monkeypatch, tmp_path):
    before = client_context()
    other = tmp_path / "other.pem"
    authority = trustme.CA()
    authority.cert_pem.write_to_path(other)
    monkeypatch.setenv("SSL_CERT_FILE", str(other))
    after = client_context()
    assert after is not before
    assert ssl.PEM_cert_to_DER_cert(authority.cert_pem.bytes().decode()) in after.get_ca_certs(binary_form=True)


def test_a_changed_file_of_roots_is_read_anew(roots):
    before = client_context()
    roots.write_bytes(roots.read_bytes() + trustme.CA().cert_pem.bytes())
    assert len(client_context().get_ca_certs()) == len(before.get_ca_certs()) + 1


def test_a_missing_file_of_roots_trusts_nobody(monkeypatch, tmp_path):
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "nothing.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "none"))
    assert client_context().get_ca_certs() == []


def test_a_context_that_is_warmed_up_is_there_for_everybody(roots):
    warm_up()
    context = asyncio.run(ready_context())
    assert context is client_context()
    asyncio.run(_without_a_thread(context))


async def _without_a_thread(context):
    before = threading.active_count()
    assert await ready_context() is context
    assert threading.active_count() == before


def _bad_certificate(code: int, message: str = "it is bad") -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "[SSL: CERTIFICATE_VERIFY_FAILED]")
    error.verify_code, error.verify_message = code, message
    return error


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (62, FailureKind.TLS_NAME_MISMATCH),
        (64, FailureKind.TLS_NAME_MISMATCH),
        (10, FailureKind.TLS_EXPIRED),
        (9, FailureKind.TLS_NOT_YET_VALID),
        (18, FailureKind.TLS_SELF_SIGNED),
        (19, FailureKind.TLS_UNTRUSTED),  # the root was sent along: it is not the server's own signature
        (20, FailureKind.TLS_UNTRUSTED),
        (21, FailureKind.TLS_UNTRUSTED),
        (66, FailureKind.TLS_TOO_OLD),
        (4711, FailureKind.TLS_UNTRUSTED),
    ],
)
def test_a_certificate_that_does_not_hold_says_why(code, kind):
    assert tls_failure(_bad_certificate(code), "mail.example.org", 993) == Failure(
        kind, "mail.example.org", 993, "it is bad"
    )


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("“mail.example.org” certificate name does not match input", FailureKind.TLS_NAME_MISMATCH),
        ("The certificate's CN name does not match the passed value.", FailureKind.TLS_NAME_MISMATCH),
        ("“mail.example.org” certificate is expired", FailureKind.TLS_EXPIRED),
        ("A required certificate is not within its validity period", FailureKind.TLS_EXPIRED),
        ("“mail.example.org” certificate is not trusted", FailureKind.TLS_UNTRUSTED),
    ],
)
def test_verifiers_with_other_numbers_are_understood_by_their_words(message, kind):
    assert tls_failure(_bad_certificate(-2147409622, message), "mail.example.org", 993).kind is kind


def _tls_error(reason: str) -> ssl.SSLError:
    error = ssl.SSLError(1, f"[SSL: {reason}]")
    error.reason = reason
    return error


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (_tls_error("WRONG_VERSION_NUMBER"), FailureKind.NOT_TLS),
        (_tls_error("PACKET_LENGTH_TOO_LONG"), FailureKind.NOT_TLS),
        (_tls_error("packet length too long"), FailureKind.NOT_TLS),
        (_tls_error("UNSUPPORTED_PROTOCOL"), FailureKind.TLS_TOO_OLD),
        (_tls_error("TLSV1_ALERT_PROTOCOL_VERSION"), FailureKind.TLS_TOO_OLD),
        (_tls_error("SSLV3_ALERT_HANDSHAKE_FAILURE"), FailureKind.TLS_FAILED),
        (ssl.SSLEOFError(8, "EOF occurred"), FailureKind.CONNECTION_LOST),
        (ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"), FailureKind.CONNECTION_LOST),
        (ConnectionRefusedError(errno.ECONNREFUSED, "no"), FailureKind.CONNECTION_REFUSED),
        (OSError(errno.EHOSTUNREACH, "No route to host"), FailureKind.UNREACHABLE),
        (TimeoutError(), FailureKind.TIMEOUT),
        (UnicodeError("label too long"), FailureKind.TLS_FAILED),
    ],
)
def test_every_error_has_a_kind(error, kind):
    assert tls_failure(error, "mail.example.org", 993).kind is kind


def test_the_systems_verifier_is_used_where_it_has_one_and_nobody_gave_roots(monkeypatch):
    made = []

    class _Verifier:
        def __init__(self, protocol):
            made.append(protocol)

    monkeypatch.setattr(tls, "_HAS_OWN_VERIFIER", True)
    monkeypatch.setattr(tls.importlib.util, "find_spec", lambda _name: object())
    monkeypatch.setattr(tls.importlib, "import_module", lambda _name: type("truststore", (), {"SSLContext": _Verifier}))
    assert isinstance(tls._system_verifier(), _Verifier)
    assert made == [ssl.PROTOCOL_TLS_CLIENT]
    monkeypatch.setenv("SSL_CERT_FILE", "/some/file.pem")
    assert tls._system_verifier() is None
