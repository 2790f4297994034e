"""Who issued a certificate: a security program that opens encrypted connections, or an authority that everybody knows.

Programs spell themselves in many ways (“avast! Web/Mail Shield Root”, “AVGWebMailShield”, “G DATA”, “GData”): compared
are words, however they are written together or apart.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from wizard.diagnosis.knowledge import knowledge

if TYPE_CHECKING:
    from wizard.diagnosis.knowledge import SecurityProgram
    from wizard.model.diagnosis import Certificate

MAX_WORDS = 40
"""Words of an issuer that are looked at."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def security_program(certificate: Certificate | None) -> SecurityProgram | None:
    """The security program that makes such certificates. A certificate that signs itself is the server's own."""
    if certificate is None or certificate.self_signed:
        return None
    words = _words(certificate.issuer)
    programs = knowledge().security_programs
    return next((program for program in programs if any(_has(words, phrase) for phrase in program.issuer)), None)


def is_public(certificate: Certificate | None) -> bool:
    """Whether the issuer is an authority that every device knows."""
    issuer = certificate.issuer.casefold() if certificate is not None else ""
    return any(authority.casefold() in issuer for authority in knowledge().public_authorities)


def _has(words: tuple[str, ...], phrase: str) -> bool:
    """Whether words that follow each other are ``phrase``, written together or apart."""
    wanted = "".join(_words(phrase))
    for start in range(len(words)):
        joined = ""
        for word in words[start:]:
            joined += word
            if len(joined) >= len(wanted):
                break
        if joined == wanted:
            return True
    return False


@cache
def _words(text: str) -> tuple[str, ...]:
    return tuple(word.lower() for word in _WORD.findall(text)[:MAX_WORDS])
