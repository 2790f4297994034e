"""Each mail server is connected to once in a look-up, however many want to know what is there."""

from __future__ import annotations

import asyncio

import pytest

from tests.discovery.findings import found
from tests.discovery.whole import MAIL, MAIL_HOST, look_up, publish_srv, serve_mail
from tests.world import MailServer
from wizard.discovery import connecting
from wizard.discovery.attempts import login_methods
from wizard.discovery.connecting import PATIENCE, STAGGER
from wizard.discovery.context import ConnectionCache
from wizard.model.discovery import Source
from wizard.model.servers import AuthenticationMethod, Protocol, SocketType
from wizard.net.failures import Failure, FailureKind
from wizard.net.mail import Endpoint

IMAP = Endpoint(Protocol.IMAP, MAIL_HOST, 993, SocketType.SSL)


@pytest.fixture
def server(world):
    """A server for IMAP; the number of connections that it has had."""
    world.dns(MAIL_HOST, A=[MAIL])
    world.mail(MAIL, 993, MailServer(protocol="imap", certificate=[MAIL_HOST]))
    return lambda: len([event for event in world.seen if event[0] == "mail"])


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
        assert connections.result_of(IMAP) is None
        failure = await connections.connect(IMAP)
        assert connections.result_of(IMAP) is failure
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
    places = [event[2:4] for event in world.seen if event[0] == "mail"]
    assert len(places) == len(set(places))


# --- how to log in

PASSWORD, ENCRYPTED, OAUTH2 = (
    AuthenticationMethod.PASSWORD_CLEARTEXT,
    AuthenticationMethod.PASSWORD_ENCRYPTED,
    AuthenticationMethod.OAUTH2,
)
UNANNOUNCED = (
    AuthenticationMethod.NONE,
    AuthenticationMethod.CLIENT_IP_ADDRESS,
    AuthenticationMethod.TLS_CLIENT_CERT,
)


@pytest.mark.parametrize(
    ("source", "published", "announced", "taken"),
    [
        (Source.AUTOCONFIG, (OAUTH2, PASSWORD), (PASSWORD, OAUTH2), (OAUTH2, PASSWORD)),  # in the published order
        (Source.AUTOCONFIG, (OAUTH2, PASSWORD), (ENCRYPTED, PASSWORD), (PASSWORD,)),
        (Source.AUTOCONFIG, (PASSWORD,), (), (PASSWORD,)),  # a server that announces nothing
        (Source.AUTOCONFIG, (PASSWORD,), (ENCRYPTED,), (ENCRYPTED,)),  # nothing in common: the server's
        (Source.CATALOGUE, (OAUTH2,), (PASSWORD,), (OAUTH2,)),  # but the catalogue keeps its word
        (Source.CATALOGUE, (OAUTH2, PASSWORD), (PASSWORD,), (PASSWORD,)),
        (Source.SRV, (PASSWORD,), (OAUTH2, PASSWORD), (OAUTH2, PASSWORD)),  # records cannot know
        (Source.SRV, (PASSWORD,), (), (PASSWORD,)),
        *((Source.AUTOCONFIG, (method,), (PASSWORD,), (method,)) for method in UNANNOUNCED),
    ],
)
def test_the_ways_to_log_in_are_those_that_were_published_and_the_server_announces(source, published, announced, taken):
    assert login_methods(found(Protocol.IMAP, source, auth=published), announced) == taken


# --- when each of several candidates is tried


class Clock:
    def __init__(self, monkeypatch):
        self.now = 100.0
        monkeypatch.setattr(connecting, "monotonic", lambda: self.now)


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch)


def started(schedule, position):
    """Note that ``position`` is being tried, as the verifier does."""
    schedule.running[f"task {position}"] = position


def ended(schedule, position, *, answered):
    del schedule.running[f"task {position}"]
    schedule.finished(position, answered=answered)


def test_candidates_start_one_after_another_as_long_as_none_has_answered(clock):
    schedule = connecting._Schedule(3, {}.get)
    assert schedule.next_to_start() == 0
    started(schedule, 0)
    assert schedule.next_to_start() is None
    assert schedule.wait_for() == pytest.approx(STAGGER)
    clock.now += STAGGER / 2
    assert schedule.next_to_start() is None
    assert schedule.wait_for() == pytest.approx(STAGGER / 2)
    clock.now = 100 + STAGGER
    assert schedule.next_to_start() == 1
    started(schedule, 1)
    clock.now += 2 * STAGGER
    assert schedule.wait_for() == 0
    assert schedule.next_to_start() == 2
    started(schedule, 2)
    clock.now += 100
    assert schedule.next_to_start() is None
    assert schedule.wait_for() is None
    assert not schedule.over()


def test_a_failure_lets_the_next_one_start_at_once(clock):
    schedule = connecting._Schedule(3, {}.get)
    for position in range(2):
        schedule.next_to_start()
        started(schedule, position)
        clock.now += STAGGER
    schedule._last_start = clock.now
    ended(schedule, 1, answered=False)
    assert schedule.wait_for() == 0
    assert schedule.next_to_start() == 2
    assert not schedule.over()


def test_with_nothing_under_way_the_next_one_starts_at_once(clock):
    schedule = connecting._Schedule(2, {}.get)
    assert [schedule.next_to_start(), schedule.next_to_start(), schedule.next_to_start()] == [0, 1, None]


def test_a_better_one_is_waited_for_a_while_after_a_lesser_one_has_answered(clock):
    schedule = connecting._Schedule(4, {}.get)
    for position in range(3):
        schedule.next_to_start()
        started(schedule, position)
        clock.now += STAGGER
    ended(schedule, 2, answered=True)
    answered_at = clock.now
    assert (schedule.answered, schedule.next_to_start(), schedule.over()) == (2, None, False)
    assert schedule.wait_for() == pytest.approx(PATIENCE)
    clock.now += PATIENCE / 2
    ended(schedule, 1, answered=True)  # better, and the patience goes on from the first answer
    assert (schedule.answered, schedule.over()) == (1, False)
    assert schedule.wait_for() == pytest.approx(PATIENCE / 2)
    clock.now = answered_at + PATIENCE
    assert schedule.over()
    assert schedule.wait_for() == 0
    clock.now += 1
    assert schedule.wait_for() == 0


def test_it_is_over_when_nothing_better_is_under_way(clock):
    schedule = connecting._Schedule(3, {}.get)
    for position in range(3):
        schedule.next_to_start()
        started(schedule, position)
        clock.now += STAGGER
    ended(schedule, 1, answered=True)
    assert not schedule.over()
    ended(schedule, 0, answered=False)
    assert schedule.over()  # the lesser one is not waited for
    ended(schedule, 2, answered=True)
    assert schedule.answered == 1


def test_what_cannot_have_said_all_in_time_any_more_is_not_waited_for(clock):
    """Nothing came back for as long as the answers to come would need a multiple of."""
    dialled = {0: 100.0}
    schedule = connecting._Schedule(2, dialled.get)
    for position in range(2):
        schedule.next_to_start()
        started(schedule, position)
        clock.now += STAGGER
    clock.now = 100.1  # less than it would need the half of, but for a nearer end
    schedule.finished(1, answered=True)
    assert not schedule.over()
    end = 100.1 + PATIENCE
    assert schedule.wait_for() == pytest.approx((end - 100) / 3 - 0.1)
    clock.now = 100 + (end - 100) / 3 + 0.001
    assert schedule.over()
    del dialled[0]  # it is connected now: what it says may come at any time
    assert not schedule.over()
    clock.now = end
    assert schedule.over()


@pytest.mark.parametrize(
    ("since", "until", "expected"), [(None, 10.0, 10.0), (7.0, 10.0, 8.0), (1.0, 10.0, 4.0), (10.0, 10.0, 10.0)]
)
def test_when_a_silent_server_cannot_answer_in_time_any_more(since, until, expected):
    assert connecting.latest(since, until) == pytest.approx(expected)
