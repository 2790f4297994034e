"""Names that are made from an address: of files, and the identities by which programs know an account again.

File names: whatever the local part is, the name stays in its directory and opens everywhere.
letters and digits of any script and ``. _ + - = @`` stay; every other character becomes ``_``. A name that had
to be changed gets the first 8 hexadecimal digits of the address's SHA-256 before its ending, so that two addresses
never share a file. The same happens to a name that begins with a dot or a hyphen (hidden file, taken for an option)
or with a device name of Windows (``con``, ``nul``, ``com1``, …), and to one longer than 150 bytes (file systems: 255).

User names: the form that a name has for everybody, with the placeholders of autoconfig in place of the parts of the
address. Found out only where it cannot be chance that these parts stand there.

Identities: the same mailbox always the same, two mailboxes never. A device replaces a profile by its outer
PayloadIdentifier, and updates an account whose inner PayloadIdentifier and PayloadUUID are both known to it (Apple,
CommonPayloadKeys). So everything outside comes from the exact address alone, and a corrected profile takes the place
of the old one; the inner UUID comes from address and protocol, because IMAP and POP3 are two different accounts to a
device. Server, port and name are in none of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.model.servers import EMAIL_ADDRESS, EMAIL_LOCAL_PART, canonical_form

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wizard.model.address import EmailAddress
    from wizard.model.servers import Protocol

NAMESPACE = "2451b510-e5fe-5477-8905-9e85431b57ba"
"""uuid5(NAMESPACE_DNS, "mail-wizard"). Never to change: no installed profile would know its successor."""

LONGEST = 150
"""Bytes of UTF-8 for the address in a file name, which leaves room for endings and for the temporary name."""

_ODD = re.compile(r"[^\w.+=@-]")
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?:[.@]|$)", re.IGNORECASE)


def safe_name(address: EmailAddress) -> str:
    """``address`` as a part of a file name; equal addresses give equal names, different ones different names."""
    import unicodedata

    exact = str(address)
    # macOS stores names decomposed or composed: both spellings must not become two files, nor one a surprise.
    plain = _ODD.sub("_", unicodedata.normalize("NFC", exact))
    while len(plain.encode()) > LONGEST:
        plain = plain[:-1]
    plain = "_" + plain[1:] if plain[0] in ".-" else plain
    plain = "_" + plain if _DEVICE.match(plain) else plain
    if plain == exact:
        return plain
    from hashlib import sha256

    return f"{plain}-{sha256(exact.encode()).hexdigest()[:8]}"


def file_name(pattern: str, address: EmailAddress) -> str:
    """The file name that ``pattern`` of clients.yaml means for ``address``."""
    return pattern.replace("ADDRESS", safe_name(address)) if "ADDRESS" in pattern else pattern


def username_forms(username: str, address: EmailAddress, published: str) -> Iterator[str]:
    """What ``username`` may be for other users of the domain, the likeliest form first; last as it is.

    ``published``: the form in which the provider published it; empty where that is not known. Without it a local part
    counts where it is a whole part of the name: before an @, after the backslash or slash behind the name of a Windows
    network, or beside the whole domain.
    """
    local, domain = address.local, address.domain.ascii
    yield EMAIL_ADDRESS
    yield EMAIL_LOCAL_PART
    yield canonical_form(published)
    rest = username.removeprefix(local)
    if rest not in (username, f"@{domain}") and (rest.startswith("@") or rest[1:] == domain):
        yield EMAIL_LOCAL_PART + rest
    begin = username.removesuffix(local)
    if begin != username and (begin.endswith(("\\", "/")) or begin[:-1] == domain):
        yield begin + EMAIL_LOCAL_PART
    yield username


def uuid_of(seed: str) -> str:
    """The UUID (version 5, in small letters) that ``seed`` has in every run and on every computer."""
    from uuid import UUID, uuid5

    return str(uuid5(UUID(NAMESPACE), seed))


@dataclass(frozen=True, slots=True)
class Identity:
    """``identifier`` and ``uuid`` of the profile; ``account_identifier`` and ``account_uuid`` of the account in it."""

    identifier: str
    uuid: str
    account_identifier: str
    account_uuid: str


def identity_of(address: EmailAddress, protocol: Protocol) -> Identity:
    """The identity for the exact address; ``A@example.org`` and ``a@example.org`` are two, as RFC 5321 has it."""
    from hashlib import sha256

    exact = str(address)
    reversed_domain = ".".join(reversed(address.domain.ascii.split(".")))
    identifier = f"{reversed_domain}.mailsetup.{sha256(exact.encode()).hexdigest()[:8]}"
    return Identity(
        identifier=identifier,
        uuid=uuid_of(f"profile|{exact}").upper(),
        account_identifier=f"{identifier}.mail",
        account_uuid=uuid_of(f"mail|{protocol.value}|{exact}").upper(),
    )


def identity_of_several(addresses: Sequence[EmailAddress]) -> tuple[str, str]:
    """PayloadIdentifier and PayloadUUID of a profile with several accounts: from the addresses, whatever their order.

    The accounts in it keep the identities that they have alone.
    """
    from hashlib import sha256

    exact = "\n".join(sorted(str(address) for address in addresses))
    return (
        f"mailsetup.{sha256(exact.encode()).hexdigest()[:16]}",
        uuid_of(f"profiles|{exact}").upper(),
    )
