"""Answers, where they come from, and the one check that all pass: typed, given by an option or a file, kept."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from wizard.language import translate as _
from wizard.model.problems import Place, Problem, did_you_mean, nearest
from wizard.model.text import has_controls, printable

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from wizard.interview.questions import Question

ABOUT: Final = ("address", "name", "clients")
"""Keys that say whose mailbox it is and what files are wanted; they are no questions and count for no advice."""

NAME_LIMIT = 200
"""Characters. RFC 5322 sets a limit to lines, not to names; longer ones are a mistake."""

_SECRET = re.compile(r"passw|passphrase|^pass$|^pwd$|_pwd$|^pin$|secret|token|credential|kennwort", re.IGNORECASE)
_CLIENT = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


class Origin(StrEnum):
    """Where an answer comes from, in the order of truth: an earlier one wins."""

    TYPED = "typed"
    SET = "set"
    FILE = "file"
    RESUMED = "resumed"
    DISCOVERED = "discovered"
    DEFAULT = "default"


_RANK: Final = {origin: rank for rank, origin in enumerate(Origin)}
PERSONAL: Final = frozenset({Origin.TYPED, Origin.SET, Origin.FILE, Origin.RESUMED})
"""Origins of what a person said; the others are looked up or assumed, anew in each run."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A value (for ``clients``: ids with commas between) and its origin."""

    value: str
    origin: Origin


def _nothing() -> Mapping[str, Answer]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Answers:
    """What is known so far. Never changed: each change makes a new one. ``declined``: keys with “I don't know”."""

    items: Mapping[str, Answer] = field(default_factory=_nothing)
    declined: frozenset[str] = frozenset()

    def get(self, key: str) -> str | None:
        """The value of ``key``, or None."""
        found = self.items.get(key)
        return None if found is None else found.value

    def origin(self, key: str) -> Origin | None:
        """Where the value of ``key`` comes from, or None."""
        found = self.items.get(key)
        return None if found is None else found.origin

    def values(self) -> dict[str, str]:
        """The answers to questions alone, as the scoring takes them."""
        return {key: answer.value for key, answer in self.items.items() if key not in ABOUT}

    @property
    def address(self) -> str | None:
        return self.get("address")

    @property
    def name(self) -> str | None:
        return self.get("name")

    @property
    def clients(self) -> tuple[str, ...]:
        """The ids of the formats that are wanted; empty when nothing was said."""
        joined = self.get("clients")
        return tuple(joined.split(",")) if joined else ()

    def with_(self, key: str, value: str, origin: Origin) -> Answers:
        """With this answer, whatever there was before; ``key`` is not declined any more."""
        items = {**self.items, key: Answer(value, origin)}
        return Answers(MappingProxyType(items), self.declined - {key})

    def without(self, key: str) -> Answers:
        """As if ``key`` had never been asked."""
        items = {name: answer for name, answer in self.items.items() if name != key}
        return Answers(MappingProxyType(items), self.declined - {key})

    def without_origin(self, origin: Origin) -> Answers:
        """Without the answers that come from ``origin``."""
        items = {key: answer for key, answer in self.items.items() if answer.origin is not origin}
        return Answers(MappingProxyType(items), self.declined)

    def decline(self, key: str) -> Answers:
        """With “I don't know” for ``key``."""
        return Answers(self.without(key).items, self.declined | {key})

    def merged(self, other: Answers) -> Answers:
        """Both together: for each key the answer with the better origin, this one's when they are equal.

        An answer wins over “I don't know”.
        """
        items = dict(other.items)
        for key, answer in self.items.items():
            if key not in items or _RANK[answer.origin] <= _RANK[items[key].origin]:
                items[key] = answer
        return Answers(MappingProxyType(items), (self.declined | other.declined) - items.keys())

    def personal(self) -> Answers:
        """What the person said, without what was looked up or assumed."""
        items = {key: answer for key, answer in self.items.items() if answer.origin in PERSONAL}
        return Answers(MappingProxyType(items), self.declined)

    def __bool__(self) -> bool:
        return bool(self.items or self.declined)

    def __reduce__(self) -> tuple[object, ...]:
        return _answers, (dict(self.items), self.declined)  # a read-only mapping cannot be pickled


def _answers(items: dict[str, Answer], declined: frozenset[str]) -> Answers:
    return Answers(MappingProxyType(items), declined)


def check_answer(
    key: str,
    value: Any,
    place: Place | None = None,
    *,
    clients: Collection[str] | None = None,
    questions: Sequence[Question] | None = None,
) -> str:
    """``value`` as it is stored for ``key``; raises Problem (exit 2) with ``place`` and the nearest known word.

    ``clients`` are the known format ids; None: their form alone is checked. ``questions``: None means the bundled ones.
    """
    where = place if place is not None else Place(key=printable(key, 60))
    check_key(key, where, questions=questions)
    if key == "clients":
        return _clients(value, where, clients)
    if key == "address":
        return _address(value, where)
    if key == "name":
        return _name(value, where)
    known = _question(key, questions).values
    if isinstance(value, str) and value.strip() in known:
        return value.strip()
    if value is None or value == "":
        raise Problem(_("There is no value here. It can be: {words}.").format(words=", ".join(known)), place=where)
    shown = _one_line(value)
    hint = did_you_mean(shown, known)
    raise Problem(_("The value “{value}” is not known.").format(value=printable(shown, 60)) + " " + hint, place=where)


def check_key(key: str, place: Place, *, questions: Sequence[Question] | None = None) -> None:
    """Raise Problem unless ``key`` may be answered; one that looks like a password gets a sentence of its own."""
    known = (*(question.key for question in _all(questions)), *ABOUT)
    if key in known:
        return
    if _SECRET.search(key):
        raise Problem(
            _(
                "A password is never given as an answer: it would remain in a file or in the terminal's "
                "history. Please delete it here; you are asked for it when it is needed."
            ),
            place=place,
        )
    found = nearest(key, known)
    hint = (
        _("Did you mean {word}?").format(word=found)
        if found is not None
        else _("“mail-wizard questions” lists the keys.")
    )
    raise Problem(_("The key “{key}” is not known.").format(key=printable(key, 60)) + " " + hint, place=place)


def _all(questions: Sequence[Question] | None) -> Sequence[Question]:
    if questions is not None:
        return questions
    from wizard.interview.questions import load_questions

    return load_questions()


def _question(key: str, questions: Sequence[Question] | None) -> Question:
    return next(question for question in _all(questions) if question.key == key)


def _one_line(value: Any) -> str:
    # A list or a mapping may be as large as its file: a word for its kind is enough.
    if isinstance(value, str):
        return value[:200]
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return _number(value)
    return "{…}" if isinstance(value, dict) else "[…]"


def _number(value: float) -> str:
    try:
        return str(value)
    except ValueError:  # Python refuses to print whole numbers of more than 4300 digits
        return "…"


def _clients(value: Any, place: Place, known: Collection[str] | None) -> str:
    words = value.split(",") if isinstance(value, str) else value
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise Problem(_("A list of programs is expected here."), place=place)
    cleaned = [word.strip() for word in words if word.strip()]
    for word in cleaned:
        if known is not None and word not in known:
            hint = did_you_mean(word, known)
            text = _("The program “{value}” is not known.").format(value=printable(word, 60))
            raise Problem(text + " " + hint, place=place)
        if known is None and not _CLIENT.fullmatch(word):
            raise Problem(
                _("“{value}” is not the name of a program; “mail-wizard formats” lists them.").format(
                    value=printable(word, 60)
                ),
                place=place,
            )
    if not cleaned:
        raise Problem(_("There is no value here; “mail-wizard formats” lists the programs."), place=place)
    return ",".join(dict.fromkeys(cleaned))


def _address(value: Any, place: Place) -> str:
    from wizard.model.address import AddressProblem, parse_address

    try:
        return parse_address(value if isinstance(value, str) else "").unicode
    except AddressProblem as problem:
        raise Problem(problem.text, place=place) from None


def _name(value: Any, place: Place) -> str:
    if not isinstance(value, str) or not value.strip():
        raise Problem(_("A name is expected here, such as Anna Rossi."), place=place)
    if has_controls(value.strip(), emoji=True):
        raise Problem(_("The name contains an invisible control character; please type it again."), place=place)
    if len(value.strip()) > NAME_LIMIT:
        raise Problem(_("The name is longer than {limit} characters.").format(limit=NAME_LIMIT), place=place)
    return value.strip()
