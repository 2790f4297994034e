"""What to ask next: the core, then what is most likely to change the advice; in time, what could make it unsafe.

A question is put only while there is still room to ask whatever could make the advice unsafe to which it may lead. So
the limit of the interview never cuts off a check of safety.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.advice.evaluation import evaluate
from wizard.advice.rules import SCORED
from wizard.advice.rules_file import load_rules
from wizard.model.recommendation import Option

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from wizard.advice.evaluation import Alternative, Evaluation
    from wizard.advice.rules import Rules


def next_question(
    answers: Mapping[str, str], *, rules: Rules | None = None, declined: Collection[str] = ()
) -> str | None:
    """The key to ask next, or None when no single open answer can change the result, or enough has been asked.

    ``declined`` keys were answered “I don't know”: they are not asked again, and count as asked.
    """
    return choose_question(evaluate(rules if rules is not None else load_rules(), answers), answers, declined=declined)


def choose_question(
    evaluation: Evaluation,
    answers: Mapping[str, str],
    *,
    declined: Collection[str] = (),
    changes: Sequence[Alternative] | None = None,
) -> str | None:
    """:func:`next_question` for ``answers`` that are evaluated; ``changes`` are those of all keys, if known."""
    interview = evaluation.rules.interview
    asked = (evaluation.answers.keys() - interview.known).union(declined)
    left = interview.most - len(asked)
    if left <= 0:
        return None
    return Choice(evaluation, _open_keys(evaluation, answers, declined), left, changes).key()


def open_questions(
    answers: Mapping[str, str], *, rules: Rules | None = None, declined: Collection[str] = ()
) -> tuple[str, ...]:
    """The unanswered keys of which a single answer could still change the result, the likeliest first."""
    evaluation = evaluate(rules if rules is not None else load_rules(), answers)
    keys = _open_keys(evaluation, answers, declined)
    chances = _chances(evaluation.changes(keys), evaluation.option)
    return tuple(sorted(chances, key=lambda key: (-chances[key], keys.index(key))))


@dataclass(frozen=True)
class Choice:
    """The choice of a question among ``open_keys``, of which ``left`` may still be put; ``changes`` are known ones."""

    evaluation: Evaluation
    open_keys: Sequence[str]
    left: int
    changes: Sequence[Alternative] | None = None

    def key(self) -> str | None:
        """The question to put, None when none can change the result."""
        core = self.core()
        if core is not None:
            return core
        unsafe = self.unsafe(self.evaluation.option, self.evaluation.answers)
        if len(unsafe) >= self.left:
            return self.most_frequent(unsafe)
        return self.likeliest()

    def core(self) -> str | None:
        """The first open question of the core that counts for what this provider offers."""
        core = self.evaluation.rules.interview.core
        return next((key for key in core if key in self.open_keys and self.counts(key)), None)

    def counts(self, key: str) -> bool:
        """Whether any answer to ``key`` tells apart the outcomes that are offered, by points or by a veto."""
        rules, offered = self.evaluation.rules, self.evaluation.offered
        if len(offered) < 2:
            return False
        places = [SCORED.index(option) for option in offered]
        by_points = any(len({factor.points[place] for place in places}) > 1 for factor in rules.factors[key].values())
        return by_points or any(not set(offered).isdisjoint(veto.exclude) for veto in rules.vetoes_on[key])

    def unsafe(self, option: Option, answers: Mapping[str, str]) -> dict[str, int]:
        """The open questions with an answer that rules ``option`` out for safety, and how many of 100 give it.

        ``answers`` are those so far. Advice that can turn out to be unsafe may fall back on IMAP: then what IMAP alone
        must be checked for is among them.
        """
        if option is Option.NONE:
            return {}
        found = self.ruling_out({option}, answers)
        return self.ruling_out({option, Option.IMAP}, answers) if found else found

    def ruling_out(self, options: set[Option], answers: Mapping[str, str]) -> dict[str, int]:
        """The open questions with an answer that rules out any of ``options`` for safety, with their shares."""
        found: dict[str, int] = {}
        watched = options.intersection(self.evaluation.offered)
        for key in self.open_keys:
            if key in answers:
                continue
            vetoes = [
                veto
                for veto in self.evaluation.rules.vetoes_on[key]
                if veto.kind == "safety" and not watched.isdisjoint(veto.exclude)
            ]
            for value, factor in self.evaluation.rules.factors[key].items() if vetoes else ():
                changed = {**answers, key: value}
                if any(veto.holds(changed) for veto in vetoes):
                    found[key] = found.get(key, 0) + factor.share
        return found

    def most_frequent(self, shares: Mapping[str, int]) -> str | None:
        """The key with the largest of ``shares``; the earlier one in a tie."""
        return max(shares, key=lambda key: (shares[key], -self.open_keys.index(key)), default=None)

    def likeliest(self) -> str | None:
        """The question that most likely changes the result and leaves room for the checks that may follow."""
        evaluation, open_keys = self.evaluation, self.open_keys
        if self.changes is None:
            changes = evaluation.changes(open_keys)
        else:
            changes = [change for change in self.changes if change.factor.key in open_keys]
        chances, early = _chances(changes, evaluation.option), evaluation.rules.interview.early
        checks: dict[str, int] = {}
        for key in sorted(chances, key=lambda key: (key not in early, -chances[key], open_keys.index(key))):
            needed = self.checks_after(key, changes)
            if not needed:
                return key
            for check, share in needed.items():
                checks[check] = max(share, checks.get(check, 0))
        return self.most_frequent(checks)

    def checks_after(self, key: str, changes: Iterable[Alternative]) -> dict[str, int]:
        """What would have to be asked after ``key`` if there were room for it; nothing when there is room."""
        missing: dict[str, int] = {}
        for factor, option in changes:
            if factor.key == key:
                unsafe = self.unsafe(option, {**self.evaluation.answers, key: factor.value})
                if len(unsafe) > self.left - 1:
                    missing.update(unsafe)
        return missing


def _open_keys(evaluation: Evaluation, answers: Mapping[str, str], declined: Collection[str]) -> list[str]:
    """The keys that may be asked, in the order of the rules: not what questions.yaml leaves out or does not have."""
    from wizard.interview.questions import left_out, load_questions

    questions = load_questions()
    asked = {question.key for question in questions if question.asked}
    closed = {*evaluation.answers, *declined, *left_out(questions, answers), *evaluation.rules.interview.known}
    return [key for key in evaluation.rules.keys if key in asked and key not in closed]


def _chances(changes: Iterable[Alternative], option: Option) -> dict[str, int]:
    """For each key how many of 100 answers change the outcome; a change of the protocol counts double."""
    chances: dict[str, int] = {}
    for factor, new_option in changes:
        weight = 1 if new_option.protocol is option.protocol else 2
        chances[factor.key] = chances.get(factor.key, 0) + weight * factor.share
    return chances
