"""What to ask next: the core first, then whatever is most likely to change the result, then nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.scoring.rules import load_rules

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from wizard.model.recommendation import Option
    from wizard.scoring.compiled import State
    from wizard.scoring.rules import Rules

    Flip = tuple[int, int, Option]


def next_question(
    answers: Mapping[str, str],
    *,
    rules: Rules | None = None,
    declined: Collection[str] = (),
    asked: int | None = None,
    most: int | None = None,
    skip: Collection[str] = (),
) -> str | None:
    """The key to ask next, or None when no open answer can change the result, or enough has been asked.

    ``declined`` keys were answered “I don't know”, ``skip`` keys make no sense for this person; neither is asked.
    ``asked`` is how many questions were put so far (default: answers and declined ones), ``most`` the limit (default:
    the file's; pass a large number for “ask me more”).
    """
    rules = rules if rules is not None else load_rules()
    known = rules.interview.known
    if asked is None:
        asked = len({key for key in answers if key in rules.lines and key not in known} | set(declined))
    if asked >= (rules.interview.most if most is None else most):
        return None
    out = {*declined, *skip}
    state = rules.compiled.state(answers)
    open_keys = _open(rules, state, out)
    for key in rules.interview.core:
        place = rules.compiled.place[key]
        if place in open_keys and _matters(rules, state, place, open_keys):
            return key
    return likeliest(rules, state, _flips(rules, state, open_keys), out)


def open_questions(
    answers: Mapping[str, str],
    *,
    rules: Rules | None = None,
    declined: Collection[str] = (),
    skip: Collection[str] = (),
) -> tuple[str, ...]:
    """The unanswered keys of which a single answer could still change the result, the likeliest first."""
    rules = rules if rules is not None else load_rules()
    state = rules.compiled.state(answers)
    flips = _flips(rules, state, _open(rules, state, {*declined, *skip}))
    chances = _chances(rules, flips)
    return tuple(rules.compiled.keys[key] for key in sorted(chances, key=lambda key: (-chances[key], key)))


def likeliest(rules: Rules, state: State, flips: Sequence[Flip], out: Collection[str]) -> str | None:
    """The open key whose answer most likely changes the outcome, None when no single one does."""
    allowed = set(_open(rules, state, out))
    chances = _chances(rules, [flip for flip in flips if flip[0] in allowed])
    if not chances:
        return None
    return rules.compiled.keys[max(chances, key=lambda key: (chances[key], -key))]


def _open(rules: Rules, state: State, out: Collection[str]) -> list[int]:
    return [
        place
        for place, key in enumerate(rules.compiled.keys)
        if not state.chosen[place] and key not in out and key not in rules.interview.known
    ]


def _flips(rules: Rules, state: State, keys: Sequence[int]) -> list[Flip]:
    return [flip for flip in rules.compiled.others(state, keys) if flip[2] is not state.option]


def _chances(rules: Rules, flips: Sequence[Flip]) -> dict[int, int]:
    chances: dict[int, int] = {}
    compiled = rules.compiled
    for key, number, _to in flips:
        line = rules.lines[compiled.keys[key]][compiled.values[key][number - 1]]
        chances[key] = chances.get(key, 0) + line.share
    return chances


def _matters(rules: Rules, state: State, key: int, open_keys: Sequence[int]) -> bool:
    """Whether an answer to ``key`` can change the result, by itself or together with one other open answer."""
    compiled = rules.compiled
    if _flips(rules, state, [key]):
        return True
    for other in open_keys:
        if other == key:
            continue
        for number in range(1, len(compiled.bits[other])):
            chosen = [*state.chosen]
            chosen[other] = number
            if _flips(rules, compiled.reckon(chosen), [key]):
                return True
    return False
