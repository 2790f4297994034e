"""Every server is connected to once in a look-up, whoever named it: the others are told what was seen."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING

from wizard.net.failures import Failure
from wizard.net.mail import check_server

if TYPE_CHECKING:
    from wizard.net.connect import Network
    from wizard.net.mail import Endpoint, ServerInfo


@dataclass(slots=True)
class _Visit:
    task: asyncio.Task[ServerInfo | Failure]
    begun: float
    waiting: int = 0
    given_up: bool = False


class Visits:
    """The connections of one look-up to mail servers. Use within one event loop; :meth:`close` at the end."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._visits: dict[Endpoint, _Visit] = {}

    async def to(self, endpoint: Endpoint) -> ServerInfo | Failure:
        """What is at ``endpoint``. When nobody waits for it any more, the connection is closed."""
        visit = self._visits.get(endpoint)
        if visit is None or visit.given_up:
            visit = _Visit(asyncio.create_task(check_server(self._network, endpoint)), monotonic())
            self._visits[endpoint] = visit
        visit.waiting += 1
        try:
            return await asyncio.shield(visit.task)  # one who gives up takes it from nobody else
        finally:
            visit.waiting -= 1
            if not visit.waiting and not visit.task.done():
                visit.given_up = True
                visit.task.cancel()

    def failure_of(self, endpoint: Endpoint) -> Failure | None:
        """How connecting to ``endpoint`` failed, where that has been tried to the end."""
        visit = self._visits.get(endpoint)
        if visit is None or not visit.task.done() or visit.task.cancelled() or visit.task.exception() is not None:
            return None
        seen = visit.task.result()
        return seen if isinstance(seen, Failure) else None

    def silent_for(self, endpoint: Endpoint) -> float | None:
        """Seconds since ``endpoint`` was asked; None where it has answered, or was not asked."""
        visit = self._visits.get(endpoint)
        return None if visit is None or visit.task.done() else monotonic() - visit.begun

    async def close(self) -> None:
        """End every connection that is still being made."""
        tasks = [visit.task for visit in self._visits.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
