"""How long a look-up takes on a network with a round trip of 40 ms: each way of publishing, beside its floor.

    python tests/benchmarks/discovery_times.py [--check] [--runs 3] [--against DIR] [DOMAIN …]

As root on Linux. Two network namespaces are joined by a link that holds every packet back for 20 ms
(``delaylink.py``, in the data beside the project); the domains of ``tests/measured.py`` live in one of them, and
``mail-wizard discover --json`` runs in the other, as a process of its own. Printed: the floor (the round trips
of its steps one after another, and after a “+” what somebody silent is waited for by a rule; a usual name that was
being tried anyway can beat it), ``elapsed_ms`` (the best and the
median of the runs), the bound, what the process adds to it, and its CPU (user and system), all in milliseconds.

``--against`` measures another checkout too, the two taking turns, and prints its figures before ours, and the ratio of
the medians. With ``--check`` the end is 1 when a row is wrong or above its bound; with ``--against``, also when its
median is more than 5 % slower, or more than 1.15 times its floor where the other's was above that.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests import measured  # noqa: E402
from tests.ground import SHARED  # noqa: E402

RTT = 40
PROCESS_BOUND = 450
SLOWER = 1.05
"""The most that a median may be of the one before."""
NEAR = 1.15
"""The most that a median may be of its floor, where it was above that before."""
CLIENT, NET = f"mwc{os.getpid()}", f"mwn{os.getpid()}"


def run(*words: str, **options: object) -> subprocess.CompletedProcess:
    return subprocess.run(words, check=True, capture_output=True, text=True, **options)


@contextlib.contextmanager
def joined_namespaces(one_way_ms: int):
    """Two namespaces with a delayed link between them; the names of client and net."""
    delaylink = SHARED / "tools" / "delaylink.py"
    if not delaylink.exists():
        sys.exit(f"{delaylink} is not there: it lies beside the project and is no part of it")
    for name in (CLIENT, NET):
        run("ip", "netns", "add", name)
    link = subprocess.Popen(
        [sys.executable, str(delaylink), CLIENT, NET, str(one_way_ms)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert link.stdout is not None
        assert link.stdout.readline().strip() == "ready"
        for name, address in ((CLIENT, "10.77.0.2/24"), (NET, "10.77.0.1/24")):
            run("ip", "-n", name, "link", "set", "lo", "up")
            run("ip", "-n", name, "addr", "add", address, "dev", "tun0")
            run("ip", "-n", name, "link", "set", "tun0", "up")
        run("ip", "-n", CLIENT, "route", "add", "default", "dev", "tun0")
        for address in measured.addresses():
            run("ip", "-n", NET, "addr", "add", f"{address}/32", "dev", "lo")
        run("ip", "-n", NET, "route", "add", "blackhole", f"{measured.SWALLOWS}/32")
        yield CLIENT, NET
    finally:
        link.kill()
        link.wait()
        for name in (CLIENT, NET):
            subprocess.run(["ip", "netns", "del", name], check=False)


@contextlib.contextmanager
def served(namespace: str):
    """The domains, served in ``namespace``; the file with the authority to be trusted."""
    world = subprocess.Popen(
        ["ip", "netns", "exec", namespace, sys.executable, "-m", "tests.world", str(ROOT / "tests" / "measured.py")],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert world.stdout is not None
        yield json.loads(world.stdout.readline())["ca_file"]
    finally:
        world.kill()
        world.wait()


@dataclass(frozen=True)
class Run:
    """One process: what it printed, and in milliseconds how long it took and its CPU."""

    document: dict
    took: float
    cpu: float

    @property
    def elapsed(self) -> int:
        return self.document["elapsed_ms"]


def look_up(checkout: Path, namespace: str, ca_file: str, address: str) -> Run:
    """Run ``discover`` of ``checkout`` in ``namespace``."""
    words = ["-m", "wizard", "discover", address, "--json", "--allow-private", "--resolver", measured.DNS_ADDRESS]
    env = {
        **os.environ,
        "PYTHONPATH": str(checkout),
        "SSL_CERT_FILE": ca_file,
        "MAIL_WIZARD_ISPDB_URL": measured.ISPDB,
    }
    command = ["nsenter", f"--net=/run/netns/{namespace}", sys.executable, *words]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        begun = time.monotonic()
        # Elsewhere than in a checkout: with -m the working directory comes before PYTHONPATH.
        process = subprocess.Popen(command, cwd="/", env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=errors)
        _pid, status, used = os.wait4(process.pid, 0)
        took = time.monotonic() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        for file in (out, errors):
            file.seek(0)
        assert process.returncode in (0, 4), errors.read().decode()
        return Run(json.loads(out.read()), took * 1000, (used.ru_utime + used.ru_stime) * 1000)


def right(document: dict, case: measured.Case) -> bool:
    """Whether what was found is what is published."""

    def shown(server: dict | None) -> str | None:
        return None if server is None else f"{server['host']} {server['port']}"

    found = (shown(document["imap"]), shown(document["pop3"]), shown(document["smtp"]))
    return found == (case.imap, case.pop3, case.smtp)


@dataclass(frozen=True)
class Row:
    """All runs of one case by one checkout."""

    case: measured.Case
    runs: list[Run]

    @property
    def median(self) -> float:
        return statistics.median(run.elapsed for run in self.runs)

    @property
    def wrong(self) -> bool:
        return not all(right(run.document, self.case) for run in self.runs)

    @property
    def late(self) -> bool:
        return min(run.elapsed for run in self.runs) > self.case.bound or self._extra > PROCESS_BOUND

    @property
    def _extra(self) -> float:
        return min(run.took - run.elapsed for run in self.runs)

    def slower_than(self, before: Row) -> bool:
        return self.median > SLOWER * before.median

    @property
    def floor(self) -> int:
        return self.case.floor * RTT + self.case.timer

    def stays_far(self, before: Row) -> bool:
        """Whether it is too far above the floor, where it was before."""
        return min(self.median, before.median) > NEAR * self.floor

    def __str__(self) -> str:
        best, cpu = min(run.elapsed for run in self.runs), min(run.cpu for run in self.runs)
        floor = f"{self.case.floor * RTT}+{self.case.timer}" if self.case.timer else str(self.floor)
        return (
            f"{self.case.what:44}{floor:>8}{best:>7}{self.median:>8.0f}"
            f"{self.case.bound:>7}{self._extra:>9.0f}{cpu:>6.0f}"
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--against", type=Path, metavar="DIR", help="another checkout, measured in turn")
    parser.add_argument("domains", nargs="*")
    options = parser.parse_args()
    cases = [one for one in measured.CASES if not options.domains or one.domain in options.domains]
    checkouts = [ROOT] if options.against is None else [ROOT, options.against.resolve()]
    bad = []
    with joined_namespaces(RTT // 2) as (client, net), served(net) as ca_file:
        for checkout in checkouts:
            look_up(checkout, client, ca_file, cases[0].address)  # compiles what is not compiled yet
        print(f"{'':44}{'floor':>8}{'best':>7}{'median':>8}{'bound':>7}{'process':>9}{'cpu':>6}")
        for case in cases:
            runs = [
                [look_up(checkout, client, ca_file, case.address) for checkout in checkouts]
                for _run in range(options.runs)
            ]
            ours, *others = (Row(case, list(taken)) for taken in zip(*runs, strict=True))
            if verdict := show(ours, others):
                bad.append(f"{case.domain} ({verdict})")
    if bad:
        print("Not as it should be:", ", ".join(bad))
    return int(bool(bad) and options.check)


def show(ours: Row, others: list[Row]) -> str:
    """Print a row, after that of the other checkout where there is one; what is wrong with it, or nothing."""
    faults = {"wrong": ours.wrong, "late": ours.late}
    for other in others:
        print(f"{other}  before")
        faults["slower"] = ours.slower_than(other)
        faults["far from the floor"] = ours.stays_far(other)
    verdict = ", ".join(word for word, is_so in faults.items() if is_so)
    ratio = "".join(f"  {ours.median / other.median:.2f} of before" for other in others)
    print(f"{ours}{ratio}  {verdict.upper()}".rstrip(), flush=True)
    return verdict


if __name__ == "__main__":
    sys.exit(main())
