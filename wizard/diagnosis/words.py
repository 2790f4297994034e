"""Everyday words for the steps of a diagnosis, with the one that technicians use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.diagnosis.values import in_capitals, security_in_words
from wizard.language import translate as _
from wizard.model.diagnosis import Confidence, RungName, RungStatus
from wizard.net.failures import FailureKind

if TYPE_CHECKING:
    from wizard.model.diagnosis import Finding, Observed, Rung, Target


def rung_in_words(name: RungName) -> str:
    """A step of the ladder, in at most 22 characters."""
    return {
        RungName.DNS: _("name (DNS)"),
        RungName.TCP: _("connection (TCP)"),
        RungName.TLS: _("encryption (TLS)"),
        RungName.GREETING: _("greeting"),
        RungName.CAPABILITIES: _("capabilities"),
        RungName.STARTTLS: _("upgrade (STARTTLS)"),
        RungName.LOGIN: _("log-in"),
        RungName.MAILBOX: _("mailbox"),
    }[name]


def status_in_words(status: RungStatus) -> str:
    """What came of a step."""
    return {
        RungStatus.OK: _("ok"),
        RungStatus.FAILED: _("failed"),
        RungStatus.SKIPPED: _("not tried"),
    }[status]


def confidence_in_words(confidence: Confidence) -> str:
    """How sure a finding is."""
    return {
        Confidence.CERTAIN: _("certain"),
        Confidence.LIKELY: _("likely"),
        Confidence.POSSIBLE: _("possible"),
    }[confidence]


def detail_in_words(rung: Rung, observed: Observed) -> str:
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


def target_in_words(target: Target) -> str:
    """``mail.example.org 993 SSL/TLS``: the values as a mail program shows them."""
    return f"{target.host} {target.port} {security_in_words(target.socket_type)}"


def where_in_words(finding: Finding) -> str:
    """The protocol that a finding is about, or nothing where it is not one server's."""
    return "" if finding.protocol is None else in_capitals(finding.protocol)
