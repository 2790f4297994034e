"""A look-up in the network: every source at once, one deadline, and an end as soon as nothing better can come.

The rule for the end is in settling.py. A source that is no longer needed is cancelled for good: its sockets are closed
before the look-up returns.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any, cast

from wizard.discovery.look import Look
from wizard.discovery.options import ISPDB_URL
from wizard.discovery.other_names import with_names_of_certificates
from wizard.discovery.questions import first_question
from wizard.discovery.settling import GRACE, Standing, settled, usable
from wizard.discovery.urls import host_of
from wizard.discovery.verifying import Verifier
from wizard.discovery.wording import unexpected
from wizard.language import translate as _
from wizard.model.discovery import Outcome, SourceReport
from wizard.model.problems import Problem
from wizard.net.connect import Network
from wizard.net.dns import open_resolver
from wizard.net.https import warm_up
from wizard.net.policy import AddressPolicy

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence

    from wizard.discovery.options import LookUpOptions
    from wizard.discovery.progress import Progress
    from wizard.discovery.registry import Find, FindInNetwork, RegisteredSource
    from wizard.discovery.stop import Stop
    from wizard.model.address import EmailAddress
    from wizard.model.discovery import Source


ROUNDS = 8
"""Rounds of the event loop in which a first question leaves: a task, one within it, a socket, the packet."""


def open_network(options: LookUpOptions) -> Network:
    """The network as ``options`` permit it: a mirror of the ISPDB that somebody named may be in their own house.

    Raises Problem when the resolver is no address.
    """
    own = frozenset() if options.ispdb_url == ISPDB_URL else frozenset({host_of(options.ispdb_url)})
    policy = AddressPolicy(allow_private=options.allow_private, typed=own)
    return Network(resolver=open_resolver(options.resolver), policy=policy)


def ask_all(
    address: EmailAddress,
    options: LookUpOptions,
    sources: Sequence[RegisteredSource],
    *,
    network: Network | None,
    progress: Progress,
    stop: Stop,
) -> list[SourceReport]:
    """What every source says, in their order. Raises Problem when a file of the person's own catalogue is wrong."""
    look = Look(address, options, network or open_network(options))
    with asyncio.Runner() as runner:
        return runner.run(_Race(look, sources, progress).run(stop))


class _Race:
    """One run over the sources; what each has said so far, and why one was not waited for."""

    def __init__(self, look: Look, sources: Sequence[RegisteredSource], progress: Progress) -> None:
        self._look, self._sources, self._progress = look, sources, progress
        self._begun = monotonic()
        self._verifier = Verifier(look)
        self._so_far: dict[int, SourceReport] = {}  # read, and maybe not yet all of it connected to
        self._news = asyncio.Event()
        self._done: dict[int, SourceReport] = {}
        self._usable_since: float | None = None

    async def run(self, stop: Stop) -> list[SourceReport]:
        stopped = asyncio.create_task(stop.wait())
        stopped.add_done_callback(self._hear)
        tasks: dict[asyncio.Task[SourceReport], int] = {}
        try:
            for at in self._in_order_of_starting():
                begun = asyncio.create_task(self._ask(at))
                begun.add_done_callback(self._hear)
                tasks[begun] = at
                await _let_it_begin()
            warm_up()
            return await self._wait(tasks, stopped)
        finally:
            for task in (*tasks, stopped):
                task.cancel()
            await asyncio.gather(*tasks, stopped, return_exceptions=True)
            await self._look.visits.close()

    def _hear(self, _task: asyncio.Task[Any]) -> None:
        self._news.set()

    def _in_order_of_starting(self) -> list[int]:
        """Those that wait for packets first: the others work meanwhile."""
        return sorted(range(len(self._sources)), key=lambda at: self._sources[at].offline)

    async def _wait(
        self, tasks: dict[asyncio.Task[SourceReport], int], stopped: asyncio.Task[None]
    ) -> list[SourceReport]:
        while len(self._done) < len(tasks):
            with suppress(TimeoutError):
                async with asyncio.timeout(self._time_left()):
                    await self._news.wait()
            self._news.clear()
            self._done.update({at: task.result() for task, at in tasks.items() if task.done()})
            if stopped.done():
                return self._reports(Outcome.CANCELLED, _("stopped"))
            if self._settled():
                return self._reports(Outcome.CANCELLED, _("not needed any more"))
            if monotonic() - self._begun >= self._look.options.timeout:
                late = _("no answer within {seconds:g} s").format(seconds=self._look.options.timeout)
                return self._reports(Outcome.UNREACHABLE, late)
        return self._reports(Outcome.CANCELLED, "")

    def _time_left(self) -> float:
        until = self._begun + self._look.options.timeout
        if self._usable_since is not None:
            until = min(until, self._usable_since + GRACE)
        return max(0.0, until - monotonic())

    def _settled(self) -> bool:
        standings = [
            Standing(one.source, self._done.get(at), self._so_far.get(at)) for at, one in enumerate(self._sources)
        ]
        if self._usable_since is None and usable(standings):
            self._usable_since = monotonic()
        since = 0.0 if self._usable_since is None else monotonic() - self._usable_since
        return settled(standings, self._look.address.domain, since)

    async def _ask(self, at: int) -> SourceReport:
        source = self._sources[at]
        begun = monotonic()
        self._progress.begin(source.source)
        report = replace(await self._find(source), elapsed_ms=_ms(begun))
        if any(one.verified is None for one in report.servers):
            self._tell(at, report)
            self._progress.read(report, connecting=True)
            report = await self._verifier.judge(report, partial(self._tell, at))
            report = await self._with_other_names(report)
            report = replace(report, elapsed_ms=_ms(begun))
        self._progress.read(report, connecting=False)
        return report

    def _tell(self, at: int, report: SourceReport) -> None:
        """Note what is known so far: one slow server must not hide what the others of its source have shown."""
        self._so_far[at] = report
        self._news.set()

    async def _find(self, source: RegisteredSource) -> SourceReport:
        if source.offline:
            return cast("Find", source.find)(self._look.address, self._look.options)
        asked: Coroutine[None, None, SourceReport] = cast("FindInNetwork", source.find)(self._look)
        try:
            return await asked
        except Problem:
            raise
        except Exception as error:  # what a stranger sends must not end the look-up, whatever it is
            return self._without_answer(source.source, Outcome.MALFORMED, unexpected(error))

    async def _with_other_names(self, report: SourceReport) -> SourceReport:
        try:
            return await with_names_of_certificates(self._look, self._verifier, report)
        except Exception as error:  # an offer that cannot be made; what was published stays, and that is said
            return replace(report, detail=f"{report.detail} {unexpected(error)}".strip())

    def _reports(self, outcome: Outcome, detail: str) -> list[SourceReport]:
        """What every source said; one that is still being asked has ``outcome``, with ``detail`` as the reason."""
        reports = []
        for at, source in enumerate(self._sources):
            if at in self._done:
                reports.append(self._done[at])
            elif at in self._so_far:
                read = self._so_far[at]
                reports.append(self._verifier.given_up(read) if self._time_left() <= 0 else read)
            else:
                left = self._without_answer(source.source, outcome, detail)
                self._progress.read(left, connecting=False)
                reports.append(left)
        return reports

    def _without_answer(self, source: Source, outcome: Outcome, detail: str) -> SourceReport:
        url = first_question(source, self._look)
        return SourceReport(source, outcome, url=url, elapsed_ms=_ms(self._begun), detail=detail)


async def _let_it_begin() -> None:
    """Let the questions of a source leave before the next one begins, for some have to load something first."""
    for _round in range(ROUNDS):
        await asyncio.sleep(0)


def _ms(begun: float) -> int:
    return round((monotonic() - begun) * 1000)
