"""What a run of the doctor may do; without imports, because it is read before anything is connected to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wizard.model.address import EmailAddress
    from wizard.model.secret import Secret

DEADLINE = 15.0
"""Seconds for everything."""

MAX_LOGINS = 2
"""Log-ins at one server, whatever happens: many a server locks an account after the third."""


class LoginLimit:
    """How often each server was logged in to, over all targets of one run."""

    def __init__(self) -> None:
        self._attempts: dict[tuple[str, int], int] = {}

    def take(self, host: str, port: int) -> bool:
        """Whether another attempt is permitted there; it counts as made then."""
        attempts = self._attempts.get((host, port), 0)
        if attempts >= MAX_LOGINS:
            return False
        self._attempts[host, port] = attempts + 1
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOptions:
    """``password`` None: no log-in. ``send_test``: a message from ``address`` to itself, after the SMTP log-in.

    ``allow_insecure``: the password may go over a connection that is not encrypted. ``timeout``: seconds for all.
    ``control``: another owner's web server that the run asks anyway, which shows whether the internet is there; ""
    for none.
    """

    address: EmailAddress
    password: Secret | None = None
    send_test: bool = False
    allow_insecure: bool = False
    timeout: float = DEADLINE
    control: str = ""
    login_limit: LoginLimit = field(default_factory=LoginLimit, repr=False, compare=False)
