"""The order in which the targets of SRV records are tried (RFC 2782, “Usage rules”), as a pure function of chance."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from random import Random

    from wizard.net.dns import SrvRecord


def in_order(records: Iterable[SrvRecord], chance: Random) -> tuple[SrvRecord, ...]:
    """``records`` by priority; among equals drawn one after another, each as likely as its weight.

    Those of weight 0 are put first before drawing, which leaves them a small chance beside others.
    """
    by_priority: dict[int, list[SrvRecord]] = {}
    for one in records:
        by_priority.setdefault(one.priority, []).append(one)
    return tuple(one for priority in sorted(by_priority) for one in _drawn(by_priority[priority], chance))


def _drawn(equals: list[SrvRecord], chance: Random) -> list[SrvRecord]:
    left = sorted(equals, key=lambda one: (one.weight != 0, one.weight, one.target, one.port))
    drawn = []
    while left:
        number = chance.randint(0, sum(one.weight for one in left))
        running = 0
        for at, one in enumerate(left):
            running += one.weight
            if running >= number:
                drawn.append(left.pop(at))
                break
    return drawn
