"""A sentence for the person with a code for scripts: what warnings and questions of consent are made of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Notice:
    """``code`` is stable and documented; ``text`` is a finished sentence in the active language."""

    code: str
    text: str
