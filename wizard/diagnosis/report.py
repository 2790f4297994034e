"""A diagnosis as a JSON document (docs/schemas/doctor.json), and as a text for a helpdesk.

No password can be in either: nothing here has one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from wizard.language import translate as _
from wizard.model.diagnosis import RungName
from wizard.model.text import printable
from wizard.net.failures import FailureKind
from wizard.wording import (
    confidence_label,
    protocol_label,
    rung_label,
    scope_label,
    status_label,
    target_label,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wizard.model.diagnosis import Diagnosis, Finding, Observation, Rung
    from wizard.model.problems import Notice

LONGEST = 1000
"""Characters of a line: a server may have said much."""

_ADDRESS = re.compile(r"[^\s<>\"“”(),;:@\\]+@(?=[^\s<>\"“”(),;:@\\]+)")


def diagnosis_document(diagnosis: Diagnosis, notes: Iterable[Notice] = ()) -> dict[str, Any]:
    """Everything that a run says; ``notes`` are what a person should know beside the findings."""
    return {
        "schema": 1,
        "address": str(diagnosis.address),
        "elapsed_ms": diagnosis.elapsed_ms,
        "targets": [_target_document(observation) for observation in diagnosis.observations],
        "findings": [finding_document(finding) for finding in diagnosis.findings],
        "notes": [{"code": note.code, "text": note.text} for note in notes],
    }


def finding_document(finding: Finding) -> dict[str, Any]:
    """A finding of that document."""
    return {
        "code": finding.code,
        "protocol": None if finding.protocol is None else finding.protocol.value,
        "confidence": finding.confidence.value,
        "evidence": finding.evidence,
        "cause": finding.cause,
        "steps": list(finding.steps),
    }


def _target_document(observation: Observation) -> dict[str, Any]:
    target = observation.target
    return {
        "protocol": target.protocol.value,
        "host": target.host,
        "port": target.port,
        "socket_type": target.socket_type.value,
        "username": target.username,
        "source": target.source.value,
        "rungs": [
            {
                "name": rung.name.value,
                "status": rung.status.value,
                "detail": rung_detail(rung, observation),
                "elapsed_ms": rung.elapsed_ms,
            }
            for rung in observation.rungs
        ],
    }


def rung_detail(rung: Rung, observation: Observation) -> str:
    """What was seen at a step; of the connection, IPv4 and IPv6 separately."""
    if rung.name is not RungName.TCP or not observation.families:
        return rung.detail
    words = {
        "ok": _("ok"),
        FailureKind.TIMEOUT.value: _("no answer"),
        FailureKind.CONNECTION_REFUSED.value: _("refused"),
        FailureKind.UNREACHABLE.value: _("no route to it"),
    }
    by_family = ", ".join(
        f"IP{family.removeprefix('ip')}: {words.get(outcome, _('failed'))}"
        for family, outcome in sorted(observation.families.items())
    )
    return f"{rung.detail} ({by_family})" if rung.detail else by_family


def report_text(
    diagnosis: Diagnosis, *, made: str, programs: Iterable[str], notes: Iterable[Notice] = (), shorten: bool = False
) -> str:
    """Lines of plain text. ``made``: the time; ``programs``: what it was made with, name and version each.

    ``shorten``: of every e-mail address, and of the user names, the part before the @ becomes its first letter.
    """
    lines = list(_lines(diagnosis, made, programs, notes))
    text = "\n".join(printable(line, LONGEST) for line in lines) + "\n"
    return shortened(text, diagnosis) if shorten else text


def shortened(text: str, diagnosis: Diagnosis) -> str:
    """``text`` with ``a…@example.org`` for every address; the user names and the local part alone likewise."""
    names = {diagnosis.address.local, diagnosis.address.unicode.rpartition("@")[0]}
    usernames = [observation.target.username for observation in diagnosis.observations]
    names |= {username.rpartition("@")[0] or username for username in usernames}
    text = _ADDRESS.sub(lambda match: f"{match[0][0]}…@", text)
    for name in sorted((name for name in names if len(name) > 1), key=len, reverse=True):
        text = re.sub(rf"(?<![\w.@-]){re.escape(name)}(?![\w@-]|\.\w)", f"{name[0]}…", text)
    return text


def _lines(diagnosis: Diagnosis, made: str, programs: Iterable[str], notes: Iterable[Notice]) -> Iterator[str]:
    yield _("Report of mail-wizard doctor")
    yield ""
    yield _("Address: {address}").format(address=diagnosis.address.unicode)
    yield _("Created: {time}").format(time=made)
    yield _("With: {programs}").format(programs=", ".join(programs))
    yield _("Duration: {milliseconds} ms").format(milliseconds=diagnosis.elapsed_ms)
    for observation in diagnosis.observations:
        yield ""
        yield from _server(observation)
    yield ""
    yield _("Findings: {count}").format(count=len(diagnosis.findings))
    for number, finding in enumerate(diagnosis.findings, 1):
        yield ""
        yield from _finding(number, finding)
    texts = [note.text for note in notes]
    if texts:
        yield ""
        yield from texts


def _server(observation: Observation) -> Iterator[str]:
    target = observation.target
    yield f"{protocol_label(target.protocol)}: {target_label(target)}"
    yield "  " + _("user name: {username}").format(username=target.username)
    yield "  " + _("settings from: {source}").format(source=target.source.value)
    for rung in observation.rungs:
        line = f"  {rung_label(rung.name)}: {status_label(rung.status)} ({rung.elapsed_ms} ms)"
        detail = rung_detail(rung, observation)
        yield f"{line}: {detail}" if detail else line
    certificate = observation.certificate
    if certificate is not None:
        yield "  " + _("certificate for: {names}").format(names=", ".join(certificate.names[:10]))
        yield "  " + _("certificate issued by: {issuer}").format(issuer=certificate.issuer)
    for port in observation.other_ports:
        state = _("answers") if port.answers else _("does not answer")
        yield "  " + _("port {port} {security}: {state}").format(
            port=port.port, security=port.socket_type.value, state=state
        )
    for attempt in observation.logins:
        answer = _("accepted") if attempt.accepted else f"{attempt.code} {attempt.text}".strip()
        yield "  " + _("log-in as {username} ({mechanism}): {answer}").format(
            username=attempt.username, mechanism=attempt.mechanism, answer=answer
        )
    yield from (f"  {name}: {value}" for name, value in sorted(observation.extra.items()))


def _finding(number: int, finding: Finding) -> Iterator[str]:
    words = ", ".join(filter(None, (scope_label(finding), confidence_label(finding.confidence))))
    yield f"{number}. {finding.code} ({words})"
    yield f"   {finding.cause}"
    yield "   " + _("Seen: {evidence}").format(evidence=finding.evidence)
    for step, text in enumerate(finding.steps, 1):
        yield f"   {number}.{step} {text}"
