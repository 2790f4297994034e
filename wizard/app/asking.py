"""The interview in the guided way: what is known is put in, the engine says what to ask next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.interview.answers import Origin
from wizard.language import translate as _
from wizard.model.address import parse_address

if TYPE_CHECKING:
    from wizard.advice.rules import Rules
    from wizard.interview.answers import Answers
    from wizard.interview.prompter import Prompter
    from wizard.model.discovery import DiscoveryReport
    from wizard.model.provider import Provider


FURTHER = 2
"""Questions that mostly follow those of the core (docs/interview-figures.md: five in all)."""


def with_provider_facts(given: Answers, provider: Provider | None, offer: str | None = None) -> Answers:
    """``given`` with what is known of the provider; what the person said stands above it."""
    facts = {
        "provider": offer or (provider.offers if provider is not None else None),
        "quota": provider.quota_hint if provider is not None else None,
        "legal": "certified" if provider is not None and provider.certified_mail else None,
    }
    for key, value in facts.items():
        if value is not None and given.get(key) is None:
            given = given.with_(key, value, Origin.DISCOVERED)
    return given


def with_catalogue_facts(given: Answers) -> Answers:
    """``given`` with what the catalogue knows of the provider of its address, when it has one."""
    if given.address is None:
        return given
    from wizard.discovery.catalogue import find_provider

    return with_provider_facts(given, find_provider(parse_address(given.address).domain))


def with_report_facts(given: Answers, report: DiscoveryReport) -> Answers:
    """``given`` with what the look-up found."""
    return with_provider_facts(given, report.provider, report.offer)


def ask_about_use(
    given: Answers, prompter: Prompter, rules: Rules | None, *, refine: bool = False, leave: bool = False
) -> Answers | None:
    """Ask what can still change the advice; ``refine`` asks on where the first round stopped.

    With ``leave`` the first question has a way back, which gives None. Raises wizard.interview.flow.Interrupted with
    the answers so far.
    """
    from wizard.advice.rules import load_rules
    from wizard.interview.flow import Left, run_interview
    from wizard.interview.questions import load_questions

    questions = load_questions()
    interview = (rules if rules is not None else load_rules()).interview
    core = sum(given.get(key) is None and key not in given.declined for key in interview.core)
    expected = core + FURTHER

    def following(answers: Answers) -> str | None:
        if refine:
            return next(iter(still_open(answers, rules)), None)
        return _next_key(answers, rules)

    def position(number: int, _answers: Answers) -> str:
        if refine or number > expected:
            return _("question {number}").format(number=number)
        return _("{number} of about {total}").format(number=number, total=expected)

    try:
        return run_interview(questions, given, prompter, following, position=position, leave=leave)
    except Left:
        return None


def change_answers(given: Answers, prompter: Prompter, rules: Rules | None) -> Answers:
    """Let the person change any answer; what a change opens is asked. Raises wizard.interview.flow.Interrupted."""
    from wizard.interview.flow import review
    from wizard.interview.questions import load_questions

    return review(load_questions(), given, prompter, lambda answers: _next_key(answers, rules))


def _next_key(answers: Answers, rules: Rules | None) -> str | None:
    from wizard.advice.question_order import next_question

    return next_question(answers.values(), rules=rules, declined=answers.declined)


def still_open(answers: Answers, rules: Rules | None) -> tuple[str, ...]:
    """The keys of questions whose answer could still change the advice, the likeliest first."""
    from wizard.advice.question_order import open_questions

    return open_questions(answers.values(), rules=rules, declined=answers.declined)


def labels_of(keys: tuple[str, ...]) -> list[str]:
    """The questions as the review names them, in the active language."""
    from wizard.interview.questions import question

    return [_(question(key).label) for key in keys]
