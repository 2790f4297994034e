"""Watching and stopping a running look-up from another thread."""

from __future__ import annotations

from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.model.discovery import Source, SourceReport


class Step(NamedTuple):
    """Where one source stands. ``report`` is None while it is being asked; ``connecting``: what it named is tried.

    ``elapsed_ms``: whole milliseconds, so far or in all.
    """

    source: Source
    report: SourceReport | None
    connecting: bool
    elapsed_ms: int


class Progress:
    """Written by the look-up, read by its display: an entry is replaced whole, so no lock is needed."""

    def __init__(self) -> None:
        self._begun: dict[Source, float] = {}
        self._read: dict[Source, tuple[SourceReport, bool, int]] = {}

    def begin(self, source: Source) -> None:
        self._begun[source] = monotonic()

    def read(self, report: SourceReport, *, connecting: bool) -> None:
        """``report`` is what the source said; with ``connecting`` its servers are still being tried."""
        self._read[report.source] = (report, connecting, self._since(report.source))

    def steps(self) -> tuple[Step, ...]:
        """Every source that was asked, in the order of asking."""
        steps = []
        for source in tuple(self._begun):
            read = self._read.get(source)
            if read is None:
                steps.append(Step(source, None, False, self._since(source)))
            else:
                report, connecting, elapsed_ms = read
                steps.append(Step(source, report, connecting, self._since(source) if connecting else elapsed_ms))
        return tuple(steps)

    def _since(self, source: Source) -> int:
        return round((monotonic() - self._begun[source]) * 1000)


class Stop:
    """Set by anybody, at any time, from any thread; waited for in one event loop."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._requested = False
        self._wake: Callable[[], object] | None = None

    def set(self) -> None:
        with self._lock:
            self._requested = True
            if self._wake is not None:
                self._wake()

    def is_set(self) -> bool:
        return self._requested

    async def wait(self) -> None:
        """Until :meth:`set` has been called."""
        import asyncio

        loop, requested = asyncio.get_running_loop(), asyncio.Event()
        with self._lock:
            if self._requested:
                return
            self._wake = lambda: loop.call_soon_threadsafe(requested.set)
        try:
            await requested.wait()
        finally:
            with self._lock:
                self._wake = None
