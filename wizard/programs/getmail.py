"""getmailrc: written for one account, and the retriever of any such file; nothing is ever executed.

Source of the grammar: getmail6's documentation, “Configuration”, and its own use of Python's RawConfigParser (no
interpolation, no quotes, no comments behind values). Values that getmail hands to ``eval`` are not even looked at; of
those that are written, the password command is one, a user name is not.

Seen in getmail 6.18: it knows no STARTTLS; it checks a certificate only when ``ca_certs`` is set; its IMAP log-in sends
the user name without quoting, so that only an atom of RFC 3501 arrives as it is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from wizard.language import translate as _
from wizard.model.problems import Problem
from wizard.model.servers import (
    USUAL_PORTS,
    AfterDownload,
    AuthenticationMethod,
    LeavePolicy,
    Protocol,
    SocketType,
)
from wizard.model.text import printable
from wizard.programs.comparing import inverted
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
    from wizard.model.servers import MailAccount
    from wizard.programs.reading import ReadFile

CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
"""The authorities that the system trusts, on Debian and Ubuntu, Arch, Alpine, Gentoo; a step says where else."""

_RETRIEVERS = {
    "SimpleIMAPSSLRetriever": (Protocol.IMAP, SocketType.SSL),
    "SimpleIMAPRetriever": (Protocol.IMAP, SocketType.PLAIN),
    "SimplePOP3SSLRetriever": (Protocol.POP3, SocketType.SSL),
    "SimplePOP3Retriever": (Protocol.POP3, SocketType.PLAIN),
    "BrokenUIDLPOP3SSLRetriever": (Protocol.POP3, SocketType.SSL),
    "BrokenUIDLPOP3Retriever": (Protocol.POP3, SocketType.PLAIN),
    "MultidropIMAPSSLRetriever": (Protocol.IMAP, SocketType.SSL),
    "MultidropIMAPRetriever": (Protocol.IMAP, SocketType.PLAIN),
    "MultidropPOP3SSLRetriever": (Protocol.POP3, SocketType.SSL),
    "MultidropPOP3Retriever": (Protocol.POP3, SocketType.PLAIN),
    "MultidropSDPSRetriever": (Protocol.POP3, SocketType.PLAIN),
}
_RETRIEVER_FOR = inverted(_RETRIEVERS)
_METHODS = {
    "use_xoauth2": AuthenticationMethod.OAUTH2,
    "use_cram_md5": AuthenticationMethod.PASSWORD_ENCRYPTED,
    "use_apop": AuthenticationMethod.PASSWORD_ENCRYPTED,
    "use_kerberos": AuthenticationMethod.GSSAPI,
}
_TRUE = frozenset({"1", "yes", "true", "on"})
_ATOM = re.compile(r"[!#-$&'+-\[^-z|}~,]+")
_LONGEST_STAY = 3650
"""Days."""


def _reason_against(account: MailAccount) -> str | None:
    """A user name that getmail's IMAP log-in would garble, and a log-in that it knows for IMAP alone."""
    server = account.incoming
    method = method_for(account, server)
    if server.protocol is Protocol.IMAP and not _ATOM.fullmatch(server.username):
        return _("getmail would cut off the user name “{name}”; use mbsync or fetchmail instead.").format(
            name=printable(server.username, 60)
        )
    if server.protocol is Protocol.POP3 and method is AuthenticationMethod.OAUTH2:
        return _("getmail can use the provider’s sign-in page (OAuth2) with IMAP only; use IMAP.")
    if server.protocol is Protocol.POP3 and method not in (None, AuthenticationMethod.PASSWORD_CLEARTEXT):
        return _("getmail can log in to a POP3 server with a plain password only; use IMAP, or fetchmail.")
    return reason_against_logins(account, (server,))


def _values(account: MailAccount) -> dict[str, Any]:
    import json

    server, leave = account.incoming, account.leave
    pop3 = server.protocol is Protocol.POP3
    return {
        "key": safe_name(account.address),
        "retriever": _RETRIEVER_FOR[server.protocol, server.socket_type],
        # A tuple of Python: nothing is escaped but quotes and backslashes, which JSON and Python write alike.
        "command": ", ".join(json.dumps(word, ensure_ascii=False) for word in password_command(account)),
        "certificates": CERTIFICATES if server.socket_type is SocketType.SSL else None,
        "with_token": method_for(account, server) is AuthenticationMethod.OAUTH2,
        "cram_md5": method_for(account, server) is AuthenticationMethod.PASSWORD_ENCRYPTED,
        "removes": pop3 and leave is not None and leave.kind is AfterDownload.REMOVE,
        "days": leave.days if pop3 and leave is not None else None,
    }


def _check(content: bytes, account: MailAccount) -> None:
    """Read the file as getmail does and compare."""
    read = read_back(read_getmail, content, "getmailrc")
    require_servers(read, account, incoming=True, outgoing=False)
    wanted = account.leave if account.incoming.protocol is Protocol.POP3 else None
    if read.leave != wanted:
        raise Mismatch(f"leave policy {read.leave}, not {wanted}")


def read_getmail(content: bytes, file: str) -> ReadFile:
    """The account of a getmailrc; raises Problem when it holds none."""
    import configparser

    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text_of(content, file))
        retriever = dict(parser["retriever"])
    except (configparser.Error, KeyError):
        raise not_of("getmail", file) from None
    options = dict(parser["options"]) if parser.has_section("options") else {}
    return file_of("getmail", [("retriever", retriever)], lambda values: _account(values, options), file)


def _account(retriever: dict[str, str], options: dict[str, str]) -> ReadAccount:
    kind = _RETRIEVERS.get(retriever.get("type", ""))
    if kind is None:
        raise Problem(
            _("The retriever “{type}” is not known here.").format(type=printable(retriever.get("type", ""), 60))
        )
    if "server" not in retriever:
        raise Problem(_("It names no server."))
    user = retriever.get("username", "")
    protocol, security = kind
    server = written_server(
        protocol,
        hostname=retriever["server"],
        port=retriever.get("port") or USUAL_PORTS[kind],
        socket_type=security,
        username=user,
        authentication=(_method(retriever),),
    )
    leave = _leave(options) if protocol is Protocol.POP3 else None
    return account_of([server], address=address_or_none(user), leave=leave)


def _method(retriever: dict[str, str]) -> AuthenticationMethod:
    for key, method in _METHODS.items():
        if retriever.get(key, "").lower() in _TRUE:
            return method
    return AuthenticationMethod.PASSWORD_CLEARTEXT


def _leave(options: dict[str, str]) -> LeavePolicy:
    """What getmail does with what it has fetched: by default it keeps it for good."""
    if options.get("delete", "").lower() in _TRUE:
        return LeavePolicy(AfterDownload.REMOVE)
    days = options.get("delete_after", "")
    if days.isascii() and days.isdigit() and len(days) <= 4 and 1 <= int(days) <= _LONGEST_STAY:
        return LeavePolicy(AfterDownload.KEEP_DAYS, int(days))
    return LeavePolicy(AfterDownload.KEEP)


PROGRAM = Program(
    id="getmail",
    read=read_getmail,
    signs=Signs(
        line=re.compile(r"^\[retriever\]", re.MULTILINE),
        name=re.compile(r"\.?getmailrc", re.IGNORECASE),
    ),
    forms={"getmail": Form(write=utf8, check=_check, reason_against=_reason_against, values=_values)},
)
