"""What templates/doctor.yaml says: the texts of every cause, and what the words of servers mean. Read once, lazily."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from string import Formatter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import re
    from collections.abc import Mapping

    from wizard.model.diagnosis import Confidence
    from wizard.model.provider import FactSource
    from wizard.model.servers import Protocol

FILE = "doctor.yaml"

PLACEHOLDERS = frozenset(
    (
        *("account_kind", "address", "alternative", "answer", "date", "detail", "domain", "host", "invented"),
        *("ip", "ipv6", "issuer"),
        *("method", "names", "offered", "offered_methods", "other_host", "other_port", "other_security"),
        *("other_username", "port", "portal", "product", "protocol", "provider", "security", "spoken", "switch_on"),
        *("tampering", "tls_port", "tls_version", "username", "usual_port", "usual_security", "wanted"),
    )
)
"""Every ``{value}`` that a text may hold; :func:`wizard.diagnosis.findings.values_of` says where each comes from."""

Texts = tuple[str, ...]
"""Message ids; the first of which every value is known is told."""


@dataclass(frozen=True, slots=True)
class CauseTexts:
    """The texts of a cause: of ``cause`` and ``seen`` one is shown, of each of ``steps`` one, or none."""

    cause: Texts
    seen: Texts
    steps: tuple[Texts, ...]


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an answer means: a code of docs/doctor.md, perhaps in a special ``case``, and how sure that is."""

    code: str
    case: str
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class Sentence:
    """A known wording: ``says`` is a real example, ``who`` says it; it counts for ``protocols`` only."""

    who: str
    says: str
    pattern: re.Pattern[str]
    protocols: tuple[Protocol, ...]
    meaning: Meaning
    source: FactSource


@dataclass(frozen=True, slots=True)
class SecurityProgram:
    """A program that opens encrypted connections: ``issuer`` is part of the issuer of the certificates it makes."""

    name: str
    issuer: str
    source: FactSource


@dataclass(frozen=True, slots=True)
class Knowledge:
    """The whole file. ``texts`` by code and case ("" is the usual one)."""

    texts: Mapping[tuple[str, str], CauseTexts]
    response_codes: Mapping[str, Meaning]
    enhanced_codes: Mapping[str, Meaning]
    reply_codes: Mapping[str, Meaning]
    sentences: tuple[Sentence, ...]
    security_programs: tuple[SecurityProgram, ...]
    public_authorities: tuple[str, ...]
    sources: Mapping[str, FactSource] = field(default_factory=dict)

    @property
    def codes(self) -> tuple[str, ...]:
        """Every code, in the order of the file."""
        return tuple(code for code, case in self.texts if not case)


@cache
def knowledge() -> Knowledge:
    """What the program came with."""
    from wizard.diagnosis.knowledge_file import read_knowledge
    from wizard.resources.root import find_data

    return read_knowledge(find_data(FILE), bundled=True)


def fields_of(message: str) -> tuple[str, ...]:
    """The names in the braces of ``message``; ValueError where these do not pair."""
    return tuple(name for _text, name, _spec, _conversion in Formatter().parse(message) if name is not None)
