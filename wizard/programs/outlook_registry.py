"""Windows registry files (``.reg``): where classic Outlook looks for a local Autodiscover file.

Source of the file's form: Microsoft's “How to add, modify, or delete registry subkeys and values by using a .reg file”:
UTF-16 with a byte order mark, CRLF, a backslash before quotes and backslashes.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF16_LE
from typing import TYPE_CHECKING, Any

from wizard.language import translate as _
from wizard.model.problems import Place, Problem
from wizard.model.text import printable
from wizard.programs.names import safe_name
from wizard.programs.program import Form, Mismatch, Program, Signs
from wizard.programs.reading import decoded

if TYPE_CHECKING:
    from typing import NoReturn

    from wizard.model.servers import MailAccount

KEY = r"HKEY_CURRENT_USER\Software\Microsoft\Office\16.0\Outlook\AutoDiscover"
"""16.0 is Outlook 2016 and all later ones."""

_HEAD_SIZE = 64 * 1024
"""Bytes in which the path has to stand."""

_HEAD = "Windows Registry Editor Version 5.00"
_VALUE = re.compile(r'"((?:[^"\\]|\\.)*)"=(?:"((?:[^"\\]|\\.)*)"|dword:([0-9a-fA-F]{8})|(-))')


def local_path(account: MailAccount) -> str:
    """Where the user puts the Autodiscover file: the same on every computer, for the files are, too."""
    return rf"C:\mail-wizard\{safe_name(account.address)}\autodiscover.xml"


def _values(account: MailAccount) -> dict[str, Any]:
    return {"registry_key": KEY, "local_path": local_path(account), "registry_string": registry_string}


def registry_string(text: str) -> str:
    """``text`` between quotes, as a .reg file has it."""
    escaped = re.sub(r'(["\\])', r"\\\1", text)
    return f'"{escaped}"'


def _write(text: str) -> bytes:
    """The text as UTF-16 with a byte order mark and the line ends of Windows."""
    lines = text.strip().splitlines()
    return BOM_UTF16_LE + "".join(f"{line}\r\n" for line in lines).encode("utf-16-le")


def _check(content: bytes, account: MailAccount) -> None:
    """Parse the file and compare: these two values under that key, nothing else."""
    _require_values(content, {"PreferLocalXML": 1, account.address.domain.ascii: local_path(account)})


def _check_undo(content: bytes, account: MailAccount) -> None:
    """Both values are removed, and nothing else is touched."""
    _require_values(content, {"PreferLocalXML": None, account.address.domain.ascii: None})


def _require_values(content: bytes, wanted: dict[str, str | int | None]) -> None:
    """Raise Mismatch unless the file sets exactly these values of :data:`KEY`; None removes one."""
    if not content.startswith(BOM_UTF16_LE):
        raise Mismatch("no byte order mark")
    head, *lines = content[2:].decode("utf-16-le").split("\r\n")
    if head != _HEAD or any("\n" in line for line in lines):
        raise Mismatch("no registry file")
    values: dict[str, str | int | None] = {}
    key = None
    for line in lines:
        value = _VALUE.fullmatch(line)
        if line == f"[{KEY}]" and key is None:
            key = KEY
        elif value is not None and key is not None and value[1] not in values:
            values[_plain(value[1])] = None if value[4] else int(value[3], 16) if value[3] else _plain(value[2])
        elif line and not line.startswith(";"):
            raise Mismatch(f"{line!r}")
    if values != wanted:
        raise Mismatch(f"values {values}, not {wanted}")


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def _read(content: bytes, name: str) -> NoReturn:
    """A registry file names no server: the Problem that is raised says where the file is that does."""
    found = re.search(r'="([^"\r\n]+\.xml)"', decoded(content[:_HEAD_SIZE]))
    if found is None:
        reason = _("This registry file names no Autodiscover file.")
    else:
        place = printable(found[1].replace("\\\\", "\\"), 200)
        reason = _("This file only tells Outlook that the settings are in {place}; inspect that file.").format(
            place=place
        )
    raise Problem(reason, place=Place(printable(name)))


PROGRAM = Program(
    id="outlook-local",
    read=_read,
    signs=Signs(
        line=re.compile(r"\AWindows Registry Editor Version 5\.00|\AREGEDIT4"),
        name=re.compile(r".*\.reg", re.IGNORECASE),
    ),
    forms={
        "registry": Form(write=_write, check=_check, values=_values),
        "registry_undo": Form(write=_write, check=_check_undo, values=_values),
    },
)
