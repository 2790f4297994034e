"""Settings from files, whatever their format: the program's own documents, and what mail programs read."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wizard.app.file_accounts import AccountSettings, from_program, unusable
from wizard.language import translate as _
from wizard.model.address import parse_address
from wizard.model.discovery import FoundServer, Source
from wizard.model.problems import InputNeeded, Notice, Place, Problem
from wizard.model.servers import AfterDownload, Protocol
from wizard.model.text import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wizard.model.address import EmailAddress
    from wizard.model.provider import Provider
    from wizard.programs.reading import ReadAccount, ReadFile
    from wizard.programs.settings import ReadSettings

    ProviderNamed = Callable[[str], Provider | None]


def read_content(path: str) -> tuple[bytes, str]:
    """The bytes of a file (``-``: standard input), and what errors call it. Raises Problem."""
    from wizard.programs.registry import SIZE_LIMIT
    from wizard.resources.documents import read_bytes, stream_bytes

    if path == "-":
        name = _("standard input")
        raw = stream_bytes(sys.stdin, SIZE_LIMIT + 1, name)
    else:
        name, raw = path, read_bytes(Path(path), SIZE_LIMIT + 1)
    if len(raw) > SIZE_LIMIT:
        size = SIZE_LIMIT // 1024 // 1024
        raise Problem(
            _("The file is larger than {size} MiB, so it cannot be a settings file.").format(size=size),
            place=Place(name),
        )
    return raw, name


def accounts_in(
    content: bytes,
    name: str,
    *,
    address: EmailAddress | None = None,
    label: str | None = None,
    provider_named: ProviderNamed | None = None,
    follow: bool = False,
) -> tuple[AccountSettings, ...]:
    """The accounts of a file in its order; only that of ``address``, or the one that the file calls ``label``.

    ``address`` is also whose account it is where the file leaves that open, and the user name where it names none.
    ``follow``: what a neomuttrc reads with ``source`` is read too, where it lies in the same directory. Raises Problem
    with the file, and line and key where there are any, when it is of no known format, wrong, or has no such account.
    """
    from wizard.programs.registry import SETTINGS, read_file, recognise

    kind = recognise(content, name)
    if kind is None:
        raise Problem(
            _("This is not a settings file of a known format; “mail-wizard formats” lists the formats."),
            place=Place(name),
        )
    if kind == SETTINGS:
        found = _documents(content, name, address, provider_named)
    else:
        if kind == "neomutt" and follow:
            from wizard.app.settings_folders import followed

            read = followed(content, name)
        else:
            read = read_file(kind, content, name)
        found = tuple(from_program(read, account, address, name) for account in _open_to(address, read))
    return _chosen(found, address, label, name)


def _chosen(
    found: tuple[AccountSettings, ...], address: EmailAddress | None, label: str | None, name: str
) -> tuple[AccountSettings, ...]:
    if label is not None:
        return (_labelled(label, found, name),)
    return found if address is None else (_of(address, found, name),)


def _open_to(address: EmailAddress | None, read: ReadFile) -> tuple[ReadAccount, ...]:
    """The accounts of ``read``; of those for any address of a domain only the one for ``address``, as in discovery: the
    one of its domain, else the first.
    """
    several = [account for account in read.accounts if account.unfilled and account.domains]
    if address is None or len(several) < 2:
        return read.accounts
    chosen = next((account for account in several if address.domain in account.domains), several[0])
    return tuple(account for account in read.accounts if account not in several or account is chosen)


def _labelled(label: str, found: Sequence[AccountSettings], name: str) -> AccountSettings:
    matching = [account for account in found if account.label == label]
    if len(matching) == 1:
        return matching[0]
    from wizard.model.problems import did_you_mean

    words = list(dict.fromkeys(_called(account) for account in found))
    raise Problem(
        _("The file has no account “{name}”.").format(name=printable(label, 60)) + " " + did_you_mean(label, words),
        place=Place(name),
    )


def _called(account: AccountSettings) -> str:
    """What to give after --account to get ``account``."""
    return account.report.address.unicode if account.addressed else account.label or "ADDRESS"


def _documents(
    content: bytes, name: str, address: EmailAddress | None, provider_named: ProviderNamed | None
) -> tuple[AccountSettings, ...]:
    from wizard.programs.reading import UNKNOWN
    from wizard.programs.settings import all_settings_from
    from wizard.resources.documents import decode

    documents = all_settings_from(decode(content, name), name, provider_named=provider_named)
    if address is not None and len(documents) == 1 and documents[0].report.address == UNKNOWN:
        documents = (replace(documents[0], report=replace(documents[0].report, address=address)),)
    return tuple(_from_document(read, name) for read in documents)


def _from_document(read: ReadSettings, name: str) -> AccountSettings:
    from wizard.discovery.report import report_of_document

    said = replace(
        read.report,
        imap=_from_file(read.report.imap, name),
        pop3=_from_file(read.report.pop3, name),
        smtp=_from_file(read.report.smtp, name),
        warnings=tuple(dict.fromkeys((*read.report.warnings, *map(unusable, read.incomplete)))),
    )
    return AccountSettings(
        report=report_of_document(said),
        format="settings",
        file=name,
        leave=read.leave,
        incomplete=read.incomplete,
        written=tuple(found for found in (said.imap, said.pop3, said.smtp) if found is not None),
    )


def _from_file(found: FoundServer | None, name: str) -> FoundServer | None:
    """A server that the file says somebody named is one of the file: nobody typed it in this run."""
    if found is None or found.evidence.source is not Source.USER:
        return found
    return replace(found, evidence=replace(found.evidence, url=name))


def _of(address: EmailAddress, found: Sequence[AccountSettings], name: str) -> AccountSettings:
    matching = [account for account in found if account.report.address == address]
    if len(matching) == 1:
        return matching[0]
    if matching:
        raise Problem(_several(address, matching), place=Place(name))
    if len(found) == 1:
        raise Problem(
            _("The settings are for {address}; give that address, or leave it out.").format(
                address=found[0].report.address.unicode
            ),
            place=Place(name),
        )
    listed = ", ".join(_called(account) for account in found)
    raise Problem(
        _("The file has no account for {address}; it has: {addresses}.").format(
            address=address.unicode, addresses=listed
        ),
        place=Place(name),
    )


def _several(address: EmailAddress, matching: Sequence[AccountSettings]) -> str:
    """That the file has more than one account for ``address``, and what to call each where they have names."""
    text = _("The file has several accounts for {address}.").format(address=address.unicode)
    labels = dict.fromkeys(account.label for account in matching if account.label)
    if len(labels) < len(matching):
        return text
    way = _("“mail-wizard inspect FILE --account NAME --json” gives one of them as settings; their names: {names}.")
    return f"{text} {way.format(names=', '.join(labels))}"


def completed(found: Sequence[AccountSettings]) -> tuple[AccountSettings, ...]:
    """The accounts, of which one that only receives and one that only sends for the same address are one account.

    So mbsyncrc and msmtprc together make a mailbox. Raises Problem for an address that is there twice otherwise.
    """
    accounts: dict[EmailAddress, AccountSettings] = {}
    for account in found:
        address = account.report.address
        accounts[address] = _joined(accounts[address], account) if address in accounts else account
    return tuple(accounts.values())


def _joined(first: AccountSettings, second: AccountSettings) -> AccountSettings:
    receives = [half for half in (first, second) if not half.protocols.isdisjoint({Protocol.IMAP, Protocol.POP3})]
    sends = [half for half in (first, second) if Protocol.SMTP in half.protocols]
    if len(receives) != 1 or len(sends) != 1 or receives == sends:
        if first.file == second.file and first.label != second.label:
            raise Problem(_several(first.report.address, (first, second)), place=Place(first.file))
        raise Problem(_("There are two settings for {address}.").format(address=first.report.address.unicode))
    receiver, sender = receives[0], sends[0]
    done = ("no_incoming", "no_outgoing")
    warnings = [notice for notice in (*receiver.report.warnings, *sender.report.warnings) if notice.code not in done]
    report = replace(
        receiver.report,
        smtp=sender.report.smtp,
        alternatives=(*receiver.report.alternatives, *sender.report.alternatives),
        needs_consent=(*receiver.report.needs_consent, *sender.report.needs_consent),
        warnings=tuple(dict.fromkeys(warnings)),
    )
    return replace(
        receiver,
        report=report,
        name=receiver.name or sender.name,
        incomplete=(*receiver.incomplete, *sender.incomplete),
        written=(*receiver.written, *sender.written),
    )


def not_in_the_document(account: AccountSettings) -> tuple[str, ...]:
    """The options that say what the settings document has no place for, as they are typed."""
    from shlex import quote

    options = [] if not account.name else [f"--name {quote(account.name)}"]
    if account.protocol is Protocol.POP3 and account.report.imap is not None:
        options.append("--protocol pop3")
    if account.leave is not None and account.leave.kind is AfterDownload.KEEP:
        # There is no option for “for good”; the longest time is as near as one comes.
        options.append("--leave-days 3650")
    return tuple(options)


def inspect(
    file: str, account: str | None, *, own: Path | None = None, follow: bool = False
) -> tuple[AccountSettings, ...]:
    """The accounts of ``file`` (``-``: standard input; a directory: its files of getmail), or that of ``account``: an
    address, or what the file calls it. ``follow`` as for :func:`accounts_in`. Raises Problem.
    """
    from wizard.app.settings_folders import getmail_folder, is_folder
    from wizard.discovery.catalogue import provider_named

    label = account if account is not None and "@" not in account else None
    address = None if account is None or label is not None else parse_address(account)
    if is_folder(file):
        read = getmail_folder(file)
        return _chosen(tuple(from_program(read, one, address, file) for one in read.accounts), address, label, file)
    content, name = read_content(file)
    return accounts_in(
        content,
        name,
        address=address,
        label=label,
        follow=follow,
        provider_named=lambda identity: provider_named(identity, own=own),
    )


def inspection_document(accounts: tuple[AccountSettings, ...]) -> dict[str, Any]:
    """The document of one account, or one with the list of all; an address that the file does not name is null."""
    if len(accounts) == 1:
        return _document(accounts[0])
    return {"schema": 1, "accounts": [_document(account) for account in accounts]}


def _document(account: AccountSettings) -> dict[str, Any]:
    from wizard.programs.documents import report_document

    lost = not_in_the_document(account)
    report = account.report
    if lost:
        notice = Notice(
            "also_said",
            _("The file says more than this document can express; to keep it, add: {options}").format(
                options=" ".join(lost)
            ),
        )
        report = replace(report, warnings=(*report.warnings, notice))
    document = report_document(report, leave=account.leave, incomplete=account.incomplete)
    if not account.addressed:
        document |= {"address": None, "domain": None}
    return document


def require_address(account: AccountSettings, option: str) -> None:
    """Raise InputNeeded when nobody knows for which address the settings are; ``option`` gives it."""
    if not account.addressed:
        raise InputNeeded(
            _("The file does not say for which address it is; add {option}.").format(option=option),
            place=Place(account.file),
        )


def require_complete(account: AccountSettings) -> None:
    """Raise Problem, with the reason that the file gives, where no account can be made of its servers.

    A server that cannot be used does not matter where another one of the file takes its place.
    """
    report = account.report
    sides = [
        (report.imap is None and report.pop3 is None, (Protocol.IMAP, Protocol.POP3)),
        (report.smtp is None, (Protocol.SMTP,)),
    ]
    lacking = [
        server
        for missing, protocols in sides
        if missing
        for server in account.incomplete
        if server.protocol in protocols
    ]
    if not lacking:
        return
    text = " ".join(unusable(server).text for server in lacking)
    if all(server.username is None and len(server.reasons) == 1 for server in lacking):
        text += " " + _("Give the address, which is the user name then: {option}.").format(option="--account ADDRESS")
    raise Problem(text, place=Place(account.file))
