"""Fetching one small document over HTTPS, with every rule that a hostile server makes necessary.

https and port 443 only, at every step; certificates checked; no cookie, no credential; at most four redirects, each
listed; headers, body (after decompression) and time bounded. Nothing raises for what a server does. The connections
themselves are those of :mod:`wizard.net.http_client`.
"""

from __future__ import annotations

import re
import sys
import threading
import zlib
from contextlib import suppress
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from wizard.model.text import printable
from wizard.net.failures import Failure, FailureKind
from wizard.net.urls import HTTPS_PORT, SecureUrl, follow, parse_secure_url

if TYPE_CHECKING:
    from wizard.net.connect import Network
    from wizard.net.http_client import Client, Request, Response

MAX_BODY = 256 * 1024
"""Bytes of a body, counted after decompression."""
MAX_REDIRECTS = 4
TIMEOUT = 5.0
"""Seconds for a whole fetch: every look-up, connection and redirect of it."""

_REDIRECTS = {301, 302, 303, 307, 308}
_METHOD_STAYS = {307, 308}
_MEDIA_TYPE = re.compile(r"[\w!#$&^.+-]{1,80}/[\w!#$&^.+-]{1,80}", re.ASCII)
_GZIP, _ZLIB, _RAW_DEFLATE = 31, 15, -15  # zlib's “wbits”
_WINDOWS = {"gzip": (_GZIP,), "x-gzip": (_GZIP,), "deflate": (_ZLIB, _RAW_DEFLATE)}


# What a first connection needs, in the order of need: the records of first answers, connections, HTTP.
_LOADED_LATE = (
    "dns.rdtypes.IN.SRV",
    "dns.rdtypes.ANY.MX",
    "dns.rdtypes.IN.A",
    "dns.rdtypes.IN.AAAA",
    "aiohappyeyeballs",
    "wizard.net.http_client",
)

_warming: threading.Thread | None = None


class Fetched(NamedTuple):
    """An answer with a 2xx status. ``url`` is the last of ``hops``: every URL that was asked, in order.

    ``content_type`` is lower-case, without parameters, empty where the server gives none or nonsense.
    """

    url: str
    status: int
    content_type: str
    body: bytes
    hops: tuple[str, ...]


async def fetch(
    network: Network,
    url: str,
    *,
    method: str = "GET",
    body: bytes | None = None,
    content_type: str | None = None,
    follow_redirects: bool = True,
    any_port: bool = False,
) -> Fetched | Failure:
    """Ask for ``url`` and follow its redirects (RFC 9110 section 15.4).

    A POST stays one on 307 and 308 only; else it becomes a GET without a body. The failure names the host that failed,
    which after a redirect is not the host of ``url``. Without ``follow_redirects``, for a body that not everybody may
    get, a redirect is a failure with HTTP_STATUS whose ``detail`` is the URL it leads to. ``any_port`` is for a ``url``
    that the person gave.
    """
    import asyncio

    from wizard.net.connect import abandon, connect

    first = parse_secure_url(url, any_port=any_port)
    if isinstance(first, Failure):
        return first
    hops = [first]
    connecting = asyncio.create_task(connect(network, first.host, first.port))
    client: Client | None = None
    try:
        async with asyncio.timeout(TIMEOUT):
            await network.resolver.addresses(first.host)
            await _loaded()  # while the host is connected to
            from wizard.net.http_client import Client, Request

            client = Client(network, connecting)
            request = Request(first, method, body, content_type)
            return await _exchange(client, request, hops, follow_redirects=follow_redirects)
    except TimeoutError:
        return Failure(FailureKind.TIMEOUT, hops[-1].host, HTTPS_PORT)
    finally:
        if client is None:
            abandon(connecting)
        else:
            client.close()


async def _exchange(
    client: Client, request: Request, hops: list[SecureUrl], *, follow_redirects: bool
) -> Fetched | Failure:
    """Send ``request`` and follow where it leads; ``hops`` grows by every URL that is asked."""
    requests = [request]
    while True:
        response = await client.send(request)
        if isinstance(response, Failure):
            return response
        if response.status not in _REDIRECTS or not response.headers.get("location"):
            return _arrive(response, hops)
        host = request.url.host
        if len(requests) > MAX_REDIRECTS:
            return Failure(FailureKind.TOO_MANY_REDIRECTS, host, HTTPS_PORT)
        following = _next_request(request, response)
        if isinstance(following, Failure):
            return following
        if not follow_redirects:
            return Failure(FailureKind.HTTP_STATUS, host, HTTPS_PORT, str(following.url), response.status)
        if following in requests:  # without cookies the same question has the same answer
            return Failure(FailureKind.TOO_MANY_REDIRECTS, host, HTTPS_PORT, printable(f"a loop: {following.url}"))
        request = following
        requests.append(request)
        hops.append(request.url)


def _next_request(request: Request, response: Response) -> Request | Failure:
    url = follow(request.url, response.headers["location"])
    if isinstance(url, Failure):
        return url
    if response.status in _METHOD_STAYS:
        return replace(request, url=url)
    return replace(request, url=url, method="GET", body=None, content_type=None)


def _arrive(response: Response, hops: list[SecureUrl]) -> Fetched | Failure:
    host = hops[-1].host
    if not response.success:
        return Failure(FailureKind.HTTP_STATUS, host, HTTPS_PORT, _status_line(response.status), response.status)
    body = _decoded(response, host)
    if isinstance(body, Failure):
        return body
    urls = tuple(map(str, hops))
    return Fetched(urls[-1], response.status, _media_type(response), body, urls)


def _status_line(status: int) -> str:
    from http import HTTPStatus

    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _media_type(response: Response) -> str:
    media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    return media_type if _MEDIA_TYPE.fullmatch(media_type) else ""


def _decoded(response: Response, host: str) -> bytes | Failure:
    """The body without its content coding, though none was asked for: some servers compress anyway."""
    coding = response.headers.get("content-encoding", "").strip().lower()
    if coding in ("", "identity") or not response.body:
        if len(response.body) > MAX_BODY:
            return Failure(FailureKind.BODY_TOO_LARGE, host, HTTPS_PORT)
        return response.body
    if coding not in _WINDOWS:
        return Failure(FailureKind.HTTP_MALFORMED, host, HTTPS_PORT, printable(f"Content-Encoding: {coding}", 80))
    for window in _WINDOWS[coding]:  # “deflate” is sent in two ways (RFC 9110 section 8.4.1.2, the note)
        stream = zlib.decompressobj(window)
        try:
            body = stream.decompress(response.body, MAX_BODY + 1)
        except zlib.error:
            continue
        if len(body) > MAX_BODY:
            return Failure(FailureKind.BODY_TOO_LARGE, host, HTTPS_PORT)
        if stream.eof and not stream.unused_data:
            return body
    return Failure(FailureKind.HTTP_MALFORMED, host, HTTPS_PORT, printable(f"not valid {coding}"))


def warm_up() -> None:
    """Begin to load what a first connection needs, in a thread: it takes longer than a packet to most servers.

    To be called when the first questions have left: a thread that imports keeps the event loop from running.
    """
    global _warming
    if _warming is None:
        # No daemon, not even in one: ending while it loads would take OpenSSL away from under it, and crash.
        _warming = threading.Thread(target=_load, name="https", daemon=False)
        _warming.start()


async def _loaded() -> None:
    """Wait until all that a first connection needs is there."""
    import asyncio

    if not all(module in sys.modules for module in _LOADED_LATE) or (_warming and _warming.is_alive()):
        await asyncio.to_thread(_load)  # an import waits for the one that is under way


def _load() -> None:
    from wizard.net.tls import client_context

    for module in _LOADED_LATE:
        with suppress(ImportError):  # where a library has its parts is no promise: then it loads them itself
            import_module(module)
    client_context()
