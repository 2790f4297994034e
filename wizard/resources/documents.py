"""YAML and JSON files as plain data, with the line of every value for the error message.

The reading is the fast one (libyaml where the wheel has it). Lines are looked up only once something is wrong: the
file is then composed a second time as nodes. YAML is read as its version 1.2 has it: ``yes``, ``no``, ``on``, ``off``
and dates are text, and a key given twice is an error.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wizard.language import translate as _
from wizard.model.problems import Place, Problem
from wizard.model.text import printable

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence
    from pathlib import Path
    from typing import BinaryIO, TextIO

SIZE_LIMIT = 1024 * 1024
"""Bytes. No file that a person writes for this program comes near it."""

DEPTH_LIMIT = 30
PART_LIMIT = 100_000
"""Values, keys, lists and mappings: a thousand accounts have some 50,000."""


@dataclass(frozen=True, slots=True)
class Document:
    """The data of a file, and its text for looking up lines. ``name`` is what errors call it."""

    name: str
    text: str
    data: Any

    def place(self, path: Sequence[Hashable] = ()) -> Place:
        """Where the value at ``path`` stands (keys and list positions from the top); the key names the whole path."""
        key = ".".join(str(part) for part in path)
        return Place(self.name, _line(self.text, path), printable(key, 100) or None)

    def problem(self, text: str, path: Sequence[Hashable] = ()) -> Problem:
        """A Problem about the value at ``path``, with file, line and key."""
        return Problem(text, place=self.place(path))


def read_data(name: str, own: Path | None = None) -> Document:
    """A file of templates/, or the one of the same ``name`` in the person's own directory. Raises Problem."""
    from wizard.resources.templates import find_data, templates_root

    path = find_data(name, own)
    return read_document(path, bundled=path == templates_root() / name)


def read_document(path: Path, *, bundled: bool = False) -> Document:
    """Read a YAML or JSON file (UTF-8, a byte order mark forgiven). Raises Problem with file and line.

    ``bundled`` files are our own: the look for aliases and deep nesting, half of the time, is left out.
    """
    name = str(path)
    text = decode(read_bytes(path, SIZE_LIMIT + 1), name)
    return _bundled_document(path, text, name) if bundled else parse_document(text, name)


def read_bytes(path: Path, most: int) -> bytes:
    """At most ``most`` bytes of a file: a pipe or a device has no size of its own. Raises Problem with its name."""
    from wizard.resources.files import PIPE_SECONDS, SilentPipe, read_at_most
    from wizard.resources.path_problems import unreadable

    name = str(path)
    try:
        return read_at_most(path, most)
    except SilentPipe:
        text = _("This is a pipe that did not end within {seconds} seconds.")
        raise Problem(text.format(seconds=round(PIPE_SECONDS)), place=Place(name)) from None
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from None


def _bundled_document(path: Path, text: str, name: str) -> Document:
    """A file of our own: its data are kept beside it, because reading them takes longer than all that uses them."""
    import marshal

    from wizard.resources.cache import keep, kept, stamp

    wanted = stamp(text, __file__)
    made = None if wanted is None else kept(str(path), wanted)
    if made is not None:
        try:
            return Document(name, text, marshal.loads(made))  # noqa: S302 - as trusted as the code beside it
        except (EOFError, TypeError, ValueError):
            pass
    document = parse_document(text, name, bundled=True)
    if wanted is not None:
        keep(str(path), wanted, marshal.dumps(document.data))
    return document


def read_stream(stream: TextIO, name: str) -> Document:
    """Read YAML or JSON from a stream; ``name`` is what errors call it. Raises Problem with line and key."""
    return parse_document(decode(stream_bytes(stream, SIZE_LIMIT + 1, name), name), name)


def stream_bytes(stream: TextIO, most: int, name: str) -> bytes:
    """At most ``most`` bytes of a stream; ``name`` is what errors call it. Raises Problem, as where it is closed."""
    from wizard.resources.path_problems import unreadable

    raw: BinaryIO | None = getattr(stream, "buffer", None)
    try:
        return raw.read(most) if raw is not None else stream.read(most).encode("utf-8", "replace")
    except OSError as error:
        raise unreadable(name, error) from None


def decode(raw: bytes, name: str) -> str:
    """UTF-8 bytes as text. Raises Problem when they are too many, and with the line of the first that is none."""
    if len(raw) > SIZE_LIMIT:
        raise Problem(_("The file is larger than 1 MiB, which is too large."), place=Place(name))
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise Problem(_("The text is not UTF-8."), place=Place(name, line)) from None


def parse_document(text: str, name: str, *, bundled: bool = False) -> Document:
    """Parse YAML or JSON text; ``name`` stands for the file in errors. Raises Problem with file and line."""
    import yaml

    try:
        if not bundled:
            _refuse_traps(_joined_surrogates(text))
        data = yaml.load(_joined_surrogates(text), Loader=_loader())  # noqa: S506 - a subclass of the safe loader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = printable(error.problem or _("it does not parse"), 120)
        raise Problem(
            _("This is not valid YAML: {reason}.").format(reason=what),
            place=Place(name, mark.line + 1 if mark is not None else None),
        ) from None
    except yaml.reader.ReaderError:
        # Not the position in the error: libyaml counts bytes, the other reader characters.
        found = yaml.reader.Reader.NON_PRINTABLE.search(text)
        line = text[: found.start()].count("\n") + 1 if found is not None else None
        raise Problem(_("The file has a character that YAML does not allow."), place=Place(name, line)) from None
    except (yaml.YAMLError, RecursionError, ValueError, TypeError):
        raise Problem(_("This is not valid YAML or JSON."), place=Place(name)) from None
    return Document(name, text, data)


_SURROGATES = re.compile(r"\\\\|\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")


def _joined_surrogates(text: str) -> str:
    """JSON with its escaped pairs of surrogates (RFC 8259 section 7) as YAML writes such a character.

    An escaped backslash before one is passed over. Nothing else than a pair is touched, and no line moves.
    """

    def joined(found: re.Match[str]) -> str:
        high, low = found.groups()
        if high is None:
            return found.group()
        return f"\\U{0x10000 + ((int(high, 16) - 0xD800) << 10) + int(low, 16) - 0xDC00:08X}"

    is_json = text.lstrip().startswith(("{", "["))
    return _SURROGATES.sub(joined, text) if is_json and "\\u" in text else text


def _refuse_traps(text: str) -> None:
    """Raise for aliases (a small file can mean a huge one), tags, nesting that would exhaust the stack, and more parts
    than there is time and memory for.
    """
    import yaml

    depth = parts = 0
    for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        if isinstance(event, yaml.AliasEvent):
            raise _trap(_("aliases are not allowed here"), event)
        if getattr(event, "tag", None) is not None:
            raise _trap(_("tags (!) are not allowed here"), event)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        parts += isinstance(event, yaml.NodeEvent)
        if parts > PART_LIMIT:
            raise _trap(_("it has more than {count} parts").format(count=PART_LIMIT), event)
        if depth > DEPTH_LIMIT:
            raise _trap(_("it is nested too deeply"), event)


def _trap(reason: str, where: Any) -> Exception:
    import yaml

    return yaml.MarkedYAMLError(problem=reason, problem_mark=where.start_mark)


_LOADER: type | None = None


def _loader() -> Any:
    """The safe loader, faster where libyaml is there, stricter and nearer to YAML 1.2."""
    global _LOADER
    if _LOADER is None:
        import yaml

        parent: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

        class Loader(parent):  # type: ignore[misc]
            def construct_mapping(self, node: Any, deep: bool = False) -> Any:  # noqa: FBT001 - the signature of PyYAML
                seen: set[str] = set()
                for key, _value in node.value:
                    if not isinstance(key.value, str):
                        raise _trap(_("a key is a list or a mapping"), key)
                    if key.value in seen:
                        raise _trap(_("the key “{key}” is given twice").format(key=printable(key.value, 40)), key)
                    seen.add(key.value)
                return super().construct_mapping(node, deep)

        Loader.yaml_implicit_resolvers = {
            first: [(tag, pattern) for tag, pattern in pairs if tag.rpartition(":")[2] in ("null", "merge")]
            for first, pairs in parent.yaml_implicit_resolvers.items()
        }
        Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf"))
        Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile("^[-+]?[0-9]+$"), list("-+0123456789"))
        # PyYAML reads a leading zero as octal, as YAML 1.1 had it: 0110 would become 72, and 08 an error.
        Loader.add_constructor("tag:yaml.org,2002:int", lambda _loader, node: int(node.value))
        _LOADER = Loader
    return _LOADER


def _line(text: str, path: Sequence[Hashable]) -> int | None:
    """The line of the value at ``path``, counted from 1; of the deepest part of it that there is."""
    import yaml

    try:
        node = yaml.compose(_joined_surrogates(text), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError:
        return None
    line = None
    for part in path:
        if isinstance(node, yaml.MappingNode):
            pair = next(((k, v) for k, v in node.value if k.value == str(part)), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line + 1, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
        else:
            break
    if line is None and node is not None:
        line = node.start_mark.line + 1
    return line
