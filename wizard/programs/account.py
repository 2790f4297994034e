"""What a settings file of any format says: one account, as far as the file goes; each value checked at the door."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.language import translate as _
from wizard.model.address import parse_hostname, parse_port
from wizard.model.problems import Place, Problem
from wizard.model.servers import PASSWORD_METHODS, Protocol, server
from wizard.model.text import has_controls, printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from wizard.model.address import EmailAddress
    from wizard.model.servers import AuthenticationMethod, IncomingServer, LeavePolicy, OutgoingServer, SocketType

LONGEST_VALUE = 500
"""Characters of a user name or a person's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadAccount:
    """An account that a file holds. Servers are in the order of the file; a list may be empty (a program that only
    sends has no incoming server). ``address`` and ``leave`` are None where the file says nothing. ``skipped`` names
    what was left out, and why. Nothing is a placeholder.
    """

    address: EmailAddress | None
    display_name: str = ""
    incoming: tuple[IncomingServer, ...] = ()
    outgoing: tuple[OutgoingServer, ...] = ()
    leave: LeavePolicy | None = None
    skipped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadAccounts:
    """The accounts of a file that may hold several, the first one first; ``skipped``: why others are not among them."""

    accounts: tuple[ReadAccount, ...]
    skipped: tuple[str, ...] = ()


def read_server(
    protocol: Protocol,
    *,
    hostname: str,
    port: str | int,
    socket_type: SocketType,
    username: str,
    authentication: Iterable[AuthenticationMethod],
) -> IncomingServer | OutgoingServer:
    """The server of these values of a file; raises Problem with the reason when one cannot be."""
    methods = tuple(dict.fromkeys(authentication))
    needed = protocol is not Protocol.SMTP or not PASSWORD_METHODS.isdisjoint(methods)
    if needed and not username:
        raise Problem(_("There is no user name for {host}.").format(host=parse_hostname(hostname)))
    return server(
        protocol,
        hostname=parse_hostname(hostname),
        port=parse_port(port),
        socket_type=socket_type,
        username=one_line(username),
        authentication=methods,
    )


def usable(
    keys: Iterable[str], read: Callable[[str], ReadAccount | None], name: str
) -> tuple[tuple[ReadAccount, ...], tuple[str, ...]]:
    """The accounts that ``read`` makes of ``keys``, and why others cannot be used; None is no account of e-mail.

    Raises Problem, which calls the file ``name``, when there is none.
    """
    accounts, skipped = [], []
    for key in keys:
        try:
            found = read(key)
        except Problem as problem:
            skipped.append(printable(f"{key}: {problem.text}"))
        else:
            accounts += [found] if found is not None else []
    if not accounts:
        reason = skipped[0] if skipped else _("it is empty")
        raise Problem(
            _("The file has no account that can be used ({reason}).").format(reason=reason),
            place=Place(printable(name)),
        )
    return tuple(accounts), tuple(skipped)


def one_line(text: str) -> str:
    """A user name or the name of a person, as it is; raises Problem for control characters and for endless text."""
    if has_controls(text.replace("\u200c", "").replace("\u200d", "")):
        raise Problem(_("The text holds an invisible control character."))
    if len(text) > LONGEST_VALUE:
        raise Problem(_("A value is longer than {count} characters.").format(count=LONGEST_VALUE))
    return text
