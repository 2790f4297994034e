"""Look up an address: at once, or in a thread while the user answers questions."""

from __future__ import annotations

import atexit
import time
from typing import TYPE_CHECKING, cast

from wizard import interruption
from wizard.discovery.progress import Progress, Stop
from wizard.discovery.registry import sources_for
from wizard.model.discovery import Outcome, SourceReport

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.discovery.context import LookUpOptions
    from wizard.discovery.progress import Step
    from wizard.discovery.source import Find, SourceSpec
    from wizard.model.address import EmailAddress
    from wizard.model.discovery import DiscoveryReport
    from wizard.net.connect import Network

LEAVING = 1.0
"""Seconds that the end of the program waits at most for a look-up that is no longer needed."""


def discover(
    address: EmailAddress,
    options: LookUpOptions,
    *,
    sources: Sequence[SourceSpec] | None = None,
    network: Network | None = None,
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> DiscoveryReport:
    """What is known of ``address``. Raises Problem when a file of the person's own catalogue is wrong.

    ``sources`` and ``network``: instead of those that ``options`` ask for. ``progress`` is written while sources
    answer. A source that was not done when ``stop`` was set is reported as cancelled.
    """
    asked = sources_for(options) if sources is None else sources
    progress, stop = progress or Progress(), stop or Stop()
    if all(spec.local for spec in asked):
        begun = time.monotonic()
        reports = _ask_in_turn(address, options, asked, progress, stop)
    else:
        from wizard.discovery.engine import ask_all

        begun = time.monotonic()
        reports = ask_all(address, options, asked, network=network, progress=progress, stop=stop)
    elapsed_ms = round((time.monotonic() - begun) * 1000)
    from wizard.discovery.report import merge_reports  # not before there are any

    return merge_reports(address, reports, options, elapsed_ms, time.strftime("%Y-%m-%d", time.gmtime()))


def _ask_in_turn(
    address: EmailAddress,
    options: LookUpOptions,
    specs: Sequence[SourceSpec],
    progress: Progress,
    stop: Stop,
) -> list[SourceReport]:
    reports = []
    for spec in specs:
        progress.begin(spec.source)
        if stop.is_set():
            report = SourceReport(spec.source, Outcome.CANCELLED)
        else:
            report = cast("Find", spec.find)(address, options)
        progress.read(report, connecting=False)
        reports.append(report)
    return reports


def start(
    address: EmailAddress,
    options: LookUpOptions,
    *,
    sources: Sequence[SourceSpec] | None = None,
    network: Network | None = None,
) -> LookUp:
    """Begin to look up ``address`` and come back at once."""
    return LookUp(address, options, sources, network)


class LookUp:
    """A look-up that runs in a daemon thread: it never keeps the program from ending."""

    def __init__(
        self,
        address: EmailAddress,
        options: LookUpOptions,
        sources: Sequence[SourceSpec] | None,
        network: Network | None,
    ) -> None:
        from contextvars import copy_context
        from threading import Event, Thread

        self._finished, self._stop, self._progress = Event(), Stop(), Progress()
        self._report: DiscoveryReport | None = None
        self._error: BaseException | None = None
        context = copy_context()  # a thread begins without a language of its own

        def run() -> None:
            try:
                self._report = discover(
                    address, options, sources=sources, network=network, progress=self._progress, stop=self._stop
                )
            except BaseException as error:  # raised again where the result is awaited
                self._error = error
            finally:
                self._finished.set()
                atexit.unregister(self._leave)

        self._thread = Thread(target=context.run, args=(run,), name="look-up", daemon=True)
        with interruption.held:
            atexit.register(self._leave)
            self._thread.start()

    def _leave(self) -> None:
        """At the end of the program: close the connections first. A thread that is inside OpenSSL then would crash."""
        self._stop.set()
        self._thread.join(LEAVING)

    @property
    def done(self) -> bool:
        """Whether :meth:`result` would come at once."""
        return self._finished.is_set()

    def steps(self) -> tuple[Step, ...]:
        """Where every source stands."""
        return self._progress.steps()

    def wait(self, seconds: float) -> bool:
        """Wait at most ``seconds``; whether the look-up is done."""
        interruption.check()
        return self._finished.wait(seconds)

    def cancel(self) -> None:
        """Ask no further; what has been found so far is the result."""
        self._stop.set()

    def result(self) -> DiscoveryReport:
        """The report, waiting for it. Raises what the look-up raised."""
        while not self._finished.wait(0.5):  # a wait without an end cannot be interrupted on Windows
            interruption.check()
        if self._error is not None:
            raise self._error
        assert self._report is not None
        return self._report
