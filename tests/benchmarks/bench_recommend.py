"""How long 100,000 recommendations take, each with its reasons and with what would change it, on one core.

    python tests/benchmarks/bench_recommend.py [--count 100000] [--seed 1]

The answers are random ones from the whole space, a quarter of them complete. The figure is processor time, so that a
busy machine does not count; the time by the clock is printed beside it. The bound is 30 seconds.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "advice")]

from people import any_answers  # noqa: E402

from wizard.advice.recommendation import recommend  # noqa: E402

BOUND = 30.0
"""Seconds for 100,000 recommendations."""


def seconds(sets: list[dict[str, str]]) -> float:
    """The processor time of one recommendation for each of ``sets``, reasons and changes included."""
    recommend({})  # the rules are read once, before the clock runs
    begun = time.process_time()
    changes = 0
    for answers in sets:
        changes += len(recommend(answers).would_change)
    taken = time.process_time() - begun
    if not changes:
        raise RuntimeError("nothing would change any advice: this measures nothing")
    return taken


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    sets = list(any_answers(given.count, given.seed))
    clock = time.perf_counter()
    taken = seconds(sets)
    clock = time.perf_counter() - clock
    print(f"{given.count} recommendations with reasons and changes")
    print(f"  processor  {taken:.1f} s   {1e6 * taken / given.count:.0f} µs each")
    print(f"  clock      {clock:.1f} s")
    in_bound = taken * 100_000 / given.count <= BOUND
    print(f"  bound      {BOUND:g} s for 100,000: {'kept' if in_bound else 'missed'}")
    return 0 if in_bound else 1


if __name__ == "__main__":
    sys.exit(main())
