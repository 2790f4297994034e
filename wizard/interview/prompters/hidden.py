"""A password from the person, typed where nobody can read it: it is shown nowhere, not even as stars."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from wizard.language import translate as _
from wizard.model.problems import Problem
from wizard.model.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable


def ask_hidden(stdin: TextIO | None, stderr: TextIO, ask: str, say: Callable[[str], None]) -> Secret:
    """What is typed behind ``ask``, asked again while it is empty. Raises KeyboardInterrupt at the end of the input."""
    while True:
        try:
            secret = _read(stdin, stderr, ask)
        except EOFError:
            raise KeyboardInterrupt from None
        except ValueError:
            say(_("That was not readable text (UTF-8); please type it again."))
            continue
        if len(secret):
            return secret
        say(_("The password is empty."))


def _read(stdin: TextIO | None, stderr: TextIO, ask: str) -> Secret:
    if stdin is not None and not stdin.isatty():  # --plain, with the answers in a pipe
        print(ask, end=" ", file=stderr, flush=True)
        line = stdin.readline()
        print(file=stderr)
        if not line:
            raise EOFError
        return Secret(line.rstrip("\r\n"))
    import getpass
    import warnings

    with warnings.catch_warnings():
        # Where the terminal cannot be kept from showing it, getpass would go on with a warning.
        warnings.simplefilter("error", getpass.GetPassWarning)
        try:
            return Secret(getpass.getpass(ask + " ", stream=stderr))
        except getpass.GetPassWarning:
            pass
    raise Problem(_("This terminal would show the password. Give it with --password-command or --password-fd."))
