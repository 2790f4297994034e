"""What a look-up may do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

ISPDB_URL = "https://autoconfig.thunderbird.net/v1.1/"
"""The public mirror of the Thunderbird ISPDB; the domain is appended."""

TIMEOUT = 6.0
"""Seconds for a whole look-up: SYN packets are sent again after 1 s and 3 s, later ones gain little."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookUpOptions:
    """What is asked, and what counts.

    ``offline``: only what is bundled is asked. ``timeout``: seconds for the whole look-up. ``resolver``: the DNS server
    asked, as IP or IP:PORT; None: the system's. ``probe``: whether usual host names are tried. ``ispdb``: whether the
    ISPDB is asked: at ``ispdb_url``, or in ``ispdb_directory``, a local copy. ``allow_private``: addresses that are
    not global count. ``allow_insecure``: servers without encryption count. ``accepted``: codes of what was agreed to in
    advance; a source that was agreed to in this way may be told the address. ``templates`` is the person's own
    directory, whose providers/ shadows the catalogue.
    """

    offline: bool = False
    timeout: float = TIMEOUT
    resolver: str | None = None
    probe: bool = True
    ispdb: bool = True
    ispdb_directory: Path | None = None
    ispdb_url: str = ISPDB_URL
    allow_private: bool = False
    allow_insecure: bool = False
    accepted: tuple[str, ...] = ()
    templates: Path | None = None
