"""Notices about owners whose servers are not used: accounts that are published or known beside the one in use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.discovery.owners import SEVERAL_PROVIDERS, account_of, owner_label, receiving_provider
from wizard.language import mark
from wizard.language import translate as _
from wizard.model.discovery import Source
from wizard.model.problems import Notice

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wizard.discovery.owners import Owner
    from wizard.model.address import Domain
    from wizard.model.discovery import FoundServer, SourceReport
    from wizard.model.provider import Provider

_PUBLISHED = {
    True: mark("Settings for {domain} at {owner} ({hosts}) are published, too, and these servers answer."),
    None: mark("Settings for {domain} at {owner} ({hosts}) are published, too; whether they answer was not tried."),
    False: mark("Settings for {domain} at {owner} ({hosts}) are published, too, but do not answer as they should."),
}
_OWN = {
    True: mark("Settings for {domain} under its own name ({hosts}) are published, too, and these servers answer."),
    None: mark(
        "Settings for {domain} under its own name ({hosts}) are published, too; whether they answer was not tried."
    ),
    False: mark(
        "Settings for {domain} under its own name ({hosts}) are published, too, but do not answer as they should."
    ),
}
_KNOWN = {
    True: mark("The servers of {owner} ({hosts}) are known, and they answer."),
    None: mark("The servers of {owner} ({hosts}) are known; whether they answer was not tried."),
    False: mark("The servers of {owner} ({hosts}) are known, but do not answer from here as they should."),
}
"""What is said of servers by whether they answer: those of a company, the domain's own, and those that nobody published
for the domain, but the catalogue has for the provider that takes its mail.
"""


def other_owner_notices(
    domain: Domain, reports: Sequence[SourceReport], provider: Provider | None, found: Sequence[Owner | None]
) -> Iterator[Notice]:
    """Notices that whole accounts of owners beside the first of ``found`` are published, too.

    The first is the owner of the servers in use, None where none can be used; ``provider``: the name it is known by.
    """
    mx = next((report for report in reports if report.source is Source.MX), None)
    lead, *rest = found
    published = [owner for owner in rest if owner is not None and owner.published]
    to_lead = lead is None or lead.delivered
    receiver = lead if to_lead else next((owner for owner in published if owner.delivered), None)
    sentences = []
    if mx is not None and mx.mail_hosts and (to_lead or receiver is not None):
        known = provider if receiver is None or receiver is lead else receiver.provider
        text = _("Mail for {domain} is delivered to {owner} ({host}).")
        if not to_lead and receiving_provider(mx) is None:  # it could be forged
            text = _("The DNS says, and nothing protects it, that mail for {domain} is delivered to {owner} ({host}).")
        label = owner_label(known, account_of(receiver))
        sentences.append(text.format(domain=domain.shown, owner=label, host=mx.mail_hosts[0]))
        if to_lead and any(found.verified is False for found in account_of(lead)):
            sentences.append(_("Its servers do not answer from here; this network may be the reason."))
    for owner in published:
        servers = account_of(owner)
        hosts = ", ".join(dict.fromkeys(found.server.hostname for found in servers))
        label = owner_label(owner.provider, servers)
        text = _(_sentences(owner, receiving_provider(mx))[_answer(servers)])
        sentences.append(text.format(domain=domain.shown, owner=label, hosts=hosts))
        sentences.append(
            _("That is usually a previous provider, where no new mail arrives; nothing of it is used.")
            if to_lead
            else _("Nothing of it is used; if your mail is kept there, enter these servers by hand.")
        )
        yield Notice(SEVERAL_PROVIDERS, " ".join(sentences))
        sentences = []


def _sentences(owner: Owner, receiver: Provider | None) -> dict[bool | None, str]:
    if receiver is not None and {found.evidence.source for found in owner.servers} == {Source.MX}:
        return _KNOWN
    return _OWN if owner.own and owner.provider is None else _PUBLISHED


def _answer(servers: Sequence[FoundServer]) -> bool | None:
    """Whether ``servers`` answer: False where one of them does not, None where one was not tried."""
    states = {found.verified for found in servers}
    return False if False in states else None if None in states else True
