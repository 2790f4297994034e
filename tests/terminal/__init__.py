"""A real pseudo-terminal with the program in it, seen as a person sees it: a screen of so many columns."""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pytest

from tests.in_process import INTERRUPTIBLE

try:
    import pexpect
    import pyte
except ImportError:  # Windows has no pseudo-terminals; the other tests of this directory run there
    pexpect = pyte = None

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

UP, DOWN, ENTER, SHIFT_TAB, CTRL_C, CTRL_D, SPACE = "\x1b[A", "\x1b[B", "\r", "\x1b[Z", "\x03", "\x04", " "


class Terminal:
    """``arguments`` after ``mail-wizard``. The screen keeps what scrolled away in ``history``."""

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        env: Mapping[str, str],
        cwd: Path,
        columns: int = 80,
        lines: int = 50,
        command: Sequence[str] = (sys.executable, "-m", "wizard"),
    ) -> None:
        if pexpect is None:
            pytest.skip("pexpect or pyte is not installed")
        self.screen = pyte.HistoryScreen(columns, lines, history=5000, ratio=0.5)
        self._stream = pyte.Stream(self.screen)
        self.raw = ""
        self._child = pexpect.spawn(
            command[0],
            [*command[1:], *map(str, arguments)],
            env=dict(env),
            cwd=str(cwd),
            dimensions=(lines, columns),
            encoding="utf-8",
            timeout=30,
            **INTERRUPTIBLE,
        )
        self._child.delaybeforesend = None  # keys are sent only when the program waits for them
        self._child.ptyproc.delayafterclose = self._child.ptyproc.delayafterterminate = 0.01

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        if self._child.isalive():
            self._child.kill(signal.SIGKILL)
        self._child.close(force=True)

    def _read(self, seconds: float) -> bool:
        try:
            text = self._child.read_nonblocking(65536, timeout=seconds)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.raw += text
        self._stream.feed(text)
        return True

    @property
    def alive(self) -> bool:
        """Whether the program still runs."""
        return self._child.isalive()

    @property
    def shown(self) -> str:
        """What can be seen now."""
        return "\n".join(line.rstrip() for line in self.screen.display).rstrip()

    @property
    def everything(self) -> str:
        """What can be seen, and above it what has scrolled away."""
        width = self.screen.columns
        above = ["".join(line[x].data for x in range(width)).rstrip() for line in self.screen.history.top]
        return "\n".join([*above, self.shown])

    def see(self, *texts: str, seconds: float = 30, moving: bool = False) -> str:
        """Wait until all ``texts`` can be seen, whatever the line breaks; what is shown then.

        ``moving``: it is drawn anew all the time, so nobody waits until it stands still.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            alive = self._read(0.05)
            flat = " ".join(self.shown.split())
            if all(" ".join(text.split()) in flat for text in texts):
                if not moving:
                    self._settle()
                return self.shown
            if not alive:
                break
        missing = [text for text in texts if text not in " ".join(self.shown.split())]
        raise AssertionError(f"not seen: {missing}\n--- screen\n{self.everything}\n---")

    def see_any(self, *texts: str, seconds: float = 30) -> str:
        """Wait until one of ``texts`` can be seen; what is shown then."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            alive = self._read(0.05)
            if any(text in self.shown for text in texts):
                self._settle()
                return self.shown
            if not alive:
                break
        raise AssertionError(f"none of {texts} seen\n--- screen\n{self.everything}\n---")

    def _settle(self) -> None:
        """Let the program finish drawing: keys sent while it draws would reach nobody."""
        pause = 0.02 if Path(f"/proc/{self._child.pid}/stat").exists() else 0.06
        quiet = 0
        while quiet < 2:
            before = len(self.raw)
            if not self._read(pause):
                return
            quiet = quiet + 1 if len(self.raw) == before and not self._at_work() else 0

    def _at_work(self) -> bool:
        """Whether the program computes, or waits for its turn to (proc_pid_stat(5), on Linux)."""
        try:
            stat = Path(f"/proc/{self._child.pid}/stat").read_text(encoding="utf-8")
        except OSError:
            return False
        return stat.rpartition(")")[2].split()[0] in ("R", "D")

    def press(self, *keys: str) -> None:
        """Send keys, one after the other."""
        for key in keys:
            self._child.send(key)
            self._settle()

    def interrupt(self) -> None:
        """Ctrl-C, without waiting for what it does."""
        self._child.send(CTRL_C)

    def pick(self, label: str, *, limit: int = 40) -> None:
        """Move down until the pointer stands on the line that begins with ``label``, then press Enter."""
        for _time in range(limit):
            if any(line.lstrip().startswith(("> ", ">")) and label in line for line in self.shown.splitlines()):
                self.press(ENTER)
                return
            self.press(DOWN)
        raise AssertionError(f"the pointer never reached {label!r}\n--- screen\n{self.shown}\n---")

    def resize(self, columns: int, lines: int) -> None:
        self._child.setwinsize(lines, columns)
        self.screen.resize(lines, columns)
        self._settle()

    def end(self, seconds: float = 30) -> int:
        """Read until the program ends; its exit code (128 + n after signal n)."""
        deadline = time.monotonic() + seconds
        while self._read(0.1):
            assert time.monotonic() < deadline, f"the program did not end\n{self.shown}"
        self._child.close()
        return 128 + self._child.signalstatus if self._child.exitstatus is None else self._child.exitstatus
