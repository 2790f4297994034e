"""offlineimaprc: written for one account, and the first IMAP account of any such file; nothing is ever executed.

Source of the grammar: offlineimap.conf, the commented sample of OfflineIMAP 8, and its own use of Python's
ConfigParser: ``%(name)s`` is replaced, so that a percent sign is written twice, and there are no quotes and no comments
behind values. The options that end with ``eval`` hold Python; the password command is one of them. When read they are
not even looked at.

Seen in OfflineIMAP 8.0: without TLS from the start it upgrades where the server offers it, else it sends the password
in the clear, and after the upgrade it checks no certificate, so STARTTLS cannot be written. It checks certificates only
when ``sslcacertfile`` is set.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from wizard.model.problems import Problem
from wizard.model.servers import USUAL_PORTS, AuthenticationMethod, Protocol, SocketType
from wizard.programs.names import safe_name
from wizard.programs.program import Form, Mismatch, Program, Signs, utf8
from wizard.programs.reading import (
    ReadAccount,
    address_or_none,
    file_of_one,
    incoming_among,
    not_of,
    read_server,
    text_of,
)
from wizard.programs.terminal import method_for, password_command, reason_against_logins, require_servers

if TYPE_CHECKING:
    from configparser import RawConfigParser

    from wizard.model.servers import MailAccount, Server

_METHODS = {
    "XOAUTH2": AuthenticationMethod.OAUTH2,
    "CRAM-MD5": AuthenticationMethod.PASSWORD_ENCRYPTED,
    "GSSAPI": AuthenticationMethod.GSSAPI,
    "PLAIN": AuthenticationMethod.PASSWORD_CLEARTEXT,
    "LOGIN": AuthenticationMethod.PASSWORD_CLEARTEXT,
}
_FALSE = frozenset({"0", "no", "false", "off"})
_GMAIL = "imap.gmail.com"


def escaped(text: str) -> str:
    """``text`` as a value of the file."""
    return text.replace("%", "%%")


def _reason_against(account: MailAccount) -> str | None:
    """Only what the password store cannot do: the grammar has a way to say every value."""
    return reason_against_logins(account, (account.incoming,))


def _values(account: MailAccount) -> dict[str, Any]:
    method = method_for(account, account.incoming)
    mechanisms = [name for name, known in _METHODS.items() if known is method]
    with_token = method is AuthenticationMethod.OAUTH2
    return {
        "value": escaped,
        "key": safe_name(account.address),
        "mechanisms": ", ".join(mechanisms),
        "encrypted": account.incoming.socket_type is SocketType.SSL,
        "option": "oauth2_access_token_eval" if with_token else "remotepasseval",
        # Python; the words of the command are letters, digits and a few signs, which stand for themselves in quotes.
        "command": f'__import__("subprocess").check_output({_python_list(account)}).decode().split("\\n")[0]',
    }


def _python_list(account: MailAccount) -> str:
    import json

    # Nothing is escaped but quotes and backslashes, which JSON and Python write alike.
    return json.dumps(password_command(account), ensure_ascii=False)


def _check(content: bytes, account: MailAccount) -> None:
    """Read the file as OfflineIMAP does and compare."""
    try:
        read = read_offlineimap(content, "offlineimaprc")
    except Problem as problem:
        raise Mismatch(str(problem)) from None
    require_servers(read, account, incoming=True, outgoing=False)
    if account.incoming.socket_type is SocketType.SSL and b"\nsslcacertfile = " not in content:
        raise Mismatch("sslcacertfile is missing: OfflineIMAP would not check who the server is")


def read_offlineimap(content: bytes, file: str) -> ReadAccount:
    """The first account of an offlineimaprc; raises Problem when it holds none with a server of IMAP."""
    import configparser

    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text_of(content, file))
    except configparser.Error:
        raise not_of("OfflineIMAP", file) from None
    values = _first_remote(parser)
    if values is None:
        raise not_of("OfflineIMAP", file)
    user = values.get("remoteuser", "")
    try:
        server = _server(values, user)
    except Problem as problem:
        return ReadAccount(address=address_or_none(user), skipped=(str(problem),))
    return ReadAccount(address=address_or_none(user), incoming=incoming_among([server]))


def _server(values: dict[str, str], user: str) -> Server:
    gmail = values["type"] == "Gmail"
    security = SocketType.SSL
    if values.get("ssl", "yes").lower() in _FALSE:
        security = SocketType.PLAIN if values.get("starttls", "yes").lower() in _FALSE else SocketType.STARTTLS
    return read_server(
        Protocol.IMAP,
        hostname=values.get("remotehost", _GMAIL if gmail else ""),
        port=values.get("remoteport") or USUAL_PORTS[Protocol.IMAP, security],
        socket_type=security,
        username=user,
        authentication=_methods(values),
    )


def _methods(values: dict[str, str]) -> list[AuthenticationMethod]:
    """The mechanisms that are named, else a password: without a token OfflineIMAP passes OAuth2 over."""
    named = [name for name in re.split(r",\s*", values.get("auth_mechanisms", "")) if name in _METHODS]
    if not named:
        named = ["XOAUTH2"] if any(key.startswith(("oauth2_refresh", "oauth2_access")) for key in values) else ["LOGIN"]
    return [_METHODS[name] for name in named]


def _first_remote(parser: RawConfigParser) -> dict[str, str] | None:
    """The options of the remote repository of the first account that has one; None where there is none.

    A value that depends on another is unknown here, and left out.
    """
    listed = parser.get("general", "accounts", fallback="")
    names = [name.strip() for name in listed.split(",")]
    names += [section.removeprefix("Account ") for section in parser.sections() if section.startswith("Account ")]
    for name in names:
        remote = parser.get(f"Account {name}", "remoterepository", fallback="")
        section = f"Repository {remote}"
        if parser.get(section, "type", fallback="") in ("IMAP", "Gmail"):
            options = dict(parser[section])
            return {key: value.replace("%%", "%") for key, value in options.items() if "%(" not in _plain(value)}
    return None


def _plain(value: str) -> str:
    return value.replace("%%", "")


PROGRAM = Program(
    id="offlineimap",
    read=lambda content, file: file_of_one("offlineimap", read_offlineimap(content, file), file),
    signs=Signs(
        line=re.compile(r"^\[(?:Repository|Account) [^\]\n]+\]", re.MULTILINE),
        name=re.compile(r"\.?offlineimap(?:rc|\.conf)", re.IGNORECASE),
    ),
    forms={"offlineimap": Form(write=utf8, check=_check, reason_against=_reason_against, values=_values)},
)
