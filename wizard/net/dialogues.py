"""What is said with a mail server before a login: greeting, capabilities, the upgrade to TLS.

Each function is one rung of the ladder and leaves by Ended where the server does not play along (see
:mod:`wizard.net.conversation`); whoever climbs on, or wants times, puts them together.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from wizard.model.servers import Protocol, SocketType
from wizard.model.text import printable
from wizard.net import greetings
from wizard.net.conversation import Ended
from wizard.net.failures import FailureKind

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator

    from wizard.net.conversation import Conversation
    from wizard.net.mail import Endpoint

QUESTION = {
    Protocol.IMAP: "c CAPABILITY",
    Protocol.POP3: "CAPA",
    # An address literal is what a client without a public name says (RFC 5321 section 4.1.3); the name of the
    # machine is nobody's business.
    Protocol.SMTP: "EHLO [127.0.0.1]",
}
FAREWELL = {Protocol.IMAP: "z LOGOUT", Protocol.POP3: "QUIT", Protocol.SMTP: "QUIT"}
_UPGRADE = {Protocol.IMAP: "s STARTTLS", Protocol.POP3: "STLS", Protocol.SMTP: "STARTTLS"}

# An SMTP server may turn away whoever speaks first (postscreen): there, the greeting is waited for.
ASKED_EARLY = frozenset({Protocol.IMAP, Protocol.POP3})
"""Protocols whose question for capabilities can be sent before the greeting has come: that saves a round trip."""

REMINDER = 1.5
"""Seconds after the greeting until an early question is asked again: some servers drop what comes before it."""


async def greet(talk: Conversation, protocol: Protocol) -> greetings.Greeting:
    """Wait for the greeting. Ended: WRONG_PROTOCOL, SERVER_SAYS_NO."""
    talk.begin("greeting")
    first = greetings.read_greeting(protocol, await talk.read_line())
    rest = await rest_of_reply(talk) if first.more else []
    if isinstance(first, greetings.Unwelcome):
        raise Ended(first.kind, printable(" ".join([first.detail, *(reply.text for reply in rest)])))
    return first


async def ask(talk: Conversation, protocol: Protocol) -> tuple[str, ...]:
    """Ask for the capabilities and wait for them."""
    talk.begin("capabilities")
    await talk.send(QUESTION[protocol])
    return await _capabilities(talk, protocol)


async def answer_to_early_question(talk: Conversation, protocol: Protocol) -> tuple[str, ...]:
    """Wait for the capabilities that were asked for before the greeting."""
    talk.begin("capabilities")
    with _reminding(talk, QUESTION[protocol]):
        return await _capabilities(talk, protocol)


async def secure(talk: Conversation, endpoint: Endpoint, context: ssl.SSLContext) -> greetings.Greeting | None:
    """Bring the conversation into TLS as ``endpoint`` says; the greeting, where it came before that (STARTTLS)."""
    if endpoint.socket_type is SocketType.STARTTLS:
        greeting = await greet(talk, endpoint.protocol)
        await start_tls(talk, endpoint.protocol, greeting, context)
        return greeting
    talk.begin("tls")
    await talk.upgrade(context)
    return None


async def start_tls(
    talk: Conversation, protocol: Protocol, greeting: greetings.Greeting, context: ssl.SSLContext
) -> None:
    """Ask for the upgrade and make it. Ended: STARTTLS_MISSING, STARTTLS_REFUSED, STARTTLS_INJECTION.

    IMAP and POP3 servers are asked straight away, which saves a round trip, unless the greeting says that they would
    not; in SMTP, EHLO has to come first.
    """
    if greeting.logged_in:
        # Nobody can upgrade then (RFC 9051 section 7.1.4): somebody on the way might have said so for that reason.
        raise Ended(FailureKind.STARTTLS_REFUSED, "PREAUTH")
    known = greeting.capabilities
    if protocol is Protocol.SMTP:
        known = await ask(talk, protocol)
    await agree_on_tls(talk, protocol, known)
    talk.begin("tls")
    await talk.upgrade(context)


async def agree_on_tls(talk: Conversation, protocol: Protocol, known: tuple[str, ...] | None) -> None:
    """Ask for the upgrade; the handshake comes next. ``known``: the capabilities, where they have been asked for."""
    if known is not None and not greetings.offers_starttls(protocol, known):
        raise Ended(FailureKind.STARTTLS_MISSING)
    talk.begin("starttls")
    await talk.send(_UPGRADE[protocol])
    accepted, words = await _consent(talk, protocol)
    if not accepted:
        offered = known is not None or await _offered_after_all(talk, protocol)
        raise Ended(FailureKind.STARTTLS_REFUSED if offered else FailureKind.STARTTLS_MISSING, words)


async def _offered_after_all(talk: Conversation, protocol: Protocol) -> bool:
    """Whether a server that was asked to upgrade without a look at its capabilities announces it."""
    try:
        return greetings.offers_starttls(protocol, await ask(talk, protocol))
    except (Ended, OSError):  # it does not even say: then the refusal is all that is known
        return True


async def _consent(talk: Conversation, protocol: Protocol) -> tuple[bool, str]:
    """Whether the server says yes to the upgrade, and its words."""
    if protocol is Protocol.SMTP:
        replies = await rest_of_reply(talk)
        return replies[-1].code == 220, printable(" ".join(reply.text for reply in replies))
    while True:
        line = await talk.read_line()
        if protocol is Protocol.POP3:
            return line[:3].upper() == "+OK", printable(line)
        if line.lower().startswith("s "):
            return line[2:].lstrip()[:2].upper() == "OK", printable(line[2:])
        _mind_farewell(line)


async def _capabilities(talk: Conversation, protocol: Protocol) -> tuple[str, ...]:
    match protocol:
        case Protocol.IMAP:
            found = await _imap_capabilities(talk)
        case Protocol.POP3:
            found = await _pop3_capabilities(talk)
        case Protocol.SMTP:
            replies = await rest_of_reply(talk)
            if not replies[-1].positive:
                words = " ".join([str(replies[-1].code), *(reply.text for reply in replies)])
                raise Ended(FailureKind.SERVER_SAYS_NO, printable(words))
            found = tuple(reply.text for reply in replies[1:] if reply.text)
    return found[: greetings.MOST_CAPABILITIES]


async def _imap_capabilities(talk: Conversation) -> tuple[str, ...]:
    found: tuple[str, ...] | None = None
    while True:
        line = await talk.read_line()
        listed = greetings.imap_capabilities(line)
        found = found if listed is None else listed
        if line.lower().startswith("c "):
            return found or ()
        _mind_farewell(line)


def _mind_farewell(line: str) -> None:
    """An IMAP server may end it at any time, with a reason (RFC 9051 section 7.1.5)."""
    if line[:5].upper() == "* BYE":
        raise Ended(FailureKind.SERVER_SAYS_NO, printable(line[5:].strip()))


async def _pop3_capabilities(talk: Conversation) -> tuple[str, ...]:
    status = await talk.read_line()
    if status[:3].upper() != "+OK":
        return ()  # older than RFC 2449
    found = []
    while (one := greetings.pop3_line(await talk.read_line())) is not None:
        found += [one] if one else []
    return tuple(found)


async def rest_of_reply(talk: Conversation) -> list[greetings.Reply]:
    """The lines of an SMTP reply that have not been read yet, one at least. Ended: WRONG_PROTOCOL."""
    replies: list[greetings.Reply] = []
    while not replies or replies[-1].more:
        line = await talk.read_line()
        reply = greetings.read_reply(line)
        if reply is None:
            raise Ended(FailureKind.WRONG_PROTOCOL, printable(line.strip()))
        replies.append(reply)
    return replies


@contextmanager
def _reminding(talk: Conversation, question: str) -> Iterator[None]:
    import asyncio

    reminder = asyncio.get_running_loop().call_later(REMINDER, talk.send_at_once, question)
    try:
        yield
    finally:
        reminder.cancel()
