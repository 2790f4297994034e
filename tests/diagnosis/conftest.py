"""A small internet, and a ladder to climb in it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.diagnosis.situations import ADDRESS, HOST, PERSON
from wizard.model.diagnosis import Target
from wizard.model.servers import USUAL_PORTS, Protocol, SocketType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.world import World
    from wizard.model.diagnosis import Observation


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A small internet (:mod:`tests.world`) whose authority is trusted, with one host at ADDRESS."""
    from tests.world import World

    with World() as world:
        monkeypatch.setenv("SSL_CERT_FILE", str(world.ca_file))
        world.dns(HOST, A=[ADDRESS])
        world.dns("example.test", MX=[(10, HOST)])
        yield world


@pytest.fixture
def climb(world: World) -> Callable[..., Observation]:
    """``climb(protocol, socket_type, port=…, host=…, username=…, on_rung=…, network=…, **options)``."""
    from wizard.diagnosis import ladder
    from wizard.diagnosis.options import CheckOptions

    def climb(
        protocol=Protocol.IMAP,
        socket_type=SocketType.SSL,
        *,
        host=HOST,
        port=None,
        username=str(PERSON),
        on_rung=None,
        network=None,
        **options,
    ):
        target = Target(
            protocol=protocol,
            host=host,
            port=port or USUAL_PORTS[protocol, socket_type],
            socket_type=socket_type,
            username=username,
        )
        checks = CheckOptions(address=PERSON, **options)
        return asyncio.run(ladder.observe_server(network or world.network(), target, checks, on_rung=on_rung))

    return climb


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever waits, waits for a minute, so that only the deadline of the run can end it, however busy the machine."""
    for name in (
        "wizard.net.connect.TIMEOUT",
        "wizard.diagnosis.ladder.CONVERSATION",
        "wizard.net.mail.CONVERSATION_TIMEOUT",
        "wizard.net.unverified.BANNER_WAIT",
        "wizard.net.unverified.TIMEOUT",
    ):
        monkeypatch.setattr(name, 60.0)
