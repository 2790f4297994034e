"""What a rule goes by (the evidence), what it comes to (a cause), and how a rule is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wizard.model.diagnosis import Confidence
from wizard.model.discovery import Source
from wizard.model.provider import OTHER_USERNAMES
from wizard.model.servers import Protocol, fill
from wizard.model.text import printable
from wizard.net.domains import registrable, same_registrable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from wizard.model.address import EmailAddress
    from wizard.model.diagnosis import Observation, Target
    from wizard.model.provider import Provider, Quirk, Step
    from wizard.model.servers import Server

    Published = Mapping[Protocol, Sequence[Target]]
    """By protocol, what was found for an address and was seen to answer, the best first."""

CERTAIN, LIKELY, POSSIBLE = Confidence.CERTAIN, Confidence.LIKELY, Confidence.POSSIBLE

LONGEST_QUOTE = 140
"""Characters of a server's words that are shown."""

_LABELS = {Protocol.IMAP: ("imap", "imaps"), Protocol.POP3: ("pop", "pop3", "pops"), Protocol.SMTP: ("smtp", "smtps")}


@dataclass(frozen=True, slots=True)
class Cause:
    """A code of docs/doctor.md, perhaps in a special ``case`` of templates/doctor.yaml.

    ``values`` for its texts go before those that :mod:`wizard.diagnosis.findings` reads off the evidence.
    """

    code: str
    confidence: Confidence
    case: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


Causes = tuple[Cause, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Where the mail of somebody's own domain is delivered and read now, as DNS and published settings say.

    ``name``: the provider's, or its domain. ``mail_host``: the most preferred MX. ``names``: registrable domains of its
    servers, ``addresses``: those of its machines, as far as they are known.
    """

    name: str
    mail_host: str
    names: frozenset[str]
    addresses: frozenset[str] = frozenset()
    provider: Provider | None = None

    def has(self, observation: Observation, provider: Provider | None) -> bool:
        """Whether an observed server, of ``provider`` where that is known, is in the same hands or on the same machine.

        Its certificate says in whose hands a server is that has a name of its customer's domain.
        """
        certificate = observation.certificate
        names = {observation.target.host, *(certificate.names if certificate is not None else ())}
        registered = {registrable(name.removeprefix("*.")) or name for name in names}
        if registered & self.names or self.addresses.intersection(observation.addresses):
            return True
        return provider is not None and self.provider is not None and belong_together(provider, self.provider)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was observed of one server, beside ``all_observations`` of the run, itself included.

    ``address_provider``: where the address is from, or where its mail is delivered. ``providers``: by host, those whose
    servers the run has looked at. ``published``: what was found for the address and was seen to answer. ``home``: where
    the mail of an own domain is now.
    """

    address: EmailAddress
    observation: Observation
    address_provider: Provider | None
    all_observations: tuple[Observation, ...]
    providers: Mapping[str, Provider] = field(default_factory=dict)
    published: Published = field(default_factory=dict)
    home: Home | None = None

    @property
    def server_provider(self) -> Provider | None:
        """Whose server it is, where that is known."""
        return self.providers.get(self.observation.target.host)

    @property
    def provider(self) -> Provider | None:
        """Whose rules count at this server: those of its own provider; of an unknown one, that of the address."""
        return self.server_provider or self.address_provider

    @property
    def sending(self) -> bool:
        return self.observation.target.protocol is Protocol.SMTP

    @property
    def home_provider(self) -> Provider | None:
        """Where the mailbox is known to be: where a log-in of the run was accepted, else where the address is from.

        Where an own domain has its mailboxes is :attr:`home`.
        """
        accepting = [seen for seen in self.all_observations if any(login.accepted for login in seen.logins)]
        for seen in accepting:
            if (provider := self.providers.get(seen.target.host)) is not None:
                return provider
        home = self.address_provider
        return home if home is not None and self.address.domain in home.config.domains else None

    @property
    def of_the_account(self) -> tuple[Observation, ...]:
        """What else was observed of this account: the same user name, at servers in the same hands."""
        mine = self.observation
        return tuple(
            other
            for other in self.all_observations
            if other is not mine and other.target.username == mine.target.username and self._in_the_same_hands(other)
        )

    def _in_the_same_hands(self, other: Observation) -> bool:
        hosts = self.observation.target.host, other.target.host
        if hosts[0] == hosts[1] or same_registrable(*hosts) or set(self.observation.addresses) & set(other.addresses):
            return True
        providers = self.server_provider, self.providers.get(other.target.host)
        return providers[0] is not None and providers[1] is not None and belong_together(providers[0], providers[1])

    @property
    def accepting(self) -> Observation | None:
        """The server of this account that let the same user name in, with the same password."""
        name = self.observation.target.username
        return next(
            (
                other
                for other in self.of_the_account
                if any(login.accepted and login.username == name for login in other.logins)
            ),
            None,
        )

    @property
    def first_steps(self) -> tuple[Step, ...]:
        """What has to be done at the provider before a program is let in by this protocol, verified steps first."""
        steps = self.provider.switch_on if self.provider is not None else ()
        fitting = [step for step in steps if not step.protocols or self.observation.target.protocol in step.protocols]
        return tuple(sorted(fitting, key=lambda step: not step.source.verified))

    @property
    def username_quirk(self) -> Quirk | None:
        """What the provider is known to have for a user name instead of the address."""
        quirks = self.provider.quirks if self.provider is not None else ()
        return next((quirk for quirk in quirks if quirk.code in OTHER_USERNAMES), None)

    @property
    def expected_username(self) -> str:
        """The user name that is published for the address with this server, else that of the provider's file."""
        target = self.observation.target
        published = [each for each in self.published.get(target.protocol, ()) if each.host == target.host]
        names = [each.username for each in published if each.source is not Source.PROBE]
        return names[0] if names else self.provider_username if self.at_provider else ""

    @property
    def certifier(self) -> Provider | None:
        """Through whose own server the mail has to leave: the address's provider, or that of a mailbox of the run."""
        reading = [seen.target for seen in self.all_observations if seen.target.protocol is not Protocol.SMTP]
        candidates = (self.address_provider, *(self.providers.get(target.host) for target in reading))
        strict = [each for each in candidates if each is not None and (each.certified_mail or each.smtp_must_match)]
        return next((each for each in strict if each.config.outgoing), None)

    def certifies(self, host: str) -> bool:
        """Whether ``host`` is an outgoing server of the certifier, or beside one (smtp and smtps.pec.example.it)."""
        servers = self.certifier.config.outgoing if self.certifier is not None else ()
        return any(_beside(self.host_of(server), host) for server in servers)

    @property
    def provider_server(self) -> Server | None:
        """The provider's own server for this protocol: the one with this host, else the first."""
        if self.provider is None:
            return None
        config, target = self.provider.config, self.observation.target
        own = [server for server in (*config.incoming, *config.outgoing) if server.protocol is target.protocol]
        return next((server for server in own if self.host_of(server) == target.host), own[0] if own else None)

    def host_of(self, server: Server) -> str:
        """The host of a server of the catalogue for this address."""
        return fill(server.hostname, self.address).lower()

    @property
    def at_provider(self) -> bool:
        """Whether the server is one of the provider's own."""
        server = self.provider_server
        return server is not None and self.host_of(server) == self.observation.target.host

    @property
    def provider_username(self) -> str:
        """The user name as the provider's file has it for this server, or nothing."""
        server = self.provider_server
        return fill(server.username, self.address) if server is not None else ""


@dataclass(frozen=True, slots=True)
class Missing:
    """A protocol that an account needs, and of which nobody knows a server; ``others``: those that are known."""

    protocol: Protocol
    others: tuple[Protocol, ...] = ()


def _beside(own: str, host: str) -> bool:
    domain = own.partition(".")[2]
    return own == host or (domain.count(".") > 1 and host.endswith(f".{domain}") and same_registrable(own, host))


def belong_together(provider: Provider, other: Provider) -> bool:
    """Whether two providers are one, or have servers or mail exchangers in one registered domain."""
    return provider.id == other.id or bool(_domains_of(provider) & _domains_of(other))


def _domains_of(provider: Provider) -> set[str]:
    servers = (*provider.config.incoming, *provider.config.outgoing)
    names = (*(server.hostname for server in servers), *provider.mx_suffixes, *provider.server_suffixes)
    return {domain for name in names if (domain := registrable(name)) is not None}


def best_host(names: Iterable[str], protocol: Protocol) -> str:
    """The name of a certificate that looks most like a server of ``protocol``; no wildcard."""
    hosts = [name for name in names if not name.startswith("*.")]
    for labels in (_LABELS[protocol], ("mail", "mx")):
        for host in hosts:
            if host.partition(".")[0] in labels:
                return host
    return hosts[0] if hosts else ""


def quoted(text: str) -> str:
    """Text from others: printable, short, in quotes that it cannot close; empty for empty."""
    shown = " ".join(printable(text, LONGEST_QUOTE).split()).replace("“", '"').replace("”", '"')
    return f"“{shown}”" if shown else ""


def quoted_list(words: Iterable[str]) -> str:
    """A list of a server's words, in quotes, cut short."""
    return quoted(", ".join(words))


@dataclass(frozen=True, slots=True)
class Rule:
    """A pure function from evidence to causes, none where it does not apply.

    ``codes``: those that it comes to by itself; where it asks what the words of a server mean (``reads_answers``),
    any code of the data besides.
    """

    codes: tuple[str, ...]
    find: Callable[[Evidence], Causes]
    reads_answers: bool = False

    def __call__(self, evidence: Evidence) -> Causes:
        return self.find(evidence)


def rule(*codes: str, reads_answers: bool = False) -> Callable[[Callable[[Evidence], Causes]], Rule]:
    """Decorates a function as the rule for ``codes``; lists in the modules of the rules say when it is asked."""

    def decorate(find: Callable[[Evidence], Causes]) -> Rule:
        return Rule(codes, find, reads_answers)

    return decorate
