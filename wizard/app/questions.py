"""The questions that the advice needs: what is known already, which comes next, about how many there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.interview.answers import Origin
from wizard.language import translate as _
from wizard.model.address import parse_address

if TYPE_CHECKING:
    from wizard.advice.rules import Rules
    from wizard.interview.answers import Answers
    from wizard.interview.flow import Interview
    from wizard.model.discovery import DiscoveryReport
    from wizard.model.provider import Provider


EXPIRY = "expiry"

LONG_ABSENCE = 200
"""Days that somebody may leave a mailbox alone who has not given it up: half a year, and some weeks."""

FURTHER = 2
"""Questions that mostly follow those of the core (docs/interview-figures.md: five in all)."""


def with_provider_facts(answers: Answers, provider: Provider | None, offer: str | None = None) -> Answers:
    """``answers`` with what is known of the provider; what the person said stands above it."""
    facts = {
        "provider": offer or (provider.offers if provider is not None else None),
        "quota": provider.quota_hint if provider is not None else None,
        EXPIRY: "deleted_by_age" if provider is not None and _deletes_by_age(provider) else None,
        "legal": "certified" if provider is not None and provider.certified_mail else None,
    }
    for key, value in facts.items():
        if value is not None and answers.get(key) is None:
            answers = answers.with_(key, value, Origin.DISCOVERED)
    return answers


def _deletes_by_age(provider: Provider) -> bool:
    if not provider.facts:
        return False
    from wizard.model.provider_facts import MailFolder

    return provider.retention(MailFolder.INBOX) is not None


def with_catalogue_facts(answers: Answers) -> Answers:
    """``answers`` with what the catalogue knows of the provider of its address, when it has one."""
    if answers.address is None:
        return answers
    from wizard.discovery.catalogue import find_provider

    return with_provider_facts(answers, find_provider(parse_address(answers.address).domain))


def with_report_facts(answers: Answers, report: DiscoveryReport) -> Answers:
    """``answers`` with what the look-up found."""
    return with_provider_facts(answers, report.provider, report.offer)


def interview_for(rules: Rules | None, *, refine: bool = False, leave: bool = False) -> Interview:
    """The interview that asks what can still change the advice; ``refine`` asks on where the first round stopped.

    ``leave``: the first question has a way back.
    """
    from wizard.advice.rules_file import load_rules
    from wizard.interview.flow import Interview
    from wizard.interview.questions import load_questions

    def next_key(answers: Answers) -> str | None:
        from wizard.advice.question_order import next_question

        if refine:
            return next(iter(still_open(answers, rules)), None)
        key = next_question(answers.values(), rules=rules, declined=answers.declined)
        core = (rules or load_rules()).interview.core
        return EXPIRY if key not in core and _may_lose_unused_mail(answers) else key

    return Interview(load_questions(), next_key, leave=leave)


def _may_lose_unused_mail(answers: Answers) -> bool:
    """Whether to ask about deleted mail: the provider of the address deletes it where nobody looks for long."""
    if answers.address is None or answers.get(EXPIRY) is not None or EXPIRY in answers.declined:
        return False
    from wizard.discovery.catalogue import find_provider

    provider = find_provider(parse_address(answers.address).domain)
    return provider is not None and unused_mail_is_deleted(provider)


def unused_mail_is_deleted(provider: Provider) -> bool:
    """Whether mail is known to go where nobody has logged in for a time that people do stay away."""
    if not provider.facts:
        return False
    from wizard.model.provider_facts import Inactivity, Loss

    fact = provider.known(Inactivity)
    return fact is not None and fact.removes is not Loss.ACCESS and fact.days <= LONG_ABSENCE


def expected_questions(answers: Answers, rules: Rules | None) -> int:
    """About how many questions will be asked after ``answers``."""
    from wizard.advice.rules_file import load_rules

    core = (rules if rules is not None else load_rules()).interview.core
    return sum(answers.get(key) is None and key not in answers.declined for key in core) + FURTHER


def position_of(number: int, expected: int) -> str:
    """How far one is at question ``number`` (counted from 1), in words."""
    if number > expected:
        return _("question {number}").format(number=number)
    return _("{number} of about {total}").format(number=number, total=expected)


def still_open(answers: Answers, rules: Rules | None) -> tuple[str, ...]:
    """The keys of questions whose answer could still change the advice, the likeliest first."""
    from wizard.advice.question_order import open_questions

    return open_questions(answers.values(), rules=rules, declined=answers.declined)


def labels_of(keys: tuple[str, ...]) -> list[str]:
    """The questions as the review names them, in the active language."""
    from wizard.interview.questions import question

    return [_(question(key).label) for key in keys]
