"""What programs call the things on the card: the second part of templates/clients.yaml."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wizard.model.servers import Protocol, SocketType

if TYPE_CHECKING:
    from wizard.resources.documents import Document


@dataclass(frozen=True, slots=True)
class CardProgram:
    """What one program calls the things on the card; all texts are message ids."""

    name: str
    start: str
    security: dict[str, str]
    leave: str
    protocols: frozenset[Protocol]


def read_program(document: Document, path: tuple[Any, ...], value: Any) -> CardProgram:
    """An entry of ``card_programs``; raises Problem with file, line and key when it is wrong."""
    from wizard.resources import shape

    required = ("name", "start", "security", "leave", "protocols")
    entry = shape.mapping(document, path, value, required=required, allowed=required)
    kinds = [one.value for one in SocketType]
    security = shape.mapping(document, (*path, "security"), entry["security"], required=kinds, allowed=kinds)
    protocols = shape.sequence(document, (*path, "protocols"), entry["protocols"])
    return CardProgram(
        name=shape.text(document, (*path, "name"), entry["name"]),
        start=shape.text(document, (*path, "start"), entry["start"]),
        security={key: shape.text(document, (*path, "security", key), text) for key, text in security.items()},
        leave=shape.text(document, (*path, "leave"), entry["leave"]),
        protocols=frozenset(
            Protocol(shape.choice(document, (*path, "protocols", at), one, ["imap", "pop3"]))
            for at, one in enumerate(protocols)
        ),
    )
