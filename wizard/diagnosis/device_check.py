"""What the servers that were reached take, beside what one device can do."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from wizard.diagnosis.devices import compare
from wizard.diagnosis.rules import merged
from wizard.model.diagnosis import RungName, RungStatus
from wizard.model.servers import SocketType
from wizard.net.failures import Failure
from wizard.net.mail import Endpoint
from wizard.net.tls_support import find_tls_support

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.diagnosis.device import Device
    from wizard.model.diagnosis import Finding, Observed
    from wizard.model.servers import Protocol
    from wizard.net.connect import Network


async def compare_with(
    device: Device, observed: Sequence[Observed], network: Network, *, seconds: float
) -> tuple[tuple[Finding, ...], tuple[Protocol, ...]]:
    """Why ``device`` cannot use the servers, and the protocols of those that could not be asked within ``seconds``."""
    found: list[Finding] = []
    missed: list[Protocol] = []
    compared = await asyncio.gather(*(_one(device, one, network, seconds) for one in observed))
    for one, findings in zip(observed, compared, strict=True):
        if findings is None:
            missed.append(one.target.protocol)
        else:
            found += findings
    return tuple(merged(found)), tuple(missed)


async def _one(device: Device, observed: Observed, network: Network, seconds: float) -> tuple[Finding, ...] | None:
    target = observed.target
    connected = any(one.name is RungName.TCP and one.status is RungStatus.OK for one in observed.rungs)
    if not connected or target.socket_type is SocketType.PLAIN or seconds <= 0:
        return None
    endpoint = Endpoint(target.protocol, target.host, target.port, target.socket_type)
    methods = observed.methods if observed.capabilities is not None else None
    try:
        async with asyncio.timeout(seconds):
            offered = await find_tls_support(network, endpoint, methods=methods)
    except TimeoutError:
        return None
    return None if isinstance(offered, Failure) else compare(device, offered)
