"""HTTPS connections: httpcore's pool, over TLS to checked addresses, with a bound on every answer.

Imported by :mod:`wizard.net.http` while a document is fetched: httpcore and anyio take 30 ms to load.
"""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpcore

from wizard.model.text import printable
from wizard.net.connect import abandon, connect
from wizard.net.failures import Failure, FailureKind
from wizard.net.tls import ready_context, tls_failure
from wizard.net.urls import HTTPS_PORT

if TYPE_CHECKING:
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
        self._backend = _Backend(network, first)
        # The backend has the context that verifies. The pool's own would be made with other roots, and it is changed.
        unused = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._pool = httpcore.AsyncConnectionPool(unused, max_connections=1, network_backend=self._backend)
        self._unread: tuple[Request, httpcore.Response] | None = None

    async def send(self, request: Request) -> Response | Failure:
        """Send ``request`` and read the answer; of one without success (2xx) only the head."""
        await self._finish_last(request)
        connections = self._backend.connections
        response = await self._send(request)
        lost = isinstance(response, Failure) and response.kind is FailureKind.CONNECTION_LOST
        if lost and connections == self._backend.connections:
            # The server has closed the idle connection, which says nothing about this request: try a new one.
            return await self._send(request)
        return response

    async def _finish_last(self, request: Request) -> None:
        """Read what is left of the last answer, if it is short and its connection can be used for ``request``."""
        if self._unread is None:
            return
        (last, incoming), self._unread = self._unread, None
        self._backend.allow(MAX_SKIPPED_BODY, FailureKind.BODY_TOO_LARGE)
        with suppress(_Ended, httpcore.ProtocolError):
            if (last.url.host, last.url.port) == (request.url.host, request.url.port):
                await incoming.aread()
        await incoming.aclose()

    async def _send(self, request: Request) -> Response | Failure:
        host, target = request.url.host.encode("ascii"), request.url.target.encode("ascii")
        url = httpcore.URL(scheme=b"https", host=host, port=request.url.port, target=target)
        outgoing = httpcore.Request(request.method, url, headers=request.headers(), content=request.body)
        self._backend.allow(MAX_HEADERS, FailureKind.HTTP_MALFORMED)
        try:
            incoming = await self._pool.handle_async_request(outgoing)
            response = Response(incoming.status, _joined(incoming.headers))
            if not response.success:
                self._unread = request, incoming
                return response
            self._backend.allow(MAX_WIRE_BODY, FailureKind.BODY_TOO_LARGE)
            return Response(response.status, response.headers, await incoming.aread())
        except _Ended as ended:
            return ended.failure
        except httpcore.ProtocolError as error:
            kind = FailureKind.CONNECTION_LOST if self._backend.at_end else FailureKind.HTTP_MALFORMED
            return Failure(kind, request.url.host, HTTPS_PORT, printable(str(error)))

    async def close(self) -> None:
        """Hang up at once."""
        await self._pool.aclose()
        self._backend.close()


class _Ended(Exception):
    """Leaves httpcore with a failure that is known exactly."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure)
        self.failure = failure


class _Backend(httpcore.AsyncNetworkBackend):
    """Opens connections for the pool: to checked addresses only, and encrypted from the first byte.

    ``connections``: how many have been begun. ``at_end``: whether the server has ended the one that was read last.
    """

    def __init__(self, network: Network, first: asyncio.Task[Connection | Failure]) -> None:
        self._network = network
        self._first: asyncio.Task[Connection | Failure] | None = first
        self._allowance = 0
        self._excess = FailureKind.HTTP_MALFORMED
        self.connections = 0
        self.at_end = False

    def allow(self, count: int, excess: FailureKind) -> None:
        """Let ``count`` more bytes come; one more ends the exchange with ``excess``."""
        self._allowance, self._excess, self.at_end = count, excess, False

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the signature of httpcore
        local_address: str | None = None,  # noqa: ARG002
        socket_options: Any = None,  # noqa: ARG002
    ) -> httpcore.AsyncNetworkStream:
        context = await ready_context()
        self.connections += 1
        first, self._first = self._first, None
        connection = await (connect(self._network, host, port) if first is None else first)
        if isinstance(connection, Failure):
            raise _Ended(connection)
        try:  # from here on asyncio closes the socket, whatever happens
            reader, writer = await asyncio.open_connection(sock=connection.sock, ssl=context, server_hostname=host)
        except (OSError, ValueError) as error:
            raise _Ended(tls_failure(error, host, port)) from error
        return _Stream(self, host, reader, writer)

    async def read(self, host: str, reader: asyncio.StreamReader, count: int) -> bytes:
        """At most ``count`` bytes, as far as they are allowed."""
        if self._allowance <= 0:
            raise _Ended(Failure(self._excess, host, HTTPS_PORT))
        data = await reader.read(min(count, self._allowance))
        self._allowance -= len(data)
        self.at_end = not data
        return data

    def close(self) -> None:
        """Give up the first connection, where the pool has not asked for it."""
        if self._first is not None:
            abandon(self._first)


class _Stream(httpcore.AsyncNetworkStream):
    """What httpcore reads and writes."""

    def __init__(
        self, backend: _Backend, host: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._backend, self._host = backend, host
        self._reader, self._writer = reader, writer

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        try:
            return await self._backend.read(self._host, self._reader, max_bytes)
        except OSError as error:
            raise self._lost(error) from error

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self._writer.write(buffer)
        try:
            await self._writer.drain()
        except OSError as error:
            raise self._lost(error) from error

    async def start_tls(self, *_arguments: Any, **_named: Any) -> httpcore.AsyncNetworkStream:
        return self  # has been done with a context that verifies as we want it

    async def aclose(self) -> None:
        # Not close(): that waits for a farewell which a hostile server need not send.
        self._writer.transport.abort()

    def get_extra_info(self, info: str) -> object:
        # What can be read of a connection that waits for a request is its end.
        return self._reader.at_eof() if info == "is_readable" else None

    def _lost(self, error: OSError) -> _Ended:
        return _Ended(Failure(FailureKind.CONNECTION_LOST, self._host, HTTPS_PORT, printable(str(error))))


def _joined(fields: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """Names in lower case; the values of a field that came twice are joined (RFC 9110 section 5.3)."""
    headers: dict[str, str] = {}
    for name, value in fields:
        key, text = name.decode("ascii").lower(), value.decode("utf-8", "replace")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return headers
