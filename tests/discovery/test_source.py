"""The best of several answers that come at different times."""

from __future__ import annotations

import asyncio
from time import monotonic

import pytest

from wizard.discovery import source
from wizard.model.discovery import Outcome, Source, SourceReport


def said(detail, outcome=Outcome.FOUND):
    return SourceReport(Source.MX, outcome, detail=detail)


async def after(seconds, report, ended=None):
    try:
        await asyncio.sleep(seconds)
    finally:
        if ended is not None:
            ended.append(report.detail)
    return report


def run(*asked):
    return asyncio.run(source.first_by_priority(asked))


@pytest.mark.usefixtures("unhurried")
def test_the_higher_one_wins_over_a_faster_one():
    reports = run(after(0.05, said("higher")), after(0, said("faster")))
    assert [report.detail for report in reports] == ["higher", "faster"]


def test_a_lower_one_is_not_waited_for_once_the_highest_has_found_something():
    ended = []
    begun = monotonic()
    first, second = run(after(0, said("higher")), after(30, said("lower"), ended))
    assert (first.detail, second) == ("higher", None)
    assert monotonic() - begun < 5
    assert ended == ["lower"], "what was not waited for is still running"


def test_a_higher_one_that_never_answers_gives_way_after_a_grace(monkeypatch):
    monkeypatch.setattr(source, "GRACE", 0.05)
    begun = monotonic()
    first, second = run(after(30, said("never")), after(0, said("lower")))
    assert (first, second.detail) == (None, "lower")
    assert monotonic() - begun < 5


def test_where_nobody_finds_anything_all_are_heard():
    reports = run(after(0, said("a", Outcome.NOTHING)), after(0.02, said("b", Outcome.UNREACHABLE)))
    assert [report.outcome for report in reports] == [Outcome.NOTHING, Outcome.UNREACHABLE]


def test_to_be_cancelled_cancels_all_that_was_asked():
    under_way, ended = [], []

    async def asked(detail):
        under_way.append(detail)
        return await after(30, said(detail), ended)

    async def cancelled():
        task = asyncio.create_task(source.first_by_priority([asked("a"), asked("b")]))
        while len(under_way) < 2:
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(asyncio.wait_for(cancelled(), 30))
    assert sorted(ended) == ["a", "b"]
