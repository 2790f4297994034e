"""What the command line said, for the guided way and for ``export`` alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.advice.rules import Rules
    from wizard.discovery.context import LookUpOptions
    from wizard.export.sign import Signer
    from wizard.interview.answers import Answers
    from wizard.model.password_store import PasswordStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """``leave_days`` 0 means: remove at once. ``scoring`` and ``templates`` are the person's own file and directory."""

    address: str | None
    given: Answers
    save_answers: Path | None
    scoring: Path | None
    look_up: LookUpOptions
    output: str | None
    force: bool
    dry_run: bool
    protocol: str | None
    leave_days: int | None
    accept: tuple[str, ...]
    password_store: PasswordStore
    templates: Path | None
    signer: Signer | None = None

    @property
    def mailbox(self) -> str | None:
        """The address as it was given, on the command line or among the answers; not checked."""
        return self.address if self.address is not None else self.given.address

    def rules(self) -> Rules | None:
        """The person's own criteria, None for the built-in ones. Raises Problem."""
        from wizard.advice.rules import load_rules

        return load_rules(self.scoring) if self.scoring is not None else None

    def keep_answers(self, given: Answers) -> None:
        """Write ``given`` to the file that was asked for, if any; a dry run writes nothing. Raises OutputExists."""
        if self.save_answers is not None and not self.dry_run:
            from wizard.interview.answers import save_answers

            save_answers(given, self.save_answers, force=self.force)
