"""A file that was read back against the account it was written for: for forms that hold one account, a log-in each."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wizard.export.forms import Mismatch
from wizard.language import translate as _

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wizard.model.servers import AuthenticationMethod, LeavePolicy, MailAccount, Server
    from wizard.programs.account import ReadAccount


def untidy_name(account: MailAccount) -> str | None:
    """Why the sender's name cannot be kept by a form that drops blanks at both ends; None when it can."""
    if account.display_name != account.display_name.strip():
        return _("The name “{name}” has a space at its start or end.").format(name=account.display_name)
    return None


def with_lines_within(longest: int, text: str) -> bytes:
    """``text`` as UTF-8 with one line feed at the end; raises Mismatch for a line of more than ``longest`` bytes."""
    content = text.strip().encode() + b"\n"
    if any(len(line) > longest for line in content.splitlines()):
        raise Mismatch(f"a line is longer than {longest} bytes")
    return content


def in_words(servers: Sequence[Server]) -> str:
    """Servers as somebody who writes a template compares them: everything that a file says of each."""
    said = [
        f"{one.protocol} {one.hostname}:{one.port} {one.socket_type} “{one.username}” {'/'.join(one.authentication)}"
        for one in servers
    ]
    return "; ".join(said) or "no server"


def require_same(
    read: ReadAccount,
    account: MailAccount,
    *,
    method: Callable[[Server], AuthenticationMethod | None],
    leave: LeavePolicy | None,
) -> None:
    """Raise Mismatch unless ``read`` is ``account`` with its two servers, each with the log-in that ``method`` names.

    ``leave`` is what the form says about messages on the server, which may be less than the account says.
    """
    for found, server in ((read.incoming, account.incoming), (read.outgoing, account.outgoing)):
        chosen = method(server)
        wanted = replace(server, authentication=() if chosen is None else (chosen,))
        if found != (wanted,):
            raise Mismatch(f"{in_words(found)}, not {in_words((wanted,))}")
    if read.address != account.address:
        raise Mismatch(f"address {read.address}, not {account.address}")
    if read.display_name != account.display_name:
        raise Mismatch(f"name {read.display_name!r}, not {account.display_name!r}")
    if read.leave != leave:
        raise Mismatch(f"leave policy {read.leave}, not {leave}")
    if read.skipped:
        raise Mismatch(f"unreadable parts: {read.skipped}")
