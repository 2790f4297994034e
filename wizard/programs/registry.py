"""All programs and file formats, listed once: which module has which form, and of which format a file is.

A module is imported when it is needed: a form when a file of it is written, and all modules for a file that has to be
recognised. Nothing here trusts a file: every format has its own reader with its own limits.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from wizard.programs.reading import decoded

if TYPE_CHECKING:
    from wizard.programs.program import Form, Program, Signs
    from wizard.programs.reading import ReadFile

MODULES: dict[str, tuple[str, ...]] = {
    "outlook_registry": ("registry", "registry_undo"),
    "prf": ("prf",),
    "userjs": ("userjs",),
    "settings": (),
    "qr": ("qr_svg", "qr_png"),
    "getmail": ("getmail",),
    "offlineimap": ("offlineimap",),
    "himalaya": ("himalaya",),
    "mbsync": ("mbsync",),
    "aerc": ("aerc",),
    "neomutt": ("neomutt",),
    "msmtp": ("msmtp",),
    "fetchmail": ("fetchmail",),
    "autoconfig": ("autoconfig",),
    "autodiscover": ("autodiscover",),
    "mobileconfig": ("profile",),
    "k9s": ("k9s",),
    "card": ("html", "text"),
}
"""The modules of this package that have a ``PROGRAM``, each with the forms that clients.yaml may name.

Their order is the one in which a line of a file is looked for: it matters where one format's line could stand in
another's file.
"""

FORMS = tuple(form for forms in MODULES.values() for form in forms)
"""The names of all forms."""

SETTINGS = "settings"
"""The one format that is none of clients.yaml: the program's own documents."""

SIZE_LIMIT = 4 * 1024 * 1024
"""Bytes: what the reader of the largest of these files takes. Each reader has its own limit below it."""

_HEAD = 64 * 1024
"""Bytes that are looked at: every one of these formats shows itself early."""

# Atomic and possessive: what was passed over is never gone through again, however the file is made.
_ROOT = re.compile(
    r"(?>\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^<>\[]*+(?>\[.*?\]\s*)?>)*+<(?:[\w.-]+:)?([\w.-]+)", re.DOTALL
)


def program_of(module: str) -> Program:
    """The program of a module of :data:`MODULES`."""
    from importlib import import_module

    return cast("Program", import_module(f"wizard.programs.{module}").PROGRAM)


def form_named(name: str) -> Form:
    """The form of :data:`FORMS` that is called ``name``."""
    module = next(module for module, forms in MODULES.items() if name in forms)
    return program_of(module).forms[name]


def recognise(content: bytes, name: str) -> str | None:
    """The format of a file, as its id in clients.yaml, or :data:`SETTINGS`; None when it is none that is known.

    What is in the file decides. Its name decides only which reader is to say what is wrong with a file in which nothing
    was recognised.
    """
    from pathlib import PureWindowsPath

    signs = {program.id: program.signs for program in map(program_of, MODULES)}
    found = _by_content(content[:_HEAD], signs)
    if found is not None:
        return found
    last = PureWindowsPath(name).name  # which splits at both kinds of slashes
    return next((key for key, sign in signs.items() if sign.name is not None and sign.name.fullmatch(last)), None)


def _by_content(head: bytes, signs: dict[str, Signs]) -> str | None:
    for format_id, sign in signs.items():
        if sign.starts is not None and sign.starts(head):
            return format_id
    text = decoded(head)
    root = _ROOT.match(text)
    if root is not None:
        return next((format_id for format_id, sign in signs.items() if root[1] in sign.roots), None)
    lines = [(format_id, sign.line) for format_id, sign in signs.items()]
    lines += [(format_id, sign.weak_line) for format_id, sign in signs.items()]
    return next((format_id for format_id, line in lines if line is not None and line.search(text)), None)


def read_file(format_id: str, content: bytes, name: str) -> ReadFile:
    """Read a file of the format ``format_id`` (not :data:`SETTINGS`); ``name`` is what errors call it.

    Raises Problem with file, and line where there is one, when it cannot be read or has no account that can be used.
    """
    program = next(program for program in map(program_of, MODULES) if program.id == format_id)
    assert program.read is not None, "settings are read by wizard.programs.settings"
    return program.read(content, name)
