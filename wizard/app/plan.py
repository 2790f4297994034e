"""What will be done, line by line; nothing of it has happened yet."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.model.discovery import DiscoveryReport
    from wizard.model.password_store import PasswordStore
    from wizard.model.recommendation import Recommendation
    from wizard.model.servers import LeavePolicy, MailAccount, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The state of the guided way once the servers are known. Each change makes a new plan."""

    advice: Recommendation
    report: DiscoveryReport
    protocol: Protocol
    leave: LeavePolicy
    name: str
    formats: tuple[str, ...]
    password_store: PasswordStore
    output: Path | str | None = None

    def account(self) -> MailAccount:
        """The account that the plan makes. Raises Problem when the servers do not suffice."""
        from wizard.model.accounts import account_from

        made = account_from(self.report, self.protocol, leave=self.leave, display_name=self.name)
        return replace(made, password_store=self.password_store)
