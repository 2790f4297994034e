"""What a look-up found: servers with their evidence, and what every source said. Absence is a value."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from wizard.model.servers import IncomingServer, OutgoingServer, Protocol

if TYPE_CHECKING:
    from wizard.model.address import EmailAddress
    from wizard.model.problems import Notice
    from wizard.model.provider import Provider
    from wizard.model.servers import SocketType


class Source(StrEnum):
    """The sources in the order of whose word counts more. What else is particular to one is in its ``SourceSpec``."""

    CATALOGUE = "catalogue"
    SRV = "srv"
    AUTOCONFIG = "autoconfig"
    WELL_KNOWN = "well-known"
    ISPDB = "ispdb"
    MX = "mx"
    AUTODISCOVER = "autodiscover"
    PACC = "pacc"
    PROBE = "probe"
    USER = "user"


class Trust(StrEnum):
    """How far a finding can be trusted, before connecting to the server."""

    AUTHENTICATED = "authenticated"
    UNAUTHENTICATED = "unauthenticated"
    GUESSED = "guessed"


class Outcome(StrEnum):
    FOUND = "found"
    NOTHING = "nothing"
    UNREACHABLE = "unreachable"
    MALFORMED = "malformed"
    REFUSED = "refused"
    CANCELLED = "cancelled"


NO_NETWORK, DENIES_NAMES, CAPTIVE_PORTAL = "no_network", "dns_denies_names", "captive_portal"
NETWORK_CODES = (NO_NETWORK, DENIES_NAMES, CAPTIVE_PORTAL)
"""Codes of warnings that no answer of this network can be relied on."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a server was read, and how far that can be trusted."""

    source: Source
    trust: Trust
    url: str | None = None


class Machine(NamedTuple):
    """What the DNS said of a host: its addresses, and the names that it is an alias of (CNAME), as A-labels."""

    addresses: frozenset[str] = frozenset()
    aliases: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class FoundServer:
    """A server with placeholders filled in, its evidence, and whether it was seen to answer.

    ``says_log_in``: whether somebody published how to log in; else what the server announces counts alone.

    ``verified``: a TLS connection with a matching certificate and a protocol greeting was seen; None: not looked at.
    ``trouble``: where it was looked at in vain, why, as a finished sentence. ``published``: the security that was
    published, where the server was seen to want another, which ``server`` has. ``offers_no_encryption``: it was
    published without encryption, and was seen to offer none. ``machine``: as far as the look-up came to know it.
    """

    server: IncomingServer | OutgoingServer
    evidence: Evidence
    verified: bool | None = None
    trouble: str = ""
    published: SocketType | None = None
    offers_no_encryption: bool = False
    says_log_in: bool = True
    machine: Machine = field(default=Machine(), compare=False)


@dataclass(frozen=True, slots=True)
class SourceReport:
    """What one source said; ``elapsed_ms`` is whole milliseconds.

    ``not_offered``: protocols of which the source says that there is no server (RFC 6186 section 3.4). ``tried``:
    guesses that are there but fail, each with its trouble, likeliest first. ``left_out``: published servers that are
    not connected to, because their ports are none of mail. Both are never offered: they say why nothing is.
    ``mail_hosts``: the hosts that take the mail of the domain, the most preferred first, where the source asked for
    them. ``mail_machine``: that of the first of these.
    """

    source: Source
    outcome: Outcome
    url: str | None = None
    elapsed_ms: int = 0
    detail: str = ""
    servers: tuple[FoundServer, ...] = ()
    provider: Provider | None = None
    warnings: tuple[Notice, ...] = ()
    needs_consent: tuple[Notice, ...] = ()
    not_offered: tuple[Protocol, ...] = ()
    tried: tuple[FoundServer, ...] = ()
    left_out: tuple[FoundServer, ...] = ()
    mail_hosts: tuple[str, ...] = ()
    mail_machine: Machine = field(default=Machine(), compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoveryReport:
    """The servers of an address: the best of each protocol, the others, and every source's outcome.

    ``others``: the same for each further company that a whole account was published of and that answers.
    """

    address: EmailAddress
    elapsed_ms: int = 0
    provider: Provider | None = None
    imap: FoundServer | None = None
    pop3: FoundServer | None = None
    smtp: FoundServer | None = None
    alternatives: tuple[FoundServer, ...] = ()
    needs_consent: tuple[Notice, ...] = ()
    warnings: tuple[Notice, ...] = ()
    sources: tuple[SourceReport, ...] = ()
    others: tuple[DiscoveryReport, ...] = ()

    def best(self, protocol: Protocol) -> FoundServer | None:
        """The best server of ``protocol`` that is offered, or None."""
        return {Protocol.IMAP: self.imap, Protocol.POP3: self.pop3, Protocol.SMTP: self.smtp}[protocol]

    def failing(self, protocol: Protocol) -> FoundServer | None:
        """A server of ``protocol`` that is there, but cannot be offered: it does not encrypt, or connecting failed.

        None where one is offered, and where the domain says that it offers none.
        """
        denied = any(protocol in source.not_offered for source in self.sources)
        if denied or self.best(protocol) is not None:
            return None
        there = (found for source in self.sources for found in (*source.servers, *source.tried))
        of_protocol = (found for found in there if found.server.protocol is protocol)
        return next((found for found in of_protocol if found.verified is False or not found.server.secure), None)

    def left_out(self, protocol: Protocol) -> FoundServer | None:
        """A published server of ``protocol`` that is not connected to, because of its port."""
        left_out = (found for source in self.sources for found in source.left_out)
        return next((found for found in left_out if found.server.protocol is protocol), None)

    @property
    def usable(self) -> bool:
        """Whether an account can be made of it: something to read with and something to send with."""
        return self.smtp is not None and (self.imap is not None or self.pop3 is not None)

    @property
    def offer(self) -> str | None:
        """The value of the answer key ``provider`` that the findings say: which protocols are offered.

        None when nothing is known. A provider that is known to offer no open protocol says ``neither``.
        """
        if self.imap is not None and self.pop3 is not None:
            return "both"
        if self.imap is not None:
            # One protocol found does not prove that the other is not offered, unless the provider is known.
            return "imap_only" if self.provider is not None and self.provider.offers == "imap_only" else None
        if self.pop3 is not None:
            return "pop_only" if self.provider is not None and self.provider.offers == "pop_only" else None
        return self.provider.offers if self.provider is not None else None

    def with_server(self, found: FoundServer) -> DiscoveryReport:
        """The same report with ``found`` as the best server of its protocol; consent to a guess is not asked again."""
        protocol = found.server.protocol
        if protocol is Protocol.IMAP:
            return replace(self, imap=found)
        return replace(self, pop3=found) if protocol is Protocol.POP3 else replace(self, smtp=found)
