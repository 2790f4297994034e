"""The servers of the guided way: shown, agreed to where there is doubt, or entered by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.app.beginning import type_address
from wizard.app.by_hand import enter_server
from wizard.app.checking import used_servers, with_what_was_seen
from wizard.app.choices import not_answering
from wizard.app.interruption import Halted
from wizard.app.servers import (
    does_not_exist,
    lacks_network,
    nothing_known,
    what_to_do_about_silence,
)
from wizard.app.spelling import near_address
from wizard.app.writing import steps_at_provider
from wizard.discovery.consent import consent_for_account, doubtful_servers
from wizard.interview.prompter import Choice
from wizard.language import translate as _
from wizard.model.problems import NothingDiscovered
from wizard.model.servers import Protocol
from wizard.terminal.lookup import show_chosen, show_warnings
from wizard.wording import protocol_label, step_label

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wizard.discovery.context import LookUpOptions
    from wizard.interview.prompter import Prompter
    from wizard.model.address import EmailAddress
    from wizard.model.discovery import DiscoveryReport, FoundServer
    from wizard.model.servers import Server
    from wizard.terminal.screen import Screen

USE, BY_HAND, STOP, ADDRESS, MEANT, AGAIN = "use", "by-hand", "stop", "address", "meant", "again"

_ASKED = ("foreign_domain", "guess", "plaintext", "no_network", "no_such_domain")
"""Codes of what is put as a question, and need not be said besides."""


class Agreement:
    """What one person has agreed to in one run: the codes of consent, and servers that do not answer.

    ``agreed``: the codes that were given on the command line. ``look_up``: what is permitted for connecting to servers
    that nobody has connected to.
    """

    def __init__(self, prompter: Prompter, screen: Screen, agreed: Iterable[str], look_up: LookUpOptions) -> None:
        self._prompter = prompter
        self._screen = screen
        self._agreed = set(agreed)
        self._taken: set[Server] = set()
        self._look_up = look_up
        self._tried: set[Server] = set()

    def once_more(self, report: DiscoveryReport) -> EmailAddress | None:
        """The address to look up again: the same where the network was missing, another where the domain is none.

        None: go on with what was found. Raises Halted.
        """
        if lacks_network(report):
            return report.address if self._looks_again() else None
        return None if report.usable or not does_not_exist(report) else self._meant(report)

    def _looks_again(self) -> bool:
        self._screen.blank()
        picked = self._prompter.select(
            _("Nobody in the network answered. Is this computer connected to the internet?"),
            [
                Choice(AGAIN, _("Look again")),
                Choice(USE, _("Go on without the network")),
                Choice(STOP, _("Stop here")),
            ],
            default=AGAIN,
        )
        _stop_if(picked)
        return picked == AGAIN

    def _meant(self, report: DiscoveryReport) -> EmailAddress | None:
        """The address that was meant instead of one whose domain does not exist; None: go on with it."""
        meant = near_address(report.address, sure=True)
        choices = [
            Choice(ADDRESS, _("Correct the address")),
            Choice(BY_HAND, _("Enter the servers by hand")),
            Choice(STOP, _("Stop here")),
        ]
        if meant is not None:
            choices.insert(0, Choice(MEANT, _("I meant {address}").format(address=meant.unicode)))
        self._screen.blank()
        picked = self._prompter.select(
            _("The domain {domain} does not exist, so no mail can reach {address}. What now?").format(
                domain=report.address.domain.shown, address=report.address.unicode
            ),
            choices,
            default=choices[0].value,
        )
        _stop_if(picked)
        if picked == MEANT:
            return meant
        return type_address(self._prompter, report.address.unicode) if picked == ADDRESS else None

    def complete(self, report: DiscoveryReport, protocol: Protocol) -> DiscoveryReport:
        """``report`` with servers for ``protocol`` and for sending, typed where none is known.

        Raises NothingDiscovered where no other program can connect at all.
        """
        if report.provider is not None and report.provider.offers == "neither":
            raise NothingDiscovered(" ".join([nothing_known(report), *(one.text for one in report.warnings)]))
        if report.best(protocol) is not None and report.smtp is not None:
            return report
        self._screen.blank()
        if does_not_exist(report):
            pass  # it was said before
        elif not report.usable:
            self._screen.say(nothing_known(report))
        else:
            words = protocol_label(protocol)
            self._screen.say(_("No {protocol} server is known for this address.").format(protocol=words))
        self._screen.say(_("Please enter the servers by hand; your provider's help pages name them."))
        return self._enter(report, [one for one in (protocol, Protocol.SMTP) if report.best(one) is None])

    def settle(self, report: DiscoveryReport, protocol: Protocol) -> DiscoveryReport:
        """``report`` as the person agrees to it for an account with ``protocol``. Raises Halted."""
        while True:
            report = self._tried_once(report, protocol)
            doubts = self._not_answering(report, protocol) or self._not_agreed(report, protocol)
            if not doubts:
                return report
            report = self._enter(report, [one.server.protocol for one in doubts])
            self.show(report, protocol)

    def show(self, report: DiscoveryReport, protocol: Protocol) -> None:
        """The servers, what to mind about them, and what to do at the provider first."""
        self._screen.blank()
        show_chosen(self._screen, report, protocol)
        steps = steps_at_provider(report.provider, protocol)
        told = [_(step.text) for step in steps]
        told += [one.text for one in (*report.needs_consent, *report.warnings) if one.code in _ASKED]
        told += [one.trouble for one in (report.imap, report.pop3, report.smtp) if one is not None and one.trouble]
        show_warnings(self._screen, report, shown=told)
        if steps:
            self._screen.blank()
            self._screen.fields([(_("First do"), [step_label(step) for step in steps])])

    def _tried_once(self, report: DiscoveryReport, protocol: Protocol) -> DiscoveryReport:
        """``report`` after connecting to those of its servers that were not seen to answer, each once in a run."""
        unseen = [
            one
            for one in used_servers(report, protocol)
            if not one.verified and one.server not in self._tried | self._taken
        ]
        if not unseen or self._look_up.offline or lacks_network(report):
            return report
        self._tried.update(one.server for one in unseen)
        return with_what_was_seen(report, unseen, self._look_up, self._screen)

    def _not_answering(self, report: DiscoveryReport, protocol: Protocol) -> list[FoundServer]:
        """Ask about servers that were seen not to answer; those to be entered by hand."""
        silent = [one for one in not_answering(report, protocol) if one.server not in self._taken]
        if not silent or lacks_network(report):  # that was asked about before
            return []
        question = f"{what_to_do_about_silence()} {_('What now?')}"
        if self._asked(question, Choice(USE, _("Use these servers all the same")), default=BY_HAND):
            self._taken.update(one.server for one in silent)
            return []
        return silent

    def _not_agreed(self, report: DiscoveryReport, protocol: Protocol) -> list[FoundServer]:
        """Ask for each consent that is missing; the servers to be entered by hand instead."""
        for one in consent_for_account(report, protocol, tuple(self._agreed)):
            if not self._asked(one.text, Choice(USE, _yes_to(one.code)), default=BY_HAND):
                return doubtful_servers(report, protocol, one.code)
            self._agreed.add(one.code)
        return []

    def _asked(self, question: str, use: Choice, *, default: str) -> bool:
        """Whether to go on; False: by hand. Raises Halted."""
        picked = self._prompter.select(
            question,
            [use, Choice(BY_HAND, _("Enter the servers by hand")), Choice(STOP, _("Stop here"))],
            default=default,
        )
        _stop_if(picked)
        return picked == USE

    def _enter(self, report: DiscoveryReport, wanted: Sequence[Protocol]) -> DiscoveryReport:
        """Ask for a server of each protocol; back leads to the one before."""
        position = 0
        while position < len(wanted):
            current = report.best(wanted[position])
            found = enter_server(self._prompter, report.address, wanted[position], current, doubted=True)
            if found is None and position == 0 and current is not None:
                return report  # back to the question that led here
            if found is None:
                position = max(0, position - 1)
            else:
                report = report.with_server(found)
                position += 1
        return report


def _yes_to(code: str) -> str:
    """The choice that agrees."""
    return {
        "guess": _("They are right: use them"),
        "foreign_domain": _("Yes: use these servers"),
        "plaintext": _("Use them without encryption"),
    }.get(code, _("Use these servers all the same"))


def _stop_if(picked: object) -> None:
    if picked == STOP:
        raise Halted
