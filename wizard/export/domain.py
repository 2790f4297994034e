"""A Mozilla autoconfig file for everybody of a domain: what a domain owner publishes, with placeholders for the names.

Made from the same template as the file for one address. Nothing unencrypted is ever in it: Thunderbird for Android
rejects a whole file for one such server, and others would take the first server that answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.export.capability import expressible, reason_against
from wizard.export.forms import Mismatch, autoconfig
from wizard.export.registry import format_named
from wizard.export.render import About, Refusal, RenderedFile, context_of, fill_template, wrong_template
from wizard.language import translate as _
from wizard.model.address import EmailAddress
from wizard.model.placeholders import EMAIL_ADDRESS, EMAIL_LOCAL_PART, check_template
from wizard.model.servers import AfterDownload, IncomingServer, LeavePolicy, MailAccount, OutgoingServer, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from wizard.export.registry import Format
    from wizard.model.address import Domain

FORMAT = "autoconfig"
SOMEBODY = "somebody"
"""The local part with which the file is tried before anybody gets it."""

STAY = LeavePolicy(AfterDownload.KEEP_DAYS, 14)


def render_for_domain(
    domain: Domain,
    incoming: Sequence[IncomingServer],
    outgoing: Sequence[OutgoingServer],
    *,
    provider_name: str = "",
    leave: LeavePolicy = STAY,
    own_templates: Path | None = None,
) -> RenderedFile | Refusal:
    """The file for every address of ``domain``; servers are in preference order, the recommended protocol first.

    User names hold the placeholders ``%EMAILADDRESS%`` or ``%EMAILLOCALPART%``; host names may hold
    ``%EMAILDOMAIN%``. Unencrypted servers are left out. ``leave`` is for POP3. Refused when nothing is left, or when a
    user name would be the same for everybody. Raises Problem for a template that fails or writes something else.
    """
    receiving = [one for one in incoming if one.secure]
    sending = [one for one in outgoing if one.secure]
    if not receiving or not sending:
        return Refusal(FORMAT, _("Only encrypted servers are published, and there are none for both directions."))
    shared = next((one for one in (*receiving, *sending) if one.username and not _personal(one.username)), None)
    if shared is not None:
        return Refusal(
            FORMAT,
            _("The user name “{name}” would be everybody’s; write {placeholder} where the address belongs.").format(
                name=shared.username, placeholder=EMAIL_ADDRESS
            ),
        )
    for one in (*receiving, *sending):
        check_template(one.username)
    made = _Domain(domain, (*receiving, *sending), provider_name, leave, own_templates)
    reason = reason_against(made.entry, made.account(SOMEBODY))
    return Refusal(FORMAT, reason) if reason is not None else made.rendered()


def _personal(username: str) -> bool:
    return EMAIL_ADDRESS in username or EMAIL_LOCAL_PART in username


@dataclass(frozen=True, slots=True)
class _Domain:
    """What the file is made of, and the account that anybody of the domain has by it."""

    domain: Domain
    servers: tuple[IncomingServer | OutgoingServer, ...]
    provider_name: str
    leave: LeavePolicy
    own: Path | None

    @property
    def entry(self) -> Format:
        return format_named(FORMAT, self.own)

    def account(self, local: str) -> MailAccount:
        address = EmailAddress(local, self.domain)
        filled = [one.filled(address) for one in self.servers]
        incoming = [one for one in filled if isinstance(one, IncomingServer)]
        outgoing = [one for one in filled if isinstance(one, OutgoingServer)]
        return MailAccount(
            address=address,
            display_name="",
            incoming=incoming[0],
            outgoing=outgoing[0],
            alternatives=(*incoming[1:], *outgoing[1:]),
            leave=self.leave if any(one.protocol is Protocol.POP3 for one in incoming) else None,
            provider_name=self.provider_name or None,
        )

    def rendered(self) -> RenderedFile:
        """The file with the placeholders, once it has been read back: for somebody, and for another one."""
        (file,) = self.entry.files
        somebody = expressible(self.entry, self.account(SOMEBODY))
        said = {(one.protocol, one.filled(somebody.address).username): one.username for one in self.servers}
        words = {"autoconfig_username": lambda server: said[server.protocol, server.username]}
        context = context_of(somebody, About(own_templates=self.own)) | words
        content = autoconfig.write(fill_template(file.template, context, self.own))
        try:
            for local in (SOMEBODY, "another.one"):
                autoconfig.check(content, expressible(self.entry, self.account(local)))
        except Mismatch as mismatch:
            raise wrong_template(file, mismatch, self.own) from None
        return RenderedFile(FORMAT, file.name, file.media_type, file.mode, content, ())
