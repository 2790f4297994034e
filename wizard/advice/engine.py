"""Answers in, advice out. Facts of the provider and dangers to the mail rule options out; points decide the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.advice.compiled import unpack
from wizard.advice.explanation import explain_choice
from wizard.advice.questions import choose_next
from wizard.advice.rules import SCORED, load_rules
from wizard.model.recommendation import Confidence, Option, Recommendation

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from wizard.advice.compiled import State
    from wizard.advice.rules import Rules


def recommend(
    answers: Mapping[str, str],
    *,
    rules: Rules | None = None,
    declined: Collection[str] = (),
    skip: Collection[str] | None = None,
    explain: bool = True,
) -> Recommendation:
    """The advice for ``answers`` (question key -> value), in the active language.

    Keys without a line in the rules count for nothing, as absent ones do. ``declined`` keys (“I don't know”) and
    ``skip`` keys (default: what questions.yaml leaves out) are never the next question; there is none after as many
    answers as the interview may ask for. Without ``explain`` only outcome, scores, runner-up, days and confidence are
    filled in. Raises Problem for a value that the rules do not know.
    """
    rules = rules if rules is not None else load_rules()
    state = rules.compiled.state(answers)
    known = {key: value for key, value in answers.items() if key in rules.lines}
    scores = dict(zip(SCORED, unpack(rules.compiled.total(state.plain, state.grouped)), strict=True))
    standing = Standing(rules, state, known, scores)
    runner_up = standing.runner_up()
    leave = next((rule for rule in rules.leave_days if rule.when.holds(known)), None) if standing.keeps else None
    plain = Recommendation(
        option=state.option,
        confidence=standing.confidence(),
        scores=scores,
        runner_up=runner_up,
        leave_days=leave.days if leave is not None else None,
    )
    if not explain:
        return plain
    flips = rules.compiled.flips(state, range(len(rules.compiled.keys)))
    asking = choose_next(rules, state, known, declined=declined, skip=skip, flips=flips)
    return explain_choice(plain, rules, state, known, flips, leave=leave, next_question=asking)


class Standing:
    """Who is in the race: what facts, known answers, or only missing ones rule out."""

    def __init__(self, rules: Rules, state: State, answers: Mapping[str, str], scores: Mapping[Option, int]) -> None:
        self.winner = state.option
        self.scores = scores
        self.by_fact: set[Option] = set()
        self.by_answer: set[Option] = set()
        self.by_silence: set[Option] = set()
        for veto in rules.fired(state):
            if veto.kind == "fact":
                self.by_fact.update(veto.exclude)
            else:
                (self.by_silence if veto.assumed(answers) else self.by_answer).update(veto.exclude)
        self.clear, self.leaning = rules.clear, rules.leaning

    @property
    def keeps(self) -> bool:
        return self.winner is Option.POP_KEEP

    def _best(self, out: set[Option]) -> Option | None:
        left = [option for option in SCORED if option is not self.winner and option not in out]
        return max(left, key=lambda option: self.scores[option], default=None)

    def runner_up(self) -> Option | None:
        """The best outcome that is not ruled out; else the best that only a missing answer rules out."""
        if self.winner is Option.NONE:
            return None
        out = self.by_fact | self.by_answer
        return self._best(out | self.by_silence) or self._best(out)

    def confidence(self) -> Confidence:
        """How far the winner leads; an answer that safety overrules, or one that is missing, makes it less clear."""
        if self.winner is Option.NONE:
            return Confidence.CLEAR
        rival, overruled = self._best(self.by_fact | self.by_answer), self._best(self.by_fact)
        margin = self.scores[self.winner] - self.scores[rival] if rival is not None else self.clear
        if overruled is not None and self.scores[overruled] > self.scores[self.winner]:
            margin = min(margin, self.leaning)
        if margin >= self.clear:
            return Confidence.CLEAR
        return Confidence.LEANING if margin >= self.leaning else Confidence.CLOSE
