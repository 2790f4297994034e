"""The world itself: what is served where, and what was seen."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from typing import TYPE_CHECKING, Any, Self

from tests.world import certificates, dns, mail, web, wires
from tests.world.secured import secured

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterable, Mapping, Sequence
    from pathlib import Path

    from wizard.net.connect import Network

    Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

LOOPBACK = "127.0.0.1"
CLIENT_IS_GONE = (OSError, EOFError, asyncio.LimitOverrunError)  # ssl.SSLError and resets are OSErrors
LIMIT = 10
"""Seconds for the world to open or close something."""


class World:
    """Servers for one test; the package says how it is used."""

    def __init__(self, *, direct: bool = False, dns_address: str | None = None, dns_port: int = 53) -> None:
        self.seen: list[tuple[Any, ...]] = []
        """("dns", name, type), ("http", method, url, headers, body), ("mail", protocol, address, port, [commands])."""
        self.logins: list[mail.Login] = []
        """Every try to log in."""
        self.wire = bytearray()
        """Every byte that reached a TCP port, as it travelled: what is encrypted is so here."""
        self.dialled: list[tuple[str, int]] = []
        """Every address and port that ``route`` was asked for."""
        self.ca_file: Path = certificates.ca_file()
        self.resolver = ""
        self._direct = direct
        self._dns_place = (dns_address, dns_port) if direct else (LOOPBACK, 0)
        self._zone = dns.Zone()
        self._ports: dict[tuple[str, int], tuple[str, int]] = {}
        self._sites: dict[str, web.Site] = {}
        self._swallowing: dict[str, wires.FullSocket] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="world", daemon=True)
        self._servers: list[asyncio.Server] = []
        self._datagrams: list[asyncio.DatagramTransport] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: list[asyncio.StreamWriter] = []
        self._mistakes: list[BaseException] = []
        self._refusing = {host: wires.bound(host) for host in {LOOPBACK, wires.loopback("::")}}

    def __enter__(self) -> Self:
        self._thread.start()
        if self._dns_place[0]:
            self.resolver = self._do(self._open_dns())
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self._do(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(LIMIT)
        for sock in (*self._refusing.values(), *self._swallowing.values()):
            sock.close()
        if self._mistakes and kind is None:
            raise RuntimeError("a server of the world failed itself") from self._mistakes[0]

    # what a test says about its world

    def dns(self, name: str, **records: object) -> None:
        """Add records to a name: A, AAAA, TXT, CNAME as texts, MX as (preference, host), SRV as in RFC 2782.

        TXT may be bytes. ``*.domain`` is a wildcard. An empty target or "." is the root.
        """
        self._zone.add(name, records)

    def dns_behaviour(self, name: str, behaviour: str) -> None:
        """What is wrong with the questions about a name (or ``*.domain``: below it; ``*``: all).

        One of "silent", "tcp-only" (silent over UDP), "servfail", "refused", "nxdomain", "truncated" (over UDP),
        "garbage", "wrong-id".
        """
        if behaviour not in dns.BEHAVIOURS:
            raise ValueError(f"{behaviour!r} is none of {dns.BEHAVIOURS}")
        self._zone.behaviours[dns.plain(name)] = behaviour

    def dns_denies(self, *kinds: str) -> None:
        """Have the resolver answer every question for records of these types with NXDOMAIN."""
        self._zone.denied = kinds

    @property
    def validated(self) -> bool | Collection[str]:
        """Whether the resolver vouches for its answers (AD): for all, or for some domains and what is below them."""
        return self._zone.validated

    @validated.setter
    def validated(self, value: bool | Collection[str]) -> None:
        self._zone.validated = value

    @property
    def dns_delay(self) -> float:
        """Seconds that every DNS answer takes."""
        return self._zone.delay

    @dns_delay.setter
    def dns_delay(self, seconds: float) -> None:
        self._zone.delay = seconds

    def mail(self, address: str, port: int, server: mail.MailServer) -> None:
        """Serve mail on a port."""
        context = server.context()

        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            commands: list[str] = []
            self.seen.append(("mail", server.protocol, address, port, commands))

            def tried(mechanism: str, username: str, accepted: bool) -> None:
                self.logins.append(mail.Login(server.protocol, address, port, mechanism, username, accepted))

            await mail.talk(mail.Conversation(server, context, (reader, writer), commands, tried))

        self._listen(address, port, handle)

    def web(
        self,
        address: str,
        pages: Mapping[str, web.Answer],
        certificate: Sequence[str] | str | None = None,
        *,
        tls_versions: Sequence[str] | None = None,
        behaviour: str | None = None,
    ) -> None:
        """Serve pages on the ports that their URLs mean (443 where there are no pages); more may be added later.

        ``behaviour`` is that of the whole server: reset or silent in the handshake, close, or plain (on the port of
        https, a server that knows no TLS).
        """
        if behaviour not in (None, *web.SERVER_BEHAVIOURS):
            raise ValueError(f"{behaviour!r} is none of {web.SERVER_BEHAVIOURS}")
        site = self._sites.setdefault(address, web.Site())
        site.pages.update(pages)
        site.certificates.append(certificates.wanted(certificate))
        schemes = {web.port_of(url): url.partition(":")[0] for url in pages} or {443: "https"}
        for port, scheme in schemes.items():
            if (address, port) not in self._ports:
                self._serve_web(site, scheme, (address, port), tls_versions, behaviour)

    def swallow(self, address: str) -> None:
        """Let no connection to an address come about, on any port. In direct mode a route of the caller does that."""
        if not self._direct:
            self._swallowing[address] = wires.FullSocket(wires.loopback(address))

    # what the code under test is given

    def route(self, address: str, port: int) -> tuple[str, int]:
        """Where on loopback an address and port of this world are."""
        self.dialled.append((address, port))
        if self._direct:
            return address, port
        if address in self._swallowing:
            return self._swallowing[address].place
        nobody = self._refusing[wires.loopback(address)].getsockname()[:2]
        return self._ports.get((address, port), nobody)

    def network(self, *, allow_private: bool = True, typed: Iterable[str] = ()) -> Network:
        """A network on this world. Without ``allow_private`` no address for documentation is left: none is global."""
        from wizard.net.connect import Network
        from wizard.net.dns import open_resolver
        from wizard.net.policy import AddressPolicy

        policy = AddressPolicy(allow_private=allow_private, typed=frozenset(typed))
        return Network(resolver=open_resolver(self.resolver), policy=policy, route=self.route)

    def mail_commands(self) -> list[str]:
        """Every command any mail server got, in order of the connections."""
        return [command for what, *rest in self.seen if what == "mail" for command in rest[-1]]

    def rest(self, seconds: float) -> None:
        """Let the servers take what is on its way, for so long by their own clock: a busy machine may hold them up."""
        self._do(asyncio.sleep(seconds))

    # how it is served

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.set_exception_handler(lambda _, context: self._note(context.get("exception")))
        self._loop.run_forever()
        self._loop.close()

    def _note(self, mistake: BaseException | None) -> None:
        if mistake is not None and not isinstance(mistake, CLIENT_IS_GONE):
            self._mistakes.append(mistake)

    def _do(self, action: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(action, self._loop).result(LIMIT)

    def _serve_web(
        self,
        site: web.Site,
        scheme: str,
        place: tuple[str, int],
        tls_versions: Sequence[str] | None,
        behaviour: str | None,
    ) -> None:
        context = certificates.choosing_context(site.certificate, tls_versions, ("http/1.1",))

        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            match behaviour:
                case "reset":
                    await wires.reset_after_first_bytes(reader, writer)
                case "silent":
                    await wires.silent(reader, writer)
                case "plain":
                    await reader.read(wires.TLS_HELLO)
                    writer.write(web.NO_REQUEST)
                case None if scheme == "https":
                    stream = await secured(reader, writer, context)
                    await web.talk(site, scheme, place[1], (stream, stream), self._saw_request)
                    stream.close()
                case None:
                    await web.talk(site, scheme, place[1], (reader, writer), self._saw_request)

        self._listen(*place, handle)

    def _saw_request(self, request: web.Request) -> None:
        self.seen.append(("http", request.method, request.url, request.headers, request.body))

    def _listen(self, address: str, port: int, handle: Handler) -> None:
        if (address, port) in self._ports:
            raise ValueError(f"{address} port {port} is served already")
        place = (address, port) if self._direct else (wires.loopback(address), 0)
        self._ports[address, port] = self._do(self._open(place, handle))

    async def _open(self, place: tuple[str, int], handle: Handler) -> tuple[str, int]:
        def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._writers.append(writer)
            self._tap(reader)
            task = self._loop.create_task(self._guard(handle, reader, writer))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

        server = await asyncio.start_server(connected, *place)
        self._servers.append(server)
        return server.sockets[0].getsockname()[:2]

    def _tap(self, reader: asyncio.StreamReader) -> None:
        """Keep what arrives before anybody decrypts it; asyncio has nothing but this method for it."""
        self.wire += bytes(reader._buffer)
        feed = reader.feed_data

        def feed_data(data: bytes) -> None:
            self.wire += data
            feed(data)

        reader.feed_data = feed_data

    async def _guard(self, handle: Handler, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await handle(reader, writer)
        except CLIENT_IS_GONE:
            pass
        except Exception as mistake:
            self._mistakes.append(mistake)
        finally:
            with contextlib.suppress(OSError):
                writer.close()

    async def _open_dns(self) -> str:
        """UDP and TCP on the same port."""
        answering = dns.Answering(self._zone, lambda name, kind: self.seen.append(("dns", name, kind)))

        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await dns.talk(answering, reader, writer)

        for _ in range(1 if self._direct else 20):
            address, port = await self._open(self._dns_place, handle)
            try:
                transport, _ = await self._loop.create_datagram_endpoint(
                    lambda: dns.Datagrams(answering), local_addr=(address, port)
                )
            except OSError:  # somebody else has this port for UDP
                self._servers.pop().close()
                continue
            self._datagrams.append(transport)
            return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
        raise RuntimeError(f"no port is free for UDP and TCP at {self._dns_place}")

    async def _close(self) -> None:
        await asyncio.sleep(0.001)  # who was accepted a moment ago gets a task: asyncio stumbles over them otherwise
        self._loop.set_exception_handler(lambda *_: None)
        for server in self._servers:
            server.close()
        for transport in self._datagrams:
            transport.close()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for writer in self._writers:
            writer.transport.abort()
        await asyncio.sleep(0.001)  # transports end in callbacks of their own, one after another
