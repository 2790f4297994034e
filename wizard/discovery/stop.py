"""Telling a running look-up from another thread to end."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Stop:
    """Set by anybody, at any time, from any thread; waited for in one event loop."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._wished = False
        self._wake: Callable[[], object] | None = None

    def set(self) -> None:
        with self._lock:
            self._wished = True
            if self._wake is not None:
                self._wake()

    def is_set(self) -> bool:
        return self._wished

    async def wait(self) -> None:
        """Until :meth:`set` has been called."""
        import asyncio

        loop, wished = asyncio.get_running_loop(), asyncio.Event()
        with self._lock:
            if self._wished:
                return
            self._wake = lambda: loop.call_soon_threadsafe(wished.set)
        try:
            await wished.wait()
        finally:
            with self._lock:
                self._wake = None
