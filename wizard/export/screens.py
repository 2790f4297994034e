"""What the screens of mail programs call what one types: templates/screens.yaml, checked, and filled for an account.

For an account that exists and does not work: what to look at in the program (:func:`settings_to_look_at`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from wizard.language import mark
from wizard.language import translate as _
from wizard.model.servers import Protocol, SocketType
from wizard.resources.schema import Invalid, ListOf, MapOf, Message, NameOf, Record, optional, words
from wizard.wording import authentication_label, authentication_setting, security_setting

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from wizard.export.registry import CardProgram
    from wizard.model.diagnosis import Target
    from wizard.model.servers import MailAccount, Server

OTHER = mark("another mail program")
"""In ``look_at``: every program that has no entry there."""

MOST_LINES = 6

_SIDES = ("incoming", "outgoing")
_OF_SERVER = ("host", "port", "security", "tls", "username", "sign_in")
VALUES = ("name", "address", "password", "protocol", *(f"{side}_{value}" for side in _SIDES for value in _OF_SERVER))
"""What a field may ask for."""

_TYPED = ("name", "address", *(f"{side}_{value}" for side in _SIDES for value in ("host", "port", "username")))
"""What is typed letter by letter; the rest is chosen, or described."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field: ``label`` is a message id; ``value`` one of :data:`VALUES`, or ``text``, a message id, is chosen."""

    label: str
    value: str | None
    text: str | None


@dataclass(frozen=True, slots=True)
class Screen:
    """A screen with its fields; ``title`` is a message id."""

    title: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class FilledField:
    """A field as it is shown; ``typed``: the value is typed exactly so."""

    label: str
    value: str
    typed: bool


@dataclass(frozen=True, slots=True)
class FilledScreen:
    """A screen for one account, in the active language."""

    title: str
    fields: tuple[FilledField, ...]


@dataclass(frozen=True, slots=True)
class Further:
    """Something to look at, a message id; ``about``: sending, receiving, or both."""

    about: str
    text: str


@dataclass(frozen=True, slots=True)
class LookAt:
    """Where the settings of an account are, and what else to look at; all texts are message ids."""

    incoming: str
    outgoing: str
    further: tuple[Further, ...]


@dataclass(frozen=True, slots=True)
class Screens:
    """The whole file, by the names of programs."""

    screens: dict[str, tuple[Screen, ...]]
    look_at: dict[str, LookAt]


def screens(own: Path | None = None) -> dict[str, tuple[Screen, ...]]:
    """The screens of each program by its name. Raises Problem with file, line and key when the file is wrong."""
    return _read(own).screens


@cache
def _read(own: Path | None) -> Screens:
    from wizard.export.registry import card_programs
    from wizard.resources.documents import read_data

    programs = {program.name: program for program in card_programs(own)}
    names: dict[str, dict[str, object]] = {"programs": {**programs}, "looked_at": {**programs, OTHER: OTHER}}
    return SCHEMA.load(read_data("screens.yaml", own), names)


def _field(*, label: str, value: str | None = None, text: str | None = None) -> Field:
    if (value is None) == (text is None):
        raise Invalid(_("A field has either “value” or “text”."))
    return Field(label, value, text)


_FIELD = Record(_field, {"label": Message(), "value": optional(words(*VALUES)), "text": optional(Message())})
_LOOK_AT = Record(
    LookAt,
    {
        "incoming": Message(),
        "outgoing": Message(),
        "further": ListOf(Record(Further, {"about": words("sending", "receiving", "both"), "text": Message()})),
    },
)
SCHEMA = Record(
    Screens,
    {
        "screens": MapOf(
            NameOf("programs"), ListOf(Record(Screen, {"title": Message(), "fields": ListOf(_FIELD)})), empty=True
        ),
        "look_at": optional(MapOf(NameOf("looked_at"), _LOOK_AT, empty=True), {}),
    },
)
"""The schema of screens.yaml."""


def filled_screens(
    program: CardProgram, account: MailAccount, password: str, own: Path | None = None
) -> tuple[FilledScreen, ...]:
    """The screens of ``program`` for ``account``; ``password`` says which password it is. Empty values are left out."""
    made = []
    for screen in screens(own).get(program.name, ()):
        fields = [
            FilledField(_(field.label), shown, field.value in _TYPED)
            for field in screen.fields
            if (shown := _shown(field, program, account, password))
        ]
        if fields:
            made.append(FilledScreen(_(screen.title), tuple(fields)))
    return tuple(made)


def _shown(field: Field, program: CardProgram, account: MailAccount, password: str) -> str:
    if field.value is None:
        return _(field.text or "")
    whole = {
        "name": account.display_name,
        "address": account.address.unicode,
        "password": password,
        "protocol": "POP3" if account.incoming.protocol is Protocol.POP3 else "IMAP",
    }
    if field.value in whole:
        return whole[field.value]
    side, _underscore, what = field.value.partition("_")
    return _of_server(what, account.incoming if side == "incoming" else account.outgoing, program)


def _of_server(what: str, server: Server, program: CardProgram) -> str:
    return {
        "host": str(server.hostname),
        "port": str(server.port),
        "security": _(program.security[server.socket_type.value]),
        "tls": _("on") if server.secure else _("off"),
        "username": server.username,
        "sign_in": authentication_setting(server),
    }[what]


# What these are called in programs whose screens are not known.
_USUAL_LABELS = (
    ("host", mark("server name")),
    ("port", mark("port")),
    ("security", mark("security")),
    ("username", mark("user name")),
)


def where_settings_are(name: str, protocol: Protocol) -> str:
    """The way to the settings of an account in the program ``name``, for the server of ``protocol``."""
    look_at = _look_at(name)
    return _(look_at.outgoing if protocol is Protocol.SMTP else look_at.incoming)


def _look_at(name: str) -> LookAt:
    known = _read(None).look_at
    return known.get(name) or known[OTHER]


def settings_to_look_at(name: str, servers: Sequence[Target], *, about: str = "both") -> tuple[str, ...]:
    """What to look at in the program ``name`` where ``servers`` are as they should be: finished sentences, few.

    ``about``: sending, receiving, or both. The fields have the labels of the program and the values of the servers.
    """
    look_at = _look_at(name)
    lines = [
        _("{where}: {values}").format(where=_(where), values=_values(name, side, server))
        for side, where in (("incoming", look_at.incoming), ("outgoing", look_at.outgoing))
        if (about == "both" or (about == "sending") is (side == "outgoing"))
        and (server := _first_of(side, servers)) is not None
    ]
    further = [more for more in look_at.further if "both" in (about, more.about) or more.about == about]
    # Where sending alone fails, the log-in for it is what is most often missing.
    first = [_(more.text) for more in further if about == more.about == "sending"]
    return (*first, *lines, *(text for more in further if (text := _(more.text)) not in first))[:MOST_LINES]


def _first_of(side: str, servers: Sequence[Target]) -> Target | None:
    sending = side == "outgoing"
    return next((server for server in servers if (server.protocol is Protocol.SMTP) is sending), None)


def _values(name: str, side: str, server: Target) -> str:
    from wizard.export.registry import card_programs

    program = next((program for program in card_programs() if program.name == name), None)
    labels = [
        (field.value.removeprefix(f"{side}_"), field.label)
        for screen in screens().get(name, ())
        for field in screen.fields
        if field.value is not None and field.value.startswith(f"{side}_")
    ]
    values = {
        "host": server.host,
        "port": str(server.port),
        "security": security_setting(server.socket_type),
        "tls": _("on") if server.socket_type is not SocketType.PLAIN else _("off"),
        "username": server.username,
        "sign_in": authentication_label(server.authentication[0]) if server.authentication else "",
    }
    if program is not None:
        values["security"] = _(program.security[server.socket_type.value])
    filled = [(label, values[what]) for what, label in labels or _USUAL_LABELS if values[what]]
    return ", ".join(_("{label} “{value}”").format(label=_(label), value=value) for label, value in filled)
