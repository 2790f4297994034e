"""What to ask next: the core, then what is most likely to change the advice; in time, what could make it unsafe.

A question is put only while there is still room to ask whatever could make the advice unsafe to which it may lead. So
the limit of the interview never cuts off a check of safety.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from wizard.advice.rules import SCORED, load_rules
from wizard.model.recommendation import Option

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from wizard.advice.compiled import State
    from wizard.advice.rules import Rules

    Flip = tuple[int, int, Option]


def next_question(
    answers: Mapping[str, str],
    *,
    rules: Rules | None = None,
    declined: Collection[str] = (),
    asked: int | None = None,
    most: int | None = None,
    skip: Collection[str] | None = None,
) -> str | None:
    """The key to ask next, or None when no single open answer can change the result, or enough has been asked.

    ``declined`` keys were answered “I don't know”, ``skip`` keys make no sense for this person (default: what
    questions.yaml says); neither is asked. ``asked`` is how many questions were put so far (default: answers and
    declined ones), ``most`` the limit (default: the file's; pass a large number for “ask me more”).
    """
    rules = rules if rules is not None else load_rules()
    state = rules.compiled.state(answers)
    return choose_next(rules, state, answers, declined=declined, asked=asked, most=most, skip=skip)


def choose_next(
    rules: Rules,
    state: State,
    answers: Mapping[str, str],
    *,
    declined: Collection[str] = (),
    asked: int | None = None,
    most: int | None = None,
    skip: Collection[str] | None = None,
    flips: Sequence[Flip] | None = None,
) -> str | None:
    """:func:`next_question` for answers that are reckoned already; ``flips`` are those of all keys, if at hand."""
    if asked is None:
        counted = {key for key in answers if key in rules.lines and key not in rules.interview.known}
        asked = len(counted.union(declined))
    left = (rules.interview.most if most is None else most) - asked
    if left <= 0:
        return None
    open_keys = _open(rules, state, {*declined, *(senseless(rules, answers) if skip is None else skip)})
    chosen = Choice(rules, state, open_keys, left, flips).key()
    return None if chosen is None else rules.compiled.keys[chosen]


def open_questions(
    answers: Mapping[str, str],
    *,
    rules: Rules | None = None,
    declined: Collection[str] = (),
    skip: Collection[str] | None = None,
) -> tuple[str, ...]:
    """The unanswered keys of which a single answer could still change the result, the likeliest first."""
    rules = rules if rules is not None else load_rules()
    state = rules.compiled.state(answers)
    out = {*declined, *(senseless(rules, answers) if skip is None else skip)}
    chances = _chances(rules, rules.compiled.flips(state, _open(rules, state, out)), state.option)
    return tuple(rules.compiled.keys[key] for key in sorted(chances, key=lambda key: (-chances[key], key)))


def senseless(rules: Rules, answers: Mapping[str, str]) -> tuple[str, ...]:
    """What cannot be put to this person: left out by questions.yaml after ``answers``, never asked, or not in it."""
    from wizard.interview.questions import left_out, load_questions

    questions = load_questions()
    asked = {one.key for one in questions if one.asked}
    return (*left_out(questions, answers), *(key for key in rules.lines if key not in asked))


@dataclass(frozen=True)
class Choice:
    """One choice of a question: the open ones by their place in the rules, and how many may still be put."""

    rules: Rules
    state: State
    open_keys: Sequence[int]
    left: int
    known_flips: Sequence[Flip] | None = None

    def key(self) -> int | None:
        """The place of the question to put, None when none can change the result."""
        core = self.core()
        if core is not None:
            return core
        unsafe = self.unsafe(self.state.option, self.state.bits)
        if len(unsafe) >= self.left:
            return max(unsafe, key=lambda key: (unsafe[key], -key))
        return self.likeliest()

    def core(self) -> int | None:
        """The first open question of the core that counts for what this provider offers."""
        place = self.rules.compiled.place
        for name in self.rules.interview.core:
            if place[name] in self.open_keys and self.counts(name):
                return place[name]
        return None

    @cached_property
    def offered(self) -> tuple[Option, ...]:
        """The outcomes that no fact of the provider rules out."""
        out = {option for veto in self.rules.fired(self.state) if veto.kind == "fact" for option in veto.exclude}
        return tuple(option for option in SCORED if option not in out)

    def counts(self, name: str) -> bool:
        """Whether any answer to ``name`` tells apart the outcomes that are offered, by points or by a veto."""
        places = [SCORED.index(option) for option in self.offered]
        if len(places) < 2:
            return False
        by_points = any(len({line.points[place] for place in places}) > 1 for line in self.rules.lines[name].values())
        return by_points or any(
            name in veto.mentions and not set(self.offered).isdisjoint(veto.exclude) for veto in self.rules.vetoes
        )

    def unsafe(self, option: Option, bits: int) -> dict[int, int]:
        """The open questions with an answer that rules ``option`` out for safety, and how many of 100 give it.

        ``bits`` are the answers so far. What IMAP alone must be checked for is among them: advice that turns out to be
        unsafe falls back on it.
        """
        compiled = self.rules.compiled
        found: dict[int, int] = {}
        if option is Option.NONE:
            return found
        watched = {option, Option.IMAP}.intersection(self.offered)
        for key in self.open_keys:
            choices = compiled.bits[key]
            if not bits & choices[0]:
                continue
            rules = {rule for one in watched for rule in compiled.guarding[SCORED.index(one)][key]}
            for number in range(1, len(choices)):
                now = bits ^ choices[0] | choices[number]
                if any(compiled.vetoes[rule].fires(now) for rule in rules):
                    found[key] = found.get(key, 0) + _share(self.rules, key, number)
        return found

    def likeliest(self) -> int | None:
        """The question that most likely changes the result and leaves room for the checks that may follow."""
        flips = self.known_flips
        if flips is None:
            flips = self.rules.compiled.flips(self.state, self.open_keys)
        else:
            allowed = set(self.open_keys)
            flips = [flip for flip in flips if flip[0] in allowed]
        chances = _chances(self.rules, flips, self.state.option)
        early = {self.rules.compiled.place[name] for name in self.rules.interview.early}
        checks: dict[int, int] = {}
        for key in sorted(chances, key=lambda key: (key not in early, -chances[key], key)):
            needed = self.checks_after(key, flips)
            if not needed:
                return key
            for check, share in needed.items():
                checks[check] = max(share, checks.get(check, 0))
        return max(checks, key=lambda key: (checks[key], -key), default=None)

    def checks_after(self, key: int, flips: Iterable[Flip]) -> dict[int, int]:
        """What would have to be asked after ``key`` if there were room for it; nothing when there is room."""
        compiled, missing = self.rules.compiled, {}
        for place, number, option in flips:
            if place == key:
                choices = compiled.bits[key]
                unsafe = self.unsafe(option, self.state.bits ^ choices[0] | choices[number])
                if len(unsafe) > self.left - 1:
                    missing.update(unsafe)
        return missing


def _open(rules: Rules, state: State, out: Collection[str]) -> list[int]:
    return [
        place
        for place, key in enumerate(rules.compiled.keys)
        if not state.chosen[place] and key not in out and key not in rules.interview.known
    ]


def _share(rules: Rules, key: int, number: int) -> int:
    return rules.compiled.shares[key][number]


def _chances(rules: Rules, flips: Iterable[Flip], option: Option) -> dict[int, int]:
    """For each key how many of 100 answers change the outcome; a change of the protocol counts double."""
    chances: dict[int, int] = {}
    for key, number, to in flips:
        weight = 1 if to.protocol is option.protocol else 2
        chances[key] = chances.get(key, 0) + weight * _share(rules, key, number)
    return chances
