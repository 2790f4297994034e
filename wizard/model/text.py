"""Text of others (servers, DNS, files, arguments): what may not be shown to a person as it is.

It is made harmless where it leaves the program: a :class:`~wizard.terminal.screen.Screen`, a prompter, the sentence of
an error, a JSON document. Nothing before that has to think of it; :func:`printable` elsewhere is for its limit.
"""

from __future__ import annotations

import re

# C0, DEL and C1 controls (escape sequences begin there), line and paragraph separators; the bidirectional controls of
# Unicode (they can make a host name read backwards: Trojan Source); letters and signs that show nothing (fillers of
# Hangul, the empty braille sign, joiners, variation selectors, tags, the byte order mark, marks of annotation, of music
# and of shorthand); private use, which each font shows in its own way, and lone surrogates.
_UNSAFE_SET = (
    "\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    "\ue000-\uf8ff\U000f0000-\U0010ffff\ud800-\udfff"
)
_UNSAFE = re.compile(f"[{_UNSAFE_SET}]")

# What makes a sign an emoji (U+FE0F) or joins two of them (U+200D) is seen: it stays behind and between pictures.
_PICTURES = (
    "\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u27ff\u2900-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
)
_EMOJI = (
    f"(?<=[{_PICTURES}])[\ufe0e\ufe0f](?:\u200d(?=[{_PICTURES}]))?|(?<=[{_PICTURES}])\u200d(?=[{_PICTURES}])"
    "|(?<=[#*0-9])\ufe0f(?=\u20e3)"
)


def has_controls(text: str, *, emoji: bool = False) -> bool:
    """Whether ``text`` holds a character that shows nothing, or may change how the text around it is shown.

    ``emoji``: those that belong to an emoji are permitted, as in the name of a person.
    """
    return _UNSAFE.search(re.sub(_EMOJI, "", text) if emoji else text) is not None


def harmless(text: str) -> str:
    """``text`` without controls, each replaced by a sign: a line break too."""
    if _UNSAFE.search(text) is None:
        return text
    # Compiled where there is something to replace, which is seldom: start-up time is a feature.
    return re.sub(f"({_EMOJI})|[{_UNSAFE_SET}]", lambda found: found[1] or "\N{REPLACEMENT CHARACTER}", text)


def printable(text: str, limit: int = 300) -> str:
    """``text`` on one line, without controls, cut to ``limit`` characters with an ellipsis; safe to print."""
    shown = harmless(text)
    return shown if len(shown) <= limit else harmless(shown[: limit - 1]) + "…"


def escaped(document: str) -> str:
    """A JSON document with every such character written as an escape, which says the same (RFC 8259 section 7)."""
    return _UNSAFE.sub(_escape, document)


def _escape(found: re.Match[str]) -> str:
    if found[0] == "\n":  # between its lines
        return "\n"
    return "".join(f"\\u{unit:04x}" for unit in _utf16(ord(found[0])))


def _utf16(code: int) -> tuple[int, ...]:
    if code < 0x10000:
        return (code,)
    return 0xD800 + (code - 0x10000 >> 10), 0xDC00 + (code - 0x10000 & 0x3FF)
