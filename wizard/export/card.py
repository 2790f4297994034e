"""The card: everything the user types into a program that reads no file, chosen and worded for one page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.export.registry import card_programs
from wizard.export.screens import filled_screens
from wizard.language import translate as _
from wizard.model.servers import AfterDownload, Protocol
from wizard.model.text import printable
from wizard.wording import authentication_setting, leave_sentence, password_hint, security_label

if TYPE_CHECKING:
    from wizard.export.registry import CardProgram
    from wizard.export.render import About
    from wizard.export.screens import FilledScreen
    from wizard.model.provider import Provider
    from wizard.model.recommendation import Recommendation
    from wizard.model.servers import MailAccount, Server

MOST_STEPS, MOST_SENTENCES, MOST_WARNINGS = 6, 5, 3
"""So many of each fit on one page with everything else; the rest is in the program's own output."""


@dataclass(frozen=True, slots=True)
class CardServer:
    """One server as it is typed: every value as programs show and want it."""

    title: str
    hostname: str
    port: int
    security: str
    username: str
    sign_in: str


@dataclass(frozen=True, slots=True)
class CardStep:
    """What to do at the provider first; ``doubt`` when it was not verified."""

    text: str
    url: str | None
    doubt: bool


@dataclass(frozen=True, slots=True)
class CardRow:
    """What one program calls the values; ``leave`` is empty with IMAP, where there is nothing to set.

    ``screens`` are its own screens with what to type into each field.
    """

    name: str
    start: str
    incoming_security: str
    outgoing_security: str
    leave: str
    screens: tuple[FilledScreen, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """The card's contents: finished sentences and values, in the order they are shown."""

    address: str
    name: str
    provider: str
    protocol: str
    headline: str
    incoming: CardServer
    outgoing: CardServer
    password: str
    steps: tuple[CardStep, ...]
    doubts: tuple[str, ...]
    meaning: tuple[str, ...]
    warnings: tuple[str, ...]
    rows: tuple[CardRow, ...]


def card_of(account: MailAccount, about: About) -> Card:
    """The card of ``account`` in the active language."""
    advice = _fitting(account, about.recommendation)
    return Card(
        address=account.address.unicode,
        name=account.display_name,
        provider=printable(account.provider_name or account.address.domain.unicode, 60),
        protocol=account.incoming.protocol.value.upper(),
        headline=advice.headline if advice is not None and advice.headline else _headline(account),
        incoming=_server(account.incoming),
        outgoing=_server(account.outgoing),
        password=password_hint(account, about.provider),
        steps=_steps(account, about.provider),
        doubts=_doubts(account, about),
        meaning=_meaning(account, advice, about.provider),
        warnings=tuple(printable(warning.text, 200) for warning in advice.warnings[:MOST_WARNINGS]) if advice else (),
        rows=tuple(
            _row(account, about, program)
            for program in card_programs(about.own_templates)
            if account.incoming.protocol in program.protocols
        ),
    )


def _fitting(account: MailAccount, advice: Recommendation | None) -> Recommendation | None:
    """The advice, unless the user decided otherwise: its sentences would then contradict the values."""
    if advice is None or advice.protocol is not account.incoming.protocol:
        return None
    if account.incoming.protocol is not Protocol.POP3 or account.leave is None:
        return advice
    same_days = advice.leave_days == account.leave.days
    return advice if same_days and account.leave.kind is not AfterDownload.KEEP else None


def _headline(account: MailAccount) -> str:
    if account.incoming.protocol is Protocol.IMAP:
        return _("IMAP: your mail stays in the mailbox, and every device shows the same.")
    return _("POP3: your computer fetches the mail from the mailbox.")


def _server(server: Server) -> CardServer:
    kind = server.protocol.value.upper()
    incoming = server.protocol is not Protocol.SMTP
    return CardServer(
        title=(_("Incoming ({protocol})") if incoming else _("Outgoing ({protocol})")).format(protocol=kind),
        hostname=server.hostname,
        port=server.port,
        security=security_label(server.socket_type),
        username=server.username,
        sign_in=authentication_setting(server),
    )


def _steps(account: MailAccount, provider: Provider | None) -> tuple[CardStep, ...]:
    if provider is None:
        return ()
    used = {account.incoming.protocol, account.outgoing.protocol}
    steps = [step for step in provider.switch_on if not step.protocols or used.intersection(step.protocols)]
    return tuple(
        CardStep(_(step.text), _web(step.url), step.source.confidence == "unverified") for step in steps[:MOST_STEPS]
    )


def _web(url: str | None) -> str | None:
    return url if url is not None and url.startswith(("https://", "http://")) else None


def _doubts(account: MailAccount, about: About) -> tuple[str, ...]:
    """What is not certain about the values."""
    doubts = []
    if about.guessed:
        doubts.append(_("These servers are a guess. Compare them with what your provider says before you use them."))
    if about.verified is False:
        doubts.append(_("Not confirmed: at least one of these servers did not answer as it should."))
    if about.verified is None and not about.guessed:
        doubts.append(_("Not tried yet: nobody has connected to these servers for this page."))
    if not (account.incoming.secure and account.outgoing.secure):
        doubts.append(_("Not encrypted: others on the way can read your password and your mail."))
    return tuple(doubts)


def _meaning(account: MailAccount, advice: Recommendation | None, provider: Provider | None) -> tuple[str, ...]:
    """What the choice means from now on, and what the provider does by itself."""
    meaning = []
    if provider is not None and provider.facts:
        from wizard.wording.provider_facts import sentences_to_know

        meaning += sentences_to_know(provider, account.incoming.protocol)
    if account.leave is not None and account.incoming.protocol is Protocol.POP3:
        meaning.append(leave_sentence(account.leave))
        if advice is not None and advice.leave_reason:
            meaning.append(advice.leave_reason)
        meaning.append(_("POP3 fetches the inbox only: the other folders of the mailbox are not seen."))
    elif advice is None or all(warning.code != "imap_is_not_a_backup" for warning in advice.warnings):
        meaning.append(_("IMAP is not a backup: a message deleted on one device is gone from all of them."))
    return tuple(printable(sentence, 200) for sentence in (*meaning, *(advice.tomorrow if advice is not None else ())))[
        :MOST_SENTENCES
    ]


def _row(account: MailAccount, about: About, program: CardProgram) -> CardRow:
    leave = ""
    if account.incoming.protocol is Protocol.POP3 and account.leave is not None:
        leave = _(program.leave)
    return CardRow(
        name=_(program.name),
        start=_(program.start),
        incoming_security=_(program.security[account.incoming.socket_type.value]),
        outgoing_security=_(program.security[account.outgoing.socket_type.value]),
        leave=leave,
        screens=filled_screens(program, account, password_hint(account, about.provider), about.own_templates),
    )
