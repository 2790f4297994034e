"""The servers: agreed to where there is doubt, connected to where nobody has been yet, or entered by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wizard.app.guided.server_entry import ServerDraft
from wizard.app.guided.state import (
    Entry,
    FindingsFact,
    Place,
    ServersFact,
    SilentFact,
    Work,
    WorkKind,
    protocols_of,
)
from wizard.app.plan import not_answering, protocol_for, require_consent, require_servers, used_servers
from wizard.app.questions import with_report_facts
from wizard.app.servers import (
    does_not_exist,
    lacks_network,
    network_is_at_fault,
    nothing_known,
    what_to_do_about_silence,
)
from wizard.discovery.consent import consent_for_account, doubtful_servers
from wizard.discovery.owners import owner_label, with_typed
from wizard.interview.answers import Origin
from wizard.interview.steps import Choice, Prompt, Select
from wizard.language import translate as _
from wizard.model.diagnosis import RungStatus
from wizard.model.discovery import FoundServer
from wizard.model.problems import NothingDiscovered
from wizard.model.servers import Protocol
from wizard.wording import protocol_label

if TYPE_CHECKING:
    from wizard.app.guided.state import Context, State
    from wizard.model.diagnosis import Diagnosis
    from wizard.model.discovery import DiscoveryReport
    from wizard.model.problems import Notice
    from wizard.model.servers import Server

USE, BY_HAND, STOP = "use", "by-hand", "stop"
OTHER = "owner-"
"""Before the number of another owner."""


def parts(state: State) -> tuple[DiscoveryReport, Protocol]:
    """The report and the protocol to read with, once both are known."""
    assert state.report is not None
    assert state.protocol is not None
    return state.report, state.protocol


def to_servers(context: Context, state: State) -> State:
    """Choose the servers; those that are not known are typed.

    Raises NothingDiscovered where no program can connect at all; where nobody is asked, also where no server is known,
    and InputNeeded where consent is missing.
    """
    request, report = context.request, state.report
    assert report is not None
    assert state.advice is not None
    protocol = protocol_for(state.advice, report, request.protocol)
    state = state.to(Place.TO_SUMMARY, protocol=protocol, after=Place.TO_SUMMARY)
    if not context.asks:
        require_servers(report, request.accept)
        require_consent(report, protocol, request.accept)
        silent = not_answering(report, protocol)
        return state.to(Place.TO_SUMMARY, SilentFact(tuple(silent))) if silent else state
    if report.provider is not None and report.provider.offers == "neither":
        raise NothingDiscovered(" ".join([nothing_known(report), *(notice.text for notice in report.warnings)]))
    wanted = tuple(needed for needed in (protocol, Protocol.SMTP) if report.best(needed) is None)
    if not wanted:
        return state.to(Place.TO_DOUBTS, ServersFact(report, protocol))
    return enter(state.say(_why_typed(report, protocol)), wanted)


def _why_typed(report: DiscoveryReport, protocol: Protocol) -> str:
    reason = ""
    already_explained = does_not_exist(report) or network_is_at_fault(report)
    if not report.usable and not already_explained:
        reason = nothing_known(report) + "\n"
    elif not already_explained:
        words = protocol_label(protocol)
        reason = _("No {protocol} server is known for this address.").format(protocol=words) + "\n"
    return reason + _("Please enter the servers by hand; your provider's help pages name them.")


def enter(state: State, wanted: tuple[Protocol, ...], *, settle: bool = True, adopt: Protocol | None = None) -> State:
    """Have a server of each protocol typed; see :class:`Entry`."""
    draft = _draft(state, wanted[0], doubted=settle)
    return state.to(Place.SERVER, entry=Entry(wanted=wanted, draft=draft, settle=settle, adopt=adopt))


def _draft(state: State, protocol: Protocol, *, doubted: bool) -> ServerDraft:
    assert state.report is not None
    address, current = state.report.address, state.report.best(protocol)
    return ServerDraft(address=address, protocol=protocol, current=current, doubted=doubted)


def ask_server(_context: Context, state: State) -> Prompt:
    assert state.entry is not None
    return state.entry.draft.step()


def take_server(_context: Context, state: State, value: str) -> State:
    entry, report = state.entry, state.report
    assert entry is not None
    assert report is not None
    typed = entry.draft.answer(value)
    if not isinstance(typed, FoundServer):
        return state.to(Place.SERVER, entry=replace(entry, draft=typed))
    state = state.to(Place.SERVER, report=with_typed(report, typed))
    position = entry.position + 1
    if position < len(entry.wanted):
        draft = _draft(state, entry.wanted[position], doubted=entry.settle)
        return state.to(Place.SERVER, entry=replace(entry, draft=draft, position=position))
    return _leave_entry(state, entry.adopt or state.protocol)


def back_server(_context: Context, state: State) -> State:
    """At the question before: of this server, of the one before, or what led here."""
    entry = state.entry
    assert entry is not None
    draft = entry.draft.back()
    if draft is None and entry.position > 0:
        position = entry.position - 1
        draft = _draft(state, entry.wanted[position], doubted=entry.settle)
        entry = replace(entry, position=position)
    if draft is not None:
        return state.to(Place.SERVER, entry=replace(entry, draft=draft))
    report, _protocol = parts(state)
    if entry.settle and any(report.best(protocol) is None for protocol in entry.wanted):  # it does not go on without
        return state.to(Place.TO_ADVICE, entry=None)
    return _leave_entry(state, state.protocol)


def _leave_entry(state: State, protocol: Protocol | None) -> State:
    assert state.entry is not None
    settle = state.entry.settle
    state = state.to(Place.SUMMARY, protocol=protocol, entry=None)
    return state.to(Place.TO_DOUBTS, ServersFact(*parts(state))) if settle else state


def settle(state: State, after: Place) -> State:
    """Ask about what is doubtful, then go on to ``after``."""
    return state.to(Place.TO_DOUBTS, after=after, before=_hosts(state))


def _hosts(state: State) -> tuple[Server, ...]:
    return tuple(found.server for found in used_servers(*parts(state)))


def to_doubts(context: Context, state: State) -> State:
    """Find the next doubt about the servers that are used; behind the last one the way goes on.

    In the summary it does so only where the servers are still those that the person saw there.
    """
    report, _protocol = parts(state)
    connects = not context.request.look_up.offline and not lacks_network(report)
    if connects and _untried(state):
        return state.to(Place.CHECK)
    if _silent(state):
        return state.to(Place.SILENT)
    if _consents(state):
        return state.to(Place.CONSENT)
    return state.to(state.after if state.after is Place.TO_SUMMARY or _hosts(state) == state.before else Place.SUMMARY)


def _untried(state: State) -> tuple[FoundServer, ...]:
    """The servers that were not seen to answer, each once in a run."""
    known = state.tried | state.taken
    return tuple(found for found in used_servers(*parts(state)) if not found.verified and found.server not in known)


def _silent(state: State) -> list[FoundServer]:
    """The servers that were seen not to answer and that were not asked about yet."""
    report, protocol = parts(state)
    if lacks_network(report):  # that was asked about before
        return []
    return [found for found in not_answering(report, protocol) if found.server not in state.taken]


def _consents(state: State) -> list[Notice]:
    return consent_for_account(*parts(state), tuple(state.agreed))


def check(_context: Context, state: State) -> Work:
    return Work(id=state.place, kind=WorkKind.CHECK, servers=_untried(state))


def checked(_context: Context, state: State, diagnosis: Diagnosis | None) -> State:
    """With what was seen of the servers; None: the person did not want to wait."""
    untried = _untried(state)
    state = state.to(Place.TO_DOUBTS, tried=state.tried | {found.server for found in untried})
    if diagnosis is None:
        return state
    report, _protocol = parts(state)
    causes = {finding.protocol: finding.cause for finding in reversed(diagnosis.findings)}
    for found, answers in zip(untried, answering(diagnosis), strict=True):
        trouble = "" if answers else causes.get(found.server.protocol) or causes.get(None) or ""
        report = report.with_server(replace(found, verified=answers, trouble=trouble))
    state = state.to(Place.TO_DOUBTS, report=report)
    if diagnosis.findings:
        return state.to(Place.TO_DOUBTS, FindingsFact(diagnosis.findings))
    return state.say(_("They answer as they should.") if all(answering(diagnosis)) else "")


def answering(diagnosis: Diagnosis) -> list[bool]:
    """For each server whether every step to it succeeded."""
    return [
        bool(observation.rungs) and all(rung.status is not RungStatus.FAILED for rung in observation.rungs)
        for observation in diagnosis.observations
    ]


def ask_silent(_context: Context, state: State) -> Select:
    question = f"{what_to_do_about_silence()} {_('What now?')}"
    return _doubt(state, question, _("Use these servers anyway"))


def take_silent(_context: Context, state: State, value: str) -> State:
    silent = _silent(state)
    if value == USE:
        return state.to(Place.TO_DOUBTS, taken=state.taken | {found.server for found in silent})
    return state.to(Place.STOPPED) if value == STOP else enter(state, protocols_of(silent))


def ask_consent(_context: Context, state: State) -> Select:
    report, _protocol = parts(state)
    notice = _consents(state)[0]
    agree = {
        "guess": _("They are right: use them"),
        "foreign_domain": _("Yes: use these servers"),
        "plaintext": _("Use them without encryption"),
        "paid_plan": _("Yes, I have a paid plan: use these servers"),
    }.get(notice.code, _("Use these servers anyway"))
    if notice.code == "foreign_domain" and report.others:
        agree = _("Yes, my mail is there: use {owner}").format(owner=_owner(report))
    others = [
        Choice(f"{OTHER}{number}", _("No: use {owner} instead").format(owner=_owner(other)))
        for number, other in enumerate(report.others)
    ]
    return _doubt(state, notice.text, agree, *others)


def take_consent(context: Context, state: State, value: str) -> State:
    report, _protocol = parts(state)
    code = _consents(state)[0].code
    if value == USE:
        return state.to(Place.TO_DOUBTS, agreed=state.agreed | {code})
    if value == STOP:
        return state.to(Place.STOPPED)
    if value == BY_HAND:
        return enter(state, protocols_of(doubtful_servers(*parts(state), code)))
    other = report.others[int(value.removeprefix(OTHER))]
    # What was agreed to was about the servers that are not used now, and so is what was known of their provider.
    state = state.to(Place.TO_SERVERS, report=other, agreed=frozenset(context.request.accept))
    answers = with_report_facts(state.answers.without_origin(Origin.DISCOVERED), other)
    return state if answers == state.answers else state.to(Place.TO_ADVICE, answers=answers)


def _owner(report: DiscoveryReport) -> str:
    return owner_label(report.provider, (report.imap, report.pop3, report.smtp))


def _doubt(state: State, question: str, agree: str, *others: Choice) -> Select:
    by_hand = Choice(BY_HAND, _("Enter the servers by hand"))
    return Select(
        id=state.place,
        text=question,
        choices=(Choice(USE, agree), *others, by_hand, Choice(STOP, _("Stop here"))),
        default=BY_HAND,
    )
