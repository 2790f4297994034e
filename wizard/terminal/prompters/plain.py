"""Numbered questions and typed numbers: for screen readers, for terminals that cannot redraw, and for pipes.

Every line is written once and stays; nothing depends on colour or on where the cursor is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn, TextIO

from wizard.interview.steps import Move, too_few
from wizard.language import translate as _
from wizard.model.text import printable
from wizard.terminal.prompters import common

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.interview.steps import Back, Checkbox, Choice, NoAnswer, Password, Prompt, Select, Text
    from wizard.model.secret import Secret


class PlainPrompter(common.Prompter):
    """Writes to ``stderr``, reads lines from ``stdin``."""

    def __init__(self, stdin: TextIO, stderr: TextIO) -> None:
        self._stdin = stdin
        self._stderr = stderr
        self._terminal = stdin.isatty()

    def say(self, text: str) -> None:
        self._lines(common.wrapped(text, self._width))

    def _text(self, step: Text) -> str | Back:
        self._lines(["", *common.wrapped(step.text, self._width)])
        if step.instruction:
            self._lines(common.wrapped(f"({step.instruction})", self._width))
        if step.default:
            self._lines(common.wrapped(_("Enter alone means: {answer}").format(answer=step.default), self._width))
        if step.back:
            self._lines(common.wrapped(_("Type < to go back."), self._width))
        while True:
            typed = self._read(_("Answer:"), step.text, step.given_by)
            if typed is None:
                continue
            if typed == "<" and step.back:
                return Move.BACK
            answer = typed or step.default
            problem = step.validate(answer) if step.validate is not None else None
            if problem is None:
                return answer
            self.say(problem)

    def _select(self, step: Select) -> str | NoAnswer:
        extra = common.moves(unknown=step.unknown, why=bool(step.why), back=step.back)
        answers = _answers(step.choices)
        answers += [(move, move.value, label) for move, label in extra]
        preset = next((number for number, answer in enumerate(answers, 1) if answer[0] == step.default), None)
        ask = _("Number:") if preset is None else _("Number (Enter alone: {number}):").format(number=preset)
        self._lines(["", *common.headline(step.text, step.position, self._width, "")])
        self._numbered([label for _value, _word, label in answers])
        while True:
            typed = self._read(ask, step.text, step.given_by)
            picked = typed or str(preset or "")
            found = None if typed is None else _found(picked, answers, why=bool(step.why), back=step.back)
            if found is Move.WHY:
                self.say(step.why)
            elif found is not None:
                return found
            elif typed is not None:
                self.say(_("Please type a number from 1 to {last}.").format(last=len(answers)))

    def _checkbox(self, step: Checkbox) -> tuple[str, ...] | Back:
        answers = _answers(step.choices)
        preset = [str(number) for number, choice in enumerate(step.choices, 1) if choice.value in step.default]
        self._lines(["", *common.wrapped(step.text, self._width)])
        self._numbered([label for _value, _word, label in answers])
        self._checkbox_help(preset, back=step.back, at_least=step.at_least)
        while True:
            typed = self._read(_("Numbers:"), step.text, step.given_by)
            if typed is None:
                continue
            if typed == "<" and step.back:
                return Move.BACK
            words = preset if not typed else [] if typed == "0" else typed.replace(",", " ").split()
            # A label may have spaces in it, so the whole line is tried as one first.
            whole = _found(typed, answers) if typed else None
            picked = [whole] if whole is not None else [_found(word, answers) for word in words]
            if None in picked:
                self.say(_("Please type numbers from 1 to {last}, with commas between.").format(last=len(answers)))
            elif len(set(picked)) < step.at_least:
                self.say(too_few(step.at_least))
            else:
                return tuple(choice.value for choice in step.choices if choice.value in picked)

    def _password(self, step: Password) -> Secret:
        self._lines(["", *common.wrapped(step.text, self._width)])
        if step.instruction:
            self._lines(common.wrapped(step.instruction, self._width))
        return common.ask_hidden(self._stdin, self._stderr, _("Password (not shown):"), self.say)

    def _checkbox_help(self, preset: list[str], *, back: bool, at_least: int) -> None:
        lines = [_("Type the numbers that you want, with commas between.")]
        if preset:
            lines.append(_("Enter alone means: {answer}").format(answer=", ".join(preset)))
        if not at_least:
            lines.append(_("0 means none of them."))
        if back:
            lines.append(_("Type < to go back."))
        for line in lines:
            self._lines(common.wrapped(line, self._width))

    @property
    def _width(self) -> int:
        return common.columns(self._stderr) - 1

    def _numbered(self, labels: Sequence[str]) -> None:
        for number, label in enumerate(labels, 1):
            start = f"{number}. ".rjust(5)
            self._lines(common.wrapped(label, self._width, start, " " * 5))

    def _lines(self, lines: Sequence[str]) -> None:
        for line in lines:
            print(line, file=self._stderr)

    def _read(self, ask: str, message: str, given_by: str) -> str | None:
        """A line without spaces around it; None when it was not readable text and a sentence has said so."""
        print(ask, end=" ", file=self._stderr, flush=True)
        try:
            line = self._stdin.readline()
        except UnicodeDecodeError:
            self._lines([""])
            self.say(_("That was not readable text (UTF-8); please type it again."))
            return None
        if not self._stdin.isatty():
            self._lines([printable(line.strip(), 200)])  # nobody else shows what came out of a pipe
        if line == "":
            if self._terminal:  # also one that hung up meanwhile
                raise KeyboardInterrupt
            raise common.needed(message, given_by)
        return line.strip()


class SilentPrompter(common.Prompter):
    """Never asks. Raises InputNeeded even when there is a default: a preselection is nobody's decision."""

    interactive = False

    def __init__(self, stderr: TextIO) -> None:
        self._stderr = stderr

    def say(self, text: str) -> None:
        print("\n".join(common.wrapped(text, common.columns(self._stderr) - 1)), file=self._stderr)

    def ask(self, step: Prompt) -> NoReturn:
        raise common.needed(step.text, step.given_by)


def _answers(choices: Sequence[Choice]) -> list[tuple[str | Move, str, str]]:
    """For each choice the value, the word that stands for it when it is typed, and what is shown."""
    return [(choice.value, choice.value, choice.shown) for choice in choices]


def _found(
    typed: str, answers: Sequence[tuple[str | Move, str, str]], *, why: bool = False, back: bool = False
) -> str | Move | None:
    """What ``typed`` stands for: a number, a value, a label, or a sign (? and <)."""
    if typed.isascii() and typed.isdigit() and len(typed) < 6:
        return answers[int(typed) - 1][0] if 1 <= int(typed) <= len(answers) else None
    if typed == "?" and why:
        return Move.WHY
    if typed == "<" and back:
        return Move.BACK
    folded = typed.casefold()
    for value, word, label in answers:
        if folded in (word.casefold(), label.casefold()):
            return value
    return None
