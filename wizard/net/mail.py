"""Talking to a mail server before a login: greeting, capabilities, the upgrade to TLS. No address is sent.

:func:`check_server` does all of it and gives a value. The steps below it are the rungs of the doctor's ladder, for
callers that want each by itself; they raise Ended where the server does not play along
(:mod:`wizard.net.conversation`).
"""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from wizard.model.servers import RECEIVING, Protocol, SocketType
from wizard.model.text import printable
from wizard.net import responses
from wizard.net.connect import connect
from wizard.net.conversation import Conversation, Ended
from wizard.net.failures import Failure, FailureKind
from wizard.net.tls import ready_context, warm_up

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator

    from wizard.model.servers import AuthenticationMethod
    from wizard.net.connect import Connection, Network
    from wizard.net.responses import Greeting

CONVERSATION_TIMEOUT = 5.0
"""Seconds from the connection to the capabilities; connecting has its own bound."""

NAMES_TIMEOUT = 3.0
"""Seconds for reading the names of a certificate that is for another host, connecting included."""

_QUESTION = {
    Protocol.IMAP: "c CAPABILITY",
    Protocol.POP3: "CAPA",
    # An address literal is what a client without a public name says (RFC 5321 section 4.1.3); the name of the
    # machine stays private.
    Protocol.SMTP: "EHLO [127.0.0.1]",
}
FAREWELL = {Protocol.IMAP: "z LOGOUT", Protocol.POP3: "QUIT", Protocol.SMTP: "QUIT"}
_UPGRADE = {Protocol.IMAP: "s STARTTLS", Protocol.POP3: "STLS", Protocol.SMTP: "STARTTLS"}

# Asked for capabilities before the greeting has come, which saves a round trip. An SMTP server may reject clients
# that speak first (postscreen).
_ASKED_EARLY = RECEIVING

REMINDER_DELAY = 1.5
"""Seconds after the greeting until an early question is asked again: some servers drop what comes before it."""


class Endpoint(NamedTuple):
    """A server of a protocol, and how the connection is secured; ``host`` as A-labels."""

    protocol: Protocol
    host: str
    port: int
    socket_type: SocketType


@dataclass(frozen=True, slots=True)
class ServerInfo:
    """A server that answered as it should; with SSL and STARTTLS, within TLS and under a certificate that holds.

    ``address``: the IP address that answered. ``greeting``: its text, printable. ``capabilities``: as the server
    writes them, printable, one a capability (POP3, SMTP: one a line); after an upgrade, those announced within TLS.
    ``authentication``: in preference order (:func:`wizard.net.responses.login_methods`), empty where no way to log
    in is announced. ``tls_version``: ``TLSv1.3``, or None in the clear.
    """

    endpoint: Endpoint
    address: str
    greeting: str
    capabilities: tuple[str, ...]
    authentication: tuple[AuthenticationMethod, ...]
    tls_version: str | None


async def check_server(network: Network, endpoint: Endpoint) -> ServerInfo | Failure:
    """Connect to ``endpoint`` and hear what it can do. Never raises for what a server does; cancelling closes all.

    Round trips after the name is known: 3 with SSL (SMTP: 4), 5 with STARTTLS (SMTP: 6), by TLS 1.3.
    """
    if endpoint.socket_type is not SocketType.PLAIN:
        warm_up()
    connection = await connect(network, endpoint.host, endpoint.port)
    if isinstance(connection, Failure):
        return connection
    info = await _converse(connection, endpoint)
    if isinstance(info, Failure) and info.kind is FailureKind.TLS_NAME_MISMATCH:
        return replace(info, certificate_names=await _names_shown(network, endpoint))
    return info


async def _converse(connection: Connection, endpoint: Endpoint) -> ServerInfo | Failure:
    with Conversation(connection) as conversation:
        try:
            async with asyncio.timeout(CONVERSATION_TIMEOUT):
                greeting, capabilities = await _greeting_and_capabilities(conversation, endpoint)
        except (Ended, OSError, ValueError) as error:
            return conversation.failure(error)
        conversation.say_goodbye(FAREWELL[endpoint.protocol])
        return ServerInfo(
            endpoint=endpoint,
            address=connection.address,
            greeting=greeting.text,
            capabilities=capabilities,
            authentication=responses.login_methods(endpoint.protocol, capabilities, endpoint.socket_type),
            tls_version=conversation.tls_version,
        )


async def _greeting_and_capabilities(
    conversation: Conversation, endpoint: Endpoint
) -> tuple[Greeting, tuple[str, ...]]:
    protocol = endpoint.protocol
    greeting = await _secure(conversation, endpoint)
    if greeting is not None:  # STARTTLS: what was announced in the clear does not count
        return greeting, await request_capabilities(conversation, protocol)
    early = protocol in _ASKED_EARLY
    if early:
        await conversation.send(_QUESTION[protocol])
    greeting = await read_greeting(conversation, protocol)
    if greeting.capabilities is not None:
        return greeting, greeting.capabilities
    answer = read_early_capabilities if early else request_capabilities
    return greeting, await answer(conversation, protocol)


async def _secure(conversation: Conversation, endpoint: Endpoint) -> Greeting | None:
    if endpoint.socket_type is SocketType.PLAIN:
        return None
    return await secure(conversation, endpoint, await ready_context())


async def _names_shown(network: Network, endpoint: Endpoint) -> tuple[str, ...]:
    """The names of a certificate whose chain is valid and whose name is another's; none if that cannot be seen.

    A second connection, because OpenSSL shows no certificate that it has refused. Within TLS nothing is sent.
    """
    try:
        async with asyncio.timeout(NAMES_TIMEOUT):
            reading = asyncio.create_task(ready_context(check_hostname=False))  # roots, while the packets travel
            connection = await connect(network, endpoint.host, endpoint.port)
            if isinstance(connection, Failure):
                return ()
            with Conversation(connection) as conversation:
                await secure(conversation, endpoint, await reading)
                from wizard.net.certificates import try_certificate

                certificate = try_certificate(conversation.certificates(verified=False)[0])
                return () if certificate is None else certificate.host_names
    except (Ended, OSError, ValueError):
        return ()


async def read_greeting(conversation: Conversation, protocol: Protocol) -> Greeting:
    """Wait for the greeting. Ended: WRONG_PROTOCOL, SERVER_SAYS_NO."""
    conversation.begin("greeting")
    first = responses.parse_greeting(protocol, await conversation.read_line())
    rest = await read_reply(conversation) if first.more else []
    if isinstance(first, responses.Rejection):
        raise Ended(first.kind, printable(" ".join([first.detail, *(reply.text for reply in rest)])))
    return first


async def request_capabilities(conversation: Conversation, protocol: Protocol) -> tuple[str, ...]:
    """Ask for the capabilities and wait for them."""
    conversation.begin("capabilities")
    await conversation.send(_QUESTION[protocol])
    return await _capabilities(conversation, protocol)


async def read_early_capabilities(conversation: Conversation, protocol: Protocol) -> tuple[str, ...]:
    """Wait for the capabilities that were asked for before the greeting."""
    conversation.begin("capabilities")
    with _reminding(conversation, _QUESTION[protocol]):
        return await _capabilities(conversation, protocol)


async def secure(conversation: Conversation, endpoint: Endpoint, context: ssl.SSLContext) -> Greeting | None:
    """Bring the conversation into TLS as ``endpoint`` says; the greeting, where it came before that (STARTTLS)."""
    if endpoint.socket_type is SocketType.STARTTLS:
        greeting = await read_greeting(conversation, endpoint.protocol)
        await start_tls(conversation, endpoint.protocol, greeting, context)
        return greeting
    conversation.begin("tls")
    await conversation.upgrade(context)
    return None


async def start_tls(
    conversation: Conversation, protocol: Protocol, greeting: Greeting, context: ssl.SSLContext
) -> None:
    """Ask for the upgrade and make it. Ended: STARTTLS_MISSING, STARTTLS_REFUSED, STARTTLS_INJECTION.

    IMAP and POP3 servers are asked straight away, which saves a round trip, unless the greeting says that they would
    not; in SMTP, EHLO has to come first.
    """
    if greeting.logged_in:
        # No upgrade is possible then (RFC 9051 section 7.1.4), and an attacker may have sent it for that reason.
        raise Ended(FailureKind.STARTTLS_REFUSED, "PREAUTH")
    known = greeting.capabilities
    if protocol is Protocol.SMTP:
        known = await request_capabilities(conversation, protocol)
    await request_tls(conversation, protocol, known)
    conversation.begin("tls")
    await conversation.upgrade(context)


async def request_tls(conversation: Conversation, protocol: Protocol, known: tuple[str, ...] | None) -> None:
    """Ask for the upgrade; the handshake comes next. ``known``: the capabilities, where they have been asked for."""
    if known is not None and not responses.offers_starttls(protocol, known):
        raise Ended(FailureKind.STARTTLS_MISSING)
    conversation.begin("starttls")
    await conversation.send(_UPGRADE[protocol])
    accepted, words = await _read_consent(conversation, protocol)
    if not accepted:
        offered = known is not None or await _offered_after_all(conversation, protocol)
        raise Ended(FailureKind.STARTTLS_REFUSED if offered else FailureKind.STARTTLS_MISSING, words)


async def _offered_after_all(conversation: Conversation, protocol: Protocol) -> bool:
    """Whether a server that was asked to upgrade without a look at its capabilities announces it."""
    try:
        return responses.offers_starttls(protocol, await request_capabilities(conversation, protocol))
    except (Ended, OSError):  # it does not even say: then the refusal is all that is known
        return True


async def _read_consent(conversation: Conversation, protocol: Protocol) -> tuple[bool, str]:
    """Whether the server says yes to the upgrade, and its words."""
    if protocol is Protocol.SMTP:
        replies = await read_reply(conversation)
        return replies[-1].code == 220, printable(" ".join(reply.text for reply in replies))
    while True:
        line = await conversation.read_line()
        if protocol is Protocol.POP3:
            return line[:3].upper() == "+OK", printable(line)
        if line.lower().startswith("s "):
            return line[2:].lstrip()[:2].upper() == "OK", printable(line[2:])
        _check_for_bye(line)


async def _capabilities(conversation: Conversation, protocol: Protocol) -> tuple[str, ...]:
    match protocol:
        case Protocol.IMAP:
            found = await _imap_capabilities(conversation)
        case Protocol.POP3:
            found = await _pop3_capabilities(conversation)
        case Protocol.SMTP:
            replies = await read_reply(conversation)
            if not replies[-1].positive:
                words = " ".join([str(replies[-1].code), *(reply.text for reply in replies)])
                raise Ended(FailureKind.SERVER_SAYS_NO, printable(words))
            found = tuple(reply.text for reply in replies[1:] if reply.text)
    return found[: responses.MAX_CAPABILITIES]


async def _imap_capabilities(conversation: Conversation) -> tuple[str, ...]:
    found: tuple[str, ...] | None = None
    while True:
        line = await conversation.read_line()
        listed = responses.parse_imap_capabilities(line)
        found = found if listed is None else listed
        if line.lower().startswith("c "):
            return found or ()
        _check_for_bye(line)


def _check_for_bye(line: str) -> None:
    """An IMAP server may end it at any time, with a reason (RFC 9051 section 7.1.5)."""
    if line[:5].upper() == "* BYE":
        raise Ended(FailureKind.SERVER_SAYS_NO, printable(line[5:].strip()))


async def _pop3_capabilities(conversation: Conversation) -> tuple[str, ...]:
    status = await conversation.read_line()
    if status[:3].upper() != "+OK":
        return ()  # older than RFC 2449
    found = []
    while (line := responses.unstuff_pop3_line(await conversation.read_line())) is not None:
        found += [line] if line else []
    return tuple(found)


async def read_reply(conversation: Conversation) -> list[responses.ReplyLine]:
    """The lines of an SMTP reply that have not been read yet, one at least. Ended: WRONG_PROTOCOL."""
    replies: list[responses.ReplyLine] = []
    while not replies or replies[-1].more:
        line = await conversation.read_line()
        reply = responses.parse_reply_line(line)
        if reply is None:
            raise Ended(FailureKind.WRONG_PROTOCOL, printable(line.strip()))
        replies.append(reply)
    return replies


@contextmanager
def _reminding(conversation: Conversation, question: str) -> Iterator[None]:
    reminder = asyncio.get_running_loop().call_later(REMINDER_DELAY, conversation.send_at_once, question)
    try:
        yield
    finally:
        reminder.cancel()
