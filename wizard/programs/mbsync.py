"""Reads mbsyncrc (isyncrc) files: the IMAP account in it; nothing is ever executed.

Source of the grammar: mbsync(1), “Configuration”: sections end at an empty line, arguments with spaces stand in double
quotes, and a backslash makes the next character literal. isync 1.5 says ``TLSType`` where 1.4 said ``SSLType``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.language import translate as _
from wizard.model.address import AddressProblem, parse_address
from wizard.model.problems import Place, Problem
from wizard.model.servers import AuthenticationMethod, IncomingServer, Protocol, SocketType
from wizard.programs.account import ReadAccount, read_server
from wizard.programs.lines import not_of, numbered, text_of

if TYPE_CHECKING:
    from wizard.model.address import EmailAddress

_TYPES = {"imaps": SocketType.SSL, "starttls": SocketType.STARTTLS, "none": SocketType.PLAIN}
_METHODS = {
    "xoauth2": AuthenticationMethod.OAUTH2,
    "oauthbearer": AuthenticationMethod.OAUTH2,
    "cram-md5": AuthenticationMethod.PASSWORD_ENCRYPTED,
    "digest-md5": AuthenticationMethod.PASSWORD_ENCRYPTED,
    "scram-sha-1": AuthenticationMethod.PASSWORD_ENCRYPTED,
    "scram-sha-256": AuthenticationMethod.PASSWORD_ENCRYPTED,
    "gssapi": AuthenticationMethod.GSSAPI,
    "ntlm": AuthenticationMethod.NTLM,
    "external": AuthenticationMethod.TLS_CLIENT_CERT,
}
_SERVER = frozenset({"host", "port", "user", "ssltype", "tlstype", "authmechs", "authmech"})
_PORTS = {SocketType.SSL: 993, SocketType.STARTTLS: 143, SocketType.PLAIN: 143}


def read_mbsync(content: bytes, file: str) -> ReadAccount:
    """The first IMAP account of a mbsyncrc; raises Problem when it holds none."""
    values = _first_account(text_of(content, file), file)
    if values is None or "host" not in values:
        raise not_of("mbsync", file)
    user = " ".join(values.get("user", ()))
    try:
        server = _server(values, user)
    except Problem as problem:
        return ReadAccount(address=_address(user), skipped=(str(problem),))
    return ReadAccount(address=_address(user), incoming=(server,))


def _server(values: dict[str, list[str]], user: str) -> IncomingServer:
    kind = (values.get("tlstype") or values.get("ssltype") or ["starttls"])[0].lower()
    security = _TYPES.get(kind, SocketType.STARTTLS)
    named = [word.lower() for word in values.get("authmechs") or values.get("authmech") or ["*"]]
    methods = [_METHODS.get(word, AuthenticationMethod.PASSWORD_CLEARTEXT) for word in named]
    server = read_server(
        Protocol.IMAP,
        hostname="".join(values["host"][:1]),
        port="".join(values.get("port", [])[:1]) or _PORTS[security],
        socket_type=security,
        username=user,
        authentication=methods,
    )
    assert isinstance(server, IncomingServer)
    return server


def _address(user: str) -> EmailAddress | None:
    """The file has no place for the address; a user name that is one is taken for it."""
    try:
        return parse_address(user) if "@" in user else None
    except AddressProblem:
        return None


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
        elif values is not None and keyword in _SERVER:
            values[keyword] = arguments[1:]
    return values


def _arguments(line: str, place: Place) -> list[str]:
    """The words of a line, quotes and backslashes resolved; a ``#`` where a word would begin is a comment."""
    words: list[str] = []
    at = 0
    while at < len(line):
        if line[at].isspace():
            at += 1
        elif line[at] == "#":
            break
        else:
            word, at = _word(line, at, place)
            words.append(word)
    return words


def _word(line: str, at: int, place: Place) -> tuple[str, int]:
    said, quoted = "", False
    while at < len(line) and (quoted or not line[at].isspace()):
        character = line[at]
        if character == "\\" and at + 1 < len(line):
            said += line[at + 1]
            at += 1
        elif character == '"':
            quoted = not quoted
        else:
            said += character
        at += 1
    if quoted:
        raise Problem(_("A quotation mark is opened and not closed."), place=place)
    return said, at
