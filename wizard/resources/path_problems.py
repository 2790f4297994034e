"""Files that cannot be read or written: one sentence for each cause, whichever option named the path."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from wizard.language import mark
from wizard.language import translate as _
from wizard.model.problems import OutputExists, Place, Problem
from wizard.model.text import printable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_ALWAYS = {
    errno.EBADF: mark("This is closed."),
    errno.EISDIR: mark("This is a directory, not a file."),
    errno.ENOTDIR: mark("A part of this path is a file, not a directory."),
    errno.ENAMETOOLONG: mark("This path is too long for this system."),
    errno.ELOOP: mark("The symbolic links of this path lead in a circle."),
}
_READING = {
    **_ALWAYS,
    errno.ENOENT: mark("This file does not exist."),
    errno.EACCES: mark("You may not read this file."),
    errno.EPERM: mark("You may not read this file."),
}
_WRITING = {
    **_ALWAYS,
    errno.ENOENT: mark("The directory for this file does not exist."),
    errno.EACCES: mark("You may not write here."),
    errno.EPERM: mark("You may not write here."),
    errno.EROFS: mark("This is on a read-only disk."),
    errno.ENOSPC: mark("The disk is full; nothing was written."),
    errno.EDQUOT: mark("Your disk quota is used up; nothing was written."),
}


def of_path(error: OSError) -> Problem:
    """The problem of the path in ``error``, where nothing is known of what was to be done with it."""
    path = error.filename if isinstance(error.filename, str | bytes) else ""
    shown = path.decode(errors="replace") if isinstance(path, bytes) else path
    if isinstance(error, FileExistsError):
        return OutputExists(_("Something else with this name already exists."), place=Place(shown))
    return _problem(shown, error, _READING, _("This path cannot be used: {reason}."))


def unreadable(path: Path | str, error: OSError | ValueError) -> Problem:
    """The problem of a file that cannot be read; a ValueError is what Python makes of a NUL in a name."""
    return _problem(path, error, _READING, _("The file cannot be read: {reason}."))


def unwritable(path: Path | str, error: OSError | ValueError) -> Problem:
    """The problem of a file that cannot be written."""
    return _problem(path, error, _WRITING, _("The file cannot be written: {reason}."))


def _problem(path: Path | str, error: OSError | ValueError, sentences: Mapping[int, str], other: str) -> Problem:
    sentence = sentences.get(getattr(error, "errno", None) or 0)
    reason = printable(getattr(error, "strerror", None) or str(error))
    return Problem(_(sentence) if sentence is not None else other.format(reason=reason), place=Place(str(path)))
