"""A diagnosis: what was tried with each server, what was seen, and what that means for the user."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from wizard.model.discovery import Evidence, Source, Trust

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wizard.model.address import EmailAddress
    from wizard.model.servers import AuthenticationMethod, Protocol, SocketType


class RungName(StrEnum):
    """The steps of the ladder, in order; STARTTLS comes between greeting and TLS where the connection is upgraded."""

    DNS = "dns"
    TCP = "tcp"
    TLS = "tls"
    GREETING = "greeting"
    CAPABILITIES = "capabilities"
    STARTTLS = "starttls"
    LOGIN = "login"
    MAILBOX = "mailbox"


class RungStatus(StrEnum):
    OK = "ok"
    FAILED = "failed"
    SKIPPED = "skipped"


class Confidence(StrEnum):
    """How sure a finding is: shown by what was seen, the usual meaning of it, or one of several."""

    CERTAIN = "certain"
    LIKELY = "likely"
    POSSIBLE = "possible"


@dataclass(frozen=True, slots=True)
class Rung:
    """One step: ``detail`` is what was seen, printable; ``elapsed_ms`` whole milliseconds."""

    name: RungName
    status: RungStatus
    detail: str = ""
    elapsed_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A server as the mail program has it; ``host`` as A-labels. ``evidence``: where the settings came from."""

    protocol: Protocol
    host: str
    port: int
    socket_type: SocketType
    username: str
    authentication: tuple[AuthenticationMethod, ...] = ()
    evidence: Evidence = field(default=Evidence(Source.USER, Trust.UNAUTHENTICATED), compare=False)

    @property
    def source(self) -> Source:
        """Who named it."""
        return self.evidence.source

    @property
    def guessed(self) -> bool:
        """Whether nobody who knows named it."""
        return self.evidence.trust is Trust.GUESSED


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What a server showed of itself. ``names``: DNS names as A-labels; times are seconds since 1970 (UTC).

    ``issuer``: organisation and common name of the issuer, printable; ``error``: why it was not accepted, or "".
    ``key``: ``RSA 2048``, ``EC P-256`` …; ``chain``: how many certificates were sent; ``root``: the common name of the
    root that the chain leads to, where it is known.
    """

    names: tuple[str, ...] = ()
    subject: str = ""
    issuer: str = ""
    not_before: float = 0.0
    not_after: float = 0.0
    self_signed: bool = False
    key: str = ""
    signature: str = ""
    chain: int = 0
    root: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginAttempt:
    """One log-in: the mechanism, the user name, and the server's answer (code and text, printable).

    Of a message that was sent, ``mechanism`` is the SMTP command that the answer belongs to.
    """

    mechanism: str
    username: str
    accepted: bool
    code: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherPort:
    """Another port of the host, tried because the first one failed; ``answers``: the protocol came about."""

    port: int
    socket_type: SocketType
    answers: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """Everything that was seen of one target, unjudged: what it means is the business of the rules.

    ``failure``: of the first rung that failed, the kind of :class:`wizard.net.failures.FailureKind`, or
    ``login_refused`` (the server did not accept), ``login_impossible`` (no mechanism in common), ``login_unencrypted``
    (the password would travel readable), ``mailbox_refused``, ``message_refused``.
    ``families``: ``ipv4`` and ``ipv6`` with ``ok`` or the kind of failure of TCP there. ``spoken``: what the server
    spoke instead of the protocol (``imap``, ``pop3``, ``smtp``, ``http``, ``ssh``, ``tls``, ``plain``), if recognised.
    ``tls_version``: as agreed; ``only_old_tls``: a version below 1.2 that the server takes where it takes no newer.
    ``clear_capabilities``: before an upgrade. ``extra``: further facts by name, each only where it was looked at:

    ==================== ========================================================================================
    deadline             ``reached``: the time was over before everything was seen
    domain_mx            ``none``, ``null`` (RFC 7505: no mail) or the first host: the MX of the address's domain
    host_domain          ``missing`` or ``exists``: the registrable domain of the host
    dns                  ``silent``: no other question was answered either
    dns_denies           a name that surely exists, where the DNS denies such names and the host's domain
    dns_invents          an address that the DNS gives for a name that cannot exist (RFC 6761, ``.invalid``)
    dns_invents_host     ``yes``: one of the host's own addresses is that one
    silent_ports         ``143,995``: of the other ports of mail those that do not even refuse a connection
    web_silent           ``443,80``: the same of the ports of the web
    internet             another machine's web server that connects; ``silent``: those that were asked do not answer
    closes_at_once       ``always`` or ``sometimes``: the port takes a connection and closes it before anything was said
    web                  ``443,80``: those of the two ports of the host that connect
    http_status          of ``http://HOST/``
    http_location        the host that it redirects to
    http_domain          the same of the domain of the address; ``own``: it leads to itself
    http_page            the title of the page that is shown in place of the control and of another host, too
    http_control         the same for another owner's web server that is asked anyway; ``own``: it leads to itself
    name_servers         the first four hosts that the zone of the address's domain is delegated to, with commas
    every_name           an address that the domain of the address has itself, and an invented name in it, too
    clock_off            seconds by which this computer's clock is ahead (negative: behind) of a web server's
    elsewhere_host       a host of another kind whose certificate was looked at
    elsewhere_issuer     the issuer of that certificate
    tls_weak             the version, where a handshake succeeds with weak keys, ciphers or signatures only
    other_family         ``ok``, or the kind of failure: the same over the other IP version
    starttls_mangled     a capability that looks like an overwritten STARTTLS (``XXXXXXXA``)
    starttls_elsewhere   an address of the same host that does offer STARTTLS
    spoke_line           the first line of what is spoken instead
    mailbox              the server's words when it did not open the INBOX
    quota_used           KiB, as the server says (RFC 9208)
    quota_limit          KiB
    ==================== ========================================================================================
    """

    target: Target
    rungs: tuple[Rung, ...] = ()
    failure: str | None = None
    detail: str = ""
    domain_exists: bool | None = None
    addresses: tuple[str, ...] = ()
    families: Mapping[str, str] = field(default_factory=dict)
    certificate: Certificate | None = None
    tls_version: str | None = None
    only_old_tls: str | None = None
    greeting: str = ""
    spoken: str | None = None
    clear_capabilities: tuple[str, ...] | None = None
    capabilities: tuple[str, ...] | None = None
    methods: tuple[AuthenticationMethod, ...] = ()
    other_ports: tuple[OtherPort, ...] = ()
    other_names: tuple[str, ...] = ()
    logins: tuple[LoginAttempt, ...] = ()
    messages: int | None = None
    sent: LoginAttempt | None = None
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def failed_rung(self) -> RungName | None:
        """The first rung that failed."""
        return next((rung.name for rung in self.rungs if rung.status is RungStatus.FAILED), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What is wrong: a stable code, the evidence seen, the cause in one plain sentence, and what to do in order."""

    code: str
    protocol: Protocol | None
    confidence: Confidence
    evidence: str
    cause: str
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """All that a run of the doctor says; ``elapsed_ms`` whole milliseconds."""

    address: EmailAddress
    observations: tuple[Observation, ...]
    findings: tuple[Finding, ...]
    elapsed_ms: int = 0
