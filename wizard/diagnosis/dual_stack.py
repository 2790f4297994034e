"""Connects to a host by IPv4 and IPv6 separately: the first that answers would hide that the other is broken."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Self

from wizard.net.connect import Connection, dial
from wizard.net.failures import Failure, FailureKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wizard.net.connect import Network

IPV4, IPV6 = "ipv4", "ipv6"
HEAD_START = 0.25
"""Seconds that a connection by IPv6 is waited for when the one by IPv4 is there, as programs do (RFC 8305)."""

_MOST_INFORMATIVE = (FailureKind.CONNECTION_REFUSED, FailureKind.TIMEOUT)


def ip_family(address: str) -> str:
    """``ipv4`` or ``ipv6``."""
    return IPV6 if ":" in address else IPV4


class DualStack:
    """Connections by each family there is; an asynchronous context manager that leaves none open but the used one."""

    def __init__(self, network: Network, host: str, port: int, addresses: Iterable[str]) -> None:
        self._host, self._port = host, port
        by_family = {
            family: [address for address in addresses if ip_family(address) == family] for family in (IPV6, IPV4)
        }
        self._tasks = {
            family: asyncio.create_task(dial(network, host, port, of_family))
            for family, of_family in by_family.items()
            if of_family
        }
        self._used: Connection | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_exception: object) -> None:
        for task in self._tasks.values():
            task.cancel()
        for result in await asyncio.gather(*self._tasks.values(), return_exceptions=True):
            if isinstance(result, Connection) and result is not self._used:
                result.sock.close()

    async def first(self) -> Connection | Failure:
        """The connection that a program would use: by IPv6, unless IPv4 is there clearly before it."""
        ipv6, ipv4 = self._tasks.get(IPV6), self._tasks.get(IPV4)
        waiting = set(self._tasks.values())
        while waiting and self._used is None:
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            if ipv6 in waiting and ipv4 in done and isinstance(_result(ipv4), Connection):
                await asyncio.wait(waiting, timeout=HEAD_START)
            results = map(_result, (ipv6, ipv4))
            self._used = next((result for result in results if isinstance(result, Connection)), None)
        for task in self._tasks.values():  # a server may count its connections: one is enough
            task.add_done_callback(self._close_unused)
        return self._used or self._most_informative_failure()

    async def all_results(self) -> dict[str, str]:
        """Each family with ``ok`` or the kind of its failure; waits for all."""
        if self._tasks:
            await asyncio.wait(self._tasks.values())
        return self.results_so_far()

    def _close_unused(self, task: asyncio.Task[Connection | Failure]) -> None:
        if isinstance(result := _result(task), Connection) and result is not self._used:
            result.sock.close()

    def results_so_far(self) -> dict[str, str]:
        """The same for those that are done."""
        results = {family: _result(task) for family, task in self._tasks.items()}
        return {
            family: result.kind.value if isinstance(result, Failure) else "ok"
            for family, result in results.items()
            if result is not None
        }

    def _most_informative_failure(self) -> Failure:
        """A host that refuses is there."""
        failures = [result for result in map(_result, self._tasks.values()) if isinstance(result, Failure)]
        rank = [*_MOST_INFORMATIVE, *(failure.kind for failure in failures)]
        chosen = min(failures, key=lambda failure: rank.index(failure.kind))
        details = dict.fromkeys(failure.detail for failure in failures if failure.detail)
        return Failure(chosen.kind, self._host, self._port, "; ".join(details))


def _result(task: asyncio.Task[Connection | Failure] | None) -> Connection | Failure | None:
    return task.result() if task is not None and task.done() and not task.cancelled() else None
