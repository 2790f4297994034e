"""The rules of scoring.yaml: its schema, and what a user's own file takes from the bundled one."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from wizard.advice.rules import (
    NO_POINTS,
    SCORED,
    UNKNOWN,
    Condition,
    Factor,
    Group,
    Interview,
    LeaveRule,
    Outcome,
    Rules,
    Tomorrow,
    VetoRule,
    WarningRule,
)
from wizard.language import translate as _
from wizard.model.recommendation import Option
from wizard.resources.documents import read_data, read_document
from wizard.resources.schema import (
    CODE,
    ByKey,
    Custom,
    Field,
    Invalid,
    ListOf,
    MapOf,
    Message,
    NameOf,
    Number,
    OneOrMany,
    Record,
    Text,
    as_dict,
    member,
    optional,
    words,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from wizard.advice.rules import Points
    from wizard.resources.documents import Document
    from wizard.resources.schema import Fields, Names, Schema

FILE = "scoring.yaml"
MOST_POINTS = 99
MOST_DAYS = 3650

_WORD = re.compile(r"[a-z][a-z0-9_]{0,39}")


def load_rules(path: Path | None = None) -> Rules:
    """The rules of the user's own file, or the bundled ones. Raises Problem with file, line and key.

    A whole section that an own file leaves out (vetoes, warnings, …) is taken from the bundled file; a question that it
    does not list counts for nothing.
    """
    return _bundled() if path is None else read_rules(read_document(path), _bundled())


@cache
def _bundled() -> Rules:
    return read_rules(read_data(FILE), None)


def read_rules(document: Document, bundled: Rules | None) -> Rules:
    """The rules of ``document``; ``bundled`` gives what an own file leaves out. Raises Problem with file, line, key."""
    if bundled is None:
        read = SCHEMA.load(document)
        read["factors"] = {
            key: {value: Factor(key=key, value=value, **fields) for value, fields in answers.items()}
            for key, answers in read["factors"].items()
        }
    else:
        read = _OWN.load(document, {"answers": bundled.factors})
        read["factors"] = _own_factors(read["factors"], bundled)
        given = {option: replace(bundled.outcomes[option], **fields) for option, fields in read["outcomes"].items()}
        read["outcomes"] = {**bundled.outcomes, **given}
    read.update(read.pop("confidence", {}))
    if "plausible" in read:
        read["plausible"] = tuple(dict.fromkeys((*read["plausible"], *read["factors"])))
    return Rules(**read) if bundled is None else replace(bundled, **read)


def _own_factors(given: Mapping[str, Mapping[str, Any]], bundled: Rules) -> dict[str, dict[str, Factor]]:
    """All bundled factors with the points of ``given``. An answer that is not given still is one: it counts nothing."""
    return {
        key: {value: _own_factor(factor, given.get(key, {}).get(value, {})) for value, factor in factors.items()}
        for key, factors in bundled.factors.items()
    }


def _own_factor(factor: Factor, given: Mapping[str, Any]) -> Factor:
    if not given:
        return replace(factor, points=NO_POINTS)
    sentences = {side: {**getattr(factor, side), **given.get(side, {})} for side in ("why", "but")}
    return replace(factor, **{"source": "", **given, **sentences})


def _own_outcome(**fields: Any) -> dict[str, Any]:
    return {"base": 0, **fields}


def _word(value: Any, _names: Names) -> str:
    if not isinstance(value, str) or not _WORD.fullmatch(value) or value == UNKNOWN:
        raise Invalid(
            _("A key consists of lowercase letters, digits and _, and may not be “{word}”.").format(word=UNKNOWN)
        )
    return value


def _points(numbers: tuple[int, ...]) -> Points:
    if len(numbers) != len(SCORED):
        raise Invalid(_("Four whole numbers are expected here, for {options}.").format(options=", ".join(SCORED)))
    first, second, third, fourth = numbers
    return first, second, third, fourth


def _outcomes(key: Any, names: Names) -> tuple[Option, ...]:
    """A key may name several outcomes with spaces between."""
    return tuple(_SCORED.read(name, names) for name in str(key).split())


def _sentences(given: dict[tuple[Option, ...], str]) -> dict[Option, str]:
    return {option: sentence for options, sentence in given.items() for option in options}


def _answers_to(key: str, names: Names) -> Schema[frozenset[str]]:
    return OneOrMany(words(*names["answers"][key], UNKNOWN)).to(frozenset)


def _own_answers_to(key: str, names: Names) -> Schema[dict[str, Any]]:
    return MapOf(words(*names["answers"][key]), _FACTOR.partly(as_dict, "points"))


def _group(*, keys: tuple[str, ...], most: int, source: str = "") -> Group:  # noqa: ARG001 - the source is for readers
    return Group(keys, most)


def _apart(groups: tuple[Group, ...]) -> tuple[Group, ...]:
    taken: set[str] = set()
    for position, group in enumerate(groups):
        for index, key in enumerate(group.keys):
            if key in taken:
                raise Invalid(_("“{key}” is already in a group.").format(key=key), position, "of", index)
            taken.add(key)
    return groups


def _veto(*, when: Condition, key: str | None = None, **fields: Any) -> VetoRule:
    if not when.values:
        raise Invalid(_("A veto needs a condition."), "if")
    return VetoRule(when=when, key=key or when.values[0][0], **fields)


def _leave(*, days: int, when: Condition, text: str, source: str = "") -> LeaveRule:  # noqa: ARG001 - as above
    return LeaveRule(days, when, text)


def _last_for_everybody(leave: tuple[LeaveRule, ...]) -> tuple[LeaveRule, ...]:
    if leave[-1].when.values:
        raise Invalid(_("The last line must apply to everybody: its condition has to be empty."))
    return leave


def _confidence(*, clear: int, leaning: int) -> dict[str, int]:
    if clear < leaning:
        raise Invalid(_("“clear” cannot be less than “leaning”."), "clear")
    return {"clear": clear, "leaning": leaning}


_SCORED = member(Option, *SCORED)
_ANY_POINTS = Number(-MOST_POINTS, MOST_POINTS)
_KEYS = ListOf(NameOf("answers"), empty=True)
_CONDITION = MapOf(NameOf("answers"), ByKey(_answers_to), empty=True).to(
    lambda allowed: Condition(tuple(allowed.items()))
)
_SENTENCES = MapOf(Custom(_outcomes), Message(), empty=True).to(_sentences)
_FACTOR = Record(
    as_dict,
    {
        "points": ListOf(_ANY_POINTS).to(_points),
        "of": Field(Number(0, 100), "share"),
        "if": Field(Message(), "condition"),
        "why": optional(_SENTENCES, {}),
        "but": optional(_SENTENCES, {}),
        "source": Text(),
    },
)
_OUTCOME = Record(
    Outcome,
    {
        "base": optional(_ANY_POINTS, 0),
        "headline": Message(),
        "why": Message(),
        "but": Message(),
        "tomorrow": ListOf(
            Record(Tomorrow, {"text": Message(("days",)), "if": optional(_CONDITION, Condition(()), name="when")})
        ),
    },
)
_SECTIONS: Fields = {
    "groups": ListOf(
        Record(
            _group,
            {
                "of": Field(ListOf(NameOf("answers")), "keys"),
                "most": Number(1, MOST_POINTS),
                "source": optional(Text()),
            },
        ),
        empty=True,
    ).to(_apart),
    "vetoes": ListOf(
        Record(
            _veto,
            {
                "kind": words("fact", "safety"),
                "exclude": ListOf(_SCORED),
                "if": Field(_CONDITION, "when"),
                "unless": optional(ListOf(_CONDITION), ()),
                "key": optional(NameOf("answers")),
                "text": Message(),
                "source": Text(),
            },
        ),
        empty=True,
    ),
    "warnings": ListOf(
        Record(
            WarningRule,
            {
                "code": CODE,
                "for": Field(ListOf(member(Option)).to(frozenset), "options"),
                "if": Field(_CONDITION, "when"),
                "text": Message(),
            },
        ),
        empty=True,
    ),
    "leave_days": ListOf(
        Record(
            _leave,
            {
                "days": Number(1, MOST_DAYS),
                "if": Field(_CONDITION, "when"),
                "text": Message(("days",)),
                "source": optional(Text()),
            },
        )
    ).to(_last_for_everybody),
    "confidence": Record(_confidence, {"clear": Number(0, MOST_POINTS), "leaning": Number(0, MOST_POINTS)}),
    "plausible": _KEYS,
    "interview": Record(
        Interview,
        {
            "core": _KEYS,
            "most": Number(0, MOST_POINTS),
            "known": _KEYS.to(frozenset),
            "early": optional(_KEYS, ()),
        },
    ),
    "guides": MapOf(Text(), Text(), empty=True),
}
SCHEMA = Record(
    as_dict,
    {
        "factors": MapOf(Custom(_word), MapOf(Custom(_word), _FACTOR), names="answers"),
        "options": Field(MapOf(member(Option), _OUTCOME, required=list(Option)), "outcomes"),
        **_SECTIONS,
    },
)
"""The schema of scoring.yaml."""
_OWN = Record(
    as_dict,
    {
        "factors": MapOf(NameOf("answers"), ByKey(_own_answers_to)),
        "options": Field(MapOf(member(Option), _OUTCOME.partly(_own_outcome), required=SCORED), "outcomes"),
        **_SECTIONS,
    },
).partly(as_dict, "options", "factors")
