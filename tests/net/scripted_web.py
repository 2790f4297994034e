"""A server of HTTPS that says exactly what a test wants, and an event loop that complains of everything left behind."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import socket
import threading
import warnings

from tests.world.certificates import server_context

XML = b"<clientConfig version='1.1'/>"
SILENCE = object()  # the server says no more, and keeps the connection
SLOWLY = object()  # what follows goes out a byte at a time


def answer(body=XML, *headers, status="200 OK"):
    """A whole answer with a length; a header that is given twice is sent twice."""
    lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode() + body


def redirect(location, status=302, body=b"moved"):
    return answer(body, f"Location: {location}", status=f"{status} Elsewhere")


class Web:
    """A server of HTTPS. Every connection gets the next of ``connections`` (the last one again and again): a list of

    what is sent for each request in turn, bytes or a list of bytes with SILENCE or SLOWLY in it. Then it is closed.
    """

    def __init__(self, *connections, certificate=("web.example.test", "www.example.test", "other.example")):
        self.connections = list(connections)
        self.requests = []
        self.handshakes = 0
        self.context = server_context(certificate)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.ended = threading.Event()
        self.threads = [threading.Thread(target=self.serve, daemon=True)]

    def __enter__(self):
        self.threads[0].start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)  # wakes accept() on Linux
        self.listener.close()
        for thread in self.threads:
            thread.join(5)
        assert not any(thread.is_alive() for thread in self.threads)

    def serve(self):
        while not self.ended.is_set():
            try:
                plain, _ = self.listener.accept()
            except OSError:
                return
            script = self.connections.pop(0) if len(self.connections) > 1 else self.connections[0]
            thread = threading.Thread(target=self.speak, args=(plain, script), daemon=True)
            self.threads.append(thread)
            thread.start()

    def speak(self, plain, script):
        plain.settimeout(5)
        try:
            with self.context.wrap_socket(plain, server_side=True) as sock:
                self.handshakes += 1
                for lines in script:
                    if not self.listen(sock):
                        return
                    self.say(sock, lines if isinstance(lines, list) else [lines])
        except OSError:  # the client went away, which is what some tests are about
            plain.close()

    def listen(self, sock):
        heard = b""
        while b"\r\n\r\n" not in heard:
            more = sock.recv(65536)
            if not more:
                return False
            heard += more
        head, _, body = heard.partition(b"\r\n\r\n")
        lines = head.decode("ascii").split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines[1:])
        while len(body) < int(headers.get("Content-Length", 0)):
            body += sock.recv(65536)
        self.requests.append((lines[0], headers, body))
        return True

    def say(self, sock, pieces):
        slowly = False
        for piece in pieces:
            if piece is SILENCE:
                self.ended.wait(20)
            elif piece is SLOWLY:
                slowly = True
            elif slowly:
                for byte in piece:
                    sock.sendall(bytes([byte]))
                    if self.ended.wait(0.05):
                        return
            else:
                sock.sendall(piece)

    @property
    def lines(self):
        return [line for line, _, _ in self.requests]


def quietly(caplog, coroutine):
    """Run it with everything on that complains: asyncio's debug mode, warnings of what was not closed."""

    async def watched():
        asyncio.get_running_loop().slow_callback_duration = 10  # a busy machine is no finding
        return await coroutine

    with warnings.catch_warnings(record=True) as complaints, caplog.at_level(logging.WARNING):
        warnings.simplefilter("always")
        caplog.clear()
        result = asyncio.run(watched(), debug=True)
        gc.collect()
    assert [str(complaint.message) for complaint in complaints] == []
    assert caplog.messages == []
    return result
