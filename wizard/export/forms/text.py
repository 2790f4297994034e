"""Plain text: UTF-8, line feeds, no control character, every value on it unbroken."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wizard.export.forms import Mismatch

if TYPE_CHECKING:
    from wizard.model.servers import MailAccount

_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


def reason_against(account: MailAccount) -> str | None:  # noqa: ARG001 - the form's face
    """Text can say everything."""
    return None


def write(text: str) -> bytes:
    """The text with one line feed at its end and none of the blanks that templates leave at line ends."""
    lines = [line.rstrip() for line in text.strip().splitlines()]
    return "".join(f"{line}\n" for line in lines).encode()


def check(content: bytes, account: MailAccount) -> None:
    """Every value that must be typed stands there, and nothing that a terminal would obey."""
    text = content.decode()
    control = _CONTROL.search(text)
    if control is not None:
        raise Mismatch(f"control character {control.group()!r}")
    require_values(text, account)


def require_values(text: str, account: MailAccount) -> None:
    """Raise Mismatch when a value that the person must type is not in ``text`` as it is."""
    for server in (account.incoming, account.outgoing):
        for value in (server.hostname, str(server.port), server.username):
            if value not in text:
                raise Mismatch(f"{value!r} is missing")
