"""mbsyncrc (isyncrc): written for one account, and the IMAP account of any such file; nothing is ever executed.

Source of the grammar: mbsync(1), “Configuration”: sections end at an empty line, arguments with spaces stand in double
quotes, and a backslash makes the next character literal. ``SSLType`` is what isync 1.4 reads; isync 1.5 reads it too,
and says that ``TLSType`` is the new word, which 1.4 refuses.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from wizard.language import translate as _
from wizard.model.problems import Place, Problem
from wizard.model.servers import USUAL_PORTS, AuthenticationMethod, Protocol, SocketType
from wizard.programs.comparing import inverted, with_lines_within
from wizard.programs.names import safe_name
from wizard.programs.program import Form, Mismatch, Program, Signs
from wizard.programs.reading import (
    ReadAccount,
    address_or_none,
    file_of_one,
    incoming_among,
    not_of,
    numbered,
    read_server,
    text_of,
)
from wizard.programs.terminal import in_shell, method_for, password_command, reason_against_logins, require_servers

if TYPE_CHECKING:
    from wizard.model.servers import MailAccount, Server

LONGEST_LINE = 1021
"""Bytes, the line feed not counted: seen in isync 1.4.4."""

_TYPES = {"IMAPS": SocketType.SSL, "STARTTLS": SocketType.STARTTLS, "None": SocketType.PLAIN}
_TYPE_FOR = inverted(_TYPES)
_METHODS = {
    "XOAUTH2": AuthenticationMethod.OAUTH2,
    "OAUTHBEARER": AuthenticationMethod.OAUTH2,
    "CRAM-MD5": AuthenticationMethod.PASSWORD_ENCRYPTED,
    "DIGEST-MD5": AuthenticationMethod.PASSWORD_ENCRYPTED,
    "SCRAM-SHA-1": AuthenticationMethod.PASSWORD_ENCRYPTED,
    "SCRAM-SHA-256": AuthenticationMethod.PASSWORD_ENCRYPTED,
    "GSSAPI": AuthenticationMethod.GSSAPI,
    "NTLM": AuthenticationMethod.NTLM,
    "EXTERNAL": AuthenticationMethod.TLS_CLIENT_CERT,
}
"""The mechanisms of SASL that do not send a password as it is."""
_MECHANISM_FOR = inverted(_METHODS)
_KEYWORDS = frozenset({"host", "port", "user", "ssltype", "tlstype", "authmechs", "authmech"})
_SPECIAL = re.compile(r'[\\"]')


def quoted(text: str) -> str:
    """``text`` as one argument."""
    return '"' + _SPECIAL.sub(lambda found: "\\" + found.group(), text) + '"'


def _reason_against(account: MailAccount) -> str | None:
    """A user name that is too long for a line, and what the password store cannot do."""
    if len(quoted(account.incoming.username).encode()) > LONGEST_LINE - len("User "):
        return _("mbsync cannot read a line as long as this user name needs; use the values of the card.")
    return reason_against_logins(account, (account.incoming,))


def _values(account: MailAccount) -> dict[str, Any]:
    method = method_for(account, account.incoming)
    return {
        "quoted": quoted,
        "key": safe_name(account.address),
        "ssl_type": _TYPE_FOR[account.incoming.socket_type],
        # Without a list mbsync takes whatever the server offers that it thinks safest: a plugin for tokens, too.
        "mechanisms": _MECHANISM_FOR.get(method, "PLAIN LOGIN") if method is not None else "",
        "command": in_shell(password_command(account)),
    }


def _write(text: str) -> bytes:
    return with_lines_within(LONGEST_LINE, text)


def _check(content: bytes, account: MailAccount) -> None:
    """Read the file as mbsync does and compare."""
    try:
        read = read_mbsync(content, "mbsyncrc")
    except Problem as problem:
        raise Mismatch(str(problem)) from None
    require_servers(read, account, incoming=True, outgoing=False)


def read_mbsync(content: bytes, file: str) -> ReadAccount:
    """The first IMAP account of a mbsyncrc; raises Problem when it holds none."""
    values = _first_account(text_of(content, file), file)
    if values is None or "host" not in values:
        raise not_of("mbsync", file)
    user = " ".join(values.get("user", ()))
    try:
        server = _server(values, user)
    except Problem as problem:
        return ReadAccount(address=address_or_none(user), skipped=(str(problem),))
    return ReadAccount(address=address_or_none(user), incoming=incoming_among([server]))


def _server(values: dict[str, list[str]], user: str) -> Server:
    types = {word.lower(): security for word, security in _TYPES.items()}
    kind = (values.get("tlstype") or values.get("ssltype") or ["starttls"])[0].lower()
    security = types.get(kind, SocketType.STARTTLS)
    mechanisms = values.get("authmechs") or values.get("authmech") or ["*"]
    methods = [_METHODS.get(name.upper(), AuthenticationMethod.PASSWORD_CLEARTEXT) for name in mechanisms]
    return read_server(
        Protocol.IMAP,
        hostname="".join(values["host"][:1]),
        port="".join(values.get("port", [])[:1]) or USUAL_PORTS[Protocol.IMAP, security],
        socket_type=security,
        username=user,
        authentication=methods,
    )


def _first_account(text: str, file: str) -> dict[str, list[str]] | None:
    """The keywords of the first section that names a server, in lower case, each with its arguments."""
    values: dict[str, list[str]] | None = None
    for number, line in numbered(text):
        arguments = _arguments(line, Place(file, number))
        if not arguments:
            if values and not line.strip().startswith("#"):
                break
            continue
        keyword = arguments[0].lower()
        if keyword in ("imapaccount", "imapstore") and values is None:
            values = {}
        elif values is not None and keyword in _KEYWORDS:
            values[keyword] = arguments[1:]
    return values


def _arguments(line: str, place: Place) -> list[str]:
    """The words of a line, quotes and backslashes resolved; a ``#`` where a word would begin is a comment."""
    words: list[str] = []
    position = 0
    while position < len(line):
        if line[position].isspace():
            position += 1
        elif line[position] == "#":
            break
        else:
            word, position = _word(line, position, place)
            words.append(word)
    return words


def _word(line: str, position: int, place: Place) -> tuple[str, int]:
    word, in_quotes = "", False
    while position < len(line) and (in_quotes or not line[position].isspace()):
        character = line[position]
        if character == "\\" and position + 1 < len(line):
            word += line[position + 1]
            position += 1
        elif character == '"':
            in_quotes = not in_quotes
        else:
            word += character
        position += 1
    if in_quotes:
        raise Problem(_("A quotation mark is opened but not closed."), place=place)
    return word, position


PROGRAM = Program(
    id="mbsync",
    read=lambda content, file: file_of_one("mbsync", read_mbsync(content, file), file),
    signs=Signs(
        line=re.compile(r"^[ \t]*IMAP(?:Account|Store)[ \t]", re.MULTILINE | re.IGNORECASE),
        name=re.compile(r"\.?(?:mbsync|isync)rc", re.IGNORECASE),
    ),
    forms={"mbsync": Form(write=_write, check=_check, reason_against=_reason_against, values=_values)},
)
