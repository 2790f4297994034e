"""Checking mail servers of our own, good ones and every bad one."""

from __future__ import annotations

import asyncio
import gc
import time
import warnings

import pytest

from tests.net.cancelling import cancel_at_once
from tests.world import MailServer
from wizard.model.servers import AuthenticationMethod, Protocol, SocketType
from wizard.net import mail
from wizard.net.failures import Failure, FailureKind
from wizard.net.mail import Endpoint, ServerInfo, check_server

HOST, ADDRESS = "mail.example.test", "203.0.113.10"
CLEARTEXT, OAUTH2 = AuthenticationMethod.PASSWORD_CLEARTEXT, AuthenticationMethod.OAUTH2
EVERY = [(protocol, socket_type) for protocol in Protocol for socket_type in SocketType]
ENCRYPTED = [case for case in EVERY if case[1] is not SocketType.PLAIN]


@pytest.fixture
def look(world):
    """``look(protocol, socket_type, port=…, **server)``: serve, look, and give what was found."""

    def look(protocol, socket_type, *, port=1000, wanted=None, **server):
        world.dns(HOST, A=[ADDRESS])
        world.mail(ADDRESS, port, MailServer(protocol=protocol, security=server.pop("security", socket_type), **server))
        return asyncio.run(check_server(world.network(), Endpoint(wanted or protocol, HOST, port, socket_type)))

    return look


@pytest.mark.parametrize(("protocol", "socket_type"), EVERY)
def test_a_good_server_is_seen(look, protocol, socket_type):
    seen = look(protocol, socket_type)
    assert isinstance(seen, ServerInfo), seen
    assert seen.address == ADDRESS
    assert "ready" in seen.greeting
    assert seen.capabilities
    assert seen.authentication == (CLEARTEXT,)
    assert seen.tls_version == (None if socket_type is SocketType.PLAIN else "TLSv1.3")


@pytest.mark.parametrize(("protocol", "socket_type"), ENCRYPTED)
def test_how_to_log_in_is_what_the_server_announces_within_tls(look, protocol, socket_type):
    seen = look(protocol, socket_type, auth=("XOAUTH2",), capabilities_before_tls=_lies(protocol))
    assert isinstance(seen, ServerInfo), seen
    expected = (CLEARTEXT, OAUTH2) if protocol is Protocol.POP3 else (OAUTH2,)  # the world's POP3 has USER always
    assert seen.authentication == expected


def _lies(protocol: Protocol) -> list[str]:
    return {
        Protocol.IMAP: ["IMAP4rev1", "STARTTLS", "AUTH=CRAM-MD5"],
        Protocol.POP3: ["STLS", "SASL CRAM-MD5"],
        Protocol.SMTP: ["STARTTLS", "AUTH CRAM-MD5"],
    }[protocol]


@pytest.mark.parametrize(
    ("protocol", "socket_type", "commands"),
    [
        (Protocol.IMAP, SocketType.SSL, ["c CAPABILITY", "z LOGOUT"]),
        (Protocol.IMAP, SocketType.STARTTLS, ["s STARTTLS", "c CAPABILITY", "z LOGOUT"]),
        (Protocol.POP3, SocketType.SSL, ["CAPA", "QUIT"]),
        (Protocol.POP3, SocketType.STARTTLS, ["STLS", "CAPA", "QUIT"]),
        (Protocol.SMTP, SocketType.SSL, ["EHLO [127.0.0.1]", "QUIT"]),
        (Protocol.SMTP, SocketType.STARTTLS, ["EHLO [127.0.0.1]", "STARTTLS", "EHLO [127.0.0.1]", "QUIT"]),
    ],
)
def test_no_more_is_said_than_needed(world, look, protocol, socket_type, commands):
    assert isinstance(look(protocol, socket_type), ServerInfo)
    until = time.monotonic() + 30
    while world.mail_commands() != commands and time.monotonic() < until:
        time.sleep(0.01)  # the farewell is not waited for
    assert world.mail_commands() == commands


def test_capabilities_of_a_greeting_are_enough(look):
    seen = look(Protocol.IMAP, SocketType.SSL, greeting="* OK [CAPABILITY IMAP4rev1 AUTH=EXTERNAL] hello")
    assert isinstance(seen, ServerInfo)
    assert seen.capabilities == ("IMAP4rev1", "AUTH=EXTERNAL")


def test_a_banner_cannot_write_on_the_terminal(look):
    seen = look(Protocol.POP3, SocketType.SSL, greeting="+OK \x1b[2J\u202eready")
    assert isinstance(seen, ServerInfo)
    assert seen.greeting == "\ufffd[2J\ufffdready"


@pytest.mark.parametrize("protocol", Protocol)
@pytest.mark.parametrize(
    ("behaviour", "kind"),
    [
        ("close", FailureKind.CONNECTION_LOST),
        ("reset", FailureKind.CONNECTION_LOST),
        ("greeting_bye", FailureKind.SERVER_SAYS_NO),
        ("endless_greeting", FailureKind.ANSWER_TOO_LONG),
        ("endless_line", FailureKind.ANSWER_TOO_LONG),
        ("garbage", FailureKind.WRONG_PROTOCOL),
    ],
)
def test_a_misbehaving_server_is_a_failure(look, protocol, behaviour, kind):
    failure = look(protocol, SocketType.SSL, behaviour=behaviour)
    assert isinstance(failure, Failure), failure
    assert (failure.kind, failure.host, failure.port) == (kind, HOST, 1000), failure


def test_a_server_that_says_no_is_quoted(look):
    failure = look(Protocol.SMTP, SocketType.STARTTLS, behaviour="greeting_bye")
    assert failure == Failure(FailureKind.SERVER_SAYS_NO, HOST, 1000, "421 4.7.0 Too many connections")


def test_a_web_server_on_the_port_of_imap_is_recognised(look):
    failure = look(Protocol.IMAP, SocketType.SSL, behaviour="web")
    assert failure == Failure(FailureKind.WRONG_PROTOCOL, HOST, 1000, "HTTP: HTTP/1.1 400 Bad Request")


def test_another_mail_protocol_is_recognised(look):
    failure = look(Protocol.SMTP, SocketType.SSL, wanted=Protocol.IMAP)
    assert failure == Failure(FailureKind.WRONG_PROTOCOL, HOST, 1000, "SMTP: 220 world.test ESMTP ready")


@pytest.mark.parametrize("protocol", Protocol)
@pytest.mark.parametrize("behaviour", ["silent", "no_greeting", "slow"])
def test_a_server_that_takes_its_time_is_not_waited_for(look, monkeypatch, protocol, behaviour):
    monkeypatch.setattr(mail, "CONVERSATION_TIMEOUT", 0.2)
    failure = look(protocol, SocketType.SSL, behaviour=behaviour)
    assert isinstance(failure, Failure), failure
    assert failure.kind is FailureKind.TIMEOUT
    assert failure.detail.startswith("tls" if behaviour == "silent" else "greeting")


@pytest.mark.parametrize("protocol", Protocol)
@pytest.mark.parametrize(
    ("behaviour", "kind"),
    [
        ("starttls_refused", FailureKind.STARTTLS_REFUSED),
        ("injection", FailureKind.STARTTLS_INJECTION),
        ("starttls_broken", FailureKind.NOT_TLS),
    ],
)
def test_an_upgrade_that_is_not_what_it_should_be_is_a_failure(look, protocol, behaviour, kind):
    failure = look(protocol, SocketType.STARTTLS, behaviour=behaviour)
    assert isinstance(failure, Failure), failure
    assert failure.kind is kind


@pytest.mark.parametrize("protocol", Protocol)
def test_a_server_without_starttls_is_not_talked_to_in_the_clear(world, look, protocol):
    failure = look(protocol, SocketType.STARTTLS, security="plain")
    assert isinstance(failure, Failure), failure
    assert failure.kind is FailureKind.STARTTLS_MISSING


@pytest.mark.parametrize("protocol", Protocol)
def test_plain_text_on_a_port_for_tls_is_recognised(look, protocol):
    failure = look(protocol, SocketType.SSL, security="plain")
    assert isinstance(failure, Failure), failure
    assert failure.kind is FailureKind.NOT_TLS
    assert "ready" in failure.detail


@pytest.mark.parametrize(("protocol", "socket_type"), ENCRYPTED)
@pytest.mark.parametrize(
    ("certificate", "kind"),
    [
        ("self-signed", FailureKind.TLS_SELF_SIGNED),
        ("expired", FailureKind.TLS_EXPIRED),
        ("not-yet-valid", FailureKind.TLS_NOT_YET_VALID),
        ("unknown-ca", FailureKind.TLS_UNTRUSTED),
    ],
)
def test_a_certificate_that_does_not_hold_is_a_failure(look, protocol, socket_type, certificate, kind):
    failure = look(protocol, socket_type, certificate=certificate)
    assert isinstance(failure, Failure), failure
    assert (failure.kind, failure.certificate_names) == (kind, ())


@pytest.mark.parametrize(("protocol", "socket_type"), ENCRYPTED)
def test_a_certificate_for_others_says_for_whom(world, look, protocol, socket_type):
    failure = look(protocol, socket_type, certificate=["server42.hoster.example", "*.hoster.example"])
    assert isinstance(failure, Failure), failure
    assert failure.kind is FailureKind.TLS_NAME_MISMATCH
    assert failure.certificate_names == ("server42.hoster.example", "*.hoster.example")
    if socket_type is SocketType.SSL:
        assert world.mail_commands() == []


def test_tls_1_2_is_good_enough(look):
    seen = look(Protocol.IMAP, SocketType.SSL, tls_versions=["TLSv1.2"])
    assert isinstance(seen, ServerInfo), seen
    assert seen.tls_version == "TLSv1.2"


def test_where_nobody_listens_that_is_what_is_said(world):
    world.dns(HOST, A=[ADDRESS])
    failure = asyncio.run(check_server(world.network(), Endpoint(Protocol.IMAP, HOST, 993, SocketType.SSL)))
    assert isinstance(failure, Failure)
    assert failure.kind is FailureKind.CONNECTION_REFUSED


@pytest.mark.parametrize("socket_type", SocketType)
@pytest.mark.parametrize("behaviour", ["silent", "slow", "no_greeting"])
def test_who_is_cancelled_leaves_nothing_behind(world, capfd, socket_type, behaviour):
    world.dns(HOST, A=[ADDRESS])
    world.mail(ADDRESS, 993, MailServer(protocol="imap", security=socket_type, behaviour=behaviour))

    async def run():
        looking = asyncio.create_task(check_server(world.network(), Endpoint(Protocol.IMAP, HOST, 993, socket_type)))
        await asyncio.sleep(0.1)
        await cancel_at_once(looking)

    with warnings.catch_warnings():
        warnings.simplefilter("error", ResourceWarning)
        asyncio.run(run(), debug=True)
        gc.collect()
    assert "exception" not in capfd.readouterr().err.lower()


def test_many_servers_at_once_do_not_disturb_each_other(world):
    world.dns(HOST, A=[ADDRESS])
    endpoints = []
    for number, (protocol, socket_type) in enumerate(EVERY):
        world.mail(ADDRESS, 2000 + number, MailServer(protocol=protocol, security=socket_type))
        endpoints.append(Endpoint(protocol, HOST, 2000 + number, socket_type))

    async def run():
        network = world.network()
        return await asyncio.gather(*(check_server(network, endpoint) for endpoint in endpoints))

    seen = asyncio.run(run())
    assert [info.endpoint for info in seen if isinstance(info, ServerInfo)] == endpoints
