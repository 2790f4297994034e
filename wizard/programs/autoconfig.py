"""Mozilla autoconfig files (``config-v1.1.xml``): written for one account, and read from anywhere, without trust.

Source: draft-ietf-mailmaint-autoconfig; where the draft is silent, what Thunderbird does. Any document type is refused
before an entity could be declared; size, depth and the numbers of providers and servers have limits. A server that
cannot be understood is skipped with its reason, and the others stay, whatever they are for; what is not known is
ignored. The elements of servers are read by :mod:`wizard.programs.autoconfig_servers`.

What is written has to survive Thunderbird's reader, whose rules come from its own code (version 153 ESR): text that
looks like a number or a truth value is turned into one before it is used as text, and placeholders are replaced one
after the other, so that an address which itself contains one is replaced twice.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from wizard.language import translate as _
from wizard.model.address import AddressProblem, Domain, EmailAddress, parse_domain
from wizard.model.problems import Place, Problem
from wizard.model.servers import (
    EMAIL_ADDRESS,
    EMAIL_DOMAIN,
    EMAIL_LOCAL_PART,
    AfterDownload,
    ClientConfig,
    IncomingServer,
    LeavePolicy,
    OutgoingServer,
    Protocol,
    fill,
    with_password,
)
from wizard.model.text import printable
from wizard.programs.autoconfig_servers import (
    FOREVER,
    as_written,
    first_text,
    leave_of,
    left_out,
    read_element,
    usual_names,
)
from wizard.programs.comparing import described
from wizard.programs.elements import Element, read_tree
from wizard.programs.names import username_forms
from wizard.programs.program import Form, Mismatch, Program, Signs, utf8
from wizard.programs.reading import (
    IncompleteServer,
    ReadAccount,
    ReadFile,
    host_template,
    incoming_among,
    outgoing_among,
    without_accounts,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wizard.model.servers import MailAccount

ID = "autoconfig"

SERVER_LIMIT = 64
PROVIDER_LIMIT = 64

# What JavaScript's isFinite() accepts of a text, and the part of it that comes back unchanged from parseFloat().
_NUMBER = re.compile(
    r"\s*(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|0x[0-9a-f]+|0o[0-7]+|0b[01]+)?\s*|true|false", re.IGNORECASE
)
_UNCHANGED = re.compile(r"0|[1-9]\d{0,14}|true|false")


def survives_thunderbird(text: str) -> bool:
    """Whether Thunderbird reads ``text`` as it is, not as another number (``007`` becomes 7, ``1e3`` 1000)."""
    return _NUMBER.fullmatch(text) is None or _UNCHANGED.fullmatch(text) is not None


def username_for(username: str, address: EmailAddress, published: str = "") -> str | None:
    """How ``username`` is written: with placeholders where it has parts of the address, else as it is.

    The form is right for this person, and for everybody else who gets the file: it is looked up by the domain alone.
    ``published``: the form that the provider gave it. None: no spelling is understood by every reader.
    """
    for text in username_forms(username, address, published):
        means_it = fill(text, address) == username and _thunderbird_fills(text, address) == username
        if means_it and survives_thunderbird(text):
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


def _reason_against(account: MailAccount) -> str | None:
    """What the readers of this format cannot take, though the format could say it."""
    if "@" in account.address.local:
        return _("Thunderbird cannot read an address with two @; use the values of the card.")
    domain_survives = survives_thunderbird(account.address.domain.ascii)
    for server in (account.incoming, account.outgoing, *account.alternatives):
        if server.username and username_for(server.username, account.address, server.username_form) is None:
            return _(
                "Thunderbird would change the user name “{name}” when it reads the file; type it by hand, with the "
                "values of the card."
            ).format(name=server.username)
        if not domain_survives or not survives_thunderbird(server.hostname):
            return _("Thunderbird would take the name “{name}” for a number; use the values of the card.").format(
                name=server.hostname
            )
    return None


def _values(account: MailAccount) -> dict[str, Any]:
    return {
        "leave": None if account.leave is None else leave_written(account.leave),
        "autoconfig_username": lambda server: username_for(server.username, account.address, server.username_form),
    }


def leave_written(policy: LeavePolicy) -> LeavePolicy:
    """What the file says for ``policy``: "for good" becomes the longest time, and the user is told to untick it."""
    return LeavePolicy(AfterDownload.KEEP_DAYS, FOREVER) if policy.kind is AfterDownload.KEEP else policy


def _check(content: bytes, account: MailAccount) -> None:
    """Read the file as a client would and compare servers, order and leave policy with the account."""
    try:
        read = read_autoconfig(content, "config-v1.1.xml")
        config = read.config.filled(account.address)
    except Problem as problem:
        raise Mismatch(str(problem)) from None
    servers = (account.incoming, account.outgoing, *account.alternatives)
    wanted = incoming_among(servers)
    if config.incoming != wanted:
        raise Mismatch(f"{described(config.incoming)}, not {described(wanted)}")
    wanted_outgoing = outgoing_among(servers)
    if config.outgoing != wanted_outgoing:
        raise Mismatch(f"{described(config.outgoing)}, not {described(wanted_outgoing)}")
    if config.domains != (account.address.domain,) or config.id != account.address.domain.ascii:
        raise Mismatch(f"id {config.id}, domains {config.domains}")
    leave = leave_written(account.leave) if account.leave is not None else None
    if read.leave != leave:
        raise Mismatch(f"leave policy {read.leave}, not {leave}")
    if read.skipped:
        raise Mismatch(f"unreadable parts: {read.skipped}")


@dataclass(frozen=True, slots=True)
class ReadConfig:
    """A file as settings. ``leave`` is what it says for its first POP3 server, None where it says nothing.

    ``skipped`` names what was left out and why; ``incomplete`` are the servers among that, by the sentence about them.
    ``any_domain``: the file is for every address, whatever domains it names beside. Lists of servers may be empty.
    ``line``: where the provider begins.
    """

    config: ClientConfig
    leave: LeavePolicy | None
    skipped: tuple[str, ...] = ()
    any_domain: bool = False
    incomplete: Mapping[str, IncompleteServer] = field(default_factory=dict)
    line: int | None = None

    @property
    def usable(self) -> bool:
        """Whether it names a server that can be used."""
        return bool(self.config.incoming or self.config.outgoing)


def read_autoconfig(content: bytes, name: str, domain: Domain | None = None) -> ReadConfig:
    """Read the bytes of a file; ``name`` is what errors call it. Placeholders in host and user names stay.

    ``domain``: whose settings are wanted, where a file has several providers; else, and where none names it, the first
    counts that can be used. A server about whose log-in the file says nothing that is known has no ``authentication``.
    Raises Problem with file and line when it is not an autoconfig file, is unsafe, or has no server that can be used.
    """
    readable, problems = _read_providers(content, name)
    usable = [read for read in readable if read.usable]
    if not usable:
        raise problems[0] if problems else without_accounts(readable[0].skipped[:1], name, readable[0].line)
    return next((read for read in usable if domain in read.config.domains), usable[0])


def _read_providers(content: bytes, name: str) -> tuple[list[ReadConfig], list[Problem]]:
    """Each provider of a file that can be read, and why others cannot; raises Problem when it has none."""
    root = read_tree(content, name)
    providers = list(root.all("emailProvider")) if root.called("clientConfig") else []
    if not providers:
        place = Place(printable(name), root.line)
        raise Problem(_("This is not an autoconfig file: it has no e-mail provider."), place=place)
    if len(providers) > PROVIDER_LIMIT:
        text = _("The file has more than {count} providers.").format(count=PROVIDER_LIMIT)
        raise Problem(text, place=Place(printable(name)))
    readable, problems = [], []
    for provider in providers:
        try:
            readable.append(_read_provider(provider, name))
        except Problem as problem:
            problems.append(problem)
    return readable, problems


def _read_provider(provider: Element, name: str) -> ReadConfig:
    skipped: list[str] = []
    domains: list[Domain] = []
    any_domain = False
    for child in provider.all("domain"):
        if child.text.upper() == EMAIL_DOMAIN:  # as servers write it that generate one file for all
            any_domain = True
            continue
        try:
            domains.append(parse_domain(child.text))
        except AddressProblem as problem:
            skipped.append(_("line {line}").format(line=child.line) + f": {problem.reason}")
    if not domains and not any_domain:
        text = _("The file names no domain.")
        if skipped:
            text = _("The file names no domain that can be used ({reason}).").format(reason=printable(skipped[0]))
        raise Problem(text, place=Place(printable(name), provider.line))
    try:
        identity = host_template(provider.attributes.get("id", ""))
    except AddressProblem:
        place = Place(printable(name), provider.line)
        raise Problem(_("The file does not name its provider."), place=place) from None
    read = _collect(provider, identity, tuple(domains), skipped, name)
    return replace(read, any_domain=any_domain)


def _collect(
    provider: Element,
    identity: str,
    domains: tuple[Domain, ...],
    skipped: list[str],
    name: str,
) -> ReadConfig:
    incoming: list[IncomingServer] = []
    outgoing: list[OutgoingServer] = []
    incomplete: dict[str, IncompleteServer] = {}
    leave = None
    entries = [child for child in provider.children if child.called("incomingServer") or child.called("outgoingServer")]
    if len(entries) > SERVER_LIMIT:
        raise Problem(_("The file has more than {count} servers.").format(count=SERVER_LIMIT), place=Place(name))
    usual = usual_names(entries)
    for entry in entries:
        try:
            server = read_element(entry, usual)
        except Problem as problem:
            skipped.append(printable(left_out(entry, problem)))
            shown = as_written(entry, usual)
            incomplete |= {skipped[-1]: shown} if shown is not None else {}
            continue
        if isinstance(server, OutgoingServer):
            outgoing.append(server)
            continue
        if server.protocol is Protocol.POP3 and not any(known.protocol is Protocol.POP3 for known in incoming):
            leave = leave_of(entry)
        incoming.append(server)
    config = ClientConfig(identity, domains, _display_name(provider, identity), tuple(incoming), tuple(outgoing))
    return ReadConfig(config, leave, tuple(map(printable, skipped)), incomplete=incomplete, line=provider.line)


def _display_name(provider: Element, identity: str) -> str:
    return printable(first_text(provider, "displayName") or first_text(provider, "displayShortName") or identity, 60)


def _read(content: bytes, name: str) -> ReadFile:
    readable, problems = _read_providers(content, name)
    if not readable:
        raise problems[0]
    accounts = tuple(_account(read) for read in readable)
    kept = tuple(account for account in accounts if not account.empty)
    if not kept:
        raise without_accounts(readable[0].skipped[:1], name, readable[0].line)
    lost = [reason for account in accounts if account.empty for reason in account.reasons]
    return ReadFile(format=ID, accounts=kept, skipped=(*(problem.text for problem in problems), *lost))


def _account(read: ReadConfig) -> ReadAccount:
    """A provider as an account of anybody at its domains."""
    config = read.config
    return ReadAccount(
        address=None,
        label=config.id,
        # Nobody connects to what is read here: a password is what a server takes that says nothing else.
        incoming=tuple(map(with_password, config.incoming)),
        outgoing=tuple(map(with_password, config.outgoing)),
        incomplete=tuple(read.incomplete.values()),
        leave=read.leave,
        skipped=tuple(reason for reason in read.skipped if reason not in read.incomplete),
        unfilled=True,
        domains=() if read.any_domain else config.domains,
        provider="" if config.display_name == config.id else config.display_name,
    )


PROGRAM = Program(
    id=ID,
    read=_read,
    signs=Signs(roots=frozenset({"clientConfig"}), name=re.compile(r"config-v1\.[0-9]\.xml", re.IGNORECASE)),
    forms={"autoconfig": Form(write=utf8, check=_check, reason_against=_reason_against, values=_values)},
)
