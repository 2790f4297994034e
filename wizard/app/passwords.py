"""Where a password for a check comes from: the terminal, a command, or a descriptor. It ends up in a Secret alone."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING

from wizard.interruption import check, held
from wizard.language import translate as _
from wizard.model.problems import Place, Problem
from wizard.model.secret import Secret
from wizard.model.text import printable

if TYPE_CHECKING:
    from collections.abc import Callable
    from subprocess import Popen

COMMAND, DESCRIPTOR = "--password-command", "--password-fd"
LIMIT = 64 * 1024
"""Bytes that a program may print: the line, and whatever it says after it."""

PATIENCE = 120.0
"""Seconds: somebody may have to type something into a window of that program."""

_CHUNK = 4096  # bytes
_TICK, _GRACE = 0.1, 2.0  # seconds


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


class _Line:
    """The first line of a stream, read in a thread of its own, since it may never come.

    ``known`` is set once it is there (or will never be), ``ended`` once nothing further is read: at the end of the
    stream, and after LIMIT bytes, which is ``too_much``.
    """

    def __init__(self, descriptor: int, *, whole: bool, owner: object = None) -> None:
        """``whole``: what follows the line is read too, and forgotten. ``owner`` keeps the descriptor open."""
        from threading import Event, Thread

        self.known, self.ended, self.too_much = Event(), Event(), False
        self.error: OSError | None = None
        self._data = bytearray()
        self._descriptor, self._whole, self._owner = descriptor, whole, owner
        self._thread = Thread(target=self._read, name="password", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Let the thread come to its end, once the other end of the stream is closed: while Python shuts down, a thread
        that closes a file can crash the process. One that a child of the program keeps waiting stays behind, asleep.
        """
        self._thread.join(_GRACE)

    def _read(self) -> None:
        size = 0
        try:
            while (self._whole or not self.known.is_set()) and not self.too_much:
                chunk = os.read(self._descriptor, _CHUNK)
                if not chunk:
                    break
                size += len(chunk)
                self.too_much = size > LIMIT
                if not self.known.is_set():
                    self._data += chunk
                    if b"\n" in chunk:
                        self.known.set()
        except OSError as error:
            self.error = error
        self._owner = None
        self.known.set()
        self.ended.set()

    def secret(self) -> Secret:
        """The line without its end."""
        secret = Secret(bytes(self._data).split(b"\n", 1)[0].removesuffix(b"\r"))
        self._data[:] = bytes(len(self._data))
        return secret


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
    process = None
    try:
        with held:  # a program that was started is known, and ended below
            process = subprocess.Popen(words, stdout=subprocess.PIPE)
        return _printed_by(process, program)
    except (OSError, ValueError) as error:
        reason = printable(getattr(error, "strerror", None) or str(error))
        raise Problem(
            _("“{program}” cannot be started: {reason}.").format(program=program, reason=reason), place=place
        ) from None
    finally:
        if process is not None:
            _end(process)


def _printed_by(process: Popen[bytes], program: str) -> Secret:
    assert process.stdout is not None
    line = _Line(process.stdout.fileno(), whole=True, owner=process.stdout)
    try:
        return _secret_of(line, process, program)
    finally:
        _end(process)
        line.stop()


def _secret_of(line: _Line, process: Popen[bytes], program: str) -> Secret:
    place = Place(key=COMMAND)
    deadline = monotonic() + PATIENCE
    while process.poll() is None and not line.too_much:
        check()
        if monotonic() > deadline:
            text = _("“{program}” did not end within {seconds} seconds, so there is no password.")
            raise Problem(text.format(program=program, seconds=round(PATIENCE)), place=place)
        if line.ended.wait(_TICK):
            _wait_for(process)
    # A child of it may hold the pipe open for ever; what it has written itself is there at once.
    line.known.wait(_GRACE)
    if line.too_much:
        text = _("“{program}” wrote more than {size} KiB, so there is no password.")
        raise Problem(text.format(program=program, size=LIMIT // 1024), place=place)
    if process.returncode != 0:
        raise Problem(
            _("“{program}” ended with exit code {code}, so there is no password.").format(
                program=program, code=process.returncode
            ),
            place=place,
        )
    return line.secret()


def _wait_for(process: Popen[bytes]) -> None:
    """Wait a moment for a program that says nothing further."""
    from subprocess import TimeoutExpired

    with suppress(TimeoutExpired):
        process.wait(_TICK)


def _end(process: Popen[bytes]) -> None:
    """End a program that still runs: kindly first, since it may have changed the terminal."""
    from subprocess import TimeoutExpired

    if process.poll() is None:
        process.terminate()
        try:
            process.wait(_GRACE)
        except TimeoutExpired:
            process.kill()
            process.wait()


def _from_descriptor(descriptor: int) -> Secret:
    place = Place(key=DESCRIPTOR)
    line = _Line(descriptor, whole=False)
    deadline = monotonic() + PATIENCE
    while not line.known.wait(_TICK):
        check()
        if monotonic() > deadline:
            text = _("Descriptor {number} gave no line within {seconds} seconds.")
            raise Problem(text.format(number=descriptor, seconds=round(PATIENCE)), place=place)
    if line.error is not None:
        reason = printable(line.error.strerror or str(line.error))
        raise Problem(
            _("Descriptor {number} cannot be read: {reason}.").format(number=descriptor, reason=reason), place=place
        )
    if line.too_much:
        text = _("Descriptor {number} gave more than {size} KiB without the end of a line.")
        raise Problem(text.format(number=descriptor, size=LIMIT // 1024), place=place)
    return line.secret()
