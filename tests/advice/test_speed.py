"""A recommendation is cheap; tests/benchmarks/bench_recommend.py measures a hundred thousand of them."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from people import any_answers

sys.path.insert(0, str(Path(__file__).parent.parent / "benchmarks"))

from bench_recommend import seconds

COUNT = 2000
MOST_TIMES = 120
"""So many times the yardstick below; about 40 were measured, on a quiet machine and on a busy one."""


def yardstick() -> float:
    """Processor time of something of about the same kind: small Python objects, as often as advice is given."""
    sample = {"key": "devices", "points": [1, 2, 3, 4], "text": "sentence " * 5}
    begun = time.process_time()
    for _number in range(COUNT):
        json.loads(json.dumps(sample))
    return time.process_time() - begun


def test_advice_with_reasons_and_changes_takes_a_small_multiple_of_a_small_document():
    sets = list(any_answers(COUNT, seed=9))
    ratio = min(seconds(sets) / yardstick() for _try in range(3))
    assert ratio < MOST_TIMES, ratio
