"""File names from addresses: whatever the local part is, the name stays in its directory and opens everywhere.

Rule: letters and digits of any script and ``. _ + - = @`` stay; every other character becomes ``_``. A name that had
to be changed gets the first 8 hexadecimal digits of the address's SHA-256 before its ending, so that two addresses
never share a file. The same happens to a name that begins with a dot or a hyphen (hidden file, taken for an option)
or with a device name of Windows (``con``, ``nul``, ``com1``, …), and to one longer than 150 bytes (file systems: 255).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wizard.model.address import EmailAddress

LONGEST = 150
"""Bytes of UTF-8 for the address in a file name, which leaves room for endings and for the temporary name."""

_ODD = re.compile(r"[^\w.+=@-]")
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?:[.@]|$)", re.IGNORECASE)


def safe_name(address: EmailAddress) -> str:
    """``address`` as a part of a file name; equal addresses give equal names, different ones different names."""
    import unicodedata

    exact = str(address)
    # macOS stores names decomposed or composed: both spellings must not become two files, nor one a surprise.
    plain = _ODD.sub("_", unicodedata.normalize("NFC", exact))
    while len(plain.encode()) > LONGEST:
        plain = plain[:-1]
    plain = "_" + plain[1:] if plain[0] in ".-" else plain
    plain = "_" + plain if _DEVICE.match(plain) else plain
    if plain == exact:
        return plain
    from hashlib import sha256

    return f"{plain}-{sha256(exact.encode()).hexdigest()[:8]}"


def file_name(pattern: str, address: EmailAddress) -> str:
    """The file name that ``pattern`` of clients.yaml means for ``address``."""
    return pattern.replace("ADDRESS", safe_name(address)) if "ADDRESS" in pattern else pattern
