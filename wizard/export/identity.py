"""The identity of a configuration profile: the same mailbox always the same, two mailboxes never.

A device replaces a profile by its outer PayloadIdentifier, and updates an account whose inner PayloadIdentifier and
PayloadUUID are both known to it (Apple, CommonPayloadKeys). So everything outside comes from the exact address alone,
and a corrected profile takes the place of the old one; the inner UUID comes from address and protocol, because IMAP
and POP3 are two different accounts to a device. Server, port and name are in none of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.model.address import EmailAddress
    from wizard.model.servers import Protocol

NAMESPACE = UUID("2451b510-e5fe-5477-8905-9e85431b57ba")
"""uuid5(NAMESPACE_DNS, "mail-wizard"). Never to change: no installed profile would know its successor."""


@dataclass(frozen=True, slots=True)
class Identity:
    """``identifier`` and ``uuid`` of the profile; ``account_identifier`` and ``account_uuid`` of the account in it."""

    identifier: str
    uuid: str
    account_identifier: str
    account_uuid: str


def identity_of(address: EmailAddress, protocol: Protocol) -> Identity:
    """The identity for the exact address; ``A@example.org`` and ``a@example.org`` are two, as RFC 5321 has it."""
    exact = str(address)
    reversed_domain = ".".join(reversed(address.domain.ascii.split(".")))
    identifier = f"{reversed_domain}.mailsetup.{sha256(exact.encode()).hexdigest()[:8]}"
    return Identity(
        identifier=identifier,
        uuid=str(uuid5(NAMESPACE, f"profile|{exact}")).upper(),
        account_identifier=f"{identifier}.mail",
        account_uuid=str(uuid5(NAMESPACE, f"mail|{protocol.value}|{exact}")).upper(),
    )


def identity_of_several(addresses: Sequence[EmailAddress]) -> tuple[str, str]:
    """PayloadIdentifier and PayloadUUID of a profile with several accounts: from the addresses, whatever their order.

    The accounts in it keep the identities that they have alone.
    """
    exact = "\n".join(sorted(str(one) for one in addresses))
    return (
        f"mailsetup.{sha256(exact.encode()).hexdigest()[:16]}",
        str(uuid5(NAMESPACE, f"profiles|{exact}")).upper(),
    )
