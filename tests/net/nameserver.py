"""A name server for tests that says exactly what a test wants, over UDP and TCP, in the loop of the test."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import dns.flags
import dns.message
import dns.rdatatype
import dns.rrset

from wizard.net.nameservers import Nameserver

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    Answering = Callable[["Asked"], bytes | dns.message.Message | None]


class Asked:
    """One question: ``name`` (lower case, no final dot), ``kind``, ``query`` whole, ``stream`` for TCP, ``peer``."""

    def __init__(self, wire: bytes, peer: tuple, *, stream: bool) -> None:
        self.query = dns.message.from_wire(wire)
        self.name = self.query.question[0].name.to_text(omit_final_dot=True).lower()
        self.kind = dns.rdatatype.to_text(self.query.question[0].rdtype)
        self.peer = peer
        self.stream = stream

    def reply(self, *records: str, rcode: int = 0, flags: int = 0) -> dns.message.Message:
        """A response; a record is ``"name type data"``, ``"type data"`` for the name that was asked."""
        message = dns.message.make_response(self.query, recursion_available=True)
        message.set_rcode(rcode)
        message.flags |= flags
        for record in records:
            words = record.split(" ")
            name = self.name + "." if words[0].isupper() else words.pop(0)
            message.answer.append(dns.rrset.from_text(name, 300, "IN", words[0], " ".join(words[1:])))
        return message


class Running(asyncio.DatagramProtocol):
    """``seen`` is what was asked, ``server`` what a resolver is given, ``ended`` how many TCP clients went away."""

    def __init__(self, answering: Answering) -> None:
        self.seen: list[Asked] = []
        self.ended = 0
        self._answering = answering
        self.server = Nameserver("127.0.0.1")

    @property
    def questions(self) -> list[tuple[str, str]]:
        return [(asked.name, asked.kind) for asked in self.seen]

    def _answer(self, asked: Asked) -> bytes | None:
        self.seen.append(asked)
        reply = self._answering(asked)
        return reply.to_wire(max_size=65535) if isinstance(reply, dns.message.Message) else reply

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, peer: tuple) -> None:
        reply = self._answer(Asked(data, peer, stream=False))
        if reply is not None:
            self.transport.sendto(reply, peer)

    async def stream(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        length = int.from_bytes(await reader.readexactly(2), "big")
        reply = self._answer(Asked(await reader.readexactly(length), writer.get_extra_info("peername"), stream=True))
        if reply:
            writer.write(len(reply).to_bytes(2, "big") + reply)
        if reply != b"":
            with suppress(ConnectionError):
                await reader.read()  # until the client goes
            self.ended += 1
        writer.close()


@asynccontextmanager
async def nameserver(answering: Answering, *, trusted: bool = True) -> AsyncIterator[Running]:
    """Serves until the block ends. None is never an answer; b"" over TCP closes the connection without a word."""
    running = Running(answering)
    transport, streams, port = await _listen(running)
    running.server = Nameserver("127.0.0.1", port, trusted=trusted)
    try:
        yield running
    finally:
        transport.close()
        streams.close()


async def _listen(running: Running) -> tuple[asyncio.DatagramTransport, asyncio.Server, int]:
    """One port for UDP and TCP: the system gives one that is free for the one, and maybe not for the other."""
    for _ in range(50):
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: running, local_addr=("127.0.0.1", 0)
        )
        port = transport.get_extra_info("sockname")[1]
        try:
            return transport, await asyncio.start_server(running.stream, "127.0.0.1", port), port
        except OSError:
            transport.close()
    raise OSError("no port is free for both UDP and TCP")
