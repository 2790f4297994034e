"""Connecting to what was found: which server of a source answers, and what it says about logging in."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING, Any

from wizard.discovery.attempts import SECURITY_ORDER, expected_security, is_decided, securities_to_try, settled
from wizard.discovery.wording import unexpected
from wizard.model.servers import Protocol
from wizard.net.failures import Failure
from wizard.net.mail import Endpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from wizard.discovery.context import Context
    from wizard.model.discovery import FoundServer, SourceReport
    from wizard.model.servers import Server, SocketType
    from wizard.net.mail import ServerInfo

STAGGER = 0.25
"""Seconds after which the next server of a source is tried beside one that has not answered yet (as RFC 8305 has it
for addresses)."""

PATIENCE = 0.5
"""Seconds that a server which its source prefers is still waited for when a later one has answered."""

ROUND_TRIPS = 2
"""What every server takes at least after the connection stands: for TLS, and for what it says within."""

TRIES = 6
"""Servers of one protocol and source that are tried at most."""


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
            """The positions of the servers to connect to: TLS from the first byte, by the port, before STARTTLS."""
            positions = [
                position
                for position, found in enumerate(servers)
                if found.server.protocol is protocol and found.verified is None
            ]
            return sorted(positions, key=lambda position: _order(servers[position].server))

        async def verify_in_turn(positions: list[int]) -> None:
            verified = await self._first([servers[position] for position in positions])
            for position, found in zip(positions, verified, strict=True):
                servers[position] = found
            publish(replace(report, servers=tuple(servers)))

        await asyncio.gather(*(verify_in_turn(unverified(protocol)) for protocol in Protocol))
        return replace(report, servers=tuple(servers))

    def concluded(self, report: SourceReport, *, time_over: bool) -> SourceReport:
        """``report`` at the end, with what is known of those of its servers that were not connected to on its word.

        Others may have named the same place. Where ``time_over``, a server that was asked a while ago and is silent
        does not answer; those asked a moment ago, and those whose turn never came, stay as they are. What the answers
        of the DNS say of the machines is added.
        """
        known = self._context.network.resolver.known_machine
        servers = [self._concluded(found, time_over=time_over) for found in report.servers]
        return replace(
            report,
            servers=tuple(replace(found, machine=known(found.server.hostname)) for found in servers),
            mail_machine=known(report.mail_hosts[0]) if report.mail_hosts else report.mail_machine,
        )

    def _concluded(self, found: FoundServer, *, time_over: bool) -> FoundServer:
        if found.verified is not None:
            return found
        tried = self._securities(found)
        seen = self._seen(found, tried)
        known = is_decided(tried, seen) or any(not isinstance(result, Failure) for result in seen.values())
        return settled(found, tried, seen) if known or (time_over and self._is_silent(found, tried)) else found

    def _is_silent(self, found: FoundServer, tried: Sequence[SocketType]) -> bool:
        waits = [self._context.connections.pending_for(_endpoint(found.server, security)) for security in tried]
        return any(pending is not None and pending >= PATIENCE for pending in waits)

    async def _first(self, candidates: Sequence[FoundServer]) -> list[FoundServer]:
        """The candidates, tried in order until one answers; what was not tried stays as it was."""
        found = list(candidates)
        network = self._context.network

        def unanswered_since(position: int) -> float | None:
            server = found[position].server
            return network.unanswered.get((server.hostname, server.port))

        schedule = _Schedule(min(len(found), TRIES), unanswered_since)
        # All names are asked for at once, so that the next one's turn begins with connecting.
        names = dict.fromkeys(candidate.server.hostname for candidate in found[: schedule.count])
        ahead = [asyncio.create_task(network.resolver.addresses(name)) for name in names]
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
                    late = found[position]
                    tried = self._securities(late)
                    found[position] = settled(late, tried, self._seen(late, tried))
            return found
        finally:
            await _cancel((*schedule.running, *ahead))

    async def verify(self, found: FoundServer) -> FoundServer:
        """``found``, connected to, with the security that works (:mod:`wizard.discovery.attempts`)."""
        tried = self._securities(found)
        try:
            seen = await self._try_all(found.server, tried, self._seen(found, tried))
        except Exception as error:  # what a stranger sends must not end the look-up, whatever it is
            return replace(found, verified=False, trouble=unexpected(error))
        return settled(found, tried, seen)

    async def _try_all(
        self, server: Server, tried: Sequence[SocketType], seen: dict[SocketType, ServerInfo | Failure]
    ) -> dict[SocketType, ServerInfo | Failure]:
        """``seen``, and what comes of connecting with the rest of ``tried``, all at once.

        A silent server is not waited for once another answer decides, and for PATIENCE after a lesser one.
        """
        if is_decided(tried, seen):
            return seen
        connect = self._context.connections.connect
        running = {
            asyncio.create_task(connect(_endpoint(server, security))): security
            for security in tried
            if security not in seen
        }
        try:
            while not is_decided(tried, seen):
                answered = any(not isinstance(result, Failure) for result in seen.values())
                done, _pending = await asyncio.wait(
                    running, timeout=PATIENCE if answered else None, return_when=asyncio.FIRST_COMPLETED
                )
                if not done:
                    break
                seen |= {running.pop(task): task.result() for task in done}
            return seen
        finally:
            await _cancel(running)

    def _securities(self, found: FoundServer) -> tuple[SocketType, ...]:
        return securities_to_try(found.server, allow_insecure=self._context.options.allow_insecure)

    def _seen(self, found: FoundServer, tried: Sequence[SocketType]) -> dict[SocketType, ServerInfo | Failure]:
        """What is known already of connecting with ``tried``."""
        result_of = self._context.connections.result_of
        results = {security: result_of(_endpoint(found.server, security)) for security in tried}
        return {security: result for security, result in results.items() if result is not None}

    def failure_of(self, found: FoundServer) -> tuple[Endpoint, Failure] | None:
        """How connecting to ``found`` failed, where it was tried and has ended."""
        endpoint = _endpoint(found.server, found.server.socket_type)
        result = self._context.connections.result_of(endpoint)
        return (endpoint, result) if isinstance(result, Failure) else None


class _Schedule:
    """When each of several candidates in order is tried (RFC 8305): the bookkeeping of :meth:`Verifier._first`.

    ``unanswered_since``: since when the candidate at a position has been dialled without an answer, if it is.
    """

    def __init__(self, count: int, unanswered_since: Callable[[int], float | None]) -> None:
        self.count, self.started = count, 0
        self._unanswered_since = unanswered_since
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
            return max(0.0, self._end() - monotonic())
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
        return self.answered is not None and monotonic() >= self._end()

    def _end(self) -> float:
        """Until when those before the one that answered are waited for: not where none can answer in time any more."""
        until = self._answered_at + PATIENCE
        waiting = [position for position in self.running.values() if position < (self.answered or 0)]
        return max((latest(self._unanswered_since(position), until) for position in waiting), default=0.0)


def latest(unanswered_since: float | None, until: float) -> float:
    """When a server that has been dialled ``unanswered_since`` cannot have said all by ``until`` any more.

    Nothing has come back since then, so a round trip takes that long at least, and it takes ROUND_TRIPS more.
    """
    if unanswered_since is None:
        return until
    return min(until, (until + ROUND_TRIPS * unanswered_since) / (1 + ROUND_TRIPS))


def _order(server: Server) -> tuple[bool, int]:
    """What was published without encryption comes last: where another answers, nobody needs to know what it offers."""
    return not server.secure, SECURITY_ORDER[expected_security(server)]


def _endpoint(server: Server, security: SocketType) -> Endpoint:
    return Endpoint(server.protocol, server.hostname, server.port, security)


async def _cancel(tasks: Collection[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
