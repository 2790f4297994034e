"""Names asked for in the DNS: servers of a service (SRV), of a domain (MX), texts, addresses.

Imported where a look-up uses the network only: dnspython takes 40 ms to load. What comes from outside is checked here:
names are host names or the record is dropped, and a record set is cut to what a person could still choose from.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

import dns.exception
import dns.flags
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype

from wizard.model.address import AddressProblem, parse_hostname
from wizard.model.discovery import Machine
from wizard.net.failures import Failure, FailureKind
from wizard.net.nameservers import Hosts, Transport, is_address, parse_nameserver, query_servers, system_nameservers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wizard.net.nameservers import Nameserver, Reply

RESOLUTION_DELAY = 0.05
"""Seconds that addresses of IPv6 are waited for when those of IPv4 are there (RFC 8305 section 3)."""

_MAX_RECORDS = 64
_MAX_ADDRESSES = 16  # of each family
_MAX_ALIASES = 8  # CNAME records one after the other

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """The records of a name, maybe none. ``secure``: a resolver that is trusted with it validated them (DNSSEC).

    ``exists`` is False where there is no such name (NXDOMAIN), not even with records of another type.
    """

    records: tuple[T, ...]
    secure: bool
    exists: bool = True


class SrvRecord(NamedTuple):
    """RFC 2782. ``target`` is a host name as A-labels, or "" where the service is decidedly not offered (".")."""

    priority: int
    weight: int
    port: int
    target: str


class MxRecord(NamedTuple):
    """RFC 5321 section 5.1. ``host`` is a host name as A-labels, or "" where the domain takes no mail (RFC 7505)."""

    preference: int
    host: str


class Resolver:
    """Asks ``servers`` in turn, for the time of one look-up: the same question twice is one packet.

    A question goes on (for 4 seconds at most) when one of those who wait for it is cancelled; others may wait too.
    ``hosts`` are names known without asking, for :meth:`addresses`.
    """

    def __init__(self, servers: Sequence[Nameserver], hosts: Hosts | None = None) -> None:
        self._servers = [Transport(server) for server in servers]
        self._hosts = hosts
        self._asked: dict[tuple[str, str], asyncio.Task[Reply]] = {}

    async def srv(self, name: str) -> Answer[SrvRecord] | Failure:
        """The records of a service (``_imaps._tcp.example.org``), by rising priority; weights are the caller's."""
        answer = await self._records(name, "SRV", _srv_record)
        return answer if isinstance(answer, Failure) else _first(answer, key=lambda record: record.priority)

    async def mx(self, domain: str) -> Answer[MxRecord] | Failure:
        """The mail exchangers of a domain, the preferred ones first."""
        answer = await self._records(domain, "MX", _mx_record)
        return answer if isinstance(answer, Failure) else _first(answer, key=lambda record: record.preference)

    async def txt(self, name: str) -> Answer[bytes] | Failure:
        """The texts of a name; the strings of one record are joined without anything between (RFC 7208 section 3.3)."""
        answer = await self._records(name, "TXT", lambda rdata: b"".join(rdata.strings))
        return answer if isinstance(answer, Failure) else _first(answer, key=lambda _text: 0)

    async def addresses(self, host: str, *, patience: float = RESOLUTION_DELAY) -> Answer[str] | Failure:
        """The addresses of a host, IPv6 first; A and AAAA are asked side by side (RFC 8305 section 3).

        An IP address is its own. Addresses of IPv4 wait ``patience`` seconds for the others; those of IPv6 wait for
        IPv4, because a network whose IPv6 is broken is reached by IPv4 alone.
        """
        if is_address(host):
            return Answer((host,), secure=True)
        known = () if self._hosts is None else self._hosts.addresses(host)
        if known:
            return Answer(known[:_MAX_ADDRESSES], secure=False)
        four = asyncio.create_task(self._records(host, "A", _address))
        six = asyncio.create_task(self._records(host, "AAAA", _address))
        try:
            first = await four
            enough = not isinstance(first, Failure) and first.records
            await asyncio.wait({six}, timeout=patience if enough else None)
            return _both(six.result() if six.done() else None, first)
        finally:
            four.cancel()
            six.cancel()

    def ask_ahead(self, host: str) -> None:
        """Have the addresses of ``host`` (IPv4) asked for, without waiting: :meth:`known_machine` may have them later.

        Call within the event loop.
        """
        if not is_address(host):
            self._begin(dns.name.from_text(f"{host}."), "A")

    def known_machine(self, host: str) -> Machine:
        """What the answers so far say of ``host``, without asking; nothing where nobody has asked for its addresses."""
        if self._hosts is not None and (known := self._hosts.addresses(host)):
            return Machine(frozenset(known))
        addresses: set[str] = set()
        aliases: set[str] = set()
        for kind in ("A", "AAAA"):
            task = self._asked.get((f"{host}.".lower(), kind))
            if task is None or not task.done() or task.cancelled() or task.exception() is not None:
                continue
            message = task.result()
            chain = None if isinstance(message, Failure) else _follow(message, dns.name.from_text(f"{host}."), kind)
            if chain is not None:
                addresses.update(map(_address, chain[0] or ()))
                aliases.update(filter(None, map(_host, chain[1])))
        return Machine(frozenset(addresses), frozenset(aliases))

    async def _records(self, name: str, kind: str, read: Callable[[Any], T | None]) -> Answer[T] | Failure:
        try:
            question = dns.name.from_text(name + ".")
        except (dns.exception.DNSException, UnicodeError):
            # Too long with the labels of a service before it, for one: there can be no such name.
            return Answer((), secure=False, exists=False)
        message = await self._ask(question, kind)
        if isinstance(message, Failure):
            return message
        secure = bool(message.flags & dns.flags.AD)
        chain = _follow(message, question, kind)
        if chain is None:
            return Failure(FailureKind.DNS_FAILED, name, detail="too many aliases (CNAME) one after the other")
        # Names are kept once, in the order in which they came.
        values = dict.fromkeys(value for value in map(read, chain[0] or ()) if value is not None)
        return Answer(tuple(values), secure, exists=message.rcode() != dns.rcode.NXDOMAIN)

    async def _ask(self, name: dns.name.Name, kind: str) -> Reply:
        return await asyncio.shield(self._begin(name, kind))

    def _begin(self, name: dns.name.Name, kind: str) -> asyncio.Task[Reply]:
        key = (name.to_text().lower(), kind)
        task = self._asked.get(key)
        if task is None or task.cancelled():
            task = asyncio.create_task(query_servers(self._servers, name, kind))
            self._asked[key] = task
        return task


def open_resolver(server: str | None) -> Resolver:
    """A resolver that asks ``server`` (``IP``, ``IP:PORT``, ``[IPv6]:PORT``), or what this machine is set up to ask.

    Raises Problem where ``server`` is none of these. The hosts file counts for the system's resolver only.
    """
    if server is None:
        return Resolver(system_nameservers(), Hosts())
    return Resolver((parse_nameserver(server),))


def _first(answer: Answer[T], *, key: Callable[[T], int]) -> Answer[T]:
    return Answer(tuple(sorted(answer.records, key=key))[:_MAX_RECORDS], answer.secure, answer.exists)


def _both(six: Answer[str] | Failure | None, four: Answer[str] | Failure) -> Answer[str] | Failure:
    answers = [answer for answer in (six, four) if isinstance(answer, Answer)]
    if not answers:
        return four
    if isinstance(four, Failure) and not answers[0].records:
        return four  # no address of IPv6, and of IPv4 nothing is known
    return Answer(
        tuple(address for answer in answers for address in answer.records[:_MAX_ADDRESSES]),
        secure=all(answer.secure for answer in answers),
        exists=any(answer.exists for answer in answers),
    )


def _follow(
    message: dns.message.Message, name: dns.name.Name, kind: str
) -> tuple[dns.rrset.RRset | None, list[dns.name.Name]] | None:
    """The records of ``kind`` that ``message`` has for ``name``, and the aliases on the way; None: too many of them."""
    wanted, aliases = dns.rdatatype.from_text(kind), list[dns.name.Name]()
    while len(aliases) <= _MAX_ALIASES:
        found = message.get_rrset(message.answer, name, dns.rdataclass.IN, wanted)
        alias = message.get_rrset(message.answer, name, dns.rdataclass.IN, dns.rdatatype.CNAME)
        if found is not None or alias is None:
            return found, aliases
        name = alias[0].target
        aliases.append(name)
    return None


def _srv_record(rdata: Any) -> SrvRecord | None:
    target = _host(rdata.target)
    return None if target is None else SrvRecord(rdata.priority, rdata.weight, rdata.port, target)


def _mx_record(rdata: Any) -> MxRecord | None:
    host = _host(rdata.exchange)
    return None if host is None else MxRecord(rdata.preference, host)


def _address(rdata: Any) -> str:
    return str(rdata.address)


def _host(name: dns.name.Name) -> str | None:
    """A name as a host name, "" for the root, None for one that no host can have."""
    text = name.to_text(omit_final_dot=True)
    if text in {"", "."}:
        return ""
    try:
        return parse_hostname(text)
    except AddressProblem:
        return None
