"""Comparing a file that was read back with its account, and what the forms share to write one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from wizard.language import translate as _
from wizard.model.servers import AuthenticationMethod
from wizard.programs.program import Mismatch, utf8

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wizard.model.servers import LeavePolicy, MailAccount, Server
    from wizard.programs.reading import ReadAccount


Key = TypeVar("Key")
Value = TypeVar("Value")


def inverted(words: dict[Key, Value]) -> dict[Value, Key]:
    """The word to write for each value of a table that is read: the first one that means it."""
    return {value: word for word, value in reversed(words.items())}


def untidy_name(account: MailAccount) -> str | None:
    """Why the sender's name cannot be kept by a form that drops blanks at both ends; None when it can."""
    if account.display_name != account.display_name.strip():
        return _("The name “{name}” has a space at its start or end.").format(name=account.display_name)
    return None


def with_lines_within(longest: int, text: str) -> bytes:
    """``text`` as UTF-8 with one line feed at the end; raises Mismatch for a line of more than ``longest`` bytes."""
    content = utf8(text)
    if any(len(line) > longest for line in content.splitlines()):
        raise Mismatch(f"a line is longer than {longest} bytes")
    return content


def described(servers: Sequence[Server]) -> str:
    """Everything that a file says of each server, for the message to the author of a template."""
    descriptions = [
        f"{server.protocol} {server.hostname}:{server.port} {server.socket_type} “{server.username}” "
        + "/".join(server.authentication)
        for server in servers
    ]
    return "; ".join(descriptions) or "no server"


def first_method(server: Server) -> AuthenticationMethod:
    """The method of a form that names one log-in a server, and has one word for all servers without one."""
    method = server.authentication[0]
    return AuthenticationMethod.NONE if method is AuthenticationMethod.CLIENT_IP_ADDRESS else method


def needs_log_in(server: Server) -> bool:
    """Whether ``server`` requires a log-in."""
    return first_method(server) is not AuthenticationMethod.NONE


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
            raise Mismatch(f"{described(found)}, not {described((wanted,))}")
    if read.address != account.address:
        raise Mismatch(f"address {read.address}, not {account.address}")
    if read.display_name != account.display_name:
        raise Mismatch(f"name {read.display_name!r}, not {account.display_name!r}")
    if read.leave != leave:
        raise Mismatch(f"leave policy {read.leave}, not {leave}")
    if read.skipped:
        raise Mismatch(f"unreadable parts: {read.skipped}")
