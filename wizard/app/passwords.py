"""Where a password for a check comes from: the terminal, a command, or a descriptor. It ends up in a Secret alone."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.language import translate as _
from wizard.model.problems import Place, Problem
from wizard.model.secret import Secret
from wizard.model.text import printable

if TYPE_CHECKING:
    from collections.abc import Callable

COMMAND, DESCRIPTOR = "--password-command", "--password-fd"
_LIMIT = 64 * 1024  # bytes
_CHUNK = 4096  # bytes


@dataclass(frozen=True, slots=True)
class PasswordSource:
    """``command``: a program with its arguments, whose first line of output it is. ``descriptor``: a file descriptor.

    Neither: the person is asked.
    """

    command: str | None = None
    descriptor: int | None = None

    @property
    def asks(self) -> bool:
        """Whether somebody has to type it."""
        return self.command is None and self.descriptor is None

    def read(self, ask: Callable[[], Secret]) -> Secret:
        """The password; ``ask`` asks a person. Raises Problem with the option, and whatever ``ask`` raises."""
        if self.command is not None:
            return _not_empty(_from_command(self.command), COMMAND)
        if self.descriptor is not None:
            return _not_empty(_from_descriptor(self.descriptor), DESCRIPTOR)
        return ask()


def _not_empty(secret: Secret, option: str) -> Secret:
    if not len(secret):
        raise Problem(_("It gave no password: the first line is empty."), place=Place(key=option))
    return secret


def _first_line(data: bytes) -> Secret:
    return Secret(data.split(b"\n", 1)[0].removesuffix(b"\r"))


def _from_command(command: str) -> Secret:
    """The first line of what a program prints. No shell: what is quoted is one argument, and nothing is replaced."""
    import shlex
    import subprocess

    place = Place(key=COMMAND)
    try:
        words = shlex.split(command, posix=os.name != "nt")
    except ValueError as error:
        raise Problem(_("The command cannot be read: {reason}.").format(reason=str(error)), place=place) from None
    if not words:
        raise Problem(_("The command is empty."), place=place)
    program = printable(words[0], 100)
    try:
        done = subprocess.run(words, stdout=subprocess.PIPE, check=False)
    except (OSError, ValueError) as error:
        reason = printable(getattr(error, "strerror", None) or str(error))
        raise Problem(
            _("“{program}” cannot be started: {reason}.").format(program=program, reason=reason), place=place
        ) from None
    if done.returncode != 0:
        raise Problem(
            _("“{program}” ended with exit code {code}, so there is no password.").format(
                program=program, code=done.returncode
            ),
            place=place,
        )
    return _first_line(done.stdout)


def _from_descriptor(descriptor: int) -> Secret:
    data = b""
    try:
        while b"\n" not in data and len(data) < _LIMIT:
            chunk = os.read(descriptor, _CHUNK)
            if not chunk:
                break
            data += chunk
    except OSError as error:
        raise Problem(
            _("Descriptor {number} cannot be read: {reason}.").format(
                number=descriptor, reason=printable(error.strerror or str(error))
            ),
            place=Place(key=DESCRIPTOR),
        ) from None
    return _first_line(data)
