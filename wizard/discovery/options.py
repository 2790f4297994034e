"""What a look-up may do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class LookUpOptions:
    """``timeout`` is one deadline for the whole look-up, in seconds.

    ``offline``: only what is bundled is asked. ``allow_insecure``: servers without encryption count. ``templates`` is
    the person's own directory, whose providers/ shadows the catalogue.
    """

    offline: bool = False
    timeout: float = 6.0
    allow_insecure: bool = False
    templates: Path | None = None
