"""A diagnosis as a JSON document (docs/schemas/doctor.json). No password can be in it: nothing here has one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wizard.diagnosis.words import detail_in_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wizard.model.diagnosis import Diagnosis, Finding, Observed
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
                "detail": detail_in_words(one, observed),
                "elapsed_ms": one.elapsed_ms,
            }
            for one in observed.rungs
        ],
    }
