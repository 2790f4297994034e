"""Reads aerc's accounts.conf: the first account in it; nothing is ever executed.

Source of the grammar: aerc-accounts(5), aerc-imap(5), aerc-smtp(5), and go-ini, which reads the file: a value between
backticks (or three double quotes) is taken as it is; otherwise ``#`` and ``;`` begin a comment anywhere, and quotes
around the whole value are taken off.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wizard.language import translate as _
from wizard.model.problems import Problem
from wizard.model.servers import (
    USUAL_PORTS,
    AuthenticationMethod,
    IncomingServer,
    OutgoingServer,
    Protocol,
    SocketType,
)
from wizard.model.text import printable
from wizard.programs.account import ReadAccount, read_server
from wizard.programs.lines import not_of, numbered, text_of
from wizard.programs.mail_url import read_mail_url
from wizard.programs.sender import read_sender

if TYPE_CHECKING:
    from wizard.model.servers import Server

_METHODS = {
    "": AuthenticationMethod.PASSWORD_CLEARTEXT,
    "insecure": AuthenticationMethod.PASSWORD_CLEARTEXT,
    "plain": AuthenticationMethod.PASSWORD_CLEARTEXT,
    "login": AuthenticationMethod.PASSWORD_CLEARTEXT,
    "cram-md5": AuthenticationMethod.PASSWORD_ENCRYPTED,
    "oauthbearer": AuthenticationMethod.OAUTH2,
    "xoauth2": AuthenticationMethod.OAUTH2,
    "none": AuthenticationMethod.NONE,
}


def read_aerc(content: bytes, file: str) -> ReadAccount:
    """The first account of an accounts.conf; raises Problem when it holds none. A server that cannot be is skipped."""
    values = _first_account(text_of(content, file))
    servers: list[Server] = []
    skipped: list[str] = []
    for name in ("source", "outgoing"):
        try:
            found = _server(values.get(name, ""))
        except Problem as problem:
            skipped.append(f"{name}: {problem}")
            continue
        servers += [] if found is None else [found]
    if not servers and not skipped:
        raise not_of("aerc", file)
    name, address = read_sender(values.get("from", ""))
    return ReadAccount(
        address=address,
        display_name=name,
        incoming=tuple(one for one in servers if isinstance(one, IncomingServer)),
        outgoing=tuple(one for one in servers if isinstance(one, OutgoingServer)),
        skipped=tuple(skipped),
    )


def _server(text: str) -> Server | None:
    """The server of a connection string; None for what is none (a command, a directory)."""
    if "://" not in text:
        return None
    url = read_mail_url(text)
    scheme, _plus, option = url.scheme.partition("+")
    protocol = {"imap": Protocol.IMAP, "imaps": Protocol.IMAP, "smtp": Protocol.SMTP, "smtps": Protocol.SMTP}.get(
        scheme
    )
    if protocol is None:
        return None
    if option not in _METHODS:
        raise Problem(_("The log-in “{method}” is not known here.").format(method=printable(option, 40)))
    security = _security(scheme, option)
    return read_server(
        protocol,
        hostname=url.hostname,
        port=url.port or USUAL_PORTS[protocol, security],
        socket_type=security,
        username=url.username,
        authentication=(_METHODS[option],),
    )


def _security(scheme: str, option: str) -> SocketType:
    """Without TLS from the start the connection is upgraded; before aerc 0.15 that of SMTP only with
    ``smtp-starttls``, and who leaves it out does not mean to send the password to everybody.
    """
    if scheme.endswith("s"):
        return SocketType.SSL
    return SocketType.PLAIN if option == "insecure" else SocketType.STARTTLS


def _first_account(text: str) -> dict[str, str]:
    """The keys of the first section that has a source."""
    values: dict[str, str] = {}
    for _number, untrimmed in numbered(text):
        line = untrimmed.strip()
        if line.startswith("["):
            if "source" in values:
                break
            values = {}
        elif line and line[0] not in "#;":
            key, equals, value = line.partition("=")
            if equals:
                values[key.strip()] = _value(value.strip())
    return values


def _value(text: str) -> str:
    for mark in ('"""', "`"):
        if text.startswith(mark) and len(text) > len(mark):
            end = text.rfind(mark, len(mark))
            return text[len(mark) : end if end >= 0 else None]
    text = re.split(r"[#;]", text, maxsplit=1)[0].strip()
    quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "\"'"
    return text[1:-1] if quoted else text
