"""The outputs that templates/clients.yaml describes: what each is called, what it can say, how it is put to use."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from string import Formatter
from typing import TYPE_CHECKING, Any

from wizard.export.programs import CardProgram, read_program
from wizard.language import translate as _
from wizard.model.problems import Problem, did_you_mean
from wizard.model.servers import AfterDownload, AuthenticationMethod, Protocol, SocketType
from wizard.model.text import printable

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.resources.documents import Document

__all__ = ["CardProgram", "Format", "card_programs", "format_named", "formats"]

STEP_FIELDS = frozenset(
    {
        "file",
        "folder",
        "address",
        "domain",
        "name",
        "days",
        "password",
        "hostname",
        "store",
        "save_command",
        "password_command",
    }
)
"""What a sentence of an install step may hold in braces."""

CONDITIONS = frozenset(
    {
        "imap",
        "pop3",
        "password",
        "oauth2",
        "oauth2_and_password",
        "keep",
        "keep_days",
        "remove",
        "unnamed",
        "signed",
        "unsigned",
        "stored_password",
        "stored_token",
    }
)
"""When a step is shown; several mean: all of them."""


@dataclass(frozen=True, slots=True)
class FormatFile:
    """One file of a format. ``name`` may hold ``ADDRESS``; ``form`` says how it is written and read back."""

    name: str
    template: str
    form: str
    media_type: str
    mode: int


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a format can say. ``oauth2_domains``: OAuth2 works only for servers there; None: everywhere.

    A format without an incoming protocol only sends, one without SMTP only receives: the other server is not its
    business, and its list of log-ins is empty.
    """

    protocols: frozenset[Protocol]
    socket_types: frozenset[SocketType]
    incoming_authentication: frozenset[AuthenticationMethod]
    outgoing_authentication: frozenset[AuthenticationMethod]
    leave: frozenset[AfterDownload]
    oauth2_domains: frozenset[str] | None = None
    one_log_in: bool = False
    """Whether the format names one way to log in to a server; it is then the first that works."""

    @property
    def receives(self) -> bool:
        """Whether the format has a place for the incoming server."""
        return not self.protocols <= {Protocol.SMTP}

    @property
    def sends(self) -> bool:
        """Whether the format has a place for the outgoing server."""
        return Protocol.SMTP in self.protocols


@dataclass(frozen=True, slots=True)
class InstallStep:
    """A sentence (a message id) that says what to do next.

    ``system`` is None where it is the same everywhere; ``file`` (a name of the format's files) where it is said of
    every file.
    """

    text: str
    system: str | None = None
    when: tuple[str, ...] = ()
    file: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """An entry of clients.yaml. ``label`` and the steps are message ids; ``programs`` are names, never translated.

    ``suggested``: written for everybody who does not say otherwise.
    """

    id: str
    label: str
    programs: tuple[str, ...]
    files: tuple[FormatFile, ...]
    abilities: Abilities
    install: tuple[InstallStep, ...]
    instead: dict[str, str] = field(default_factory=dict)
    suggested: bool = False

    @property
    def media_type(self) -> str:
        """The media type of the first file."""
        return self.files[0].media_type

    @property
    def mode(self) -> int:
        """The permissions of the first file."""
        return self.files[0].mode

    @property
    def file_names(self) -> tuple[str, ...]:
        """The names of the files, with ``ADDRESS`` where the address goes."""
        return tuple(one.name for one in self.files)


def formats(own: Path | None = None) -> tuple[Format, ...]:
    """All formats, in the order of clients.yaml (the person's own, when the directory ``own`` has one).

    Raises Problem with file, line and key when the file is wrong.
    """
    return _read(own)[0]


def format_named(name: str, own: Path | None = None) -> Format:
    """The format with the id ``name``; raises Problem with the nearest id when there is none."""
    known = {one.id: one for one in formats(own)}
    if name not in known:
        raise Problem(
            _("There is no format “{name}”.").format(name=printable(name, 60)) + " " + did_you_mean(name, known)
        )
    return known[name]


def card_programs(own: Path | None = None) -> tuple[CardProgram, ...]:
    """The programs that the card has a line for."""
    return _read(own)[1]


@cache
def _read(own: Path | None) -> tuple[tuple[Format, ...], tuple[CardProgram, ...]]:
    from wizard.resources import shape
    from wizard.resources.documents import read_document
    from wizard.resources.templates import find_data

    path = find_data("clients.yaml", own)
    document = read_document(path, bundled=path == find_data("clients.yaml"))
    top = shape.mapping(
        document, (), document.data, required=("formats", "card_programs"), allowed=("formats", "card_programs")
    )
    entries = top["formats"]
    if not isinstance(entries, dict) or not entries:
        raise document.problem(_("Here a list of keys with values is expected."), ("formats",))
    listed = tuple(_format(document, str(key), value) for key, value in entries.items())
    programs = shape.sequence(document, ("card_programs",), top["card_programs"])
    return listed, tuple(read_program(document, ("card_programs", at), one) for at, one in enumerate(programs))


def _format(document: Document, name: str, value: Any) -> Format:
    from wizard.resources import shape

    path = ("formats", name)
    required = ("label", "programs", "files", "expresses", "install")
    entry = shape.mapping(document, path, value, required=required, allowed=(*required, "instead", "suggested"))
    files = shape.sequence(document, (*path, "files"), entry["files"])
    programs = shape.sequence(document, (*path, "programs"), entry["programs"])
    install = shape.sequence(document, (*path, "install"), entry["install"])
    instead = shape.mapping(
        document, (*path, "instead"), entry.get("instead", {}), allowed=("oauth2", "protocol", "security")
    )
    return Format(
        id=name,
        label=shape.text(document, (*path, "label"), entry["label"]),
        programs=tuple(shape.text(document, (*path, "programs", at), one) for at, one in enumerate(programs)),
        files=tuple(_file(document, (*path, "files", at), one) for at, one in enumerate(files)),
        abilities=_abilities(document, (*path, "expresses"), entry["expresses"]),
        install=tuple(
            step
            for at, group in enumerate(install)
            for step in _steps(document, (*path, "install", at), group, [one["name"] for one in files])
        ),
        instead={key: shape.text(document, (*path, "instead", key), text) for key, text in instead.items()},
        suggested=shape.flag(document, (*path, "suggested"), entry.get("suggested", False)),
    )


def _file(document: Document, path: tuple[Any, ...], value: Any) -> FormatFile:
    from wizard.programs.registry import FORMS
    from wizard.resources import shape

    required = ("name", "template", "form", "media_type", "mode")
    entry = shape.mapping(document, path, value, required=required, allowed=required)
    words = {key: shape.text(document, (*path, key), entry[key]) for key in required}
    if "/" in words["name"] or "\\" in words["name"] or words["name"].startswith("."):
        raise document.problem(_("A file name is expected, without a directory."), (*path, "name"))
    if len(words["mode"]) != 4 or not all(digit in "01234567" for digit in words["mode"]):
        raise document.problem(
            _("The mode is written as four octal digits in quotes, such as “0600”."), (*path, "mode")
        )
    shape.choice(document, (*path, "form"), words["form"], FORMS)
    return FormatFile(words["name"], words["template"], words["form"], words["media_type"], int(words["mode"], 8))


def _abilities(document: Document, path: tuple[Any, ...], value: Any) -> Abilities:
    from wizard.resources import shape

    required = ("protocols", "socket_types", "incoming_authentication", "outgoing_authentication", "leave")
    entry = shape.mapping(document, path, value, required=required, allowed=(*required, "oauth2_domains", "one_log_in"))

    def words(key: str, known: Any) -> frozenset[Any]:
        listed = shape.sequence(document, (*path, key), entry[key], empty=key not in ("protocols", "socket_types"))
        allowed = [one.value for one in known]
        return frozenset(known(shape.choice(document, (*path, key, at), one, allowed)) for at, one in enumerate(listed))

    domains = entry.get("oauth2_domains")
    if domains is not None:
        listed = shape.sequence(document, (*path, "oauth2_domains"), domains)
        domains = frozenset(shape.text(document, (*path, "oauth2_domains", at), one) for at, one in enumerate(listed))
    return Abilities(
        protocols=words("protocols", Protocol),
        socket_types=words("socket_types", SocketType),
        incoming_authentication=words("incoming_authentication", AuthenticationMethod),
        outgoing_authentication=words("outgoing_authentication", AuthenticationMethod),
        leave=words("leave", AfterDownload),
        oauth2_domains=domains,
        one_log_in=shape.flag(document, (*path, "one_log_in"), entry.get("one_log_in", False)),
    )


def _steps(document: Document, path: tuple[Any, ...], value: Any, files: list[str]) -> list[InstallStep]:
    """A group of steps: for one system, or for all; for one of the ``files``, or for all; with conditions, or not."""
    from wizard.resources import shape

    group = shape.mapping(document, path, value, required=("steps",), allowed=("steps", "system", "when", "file"))
    file = shape.choice(document, (*path, "file"), group["file"], files) if "file" in group else None
    system = shape.text(document, (*path, "system"), group["system"]) if "system" in group else None
    when = shape.sequence(document, (*path, "when"), group.get("when", []), empty=True)
    conditions = tuple(
        shape.choice(document, (*path, "when", at), one, sorted(CONDITIONS)) for at, one in enumerate(when)
    )
    steps = []
    for at, one in enumerate(shape.sequence(document, (*path, "steps"), group["steps"])):
        place = (*path, "steps", at)
        sentence = shape.text(document, place, one)
        try:
            used = {name for _text, name, _spec, _conversion in Formatter().parse(sentence) if name is not None}
        except ValueError:
            raise document.problem(_("A brace is opened and not closed, or the other way round."), place) from None
        for name in used - STEP_FIELDS:
            raise document.problem(
                _("“{name}” cannot stand in braces here.").format(name=printable(name, 60))
                + " "
                + did_you_mean(name, sorted(STEP_FIELDS)),
                place,
            )
        steps.append(InstallStep(sentence, system, conditions, file))
    return steps
