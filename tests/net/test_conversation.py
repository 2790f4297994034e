"""What a server may do to the wire, packet by packet: the other end of a pair of sockets is the test."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from wizard.model.servers import Protocol
from wizard.net import mail
from wizard.net.connect import Connection
from wizard.net.conversation import LINE_LIMIT, MAX_LINES, TEXT_LIMIT, Conversation, Ended
from wizard.net.failures import FailureKind
from wizard.net.responses import Greeting

HOST = "mail.example.test"
AUTHORITY = trustme.CA(key_type=trustme.KeyType.ECDSA)


@contextlib.contextmanager
def talking():
    """A conversation, and the server's end of it as a blocking socket."""
    own, peer = socket.socketpair()
    own.setblocking(False)
    peer.settimeout(5)
    with peer, Conversation(Connection(own, "192.0.2.1", HOST, 993)) as talk:
        yield talk, peer


def _server_hears(peer: socket.socket) -> bytes:
    peer.setblocking(False)
    try:
        return peer.recv(65536)
    except BlockingIOError:
        return b""


def _hear(data: bytes, reading):
    """What ``reading(talk)`` gives after the server sent ``data`` and closed; or how it ended."""

    async def run():
        with talking() as (talk, peer):
            sender = asyncio.get_running_loop().run_in_executor(None, _send, peer, data)
            try:
                return await asyncio.wait_for(reading(talk), 5)
            except Ended as ended:
                return ended.kind
            finally:
                talk.__exit__()  # so that the sender does not wait for a reader
                await sender

    return asyncio.run(run())


def _send(peer: socket.socket, data: bytes) -> None:
    with contextlib.suppress(OSError):
        peer.sendall(data)
        peer.shutdown(socket.SHUT_WR)


async def _all_lines(talk: Conversation) -> list[str]:
    lines = []
    with contextlib.suppress(Ended):
        while True:
            lines.append(await talk.read_line())
    return lines


async def _without_an_end(talk: Conversation) -> None:
    while True:
        await talk.read_line()


def test_lines_end_with_lf_and_a_cr_before_it_is_no_part_of_them():
    assert _hear(b"one\r\ntwo\n\r\nb\xfccher\r\nrest", _all_lines) == ["one", "two", "", "b\ufffdcher"]


def test_a_line_that_the_server_breaks_off_is_no_line():
    assert _hear(b"* OK half a gree", lambda talk: talk.read_line()) is FailureKind.CONNECTION_LOST


def test_a_line_may_be_as_long_as_the_limit_and_not_longer():
    assert len(_hear(b"x" * LINE_LIMIT + b"\n", lambda talk: talk.read_line())) == LINE_LIMIT
    assert _hear(b"x" * (LINE_LIMIT + 1) + b"\n", lambda talk: talk.read_line()) is FailureKind.ANSWER_TOO_LONG
    assert _hear(b"x" * 3 * TEXT_LIMIT, lambda talk: talk.read_line()) is FailureKind.ANSWER_TOO_LONG


def test_a_conversation_has_no_more_lines_than_the_limit():
    assert len(_hear(b"\n" * MAX_LINES * 2, _all_lines)) == MAX_LINES
    assert _hear(b"\n" * MAX_LINES * 2, _without_an_end) is FailureKind.ANSWER_TOO_LONG


def test_all_lines_together_have_a_limit_too():
    line = b"x" * (LINE_LIMIT - 1) + b"\n"
    assert _hear(line * 20, _without_an_end) is FailureKind.ANSWER_TOO_LONG
    assert len(_hear(line * 20, _all_lines)) <= TEXT_LIMIT // LINE_LIMIT


@given(
    st.sampled_from(Protocol),
    st.binary(max_size=600),
    st.sampled_from([b"", b"* OK ", b"+OK\r\n+OK\r\n", b"220-", b"220 \r\n250-"]),
)
def test_any_bytes_are_a_greeting_and_capabilities_or_end_it(protocol, data, beginning):
    async def reading(talk):
        greeting = await mail.read_greeting(talk, protocol)
        return greeting, await mail.read_early_capabilities(talk, protocol)

    found = _hear(beginning + data, reading)
    if isinstance(found, FailureKind):
        assert found in {
            FailureKind.WRONG_PROTOCOL,
            FailureKind.SERVER_SAYS_NO,
            FailureKind.CONNECTION_LOST,
            FailureKind.ANSWER_TOO_LONG,
        }
    else:
        assert isinstance(found[0], Greeting)
        assert all(isinstance(capability, str) for capability in found[1])


@given(st.binary(min_size=1, max_size=400))
def test_any_bytes_instead_of_a_handshake_end_it(data):
    async def run():
        with talking() as (talk, peer):
            _send(peer, data)
            with pytest.raises((Ended, ssl.SSLError)) as caught:
                await asyncio.wait_for(talk.upgrade(ssl.create_default_context(cadata=_pem())), 5)
            return talk.failure(caught.value).kind

    assert asyncio.run(run()) in {
        FailureKind.NOT_TLS,
        FailureKind.CONNECTION_LOST,
        FailureKind.TLS_FAILED,
        FailureKind.TLS_TOO_OLD,
    }


def _pem() -> str:
    return AUTHORITY.cert_pem.bytes().decode()


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_a_server_that_knows_only_tls_of_yesterday_is_too_old():
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    old.set_ciphers("DEFAULT:@SECLEVEL=0")  # below that, OpenSSL 3 signs no handshake of TLS 1.1
    AUTHORITY.issue_cert(HOST).configure_cert(old)
    old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1

    def serve(peer):
        # Not asyncio's: it closes before its alert is out.
        with pytest.raises(ssl.SSLError):
            old.wrap_socket(peer, server_side=True)

    async def run():
        with talking() as (talk, peer):
            served = asyncio.get_running_loop().run_in_executor(None, serve, peer)
            with pytest.raises(ssl.SSLError) as caught:
                await talk.upgrade(ssl.create_default_context(cadata=_pem()))
            await served
            return talk.failure(caught.value).kind

    assert asyncio.run(run()) is FailureKind.TLS_TOO_OLD


def test_plain_text_instead_of_a_handshake_is_quoted():
    async def run():
        with talking() as (talk, peer):
            _send(peer, b"* OK I know no \x1b TLS\r\n* more\r\n")
            with pytest.raises(Ended) as caught:
                await talk.upgrade(ssl.create_default_context(cadata=_pem()))
            assert caught.value.kind is FailureKind.NOT_TLS
            assert caught.value.detail == "* OK I know no \ufffd TLS"

    asyncio.run(run())


@pytest.mark.parametrize(
    ("protocol", "consent"),
    [(Protocol.IMAP, b"s OK go on\r\n"), (Protocol.POP3, b"+OK go on\r\n"), (Protocol.SMTP, b"220 go on\r\n")],
)
@pytest.mark.parametrize("packets", [1, 2])
def test_bytes_before_the_handshake_are_an_attack_in_one_packet_or_two(protocol, consent, packets):
    async def run():
        with talking() as (talk, peer):
            if protocol is Protocol.SMTP:
                peer.sendall(b"250-me\r\n250 STARTTLS\r\n")
            peer.sendall(consent)
            if packets == 2:
                # Not read with the first: the system has it when the handshake is about to begin.
                read = talk._loop.sock_recv
                talk._loop.sock_recv = lambda sock, _size: read(sock, 1)  # type: ignore[method-assign]
            peer.sendall(b"* CAPABILITY AUTH=PLAIN\r\n")
            _server_hears(peer)
            with pytest.raises(Ended) as caught:
                await mail.start_tls(talk, protocol, Greeting("hello"), ssl.create_default_context(cadata=_pem()))
            assert caught.value.kind is FailureKind.STARTTLS_INJECTION
            assert "CAPABILITY AUTH=PLAIN" in caught.value.detail
            assert b"\x16\x03" not in _server_hears(peer), "a handshake was begun all the same"

    asyncio.run(run())


def test_a_server_that_says_logged_in_before_tls_is_not_believed():
    async def run():
        with talking() as (talk, peer):
            with pytest.raises(Ended) as caught:
                await mail.start_tls(
                    talk, Protocol.IMAP, Greeting("hello", logged_in=True), ssl.create_default_context(cadata=_pem())
                )
            assert caught.value.kind is FailureKind.STARTTLS_REFUSED
            assert _server_hears(peer) == b""

    asyncio.run(run())


@pytest.mark.parametrize(
    ("protocol", "answers", "kind"),
    [
        (Protocol.IMAP, b"s BAD what?\r\n* CAPABILITY IMAP4rev1\r\nc OK\r\n", FailureKind.STARTTLS_MISSING),
        (Protocol.IMAP, b"s NO not now\r\n* CAPABILITY IMAP4rev1 STARTTLS\r\nc OK\r\n", FailureKind.STARTTLS_REFUSED),
        (Protocol.IMAP, b"* BYE not with you\r\n", FailureKind.SERVER_SAYS_NO),
        (Protocol.POP3, b"-ERR what?\r\n+OK\r\nTOP\r\n.\r\n", FailureKind.STARTTLS_MISSING),
        (Protocol.POP3, b"-ERR not now\r\n+OK\r\nSTLS\r\n.\r\n", FailureKind.STARTTLS_REFUSED),
        (Protocol.POP3, b"-ERR and away\r\n", FailureKind.STARTTLS_REFUSED),
        (Protocol.SMTP, b"250-me\r\n250 SIZE\r\n", FailureKind.STARTTLS_MISSING),
        (Protocol.SMTP, b"250-me\r\n250 STARTTLS\r\n454 not now\r\n", FailureKind.STARTTLS_REFUSED),
        (Protocol.SMTP, b"550 not you\r\n", FailureKind.SERVER_SAYS_NO),
    ],
)
def test_an_upgrade_that_does_not_come_about_says_whether_it_was_offered(protocol, answers, kind):
    context = ssl.create_default_context(cadata=_pem())
    assert _hear(answers, lambda talk: mail.start_tls(talk, protocol, Greeting("hello"), context)) is kind


def test_a_server_that_forgot_an_early_question_is_reminded_once(monkeypatch):
    monkeypatch.setattr(mail, "REMINDER_DELAY", 0.05)

    async def run():
        with talking() as (talk, peer):
            answer = asyncio.ensure_future(mail.read_early_capabilities(talk, Protocol.POP3))
            heard = await asyncio.to_thread(peer.recv, 100)
            peer.sendall(b"+OK\r\nUSER\r\n.\r\n")
            assert await answer == ("USER",)
            await asyncio.sleep(0.15)
            return heard + _server_hears(peer)

    assert asyncio.run(run()) == b"CAPA\r\n"


def test_a_greeting_of_many_lines_is_read_to_its_end():
    async def reading(talk):
        greeting = await mail.read_greeting(talk, Protocol.SMTP)
        return greeting.text, await talk.read_line()

    assert _hear(b"220-one\r\n220-two\r\n220 three\r\nnext\r\n", reading) == ("one", "next")


def test_a_refusal_of_many_lines_is_told_whole():
    async def reading(talk):
        try:
            await mail.read_greeting(talk, Protocol.SMTP)
        except Ended as ended:
            return ended.kind, ended.detail

    assert _hear(b"554-You are listed\r\n554 ask them\r\n", reading) == (
        FailureKind.SERVER_SAYS_NO,
        "554 You are listed ask them",
    )


def test_every_step_is_noted_with_its_time():
    async def reading(talk):
        await mail.read_greeting(talk, Protocol.IMAP)
        await mail.read_early_capabilities(talk, Protocol.IMAP)
        return talk.rungs

    rungs = _hear(b"* OK hello\r\n* CAPABILITY IMAP4rev1\r\nc OK\r\n", reading)
    assert [name for name, _ in rungs] == ["greeting", "capabilities"]
    assert rungs[0][1] <= rungs[1][1]


def test_what_ends_without_words_says_at_which_step_and_what_was_heard():
    async def run():
        with talking() as (talk, peer):
            _send(peer, b"* OK half\x1b")
            with pytest.raises(Ended) as caught:
                await mail.read_greeting(talk, Protocol.IMAP)
            return talk.failure(caught.value)

    failure = asyncio.run(run())
    assert (failure.host, failure.port) == (HOST, 993)
    assert failure.detail == "greeting: * OK half\ufffd"
