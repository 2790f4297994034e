"""Ask every source and make one report of it: at once, or in a thread while the person answers questions."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from wizard.discovery.merging import merge
from wizard.discovery.notices import catalogue_only
from wizard.discovery.registry import SOURCES
from wizard.model.discovery import Outcome, SourceReport

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wizard.discovery.options import LookUpOptions
    from wizard.discovery.registry import RegisteredSource
    from wizard.model.address import EmailAddress
    from wizard.model.discovery import DiscoveryReport


def discover(
    address: EmailAddress,
    options: LookUpOptions,
    *,
    sources: Sequence[RegisteredSource] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> DiscoveryReport:
    """What is known of ``address``. Raises Problem when a file of the person's own catalogue is wrong.

    A source that was not reached when ``cancelled`` turns true is reported as such. Where the network was allowed and
    no source uses it, a warning says so.
    """
    begun = time.monotonic()
    asked = [one for one in (SOURCES if sources is None else sources) if one.offline or not options.offline]
    reports = [
        SourceReport(one.source, Outcome.CANCELLED) if cancelled() else one.find(address, options) for one in asked
    ]
    elapsed_ms = round((time.monotonic() - begun) * 1000)
    today = time.strftime("%Y-%m-%d", time.gmtime())
    report = merge(address, reports, options, elapsed_ms, today)
    if options.offline or not all(one.offline for one in asked):
        return report
    return replace(report, warnings=(catalogue_only(), *report.warnings))


def start(
    address: EmailAddress, options: LookUpOptions, *, sources: Sequence[RegisteredSource] | None = None
) -> LookUp:
    """Begin to look up ``address`` and come back at once."""
    return LookUp(address, options, sources)


class LookUp:
    """A look-up that runs in a daemon thread: it never keeps the program from ending."""

    def __init__(
        self, address: EmailAddress, options: LookUpOptions, sources: Sequence[RegisteredSource] | None
    ) -> None:
        from contextvars import copy_context
        from threading import Event, Thread

        self._finished, self._stop = Event(), Event()
        self._report: DiscoveryReport | None = None
        self._error: BaseException | None = None
        context = copy_context()  # a thread begins without a language of its own

        def run() -> None:
            try:
                self._report = discover(address, options, sources=sources, cancelled=self._stop.is_set)
            except BaseException as error:  # raised again where somebody waits for it
                self._error = error
            finally:
                self._finished.set()

        Thread(target=context.run, args=(run,), name="look-up", daemon=True).start()

    @property
    def done(self) -> bool:
        """Whether :meth:`result` would come at once."""
        return self._finished.is_set()

    def cancel(self) -> None:
        """Ask no further source; what has been found so far is the result."""
        self._stop.set()

    def result(self) -> DiscoveryReport:
        """The report, waiting for it. Raises what the look-up raised."""
        while not self._finished.wait(0.5):  # a wait without an end cannot be interrupted on Windows
            pass
        if self._error is not None:
            raise self._error
        assert self._report is not None
        return self._report
