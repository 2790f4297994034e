"""``doctor --offline``: what the mail program has beside what the catalogue has; nothing is connected to."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from wizard.app.doctor import DoctorResult
from wizard.app.doctor_notes import differences
from wizard.app.servers import nothing_known
from wizard.app.typed_servers import providers_of, published_in
from wizard.diagnosis.rules import find_causes
from wizard.language import translate as _
from wizard.model.diagnosis import Diagnosis, Observation
from wizard.model.problems import NothingDiscovered, Notice

if TYPE_CHECKING:
    from wizard.app.doctor import DoctorRequest
    from wizard.app.doctor_scope import Scope
    from wizard.app.user_report import UserReport
    from wizard.model.discovery import DiscoveryReport


def compare_with_catalogue(
    request: DoctorRequest, scope: Scope, report: DiscoveryReport, user_report: UserReport
) -> DoctorResult:
    """What differs. Raises NothingDiscovered where the catalogue has nothing for the address."""
    started = monotonic()
    known = published_in(report, answering=False)
    if not any(known.values()):
        raise NothingDiscovered(f"{nothing_known(report)} {_('Without --offline, the network is searched too.')}")
    observed = tuple(Observation(target=target) for target in scope.targets)
    providers = providers_of(scope.targets, report.provider, request.look_up.templates)
    findings = find_causes(request.address, observed, report.provider, providers=providers)
    notes, _others = differences(scope.account, known, observed, findings)
    not_connected = Notice(
        "not_connected", _("No connection was opened: whether the servers answer was not looked at.")
    )
    diagnosis = Diagnosis(
        address=request.address,
        observations=observed,
        findings=findings,
        elapsed_ms=round((monotonic() - started) * 1000),
    )
    return DoctorResult(diagnosis, (*notes, not_connected), user_report=user_report, connected=False)
