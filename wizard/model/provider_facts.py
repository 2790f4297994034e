"""What a provider does with mail, passwords and programs, beyond its servers: facts that decide, each with its source.

Every fact is a value with a ``source``; ``wizard.wording.provider_facts`` says each in a sentence. A provider has at
most one of a class, but of :class:`Retention` one for each folder.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from wizard.model.provider import FactSource
    from wizard.model.servers import Protocol


class MailFolder(StrEnum):
    """The folders that programs have to know by their purpose (RFC 6154), and the inbox."""

    INBOX = "inbox"
    SENT = "sent"
    DRAFTS = "drafts"
    JUNK = "junk"
    TRASH = "trash"


class Loss(StrEnum):
    """What is gone after a time without a log-in: the messages, the whole mailbox, or only the right to get in."""

    MAIL = "mail"
    MAILBOX = "mailbox"
    ACCESS = "access"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderFact:
    source: FactSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Inactivity(ProviderFact):
    """``removes`` is gone after ``days`` without a log-in. ``program_counts``: whether fetching mail with a program is
    a log-in; None where nobody says so.
    """

    days: int
    removes: Loss
    program_counts: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention(ProviderFact):
    """Messages in ``folder`` are deleted once they have been there for ``days``."""

    folder: MailFolder
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidOnly(ProviderFact):
    """``protocols`` work in paid plans only."""

    protocols: tuple[Protocol, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeSpace(ProviderFact):
    """The free plan holds ``megabytes`` (of 1000 kilobytes, as providers count)."""

    megabytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordEnds(ProviderFact):
    """The password for programs is valid for ``days`` and has to be renewed then."""

    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PopFetches(ProviderFact):
    """What POP3 does not fetch: ``misses`` names folders; empty: every folder but the inbox."""

    misses: tuple[MailFolder, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderNames(ProviderFact):
    """What the folders are called on the IMAP server, levels and all (``INBOX.Sent``); None where it is not known."""

    sent: str | None = None
    drafts: str | None = None
    junk: str | None = None
    trash: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MostConnections(ProviderFact):
    """The server takes ``most`` connections of one mailbox at a time."""

    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SendingLimits(ProviderFact):
    """The most messages in a minute, an hour, a day, and recipients of one message; None where it is not known."""

    per_minute: int | None = None
    per_hour: int | None = None
    per_day: int | None = None
    recipients: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderDomain(ProviderFact):
    """Mail leaves only with a sender's address of the mailbox's own domain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedsImapId(ProviderFact):
    """A program has to say which one it is (RFC 2971) before the server opens a folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuth2Issuer(ProviderFact):
    """Who gives the tokens (its host), for which ``protocols``; ``programs``: ids of clients.yaml that know it."""

    issuer: str
    protocols: tuple[Protocol, ...] = ()
    programs: tuple[str, ...] = ()


F = TypeVar("F", bound=ProviderFact)
"""A class of facts."""

KINDS: dict[type[ProviderFact], str] = {
    Inactivity: "inactivity",
    Retention: "retention",
    PaidOnly: "paid_only",
    FreeSpace: "free_space",
    PasswordEnds: "password_ends",
    PopFetches: "pop_fetches",
    FolderNames: "folders",
    MostConnections: "connections",
    SendingLimits: "sending",
    SenderDomain: "sender_domain",
    NeedsImapId: "imap_id",
    OAuth2Issuer: "oauth2",
}
"""What data files and documents call each class."""
