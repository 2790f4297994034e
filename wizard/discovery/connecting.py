"""Connecting to what was found: which server of a source answers, and what it says about logging in."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING, Any

from wizard.discovery.registry import spec_of
from wizard.discovery.wording import explain, unexpected
from wizard.language import translate as _
from wizard.model.discovery import Source
from wizard.model.servers import AuthenticationMethod, Protocol, SocketType
from wizard.net.failures import Failure
from wizard.net.mail import Endpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from wizard.discovery.context import Context
    from wizard.model.discovery import FoundServer, SourceReport

STAGGER = 0.25
"""Seconds after which the next server of a source is tried beside one that has not answered yet (as RFC 8305 has it
for addresses)."""

PATIENCE = 0.5
"""Seconds that a server which its source prefers is still waited for when a later one has answered."""

TRIES = 6
"""Servers of one protocol and source that are tried at most."""

_SECURITY = {SocketType.SSL: 0, SocketType.STARTTLS: 1, SocketType.PLAIN: 2}

_NOT_ANNOUNCED = frozenset(
    {AuthenticationMethod.NONE, AuthenticationMethod.CLIENT_IP_ADDRESS, AuthenticationMethod.TLS_CLIENT_CERT}
)
"""Ways to log in that no capability names."""


class Verifier:
    """Connects to the servers that sources name. Use within one event loop."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def verify_report(self, report: SourceReport, publish: Callable[[SourceReport], None]) -> SourceReport:
        """``report`` with the best server of each protocol that answers seen to, and those before it that do not.

        ``publish`` gets what is known so far, whenever that is settled for a protocol.
        """
        servers = list(report.servers)

        def unverified(protocol: Protocol) -> list[int]:
            """The positions of the servers to connect to; TLS from the first byte comes before STARTTLS."""
            positions = [
                position
                for position, found in enumerate(servers)
                if found.server.protocol is protocol and found.verified is None
            ]
            return sorted(positions, key=lambda position: _SECURITY[servers[position].server.socket_type])

        async def verify_in_turn(positions: list[int]) -> None:
            verified = await self._first([servers[position] for position in positions])
            for position, found in zip(positions, verified, strict=True):
                servers[position] = found
            publish(replace(report, servers=tuple(servers)))

        await asyncio.gather(*(verify_in_turn(unverified(protocol)) for protocol in Protocol))
        return replace(report, servers=tuple(servers))

    def timed_out(self, report: SourceReport) -> SourceReport:
        """``report`` when waiting has ended: a server that was asked a while ago and is silent does not answer.

        Those asked a moment ago, and those whose turn never came, stay as they are.
        """
        return replace(
            report, servers=tuple(_late(found) if self._is_silent(found) else found for found in report.servers)
        )

    def _is_silent(self, found: FoundServer) -> bool:
        pending = self._context.connections.pending_for(_endpoint(found))
        return found.verified is None and pending is not None and pending >= PATIENCE

    async def _first(self, candidates: Sequence[FoundServer]) -> list[FoundServer]:
        """The candidates, tried in order until one answers; what was not tried stays as it was."""
        found = list(candidates)
        schedule = _Schedule(min(len(found), TRIES))
        resolver = self._context.network.resolver
        # All names are asked for at once, so that the next one's turn begins with connecting.
        names = dict.fromkeys(candidate.server.hostname for candidate in found[: schedule.count])
        ahead = [asyncio.create_task(resolver.addresses(name)) for name in names]
        try:
            while (position := schedule.next_to_start()) is not None or schedule.running:
                if position is not None:
                    schedule.running[asyncio.create_task(self.verify(found[position]))] = position
                done, _pending = await asyncio.wait(
                    schedule.running, timeout=schedule.wait_for(), return_when=asyncio.FIRST_COMPLETED
                )
                for task in done:
                    position = schedule.running.pop(task)
                    found[position] = task.result()
                    schedule.finished(position, answered=found[position].verified is True)
                if schedule.over():
                    break
            for position in schedule.running.values():
                if schedule.answered is not None and position < schedule.answered:
                    found[position] = _late(found[position])
            return found
        finally:
            await _cancel((*schedule.running, *ahead))

    async def verify(self, found: FoundServer) -> FoundServer:
        """``found``, connected to."""
        server = found.server
        if server.socket_type is SocketType.PLAIN and not self._context.options.allow_insecure:
            return found  # will not be used
        try:
            seen = await self._context.connections.connect(_endpoint(found))
        except Exception as error:  # what a stranger sends must not end the look-up, whatever it is
            return replace(found, verified=False, trouble=unexpected(error))
        if isinstance(seen, Failure):
            return replace(found, verified=False, trouble=explain(seen))
        methods = login_methods(found, seen.authentication)
        return replace(found, verified=True, server=replace(server, authentication=methods))

    def failure_of(self, found: FoundServer) -> tuple[Endpoint, Failure] | None:
        """How connecting to ``found`` failed, where it was tried and has ended."""
        endpoint = _endpoint(found)
        failure = self._context.connections.failure_of(endpoint)
        return None if failure is None else (endpoint, failure)


class _Schedule:
    """When each of several candidates in order is tried (RFC 8305): the bookkeeping of :meth:`Verifier._first`."""

    def __init__(self, count: int) -> None:
        self.count, self.started = count, 0
        self.running: dict[asyncio.Task[FoundServer], int] = {}
        self.answered: int | None = None
        self._last_start = self._answered_at = 0.0

    def next_to_start(self) -> int | None:
        if self.answered is not None or self.started >= self.count:
            return None
        if self.running and monotonic() - self._last_start < STAGGER:
            return None
        self._last_start = monotonic()
        self.started += 1
        return self.started - 1

    def wait_for(self) -> float | None:
        """Seconds until something has to be done although nobody answered."""
        if self.answered is not None:
            return max(0.0, self._answered_at + PATIENCE - monotonic())
        if self.started < self.count:
            return max(0.0, self._last_start + STAGGER - monotonic())
        return None

    def finished(self, position: int, *, answered: bool) -> None:
        if answered and (self.answered is None or position < self.answered):
            self._answered_at = self._answered_at if self.answered is not None else monotonic()
            self.answered = position
        elif not answered:
            self._last_start = 0.0  # the next one's turn has come

    def over(self) -> bool:
        if self.answered is None:
            return False
        waiting = any(position < self.answered for position in self.running.values())
        return not waiting or monotonic() >= self._answered_at + PATIENCE


def login_methods(found: FoundServer, announced: tuple[AuthenticationMethod, ...]) -> tuple[AuthenticationMethod, ...]:
    """How to log in: what was published and the server announces; where the two have nothing in common, the server's.

    The catalogue keeps its word: that a server still announces passwords which no account may use any more is what
    its entries know.
    """
    if not announced:
        return found.server.authentication
    if spec_of(found.evidence.source).provisional or not found.says_log_in:
        return announced
    published = found.server.authentication
    common = tuple(method for method in published if method in announced or method in _NOT_ANNOUNCED)
    return common or (published if found.evidence.source is Source.CATALOGUE else announced)


def _endpoint(found: FoundServer) -> Endpoint:
    server = found.server
    return Endpoint(server.protocol, server.hostname, server.port, server.socket_type)


def _late(found: FoundServer) -> FoundServer:
    server = found.server
    late = _("{host} {port} did not answer in time.").format(host=server.hostname, port=server.port)
    return replace(found, verified=False, trouble=late)


async def _cancel(tasks: Collection[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
