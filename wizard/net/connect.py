"""A TCP connection to one of the addresses of a host: each of them checked, none looked up again."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from wizard.net.failures import Failure, FailureKind
from wizard.net.policy import AddressPolicy

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wizard.net.dns import Resolver

TIMEOUT = 4.0
"""Seconds for all the addresses of a host together: SYN packets are sent again after 1 s and 3 s."""

ATTEMPT_DELAY = 0.25
"""Seconds after which the next address is tried beside one that has not answered (RFC 8305 section 5)."""

_MOST_ADDRESSES = 8  # of each family: what could be started within TIMEOUT


def _unrouted(address: str, port: int) -> tuple[str, int]:
    return address, port


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """What every function of this room that opens a connection takes.

    ``route`` gives the address and port that are really dialled for a checked address and port; only tests give one,
    to run their servers on unprivileged ports. ``unanswered``: since when (``time.monotonic()``) the last address of a
    host and port has been dialled, while none has answered.
    """

    resolver: Resolver
    policy: AddressPolicy = field(default_factory=AddressPolicy)
    route: Callable[[str, int], tuple[str, int]] = _unrouted
    unanswered: dict[tuple[str, int], float] = field(default_factory=dict, compare=False, repr=False)


class Connection(NamedTuple):
    """A connected, non-blocking socket, the receiver's to close; ``address`` is the one that answered."""

    sock: socket.socket
    address: str
    host: str
    port: int


async def connect(network: Network, host: str, port: int) -> Connection | Failure:
    """Connect to ``host`` (A-labels, or an IP address that the user typed) by whichever address answers first.

    The name is looked up once, the policy of the network says which addresses count, and those alone are dialled (Happy
    Eyeballs, RFC 8305). Whether ``port`` may be connected to is decided where it comes in. TIMEOUT counts from when the
    addresses are known.
    """
    answer = await network.resolver.addresses(host)
    if isinstance(answer, Failure):
        return replace(answer, host=host, port=port)
    if not answer.records:
        return Failure(FailureKind.NO_ADDRESS if answer.exists else FailureKind.NO_SUCH_NAME, host, port)
    allowed = [address for address in answer.records if network.policy.allows(host, address)]
    if not allowed:
        return Failure(FailureKind.ADDRESS_NOT_ALLOWED, host, port, detail=", ".join(answer.records[:4]))
    return await dial(network, host, port, allowed)


def abandon(connecting: asyncio.Task[Connection | Failure]) -> None:
    """Cancel a :func:`connect` whose result is no longer needed, and close the connection if there is one."""
    if connecting.cancel() or connecting.cancelled() or connecting.exception() is not None:
        return
    if isinstance(connection := connecting.result(), Connection):
        connection.sock.close()


async def dial(network: Network, host: str, port: int, addresses: list[str]) -> Connection | Failure:
    """Connect to one of ``addresses``, which the policy of the network has allowed for ``host``."""
    from aiohappyeyeballs import start_connection

    wires = [_wire(address, *network.route(address, port)) for address in _fewer(addresses)]

    def all_dialled() -> None:
        network.unanswered[host, port] = monotonic()

    dialler = _Dialler(asyncio.get_running_loop(), len(wires), all_dialled)
    try:
        async with asyncio.timeout(TIMEOUT):
            sock = await start_connection(
                wires,
                happy_eyeballs_delay=ATTEMPT_DELAY,
                loop=cast("asyncio.AbstractEventLoop", dialler),
                socket_factory=dialler.open,
            )
    except TimeoutError:
        return Failure(FailureKind.TIMEOUT, host, port, detail=", ".join(addresses[:4]))
    except OSError as error:
        return _failure(host, port, dialler.errors or [("", error)])
    finally:
        network.unanswered.pop((host, port), None)
    return Connection(sock, dialler.opened[sock], host, port)


def _fewer(addresses: Sequence[str]) -> list[str]:
    six = [address for address in addresses if ":" in address]
    four = [address for address in addresses if ":" not in address]
    return six[:_MOST_ADDRESSES] + four[:_MOST_ADDRESSES]


# What socket.getaddrinfo gives: family, type, protocol, canonical name (here: the address before routing), address.
_Wire = tuple[int, int, int, str, tuple[Any, ...]]


def _wire(address: str, dialled: str, port: int) -> _Wire:
    # No look-up: the flag admits numbers only. It understands a scope (“%eth0”), too.
    found = socket.getaddrinfo(dialled, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    family, kind, protocol, _, where = found[0]
    return family, kind, protocol, address, where


class _Dialler:
    """The part of an event loop that start_connection uses, and what became of each address.

    start_connection itself makes one text of the errors of several addresses, and does not say which one answered.
    ``all_dialled`` is called when the last of ``count`` addresses is.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, count: int, all_dialled: Callable[[], None]) -> None:
        self._loop, self._count, self._all_dialled = loop, count, all_dialled
        self.opened: dict[socket.socket, str] = {}
        self.errors: list[tuple[str, OSError]] = []

    def open(self, wire: Any) -> socket.socket:
        family, kind, protocol, address, _ = wire
        sock = socket.socket(family, kind, protocol)
        self.opened[sock] = address
        return sock

    async def sock_connect(self, sock: socket.socket, where: Any) -> None:
        if len(self.opened) == self._count:
            self._all_dialled()
        try:
            await self._loop.sock_connect(sock, where)
        except OSError as error:
            self.errors.append((self.opened[sock], error))
            raise


# A host that refuses exists; a network without a route says less.
_KINDS: tuple[tuple[FailureKind, tuple[type[OSError], ...]], ...] = (
    (FailureKind.CONNECTION_REFUSED, (ConnectionRefusedError, ConnectionResetError)),
    (FailureKind.TIMEOUT, (TimeoutError,)),
)


def _failure(host: str, port: int, errors: Sequence[tuple[str, OSError]]) -> Failure:
    kind = next((kind for kind, types in _KINDS if any(isinstance(error, types) for _, error in errors)), None)
    reasons = dict.fromkeys(f"{address} {_reason(error)}".strip() for address, error in errors[:4])
    return Failure(kind or FailureKind.UNREACHABLE, host, port, detail="; ".join(reasons))


def _reason(error: OSError) -> str:
    """What the system calls it; the selector loops of asyncio say “Connect call failed” and where to instead."""
    if sys.platform == "win32" or error.errno is None:
        return error.strerror or str(error)
    return os.strerror(error.errno)
