"""Connections: to allowed addresses alone, by whichever answers first, and closed when nobody wants them any more."""

from __future__ import annotations

import asyncio
import errno
import gc
import os
import socket
import sys

import pytest

from tests.net.cancelling import cancel_at_once
from tests.world import MailServer
from wizard.net import connect as connecting
from wizard.net.connect import Connection, Network, connect
from wizard.net.dns import Resolver, open_resolver
from wizard.net.failures import Failure, FailureKind
from wizard.net.policy import AddressPolicy

HOST = "mail.example.test"
IMAP = MailServer(protocol="imap", security="plain")

drops_packets = pytest.mark.skipif(sys.platform == "win32", reason="a full queue of Windows refuses, nothing hangs")


@pytest.fixture
def both_families(monkeypatch):
    """Both families of addresses are known before anything is dialled, however busy this machine is."""
    monkeypatch.setitem(Resolver.addresses.__kwdefaults__, "patience", 60.0)


def dial(network, host=HOST, port=143):
    """Connects; what comes of it (a connection is closed already)."""

    async def main():
        result = await connect(network, host, port)
        if isinstance(result, Connection):
            assert not result.sock.getblocking()
            result.sock.close()
        return result

    return asyncio.run(main())


# --------------------------------------------------------------------------------------------------------- success


def test_a_host_is_connected_to_and_the_address_named(world):
    world.dns(HOST, A=["203.0.113.10"])
    world.mail("203.0.113.10", 143, IMAP)
    result = dial(world.network())
    assert (result.address, result.host, result.port) == ("203.0.113.10", HOST, 143)


@drops_packets
def test_what_is_dialled_and_has_not_answered_is_known_until_it_ends(world):
    world.dns(HOST, A=["203.0.113.10", "203.0.113.11"])
    for address in ("203.0.113.10", "203.0.113.11"):
        world.swallow(address)
    network = world.network()

    async def main():
        connecting = asyncio.create_task(connect(network, HOST, 143))
        dialled = []
        original = asyncio.get_running_loop().sock_connect

        async def noting(sock, where):
            if sock.type == socket.SOCK_STREAM:  # and no question to the DNS
                dialled.append(dict(network.unanswered))
            await original(sock, where)

        asyncio.get_running_loop().sock_connect = noting
        while not network.unanswered:
            await asyncio.sleep(0.01)
        during = dict(network.unanswered)
        connecting.cancel()
        await asyncio.wait([connecting])
        return dialled, during

    dialled, during = asyncio.run(main())
    assert [list(places) for places in dialled] == [[], [(HOST, 143)]]  # not before the last of the addresses
    assert list(during) == [(HOST, 143)]
    assert network.unanswered == {}


def test_what_has_answered_is_not_called_unanswered(world):
    world.dns(HOST, A=["203.0.113.10"])
    world.mail("203.0.113.10", 143, IMAP)
    network = world.network()
    assert isinstance(dial(network), Connection)
    assert network.unanswered == {}


def test_the_socket_is_connected_to_the_server(world):
    world.dns(HOST, A=["203.0.113.10"])
    world.mail("203.0.113.10", 143, IMAP)

    async def greeting():
        connection = await connect(world.network(), HOST, 143)
        try:
            return await asyncio.get_running_loop().sock_recv(connection.sock, 100)
        finally:
            connection.sock.close()

    assert asyncio.run(greeting()).startswith(b"* OK")


@pytest.mark.usefixtures("both_families")
def test_ipv6_is_preferred(world, monkeypatch):
    monkeypatch.setattr(connecting, "ATTEMPT_DELAY", 3600)
    monkeypatch.setattr(connecting, "TIMEOUT", 60)
    world.dns(HOST, A=["203.0.113.10"], AAAA=["2001:db8::10"])
    world.mail("203.0.113.10", 143, IMAP)
    world.mail("2001:db8::10", 143, IMAP)
    result = dial(world.network())
    assert result.address == "2001:db8::10"
    assert world.dialled[0] == ("2001:db8::10", 143)


@drops_packets
@pytest.mark.usefixtures("both_families")
def test_ipv6_that_swallows_packets_costs_a_quarter_of_a_second(world, monkeypatch):
    assert connecting.ATTEMPT_DELAY == 0.25
    monkeypatch.setattr(connecting, "ATTEMPT_DELAY", 0.05)
    monkeypatch.setattr(connecting, "TIMEOUT", 60)
    world.dns(HOST, A=["203.0.113.10"], AAAA=["2001:db8::10"])
    world.swallow("2001:db8::10")
    world.mail("203.0.113.10", 143, IMAP)
    result = dial(world.network())
    assert result.address == "203.0.113.10"
    assert [address for address, _ in world.dialled] == ["2001:db8::10", "203.0.113.10"]


def test_an_address_that_refuses_gives_way_to_the_next_at_once(world, monkeypatch):
    monkeypatch.setattr(connecting, "ATTEMPT_DELAY", 3600)
    world.dns(HOST, A=["203.0.113.9", "203.0.113.10"])
    world.mail("203.0.113.10", 143, IMAP)
    result = dial(world.network())
    assert result.address == "203.0.113.10"


def test_an_address_that_a_person_typed_is_dialled_as_it_is(world):
    world.mail("203.0.113.10", 143, IMAP)
    result = dial(world.network(allow_private=False, typed=["203.0.113.10"]), "203.0.113.10")
    assert result.address == "203.0.113.10"
    assert not any(what == "dns" for what, *_ in world.seen)


def test_a_real_address_of_ipv6_is_dialled():
    async def main():
        try:
            server = await asyncio.start_server(lambda _, writer: writer.close(), "::1", 0)
        except OSError:
            pytest.skip("this machine has no IPv6")
        async with server:
            network = Network(resolver=open_resolver("127.0.0.1:9"), policy=AddressPolicy(allow_private=True))
            connection = await connect(network, "::1", server.sockets[0].getsockname()[1])
            connection.sock.close()
            return connection

    assert asyncio.run(main()).address == "::1"


# ---------------------------------------------------------------------------------------------------------- policy


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.5", "169.254.169.254", "100.64.0.1", "0.0.0.0"])
def test_an_address_that_is_not_global_is_named_and_never_dialled(world, address):
    world.dns(HOST, A=[address])
    result = dial(world.network(allow_private=False))
    assert result == Failure(FailureKind.ADDRESS_NOT_ALLOWED, HOST, 143, detail=address)
    assert world.dialled == []


def test_of_several_addresses_the_allowed_ones_alone_are_dialled(world):
    world.dns(HOST, A=["10.0.0.5", "9.9.9.9"], AAAA=["::ffff:10.0.0.5"])
    world.mail("9.9.9.9", 143, IMAP)
    result = dial(world.network(allow_private=False))
    assert result.address == "9.9.9.9"
    assert world.dialled == [("9.9.9.9", 143)]


def test_the_host_that_a_person_typed_may_have_a_private_address_and_no_other(world):
    for host in (HOST, "other.example.test"):
        world.dns(host, A=["10.0.0.5"])
    world.mail("10.0.0.5", 143, IMAP)
    network = world.network(allow_private=False, typed=[HOST])
    assert dial(network).address == "10.0.0.5"
    assert dial(network, "other.example.test").kind is FailureKind.ADDRESS_NOT_ALLOWED


def test_a_name_that_changes_its_address_between_two_questions_is_not_asked_again(world):
    """DNS rebinding: what was checked is what is dialled."""
    world.dns(HOST, A=["9.9.9.9"])
    world.mail("9.9.9.9", 143, IMAP)
    network = world.network(allow_private=False)
    dial(network)
    world.dns(HOST, A=["127.0.0.1"])
    dial(network)
    assert world.dialled == [("9.9.9.9", 143)] * 2
    assert [seen for seen in world.seen if seen[0] == "dns"].count(("dns", HOST, "A")) == 1


def test_a_host_with_hundreds_of_addresses_is_tried_at_few(world):
    world.dns(HOST, A=[f"203.0.113.{number}" for number in range(1, 251)])
    result = dial(world.network())
    assert result.kind is FailureKind.CONNECTION_REFUSED
    assert len(world.dialled) == 8


# -------------------------------------------------------------------------------------------------------- failures


def test_no_name_and_no_address_differ(world):
    world.dns("here.example.test", MX=[(10, HOST)])
    assert dial(world.network()) == Failure(FailureKind.NO_SUCH_NAME, HOST, 143)
    assert dial(world.network(), "here.example.test") == Failure(FailureKind.NO_ADDRESS, "here.example.test", 143)


def test_a_failure_of_the_dns_is_passed_on_with_the_port(world):
    world.dns_behaviour(HOST, "servfail")
    result = dial(world.network())
    assert (result.kind, result.host, result.port) == (FailureKind.DNS_FAILED, HOST, 143)


def test_a_refusal_names_the_address(world):
    world.dns(HOST, A=["203.0.113.10"])
    result = dial(world.network())
    assert result.kind is FailureKind.CONNECTION_REFUSED
    assert result.detail.startswith("203.0.113.10 ")
    assert "127.0.0.1" not in result.detail


@drops_packets
@pytest.mark.usefixtures("both_families")
def test_packets_swallowed_at_every_address_are_a_time_out(world, monkeypatch):
    monkeypatch.setattr(connecting, "TIMEOUT", 0.5)
    world.dns(HOST, A=["203.0.113.10"], AAAA=["2001:db8::10"])
    world.swallow("203.0.113.10")
    world.swallow("2001:db8::10")
    result = dial(world.network())
    assert result == Failure(FailureKind.TIMEOUT, HOST, 143, detail="2001:db8::10, 203.0.113.10")


def test_the_time_for_a_connection_is_shorter_than_for_a_look_up():
    assert connecting.TIMEOUT <= 4


NO_WAY = OSError(errno.ENETUNREACH, "Connect call failed ('2001:db8::10', 143, 0, 0)")
REFUSED = OSError(errno.ECONNREFUSED, "Connect call failed ('203.0.113.10', 143)")
GAVE_UP = OSError(errno.ETIMEDOUT, "Connect call failed ('203.0.113.11', 143)")


@pytest.mark.parametrize(
    ("errors", "kind"),
    [
        ([NO_WAY], FailureKind.UNREACHABLE),
        ([NO_WAY, REFUSED], FailureKind.CONNECTION_REFUSED),
        ([GAVE_UP, REFUSED], FailureKind.CONNECTION_REFUSED),
        ([NO_WAY, GAVE_UP], FailureKind.TIMEOUT),
    ],
)
def test_of_several_errors_the_one_that_says_most_decides_and_all_are_told(errors, kind):
    """A network without a way cannot be made on loopback, where tests stay; the errors of the system can."""
    failure = connecting._failure(HOST, 143, [(f"203.0.113.{number}", error) for number, error in enumerate(errors)])
    assert failure.kind is kind
    for number, error in enumerate(errors):
        assert f"203.0.113.{number} {os.strerror(error.errno)}" in failure.detail
    assert "Connect call" not in failure.detail


# ------------------------------------------------------------------------------------------------------ cancelling


@drops_packets
@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("addresses", [["203.0.113.10"], ["203.0.113.10", "203.0.113.11"]])
def test_cancelling_ends_at_once_and_leaves_no_socket_open(world, addresses, monkeypatch):
    made = []
    open_socket = connecting._Dialler.open

    def opening(dialler, wire):
        made.append(open_socket(dialler, wire))
        return made[-1]

    monkeypatch.setattr(connecting._Dialler, "open", opening)
    world.dns(HOST, A=addresses)
    for address in addresses:
        world.swallow(address)

    async def main():
        task = asyncio.create_task(connect(world.network(), HOST, 143))
        while len(made) < len(addresses):
            await asyncio.sleep(0.01)
        await cancel_at_once(task)

    asyncio.run(main())
    gc.collect()
    assert [sock.fileno() for sock in made] == [-1] * len(addresses)


@drops_packets
@pytest.mark.usefixtures("both_families")
def test_the_addresses_that_lost_the_race_are_closed(world, monkeypatch):
    made = []
    open_socket = connecting._Dialler.open

    def opening(dialler, wire):
        made.append(open_socket(dialler, wire))
        return made[-1]

    monkeypatch.setattr(connecting._Dialler, "open", opening)
    world.dns(HOST, A=["203.0.113.10"], AAAA=["2001:db8::10"])
    world.swallow("2001:db8::10")
    world.mail("203.0.113.10", 143, IMAP)

    async def main():
        connection = await connect(world.network(), HOST, 143)
        try:
            return [sock is connection.sock or sock.fileno() == -1 for sock in made]
        finally:
            connection.sock.close()

    assert asyncio.run(main()) == [True, True]
