"""One place that knows where templates/ is: in a wheel, an editable install and a checkout."""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def templates_root() -> Path:
    """The directory of the bundled data and templates."""
    package = Path(__file__).resolve().parent.parent
    for candidate in (package / "templates", package.parent / "templates"):
        if (candidate / "clients.yaml").is_file():
            return candidate
    raise RuntimeError(f"the templates are missing from {package}; please install mail-wizard again")


def find_data(name: str, own: Path | None = None) -> Path:
    """The file ``name`` (relative to templates/): the person's own directory ``own`` shadows the bundled one."""
    if own is not None and (own / name).is_file():
        return own / name
    return templates_root() / name
