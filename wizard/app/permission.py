"""May a password go there? Servers that are guessed, or belong to somebody else, get none unasked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.discovery.consent import consent_for_account
from wizard.interview.prompter import Choice
from wizard.language import translate as _
from wizard.model.problems import InputNeeded
from wizard.model.servers import Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.interview.prompter import Prompter
    from wizard.model.diagnosis import Target
    from wizard.model.discovery import DiscoveryReport
    from wizard.model.notice import Notice


def may_send(report: DiscoveryReport, targets: Sequence[Target], accepted: Sequence[str], prompter: Prompter) -> bool:
    """Whether the password may go to the servers of ``report``. Raises InputNeeded where nobody can be asked."""
    doubts: dict[str, Notice] = {}
    for protocol in dict.fromkeys(one.protocol for one in targets if one.protocol is not Protocol.SMTP):
        doubts |= {one.code: one for one in consent_for_account(report, protocol, accepted)}
    if not doubts:
        return True
    texts = " ".join(one.text for one in doubts.values())
    options = " ".join(f"--accept {code}" for code in doubts)
    if not prompter.interactive:
        raise InputNeeded(f"{texts} {_('To agree, add: {options}').format(options=options)}")
    picked = prompter.select(
        f"{texts} {_('Shall the password be sent there?')}",
        [Choice("no", _("No: check without logging in")), Choice("yes", _("Yes, these servers are mine"))],
        default="no",
        given_by=options,
    )
    return picked == "yes"
