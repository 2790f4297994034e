"""The message that people may send to themselves, to see that sending works."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.language import translate as _

if TYPE_CHECKING:
    from wizard.model.address import EmailAddress


def own_message(address: EmailAddress) -> bytes:
    """A short message from ``address`` to ``address``: RFC 5322, lines ending in CR LF; ASCII, if the address is.

    Its identifier holds the domain of the address, and nothing of this machine.
    """
    from datetime import UTC, datetime
    from email import policy
    from email.headerregistry import Address
    from email.message import EmailMessage
    from email.utils import format_datetime
    from secrets import token_hex

    message = EmailMessage(policy=policy.SMTP.clone(cte_type="7bit", utf8=not address.local.isascii()))
    # In one piece the library takes ASCII only; in two it would quote what is quoted already.
    ascii_only = address.local.isascii()
    oneself = Address(addr_spec=str(address)) if ascii_only else Address("", address.local, address.domain.ascii)
    message["From"] = message["To"] = oneself
    message["Subject"] = _("A test of mail-wizard")
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = f"<{token_hex(12)}@{address.domain}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answering machine answers
    message.set_content(
        _("You asked mail-wizard for this message. It has come: sending works. You can delete it.") + "\n", cte="base64"
    )
    return message.as_bytes()
