"""How much the interview asks, and what that costs: the figures of docs/interview-figures.md.

    python tests/benchmarks/interview_figures.py [--persons 20000] [--seed 1]

Simulated persons answer as often as the `of` numbers of templates/scoring.yaml say. Each is interviewed, and the advice
is compared with the one for all the answers they could have given. A difference “could lose mail” when the early advice
would harm the person, as all the answers describe them (tests/advice/people.py: harm).
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "advice")]

from people import RULES, SHARES, harm, interviewed, outcome, persons  # noqa: E402

from tests.ground import SHARED  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterable

LABELLED = SHARED / "facts" / "situations.yaml"


def figures(people: Iterable[dict[str, str]]) -> dict[str, object]:
    """What interviews of ``people`` come to: counts of questions, shares of 100, differences and losses."""
    counts: list[int] = []
    same = 0
    losses = 0
    differences: Counter[str] = Counter()
    for person in people:
        answers, put = interviewed(person)
        counts.append(len(put))
        early, full = outcome(answers), outcome(person)
        same += early is full
        if early is not full:
            differences[f"{early} instead of {full}"] += 1
            losses += harm(person, early) is not None
    return {
        "persons": len(counts),
        "median": statistics.median(counts),
        "mean": statistics.mean(counts),
        "most": max(counts),
        "spread": dict(sorted(Counter(counts).items())),
        "same": 100 * same / len(counts),
        "losses": losses,
        "differences": dict(differences.most_common()),
    }


def show(title: str, found: dict[str, object]) -> None:
    """Print one population."""
    print(title)
    print(f"  persons            {found['persons']}")
    print(f"  questions          median {found['median']:g}, mean {found['mean']:.2f}, never more than {found['most']}")
    print(f"  how many asked     {found['spread']}")
    print(f"  same as all asked  {found['same']:.2f} %")
    print(f"  could lose mail    {found['losses']}")
    print(f"  differences        {found['differences']}")


def labelled() -> list[dict[str, str]]:
    """The answers of the labelled situations that lie beside the project; none where they do not."""
    import yaml

    if not LABELLED.is_file():
        return []
    return [situation["answers"] for situation in yaml.safe_load(LABELLED.read_text(encoding="utf-8"))["situations"]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--persons", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    people = labelled()
    if people:
        show("The labelled situations (what a label leaves open is answered with “I don't know”)", figures(people))
    else:
        print("The labelled situations are not here; only simulated persons are measured.")
    for unknown in (0.0, 0.1, 0.3):
        title = f"Simulated persons who do not know {unknown:.0%} of the answers"
        show(title, figures(persons(given.persons, given.seed, unknown=unknown)))
    for key, shares in SHARES.items():
        SHARES[key] = [1] * len(shares)
    show(
        "For comparison: every answer as frequent as the others", figures(persons(given.persons, given.seed, unknown=0))
    )
    print(f"Limit {RULES.interview.most}; core: {', '.join(RULES.interview.core)}")


if __name__ == "__main__":
    main()
