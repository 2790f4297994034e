"""Where the tests stand: the project, the data beside it, and the environment before any test changed it."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("MAIL_WIZARD_SHARED") or ROOT.parent / "shared")
SHARED_DATA = SHARED / "data"
IN_CI = bool(os.environ.get("CI"))
ENVIRONMENT = dict(os.environ)
"""The environment as it was before any test: what pip and a real program's installer need."""
