"""The one way out: which server to enter instead, or how to secure the connection to the same one.

Nothing is told to be entered that was not seen to answer in this run, and one thing only for a server. In this order:

1. what was found for the address and answers, at the same host before another,
2. another port of the same host, or the same one secured in another way,
3. another name under which the server answers,
4. what was guessed for the address and answers; where there is no such host, before the usual names.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from wizard.diagnosis.evidence import best_host
from wizard.language import translate as _
from wizard.model.diagnosis import RungName
from wizard.model.discovery import Source
from wizard.model.servers import USUAL_PORTS, SocketType
from wizard.net.domains import same_registrable
from wizard.net.responses import offers_starttls, recognise_protocol
from wizard.wording import protocol_label, security_setting

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wizard.model.diagnosis import Observation, Target

_ENCRYPTED = (SocketType.SSL, SocketType.STARTTLS)


@dataclass(frozen=True, slots=True)
class WayOut:
    """What to enter instead of ``mine``; ``found``: as it was found for the address, or None."""

    mine: Target
    host: str
    port: int
    socket_type: SocketType
    found: Target | None = None

    @property
    def names_protocol(self) -> bool:
        """Whether the step can stand beside that of another server."""
        return self.host != self.mine.host and (self.found is not None or not self._only_the_host)

    @property
    def _only_the_host(self) -> bool:
        return (self.port, self.socket_type) == (self.mine.port, self.mine.socket_type)

    @property
    def step(self) -> str:
        """The step, in the words that mail programs show."""
        security = security_setting(self.socket_type)
        if self.host == self.mine.host and self.port == self.mine.port:
            if self.socket_type is SocketType.SSL:
                words = _("Choose SSL/TLS as the security of the connection, and leave port {port}.")
            else:
                words = _("Choose STARTTLS as the security of the connection, and leave port {port}.")
            return words.format(port=self.port)
        if self.host == self.mine.host:
            return _("Enter port {other_port}, and choose {other_security} as the security of the connection.").format(
                other_port=self.port, other_security=security
            )
        if self._only_the_host and self.found is None:
            stays = _("Leave port {port} and the security {security} as they are.")
            enter = _("Enter {other_host} as the server name, instead of {host}.")
            enter = enter.format(other_host=self.host, host=self.mine.host)
            return f"{enter} {stays.format(port=self.port, security=security)}"
        if self.found is not None:
            words = _(
                "For {protocol}, enter {host} as the server name and port {port}, and choose {security} as the "
                "security of the connection: this was found for your address, and it answers."
            )
        else:
            words = _(
                "For {protocol}, enter {host} as the server name and port {port}, and choose {security} as the "
                "security of the connection: under this name the server answers."
            )
        protocol = protocol_label(self.mine.protocol)
        return words.format(protocol=protocol, host=self.host, port=self.port, security=security)


def way_out(mine: Target, observation: Observation | None, published: Sequence[Target]) -> WayOut | None:
    """What to enter instead of ``mine``, or None where nothing else was seen to answer.

    ``published``: what was found for the address and protocol and was seen to answer, the best first.
    """
    best = best_published(mine, published)
    found = None if best is None else WayOut(mine, best.host, best.port, best.socket_type, best)
    if best is not None and (best.host == mine.host or best.source is not Source.PROBE):
        return found
    if observation is None:
        return found
    by_name = _by_another_name(mine, observation)
    looked_for = observation.failed_rung is RungName.DNS  # names that are usual, not the server's own
    return next(_at_host(mine, observation), None) or (found or by_name if looked_for else by_name or found)


def best_published(mine: Target, published: Sequence[Target]) -> Target | None:
    """The best of ``published`` in place of ``mine``, one at the same host first; None where ``mine`` is among them."""
    if any(same_server(mine, server) for server in published):
        return None
    at_host = (server for server in published if server.host == mine.host)
    return next(chain(at_host, published), None)


def same_server(target: Target, other: Target) -> bool:
    """Whether both are one host and port, secured in one way."""
    return (target.host, target.port, target.socket_type) == (other.host, other.port, other.socket_type)


def _at_host(mine: Target, observation: Observation) -> Iterator[WayOut]:
    """What answered at the host itself, better secured first."""
    places = {(port.port, port.socket_type) for port in observation.other_ports if port.answers}
    within = observation.extra.get("spoke_line", "")
    if observation.spoken == "tls" and recognise_protocol(within).lower() in ("", mine.protocol.value):
        places.add((mine.port, SocketType.SSL))
    before_tls = observation.clear_capabilities or ()
    if mine.socket_type is SocketType.PLAIN and offers_starttls(mine.protocol, before_tls):
        places.add((mine.port, SocketType.STARTTLS))
    in_order = [port.port for port in observation.other_ports]
    for socket_type in _ENCRYPTED:
        ports = [port for port, security in places if security is socket_type]
        for port in sorted(ports, key=lambda port: in_order.index(port) if port in in_order else -1):
            if (port, socket_type) != (mine.port, mine.socket_type):
                yield WayOut(mine, mine.host, port, socket_type)


def _by_another_name(mine: Target, observation: Observation) -> WayOut | None:
    """The name under which the server answers, one of the same owner first: of its certificate, else a usual one."""
    names = observation.other_names
    related = [name for name in names if same_registrable(name, mine.host)]
    name = best_host(related or names, mine.protocol)
    if name and observation.failed_rung is RungName.DNS:  # looked for on the usual port
        return WayOut(mine, name, USUAL_PORTS[mine.protocol, SocketType.SSL], SocketType.SSL)
    return WayOut(mine, name, mine.port, mine.socket_type) if name else None
