"""One run of the command line: parse, call, and turn whatever goes wrong into a sentence and an exit code."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from wizard import interruption, language
from wizard.cli.commands import group, with_command
from wizard.cli.streams import OutputLost, ReaderGone, give_up
from wizard.language import translate as _
from wizard.model.problems import ExitCode, Place, Problem
from wizard.model.text import printable

if TYPE_CHECKING:
    from collections.abc import Sequence


def run(words: Sequence[str]) -> int:
    """Run the command named by ``words`` and return the exit code. Nothing but a bug ends in a traceback."""
    code: object = None
    raised: BaseException | None = None
    try:
        interruption.begin()
        if language.active() != "en":
            _translate_click()
        _check_text(words)
        code = group().main(with_command(words), prog_name="mail-wizard", standalone_mode=False)
        if sys.stdout is not None:
            sys.stdout.flush()
        interruption.gate.closed = True
    except BaseException as error:
        interruption.gate.closed = True  # what is left is short, and nothing breaks into it
        raised = error
    if (signalled := interruption.exit_code()) is not None:
        said = raised.text if isinstance(raised, Problem) and raised.exit_code is ExitCode.INTERRUPTED else ""
        return report(ExitCode(signalled), said or _("Interrupted."), None, as_json="--json" in words)
    return _ended(raised, words) if raised is not None else code if isinstance(code, int) else ExitCode.DONE


def _check_text(words: Sequence[str]) -> None:
    """Raise Problem for an argument that cannot be decoded in this system's encoding, unless such a file exists."""
    for word in words:
        value = word.partition("=")[2] if word.startswith("--") else word
        if any("\ud800" <= character <= "\udfff" for character in value) and not os.path.lexists(value):
            raise Problem(
                _("“{word}” is not text in the encoding of this system ({encoding}).").format(
                    word=printable(word, 80), encoding=sys.getfilesystemencoding()
                )
            )


def _ended(raised: BaseException, words: Sequence[str]) -> int:
    """Report what ended the run; the exit code."""
    as_json = "--json" in words
    if isinstance(raised, OSError) and raised.filename and "--debug" not in words:
        from wizard.resources.path_problems import of_path

        raised = of_path(raised)
    if isinstance(raised, Problem):
        return report(raised.exit_code, raised.text, raised.place, as_json=as_json)
    if isinstance(raised, click.ClickException):
        hint = _hint(raised) if isinstance(raised, click.UsageError) else ""
        return report(ExitCode.USAGE, _click_text(raised), None, as_json=as_json, hint=hint)
    if isinstance(raised, KeyboardInterrupt | click.Abort):
        return report(ExitCode.INTERRUPTED, _("Interrupted."), None, as_json=as_json)
    if isinstance(raised, BrokenPipeError | ReaderGone):
        give_up()  # the reader of our output went away (| head): not an error worth a word
        return int(ExitCode.DONE)
    if isinstance(raised, OutputLost):
        give_up()
        text = _("Standard output cannot be written: {reason}.").format(reason=raised.reason)
        if raised.closed:
            text = _("Standard output is closed.")
        return report(ExitCode.UNEXPECTED, text, None, as_json=False)
    if not isinstance(raised, Exception) or "--debug" in words:
        raise raised
    return report(ExitCode.UNEXPECTED, _unexpected(raised), None, as_json=as_json)


def report(code: ExitCode, text: str, place: Place | None, *, as_json: bool, hint: str = "") -> int:
    """Say what went wrong: a sentence on stderr, and with ``--json`` a document on stdout."""
    text = printable(text, 2000)
    shown = text if place is None or not str(place) else f"{printable(str(place))}: {text}"
    with suppress(OSError, ValueError):  # nobody can be told: the terminal hung up
        sys.stderr.write(_laid_out("mail-wizard: " + shown) + "\n" + hint)
    if as_json:
        from wizard.cli.common import print_json

        where = None if place is None else {"file": place.file, "line": place.line, "key": place.key}
        try:
            print_json({"schema": 1, "error": {"code": code.name.lower(), "text": text, "where": where}})
        except (OSError, OutputLost, ReaderGone):
            give_up()  # what went wrong has been said
    return int(code)


def _laid_out(sentence: str) -> str:
    """Wrapped between words on a terminal, which would break them; one line for everything that reads lines."""
    if not sys.stderr.isatty():
        return sentence
    import shutil

    from wizard.terminal.wrapping import wrap

    return "\n".join(wrap(sentence, max(20, min(80, shutil.get_terminal_size().columns) - 1)))


def _click_text(error: click.ClickException) -> str:
    text = error.format_message().strip()
    return text if text.endswith((".", "?", "!")) else text + "."


def _hint(error: click.UsageError) -> str:
    name = error.ctx.command_path if error.ctx is not None else "mail-wizard"
    return _("Try “{command} --help”.").format(command=name) + "\n"


def _unexpected(error: Exception) -> str:
    return _(
        "An unexpected error occurred in this program: {error}. Nothing was changed after it. "
        "Please run the same command with --debug and report what it prints."
    ).format(error=printable(f"{type(error).__name__}: {error}", 200))


def _translate_click() -> None:
    """Let click find its own texts in our catalogue: it asks gettext's default domain."""
    import gettext
    from pathlib import Path

    os.environ["LANGUAGE"] = language.active()
    gettext.bindtextdomain(language.DOMAIN, str(Path(language.__file__).parent / "locale"))
    gettext.textdomain(language.DOMAIN)
