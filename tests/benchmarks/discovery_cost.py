"""What `discover` of a domain with SRV records costs: CPU in multiples of ``python -c pass``, and time without network.

    python tests/benchmarks/discovery_cost.py [--check] [--runs 15] [--against DIR] [--parts]

As root on Linux: the domain is served on loopback addresses, on the ports that mail really uses. The CPU is user and
system time of the whole process. The processes take turns, and the figure is the ratio of the best runs: what a
neighbour on the machine adds is no cost of the program. The elapsed time is that of the look-up itself
(``elapsed_ms``); round trips take no time here. ``--against`` measures another checkout in the same run. ``--parts``
prints which modules cost most to import. With ``--check`` the end is 1 when the ratio is above its bound.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.world import MailServer, World  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

BOUND = 19.0
"""The most that a look-up may take, in multiples of the bare interpreter's CPU."""

DNS_ADDRESS = "127.77.0.53"
ISPDB = "https://ispdb.test/v1.1/"
MAIL = {"_imaps": (993, "imap"), "_pop3s": (995, "pop3"), "_submissions": (465, "smtp")}


def build(world: World) -> None:
    """A domain with SRV records and one machine, and a database that does not know it."""
    world.dns("mail.srv.test", A=["127.77.0.1"])
    world.dns("srv.test", MX=[(10, "mail.srv.test")])
    for service, (port, protocol) in MAIL.items():
        world.dns(f"{service}._tcp.srv.test", SRV=[(0, 1, port, "mail.srv.test")])
        server = MailServer(protocol=protocol, security="SSL", certificate=["mail.srv.test"])
        world.mail("127.77.0.1", port, server)
    world.dns("ispdb.test", A=["127.77.0.2"])
    world.web("127.77.0.2", {}, certificate=["ispdb.test"])


@contextlib.contextmanager
def served() -> Iterator[str]:
    """The domain, served by another process; the file with the authority to be trusted."""
    words = [sys.executable, "-m", "tests.world", __file__]
    with subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as world:
        assert world.stdout is not None
        try:
            yield json.loads(world.stdout.readline())["ca_file"]
        finally:
            world.kill()


def cost(words: tuple[str, ...], env: dict[str, str]) -> tuple[float, str, str]:
    """User and system seconds of one process of Python, and what it printed; CalledProcessError where it fails."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(
            # Elsewhere than in a checkout: with -m the working directory comes before PYTHONPATH.
            [sys.executable, *words],
            cwd="/",
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=errors,
        )
        _pid, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        errors.seek(0)
        printed, complaints = out.read(), errors.read()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, words, printed, complaints)
    return used.ru_utime + used.ru_stime, printed, complaints


def look_up(checkout: Path, ca_file: str) -> tuple[tuple[str, ...], dict[str, str]]:
    """The words after ``python``, and the environment, of a look-up by ``checkout``."""
    words = ("-m", "wizard", "discover", "anna@srv.test", "--json", "--allow-private", "--resolver", DNS_ADDRESS)
    env = environment(checkout) | {"SSL_CERT_FILE": ca_file, "MAIL_WIZARD_ISPDB_URL": ISPDB}
    return words, env


def environment(checkout: Path) -> dict[str, str]:
    """A clean one: neither the site's start-up hooks nor the person's settings are measured."""
    return {"PATH": os.environ.get("PATH", ""), "HOME": "/nonexistent", "PYTHONPATH": str(checkout), "LANG": "C.UTF-8"}


def measure(checkouts: dict[str, Path], ca_file: str, runs: int) -> dict[str, float]:
    """Prints CPU and time of each checkout; the CPU of each in multiples of the bare interpreter's."""
    processes = {"": (("-c", "pass"), environment(ROOT))}
    processes |= {name: look_up(checkout, ca_file) for name, checkout in checkouts.items()}
    used: dict[str, list[float]] = {name: [] for name in processes}
    elapsed: dict[str, list[int]] = {name: [] for name in processes}
    for run in range(runs + 1):
        for name, (words, env) in processes.items():
            seconds, printed, _complaints = cost(words, env)
            if run == 0:  # writes bytecode and warms the disk
                continue
            used[name].append(seconds)
            if name:
                document = json.loads(printed)
                assert document["imap"]["host"] == "mail.srv.test", printed
                elapsed[name].append(document["elapsed_ms"])
    bare = min(used.pop(""))
    print(f"python -c pass: {bare * 1000:.1f} ms of CPU (best of {runs}, taking turns)")
    for name, seconds in used.items():
        best, median = min(elapsed[name]), statistics.median(elapsed[name])
        print(
            f"  {name:8}{min(seconds) / bare:6.1f} times it ({min(seconds) * 1000:.0f} ms); "
            f"look-up without round trips {best} ms, median {median:.0f} ms"
        )
    return {name: min(seconds) / bare for name, seconds in used.items()}


def print_imports(ca_file: str) -> None:
    """Where the time of importing goes, by top-level package; in milliseconds."""
    words, env = look_up(ROOT, ca_file)
    _seconds, _printed, complaints = cost(("-X", "importtime", *words), env)
    by_package: dict[str, float] = {}
    for own, name in re.findall(r"^import time: +(\d+) \| +\d+ \| +(\S+)$", complaints, re.MULTILINE):
        package = name.partition(".")[0]
        by_package[package] = by_package.get(package, 0) + int(own) / 1000
    print(f"importing, {sum(by_package.values()):.0f} ms (twice as much as without -X importtime):")
    for package, taken in sorted(by_package.items(), key=lambda item: -item[1])[:25]:
        print(f"  {package:24}{taken:6.1f} ms")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--check", action="store_true", help="end with 1 when the ratio is above its bound")
    parser.add_argument("--against", type=Path, metavar="DIR", help="another checkout, measured in turn")
    parser.add_argument("--parts", action="store_true", help="print what is imported, by package")
    options = parser.parse_args()
    checkouts = {"before": options.against.resolve()} if options.against else {}
    with served() as ca_file:
        ratio = measure({**checkouts, "discover": ROOT}, ca_file, options.runs)["discover"]
        if options.parts:
            print_imports(ca_file)
    print(f"bound: {BOUND:g} times")
    return int(ratio > BOUND and options.check)


if __name__ == "__main__":
    sys.exit(main())
