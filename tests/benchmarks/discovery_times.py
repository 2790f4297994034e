"""How long a look-up takes on a network with a round trip of 40 ms: each way of publishing, beside its floor.

    python tests/benchmarks/discovery_times.py [--check] [--runs 3] [DOMAIN …]

As root on Linux. Two network namespaces are joined by a link that holds every packet back for 20 ms
(``delaylink.py``, in the data beside the project); the domains of ``tests/measured.py`` live in one of them, and
``mail-wizard discover --json`` runs in the other, as a process of its own. Printed: the floor (the round trips
of its steps one after another; a usual name that was being tried anyway can beat it), ``elapsed_ms`` (the best and the
median of the runs), the bound, and what the process adds to it. With ``--check`` the best above its bound ends with 1.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests import measured  # noqa: E402
from tests.ground import SHARED  # noqa: E402

RTT = 40
PROCESS_BOUND = 450
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


def look_up(namespace: str, ca_file: str, address: str) -> tuple[dict, float]:
    """The document of ``discover``, and how long the whole process took, in milliseconds."""
    command = [sys.executable, "-m", "wizard", "discover", address, "--json", "--allow-private"]
    env = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "SSL_CERT_FILE": ca_file,
        "MAIL_WIZARD_ISPDB_URL": measured.ISPDB,
    }
    begun = time.monotonic()
    done = subprocess.run(
        ["ip", "netns", "exec", namespace, *command, "--resolver", measured.DNS_ADDRESS],
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    took = (time.monotonic() - begun) * 1000
    assert done.returncode in (0, 4), done.stderr
    return json.loads(done.stdout), took


def right(document: dict, case: measured.Case) -> bool:
    """Whether what was found is what is published."""

    def shown(server: dict | None) -> str | None:
        return None if server is None else f"{server['host']} {server['port']}"

    found = (shown(document["imap"]), shown(document["pop3"]), shown(document["smtp"]))
    return found == (case.imap, case.pop3, case.smtp)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("domains", nargs="*")
    options = parser.parse_args()
    cases = [one for one in measured.CASES if not options.domains or one.domain in options.domains]
    late = []
    with joined_namespaces(RTT // 2) as (client, net), served(net) as ca_file:
        look_up(client, ca_file, cases[0].address)  # compiles what is not compiled yet
        print(f"{'':44}{'floor':>7}{'best':>7}{'median':>8}{'bound':>7}{'process':>9}")
        for case in cases:
            runs = [look_up(client, ca_file, case.address) for _run in range(options.runs)]
            times = [document["elapsed_ms"] for document, _took in runs]
            extra = min(took - document["elapsed_ms"] for document, took in runs)
            verdict = "" if all(right(document, case) for document, _took in runs) else "  WRONG"
            if min(times) > case.bound or extra > PROCESS_BOUND:
                verdict += "  LATE"
            if verdict:
                late.append(case.domain)
            print(
                f"{case.what:44}{case.floor * RTT:>7}{min(times):>7}{statistics.median(times):>8.0f}"
                f"{case.bound:>7}{extra:>9.0f}{verdict}",
                flush=True,
            )
    if late:
        print("Above the bound, or wrong:", ", ".join(late))
    return int(bool(late) and options.check)


if __name__ == "__main__":
    sys.exit(main())
