"""What a look-up may do, and what a source is given to do it with: the address, the options, the network, and the
connections to mail servers that all sources share.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterable
    from pathlib import Path

    from wizard.model.address import EmailAddress
    from wizard.model.discovery import Source, SourceReport
    from wizard.net.connect import Network
    from wizard.net.failures import Failure
    from wizard.net.mail import Endpoint, ServerInfo

ISPDB_URL = "https://autoconfig.thunderbird.net/v1.1/"
"""The public mirror of the Thunderbird ISPDB; the domain is appended."""

TIMEOUT = 6.0
"""Seconds for a whole look-up: SYN packets are sent again after 1 s and 3 s, later ones gain little."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookUpOptions:
    """What is asked, and what counts.

    ``offline``: only what is bundled is asked. ``timeout``: seconds for the whole look-up. ``resolver``: the DNS server
    asked, as IP or IP:PORT; None: the system's. ``probe``: whether usual host names are tried. ``ispdb``: whether the
    ISPDB is asked: at ``ispdb_url``, or in ``ispdb_directory``, a local copy. ``allow_private``: addresses that are
    not global count. ``allow_insecure``: servers without encryption count. ``accepted``: codes of what was agreed to in
    advance; a source that was agreed to in this way may receive the address. ``templates`` is the user's own
    directory, whose providers/ shadows the catalogue.
    """

    offline: bool = False
    timeout: float = TIMEOUT
    resolver: str | None = None
    probe: bool = True
    ispdb: bool = True
    ispdb_directory: Path | None = None
    ispdb_url: str = ISPDB_URL
    allow_private: bool = False
    allow_insecure: bool = False
    accepted: tuple[str, ...] = ()
    templates: Path | None = None

    @property
    def ispdb_host(self) -> str:
        """The web server of the ISPDB where one is asked, else nothing."""
        from wizard.net.urls import host_of

        return host_of(self.ispdb_url) if self.ispdb and self.ispdb_directory is None else ""


@dataclass(slots=True)
class _Connection:
    task: asyncio.Task[ServerInfo | Failure]
    begun: float
    waiting: int = 0
    abandoned: bool = False


class ConnectionCache:
    """Every mail server is connected to once in a look-up, whichever sources named it.

    Use within one event loop; :meth:`close` at the end.
    """

    def __init__(self, network: Network) -> None:
        self._network = network
        self._connections: dict[Endpoint, _Connection] = {}

    async def connect(self, endpoint: Endpoint) -> ServerInfo | Failure:
        """What is at ``endpoint``. When nobody waits for it any more, the connection is closed."""
        import asyncio

        from wizard.net.mail import check_server

        connection = self._connections.get(endpoint)
        if connection is None or connection.abandoned:
            connection = _Connection(asyncio.create_task(check_server(self._network, endpoint)), monotonic())
            self._connections[endpoint] = connection
        connection.waiting += 1
        try:
            return await asyncio.shield(connection.task)  # cancelling one caller must not cancel it for others
        finally:
            connection.waiting -= 1
            if not connection.waiting and not connection.task.done():
                connection.abandoned = True
                connection.task.cancel()

    def result_of(self, endpoint: Endpoint) -> ServerInfo | Failure | None:
        """The result of connecting to ``endpoint``, where that attempt has ended."""
        connection = self._connections.get(endpoint)
        if connection is None or not connection.task.done() or connection.task.cancelled():
            return None
        return None if connection.task.exception() is not None else connection.task.result()

    def pending_for(self, endpoint: Endpoint) -> float | None:
        """Seconds since ``endpoint`` was first connected to; None where it has answered, or was not asked."""
        connection = self._connections.get(endpoint)
        return None if connection is None or connection.task.done() else monotonic() - connection.begun

    async def close(self) -> None:
        """End every connection that is still being made."""
        import asyncio

        tasks = [connection.task for connection in self._connections.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Findings:
    """What the sources of one look-up have said so far, for those that go on from what others know.

    Use within one event loop.
    """

    def __init__(self) -> None:
        self.reports: dict[Source, SourceReport] = {}
        """The latest report of each source; its servers may not have been connected to yet."""
        self.pending: set[Source] = set()
        """Sources that are being asked; what they have reported until now is not all."""
        self.awaited: dict[Source, str] = {}
        """The web server from which all must come that a source may still find, where it is one alone."""
        self.names_in_doubt = False
        """Whether a host showed a certificate for another name: a network may lead every name to itself."""
        self._listeners: list[asyncio.Event] = []

    def expect(self, sources: Iterable[Source]) -> None:
        """Note that ``sources`` are being asked."""
        self.pending.update(sources)

    def subscribe(self, event: asyncio.Event) -> None:
        """Have ``event`` set whenever something is published."""
        self._listeners.append(event)

    async def changed(self) -> None:
        """Until something is published that was not when this was called."""
        import asyncio

        event = asyncio.Event()
        self._listeners.append(event)
        try:
            await event.wait()
        finally:
            self._listeners.remove(event)

    def publish(self, report: SourceReport, *, final: bool = False) -> None:
        """Note what a source knows; ``final``: it asks no further, and only its servers are still connected to."""
        self.reports[report.source] = report
        if final:
            self.pending.discard(report.source)
        self._tell()

    def doubt_names(self) -> None:
        """Note that a host showed a certificate for another name."""
        self.names_in_doubt = True
        self._tell()

    def _tell(self) -> None:
        for listener in self._listeners:
            listener.set()


@dataclass(frozen=True, slots=True)
class Context:
    """One look-up: whose servers are wanted, what is permitted, and the way into the network.

    The resolver of ``network`` answers the same question from memory, and ``connections`` connects to the same server
    once, so sources may ask for what others asked. ``findings`` is what they have said so far.
    """

    address: EmailAddress
    options: LookUpOptions
    network: Network
    connections: ConnectionCache = field(init=False, compare=False)
    findings: Findings = field(init=False, compare=False, default_factory=Findings)

    def __post_init__(self) -> None:
        object.__setattr__(self, "connections", ConnectionCache(self.network))
