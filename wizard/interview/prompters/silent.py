"""The prompter for ``--no-input``: every question is an error that names the option which answers it."""

from __future__ import annotations

from typing import NoReturn, TextIO

from wizard.interview.prompters.wording import columns, needed, wrapped


class SilentPrompter:
    """Never asks. Raises InputNeeded even when there is a default: a preselection is nobody's decision."""

    def __init__(self, stderr: TextIO) -> None:
        self._stderr = stderr

    @property
    def interactive(self) -> bool:
        return False

    def say(self, text: str) -> None:
        print("\n".join(wrapped(text, columns(self._stderr) - 1)), file=self._stderr)

    def text(self, message: str, *, given_by: str = "", **_rest: object) -> NoReturn:
        raise needed(message, given_by)

    def select(self, message: str, *_choices: object, given_by: str = "", **_rest: object) -> NoReturn:
        raise needed(message, given_by)

    def checkbox(self, message: str, *_choices: object, given_by: str = "", **_rest: object) -> NoReturn:
        raise needed(message, given_by)

    def secret(self, message: str, *, given_by: str = "", **_rest: object) -> NoReturn:
        raise needed(message, given_by)
