"""A DNS server with the records of a test, over UDP and TCP."""

from __future__ import annotations

import asyncio
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rdtypes.ANY.TXT
import dns.rrset

from tests.world.wires import GARBAGE, never

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

BEHAVIOURS = ("silent", "tcp-only", "servfail", "refused", "nxdomain", "truncated", "garbage", "wrong-id")
TTL = 300
CHAIN = 16
"""CNAMEs followed for one question."""


def plain(name: str) -> str:
    """A name as it is kept: lower case, without the dot at its end."""
    return name.rstrip(".").lower()


def within(name: str, domain: str) -> bool:
    """Whether ``name`` is ``domain`` or below it."""
    return name == domain or name.endswith(f".{domain}") or domain == ""


def _full(name: str) -> str:
    return f"{plain(name)}."


def _text(value: str | bytes) -> dns.rdata.Rdata:
    data = value.encode() if isinstance(value, str) else value
    strings = [data[start : start + 255] for start in range(0, len(data), 255)] or [b""]
    return dns.rdtypes.ANY.TXT.TXT(dns.rdataclass.IN, dns.rdatatype.TXT, strings)


def records(kind: str, values: Iterable) -> list[dns.rdata.Rdata]:
    """The records of one type from what the test gives: texts, or tuples for MX and SRV."""
    match kind:
        case "TXT":
            return [_text(value) for value in values]
        case "MX" | "SRV":
            texts = [" ".join([*map(str, value[:-1]), _full(value[-1])]) for value in values]
        case "CNAME":
            texts = [_full(value) for value in values]
        case _:
            texts = list(values)
    return [dns.rdata.from_text("IN", kind, text) for text in texts]


@dataclass
class Zone:
    """Everything that is known. ``behaviours``: a name, ``*.domain`` for all below it, or ``*`` for all.

    ``denied``: types of records of which every question is answered with NXDOMAIN.
    """

    names: dict[str, dict[str, list[dns.rdata.Rdata]]] = field(default_factory=dict)
    behaviours: dict[str, str] = field(default_factory=dict)
    denied: Collection[str] = ()
    validated: bool | Collection[str] = False
    delay: float = 0

    def add(self, name: str, given: Mapping[str, object]) -> None:
        """Add records to a name; a single text counts as one record."""
        known = self.names.setdefault(plain(name), {})
        for kind, values in given.items():
            several = [values] if isinstance(values, str | bytes) else values
            known.setdefault(kind, []).extend(records(kind, several))

    def behaviour(self, name: str) -> str | None:
        """What is wrong with questions about ``name``: its own behaviour first, then that of the nearest domain."""
        if name in self.behaviours:
            return self.behaviours[name]
        labels = name.split(".")
        above = [".".join(["*", *labels[position:]]) for position in range(1, len(labels) + 1)]
        return next((self.behaviours[pattern] for pattern in above if pattern in self.behaviours), None)

    def exists(self, name: str) -> bool:
        """A name exists when anything is known of it or below it (RFC 8020)."""
        return any(within(known, name) for known in self.names)

    def find(self, name: str) -> dict[str, list[dns.rdata.Rdata]] | None:
        """The records of a name, those of the wildcard above it (RFC 4592), or None for NXDOMAIN."""
        if self.exists(name):
            return self.names.get(name, {})
        parent = name
        while "." in parent:
            parent = parent.partition(".")[2]
            if f"*.{parent}" in self.names:
                return self.names[f"*.{parent}"]
            if self.exists(parent):
                return None
        return None

    def is_validated(self, name: str) -> bool:
        """Whether a validating resolver would vouch for this name."""
        if isinstance(self.validated, bool):
            return self.validated
        return any(within(name, plain(domain)) for domain in self.validated)

    def answer(self, query: dns.message.Message) -> dns.message.Message:
        """The good answer to a question."""
        response = dns.message.make_response(query, recursion_available=True)
        question = query.question[0]
        name, kind = plain(question.name.to_text()), dns.rdatatype.to_text(question.rdtype)
        asked = [name]
        for _ in range(CHAIN):
            found = self.find(name)
            if found is None:
                response.set_rcode(dns.rcode.NXDOMAIN)
                break
            if kind in found or "CNAME" not in found:
                self._put(response, name, found.get(kind, []))
                break
            self._put(response, name, found["CNAME"])
            name = plain(found["CNAME"][0].target.to_text())
            asked.append(name)
        # A resolver vouches to those only who ask for it (RFC 6840, 5.7 and 5.8).
        wants = query.flags & dns.flags.AD or query.ednsflags & dns.flags.DO
        if wants and all(map(self.is_validated, asked)):
            response.flags |= dns.flags.AD
        return response

    @staticmethod
    def _put(response: dns.message.Message, name: str, found: list[dns.rdata.Rdata]) -> None:
        if found:
            response.answer.append(dns.rrset.from_rdata_list(f"{name}.", TTL, found))


@dataclass
class Answering:
    """The behaviour of a zone on the wire."""

    zone: Zone
    seen: Callable[[str, str], None]

    def reply(self, wire: bytes, *, udp: bool) -> bytes | None:
        """The packet that answers ``wire``; None for none at all."""
        try:
            query = dns.message.from_wire(wire)
            question = query.question[0]
        except (dns.exception.DNSException, IndexError):
            return None
        name = plain(question.name.to_text())
        self.seen(name, dns.rdatatype.to_text(question.rdtype))
        denied = dns.rdatatype.to_text(question.rdtype) in self.zone.denied
        behaviour = "nxdomain" if denied else self.zone.behaviour(name)
        if behaviour == "silent" or (udp and behaviour == "tcp-only"):
            return None
        if behaviour == "garbage":
            return wire[:2] + GARBAGE
        return self._packet(query, behaviour, udp)

    def _packet(self, query: dns.message.Message, behaviour: str | None, udp: bool) -> bytes:
        if behaviour in ("servfail", "refused", "nxdomain"):
            response = dns.message.make_response(query, recursion_available=True)
            response.set_rcode(dns.rcode.from_text(behaviour))
            return response.to_wire()
        if udp and behaviour == "truncated":
            return self._cut(query)
        response = self.zone.answer(query)
        if behaviour == "wrong-id":
            response.id ^= 0xFFFF
        size = max(512, query.payload) if udp else 65535
        try:
            return response.to_wire(max_size=size)
        except dns.exception.TooBig:
            return self._cut(query)

    @staticmethod
    def _cut(query: dns.message.Message) -> bytes:
        response = dns.message.make_response(query, recursion_available=True)
        response.flags |= dns.flags.TC
        return response.to_wire()


class Datagrams(asyncio.DatagramProtocol):
    """DNS over UDP."""

    def __init__(self, answering: Answering) -> None:
        self.answering = answering

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple) -> None:
        reply = self.answering.reply(data, udp=True)
        if reply is None:
            return
        if self.answering.zone.delay:
            asyncio.get_running_loop().call_later(self.answering.zone.delay, self._send, reply, addr)
        else:
            self._send(reply, addr)

    def _send(self, reply: bytes, addr: tuple) -> None:
        if not self.transport.is_closing():
            self.transport.sendto(reply, addr)


async def talk(answering: Answering, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """DNS over TCP (RFC 7766): questions one after another, each with its length before it."""
    while True:
        (length,) = struct.unpack("!H", await reader.readexactly(2))
        reply = answering.reply(await reader.readexactly(length), udp=False)
        if reply is None:
            await never()
        await asyncio.sleep(answering.zone.delay)
        writer.write(struct.pack("!H", len(reply)) + reply)
        await writer.drain()
