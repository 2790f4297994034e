"""A diagnosis as a text for a helpdesk: everything that was seen, and never a password."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wizard.diagnosis.document import rung_detail
from wizard.language import translate as _
from wizard.model.text import printable
from wizard.wording import confidence_label, protocol_label, rung_label, scope_label, status_label, target_label

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wizard.model.diagnosis import Diagnosis, Finding, Observed
    from wizard.model.notice import Notice

LONGEST = 1000
"""Characters of a line: a server may have said much."""

_ADDRESS = re.compile(r"[^\s<>\"“”(),;:@\\]+@(?=[^\s<>\"“”(),;:@\\]+)")


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
    names |= {one.target.username.rpartition("@")[0] or one.target.username for one in diagnosis.observed}
    text = _ADDRESS.sub(lambda found: f"{found[0][0]}…@", text)
    for name in sorted((one for one in names if len(one) > 1), key=len, reverse=True):
        text = re.sub(rf"(?<![\w.@-]){re.escape(name)}(?![\w@-]|\.\w)", f"{name[0]}…", text)
    return text


def _lines(diagnosis: Diagnosis, made: str, programs: Iterable[str], notes: Iterable[Notice]) -> Iterator[str]:
    yield _("Report of mail-wizard doctor")
    yield ""
    yield _("Address: {address}").format(address=diagnosis.address.unicode)
    yield _("Made: {time}").format(time=made)
    yield _("With: {programs}").format(programs=", ".join(programs))
    yield _("Duration: {milliseconds} ms").format(milliseconds=diagnosis.elapsed_ms)
    for one in diagnosis.observed:
        yield ""
        yield from _server(one)
    yield ""
    yield _("Findings: {count}").format(count=len(diagnosis.findings))
    for number, finding in enumerate(diagnosis.findings, 1):
        yield ""
        yield from _finding(number, finding)
    told = [one.text for one in notes]
    if told:
        yield ""
        yield from told


def _server(observed: Observed) -> Iterator[str]:
    target = observed.target
    yield f"{protocol_label(target.protocol)}: {target_label(target)}"
    yield "  " + _("user name: {username}").format(username=target.username)
    yield "  " + _("settings from: {source}").format(source=target.source.value)
    for rung in observed.rungs:
        line = f"  {rung_label(rung.name)}: {status_label(rung.status)} ({rung.elapsed_ms} ms)"
        detail = rung_detail(rung, observed)
        yield f"{line}: {detail}" if detail else line
    certificate = observed.certificate
    if certificate is not None:
        yield "  " + _("certificate for: {names}").format(names=", ".join(certificate.names[:10]))
        yield "  " + _("certificate by: {issuer}").format(issuer=certificate.issuer)
    for port in observed.other_ports:
        state = _("answers") if port.answers else _("does not answer")
        yield "  " + _("port {port} {security}: {state}").format(
            port=port.port, security=port.socket_type.value, state=state
        )
    for tried in observed.logins:
        said = f"{tried.code} {tried.text}".strip()
        yield "  " + _("log-in as {username} ({mechanism}): {answer}").format(
            username=tried.username, mechanism=tried.mechanism, answer=_("accepted") if tried.accepted else said
        )
    yield from (f"  {name}: {value}" for name, value in sorted(observed.extra.items()))


def _finding(number: int, finding: Finding) -> Iterator[str]:
    words = ", ".join(one for one in (scope_label(finding), confidence_label(finding.confidence)) if one)
    yield f"{number}. {finding.code} ({words})"
    yield f"   {finding.cause}"
    yield "   " + _("Seen: {evidence}").format(evidence=finding.evidence)
    for step, text in enumerate(finding.steps, 1):
        yield f"   {number}.{step} {text}"
