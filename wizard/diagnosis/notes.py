"""What is written down while a ladder is climbed: it grows, and is whole at any moment, so that a deadline loses
nothing.

Words of ``Observed.failure`` that are no FailureKind: ``login_refused`` (the server did not accept),
``login_impossible`` (it offers no way that is known here), ``login_unencrypted`` (the password would travel readable),
``mailbox_refused``, ``message_refused``.

Names of ``Observed.extra``, each there only where it was looked at:

==================== ==========================================================================================
deadline             ``reached``: the time was over before everything was seen
domain_mx            ``none``, ``null`` (RFC 7505: it takes no mail) or the first host: the MX of the address's domain
host_domain          ``missing`` or ``exists``: the registrable domain of the host
dns                  ``silent``: no other question was answered either
dns_invents          an address that the DNS gives for a name that cannot exist (RFC 6761, ``.invalid``)
dns_invents_host     ``yes``: one of the host's own addresses is that one
web                  ``443,80``: those of the two ports of the host that connect
http_status          of ``http://HOST/``
http_location        the host that it redirects to
clock_off            seconds by which this computer's clock is ahead (negative: behind) of what web servers say
elsewhere_host       a host of another kind whose certificate was looked at, and who issued that
elsewhere_issuer
tls_weak             the version, where a handshake succeeds with weak keys, ciphers or signatures only
other_family         ``ok``, or the kind of failure: the same by IPv6 where IPv4 failed after connecting, or vice versa
starttls_mangled     a capability that looks like an overwritten STARTTLS (``XXXXXXXA``)
starttls_elsewhere   an address of the same host that does offer STARTTLS
spoke_line           the first line of what is spoken instead
mailbox              the server's words when it did not open the INBOX
quota_used           KiB, as the server says (RFC 9208)
quota_limit
==================== ==========================================================================================
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from time import monotonic
from typing import TYPE_CHECKING, Any

from wizard.model.diagnosis import Certificate, LoginTry, Observed, OtherPort, Rung, RungName, RungStatus, Target
from wizard.model.secret import without
from wizard.model.text import printable

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.model.secret import Secret
    from wizard.model.servers import AuthenticationMethod
    from wizard.net.failures import Failure

_BY_DEADLINE = "timeout"


@dataclass(slots=True, kw_only=True)
class Notes:
    """The fields of Observed, to be filled in; ``secrets``: what no text of a server may repeat."""

    target: Target
    shown: Callable[[Target, Rung], None] | None = None
    secrets: tuple[Secret, ...] = field(default=(), repr=False)
    rungs: list[Rung] = field(default_factory=list)
    failure: str | None = None
    detail: str = ""
    domain_exists: bool | None = None
    addresses: tuple[str, ...] = ()
    families: dict[str, str] = field(default_factory=dict)
    certificate: Certificate | None = None
    tls_version: str | None = None
    only_old_tls: str | None = None
    greeting: str = ""
    spoke: str | None = None
    clear_capabilities: tuple[str, ...] | None = None
    capabilities: tuple[str, ...] | None = None
    methods: tuple[AuthenticationMethod, ...] = ()
    other_ports: list[OtherPort] = field(default_factory=list)
    other_names: list[str] = field(default_factory=list)
    logins: list[LoginTry] = field(default_factory=list)
    messages: int | None = None
    sent: LoginTry | None = None
    extra: dict[str, str] = field(default_factory=dict)
    _rung: RungName | None = None
    _begun: float = 0.0

    def begin(self, rung: RungName) -> None:
        """The step ``rung`` begins."""
        self._rung, self._begun = rung, monotonic()

    def passed(self, detail: str = "") -> None:
        """The step has succeeded."""
        self._end(RungStatus.OK, detail)

    def skipped(self, rung: RungName, detail: str = "") -> None:
        """A step that is not made, and why."""
        self.begin(rung)
        self._end(RungStatus.SKIPPED, detail)

    def failed(self, failure: Failure) -> None:
        """The step has failed."""
        self.failed_with(failure.kind.value, failure.detail)

    def failed_with(self, kind: str, detail: str) -> None:
        """The step has failed, with a word for it."""
        if self.failure is None:
            self.failure, self.detail = kind, printable(without(detail, self.secrets))
        self._end(RungStatus.FAILED, detail or kind)

    def stop(self) -> None:
        """The time is over: a step that was under way has failed by that."""
        self.extra["deadline"] = "reached"
        if self._rung is not None:
            self.failed_with(_BY_DEADLINE, "")

    @property
    def failed_rung(self) -> RungName | None:
        """The first step that failed."""
        return next((one.name for one in self.rungs if one.status is RungStatus.FAILED), None)

    def observed(self) -> Observed:
        """All that was seen, so far."""
        names = [one.name for one in fields(Observed) if one.name not in ("target", "rungs")]
        values = {name: self._safe(_fixed(getattr(self, name))) for name in names}
        return Observed(target=self.target, rungs=tuple(self.rungs), **values)

    def _end(self, status: RungStatus, detail: str) -> None:
        if self._rung is None:
            return
        elapsed_ms = round((monotonic() - self._begun) * 1000)
        rung = Rung(self._rung, status, printable(without(detail, self.secrets)), elapsed_ms)
        self._rung = None
        self.rungs.append(rung)
        if self.shown is not None:
            self.shown(self.target, rung)

    def _safe(self, value: Any) -> Any:
        """``value`` without what a server may have repeated of the secrets, however deep it stands."""
        if not self.secrets:
            return value
        if type(value) is str:
            return without(value, self.secrets)
        if isinstance(value, tuple):
            return tuple(map(self._safe, value))
        if isinstance(value, dict):
            return {name: self._safe(one) for name, one in value.items()}
        if isinstance(value, LoginTry):  # the name is the person's own
            return replace(value, code=self._safe(value.code), text=self._safe(value.text))
        if isinstance(value, Certificate):
            return Certificate(**{one.name: self._safe(getattr(value, one.name)) for one in fields(value)})
        return value


def _fixed(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else dict(value) if isinstance(value, dict) else value
