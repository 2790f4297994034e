"""What servers take from programs of every age, against servers of our own; tests/real has OpenSSL's."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.world import MailServer
from wizard.model.servers import AuthenticationMethod, Protocol, SocketType
from wizard.net.failures import Failure, FailureKind
from wizard.net.mail import Endpoint
from wizard.net.tls_support import MAX_CONNECTIONS, TlsSupport, find_tls_support, handshake_context

if TYPE_CHECKING:
    from wizard.net.connect import Network

HOST = "mail.example.test"
ADDRESS = "203.0.113.10"
NO_METHODS = ()


def ask(network: Network, endpoint: Endpoint, **more) -> TlsSupport | Failure:
    return asyncio.run(find_tls_support(network, endpoint, **more))


def imap(port: int = 993, socket_type: SocketType = SocketType.SSL) -> Endpoint:
    return Endpoint(Protocol.IMAP, HOST, port, socket_type)


def serve(world, **server) -> TlsSupport | Failure:
    world.dns(HOST, A=[ADDRESS])
    security = server.get("security", "SSL")
    port = 993 if security == "SSL" else 143
    world.mail(ADDRESS, port, MailServer(protocol="imap", **server))
    return ask(world.network(), imap(port, SocketType(security)))


# Servers of the world


def test_a_server_of_today_takes_the_new_versions_and_shows_its_ways_to_log_in(world):
    offered = serve(world, certificate=[HOST])
    assert isinstance(offered, TlsSupport)
    assert {"1.2", "1.3"} <= offered.versions.accepted
    assert offered.methods == (AuthenticationMethod.PASSWORD_CLEARTEXT,)
    assert offered.needs_name is False


def test_a_server_with_tls_1_3_alone_refuses_all_others(world):
    offered = serve(world, tls_versions=["TLSv1.3"])
    assert offered.versions.accepted == {"1.3"}
    assert offered.versions.refused >= {"1.2"}
    assert offered.ciphers.accepted == frozenset()
    assert offered.chains


def test_a_server_with_old_tls_alone_is_told_from_one_that_does_not_answer(world):
    offered = serve(world, tls_versions=["TLSv1", "TLSv1.1"])
    assert offered.versions.accepted == {"1.0", "1.1"}
    assert offered.versions.refused == {"1.2", "1.3"}
    assert offered.methods is None  # nobody says anything within such TLS


def test_starttls_is_asked_for_first_every_time(world):
    offered = serve(world, security="STARTTLS", tls_versions=["TLSv1.2"])
    assert offered.versions.accepted == {"1.2"}
    assert offered.versions.refused >= {"1.3"}
    assert "STARTTLS" in " ".join(world.mail_commands())


def test_nothing_is_sent_within_the_handshakes(world):
    world.dns(HOST, A=[ADDRESS])
    world.mail(ADDRESS, 993, MailServer(protocol="imap"))
    offered = ask(world.network(), imap(), methods=NO_METHODS)
    assert isinstance(offered, TlsSupport)
    assert offered.methods == NO_METHODS
    assert world.mail_commands() == []


def test_a_server_is_not_connected_to_more_often_than_promised(world):
    serve(world, certificate=["somebody.else.test"])  # the look for ways to log in takes two connections then
    assert len(world.dialled) <= MAX_CONNECTIONS


def test_all_connections_go_to_one_address(world):
    world.dns(HOST, A=[ADDRESS, "203.0.113.11"])
    for address in (ADDRESS, "203.0.113.11"):
        world.mail(address, 993, MailServer(protocol="imap"))
    assert isinstance(ask(world.network(), imap(), methods=NO_METHODS), TlsSupport)
    first = world.dialled[2:]  # both were routed for the first connection
    assert len({address for address, _ in first}) == 1


def test_the_chain_says_who_issued_it(world):
    offered = serve(world)
    assert offered.chains[0][0].issuer == "The world of the tests"
    assert offered.chains[0][0].signature == "ECDSA with SHA-256"


@pytest.mark.parametrize("behaviour", ["close", "reset"])
def test_a_server_that_always_goes_away_is_a_failure(world, behaviour):
    offered = serve(world, behaviour=behaviour)
    assert isinstance(offered, Failure)
    assert offered.kind is FailureKind.CONNECTION_LOST


def test_a_server_without_tls_is_a_failure_with_its_reason(world):
    world.dns(HOST, A=[ADDRESS])
    world.mail(ADDRESS, 993, MailServer(protocol="imap", security="plain"))
    offered = ask(world.network(), imap())
    assert isinstance(offered, Failure)
    assert offered.kind is FailureKind.NOT_TLS


def test_a_server_without_starttls_is_a_failure_with_its_reason(world):
    world.dns(HOST, A=[ADDRESS])
    world.mail(ADDRESS, 143, MailServer(protocol="imap", security="plain"))
    offered = ask(world.network(), imap(143, SocketType.STARTTLS))
    assert isinstance(offered, Failure)
    assert offered.kind is FailureKind.STARTTLS_MISSING


def test_nobody_there_is_a_failure(world):
    world.dns(HOST, A=[ADDRESS])
    offered = ask(world.network(), imap())
    assert isinstance(offered, Failure)
    assert offered.kind is FailureKind.CONNECTION_REFUSED


def test_without_encryption_there_is_nothing_to_ask(world):
    offered = ask(world.network(), imap(143, SocketType.PLAIN))
    assert isinstance(offered, Failure)
    assert offered.kind is FailureKind.NOT_TLS
    assert world.dialled == []


def test_time_that_is_up_leaves_the_rest_unknown(world, monkeypatch):
    monkeypatch.setattr("wizard.net.tls_support.TIMEOUT", 0.0)
    offered = serve(world)
    assert isinstance(offered, TlsSupport)
    assert offered.versions.refused == frozenset()
    assert offered.ciphers.accepted == frozenset()


def test_what_this_computer_cannot_do_is_not_asked():
    assert handshake_context("1.2") is not None
    impossible = handshake_context("1.2", curve="no-such-curve")
    assert impossible is None
