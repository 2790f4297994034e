"""The sender of messages as a header or a configuration names them: ``Anna Rossi <anna@example.org>`` (RFC 5322)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wizard.model.address import AddressProblem, parse_address
from wizard.model.problems import Problem
from wizard.programs.account import one_line

if TYPE_CHECKING:
    from wizard.model.address import EmailAddress


def read_sender(text: str) -> tuple[str, EmailAddress | None]:
    """The name and the address of a header such as ``Anna <anna@example.org>``, encoded words (RFC 2047) decoded."""
    from email.errors import HeaderParseError
    from email.header import decode_header, make_header
    from email.utils import parseaddr

    found = re.fullmatch(r"(?s)(?P<name>.*?)\s*<(?P<address>[^<>]*)>\s*", text)
    name, address = ("", text) if found is None else (found["name"], found["address"])
    if name.startswith('"'):
        name = parseaddr(f"{name} <x@example.org>")[0]
    try:
        decoded = one_line(str(make_header(decode_header(name))))
    except (HeaderParseError, LookupError, UnicodeError, Problem):
        decoded = ""
    try:
        return decoded, parse_address(address)
    except AddressProblem:
        return decoded, None
