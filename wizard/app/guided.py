"""The guided way, in order: address, questions while the look-up runs, advice, servers, summary, files, next steps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from wizard.app.agreement import Agreement
from wizard.app.asking import ask_about_use, change_answers, labels_of, still_open, with_report_facts
from wizard.app.beginning import ask_address, resume, type_address, with_address
from wizard.app.checking import try_log_in, used_servers
from wizard.app.choices import (
    check_accepted,
    leave_for,
    not_answering,
    protocol_for,
    require_consent,
    require_servers,
)
from wizard.app.interruption import stopped
from wizard.app.plan import Plan
from wizard.app.summary import agree, ask_formats, ask_name
from wizard.app.writing import carry_out, output_for
from wizard.interview.answers import Answers, Origin
from wizard.interview.prompter import Choice
from wizard.language import translate as _
from wizard.terminal.advice import show_advice
from wizard.terminal.files import show_files
from wizard.terminal.lookup import say_silence, watch

if TYPE_CHECKING:
    from wizard.advice.rules import Rules
    from wizard.app.wishes import Wishes
    from wizard.app.writing import Done
    from wizard.discovery.lookup import LookUp
    from wizard.interview.prompter import Prompter
    from wizard.model.address import EmailAddress
    from wizard.model.discovery import DiscoveryReport
    from wizard.model.recommendation import Recommendation
    from wizard.model.servers import Protocol
    from wizard.terminal.screen import Screen


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to."""

    plan: Plan
    files: Done
    dry_run: bool

    def document(self) -> dict[str, Any]:
        """The run as one JSON document: advice, discovery and files, each as its own command prints it."""
        from wizard.advice.recommendation import recommendation_document
        from wizard.programs.settings import export_document, report_document

        exported = export_document(self.files.written, self.files.refused)
        return {
            "schema": 1,
            "address": str(self.plan.report.address),
            "recommendation": recommendation_document(self.plan.advice),
            "discovery": report_document(self.plan.report),
            "files": exported["files"],
            "refused": exported["refused"],
            "dry_run": self.dry_run,
        }

    def show(self, screen: Screen) -> None:
        """The files and the next steps, for a person."""
        show_files(screen, self.files, dry_run=self.dry_run)


def guide(wishes: Wishes, prompter: Prompter, screen: Screen, *, defaults: bool) -> Outcome:
    """The whole way; with ``defaults`` nothing is asked that has a default. Raises Problem; Stopped after an
    interruption, with the answers kept.
    """
    run = _Run(wishes, prompter, screen, defaults=defaults)
    try:
        return run.go()
    except KeyboardInterrupt as interruption:
        raise stopped(interruption, run.given) from None


class _Run:
    """One run: the wishes, who is asked, what is shown, and the answers so far (kept when somebody breaks off)."""

    def __init__(self, wishes: Wishes, prompter: Prompter, screen: Screen, *, defaults: bool) -> None:
        self.wishes = wishes
        self.prompter = prompter
        self.screen = screen
        self.given = wishes.given
        self.defaults = defaults
        self.ask = prompter.interactive and not defaults
        self.greeted: EmailAddress | None = None
        self.servers = Agreement(prompter, screen, wishes.accept, wishes.look_up)

    def go(self) -> Outcome:
        wishes = self.wishes
        check_accepted(wishes.accept)
        rules = wishes.rules()
        self.given = resume(self.given, self.prompter, wishes.address)
        address = ask_address(self.prompter, wishes.address if wishes.address is not None else self.given.address)
        report = self._look_up(address, rules)
        plan = self._plan(report, rules)
        wishes.keep_answers(self.given)
        return self._write(plan)

    def _look_up(self, address: EmailAddress, rules: Rules | None) -> DiscoveryReport:
        """What is found for ``address``, or for the one that it becomes where its domain does not exist."""
        while True:
            report = self._found(self._begin(address, rules))
            self.greeted = report.address
            again = self.servers.once_more(report) if self.ask else None
            if again is None:
                return report
            address = again

    def _begin(self, address: EmailAddress, rules: Rules | None) -> LookUp:
        """Start the look-up and ask the first round; whoever goes back from its first question is at the address."""
        from wizard.discovery.lookup import start

        said = self.given
        while True:
            self.given = with_address(said, address)
            look_up = start(address, self.wishes.look_up)
            self._greet(look_up, address)
            if not self.ask:
                return look_up
            if look_up.done:
                self.given = with_report_facts(self.given, look_up.result())
            answered = ask_about_use(self.given, self.prompter, rules, leave=True)
            if answered is not None:
                self.given = answered
                return look_up
            look_up.cancel()
            address = type_address(self.prompter, address.unicode)

    def _greet(self, look_up: LookUp, address: EmailAddress) -> None:
        if not self.ask or address == self.greeted:
            return
        if look_up.done and (provider := look_up.result().provider) is not None:
            self.screen.say(_("{name}: known. A few questions, then the advice.").format(name=provider.name))
        else:
            self.screen.say(_("Looking for the servers while we talk. A few questions, then the advice."))

    def _plan(self, report: DiscoveryReport, rules: Rules | None) -> Plan:
        """Advice, servers and summary, until the person agrees; what was changed stays when questions are put again."""
        name, output = self.given.name, None
        while True:
            advice = self._advise(report, rules)
            report, protocol = self._servers(report, advice)
            if self.ask and name is None:
                name = ask_name(self.prompter, "")
            plan = Plan(
                advice=advice,
                report=report,
                protocol=protocol,
                leave=leave_for(advice, protocol, self.wishes.leave_days),
                name=name or "",
                formats=self._formats(),
                password_store=self.wishes.password_store,
                output=output,
            )
            plan = replace(plan, output=plan.output or output_for(plan.account(), self.wishes.output))
            plan, again = self._agree(plan)
            if not again:
                return plan
            report, name, output = plan.report, plan.name, plan.output
            self.given = with_report_facts(_without_questions(self.given), report)
            self.given = ask_about_use(self.given, self.prompter, rules) or self.given

    def _agree(self, plan: Plan) -> tuple[Plan, bool]:
        """The summary until it is agreed, and whether the questions are wanted again first."""
        while self.ask:
            plan, again = agree(plan, self.prompter, log_in=None if self.wishes.look_up.offline else self._log_in)
            self._remember(plan)
            # Another protocol, or another server, may be doubtful in a way that the first one was not.
            before = plan
            plan = plan if again else self._settled(plan)
            if _same_servers(before, plan):
                return plan, again
        return plan, False

    def _settled(self, plan: Plan) -> Plan:
        return replace(plan, report=self.servers.settle(plan.report, plan.protocol))

    def _log_in(self, plan: Plan) -> Plan:
        """Try the log-in, at servers that the person agrees to."""
        settled = self._settled(plan)
        if _same_servers(plan, settled):
            try_log_in(settled, self.wishes.look_up, self.prompter, self.screen)
        return settled

    def _found(self, look_up: LookUp) -> DiscoveryReport:
        """What was found; whoever does not want to wait for it goes on with what is there."""
        if look_up.done or not self.ask:
            return watch(look_up, None)
        self.screen.blank()
        self.screen.say(_("Still looking for the servers. Ctrl-C goes on without: you can enter them by hand."))
        try:
            return watch(look_up, self.screen)
        except KeyboardInterrupt:
            return look_up.result()  # it was told to stop

    def _remember(self, plan: Plan) -> None:
        """Put what the summary changed among the answers: they may be saved."""
        if plan.name != (self.given.name or ""):
            self.given = self.given.with_("name", plan.name, Origin.TYPED) if plan.name else self.given.without("name")
        if plan.formats != self.given.clients and not self.defaults:
            self.given = self.given.with_("clients", ",".join(plan.formats), Origin.TYPED)

    def _advise(self, report: DiscoveryReport, rules: Rules | None) -> Recommendation:
        from wizard.advice.recommendation import recommend

        while True:
            self.given = with_report_facts(self.given, report)
            values, declined = self.given.values(), self.given.declined
            advice = recommend(values, rules=rules, declined=declined)
            if not self.ask:
                return advice
            left = still_open(self.given, rules)
            show_advice(self.screen, advice, unanswered=labels_of(left))
            action = self._after_advice(more=bool(left))
            if action == "more":
                refined = ask_about_use(self.given, self.prompter, rules, refine=True, leave=True)
                self.given = self.given if refined is None else refined
            elif action == "why":
                show_advice(self.screen, advice, in_full=True)
                return advice
            elif action == "change":
                self.given = change_answers(self.given, self.prompter, rules)
            else:
                return advice

    def _after_advice(self, *, more: bool) -> str:
        choices = [Choice("on", _("Go on"))]
        if more:
            choices.append(Choice("more", _("Ask me more: the advice could still change")))
        choices += [Choice("why", _("Show every reason, and go on")), Choice("change", _("Change an answer"))]
        return str(self.prompter.select(_("And now?"), choices, default="on"))

    def _servers(self, report: DiscoveryReport, advice: Recommendation) -> tuple[DiscoveryReport, Protocol]:
        """The servers that the person agrees to, and the protocol to read with."""
        protocol = protocol_for(advice, report, self.wishes.protocol)
        if not self.ask:
            require_servers(report)
            require_consent(report, protocol, self.wishes.accept)
            say_silence(self.screen, not_answering(report, protocol))
            return report, protocol
        report = self.servers.complete(report, protocol)
        self.servers.show(report, protocol)
        return self.servers.settle(report, protocol), protocol

    def _formats(self) -> tuple[str, ...]:
        from wizard.export.registry import formats

        suggested = tuple(one.id for one in formats() if one.suggested)
        if self.given.clients:
            return self.given.clients
        if self.defaults:
            return suggested
        return ask_formats(self.prompter, suggested)

    def _write(self, plan: Plan) -> Outcome:
        done = carry_out(plan, self.wishes)
        if self.prompter.interactive and not self.wishes.dry_run:
            from wizard.interview import partial

            partial.forget()
        return Outcome(plan, done, self.wishes.dry_run)


def _same_servers(one: Plan, other: Plan) -> bool:
    """Whether both have the same servers, whatever was seen of them."""
    first, second = ([found.server for found in used_servers(plan.report, plan.protocol)] for plan in (one, other))
    return first == second


def _without_questions(given: Answers) -> Answers:
    for key in given.values():
        given = given.without(key)
    return given
