"""What servers of every protocol do to the wire, well or badly."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import sys
from functools import cache
from typing import NoReturn

GARBAGE = bytes(range(256)) * 4 + b"\r\n" + bytes(reversed(range(256))) * 4
"""Bytes of no protocol, with line ends among them."""

TLS_HELLO = 1024
"""At least so much is read of a client's first message before the connection is reset."""


def reset(writer: asyncio.StreamWriter) -> None:
    """End the connection with a RST, at once."""
    linger = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    writer.transport.abort()


async def reset_after_first_bytes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Read what the client sends first (its ClientHello), and answer with a RST."""
    await reader.read(TLS_HELLO)
    reset(writer)


async def never() -> NoReturn:
    """Wait until the world ends."""
    await asyncio.Event().wait()
    raise AssertionError("unreachable")


async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    """Listen until the client goes, and say nothing."""
    while await reader.read(65536):
        pass


async def slowly(writer: asyncio.StreamWriter, data: bytes, interval: float = 1) -> None:
    """A byte every ``interval`` seconds."""
    for position in range(len(data)):
        writer.write(data[position : position + 1])
        await writer.drain()
        await asyncio.sleep(interval)


async def endlessly(writer: asyncio.StreamWriter, piece: bytes) -> NoReturn:
    """``piece`` again and again, as fast as the client takes it, but without keeping a processor busy."""
    block = piece * max(1, 16384 // len(piece))
    while True:
        writer.write(block)
        await writer.drain()
        await asyncio.sleep(0.001)


@cache
def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as sock:
            sock.bind(("::1", 0))
    except OSError:
        return False
    return True


def loopback(address: str) -> str:
    """The loopback address that stands for ``address``: of the same family, where this machine has it."""
    return "::1" if ":" in address and _has_ipv6() else "127.0.0.1"


def bound(host: str, port: int = 0) -> socket.socket:
    """A socket with a port of its own, which refuses connections as long as it does not listen."""
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((host, port))
    return sock


class FullSocket:
    """A loopback port that lets no connection come about: its queue is full, so the system drops every SYN.

    Linux and macOS drop; Windows refuses at once, so that there nothing hangs.
    """

    def __init__(self, host: str, port: int = 0) -> None:
        self.listener = bound(host, port)
        self.listener.listen(0)
        self.place: tuple[str, int] = self.listener.getsockname()[:2]
        self.waiting: list[socket.socket] = []
        self._fill()

    def _fill(self) -> None:
        """Connect until one connection does not come about: macOS lets more of them in than were asked for."""
        for _ in range(512):
            client = socket.socket(self.listener.family, socket.SOCK_STREAM)
            client.settimeout(0.05)
            try:
                client.connect(self.place)
            except OSError:
                client.close()
                return
            self.waiting.append(client)
        raise RuntimeError("the queue of a socket that accepts nothing does not fill up")

    def close(self) -> None:
        """Let everybody go."""
        for sock in (*self.waiting, self.listener):
            with contextlib.suppress(OSError):
                sock.close()
