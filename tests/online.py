"""The real command on an internet of our own: servers on loopback addresses, on the ports that mail really uses.

    online.machine("mail.example.test", imap=993, smtp=465)          # a host with a certificate and mail servers
    online.publish("autoconfig.example.test", config_of("mail.example.test"))
    online.run("discover", "anna@example.test")                       # as in a script
    with online.open("setup", "anna@example.test") as terminal: ...   # the same in a pseudo-terminal

Ports below 1024 want root on most systems, and 127.0.0.0/8 is there as a whole on Linux only: elsewhere it is skipped.
"""

from __future__ import annotations

import itertools
import os
import socket
from typing import TYPE_CHECKING

import pytest

from tests.discovery.published_files import config, incoming, outgoing
from tests.world import MailServer, Page, World

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tests.terminal import Terminal

PROTOCOLS = {993: ("imap", "SSL"), 995: ("pop3", "SSL"), 465: ("smtp", "SSL")} | {
    143: ("imap", "STARTTLS"),
    110: ("pop3", "STARTTLS"),
    587: ("smtp", "STARTTLS"),
}
ALL = (993, 995, 465)
ISPDB = "https://ispdb.test/v1.1/"
AUTOCONFIG = "/mail/config-v1.1.xml"

_networks = itertools.count()


def config_of(host: str, domain: str, **how: str) -> bytes:
    """A published file that names IMAP, POP3 and sending at ``host``."""
    servers = (incoming(host, **how), incoming(host, 995, "pop3", **how), outgoing(host, **how))
    return config(*servers, domains=(domain,))


class Online:
    """A world on addresses of its own, and the command that is told to ask its resolver."""

    def __init__(self, environment: Mapping[str, str], run: Callable[..., object], folder: Path) -> None:
        # Two test runs at the same time have addresses of their own.
        self._prefix = f"127.{1 + os.getpid() % 250}.{1 + os.getpid() // 250 % 250}."
        self._last = next(_networks) * 40 % 200
        self._run, self._folder = run, folder
        _skip_without_ports(self._next())
        self.world = World(direct=True, dns_address=self._next(), dns_port=0)
        self.world.dns("yahoo.com", TXT=["a name that every internet has"])
        self.environment = {
            **environment,
            "SSL_CERT_FILE": str(self.world.ca_file),
            "MAIL_WIZARD_ISPDB_URL": ISPDB,
        }

    def _next(self) -> str:
        self._last += 1
        return self._prefix + str(self._last)

    @property
    def addresses(self) -> list[str]:
        """Every address that a machine here may have."""
        return [f"{prefix}{number}" for prefix in (self._prefix, "127.0.0.") for number in range(1, 255)]

    def machine(self, *names: str, ports: tuple[int, ...] = ALL, **how: object) -> str:
        """A host with these names that serves mail on ``ports``; its address. Everything else refuses."""
        address = self._next()
        for name in names:
            self.world.dns(name, A=[address])
        for port in ports:
            protocol, security = PROTOCOLS[port]
            made = {"protocol": protocol, "security": security, "certificate": list(names), **how}
            self.world.mail(address, port, MailServer(**made))
        return address

    def publish(self, host: str, page: Page | bytes, path: str = AUTOCONFIG, **how: object) -> None:
        """Put a page on the web."""
        page = Page(page) if isinstance(page, bytes) else page
        self.world.web(self.machine(host, ports=()), {f"https://{host}{path}": page}, certificate=[host], **how)

    def srv(self, domain: str, target: str, services: Mapping[str, int] | None = None) -> None:
        """Publish SRV records that name ``target``."""
        for service, port in (services or {"_imaps": 993, "_pop3s": 995, "_submissions": 465}).items():
            self.world.dns(f"{service}._tcp.{domain}", SRV=[(0, 1, port, target)])

    def mute(self, host: str) -> None:
        """A web host that accepts connections and never says a word."""
        self.world.web(self.machine(host, ports=()), {}, certificate=[host], behaviour="silent")

    @property
    def options(self) -> tuple[str, ...]:
        """What every look-up in this world needs."""
        return ("--resolver", self.world.resolver, "--allow-private")

    def run(self, *arguments: str, **how: object):
        """The command; as ``run_cli``."""
        return self._run(*arguments, *self.options, env={**self.environment, **how.pop("env", {})}, **how)

    def open(self, *arguments: str, env: Mapping[str, str] | None = None, **how: object) -> Terminal:
        """The command in a pseudo-terminal, in a directory of its own."""
        from tests.terminal import Terminal

        self._folder.mkdir(exist_ok=True)
        return Terminal((*arguments, *self.options), env={**self.environment, **(env or {})}, cwd=self._folder, **how)


def _skip_without_ports(address: str) -> None:
    try:
        with socket.socket() as one:
            one.bind((address, 465))
    except OSError as error:
        pytest.skip(f"a server of our own on {address} port 465 is not possible here ({error.strerror}): needs root")
