"""Which name servers are asked, how one question to them goes, and the names that this machine knows without asking.

A stub resolver as of RFC 1035, 5452, 6891 and 7766, on dnspython's asynchronous queries; imported only where a look-up
uses the network, because dnspython takes 40 ms to load.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import dns.asyncbackend
import dns.asyncquery
import dns.exception
import dns.flags
import dns.inet
import dns.message
import dns.name
import dns.query
import dns.rcode

from wizard.language import translate as _
from wizard.model.problems import Problem
from wizard.model.text import printable
from wizard.net.failures import Failure, FailureKind

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

TIMEOUT = 4.0
"""Seconds for a question, all servers and repetitions together."""

RESEND_DELAY = 1.0
"""Seconds after which a question is sent again, a packet was lost, and over TCP besides."""

TCP_DELAY = 0.3
"""Seconds after which one question is asked over TCP, too, while no datagram has come back from a server."""

MAX_STREAMS = 8
"""TCP connections to one server at a time: the resolver of a small router takes 10 to 20 from all its clients."""

STAGGER_DELAY = 0.5
"""Seconds after which the next server is asked beside one that has not answered."""

Reply = dns.message.Message | Failure
T = TypeVar("T")

_PAYLOAD = 1232  # bytes of a datagram that arrive unfragmented nearly everywhere (DNS flag day 2020)
_RESOLV_CONF = Path("/etc/resolv.conf")
_MAX_SERVERS = 3  # as the C libraries have it (MAXNS of resolv.h)
_MAX_BYTES = 1 << 20  # of a file of the system; lists that block advertising are long
_LOOPBACK = ("127.0.0.1", "::1")


class Nameserver(NamedTuple):
    """A recursive DNS server. ``trusted``: whether its word that an answer was validated (the AD bit) counts.

    The path to a remote server is open to forgery (RFC 4035 section 4.9.3). So the bit counts from this very machine,
    from where its administrator said so (``options trust-ad`` of resolv.conf(5)), and from a server that the user
    named.
    """

    address: str
    port: int = 53
    trusted: bool = False


def parse_nameserver(text: str) -> Nameserver:
    """Read ``IP``, ``IP:PORT`` or ``[IPv6]:PORT``; raises Problem."""
    typed = text.strip()
    host, port = typed, "53"
    if not is_address(typed):
        host, colon, port = typed.rpartition(":")
        if host.startswith("[") and host.endswith("]"):
            host = host[1:-1]
        elif typed.startswith("[") and typed.endswith("]"):
            host, colon, port = typed[1:-1], ":", "53"
        elif not colon or ":" in host:
            host = ""
    number = int(port) if port.isascii() and port.isdigit() and len(port) < 6 else 0
    if not is_address(host) or not 1 <= number <= 65535:
        raise Problem(
            _("“{text}” is not a DNS server: please give an IP address, such as 9.9.9.9, or 9.9.9.9:5353.").format(
                text=printable(typed, 60)
            )
        )
    return Nameserver(host, number, trusted=True)


def system_nameservers() -> tuple[Nameserver, ...]:
    """The servers that this machine is set up to ask, at most three; none where it has no network."""
    if sys.platform == "win32":
        from dns.win32util import get_dns_info

        return tuple(_nameserver(str(address), trusted=False) for address in get_dns_info().nameservers[:_MAX_SERVERS])
    return read_resolv_conf(_text_of(_RESOLV_CONF))


def read_resolv_conf(text: str) -> tuple[Nameserver, ...]:
    """The servers of a resolv.conf(5); search lists do not count here, every name asked for is whole."""
    lines = [line.split() for line in text.splitlines() if not line.startswith(("#", ";"))]
    trusted = any(words[:1] == ["options"] and "trust-ad" in words[1:] for words in lines)
    addresses = [words[1] for words in lines if words[:1] == ["nameserver"] and len(words) > 1]
    return tuple(_nameserver(address, trusted=trusted) for address in addresses if is_address(address))[:_MAX_SERVERS]


def _nameserver(address: str, *, trusted: bool) -> Nameserver:
    return Nameserver(address, trusted=trusted or ip_address(address).is_loopback)


class Hosts:
    """The hosts file of this machine, read when the first name is looked for."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path or _hosts_path()
        self._text: str | None = None

    def addresses(self, host: str) -> tuple[str, ...]:
        """The addresses of ``host`` (A-labels), in the order of the file; localhost has some always (RFC 6761)."""
        if self._text is None:
            self._text = _text_of(self._path).lower()
        found = list(_entries(host, self._text)) if host in self._text else []
        if host == "localhost" or host.endswith(".localhost"):
            return tuple(found) or _LOOPBACK
        return tuple(dict.fromkeys(found))


def _entries(host: str, text: str) -> list[str]:
    lines = [line.partition("#")[0].split() for line in text.splitlines() if host in line]
    return [words[0] for words in lines if host in words[1:] and is_address(words[0])]


def _hosts_path() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("SYSTEMROOT", r"C:\Windows"), "System32", "drivers", "etc", "hosts")
    return Path("/etc/hosts")


def _text_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_MAX_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""


def is_address(text: str) -> bool:
    """Whether ``text`` is an IP address."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


class _Unusable(Exception):
    """A server has answered, and the answer is of no use; the text says why. Never leaves this module.

    ``rcode``: the code with which it refused.
    """

    def __init__(self, text: str, rcode: int | None = None) -> None:
        super().__init__(text)
        self.rcode = rcode


class Transport:
    """How questions reach one server in this run: as datagrams, or over TCP where the network drops those.

    Datagrams come first as long as one has been answered. While none was, a single question tries TCP after TCP_DELAY;
    if it is answered there, every question goes over TCP at once (RFC 7766 section 5), those under way included.
    """

    def __init__(self, server: Nameserver) -> None:
        self.server = server
        self._datagrams_answered = self._tried = False
        self._tcp_answered = asyncio.Event()
        self._streams = asyncio.Semaphore(MAX_STREAMS)

    @property
    def prefers_tcp(self) -> bool:
        """Whether TCP was answered and no datagram ever."""
        return self._tcp_answered.is_set()

    def answered(self, *, datagram: bool) -> None:
        """Note how an answer came."""
        if datagram:
            self._datagrams_answered = True
            self._tcp_answered.clear()
        elif not self._datagrams_answered:
            self._tcp_answered.set()

    async def turn_of_tcp(self) -> None:
        """Wait until a question whose datagram was not answered may go over TCP, too."""
        await self._tcp_answers_within(TCP_DELAY)
        if self._tried or self._datagrams_answered:
            await self._tcp_answers_within(RESEND_DELAY - TCP_DELAY)
        self._tried = True

    async def _tcp_answers_within(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, seconds)):
                await self._tcp_answered.wait()

    async def over_tcp(self, query: dns.message.Message) -> dns.message.Message | str:
        """The answer over TCP, or what is wrong with it; raises OSError and EOFError where there is none."""
        try:
            async with self._streams:
                reply = await dns.asyncquery.tcp(
                    query, self.server.address, port=self.server.port, ignore_trailing=True, backend=_backend()
                )
        except dns.query.BadResponse:
            return "an answer to something else"
        except (dns.exception.DNSException, ValueError):
            return "a malformed answer"
        return "an answer that is cut off" if reply.flags & dns.flags.TC else reply


async def query_servers(servers: list[Transport], name: dns.name.Name, kind: str) -> Reply:
    """The first usable answer (NOERROR or NXDOMAIN, the question ours), or why there is none.

    The AD flag of the message is left only where the server is trusted with it. A server that fails gives way to the
    next one at once, one that is silent after STAGGER_DELAY; who answers while others are silent goes to the front of
    ``servers``, so that a dead server costs a look-up its time once.
    """
    host = name.to_text(omit_final_dot=True)
    if not servers:
        return Failure(FailureKind.DNS_FAILED, host, detail="this machine has no DNS server")
    asked = list(servers)
    try:
        async with asyncio.timeout(TIMEOUT):
            attempts = [lambda transport=transport: _query_server(transport, name, kind) for transport in asked]
            reply, index, others_silent = await _first_success(attempts, lambda: asyncio.sleep(STAGGER_DELAY))
    except TimeoutError:
        silent = ", ".join(transport.server.address for transport in servers)
        return Failure(FailureKind.DNS_TIMEOUT, host, detail=f"no answer from {silent}")
    except ExceptionGroup as group:
        codes = [getattr(error, "rcode", None) for error in group.exceptions]
        status = None if None in codes else codes[0]
        return Failure(FailureKind.DNS_FAILED, host, detail="; ".join(map(str, group.exceptions)), status=status)
    if others_silent:
        servers.sort(key=lambda transport: transport is not asked[index])
    return reply


async def _query_server(transport: Transport, name: dns.name.Name, kind: str) -> dns.message.Message:
    """The usable answer of one server; raises _Unusable."""
    server = transport.server
    # The AD flag in a question asks for it in the answer (RFC 6840 section 5.7).
    query = dns.message.make_query(name, kind, flags=dns.flags.RD | dns.flags.AD, use_edns=0, payload=_PAYLOAD)
    try:
        reply = await _exchange(transport, query)
        if reply.rcode() in (dns.rcode.FORMERR, dns.rcode.NOTIMP):
            # An old server that does not know EDNS (RFC 6891 section 7).
            reply = await _exchange(transport, dns.message.make_query(name, kind, flags=dns.flags.RD))
        _check_usable(reply)
    except (OSError, EOFError, _Unusable) as error:
        raise _Unusable(f"{server.address}: {_reason(error)}", getattr(error, "rcode", None)) from error
    if not server.trusted:
        reply.flags &= ~dns.flags.AD
    return reply


def _check_usable(reply: dns.message.Message) -> None:
    if reply.rcode() not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
        raise _Unusable(dns.rcode.to_text(reply.rcode()), reply.rcode())
    if not reply.answer and reply.rcode() == dns.rcode.NOERROR and not reply.flags & (dns.flags.RA | dns.flags.AA):
        raise _Unusable("it does not look names up for others")  # it knows of another server only


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return "the connection broke" if isinstance(error, EOFError) else str(error)


async def _exchange(transport: Transport, query: dns.message.Message) -> dns.message.Message:
    """The answer to ``query`` over UDP; over TCP where datagrams do not get through (RFC 7766 section 5).

    Raises OSError, EOFError, and _Unusable where what came is no answer to it.
    """
    attempts = [lambda: _over_udp(transport, query), lambda: transport.over_tcp(query)]
    tcp = 1
    if transport.prefers_tcp:
        attempts.reverse()
        tcp = 0
    try:
        reply, index, _others_silent = await _first_success(
            attempts, transport.turn_of_tcp if tcp else lambda: asyncio.sleep(RESEND_DELAY)
        )
    except ExceptionGroup as group:
        raise group.exceptions[0] from None
    transport.answered(datagram=index != tcp)
    if isinstance(reply, str):
        raise _Unusable(reply)
    return reply


async def _over_udp(transport: Transport, query: dns.message.Message) -> dns.message.Message | str:
    """The answer that came to a socket of its own: source port and id are random (RFC 5452).

    The socket is connected: so others than the server are not heard, and a refusal is. What does not match the
    question is ignored, as if it had not come. Raises OSError.
    """
    backend, server = _backend(), transport.server
    family = dns.inet.af_for_address(server.address)
    peer = (server.address, server.port)
    async with await backend.make_socket(family, socket.SOCK_DGRAM, 0, None, peer) as sock:
        while True:
            try:
                return await dns.asyncquery.udp(
                    query,
                    server.address,
                    timeout=RESEND_DELAY,
                    port=server.port,
                    ignore_unexpected=True,
                    ignore_trailing=True,
                    raise_on_truncation=True,
                    sock=sock,
                    ignore_errors=True,
                )
            except dns.exception.Timeout:
                continue  # sent again, from the same socket: the first answer may be on its way
            except dns.message.Truncated:
                return await transport.over_tcp(query)


def _backend() -> Any:
    return dns.asyncbackend.get_backend("asyncio")


async def _first_success(
    attempts: Sequence[Callable[[], Coroutine[Any, Any, T]]], turn: Callable[[], Coroutine[Any, Any, None]]
) -> tuple[T, int, bool]:
    """What the first successful attempt gives, its index, and whether others had not ended by then.

    An attempt begins when one has failed, or when the ``turn`` that began with the one before it has ended. An
    ExceptionGroup, in the order of failing, where all fail.
    """
    if len(attempts) == 1:  # the usual case of one name server, without the price of a task a question
        try:
            return await attempts[0](), 0, False
        except (OSError, EOFError, _Unusable) as reason:
            raise ExceptionGroup("the attempt did not succeed", [reason]) from None
    waiting = list(enumerate(attempts))
    running: dict[asyncio.Task[T], int] = {}
    errors: list[Exception] = []
    next_turn: asyncio.Task[None] | None = None
    try:
        while waiting or running:
            if waiting:
                index, attempt = waiting.pop(0)
                running[asyncio.create_task(attempt())] = index
            if next_turn is not None:
                next_turn.cancel()
            next_turn = asyncio.create_task(turn()) if waiting else None
            tasks = [*running] if next_turn is None else [*running, next_turn]
            done, _pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            ended = [(running.pop(task), task.exception(), task) for task in list(running) if task in done]
            for index, error, task in ended:
                if error is None:
                    return task.result(), index, bool(running)
                if not isinstance(error, OSError | EOFError | _Unusable):
                    raise error
                errors.append(error)
    finally:
        for pending in (*running, *(() if next_turn is None else (next_turn,))):
            pending.cancel()
    raise ExceptionGroup("no attempt succeeded", errors)
