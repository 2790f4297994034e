"""Reads getmailrc files: the retriever and what becomes of messages on the server; nothing is ever executed.

Source of the grammar: getmail6's documentation, “Configuration”, and its own use of Python's RawConfigParser (no
interpolation, no comments behind values). Values that getmail hands to ``eval`` are not even looked at.
"""

from __future__ import annotations

import configparser
from typing import TYPE_CHECKING

from wizard.model.address import AddressProblem, parse_address
from wizard.model.problems import Problem
from wizard.model.servers import (
    AfterDownload,
    AuthenticationMethod,
    IncomingServer,
    LeavePolicy,
    Protocol,
    SocketType,
)
from wizard.programs.account import ReadAccount, read_server
from wizard.programs.lines import not_of, text_of

if TYPE_CHECKING:
    from wizard.model.address import EmailAddress

_TYPES = {
    "SimpleIMAPSSLRetriever": (Protocol.IMAP, SocketType.SSL, 993),
    "SimpleIMAPRetriever": (Protocol.IMAP, SocketType.PLAIN, 143),
    "SimplePOP3SSLRetriever": (Protocol.POP3, SocketType.SSL, 995),
    "SimplePOP3Retriever": (Protocol.POP3, SocketType.PLAIN, 110),
    "BrokenUIDLPOP3SSLRetriever": (Protocol.POP3, SocketType.SSL, 995),
    "BrokenUIDLPOP3Retriever": (Protocol.POP3, SocketType.PLAIN, 110),
}
_TRUE = frozenset({"1", "yes", "true", "on"})
_METHODS = {
    "use_xoauth2": AuthenticationMethod.OAUTH2,
    "use_cram_md5": AuthenticationMethod.PASSWORD_ENCRYPTED,
    "use_apop": AuthenticationMethod.PASSWORD_ENCRYPTED,
    "use_kerberos": AuthenticationMethod.GSSAPI,
}


def read_getmail(content: bytes, file: str) -> ReadAccount:
    """The account of a getmailrc; raises Problem when it holds none."""
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text_of(content, file))
        retriever = dict(parser["retriever"])
    except (configparser.Error, KeyError):
        raise not_of("getmail", file) from None
    options = dict(parser["options"]) if parser.has_section("options") else {}
    user = retriever.get("username", "")
    kind = _TYPES.get(retriever.get("type", ""))
    if kind is None or "server" not in retriever:
        raise not_of("getmail", file)
    protocol, security, port = kind
    try:
        server = read_server(
            protocol,
            hostname=retriever["server"],
            port=retriever.get("port") or port,
            socket_type=security,
            username=user,
            authentication=(_method(retriever),),
        )
    except Problem as problem:
        return ReadAccount(address=_address(user), skipped=(str(problem),))
    assert isinstance(server, IncomingServer)
    leave = _leave(options) if protocol is Protocol.POP3 else None
    return ReadAccount(address=_address(user), incoming=(server,), leave=leave)


def _method(retriever: dict[str, str]) -> AuthenticationMethod:
    for name, method in _METHODS.items():
        if retriever.get(name, "").lower() in _TRUE:
            return method
    return AuthenticationMethod.PASSWORD_CLEARTEXT


def _leave(options: dict[str, str]) -> LeavePolicy:
    """What getmail does with what it has fetched: by default it keeps it for good."""
    if options.get("delete", "").lower() in _TRUE:
        return LeavePolicy(AfterDownload.REMOVE)
    days = options.get("delete_after", "")
    if days.isascii() and days.isdigit() and len(days) <= 4 and 1 <= int(days) <= 3650:
        return LeavePolicy(AfterDownload.KEEP_DAYS, int(days))
    return LeavePolicy(AfterDownload.KEEP)


def _address(user: str) -> EmailAddress | None:
    """The file has no place for the address; a user name that is one is taken for it."""
    try:
        return parse_address(user) if "@" in user else None
    except AddressProblem:
        return None
