"""What a server's refusal means: known sentences first, then the codes of the standards.

Sources of the codes: RFC 5530 (IMAP), RFC 2449 and RFC 3206 (POP3), RFC 3463, RFC 4954 and RFC 5321 (SMTP). All of it
is data in templates/doctor.yaml, read at the first refusal.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.diagnosis.knowledge import knowledge
from wizard.model.servers import Protocol

if TYPE_CHECKING:
    from wizard.diagnosis.knowledge import Knowledge, Meaning
    from wizard.model.diagnosis import Confidence
    from wizard.model.provider import FactSource

LONGEST = 500
"""Characters of an answer that are looked at."""

_BRACKETS = re.compile(r"\[([A-Z][A-Z/-]*)(?: [^\]]*)?\]", re.IGNORECASE)
_REPLY = re.compile(r"([45]\d\d)(?:[ -]|$)")
_ENHANCED = re.compile(r"(?:^|[ -])([45]\.\d{1,3}\.\d{1,3})\b")
_BARE_STATUS = frozenset({"NO", "BAD", "BYE", "-ERR", "ERR"})
_STANDARDS = {Protocol.IMAP: "rfc5530", Protocol.POP3: "rfc3206", Protocol.SMTP: "rfc3463"}


@dataclass(frozen=True, slots=True)
class Refusal:
    """What an answer means. ``who`` is known to say it so, "" for a code of a standard."""

    code: str
    case: str
    confidence: Confidence
    source: FactSource | None
    who: str = ""


def interpret(protocol: Protocol, code: str, text: str) -> Refusal | None:
    """The meaning of a refusal, or None for one that says nothing that is known.

    ``code``: the server's own, in any usual writing (``NO``, ``AUTHENTICATIONFAILED``, ``-ERR``, ``535``,
    ``535 5.7.8``, or none because ``text`` begins with it).
    """
    known = knowledge()
    line = answer_line(code, text)
    for sentence in known.sentences:
        if protocol in sentence.protocols and sentence.pattern.search(line):
            return _refusal(sentence.meaning, sentence.source, sentence.who)
    meaning = _by_reply_code(known, line) if protocol is Protocol.SMTP else _by_response_code(known, line)
    return None if meaning is None else _refusal(meaning, known.sources.get(_STANDARDS[protocol]))


def answer_line(code: str, text: str) -> str:
    """Code and text as the server's line had them: one line, at most LONGEST characters."""
    code, text = " ".join(code.split()), " ".join(text[:LONGEST].split())
    if not code or text.startswith((f"{code} ", f"[{code}")):
        return text
    if not code[0].isdigit() and code.upper() not in _BARE_STATUS:
        code = f"[{code}]"
    return f"{code} {text}".strip()[:LONGEST]


def _refusal(meaning: Meaning, source: FactSource | None, who: str = "") -> Refusal:
    return Refusal(meaning.code, meaning.case, meaning.confidence, source, who)


def _by_response_code(known: Knowledge, line: str) -> Meaning | None:
    """The code in brackets (RFC 5530, RFC 2449)."""
    codes = (match[1].upper() for match in _BRACKETS.finditer(line))
    return next((known.response_codes[code] for code in codes if code in known.response_codes), None)


def _by_reply_code(known: Knowledge, line: str) -> Meaning | None:
    """The enhanced code says more than the three digits, except where they are those of a log-in (RFC 4954)."""
    reply, enhanced = _REPLY.match(line), _ENHANCED.search(line)
    if enhanced is not None:
        whole = enhanced[1]
        for code in (whole, f"{whole.rpartition('.')[0]}.x"):
            if code in known.enhanced_codes:
                return known.enhanced_codes[code]
    return known.reply_codes.get(reply[1]) if reply is not None else None
