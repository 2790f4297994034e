"""A program that listens on ports of all addresses of 127.0.0.0/8 and notes how IMAP clients come, as lines of JSON.

    python imap_listener.py CERTIFICATE.pem PORT…

A client that speaks TLS at once gives itself away by its first byte; where one did so, the next is answered in TLS. All
others are offered STARTTLS. The user name of a log-in is noted, and the log-in refused.
"""

from __future__ import annotations

import json
import re
import socket
import ssl
import sys
import threading
from contextlib import suppress

LIMIT = 20
"""Seconds that a client may be silent."""

_LOGIN = re.compile(rb'(\S+) LOGIN (?:"((?:[^"\\]|\\.)*)"|(\S+)) ', re.IGNORECASE)


class Listener:
    def __init__(self, certificate: str) -> None:
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate)
        self.implicit: set[tuple[str, int]] = set()
        self.lock = threading.Lock()

    def listen(self, port: int) -> None:
        waiting = socket.create_server(("", port), backlog=100)
        while True:
            connection, _client = waiting.accept()
            threading.Thread(target=self.attend, args=(connection,), daemon=True).start()

    def attend(self, connection: socket.socket) -> None:
        with suppress(OSError):
            connection.settimeout(LIMIT)
            here = connection.getsockname()[:2]
            if here in self.implicit:
                self.talk(self.context.wrap_socket(connection, server_side=True), here, "SSL")
                return
            connection.sendall(b"* OK [CAPABILITY IMAP4rev1 STARTTLS] here\r\n")
            if connection.recv(1, socket.MSG_PEEK) == b"\x16":
                self.implicit.add(here)
                self.note(here, "SSL", None)
                connection.close()
            else:
                self.talk(connection, here, "plain", greeted=True)

    def talk(self, connection: socket.socket, here: tuple[str, int], security: str, *, greeted: bool = False) -> None:
        if not greeted:
            connection.sendall(b"* OK [CAPABILITY IMAP4rev1] here\r\n")
        lines = connection.makefile("rb")
        while line := lines.readline():
            tag, _space, rest = line.strip().partition(b" ")
            command = rest.upper()
            if login := _LOGIN.match(line):
                name = login[3] if login[2] is None else re.sub(rb"\\(.)", rb"\1", login[2])
                self.note(here, security, name.decode())
                connection.sendall(tag + b" NO not here\r\n")
            elif command == b"STARTTLS":
                connection.sendall(tag + b" OK begin\r\n")
                return self.upgraded(connection, here)
            elif command == b"CAPABILITY":
                offer = b" STARTTLS" if security == "plain" else b""
                connection.sendall(b"* CAPABILITY IMAP4rev1" + offer + b"\r\n" + tag + b" OK done\r\n")
            else:
                connection.sendall(tag + b" OK done\r\n")
        return None

    def upgraded(self, connection: socket.socket, here: tuple[str, int]) -> None:
        secured = self.context.wrap_socket(connection, server_side=True)
        self.talk(secured, here, "STARTTLS", greeted=True)

    def note(self, here: tuple[str, int], security: str, user: str | None) -> None:
        with self.lock:
            print(json.dumps([*here, security, user]), flush=True)


if __name__ == "__main__":
    listener = Listener(sys.argv[1])
    for number in sys.argv[2:]:
        threading.Thread(target=listener.listen, args=(int(number),), daemon=True).start()
    threading.Event().wait()
