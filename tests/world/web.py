"""Web servers with the pages of a test, good or hostile."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from http import HTTPStatus
from urllib.parse import urlsplit

from tests.world import wires

BEHAVIOURS = ("slow", "slow_body", "endless", "gzip_bomb", "big_headers", "reset", "silent", "garbage", "cut_off")
SERVER_BEHAVIOURS = ("reset", "silent", "close", "plain")
PORTS = {"http": 80, "https": 443}
BOMB = 16 << 20
"""Bytes that a gzip_bomb of 16 KiB unpacks to."""
BIG_HEADERS = 1 << 20


@dataclass(frozen=True)
class Page:
    """An answer to one URL.

    ``behaviour``: slow (a byte a second, from the status line on), slow_body (the same after the head), endless (a
    body without end), gzip_bomb (instead of the body), big_headers (a MiB), reset (instead of an answer), silent (no
    answer), garbage (no HTTP), cut_off (half the body, then the end).
    """

    body: bytes | str = b""
    content_type: str | None = "text/xml"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    behaviour: str | None = None

    def __post_init__(self) -> None:
        if self.behaviour not in (None, *BEHAVIOURS):
            raise ValueError(f"{self.behaviour!r} is none of {BEHAVIOURS}")

    @property
    def content(self) -> bytes:
        """The body as bytes."""
        return self.body.encode() if isinstance(self.body, str) else self.body


NOT_FOUND = Page("<html><title>404 Not Found</title></html>", "text/html", 404)

NO_REQUEST = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
"""What a web server without TLS says to a handshake."""


@dataclass(frozen=True)
class Request:
    """What a client asked; header names in lower case."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes


Answer = Page | Callable[[Request], Page]
Pages = dict[str, Answer]


@dataclass
class Site:
    """What one address serves: pages by URL, and the certificates to show, by the names that they are for."""

    pages: Pages = field(default_factory=dict)
    certificates: list[Sequence[str] | str | None] = field(default_factory=list)

    def certificate(self, name: str) -> tuple[str, ...] | str | None:
        """The first certificate for ``name``, or the first at all."""
        chosen = next((c for c in self.certificates if not isinstance(c, str) and name in (c or ())), None)
        chosen = self.certificates[0] if chosen is None else chosen
        return chosen if chosen is None or isinstance(chosen, str) else tuple(chosen)

    def find(self, request: Request) -> Page:
        """The page of a URL, with its query or for any query."""
        answer = self.pages.get(request.url) or self.pages.get(request.url.partition("?")[0]) or NOT_FOUND
        return answer if isinstance(answer, Page) else answer(request)


def port_of(url: str) -> int:
    """The port that a URL means."""
    parts = urlsplit(url)
    return parts.port or PORTS[parts.scheme]


@cache
def bomb() -> bytes:
    """A little that becomes much."""
    return gzip.compress(bytes(BOMB), 6)


async def talk(
    site: Site,
    scheme: str,
    port: int,
    streams: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    seen: Callable[[Request], None],
) -> None:
    """HTTP/1.1: requests one after another, until the client has had enough."""
    reader, writer = streams
    while (request := await _request(reader, scheme, port)) is not None:
        seen(request)
        page = site.find(request)
        if not await _answer(page, request, reader, writer):
            return
        if request.headers.get("connection", "").lower() == "close":
            return


async def _request(reader: asyncio.StreamReader, scheme: str, port: int) -> Request | None:
    with contextlib.suppress(asyncio.IncompleteReadError):
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.rstrip("\r\n").split("\r\n")
        method, target, _ = first.split(" ", 2)
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        host = headers.get("host", "").lower()
        if ":" not in host and port != PORTS[scheme]:
            host = f"{host}:{port}"
        return Request(method, f"{scheme}://{host.removesuffix(f':{PORTS[scheme]}')}{target}", headers, body)
    return None


async def _answer(page: Page, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    """Send a page; whether the connection can be used again."""
    match page.behaviour:
        case "reset":
            wires.reset(writer)
        case "silent":
            await wires.silent(reader, writer)
        case "garbage":
            writer.write(wires.GARBAGE)
        case "endless":
            writer.write(_head(page, {"Transfer-Encoding": "chunked"}))
            await wires.endlessly(writer, b"400\r\n" + b"x" * 1024 + b"\r\n")
        case "slow":
            await wires.slowly(writer, _head(page, _length(page)) + page.content)
        case "slow_body":
            writer.write(_head(page, _length(page)))
            await wires.slowly(writer, page.content)
        case "cut_off":
            writer.write(_head(page, _length(page)) + page.content[: len(page.content) // 2])
        case _:
            content, extra = _content(page)
            writer.write(_head(page, extra) + (b"" if request.method == "HEAD" else content))
            await writer.drain()
            return True
    return False


def _length(page: Page) -> dict[str, str]:
    return {"Content-Length": str(len(page.content))}


def _content(page: Page) -> tuple[bytes, dict[str, str]]:
    if page.behaviour == "gzip_bomb":
        return bomb(), {"Content-Encoding": "gzip", "Content-Length": str(len(bomb()))}
    extra = {} if page.status in (204, 304) else _length(page)
    if page.behaviour == "big_headers":
        extra |= {f"X-Padding-{number}": "x" * 1000 for number in range(BIG_HEADERS // 1000)}
    return page.content, extra


def _head(page: Page, extra: Mapping[str, str]) -> bytes:
    headers = {**extra, **page.headers}
    if page.content_type:
        headers.setdefault("Content-Type", page.content_type)
    try:
        phrase = HTTPStatus(page.status).phrase
    except ValueError:
        phrase = "Unknown"
    lines = [f"HTTP/1.1 {page.status} {phrase}", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode("latin-1")
