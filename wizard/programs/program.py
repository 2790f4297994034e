"""What a module of a program or file format offers: how its files are written, read back, recognised and read.

Each module has one ``PROGRAM``; :mod:`wizard.programs.registry` lists the modules.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Mapping, Sequence

    from wizard.model.servers import MailAccount
    from wizard.programs.reading import ReadFile


class Mismatch(Exception):
    """A finished file does not say what the account says; the text tells in what."""


def _nothing_against(_account: MailAccount) -> str | None:
    return None


def _no_values(_account: MailAccount) -> dict[str, Any]:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How the text of a template becomes the bytes of one file, and how those are read back before delivery.

    - ``write``: the bytes of the template's text; raises Mismatch when the text is none of this form.
    - ``check``: reads the bytes back; raises Mismatch unless they say what the account says.
    - ``reason_against``: why an account cannot be said, beyond the lists of clients.yaml, as a finished sentence.
    - ``values``: what its templates may use beside what all may: names with values or functions.
    - ``joined``: the files of several accounts as one, or as few as hold them, read back once more; raises Mismatch.
      None where a file holds one account.
    - ``draw``: the picture of what was written, which is then the text of a QR code; None where it is the file itself.
    - ``can_be_signed``: whether the readers of such a file look for a signature around it.
    """

    write: Callable[[str], bytes]
    check: Callable[[bytes, MailAccount], None]
    reason_against: Callable[[MailAccount], str | None] = _nothing_against
    values: Callable[[MailAccount], dict[str, Any]] = _no_values
    joined: Callable[[Sequence[bytes], Sequence[MailAccount]], tuple[bytes, ...]] | None = None
    draw: Callable[[str], bytes] | None = None
    can_be_signed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """By what a file is recognised: its first bytes, the root of its XML, a line, or its name.

    ``weak_line`` counts only where no line of any program is found, ``name`` only where nothing in the file is.
    """

    starts: Callable[[bytes], bool] | None = None
    roots: frozenset[str] = frozenset()
    line: re.Pattern[str] | None = None
    weak_line: re.Pattern[str] | None = None
    name: re.Pattern[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A program or file format. ``id`` is that of clients.yaml.

    ``read`` takes the bytes of a file and what errors call it; it raises Problem with file, and line where there is
    one, when the file cannot be read or has no account that can be used. None: it holds more than accounts.
    """

    id: str
    signs: Signs
    read: Callable[[bytes, str], ReadFile] | None = None
    forms: Mapping[str, Form] = field(default_factory=dict)


def utf8(text: str) -> bytes:
    """``text`` as UTF-8 without a byte order mark, with one line feed at its end."""
    return text.strip().encode() + b"\n"
