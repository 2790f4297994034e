"""Each mail server is connected to once in a look-up, however many want to know what is there."""

from __future__ import annotations

import asyncio

import pytest

from tests.discovery.whole import MAIL, MAIL_HOST, look_up, publish_srv, serve_mail
from tests.world import MailServer
from wizard.discovery.context import ConnectionCache
from wizard.model.servers import Protocol, SocketType
from wizard.net.failures import Failure, FailureKind
from wizard.net.mail import Endpoint

IMAP = Endpoint(Protocol.IMAP, MAIL_HOST, 993, SocketType.SSL)


@pytest.fixture
def server(world):
    """A server for IMAP; the number of connections that it has had."""
    world.dns(MAIL_HOST, A=[MAIL])
    world.mail(MAIL, 993, MailServer(protocol="imap", certificate=[MAIL_HOST]))
    return lambda: len([one for one in world.seen if one[0] == "mail"])


def test_two_who_ask_at_once_or_one_after_the_other_get_the_same(world, server):
    async def run():
        connections = ConnectionCache(world.network())
        both = await asyncio.gather(connections.connect(IMAP), connections.connect(IMAP))
        return *both, await connections.connect(IMAP)

    first, second, third = asyncio.run(run())
    assert first is second is third
    assert first.capabilities
    assert server() == 1


def test_a_failure_is_kept_too(world):
    async def run():
        connections = ConnectionCache(world.network())
        assert connections.failure_of(IMAP) is None
        failure = await connections.connect(IMAP)
        assert connections.failure_of(IMAP) is failure
        assert await connections.connect(IMAP) is failure
        return failure

    failure = asyncio.run(run())
    assert isinstance(failure, Failure)
    assert failure.kind is FailureKind.NO_SUCH_NAME


async def leave(task):
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.fixture
def mute(world):
    world.dns(MAIL_HOST, A=[MAIL])
    world.mail(MAIL, 993, MailServer(protocol="imap", behaviour="silent"))


def test_one_who_gives_up_takes_nothing_from_the_others(world, mute):
    async def run():
        connections = ConnectionCache(world.network())
        first, second = (asyncio.create_task(connections.connect(IMAP)) for _each in range(2))
        await leave(first)
        assert not second.done()
        assert connections.pending_for(IMAP) > 0
        await leave(second)
        await asyncio.sleep(0)
        assert connections.pending_for(IMAP) is None
        again = asyncio.create_task(connections.connect(IMAP))
        await asyncio.sleep(0.05)
        assert not again.done()  # nobody is told of what was given up
        await connections.close()
        await asyncio.gather(again, return_exceptions=True)
        return asyncio.all_tasks()

    assert len(asyncio.run(asyncio.wait_for(run(), 5))) <= 2  # itself, and the one that waits for it


def test_sources_and_guesses_share_what_was_seen(world):
    serve_mail(world)
    publish_srv(world)
    assert look_up(world).usable
    places = [one[2:4] for one in world.seen if one[0] == "mail"]
    assert len(places) == len(set(places))
