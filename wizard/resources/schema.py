"""A declarative schema for data files: what a file may say, and what is made of it.

A schema is a tree of the classes below. :meth:`Schema.load` turns the data of a document into the objects that the
schema names, or raises Problem with file, line, key and the nearest valid value. Rules that go beyond one value are
ordinary functions: whatever a schema is converted with may raise :class:`Invalid`.

    FRIEND = Record(Friend, {
        "name": Message(),
        "age": optional(Number(0, 150)),
        "knows": optional(ListOf(Reference("friends"))),  # those above only
    })
    SCHEMA = Record(as_dict, {"friends": MapOf(Text(), FRIEND, names="friends")})

No value knows where it stands: each container adds its key to the exception on its way up, so that a file which is
right costs no more than the checks themselves.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from wizard.language import mark
from wizard.language import translate as _
from wizard.model.problems import Problem, did_you_mean
from wizard.model.text import has_controls, printable

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Hashable, Iterable
    from enum import Enum

    from wizard.resources.documents import Document

    E = TypeVar("E", bound=Enum)

T = TypeVar("T")
U = TypeVar("U")
K = TypeVar("K")

Names = dict[str, "Mapping[str, Any]"]
"""What the entries of a file are called and what they are, by the name of their table, for :class:`Reference`."""


class Invalid(Problem):
    """A value is not what it should be; ``path`` leads to it from the value that is being read."""

    def __init__(self, text: str, *path: Hashable) -> None:
        super().__init__(text)
        self.path = path


def unknown(word: object, known: Iterable[str], *, key: bool = False) -> str:
    """The sentence about a value or a key that is none of the ``known`` ones, with the nearest of them."""
    shown = str(word)
    text = _("The key “{key}” is not known.") if key else _("The value “{value}” is not known.")
    return text.format(key=printable(shown, 60), value=printable(shown, 60)) + " " + did_you_mean(shown, known)


def missing(key: str) -> str:
    """The sentence about a key that has to be there."""
    return _("The key “{key}” is missing.").format(key=key)


def _below(problem: Problem, key: Hashable) -> Invalid:
    """The same problem, seen from the container in which it stands under ``key``."""
    return Invalid(problem.text, key, *getattr(problem, "path", ()))


class Schema(Generic[T]):
    """What one value may be."""

    def read(self, value: Any, names: Names) -> T:
        """What ``value`` means; raises Invalid, or a Problem about the whole value."""
        raise NotImplementedError

    def read_key(self, key: Any, names: Names) -> T:
        """The same for the key of a mapping."""
        return self.read(key, names)

    def read_entry(self, key: Any, value: Any, names: Names) -> T:  # noqa: ARG002
        """The same for the entry ``key`` of a mapping."""
        return self.read(value, names)

    def load(self, document: Document, names: Mapping[str, Mapping[str, Any]] | None = None) -> T:
        """What a whole document means; raises Problem with file, line and key. ``names`` are known beforehand."""
        try:
            return self.read(document.data, {} if names is None else dict(names))
        except Problem as problem:
            raise document.problem(problem.text, getattr(problem, "path", ())) from None

    def to(self, convert: Callable[[T], U]) -> Converted[T, U]:
        """This schema with its value put through ``convert``, which may raise Problem."""
        return Converted(self, convert)


class Converted(Schema[U], Generic[T, U]):
    """A schema whose value is put through a function."""

    def __init__(self, schema: Schema[T], convert: Callable[[T], U]) -> None:
        self.schema = schema
        self._convert = convert

    def read(self, value: Any, names: Names) -> U:
        return self._convert(self.schema.read(value, names))

    def read_entry(self, key: Any, value: Any, names: Names) -> U:
        return self._convert(self.schema.read_entry(key, value, names))


class Custom(Schema[T]):
    """A value that a function of its own reads."""

    def __init__(self, read: Callable[[Any, Names], T]) -> None:
        self._read = read

    def read(self, value: Any, names: Names) -> T:
        return self._read(value, names)


class ByKey(Schema[T]):
    """An entry of a mapping whose key decides what it may be: ``choose`` gives its schema."""

    def __init__(self, choose: Callable[[Any, Names], Schema[T]]) -> None:
        self._choose = choose

    def read_entry(self, key: Any, value: Any, names: Names) -> T:
        return self._choose(key, names).read_entry(key, value, names)


class Text(Schema[str]):
    """A text that is not empty and holds no control characters but line breaks.

    Where there is a ``pattern`` it has to match the whole; else ``otherwise`` (a message id, which may name the
    ``{value}``) says what is expected.
    """

    def __init__(self, pattern: re.Pattern[str] | None = None, otherwise: str = "") -> None:
        self._pattern = pattern
        self._otherwise = otherwise

    def read(self, value: Any, names: Names) -> str:  # noqa: ARG002
        if self._pattern is not None and not (isinstance(value, str) and self._pattern.fullmatch(value)):
            raise Invalid(_(self._otherwise).format(value=printable(str(value), 60)))
        if not isinstance(value, str) or not value.strip():
            raise Invalid(_("A text is expected here."))
        if has_controls(value.replace("\n", " ")):
            raise Invalid(_("The text contains an invisible control character."))
        return value


_FIELD = re.compile(r"\{([^{}]*)\}")


class Message(Schema[str]):
    """A text that people read: a message id, which tools/translations.py gathers. Space at its ends is taken away.

    ``placeholders``: the names that may stand in braces; None: braces mean nothing.
    """

    def __init__(self, placeholders: Collection[str] | None = None) -> None:
        self._placeholders = placeholders

    def read(self, value: Any, names: Names) -> str:
        written = _TEXT.read(value, names).strip()
        if self._placeholders is not None and ("{" in written or "}" in written):
            single = written.replace("{{", "").replace("}}", "")
            if re.search(r"[{}]", _FIELD.sub("", single)):
                raise Invalid(_("The braces in this text are not balanced."))
            for field in _FIELD.findall(single):
                if field not in self._placeholders:
                    text = _("“{name}” cannot stand in braces here.").format(name=printable(field, 60))
                    raise Invalid(text + " " + did_you_mean(field, sorted(self._placeholders)))
        return written


_TEXT = Text()
CODE = Text(re.compile(r"[a-z][a-z0-9_]{0,63}"), mark("A code consists of lowercase letters, digits and _."))
"""A name that programs use."""


class Number(Schema[int]):
    """A whole number from ``low`` to ``high``."""

    def __init__(self, low: int, high: int) -> None:
        self._low = low
        self._high = high

    def read(self, value: Any, names: Names) -> int:  # noqa: ARG002
        if not isinstance(value, int) or isinstance(value, bool) or not self._low <= value <= self._high:
            raise Invalid(
                _("A whole number from {low} to {high} is expected here.").format(low=self._low, high=self._high)
            )
        return value


class Flag(Schema[bool]):
    """True or false, and nothing like it."""

    def read(self, value: Any, names: Names) -> bool:  # noqa: ARG002
        if not isinstance(value, bool):
            raise Invalid(_("True or false is expected here."))
        return value


class Choice(Schema[T]):
    """One of the words of ``options``; what is read is what stands behind the word."""

    def __init__(self, options: Mapping[str, T]) -> None:
        self._options = options

    def options(self, names: Names) -> Mapping[str, T]:  # noqa: ARG002
        """The words that can be chosen, each with what it means."""
        return self._options

    def read(self, value: Any, names: Names) -> T:
        return self._chosen(value, names, key=False)

    def read_key(self, key: Any, names: Names) -> T:
        return self._chosen(key, names, key=True)

    def _chosen(self, word: Any, names: Names, *, key: bool) -> T:
        options = self.options(names)
        if not isinstance(word, str) or word not in options:
            raise Invalid(unknown(word, options, key=key))
        return options[word]


class Reference(Choice[Any]):
    """The name of an entry of ``table``, as far as that has been read; what is read is the entry."""

    def __init__(self, table: str) -> None:
        self._table = table

    def options(self, names: Names) -> Mapping[str, Any]:
        return names.get(self._table, {})


class NameOf(Reference):
    """The same, and what is read is the name itself."""

    def _chosen(self, word: Any, names: Names, *, key: bool) -> str:
        super()._chosen(word, names, key=key)
        return str(word)


def words(*known: str) -> Choice[str]:
    """One of the words ``known``."""
    return Choice({word: word for word in known})


def member(kind: type[E], *only: E) -> Choice[E]:
    """A member of an enumeration by its value: one of ``only``, or any."""
    return Choice({str(item.value): item for item in only or kind})


class ListOf(Schema[tuple[T, ...]]):
    """A list, not an empty one unless ``empty``, of at most ``most`` items."""

    def __init__(self, item: Schema[T], *, empty: bool = False, most: int | None = None) -> None:
        self.item = item
        self._empty = empty
        self._most = most

    def read(self, value: Any, names: Names) -> tuple[T, ...]:
        if not isinstance(value, list) or not (value or self._empty):
            raise Invalid(_("A list is expected here."))
        if self._most is not None and len(value) > self._most:
            raise Invalid(_("More than {count} entries are too many.").format(count=self._most))
        made: list[T] = []
        try:
            for item in value:
                made.append(self.item.read(item, names))  # noqa: PERF401 - the length tells the place
        except Problem as problem:
            raise _below(problem, len(made)) from None
        return tuple(made)


class OneOrMany(Schema[tuple[T, ...]]):
    """A value, or a list of such values."""

    def __init__(self, item: Schema[T]) -> None:
        self.item = item
        self._many = ListOf(item)

    def read(self, value: Any, names: Names) -> tuple[T, ...]:
        return self._many.read(value, names) if isinstance(value, list) else (self.item.read(value, names),)


class Nullable(Schema[T | None]):
    """A value, or null."""

    def __init__(self, item: Schema[T]) -> None:
        self.item = item

    def read(self, value: Any, names: Names) -> T | None:
        return None if value is None else self.item.read(value, names)


class MapOf(Schema[dict[K, T]]):
    """A mapping whose keys are ``key`` and whose values are ``item``.

    It holds all of ``required``, and something unless it may be ``empty``. Its entries can be referred to as ``names``,
    by those that stand below them too.
    """

    def __init__(
        self,
        key: Schema[K],
        item: Schema[T],
        *,
        required: Iterable[str] = (),
        empty: bool = False,
        names: str | None = None,
    ) -> None:
        self.item = item
        self._key = key
        self._required = tuple(required)
        self._empty = empty
        self._names = names

    def read(self, value: Any, names: Names) -> dict[K, T]:
        if not isinstance(value, dict) or not (value or self._empty):
            raise Invalid(_("A list of keys with values is expected here."))
        made: dict[K, T] = {}
        table: dict[str, Any] = {}
        if self._names is not None:
            names[self._names] = table
        for word, entry in value.items():
            try:
                key = self._key.read_key(word, names)
                table[word] = made[key] = self.item.read_entry(key, entry, names)
            except Problem as problem:
                raise _below(problem, word) from None
        _require(self._required, value)
        return made


class Record(Schema[T]):
    """A mapping with fixed keys; ``make`` gets what was read of each as a keyword argument, and may raise Problem.

    The fields are read in the order in which they are declared, so that references can be to earlier ones. A field is
    required unless it is wrapped in :func:`optional`. ``key`` is the argument that gets the key of the entry, where
    the record is one of a :class:`MapOf`.
    """

    def __init__(self, make: Callable[..., T], fields: Fields, *, key: str | None = None) -> None:
        self.fields = {name: field if isinstance(field, Field) else Field(field) for name, field in fields.items()}
        self._make = make
        self._key = key
        self._required = tuple(name for name, field in self.fields.items() if field.required)

    def partly(self, make: Callable[..., U], *required: str) -> Record[U]:
        """A record of the same fields of which only ``required`` must be there; ``make`` gets those that are."""
        fields = {key: Field(f.schema, f.name, required=key in required) for key, f in self.fields.items()}
        return Record(make, fields, key=self._key)

    def read(self, value: Any, names: Names) -> T:
        return self._make(**self._values(value, names))

    def read_entry(self, key: Any, value: Any, names: Names) -> T:
        given = self._values(value, names)
        return self._make(**given) if self._key is None else self._make(**{self._key: key}, **given)

    def _values(self, value: Any, names: Names) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise Invalid(_("A list of keys with values is expected here."))
        for key in value:
            if key not in self.fields:
                raise Invalid(unknown(key, self.fields, key=True), key)
        _require(self._required, value)
        given = {}
        for key, field in self.fields.items():
            if key in value:
                try:
                    given[field.name or key] = field.schema.read(value[key], names)
                except Problem as problem:
                    raise _below(problem, key) from None
            elif field.default is not _ABSENT:
                given[field.name or key] = field.default
        return given


def _require(keys: Iterable[str], value: Collection[str]) -> None:
    for key in keys:
        if key not in value:
            raise Invalid(missing(key))


def as_dict(**values: Any) -> dict[str, Any]:
    """What a :class:`Record` makes where there is nothing to make yet."""
    return values


_ABSENT: Any = object()


class Field:
    """A field of a record, where its schema alone does not say all. ``name`` is what it is called in Python."""

    def __init__(
        self, schema: Schema[Any], name: str | None = None, *, required: bool = True, default: Any = _ABSENT
    ) -> None:
        self.schema = schema
        self.name = name
        self.required = required
        self.default = default


def optional(schema: Schema[Any], default: Any = _ABSENT, *, name: str | None = None) -> Field:
    """A field that may be absent: then it is ``default``, or not passed on, which leaves it to what is made."""
    return Field(schema, name, required=False, default=default)


Fields = Mapping[str, Schema[Any] | Field]
"""The fields of a record by their keys."""
