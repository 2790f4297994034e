"""Where the catalogue of providers has to be looked at next: its oldest facts, and those that nobody has confirmed.

    python tools/catalogue_age.py [COUNT]     so many providers of each kind, 20 by default

A line a provider: the day of its oldest source, and how many of its facts are reported by one source or unverified.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # this checkout, also where the program is installed

from wizard.discovery.catalogue import all_providers  # noqa: E402


def rows() -> list[tuple[str, str, Counter[str]]]:
    """For each provider the day of its oldest source, its id, and its sources by confidence."""
    return [
        (
            min(source.checked_on for source in provider.sources),
            provider.id,
            Counter(source.confidence for source in provider.sources),
        )
        for provider in all_providers()
    ]


def main(count: int) -> None:
    """Print the lists."""
    known = rows()
    print("The oldest facts:")
    for day, identity, _sources in sorted(known)[:count]:
        print(f"  {day}  {identity}")
    print("Without confirmation (unverified sources, reported ones):")
    weakest = sorted(known, key=lambda row: (-row[2]["unverified"], -row[2]["reported"], row[1]))
    for _day, identity, sources in weakest[:count]:
        print(f"  {sources['unverified']:3} {sources['reported']:3}  {identity}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
