"""neomuttrc: written for one account, and read with every profile of it (also muttrc); nothing is ever executed.

Every value is written as one double-quoted word, in which nothing is run and nothing replaced. Seen in NeoMutt
20220429: inside double quotes backticks run a command and ``$name`` is replaced, unless a backslash stands before them;
inside single quotes nothing is, but there is no way to say a single quote. ``pop_authenticators`` stays unset: not
every build knows the word xoauth2 there, and NeoMutt uses the token where it can anyway. How files are read:
:mod:`wizard.programs.muttrc`.
"""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from wizard.language import translate as _
from wizard.model.address import Port
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
from wizard.programs.muttrc import MOST_HOOKS, UNKNOWN, matches, read_configuration
from wizard.programs.names import safe_name
from wizard.programs.program import Form, Mismatch, Program, Signs, utf8
from wizard.programs.reading import (
    ReadAccount,
    account_of,
    file_of,
    one_line_or_nothing,
    read_sender,
    text_of,
    written_server,
)
from wizard.programs.terminal import (
    MailUrl,
    in_shell,
    logs_in,
    mail_url,
    method_for,
    password_command,
    read_back,
    read_mail_url,
    reason_against_logins,
    require_servers,
    without_encryption,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from wizard.model.servers import MailAccount, Server
    from wizard.programs.muttrc import Configuration
    from wizard.programs.reading import ReadFile, WrittenServer

_SPECIAL = re.compile(r'[\\"`$]')
_SCHEMES = {
    "imap": (Protocol.IMAP, False),
    "imaps": (Protocol.IMAP, True),
    "pop": (Protocol.POP3, False),
    "pops": (Protocol.POP3, True),
    "smtp": (Protocol.SMTP, False),
    "smtps": (Protocol.SMTP, True),
}

_KINDS = {Protocol.IMAP: "imap", Protocol.POP3: "pop", Protocol.SMTP: "smtp"}
"""How the names of variables begin, and the schemes of URLs."""

_DEFAULT_PORTS = {
    **USUAL_PORTS,
    (Protocol.SMTP, SocketType.STARTTLS): Port(25),
    (Protocol.SMTP, SocketType.PLAIN): Port(25),
}
"""Where NeoMutt connects to when no port is named."""

_SERVER_VARIABLES = ("folder", "spoolfile", "pop_host", "smtp_url")
_OF_AN_ACCOUNT = frozenset(
    {*_SERVER_VARIABLES, "imap_user", "imap_login", "pop_user", "smtp_user", "from", "my_hdr from"}
)
"""A folder-hook that sets none of these is about something else than an account."""

Values = Mapping[str, str]
"""Variables and their values."""


def quoted(text: str) -> str:
    """``text`` as a word of the file, whatever it holds (line feeds excepted: no value has one)."""
    return '"' + _SPECIAL.sub(lambda found: "\\" + found.group(), text) + '"'


def output_of(command: str) -> str:
    """A word that stands for the first line that ``command`` prints, taken as it is when NeoMutt starts."""
    return '"`' + command + '`"'


def _reason_against(account: MailAccount) -> str | None:
    """What one file of NeoMutt cannot say: STARTTLS demanded of one server and no encryption at all of the other."""
    kinds = {account.incoming.socket_type, account.outgoing.socket_type}
    if kinds == {SocketType.STARTTLS, SocketType.PLAIN}:
        return _(
            "NeoMutt has one switch for both servers, and cannot insist on STARTTLS for one while the other is not "
            "encrypted; use the values of the card."
        )
    return reason_against_logins(account, (account.incoming, account.outgoing))


def _values_for(account: MailAccount) -> dict[str, Any]:
    incoming, outgoing = account.incoming, account.outgoing
    pop3 = incoming.protocol is Protocol.POP3
    return {
        "quoted": quoted,
        "output_of": output_of,
        "command": in_shell(password_command(account)),
        "kind": _KINDS[incoming.protocol],
        "incoming_url": _url(incoming),
        "outgoing_url": _url(outgoing, outgoing.username if logs_in(account, outgoing) else ""),
        "with_token": lambda server: method_for(account, server) is AuthenticationMethod.OAUTH2,
        "logs_in": lambda server: logs_in(account, server),
        "encrypted": SocketType.PLAIN not in (incoming.socket_type, outgoing.socket_type),
        "fetched": pop3 and account.leave is not None and account.leave.kind is AfterDownload.REMOVE,
        "folder": f"~/Mail/{safe_name(account.address)}",
    }


def _url(server: Server, username: str = "") -> str:
    secure = "s" if server.socket_type is SocketType.SSL else ""
    return mail_url(_KINDS[server.protocol] + secure, server.hostname, server.port, username, "/")


def _check(content: bytes, account: MailAccount) -> None:
    """Read the file as NeoMutt does and compare."""
    read = read_back(read_neomutt, content, "neomuttrc")
    require_servers(read, account, incoming=True, outgoing=True, as_written=without_encryption)
    if read.address != account.address or read.display_name != account.display_name:
        raise Mismatch(f"sender {read.display_name!r} {read.address}")
    kept = None if read.leave is None else read.leave.kind is not AfterDownload.REMOVE
    wanted = None
    if account.incoming.protocol is Protocol.POP3 and account.leave is not None:
        wanted = account.leave.kind is not AfterDownload.REMOVE
    if kept is not wanted:
        raise Mismatch(f"leave policy {read.leave}, not {account.leave}")


def read_neomutt(content: bytes, file: str, opened: Callable[[str], str | None] | None = None) -> ReadFile:
    """The accounts of a neomuttrc: its own, that of each folder-hook, and the mailboxes on other servers.

    ``opened`` gives the text of a file that it reads with ``source``, None for one that stays closed. Raises Problem
    when it holds none. A server that cannot be is skipped.
    """
    configuration = read_configuration(text_of(content, file), opened)
    values, rules = configuration.values, configuration.account_rules
    profiles: list[tuple[str, Values]] = [("", values)]
    profiles += [
        (f"folder-hook {pattern}", ChainMap(own, values))
        for pattern, own in configuration.profiles.items()
        if not _OF_AN_ACCOUNT.isdisjoint(own)
    ]
    profiles += _other_mailboxes(configuration)
    try:
        found = file_of("NeoMutt", profiles, lambda values: _account(values, rules), file)
    except Problem as problem:
        raise Problem(" ".join([problem.text, *_not_read(configuration)]), place=problem.place) from None
    accounts = list(dict.fromkeys(found.accounts))
    return replace(found, accounts=tuple(accounts), skipped=(*found.skipped, *_not_read(configuration)))


def _other_mailboxes(configuration: Configuration) -> Iterator[tuple[str, Values]]:
    """The servers that only the list of mailboxes names."""
    known = " ".join(value for own in _all_values(configuration) for value in own)
    hosts: set[str] = set()
    for text in configuration.mailboxes:
        host = text.partition("://")[2].partition("/")[0]
        if host.rpartition("@")[2] in known or host in hosts or len(hosts) >= MOST_HOOKS:
            continue
        hosts.add(host)
        elsewhere = dict.fromkeys((*_SERVER_VARIABLES, "from", "my_hdr from"), "")
        yield f"mailboxes {host}", ChainMap({**elsewhere, "folder": text}, configuration.values)


def _all_values(configuration: Configuration) -> Iterator[list[str]]:
    for own in (configuration.values, *configuration.profiles.values()):
        yield [own[name] for name in _SERVER_VARIABLES if name in own]


def _not_read(configuration: Configuration) -> list[str]:
    """What else the file does that decides about accounts."""
    reasons = [
        _("It also reads {file}, which is not read here.").format(file=printable(source.replace(UNKNOWN, "…"), 60))
        for source in dict.fromkeys(configuration.sources)
    ]
    if configuration.left_out:
        reasons.append(_("It has more than {count} hooks; the others are not read.").format(count=MOST_HOOKS))
    return reasons


def _account(values: Values, rules: Sequence[tuple[str, Values]]) -> ReadAccount:
    servers: list[WrittenServer] = []
    skipped: list[str] = []
    for variable in _SERVER_VARIABLES:
        try:
            server = _server(values, values.get(variable, ""), rules)
        except Problem as problem:
            skipped.append(f"{variable}: {problem}")
            continue
        if server is not None and server not in servers:
            servers.append(server)
    name, address = read_sender(values.get("my_hdr from") or values.get("from", ""))
    return account_of(
        servers,
        address=address,
        display_name=one_line_or_nothing(values.get("realname")) or name,
        leave=_leave(values, servers),
        skipped=skipped,
    )


def _server(values: Values, text: str, rules: Sequence[tuple[str, Values]]) -> WrittenServer | None:
    """The server of a URL; None for a directory or a file."""
    if "://" not in text:
        return None
    url = read_mail_url(text)
    if url.scheme not in _SCHEMES:
        return None
    if UNKNOWN in url.hostname:
        raise Problem(_("The name of the server is not in this file."))
    for pattern, own in rules:
        if matches(pattern, text):
            values = ChainMap(dict(own), dict(values))
    protocol, implicit = _SCHEMES[url.scheme]
    security = SocketType.SSL if implicit else _upgrade(values)
    return written_server(
        protocol,
        hostname=url.hostname,
        port=url.port or _DEFAULT_PORTS[protocol, security],
        socket_type=security,
        username=_username(values, protocol, url),
        authentication=(_method(values, protocol, url),),
    )


def _username(values: Values, protocol: Protocol, url: MailUrl) -> str:
    kind = _KINDS[protocol]
    user = url.username or values.get(f"{kind}_user") or values.get(f"{kind}_login") or ""
    return "" if UNKNOWN in user else user


def _upgrade(values: Values) -> SocketType:
    """What a scheme without TLS means: NeoMutt upgrades where the server can, and by default insists on it."""
    refused = values.get("ssl_starttls") == "no" and values.get("ssl_force_tls") == "no"
    return SocketType.PLAIN if refused else SocketType.STARTTLS


def _method(values: Values, protocol: Protocol, url: MailUrl) -> AuthenticationMethod:
    kind = _KINDS[protocol]
    user = url.username or values.get(f"{kind}_user") or values.get(f"{kind}_login")
    if protocol is Protocol.SMTP and not user:
        return AuthenticationMethod.NONE
    if values.get(f"{kind}_oauth_refresh_command"):
        return AuthenticationMethod.OAUTH2
    return AuthenticationMethod.PASSWORD_CLEARTEXT


def _leave(values: Values, servers: Sequence[WrittenServer]) -> LeavePolicy | None:
    """Read in place (a spoolfile on the server), messages stay; fetched, ``pop_delete`` decides."""
    if not any(server.protocol is Protocol.POP3 for server in servers):
        return None
    fetched = "pop_host" in values and values.get("pop_delete") == "yes"
    return LeavePolicy(AfterDownload.REMOVE if fetched else AfterDownload.KEEP)


PROGRAM = Program(
    id="neomutt",
    read=read_neomutt,
    signs=Signs(
        line=re.compile(r"^[ \t]*(?:set[ \t]+[a-z_]+[ \t]*=|(?:folder|account)-hook[ \t])", re.MULTILINE),
        name=re.compile(r"\.?(?:neo)?muttrc", re.IGNORECASE),
    ),
    forms={"neomutt": Form(write=utf8, check=_check, reason_against=_reason_against, values=_values_for)},
)
