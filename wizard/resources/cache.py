"""What was made of a bundled file (compiled, parsed), kept beside it as Python keeps its bytecode.

The place is what Python itself would choose: ``__pycache__`` beside the file, or below ``PYTHONPYCACHEPREFIX``. It is
as trusted as the code next to it, so only bundled files are kept there, never a person's own. What is kept counts only
for the very same text, made by the very same code; else it is made anew. A directory that cannot be written is no
error: then everything is made every time, as with ``PYTHONDONTWRITEBYTECODE``.
"""

from __future__ import annotations

import os
import sys
from importlib.util import cache_from_source, source_hash
from pathlib import Path

from wizard.interruption import held

_BEGINNING = b"mail-wizard\n"


def stamp(text: str, *makers: str | None) -> bytes | None:
    """What tells whether something kept still counts: the text, and the files of the code that makes it.

    Not the time of the text, which whatever unpacks or checks out sets as it likes. None when one of these files
    cannot be looked at (Python in an archive): then nothing is kept.
    """
    signs = []
    for maker in makers:
        try:
            seen = os.stat(maker or "")  # noqa: PTH116 - on "", Path looks at the working directory
        except OSError:
            return None
        signs.append((seen.st_mtime_ns, seen.st_size))
    return _BEGINNING + source_hash(text.encode() + repr(signs).encode())


def kept(source: str, wanted: bytes) -> bytes | None:
    """What is kept of the file ``source`` when its stamp is ``wanted``; None when there is none, or an old one."""
    try:
        content = Path(cache_from_source(source)).read_bytes()
    except (OSError, NotImplementedError):  # the latter: Python without a place for bytecode
        return None
    return content[len(wanted) :] if content.startswith(wanted) else None


def keep(source: str, wanted: bytes, made: bytes) -> None:
    """Keep ``made`` of the file ``source``, whole or not at all; without a word where that is not possible."""
    if sys.dont_write_bytecode:
        return
    try:
        place = Path(cache_from_source(source))
        part = place.with_name(f"{place.name}.{os.getpid()}")
        place.parent.mkdir(parents=True, exist_ok=True)
        with held:
            try:
                part.write_bytes(wanted + made)
                part.replace(place)
            except OSError:
                part.unlink(missing_ok=True)
    except (OSError, NotImplementedError):
        return
