"""What a mail program's file says of an account, as settings: by the same rules as what a look-up finds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wizard.discovery.report import report_of_file
from wizard.language import translate as _
from wizard.model.address import AddressProblem, parse_address
from wizard.model.discovery import DiscoveryReport, Evidence, FoundServer, Source, Trust
from wizard.model.problems import Notice
from wizard.model.provider import FactSource, Provider
from wizard.model.servers import ClientConfig, LeavePolicy, Protocol, Server, fill, has_placeholder
from wizard.model.text import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.model.address import Domain, EmailAddress
    from wizard.model.servers import IncomingServer, OutgoingServer
    from wizard.programs.reading import IncompleteServer, ReadAccount, ReadFile, WrittenServer


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSettings:
    """One account of a file. ``format`` is an id of clients.yaml, or “settings” for the program's own documents.

    ``name`` is the sender's, ``protocol`` that of the file's first incoming server, ``leave`` what it says about POP3
    messages on the server: things that the report has no place for; None and empty where the file says nothing.
    ``incomplete``: servers that the file names and that are in no report, because they cannot be used as they are.
    ``label`` is what the file itself calls the account, ``file`` what messages call the file. ``unfilled``: it is for
    any address of ``domains``, of any domain where these are empty. ``written``: the servers as the file has them and
    in its order, where the report may have others, or another order.
    """

    report: DiscoveryReport
    format: str
    file: str
    name: str = ""
    protocol: Protocol | None = None
    leave: LeavePolicy | None = None
    incomplete: tuple[IncompleteServer, ...] = ()
    label: str = ""
    unfilled: bool = False
    domains: tuple[Domain, ...] = ()
    written: tuple[FoundServer, ...] = ()

    @property
    def addressed(self) -> bool:
        """Whether it is known for which address the settings are; else they may hold placeholders."""
        from wizard.programs.reading import UNKNOWN

        return self.report.address != UNKNOWN

    @property
    def as_written(self) -> DiscoveryReport:
        """The report with what a program would use that takes the file as it is, whatever is wrong in it."""
        first = {found.server.protocol: found for found in reversed(self.written)}
        report = self.report
        for found in first.values():
            report = report.with_server(found)
        return report

    @property
    def protocols(self) -> set[Protocol]:
        """The protocols of which the file names a server, one that can be used or not."""
        found = {protocol for protocol in Protocol if self.report.best(protocol) is not None}
        return found | {server.protocol for server in self.incomplete}


def from_program(read: ReadFile, account: ReadAccount, wanted: EmailAddress | None, name: str) -> AccountSettings:
    """An account of a file of a mail program as settings."""
    from wizard.programs.reading import UNKNOWN, incoming_among, incomplete_among, outgoing_among

    stated = account.address
    if stated is None and (len(read.accounts) == 1 or account.unfilled):
        stated = wanted
    guessed = _address_among_names(account) if stated is None else None
    address = stated or guessed or UNKNOWN
    written: list[WrittenServer] = [*account.incoming, *account.outgoing, *account.incomplete]
    if wanted is not None and wanted == address:
        written = [server if server.username is not None else server.with_username(str(wanted)) for server in written]
    servers: list[IncomingServer | OutgoingServer] = [*incoming_among(written), *outgoing_among(written)]
    skipped = (*read.skipped, *account.skipped)
    if account.unfilled and address != UNKNOWN:
        servers, odd = _filled(servers, address)
        skipped += odd
    incomplete = incomplete_among(written)
    found = tuple(_found(server, name) for server in servers)
    report = report_of_file(address, found, _provider(account, address))
    notices = [
        *([_from_user_name()] if guessed is not None else []),
        *_missing({server.protocol for server in (*servers, *incomplete)}),
        *_domain_notices(account, address),
        *report.warnings,
        *map(unusable, incomplete),
        *([_unchecked()] if read.signed else []),
        *map(_left_out, (*skipped, *_unencrypted_beside(servers, report))),
    ]
    person = fill(account.display_name, address) if account.unfilled else account.display_name
    return AccountSettings(
        report=replace(report, warnings=tuple(notices)),
        format=read.format,
        file=name,
        name=person,
        protocol=next((server.protocol for server in written if server.protocol is not Protocol.SMTP), None),
        leave=account.leave,
        incomplete=incomplete,
        label=account.label,
        unfilled=account.unfilled,
        domains=account.domains,
        written=found,
    )


def _found(server: IncomingServer | OutgoingServer, file: str) -> FoundServer:
    """Nobody vouches for a file, and nobody typed what it says."""
    return FoundServer(server, Evidence(Source.USER, Trust.UNAUTHENTICATED, file))


def _unencrypted_beside(servers: Sequence[Server], report: DiscoveryReport) -> list[str]:
    """Why servers of the file are not in ``report``: they do not encrypt, and others of their protocol do."""
    listed = (report.imap, report.pop3, report.smtp, *report.alternatives)
    places = {_place(found.server) for found in listed if found is not None}
    from wizard.wording import endpoint_label

    return [
        _("{server}; a server with encryption is used.").format(server=endpoint_label(server))
        for server in servers
        if not server.secure and _place(server) not in places
    ]


def _place(server: Server) -> tuple[object, ...]:
    return server.protocol, server.hostname, server.port


def _filled(
    servers: Sequence[IncomingServer | OutgoingServer], address: EmailAddress
) -> tuple[list[IncomingServer | OutgoingServer], tuple[str, ...]]:
    """``servers`` with their placeholders filled in, and why some were left out: no valid name for ``address``."""
    filled, skipped = [], []
    for server in servers:
        try:
            filled.append(server.filled(address))
        except AddressProblem as problem:
            skipped.append(problem.reason)
    return filled, tuple(skipped)


def _address_among_names(account: ReadAccount) -> EmailAddress | None:
    """The user name that is an address: several formats have no other place for it."""
    written: list[WrittenServer] = [*account.incoming, *account.outgoing, *account.incomplete]
    for server in written:
        if server.username is None or (account.unfilled and has_placeholder(server.username)):
            continue
        try:
            return parse_address(server.username)
        except AddressProblem:
            continue
    return None


def _provider(account: ReadAccount, address: EmailAddress) -> Provider | None:
    if not account.provider:
        return None
    domains = account.domains or (address.domain,)  # without one of its own the file is for any
    name = printable(fill(account.provider, address), 60)
    return Provider(
        id=domains[0].ascii,
        name=name,
        config=ClientConfig(domains[0].ascii, domains, name, (), ()),
        mx_suffixes=(),
        offers="both",
        password_kind="account",  # noqa: S106 - a word of the model, no password
        source=FactSource(_("the settings file"), "", "unverified"),
    )


def _missing(named: set[Protocol]) -> list[Notice]:
    notices = []
    if named.isdisjoint({Protocol.IMAP, Protocol.POP3}):
        notices.append(Notice("no_incoming", _("The file names no server for reading mail.")))
    if Protocol.SMTP not in named:
        notices.append(Notice("no_outgoing", _("The file names no server for sending mail.")))
    return notices


def unusable(server: IncompleteServer) -> Notice:
    from wizard.wording import protocol_label

    named = f"{protocol_label(server.protocol)} {server.hostname}".strip()
    return Notice(
        "incomplete",
        _("{server} cannot be used as the file has it: {reason}").format(server=named, reason=" ".join(server.reasons)),
    )


def _from_user_name() -> Notice:
    return Notice("address_from_username", _("The file does not name the address; the user name is used instead."))


def _left_out(reason: str) -> Notice:
    return Notice("left_out", printable(_("Left out: {reason}").format(reason=reason)))


def _unchecked() -> Notice:
    return Notice("signature_not_checked", _("The file is signed; the signature was not checked."))


def _domain_notices(account: ReadAccount, address: EmailAddress) -> list[Notice]:
    from wizard.programs.reading import UNKNOWN

    if address == UNKNOWN or not account.domains or address.domain in account.domains:
        return []
    text = _("The file is for addresses of {domains}, not of {domain}.").format(
        domains=", ".join(domain.unicode for domain in account.domains[:5]), domain=address.domain.unicode
    )
    return [Notice("other_domain", text)]
