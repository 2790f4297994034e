"""``inspect``: what a settings file says, for people and as the documents that ``export --settings`` reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wizard.app.settings_files import accounts_in, not_in_the_document, read_content
from wizard.language import translate as _
from wizard.model.address import parse_address
from wizard.model.notice import Notice
from wizard.model.problems import InputNeeded, Place
from wizard.wording import leave_label, login_label, protocol_label, server_label

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.app.settings_files import Given
    from wizard.model.discovery import FoundServer
    from wizard.terminal.screen import Screen


def inspect(file: str, account: str | None, *, own: Path | None = None) -> tuple[Given, ...]:
    """The accounts of ``file`` (``-``: standard input), or that of the address ``account``. Raises Problem."""
    from wizard.discovery.catalogue import provider_named

    address = None if account is None else parse_address(account)
    content, name = read_content(file)
    return accounts_in(
        content, name, address=address, provider_named=lambda identity: provider_named(identity, own=own)
    )


def inspection_document(found: tuple[Given, ...]) -> dict[str, Any]:
    """The document of one account, or one with the list of all. Raises InputNeeded where the address is not known."""
    documents = [_document(one) for one in found]
    return documents[0] if len(documents) == 1 else {"schema": 1, "accounts": documents}


def _document(given: Given) -> dict[str, Any]:
    from dataclasses import replace

    from wizard.programs.settings import report_document

    require_address(given, "--account ADDRESS")
    lost = not_in_the_document(given)
    if not lost:
        return report_document(given.report)
    notice = Notice(
        "also_said",
        _("The file says more than this document can; to keep it, add: {options}").format(options=" ".join(lost)),
    )
    return report_document(replace(given.report, warnings=(*given.report.warnings, notice)))


def require_address(given: Given, option: str) -> None:
    """Raise InputNeeded when nobody knows for which address the settings are; ``option`` gives it."""
    if not given.addressed:
        raise InputNeeded(
            _("The file does not say for which address it is; add {option}.").format(option=option),
            place=Place(given.file),
        )


def show_inspection(screen: Screen, found: tuple[Given, ...]) -> None:
    """Everything that the file says, account by account."""
    screen.say(f"{found[0].file}: {_kind(found[0].format)}")
    for one in found:
        screen.title(_whose(one))
        _show(screen, one)
    screen.blank()
    screen.say(
        _("“mail-wizard export --settings {file} --format ID” writes the same for other programs.").format(
            file=found[0].file
        )
    )


def _kind(identity: str) -> str:
    from wizard.export.registry import formats

    label = next((one.label for one in formats() if one.id == identity), None)
    return _("Settings of mail-wizard") if label is None else _(label)


def _whose(given: Given) -> str:
    if given.addressed:
        return given.report.address.unicode
    return _("For any address: the reader puts in its own")


def _show(screen: Screen, given: Given) -> None:
    report = given.report
    rows: list[tuple[str, list[str]]] = []
    if report.provider is not None:
        rows.append((_("Provider"), [report.provider.name]))
    if given.name:
        rows.append((_("Your name"), [given.name]))
    incoming = [one for one in (report.imap, report.pop3) if one is not None]
    incoming.sort(key=lambda one: one.server.protocol is not given.protocol)
    chosen = [*((_("Incoming"), one) for one in incoming), *([(_("Outgoing"), report.smtp)] if report.smtp else [])]
    rows += [(label, _lines(one)) for label, one in chosen]
    if given.leave is not None:
        rows.append((_("POP3"), [leave_label(given.leave)]))
    if report.alternatives:
        rows.append((_("Also"), [_line(one) for one in report.alternatives]))
    for label, notices in ((_("Mind"), report.warnings), (_("To agree to"), report.needs_consent)):
        rows += [(label, [one.text for one in notices])] if notices else []
    screen.fields(rows)


def _lines(found: FoundServer) -> list[str]:
    server = found.server
    return [
        _line(found),
        _("user name {username}; log in with: {login}").format(
            username=server.username or "–", login=login_label(server)
        ),
    ]


def _line(found: FoundServer) -> str:
    return f"{protocol_label(found.server.protocol)}  {server_label(found.server)}"
