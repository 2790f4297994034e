"""Connections that verify nothing: which certificate is shown."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from tests.world import MailServer
from wizard.model.servers import Protocol, SocketType
from wizard.net import unverified
from wizard.net.failures import Failure, FailureKind
from wizard.net.mail import Endpoint
from wizard.net.unverified import ShownCertificate, fetch_certificate

HOST, ADDRESS = "mail.example.test", "203.0.113.10"


@pytest.fixture
def shown(world):
    """``shown(protocol, socket_type, old=…, **server)``: what the server shows to somebody who believes everything."""

    def shown(protocol=Protocol.IMAP, socket_type=SocketType.SSL, *, old=False, **server):
        world.dns(HOST, A=[ADDRESS])
        world.mail(ADDRESS, 1000, MailServer(protocol=protocol, security=socket_type, **server))
        return asyncio.run(fetch_certificate(world.network(), Endpoint(protocol, HOST, 1000, socket_type), old=old))

    return shown


@pytest.mark.parametrize("protocol", Protocol)
@pytest.mark.parametrize("socket_type", [SocketType.SSL, SocketType.STARTTLS])
@pytest.mark.parametrize("wrong", ["self-signed", "expired", "not-yet-valid", "unknown-ca"])
def test_a_certificate_that_is_not_accepted_is_read(shown, protocol, socket_type, wrong):
    seen = shown(protocol, socket_type, certificate=wrong)
    assert isinstance(seen, ShownCertificate), seen
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
    assert isinstance(shown(protocol, socket_type, certificate="unknown-ca"), ShownCertificate)
    assert world.mail_commands() == commands


@pytest.mark.parametrize("version", ["TLSv1", "TLSv1.1"])
def test_old_versions_are_shown_to_who_looks_for_them_only(shown, version):
    seen = shown(old=True, tls_versions=[version])
    assert isinstance(seen, ShownCertificate), seen
    assert seen.tls_version == version


def test_old_versions_are_not_taken_without_being_asked_for(shown):
    seen = shown(tls_versions=["TLSv1"])
    assert isinstance(seen, Failure)
    assert seen.kind in {FailureKind.TLS_TOO_OLD, FailureKind.TLS_FAILED}


def test_a_silent_server_is_not_waited_for_long(shown, monkeypatch):
    monkeypatch.setattr(unverified, "CERTIFICATE_TIMEOUT", 0.2)
    assert shown(behaviour="silent").kind is FailureKind.TIMEOUT
