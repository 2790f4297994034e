"""How long a command takes as a whole process, in multiples of ``python -c pass`` with the same interpreter.

    python tests/benchmarks/cold_start.py [--runs N] [--check]

The commands and the bare interpreter take turns, so that a machine which becomes busy slows all of them. The figure is
the median. With ``--check`` the end is 1 when a command is above its bound; one that was has two more tries, because
a neighbour on the machine is no fault of the program.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
WIZARD = ("-m", "wizard")
COMMANDS = {
    "--version": (5.5, (*WIZARD, "--version")),
    "--help": (6.5, (*WIZARD, "--help")),
    "--help, in Italian": (6.5, (*WIZARD, "--help", "--lang", "it")),
    "recommend --set … --json": (
        10,
        (*WIZARD, "recommend", "--set", "devices=several", "--set", "quota=full", "--json"),
    ),
    "export --offline": (
        20,
        (*WIZARD, "export", "anna@gmx.net", "--offline", "--format", "autoconfig,mobileconfig,card", "--output", "new"),
    ),
}
"""Name -> the most it may take, in multiples of the bare interpreter; and the words after ``python``."""


def seconds(words: tuple[str, ...]) -> float:
    """The time of one process, from its start to its end; CalledProcessError when it fails."""
    with tempfile.TemporaryDirectory() as empty:
        # A clean environment: neither the site's start-up hooks nor the person's settings are measured.
        env = {"PATH": os.environ.get("PATH", ""), "HOME": empty, "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"}
        start = time.perf_counter()
        done = subprocess.run(
            [sys.executable, *words], cwd=empty, env=env, stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
        taken = time.perf_counter() - start
    if done.returncode:
        raise subprocess.CalledProcessError(done.returncode, words, done.stdout, done.stderr)
    return taken


def measure(names: list[str], runs: int) -> tuple[float, dict[str, float]]:
    """The median of the bare interpreter in seconds, and the ratio of each command to it."""
    every = {"": ("-c", "pass"), **{name: COMMANDS[name][1] for name in names}}
    for words in every.values():  # the first time writes bytecode and warms the disk
        seconds(words)
    taken: dict[str, list[float]] = {name: [] for name in every}
    for _run in range(runs):
        for name, words in every.items():
            taken[name].append(seconds(words))
    bare = statistics.median(taken.pop(""))
    return bare, {name: statistics.median(times) / bare for name, times in taken.items()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--check", action="store_true", help="end with 1 when a command is above its bound")
    options = parser.parse_args()
    above = list(COMMANDS)
    for _attempt in range(3):
        bare, ratios = measure(above, options.runs)
        print(f"python -c pass: {bare * 1000:.1f} ms (median of {options.runs}, taking turns)")
        for name, ratio in ratios.items():
            print(f"  {name:26} {ratio:5.1f} times it, at most {COMMANDS[name][0]} ({ratio * bare * 1000:.0f} ms)")
        above = [name for name, ratio in ratios.items() if ratio > COMMANDS[name][0]]
        if not above or not options.check:
            break
    return 1 if above and options.check else 0


if __name__ == "__main__":
    sys.exit(main())
