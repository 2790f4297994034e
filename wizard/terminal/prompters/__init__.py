"""Who asks: arrow keys where a terminal can redraw, numbers where it cannot, nobody where nobody may be asked."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TextIO

from wizard.terminal.prompters.common import Prompter

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Prompter", "choose_prompter"]


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
