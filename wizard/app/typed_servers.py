"""Servers as a person has them in a mail program: typed as options, read from a file, or found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.language import translate as _
from wizard.model.address import AddressProblem, parse_hostname, parse_port
from wizard.model.diagnosis import Target
from wizard.model.discovery import Evidence, Source, Trust
from wizard.model.problems import Place, Problem
from wizard.model.servers import RECEIVING, USUAL_PORTS, Protocol, SocketType, security_of_port
from wizard.model.text import has_controls, printable

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from wizard.diagnosis.evidence import Home
    from wizard.model.address import EmailAddress
    from wizard.model.discovery import DiscoveryReport, FoundServer
    from wizard.model.provider import Provider


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedServers:
    """HOST or HOST:PORT for each protocol, the security of all of them, and the user name; None: not given."""

    imap: str | None = None
    pop3: str | None = None
    smtp: str | None = None
    security: SocketType | None = None
    username: str | None = None

    @property
    def places(self) -> dict[Protocol, str]:
        """What was typed, by protocol."""
        typed = {Protocol.IMAP: self.imap, Protocol.POP3: self.pop3, Protocol.SMTP: self.smtp}
        return {protocol: text for protocol, text in typed.items() if text is not None}

    def check(self) -> None:
        """Raise Problem for what does not go together, or is no user name."""
        if self.security is not None and not self.places:
            raise Problem(_("It belongs to --imap, --pop3 or --smtp."), place=Place(key="--security"))
        if self.username is not None and (not self.username.strip() or has_controls(self.username)):
            raise Problem(
                _("The user name is empty.")
                if not self.username.strip()
                else _("The user name contains an invisible control character."),
                place=Place(key="--username"),
            )

    def targets(self, address: EmailAddress) -> tuple[Target, ...]:
        """The servers that were typed. Raises Problem that names the option."""
        return tuple(self._target(protocol, text, address) for protocol, text in self.places.items())

    def _target(self, protocol: Protocol, text: str, address: EmailAddress) -> Target:
        name, colon, number = text.strip().rpartition(":")
        place = Place(key=f"--{protocol.value}")
        if "/" in text or len(text.split()) > 1 or (colon and not number):
            raise Problem(
                _(
                    "“{text}” is not the name of a server. Write the name alone, or the name, a colon and the port, as "
                    "in mail.example.org:993."
                ).format(text=printable(text, 80)),
                place=place,
            )
        try:
            host = parse_hostname(name if colon else number)
            port = parse_port(number) if colon else None
        except AddressProblem as problem:
            raise Problem(problem.text, place=place) from None
        security = self.security or (security_of_port(port) if port else None) or SocketType.SSL
        return Target(
            protocol=protocol,
            host=host,
            port=port or USUAL_PORTS[protocol, security],
            socket_type=security,
            username=self.username or str(address),
        )


def targets_of(
    report: DiscoveryReport, *, protocol: Protocol | None = None, username: str | None = None
) -> tuple[Target, ...]:
    """The best server of each protocol; for reading, of ``protocol`` only. ``username`` goes before theirs."""
    reading = RECEIVING if protocol is None else (protocol,)
    found = [report.best(kind) for kind in (*reading, Protocol.SMTP)]
    return tuple(target_of(server, username) for server in found if server is not None)


def target_of(found: FoundServer, username: str | None = None) -> Target:
    """A server that was found, as something to connect to."""
    server = found.server
    return Target(
        protocol=server.protocol,
        host=server.hostname,
        port=server.port,
        socket_type=server.socket_type,
        username=username or server.username,
        authentication=server.authentication,
        evidence=found.evidence,
    )


def published_in(report: DiscoveryReport, *, answering: bool = True) -> dict[Protocol, tuple[Target, ...]]:
    """What was found for the address, the best first; ``answering``: and was seen to answer."""
    servers = [found for found in (report.imap, report.pop3, report.smtp, *report.alternatives) if found is not None]
    fitting = [found for found in servers if found.verified or not answering]
    targets = [target_of(found) for found in fitting if found.evidence.source is not Source.USER]
    return {kind: tuple(target for target in targets if target.protocol is kind) for kind in Protocol}


def home_of(report: DiscoveryReport) -> Home | None:
    """Where the mail of an own domain is delivered and read now; None unless both are known and are in the same hands.

    An address of a provider's own domain never moves. A filter in front of the mailboxes says nothing of where they
    are, nor do guesses.
    """
    from wizard.diagnosis.evidence import Home
    from wizard.discovery.owners import names_of, owner_label
    from wizard.net.domains import registrable

    provider, mx = report.provider, next((each for each in report.sources if each.source is Source.MX), None)
    servers = [found for found in (report.imap, report.pop3, report.smtp) if found is not None]
    sure = [found for found in servers if found.evidence.trust is not Trust.GUESSED and found.verified]
    if mx is None or not mx.mail_hosts or not any(found.server.protocol in RECEIVING for found in sure):
        return None
    if provider is not None and report.address.domain in provider.config.domains:
        return None
    own = () if provider is None else names_of(provider)
    hosts = {found.server.hostname for found in sure}
    together = [each for each in report.sources if any(found.server.hostname in hosts for found in each.servers)]
    named = (found for each in together for found in each.servers if found.evidence.trust is not Trust.GUESSED)
    hosts |= {found.server.hostname for found in named}  # by the same answer
    names = frozenset((*own, *(registrable(host) or host for host in hosts)))
    addresses = frozenset[str]().union(*(found.machine.addresses for found in sure))
    receiver = registrable(mx.mail_hosts[0]) or mx.mail_hosts[0]
    if receiver not in names and not addresses & mx.mail_machine.addresses:
        return None
    return Home(
        name=owner_label(provider, sure),
        mail_host=mx.mail_hosts[0],
        names=names | {registrable(host) or host for host in mx.mail_hosts},
        addresses=addresses | mx.mail_machine.addresses,
        provider=provider,
    )


def providers_of(targets: Iterable[Target], likely: Provider | None, own: Path | None) -> dict[str, Provider]:
    """By host, the provider whose server it is, where that is known; ``likely``: that of the address.

    ``own``: a person's own directory of templates.
    """
    from wizard.discovery.catalogue import find_by_host

    found = {target.host: find_by_host(target.host, likely=likely, own=own) for target in targets}
    return {host: provider for host, provider in found.items() if provider is not None}


def usual_targets(address: EmailAddress) -> tuple[Target, ...]:
    """The names that most hosters use, for an address of which nothing is known: to see why nothing is."""
    return tuple(
        Target(
            protocol=protocol,
            host=parse_hostname(f"{label}.{address.domain.ascii}"),
            port=USUAL_PORTS[protocol, SocketType.SSL],
            socket_type=SocketType.SSL,
            username=str(address),
            evidence=Evidence(Source.PROBE, Trust.GUESSED),
        )
        for protocol, label in ((Protocol.IMAP, "imap"), (Protocol.SMTP, "smtp"))
    )
