"""What a source is: all that is particular to it, in one value; and how several questions of one source are ranked."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING

from wizard.model.discovery import Outcome, Source, SourceReport, Trust

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Coroutine, Sequence

    from wizard.discovery.context import Context, LookUpOptions
    from wizard.model.address import EmailAddress

    Find = Callable[[EmailAddress, LookUpOptions], SourceReport]
    FindInNetwork = Callable[[Context], Coroutine[None, None, SourceReport]]

GRACE = 0.4
"""Seconds for which better answers are still awaited when a lesser one has found something."""


def _always(_options: LookUpOptions) -> bool:
    return True


def _no_question(_context: Context) -> None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSpec:
    """Everything that is particular to one source.

    ``source``: its identifier in documents; its place in :class:`Source` is its rank. ``name``: who is asked, in at
    most 19 characters, for an outcome stands beside it on a screen 40 columns wide. ``origin``: where a setting of it
    was read; ``guess_origin``: where a guess was read that a question to the DNS led to. All are marked for
    translation, and translated where they are shown. ``trust``: what its word is worth as long as nothing raises it
    (DNSSEC) or lowers it (a redirect to another domain).

    ``find`` gives its report; None for what is never asked. ``local``: it needs no network, so its answer cannot have
    been changed in transit, and ``find`` is not a coroutine. ``permitted``: whether the options allow to ask it.
    ``first_question``: the URL or the question to the DNS that it begins with, for the report where no answer came in
    time; None where it has none of its own.

    ``conventional``: its user names are a convention and give way to what others published. ``provisional``: it cannot
    know how to log in, so that what the server announces counts alone.
    """

    source: Source
    name: str
    origin: str
    trust: Trust
    find: Find | FindInNetwork | None
    local: bool = False
    permitted: Callable[[LookUpOptions], bool] = _always
    first_question: Callable[[Context], str | None] = _no_question
    conventional: bool = False
    guess_origin: str = ""
    provisional: bool = False


async def first_by_priority(
    questions: Sequence[Coroutine[None, None, SourceReport]],
) -> tuple[SourceReport | None, ...]:
    """Ask all ``questions`` at once, the most preferred first; the answers in their order.

    It ends when the best answer that found something cannot be bettered any more, or when those before it had
    :data:`GRACE` seconds more. What was not waited for is cancelled, and None.
    """
    import asyncio

    tasks = [asyncio.create_task(question) for question in questions]
    until: float | None = None
    try:
        while (pending := _worth_waiting_for(tasks)) and (until is None or monotonic() < until):
            timeout = None if until is None else max(0.0, until - monotonic())
            await asyncio.wait(pending, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
            if until is None and any(_found(task) for task in tasks):
                until = monotonic() + GRACE
        return tuple(task.result() if task.done() else None for task in tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _found(task: asyncio.Task[SourceReport]) -> bool:
    return task.done() and task.result().outcome is Outcome.FOUND


def _worth_waiting_for(tasks: Sequence[asyncio.Task[SourceReport]]) -> list[asyncio.Task[SourceReport]]:
    """Those without an answer that come before the first that found something."""
    pending = []
    for task in tasks:
        if _found(task):
            break
        if not task.done():
            pending.append(task)
    return pending
