"""Fetching one small document over HTTPS, with every rule that a hostile server makes necessary.

https and port 443 only, at every step; certificates checked; no cookie, no credential; at most four redirects, each
listed; headers, body (after decompression) and time bounded. Nothing raises for what a server does.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import TYPE_CHECKING

from wizard.model.text import printable
from wizard.net.failures import Failure, FailureKind
from wizard.net.urls import HTTPS_PORT, SecureUrl, follow, parse_secure_url

if TYPE_CHECKING:
    from wizard.net.connect import Network
    from wizard.net.https import Answer, Line

MAX_BODY = 256 * 1024
"""Bytes of a body, counted after decompression."""
MAX_REDIRECTS = 4
SECONDS = 5.0
"""For a whole fetch: every look-up, connection and redirect of it."""

_REDIRECTS = {301, 302, 303, 307, 308}
_METHOD_STAYS = {307, 308}
_MEDIA_TYPE = re.compile(r"[\w!#$&^.+-]{1,80}/[\w!#$&^.+-]{1,80}", re.ASCII)
_GZIP, _ZLIB, _RAW_DEFLATE = 31, 15, -15  # zlib's “wbits”
_WINDOWS = {"gzip": (_GZIP,), "x-gzip": (_GZIP,), "deflate": (_ZLIB, _RAW_DEFLATE)}


@dataclass(frozen=True, slots=True)
class Fetched:
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

    first = parse_secure_url(url, any_port=any_port)
    if isinstance(first, Failure):
        return first
    journey = _Journey(network, [_Step(first, method, body, content_type)], follow_redirects)
    try:
        async with asyncio.timeout(SECONDS):
            return await journey.travel()
    except TimeoutError:
        return Failure(FailureKind.TIMEOUT, journey.steps[-1].url.host, HTTPS_PORT)
    finally:
        journey.close()


@dataclass(frozen=True, slots=True)
class _Step:
    url: SecureUrl
    method: str
    body: bytes | None
    content_type: str | None


@dataclass(slots=True)
class _Journey:
    """The steps of one fetch so far, and the connection of the last one."""

    network: Network
    steps: list[_Step]
    follow_redirects: bool
    line: Line | None = None

    async def travel(self) -> Fetched | Failure:
        while True:
            answer = await self._ask(self.steps[-1])
            if isinstance(answer, Failure):
                return answer
            if answer.status not in _REDIRECTS or not answer.headers.get("location"):
                return self._arrive(answer)
            step = self._next(answer)
            if isinstance(step, Failure):
                return step
            self.steps.append(step)

    async def _ask(self, step: _Step) -> Answer | Failure:
        from wizard.net.https import Request, open_line

        url = step.url
        request = Request(url.authority, url.target, step.method, step.body, step.content_type)
        here = self.line is not None and (self.line.host, self.line.port) == (url.host, url.port)
        if self.line is not None and here and await self.line.ready_for_more():
            answer = await self.line.ask(request)
            # The server may have hung up meanwhile, which says nothing about what was asked: once more, afresh.
            if not (isinstance(answer, Failure) and answer.kind == FailureKind.CONNECTION_LOST):
                return answer
        self.close()
        line = await open_line(self.network, url.host, url.port)
        if isinstance(line, Failure):
            return line
        self.line = line
        return await line.ask(request)

    def _next(self, answer: Answer) -> _Step | Failure:
        now = self.steps[-1]
        if len(self.steps) > MAX_REDIRECTS:
            return Failure(FailureKind.TOO_MANY_REDIRECTS, now.url.host, HTTPS_PORT)
        url = follow(now.url, answer.headers["location"])
        if isinstance(url, Failure):
            return url
        if not self.follow_redirects:
            return Failure(FailureKind.HTTP_STATUS, now.url.host, HTTPS_PORT, str(url), answer.status)
        step = replace(now, url=url) if answer.status in _METHOD_STAYS else _Step(url, "GET", None, None)
        if step in self.steps:  # without cookies the same question has the same answer
            return Failure(FailureKind.TOO_MANY_REDIRECTS, now.url.host, HTTPS_PORT, printable(f"a loop: {url}"))
        return step

    def _arrive(self, answer: Answer) -> Fetched | Failure:
        url = self.steps[-1].url
        if answer.status // 100 != 2:
            return Failure(FailureKind.HTTP_STATUS, url.host, HTTPS_PORT, _status_line(answer.status), answer.status)
        body = _decoded(answer, url.host)
        if isinstance(body, Failure):
            return body
        hops = tuple(str(step.url) for step in self.steps)
        return Fetched(hops[-1], answer.status, _media_type(answer), body, hops)

    def close(self) -> None:
        if self.line is not None:
            self.line.close()
            self.line = None


def _status_line(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _media_type(answer: Answer) -> str:
    said = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    return said if _MEDIA_TYPE.fullmatch(said) else ""


def _decoded(answer: Answer, host: str) -> bytes | Failure:
    """The body without its content coding, though none was asked for: some servers compress all the same."""
    coding = answer.headers.get("content-encoding", "").strip().lower()
    if coding in ("", "identity") or not answer.body:
        if len(answer.body) > MAX_BODY:
            return Failure(FailureKind.BODY_TOO_LARGE, host, HTTPS_PORT)
        return answer.body
    if coding not in _WINDOWS:
        return Failure(FailureKind.HTTP_MALFORMED, host, HTTPS_PORT, printable(f"Content-Encoding: {coding}", 80))
    for window in _WINDOWS[coding]:  # “deflate” is sent in two ways (RFC 9110 section 8.4.1.2, the note)
        stream = zlib.decompressobj(window)
        try:
            body = stream.decompress(answer.body, MAX_BODY + 1)
        except zlib.error:
            continue
        if len(body) > MAX_BODY:
            return Failure(FailureKind.BODY_TOO_LARGE, host, HTTPS_PORT)
        if stream.eof and not stream.unused_data:
            return body
    return Failure(FailureKind.HTTP_MALFORMED, host, HTTPS_PORT, printable(f"not valid {coding}"))
