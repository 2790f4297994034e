"""mbsyncrc (isyncrc): written for one account, and read with every IMAP account; nothing is ever executed.

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
from wizard.programs.program import Form, Program, Signs
from wizard.programs.reading import (
    ReadAccount,
    account_of,
    address_or_none,
    file_of,
    numbered,
    text_of,
    written_server,
)
from wizard.programs.terminal import (
    in_shell,
    method_for,
    password_command,
    read_back,
    reason_against_logins,
    require_servers,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.model.servers import MailAccount
    from wizard.programs.reading import ReadFile

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
_SECTIONS = frozenset({"imapaccount", "imapstore", "maildirstore", "channel", "group"})
_SPECIAL = re.compile(r'[\\"]')
_HOST = re.compile(r"imap(?P<secure>s?):(?://)?(?P<host>.*)")
"""An address in the place of a host name, as mbsync once had it."""
_TYPE_KEYWORDS = frozenset({"tlstype", "ssltype"})
_TRUE = frozenset({"yes", "true", "on", "1"})


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
    read = read_back(read_mbsync, content, "mbsyncrc")
    require_servers(read, account, incoming=True, outgoing=False)


def read_mbsync(content: bytes, file: str) -> ReadFile:
    """The IMAP accounts of a mbsyncrc; raises Problem when it holds none."""
    return file_of("mbsync", _sections(text_of(content, file), file), _account, file)


def _account(values: dict[str, str]) -> ReadAccount:
    """The account of a section by its keywords (in lower case)."""
    if "tunnel" in values:
        raise Problem(_("Another program makes the connection ({key}).").format(key="Tunnel"))
    if "host" not in values:
        raise Problem(_("It names no server."))
    url, host = _HOST.fullmatch(values["host"]), values["host"]
    security = _security(values)
    if url is not None:
        host = url["host"]
        security = SocketType.SSL if url["secure"] and not _TYPE_KEYWORDS & values.keys() else security
    user = values.get("user", "")
    server = written_server(
        Protocol.IMAP,
        hostname=host,
        port=values.get("port") or USUAL_PORTS[Protocol.IMAP, security],
        socket_type=security,
        username=user,
        authentication=_methods(values),
    )
    return account_of([server], address=address_or_none(user))


def _security(values: dict[str, str]) -> SocketType:
    """That of the newest keyword: ``TLSType`` (1.5), ``SSLType`` (1.2), ``UseIMAPS`` and ``RequireSSL`` (1.1)."""
    types = {word.lower(): security for word, security in _TYPES.items()}
    kind = values.get("tlstype", values.get("ssltype", "")).lower()
    if kind:
        return types.get(kind, SocketType.STARTTLS)
    return SocketType.SSL if values.get("useimaps", "").lower() in _TRUE else SocketType.STARTTLS


def _methods(values: dict[str, str]) -> list[AuthenticationMethod]:
    mechanisms = values.get("authmechs", values.get("authmech", "*")).split("\n")
    if values.get("requirecram", "").lower() in _TRUE:
        mechanisms = ["CRAM-MD5"]
    return [_METHODS.get(name.upper(), AuthenticationMethod.PASSWORD_CLEARTEXT) for name in mechanisms]


def _sections(text: str, file: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Each section that describes an account, with its name: a store that uses the account of another is none."""
    name = ""
    values: dict[str, str] | None = None
    for number, line in numbered(text):
        arguments = _arguments(line, Place(file, number))
        keyword = arguments[0].lower() if arguments else ""
        ends = keyword in _SECTIONS if arguments else not line.strip()  # a comment does not end a section
        if ends and values is not None:
            if "account" not in values:
                yield name, values
            values = None
        if keyword in ("imapaccount", "imapstore"):
            name, values = "".join(arguments[1:2]), {}
        elif values is not None and arguments:
            values[keyword] = ("\n" if keyword in ("authmech", "authmechs") else "").join(
                arguments[1:] if keyword in ("authmech", "authmechs") else arguments[1:2]
            )
    if values is not None and "account" not in values:
        yield name, values


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
    read=read_mbsync,
    signs=Signs(
        line=re.compile(r"^[ \t]*IMAP(?:Account|Store)[ \t]", re.MULTILINE | re.IGNORECASE),
        name=re.compile(r"\.?(?:mbsync|isync)rc", re.IGNORECASE),
    ),
    forms={"mbsync": Form(write=_write, check=_check, reason_against=_reason_against, values=_values)},
)
