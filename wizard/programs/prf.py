"""Outlook profile files (``.prf``): written for one account, and the mail accounts of any, without trusting them.

Source: Microsoft's documents of the seven sections of such a file, and of the constants of ``LeaveOnServer`` and
``SMTPSecureConnection``. A key counts only when the mapping section of its account has a line for it, as in Outlook.
An account that cannot be used, or is of another kind, is left out with its reason. A file is an INI file of
Windows, written in ASCII, without the values that Windows would change.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from wizard.language import translate as _
from wizard.model.problems import Place, Problem
from wizard.model.servers import (
    USUAL_PORTS,
    AfterDownload,
    AuthenticationMethod,
    LeavePolicy,
    Protocol,
    SocketType,
)
from wizard.model.text import printable
from wizard.programs.comparing import first_method, inverted, needs_log_in, require_same, untidy_name
from wizard.programs.names import safe_name
from wizard.programs.program import Form, Mismatch, Program, Signs
from wizard.programs.reading import (
    ReadAccount,
    ReadFile,
    address_or_none,
    decoded,
    incoming_among,
    incomplete_among,
    one_line,
    outgoing_among,
    usable,
    written_server,
)

if TYPE_CHECKING:
    from wizard.model.servers import MailAccount
    from wizard.programs.reading import WrittenServer

ID = "outlook-prf"

SIZE_LIMIT = 256 * 1024
"""Bytes; Microsoft's own template has some fifteen thousand."""

ACCOUNT_LIMIT = 64

LEAVE, REMOVE_AFTER = 0x1, 0x2
"""Flags of ``LeaveOnServer``; the days stand in its upper sixteen bits."""

_SECURE_CONNECTION = {0: SocketType.PLAIN, 1: SocketType.SSL, 2: SocketType.STARTTLS}
"""``SMTPSecureConnection``; 3 means whatever the server can."""
_SECURE_CONNECTION_FOR = inverted(_SECURE_CONNECTION)
_NUMBER = re.compile(r"0[xX]([0-9a-fA-F]{1,8})|([0-9]{1,10})")
_KINDS = {"pop3": Protocol.POP3, "pop": Protocol.POP3, "imap": Protocol.IMAP}

Section = dict[str, str]
_VARIABLE = re.compile("%[^%]+%")


def _reason_against(account: MailAccount) -> str | None:
    """What the file has no place for, and what Windows would change when it reads it."""
    if account.incoming.socket_type is SocketType.STARTTLS:
        return _(
            "An Outlook profile file can express STARTTLS only for sending, not for {host}; use a "
            "server with SSL/TLS (port 993 or 995) if there is one, or the values on the card."
        ).format(host=account.incoming.hostname)
    values = (str(account.address), account.display_name, account.incoming.username, account.outgoing.username)
    for value in values:
        if not value.isascii():
            return _(
                "An Outlook profile file can contain only plain Latin letters, and “{value}” has others; "
                "give another name with --name, and type the rest from the card."
            ).format(value=value)
        if _VARIABLE.search(value) or (len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"):
            return _("Windows would change “{value}” when it reads the file; use the values of the card.").format(
                value=value
            )
    return untidy_name(account)


def _values(account: MailAccount) -> dict[str, Any]:
    return {
        "profile_name": safe_name(account.address),
        "needs_log_in": needs_log_in,
        "secure_connection": lambda server: _SECURE_CONNECTION_FOR[server.socket_type],
        "leave_on_server": _leave_number(account.leave) if account.leave is not None else "",
    }


def _leave_number(policy: LeavePolicy) -> str:
    """The flags “leave” and “remove after”, with the days in the upper half."""
    if policy.kind is AfterDownload.REMOVE:
        return "0x0"
    if policy.days is None:
        return f"0x{LEAVE:X}"
    return f"0x{policy.days << 16 | LEAVE | REMOVE_AFTER:X}"


def _write(text: str) -> bytes:
    """The text in ASCII with the line ends of Windows; raises Mismatch for other letters."""
    try:
        return "".join(f"{line}\r\n" for line in text.strip().splitlines()).encode("ascii")
    except UnicodeEncodeError as error:
        raise Mismatch(str(error)) from None


def _check(content: bytes, account: MailAccount) -> None:
    """Read the file as if it came from anywhere; every key of the account has its line of mapping."""
    try:
        read = read_prf(content, "prf")
        sections = read_sections(content, "prf")
    except Problem as problem:
        raise Mismatch(str(problem)) from None
    if len(read.accounts) != 1 or read.skipped:
        raise Mismatch(f"{len(read.accounts)} accounts, left out: {read.skipped}")
    mapping = sections.get(sections["internet account list"].get("account1", "").casefold(), {})
    unmapped = set(sections.get("account1", {})) - set(mapping) - {"uniqueservice"}
    if unmapped:
        raise Mismatch(f"keys without a line of mapping: {sorted(unmapped)}")
    if any("password" in key for section in sections.values() for key in section):
        raise Mismatch("a password")
    leave = account.leave if account.incoming.protocol is Protocol.POP3 else None
    require_same(read.accounts[0], account, method=first_method, leave=leave)


def read_prf(content: bytes, name: str) -> ReadFile:
    """Read the bytes of a file; ``name`` is what errors call it.

    Raises Problem when it is not such a file, or holds no usable account.
    """
    sections = read_sections(content, name)
    listed = sections.get("internet account list")
    if listed is None:
        raise Problem(
            _("This is not an Outlook profile file: it has no list of mail accounts."), place=Place(printable(name))
        )
    if len(listed) > ACCOUNT_LIMIT:
        raise Problem(_("The file has more than {count} accounts.").format(count=ACCOUNT_LIMIT), place=Place(name))
    accounts, skipped = usable(
        listed, lambda key: _account(sections.get(key, {}), sections.get(listed[key].casefold(), {})), name
    )
    return ReadFile(format=ID, accounts=accounts, skipped=skipped)


def read_sections(content: bytes, name: str) -> dict[str, Section]:
    """The sections of the file by their names in small letters, the keys likewise; the first of two counts.

    As Windows reads such files: blanks around names and values go, and one pair of quotes around a value.
    """
    if len(content) > SIZE_LIMIT:
        raise Problem(
            _("The file is larger than {size} KiB.").format(size=SIZE_LIMIT // 1024), place=Place(printable(name))
        )
    sections: dict[str, Section] = {}
    current: Section = {}
    for line in decoded(content, otherwise="cp1252").splitlines():
        stripped = line.strip()
        if stripped.startswith("[") and stripped.endswith("]"):
            current = sections.setdefault(stripped[1:-1].strip().casefold(), {})
        elif stripped and not stripped.startswith(";"):
            key, equals, value = stripped.partition("=")
            if equals:
                current.setdefault(key.strip().casefold(), _unquoted(value.strip()))
    return sections


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value


def _account(entry: Section, mapping: Section) -> ReadAccount:
    kind = mapping.get("accounttype", "")
    protocol = _KINDS.get(kind.casefold())
    if protocol is None:
        raise Problem(_("the type “{kind}” is not known").format(kind=printable(kind, 40)))
    values = {key: value for key, value in entry.items() if key in mapping}
    start = protocol.value
    spa = _number(values, f"{start}usespa") == 1
    incoming = _server(
        values,
        protocol,
        SocketType.SSL if _number(values, f"{start}usessl") == 1 else SocketType.PLAIN,
        username=values.get(f"{start}username", ""),
        method=AuthenticationMethod.NTLM if spa else AuthenticationMethod.PASSWORD_CLEARTEXT,
    )
    outgoing = _sender(values, incoming.username or "")
    servers = [server for server in (incoming, outgoing) if server.hostname]
    return ReadAccount(
        address=address_or_none(values.get("emailaddress")),
        label=printable(values.get("accountname", ""), 60),
        display_name=one_line(values.get("displayname", "")),
        incoming=incoming_among(servers),
        outgoing=outgoing_among(servers),
        incomplete=incomplete_among(servers),
        leave=_leave(_number(values, "leaveonserver")) if protocol is Protocol.POP3 else None,
    )


def _sender(values: Section, username: str) -> WrittenServer:
    """The server that sends: without a log-in, with the one for receiving, or with one of its own."""
    if _number(values, "smtpuseauth") != 1:
        method, name = AuthenticationMethod.NONE, ""
    else:
        spa = _number(values, "smtpusespa") == 1
        method = AuthenticationMethod.NTLM if spa else AuthenticationMethod.PASSWORD_CLEARTEXT
        name = values.get("smtpusername", "") if _number(values, "smtpauthmethod") == 1 else username
    return _server(values, Protocol.SMTP, _sending_security(values), username=name, method=method)


def _sending_security(values: Section) -> SocketType:
    if "smtpsecureconnection" in values:
        # 3 means whatever the server can.
        by_port = SocketType.SSL if _number(values, "smtpport") == 465 else SocketType.STARTTLS
        return _SECURE_CONNECTION.get(_number(values, "smtpsecureconnection"), by_port)
    return SocketType.SSL if _number(values, "smtpusessl") == 1 else SocketType.PLAIN


def _server(
    values: Section, protocol: Protocol, security: SocketType, *, username: str, method: AuthenticationMethod
) -> WrittenServer:
    kind = protocol.value
    usual = 25 if protocol is Protocol.SMTP else USUAL_PORTS[protocol, security]
    return written_server(
        protocol,
        hostname=values.get(f"{kind}server", ""),
        port=values.get(f"{kind}port", "") or usual,
        socket_type=security,
        username=username,
        authentication=(method,),
    )


def _number(values: Section, key: str) -> int:
    """A number, decimal or with 0x in front; 0 for what is none or is not there."""
    found = _NUMBER.fullmatch(values.get(key, ""))
    if found is None:
        return 0
    return int(found[1], 16) if found[1] else int(found[2])


def _leave(number: int) -> LeavePolicy:
    if not number & LEAVE:
        return LeavePolicy(AfterDownload.REMOVE)
    days = number >> 16
    if number & REMOVE_AFTER and days:
        return LeavePolicy(AfterDownload.KEEP_DAYS, min(days, 3650))
    return LeavePolicy(AfterDownload.KEEP)


PROGRAM = Program(
    id=ID,
    read=read_prf,
    signs=Signs(
        line=re.compile(r"^[ \t]*\[[ \t]*Internet Account List[ \t]*\]", re.MULTILINE | re.IGNORECASE),
        name=re.compile(r".*\.prf", re.IGNORECASE),
    ),
    forms={"prf": Form(write=_write, check=_check, reason_against=_reason_against, values=_values)},
)
