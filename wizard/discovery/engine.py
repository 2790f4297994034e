"""A look-up in the network: every source at once, one deadline, and an end as soon as nothing better can come.

The rule for the end is in completion.py. A source that is no longer needed is cancelled for good: its sockets are
closed before the look-up returns.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from importlib import import_module
from math import inf
from time import monotonic
from typing import TYPE_CHECKING, Any, cast

from wizard.discovery.context import ISPDB_URL, Context
from wizard.language import translate as _
from wizard.model.discovery import Outcome, SourceReport
from wizard.model.problems import Problem
from wizard.net.connect import Network
from wizard.net.dns import open_resolver
from wizard.net.policy import AddressPolicy
from wizard.net.urls import HTTPS_PORT, host_of

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence

    from wizard.discovery.completion import SourceState
    from wizard.discovery.connecting import Verifier
    from wizard.discovery.context import LookUpOptions
    from wizard.discovery.progress import Progress, Stop
    from wizard.discovery.source import Find, FindInNetwork, SourceSpec
    from wizard.model.address import EmailAddress
    from wizard.model.discovery import Source
    from wizard.net.resolver_check import ResolverView

ROUNDS = 8
"""Rounds of the event loop in which a first question leaves: a task, one within it, a socket, the packet."""

ANSWER_ROUNDS = 24
"""Rounds in which an answer of the DNS becomes a connection: it goes through each of the tasks that wait for it."""

PATIENCE = 1.0
"""Seconds without a server that answers after which the network itself is looked at; half the time where that is less.
"""


def open_network(options: LookUpOptions) -> Network:
    """The network as ``options`` permit it: a mirror of the ISPDB that the user named may be in a private network.

    Raises Problem when the resolver is not an address.
    """
    own = frozenset() if options.ispdb_url == ISPDB_URL else frozenset({host_of(options.ispdb_url)})
    policy = AddressPolicy(allow_private=options.allow_private, typed=own)
    return Network(resolver=open_resolver(options.resolver), policy=policy)


def ask_all(
    address: EmailAddress,
    options: LookUpOptions,
    specs: Sequence[SourceSpec],
    *,
    network: Network | None,
    progress: Progress,
    stop: Stop,
) -> list[SourceReport]:
    """What every source says, in their order. Raises Problem when a file of the user's own catalogue is wrong."""
    context = Context(address, options, network or open_network(options))
    with asyncio.Runner() as runner:
        return runner.run(_Run(context, specs, progress).run(stop))


class _Run:
    """One run over the sources; what each has said so far, and why one was not waited for.

    A source goes by its position in ``specs``. ``_done``: reports that are final. Those of ``context.findings`` are
    read, their servers maybe not yet connected to.
    """

    def __init__(self, context: Context, specs: Sequence[SourceSpec], progress: Progress) -> None:
        self._context, self._specs, self._progress = context, specs, progress
        self._begun = monotonic()
        self._findings = context.findings
        self._done: dict[int, SourceReport] = {}
        self._news = asyncio.Event()
        self._usable_since: float | None = None
        self._over = asyncio.Event()
        self._findings.subscribe(self._news)
        self._findings.expect(spec.source for spec in specs)

    async def run(self, stop: Stop) -> list[SourceReport]:
        stopped = asyncio.create_task(stop.wait())
        stopped.add_done_callback(self._wake)
        view = asyncio.create_task(self._view_of_network())
        tasks: dict[asyncio.Task[SourceReport], int] = {}
        try:
            for position in self._in_order_of_starting():
                task = asyncio.create_task(self._ask(position))
                task.add_done_callback(self._wake)
                tasks[task] = position
                await _go_round(ROUNDS)
            await _load_the_rest()
            reports = await self._wait(tasks, stopped)
            return reports if stopped.done() else await self._adjusted_to_network(reports, view)
        finally:
            for pending in (*tasks, stopped, view):
                pending.cancel()
            await asyncio.gather(*tasks, stopped, view, return_exceptions=True)
            await self._context.connections.close()

    @cached_property
    def _verifier(self) -> Verifier:
        from wizard.discovery.connecting import Verifier

        return Verifier(self._context)

    def _wake(self, _task: asyncio.Task[Any]) -> None:
        self._news.set()

    def _in_order_of_starting(self) -> list[int]:
        """Those that ask the DNS first, which have little to load for that; last those that work while packets travel.

        The addresses that the DNS gives are what the first connections wait for.
        """

        def work_before_asking(position: int) -> tuple[bool, bool]:
            spec = self._specs[position]
            question = spec.first_question(self._context)
            return spec.local, question is not None and question.startswith("https:")

        return sorted(range(len(self._specs)), key=work_before_asking)

    async def _wait(
        self, tasks: dict[asyncio.Task[SourceReport], int], stopped: asyncio.Task[None]
    ) -> list[SourceReport]:
        while len(self._done) < len(tasks):
            try:
                async with asyncio.timeout(self._time_left()):
                    await self._news.wait()
            except TimeoutError:
                await _go_round(ROUNDS)  # on a slow machine something may have arrived that nobody has read yet
            self._news.clear()
            if self._findings.names_in_doubt:
                self._over.set()
            self._done.update({position: task.result() for task, position in tasks.items() if task.done()})
            if stopped.done():
                return self._reports(Outcome.CANCELLED, _("stopped"))
            if self._is_complete():
                return self._reports(Outcome.CANCELLED, _("not needed any more"))
            if monotonic() >= self._deadline:
                late = _("no answer within {seconds:g} s").format(seconds=self._context.options.timeout)
                return self._reports(Outcome.UNREACHABLE, late)
        return self._reports(Outcome.CANCELLED, "")

    async def _view_of_network(self) -> ResolverView:
        """What the DNS says of names of which the answer is known, once nothing has answered for a while, or not under
        the name that was asked for.
        """
        options = self._context.options
        with suppress(TimeoutError):
            async with asyncio.timeout(min(PATIENCE, options.timeout / 2)):
                await self._over.wait()
        from wizard.net.resolver_check import check_resolver

        hosts = (options.ispdb_host,) if options.ispdb_host else ()
        return await check_resolver(self._context.network, self._context.address.domain.ascii, hosts)

    async def _adjusted_to_network(
        self, reports: list[SourceReport], view: asyncio.Task[ResolverView]
    ) -> list[SourceReport]:
        """``reports``, or what is left of them where no server has answered and the network's answers are wrong."""
        from wizard.discovery.certificate_names import has_other_name

        answering = [(report, found) for report in reports for found in report.servers if found.verified]
        if not all(has_other_name(report, found) for report, found in answering):
            return reports
        from wizard.discovery.network_faults import adjusted_reports

        self._over.set()
        await asyncio.wait([view], timeout=max(0.0, self._deadline - monotonic()))
        if not view.done() or view.exception() is not None:  # what cannot be seen says nothing, and ends nothing
            return reports
        return adjusted_reports(view.result(), self._context.address.domain, reports)

    @property
    def _deadline(self) -> float:
        return self._begun + self._context.options.timeout

    @property
    def _grace_ends(self) -> float:
        """Until when others are waited for once there is a usable account."""
        from wizard.discovery.completion import GRACE

        return inf if self._usable_since is None else self._usable_since + GRACE

    def _time_left(self) -> float:
        """Seconds until something has to be decided although nobody answered."""
        now = monotonic()
        ends = [end for spec in self._specs if (end := self._latest(spec.source)) > now]
        return max(0.0, min([self._deadline, *ends]) - now)

    def _latest(self, source: Source) -> float:
        """When ``source`` cannot have answered before the grace ends any more, as its web server is silent."""
        from wizard.discovery.connecting import latest

        since = self._context.network.unanswered.get((self._findings.awaited.get(source, ""), HTTPS_PORT))
        return latest(since, self._grace_ends)

    def _state(self, position: int) -> SourceState:
        from wizard.discovery.completion import SourceState

        source = self._specs[position].source
        too_late = monotonic() >= self._latest(source)
        return SourceState(source, self._done.get(position), self._findings.reports.get(source), too_late)

    def _is_complete(self) -> bool:
        from wizard.discovery.completion import has_usable_account, is_complete

        states = [self._state(position) for position in range(len(self._specs))]
        if self._usable_since is None and has_usable_account(states):
            self._usable_since = monotonic()
        since = 0.0 if self._usable_since is None else monotonic() - self._usable_since
        return is_complete(states, self._context.address.domain, since)

    async def _ask(self, position: int) -> SourceReport:
        spec = self._specs[position]
        begun = monotonic()
        self._progress.begin(spec.source)
        report = replace(await self._find(spec), elapsed_ms=_ms(begun))
        self._findings.publish(report, final=True)
        if any(found.verified is None for found in report.servers):
            self._progress.read(report, connecting=True)
            report = await self._verifier.verify_report(report, self._findings.publish)
            report = await self._with_certificate_names(report)
            report = replace(report, elapsed_ms=_ms(begun))
            self._findings.publish(report)
        self._progress.read(report, connecting=False)
        return report

    async def _find(self, spec: SourceSpec) -> SourceReport:
        if spec.local:
            return cast("Find", spec.find)(self._context.address, self._context.options)
        answer: Coroutine[None, None, SourceReport] = cast("FindInNetwork", spec.find)(self._context)
        try:
            return await answer
        except Problem:
            raise
        except Exception as error:  # what a stranger sends must not end the look-up, whatever it is
            from wizard.discovery.wording import unexpected

            return self._without_answer(spec, Outcome.MALFORMED, unexpected(error))

    async def _with_certificate_names(self, report: SourceReport) -> SourceReport:
        from wizard.discovery.certificate_names import offer_certificate_names
        from wizard.discovery.wording import unexpected

        try:
            return await offer_certificate_names(self._context, self._verifier, report)
        except Exception as error:  # an offer that cannot be made; what was published stays, and the error is reported
            return replace(report, detail=f"{report.detail} {unexpected(error)}".strip())

    def _reports(self, outcome: Outcome, detail: str) -> list[SourceReport]:
        """What every source said; one that is still being asked has ``outcome``, with ``detail`` as the reason."""
        reports = []
        time_over = monotonic() >= min(self._deadline, self._grace_ends)
        for position, spec in enumerate(self._specs):
            read = self._done.get(position)
            if read is None:
                read = self._so_far(spec, outcome, detail)
                self._progress.read(read, connecting=False)
            reports.append(self._verifier.concluded(read, time_over=time_over))
        return reports

    def _so_far(self, spec: SourceSpec, outcome: Outcome, detail: str) -> SourceReport:
        known = self._findings.reports.get(spec.source)
        if known is None:
            return self._without_answer(spec, outcome, detail)
        if known.outcome is Outcome.CANCELLED:  # it had only begun
            known = replace(known, outcome=outcome, detail=detail)
        return replace(known, elapsed_ms=known.elapsed_ms or _ms(self._begun))

    def _without_answer(self, spec: SourceSpec, outcome: Outcome, detail: str) -> SourceReport:
        url = spec.first_question(self._context)
        return SourceReport(spec.source, outcome, url=url, elapsed_ms=_ms(self._begun), detail=detail)


async def _load_the_rest() -> None:
    """Import what connects to servers and judges answers, in the order of need, while the first questions travel.

    An answer that comes meanwhile waits for one module at most. The roots are read in a thread, which hardly holds up
    this one; another thread that imports would, and what it loads is needed once a web server has answered.
    """
    from wizard.net import http, tls

    tls.warm_up()
    for module in ("connecting", "certificate_names", "guess_outcomes", "completion", "report"):
        import_module(f"wizard.discovery.{module}")
        await _go_round(ANSWER_ROUNDS)
    http.warm_up()


async def _go_round(rounds: int) -> None:
    """Let the event loop do what is due: questions leave, and answers are taken, before something is loaded."""
    for _round in range(rounds):
        await asyncio.sleep(0)


def _ms(begun: float) -> int:
    return round((monotonic() - begun) * 1000)
