"""A glance at what is behind a port that does not speak as it should: HTTP by its first lines, anything by its first.

Nothing that is read here is followed or shown as true: it tells a captive portal, a wrong clock, a web server.
"""

from __future__ import annotations

import asyncio
from calendar import timegm
from dataclasses import dataclass
from email.utils import parsedate_tz
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from wizard.model.text import printable
from wizard.net.certificates import believing_context
from wizard.net.connect import connect
from wizard.net.conversation import Conversation, Ended
from wizard.net.failures import Failure, FailureKind
from wizard.net.greetings import spoken_in

if TYPE_CHECKING:
    from wizard.net.network import Network

SECONDS = 4.0
PATIENCE = 1.5
"""Seconds in which a server that speaks first does so."""

_HTTP_PORT = 80
_MOST_HEADERS = 60


@dataclass(frozen=True, slots=True)
class WebGlance:
    """The head of the answer to ``http://HOST/``: its status, the host that ``Location`` names, and its ``Date`` in
    seconds since 1970 (UTC).
    """

    status: int
    location_host: str = ""
    date: float | None = None


async def glance_at_web(network: Network, host: str) -> WebGlance | Failure:
    """The head of what ``http://HOST/`` answers. Not encrypted: it proves nothing."""
    try:
        async with asyncio.timeout(SECONDS):
            connection = await connect(network, host, _HTTP_PORT)
            if isinstance(connection, Failure):
                return connection
            with Conversation(connection) as talk:
                return await _head(talk)
    except (Ended, OSError, ValueError) as error:
        kind = error.kind if isinstance(error, Ended) else FailureKind.CONNECTION_LOST
        return Failure(FailureKind.TIMEOUT if isinstance(error, TimeoutError) else kind, host, _HTTP_PORT)


async def _head(talk: Conversation) -> WebGlance:
    await talk.send(f"GET / HTTP/1.1\r\nHost: {talk.host}\r\nConnection: close\r\nAccept: */*\r\n")
    words = (await talk.read_line()).split(" ", 2)
    if not words[0].startswith("HTTP/") or len(words) < 2 or not (words[1].isascii() and words[1].isdigit()):
        raise Ended(FailureKind.HTTP_MALFORMED)
    headers: dict[str, str] = {}
    while len(headers) < _MOST_HEADERS and (line := await talk.read_line()):
        name, _colon, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    return WebGlance(int(words[1][:3]), _host_in(headers.get("location", "")), _date(headers.get("date", "")))


def _host_in(location: str) -> str:
    try:
        return printable(urlsplit(location).hostname or "", 253)
    except ValueError:
        return ""


def _date(text: str) -> float | None:
    try:
        read = parsedate_tz(text)
        return None if read is None else float(timegm(read[:9]) - (read[9] or 0))
    except (ValueError, OverflowError, TypeError):
        return None


async def what_speaks(network: Network, host: str, port: int, *, within_tls: bool = False) -> tuple[str, str] | None:
    """What a port speaks (``imap``, ``pop3``, ``smtp``, ``http``, ``ssh`` or "") and its first line; None: nothing.

    It is waited for first, then asked as a web server, which breaks no mail server. Certificates are not verified.
    """
    try:
        async with asyncio.timeout(SECONDS):
            connection = await connect(network, host, port)
            if isinstance(connection, Failure):
                return None
            with Conversation(connection) as talk:
                if within_tls:
                    await talk.upgrade(believing_context())
                line = await _first_line(talk)
    except (Ended, OSError, ValueError):
        return None
    return spoken_in(line).lower(), printable(line.strip())


async def _first_line(talk: Conversation) -> str:
    reading = asyncio.ensure_future(talk.read_line())
    try:
        done, _waiting = await asyncio.wait({reading}, timeout=PATIENCE)
        if not done:
            talk.send_at_once("GET / HTTP/1.0\r\n")
        return await reading
    finally:
        reading.cancel()
