"""Cancelling without a clock: a busy machine is slow, and still takes no more turns of the event loop."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

_TURNS = 50


async def cancel_at_once(task: asyncio.Task[Any]) -> None:
    """Cancel ``task``, which then must end by itself, within a few turns of the event loop and without waiting."""
    task.cancel()
    for _ in range(_TURNS):
        await asyncio.sleep(0)
    assert task.done()
    with pytest.raises(asyncio.CancelledError):
        await task
