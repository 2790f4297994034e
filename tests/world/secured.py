"""TLS over a stream that is already open.

Not asyncio's own: that one closes a failed handshake without the alert that says why, which every real server sends.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from typing import Any

SIZE = 65536


class SecuredStream:
    """Reader and writer in one, with the methods of asyncio's that our servers use."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, context: ssl.SSLContext) -> None:
        self._reader = reader
        self._writer = writer
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._buffer = b""
        self.transport = writer.transport

    async def handshake(self) -> None:
        """Shake hands; raises ssl.SSLError (after its alert is sent), or EOFError when the client leaves."""
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                if not await self._receive():
                    raise EOFError from None
            else:
                return
            finally:
                self._flush()

    async def read(self, size: int) -> bytes:
        """Up to ``size`` bytes; none when the client is gone."""
        if not self._buffer:
            self._buffer = await self._decrypted()
        data, self._buffer = self._buffer[:size], self._buffer[size:]
        return data

    async def readuntil(self, separator: bytes) -> bytes:
        """Everything up to and with ``separator``."""
        while separator not in self._buffer:
            await self._more(len(self._buffer) + 1)
        return await self.readexactly(self._buffer.index(separator) + len(separator))

    async def readexactly(self, size: int) -> bytes:
        """``size`` bytes."""
        await self._more(size)
        data, self._buffer = self._buffer[:size], self._buffer[size:]
        return data

    def write(self, data: bytes) -> None:
        """Send, or keep for sending."""
        self._tls.write(data)
        self._flush()

    async def drain(self) -> None:
        """Wait until the client takes what was written."""
        await self._writer.drain()

    def close(self) -> None:
        """Say goodbye (close_notify) and close."""
        with contextlib.suppress(ssl.SSLError):
            self._tls.unwrap()
        self._flush()
        self._writer.close()

    def get_extra_info(self, name: str) -> Any:
        """What asyncio knows of the connection."""
        return self._writer.get_extra_info(name)

    async def _more(self, size: int) -> None:
        while len(self._buffer) < size:
            data = await self._decrypted()
            if not data:
                raise asyncio.IncompleteReadError(self._buffer, size)
            self._buffer += data

    async def _decrypted(self) -> bytes:
        while True:
            try:
                return self._tls.read(SIZE)
            except ssl.SSLWantReadError:
                self._flush()
                if not await self._receive():
                    return b""
            except ssl.SSLZeroReturnError:
                return b""

    async def _receive(self) -> bool:
        self._flush()
        data = await self._reader.read(SIZE)
        self._incoming.write(data)
        return bool(data)

    def _flush(self) -> None:
        if self._outgoing.pending:
            self._writer.write(self._outgoing.read())


async def secured(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, context: ssl.SSLContext) -> SecuredStream:
    """The server's side of a handshake; what comes back is both reader and writer."""
    stream = SecuredStream(reader, writer, context)
    await stream.handshake()
    return stream
