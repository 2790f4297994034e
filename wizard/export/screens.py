"""What the screens of mail programs call what one types: templates/screens.yaml, checked, and filled for an account."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from wizard.language import translate as _
from wizard.model.servers import Protocol
from wizard.resources.schema import Invalid, ListOf, MapOf, Message, NameOf, Record, optional, words
from wizard.wording import authentication_setting

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.export.registry import CardProgram
    from wizard.model.servers import MailAccount, Server

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


@cache
def screens(own: Path | None = None) -> dict[str, tuple[Screen, ...]]:
    """The screens of each program by its name. Raises Problem with file, line and key when the file is wrong."""
    from wizard.export.registry import card_programs
    from wizard.resources.documents import read_data

    names = {"programs": {program.name: program for program in card_programs(own)}}
    return SCHEMA.load(read_data("screens.yaml", own), names)


def _field(*, label: str, value: str | None = None, text: str | None = None) -> Field:
    if (value is None) == (text is None):
        raise Invalid(_("A field has either “value” or “text”."))
    return Field(label, value, text)


def _screens(*, screens: dict[str, tuple[Screen, ...]]) -> dict[str, tuple[Screen, ...]]:
    return screens


_FIELD = Record(_field, {"label": Message(), "value": optional(words(*VALUES)), "text": optional(Message())})
SCHEMA = Record(
    _screens,
    {
        "screens": MapOf(
            NameOf("programs"), ListOf(Record(Screen, {"title": Message(), "fields": ListOf(_FIELD)})), empty=True
        )
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
