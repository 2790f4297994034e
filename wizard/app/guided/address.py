"""The address: an interrupted run, typing, slips in the domain; the start and the result of the look-up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.app.guided.state import Place, Round, Work, WorkKind
from wizard.app.servers import does_not_exist, near_address, network_is_at_fault, network_notice
from wizard.discovery.consent import FOREIGN_DOMAIN, unread_settings
from wizard.interview.answers import Origin
from wizard.interview.steps import Choice, Select, Text
from wizard.language import translate as _
from wizard.model.address import AddressProblem, EmailAddress, parse_address

if TYPE_CHECKING:
    from wizard.app.guided.state import Context, State
    from wizard.interview.partial import Offer
    from wizard.model.discovery import DiscoveryReport
    from wizard.model.provider import Provider

SMALL_MAILBOX = 5000
"""Megabytes that a mailbox with pictures fills within some years."""

USE, BY_HAND, STOP, ADDRESS, MEANT, AGAIN = "use", "by-hand", "stop", "address", "meant", "again"


def offer(context: Context, state: State, kept: Offer | None) -> State:
    """Offer what an interrupted run left, unless it is about another address than the command line."""
    if kept is None:
        return state.to(Place.TO_ADDRESS)
    state = state.say(*(notice.text for notice in kept.notices))
    address = context.request.mailbox
    other = address is not None and kept.answers.address is not None and _differ(address, kept.answers.address)
    if not kept.answers or other:
        return state.to(Place.TO_ADDRESS)
    return state.to(Place.RESUME, kept=kept.answers)


def _differ(first: str, second: str) -> bool:
    try:
        return parse_address(first) != parse_address(second)
    except AddressProblem:
        return True


def ask_resume(_context: Context, state: State) -> Select:
    assert state.kept is not None
    return Select(
        id=state.place,
        text=_("Last time you stopped partway through ({whose}). Continue from there?").format(
            whose=state.kept.address or _("no address yet")
        ),
        choices=(Choice("on", _("Yes, continue")), Choice("afresh", _("No, start over"))),
        default="on",
    )


def take_resume(_context: Context, state: State, value: str) -> State:
    """What the command line says stands above what was kept."""
    if value == "on":
        assert state.kept is not None
        return state.to(Place.TO_ADDRESS, answers=state.answers.merged(state.kept), kept=None)
    return state.to(Place.FORGET, kept=None)


def forget(_context: Context, state: State) -> Work:
    return Work(id=state.place, kind=WorkKind.FORGET)


def forgotten(_context: Context, state: State, _result: object) -> State:
    return state.to(Place.TO_ADDRESS)


def to_address(context: Context, state: State) -> State:
    """Take the address that is given, or ask for it. Raises AddressProblem where nobody can be asked."""
    given = context.request.address if context.request.address is not None else state.answers.address
    if given is None:
        return state.to(Place.ADDRESS)
    try:
        return _checked(context, state, parse_address(given))
    except AddressProblem as problem:
        if not context.interactive:
            raise
        return state.say(problem.text).to(Place.ADDRESS, typed=given)


def ask_address(_context: Context, state: State) -> Text:
    return Text(
        id=state.place,
        text=_("Your e-mail address"),
        default=state.typed,
        validate=_problem,
        instruction=_("such as anna@example.org"),
        given_by=_("an address after “mail-wizard”"),
    )


def take_address(context: Context, state: State, value: str) -> State:
    return _checked(context, state, parse_address(value))


def _problem(text: str) -> str | None:
    try:
        parse_address(text)
    except AddressProblem as problem:
        return problem.text
    return None


def _checked(context: Context, state: State, address: EmailAddress) -> State:
    """``address``, after a question where a well-known domain is one slip away from an unknown one."""
    if context.interactive and near_address(address) is not None:
        return state.to(Place.SPELLING, typed=address.unicode)
    return _start(context, state, address)


def ask_spelling(_context: Context, state: State) -> Select:
    address = parse_address(state.typed)
    meant = near_address(address)
    assert meant is not None
    return Select(
        id=state.place,
        text=_("Did you mean {address}?").format(address=meant.unicode),
        choices=(
            Choice("meant", _("Yes, {address}").format(address=meant.unicode)),
            Choice("typed", _("No, {address} is right").format(address=address.unicode)),
        ),
        default="meant",
    )


def take_spelling(context: Context, state: State, value: str) -> State:
    address = parse_address(state.typed)
    meant = near_address(address)
    return _start(context, state, meant if value == "meant" and meant is not None else address)


def _start(context: Context, state: State, address: EmailAddress) -> State:
    """Begin to look up ``address``. What was looked up for another one counts no more."""
    answers, agreed = state.answers, state.agreed
    if state.address != address:
        answers = answers.without_origin(Origin.DISCOVERED)
        agreed = frozenset(context.request.accept)
    answers = answers.with_("address", str(address), Origin.TYPED)
    return state.to(Place.START, address=address, typed=address.unicode, answers=answers, agreed=agreed, report=None)


def start(_context: Context, state: State) -> Work:
    return Work(id=state.place, kind=WorkKind.START)


def started(context: Context, state: State, report: DiscoveryReport | None) -> State:
    """Greet the person; ``report``: what was found, where that is known at once."""
    from wizard.app.questions import with_report_facts

    if not context.asks:
        return state.to(Place.LOOK_UP if report is None else Place.TO_REPORT, report=report)
    if state.address != state.greeted:
        if report is not None and report.provider is not None:
            greeting = _("{name} is known. A few questions, then the advice.").format(name=report.provider.name)
        else:
            greeting = _("Looking for the servers while we talk. A few questions, then the advice.")
        state = state.say(greeting)
        if report is not None:
            state = state.say(*(notice.text for notice in report.warnings if notice.code == "inactivity"))
            state = state.say(*_space(report.provider))
    answers = state.answers if report is None else with_report_facts(state.answers, report)
    return state.to(Place.TO_QUESTIONS, round=Round.FIRST, answers=answers, report=report, greeted=state.address)


def _space(provider: Provider | None) -> tuple[str, ...]:
    """What the free plan of ``provider`` holds, where that is soon full: the question about space follows."""
    if provider is None or not provider.facts:
        return ()
    from wizard.model.provider_facts import FreeSpace
    from wizard.wording.provider_facts import fact_sentence

    fact = provider.known(FreeSpace)
    return (fact_sentence(fact),) if fact is not None and fact.megabytes <= SMALL_MAILBOX else ()


def look_up(_context: Context, state: State) -> Work:
    return Work(id=state.place, kind=WorkKind.LOOK_UP)


def looked_up(_context: Context, state: State, report: DiscoveryReport) -> State:
    return state.to(Place.TO_REPORT, report=report)


def to_report(context: Context, state: State) -> State:
    """Go on to the advice, unless the network was missing or the domain does not exist."""
    report = state.report
    assert report is not None
    network = network_notice(report)
    if network is not None:
        if context.asks:
            return state.to(Place.NO_NETWORK)
        if network_is_at_fault(report) and report.usable:  # there the servers say that they do not answer
            state = state.say(network.text)
    elif context.asks and does_not_exist(report):
        if not report.usable:
            return state.to(Place.NO_DOMAIN)
        state = state.say(*(notice.text for notice in report.warnings if notice.code == "no_such_domain"))
    elif context.asks and unread_settings(report, state.agreed):
        return state.to(Place.ELSEWHERE)
    return state.to(Place.TO_ADVICE)


def ask_network(_context: Context, state: State) -> Select:
    """Ask what now. Where the network stands in the way, the servers of the catalogue are preset: it rarely changes."""
    report = state.report
    assert report is not None
    network = network_notice(report)
    assert network is not None
    servers = _("with the servers from the built-in catalogue") if report.usable else ""
    return Select(
        id=state.place,
        text=network.text,
        choices=(
            Choice(AGAIN, _("Look again")),
            Choice(USE, _("Continue without the network"), hint=servers),
            Choice(STOP, _("Stop here")),
        ),
        default=USE if report.usable and network_is_at_fault(report) else AGAIN,
    )


def take_network(context: Context, state: State, value: str) -> State:
    if value == AGAIN:
        assert state.address is not None
        return _start(context, state, state.address)
    return state.to(Place.STOPPED if value == STOP else Place.TO_ADVICE)


def ask_elsewhere(_context: Context, state: State) -> Select:
    """Ask whether settings are to be read that are said to be at another domain, which learns the address then."""
    assert state.report is not None
    return Select(
        id=state.place,
        text=" ".join(notice.text for notice in unread_settings(state.report, state.agreed)),
        choices=(
            Choice(USE, _("Yes: look there")),
            Choice(BY_HAND, _("Enter the servers by hand")),
            Choice(STOP, _("Stop here")),
        ),
        default=BY_HAND,
    )


def take_elsewhere(context: Context, state: State, value: str) -> State:
    assert state.address is not None
    if value == USE:
        return _start(context, state.to(state.place, agreed=state.agreed | {FOREIGN_DOMAIN}), state.address)
    return state.to(Place.STOPPED if value == STOP else Place.TO_ADVICE)


def ask_domain(_context: Context, state: State) -> Select:
    assert state.address is not None
    meant = near_address(state.address, sure=True)
    choices = [
        Choice(ADDRESS, _("Correct the address")),
        Choice(BY_HAND, _("Enter the servers by hand")),
        Choice(STOP, _("Stop here")),
    ]
    if meant is not None:
        choices.insert(0, Choice(MEANT, _("I meant {address}").format(address=meant.unicode)))
    return Select(
        id=state.place,
        text=_("The domain {domain} does not exist, so no mail can reach {address}. What now?").format(
            domain=state.address.domain.shown, address=state.address.unicode
        ),
        choices=tuple(choices),
        default=choices[0].value,
    )


def take_domain(context: Context, state: State, value: str) -> State:
    assert state.address is not None
    if value == MEANT and (meant := near_address(state.address, sure=True)) is not None:
        return _start(context, state, meant)
    return state.to({ADDRESS: Place.ADDRESS, BY_HAND: Place.TO_ADVICE}.get(value, Place.STOPPED))
