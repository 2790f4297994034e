"""How the text of a template becomes the bytes of a file, and how those are read back before anybody gets them.

A form has three functions: ``reason_against`` (what this form cannot say, beyond the lists of clients.yaml), ``write``
(template text to bytes) and ``check`` (the bytes, read back, against the account; raises Mismatch). It may have two
more: ``words`` (what its templates may use beside the rest), ``scanned`` (the text of the QR code it is), and
``joined`` (the files of several accounts as one, or as few as hold them).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wizard.model.servers import MailAccount

FORMS = (
    "autoconfig",
    "profile",
    "html",
    "text",
    "qr_svg",
    "qr_png",
    "k9s",
    "userjs",
    "autodiscover",
    "registry",
    "registry_undo",
    "prf",
    "neomutt",
    "aerc",
    "mbsync",
    "getmail",
    "fetchmail",
    "msmtp",
    "himalaya",
)
"""The names that clients.yaml may give; each is a module of this package, imported when a file needs it."""


class Mismatch(Exception):
    """A finished file does not say what the account says; the text tells in what."""


class Form(Protocol):
    """What a module of this package offers."""

    def reason_against(self, account: MailAccount) -> str | None:
        """Why ``account`` cannot be said in this form, as a finished sentence; None when it can."""

    def write(self, text: str) -> bytes:
        """The bytes of the file; raises Mismatch when the text of the template is none of this form."""

    def check(self, content: bytes, account: MailAccount) -> None:
        """Read ``content`` back; raises Mismatch unless it says what ``account`` says."""


def form_named(name: str) -> Form:
    """The module of the form ``name``."""
    from importlib import import_module

    return cast("Form", import_module(f"wizard.export.forms.{name}"))


def can_be_signed(form: Form) -> bool:
    """Whether whoever reads such a file looks for a signature around it."""
    return bool(getattr(form, "CAN_BE_SIGNED", False))


def words_of(form: Form, account: MailAccount) -> dict[str, Any]:
    """What templates of this form may use beside what all may: names with values or functions."""
    words = getattr(form, "words", None)
    return {} if words is None else cast("dict[str, Any]", words(account))


def scanned_from(form: Form, content: bytes) -> str | None:
    """The text of the QR code that a file is; None for files that are none, or are one a second time."""
    scanned = getattr(form, "scanned", None)
    return None if scanned is None else cast("str", scanned(content))


def joining(form: Form) -> Callable[[Sequence[bytes], Sequence[MailAccount]], tuple[bytes, ...]] | None:
    """How files of this form for several accounts become one, read back once more; None when it holds one account.

    The function takes what the form wrote for each account, and the accounts; it raises Mismatch.
    """
    found = getattr(form, "joined", None)
    return (
        None if found is None else cast("Callable[[Sequence[bytes], Sequence[MailAccount]], tuple[bytes, ...]]", found)
    )
