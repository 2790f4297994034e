"""What goes to standard output: JSON documents, and nothing beside them."""

from __future__ import annotations

import sys
from typing import Any


def print_json(document: dict[str, Any]) -> None:
    """Print one JSON document, UTF-8 whatever the locale: scripts read it."""
    import json

    text = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    buffer = getattr(sys.stdout, "buffer", None)
    if buffer is None:
        sys.stdout.write(text)
        return
    sys.stdout.flush()
    buffer.write(text.encode("utf-8", "backslashreplace"))
    buffer.flush()
