"""Rules for certificates and for TLS itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.diagnosis.knowledge import knowledge
from wizard.diagnosis.suspicion import CERTAIN, LIKELY, POSSIBLE, Suspicion
from wizard.diagnosis.values import best_name, day, other_host
from wizard.model.diagnosis import RungName
from wizard.model.text import printable
from wizard.net.domains import same_registrable
from wizard.net.failures import FailureKind

if TYPE_CHECKING:
    from wizard.diagnosis.suspicion import Case, Suspicions
    from wizard.model.diagnosis import Certificate

_NOT_TRUSTED = frozenset({FailureKind.TLS_SELF_SIGNED, FailureKind.TLS_UNTRUSTED})
_HOUR = 3600
_DAY = 24 * _HOUR


def about_tls(case: Case) -> Suspicions:
    """What keeps the encrypted connection from beginning."""
    match case.observed.failure:
        case FailureKind.TLS_NAME_MISMATCH:
            return _mismatch(case)
        case FailureKind.TLS_EXPIRED:
            return _expired(case)
        case FailureKind.TLS_NOT_YET_VALID:
            return _not_yet_valid(case)
        case failure if failure in _NOT_TRUSTED:
            return _not_trusted(case)
        case FailureKind.TLS_TOO_OLD:
            return (Suspicion("tls_too_old", CERTAIN if case.observed.only_old_tls else LIKELY),)
        case FailureKind.TLS_FAILED:
            old = case.observed.only_old_tls or case.observed.extra.get("tls_weak")
            return (Suspicion("tls_too_old", LIKELY if old else POSSIBLE),)
        case _ if case.observed.only_old_tls and case.failed_rung is RungName.TLS:
            return (Suspicion("tls_too_old", CERTAIN),)
        case _:
            return ()


def _mismatch(case: Case) -> Suspicions:
    program = _program(case.observed.certificate)
    if program:
        return (Suspicion("tls_intercepted", CERTAIN, values={"product": program}),)
    names = case.observed.certificate.names if case.observed.certificate is not None else ()
    related = [name for name in names if same_registrable(name.removeprefix("*."), case.observed.target.host)]
    host = other_host(case) or best_name(related or names, case.observed.target.protocol)
    return (Suspicion("tls_name_mismatch", CERTAIN, values={"other_host": printable(host, 253)}),)


def _expired(case: Case) -> Suspicions:
    off = _clock_off(case)
    date = day(case.observed.certificate.not_after) if case.observed.certificate is not None else ""
    wrong = off is not None and off > _DAY
    return (Suspicion("tls_expired", CERTAIN, "clock" if wrong else "", {"date": date}),)


def _not_yet_valid(case: Case) -> Suspicions:
    off = _clock_off(case)
    date = day(case.observed.certificate.not_before) if case.observed.certificate is not None else ""
    if off is None:
        return (Suspicion("tls_not_yet_valid", LIKELY, "", {"date": date}),)
    return (Suspicion("tls_not_yet_valid", CERTAIN, "clock" if off < -_HOUR else "clock_right", {"date": date}),)


def _clock_off(case: Case) -> int | None:
    """Seconds by which this device's clock is ahead, where that was seen."""
    try:
        return int(case.observed.extra.get("clock_off", ""))
    except ValueError:
        return None


def _not_trusted(case: Case) -> Suspicions:
    certificate = case.observed.certificate
    program = _program(certificate)
    if program:
        return (Suspicion("tls_intercepted", CERTAIN, values={"product": program}),)
    self_signed = case.observed.failure == FailureKind.TLS_SELF_SIGNED
    if case.at_provider and not _is_public(certificate):
        # The provider's real server has a certificate that everybody accepts.
        return (Suspicion("tls_intercepted", LIKELY),)
    if self_signed or certificate is None:
        return (Suspicion("tls_self_signed", CERTAIN, "" if self_signed else "unknown_authority"),)
    if _is_public(certificate):
        return (Suspicion("tls_chain_incomplete", CERTAIN if certificate.chain == 1 else LIKELY),)
    return _of_an_unknown_authority(case, certificate)


def _of_an_unknown_authority(case: Case, certificate: Certificate) -> Suspicions:
    elsewhere, issuer = case.observed.extra.get("elsewhere_host", ""), case.observed.extra.get("elsewhere_issuer", "")
    unknown = Suspicion("tls_self_signed", LIKELY, "unknown_authority")
    if issuer and issuer == certificate.issuer:
        if not same_registrable(elsewhere, case.observed.target.host):
            return (Suspicion("tls_intercepted", LIKELY),)
        return (unknown, Suspicion("tls_intercepted", POSSIBLE))
    if certificate.chain == 1:
        return (
            Suspicion("tls_chain_incomplete", LIKELY),
            Suspicion("tls_self_signed", POSSIBLE, "unknown_authority"),
        )
    return (unknown,)


def _program(certificate: Certificate | None) -> str:
    """The security program that makes such certificates, or nothing."""
    issuer = certificate.issuer.casefold() if certificate is not None else ""
    return next((one.name for one in knowledge().security_programs if one.issuer.casefold() in issuer), "")


def _is_public(certificate: Certificate | None) -> bool:
    issuer = certificate.issuer.casefold() if certificate is not None else ""
    return any(name.casefold() in issuer for name in knowledge().public_authorities)
