"""Lines to and from one server, in the clear or within TLS, within bounds.

TLS runs over memory buffers, not over asyncio's transports: so it is known to the byte what had arrived before a
handshake began, nothing is read unless it is awaited, and closing leaves nothing behind that could fail later.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING

from wizard.model.text import printable
from wizard.net.failures import Failure, FailureKind
from wizard.net.tls import tls_failure

if TYPE_CHECKING:
    from typing import Self

    from wizard.model.secret import Secret
    from wizard.net.connect import Connection

LINE_LIMIT = 8 * 1024
"""Bytes of one line; RFC 9051 allows clients 8192, RFC 5321 and RFC 1939 servers 512."""

TEXT_LIMIT = 64 * 1024
"""Bytes of all lines of one conversation."""

MAX_LINES = 200

WIRE_LIMIT = 512 * 1024
"""Bytes as they arrive, with the certificates and what TLS adds; OpenSSL takes a chain of 100 KiB at most."""

_CHUNK = 16 * 1024
_TLS_RECORDS = range(0x14, 0x19)


class Ended(Exception):
    """The conversation cannot go on. Never leaves this room: :meth:`Conversation.failure` makes a value of it."""

    def __init__(self, kind: FailureKind, detail: str = "") -> None:
        super().__init__(kind, detail)
        self.kind, self.detail = kind, detail


class Conversation:
    """One connection; a context manager that closes it at once. Its errors are Ended, OSError and ValueError.

    The time is the caller's to bound (``asyncio.timeout``). ``rungs``: each step begun, in order, and when
    (``time.monotonic()``); its names are those of the doctor: tls, greeting, capabilities, starttls.
    """

    def __init__(self, connection: Connection) -> None:
        self.host, self.port = connection.host, connection.port
        self.rungs: list[tuple[str, float]] = []
        self.tls_version: str | None = None
        self._sock = connection.sock
        self._loop = asyncio.get_running_loop()
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls: ssl.SSLObject | None = None
        self._unread = bytearray()
        self._lines = self._text = self._wire = 0
        self._first = b""
        # Without it, what follows a handshake's last message waits for an acknowledgement (Nagle).
        with contextlib.suppress(OSError):
            self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._sock.close()

    def begin(self, rung: str) -> None:
        """Note that the step ``rung`` begins."""
        self.rungs.append((rung, monotonic()))

    def failure(self, error: Exception) -> Failure:
        """``error`` as a value; its detail names the step where the library has no words."""
        if isinstance(error, Ended):
            failure = Failure(error.kind, self.host, self.port, error.detail)
        else:
            failure = tls_failure(error, self.host, self.port)
        if failure.detail or not self.rungs:
            return failure
        received = printable(bytes(self._unread[:200]).decode("utf-8", "replace"))
        rung, _begun = self.rungs[-1]
        return replace(failure, detail=f"{rung}: {received}" if received else rung)

    async def send(self, line: str) -> None:
        """Send one line; what the handshake left to be sent goes with it, in one packet."""
        data = line.encode() + b"\r\n"
        if self._tls is not None:
            self._tls.write(data)
            data = self._outgoing.read()
        await self._loop.sock_sendall(self._sock, data)

    async def send_secret(self, secret: Secret, *, in_clear: bool = False) -> None:
        """Send one confidential line. Ended with NOT_TLS outside TLS, unless ``in_clear`` permits that.

        The line is in no variable and in no error: what a caller shows of a traceback does not show it.
        """
        if self._tls is not None:
            self._tls.write(secret.reveal())
            self._tls.write(b"\r\n")
            await self._flush()
        elif in_clear:
            try:
                await self._loop.sock_sendall(self._sock, secret.reveal() + b"\r\n")
            except BaseException as error:
                raise error.with_traceback(None) from None  # the frames of asyncio hold what was to be sent
        else:
            raise Ended(FailureKind.NOT_TLS, "a password is not sent without encryption")

    def forget(self) -> None:
        """Drop what has arrived and was not read: it may repeat what was sent."""
        self._unread.clear()

    def send_at_once(self, line: str) -> None:
        """Send one line without waiting and without minding whether it arrives: for reminders and farewells."""
        data = line.encode("ascii") + b"\r\n"
        with contextlib.suppress(OSError, ValueError):
            if self._tls is not None:
                self._tls.write(data)
                data = self._outgoing.read()
            self._sock.send(data)

    def say_goodbye(self, line: str) -> None:
        """Send the farewell and TLS's own, as far as that needs no waiting. To be closed then."""
        self.send_at_once(line)
        if self._tls is not None:
            with contextlib.suppress(OSError, ValueError):
                self._tls.unwrap()  # wants to read the other side's close_notify, which is not awaited
        self._flush_at_once()

    async def read_line(self) -> str:
        """The next line without its end (CR LF, or LF alone). Invalid UTF-8 is replaced.

        Ended: ANSWER_TOO_LONG beyond a bound, CONNECTION_LOST when the server closes before the line's end.
        """
        start = 0
        while (end := self._unread.find(b"\n", start)) < 0:
            start = len(self._unread)
            if start > LINE_LIMIT:
                raise Ended(FailureKind.ANSWER_TOO_LONG)
            data = await self._receive()
            if not data:
                raise Ended(FailureKind.CONNECTION_LOST)
            self._text += len(data)
            if self._text > TEXT_LIMIT:
                raise Ended(FailureKind.ANSWER_TOO_LONG)
            self._unread += data
        self._lines += 1
        if end > LINE_LIMIT or self._lines > MAX_LINES:
            raise Ended(FailureKind.ANSWER_TOO_LONG)
        line = bytes(self._unread[:end])
        del self._unread[: end + 1]
        return line.removesuffix(b"\r").decode("utf-8", "replace")

    async def upgrade(self, context: ssl.SSLContext) -> None:
        """Begin TLS, now. The certificate is verified as ``context`` says, the name is that of the host.

        After lines were read (STARTTLS): Ended with STARTTLS_INJECTION if more had arrived, because a server says
        nothing between its consent and the handshake, and what was said in the clear must not count as said within.
        """
        if self._lines:
            self._refuse_early_bytes()
        tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=self.host)
        self._first = b""
        try:
            while not await self._handshake(tls):
                pass
        except ssl.SSLError as error:
            self._flush_at_once()  # the alert that tells the server why
            if self._first and not (self._first[0] in _TLS_RECORDS and self._first[1:2] in (b"", b"\x03")):
                line = self._first.splitlines()[0].decode("utf-8", "replace")
                raise Ended(FailureKind.NOT_TLS, printable(line.strip())) from error
            raise
        self._tls = tls
        self.tls_version = tls.version()

    def certificates(self, *, verified: bool) -> tuple[bytes, ...]:
        """The certificates as DER, the server's own first: as it sent them, or, ``verified``, up to the root.

        Only the server's own where Python does not tell more, none before TLS.
        """
        if self._tls is None:
            return ()
        name = "get_verified_chain" if verified else "get_unverified_chain"
        # Public since Python 3.13; 3.10 to 3.12 have it one object further in, with certificates instead of bytes.
        ask = getattr(self._tls, name, None) or getattr(getattr(self._tls, "_sslobj", None), name, None)
        found = (ask() if ask is not None else None) or [self._tls.getpeercert(binary_form=True) or b""]
        encoded = (
            certificate if isinstance(certificate, bytes) else ssl.PEM_cert_to_DER_cert(certificate.public_bytes())
            for certificate in found
        )
        return tuple(filter(None, encoded))

    async def _handshake(self, tls: ssl.SSLObject) -> bool:
        try:
            tls.do_handshake()
        except ssl.SSLWantReadError:
            await self._flush()
            await self._feed()
            return False
        return True

    def _refuse_early_bytes(self) -> None:
        early = bytes(self._unread)
        with contextlib.suppress(BlockingIOError, InterruptedError):
            early = early or self._sock.recv(200, socket.MSG_PEEK)
        if early:
            raise Ended(FailureKind.STARTTLS_INJECTION, printable(early[:200].decode("utf-8", "replace").strip()))

    async def _receive(self) -> bytes:
        """Some bytes of text; none at the end."""
        if self._tls is None:
            return await self._loop.sock_recv(self._sock, _CHUNK)
        while True:
            try:
                return self._tls.read(_CHUNK)
            except ssl.SSLWantReadError:
                await self._flush()
                await self._feed()

    async def _feed(self) -> None:
        data = await self._loop.sock_recv(self._sock, _CHUNK)
        self._wire += len(data)
        if self._wire > WIRE_LIMIT:
            raise Ended(FailureKind.ANSWER_TOO_LONG)
        self._first = self._first or data[:200]
        if data:
            self._incoming.write(data)
        else:
            self._incoming.write_eof()

    async def _flush(self) -> None:
        if data := self._outgoing.read():
            await self._loop.sock_sendall(self._sock, data)

    def _flush_at_once(self) -> None:
        with contextlib.suppress(OSError):
            if data := self._outgoing.read():
                self._sock.send(data)
