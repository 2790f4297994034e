"""aerc's accounts.conf: written for one account, and the first account of any such file; nothing is ever executed.

Source of the grammar: aerc-accounts(5), aerc-imap(5), aerc-smtp(5), and go-ini, which reads the file: a value between
backticks (or three double quotes) is taken as it is, but for ``%(name)s``, which is replaced; otherwise ``#`` and ``;``
begin a comment anywhere, a backslash at the end continues a line, and quotes around the whole value are taken off. So
values that could mean something are written between backticks, and a sender's name that is more than plain words as an
encoded word (RFC 2047), which has none of these characters.
"""

from __future__ import annotations

import re
from base64 import b64encode
from typing import TYPE_CHECKING, Any

from wizard.language import translate as _
from wizard.model.problems import Problem
from wizard.model.servers import USUAL_PORTS, AuthenticationMethod, Protocol, SocketType
from wizard.model.text import printable
from wizard.programs.names import safe_name
from wizard.programs.program import Form, Mismatch, Program, Signs, utf8
from wizard.programs.reading import (
    ReadAccount,
    file_of_one,
    incoming_among,
    not_of,
    numbered,
    outgoing_among,
    read_sender,
    read_server,
    text_of,
)
from wizard.programs.terminal import (
    in_shell,
    logs_in,
    mail_url,
    method_for,
    password_command,
    read_mail_url,
    reason_against_logins,
    require_servers,
)

if TYPE_CHECKING:
    from wizard.model.address import EmailAddress
    from wizard.model.servers import MailAccount, Server

_METHODS = {
    "": AuthenticationMethod.PASSWORD_CLEARTEXT,
    "insecure": AuthenticationMethod.PASSWORD_CLEARTEXT,
    "plain": AuthenticationMethod.PASSWORD_CLEARTEXT,
    "login": AuthenticationMethod.PASSWORD_CLEARTEXT,
    "cram-md5": AuthenticationMethod.PASSWORD_ENCRYPTED,
    "xoauth2": AuthenticationMethod.OAUTH2,
    "oauthbearer": AuthenticationMethod.OAUTH2,
    "none": AuthenticationMethod.NONE,
}
"""What stands after the “+” of a scheme."""

_PROTOCOLS = {"imap": Protocol.IMAP, "imaps": Protocol.IMAP, "smtp": Protocol.SMTP, "smtps": Protocol.SMTP}
_PLAIN_WORDS = re.compile(r"[A-Za-z0-9]+(?: [A-Za-z0-9]+)*")
_ENCODED_BYTES = 42
"""Bytes in one encoded word: with its frame it has 75 characters at most (RFC 2047 section 2)."""
_SPECIAL = re.compile(r"[#;`\"'\\]")


def quoted(text: str) -> str:
    """``text`` as a value of the file."""
    return f"`{text}`" if _SPECIAL.search(text) else text


def sender(name: str, address: EmailAddress) -> str:
    """The sender as a header has it."""
    return f"{_phrase(name)} <{address}>" if name else str(address)


def _phrase(name: str) -> str:
    if _PLAIN_WORDS.fullmatch(name):
        return name
    words, word = [], b""
    for character in name:  # a character is never cut in two (RFC 2047 section 5)
        if len(word + character.encode()) > _ENCODED_BYTES:
            words.append(word)
            word = b""
        word += character.encode()
    return " ".join(f"=?utf-8?b?{b64encode(encoded).decode()}?=" for encoded in (*words, word))


def _reason_against(account: MailAccount) -> str | None:
    """OAuth2 over STARTTLS, for which aerc has no word, and an address that go-ini would change."""
    incoming = account.incoming
    oauth2 = method_for(account, incoming) is AuthenticationMethod.OAUTH2
    if oauth2 and incoming.socket_type is SocketType.STARTTLS:
        return _("aerc supports OAuth2 only with TLS from the start (port 993), and {host} requires STARTTLS.").format(
            host=incoming.hostname
        )
    if re.search(r"%\([^)]*\)s", str(account.address)):
        return _("aerc would replace a part of “{address}”; use the values of the card.").format(
            address=printable(str(account.address), 60)
        )
    return reason_against_logins(account, (account.incoming, account.outgoing))


def _values(account: MailAccount) -> dict[str, Any]:
    outgoing = account.outgoing
    return {
        "value": quoted,
        "key": safe_name(account.address),
        "source": _url(account, account.incoming),
        "outgoing_url": _url(account, outgoing),
        "logs_in": logs_in(account, outgoing),
        "starttls": outgoing.socket_type is SocketType.STARTTLS,
        "sender": sender(account.display_name, account.address),
        # The whole output is taken for the password, so only the first line may come.
        "command": in_shell(password_command(account)) + " | head -n 1",
    }


def _url(account: MailAccount, server: Server) -> str:
    method = method_for(account, server)
    scheme = server.protocol.value + ("s" if server.socket_type is SocketType.SSL else "")
    if method is AuthenticationMethod.OAUTH2:
        scheme += "+xoauth2"
    elif not logs_in(account, server):
        return mail_url(scheme + "+none", server.hostname, server.port)
    elif server.protocol is Protocol.SMTP:
        scheme += "+plain"
    return mail_url(scheme, server.hostname, server.port, server.username)


def _check(content: bytes, account: MailAccount) -> None:
    """Read the file as aerc does and compare."""
    try:
        read = read_aerc(content, "accounts.conf")
    except Problem as problem:
        raise Mismatch(str(problem)) from None
    require_servers(read, account, incoming=True, outgoing=True)
    if account.outgoing.socket_type is SocketType.STARTTLS and b"\nsmtp-starttls = yes\n" not in content:
        raise Mismatch("smtp-starttls is missing: aerc before 0.15 would send the password unencrypted")
    if read.address != account.address or read.display_name != account.display_name:
        raise Mismatch(f"sender {read.display_name!r} {read.address}")


def read_aerc(content: bytes, file: str) -> ReadAccount:
    """The first account of an accounts.conf; raises Problem when it holds none. A server that cannot be is skipped."""
    values = _first_account(text_of(content, file))
    servers: list[Server] = []
    skipped: list[str] = []
    for key in ("source", "outgoing"):
        try:
            server = _server(values.get(key, ""))
        except Problem as problem:
            skipped.append(f"{key}: {problem}")
            continue
        servers += [] if server is None else [server]
    if not servers and not skipped:
        raise not_of("aerc", file)
    name, address = read_sender(values.get("from", ""))
    return ReadAccount(
        address=address,
        display_name=name,
        incoming=incoming_among(servers),
        outgoing=outgoing_among(servers),
        skipped=tuple(skipped),
    )


def _server(text: str) -> Server | None:
    """The server of a connection string; None for what is none (a command, a directory)."""
    if "://" not in text:
        return None
    url = read_mail_url(text)
    scheme, _plus, option = url.scheme.partition("+")
    protocol = _PROTOCOLS.get(scheme)
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
                values[key.strip()] = _unquoted(value.strip())
    return values


def _unquoted(text: str) -> str:
    for mark in ('"""', "`"):
        if text.startswith(mark) and len(text) > len(mark):
            end = text.rfind(mark, len(mark))
            return text[len(mark) : end if end >= 0 else None]
    text = re.split(r"[#;]", text, maxsplit=1)[0].strip()
    in_quotes = len(text) > 1 and text[0] == text[-1] and text[0] in "\"'"
    return text[1:-1] if in_quotes else text


PROGRAM = Program(
    id="aerc",
    read=lambda content, file: file_of_one("aerc", read_aerc(content, file), file),
    signs=Signs(
        line=re.compile(r"^[ \t]*(?:source|outgoing)[ \t]*=", re.MULTILINE),
        name=re.compile(r"accounts\.conf", re.IGNORECASE),
    ),
    forms={"aerc": Form(write=utf8, check=_check, reason_against=_reason_against, values=_values)},
)
