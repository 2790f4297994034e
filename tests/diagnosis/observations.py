"""What was seen of a server, written by hand: a healthy one, and what is different about it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from wizard.diagnosis.evidence import Evidence
from wizard.diagnosis.rules import ROOT_RULES, find_causes
from wizard.discovery.catalogue import provider_named
from wizard.model import discovery
from wizard.model.address import parse_address
from wizard.model.diagnosis import (
    Certificate,
    Confidence,
    LoginAttempt,
    Observation,
    OtherPort,
    Rung,
    RungName,
    RungStatus,
    Target,
)
from wizard.model.servers import USUAL_PORTS, AuthenticationMethod, Protocol, SocketType

if TYPE_CHECKING:
    from wizard.model.address import EmailAddress
    from wizard.model.diagnosis import Finding
    from wizard.model.provider import Provider

ANNA = parse_address("anna@example.org")
SSL, STARTTLS, PLAIN = SocketType.SSL, SocketType.STARTTLS, SocketType.PLAIN
CERTAIN, LIKELY, POSSIBLE = Confidence.CERTAIN, Confidence.LIKELY, Confidence.POSSIBLE
DNS, TCP, TLS, GREETING = RungName.DNS, RungName.TCP, RungName.TLS, RungName.GREETING
IMAP, POP3, SMTP = Protocol.IMAP, Protocol.POP3, Protocol.SMTP
PASSWORD, ENCRYPTED, OAUTH2 = (
    AuthenticationMethod.PASSWORD_CLEARTEXT,
    AuthenticationMethod.PASSWORD_ENCRYPTED,
    AuthenticationMethod.OAUTH2,
)
CAPABILITIES = {
    IMAP: ("IMAP4rev1", "IDLE", "AUTH=PLAIN"),
    POP3: ("TOP", "UIDL", "SASL PLAIN"),
    SMTP: ("PIPELINING", "AUTH PLAIN LOGIN"),
}
ORDER = [name for name in RungName if name is not RungName.STARTTLS]

GOOD = Certificate(
    names=("mail.example.org",),
    issuer="Let's Encrypt R11",
    not_before=1_790_000_000.0,
    not_after=1_797_000_000.0,
    chain=2,
    key="EC P-256",
)

SELF_SIGNED = Certificate(names=("mail.example.org",), issuer="mail.example.org", self_signed=True, chain=1)
OTHER_NAME = replace(GOOD, names=("*.host.example.net", "www.host.example.net", "imap.host.example.net"))
LEAF_ALONE = replace(GOOD, chain=1)
OWN_AUTHORITY = replace(GOOD, issuer="Example Corp Authority", chain=2)
AVAST = replace(GOOD, issuer="Avast Web/Mail Shield Root")


def target(protocol: Protocol = IMAP, host: str = "mail.example.org", **given: Any) -> Target:
    security = given.pop("socket_type", SSL)
    port = given.pop("port", USUAL_PORTS[protocol, security])
    named = discovery.Evidence(given.pop("source", discovery.Source.USER), discovery.Trust.UNAUTHENTICATED)
    values = {"username": "anna@example.org", "evidence": named, **given}
    return Target(protocol=protocol, host=host, port=port, socket_type=security, **values)


def healthy(protocol: Protocol = IMAP, host: str = "mail.example.org", **given: Any) -> Observation:
    """A server that is as it should be, log-in included; ``given`` is for the target and for what was seen."""
    of_target = {
        name: given.pop(name) for name in ("port", "socket_type", "username", "authentication") if name in given
    }
    aim = target(protocol, host, **of_target)
    values: dict[str, Any] = {
        "rungs": tuple(Rung(name, RungStatus.OK) for name in RungName),
        "domain_exists": True,
        "addresses": ("203.0.113.10", "2001:db8::10"),
        "families": {"ipv4": "ok", "ipv6": "ok"},
        "certificate": GOOD,
        "tls_version": "TLSv1.3",
        "greeting": "ready",
        "capabilities": CAPABILITIES[protocol],
        "methods": (PASSWORD,),
        "logins": (LoginAttempt(mechanism="PLAIN", username=aim.username, accepted=True),),
        **given,
    }
    return Observation(target=aim, **values)


def failing(
    rung: RungName, failure: str, protocol: Protocol = IMAP, host: str = "mail.example.org", **given: Any
) -> Observation:
    """A server at which ``rung`` failed: what comes after it was not seen."""
    passed = ORDER[: ORDER.index(rung)] if rung in ORDER else ORDER[:4]
    rungs = (*(Rung(name, RungStatus.OK) for name in passed), Rung(rung, RungStatus.FAILED, given.get("detail", "")))
    late = rung in (RungName.LOGIN, RungName.MAILBOX)
    unseen = {} if late else {"capabilities": None, "methods": (), "logins": ()}
    return healthy(protocol, host, **{"rungs": rungs, "failure": failure, **unseen, **given})


def refused(
    code: str, text: str, protocol: Protocol = IMAP, host: str = "mail.example.org", **given: Any
) -> Observation:
    """A log-in that was refused with these words."""
    username = given.get("username", "anna@example.org")
    tried = LoginAttempt(mechanism="PLAIN", username=username, accepted=False, code=code, text=text)
    return failing(
        RungName.LOGIN, "login_refused", protocol, host, **{"logins": (tried,), "detail": f"{code} {text}", **given}
    )


def unsent(command: str, code: str, text: str, **given: Any) -> Observation:
    """A message that was refused at ``command``."""
    sent = LoginAttempt(mechanism=command, username="anna@example.org", accepted=False, code=code, text=text)
    return failing(RungName.MAILBOX, "message_refused", SMTP, sent=sent, **given)


def ports(*places: tuple[int, SocketType, bool]) -> tuple[OtherPort, ...]:
    return tuple(OtherPort(port=port, socket_type=kind, answers=answers) for port, kind, answers in places)


def provider(name: str) -> Any:
    """A provider of the catalogue that comes with the program."""
    found = provider_named(name)
    assert found is not None
    return found


def causes(*observed: Observation, of: EmailAddress = ANNA, at: str | None = None) -> tuple[Finding, ...]:
    """The findings for these observations; ``at``: the provider's id in the catalogue."""
    return find_causes(of, observed, provider(at) if at else None)


def codes(*observed: Observation, of: EmailAddress = ANNA, at: str | None = None) -> list[str]:
    return [finding.code for finding in causes(*observed, of=of, at=at)]


def only_finding(*observed: Observation, of: EmailAddress = ANNA, at: str | None = None) -> Finding:
    found = causes(*observed, of=of, at=at)
    assert len(found) == 1, [finding.code for finding in found]
    return found[0]


def root_cause(
    observation: Observation, *, at: Provider | None = None, of: EmailAddress = ANNA
) -> list[tuple[str, str, Confidence]]:
    """Code, case and confidence of what the rules come to for one server, before it is put into words."""
    evidence = Evidence(of, observation, at, (observation,))
    found = next((causes for rule in ROOT_RULES if (causes := rule(evidence))), ())
    return [(cause.code, cause.case, cause.confidence) for cause in found]
