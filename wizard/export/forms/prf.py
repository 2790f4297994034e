"""Outlook profile files: an INI file of Windows, in ASCII, without the values that Windows would change."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from wizard.export.forms import Mismatch
from wizard.export.forms.comparing import require_same, untidy_name
from wizard.export.names import safe_name
from wizard.language import translate as _
from wizard.model.servers import AfterDownload, AuthenticationMethod, Protocol, SocketType

if TYPE_CHECKING:
    from wizard.model.servers import LeavePolicy, MailAccount, Server

_SECURE_CONNECTION = {SocketType.PLAIN: 0, SocketType.SSL: 1, SocketType.STARTTLS: 2}
_VARIABLE = re.compile("%[^%]+%")


def reason_against(account: MailAccount) -> str | None:
    """What the file has no place for, and what Windows would change when it reads it."""
    if account.incoming.socket_type is SocketType.STARTTLS:
        return _(
            "An Outlook profile file cannot say STARTTLS for {host}, only for sending; take a server with SSL/TLS "
            "(port 993 or 995) if there is one, or the values of the card."
        ).format(host=account.incoming.hostname)
    values = (str(account.address), account.display_name, account.incoming.username, account.outgoing.username)
    for value in values:
        if not value.isascii():
            return _(
                "An Outlook profile file can hold plain Latin letters only, and “{value}” has others; another name can "
                "be given with --name, the rest typed with the values of the card."
            ).format(value=value)
        if _VARIABLE.search(value) or (len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"):
            return _("Windows would change “{value}” when it reads the file; use the values of the card.").format(
                value=value
            )
    return untidy_name(account)


def words(account: MailAccount) -> dict[str, Any]:
    """Outlook's numbers."""
    return {
        "profile_name": safe_name(account.address),
        "needs_log_in": lambda server: _method(server) is not AuthenticationMethod.NONE,
        "secure_connection": lambda server: _SECURE_CONNECTION[server.socket_type],
        "leave_on_server": _leave_number(account.leave) if account.leave is not None else "",
    }


def _leave_number(policy: LeavePolicy) -> str:
    """The flags “leave” and “remove after”, with the days in the upper half."""
    from wizard.programs.prf import LEAVE, REMOVE_AFTER

    if policy.kind is AfterDownload.REMOVE:
        return "0x0"
    if policy.days is None:
        return f"0x{LEAVE:X}"
    return f"0x{policy.days << 16 | LEAVE | REMOVE_AFTER:X}"


def _method(server: Server) -> AuthenticationMethod:
    method = server.authentication[0]
    return AuthenticationMethod.NONE if method is AuthenticationMethod.CLIENT_IP_ADDRESS else method


def write(text: str) -> bytes:
    """The text in ASCII with the line ends of Windows; raises Mismatch for other letters."""
    try:
        return "".join(f"{line}\r\n" for line in text.strip().splitlines()).encode("ascii")
    except UnicodeEncodeError as error:
        raise Mismatch(str(error)) from None


def check(content: bytes, account: MailAccount) -> None:
    """Read the file as a file of anybody; every key of the account has its line of mapping."""
    from wizard.model.problems import Problem
    from wizard.programs.prf import read_prf, read_sections

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
    require_same(read.accounts[0], account, method=_method, leave=leave)
