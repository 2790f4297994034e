"""Name, programs, and the summary before anything is written: every line can be picked and changed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from wizard.app.guided.servers import answering, enter, parts, settle
from wizard.app.guided.state import Done, FindingsFact, Outcome, Place, Round, Work, WorkKind
from wizard.app.plan import Plan, against_pair, leave_for, used_servers
from wizard.discovery.registry import trust_label
from wizard.interview.steps import Checkbox, Choice, Password, Select, Text
from wizard.language import mark
from wizard.language import translate as _
from wizard.model.discovery import Trust
from wizard.model.problems import Place as ProblemPlace
from wizard.model.problems import Problem
from wizard.model.servers import AfterDownload, LeavePolicy, Protocol
from wizard.model.text import has_controls
from wizard.wording import leave_label, option_label, protocol_label, server_label, state_label

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.app.guided.state import Context, State
    from wizard.app.writing import Written
    from wizard.export.registry import Format
    from wizard.interview.steps import Prompt
    from wizard.model.diagnosis import Diagnosis
    from wizard.model.discovery import FoundServer

# The one entry of `programs` in clients.yaml that is not the name of a program.
mark("every other program")

WRITE, ANSWERS, LOG_IN, PAIR = "write", "answers", "log-in", "also-imap"
LONGEST_LEAVE = 3650
"""Days."""


def plan_of(context: Context, state: State) -> Plan:
    """What will be done, as it is planned by now."""
    report, protocol = parts(state)
    assert state.advice is not None
    assert state.leave is not None
    return Plan(
        advice=state.advice,
        report=report,
        protocol=protocol,
        leave=state.leave,
        name=state.name or "",
        formats=state.formats,
        password_store=context.request.password_store,
        output=state.output,
        also_imap=state.also_imap and _against_pair(context, state) is None,
    )


def _against_pair(context: Context, state: State) -> str | None:
    assert state.leave is not None
    return against_pair(*parts(state), state.leave, (*state.agreed, *context.request.accept))


def to_summary(context: Context, state: State) -> State:
    """Ask what is not known yet, then show the summary; without questions, write."""
    from wizard.app.writing import output_for

    report, protocol = parts(state)
    assert state.advice is not None
    name = state.name if state.name is not None else state.answers.name
    if name is None and context.asks:
        return state.to(Place.NAME)
    formats = state.answers.clients or state.formats or (_suggested() if context.defaults else ())
    if not formats:
        return state.to(Place.PROGRAMS, name=name)
    state = state.to(
        Place.SUMMARY if context.asks else Place.WRITE,
        name=name or "",
        formats=formats,
        leave=leave_for(state.advice, protocol, context.request.leave_days),
        output=state.output if state.output is not None else output_for(report.address, context.request.output),
    )
    if context.request.also_imap:
        reason = _against_pair(context, state)
        if reason is not None and not context.asks:
            raise Problem(reason, place=ProblemPlace(key="--also-imap"))
        state = state.to(state.place, also_imap=True)
    plan_of(context, state).account()  # what cannot be set up is said before the summary
    return state


def _suggested() -> tuple[str, ...]:
    from wizard.export.registry import formats

    return tuple(entry.id for entry in formats() if entry.suggested)


def ask_name(_context: Context, state: State) -> Text:
    return Text(
        id=Place.NAME,
        text=_("Your name, as others see it in your messages"),
        default=state.name or "",
        validate=_name_problem,
        instruction=_("may stay empty"),
        back=True,
        given_by="--name",
    )


def take_name(_context: Context, state: State, value: str) -> State:
    return state.with_answer("name", value).to(Place.TO_SUMMARY, name=value)


def ask_programs(_context: Context, state: State) -> Checkbox:
    from wizard.export.registry import formats

    entries = formats()
    return Checkbox(
        id=Place.PROGRAMS,
        text=_("For which programs?"),
        choices=tuple(Choice(entry.id, programs_label(entry), _(entry.label)) for entry in entries),
        default=state.formats or _suggested(),
        at_least=1,
        back=True,
        given_by="--set clients=" + ",".join(entry.id for entry in entries),
    )


def take_programs(_context: Context, state: State, value: tuple[str, ...]) -> State:
    return state.with_answer("clients", ",".join(value)).to(Place.TO_SUMMARY, formats=tuple(value))


def back_to_advice(_context: Context, state: State) -> State:
    return state.to(Place.TO_ADVICE)


def back_programs(context: Context, state: State) -> State:
    """At the name, where it was asked for; otherwise at the advice."""
    asked = context.request.answers.name is None
    return state.to(Place.NAME if asked else Place.TO_ADVICE)


def programs_label(entry: Format) -> str:
    """The mail programs that read a format."""
    return ", ".join(_(name) for name in entry.programs)


def ask_summary(context: Context, state: State) -> Select:
    return Select(
        id=state.place,
        text=_("Is everything right? Pick a line to change it."),
        choices=(
            Choice(WRITE, _("Yes: write the files")),
            *_lines(plan_of(context, state)),
            *_pair_line(context, state),
            *_log_in_line(context, state),
            Choice(ANSWERS, _("Go through the questions again")),
        ),
        default=WRITE,
    )


def _lines(plan: Plan) -> list[Choice]:
    incoming, outgoing = used_servers(plan.report, plan.protocol)
    lines = [
        Choice("name", _("Your name: {name}").format(name=plan.name or _("(none)"))),
        Choice("protocol", _("Way of reading: {words}").format(words=_way(plan))),
    ]
    if plan.protocol is Protocol.POP3:
        lines.append(Choice("leave", _("Messages: {words}").format(words=leave_label(plan.leave))))
    return [
        *lines,
        Choice("incoming", _("Incoming: {server}").format(server=_server(incoming))),
        Choice("outgoing", _("Outgoing: {server}").format(server=_server(outgoing))),
        Choice("formats", _("Programs: {names}").format(names=_programs(plan))),
        Choice("output", _("Into: {path}").format(path=plan.output)),
    ]


def _pair_line(context: Context, state: State) -> list[Choice]:
    """Files for the phone too, where the computer leaves messages that it can find."""
    if _against_pair(context, state) is not None:
        return []
    if state.also_imap:
        return [Choice(PAIR, _("For the phone: files with IMAP too, in the folder “{folder}”").format(folder="imap"))]
    return [Choice(PAIR, _("For the phone: nothing (pick this line for files with IMAP too)"))]


def _log_in_line(context: Context, state: State) -> list[Choice]:
    """Trying the log-in, where there is a password to log in with."""
    if context.request.look_up.offline or any(found.server.only_oauth2 for found in used_servers(*parts(state))):
        return []
    return [Choice(LOG_IN, _("Shall I check that logging in works? (asks for the password)"))]


def _way(plan: Plan) -> str:
    if plan.advice.protocol is plan.protocol:
        return option_label(plan.advice.option)
    return _("{protocol} (your choice)").format(protocol=protocol_label(plan.protocol))


def _server(found: FoundServer) -> str:
    doubt = trust_label(found) if found.evidence.trust is Trust.GUESSED else ""
    state = "; ".join(words for words in (state_label(found), doubt) if words)
    return f"{server_label(found.server)}, {found.server.username} ({state})"


def _programs(plan: Plan) -> str:
    from wizard.export.registry import format_named

    return "; ".join(programs_label(format_named(name)) for name in plan.formats)


def take_summary(_context: Context, state: State, value: str) -> State:
    if value == WRITE:
        return settle(state, Place.WRITE)
    if value == LOG_IN:
        return settle(state, Place.LOG_IN)
    if value == ANSWERS:
        return _ask_again(state)
    if value == PAIR:
        return state.to(Place.SUMMARY, also_imap=not state.also_imap)
    if value in ("incoming", "outgoing"):
        _report, protocol = parts(state)
        return enter(state, (Protocol.SMTP if value == "outgoing" else protocol,), settle=False)
    return state.to(Place.LINE, line=value)


def _ask_again(state: State) -> State:
    """Put the questions once more, each with its answer preselected."""
    from wizard.app.questions import with_report_facts

    report, _protocol = parts(state)
    answers, remembered = state.answers, state.remembered.merged(state.answers.personal())
    for key in state.answers.values():
        answers = answers.without(key)
    for key in ("address", "name", "clients"):
        remembered = remembered.without(key)
    answers = with_report_facts(answers, report)
    return state.to(Place.TO_QUESTIONS, round=Round.AGAIN, answers=answers, remembered=remembered)


def ask_line(context: Context, state: State) -> Prompt:
    """One line of the summary anew."""
    return _LINES[state.line][0](context, state)


def take_line(context: Context, state: State, value: Any) -> State:
    state = _LINES[state.line][1](context, state, value)
    return state.to(Place.SUMMARY) if state.place is Place.TO_SUMMARY else state


def back_line(_context: Context, state: State) -> State:
    """In the summary, as it was."""
    return state.to(Place.LINE, line="leave") if state.line == "days" else state.to(Place.SUMMARY)


def _ask_protocol(_context: Context, state: State) -> Select:
    _report, protocol = parts(state)
    return Select(
        id="protocol",
        text=_("How do you want to read the mail?"),
        choices=(
            Choice("imap", _("IMAP: the mail stays on the server, and all devices show the same")),
            Choice("pop3", _("POP3: this computer fetches the mail")),
        ),
        default=protocol.value,
        back=True,
    )


def _take_protocol(_context: Context, state: State, value: str) -> State:
    report, protocol = parts(state)[0], Protocol(value)
    if report.best(protocol) is not None:
        return state.to(Place.SUMMARY, protocol=protocol)
    missing = _("No {protocol} server is known for this address.").format(protocol=protocol_label(protocol))
    return enter(state.say(missing), (protocol,), settle=False, adopt=protocol)


def _ask_leave(_context: Context, state: State) -> Select:
    assert state.leave is not None
    return Select(
        id="leave",
        text=_("What happens to a message on the server once it has been fetched?"),
        choices=(
            Choice("keep_days", _("It stays for some days, then it is removed")),
            Choice("keep", _("It stays there permanently")),
            Choice("remove", _("It is removed at once"), _("only if this computer is backed up")),
        ),
        default=state.leave.kind.value,
        back=True,
    )


def _take_leave(_context: Context, state: State, value: str) -> State:
    kind = AfterDownload(value)
    if kind is AfterDownload.KEEP_DAYS:
        return state.to(Place.LINE, line="days")
    return state.to(Place.SUMMARY, leave=LeavePolicy(kind))


def _ask_days(_context: Context, state: State) -> Text:
    assert state.leave is not None
    return Text(
        id="days",
        text=_("For how many days?"),
        default=str(state.leave.days or 14),
        validate=lambda text: None if _days(text) else _("Please give a whole number from 1 to 3650."),
        instruction=_("a number from 1 to 3650"),
        back=True,
    )


def _take_days(_context: Context, state: State, value: str) -> State:
    return state.to(Place.SUMMARY, leave=LeavePolicy(AfterDownload.KEEP_DAYS, _days(value)))


def _days(text: str) -> int | None:
    """A whole number of days, from 1 to 3650."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0
    return number if 1 <= number <= LONGEST_LEAVE else None


def _ask_output(_context: Context, state: State) -> Text:
    return Text(
        id="output",
        text=_("Which folder should the files go into?"),
        default=str(state.output or ""),
        validate=_folder_problem,
        back=True,
        given_by="--output",
    )


def _name_problem(text: str) -> str | None:
    return _("The name contains an invisible control character.") if has_controls(text, emoji=True) else None


def _folder_problem(text: str) -> str | None:
    if not text.strip() or has_controls(text):
        return _("Please give the name of a folder.")
    path = Path(text).expanduser()
    return _("This is a file, not a folder.") if path.exists() and not path.is_dir() else None


def _take_output(_context: Context, state: State, value: str) -> State:
    return state.to(Place.SUMMARY, output=Path(value).expanduser())


_LINES: dict[str, tuple[Callable[[Context, State], Prompt], Callable[[Context, State, Any], State]]] = {
    "name": (ask_name, take_name),
    "formats": (ask_programs, take_programs),
    "protocol": (_ask_protocol, _take_protocol),
    "leave": (_ask_leave, _take_leave),
    "days": (_ask_days, _take_days),
    "output": (_ask_output, _take_output),
}


def log_in(_context: Context, state: State) -> Work:
    report, protocol = parts(state)
    servers = used_servers(report, protocol)
    hosts = ", ".join(dict.fromkeys(str(found.server.hostname) for found in servers))
    message = _("The password of {address}. It goes to {hosts} and nowhere else.").format(
        address=report.address.unicode, hosts=hosts
    )
    password = Password(id="password", text=message, instruction=_("It is not stored anywhere."), back=True)
    return Work(id=state.place, kind=WorkKind.LOG_IN, servers=servers, password=password)


def logged_in(_context: Context, state: State, result: Diagnosis | str | None) -> State:
    """With the result of the log-in: a text says why it was not tried, None means that it was interrupted."""
    state = state.to(Place.SUMMARY)
    if result is None:
        return state.say(_("The log-in was not tried."))
    if isinstance(result, str):
        return state.say(result)
    if result.findings:
        return state.to(Place.SUMMARY, FindingsFact(result.findings))
    if all(answering(result)):
        return state.say(_("Logging in works, for receiving and for sending."))
    return state.say(_("A step failed, and its cause is not known."))


def write(_context: Context, state: State) -> Work:
    return Work(id=state.place, kind=WorkKind.WRITE)


def after_writing(_context: Context, state: State, written: Written) -> State:
    return state.to(Place.DONE, written=written)


def done(context: Context, state: State) -> Done:
    assert state.written is not None
    return Done(id=state.place, outcome=Outcome(plan_of(context, state), state.written, context.request.dry_run))


def stopped(_context: Context, state: State) -> Done:
    return Done(id=state.place, outcome=None)
