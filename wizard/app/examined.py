"""What a run of the doctor came to: the exit code, the document, and what a person reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wizard.app.climbing import show_ladders
from wizard.app.findings import show_findings
from wizard.app.wording import protocol_in_words, source_in_words
from wizard.diagnosis.wording import target_in_words
from wizard.language import translate as _
from wizard.model.diagnosis import RungStatus
from wizard.model.problems import ExitCode

if TYPE_CHECKING:
    from wizard.app.screen import Screen
    from wizard.model.diagnosis import Diagnosis, Target
    from wizard.model.notice import Notice

ABOUT_THE_LOGIN = frozenset(
    {
        *("login_disabled", "auth_failed", "auth_needs_app_password", "auth_oauth2_only", "auth_mechanism_missing"),
        *("username_form", "protocol_switched_off", "device_auth"),
    }
)
"""The codes that end with exit code 6; all others with 5."""


@dataclass(frozen=True, slots=True)
class Examined:
    """What a run came to. ``told``: what came of every step stands on the screen already."""

    diagnosis: Diagnosis
    notes: tuple[Notice, ...]
    told: bool

    @property
    def exit_code(self) -> ExitCode:
        """That of the first finding, which is the root cause."""
        if not self.diagnosis.findings:
            return ExitCode.NETWORK if unexplained(self.diagnosis) else ExitCode.DONE
        first = self.diagnosis.findings[0].code
        return ExitCode.LOGIN_REFUSED if first in ABOUT_THE_LOGIN else ExitCode.NETWORK

    def document(self) -> dict[str, Any]:
        """The run as one JSON document."""
        from wizard.diagnosis.report import diagnosis_document

        return diagnosis_document(self.diagnosis, self.notes)

    def show(self, screen: Screen, *, verbose: bool = False) -> None:
        """Everything, for a person."""
        screen.say(self.diagnosis.address.unicode, style="bold")
        screen.fields(
            [(protocol_in_words(one.target.protocol), _about(one.target)) for one in self.diagnosis.observations]
        )
        if not self.told or verbose:
            screen.blank()
            show_ladders(screen, self.diagnosis.observations, verbose=verbose)
        show_findings(screen, self.diagnosis.findings)
        if not self.diagnosis.findings:
            screen.blank()
            screen.say(_verdict(self.diagnosis), style="bold")
        if self.notes:
            screen.blank()
            screen.fields([(_("Mind"), [one.text for one in self.notes])])


def unexplained(diagnosis: Diagnosis) -> bool:
    """Whether a step failed of which no cause is known."""
    return any(rung.status is RungStatus.FAILED for one in diagnosis.observations for rung in one.rungs)


def _verdict(diagnosis: Diagnosis) -> str:
    if unexplained(diagnosis):
        return _("A step failed, and its cause is not known.")
    return _("Nothing is wrong: the servers answer as they should.")


def _about(target: Target) -> list[str]:
    name = _("user name {username}").format(username=target.username)
    return [target_in_words(target), f"{name}; {source_in_words(target.source)}"]
