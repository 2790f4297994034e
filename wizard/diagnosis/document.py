"""A diagnosis as a JSON document (docs/schemas/doctor.json). No password can be in it: nothing here has one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wizard.language import translate as _
from wizard.model.diagnosis import RungName
from wizard.net.failures import FailureKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wizard.model.diagnosis import Diagnosis, Finding, Observed, Rung
    from wizard.model.notice import Notice


def diagnosis_document(diagnosis: Diagnosis, notes: Iterable[Notice] = ()) -> dict[str, Any]:
    """Everything that a run says; ``notes`` are what a person should know beside the findings."""
    return {
        "schema": 1,
        "address": str(diagnosis.address),
        "elapsed_ms": diagnosis.elapsed_ms,
        "targets": [_target(one) for one in diagnosis.observed],
        "findings": [finding_document(one) for one in diagnosis.findings],
        "notes": [{"code": one.code, "text": one.text} for one in notes],
    }


def finding_document(finding: Finding) -> dict[str, Any]:
    """One finding."""
    return {
        "code": finding.code,
        "protocol": None if finding.protocol is None else finding.protocol.value,
        "confidence": finding.confidence.value,
        "evidence": finding.evidence,
        "cause": finding.cause,
        "steps": list(finding.steps),
    }


def _target(observed: Observed) -> dict[str, Any]:
    target = observed.target
    return {
        "protocol": target.protocol.value,
        "host": target.host,
        "port": target.port,
        "socket_type": target.socket_type.value,
        "username": target.username,
        "source": target.source.value,
        "rungs": [
            {
                "name": one.name.value,
                "status": one.status.value,
                "detail": rung_detail(one, observed),
                "elapsed_ms": one.elapsed_ms,
            }
            for one in observed.rungs
        ],
    }


def rung_detail(rung: Rung, observed: Observed) -> str:
    """What was seen at a step; of the connection, IPv4 and IPv6 apart."""
    if rung.name is not RungName.TCP or not observed.families:
        return rung.detail
    words = {
        "ok": _("ok"),
        FailureKind.TIMEOUT.value: _("no answer"),
        FailureKind.CONNECTION_REFUSED.value: _("refused"),
        FailureKind.UNREACHABLE.value: _("no way there"),
    }
    apart = ", ".join(
        f"IP{family.removeprefix('ip')}: {words.get(outcome, _('failed'))}"
        for family, outcome in sorted(observed.families.items())
    )
    return f"{rung.detail} ({apart})" if rung.detail else apart
