"""Prints pip constraints that pin every dependency to the lowest version that pyproject.toml allows.

python tools/lowest_versions.py > lowest.txt && pip install -c lowest.txt '.[test]'
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

REQUIREMENT = re.compile(r"(?P<name>[A-Za-z0-9._-]+)(\[[^]]*\])?\s*(>=\s*(?P<lowest>[0-9.]+)[^;]*)?(;.*)?")


def constraints(pyproject: str) -> list[str]:
    """``name==lowest`` for each dependency of the project and of its extras, in their order.

    Raises ValueError for a dependency without a lower bound: nobody could say with which version it works.
    """
    project = tomllib.loads(pyproject)["project"]
    requirements = [
        *project["dependencies"],
        *(one for extra in project["optional-dependencies"].values() for one in extra),
    ]
    pins = []
    for requirement in requirements:
        parts = REQUIREMENT.fullmatch(requirement)
        if parts is None or (parts["lowest"] is None and parts["name"] != project["name"]):
            raise ValueError(f"“{requirement}” has no lower bound")
        if parts["name"] != project["name"]:
            pins.append(f"{parts['name']}=={parts['lowest']}")
    return pins


if __name__ == "__main__":
    sys.stdout.write("\n".join(constraints((ROOT / "pyproject.toml").read_text(encoding="utf-8"))) + "\n")
