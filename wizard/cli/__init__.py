"""The command ``mail-wizard``. Nothing here is imported before it is used: start-up time is a feature."""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING

from wizard import interruption, language

if TYPE_CHECKING:
    from collections.abc import Sequence


COLLECTION_THRESHOLD = 100_000
"""New objects before the garbage collector looks through them. Nearly all that a run makes are modules and classes,
which stay: looking at them every 700 objects, as by default, is a fifth of the work of a short run."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave the process with its exit code."""
    own_process = arguments is None
    if own_process:
        interruption.install()
        from wizard.cli import streams

        streams.prepare()
        gc.set_threshold(COLLECTION_THRESHOLD)
    from wizard.cli.run import run

    words = list(sys.argv[1:] if arguments is None else arguments)
    language.activate(language.choose(_wanted_language(words), os.environ))
    code = run(words)
    if own_process:
        interruption.end()
        gc.freeze()  # what is left is not searched for garbage at the end of the process either
    sys.exit(code)


def _wanted_language(words: Sequence[str]) -> str | None:
    """The value of ``--lang`` before anything is parsed: the help and the errors of parsing are translated too."""
    for position, word in enumerate(words):
        if word == "--":
            return None
        if word.startswith("--lang="):
            return word.partition("=")[2]
        if word == "--lang" and position + 1 < len(words):
            return words[position + 1]
    return None
