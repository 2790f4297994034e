"""Where the servers of a domain may be when nobody says: a pure expansion of names and ports, best guesses first.

The names are those that people give: ``imap.``, ``pop.``, ``pop3.``, ``smtp.``, ``mail.``, the domain itself, and the
hosts that take its mail (MX); with smaller providers the same machine does everything. The order says which of several
answers is the better one:

1. names of the domain before those of somebody else's: a foreign host is the weakest guess of all;
2. TLS from the first byte before STARTTLS (RFC 8314 section 3);
3. the name that is for the protocol, then ``mail.``, then the domain, then an MX host, which often takes mail only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.model.address import AddressProblem, Hostname, parse_hostname
from wizard.model.servers import USUAL_PORTS, Protocol, SocketType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from wizard.model.address import Domain, Port

MX_LIMIT = 3
"""MX hosts that are tried, by preference: a domain may have hundreds."""

_LABELS = {
    Protocol.IMAP: ("imap.", "mail.", ""),
    Protocol.POP3: ("pop.", "pop3.", "mail.", ""),
    Protocol.SMTP: ("smtp.", "mail.", ""),
}


@dataclass(frozen=True, slots=True)
class Guess:
    """A server that may be there. ``rank``: less is better, among the guesses of one protocol; ``foreign``: the host
    is outside the registrable domain of the address.
    """

    protocol: Protocol
    host: Hostname
    port: Port
    socket_type: SocketType
    rank: tuple[bool, int, int]

    @property
    def foreign(self) -> bool:
        return self.rank[0]


def own_guesses(domain: Domain) -> tuple[Guess, ...]:
    """The servers that the names of ``domain`` itself suggest, the better ones first within each protocol."""
    guesses = []
    for protocol, labels in _LABELS.items():
        names = [name for label in labels if (name := _name(label + domain.ascii)) is not None]
        guesses += _expand(protocol, names, first=0, foreign=False)
    return tuple(guesses)


def mx_guesses(domain: Domain, hosts: Iterable[str], same_owner: Callable[[str], bool]) -> tuple[Guess, ...]:
    """The servers that the MX ``hosts`` (by preference) may also be; ``same_owner`` says which belong to ``domain``.

    Those that :func:`own_guesses` has are left out; so is what is no host name (the null MX of RFC 7505).
    """
    known = {(one.protocol, one.host) for one in own_guesses(domain)}
    names = [name for host in list(hosts)[:MX_LIMIT] if (name := _name(host)) is not None]
    guesses: list[Guess] = []
    for protocol, labels in _LABELS.items():
        for at, name in enumerate(dict.fromkeys(names)):
            if (protocol, name) not in known:
                guesses += _expand(protocol, [name], first=len(labels) + at, foreign=not same_owner(name))
    return tuple(guesses)


def _expand(protocol: Protocol, names: list[Hostname], *, first: int, foreign: bool) -> list[Guess]:
    return [
        Guess(protocol, name, USUAL_PORTS[protocol, socket_type], socket_type, (foreign, security, first + at))
        for security, socket_type in enumerate((SocketType.SSL, SocketType.STARTTLS))
        for at, name in enumerate(names)
    ]


def _name(text: str) -> Hostname | None:
    try:
        return parse_hostname(text)
    except AddressProblem:
        return None  # the longest domains leave no room for a label
