"""Rules for what keeps a program from reaching a server: names, ports, networks that answer in its place, and TLS."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING

from wizard.diagnosis.evidence import CERTAIN, LIKELY, POSSIBLE, Cause, quoted, rule
from wizard.diagnosis.issuers import is_public, security_program
from wizard.diagnosis.rules_around import mail_is_silent
from wizard.language import translate as _
from wizard.model.diagnosis import RungName, RungStatus
from wizard.model.servers import Protocol
from wizard.model.text import printable
from wizard.net.domains import same_owner, same_registrable
from wizard.net.failures import NO_ADDRESS_KINDS, UNKNOWN_ISSUER_KINDS, FailureKind
from wizard.wording import protocol_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.diagnosis.evidence import Causes, Evidence, Rule
    from wizard.diagnosis.knowledge import SecurityProgram
    from wizard.model.diagnosis import Certificate, Confidence, Observation

_NO_DNS = frozenset({FailureKind.DNS_FAILED, FailureKind.DNS_TIMEOUT})
_PROVIDER_NOT_REACHED = frozenset({*_NO_DNS, FailureKind.ADDRESS_NOT_ALLOWED})
_NOT_CONNECTED = frozenset({FailureKind.CONNECTION_REFUSED, FailureKind.TIMEOUT, FailureKind.UNREACHABLE})

_SMTP_RELAY_PORT = 25
_MAIL_LABELS = ("imap", "pop", "smtp")
_NETWORK_AUTHENTICATION_REQUIRED = "511"  # RFC 6585 section 6
_HOUR = 3600
_DAY = 24 * _HOUR

_OFFERED_BY = {"imap_only": (Protocol.IMAP,), "pop_only": (Protocol.POP3,), "neither": ()}
_OTHER_PROTOCOL = {Protocol.IMAP: Protocol.POP3, Protocol.POP3: Protocol.IMAP}


# The network and the domain


@rule("dns_denies_names")
def dns_denies_names(evidence: Evidence) -> Causes:
    """A network that says of every name that it does not exist; seen in all servers of the run together."""
    failing = [observation for observation in evidence.all_observations if observation.failure in NO_ADDRESS_KINDS]
    sign = next((observation.extra["dns_denies"] for observation in failing if "dns_denies" in observation.extra), "")
    if not sign:
        return ()
    known = evidence.provider is not None and evidence.observation.domain_exists is False
    denied = evidence.address.domain.shown if known else sign
    return (Cause("dns_denies_names", CERTAIN, values={"denied": denied}),)


@rule("captive_portal")
def captive_portal(evidence: Evidence) -> Causes:
    """A network that answers in everybody's place until one has signed in; seen in all servers of the run together."""
    failing = [observation for observation in evidence.all_observations if observation.failure is not None]
    confidence = _portal_confidence(failing, evidence)
    if confidence is None:
        return ()
    facts = [observation.extra for observation in failing]
    portal = next((extra["http_location"] for extra in facts if extra.get("http_location")), "")
    invented = next((extra.get("dns_invents", "") for extra in facts if extra.get("dns_invents_host")), "")
    page = next((extra["http_page"] for extra in facts if extra.get("http_page")), "")
    values = {"portal": printable(portal, 100), "invented": printable(invented, 60), "page": quoted(page)}
    return (Cause("captive_portal", confidence, values=values),)


def _portal_confidence(failing: Sequence[Observation], evidence: Evidence) -> Confidence | None:
    if any(observation.extra.get("http_status") == _NETWORK_AUTHENTICATION_REQUIRED for observation in failing):
        return CERTAIN
    web = [observation for observation in failing if observation.spoken == "http"]
    redirections = {observation.target.host: observation.extra.get("http_location", "") for observation in failing}
    redirected = any(observation.extra.get("http_location") for observation in failing)
    if any(observation.extra.get("dns_invents_host") == "yes" for observation in failing):
        return CERTAIN if web or redirected else LIKELY
    if any(observation.extra.get("http_page") for observation in failing):
        return LIKELY
    if any(_is_private(observation.extra.get("http_location", "")) for observation in failing):
        return LIKELY
    if _led_elsewhere(failing, evidence):
        return LIKELY
    if any(observation.failure in NO_ADDRESS_KINDS | _NO_DNS for observation in failing):
        return None  # there nothing could have answered in their place
    pages = set(redirections.values())
    to_one_stranger = len(redirections) > 1 and len(pages) == 1 and "" not in pages
    to_one_stranger = to_one_stranger and _unrelated((*redirections, *pages))
    return LIKELY if to_one_stranger or _unrelated([observation.target.host for observation in web]) else None


def _led_elsewhere(failing: Sequence[Observation], evidence: Evidence) -> bool:
    """Whether a request for the host is led to a stranger, where mail is silent; or one for the control to the same.

    Of the control it is known that it leads to itself.
    """
    if any(rung.name is RungName.TLS and rung.status is RungStatus.OK for seen in failing for rung in seen.rungs):
        return False
    for observation in failing:
        host, extra = observation.target.host, observation.extra
        location, control = extra.get("http_location", ""), extra.get("http_control", "")
        others = [other for other in (location, extra.get("http_domain", "")) if other]
        if control and control != "own" and any(same_owner(control, other) for other in others):
            return True
        own = (host, evidence.address.domain.ascii)
        stranger = bool(location) and not any(same_owner(location, mine) for mine in own)
        if stranger and not control and host not in evidence.providers and mail_is_silent(observation):
            return True
    return False


def _unrelated(hosts: Sequence[str]) -> bool:
    """Whether there are two hosts or more, and no two of one owner."""
    hosts = list(dict.fromkeys(hosts))
    pairs = ((host, other) for index, host in enumerate(hosts) for other in hosts[index + 1 :])
    return len(hosts) > 1 and not any(same_registrable(host, other) for host, other in pairs)


def _is_private(host: str) -> bool:
    try:
        return ip_address(host).is_private
    except ValueError:
        return False


@rule("domain_not_found")
def domain_not_found(evidence: Evidence) -> Causes:
    """The domain of the address does not exist."""
    if evidence.observation.domain_exists is not False:
        return ()
    return (Cause("domain_not_found", CERTAIN if evidence.observation.failure is not None else LIKELY),)


@rule("protocol_switched_off")
def protocol_not_offered(evidence: Evidence) -> Causes:
    """A protocol that the provider does not offer at all, which is why there is no such host."""
    observation, provider = evidence.observation, evidence.provider
    protocol = observation.target.protocol
    offered = _OFFERED_BY.get(provider.offers or "") if provider is not None else None
    if observation.failure is None or observation.failure in _PROVIDER_NOT_REACHED:
        return ()
    if evidence.sending or offered is None or protocol in offered:
        return ()
    other = _OTHER_PROTOCOL[protocol]
    values = {"alternative": protocol_label(other)} if other in offered else {}
    if observation.failure in NO_ADDRESS_KINDS:
        words = _("The DNS has no address for {host}.")
        values["detail"] = words.format(host=observation.target.host)
    return (Cause("protocol_switched_off", LIKELY, "not_offered", values),)


# The name and the port of the server


@rule("host_not_found")
def host_not_found(evidence: Evidence) -> Causes:
    """The name of the server has no address, or none that a program outside could use."""
    observation = evidence.observation
    failure = observation.failure
    if failure in NO_ADDRESS_KINDS:
        return (Cause("host_not_found", CERTAIN),)
    if failure in _NO_DNS or (failure == FailureKind.TIMEOUT and observation.failed_rung is RungName.DNS):
        nobody_answers = observation.extra.get("dns") == "silent"
        return (Cause("host_not_found", CERTAIN if nobody_answers else LIKELY, "no_answer"),)
    if failure == FailureKind.ADDRESS_NOT_ALLOWED:
        return (Cause("host_not_found", LIKELY, "private"),)
    return ()


@rule("port_25_blocked")
def port_25_blocked(evidence: Evidence) -> Causes:
    """Port 25 is for servers; many networks block it for everybody else."""
    observation = evidence.observation
    if not _not_connected(observation) or not evidence.sending or observation.target.port != _SMTP_RELAY_PORT:
        return ()
    return (Cause("port_25_blocked", LIKELY if _answers_elsewhere(observation) else POSSIBLE),)


@rule("port_refused", "port_filtered", "host_is_a_web_server")
def port_closed(evidence: Evidence) -> Causes:
    """A connection that was refused or swallowed, perhaps because the host is one of the web."""
    observation = evidence.observation
    if not _not_connected(observation):
        return ()
    if observation.failure == FailureKind.UNREACHABLE:
        return (Cause("port_filtered", LIKELY, "unreachable"),)
    web = _looks_like_a_web_server(evidence)
    if observation.failure == FailureKind.TIMEOUT:
        filtered = Cause("port_filtered", LIKELY)
        if web is None:
            return (filtered,)
        return (web, filtered) if web.confidence is LIKELY else (filtered, web)
    return (web,) if web is not None and web.confidence is LIKELY else (Cause("port_refused", CERTAIN),)


def _not_connected(observation: Observation) -> bool:
    """Whether no connection came about; one that is cut at once counts as refused."""
    rung, failure = observation.failed_rung, observation.failure
    return (rung in (None, RungName.TCP) and failure in _NOT_CONNECTED) or (
        rung is RungName.TCP and failure == FailureKind.CONNECTION_LOST
    )


def _answers_elsewhere(observation: Observation) -> bool:
    return any(port.answers for port in observation.other_ports)


def _looks_like_a_web_server(evidence: Evidence) -> Cause | None:
    """A host of the web and of nothing else: its web ports answer, and no server of the run was found there."""
    observation, host = evidence.observation, evidence.observation.target.host
    label = host.partition(".")[0]
    if not observation.extra.get("web") or label.startswith(_MAIL_LABELS):
        return None
    if any(_spoke_mail(other) for other in evidence.all_observations if other.target.host == host):
        return None
    by_name = label == "www" or host == evidence.address.domain.ascii
    likely = by_name or observation.failure == FailureKind.CONNECTION_REFUSED
    # The detail is the refusal of a port: no words of a web server.
    return Cause("host_is_a_web_server", LIKELY if likely else POSSIBLE, values={"answer": ""})


def _spoke_mail(observation: Observation) -> bool:
    passed = {rung.name for rung in observation.rungs if rung.status is RungStatus.OK}
    return bool(passed & {RungName.GREETING, RungName.CAPABILITIES}) or _answers_elsewhere(observation)


@rule("ipv6_broken")
def ipv6_broken(evidence: Evidence) -> Causes:
    """IPv6 that does not work where IPv4 does. A device without any IPv6 (no way) is as most are, and no finding."""
    observation = evidence.observation
    ipv6 = observation.families.get("ipv6", "")
    used = next((rung.detail for rung in observation.rungs if rung.name is RungName.TCP), "")
    words = {
        FailureKind.TIMEOUT: _("no answer"),
        FailureKind.CONNECTION_REFUSED: _("the connection was refused"),
        FailureKind.CONNECTION_LOST: _("the connection was closed"),
    }
    if observation.families.get("ipv4") == "ok" and ipv6 in words:
        confidence = LIKELY if ipv6 == FailureKind.TIMEOUT else POSSIBLE
        return (Cause("ipv6_broken", confidence, values={"ipv6": words[FailureKind(ipv6)]}),)
    if ":" in used and observation.extra.get("other_family") == "ok" and observation.failure is not None:
        return (Cause("ipv6_broken", LIKELY, values={"ipv6": words[FailureKind.CONNECTION_LOST]}),)
    return ()


# Certificates and TLS


@rule("tls_name_mismatch", "tls_intercepted")
def certificate_for_other_names(evidence: Evidence) -> Causes:
    observation = evidence.observation
    if observation.failure != FailureKind.TLS_NAME_MISMATCH:
        return ()
    if program := security_program(observation.certificate):
        return (_opened_by(program),)
    return (Cause("tls_name_mismatch", CERTAIN),)


@rule("tls_expired")
def certificate_expired(evidence: Evidence) -> Causes:
    if evidence.observation.failure != FailureKind.TLS_EXPIRED:
        return ()
    certificate, ahead = evidence.observation.certificate, _clock_ahead(evidence)
    values = {"date": _day(certificate.not_after) if certificate is not None else ""}
    return (Cause("tls_expired", CERTAIN, "clock" if ahead is not None and ahead > _DAY else "", values),)


@rule("tls_not_yet_valid")
def certificate_not_yet_valid(evidence: Evidence) -> Causes:
    if evidence.observation.failure != FailureKind.TLS_NOT_YET_VALID:
        return ()
    certificate, ahead = evidence.observation.certificate, _clock_ahead(evidence)
    values = {"date": _day(certificate.not_before) if certificate is not None else ""}
    if ahead is None:
        return (Cause("tls_not_yet_valid", LIKELY, "", values),)
    return (Cause("tls_not_yet_valid", CERTAIN, "clock" if ahead < -_HOUR else "clock_right", values),)


def _clock_ahead(evidence: Evidence) -> int | None:
    """Seconds by which this device's clock is ahead, where that was seen."""
    try:
        return int(evidence.observation.extra.get("clock_off", ""))
    except ValueError:
        return None


def _day(seconds: float) -> str:
    """A day of UTC as YYYY-MM-DD, nothing where that is none."""
    from datetime import UTC, datetime

    try:
        return datetime.fromtimestamp(seconds, UTC).date().isoformat() if seconds else ""
    except (OverflowError, OSError, ValueError):
        return ""


@rule("tls_self_signed", "tls_chain_incomplete", "tls_intercepted")
def certificate_not_trusted(evidence: Evidence) -> Causes:
    observation = evidence.observation
    certificate = observation.certificate
    if observation.failure not in UNKNOWN_ISSUER_KINDS:
        return ()
    if program := security_program(certificate):
        return (_opened_by(program),)
    if evidence.at_provider and not is_public(certificate):
        # The provider's real server has a certificate that everybody accepts.
        return (Cause("tls_intercepted", LIKELY),)
    self_signed = observation.failure == FailureKind.TLS_SELF_SIGNED
    if self_signed or certificate is None:
        return (Cause("tls_self_signed", CERTAIN, "" if self_signed else "unknown_authority"),)
    if is_public(certificate):
        return (Cause("tls_chain_incomplete", CERTAIN if certificate.chain == 1 else LIKELY),)
    return _of_an_unknown_authority(observation, certificate)


def _of_an_unknown_authority(observation: Observation, certificate: Certificate) -> Causes:
    elsewhere, issuer = observation.extra.get("elsewhere_host", ""), observation.extra.get("elsewhere_issuer", "")
    unknown = Cause("tls_self_signed", LIKELY, "unknown_authority")
    if issuer and issuer == certificate.issuer:
        if not same_registrable(elsewhere, observation.target.host):
            return (Cause("tls_intercepted", LIKELY),)
        return (unknown, Cause("tls_intercepted", POSSIBLE))
    if certificate.chain == 1:
        return (unknown, Cause("tls_chain_incomplete", POSSIBLE))  # an issuer that is none of the public ones
    return (unknown,)


def _opened_by(program: SecurityProgram) -> Cause:
    confidence = program.confidence if program.source.verified else POSSIBLE
    return Cause("tls_intercepted", confidence, values={"product": program.name})


@rule("tls_too_old")
def tls_too_old(evidence: Evidence) -> Causes:
    """No handshake with today's versions, keys and ciphers."""
    observation = evidence.observation
    old = observation.only_old_tls
    if observation.failure == FailureKind.TLS_TOO_OLD:
        return (Cause("tls_too_old", CERTAIN if old else LIKELY),)
    if observation.failure == FailureKind.TLS_FAILED:
        return (Cause("tls_too_old", LIKELY if old or observation.extra.get("tls_weak") else POSSIBLE),)
    return (Cause("tls_too_old", CERTAIN),) if old and observation.failed_rung is RungName.TLS else ()


CONNECTION_RULES: tuple[Rule, ...] = (
    protocol_not_offered,
    host_not_found,
    port_25_blocked,
    port_closed,
    certificate_for_other_names,
    certificate_expired,
    certificate_not_yet_valid,
    certificate_not_trusted,
    tls_too_old,
)
"""In the order in which they are asked."""
