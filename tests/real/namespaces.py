"""A network namespace for one test: an internet of its own, where real servers have the addresses and ports they like.

    with Namespace(addresses=["203.0.113.10", "2001:db8::10"], nameserver="203.0.113.53") as space:
        space.start("nginx", "-c", path, log=tmp_path / "nginx.log")
        space.wait_for(("203.0.113.10", 443))
        done = space.run(sys.executable, "-m", "wizard", "discover", "anna@example.test", "--json")

Its only interface is its loopback, which has ``addresses``; nothing else can be reached. Of the machine itself nothing
is changed but ``/etc/netns/NAME``, where ip-netns(8) looks for the resolv.conf of a namespace; it goes away with it.
Every process in the namespace is dead when the block ends. Linux and root; a test without them is skipped.
"""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CONFIGURATION = Path("/etc/netns")
PATH = os.environ.get("PATH", os.defpath) + ":/usr/sbin:/sbin"
START_LIMIT = 20
"""Seconds until a server must listen; measured: below 0.5."""

STOP_LIMIT = 10
"""Seconds until a process must have ended on SIGTERM."""

WAIT = """
import socket, sys, time
end = time.monotonic() + float(sys.argv[1])
waiting = [tuple(one.rsplit(",", 1)) for one in sys.argv[2:]]
while waiting:
    if time.monotonic() > end:
        sys.exit(f"nobody listens on {waiting}")
    try:
        socket.create_connection((waiting[0][0], int(waiting[0][1])), timeout=1).close()
        waiting.pop(0)
    except OSError:
        time.sleep(0.02)
"""
"""Run inside: what is outside cannot connect."""

_numbers = itertools.count(1)


def find_program(name: str) -> str:
    """The path of a program, also of a server's in /usr/sbin; the test is skipped where it is not installed."""
    found = shutil.which(name, path=PATH)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


class Namespace:
    """See the module. ``nameserver`` is what its resolv.conf names; None: an empty one."""

    def __init__(self, *, addresses: Sequence[str] = (), nameserver: str | None = None) -> None:
        self.name = f"mwt{os.getpid()}x{next(_numbers)}"
        self.addresses = tuple(addresses)
        self._nameserver = nameserver
        self._started: list[tuple[subprocess.Popen[bytes], Path]] = []

    def __enter__(self) -> Self:
        if sys.platform != "linux" or os.geteuid() != 0:
            pytest.skip("only root of a Linux machine may make a network namespace")
        self._ip = find_program("ip")
        made = subprocess.run([self._ip, "netns", "add", self.name], capture_output=True, text=True, check=False)
        if made.returncode != 0:
            pytest.skip(f"no network namespace can be made here: {made.stderr.strip()}")
        try:
            self.resolve_by(self._nameserver)
            self._inside("link", "set", "lo", "up")
            for address in self.addresses:
                family = ip_address(address)
                rest = ["nodad"] if family.version == 6 else []  # else it can be used a second later only
                self._inside("address", "add", f"{address}/{family.max_prefixlen}", "dev", "lo", *rest)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_exception: object) -> None:
        for process, _log in reversed(self._started):
            stop(process)
        for number in self._left():
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        subprocess.run([self._ip, "netns", "delete", self.name], capture_output=True, check=False)
        shutil.rmtree(CONFIGURATION / self.name, ignore_errors=True)
        with suppress(OSError):  # somebody else's namespaces have theirs there
            CONFIGURATION.rmdir()

    def resolve_by(self, nameserver: str | None, options: str = "") -> None:
        """What programs that are started from now on find in resolv.conf."""
        folder = CONFIGURATION / self.name
        folder.mkdir(parents=True, exist_ok=True)
        lines = [f"nameserver {nameserver}\n"] if nameserver else []
        lines += [f"options {options}\n"] if options else []
        (folder / "resolv.conf").write_text("".join(lines))

    def route(self, kind: str, address: str) -> None:
        """How packets to ``address`` fail: unreachable, prohibit or blackhole (ip-route(8))."""
        self._inside("route", "add", kind, address)

    def lose(self, address: str) -> None:
        """Let packets to ``address`` get lost without a word, as behind a firewall that drops them."""
        self._inside("link", "add", "lost0", "type", "veth", "peer", "name", "lost1")
        for one in ("lost0", "lost1"):
            self._inside("link", "set", one, "up")
        self._inside("route", "add", address, "dev", "lost0", "src", self.addresses[0])
        # Nobody at the other end has this hardware address.
        self._inside("neighbour", "add", address, "lladdr", "02:00:00:00:00:01", "dev", "lost0")

    def command(self, *words: str | Path) -> list[str]:
        """The command that runs ``words`` inside."""
        return [self._ip, "netns", "exec", self.name, *map(str, words)]

    def run(
        self, *words: str | Path, env: Mapping[str, str] | None = None, timeout: float = 60
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, without standard input."""
        return subprocess.run(
            self.command(*words),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            env=None if env is None else dict(env),
            timeout=timeout,
            check=False,
        )

    def start(self, *words: str | Path, log: Path) -> subprocess.Popen[bytes]:
        """Start a server; what it says goes to ``log``. It is stopped when the block ends."""
        with log.open("ab") as told:
            process = subprocess.Popen(
                self.command(*words), stdin=subprocess.DEVNULL, stdout=told, stderr=told, env={"PATH": PATH}
            )
        self._started.append((process, log))
        return process

    def wait_for(self, *endpoints: tuple[str, int]) -> None:
        """Until somebody listens on every address and TCP port; RuntimeError with the logs when nobody does."""
        listed = [f"{address},{port}" for address, port in endpoints]
        done = self.run(sys.executable, "-I", "-S", "-c", WAIT, str(START_LIMIT), *listed, timeout=START_LIMIT * 2)
        if done.returncode != 0:
            told = "\n".join(f"{log}:\n{log.read_text(errors='replace')}" for _process, log in self._started)
            raise RuntimeError(f"{done.stderr}\n{told}")

    def _inside(self, *words: str) -> None:
        subprocess.run([self._ip, "-n", self.name, *words], capture_output=True, check=True)

    def _left(self) -> list[int]:
        """The processes inside that nobody stopped: children of servers that died."""
        done = subprocess.run([self._ip, "netns", "pids", self.name], capture_output=True, text=True, check=False)
        return [int(number) for number in done.stdout.split()]


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process, by force where it does not end by itself."""
    process.terminate()
    try:
        process.wait(STOP_LIMIT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(STOP_LIMIT)
