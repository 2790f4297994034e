"""Questions with arrow keys, by questionary, with what it lacks: a way back, lines that wrap, our own language.

A question is erased once it is answered, and the answer printed in our words: questionary's own closing line is
English. Lines are wrapped here, since its lists cut them off. Never ``ask()``: it swallows Ctrl-C.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TextIO, cast

import questionary
from prompt_toolkit.input import create_input
from prompt_toolkit.key_binding import KeyBindings, merge_key_bindings
from prompt_toolkit.output import ColorDepth, create_output

from wizard import interruption
from wizard.interview.steps import Move
from wizard.language import translate as _
from wizard.model.text import printable
from wizard.terminal.prompters import common, drawing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wizard.interview.steps import Back, Checkbox, NoAnswer, Password, Select, Text
    from wizard.model.secret import Secret

# No colour carries a meaning: the pointer is a sign, what is switched on has an x, a problem is a sentence. Both
# colours are legible on black and on white.
STYLE = questionary.Style(
    [
        ("qmark", ""),
        ("question", "bold"),
        ("instruction", "nobold"),
        ("answer", "noinherit"),
        ("pointer", "fg:ansimagenta bold"),
        ("highlighted", "bold"),
        ("problem", "fg:ansired"),
    ]
)
MARGIN = common.MARGIN
POINTER = " >"
LABEL = " " * (len(POINTER) + 2)
"""Where labels begin: questionary puts a space before and after the pointer."""
BOX = " " * 4
"""As wide as [x] and the space behind it."""


class _WithoutBytes:
    """``stream`` without its bytes: prompt_toolkit would encode by itself, with “?” for whatever the encoding lacks."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        if name == "buffer":
            raise AttributeError(name)
        return getattr(self._stream, name)


class ArrowPrompter(common.Prompter):
    """Draws on ``stderr`` and reads keys from ``stdin``; both are terminals.

    ``colored``: None leaves it to the terminal. A question is drawn anew when the terminal changes its width.
    """

    def __init__(
        self,
        stdin: TextIO | None,
        stderr: TextIO,
        *,
        colored: bool | None = None,
    ) -> None:
        self._stderr = stderr
        self._output = create_output(cast("TextIO", _WithoutBytes(stderr)))
        self._input = create_input(stdin)
        if hasattr(self._output, "enable_cpr"):
            # Nothing here needs the position of the cursor, and a terminal that does not tell it makes
            # prompt_toolkit wait two seconds and print a warning in English.
            self._output.enable_cpr = False
        self._depth = {None: None, False: ColorDepth.DEPTH_1_BIT, True: ColorDepth.DEPTH_4_BIT}[colored]

    def say(self, text: str) -> None:
        self._print(self._wrapped(text))

    def _text(self, step: Text) -> str | Back:
        helps = (f"({step.instruction})" if step.instruction else "", common.keys_for_text(back=step.back))
        before: drawing.Typing | None = None
        while True:
            lines = self._wrapped("\n".join([step.text, *(line for line in helps if line)]))
            question = questionary.text(
                "\n".join(["", *lines, f"{MARGIN}>"]),
                default=printable(step.default),
                qmark=" ",
                style=STYLE,
                **self._drawing(),
            )
            typing = drawing.Typing(question.application, step.validate)
            if before is not None:
                typing.go_on_from(before)
            drawing.show_below(question.application, typing.problem, lambda: self._width)
            answer = self._run(question, drawing.keys_for_text(typing, back=step.back))
            if answer is not drawing.RESIZED:
                break
            before = typing
        if answer is not Move.BACK:
            self._echo(step.text, [answer])
        return answer  # type: ignore[no-any-return] # what keys_for_text() ends with: the text, or BACK

    def _select(self, step: Select) -> str | NoAnswer:
        extra = common.moves(unknown=step.unknown, why=bool(step.why), back=step.back)
        labels: dict[object, str] = {choice.value: choice.shown for choice in step.choices} | dict(extra)
        pointed: object = step.default
        while True:
            question = questionary.select(
                self._head(common.headline(printable(step.text, 1000), step.position, self._width)),
                choices=self._listed(labels.items(), before=len(step.choices)),
                instruction=self._help(common.keys_for_select(back=step.back, why=bool(step.why))),
                pointer=POINTER,
                qmark=" ",
                use_jk_keys=False,
                style=STYLE,
                **self._drawing(),
            )
            control = drawing.control_of(question.application)
            drawing.point_at(control, pointed)
            picked = self._run(question, drawing.keys_for_select(control, back=step.back, why=bool(step.why)))
            if picked not in (Move.WHY, drawing.RESIZED):
                break
            here = control.get_pointed_at().value
            pointed = pointed if here is Move.WHY else here
            if picked is Move.WHY:
                self._print(["", *self._wrapped(step.why)])
        if picked is not Move.BACK:
            self._echo(step.text, [labels[picked]])
        return picked  # type: ignore[no-any-return] # the value of a choice, BACK or UNKNOWN

    def _checkbox(self, step: Checkbox) -> tuple[str, ...] | Back:
        extra = common.moves(unknown=False, why=False, back=step.back)
        labels: dict[object, str] = {choice.value: choice.shown for choice in step.choices} | dict(extra)
        on, pointed = list(step.default), None
        while True:
            question = questionary.checkbox(
                self._head(self._wrapped(step.text)),
                choices=self._listed(labels.items(), before=len(step.choices)),
                instruction=self._help(common.keys_for_checkbox(back=step.back)),
                pointer=POINTER,
                qmark=" ",
                use_jk_keys=False,
                style=STYLE,
                **self._drawing(),
            )
            control = drawing.control_of(question.application)
            drawing.point_at(control, pointed)
            boxes = {choice.value: self._label(choice.shown, LABEL + BOX) for choice in step.choices}
            ticks = drawing.Ticks(control, boxes, on)
            drawing.show_below(question.application, ticks.problem, lambda: self._width)
            picked = self._run(question, drawing.keys_for_checkbox(ticks, back=step.back, at_least=step.at_least))
            if picked is not drawing.RESIZED:
                break
            on, pointed = ticks.picked, control.get_pointed_at().value
        if picked is Move.BACK:
            return Move.BACK
        self._echo(
            step.text, [choice.label for choice in step.choices if choice.value in picked] or [common.nothing_chosen()]
        )
        return tuple(picked)

    def _password(self, step: Password) -> Secret:
        self._print(["", *self._wrapped("\n".join(text for text in (step.text, step.instruction) if text))])
        return common.ask_hidden(None, self._stderr, MARGIN + _("Password (not shown):"), self.say)

    @property
    def _width(self) -> int:
        # The last column stays free: some terminals go to the next line as soon as it is written.
        return common.columns(self._stderr) - 1

    def _drawing(self) -> dict[str, Any]:
        return {
            "input": self._input,
            "output": self._output,
            "color_depth": self._depth,
            "erase_when_done": True,
        }

    def _run(self, question: questionary.Question, keys: KeyBindings) -> Any:
        app = question.application
        app.key_bindings = merge_key_bindings([app.key_bindings or KeyBindings(), keys])
        drawing.end_when_resized(app, lambda: self._width)
        self._stderr.flush()
        try:
            with interruption.told(drawing.end_when_told(app)):
                # Not by unsafe_ask(): the handler of prompt_toolkit loses a SIGINT that comes while a question ends.
                return app.run(handle_sigint=not interruption.gate.thread)
        except EOFError:
            raise KeyboardInterrupt from None

    def _head(self, lines: Sequence[str]) -> str:
        # An empty line above, where questionary writes its mark (a space here) and a space; it writes one after, too.
        return "\n".join(["", *lines]) + "\n"

    def _help(self, text: str) -> str:
        return "\n".join(self._wrapped(text))[1:]

    def _label(self, text: str, indent: str) -> str:
        return "\n".join(common.wrapped(text, self._width, indent))[len(indent) :]

    def _listed(self, labels: Iterable[tuple[object, str]], *, before: int) -> list[questionary.Choice]:
        """The lines of a list; an empty one divides the answers (``before`` of them) from the moves."""
        listed = [questionary.Choice(self._label(label, LABEL), value) for value, label in labels]
        if 0 < before < len(listed):
            listed.insert(before, questionary.Separator(" "))
        return listed

    def _wrapped(self, text: str) -> list[str]:
        return common.wrapped(text, self._width, MARGIN)

    def _echo(self, message: str, answers: Sequence[str]) -> None:
        """What stays on the screen of a question that is done."""
        lines = ["", *self._wrapped(message)]
        for answer in answers:
            lines += common.wrapped(answer, self._width, f"{MARGIN}> ", LABEL)
        self._print(lines)

    def _print(self, lines: Sequence[str]) -> None:
        print("\n".join(lines), file=self._stderr, flush=True)
