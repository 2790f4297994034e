"""The outputs that templates/clients.yaml describes: what each is called, what it can say, how it is put to use."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from wizard.language import translate as _
from wizard.model.problems import Problem, did_you_mean
from wizard.model.servers import RECEIVING, AfterDownload, AuthenticationMethod, Protocol, SocketType
from wizard.model.text import printable
from wizard.resources.schema import (
    Custom,
    Field,
    Flag,
    Invalid,
    ListOf,
    MapOf,
    Message,
    Record,
    Text,
    member,
    optional,
    unknown,
    words,
)

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.resources.schema import Names

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
        return tuple(file.name for file in self.files)


@dataclass(frozen=True, slots=True)
class CardProgram:
    """What one program calls the things on the card; all texts are message ids."""

    name: str
    start: str
    security: dict[str, str]
    leave: str
    protocols: frozenset[Protocol]


def formats(own: Path | None = None) -> tuple[Format, ...]:
    """All formats, in the order of clients.yaml (the person's own, when the directory ``own`` has one).

    Raises Problem with file, line and key when the file is wrong.
    """
    return _read(own)[0]


def format_named(name: str, own: Path | None = None) -> Format:
    """The format with the id ``name``; raises Problem with the nearest id when there is none."""
    known = {entry.id: entry for entry in formats(own)}
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
    from wizard.resources.documents import read_data

    return SCHEMA.load(read_data("clients.yaml", own))


def _file_name(written: str) -> str:
    if "/" in written or "\\" in written or written.startswith("."):
        raise Invalid(_("A file name is expected, without a directory."))
    return written


def _mode(written: str) -> int:
    if len(written) != 4 or not all(digit in "01234567" for digit in written):
        raise Invalid(_("The mode is written as four octal digits in quotes, such as “0600”."))
    return int(written, 8)


def _form(value: Any, names: Names) -> str:
    from wizard.programs.registry import FORMS

    return words(*FORMS).read(value, names)


def _steps(
    *, steps: tuple[str, ...], system: str | None = None, when: tuple[str, ...] = (), file: str | None = None
) -> tuple[InstallStep, ...]:
    return tuple(InstallStep(text, system, when, file) for text in steps)


def _format(*, files: tuple[FormatFile, ...], install: tuple[tuple[InstallStep, ...], ...], **fields: Any) -> Format:
    names = [file.name for file in files]
    for position, (step, *_others) in enumerate(install):
        if step.file is not None and step.file not in names:
            raise Invalid(unknown(step.file, names), "install", position, "file")
    return Format(files=files, install=tuple(step for group in install for step in group), **fields)


_SECURITY = [kind.value for kind in SocketType]
_FILE = Record(
    FormatFile,
    {
        "name": Text().to(_file_name),
        "template": Text(),
        "form": Custom(_form),
        "media_type": Text(),
        "mode": Text().to(_mode),
    },
)
_ABILITIES = Record(
    Abilities,
    {
        "protocols": ListOf(member(Protocol)).to(frozenset),
        "socket_types": ListOf(member(SocketType)).to(frozenset),
        "incoming_authentication": ListOf(member(AuthenticationMethod), empty=True).to(frozenset),
        "outgoing_authentication": ListOf(member(AuthenticationMethod), empty=True).to(frozenset),
        "leave": ListOf(member(AfterDownload), empty=True).to(frozenset),
        "oauth2_domains": optional(ListOf(Text()).to(frozenset)),
        "one_log_in": optional(Flag()),
    },
)
_STEPS = Record(
    _steps,
    {
        "steps": ListOf(Message(STEP_FIELDS)),
        "system": optional(Text()),
        "when": optional(ListOf(words(*sorted(CONDITIONS)), empty=True)),
        "file": optional(Text()),
    },
)
_FORMAT = Record(
    _format,
    {
        "label": Message(),
        "programs": ListOf(Text()),
        "files": ListOf(_FILE),
        "expresses": Field(_ABILITIES, "abilities"),
        "install": ListOf(_STEPS),
        "instead": optional(MapOf(words("oauth2", "protocol", "security"), Message(), empty=True)),
        "suggested": optional(Flag()),
    },
    key="id",
)
_CARD_PROGRAM = Record(
    CardProgram,
    {
        "name": Message(),
        "start": Message(),
        "security": MapOf(words(*_SECURITY), Message(), required=_SECURITY),
        "leave": Message(),
        "protocols": ListOf(member(Protocol, *RECEIVING)).to(frozenset),
    },
)
SCHEMA = Record(
    lambda formats, card_programs: (tuple(formats.values()), card_programs),
    {"formats": MapOf(Text(), _FORMAT), "card_programs": ListOf(_CARD_PROGRAM)},
)
"""The schema of clients.yaml."""
