"""Looking at a mail server: does it answer, is it secure, what can it do? No login, no address is sent."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wizard.model.servers import Protocol, SocketType
from wizard.net import dialogues
from wizard.net.connect import connect
from wizard.net.conversation import Conversation, Ended
from wizard.net.failures import Failure, FailureKind
from wizard.net.greetings import login_methods
from wizard.net.tls import certificate_names, ready_context, warm_up

if TYPE_CHECKING:
    from wizard.model.servers import AuthenticationMethod
    from wizard.net.connect import Connection
    from wizard.net.greetings import Greeting
    from wizard.net.network import Network

CONVERSATION = 5.0
"""Seconds from the connection to the capabilities; connecting has its own bound."""

SECOND_LOOK = 3.0
"""Seconds for reading the names of a certificate that is for another host, connecting included."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a server is to be looked at, and how the connection is secured; ``host`` as A-labels."""

    protocol: Protocol
    host: str
    port: int
    socket_type: SocketType


@dataclass(frozen=True, slots=True)
class Seen:
    """A server that answered as it should; with SSL and STARTTLS, within TLS and under a certificate that holds.

    ``address``: the IP address that answered. ``greeting``: its text, printable. ``capabilities``: as the server
    writes them, printable, one a capability (POP3, SMTP: one a line); after an upgrade, those announced within TLS.
    ``authentication``: in preference order (:func:`wizard.net.greetings.login_methods`), empty where no way to log
    in is announced. ``tls_version``: ``TLSv1.3``, or None in the clear.
    """

    endpoint: Endpoint
    address: str
    greeting: str
    capabilities: tuple[str, ...]
    authentication: tuple[AuthenticationMethod, ...]
    tls_version: str | None


async def look_at(network: Network, endpoint: Endpoint) -> Seen | Failure:
    """Connect to ``endpoint`` and hear what it can do. Never raises for what a server does; cancelling closes all.

    Round trips after the name is known: 3 with SSL (SMTP: 4), 5 with STARTTLS (SMTP: 6), by TLS 1.3.
    """
    if endpoint.socket_type is not SocketType.PLAIN:
        warm_up()
    connection = await connect(network, endpoint.host, endpoint.port)
    if isinstance(connection, Failure):
        return connection
    seen = await _hear(connection, endpoint)
    if isinstance(seen, Failure) and seen.kind is FailureKind.TLS_NAME_MISMATCH:
        return replace(seen, certificate_names=await _names_shown(network, endpoint))
    return seen


async def _hear(connection: Connection, endpoint: Endpoint) -> Seen | Failure:
    with Conversation(connection) as talk:
        try:
            async with asyncio.timeout(CONVERSATION):
                greeting, capabilities = await _greeting_and_capabilities(talk, endpoint)
        except (Ended, OSError, ValueError) as error:
            return talk.failure(error)
        talk.say_goodbye(dialogues.FAREWELL[endpoint.protocol])
        return Seen(
            endpoint=endpoint,
            address=connection.address,
            greeting=greeting.text,
            capabilities=capabilities,
            authentication=login_methods(endpoint.protocol, capabilities, endpoint.socket_type),
            tls_version=talk.tls_version,
        )


async def _greeting_and_capabilities(talk: Conversation, endpoint: Endpoint) -> tuple[Greeting, tuple[str, ...]]:
    protocol = endpoint.protocol
    greeting = await _secure(talk, endpoint, check_hostname=True)
    if greeting is not None:  # STARTTLS: what was announced in the clear does not count
        return greeting, await dialogues.ask(talk, protocol)
    early = protocol in dialogues.ASKED_EARLY
    if early:
        await talk.send(dialogues.QUESTION[protocol])
    greeting = await dialogues.greet(talk, protocol)
    if greeting.capabilities is not None:
        return greeting, greeting.capabilities
    answer = dialogues.answer_to_early_question if early else dialogues.ask
    return greeting, await answer(talk, protocol)


async def _secure(talk: Conversation, endpoint: Endpoint, *, check_hostname: bool) -> Greeting | None:
    if endpoint.socket_type is SocketType.PLAIN:
        return None
    return await dialogues.secure(talk, endpoint, await ready_context(check_hostname=check_hostname))


async def _names_shown(network: Network, endpoint: Endpoint) -> tuple[str, ...]:
    """The names of a certificate whose chain is valid and whose name is another's; none if that cannot be seen.

    A second connection, because OpenSSL shows no certificate that it has refused. Within TLS nothing is sent.
    """
    try:
        async with asyncio.timeout(SECOND_LOOK):
            connection = await connect(network, endpoint.host, endpoint.port)
            if isinstance(connection, Failure):
                return ()
            with Conversation(connection) as talk:
                await _secure(talk, endpoint, check_hostname=False)
                return certificate_names(talk.certificate)
    except (Ended, OSError, ValueError):
        return ()
