"""What the prompters share: their few words, the wrapping of lines, and typing a password that nobody can read."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, TextIO

from wizard import interruption
from wizard.interview.steps import Checkbox, Move, Password, Select, Text
from wizard.language import translate as _
from wizard.model.problems import InputNeeded
from wizard.model.secret import Secret
from wizard.model.text import printable
from wizard.terminal.wrapping import columns as columns_of
from wizard.terminal.wrapping import wrap

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wizard.interview.steps import Back, NoAnswer, Prompt

WIDEST = 80
NARROWEST = 20
MARGIN = "  "


class Prompter:
    """Asks a person, or says that nobody may be asked (:class:`~wizard.terminal.prompters.plain.SilentPrompter`).

    Every question raises KeyboardInterrupt when the person breaks off, and InputNeeded when nobody can answer.
    """

    interactive = True
    """Whether somebody is there to answer."""

    def say(self, text: str) -> None:
        """Show paragraphs (divided by line breaks), wrapped to the terminal."""
        raise NotImplementedError

    def ask(self, step: Prompt) -> Any:
        """Put ``step``: what was answered (of a Password: a Secret that the caller wipes), or BACK or UNKNOWN."""
        interruption.check()
        if isinstance(step, Select):
            return self._select(step)
        if isinstance(step, Text):
            return self._text(step)
        if isinstance(step, Checkbox):
            return self._checkbox(step)
        assert isinstance(step, Password)
        return self._password(step)

    def _text(self, step: Text) -> str | Back:
        raise NotImplementedError

    def _select(self, step: Select) -> str | NoAnswer:
        raise NotImplementedError

    def _checkbox(self, step: Checkbox) -> tuple[str, ...] | Back:
        raise NotImplementedError

    def _password(self, step: Password) -> Secret:
        raise NotImplementedError


def columns(stream: TextIO, environ: Mapping[str, str] | None = None) -> int:
    """Columns to use on ``stream``: the terminal's (COLUMNS where there is none), 80 at most, 20 at least."""
    try:
        found = os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError, AttributeError):
        found = 0
    if found <= 0:
        given = (os.environ if environ is None else environ).get("COLUMNS", "")
        found = int(given) if given.isascii() and given.isdigit() and len(given) < 6 else WIDEST
    return max(NARROWEST, min(WIDEST, found))


def wrapped(text: str, width: int, indent: str = "", hanging: str | None = None) -> list[str]:
    """The lines of ``text`` in ``width`` columns; line breaks in it stay, control characters do not."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        rest = indent if hanging is None else hanging
        lines += wrap(printable(paragraph, 10_000), width, first=indent, rest=rest, long_words=True) or [""]
    return lines


def headline(message: str, position: str, width: int, indent: str = MARGIN) -> list[str]:
    """The lines of a question, how far one is at the right edge of its last line, or below where there is no room."""
    lines = wrapped(message, width, indent)
    if not position:
        return lines
    room = width - columns_of(lines[-1]) - columns_of(position)
    if room >= 2:
        return [*lines[:-1], lines[-1] + " " * room + position]
    return [*lines, *wrapped(f"({position})", width, indent)]


def moves(*, unknown: bool, why: bool, back: bool) -> list[tuple[Move, str]]:
    """What can be chosen besides the answers, in the order shown."""
    offered = [
        (unknown, Move.UNKNOWN, _("I don't know")),
        (why, Move.WHY, _("Why do we ask?")),
        (back, Move.BACK, _("Back")),
    ]
    return [(move, label) for there, move, label in offered if there]


def keys_for_select(*, back: bool, why: bool) -> str:
    """The help line below a question with choices."""
    if back and why:
        return _("Arrow keys move, Enter chooses, ? says why, Shift-Tab goes back.")
    if back:
        return _("Arrow keys move, Enter chooses, Shift-Tab goes back.")
    return _("Arrow keys move, Enter chooses, ? says why.") if why else _("Arrow keys move, Enter chooses.")


def keys_for_checkbox(*, back: bool) -> str:
    """The help line below a question with several answers."""
    if back:
        return _("Arrow keys move, Space switches on and off, Enter continues, Shift-Tab goes back.")
    return _("Arrow keys move, Space switches on and off, Enter continues.")


def keys_for_text(*, back: bool) -> str:
    """The help line below a question that is answered by typing."""
    return _("Type and press Enter; Shift-Tab goes back.") if back else ""


def nothing_chosen() -> str:
    """What stands for an empty selection."""
    return _("none")


def needed(message: str, given_by: str) -> InputNeeded:
    """The error for a question that nobody can answer."""
    question = printable(message.replace("\n", " "), 200)
    if given_by:
        return InputNeeded(
            _("An answer is needed, and nobody can be asked: “{question}” Give it with {option}.").format(
                question=question, option=given_by
            )
        )
    return InputNeeded(_("An answer is needed, and nobody can be asked: “{question}”").format(question=question))


def ask_hidden(stdin: TextIO | None, stderr: TextIO, ask: str, say: Callable[[str], None]) -> Secret:
    """What is typed behind ``ask``, asked again while it is empty.

    Raises KeyboardInterrupt at the end of the input, and InputNeeded where it would be shown: some terminals of Windows
    (mintty) are a pipe to the program, which cannot keep them from showing what is typed.
    """
    if stdin is not None and not stdin.isatty():
        raise _would_be_shown()
    while True:
        try:
            secret = _read(stderr, ask)
        except EOFError:
            raise KeyboardInterrupt from None
        except ValueError:
            say(_("That was not readable text (UTF-8); please type it again."))
            continue
        if len(secret):
            return secret
        say(_("The password is empty."))


def _read(stderr: TextIO, ask: str) -> Secret:
    import getpass
    import warnings

    with warnings.catch_warnings():
        # Where the terminal cannot be kept from showing it, getpass would go on with a warning.
        warnings.simplefilter("error", getpass.GetPassWarning)
        try:
            return Secret(getpass.getpass(ask + " ", stream=stderr))
        except getpass.GetPassWarning:
            raise _would_be_shown() from None


def _would_be_shown() -> InputNeeded:
    return InputNeeded(
        _(
            "What you type here would be visible on the screen, so you are not asked for a password. "
            "Give it to “mail-wizard doctor” with --password-command or --password-fd, or use "
            "another terminal."
        )
    )
