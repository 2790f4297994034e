"""The best of several answers that are asked for at the same time."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import TYPE_CHECKING

from wizard.model.discovery import Outcome

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence

    from wizard.model.discovery import SourceReport

GRACE = 0.4
"""Seconds that better ones are still waited for when a lesser one has found something."""


async def first_found(asked: Sequence[Coroutine[None, None, SourceReport]]) -> tuple[SourceReport | None, ...]:
    """What each said, in their order; the first that found something is the answer.

    It ends when the best of those that found something cannot be bettered any more, or its betters had their time:
    what was not waited for is cancelled, and None.
    """
    tasks = [asyncio.create_task(one) for one in asked]
    until: float | None = None
    try:
        while (pending := _worth_waiting_for(tasks)) and (until is None or monotonic() < until):
            timeout = None if until is None else max(0.0, until - monotonic())
            await asyncio.wait(pending, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
            if until is None and any(_found(one) for one in tasks):
                until = monotonic() + GRACE
        return tuple(one.result() if one.done() else None for one in tasks)
    finally:
        for one in tasks:
            one.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _found(task: asyncio.Task[SourceReport]) -> bool:
    return task.done() and task.result().outcome is Outcome.FOUND


def _worth_waiting_for(tasks: Sequence[asyncio.Task[SourceReport]]) -> list[asyncio.Task[SourceReport]]:
    """Those without an answer that come before the first that found something."""
    pending = []
    for one in tasks:
        if _found(one):
            break
        if not one.done():
            pending.append(one)
    return pending
