"""Where the tests stand: the project, the data beside it, and the environment before any test changed it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("MAIL_WIZARD_SHARED") or ROOT.parent / "shared")
IN_CI = bool(os.environ.get("CI"))
PLAIN_SHARE = 4
"""Of the generated examples that CI tries, a plain run tries one in so many."""
ENVIRONMENT = dict(os.environ)
"""The environment as it was before any test: what pip and a real program's installer need."""


def examples(most: int) -> int:
    """How many generated examples a test tries: ``most`` in CI, fewer on a user's machine."""
    return most if IN_CI else max(5, most // PLAIN_SHARE)


def shared(name: str) -> Path:
    """What lies beside the project under ``name`` and is no part of it (MAIL_WIZARD_SHARED says where, if elsewhere).

    A user's machine skips without it; CI must have it, and fails.
    """
    path = SHARED / name
    if not path.exists():
        reason = f"{path} is not there: it lies beside the project and is no part of it"
        pytest.fail(reason) if IN_CI else pytest.skip(reason)
    return path
