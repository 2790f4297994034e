"""Who asks: arrow keys where a terminal can redraw, numbers where it cannot, nobody where nobody may be asked."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Protocol, TextIO

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wizard.interview.steps import Back, Check, Choice, NoAnswer, Unknown
    from wizard.model.secret import Secret


class Prompter(Protocol):
    """Asks a person, or says that nobody may be asked.

    ``position`` says how far one is ("3 of about 7"); ``given_by`` names the option that gives the answer without
    asking ("--set devices=…"). Every question raises KeyboardInterrupt when the person breaks off, and InputNeeded
    when nobody can answer.
    """

    @property
    def interactive(self) -> bool:
        """Whether somebody is there to answer."""

    def say(self, text: str) -> None:
        """Show paragraphs (divided by line breaks), wrapped to the terminal."""

    def text(
        self,
        message: str,
        *,
        default: str = "",
        validate: Check | None = None,
        instruction: str = "",
        back: bool = False,
        given_by: str = "",
    ) -> str | Back:
        """A line of text without spaces around it, ready to be edited when ``default`` is given."""

    def select(
        self,
        message: str,
        choices: Sequence[Choice],
        *,
        default: str | Unknown | None = None,
        back: bool = False,
        why: str | None = None,
        unknown: bool = False,
        position: str = "",
        given_by: str = "",
    ) -> str | NoAnswer:
        """One of ``choices``; ``why`` is shown when asked for, and the question is put again."""

    def checkbox(
        self,
        message: str,
        choices: Sequence[Choice],
        *,
        default: Sequence[str] = (),
        back: bool = False,
        at_least: int = 0,
        given_by: str = "",
    ) -> tuple[str, ...] | Back:
        """Any of ``choices``, in their order; ``at_least`` so many."""

    def secret(self, message: str, *, instruction: str = "", given_by: str = "") -> Secret:
        """A password, not shown while it is typed, and never empty; whoever asked wipes it."""


def choose_prompter(
    *,
    plain: bool,
    no_input: bool,
    stdin: TextIO | None,
    stderr: TextIO,
    environ: Mapping[str, str],
    color: str = "auto",
) -> Prompter:
    """The prompter for this run. ``plain`` and ``no_input`` are the options, ``color`` is auto, always or never.

    Without a terminal nobody is asked, unless ``plain`` was given: then answers may come from a pipe.
    """
    from wizard.terminal.prompters.plain import PlainPrompter, SilentPrompter

    if no_input or stdin is None or stdin.closed:
        return SilentPrompter(stderr)
    if plain:
        return PlainPrompter(stdin, stderr)
    if not stdin.isatty() or not stderr.isatty():
        return SilentPrompter(stderr)
    if environ.get("TERM", "") in ("", "dumb", "unknown") and sys.platform != "win32":
        return PlainPrompter(stdin, stderr)
    return _with_arrows(stdin, stderr, environ, color) or PlainPrompter(stdin, stderr)


def _with_arrows(stdin: TextIO, stderr: TextIO, environ: Mapping[str, str], color: str) -> Prompter | None:
    """The prompter with arrow keys, or None where the console of Windows cannot redraw (Git Bash, for one)."""
    from wizard.terminal.prompters.arrows import ArrowPrompter

    colored = {"always": True, "never": False}.get(color)
    if colored is None and environ.get("NO_COLOR"):
        colored = False
    try:
        return ArrowPrompter(stdin, stderr, colored=colored)
    except _no_console():
        return None


def _no_console() -> tuple[type[Exception], ...]:
    if sys.platform == "win32":
        from prompt_toolkit.output.win32 import NoConsoleScreenBufferError

        return (NoConsoleScreenBufferError,)
    return ()
