"""What is known of a provider beyond its servers: a sentence for each fact."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wizard.language import mark
from wizard.language import translate as _
from wizard.model.provider_facts import (
    FolderNames,
    FreeSpace,
    Inactivity,
    Loss,
    MailFolder,
    MostConnections,
    NeedsImapId,
    OAuth2Issuer,
    PaidOnly,
    PasswordEnds,
    PopFetches,
    ProviderFact,
    Retention,
    SenderDomain,
    SendingLimits,
)
from wizard.model.servers import Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from wizard.model.provider import FactSource, Provider

_FOLDERS = {
    MailFolder.INBOX: mark("inbox"),
    MailFolder.SENT: mark("sent mail"),
    MailFolder.DRAFTS: mark("drafts"),
    MailFolder.JUNK: mark("spam"),
    MailFolder.TRASH: mark("trash"),
}

_LOSSES = {
    Loss.MAIL: mark("If nobody logs in for {days} days, the provider deletes the messages."),
    Loss.MAILBOX: mark("If nobody logs in for {days} days, the provider may delete the mailbox with everything in it."),
    Loss.ACCESS: mark("If nobody logs in for {days} days, the provider closes the mailbox."),
}

_LIMITS = {
    "per_minute": mark("{count} messages a minute"),
    "per_hour": mark("{count} messages an hour"),
    "per_day": mark("{count} messages a day"),
    "recipients": mark("{count} recipients of one message"),
}


def fact_sentences(provider: Provider) -> list[tuple[str, FactSource]]:
    """Every fact of ``provider`` as finished sentences in the active language, with where it was read."""
    return [(fact_sentence(fact), fact.source) for fact in provider.facts]


def sentences_to_know(provider: Provider | None, protocol: Protocol) -> list[str]:
    """What somebody who reads with ``protocol`` has to know from now on; only what somebody has read."""
    if provider is None:
        return []
    of_protocol = {Protocol.POP3: PopFetches, Protocol.IMAP: NeedsImapId}
    told = [fact for fact in provider.facts if in_time(fact) or type(fact) is of_protocol.get(protocol)]
    return [fact_sentence(fact) for fact in told if fact.source.verified]


def in_time(fact: ProviderFact) -> bool:
    """Whether it has to be known before something is lost: mail that goes by itself, a password that ends."""
    if isinstance(fact, Retention):
        return fact.folder is MailFolder.INBOX
    return isinstance(fact, Inactivity | PasswordEnds)


def fact_sentence(fact: ProviderFact) -> str:
    """``fact`` as one or two finished sentences in the active language."""
    return _SENTENCES[type(fact)](fact)


def sending_limits(fact: SendingLimits) -> str:
    """The limits as a list of phrases: “6 messages a minute, 100 recipients of one message”."""
    counts = ((text, getattr(fact, name)) for name, text in _LIMITS.items())
    return ", ".join(_(text).format(count=count) for text, count in counts if count is not None)


def space_label(fact: FreeSpace) -> str:
    """The free space in the unit that people know: “500 MB”, “3 GB”."""
    gigabytes = fact.megabytes / 1000
    return f"{gigabytes:g} GB" if gigabytes >= 1 else f"{fact.megabytes} MB"


def _inactivity(fact: Inactivity) -> str:
    text = _(_LOSSES[fact.removes]).format(days=fact.days)
    if fact.program_counts is None:
        return text + " " + _("Whether fetching mail with a program counts as a log-in is not known.")
    if fact.program_counts:
        return text + " " + _("Fetching mail with a program counts as a log-in.")
    return text + " " + _("Fetching mail with a program does not count: log in on its web page, too.")


def _retention(fact: Retention) -> str:
    if fact.folder is MailFolder.INBOX:
        return _("Messages in the inbox are deleted by the provider after {days} days.").format(days=fact.days)
    return _("What is in the folder “{folder}” is deleted by the provider after {days} days.").format(
        folder=_(_FOLDERS[fact.folder]), days=fact.days
    )


def _paid_only(fact: PaidOnly) -> str:
    return _("{protocols} works in paid plans only.").format(protocols=_protocols(fact.protocols))


def _free_space(fact: FreeSpace) -> str:
    return _("The free plan holds {space}.").format(space=space_label(fact))


def _password_ends(fact: PasswordEnds) -> str:
    return _(
        "The password for programs ends after {days} days: renew it at the provider before then, or programs can no "
        "longer log in."
    ).format(days=fact.days)


def _pop_fetches(fact: PopFetches) -> str:
    if not fact.misses:
        return _("POP3 fetches the inbox only.")
    return _("POP3 does not fetch: {folders}. Look there on the web page from time to time.").format(
        folders=_names(fact.misses)
    )


def _folder_names(fact: FolderNames) -> str:
    known = {MailFolder.SENT: fact.sent, MailFolder.DRAFTS: fact.drafts}
    known |= {MailFolder.JUNK: fact.junk, MailFolder.TRASH: fact.trash}
    named = ", ".join(f"{_(_FOLDERS[folder])}: {name}" for folder, name in known.items() if name is not None)
    return _("What the folders are called on the server: {names}.").format(names=named)


def _connections(fact: MostConnections) -> str:
    return _("The server takes at most {count} connections of one mailbox at a time.").format(count=fact.most)


def _sending(fact: SendingLimits) -> str:
    return _("The most that can be sent: {limits}.").format(limits=sending_limits(fact))


def _sender_domain(_fact: SenderDomain) -> str:
    return _("Mail can be sent only with a sender's address of the mailbox's own domain.")


def _imap_id(_fact: NeedsImapId) -> str:
    return _("With IMAP, only programs that say which program they are (ID, RFC 2971) can open the mailbox.")


def _oauth2(fact: OAuth2Issuer) -> str:
    text = _("Programs that log in through a sign-in page (OAuth2) do so at {issuer}.").format(issuer=fact.issuer)
    if not fact.protocols:
        return text
    return text + " " + _("That works with {protocols}.").format(protocols=_protocols(fact.protocols))


def _protocols(protocols: Iterable[Protocol]) -> str:
    return ", ".join(protocol.value.upper() for protocol in protocols)


def _names(folders: Iterable[MailFolder]) -> str:
    return ", ".join(_(_FOLDERS[folder]) for folder in folders)


_SENTENCES: dict[type[ProviderFact], Callable[[Any], str]] = {
    Inactivity: _inactivity,
    Retention: _retention,
    PaidOnly: _paid_only,
    FreeSpace: _free_space,
    PasswordEnds: _password_ends,
    PopFetches: _pop_fetches,
    FolderNames: _folder_names,
    MostConnections: _connections,
    SendingLimits: _sending,
    SenderDomain: _sender_domain,
    NeedsImapId: _imap_id,
    OAuth2Issuer: _oauth2,
}
