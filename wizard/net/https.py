"""One HTTPS connection: opened to a checked address, spoken to in HTTP/1.1, with a bound on every answer."""

from __future__ import annotations

import asyncio
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, cast

from wizard.model.text import printable
from wizard.net.connect import connect
from wizard.net.failures import Failure, FailureKind
from wizard.net.tls import client_context, ready_context, tls_failure
from wizard.net.urls import HTTPS_PORT

if TYPE_CHECKING:
    import ssl

    import httpcore

    from wizard.net.connect import Network

MAX_HEADERS = 64 * 1024
# As it comes over the wire. Twice what a body may have, for a chunked one has a length in front of every piece.
MAX_WIRE_BODY = 512 * 1024
# Of a body that nobody reads, so that the connection can be used again: the page that comes with a redirect.
MAX_PASSED_OVER = 16 * 1024
# Short and the same for everybody: a version would tell servers about the person.
USER_AGENT = b"mail-wizard"

# In the order of need: the records of first answers, connections, HTTP, and what httpcore imports at its first lock.
_LOADED_LATE = (
    "dns.rdtypes.IN.SRV",
    "dns.rdtypes.ANY.MX",
    "dns.rdtypes.IN.A",
    "dns.rdtypes.IN.AAAA",
    "aiohappyeyeballs",
    "httpcore",
    "anyio._backends._asyncio",
)

_warming: threading.Thread | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of ``host`` (with a port where it is another than that of https). ``body`` is None for GET."""

    host: str
    target: str
    method: str = "GET"
    body: bytes | None = None
    content_type: str | None = None

    def headers(self) -> list[tuple[bytes, bytes]]:
        """All there is: no cookie, no referrer, no language, and never anything that could let somebody in."""
        fields = [
            (b"Host", self.host.encode("ascii")),
            (b"User-Agent", USER_AGENT),
            (b"Accept", b"*/*"),
            (b"Accept-Encoding", b"identity"),
        ]
        if self.body is not None:
            fields.append((b"Content-Type", (self.content_type or "application/octet-stream").encode("ascii")))
            fields.append((b"Content-Length", str(len(self.body)).encode("ascii")))
        return fields


@dataclass(frozen=True, slots=True)
class Answer:
    """``headers`` have lower-case names, text values; ``body`` is as sent, maybe compressed."""

    status: int
    headers: dict[str, str]
    body: bytes


class _Ended(Exception):
    """Leaves httpcore with a failure that is known exactly."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure)
        self.failure = failure


class _Wire:
    """What httpcore reads and writes: a TLS connection that gives no more than it is allowed to."""

    def __init__(self, host: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._host = host
        self._reader = reader
        self._writer = writer
        self._allowance = 0
        self._too_much = FailureKind.HTTP_MALFORMED
        self.at_end = False

    def allow(self, count: int, too_much: FailureKind) -> None:
        """Let ``count`` more bytes come; one more ends the exchange with ``too_much``."""
        self._allowance = count
        self._too_much = too_much

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        if self._allowance <= 0:
            raise _Ended(Failure(self._too_much, self._host, HTTPS_PORT))
        try:
            data = await self._reader.read(min(max_bytes, self._allowance))
        except OSError as error:
            raise _Ended(_lost(self._host, error)) from error
        self._allowance -= len(data)
        self.at_end = not data
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self._writer.write(buffer)
        try:
            await self._writer.drain()
        except OSError as error:
            raise _Ended(_lost(self._host, error)) from error

    async def aclose(self) -> None:
        self.close()

    def close(self) -> None:
        # Not close(): that waits for a farewell which a hostile server need not send.
        self._writer.transport.abort()

    def get_extra_info(self, info: str) -> object:
        return self._writer.get_extra_info(info)


class Line:
    """A connection to one host for as many requests as the server takes, one after the other."""

    def __init__(self, host: str, port: int, wire: _Wire) -> None:
        import httpcore

        self.host, self.port = host, port
        self._wire = wire
        self._http = httpcore.AsyncHTTP11Connection(
            httpcore.Origin(b"https", host.encode("ascii"), port), cast("httpcore.AsyncNetworkStream", wire)
        )
        self._unread: httpcore.Response | None = None

    async def ask(self, request: Request) -> Answer | Failure:
        """Send ``request`` and read the answer; of one that is no success (2xx) the head only."""
        import httpcore

        host, target = self.host.encode("ascii"), request.target.encode("ascii")
        url = httpcore.URL(scheme=b"https", host=host, port=self.port, target=target)
        outgoing = httpcore.Request(request.method, url, headers=request.headers(), content=request.body)
        self._wire.allow(MAX_HEADERS, FailureKind.HTTP_MALFORMED)
        try:
            incoming = await self._http.handle_async_request(outgoing)
            if incoming.status // 100 == 2:
                self._wire.allow(MAX_WIRE_BODY, FailureKind.BODY_TOO_LARGE)
                await incoming.aread()
        except _Ended as ended:
            return ended.failure
        except httpcore.ProtocolError as error:
            kind = FailureKind.CONNECTION_LOST if self._wire.at_end else FailureKind.HTTP_MALFORMED
            return Failure(kind, self.host, HTTPS_PORT, printable(str(error)))
        if incoming.status // 100 == 2:
            return Answer(incoming.status, _together(incoming.headers), incoming.content)
        self._unread = incoming
        return Answer(incoming.status, _together(incoming.headers), b"")

    async def ready_for_more(self) -> bool:
        """Read what is left of the last answer, if it is short; whether this connection then takes another request."""
        import httpcore

        if self._unread is None:
            return False
        self._wire.allow(MAX_PASSED_OVER, FailureKind.BODY_TOO_LARGE)
        try:
            await self._unread.aread()
            await self._unread.aclose()
        except (_Ended, httpcore.ProtocolError):
            return False
        self._unread = None
        return self._http.is_available()

    def close(self) -> None:
        """Hang up at once."""
        self._wire.close()


async def open_line(network: Network, host: str, port: int = HTTPS_PORT) -> Line | Failure:
    """Connect to ``host`` and check its certificate: three round trips with TLS 1.3 (DNS, TCP, TLS)."""
    connection = await connect(network, host, port)
    if isinstance(connection, Failure):
        return connection
    try:
        context = await _ready()
    except BaseException:
        connection.sock.close()
        raise
    try:  # from here on asyncio closes the socket, whatever happens
        reader, writer = await asyncio.open_connection(sock=connection.sock, ssl=context, server_hostname=host)
    except (OSError, ValueError) as error:
        return tls_failure(error, host, port)
    return Line(host, port, _Wire(host, reader, writer))


def warm_up() -> None:
    """Begin to load what a first connection needs, in a thread: it takes longer than a packet to most servers.

    To be called when the first questions have left: a thread that imports keeps the event loop from running.
    """
    global _warming
    if _warming is None:
        # No daemon, not even in one: ending while it loads would take OpenSSL away from under it, and crash.
        _warming = threading.Thread(target=_load, name="https", daemon=False)
        _warming.start()


async def _ready() -> ssl.SSLContext:
    if all(module in sys.modules for module in _LOADED_LATE) and not (_warming and _warming.is_alive()):
        return await ready_context()
    return await asyncio.to_thread(_load)  # an import waits for the one that is under way


def _load() -> ssl.SSLContext:
    for module in _LOADED_LATE:
        with suppress(ImportError):  # where a library has its parts is no promise: then it loads them itself
            import_module(module)
    return client_context()


def _together(fields: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """Names in lower case; the values of a field that came twice are joined (RFC 9110 section 5.3)."""
    headers: dict[str, str] = {}
    for name, value in fields:
        key, text = name.decode("ascii").lower(), value.decode("utf-8", "replace")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return headers


def _lost(host: str, error: OSError) -> Failure:
    return Failure(FailureKind.CONNECTION_LOST, host, HTTPS_PORT, printable(str(error)))
