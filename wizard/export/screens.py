"""What the screens of mail programs call what one types: templates/screens.yaml, checked, and filled for an account."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from wizard.language import translate as _
from wizard.model.servers import Protocol
from wizard.wording import authentication_setting

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.export.registry import CardProgram
    from wizard.model.servers import MailAccount, Server
    from wizard.resources.documents import Document

_SIDES = ("incoming", "outgoing")
_OF_SERVER = ("host", "port", "security", "tls", "username", "sign_in")
VALUES = ("name", "address", "password", "protocol", *(f"{side}_{one}" for side in _SIDES for one in _OF_SERVER))
"""What a field may ask for."""

_TYPED = ("name", "address", *(f"{side}_{one}" for side in _SIDES for one in ("host", "port", "username")))
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
    from wizard.resources import shape
    from wizard.resources.documents import read_document
    from wizard.resources.templates import find_data

    path = find_data("screens.yaml", own)
    document = read_document(path, bundled=path == find_data("screens.yaml"))
    top = shape.mapping(document, (), document.data, required=("screens",), allowed=("screens",))
    known = [one.name for one in card_programs(own)]
    programs = shape.mapping(document, ("screens",), top["screens"], allowed=known)
    return {
        name: tuple(
            _screen(document, ("screens", name, at), one)
            for at, one in enumerate(shape.sequence(document, ("screens", name), listed))
        )
        for name, listed in programs.items()
    }


def _screen(document: Document, path: tuple[Any, ...], value: Any) -> Screen:
    from wizard.resources import shape

    entry = shape.mapping(document, path, value, required=("title", "fields"), allowed=("title", "fields"))
    fields = shape.sequence(document, (*path, "fields"), entry["fields"])
    return Screen(
        shape.text(document, (*path, "title"), entry["title"]),
        tuple(_field(document, (*path, "fields", at), one) for at, one in enumerate(fields)),
    )


def _field(document: Document, path: tuple[Any, ...], value: Any) -> Field:
    from wizard.resources import shape

    entry = shape.mapping(document, path, value, required=("label",), allowed=("label", "value", "text"))
    if ("value" in entry) == ("text" in entry):
        raise document.problem(_("A field has either “value” or “text”."), path)
    label = shape.text(document, (*path, "label"), entry["label"])
    if "value" in entry:
        return Field(label, shape.choice(document, (*path, "value"), entry["value"], VALUES), None)
    return Field(label, None, shape.text(document, (*path, "text"), entry["text"]))


def filled_screens(
    program: CardProgram, account: MailAccount, password: str, own: Path | None = None
) -> tuple[FilledScreen, ...]:
    """The screens of ``program`` for ``account``; ``password`` says which password it is. Empty values are left out."""
    made = []
    for screen in screens(own).get(program.name, ()):
        fields = [
            FilledField(_(one.label), shown, one.value in _TYPED)
            for one in screen.fields
            if (shown := _shown(one, program, account, password))
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
