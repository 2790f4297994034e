"""The shape that a data file must have: a few small checks that name file, line and key when it is not met."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wizard.language import translate as _
from wizard.model.problems import did_you_mean
from wizard.model.text import has_controls, printable

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable

    from wizard.resources.documents import Document

Path = tuple["Hashable", ...]


def mapping(
    document: Document, path: Path, value: Any, *, required: Collection[str] = (), allowed: Collection[str]
) -> dict[str, Any]:
    """``value`` as a mapping with the keys ``required`` and no others than ``allowed`` (which includes required)."""
    if not isinstance(value, dict):
        raise document.problem(_("Here a list of keys with values is expected."), path)
    for key in value:
        if not isinstance(key, str) or key not in allowed:
            raise document.problem(
                _("The key “{key}” is not known.").format(key=printable(str(key), 60))
                + " "
                + did_you_mean(str(key), allowed),
                (*path, key),
            )
    for key in required:
        if key not in value:
            raise document.problem(_("The key “{key}” is missing.").format(key=key), path)
    return value


def sequence(document: Document, path: Path, value: Any, *, empty: bool = False) -> list[Any]:
    """``value`` as a list, not an empty one unless ``empty``."""
    if not isinstance(value, list) or not (value or empty):
        raise document.problem(_("Here a list is expected."), path)
    return value


def text(document: Document, path: Path, value: Any) -> str:
    """``value`` as a text that is not empty and holds no control characters."""
    if not isinstance(value, str) or not value.strip():
        raise document.problem(_("Here a text is expected."), path)
    if has_controls(value.replace("\n", " ")):
        raise document.problem(_("The text holds an invisible control character."), path)
    return value


def choice(document: Document, path: Path, value: Any, known: Collection[str]) -> str:
    """``value`` as one of the words ``known``."""
    if not isinstance(value, str) or value not in known:
        raise document.problem(
            _("The value “{value}” is not known.").format(value=printable(str(value), 60))
            + " "
            + did_you_mean(str(value), known),
            path,
        )
    return value


def number(document: Document, path: Path, value: Any, low: int, high: int) -> int:
    """``value`` as a whole number from ``low`` to ``high``."""
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise document.problem(
            _("Here a whole number from {low} to {high} is expected.").format(low=low, high=high), path
        )
    return value


def flag(document: Document, path: Path, value: Any) -> bool:
    """``value`` as true or false."""
    if not isinstance(value, bool):
        raise document.problem(_("Here true or false is expected."), path)
    return value
