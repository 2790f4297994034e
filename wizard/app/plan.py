"""From what the command line asks for and what was found to one account: which protocol, which servers, how long."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wizard.discovery.consent import CONSENT_CODES, agreed_report, consent_for_account, unread_settings
from wizard.discovery.owners import SEVERAL_PROVIDERS
from wizard.language import translate as _
from wizard.model.accounts import SAFE_DAYS
from wizard.model.discovery import Trust
from wizard.model.problems import InputNeeded, NothingDiscovered, Problem, did_you_mean
from wizard.model.recommendation import Option
from wizard.model.servers import AfterDownload, LeavePolicy, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from wizard.advice.rules import Rules
    from wizard.discovery.context import LookUpOptions
    from wizard.export.sign import Signer
    from wizard.interview.answers import Answers
    from wizard.model.discovery import DiscoveryReport, FoundServer
    from wizard.model.problems import Notice
    from wizard.model.recommendation import Recommendation
    from wizard.model.servers import MailAccount, PasswordStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What was asked for, by the guided way and by ``export`` alike.

    ``leave_days`` 0 means: remove at once. ``also_imap``: beside POP3, files for other devices too. ``scoring`` and
    ``templates`` are the person's own file and directory.
    """

    address: str | None
    answers: Answers
    save_answers: Path | None
    scoring: Path | None
    look_up: LookUpOptions
    output: str | None
    force: bool
    dry_run: bool
    protocol: str | None
    leave_days: int | None
    accept: tuple[str, ...]
    password_store: PasswordStore
    templates: Path | None
    signer: Signer | None = None
    also_imap: bool = False

    @property
    def mailbox(self) -> str | None:
        """The address as it was given, on the command line or among the answers; not checked."""
        return self.address if self.address is not None else self.answers.address

    def rules(self) -> Rules | None:
        """The person's own criteria, None for the built-in ones. Raises Problem."""
        from wizard.advice.rules_file import load_rules

        return load_rules(self.scoring) if self.scoring is not None else None

    def keep_answers(self, answers: Answers) -> None:
        """Write ``answers`` to the file that was asked for, if any; a dry run writes nothing. Raises OutputExists."""
        if self.save_answers is not None and not self.dry_run:
            from wizard.interview.answer_files import save_answers

            save_answers(answers, self.save_answers, force=self.force)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What will be done; nothing of it has happened yet. ``also_imap``: what :meth:`for_other_devices` is, too."""

    advice: Recommendation
    report: DiscoveryReport
    protocol: Protocol
    leave: LeavePolicy
    name: str
    formats: tuple[str, ...]
    password_store: PasswordStore
    output: Path | str | None = None
    also_imap: bool = False

    def for_other_devices(self) -> Plan:
        """The same account with IMAP, as a phone has it beside the computer that fetches with POP3."""
        return replace(self, protocol=Protocol.IMAP, also_imap=False)

    def account(self) -> MailAccount:
        """The account that the plan makes, of agreed servers alone. Raises Problem when the servers do not suffice."""
        from wizard.model.accounts import account_from

        report = agreed_report(self.report, self.protocol)
        made = account_from(report, self.protocol, leave=self.leave, display_name=self.name)
        return replace(made, password_store=self.password_store)


def protocol_for(advice: Recommendation, report: DiscoveryReport, requested: str | None) -> Protocol:
    """The protocol to set up: ``--protocol``, else the advice, else the one there is a server for."""
    if requested is not None:
        return Protocol(requested)
    advised = advice.protocol or Protocol.IMAP
    if report.best(advised) is None:
        other = Protocol.POP3 if advised is Protocol.IMAP else Protocol.IMAP
        if report.best(other) is not None:
            return other
    return advised


def leave_for(advice: Recommendation, protocol: Protocol, days: int | None) -> LeavePolicy:
    """How long POP3 leaves messages: ``--leave-days``, else the advice, else the safe fortnight.

    Removing at once is never a default: only the advice (which asks for a backup) or the person says so.
    """
    if days is not None:
        return LeavePolicy(AfterDownload.REMOVE) if days == 0 else LeavePolicy(AfterDownload.KEEP_DAYS, days)
    if protocol is Protocol.POP3 and advice.option is Option.POP:
        return LeavePolicy(AfterDownload.REMOVE)
    if advice.leave_days is not None:
        return LeavePolicy(AfterDownload.KEEP_DAYS, advice.leave_days)
    return LeavePolicy(AfterDownload.KEEP_DAYS, SAFE_DAYS)


def against_pair(
    report: DiscoveryReport, protocol: Protocol, leave: LeavePolicy, accepted: Sequence[str]
) -> str | None:
    """Why no files with IMAP for other devices can go with this account; None where they can."""
    if protocol is not Protocol.POP3:
        return _(
            "--also-imap is for POP3: with IMAP every device has the same files. Leave it out, or add --protocol pop3."
        )
    if leave.kind is AfterDownload.REMOVE:
        return _(
            "POP3 that removes messages at once leaves nothing for another device. Say with --leave-days how long they "
            "stay, or leave out --also-imap."
        )
    if report.imap is None:
        return _("No {protocol} server is known for this address.").format(protocol="IMAP")
    missing = consent_for_account(report, Protocol.IMAP, accepted)
    return asking_for(missing) if missing else None


def used_servers(report: DiscoveryReport, protocol: Protocol) -> tuple[FoundServer, ...]:
    """The servers of an account with ``protocol``."""
    return tuple(found for found in (report.best(protocol), report.smtp) if found is not None)


def not_answering(report: DiscoveryReport, protocol: Protocol) -> list[FoundServer]:
    """The servers of an account with ``protocol`` to which connecting failed."""
    return [found for found in used_servers(report, protocol) if found.verified is False]


def require_servers(report: DiscoveryReport, accepted: Sequence[str]) -> None:
    """Raise NothingDiscovered, with the reason and what can be done, when no account can be made of ``report``.

    Raises InputNeeded where settings elsewhere were not read because nobody agreed to it.
    """
    if report.usable:
        return
    unread = unread_settings(report, accepted)
    if unread:
        raise InputNeeded(asking_for(unread))
    from wizard.app.servers import next_step, nothing_known

    unencrypted = [notice.text for notice in report.warnings if notice.code == "plaintext_only"]
    texts = (nothing_known(report), *unencrypted, next_step(report))
    raise NothingDiscovered(" ".join(text for text in texts if text))


def check_accepted(accepted: Sequence[str]) -> None:
    """Raise Problem for an ``--accept`` that names no code of docs/consent.md."""
    for code in accepted:
        if code not in CONSENT_CODES:
            raise Problem(
                _("“{code}” is not something that can be agreed to.").format(code=code)
                + " "
                + did_you_mean(code, CONSENT_CODES)
            )


def require_consent(report: DiscoveryReport, protocol: Protocol, accepted: Sequence[str]) -> None:
    """Raise InputNeeded when something needs a consent that ``--accept`` did not give."""
    missing = consent_for_account(report, protocol, accepted)
    if missing:
        notices = [notice.text for notice in report.warnings if notice.code == SEVERAL_PROVIDERS]
        raise InputNeeded(" ".join([*notices, asking_for(missing)]))


def asking_for(missing: Sequence[Notice]) -> str:
    """The questions of ``missing`` where they cannot be asked, with the options that agree to them."""
    options = " ".join(dict.fromkeys(f"--accept {notice.code}" for notice in missing))
    texts = " ".join(notice.text for notice in missing)
    return f"{texts} {_('To agree, add: {options}').format(options=options)}"


def guessed(*servers: FoundServer | None) -> bool:
    """Whether any of the servers is a guess."""
    return any(found is not None and found.evidence.trust is Trust.GUESSED for found in servers)


def verified(*servers: FoundServer | None) -> bool | None:
    """Whether all of the servers were seen to answer; None when any was not looked at."""
    states = [found.verified for found in servers if found is not None]
    if False in states:
        return False
    return None if None in states or not states else True
