"""The summary before anything is written: every line can be picked and changed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from wizard.app.by_hand import enter_server
from wizard.discovery.registry import trust_label
from wizard.interview.prompter import BACK, Choice
from wizard.language import mark
from wizard.language import translate as _
from wizard.model.discovery import Trust
from wizard.model.servers import AfterDownload, LeavePolicy, Protocol
from wizard.model.text import has_controls
from wizard.wording import leave_label, option_label, protocol_label, server_label, state_label

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.app.plan import Plan
    from wizard.export.registry import Format
    from wizard.interview.prompter import Prompter
    from wizard.model.discovery import FoundServer

# The one entry of `programs` in clients.yaml that is no name.
mark("every other program")

WRITE = "write"
ANSWERS = "answers"
LOGIN = "log-in"


def agree(plan: Plan, prompter: Prompter, *, log_in: Callable[[Plan], Plan] | None = None) -> tuple[Plan, bool]:
    """Show the summary until it is agreed; the plan as changed, and whether the questions are wanted again first.

    ``log_in`` tries whether logging in works, where the person wants that; None: it cannot be tried.
    """
    while True:
        picked = prompter.select(
            _("Is everything right? Pick a line to change it."),
            [
                Choice(WRITE, _("Yes: write the files")),
                *_lines(plan),
                *_check(plan, offered=log_in is not None),
                Choice(ANSWERS, _("Go through the questions again")),
            ],
            default=WRITE,
        )
        if picked in (WRITE, ANSWERS):
            return plan, picked == ANSWERS
        plan = log_in(plan) if picked == LOGIN and log_in is not None else change(plan, prompter, str(picked))


def _lines(plan: Plan) -> list[Choice]:
    lines = [
        Choice("name", _("Your name: {name}").format(name=plan.name or _("(none)"))),
        Choice("protocol", _("Way of reading: {words}").format(words=_way(plan))),
    ]
    if plan.protocol is Protocol.POP3:
        lines.append(Choice("leave", _("Messages: {words}").format(words=leave_label(plan.leave))))
    lines += [
        Choice("incoming", _("Incoming: {server}").format(server=_server(plan.report.best(plan.protocol)))),
        Choice("outgoing", _("Outgoing: {server}").format(server=_server(plan.report.smtp))),
        Choice("formats", _("Programs: {names}").format(names=_programs(plan))),
        Choice("output", _("Into: {path}").format(path=plan.output)),
    ]
    return lines


def _check(plan: Plan, *, offered: bool) -> list[Choice]:
    """Trying the log-in, where there is a password to log in with."""
    servers = [one.server for one in (plan.report.best(plan.protocol), plan.report.smtp) if one is not None]
    if not offered or any(one.only_oauth2 for one in servers):
        return []
    return [Choice(LOGIN, _("Shall I check that logging in works? (asks for the password)"))]


def _way(plan: Plan) -> str:
    if plan.advice.protocol is plan.protocol:
        return option_label(plan.advice.option)
    return _("{protocol} (your choice)").format(protocol=protocol_label(plan.protocol))


def _server(found: FoundServer | None) -> str:
    if found is None:
        return _("missing")
    doubt = trust_label(found) if found.evidence.trust is Trust.GUESSED else ""
    state = "; ".join(one for one in (state_label(found), doubt) if one)
    return f"{server_label(found.server)}, {found.server.username} ({state})"


def _programs(plan: Plan) -> str:
    from wizard.export.registry import format_named

    return "; ".join(programs_in_words(format_named(one)) for one in plan.formats)


def change(plan: Plan, prompter: Prompter, line: str) -> Plan:
    """Ask for one line anew; going back leaves the plan as it was."""
    if line == "name":
        return replace(plan, name=ask_name(prompter, plan.name))
    if line == "protocol":
        return _change_protocol(plan, prompter)
    if line == "leave":
        return replace(plan, leave=_ask_leave(prompter, plan.leave))
    if line == "formats":
        return replace(plan, formats=ask_formats(prompter, plan.formats))
    if line == "output":
        return replace(plan, output=_ask_output(prompter, plan.output))
    return _change_server(plan, prompter, Protocol.SMTP if line == "outgoing" else plan.protocol)


def ask_name(prompter: Prompter, current: str) -> str:
    """The sender's name; empty is allowed."""
    typed = prompter.text(
        _("Your name, as others see it in your messages"),
        default=current,
        validate=lambda text: _("The name contains an invisible control character.") if has_controls(text) else None,
        instruction=_("may stay empty"),
        back=True,
        given_by="--name",
    )
    return current if typed is BACK else str(typed)


def ask_formats(prompter: Prompter, current: tuple[str, ...]) -> tuple[str, ...]:
    """The programs to write files for, at least one."""
    from wizard.export.registry import formats

    picked = prompter.checkbox(
        _("For which programs?"),
        [Choice(one.id, programs_in_words(one), _(one.label)) for one in formats()],
        default=current,
        at_least=1,
        back=True,
        given_by="--set clients=" + ",".join(one.id for one in formats()),
    )
    return current if picked is BACK else tuple(picked)


def programs_in_words(one: Format) -> str:
    """The mail programs that read a format."""
    return ", ".join(_(name) for name in one.programs)


def _change_protocol(plan: Plan, prompter: Prompter) -> Plan:
    picked = prompter.select(
        _("How do you want to read the mail?"),
        [
            Choice("imap", _("IMAP: the mail stays on the server, all devices show the same")),
            Choice("pop3", _("POP3: this computer fetches the mail")),
        ],
        default=plan.protocol.value,
        back=True,
    )
    if picked is BACK:
        return plan
    protocol = Protocol(str(picked))
    changed = replace(plan, protocol=protocol)
    if plan.report.best(protocol) is None:
        prompter.say(_("No {protocol} server is known for this address.").format(protocol=protocol_label(protocol)))
        entered = _change_server(changed, prompter, protocol)
        return plan if entered is changed else entered
    return changed


def _change_server(plan: Plan, prompter: Prompter, protocol: Protocol) -> Plan:
    found = enter_server(prompter, plan.report.address, protocol, plan.report.best(protocol))
    if found is None:
        return plan
    return replace(plan, report=plan.report.with_server(found))


def _ask_leave(prompter: Prompter, current: LeavePolicy) -> LeavePolicy:
    picked = prompter.select(
        _("What happens to a message on the server once it has been fetched?"),
        [
            Choice("keep_days", _("It stays for some days, then it is removed")),
            Choice("keep", _("It stays for good")),
            Choice("remove", _("It is removed at once"), _("only with a backup of this computer")),
        ],
        default=current.kind.value,
        back=True,
    )
    if picked is BACK:
        return current
    kind = AfterDownload(str(picked))
    if kind is not AfterDownload.KEEP_DAYS:
        return LeavePolicy(kind)
    typed = prompter.text(
        _("For how many days?"),
        default=str(current.days or 14),
        validate=lambda text: None if _days(text) else _("Please give a whole number from 1 to 3650."),
        instruction=_("a number from 1 to 3650"),
        back=True,
    )
    days = None if typed is BACK else _days(str(typed))
    return current if days is None else LeavePolicy(kind, days)


def _days(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 and 1 <= int(text) <= 3650 else None


def _ask_output(prompter: Prompter, current: Path | str | None) -> Path | str | None:
    def problem(text: str) -> str | None:
        if not text.strip() or has_controls(text):
            return _("Please give the name of a folder.")
        path = Path(text).expanduser()
        return _("This is a file, not a folder.") if path.exists() and not path.is_dir() else None

    typed = prompter.text(
        _("Into which folder?"), default=str(current or ""), validate=problem, back=True, given_by="--output"
    )
    return current if typed is BACK else Path(str(typed)).expanduser()
