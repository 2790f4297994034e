"""One question to the name servers, as a stub resolver asks it (RFC 1035, 5452, 6891, 7766).

Everything of dnspython that is needed comes in here; this module is imported where a look-up uses the network only.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype

from wizard.net.failures import Failure, FailureKind

if TYPE_CHECKING:
    from wizard.net.nameservers import Nameserver

TIMEOUT = 4.0
"""Seconds for a question, all servers and repetitions together."""

RESEND = 1.0
"""Seconds after which a server is asked again, a packet was lost, and over TCP besides: some networks drop UDP."""

STAGGER = 0.5
"""Seconds after which the next server is asked beside one that has not answered."""

_PAYLOAD = 1232  # bytes of a datagram that arrive unfragmented nearly everywhere (DNS flag day 2020)
_HEADER = 12
_LOST = "the connection broke"

Reply = dns.message.Message | Failure


async def exchange(servers: list[Nameserver], name: dns.name.Name, kind: str) -> Reply:
    """The first usable answer (NOERROR or NXDOMAIN, the question ours), or why there is none.

    The AD flag of the message is left only where the server is trusted with it. A server that fails gives way to the
    next one at once, one that is silent after STAGGER; who answers while others are silent goes to the front of
    ``servers``, so that a dead server costs a look-up its time once.
    """
    host = name.to_text(omit_final_dot=True)
    if not servers:
        return Failure(FailureKind.DNS_FAILED, host, detail="this machine has no DNS server")
    try:
        async with asyncio.timeout(TIMEOUT):
            return await _race(servers, name, kind)
    except TimeoutError:
        silent = ", ".join(server.address for server in servers)
        return Failure(FailureKind.DNS_TIMEOUT, host, detail=f"no answer from {silent}")


async def _race(servers: list[Nameserver], name: dns.name.Name, kind: str) -> Reply:
    waiting = list(servers)
    pending: dict[asyncio.Task[dns.message.Message | str], Nameserver] = {}
    reasons: list[str] = []
    try:
        while waiting or pending:
            if waiting:
                server = waiting.pop(0)
                pending[asyncio.create_task(_ask(server, name, kind))] = server
            done, _ = await asyncio.wait(
                pending, timeout=STAGGER if waiting else None, return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                server, reply = pending.pop(task), task.result()
                if isinstance(reply, dns.message.Message):
                    if pending:
                        servers.sort(key=lambda other: other is not server)
                    return reply
                reasons.append(reply)
    finally:
        for task in pending:
            task.cancel()
    return Failure(FailureKind.DNS_FAILED, name.to_text(omit_final_dot=True), detail="; ".join(reasons))


async def _ask(server: Nameserver, name: dns.name.Name, kind: str) -> dns.message.Message | str:
    """The answer of one server, or what is wrong with it."""
    # The AD flag in a question asks for it in the answer (RFC 6840 section 5.7).
    query = dns.message.make_query(name, kind, flags=dns.flags.RD | dns.flags.AD, use_edns=0, payload=_PAYLOAD)
    try:
        reply = await _ask_as(server, query)
        if isinstance(reply, dns.message.Message) and reply.rcode() in (dns.rcode.FORMERR, dns.rcode.NOTIMP):
            # An old server that does not know EDNS (RFC 6891 section 7).
            reply = await _ask_as(server, dns.message.make_query(name, kind, flags=dns.flags.RD))
    except OSError as error:
        return f"{server.address}: {error.strerror or error}"
    except EOFError:
        return f"{server.address}: {_LOST}"
    if isinstance(reply, str):
        return f"{server.address}: {reply}"
    if reply.rcode() not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
        return f"{server.address}: {dns.rcode.to_text(reply.rcode())}"
    if not reply.answer and reply.rcode() == dns.rcode.NOERROR and not reply.flags & (dns.flags.RA | dns.flags.AA):
        return f"{server.address}: it does not look names up for others"  # it knows of another server only
    if not server.trusted:
        reply.flags &= ~dns.flags.AD
    return reply


async def _ask_as(server: Nameserver, query: dns.message.Message) -> dns.message.Message | str:
    wire = await _by_datagram(server, query)
    if wire[2] & 0x02:  # TC, truncated (RFC 1035 section 4.1.1)
        wire = await _by_stream(server, query)
        if wire[2] & 0x02:
            return "an answer that is cut off"
    try:
        reply = dns.message.from_wire(wire, ignore_trailing=True)
    except (dns.exception.DNSException, ValueError):
        return "a malformed answer"
    return reply if query.is_response(reply) else "an answer to something else"


class _Listener(asyncio.DatagramProtocol):
    """Waits for the datagram with the right id; the socket is connected, so others than the server are not heard."""

    def __init__(self, number: int, arrived: asyncio.Future[bytes | OSError]) -> None:
        self._number = number.to_bytes(2, "big")
        self._arrived = arrived

    def datagram_received(self, data: bytes, _address: object) -> None:
        if len(data) >= _HEADER and data[:2] == self._number and data[2] & 0x80 and not self._arrived.done():
            self._arrived.set_result(data)

    def error_received(self, exc: Exception) -> None:
        if isinstance(exc, OSError) and not self._arrived.done():
            self._arrived.set_result(exc)


async def _by_datagram(server: Nameserver, query: dns.message.Message) -> bytes:
    """The answer that came to a socket of its own: source port and id are random (RFC 5452).

    Where datagrams do not get through, the one that came over TCP (RFC 7766 section 5). Raises OSError.
    """
    loop = asyncio.get_running_loop()
    arrived: asyncio.Future[bytes | OSError] = loop.create_future()
    transport, _ = await loop.create_datagram_endpoint(
        lambda: _Listener(query.id, arrived), remote_addr=(server.address, server.port)
    )
    beside: asyncio.Task[None] | None = None
    try:
        while not arrived.done():
            transport.sendto(query.to_wire())
            await asyncio.wait({arrived}, timeout=RESEND)
            if beside is None and not arrived.done():
                beside = asyncio.create_task(_by_stream_beside(server, query, arrived))
    finally:
        transport.close()
        if beside is not None:
            beside.cancel()
    answer = arrived.result()
    if isinstance(answer, OSError):
        return await _by_stream_instead(server, query, answer)
    return answer


async def _by_stream_beside(
    server: Nameserver, query: dns.message.Message, arrived: asyncio.Future[bytes | OSError]
) -> None:
    with contextlib.suppress(OSError, EOFError):
        answer = await _by_stream(server, query)
        if not arrived.done():
            arrived.set_result(answer)


async def _by_stream_instead(server: Nameserver, query: dns.message.Message, refused: OSError) -> bytes:
    """Over TCP, because nobody takes datagrams; where nobody takes that either, ``refused`` is raised."""
    try:
        return await _by_stream(server, query)
    except (OSError, EOFError):
        raise refused from None


async def _by_stream(server: Nameserver, query: dns.message.Message) -> bytes:
    """The answer over TCP, its length before it (RFC 1035 section 4.2.2). Raises OSError and EOFError."""
    reader, writer = await asyncio.open_connection(server.address, server.port)
    try:
        question = query.to_wire()
        writer.write(len(question).to_bytes(2, "big") + question)
        length = int.from_bytes(await reader.readexactly(2), "big")
        return await reader.readexactly(max(length, _HEADER))  # less is no answer
    finally:
        writer.transport.abort()
