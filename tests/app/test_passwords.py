"""Where a password comes from has bounds: a program or a descriptor that never ends, never stops, or is held open."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

import pytest

from tests.in_process import INTERRUPTIBLE
from wizard.app import passwords
from wizard.app.passwords import PasswordSource
from wizard.model.problems import ExitCode, Problem

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="programs of POSIX")


def from_command(*words: str) -> str:
    import shlex

    return PasswordSource(command=shlex.join(words)).read(pytest.fail).reveal().decode()


def refused(source: PasswordSource) -> str:
    with pytest.raises(Problem) as caught:
        source.read(pytest.fail)
    assert caught.value.exit_code is ExitCode.USAGE
    return str(caught.value)


def test_the_first_line_counts_and_what_follows_is_forgotten():
    assert from_command("printf", "secret\\r\\nlogin: anna\\n") == "secret"


def test_a_child_that_holds_the_pipe_is_not_waited_for():
    assert from_command("sh", "-c", "sleep 300 & echo $! >&2; echo secret") == "secret"


def test_a_program_that_never_ends_is_ended(monkeypatch, tmp_path):
    monkeypatch.setattr(passwords, "PATIENCE", 1.0)
    source = PasswordSource(command=f"sh -c 'echo $$ >{tmp_path}/pid; echo secret; exec sleep 300'")
    assert refused(source) == "--password-command: “sh” did not end within 1 seconds, so there is no password."
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


@pytest.mark.parametrize("command", ["yes", "cat /dev/zero"])
def test_a_program_that_never_stops_writing_is_ended(command):
    assert "wrote more than 64 KiB, so there is no password" in refused(PasswordSource(command=command))


def test_a_descriptor_that_gives_nothing_or_no_end_of_a_line(monkeypatch):
    monkeypatch.setattr(passwords, "PATIENCE", 0.2)
    reading, writing = os.pipe()
    assert "gave no line within 0 seconds" in refused(PasswordSource(descriptor=reading))
    os.close(writing)
    reading, writing = os.pipe()
    threading.Thread(target=os.write, args=(writing, b"x" * 70_000)).start()
    monkeypatch.setattr(passwords, "PATIENCE", 60)
    assert "gave more than 64 KiB without the end of a line" in refused(PasswordSource(descriptor=reading))


INTERRUPTED = """
import sys
from wizard import interruption
from wizard.app.passwords import PasswordSource
interruption.install()
interruption.begin()
PasswordSource(command=sys.argv[1]).read(None)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_program_too(number):
    command = "sh -c 'echo $$ >&2; exec sleep 300'"
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, command], stderr=subprocess.PIPE, text=True, **INTERRUPTIBLE
    )
    assert process.stderr is not None
    child = int(process.stderr.readline())
    process.send_signal(number)
    process.stderr.read()
    assert process.wait() in (128 + number, -number)
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)
