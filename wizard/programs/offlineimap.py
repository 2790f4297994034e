"""offlineimaprc: written for one account, and read with every IMAP repository; nothing is ever executed.

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

from wizard.language import translate as _
from wizard.model.problems import Problem
from wizard.model.servers import USUAL_PORTS, AuthenticationMethod, Protocol, SocketType
from wizard.programs.names import safe_name
from wizard.programs.program import Form, Mismatch, Program, Signs, utf8
from wizard.programs.reading import (
    ReadAccount,
    account_of,
    address_or_none,
    file_of,
    not_of,
    text_of,
    written_server,
)
from wizard.programs.terminal import method_for, password_command, read_back, reason_against_logins, require_servers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from configparser import RawConfigParser

    from wizard.model.servers import MailAccount
    from wizard.programs.reading import ReadFile, WrittenServer

_METHODS = {
    "XOAUTH2": AuthenticationMethod.OAUTH2,
    "CRAM-MD5": AuthenticationMethod.PASSWORD_ENCRYPTED,
    "GSSAPI": AuthenticationMethod.GSSAPI,
    "PLAIN": AuthenticationMethod.PASSWORD_CLEARTEXT,
    "LOGIN": AuthenticationMethod.PASSWORD_CLEARTEXT,
}
_FALSE = frozenset({"0", "no", "false", "off"})
_GMAIL = "imap.gmail.com"
_TYPES = frozenset({"IMAP", "Gmail"})
_REFERENCE = re.compile(r"%\(([^()]*)\)s")
_REFERENCE_OR_PERCENT = re.compile(r"%%|%\(([^()]*)\)s")
_MOST_REFERENCES = 5
"""In one value."""


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
    read = read_back(read_offlineimap, content, "offlineimaprc")
    require_servers(read, account, incoming=True, outgoing=False)
    if account.incoming.socket_type is SocketType.SSL and b"\nsslcacertfile = " not in content:
        raise Mismatch("sslcacertfile is missing: OfflineIMAP would not check who the server is")


def read_offlineimap(content: bytes, file: str) -> ReadFile:
    """The IMAP repositories of an offlineimaprc, by account; raises Problem when it holds none."""
    import configparser

    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text_of(content, file))
    except configparser.Error:
        raise not_of("OfflineIMAP", file) from None
    return file_of("OfflineIMAP", _repositories(parser), _account, file)


def _account(options: dict[str, str]) -> ReadAccount:
    values, unknown = _filled(options)
    for key in ("remotehosteval", "remoteporteval"):
        if key in values:
            raise Problem(_("{key} is a program, which is not run here.").format(key=key))
    for key in ("preauthtunnel", "transporttunnel"):
        if values.get(key):
            raise Problem(_("Another program makes the connection ({key}).").format(key=key))
    user = "" if "remoteusereval" in values else values.get("remoteuser", "")
    return account_of(
        [_server(values, user)],
        address=address_or_none(user),
        skipped=(_("{key}: its value depends on another one.").format(key=key) for key in unknown),
    )


def _server(values: dict[str, str], user: str) -> WrittenServer:
    gmail = values["type"] == "Gmail"
    security = SocketType.SSL
    if values.get("ssl", "yes").lower() in _FALSE:
        security = SocketType.PLAIN if values.get("starttls", "yes").lower() in _FALSE else SocketType.STARTTLS
    host = values.get("remotehost", _GMAIL if gmail else "")
    if not host:
        raise Problem(_("It names no server."))
    return written_server(
        Protocol.IMAP,
        hostname=host,
        port=values.get("remoteport") or USUAL_PORTS[Protocol.IMAP, SocketType.SSL if gmail else security],
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


def _repositories(parser: RawConfigParser) -> Iterator[tuple[str, dict[str, str]]]:
    """The options of the IMAP repositories of each account, those first that are listed as in use."""
    names = [name.strip() for name in parser.get("general", "accounts", fallback="").split(",")]
    names += [section.removeprefix("Account ") for section in parser.sections() if section.startswith("Account ")]
    seen: set[str] = set()
    for name in dict.fromkeys(names):
        for side in ("remoterepository", "localrepository"):
            section = f"Repository {parser.get(f'Account {name}', side, fallback='')}"
            if section not in seen and parser.get(section, "type", fallback="").strip() in _TYPES:
                seen.add(section)
                yield name, dict(parser[section])


def _filled(options: dict[str, str]) -> tuple[dict[str, str], list[str]]:
    """``options`` with ``%(name)s`` replaced by that option, once, and the names of those where it cannot be."""
    values: dict[str, str] = {}
    unknown: list[str] = []
    for key, value in options.items():
        names = _REFERENCE.findall(value.replace("%%", ""))
        if len(names) > _MOST_REFERENCES or any("%" in options.get(name.lower(), "%") for name in names):
            unknown.append(key)
        else:
            values[key] = _REFERENCE_OR_PERCENT.sub(
                lambda found: options[found[1].lower()] if found[1] is not None else "%", value
            )
    return values, unknown


PROGRAM = Program(
    id="offlineimap",
    read=read_offlineimap,
    signs=Signs(
        line=re.compile(r"^\[(?:Repository|Account) [^\]\n]+\]", re.MULTILINE),
        name=re.compile(r"\.?offlineimap(?:rc|\.conf)", re.IGNORECASE),
    ),
    forms={"offlineimap": Form(write=utf8, check=_check, reason_against=_reason_against, values=_values)},
)
