"""What a person wants checked, and what is permitted for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wizard.model.address import EmailAddress
    from wizard.model.secret import Secret

DEADLINE = 15.0
"""Seconds for everything."""

MOST_TRIES = 2
"""Log-ins at one server, whatever happens: many a server locks an account after the third."""


class Tries:
    """How often each server was logged in to, over all targets of one run."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, int], int] = {}

    def take(self, host: str, port: int) -> bool:
        """Whether another try is permitted there; it counts as made then."""
        made = self._made.get((host, port), 0)
        if made >= MOST_TRIES:
            return False
        self._made[host, port] = made + 1
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckWishes:
    """``password`` None: no log-in. ``send_test``: a message from ``address`` to itself, after the SMTP log-in.

    ``allow_insecure``: the password may go over a connection that is not encrypted. ``timeout``: seconds for all.
    """

    address: EmailAddress
    password: Secret | None = None
    send_test: bool = False
    allow_insecure: bool = False
    timeout: float = DEADLINE
    tries: Tries = field(default_factory=Tries, repr=False, compare=False)
