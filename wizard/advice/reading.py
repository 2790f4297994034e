"""scoring.yaml, read and checked: a wrong shape, key, value or number is an error with file, line and key."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from wizard.advice.factors import MOST_POINTS, SCORED_NAMES, WORD, read_factors
from wizard.advice.rules import (
    UNKNOWN,
    Condition,
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
from wizard.resources import shape

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence

    from wizard.resources.documents import Document

Path = tuple["Hashable", ...]

REQUIRED = ("options", "factors")
SECTIONS = (
    *REQUIRED,
    "groups",
    "vetoes",
    "warnings",
    "leave_days",
    "confidence",
    "plausible",
    "interview",
    "guides",
)
MOST_DAYS = 3650
_ALL = tuple(option.value for option in Option)


def read_rules(document: Document, bundled: Rules | None) -> Rules:
    """The rules of ``document``; ``bundled`` gives what an own file leaves out. Raises Problem with file, line, key."""
    required = REQUIRED if bundled is not None else SECTIONS
    top = shape.mapping(document, (), document.data, required=required, allowed=SECTIONS)
    factors = read_factors(document, top["factors"], bundled)
    known = {key: tuple(values) for key, values in factors.items()}
    outcomes = _outcomes(document, top["options"], known, bundled)

    def section(name: str, read: Callable[[Document, Any, Mapping[str, Sequence[str]]], Any], otherwise: Any) -> Any:
        return read(document, top[name], known) if name in top else otherwise

    clear, leaning = section("confidence", _confidence, bundled and (bundled.clear, bundled.leaning))
    return Rules(
        outcomes=outcomes,
        factors=factors,
        groups=section("groups", _groups, bundled and bundled.groups),
        vetoes=section("vetoes", _vetoes, bundled and bundled.vetoes),
        warnings=section("warnings", _warnings, bundled and bundled.warnings),
        leave_days=section("leave_days", _leave_days, bundled and bundled.leave_days),
        clear=clear,
        leaning=leaning,
        plausible=section("plausible", _plausible, bundled and bundled.plausible),
        interview=section("interview", _interview, bundled and bundled.interview),
        guides=section("guides", _guides, bundled and bundled.guides),
    )


def _condition(document: Document, at: Path, entry: Any, known: Mapping[str, Sequence[str]]) -> Condition:
    given = shape.mapping(document, at, entry, allowed=tuple(known))
    read = []
    for key, values in given.items():
        allowed = (*known[key], UNKNOWN)
        if isinstance(values, list):
            words = [
                shape.choice(document, (*at, key, place), value, allowed)
                for place, value in enumerate(shape.sequence(document, (*at, key), values))
            ]
        else:
            words = [shape.choice(document, (*at, key), values, allowed)]
        read.append((key, frozenset(words)))
    return Condition(tuple(read))


def _options(document: Document, at: Path, entry: Any, known: Sequence[str]) -> tuple[Option, ...]:
    names = shape.sequence(document, at, entry)
    return tuple(Option(shape.choice(document, (*at, place), name, known)) for place, name in enumerate(names))


def _outcomes(
    document: Document, entry: Any, known: Mapping[str, Sequence[str]], bundled: Rules | None
) -> dict[Option, Outcome]:
    given = shape.mapping(document, ("options",), entry, required=SCORED_NAMES if bundled else _ALL, allowed=_ALL)
    read: dict[Option, Outcome] = {}
    for name, fields in given.items():
        option, at = Option(name), ("options", name)
        model = bundled.outcomes[option] if bundled is not None else None
        shape.mapping(document, at, fields, allowed=("base", "headline", "why", "but", "tomorrow"))
        texts = {
            part: shape.text(document, (*at, part), fields[part])
            for part in ("headline", "why", "but")
            if model is None or part in fields
        }
        read[option] = Outcome(
            base=shape.number(document, (*at, "base"), fields.get("base", 0), -MOST_POINTS, MOST_POINTS),
            headline=texts.get("headline") or (model.headline if model else ""),
            why=texts.get("why") or (model.why if model else ""),
            but=texts.get("but") or (model.but if model else ""),
            tomorrow=_tomorrow(document, (*at, "tomorrow"), fields["tomorrow"], known)
            if model is None or "tomorrow" in fields
            else model.tomorrow,
        )
    return read if bundled is None else {**bundled.outcomes, **read}


def _tomorrow(document: Document, at: Path, entry: Any, known: Mapping[str, Sequence[str]]) -> tuple[Tomorrow, ...]:
    read = []
    for place, fields in enumerate(shape.sequence(document, at, entry)):
        here = (*at, place)
        shape.mapping(document, here, fields, required=("text",), allowed=("text", "if"))
        text = _with_days(document, (*here, "text"), fields["text"])
        read.append(Tomorrow(text, _condition(document, (*here, "if"), fields.get("if", {}), known)))
    return tuple(read)


def _with_days(document: Document, at: Path, entry: Any) -> str:
    """A text in which {days} is the only placeholder."""
    text = shape.text(document, at, entry)
    if re.search(r"[{}]", text.replace("{days}", "")):
        raise document.problem(_("The only placeholder that is known here is {name}.").format(name="{days}"), at)
    return text


def _groups(document: Document, entry: Any, known: Mapping[str, Sequence[str]]) -> tuple[Group, ...]:
    read, taken = [], set()
    for place, fields in enumerate(shape.sequence(document, ("groups",), entry, empty=True)):
        at = ("groups", place)
        shape.mapping(document, at, fields, required=("of", "most"), allowed=("of", "most", "source"))
        keys = []
        for index, key in enumerate(shape.sequence(document, (*at, "of"), fields["of"])):
            keys.append(shape.choice(document, (*at, "of", index), key, tuple(known)))
            if key in taken:
                raise document.problem(_("“{key}” is in a group already.").format(key=key), (*at, "of", index))
            taken.add(key)
        read.append(Group(tuple(keys), shape.number(document, (*at, "most"), fields["most"], 1, MOST_POINTS)))
    return tuple(read)


def _vetoes(document: Document, entry: Any, known: Mapping[str, Sequence[str]]) -> tuple[VetoRule, ...]:
    read = []
    for place, fields in enumerate(shape.sequence(document, ("vetoes",), entry, empty=True)):
        at = ("vetoes", place)
        needed = ("kind", "exclude", "if", "text", "source")
        shape.mapping(document, at, fields, required=needed, allowed=(*needed, "unless", "key"))
        when = _condition(document, (*at, "if"), fields["if"], known)
        if not when.values:
            raise document.problem(_("A veto needs a condition."), (*at, "if"))
        unless = [] if "unless" not in fields else shape.sequence(document, (*at, "unless"), fields["unless"])
        read.append(
            VetoRule(
                kind=shape.choice(document, (*at, "kind"), fields["kind"], ("fact", "safety")),
                exclude=_options(document, (*at, "exclude"), fields["exclude"], SCORED_NAMES),
                key=shape.choice(document, (*at, "key"), fields.get("key", when.values[0][0]), tuple(known)),
                when=when,
                unless=tuple(
                    _condition(document, (*at, "unless", index), condition, known)
                    for index, condition in enumerate(unless)
                ),
                text=shape.text(document, (*at, "text"), fields["text"]),
                source=shape.text(document, (*at, "source"), fields["source"]),
            )
        )
    return tuple(read)


def _warnings(document: Document, entry: Any, known: Mapping[str, Sequence[str]]) -> tuple[WarningRule, ...]:
    read = []
    for place, fields in enumerate(shape.sequence(document, ("warnings",), entry, empty=True)):
        at = ("warnings", place)
        needed = ("code", "for", "if", "text")
        shape.mapping(document, at, fields, required=needed, allowed=needed)
        code = shape.text(document, (*at, "code"), fields["code"])
        if not WORD.fullmatch(code):
            raise document.problem(_("A code is made of small letters, digits and _."), (*at, "code"))
        read.append(
            WarningRule(
                code,
                frozenset(_options(document, (*at, "for"), fields["for"], _ALL)),
                _condition(document, (*at, "if"), fields["if"], known),
                shape.text(document, (*at, "text"), fields["text"]),
            )
        )
    return tuple(read)


def _leave_days(document: Document, entry: Any, known: Mapping[str, Sequence[str]]) -> tuple[LeaveRule, ...]:
    read = []
    for place, fields in enumerate(shape.sequence(document, ("leave_days",), entry)):
        at = ("leave_days", place)
        needed = ("days", "if", "text")
        shape.mapping(document, at, fields, required=needed, allowed=(*needed, "source"))
        days = shape.number(document, (*at, "days"), fields["days"], 1, MOST_DAYS)
        when = _condition(document, (*at, "if"), fields["if"], known)
        read.append(LeaveRule(days, when, _with_days(document, (*at, "text"), fields["text"])))
    if read[-1].when.values:
        raise document.problem(_("The last line must hold for everybody: its condition is empty."), ("leave_days",))
    return tuple(read)


def _confidence(document: Document, entry: Any, _known: Mapping[str, Sequence[str]]) -> tuple[int, int]:
    names = ("clear", "leaning")
    given = shape.mapping(document, ("confidence",), entry, required=names, allowed=names)
    clear, leaning = (shape.number(document, ("confidence", name), given[name], 0, MOST_POINTS) for name in names)
    if clear < leaning:
        raise document.problem(_("“clear” cannot be less than “leaning”."), ("confidence", "clear"))
    return clear, leaning


def _key_list(document: Document, at: Path, entry: Any, known: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    keys = shape.sequence(document, at, entry, empty=True)
    return tuple(shape.choice(document, (*at, place), key, tuple(known)) for place, key in enumerate(keys))


def _plausible(document: Document, entry: Any, known: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    named = _key_list(document, ("plausible",), entry, known)
    return (*named, *(key for key in known if key not in named))


def _interview(document: Document, entry: Any, known: Mapping[str, Sequence[str]]) -> Interview:
    names = ("core", "most", "known")
    given = shape.mapping(document, ("interview",), entry, required=names, allowed=(*names, "early"))
    return Interview(
        _key_list(document, ("interview", "core"), given["core"], known),
        shape.number(document, ("interview", "most"), given["most"], 0, MOST_POINTS),
        frozenset(_key_list(document, ("interview", "known"), given["known"], known)),
        _key_list(document, ("interview", "early"), given.get("early", []), known),
    )


def _guides(document: Document, entry: Any, _known: Mapping[str, Sequence[str]]) -> dict[str, str]:
    if not isinstance(entry, dict):
        raise document.problem(_("Here a list of keys with values is expected."), ("guides",))
    return {str(code): shape.text(document, ("guides", code), address) for code, address in entry.items()}
