"""The command line within the test process: its own streams, environment and working directory; then all is as before.

It is five to ten times as fast as a process of its own. What only a real process has (signals, descriptors, a broken
pipe, an interpreter of its own) is tested with one: ``run_cli(…, process=True)``.
"""

from __future__ import annotations

import contextvars
import gettext
import io
import os
import signal
import sys
import traceback
from contextlib import ExitStack, chdir
from functools import partial
from typing import TYPE_CHECKING, Any
from unittest import mock

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

# A shell that runs the tests in the background of a script makes them ignore Ctrl-C, and processes inherit that: those
# that a test interrupts begin with what the system does by default. Keywords of subprocess.Popen and pexpect.spawn.
INTERRUPTIBLE: dict[str, Any] = (
    {} if sys.platform == "win32" else {"preexec_fn": partial(signal.signal, signal.SIGINT, signal.SIG_DFL)}
)

OWN_FILES = ("--templates", "--scoring")


def run_in_process(
    arguments: Sequence[str], *, env: Mapping[str, str], cwd: Path, stdin: str | None
) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of ``mail-wizard ARGUMENTS``; ``stdin`` None: an empty one."""
    out, err = _Stream(), _Stream()
    read = io.TextIOWrapper(io.BytesIO((stdin or "").encode()), encoding="utf-8")
    domain = gettext.textdomain()
    with ExitStack() as stack:
        stack.enter_context(mock.patch.dict(os.environ, env, clear=True))
        stack.enter_context(chdir(cwd))
        for name, stream in (("stdin", read), ("stdout", out), ("stderr", err)):
            stack.enter_context(mock.patch.object(sys, name, stream))
            stack.enter_context(mock.patch.object(sys, f"__{name}__", stream))
        stack.callback(gettext.textdomain, domain)
        _forget(own_files=any(word.startswith(OWN_FILES) for word in arguments))
        code = contextvars.copy_context().run(_call, list(arguments))
    return code, out.text(), err.text()


class _Stream(io.TextIOWrapper):
    """A stream without a descriptor that keeps what is written."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8", newline="\n", write_through=True)

    def text(self) -> str:
        return self.buffer.getvalue().decode()


def _call(arguments: list[str]) -> int:
    from wizard.cli import main

    try:
        main(arguments)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    raise AssertionError("main() leaves with an exit code")


def _forget(*, own_files: bool) -> None:
    """What a new process would not know: the help texts in the last language, and what people's own files held."""
    for name in [name for name in sys.modules if name.startswith("wizard.cli")]:
        del sys.modules[name]
    if own_files:
        for module in [module for name, module in sys.modules.items() if name.startswith("wizard.")]:
            for value in vars(module).values():
                if hasattr(value, "cache_clear"):
                    value.cache_clear()
