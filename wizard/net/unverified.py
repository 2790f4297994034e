"""Connections whose answers prove nothing: which certificate is shown, what is behind a port, what plain HTTP answers.

Certificates are not verified, nothing is followed and no name or password is sent. What is read tells a wrong
certificate, a captive portal, a wrong clock, a web server on a port for mail.
"""

from __future__ import annotations

import asyncio
import re
from calendar import timegm
from dataclasses import dataclass
from email.utils import parsedate_tz
from typing import TYPE_CHECKING

from wizard.model.servers import Protocol, SocketType
from wizard.model.text import printable
from wizard.net.certificates import describe_chain
from wizard.net.connect import connect
from wizard.net.conversation import Conversation, Ended
from wizard.net.failures import Failure, FailureKind
from wizard.net.mail import Endpoint, secure
from wizard.net.responses import recognise_protocol
from wizard.net.tls import unverified_context
from wizard.net.urls import host_of

if TYPE_CHECKING:
    import ssl

    from wizard.model.diagnosis import Certificate
    from wizard.net.connect import Network

CERTIFICATE_TIMEOUT = 5.0
"""Seconds for the certificate of a server, connecting included."""

TIMEOUT = 4.0
"""Seconds for each of the others, connecting included."""

BANNER_WAIT = 1.5
"""Seconds in which a server that speaks first does so."""

QUIET = 1.0
"""Seconds in which a server that wants no connection closes it."""

_HTTP_PORT = 80
_MAX_HEADERS = 60
_MAX_PAGE = 16 * 1024
_OK = "200"
_TITLE = re.compile(r"(?i)<title[^<>]{0,200}>([^<>]{1,500})</title>")


@dataclass(frozen=True, slots=True)
class ShownCertificate:
    """What a server shows to a client that verifies nothing; ``tls_version``: ``TLSv1.3`` … as agreed."""

    certificate: Certificate
    tls_version: str | None


async def fetch_certificate(network: Network, endpoint: Endpoint, *, old: bool = False) -> ShownCertificate | Failure:
    """What ``endpoint`` shows in a handshake; the connection ends with it. ``protocol`` matters for STARTTLS only.

    ``old``: TLS 1.0 and 1.1, ciphers, keys and signatures that are accepted nowhere else here are accepted too.
    """
    try:
        async with asyncio.timeout(CERTIFICATE_TIMEOUT):
            connection = await connect(network, endpoint.host, endpoint.port)
            if isinstance(connection, Failure):
                return connection
            with Conversation(connection) as conversation:
                return await _shown(conversation, endpoint, unverified_context(old=old))
    except TimeoutError:
        return Failure(FailureKind.TIMEOUT, endpoint.host, endpoint.port)


async def _shown(conversation: Conversation, endpoint: Endpoint, context: ssl.SSLContext) -> ShownCertificate | Failure:
    try:
        await secure(conversation, endpoint, context)
    except TimeoutError:
        raise
    except (Ended, OSError, ValueError) as error:
        return conversation.failure(error)
    return ShownCertificate(describe_chain(conversation.certificates(verified=False)), conversation.tls_version)


@dataclass(frozen=True, slots=True)
class HttpHead:
    """The head of the answer to ``http://HOST/``: its status, the host that ``Location`` names, and its ``Date`` in
    seconds since 1970 (UTC).
    """

    status: int
    location_host: str = ""
    date: float | None = None
    title: str = ""


async def fetch_http_head(network: Network, host: str) -> HttpHead | Failure:
    """The head of what ``http://HOST/`` answers. Not encrypted: it proves nothing."""
    try:
        async with asyncio.timeout(TIMEOUT):
            connection = await connect(network, host, _HTTP_PORT)
            if isinstance(connection, Failure):
                return connection
            with Conversation(connection) as conversation:
                return await _head(conversation)
    except (Ended, OSError, ValueError) as error:
        kind = error.kind if isinstance(error, Ended) else FailureKind.CONNECTION_LOST
        return Failure(FailureKind.TIMEOUT if isinstance(error, TimeoutError) else kind, host, _HTTP_PORT)


async def _head(conversation: Conversation) -> HttpHead:
    await conversation.send(f"GET / HTTP/1.1\r\nHost: {conversation.host}\r\nConnection: close\r\nAccept: */*\r\n")
    words = (await conversation.read_line()).split(" ", 2)
    if not words[0].startswith("HTTP/") or len(words) < 2 or not (words[1].isascii() and words[1].isdigit()):
        raise Ended(FailureKind.HTTP_MALFORMED)
    headers: dict[str, str] = {}
    while len(headers) < _MAX_HEADERS and (line := await conversation.read_line()):
        name, _colon, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    title = await _title(conversation) if words[1] == _OK else ""
    return HttpHead(int(words[1][:3]), host_of(headers.get("location", "")), _date(headers.get("date", "")), title)


async def _title(conversation: Conversation) -> str:
    """The title of the page that follows; empty where its first lines have none."""
    page = ""
    try:
        while len(page) < _MAX_PAGE:
            page += await conversation.read_line() + " "
            if (found := _TITLE.search(page)) is not None:
                return printable(" ".join(found[1].split()), 100)
    except (Ended, OSError, ValueError):
        pass  # the end of the page
    return ""


def _date(text: str) -> float | None:
    try:
        read = parsedate_tz(text)
        return None if read is None else float(timegm(read[:9]) - (read[9] or 0))
    except (ValueError, OverflowError, TypeError):
        return None


async def speaks_tls(network: Network, host: str, port: int) -> bool:
    """Whether ``port`` answers a handshake of TLS from the first byte."""
    # Of an endpoint with TLS from the first byte the protocol does not matter: nothing is spoken within.
    shown = await fetch_certificate(network, Endpoint(Protocol.IMAP, host, port, SocketType.SSL), old=True)
    return not isinstance(shown, Failure)


async def closes_unasked(network: Network, host: str, port: int) -> bool | None:
    """Whether ``port`` takes a connection and ends it without a word, before anything was sent; None: no connection."""
    connection = await connect(network, host, port)
    if isinstance(connection, Failure):
        return None
    with Conversation(connection) as conversation:
        try:
            async with asyncio.timeout(QUIET):
                await conversation.read_line()
        except TimeoutError:
            return False
        except (Ended, OSError, ValueError) as error:
            return conversation.failure(error).kind is FailureKind.CONNECTION_LOST
    return False


async def identify_service(
    network: Network, host: str, port: int, *, within_tls: bool = False
) -> tuple[str, str] | None:
    """What a port speaks (``imap``, ``pop3``, ``smtp``, ``http``, ``ssh`` or "") and its first line; None: nothing.

    It is waited for first, then asked as a web server, which breaks no mail server. Certificates are not verified.
    """
    try:
        async with asyncio.timeout(TIMEOUT):
            connection = await connect(network, host, port)
            if isinstance(connection, Failure):
                return None
            with Conversation(connection) as conversation:
                if within_tls:
                    await conversation.upgrade(unverified_context())
                line = await _first_line(conversation)
    except (Ended, OSError, ValueError):
        return None
    return recognise_protocol(line).lower(), printable(line.strip())


async def _first_line(conversation: Conversation) -> str:
    reading = asyncio.ensure_future(conversation.read_line())
    try:
        done, _waiting = await asyncio.wait({reading}, timeout=BANNER_WAIT)
        if not done:
            conversation.send_at_once("GET / HTTP/1.0\r\n")
        return await reading
    finally:
        reading.cancel()
