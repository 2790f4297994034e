"""The ``factors`` of scoring.yaml: for each answer its points, its sentences and where they come from."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from wizard.advice.rules import SCORED, UNKNOWN, Factor
from wizard.language import translate as _
from wizard.model.recommendation import Option
from wizard.resources import shape

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from wizard.advice.rules import Points, Rules
    from wizard.resources.documents import Document

Path = tuple["Hashable", ...]

MOST_POINTS = 99
WORD = re.compile(r"[a-z][a-z0-9_]{0,39}")
SCORED_NAMES = tuple(option.value for option in SCORED)


def read_factors(document: Document, entry: Any, bundled: Rules | None) -> dict[str, dict[str, Factor]]:
    """The factors by question and answer; ``bundled`` gives what is left out. Raises Problem with file and line."""
    keys = None if bundled is None else bundled.keys
    given = _words(document, ("factors",), entry, keys)
    read: dict[str, dict[str, Factor]] = {}
    for key, answers in given.items():
        at = ("factors", key)
        values = None if bundled is None else bundled.values(key)
        read[key] = {
            value: _factor(document, (*at, value), fields, bundled)
            for value, fields in _words(document, at, answers, values).items()
        }
    if bundled is not None:  # an answer without a line is still an answer: it counts for nothing
        return {
            key: {value: read.get(key, {}).get(value) or _silent(factor) for value, factor in factors.items()}
            for key, factors in bundled.factors.items()
        }
    return read


def _silent(factor: Factor) -> Factor:
    return Factor(
        key=factor.key,
        value=factor.value,
        points=(0, 0, 0, 0),
        share=factor.share,
        condition=factor.condition,
        why=factor.why,
        but=factor.but,
        source=factor.source,
    )


def _words(document: Document, at: Path, entry: Any, known: Sequence[str] | None) -> dict[str, Any]:
    """A mapping whose keys are words of answers files: those of ``known``, or any well-formed ones."""
    words = shape.mapping(
        document, at, entry, allowed=known if known is not None else (entry if isinstance(entry, dict) else ())
    )
    if not words:
        raise document.problem(_("Here a list of keys with values is expected."), at)
    for word in words:
        if not WORD.fullmatch(word) or word == UNKNOWN:
            raise document.problem(
                _("A key is made of small letters, digits and _, and is not “{word}”.").format(word=UNKNOWN),
                (*at, word),
            )
    return words


def _factor(document: Document, at: Path, entry: Any, bundled: Rules | None) -> Factor:
    key, value = str(at[-2]), str(at[-1])
    model = None if bundled is None else bundled.factors[key][value]
    required = ("points",) if model is not None else ("points", "of", "if", "source")
    fields = shape.mapping(
        document, at, entry, required=required, allowed=("points", "of", "if", "why", "but", "source")
    )
    return Factor(
        key=key,
        value=value,
        points=_points(document, (*at, "points"), fields["points"]),
        share=shape.number(document, (*at, "of"), fields["of"], 0, 100) if "of" in fields else _of(model),
        condition=shape.text(document, (*at, "if"), fields["if"]) if "if" in fields else _condition_text(model),
        why={**(model.why if model else {}), **_texts(document, (*at, "why"), fields.get("why", {}))},
        but={**(model.but if model else {}), **_texts(document, (*at, "but"), fields.get("but", {}))},
        source=shape.text(document, (*at, "source"), fields["source"]) if "source" in fields else "",
    )


def _of(model: Factor | None) -> int:
    return model.share if model is not None else 0


def _condition_text(model: Factor | None) -> str:
    return model.condition if model is not None else ""


def _points(document: Document, at: Path, entry: Any) -> Points:
    numbers = shape.sequence(document, at, entry)
    if len(numbers) != len(SCORED):
        raise document.problem(
            _("Here four whole numbers are expected, for {options}.").format(options=", ".join(SCORED_NAMES)), at
        )
    one, two, three, four = (
        shape.number(document, (*at, place), number, -MOST_POINTS, MOST_POINTS) for place, number in enumerate(numbers)
    )
    return one, two, three, four


def _texts(document: Document, at: Path, entry: Any) -> dict[Option, str]:
    """Sentences by outcome; a key may name several outcomes with spaces between."""
    if not isinstance(entry, dict):
        raise document.problem(_("Here a list of keys with values is expected."), at)
    read = {}
    for names, sentence in entry.items():
        for name in str(names).split():
            option = Option(shape.choice(document, (*at, names), name, SCORED_NAMES))
            read[option] = shape.text(document, (*at, names), sentence)
    return read
