"""Signals: noted, raised where they may be, taken, held, and never lost."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.in_process import INTERRUPTIBLE

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

BEGIN = """
import asyncio, gc, os, signal, sys, threading, time, weakref
from wizard import interruption
def send(number=signal.SIGINT): os.kill(os.getpid(), number)
"""
LOOP = """
interruption.install()
interruption.begin()
"""


@pytest.fixture
def after(tmp_path) -> Callable[..., list[str]]:
    """The lines that a process prints which runs this code."""

    def run(code: str, begin: str = BEGIN + LOOP, **how: object) -> list[str]:
        done = subprocess.run(
            [sys.executable, "-c", begin + code],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            **{**INTERRUPTIBLE, **how},
        )
        return [*done.stdout.splitlines(), *done.stderr.splitlines()[-1:], str(done.returncode)]

    return run


@pytest.mark.parametrize("kind", ["__del__", "weakref"])
def test_what_python_drops_comes_again(after, kind):
    code = {
        "__del__": "class Thing:\n    def __del__(self): send()\nthing = Thing()\ndel thing\n",
        "weakref": "class Thing: pass\nthing = Thing()\nseen = weakref.ref(thing, lambda _ref: send())\ndel thing\n",
    }[kind]
    code += "try:\n    time.sleep(30)\nexcept KeyboardInterrupt: print('raised')\n"
    assert after(code) == ["raised", "0"]


def test_a_block_that_is_held_is_finished_first(after):
    code = """
try:
    with interruption.held:
        with interruption.held: send(signal.SIGTERM)
        print("whole")
    print("not here")
except interruption.Terminated as end: print(end.code, interruption.exit_code())
"""
    assert after(code) == ["whole", "143 143", "0"]


def test_what_came_before_the_beginning_is_raised_there(after):
    code = """
interruption.install()
send()
print("noted")
try: interruption.begin()
except KeyboardInterrupt: print("raised")
"""
    assert after(code, BEGIN) == ["noted", "raised", "0"]


def test_ctrl_c_that_skips_a_step_is_taken_and_sigterm_is_not(after):
    code = """
with interruption.skippable(): send(); print("not here")
print(interruption.exit_code())
with interruption.skippable():
    try: send()
    except BaseException: pass  # swallowed by somebody else
print(interruption.exit_code())
with interruption.skippable(): send(signal.SIGHUP)
"""
    assert after(code) == ["None", "None", "129"]


def test_what_was_swallowed_is_raised_at_the_next_look(after):
    code = """
try: send()
except BaseException: pass
try: interruption.check()
except KeyboardInterrupt: print("raised")
"""
    assert after(code) == ["raised", "0"]


def test_a_second_signal_does_not_break_into_cleaning_up(after):
    code = """
try:
    try: send()
    finally:
        send(); send(signal.SIGTERM)
        print("cleaned up")
except KeyboardInterrupt: print(interruption.exit_code())
"""
    assert after(code) == ["cleaned up", "130", "0"]


def test_an_event_loop_is_cancelled_and_closes_everything(after):
    code = """
async def work():
    try:
        send(signal.SIGTERM)
        await asyncio.sleep(30)
    finally:
        await asyncio.sleep(0.01)
        print("closed")
interruption.run(work())
"""
    assert after(code) == ["closed", "143"]


def test_a_signal_that_the_parent_ignores_stays_ignored(after):
    import signal

    code = "send(); send(signal.SIGHUP); print('still here')\n"

    def ignoring() -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    assert after(code, preexec_fn=ignoring) == ["still here", "0"]
