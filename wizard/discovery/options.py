"""What a look-up may do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class LookUpOptions:
    """What is asked, and what counts.

    ``offline``: only what is bundled is asked. ``allow_insecure``: servers without encryption count. ``templates`` is
    the person's own directory, whose providers/ shadows the catalogue.
    """

    offline: bool = False
    allow_insecure: bool = False
    templates: Path | None = None
