"""The beginning of the guided way: an interrupted run, the address, the domain that was perhaps mistyped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.app.spelling import near_address
from wizard.interview.answers import Answers, Origin
from wizard.interview.prompter import Choice
from wizard.language import translate as _
from wizard.model.address import AddressProblem, EmailAddress, parse_address

if TYPE_CHECKING:
    from wizard.interview.prompter import Prompter


def resume(given: Answers, prompter: Prompter, address: str | None) -> Answers:
    """Offer the answers of an interrupted run; what the command line says stands above them.

    Raises Interrupted with both when the person breaks off here: what was kept is not lost by that.
    """
    from wizard.interview import partial
    from wizard.interview.flow import Interrupted

    if not prompter.interactive:
        return given
    kept = partial.offered()
    if kept is None:
        return given
    for notice in kept.notices:
        prompter.say(notice.text)
    address = address or given.address
    other = address is not None and kept.answers.address is not None and _differ(address, kept.answers.address)
    if not kept.answers or other:
        return given
    try:
        picked = prompter.select(
            _("Last time you stopped in the middle ({whose}). Go on from there?").format(
                whose=kept.answers.address or _("no address yet")
            ),
            [
                Choice("on", _("Yes, go on")),
                Choice("afresh", _("No, begin afresh")),
            ],
            default="on",
        )
    except KeyboardInterrupt:
        raise Interrupted(given.merged(kept.answers)) from None
    if picked == "on":
        return given.merged(kept.answers)
    partial.forget()
    return given


def _differ(one: str, other: str) -> bool:
    try:
        return parse_address(one) != parse_address(other)
    except AddressProblem:
        return True


def ask_address(prompter: Prompter, given: str | None) -> EmailAddress:
    """The address: the given one if it is valid, else asked for until it is. Raises AddressProblem, InputNeeded."""
    if given is not None:
        try:
            return _meant(prompter, parse_address(given))
        except AddressProblem as problem:
            if not prompter.interactive:
                raise
            prompter.say(problem.text)
    return type_address(prompter, given or "")


def type_address(prompter: Prompter, default: str) -> EmailAddress:
    """Ask for the address, with ``default`` ready to be edited. Raises InputNeeded."""
    typed = prompter.text(
        _("Your e-mail address"),
        default=default,
        validate=_problem,
        instruction=_("such as anna@example.org"),
        given_by=_("an address after “mail-wizard”"),
    )
    return _meant(prompter, parse_address(str(typed)))


def _problem(text: str) -> str | None:
    try:
        parse_address(text)
    except AddressProblem as problem:
        return problem.text
    return None


def _meant(prompter: Prompter, address: EmailAddress) -> EmailAddress:
    """Ask whether a well-known domain was meant when the typed one is unknown and one slip away from it."""
    if not prompter.interactive:
        return address
    meant = near_address(address)
    if meant is None:
        return address
    picked = prompter.select(
        _("Did you mean {address}?").format(address=meant.unicode),
        [
            Choice("meant", _("Yes, {address}").format(address=meant.unicode)),
            Choice("typed", _("No, {address} is right").format(address=address.unicode)),
        ],
        default="meant",
    )
    return meant if picked == "meant" else address


def with_address(given: Answers, address: EmailAddress) -> Answers:
    """``given`` with the address in it."""
    return given.with_("address", str(address), Origin.TYPED)
