"""Settings on the screen: what a file says, and what the catalogue knows of a provider."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.language import translate as _
from wizard.model.servers import Protocol
from wizard.wording import (
    endpoint_label,
    leave_label,
    offers_label,
    password_kind_label,
    protocol_label,
    security_label,
    username_label,
)
from wizard.wording.provider_facts import fact_sentences

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.app.file_accounts import AccountSettings
    from wizard.model.provider import FactSource, Provider
    from wizard.model.servers import Server
    from wizard.programs.reading import IncompleteServer
    from wizard.terminal.screen import Screen


def show_inspection(screen: Screen, found: tuple[AccountSettings, ...]) -> None:
    """Everything that the file says, account by account."""
    screen.say(f"{found[0].file}: {_format_label(found[0].format)}")
    for account in found:
        screen.title(_whose(account))
        screen.fields(_account_rows(account))
    able = [account for account in found if account.report.usable]
    if not able:
        return
    whose = "" if able[0].addressed else _("ADDRESS") + " "
    screen.blank()
    screen.say(
        _("“mail-wizard export {whose}--settings {file} --format ID” writes the same for other programs.").format(
            whose=whose, file=found[0].file
        )
    )


def _format_label(identity: str) -> str:
    from wizard.export.registry import formats

    label = next((entry.label for entry in formats() if entry.id == identity), None)
    return _("Settings of mail-wizard") if label is None else _(label)


def _whose(given: AccountSettings) -> str:
    if given.addressed:
        return given.report.address.unicode
    text = _("The address is not in this file")
    if given.domains:
        domains = ", ".join(domain.unicode for domain in given.domains[:5])
        text = _("For any address of {domains}: each program fills in its own").format(domains=domains)
    elif given.unfilled:
        text = _("For any address: each program fills in its own")
    return text if given.unfilled or not given.label else f"{given.label}: {text}"


def _account_rows(given: AccountSettings) -> list[tuple[str, list[str]]]:
    report = given.report
    rows: list[tuple[str, list[str]]] = []
    if report.provider is not None:
        rows.append((_("Provider"), [report.provider.name]))
    if given.name:
        rows.append((_("Your name"), [given.name]))
    incoming = [found for found in (report.imap, report.pop3) if found is not None]
    incoming.sort(key=lambda found: found.server.protocol is not given.protocol)
    rows += [(_("Incoming"), _server_lines(found.server)) for found in incoming]
    receiving = [server for server in given.incomplete if server.protocol is not Protocol.SMTP]
    rows += [(_("Incoming"), _incomplete_lines(server)) for server in receiving]
    if report.smtp is not None:
        rows.append((_("Outgoing"), _server_lines(report.smtp.server)))
    sending = [server for server in given.incomplete if server.protocol is Protocol.SMTP]
    rows += [(_("Outgoing"), _incomplete_lines(server)) for server in sending]
    if given.leave is not None:
        rows.append((_("POP3"), [leave_label(given.leave)]))
    if report.alternatives:
        rows.append((_("Also"), [endpoint_label(found.server) for found in report.alternatives]))
    for label, notices in ((_("Please note"), report.warnings), (_("To agree to"), report.needs_consent)):
        rows += [(label, [notice.text for notice in notices])] if notices else []
    return rows


def _server_lines(server: Server) -> list[str]:
    return [endpoint_label(server), username_label(server)]


def _incomplete_lines(server: IncompleteServer) -> list[str]:
    """What the file says of a server, with a word where it says nothing."""
    host = server.hostname or _("host name not in this file")
    username = _("not in this file") if server.username is None else server.username or "–"
    missing = [_("port not in this file")] if server.port is None else []
    missing += [_("encryption not in this file")] if server.socket_type is None else []
    said = [host if server.port is None else f"{host} {server.port}"]
    said[0] += "" if server.socket_type is None else f" {security_label(server.socket_type)}"
    return [
        f"{protocol_label(server.protocol)}  {', '.join([*said, *missing])}",
        _("user name {username}").format(username=username),
    ]


def show_provider(screen: Screen, provider: Provider) -> None:
    """Everything known, with what nobody verified called so."""
    config = provider.config
    screen.say(provider.name, style="bold")
    servers = list(zip((*config.incoming, *config.outgoing), provider.server_sources, strict=False))
    rows: list[tuple[str, list[str]]] = [
        (_("Domains"), _names([domain.shown for domain in config.domains], provider.domain_sources)),
        (_("Recognised by MX"), _names(provider.mx_suffixes, provider.mx_sources)),
        (_("Recognised by SPF"), _names(provider.spf_suffixes, provider.spf_sources)),
        (_("Also its servers"), _names(provider.server_suffixes, provider.server_suffix_sources)),
        (_("Offers"), [offers_label(provider.offers) + (_doubt(provider.offers_source) if provider.offers else "")]),
        (
            _("Servers"),
            [f"{endpoint_label(server)}  {server.username}{_doubt(source)}" for server, source in servers]
            or [_("none for other mail programs") if provider.offers == "neither" else _("not known")],
        ),
        (_("Password"), [password_kind_label(provider.password_kind) + _doubt(provider.password_source)]),
        (
            _("Do first"),
            [_(step.text) + (f" {step.url}" if step.url else "") + _doubt(step.source) for step in provider.switch_on],
        ),
        (_("Please note"), [_(quirk.text) + _doubt(quirk.source) for quirk in provider.quirks]),
        (_("Its rules"), [text + _doubt(source) for text, source in fact_sentences(provider)]),
        (_("Space"), [_(provider.quota_text) + _doubt(provider.quota_source)] if provider.quota_text else []),
        (_("Help pages"), list(provider.documentation)),
        (_("Sources"), _sources(provider)),
    ]
    screen.blank()
    screen.fields([(label, texts) for label, texts in rows if texts])


def _sources(provider: Provider) -> list[str]:
    return list(dict.fromkeys(_source_line(source) for source in provider.sources))


def _names(names: Sequence[str], sources: Sequence[FactSource]) -> list[str]:
    """Names in one line, each that nobody has verified marked so."""
    marked = [name + _doubt(source) for name, source in zip(names, sources, strict=True)]
    return [", ".join(marked)] if marked else []


def _source_line(source: FactSource) -> str:
    from datetime import UTC, datetime

    from wizard.discovery.report import YEARS_FRESH

    today = datetime.now(UTC).date().isoformat()
    old = source.checked_on < f"{int(today[:4]) - YEARS_FRESH:04d}{today[4:]}"
    words = {"confirmed": _("confirmed"), "reported": _("reported"), "unverified": _("not verified")}
    age = " " + _("(more than two years old)") if old else ""
    return f"{_(source.reference)}, {source.checked_on} ({words[source.confidence]}){age}" + (
        f" {source.url}" if source.url else ""
    )


def _doubt(source: FactSource | None) -> str:
    return " " + _("(not verified)") if source is not None and source.confidence == "unverified" else ""


def show_text(screen: Screen, text: str) -> None:
    """A text of lines that is to be copied as it is."""
    screen.stream.write(text)
