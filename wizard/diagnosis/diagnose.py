"""All servers of an account at once, under one deadline: what is observed, what is wrong, what a device cannot do."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import TYPE_CHECKING

from wizard.diagnosis.ladder import observe_server
from wizard.model.diagnosis import Diagnosis, RungName, RungStatus
from wizard.model.servers import SocketType

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from wizard.diagnosis.device import Device
    from wizard.diagnosis.evidence import Home, Missing, Published
    from wizard.diagnosis.options import CheckOptions
    from wizard.model.address import EmailAddress
    from wizard.model.diagnosis import Finding, Observation, Rung, Target
    from wizard.model.provider import Provider
    from wizard.model.servers import Protocol
    from wizard.net.connect import Network


async def observe(
    targets: Sequence[Target],
    options: CheckOptions,
    network: Network,
    *,
    on_rung: Callable[[Target, Rung], None] | None = None,
) -> tuple[Observation, ...]:
    """What is seen of each of ``targets``, in their order, all of them side by side within ``options.timeout``."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(observe_server(network, target, options, on_rung=on_rung)) for target in targets]
    return tuple(task.result() for task in tasks)


async def diagnose(
    address: EmailAddress,
    targets: Sequence[Target],
    options: CheckOptions,
    network: Network,
    *,
    provider: Provider | None = None,
    providers: Mapping[str, Provider] | None = None,
    published: Published | None = None,
    home: Home | None = None,
    missing: Sequence[Missing] = (),
    left_out: Sequence[Target] = (),
    on_rung: Callable[[Target, Rung], None] | None = None,
) -> Diagnosis:
    """What is wrong with the servers of ``address``. ``on_rung`` is called with each rung as it ends.

    ``providers``, ``published``, ``home``, ``missing`` and ``left_out`` are those of
    :func:`~wizard.diagnosis.rules.find_causes`. The password of ``options`` is the caller's to wipe.
    """
    from wizard.diagnosis.rules import find_causes

    started = monotonic()
    observations = await observe(targets, options, network, on_rung=on_rung)
    return Diagnosis(
        address=address,
        observations=observations,
        findings=find_causes(
            address, observations, provider, missing, left_out, providers=providers, published=published, home=home
        ),
        elapsed_ms=round((monotonic() - started) * 1000),
    )


async def compare_with_device(
    device: Device, observations: Sequence[Observation], network: Network, *, seconds: float
) -> tuple[tuple[Finding, ...], tuple[Protocol, ...]]:
    """Why ``device`` cannot use the servers, and the protocols of those that could not be asked within ``seconds``."""
    from wizard.diagnosis.rules import merge_findings

    compared = await asyncio.gather(
        *(_compare_one(device, observation, network, seconds) for observation in observations)
    )
    findings = [finding for result in compared if result is not None for finding in result]
    not_asked = [
        observation.target.protocol
        for observation, result in zip(observations, compared, strict=True)
        if result is None
    ]
    return tuple(merge_findings(findings)), tuple(not_asked)


async def _compare_one(
    device: Device, observation: Observation, network: Network, seconds: float
) -> tuple[Finding, ...] | None:
    from wizard.diagnosis.device_comparison import compare
    from wizard.diagnosis.server_checks import endpoint_of
    from wizard.net.failures import Failure
    from wizard.net.tls_support import find_tls_support

    target = observation.target
    connected = any(rung.name is RungName.TCP and rung.status is RungStatus.OK for rung in observation.rungs)
    if not connected or target.socket_type is SocketType.PLAIN or seconds <= 0:
        return None
    methods = observation.methods if observation.capabilities is not None else None
    try:
        async with asyncio.timeout(seconds):
            offered = await find_tls_support(network, endpoint_of(target), methods=methods)
    except TimeoutError:
        return None
    return None if isinstance(offered, Failure) else compare(device, offered)
