"""Reading templates/doctor.yaml: every key is checked, every error names file, line and key."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from wizard.diagnosis.knowledge import (
    PLACEHOLDERS,
    CauseTexts,
    Knowledge,
    Meaning,
    SecurityProgram,
    Sentence,
    fields_of,
)
from wizard.language import translate as _
from wizard.model.diagnosis import Confidence
from wizard.model.provider import FactSource
from wizard.model.servers import Protocol
from wizard.resources.documents import read_document
from wizard.resources.shape import choice, mapping, sequence, text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from wizard.diagnosis.knowledge import Texts
    from wizard.resources.documents import Document

_CONFIDENCES = ("confirmed", "reported", "unverified")
_RESPONSE_CODE = re.compile(r"[A-Z][A-Z/-]{1,30}")
_ENHANCED_CODE = re.compile(r"[245]\.\d{1,3}\.(?:\d{1,3}|x)")
_REPLY_CODE = re.compile(r"[45]\d\d")
_DATE = re.compile(r"20\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])")
_URL = re.compile(r"https?://[a-z0-9.-]+(?:[/?#][!-~]*)?", re.IGNORECASE)

At = tuple[Any, ...]
Sources = dict[str, FactSource]


def read_knowledge(path: Path, *, bundled: bool = False) -> Knowledge:
    """The knowledge of a file; Problem with file, line, key and the nearest known word where it is not well-formed."""
    return _read(read_document(path, bundled=bundled))


def _read(document: Document) -> Knowledge:
    keys = (
        *("causes", "response_codes", "enhanced_codes", "reply_codes"),
        *("sentences", "public_authorities", "security_programs", "sources"),
    )
    top = mapping(document, (), document.data, required=keys, allowed=keys)
    sources = _sources(document, top["sources"])
    tellings = _tellings(document, top["causes"])
    return Knowledge(
        tellings,
        _codes(document, "response_codes", top, tellings, _RESPONSE_CODE),
        _codes(document, "enhanced_codes", top, tellings, _ENHANCED_CODE),
        _codes(document, "reply_codes", top, tellings, _REPLY_CODE),
        tuple(
            _sentence(document, ("sentences", index), entry, tellings, sources)
            for index, entry in enumerate(sequence(document, ("sentences",), top["sentences"]))
        ),
        tuple(
            _security_program(document, ("security_programs", index), entry, sources)
            for index, entry in enumerate(sequence(document, ("security_programs",), top["security_programs"]))
        ),
        tuple(
            text(document, ("public_authorities", index), entry)
            for index, entry in enumerate(sequence(document, ("public_authorities",), top["public_authorities"]))
        ),
        sources,
    )


def _tellings(document: Document, causes: Any) -> dict[tuple[str, str], CauseTexts]:
    parts = ("cause", "seen", "steps")
    found: dict[tuple[str, str], CauseTexts] = {}
    if not isinstance(causes, dict):
        raise document.problem(_("Here a list of keys with values is expected."), ("causes",))
    for code, entry in causes.items():
        at: At = ("causes", code)
        fields = mapping(document, at, entry, required=parts, allowed=(*parts, "cases"))
        usual = _telling(document, at, fields, None)
        found[code, ""] = usual
        cases = fields.get("cases", {})
        if not isinstance(cases, dict):
            raise document.problem(_("Here a list of keys with values is expected."), (*at, "cases"))
        for case, special in cases.items():
            here = (*at, "cases", case)
            found[code, case] = _telling(document, here, mapping(document, here, special, allowed=parts), usual)
    return found


def _telling(document: Document, at: At, fields: Mapping[str, Any], usual: CauseTexts | None) -> CauseTexts:
    def texts(key: str, otherwise: Texts) -> Texts:
        return _texts(document, (*at, key), fields[key]) if key in fields else otherwise

    steps = usual.steps if usual is not None else ()
    if "steps" in fields:
        here = (*at, "steps")
        steps = tuple(
            _texts(document, (*here, index), step)
            for index, step in enumerate(sequence(document, here, fields["steps"]))
        )
    return CauseTexts(
        texts("cause", usual.cause if usual is not None else ()),
        texts("seen", usual.seen if usual is not None else ()),
        steps,
    )


def _texts(document: Document, at: At, value: Any) -> Texts:
    if not isinstance(value, list):
        return (_message(document, at, value),)
    return tuple(_message(document, (*at, index), one) for index, one in enumerate(sequence(document, at, value)))


def _message(document: Document, at: At, value: Any) -> str:
    """A text whose placeholders are known."""
    written = text(document, at, value)
    try:
        names = fields_of(written)
    except ValueError:
        raise document.problem(_("The braces in this text do not pair."), at) from None
    for name in names:
        choice(document, at, name, sorted(PLACEHOLDERS))
    return written


def _codes(
    document: Document,
    key: str,
    top: Mapping[str, Any],
    tellings: Mapping[tuple[str, str], CauseTexts],
    form: re.Pattern[str],
) -> dict[str, Meaning]:
    entries = top[key]
    if not isinstance(entries, dict):
        raise document.problem(_("Here a list of keys with values is expected."), (key,))
    found = {}
    for word, entry in entries.items():
        at: At = (key, word)
        if not isinstance(word, str) or not form.fullmatch(word):
            raise document.problem(_("This is no such code."), at)
        allowed = ("code", "confidence", "case")
        fields = mapping(document, at, entry, required=allowed[:2], allowed=allowed)
        found[word] = _meaning(document, at, fields, tellings)
    return found


def _meaning(
    document: Document, at: At, fields: Mapping[str, Any], tellings: Mapping[tuple[str, str], CauseTexts]
) -> Meaning:
    code = choice(document, (*at, "code"), fields["code"], [code for code, case in tellings if not case])
    case = ""
    if "case" in fields:
        cases = [case for of, case in tellings if of == code and case]
        case = choice(document, (*at, "case"), fields["case"], cases)
    confidence = choice(document, (*at, "confidence"), fields["confidence"], [one.value for one in Confidence])
    return Meaning(code, case, Confidence(confidence))


def _sentence(
    document: Document, at: At, entry: Any, tellings: Mapping[tuple[str, str], CauseTexts], sources: Sources
) -> Sentence:
    required = ("who", "says", "pattern", "protocols", "code", "confidence", "source")
    fields = mapping(document, at, entry, required=required, allowed=(*required, "case"))
    try:
        pattern = re.compile(text(document, (*at, "pattern"), fields["pattern"]), re.IGNORECASE)
    except re.error as error:
        reason = _("This is no regular expression: {reason}.").format(reason=error.msg)
        raise document.problem(reason, (*at, "pattern")) from None
    here = (*at, "protocols")
    protocols = tuple(
        Protocol(choice(document, (*here, index), one, [known.value for known in Protocol]))
        for index, one in enumerate(sequence(document, here, fields["protocols"]))
    )
    says = text(document, (*at, "says"), fields["says"])
    if not pattern.search(says):
        raise document.problem(_("The pattern does not match what the server says."), (*at, "pattern"))
    return Sentence(
        text(document, (*at, "who"), fields["who"]),
        says,
        pattern,
        protocols,
        _meaning(document, at, fields, tellings),
        sources[choice(document, (*at, "source"), fields["source"], sources)],
    )


def _security_program(document: Document, at: At, entry: Any, sources: Sources) -> SecurityProgram:
    required = ("name", "issuer", "source")
    fields = mapping(document, at, entry, required=required, allowed=required)
    return SecurityProgram(
        text(document, (*at, "name"), fields["name"]),
        text(document, (*at, "issuer"), fields["issuer"]),
        sources[choice(document, (*at, "source"), fields["source"], sources)],
    )


def _sources(document: Document, entries: Any) -> Sources:
    if not isinstance(entries, dict):
        raise document.problem(_("Here a list of keys with values is expected."), ("sources",))
    required = ("reference", "checked_on", "confidence")
    found: Sources = {}
    for name, entry in entries.items():
        at: At = ("sources", name)
        fields = mapping(document, at, entry, required=required, allowed=(*required, "url"))
        if not isinstance(fields["checked_on"], str) or not _DATE.fullmatch(fields["checked_on"]):
            raise document.problem(_("Here a day is expected, written like 2026-11-24."), (*at, "checked_on"))
        url = text(document, (*at, "url"), fields["url"]) if "url" in fields else None
        if url is not None and not _URL.fullmatch(url):
            raise document.problem(
                _("Here the address of a web page is expected, beginning with https://."), (*at, "url")
            )
        found[str(name)] = FactSource(
            text(document, (*at, "reference"), fields["reference"]),
            fields["checked_on"],
            choice(document, (*at, "confidence"), fields["confidence"], _CONFIDENCES),
            url,
        )
    return found
