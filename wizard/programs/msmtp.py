"""msmtprc: written for one account, and read with every account, the one that is used by default first.

Source of the grammar: msmtp(1), “Configuration files”, and what msmtp 1.8.23 makes of values: one command a line of 499
bytes at most, the value goes to the end of the line, and quotes around the whole of it are taken off; inside there are
no escapes, so every value is written between double quotes, quotes in it included. Only the sender's address is looked
at again, for patterns (msmtp(1), “from”). Nothing is ever executed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from wizard.language import translate as _
from wizard.model.problems import Problem
from wizard.model.servers import AuthenticationMethod, Protocol, SocketType
from wizard.model.text import printable
from wizard.programs.comparing import with_lines_within
from wizard.programs.names import safe_name
from wizard.programs.program import Form, Mismatch, Program, Signs
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
    logs_in,
    method_for,
    password_command,
    read_back,
    reason_against_logins,
    require_servers,
)

if TYPE_CHECKING:
    from wizard.model.servers import MailAccount
    from wizard.programs.reading import ReadFile, WrittenServer

LONGEST_LINE = 499
"""Bytes, the line feed not counted."""

_METHODS = {
    "off": AuthenticationMethod.NONE,
    "on": AuthenticationMethod.PASSWORD_CLEARTEXT,
    "": AuthenticationMethod.PASSWORD_CLEARTEXT,
    "plain": AuthenticationMethod.PASSWORD_CLEARTEXT,
    "login": AuthenticationMethod.PASSWORD_CLEARTEXT,
    "cram-md5": AuthenticationMethod.PASSWORD_ENCRYPTED,
    "digest-md5": AuthenticationMethod.PASSWORD_ENCRYPTED,
    "scram-sha-1": AuthenticationMethod.PASSWORD_ENCRYPTED,
    "scram-sha-256": AuthenticationMethod.PASSWORD_ENCRYPTED,
    "xoauth2": AuthenticationMethod.OAUTH2,
    "oauthbearer": AuthenticationMethod.OAUTH2,
    "ntlm": AuthenticationMethod.NTLM,
    "gssapi": AuthenticationMethod.GSSAPI,
    "external": AuthenticationMethod.TLS_CLIENT_CERT,
}
_KNOWN = frozenset({"host", "port", "tls", "tls_starttls", "auth", "user", "from", "protocol", "socket"})
_PORTS = {SocketType.SSL: 465, SocketType.STARTTLS: 25, SocketType.PLAIN: 25}
"""Where msmtp connects to when no port is named (msmtp(1), “port”)."""
_PATTERN = re.compile(r"[?*\[]|%[UHCM]")


def quoted(text: str) -> str:
    """``text`` as the value of a command."""
    return f'"{text}"'


def _reason_against(account: MailAccount) -> str | None:
    """A sender that msmtp would take for a pattern, and a user name that is too long for a line."""
    if _PATTERN.search(str(account.address)):
        return _("msmtp would take “{address}” for a pattern; use the values of the card.").format(
            address=printable(str(account.address), 60)
        )
    if len(account.outgoing.username.encode()) > LONGEST_LINE - len('user ""'):
        return _("msmtp cannot read a line as long as this user name needs; use the values of the card.")
    return reason_against_logins(account, (account.outgoing,))


def _values(account: MailAccount) -> dict[str, Any]:
    return {
        "quoted": quoted,
        "key": safe_name(account.address),
        "auth": _auth(account),
        "logs_in": logs_in(account, account.outgoing),
        "command": in_shell(password_command(account)),
    }


def _auth(account: MailAccount) -> str:
    method = method_for(account, account.outgoing)
    if not logs_in(account, account.outgoing):
        return "off"
    if method is AuthenticationMethod.OAUTH2:
        return "xoauth2"
    if method is AuthenticationMethod.PASSWORD_ENCRYPTED:
        return "cram-md5"
    # Without TLS “on” refuses to send a password as it is; an unencrypted account was agreed to.
    return "plain" if account.outgoing.socket_type is SocketType.PLAIN else "on"


def _write(text: str) -> bytes:
    return with_lines_within(LONGEST_LINE, text)


def _check(content: bytes, account: MailAccount) -> None:
    """Read the file as msmtp does and compare."""
    read = read_back(read_msmtp, content, "msmtprc")
    require_servers(read, account, incoming=False, outgoing=True)
    if read.address != account.address:
        raise Mismatch(f"sender {read.address}")


@dataclass(slots=True)
class _Account:
    """``own`` is what its section says and what it inherits, ``defaults`` what held when it began."""

    defaults: dict[str, str]
    own: dict[str, str] = field(default_factory=dict)
    parents: tuple[str, ...] = ()

    @property
    def values(self) -> dict[str, str]:
        return self.defaults | self.own


def read_msmtp(content: bytes, file: str) -> ReadFile:
    """The accounts of a msmtprc, the default one first; raises Problem when it holds none."""
    accounts = _accounts(text_of(content, file))
    default = accounts.pop("default", None)
    first = [] if default is None else [("default", default)]
    if default is not None and default.parents:
        name = default.parents[0]
        if name in accounts and accounts[name].values == default.values:
            first = [(name, accounts.pop(name))]  # “account default : NAME” is another name for it
    return file_of("msmtp", [*first, *accounts.items()], _account, file)


def _account(account: _Account) -> ReadAccount:
    values = account.values
    return account_of([_server(values)], address=address_or_none(values.get("from")))


def _server(values: dict[str, str]) -> WrittenServer:
    if values.get("protocol", "smtp") != "smtp" or values.get("socket"):
        raise Problem(_("It delivers directly (LMTP, or a socket), which a mail program does not."))
    if "host" not in values:
        raise Problem(_("It names no server."))
    security = SocketType.PLAIN
    if values.get("tls", "off") in ("on", ""):
        security = SocketType.SSL if values.get("tls_starttls") == "off" else SocketType.STARTTLS
    method = _METHODS.get(values.get("auth", "off"), AuthenticationMethod.PASSWORD_CLEARTEXT)
    return written_server(
        Protocol.SMTP,
        hostname=values["host"],
        port=values.get("port") or _PORTS[security],
        socket_type=security,
        username="" if method is AuthenticationMethod.NONE else values.get("user", ""),
        authentication=(method,),
    )


def _accounts(text: str) -> dict[str, _Account]:
    """The accounts by their names. What stands before the first section is the account called default."""
    defaults: dict[str, str] = {}
    accounts: dict[str, _Account] = {}
    values: dict[str, str] | None = None
    for _number, line in numbered(text):
        word, *rest = line.split(maxsplit=1)[:2] or [""]
        value = _unquoted(rest[0].strip() if rest else "")
        if word == "defaults":
            values = defaults
        elif word == "account":
            name, _colon, inherited = value.partition(":")
            parents = tuple(_unquoted(parent.strip()) for parent in inherited.split(",") if parent.strip())
            account = accounts[_unquoted(name.strip())] = _Account(dict(defaults), parents=parents)
            for parent in parents:
                account.own |= accounts[parent].own if parent in accounts else {}
            values = account.own
        elif word in _KNOWN or word == "tls_nostarttls":
            if values is None:
                accounts["default"] = _Account({})
                values = accounts["default"].own
            values |= {"tls_starttls": "off"} if word == "tls_nostarttls" else {word: value}
    return accounts


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text.startswith('"') and text.endswith('"') else text


PROGRAM = Program(
    id="msmtp",
    read=read_msmtp,
    signs=Signs(
        line=re.compile(r"^[ \t]*account[ \t]+\S", re.MULTILINE),
        name=re.compile(r"\.?msmtprc|msmtp\.conf", re.IGNORECASE),
    ),
    forms={"msmtp": Form(write=_write, check=_check, reason_against=_reason_against, values=_values)},
)
