"""One host, by IPv4 and by IPv6 apart: who takes the first that answers does not see that the other is broken."""

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

_MOST_TELLING = (FailureKind.CONNECTION_REFUSED, FailureKind.TIMEOUT)


def family(address: str) -> str:
    """``ipv4`` or ``ipv6``."""
    return IPV6 if ":" in address else IPV4


def of_family(addresses: Iterable[str], wanted: str) -> list[str]:
    """The addresses of one family, in their order."""
    return [one for one in addresses if family(one) == wanted]


class Families:
    """Connections by each family there is; an asynchronous context manager that leaves none open but the taken one."""

    def __init__(self, network: Network, host: str, port: int, addresses: list[str]) -> None:
        self._host, self._port = host, port
        self._tasks = {
            name: asyncio.create_task(dial(network, host, port, of_family(addresses, name)))
            for name in (IPV6, IPV4)
            if of_family(addresses, name)
        }
        self._taken: Connection | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_exception: object) -> None:
        for task in self._tasks.values():
            task.cancel()
        for ended in await asyncio.gather(*self._tasks.values(), return_exceptions=True):
            if isinstance(ended, Connection) and ended is not self._taken:
                ended.sock.close()

    async def first(self) -> Connection | Failure:
        """The connection that a program would use: by IPv6, unless IPv4 is there clearly before it."""
        six, four = self._tasks.get(IPV6), self._tasks.get(IPV4)
        waiting = set(self._tasks.values())
        while waiting and self._taken is None:
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            if six in waiting and four in done and isinstance(_ended(four), Connection):
                await asyncio.wait(waiting, timeout=HEAD_START)
            self._taken = next((one for one in map(_ended, (six, four)) if isinstance(one, Connection)), None)
        return self._taken or self._worst()

    async def results(self) -> dict[str, str]:
        """Each family with ``ok`` or the kind of its failure; waits for all."""
        if self._tasks:
            await asyncio.wait(self._tasks.values())
        return self.so_far()

    def so_far(self) -> dict[str, str]:
        """The same for those that are done."""
        ended = {name: _ended(task) for name, task in self._tasks.items()}
        return {
            name: one.kind.value if isinstance(one, Failure) else "ok" for name, one in ended.items() if one is not None
        }

    def _worst(self) -> Failure:
        """The failure that tells most: a host that says no is there."""
        failures = [one for one in map(_ended, self._tasks.values()) if isinstance(one, Failure)]
        rank = [*_MOST_TELLING, *(one.kind for one in failures)]
        chosen = min(failures, key=lambda one: rank.index(one.kind))
        details = dict.fromkeys(one.detail for one in failures if one.detail)
        return Failure(chosen.kind, self._host, self._port, "; ".join(details))


def _ended(task: asyncio.Task[Connection | Failure] | None) -> Connection | Failure | None:
    return task.result() if task is not None and task.done() and not task.cancelled() else None
