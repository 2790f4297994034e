"""aerc's accounts.conf: written for one account, and read with every account; nothing is ever executed.

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
    LONGEST_VALUE,
    ReadAccount,
    account_of,
    file_of,
    read_sender,
    text_of,
    written_server,
)
from wizard.programs.terminal import (
    in_shell,
    logs_in,
    mail_url,
    method_for,
    password_command,
    read_back,
    read_mail_url,
    reason_against_logins,
    require_servers,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wizard.model.address import EmailAddress
    from wizard.model.servers import MailAccount, Server
    from wizard.programs.reading import ReadFile, WrittenServer

_METHODS = {
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
_REFERENCE = re.compile(r"%\(([^()]+)\)s")


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
    read = read_back(read_aerc, content, "accounts.conf")
    require_servers(read, account, incoming=True, outgoing=True)
    if account.outgoing.socket_type is SocketType.STARTTLS and b"\nsmtp-starttls = yes\n" not in content:
        raise Mismatch("smtp-starttls is missing: aerc before 0.15 would send the password unencrypted")
    if read.address != account.address or read.display_name != account.display_name:
        raise Mismatch(f"sender {read.display_name!r} {read.address}")


def read_aerc(content: bytes, file: str) -> ReadFile:
    """The accounts of an accounts.conf; raises Problem when it holds none. A server that cannot be is skipped."""
    sections = ((name, values) for name, values in _sections(text_of(content, file)) if name != "DEFAULT")
    return file_of("aerc", sections, _account, file)


def _account(values: dict[str, str]) -> ReadAccount:
    servers: list[WrittenServer] = []
    skipped: list[str] = []
    for key in ("source", "outgoing"):
        try:
            servers += [_server(values[key])] if values.get(key) else []
        except Problem as problem:
            skipped.append(f"{key}: {problem}")
    name, address = read_sender(values.get("from", ""))
    return account_of(servers, address=address, display_name=name, skipped=skipped)


def _server(text: str) -> WrittenServer:
    """The server of a connection string; raises Problem for what is none (a command, a directory)."""
    scheme, colon, rest = text.partition("://")
    word, *options = scheme.lower().split("+")
    protocol = _PROTOCOLS.get(word) if colon else None
    if protocol is None:
        raise Problem(_("“{text}” is not a mail server.").format(text=printable(scheme if colon else text, 60)))
    url = read_mail_url(f"{word}://{rest}")
    methods = [option for option in options if option != "insecure"]
    if len(methods) > 1 or not _METHODS.keys() >= set(methods):
        raise Problem(_("The log-in “{method}” is not known here.").format(method=printable("+".join(methods), 40)))
    security = _security(word, options)
    return written_server(
        protocol,
        hostname=url.hostname,
        port=url.port or USUAL_PORTS[protocol, security],
        socket_type=security,
        username=url.username,
        authentication=(_METHODS[methods[0] if methods else "plain"],),
    )


def _security(scheme: str, options: Sequence[str]) -> SocketType:
    """Without TLS from the start the connection is upgraded; before aerc 0.15 that of SMTP only with
    ``smtp-starttls``, and who leaves it out does not mean to send the password to everybody.
    """
    if scheme.endswith("s"):
        return SocketType.SSL
    return SocketType.PLAIN if "insecure" in options else SocketType.STARTTLS


def _sections(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The sections by their names, those of the same name as one, with their keys and values."""
    sections: dict[str, dict[str, str]] = {"DEFAULT": {}}
    values = sections["DEFAULT"]
    lines = iter(text.split("\n"))
    for untrimmed in lines:
        line = untrimmed.strip()
        if line.startswith("["):
            values = sections.setdefault(line[1 : line.rfind("]") if "]" in line else None].strip(), {})
        elif line and line[0] not in "#;":
            key, equals, value = line.partition("=")
            if equals:
                values[key.strip().strip('"`')] = _value(value.strip(), lines)
    for name, own in sections.items():
        yield name, {key: _filled(value, own, sections["DEFAULT"]) for key, value in own.items()}


def _value(text: str, lines: Iterator[str]) -> str:
    """The value that begins with ``text``; it may go on over the next lines."""
    for mark in ('"""', "`"):
        if text.startswith(mark) and len(text) > len(mark):
            begun = text[len(mark) :]
            return begun[: begun.rfind(mark)] if mark in begun else "\n".join([begun, *_until(mark, lines)])
    if text.endswith("\\"):
        parts = [text[:-1]]
        for line in lines:
            parts.append(line.strip().removesuffix("\\"))
            if not line.strip().endswith("\\"):
                break
        return "".join(parts)
    text = re.split(r"[#;]", text, maxsplit=1)[0].strip()
    in_quotes = len(text) > 1 and text[0] in "\"'" and text.find(text[0], 1) == len(text) - 1
    return text[1:-1] if in_quotes else text


def _until(mark: str, lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        if mark in line:
            yield line[: line.index(mark)]
            return
        yield line


def _filled(value: str, own: dict[str, str], default: dict[str, str]) -> str:
    """``value`` with ``%(name)s`` replaced by that key, once."""
    if "%(" not in value or len(value) > LONGEST_VALUE:
        return value
    return _REFERENCE.sub(lambda found: own.get(found[1]) or default.get(found[1]) or found.group(), value)


PROGRAM = Program(
    id="aerc",
    read=read_aerc,
    signs=Signs(
        line=re.compile(r"^[ \t]*(?:source|outgoing)[ \t]*=", re.MULTILINE),
        name=re.compile(r"accounts\.conf", re.IGNORECASE),
    ),
    forms={"aerc": Form(write=utf8, check=_check, reason_against=_reason_against, values=_values)},
)
