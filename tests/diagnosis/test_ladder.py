"""The ladder to servers of our own: every rung, in its order, with what was seen there."""

from __future__ import annotations

import asyncio
import gc
import time
import warnings

import pytest

from tests.diagnosis.situations import ADDRESS, ADDRESS_6, ENCRYPTED, EVERY, HOST, PERSON, steps, usual_port
from tests.world import MailServer
from wizard.diagnosis import ladder
from wizard.diagnosis.diagnose import observe
from wizard.diagnosis.options import CheckOptions
from wizard.model.diagnosis import RungStatus, Target
from wizard.model.secret import Secret
from wizard.model.servers import AuthenticationMethod, Protocol, SocketType

SSL, STARTTLS, PLAIN = SocketType.SSL, SocketType.STARTTLS, SocketType.PLAIN
UP_TO_CAPABILITIES = {
    SSL: ["dns ok", "tcp ok", "tls ok", "greeting ok", "capabilities ok", "login skipped"],
    STARTTLS: ["dns ok", "tcp ok", "greeting ok", "starttls ok", "tls ok", "capabilities ok", "login skipped"],
    PLAIN: ["dns ok", "tcp ok", "greeting ok", "capabilities ok", "login skipped"],
}


@pytest.fixture
def serve(world):
    """``serve(protocol, socket_type, **server)`` on the usual port of HOST."""

    def serve(protocol, socket_type, *, address=ADDRESS, port=None, **server):
        security = server.pop("security", socket_type)
        port = port or usual_port(protocol, socket_type)
        world.mail(address, port, MailServer(protocol=protocol, security=security, **server))

    return serve


@pytest.mark.parametrize("socket_type", [STARTTLS, PLAIN])
def test_a_greeting_in_the_clear_that_is_late_is_waited_for(serve, climb, monkeypatch, socket_type):
    monkeypatch.setattr(ladder, "QUIET", 0)  # late already
    serve(Protocol.SMTP, socket_type)
    assert steps(climb(Protocol.SMTP, socket_type)) == UP_TO_CAPABILITIES[socket_type]


@pytest.mark.parametrize(("protocol", "socket_type"), EVERY)
def test_a_healthy_server_is_climbed_rung_by_rung(serve, climb, protocol, socket_type):
    serve(protocol, socket_type)
    seen = climb(protocol, socket_type)
    assert steps(seen) == UP_TO_CAPABILITIES[socket_type]
    assert seen.failure is None
    assert seen.addresses == (ADDRESS,)
    assert seen.families == {"ipv4": "ok"}
    assert "ready" in seen.greeting
    assert seen.methods == (AuthenticationMethod.PASSWORD_CLEARTEXT,)
    assert seen.extra == {}
    assert seen.other_ports == ()


@pytest.mark.parametrize(("protocol", "socket_type"), ENCRYPTED)
def test_the_certificate_is_written_down_with_its_root(serve, climb, protocol, socket_type):
    serve(protocol, socket_type, certificate=[HOST, "imap.example.test"])
    seen = climb(protocol, socket_type)
    assert seen.tls_version == "TLSv1.3"
    assert seen.certificate.names == (HOST, "imap.example.test")
    assert "The world of the tests" in seen.certificate.issuer
    assert seen.certificate.root
    assert seen.certificate.key == "EC P-256"
    assert seen.certificate.not_before < time.time() < seen.certificate.not_after
    assert not seen.certificate.error


def test_what_is_announced_in_the_clear_is_kept_apart(serve, climb):
    serve(Protocol.IMAP, STARTTLS, auth=("XOAUTH2",))
    seen = climb(Protocol.IMAP, STARTTLS)
    assert "LOGINDISABLED" in seen.clear_capabilities
    assert "AUTH=XOAUTH2" in seen.capabilities
    assert seen.methods == (AuthenticationMethod.OAUTH2,)


def test_rungs_are_shown_as_they_end(serve, climb):
    serve(Protocol.POP3, SSL)
    shown = []
    seen = climb(Protocol.POP3, SSL, on_rung=lambda target, rung: shown.append((target.host, rung)))
    assert [rung for _, rung in shown] == list(seen.rungs)
    assert {host for host, _ in shown} == {HOST}


def test_a_rung_that_fails_ends_the_ladder_with_its_kind(serve, climb):
    serve(Protocol.SMTP, SSL, behaviour="greeting_bye")
    seen = climb(Protocol.SMTP, SSL)
    assert steps(seen) == ["dns ok", "tcp ok", "tls ok", "greeting failed"]
    assert (seen.failure, seen.detail) == ("server_says_no", "421 4.7.0 Too many connections")


def test_a_name_without_an_address_fails_at_the_first_rung(world, climb):
    seen = climb(host="nowhere.example.test")
    assert steps(seen) == ["dns failed"]
    assert seen.failure == "no_such_name"


def test_a_closed_port_fails_at_the_second(climb):
    seen = climb()
    assert steps(seen) == ["dns ok", "tcp failed"]
    assert seen.failure == "connection_refused"
    assert seen.families == {"ipv4": "connection_refused"}


def test_both_families_are_tried_though_one_is_enough(world, serve, climb):
    world.dns(HOST, AAAA=[ADDRESS_6])
    serve(Protocol.IMAP, SSL)
    seen = climb()
    assert seen.failure is None
    assert seen.families == {"ipv4": "ok", "ipv6": "connection_refused"}


def test_a_host_with_ipv6_only_is_climbed_by_that(world, serve, climb):
    world.dns("six.example.test", AAAA=[ADDRESS_6])
    serve(Protocol.IMAP, SSL, address=ADDRESS_6)
    seen = climb(host="six.example.test")
    assert seen.failure is None
    assert seen.families == {"ipv6": "ok"}


def test_ipv6_that_swallows_everything_does_not_keep_ipv4_from_the_top(world, serve, climb):
    world.dns(HOST, AAAA=[ADDRESS_6])
    world.swallow(ADDRESS_6)
    serve(Protocol.IMAP, SSL)
    seen = climb(timeout=1)
    assert seen.families["ipv4"] == "ok"
    assert seen.failure is None
    assert seen.extra == {"deadline": "reached"}


@pytest.mark.parametrize("behaviour", ["silent", "endless_greeting", "slow", "no_greeting"])
@pytest.mark.usefixtures("patient")
def test_whatever_a_server_does_the_deadline_holds_and_nothing_is_lost(serve, climb, behaviour):
    serve(Protocol.IMAP, SSL, behaviour=behaviour)
    started = time.monotonic()
    seen = climb(timeout=0.5)
    assert time.monotonic() - started < 20
    assert steps(seen)[:2] == ["dns ok", "tcp ok"]
    assert seen.rungs[-1].status is RungStatus.FAILED
    assert seen.failure in {"timeout", "answer_too_long"}


def test_servers_are_climbed_side_by_side(world):
    for port in (993, 994, 995):
        world.mail(ADDRESS, port, MailServer(protocol="imap", behaviour="silent"))
    targets = [
        Target(protocol=Protocol.IMAP, host=HOST, port=port, socket_type=SSL, username=str(PERSON))
        for port in (993, 994, 995)
    ]
    rungs = []
    observations = asyncio.run(
        observe(
            targets,
            CheckOptions(address=PERSON, timeout=0.5),
            world.network(),
            on_rung=lambda target, rung: rungs.append((target.port, rung.status)),
        )
    )
    assert [observation.target for observation in observations] == targets
    assert all(observation.extra["deadline"] == "reached" for observation in observations)
    ended = [port for port, status in rungs if status is RungStatus.FAILED]
    first_end = rungs.index((ended[0], RungStatus.FAILED))
    assert {port for port, _status in rungs[:first_end]} == {993, 994, 995}, "one after the other"


def test_cancelling_closes_every_socket(world, serve):
    world.dns(HOST, AAAA=[ADDRESS_6])
    for address in (ADDRESS, ADDRESS_6):
        serve(Protocol.IMAP, SSL, address=address, behaviour="silent")
    target = Target(protocol=Protocol.IMAP, host=HOST, port=993, socket_type=SSL, username=str(PERSON))

    async def run():
        task = asyncio.create_task(ladder.observe_server(world.network(), target, CheckOptions(address=PERSON)))
        await asyncio.sleep(0.3)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    with warnings.catch_warnings():
        warnings.simplefilter("error", ResourceWarning)
        asyncio.run(run())
        gc.collect()


def test_hostile_text_reaches_no_terminal_raw(serve, climb):
    serve(Protocol.IMAP, SSL, greeting="* OK \x1b[2J\u202eready")
    seen = climb()
    assert "\x1b" not in repr(seen)
    assert "\u202e" not in repr(seen)
    assert seen.greeting == "\ufffd[2J\ufffdready"


def test_without_a_password_no_name_leaves_this_machine(world, serve, climb):
    serve(Protocol.SMTP, STARTTLS)
    climb(Protocol.SMTP, STARTTLS)
    assert not world.logins
    assert not any("anna" in command for command in world.mail_commands())


def test_a_password_that_would_travel_readable_is_not_sent(world, serve, climb):
    serve(Protocol.IMAP, PLAIN, users={str(PERSON): "right"})
    seen = climb(Protocol.IMAP, PLAIN, password=Secret("right"))
    assert seen.failure == "login_unencrypted"
    assert steps(seen)[-1] == "login failed"
    assert not world.logins
    allowed = climb(Protocol.IMAP, PLAIN, password=Secret("right"), allow_insecure=True)
    assert allowed.failure is None
    assert allowed.messages == 3
