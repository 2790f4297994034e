"""Text of others (servers, DNS, files, arguments) before it is shown: no control character ever reaches a terminal."""

from __future__ import annotations

import re

# C0, DEL and C1 controls (escape sequences begin there), line and paragraph separators, the bidirectional
# controls of Unicode (they can make a host name read backwards: Trojan Source), zero-width and invisible
# characters, the byte order mark, interlinear annotation, tag characters, and lone surrogates.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f\ud800-\udfff]"
)


def has_controls(text: str) -> bool:
    """Whether ``text`` holds a character that may change how the text around it is shown."""
    return _UNSAFE.search(text) is not None


def printable(text: str, limit: int = 300) -> str:
    """``text`` on one line, without controls, cut to ``limit`` characters with an ellipsis; safe to print."""
    shown = _UNSAFE.sub("\N{REPLACEMENT CHARACTER}", text)
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"
