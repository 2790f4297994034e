"""Random answers for the tests and the benchmarks: any at all, and those of simulated persons."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from wizard.advice.evaluation import evaluate
from wizard.advice.question_order import next_question
from wizard.advice.rules_file import load_rules
from wizard.interview.questions import load_questions
from wizard.model.recommendation import Option

if TYPE_CHECKING:
    from collections.abc import Iterator

RULES = load_rules()
VALUES = {key: RULES.values(key) for key in RULES.keys}
SHARES = {key: [factor.share for factor in factors.values()] for key, factors in RULES.factors.items()}
REMOVAL = {Option.NONE: 0, Option.IMAP: 0, Option.IMAP_ARCHIVE: 1, Option.POP_KEEP: 2, Option.POP: 3}
"""How much an outcome takes out of the mailbox: nothing, what one moves by hand, all after some days, all at once."""


def any_answers(count: int, seed: int) -> Iterator[dict[str, str]]:
    """Answers from the whole space, each key and value as likely as another; a quarter of the sets is complete."""
    draw = random.Random(seed)
    for number in range(count):
        given = 1.0 if number % 4 == 0 else draw.random()
        yield {key: draw.choice(values) for key, values in VALUES.items() if draw.random() < given}


def nearly_free(count: int, seed: int) -> Iterator[dict[str, str]]:
    """Answers that differ in few points from those of a person whom no rule of safety keeps from any outcome but imap.

    There a single rule decides, so a wrong one shows; among :func:`any_answers` several nearly always rule out alike.
    """
    free = {
        "devices": "one",
        "webmail": "never",
        "shared": "one_person",
        "quota": "tight",
        "backup": "regular",
        "legal": "ordinary",
        "disk": "plenty",
        "moving": "staying",
        "expiry": "kept",
        "others": "none",
        "provider": "both",
    }
    draw = random.Random(seed)
    for _number in range(count):
        answers = {key: free.get(key) or draw.choice(values) for key, values in VALUES.items()}
        for key in draw.sample(list(VALUES), draw.randint(1, 5)):
            answers[key] = draw.choice(VALUES[key])
        for key in draw.sample(list(VALUES), draw.randint(0, 5)):
            del answers[key]
        yield answers


def persons(count: int, seed: int, *, unknown: float) -> Iterator[dict[str, str]]:
    """Persons as frequent as scoring.yaml assumes (``of``), who do not know each answer with chance ``unknown``.

    A question that makes no sense for a person has no answer. What the provider offers is known: it is looked up.
    """
    draw = random.Random(seed)
    questions = load_questions()
    for _number in range(count):
        person = {key: draw.choices(VALUES[key], SHARES[key])[0] for key in RULES.keys}
        for question in questions:
            if question.asked and (draw.random() < unknown or not question.applies(person)):
                person.pop(question.key, None)
        yield person


def interviewed(person: dict[str, str]) -> tuple[dict[str, str], list[str]]:
    """The answers that the interview gets out of ``person``, and the questions in the order they were put."""
    answers = {key: person[key] for key in RULES.interview.known if key in person}
    declined: list[str] = []
    put: list[str] = []
    while (key := next_question(answers, declined=declined)) is not None:
        put.append(key)
        if key in person:
            answers[key] = person[key]
        else:
            declined.append(key)
    return answers, put


def outcome(answers: dict[str, str]) -> Option:
    """The outcome alone."""
    return evaluate(RULES, answers).option


def harm(answers: dict[str, str], option: Option) -> str | None:
    """Why ``option`` would harm the person with ``answers``, None when it does not: the principles, said once more.

    Written from docs/recommendation.md, not from the vetoes of scoring.yaml, so that each checks the other.
    """
    get = answers.get
    saved, only_pop = get("backup") == "regular", get("provider") == "pop_only"
    full, leaving = get("quota") == "full", get("moving") == "leaving"
    cramped = get("quota") in ("tight", "full")
    wish, expires = get("privacy") == "off_server", get("expiry") in ("deleted_by_age", "deleted_when_unused")
    safe_for_now = wish and "backup" not in answers
    taken_from_others = (
        get("devices") == "several"
        or get("shared") == "several_people"
        or get("others") == "imap"
        or get("legal") in ("certified", "retention")
    )
    offered = {
        "imap_only": {Option.IMAP, Option.IMAP_ARCHIVE},
        "pop_only": {Option.POP_KEEP, Option.POP},
        "neither": {Option.NONE},
    }.get(get("provider", ""), set(Option) - {Option.NONE})
    no_room_no_backup = get("disk") == "little" and not saved
    offline_for_long = get("connection") == "rare" and get("offline") == "everything" and get("webmail") == "never"
    found = {
        "not offered": option not in offered,
        "the only copy on a disk that nobody backs up": (option is Option.POP and not saved)
        or (
            option is Option.POP_KEEP
            and not saved
            and not only_pop
            and not (safe_for_now and get("device_risk") == "low" and get("disk") != "little")
        )
        or (option is Option.IMAP_ARCHIVE and not saved and not (full or leaving or expires or safe_for_now)),
        "removed though nothing calls for it": (
            option is Option.POP and not (cramped or wish or (offline_for_long and "quota" not in answers))
        )
        or (option is Option.POP_KEEP and not (cramped or wish or expires or only_pop or get("connection") == "rare"))
        or (
            option is Option.IMAP_ARCHIVE and not (cramped or wish or expires or leaving or get("legal") == "retention")
        ),
        "a full mailbox goes on turning mail away": full
        and ((option is Option.POP_KEEP and not only_pop) or (option is Option.IMAP and not no_room_no_backup)),
        "the provider deletes the only copy": expires and option is Option.IMAP,
        "mail taken away from somebody": (option is Option.POP and taken_from_others)
        or (option is Option.POP_KEEP and taken_from_others and not only_pop)
        or (option is Option.POP and (get("devices") != "one" or get("webmail") not in ("never", "sometimes"))),
        "an archive for which there is neither room nor a backup": (
            option is Option.IMAP_ARCHIVE and no_room_no_backup and not (leaving or expires)
        ),
        "the mailbox closes and nothing was copied": leaving and option is Option.IMAP and get("old_mail") != "little",
    }
    return next((reason for reason, holds in found.items() if holds), None)
