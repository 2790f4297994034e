"""Who climbs where in these tests, and how a ladder is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.model.address import parse_address
from wizard.model.servers import USUAL_PORTS, Protocol, SocketType

if TYPE_CHECKING:
    from wizard.model.diagnosis import Observation

HOST, ADDRESS, ADDRESS_6 = "mail.example.test", "203.0.113.10", "2001:db8::10"
PERSON = parse_address("anna@example.test")
EVERY = [(protocol, socket_type) for protocol in Protocol for socket_type in SocketType]
ENCRYPTED = [one for one in EVERY if one[1] is not SocketType.PLAIN]


def usual_port(protocol: Protocol, socket_type: SocketType) -> int:
    """Where it is at home."""
    return USUAL_PORTS[protocol, socket_type]


def steps(observed: Observation) -> list[str]:
    """``dns ok``, ``tcp failed`` …, in order."""
    return [f"{rung.name} {rung.status}" for rung in observed.rungs]
