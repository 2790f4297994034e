"""Reads Outlook profile files (``.prf``) as the mail accounts in them, without trusting them.

Source: Microsoft's documents of the seven sections of such a file, and of the constants of ``LeaveOnServer`` and
``SMTPSecureConnection``. A key counts only when the mapping section of its account has a line for it, as in Outlook.
Exchange accounts are passed over; an account that cannot be used is left out with its reason.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from dataclasses import dataclass

from wizard.language import translate as _
from wizard.model.address import parse_address
from wizard.model.problems import Place, Problem
from wizard.model.servers import (
    USUAL_PORTS,
    AfterDownload,
    AuthenticationMethod,
    IncomingServer,
    LeavePolicy,
    OutgoingServer,
    Protocol,
    SocketType,
)
from wizard.model.text import printable
from wizard.programs.account import ReadAccount, one_line, read_server, usable

SIZE_LIMIT = 256 * 1024
"""Bytes; Microsoft's own template has some fifteen thousand."""

ACCOUNT_LIMIT = 64

LEAVE, REMOVE_AFTER = 0x1, 0x2
"""Flags of ``LeaveOnServer``; the days stand in its upper sixteen bits."""

_NUMBER = re.compile(r"0[xX]([0-9a-fA-F]{1,8})|([0-9]{1,10})")
_KINDS = {"pop3": Protocol.POP3, "pop": Protocol.POP3, "imap": Protocol.IMAP}

Section = dict[str, str]


@dataclass(frozen=True, slots=True)
class ReadProfileFile:
    """The accounts in their order; ``skipped`` says why others are not among them."""

    accounts: tuple[ReadAccount, ...]
    skipped: tuple[str, ...] = ()


def read_prf(content: bytes, name: str) -> ReadProfileFile:
    """Read the bytes of a file; ``name`` is what errors call it.

    Raises Problem when it is no such file, or holds no account that can be used.
    """
    sections = read_sections(content, name)
    listed = sections.get("internet account list")
    if listed is None:
        raise Problem(
            _("This is no Outlook profile file: it has no list of mail accounts."), place=Place(printable(name))
        )
    if len(listed) > ACCOUNT_LIMIT:
        raise Problem(_("The file has more than {count} accounts.").format(count=ACCOUNT_LIMIT), place=Place(name))
    accounts, skipped = usable(
        listed, lambda key: _account(sections.get(key, {}), sections.get(listed[key].casefold(), {})), name
    )
    return ReadProfileFile(accounts, skipped)


def read_sections(content: bytes, name: str) -> dict[str, Section]:
    """The sections of the file by their names in small letters, the keys likewise; the first of two counts.

    As Windows reads such files: blanks around names and values go, and one pair of quotes around a value.
    """
    if len(content) > SIZE_LIMIT:
        raise Problem(
            _("The file is larger than {size} KiB.").format(size=SIZE_LIMIT // 1024), place=Place(printable(name))
        )
    made: dict[str, Section] = {}
    current: Section = {}
    for line in _text(content).splitlines():
        stripped = line.strip()
        if stripped.startswith("[") and stripped.endswith("]"):
            current = made.setdefault(stripped[1:-1].strip().casefold(), {})
        elif stripped and not stripped.startswith(";"):
            key, equals, value = stripped.partition("=")
            if equals:
                current.setdefault(key.strip().casefold(), _unquoted(value.strip()))
    return made


def _text(content: bytes) -> str:
    if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value


def _account(entry: Section, mapping: Section) -> ReadAccount | None:
    """An account; None for one that is neither IMAP nor POP3."""
    protocol = _KINDS.get(mapping.get("accounttype", "").casefold())
    if protocol is None:
        return None
    said = {key: value for key, value in entry.items() if key in mapping}
    kind = protocol.value
    spa = _number(said, f"{kind}usespa") == 1
    incoming = _server(
        said,
        protocol,
        SocketType.SSL if _number(said, f"{kind}usessl") == 1 else SocketType.PLAIN,
        username=said.get(f"{kind}username", ""),
        method=AuthenticationMethod.NTLM if spa else AuthenticationMethod.PASSWORD_CLEARTEXT,
    )
    outgoing = _sender(said, incoming.username)
    assert isinstance(incoming, IncomingServer)
    assert isinstance(outgoing, OutgoingServer)
    return ReadAccount(
        address=parse_address(one_line(said.get("emailaddress", ""))),
        display_name=one_line(said.get("displayname", "")),
        incoming=(incoming,),
        outgoing=(outgoing,),
        leave=_leave(_number(said, "leaveonserver")) if protocol is Protocol.POP3 else None,
    )


def _sender(said: Section, username: str) -> IncomingServer | OutgoingServer:
    """The server that sends: without a log-in, with the one for receiving, or with one of its own."""
    if _number(said, "smtpuseauth") != 1:
        method, name = AuthenticationMethod.NONE, ""
    else:
        spa = _number(said, "smtpusespa") == 1
        method = AuthenticationMethod.NTLM if spa else AuthenticationMethod.PASSWORD_CLEARTEXT
        name = said.get("smtpusername", "") if _number(said, "smtpauthmethod") == 1 else username
    return _server(said, Protocol.SMTP, _sending_security(said), username=name, method=method)


def _sending_security(said: Section) -> SocketType:
    known = {0: SocketType.PLAIN, 1: SocketType.SSL, 2: SocketType.STARTTLS}
    if "smtpsecureconnection" in said:
        # 3 means whatever the server can.
        by_port = SocketType.SSL if _number(said, "smtpport") == 465 else SocketType.STARTTLS
        return known.get(_number(said, "smtpsecureconnection"), by_port)
    return SocketType.SSL if _number(said, "smtpusessl") == 1 else SocketType.PLAIN


def _server(
    said: Section, protocol: Protocol, security: SocketType, *, username: str, method: AuthenticationMethod
) -> IncomingServer | OutgoingServer:
    kind = protocol.value
    usual = 25 if protocol is Protocol.SMTP else USUAL_PORTS[protocol, security]
    return read_server(
        protocol,
        hostname=said.get(f"{kind}server", ""),
        port=said.get(f"{kind}port", "") or usual,
        socket_type=security,
        username=username,
        authentication=(method,),
    )


def _number(said: Section, key: str) -> int:
    """A number, decimal or with 0x in front; 0 for what is none or is not there."""
    found = _NUMBER.fullmatch(said.get(key, ""))
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
