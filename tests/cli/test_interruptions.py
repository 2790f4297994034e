"""Signals at random moments: the exit code, the files and the kept answers say whether one was lost.

What counts does not depend on when the signal comes: either the run was over, and everything is there, or it ended
with the code of the signal, and what is there is whole.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from tests.in_process import INTERRUPTIBLE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals to send")

COUNT = int(os.environ.get("MAIL_WIZARD_INTERRUPTIONS", "500"))
SIGNALS = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}
FORMATS = "autoconfig,mobileconfig,thunderbird-qr,card,neomutt"
FILES = {
    *("config-v1.1.xml", "anna@libero.it.mobileconfig", "anna@libero.it.svg", "anna@libero.it.png"),
    *("anna@libero.it.html", "anna@libero.it.txt", "neomuttrc"),
}
SETUP = ["setup", "anna@libero.it", "--offline", "--set", f"clients={FORMATS}", "--name", "Anna", "--output", "out"]
COMMANDS = {
    "export": (
        ["export", "anna@libero.it", "--offline", "--format", FORMATS, "--output", "out"],
        "",
    ),
    "setup": ([*SETUP, "--plain"], "1\n" * 40),
}
STARTED = "from wizard import interruption as i; i.install(); import os; os.write({fd}, b'.'); import runpy; "
"""A signal before the first line of the program reaches Python alone; the test begins with that line."""
RUN = "import sys; sys.argv[0] = 'mail-wizard'; runpy.run_module('wizard', run_name='__main__', alter_sys=True)"


LOUD = re.compile("Traceback|Exception ignored|Warning|unexpected")


class Trial:
    """One run of ``command`` in ``folder`` that gets a signal after ``delay`` seconds (None: none)."""

    def __init__(
        self, command: str, folder: Path, environment: Mapping[str, str], words: Sequence[str] | None = None
    ) -> None:
        self.command, self.folder = command, folder
        self.words, self.typed = COMMANDS[command] if words is None else (words, "")
        folder.mkdir()
        self.state = folder / "state" / "mail-wizard"
        self.environment = {**environment, "XDG_STATE_HOME": str(folder / "state"), "HOME": str(folder)}
        self.code, self.errors, self.printed, self.unseen = 0, "", "", None

    def run(self, number: int | None, delay: float) -> Trial:
        reading, writing = os.pipe()
        (self.folder / "typed").write_text(self.typed)
        with (self.folder / "typed").open() as stdin, (self.folder / "errors").open("wb") as stderr:
            process = subprocess.Popen(
                [sys.executable, "-c", STARTED.format(fd=writing) + RUN, *self.words],
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=stderr,
                env=self.environment,
                cwd=self.folder,
                pass_fds=(writing,),
                **INTERRUPTIBLE,
            )
        os.close(writing)
        assert os.read(reading, 1) == b"."
        if number is not None:
            time.sleep(delay)
            process.send_signal(number)
        out, _none = process.communicate(timeout=60)
        os.close(reading)
        self.code, self.printed = process.returncode, out.decode()
        self.errors = (self.folder / "errors").read_text()
        return self

    @property
    def files(self) -> set[str]:
        """Everything in the directory of the output, part files and nameless ones of theirs too."""
        return {str(path.relative_to(self.folder / "out")) for path in (self.folder / "out").glob("**/*")}

    def fault(self, wanted: int | None, whole: Trial) -> str:
        """What is wrong with how it ended; empty where it ended well."""
        loud = [line for line in self.errors.splitlines() if LOUD.search(line)]
        if loud:
            return f"it did not end quietly: {loud}"
        if self.files and self.files != whole.files:
            return f"files: {sorted(self.files)}"
        if any(path.suffix in (".part", ".new") for path in self.folder.rglob("*")):
            return "a part file stays"
        contents = [path for path in self.files if self.content(path) != whole.content(path)]
        if contents:
            return f"not whole: {contents}"
        if self.code == 0:
            return "" if self.files and self.printed in (whole.printed, self.unseen) else "0, and it was not done"
        if self.code != wanted:
            return f"exit code {self.code}"
        return self._answers_fault()

    def content(self, name: str) -> bytes:
        # The files hold random identifiers nowhere: the same account gives the same bytes.
        return (self.folder / "out" / name).read_bytes()

    def _answers_fault(self) -> str:
        kept = self.state / "interrupted.json"
        said = str(kept.parent) in "".join(self.errors.split())
        if kept.exists() != said:
            return f"kept: {kept.exists()}, said: {said}"
        answered = sum(line.strip() == "1" for line in self.errors.splitlines()) if self.command == "setup" else 0
        if not kept.exists():
            return f"{answered} answers are lost" if answered and not self.files else ""
        answers = json.loads(kept.read_text())["answers"]
        if answers.get("clients") != FORMATS:
            return "the kept answers are others"
        return "" if len(answers) >= answered or self.files else f"{answered} answers, and kept {sorted(answers)}"


class Terminal(Trial):
    """The same with arrow keys in a terminal, where somebody keeps pressing Enter; a signal of 0 closes it."""

    def run(self, number: int | None, delay: float) -> Trial:
        import fcntl
        import pty
        import termios

        reading, writing = os.pipe()
        master, slave = pty.openpty()

        def lead() -> None:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.setsid()
            fcntl.ioctl(slave, termios.TIOCSCTTY, 0)

        process = subprocess.Popen(
            [sys.executable, "-c", STARTED.format(fd=writing) + RUN, *SETUP],
            stdin=slave, stdout=slave, stderr=slave, env=self.environment, cwd=self.folder,
            pass_fds=(writing,), preexec_fn=lead,
        )  # fmt: skip
        os.close(writing)
        os.close(slave)
        assert os.read(reading, 1) == b"."
        os.close(reading)
        os.set_blocking(master, False)
        deadline, heard = time.monotonic() + delay, b""
        while time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.02)
            with suppress(OSError):  # BlockingIOError, and EIO at the end
                os.write(master, b"\r")
                heard += os.read(master, 65536)
        if number:
            process.send_signal(number)
        else:
            os.close(master)
        while process.poll() is None:
            time.sleep(0.01)
            with suppress(OSError):
                heard += b"" if not number else os.read(master, 65536)
        if number:
            with suppress(OSError):
                heard += os.read(master, 65536)
            os.close(master)
        self.code, self.errors = process.returncode, heard.decode(errors="replace")
        self.unseen = self.printed  # it stands among what the terminal showed
        (self.folder / "shown").write_text(self.errors)
        return self

    def _answers_fault(self) -> str:
        kept = self.state / "interrupted.json"
        answers = json.loads(kept.read_text())["answers"] if kept.exists() else {}
        return "" if self.files or not answers or answers["clients"] == FORMATS else "the kept answers are others"


@pytest.mark.slow
def test_while_servers_are_looked_up(healthy, tmp_path):
    words = ["export", "anna@example.test", *healthy.options, "--format", "autoconfig,neomutt", "--output", "out"]

    def made(name: str) -> Trial:
        return Trial("export", tmp_path / name, healthy.environment, words)

    whole = made("whole").run(None, 0)
    assert whole.code == 0, whole.errors
    begun = time.monotonic()
    made("timed").run(None, 0)
    spent = time.monotonic() - begun
    chance = random.Random(18)
    numbers = list(itertools.islice(itertools.cycle(SIGNALS), COUNT // 10))
    plans = [(f"{index}", number, chance.uniform(0, 1.6)) for index, number in enumerate(numbers)]

    def ended(plan: tuple[str, int, float]) -> str:
        name, number, part = plan
        trial = made(name).run(number, part * spent)
        fault = trial.fault(SIGNALS[number], whole)
        return f"{number} {name}: {fault}\n{trial.errors[-900:]}" if fault else f"={trial.code}"

    with ThreadPoolExecutor(3) as pool:
        endings = list(pool.map(ended, plans))
    faults = [ending for ending in endings if not ending.startswith("=")]
    assert not faults, f"{len(faults)} of {len(plans)}\n" + "\n".join(faults[:9])
    assert {"=130", "=143", "=129"} <= set(endings)


@pytest.mark.slow
def test_a_terminal_with_arrow_keys(cli_environment, tmp_path):
    whole = Trial("setup", tmp_path / "whole", cli_environment).run(None, 0)
    chance = random.Random(18)
    count = COUNT // 10
    numbers = list(itertools.islice(itertools.cycle([*SIGNALS, 0]), count))
    plans = [(index, number, chance.uniform(0, 4)) for index, number in enumerate(numbers)]

    def ended(plan: tuple[int, int, float]) -> str:
        index, number, delay = plan
        trial = Terminal("setup", tmp_path / str(index), cli_environment).run(number, delay)
        fault = trial.fault(SIGNALS.get(number, 129), whole)
        return f"{number} {index}: {fault}\n{trial.errors[-900:]}" if fault else f"={trial.code}"

    with ThreadPoolExecutor(3) as pool:
        endings = list(pool.map(ended, plans))
    faults = [ending for ending in endings if not ending.startswith("=")]
    assert not faults, f"{len(faults)} of {count}\n" + "\n".join(faults[:9])


@pytest.mark.slow
def test_no_signal_is_lost_and_nothing_stays_half_written(cli_environment, tmp_path):
    numbers = itertools.count()
    whole = {name: Trial(name, tmp_path / f"whole-{name}", cli_environment).run(None, 0) for name in COMMANDS}
    spent = {}
    for name in COMMANDS:
        assert whole[name].code == 0, whole[name].errors
        assert whole[name].files == FILES
        begun = time.monotonic()
        Trial(name, tmp_path / f"timed-{name}", cli_environment).run(None, 0)
        spent[name] = time.monotonic() - begun
    chance = random.Random(18)
    plans = [
        (name, number, chance.uniform(0, 1.6))
        for name, number in itertools.islice(itertools.cycle(itertools.product(COMMANDS, SIGNALS)), COUNT)
    ]

    def ended(plan: tuple[str, int, float]) -> str:
        name, number, part = plan
        trial = Trial(name, tmp_path / str(next(numbers)), cli_environment).run(number, part * spent[name])
        fault = trial.fault(SIGNALS[number], whole[name])
        return f"{name} {number!r} {trial.folder.name}: {fault}\n{trial.errors[-300:]}" if fault else f"={trial.code}"

    with ThreadPoolExecutor(3) as pool:
        endings = list(pool.map(ended, plans))
    faults = [ending for ending in endings if not ending.startswith("=")]
    assert not faults, f"{len(faults)} of {COUNT}\n" + "\n".join(faults[:9])
    assert {"=130", "=143", "=129"} <= set(endings)
