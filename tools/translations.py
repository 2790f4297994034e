"""The catalogues of translations: ``update``, ``compile`` and ``check`` (which ends with 1 when something is amiss).

    python tools/translations.py update       gathers the texts into wizard/locale/*/LC_MESSAGES/mail_wizard.po
    python tools/translations.py compile      writes the .mo files that the program reads
    python tools/translations.py check        lists what is missing, doubtful or not current

Everything written is the same from the same sources, on every machine: no dates, no line numbers, no versions. A text
that is no longer used stays in the file as ``#~`` after ``update``, for the translator to take words from; ``check``
complains until it is deleted (``update --drop``).
"""

from __future__ import annotations

import ast
import io
import re
import sys
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING, Any

from babel.messages import plurals
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # this checkout, also where the program is installed

from wizard.language import DOMAIN, LANGUAGES  # noqa: E402
from wizard.resources import schema as schemas  # noqa: E402
from wizard.resources.documents import read_document  # noqa: E402
from wizard.resources.templates import environment  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Text = str | tuple[str, str]
"""A message id, or the two forms of a counted one."""

FUNCTIONS = {"_": 1, "translate": 1, "mark": 1, "translate_plural": 2}
"""The functions of wizard/language.py, with the number of texts that each takes."""

SCHEMAS = {
    "questions.yaml": "wizard.interview.questions",
    "scoring.yaml": "wizard.advice.rules_file",
    "clients.yaml": "wizard.export.registry",
    "screens.yaml": "wizard.export.screens",
    "devices.yaml": "wizard.diagnosis.devices",
    "doctor.yaml": "wizard.diagnosis.knowledge",
    "messages.yaml": "wizard.diagnosis.screen_messages",
    "providers/*.yaml": "wizard.discovery.provider_file",
}
"""The modules whose ``SCHEMA`` says which values of a data file are texts."""

# What click says to a person who mistypes, in its versions from 8.1 on. Not extracted from the click that happens to be
# installed: the catalogue would change from machine to machine.
CLICK: tuple[Text, ...] = (
    "Usage:",
    "Options",
    "Commands",
    "Positional arguments",
    "Show this message and exit.",
    "default: {default}",
    "required",
    "Missing argument",
    "Missing option",
    "Missing parameter",
    "Missing command.",
    "Missing {param_type}",
    "Missing parameter: {param_name}",
    "Invalid value: {message}",
    "Invalid value for {param_hint}: {message}",
    "No such option: {name}",
    "No such option {name!r}.",
    "No such command {name!r}.",
    ("Did you mean {possibility}?", "(Did you mean one of: {possibilities}?)"),
    ("Got unexpected extra argument ({args})", "Got unexpected extra arguments ({args})"),
    "Option {name!r} does not take a value.",
    ("Option {name!r} requires an argument.", "Option {name!r} requires {nargs} arguments."),
    ("{value!r} is not {choice}.", "{value!r} is not one of {choices}."),
    "{value} is not in the range {range}.",
    "{value!r} is not a valid {number_type}.",
    "{name} {filename!r} is a file.",
    "{name} {filename!r} is a directory.",
    "{name} {filename!r} is not readable.",
    "{name} {filename!r} is not writable.",
    "{name} {filename!r} does not exist.",
    "file",
    "directory",
    "path",
)


class Steady(Catalog):
    """A catalogue whose header says nothing that changes by itself.

    Its plural forms are those of the .po file: what Babel knows of a language changes from version to version.
    """

    plural: tuple[int, str]

    @property
    def num_plurals(self) -> int:
        return self.plural[0]

    @property
    def plural_expr(self) -> str:
        return self.plural[1]

    @property
    def mime_headers(self) -> list[tuple[str, str]]:  # type: ignore[override]
        return [
            ("Project-Id-Version", "mail-wizard"),
            ("Language", str(self.locale_identifier)),
            ("Plural-Forms", f"nplurals={self.num_plurals}; plural={self.plural_expr};"),
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "8bit"),
        ]


class Amiss(Exception):
    """A text that cannot be gathered, with its place."""


def empty(language: str) -> Steady:
    """A catalogue without texts."""
    made = Steady(
        locale=language,
        domain=DOMAIN,
        header_comment=f"# mail-wizard: every text that a person reads ({language}).\n# CONTRIBUTING.md says how.",
        creation_date=datetime(2026, 1, 1, tzinfo=UTC),
        revision_date=datetime(2026, 1, 1, tzinfo=UTC),
        fuzzy=False,
    )
    made.plural = plural_forms(language)
    return made


def plural_forms(language: str) -> tuple[int, str]:
    """How many plural forms a language has, and the expression that picks one: the header of its .po file decides.

    A new language has no such file yet: it begins with what Babel knows, which its translator may correct there.
    """
    if not po_path(language).is_file():
        known = plurals.get_plural(language)  # raises LookupError for a language that Babel does not know
        return known.num_plurals, known.plural_expr
    header = po_path(language).read_text(encoding="utf-8").partition("\n\n")[0]
    found = re.search(r"nplurals=(\d+); plural=([^;]+);", header)
    if found is None:
        raise Amiss(f"{_name(po_path(language))}: the header has no Plural-Forms")
    return int(found[1]), found[2]


def gather() -> dict[Text, tuple[list[str], list[str]]]:
    """Every text in the order of the files, with the files that hold it and the comments for translators."""
    found: dict[str, tuple[Text, list[str], list[str]]] = {}
    for text, place, comments in _every():
        key = text if isinstance(text, str) else text[0]
        known, places, notes = found.setdefault(key, (text, [], []))
        if isinstance(text, tuple) and isinstance(known, tuple) and known != text:
            raise Amiss(f"{place}: two plurals of “{key}”")
        if isinstance(text, tuple) and isinstance(known, str):
            found[key] = (text, places, notes)
        places.extend([] if place in places else [place])
        notes.extend(note for note in comments if note not in notes)
    return {text: (places, notes) for text, places, notes in found.values()}


def _every() -> Iterator[tuple[Text, str, list[str]]]:
    for path in sorted((ROOT / "wizard").rglob("*.py")):
        yield from ((text, _name(path), comments) for text, comments in python_texts(path))
    for path in sorted((ROOT / "templates").rglob("*.j2")):
        source = path.read_text(encoding="utf-8")
        for line, function, message in environment().extract_translations(source):
            yield _template_text(f"{_name(path)}:{line}", function, message), _name(path), []
    for path in sorted((ROOT / "templates").rglob("*.yaml")):
        yield from ((text, _name(path), []) for text in yaml_texts(path))
    yield from ((text, "click", []) for text in CLICK)


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def python_texts(path: Path) -> Iterator[tuple[Text, list[str]]]:
    """The texts of a module, with the comments that begin with “Translators:” above or beside them."""
    source = path.read_text(encoding="utf-8")
    lines = source.splitlines()
    calls = [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS
    ]
    for call in sorted(calls, key=lambda node: (node.lineno, node.col_offset)):
        place = f"{_name(path)}:{call.lineno}"
        forms = [_literals(one, place) for one in call.args[: FUNCTIONS[call.func.id]]]  # type: ignore[attr-defined]
        near = lines[max(call.lineno - 2, 0) : call.lineno]
        comments = [line.partition("# Translators:")[2].strip() for line in near if "# Translators:" in line]
        if len(forms) == 2 and all(forms):
            yield (forms[0][0], forms[1][0]), comments
        elif len(forms) == 1:
            yield from ((text, comments) for text in forms[0])


def _literals(node: ast.expr, place: str) -> list[str]:
    """The texts an argument can be; none for a variable, whose texts are marked where they are written."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        if not node.value:
            raise Amiss(f"{place}: the empty text is the header of the catalogue")
        return [node.value]
    if isinstance(node, ast.IfExp):
        return [*_literals(node.body, place), *_literals(node.orelse, place)]
    if isinstance(node, ast.JoinedStr | ast.BinOp):
        raise Amiss(f"{place}: a text put together before it is translated")
    return []


def _template_text(place: str, function: str, message: Any) -> Text:
    # Values for the placeholders are None here, and so is a text that is not written out.
    texts = [message] if isinstance(message, str) else list(message)
    counted = "ngettext" in function
    if not all(isinstance(text, str) and text for text in texts[: 2 if counted else 1]):
        raise Amiss(f"{place}: {function} wants a text written out")
    return (texts[0], texts[1]) if counted else texts[0]


def yaml_texts(path: Path) -> Iterator[str]:
    """The texts of a data file, in its order."""
    inside = path.relative_to(ROOT / "templates")
    kind = next((kind for kind in SCHEMAS if inside.match(kind) and len(inside.parts) == kind.count("/") + 1), None)
    if kind is None:
        raise Amiss(f"{_name(path)}: tools/translations.py does not know the schema of this file")
    data = read_document(path, bundled=True).data
    yield from _texts_of(import_module(SCHEMAS[kind]).SCHEMA, data, _name(path) + ": ")


def _texts_of(schema: schemas.Schema[Any], value: Any, place: str) -> Iterator[str]:
    """The messages of ``value``; ``place`` is what errors call it."""
    if isinstance(schema, schemas.Message):
        yield schema.read(value, {})
    elif isinstance(schema, schemas.Record):
        for key, item in value.items():
            if key not in schema.fields:
                raise Amiss(f"{place}{key}: the schema of the file does not know this key")
            yield from _texts_of(schema.fields[key].schema, item, f"{place}{key}.")
    elif isinstance(schema, schemas.Converted):
        yield from _texts_of(schema.schema, value, place)
    elif isinstance(schema, schemas.MapOf | schemas.ListOf | schemas.OneOrMany | schemas.Nullable):
        whole = not isinstance(value, dict | list)
        for key, item in {"": value}.items() if whole else _entries(value):
            yield from _texts_of(schema.item, item, f"{place}{key}.")


def _entries(value: dict[str, Any] | list[Any]) -> Iterable[tuple[Any, Any]]:
    return value.items() if isinstance(value, dict) else enumerate(value)


def po_path(language: str) -> Path:
    """Where the catalogue of a language lies; the compiled one is beside it."""
    return ROOT / "wizard" / "locale" / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def read(language: str) -> Catalog | None:
    """The catalogue as it lies on disk."""
    if not po_path(language).is_file():
        return None
    with po_path(language).open("rb") as stream:
        return read_po(stream, locale=language, domain=DOMAIN, abort_invalid=True)


def updated(language: str, *, drop: bool) -> Steady:
    """The catalogue of ``language`` with the texts of today and the translations it has."""
    old = read(language)
    made = empty(language)
    for text, (places, notes) in gather().items():
        key = text if isinstance(text, str) else text[0]
        had = old.get(key) if old is not None else None
        if had is None and old is not None:
            had = old.obsolete.get(key)
        string = had.string if had is not None and isinstance(had.id, str) == isinstance(text, str) else ""
        if not string and isinstance(text, tuple):
            string = ("",) * made.num_plurals
        flags = had.flags & {"fuzzy"} if had is not None else set()
        made.add(text, string, locations=[(place, None) for place in sorted(places)], auto_comments=notes, flags=flags)
        made[key].user_comments = had.user_comments if had is not None else []
        # Not guessed from the text: “100 %s” would be called a format of Python.
        made[key].flags = flags
    if old is not None and not drop:
        gone = [one for one in [*old, *old.obsolete.values()] if one.id and _key(one) not in made and one.string]
        made.obsolete.update({_key(one): one for one in gone})
    return made


def _key(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _shown(message: Message) -> str:
    return _key(message).replace("\n", "\\n")


def as_po(catalogue: Steady) -> bytes:
    """The bytes of the .po file."""
    stream = io.BytesIO()
    write_po(stream, catalogue, width=120, include_lineno=False)
    return stream.getvalue()


def as_mo(language: str) -> bytes:
    """The bytes of the .mo file for what the .po file on disk says."""
    source = read(language)
    assert source is not None
    made = empty(language)
    for message in source:
        if message.id and message.string and not message.fuzzy:
            made.add(message.id, message.string)
    stream = io.BytesIO()
    write_mo(stream, made)
    return stream.getvalue()


def as_it_lies(source: Catalog, language: str) -> Steady:
    """The catalogue on disk, to be written like the current one: two versions of Babel may break lines differently."""
    made = empty(language)
    for one in source:
        if one.id:
            made.add(one.id, one.string, locations=one.locations, auto_comments=one.auto_comments)
            made[_key(one)].user_comments, made[_key(one)].flags = one.user_comments, one.flags & {"fuzzy"}
    made.obsolete.update(source.obsolete)
    return made


def faults(language: str) -> list[str]:
    """Everything that is not as it should be with one language, a line each."""
    source = read(language)
    path = po_path(language)
    if source is None:
        return [f"{_name(path)}: is not there; run “update”"]
    found = []
    current = updated(language, drop=False)
    if as_po(current) != as_po(as_it_lies(source, language)):
        found.append(f"{_name(path)}: not current with the sources; run “update”")
    for message in current:
        if message.id:
            found.extend(f"{_name(path)}: {what}: “{_shown(message)}”" for what in message_faults(message))
    found.extend(f"{_name(path)}: no longer used: “{key}”; run “update --drop”" for key in current.obsolete)
    compiled = path.with_suffix(".mo")
    if not compiled.is_file() or compiled.read_bytes() != as_mo(language):
        found.append(f"{_name(compiled)}: not current with the .po file; run “compile”")
    return found


def message_faults(message: Message) -> Iterator[str]:
    """What is wrong with one translation."""
    originals = [message.id] if isinstance(message.id, str) else list(message.id)
    strings = [message.string] if isinstance(message.string, str) else list(message.string)
    if message.fuzzy:
        yield "marked fuzzy"
    if not all(strings):
        yield "not translated"
        return
    for number, string in enumerate(strings):
        original = originals[min(number, len(originals) - 1)]
        try:
            if placeholders(string) != placeholders(original):
                yield "other placeholders than the English text"
        except ValueError:
            yield "braces that do not pair"
        if (string[:1].isspace(), string[-1:].isspace()) != (original[:1].isspace(), original[-1:].isspace()):
            yield "a space at an end that the English text does not have, or the other way round"


def placeholders(text: str) -> set[str]:
    """The names in ``{braces}`` and in ``%(brackets)s``; ValueError when braces do not pair."""
    in_brackets = set(re.findall(r"%\((\w+)\)[sd]", text))
    in_braces = {name for _text, name, _spec, _conversion in Formatter().parse(text) if name is not None}
    return {f"%{name}" for name in in_brackets} | in_braces


def main(arguments: list[str]) -> int:
    """Run one of the three commands; 0, or 1 with what is amiss on standard output, or 2 for a wrong command."""
    languages = [language for language in LANGUAGES if language != "en"]
    try:
        if arguments in (["update"], ["update", "--drop"]):
            for language in languages:
                po_path(language).parent.mkdir(parents=True, exist_ok=True)
                po_path(language).write_bytes(as_po(updated(language, drop="--drop" in arguments)))
        elif arguments == ["compile"]:
            for language in languages:
                po_path(language).with_suffix(".mo").write_bytes(as_mo(language))
        elif arguments == ["check"]:
            lines = [line for language in languages for line in faults(language)]
            print("\n".join([*lines, f"{len(lines)} things are amiss." if lines else "The translations are complete."]))
            return 1 if lines else 0
        else:
            print(__doc__)
            return 2
    except Amiss as amiss:
        print(amiss)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
