"""Windows registry files (``.reg``): where classic Outlook looks for a local Autodiscover file.

Source of the file's form: Microsoft's “How to add, modify, or delete registry subkeys and values by using a .reg file”:
UTF-16 with a byte order mark, CRLF, a backslash before quotes and backslashes.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF16_LE
from typing import TYPE_CHECKING, Any

from wizard.export.forms import Mismatch
from wizard.export.names import safe_name

if TYPE_CHECKING:
    from wizard.model.servers import MailAccount

KEY = r"HKEY_CURRENT_USER\Software\Microsoft\Office\16.0\Outlook\AutoDiscover"
"""16.0 is Outlook 2016 and all later ones."""

_HEAD = "Windows Registry Editor Version 5.00"
_VALUE = re.compile(r'"((?:[^"\\]|\\.)*)"=(?:"((?:[^"\\]|\\.)*)"|dword:([0-9a-fA-F]{8})|(-))')


def reason_against(account: MailAccount) -> str | None:  # noqa: ARG001 - the form's face
    """A domain and a path can always be said."""
    return None


def local_path(account: MailAccount) -> str:
    """Where the person puts the Autodiscover file: the same on every computer, for the files are, too."""
    return rf"C:\mail-wizard\{safe_name(account.address)}\autodiscover.xml"


def words(account: MailAccount) -> dict[str, Any]:
    """The key, the path, and how a text is written."""
    return {"registry_key": KEY, "local_path": local_path(account), "registry_string": registry_string}


def registry_string(text: str) -> str:
    """``text`` between quotes, as a .reg file has it."""
    escaped = re.sub(r'(["\\])', r"\\\1", text)
    return f'"{escaped}"'


def write(text: str) -> bytes:
    """The text as UTF-16 with a byte order mark and the line ends of Windows."""
    lines = text.strip().splitlines()
    return BOM_UTF16_LE + "".join(f"{line}\r\n" for line in lines).encode("utf-16-le")


def check(content: bytes, account: MailAccount) -> None:
    """Parse the file and compare: these two values under that key, nothing else."""
    require_values(content, {"PreferLocalXML": 1, account.address.domain.ascii: local_path(account)})


def require_values(content: bytes, wanted: dict[str, str | int | None]) -> None:
    """Raise Mismatch unless the file sets exactly these values of :data:`KEY`; None removes one."""
    if not content.startswith(BOM_UTF16_LE):
        raise Mismatch("no byte order mark")
    head, *lines = content[2:].decode("utf-16-le").split("\r\n")
    if head != _HEAD or any("\n" in line for line in lines):
        raise Mismatch("no registry file")
    said: dict[str, str | int | None] = {}
    where = None
    for line in lines:
        value = _VALUE.fullmatch(line)
        if line == f"[{KEY}]" and where is None:
            where = KEY
        elif value is not None and where is not None and value[1] not in said:
            said[_plain(value[1])] = None if value[4] else int(value[3], 16) if value[3] else _plain(value[2])
        elif line and not line.startswith(";"):
            raise Mismatch(f"{line!r}")
    if said != wanted:
        raise Mismatch(f"values {said}, not {wanted}")


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)
