"""A password from the person, typed where nobody can read it: it is shown nowhere, not even as stars."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from wizard.language import translate as _
from wizard.model.problems import InputNeeded
from wizard.model.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable


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
            "What is typed here could be read on the screen, so no password is asked for. Give it to "
            "“mail-wizard doctor” with --password-command or --password-fd, or use another terminal."
        )
    )
