"""The language of everything a person reads: English message ids, Italian from a compiled catalogue.

The active language lives in a context variable, so that one process can speak two languages at the same time
(a web server, a batch). English needs no file: the message ids are the English texts.
"""

from __future__ import annotations

import re
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from gettext import NullTranslations

LANGUAGES = ("en", "it")
DOMAIN = "mail_wizard"

_active: ContextVar[str] = ContextVar("language", default="en")


def choose(wanted: str | None, environ: Mapping[str, str]) -> str:
    """The language for this run: what was asked for, else the environment's as gettext reads it, else English."""
    if wanted in LANGUAGES:
        return wanted
    preferred = environ.get("LANGUAGE") or ""
    locale = environ.get("LC_ALL") or environ.get("LC_MESSAGES") or environ.get("LANG") or ""
    if locale in ("C", "POSIX"):  # GNU gettext: the C locale switches LANGUAGE off
        preferred = ""
    for name in [*preferred.split(":"), locale]:
        # language[_TERRITORY][.codeset][@modifier], and Windows' hyphen
        code = re.split(r"[-_.@]", name, maxsplit=1)[0].lower()
        if code in LANGUAGES:
            return code
    return "en"


def activate(language: str) -> None:
    """Make ``language`` ("en" or "it") the language of this context."""
    if language not in LANGUAGES:
        raise ValueError(f"not a language of this program: {language!r}")
    _active.set(language)


def active() -> str:
    """The language of this context, "en" unless :func:`activate` said otherwise."""
    return _active.get()


@cache
def _catalogue(language: str) -> NullTranslations | None:
    if language == "en":
        return None
    import gettext

    return gettext.translation(DOMAIN, Path(__file__).parent / "locale", languages=[language], fallback=True)


def translate(message: str) -> str:
    """``message`` in the active language; texts of the YAML files are message ids too."""
    catalogue = _catalogue(active())
    # The empty id is the catalogue's own header, never a text.
    return message if catalogue is None or not message else catalogue.gettext(message)


def translate_plural(singular: str, plural: str, count: int) -> str:
    """The form of a counted text that the active language uses for ``count``."""
    catalogue = _catalogue(active())
    if catalogue is None:
        return singular if count == 1 else plural
    return catalogue.ngettext(singular, plural, count)


def mark(message: str) -> str:
    """Mark a text for the translators where it is written; it is translated where it is shown."""
    return message
