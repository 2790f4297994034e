"""HTTPS connections: HTTP/1.1 by h11, over TLS to checked addresses, with a bound on every answer.

Imported by :mod:`wizard.net.http` while a document is fetched.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import h11

from wizard.model.text import printable
from wizard.net.connect import abandon, connect
from wizard.net.failures import Failure, FailureKind
from wizard.net.tls import ready_context, tls_failure
from wizard.net.urls import HTTPS_PORT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wizard.net.connect import Connection, Network
    from wizard.net.urls import SecureUrl

MAX_HEADERS = 64 * 1024
"""Bytes of the head of an answer, interim answers included."""

MAX_WIRE_BODY = 512 * 1024
"""Bytes of a body as it is sent: twice what it may have, for a chunked one has a length in front of every piece."""

MAX_SKIPPED_BODY = 16 * 1024
"""Bytes that are read of a page that comes with a redirect, so that its connection can be used again."""

# Short and the same for all users: a version would tell servers about the user.
_USER_AGENT = b"mail-wizard"
_CHUNK = 64 * 1024


@dataclass(frozen=True, slots=True)
class Request:
    """``body`` is None where none is sent."""

    url: SecureUrl
    method: str = "GET"
    body: bytes | None = None
    content_type: str | None = None

    def headers(self) -> list[tuple[bytes, bytes]]:
        """The complete header: no cookie, no referrer, no language, and never a credential."""
        fields = [
            (b"Host", self.url.authority.encode("ascii")),
            (b"User-Agent", _USER_AGENT),
            (b"Accept", b"*/*"),
            (b"Accept-Encoding", b"identity"),
        ]
        if self.body is not None:
            fields.append((b"Content-Type", (self.content_type or "application/octet-stream").encode("ascii")))
            fields.append((b"Content-Length", str(len(self.body)).encode("ascii")))
        return fields


@dataclass(frozen=True, slots=True)
class Response:
    """``headers`` have lower-case names, text values; ``body`` is as sent, maybe compressed, and empty without 2xx."""

    status: int
    headers: dict[str, str]
    body: bytes = b""

    @property
    def success(self) -> bool:
        return self.status // 100 == 2


class Client:
    """Sends requests one after the other; a connection is used again for the next request to the same host.

    ``first``: the connection to the host of the first request, which may be under way. To be closed in the end.
    """

    def __init__(self, network: Network, first: asyncio.Task[Connection | Failure]) -> None:
        self._network = network
        self._first: asyncio.Task[Connection | Failure] | None = first
        self._connection: _HttpConnection | None = None

    async def send(self, request: Request) -> Response | Failure:
        """Send ``request`` and read the answer; of one without success (2xx) only the head."""
        if self._connection is not None and await self._connection.is_ready_for(request.url):
            response = await self._exchange(self._connection, request)
            if not (isinstance(response, Failure) and response.kind is FailureKind.CONNECTION_LOST):
                return response
            # The server has closed the idle connection, which says nothing about this request: try a new one.
        self._hang_up()
        opened = await self._open(request.url)
        if isinstance(opened, Failure):
            return opened
        self._connection = opened
        return await self._exchange(opened, request)

    async def _exchange(self, connection: _HttpConnection, request: Request) -> Response | Failure:
        try:
            return await connection.exchange(request)
        except _Ended as ended:
            return Failure(ended.kind, request.url.host, HTTPS_PORT, ended.detail)
        except h11.ProtocolError as error:
            kind = FailureKind.CONNECTION_LOST if connection.at_end else FailureKind.HTTP_MALFORMED
            return Failure(kind, request.url.host, HTTPS_PORT, printable(str(error)))

    async def _open(self, url: SecureUrl) -> _HttpConnection | Failure:
        """A connection to a checked address of the host of ``url``, encrypted from the first byte."""
        context = await ready_context()
        first, self._first = self._first, None
        connection = await (connect(self._network, url.host, url.port) if first is None else first)
        if isinstance(connection, Failure):
            return connection
        try:  # from here on asyncio closes the socket, whatever happens
            reader, writer = await asyncio.open_connection(sock=connection.sock, ssl=context, server_hostname=url.host)
        except (OSError, ValueError) as error:
            return tls_failure(error, url.host, url.port)
        return _HttpConnection(url, reader, writer)

    def _hang_up(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.abort()

    def close(self) -> None:
        """Hang up at once."""
        self._hang_up()
        if self._first is not None:  # has not been asked for
            abandon(self._first)


class _Ended(Exception):
    """The exchange cannot go on."""

    def __init__(self, kind: FailureKind, detail: str = "") -> None:
        super().__init__(kind, detail)
        self.kind, self.detail = kind, detail


class _HttpConnection:
    """One connection to the host of ``url``. ``at_end``: whether the server has ended it within the last answer."""

    def __init__(self, url: SecureUrl, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.at_end = False
        self._place = url.host, url.port
        self._reader, self._writer = reader, writer
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=MAX_HEADERS)
        self._allowance = 0
        self._excess = FailureKind.HTTP_MALFORMED

    async def is_ready_for(self, url: SecureUrl) -> bool:
        """Whether ``url`` can be asked for here, once what is left of the last answer is read: if it is short."""
        if self._place != (url.host, url.port):
            return False
        self._allow(MAX_SKIPPED_BODY, FailureKind.BODY_TOO_LARGE)
        with suppress(_Ended, h11.ProtocolError):
            await self._read_body()
            self._http.start_next_cycle()
            return not self._reader.at_eof()  # what can be read of a connection that waits is its end
        return False

    async def exchange(self, request: Request) -> Response:
        """Send ``request`` and read the answer. Raises _Ended and h11.ProtocolError."""
        self._allow(MAX_HEADERS, FailureKind.HTTP_MALFORMED)
        events: list[h11.Event] = [
            h11.Request(method=request.method, target=request.url.target, headers=request.headers())
        ]
        if request.body is not None:
            events.append(h11.Data(data=request.body))
        await self._write(b"".join(self._http.send(event) or b"" for event in (*events, h11.EndOfMessage())))
        head = await self._next_event()
        while isinstance(head, h11.InformationalResponse):
            head = await self._next_event()
        if not isinstance(head, h11.Response):
            raise _Ended(FailureKind.HTTP_MALFORMED)
        response = Response(head.status_code, _joined(head.headers))
        if not response.success:
            return response
        self._allow(MAX_WIRE_BODY, FailureKind.BODY_TOO_LARGE)
        return replace(response, body=await self._read_body())

    def abort(self) -> None:
        # Not close(): that waits for a farewell which a hostile server need not send.
        self._writer.transport.abort()

    def _allow(self, count: int, excess: FailureKind) -> None:
        """Let ``count`` more bytes come; one more ends the exchange with ``excess``."""
        self._allowance, self._excess, self.at_end = count, excess, False

    async def _read_body(self) -> bytes:
        pieces = []
        while isinstance(event := await self._next_event(), h11.Data):
            pieces.append(bytes(event.data))
        return b"".join(pieces)

    async def _next_event(self) -> h11.Event | None:
        """What comes next in the answer; None after its end."""
        while (event := self._http.next_event()) is h11.NEED_DATA:
            data = await self._read()
            if not data and self._http.their_state is h11.SEND_RESPONSE:
                raise _Ended(FailureKind.CONNECTION_LOST)  # h11 would call it a message out of turn
            self._http.receive_data(data)
        return event if isinstance(event, h11.Event) else None

    async def _read(self) -> bytes:
        if self._allowance <= 0:
            raise _Ended(self._excess)
        try:
            data = await self._reader.read(min(_CHUNK, self._allowance))
        except OSError as error:
            raise _lost(error) from error
        self._allowance -= len(data)
        self.at_end = not data
        return data

    async def _write(self, data: bytes) -> None:
        self._writer.write(data)
        try:
            await self._writer.drain()
        except OSError as error:
            raise _lost(error) from error


def _lost(error: OSError) -> _Ended:
    return _Ended(FailureKind.CONNECTION_LOST, printable(str(error)))


def _joined(fields: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """The values of a field that came twice are joined (RFC 9110 section 5.3)."""
    headers: dict[str, str] = {}
    for name, value in fields:  # names in lower case
        key, text = name.decode("ascii"), value.decode("utf-8", "replace")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return headers
