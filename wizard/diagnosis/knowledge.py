"""What templates/doctor.yaml says: the texts of every cause, and what the words of servers mean; and its schema."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from string import Formatter
from typing import TYPE_CHECKING, Any

from wizard.diagnosis.words import parse_pattern, words_of
from wizard.language import mark
from wizard.language import translate as _
from wizard.model.diagnosis import Confidence
from wizard.model.servers import Protocol
from wizard.resources.documents import read_document
from wizard.resources.facts import SOURCE, sources
from wizard.resources.schema import (
    Flag,
    Invalid,
    ListOf,
    MapOf,
    Message,
    OneOrMany,
    Record,
    Reference,
    Text,
    as_dict,
    member,
    optional,
    unknown,
)
from wizard.resources.templates import find_data

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from wizard.diagnosis.words import Pattern, Words
    from wizard.model.provider import FactSource
    from wizard.resources.schema import Fields, Schema

FILE = "doctor.yaml"

PLACEHOLDERS = frozenset(
    (
        *(
            "accepted_username",
            "accepting",
            "accepting_protocol",
            "account_kind",
            "address",
            "address_provider",
            "alternative",
            "answer",
            "answering",
            "date",
            "denied",
        ),
        *("detail", "domain", "host", "invented", "ip", "ipv6", "issuer"),
        *(
            "mail_host",
            "most_connections",
            "fitting_username",
            "oauth2_issuer",
            "oauth2_provider",
            "right_username",
            "new_home",
            "password_days",
            "sender_domain",
            "sending_limits",
        ),
        *("method", "names", "page", "offered", "offered_methods", "other_username", "parker"),
        *("port", "portal", "product", "protocol", "provider", "security", "spoken", "switch_on"),
        *("tampering", "tls_version", "username", "username_is", "wanted", "way_out"),
    )
)
"""Every ``{value}`` that a text may hold; :func:`wizard.diagnosis.findings.values_of` says where each comes from."""

Texts = tuple[str, ...]
"""Message ids; the first of which every value is known is used."""


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


class Stage(StrEnum):
    """When a server refuses: at the greeting (EHLO included), the log-in, the mailbox, or a command of sending."""

    GREETING = "greeting"
    LOGIN = "login"
    MAILBOX = "mailbox"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A known wording: ``says`` is a real example, ``who`` says it; it counts for ``protocols`` only.

    ``words``: those of the example. ``only_there``: it means this at the servers of ``who`` only.
    """

    who: str
    says: str
    pattern: re.Pattern[str]
    protocols: tuple[Protocol, ...]
    meaning: Meaning
    source: FactSource
    words: Words
    only_there: bool = False


@dataclass(frozen=True, slots=True)
class WordClass:
    """What sentences speak of that have these words; it counts at ``stages`` and for ``protocols`` only.

    ``frame``: any other word beside them may be the reason, except for those that are empty.
    """

    name: str
    meaning: Meaning
    stages: tuple[Stage, ...]
    protocols: tuple[Protocol, ...]
    says: tuple[Pattern, ...]
    unless: tuple[Pattern, ...]
    hosts: tuple[str, ...]
    source: FactSource
    frame: bool = False


@dataclass(frozen=True, slots=True)
class SecurityProgram:
    """A program that opens encrypted connections: one of the words of ``issuer`` is in the issuer of the certificates
    that it makes. ``name`` is "" where the words are those of several.
    """

    issuer: tuple[str, ...]
    source: FactSource
    name: str = ""
    confidence: Confidence = Confidence.CERTAIN


@dataclass(frozen=True, slots=True)
class Parking:
    """By whose hosts a domain is known to be parked: under one of ``domains``, or with one of ``words`` in the name;
    those under ``ordinary`` are name servers like others, whatever they are called.
    """

    domains: tuple[str, ...]
    words: tuple[str, ...]
    ordinary: tuple[str, ...]
    source: FactSource

    def has(self, host: str) -> bool:
        """Whether ``host`` is one of theirs."""
        if _is_under(host, self.ordinary):
            return False
        return _is_under(host, self.domains) or any(word in host.lower() for word in self.words)


def _is_under(host: str, domains: Iterable[str]) -> bool:
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)


@dataclass(frozen=True, slots=True)
class Knowledge:
    """The whole file. ``texts`` by code and case ("" is the usual one); ``speakers``: the domains of their servers."""

    texts: Mapping[tuple[str, str], CauseTexts]
    response_codes: Mapping[str, Meaning]
    enhanced_codes: Mapping[str, Meaning]
    reply_codes: Mapping[str, Meaning]
    sentences: tuple[Sentence, ...]
    word_classes: tuple[WordClass, ...]
    empty_words: frozenset[str]
    speakers: Mapping[str, tuple[str, ...]]
    security_programs: tuple[SecurityProgram, ...]
    public_authorities: tuple[str, ...]
    parking: Parking
    sources: Mapping[str, FactSource] = field(default_factory=dict)

    @property
    def codes(self) -> tuple[str, ...]:
        """Every code, in the order of the file."""
        return tuple(code for code, case in self.texts if not case)


@cache
def knowledge() -> Knowledge:
    """What the program came with, read once."""
    return read_knowledge(find_data(FILE), bundled=True)


def read_knowledge(path: Path, *, bundled: bool = False) -> Knowledge:
    """The knowledge of a file; Problem with file, line, key and the nearest known word where it is not well-formed."""
    return SCHEMA.load(read_document(path, bundled=bundled))


def fields_of(message: str) -> tuple[str, ...]:
    """The names in the braces of ``message``; ValueError where these do not pair."""
    return tuple(name for _text, name, _spec, _conversion in Formatter().parse(message) if name is not None)


@dataclass(frozen=True, slots=True)
class _Cause:
    """A cause with the texts of its cases; "" is the usual one."""

    code: str
    cases: Mapping[str, CauseTexts]


def _cause(
    *, code: str, cause: Texts, seen: Texts, steps: tuple[Texts, ...], cases: Mapping[str, dict[str, Any]]
) -> _Cause:
    usual = CauseTexts(cause, seen, steps)
    return _Cause(code, {"": usual, **{case: replace(usual, **special) for case, special in cases.items()}})


def _meaning(*, code: _Cause, confidence: Confidence, case: str = "") -> Meaning:
    if case not in code.cases:
        raise Invalid(unknown(case, [known for known in code.cases if known]), "case")
    return Meaning(code.code, case, confidence)


def _pattern(written: str) -> re.Pattern[str]:
    try:
        return re.compile(written, re.IGNORECASE)
    except re.error as error:
        raise Invalid(_("This is not a regular expression: {reason}.").format(reason=error.msg)) from None


def _all_words(lines: tuple[list[str], ...]) -> frozenset[str]:
    return frozenset(word for line in lines for word in line)


def _words_pattern(written: str) -> Pattern:
    try:
        return parse_pattern(written)
    except ValueError as error:
        raise Invalid(_("This is not a pattern of words: {part}.").format(part=str(error))) from None


def _sentence(*, says: str, pattern: re.Pattern[str], **given: Any) -> Sentence:
    if not pattern.search(says):
        raise Invalid(_("The pattern does not match what the server says."), "pattern")
    meaning = _meaning(**{key: given.pop(key) for key in _MEANING if key in given})
    return Sentence(says=says, pattern=pattern, meaning=meaning, words=words_of(says), **given)


def _word_class(*, says: Mapping[str, tuple[Pattern, ...]], **given: Any) -> WordClass:
    meaning = _meaning(**{key: given.pop(key) for key in _MEANING if key in given})
    return WordClass(
        says=tuple(pattern for language in says.values() for pattern in language), meaning=meaning, **given
    )


def _knowledge(*, causes: Mapping[str, _Cause], **parts: Any) -> Knowledge:
    return Knowledge(
        {(code, case): texts for code, cause in causes.items() for case, texts in cause.cases.items()}, **parts
    )


def _sentence_fields() -> Fields:
    return {
        "who": Text(),
        "says": Text(),
        "pattern": Text().to(_pattern),
        "protocols": ListOf(member(Protocol)),
        "only_there": optional(Flag(), False),
        "source": SOURCE,
        **_MEANING,
    }


def _word_class_fields() -> Fields:
    patterns = ListOf(Text().to(_words_pattern))
    return {
        "name": Text(),
        "stages": ListOf(member(Stage)),
        "protocols": optional(ListOf(member(Protocol)), tuple(Protocol)),
        "says": MapOf(Text(), patterns),
        "unless": optional(patterns, ()),
        "hosts": optional(ListOf(Text()), ()),
        "frame": optional(Flag(), False),
        "source": SOURCE,
        **_MEANING,
        "confidence": optional(member(Confidence), Confidence.LIKELY),
    }


def _codes(form: str) -> Schema[dict[str, Meaning]]:
    return MapOf(Text(re.compile(form), mark("This code does not exist.")), Record(_meaning, _MEANING))


_TEXTS = OneOrMany(Message(PLACEHOLDERS))
_CAUSE: Fields = {"cause": _TEXTS, "seen": _TEXTS, "steps": ListOf(_TEXTS)}
_CASES = MapOf(Text(), Record(as_dict, _CAUSE).partly(as_dict), empty=True)
_MEANING: Fields = {
    "code": Reference("causes"),
    "case": optional(Text()),
    "confidence": member(Confidence),
}
SCHEMA = Record(
    _knowledge,
    {
        "sources": sources(Text()),
        "causes": MapOf(Text(), Record(_cause, {**_CAUSE, "cases": optional(_CASES, {})}, key="code"), names="causes"),
        "response_codes": _codes(r"[A-Z][A-Z/-]{1,30}"),
        "enhanced_codes": _codes(r"[245]\.\d{1,3}\.(?:\d{1,3}|x)"),
        "reply_codes": _codes(r"[45]\d\d"),
        "sentences": ListOf(Record(_sentence, _sentence_fields())),
        "speakers": MapOf(Text(), ListOf(Text())),
        "word_classes": ListOf(Record(_word_class, _word_class_fields())),
        "empty_words": ListOf(Text().to(str.split)).to(_all_words),
        "public_authorities": ListOf(Text()),
        "parking": Record(
            Parking,
            {"domains": ListOf(Text()), "words": ListOf(Text()), "ordinary": ListOf(Text()), "source": SOURCE},
        ),
        "security_programs": ListOf(
            Record(
                SecurityProgram,
                {
                    "name": optional(Text()),
                    "issuer": OneOrMany(Text()),
                    "confidence": optional(member(Confidence)),
                    "source": SOURCE,
                },
            )
        ),
    },
)
"""The schema of doctor.yaml."""
