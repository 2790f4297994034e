"""Mozilla autoconfig: what Thunderbird makes of a value beyond the specification, and the file read back.

The rules of Thunderbird's reader come from its own code (version 153 ESR): text that looks like a number or a truth
value is turned into one before it is used as text, and placeholders are replaced one after the other, so that an
address which itself contains one is replaced twice.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wizard.export.forms import Mismatch
from wizard.export.forms.comparing import in_words
from wizard.language import translate as _
from wizard.model.placeholders import EMAIL_ADDRESS, EMAIL_LOCAL_PART, fill
from wizard.model.servers import AfterDownload, LeavePolicy, Protocol

if TYPE_CHECKING:
    from wizard.model.address import EmailAddress
    from wizard.model.servers import MailAccount

FOREVER = 3650
"""Days that stand for "keep for good": the format has no word for it, and a program's own default removes sooner."""

# What JavaScript's isFinite() accepts of a text, and the part of it that comes back unchanged from parseFloat().
_NUMBER = re.compile(
    r"\s*(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|0x[0-9a-f]+|0o[0-7]+|0b[01]+)?\s*|true|false", re.IGNORECASE
)
_UNCHANGED = re.compile(r"0|[1-9]\d{0,14}|true|false")


def survives_thunderbird(text: str) -> bool:
    """Whether Thunderbird reads ``text`` as it is, not as another number (``007`` becomes 7, ``1e3`` 1000)."""
    return _NUMBER.fullmatch(text) is None or _UNCHANGED.fullmatch(text) is not None


def username_for(username: str, address: EmailAddress) -> str | None:
    """How ``username`` is written: a placeholder where it is the address or its local part, else as it is.

    The placeholder is right for this person, and for the others of a shared computer who have an address of the same
    domain (Thunderbird looks a local file up by the domain). None: there is no way that every reader understands.
    """
    exact = str(address)
    if "%" not in exact and "%" not in username:  # nothing in them is replaced: the usual case, without trying it out
        if username in (exact, address.local):
            return EMAIL_ADDRESS if username == exact else EMAIL_LOCAL_PART
        return username if survives_thunderbird(username) else None
    for text in (EMAIL_ADDRESS, EMAIL_LOCAL_PART, username):
        said = fill(text, address) == username and _thunderbird_fills(text, address) == username
        if said and survives_thunderbird(text):
            return text
    return None


def _thunderbird_fills(text: str, address: EmailAddress) -> str:
    values = (
        (EMAIL_ADDRESS, str(address)),
        (EMAIL_LOCAL_PART, address.local),
        ("%EMAILDOMAIN%", address.domain.ascii),
        ("%REALNAME%", "\0"),  # the sender's name, typed later: no value can be right
    )
    for placeholder, value in values:
        text = text.replace(placeholder, value)
    return text


def reason_against(account: MailAccount) -> str | None:
    """What the readers of this format cannot take, though the format could say it."""
    if "@" in account.address.local:
        return _("Thunderbird cannot read an address with two @; use the values of the card.")
    domain_survives = survives_thunderbird(account.address.domain.ascii)
    for server in (account.incoming, account.outgoing, *account.alternatives):
        if server.username and username_for(server.username, account.address) is None:
            return _(
                "Thunderbird would change the user name “{name}” when it reads the file; type it by hand, with the "
                "values of the card."
            ).format(name=server.username)
        if not domain_survives or not survives_thunderbird(server.hostname):
            return _("Thunderbird would take the name “{name}” for a number; use the values of the card.").format(
                name=server.hostname
            )
    return None


def leave_written(policy: LeavePolicy) -> LeavePolicy:
    """What the file says for ``policy``: "for good" becomes the longest time, and the person is told to untick it."""
    return LeavePolicy(AfterDownload.KEEP_DAYS, FOREVER) if policy.kind is AfterDownload.KEEP else policy


def write(text: str) -> bytes:
    """The XML as UTF-8 without a byte order mark."""
    return text.strip().encode() + b"\n"


def check(content: bytes, account: MailAccount) -> None:
    """Read the file as a client would and compare servers, order and leave policy with the account."""
    from wizard.model.problems import Problem
    from wizard.programs.autoconfig import read_autoconfig

    try:
        read = read_autoconfig(content, "config-v1.1.xml")
        config = read.config.filled(account.address)
    except Problem as problem:
        raise Mismatch(str(problem)) from None
    servers = (account.incoming, account.outgoing, *account.alternatives)
    wanted = tuple(one for one in servers if one.protocol is not Protocol.SMTP)
    if config.incoming != wanted:
        raise Mismatch(f"{in_words(config.incoming)}, not {in_words(wanted)}")
    wanted_outgoing = tuple(one for one in servers if one.protocol is Protocol.SMTP)
    if config.outgoing != wanted_outgoing:
        raise Mismatch(f"{in_words(config.outgoing)}, not {in_words(wanted_outgoing)}")
    if config.domains != (account.address.domain,) or config.id != account.address.domain.ascii:
        raise Mismatch(f"id {config.id}, domains {config.domains}")
    leave = leave_written(account.leave) if account.leave is not None else None
    if read.leave != leave:
        raise Mismatch(f"leave policy {read.leave}, not {leave}")
    if read.skipped:
        raise Mismatch(f"unreadable parts: {read.skipped}")
