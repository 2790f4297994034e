"""All servers of an account at once, under one deadline: what was seen of each, and what is wrong."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import TYPE_CHECKING

from wizard.diagnosis.ladder import climb
from wizard.model.diagnosis import Diagnosis

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wizard.diagnosis.wishes import CheckWishes
    from wizard.model.address import EmailAddress
    from wizard.model.diagnosis import Observed, Rung, Target
    from wizard.model.provider import Provider
    from wizard.net.connect import Network


async def observe(
    targets: Sequence[Target],
    wishes: CheckWishes,
    network: Network,
    *,
    shown: Callable[[Target, Rung], None] | None = None,
) -> tuple[Observed, ...]:
    """What is seen of each of ``targets``, in their order, all of them side by side within ``wishes.timeout``."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(climb(network, target, wishes, shown=shown)) for target in targets]
    return tuple(task.result() for task in tasks)


async def diagnose(
    address: EmailAddress,
    targets: Sequence[Target],
    wishes: CheckWishes,
    network: Network,
    *,
    provider: Provider | None = None,
    shown: Callable[[Target, Rung], None] | None = None,
) -> Diagnosis:
    """What is wrong with the servers of ``address``. ``shown`` is called with each rung as it ends.

    The password of ``wishes`` is the caller's to wipe.
    """
    from wizard.diagnosis.rules import find_causes

    begun = monotonic()
    observed = await observe(targets, wishes, network, shown=shown)
    findings = find_causes(address, observed, provider)
    return Diagnosis(
        address=address,
        observed=observed,
        findings=findings,
        elapsed_ms=round((monotonic() - begun) * 1000),
    )
