"""Which servers are guessed: a pure expansion of what is known of a domain into names, ports and encryption.

The names are those that people give: ``imap.``, ``pop.``, ``pop3.``, ``smtp.``, ``mail.``. They are tried at the domain
itself, and at what sources have learnt of it: the hosts that were published for the other half of an account, the
hosts that take its mail (MX), and the domain of the company that these belong to.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from wizard.model.address import Hostname, hostname_or_none
from wizard.model.discovery import Source, Trust
from wizard.model.servers import RECEIVING, SENDING, USUAL_PORTS, Protocol, SocketType
from wizard.net.domains import same_registrable

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from wizard.model.address import Domain, Port
    from wizard.model.discovery import SourceReport

MX_LIMIT = 3
"""MX hosts that are tried, by preference: a domain may have hundreds."""

PUBLISHED_LIMIT = 2
"""Published hosts, the best first, that are tried for what nobody published."""

_LABELS = {
    Protocol.IMAP: ("imap.", "mail.", ""),
    Protocol.POP3: ("pop.", "pop3.", "mail.", ""),
    Protocol.SMTP: ("smtp.", "mail.", ""),
}
_WORDS = {Protocol.IMAP: ("imap",), Protocol.POP3: ("pop", "pop3"), Protocol.SMTP: ("smtp",)}
_SERVICE = re.compile(r"(?:imap4?|pop3?|smtp|mail)(s?)((?:[-\d].*|mail)?)")
"""A label that names a service, such as ``imap``, ``pop3s``, ``imap-mail``, ``imap2``, ``imapmail``."""


class Lead(IntEnum):
    """What led to a guess; the first is the best: the same owner as what was published, the domain itself, strangers.

    ``MX_HOST`` and ``PROVIDER`` are outside the registrable domain of the address. A host that takes the mail comes
    before the names of its domain: on shared machines the mailboxes are there, and those names are other customers'.
    """

    PUBLISHED = 0
    OWN = 1
    MX_HOST = 2
    PROVIDER = 3


Rank = tuple[Lead, int, int]
"""Lead, encryption, place among the names: less is better, among the guesses of one protocol."""


@dataclass(frozen=True, slots=True)
class Guess:
    """A server that may be there. ``zone``: the domain below which its name was made up; "" for a name of others."""

    protocol: Protocol
    host: Hostname
    port: Port
    socket_type: SocketType
    rank: Rank
    zone: str = ""

    @property
    def lead(self) -> Lead:
        return self.rank[0]

    @property
    def foreign(self) -> bool:
        return self.lead >= Lead.MX_HOST


def own_guesses(domain: Domain) -> tuple[Guess, ...]:
    """The servers that the names of ``domain`` itself suggest, the better ones first within each protocol."""
    guesses = []
    for protocol, labels in _LABELS.items():
        guesses += _expand(protocol, Lead.OWN, [label + domain.ascii for label in labels], zone=domain.ascii)
    return tuple(guesses)


def mx_guesses(domain: Domain, hosts: Iterable[str], same_owner: Callable[[str], bool]) -> tuple[Guess, ...]:
    """The servers that the MX ``hosts`` (by preference) may also be; ``same_owner`` says which belong to ``domain``.

    Those that :func:`own_guesses` has are left out; so is anything but a host name (the null MX of RFC 7505).
    """
    known = {(guess.protocol, guess.host) for guess in own_guesses(domain)}
    guesses: list[Guess] = []
    for protocol, labels in _LABELS.items():
        for position, host in enumerate(dict.fromkeys(list(hosts)[:MX_LIMIT])):
            if (protocol, host) not in known:
                lead = Lead.OWN if same_owner(host) else Lead.MX_HOST
                guesses += _expand(protocol, lead, [host], first=len(labels) + position)
    return tuple(guesses)


def provider_guesses(domains: Iterable[Domain]) -> tuple[Guess, ...]:
    """The servers that the names of ``domains`` suggest, to which the hosts belong that take the mail (best first)."""
    guesses: list[Guess] = []
    for protocol, labels in _LABELS.items():
        first = 0
        for domain in domains:
            names = [label + domain.ascii for label in labels if label]  # the domain itself is its company's web site
            guesses += _expand(protocol, Lead.PROVIDER, names, first=first, zone=domain.ascii)
            first += len(names)
    return tuple(guesses)


def published_guesses(reports: Iterable[SourceReport]) -> tuple[Guess, ...]:
    """Where servers for receiving were published and none for sending: their hosts, and names like theirs; and the
    other way round.

    What is said not to be offered is not guessed, and a guess leads to no other.
    """
    ranked = sorted(reports, key=lambda report: tuple(Source).index(report.source))
    servers = [
        found.server for report in ranked for found in report.servers if found.evidence.trust is not Trust.GUESSED
    ]
    denied = {protocol for report in ranked for protocol in report.not_offered}
    guesses: list[Guess] = []
    for wanted, other in ((SENDING, RECEIVING), (RECEIVING, SENDING)):
        if any(server.protocol in wanted and server.secure for server in servers):
            continue
        hosts = list(dict.fromkeys(server.hostname for server in servers if server.protocol in other))
        for protocol in wanted:
            if protocol not in denied:
                guesses += _beside(protocol, hosts[:PUBLISHED_LIMIT])
    return tuple(guesses)


def _beside(protocol: Protocol, hosts: Collection[str]) -> list[Guess]:
    """Guesses for ``protocol`` at ``hosts`` themselves, then at the names that they would have for it."""
    siblings = dict.fromkeys(name for host in hosts for name in _siblings(protocol, host) if name not in hosts)
    return [
        *_expand(protocol, Lead.PUBLISHED, list(hosts)),
        *(
            guess
            for position, (name, zone) in enumerate(zip(siblings, map(_parent, siblings), strict=True))
            for guess in _expand(protocol, Lead.PUBLISHED, [name], first=len(hosts) + position, zone=zone)
        ),
    ]


def _siblings(protocol: Protocol, host: str) -> list[str]:
    """The names for ``protocol`` beside ``host``: of ``imap.example.org`` they are ``smtp.`` and ``mail.``."""
    label, parent = host.partition(".")[0], _parent(host)
    service = _SERVICE.fullmatch(label)
    if service is None or not same_registrable(f"mail.{parent}", host):
        return []
    plural, rest = service.groups()
    labels = [f"{word}{ending}{rest}" for ending in dict.fromkeys((plural, "")) for word in _WORDS[protocol]]
    return [f"{name}.{parent}" for name in (*labels, *(() if rest else ("mail",)))]


def _parent(host: str) -> str:
    return host.partition(".")[2]


def _expand(protocol: Protocol, lead: Lead, names: Iterable[str], *, first: int = 0, zone: str = "") -> list[Guess]:
    hosts = [host for name in names if (host := hostname_or_none(name)) is not None]
    return [
        Guess(
            protocol,
            host,
            USUAL_PORTS[protocol, socket_type],
            socket_type,
            (lead, security, first + position),
            "" if host == zone else zone,
        )
        for security, socket_type in enumerate((SocketType.SSL, SocketType.STARTTLS))
        for position, host in enumerate(hosts)
    ]
