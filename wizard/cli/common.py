"""What every command has: the options that say how a run talks, and the way its result comes out."""

from __future__ import annotations

import functools
import inspect
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import click

from wizard.language import LANGUAGES
from wizard.language import translate as _

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from wizard.terminal.prompters import Prompter
    from wizard.terminal.screen import Screen

    Decorator = Callable[[Any], Any]

Command = TypeVar("Command", bound="Callable[..., Any]")


@dataclass(frozen=True, slots=True)
class CommonOptions:
    """How this run talks."""

    as_json: bool
    plain: bool
    color: str
    no_input: bool
    verbose: bool

    @property
    def may_ask(self) -> bool:
        """Whether a command that can do without asking should ask: somebody is there, and reads."""
        return not self.as_json and not self.no_input and sys.stdin.isatty() and sys.stderr.isatty()

    def screen(self, *, product: bool = False, margin: int = 0) -> Screen:
        """Where a person reads: standard error, or with ``product`` standard output; ``margin`` in columns."""
        from wizard.terminal.screen import Screen

        stream = sys.stdout if product else sys.stderr
        color = self._colored(os.environ, terminal=stream.isatty())
        return Screen(stream, color=color, plain=self.plain, margin=margin)

    def _colored(self, environ: Mapping[str, str], *, terminal: bool) -> bool:
        if self.color != "auto":
            return self.color == "always"
        return terminal and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb" and not self.plain

    def prompter(self) -> Prompter:
        """Who asks: arrow keys, numbers, or nobody."""
        from wizard.terminal.prompters import choose_prompter

        return choose_prompter(
            plain=self.plain,
            no_input=self.no_input,
            stdin=sys.stdin,
            stderr=sys.stderr,
            environ=os.environ,
            color=self.color,
        )

    def present(self, document: Callable[[], dict[str, Any]], show: Callable[[Screen], None]) -> None:
        """The result on standard output: as a JSON document with ``--json``, else as ``show`` draws it."""
        if self.as_json:
            print_json(document())
        else:
            show(self.screen(product=True))


def print_json(document: dict[str, Any]) -> None:
    """Print one JSON document on standard output: scripts read it. It is ASCII where the locale is not Unicode.

    Raises OutputLost when standard output is closed or full.
    """
    import json

    from wizard.cli.streams import is_unicode
    from wizard.model.text import escaped

    text = escaped(json.dumps(document, ensure_ascii=not is_unicode(sys.stdout), indent=2)) + "\n"
    buffer = getattr(sys.stdout, "buffer", None)
    if buffer is None:
        sys.stdout.write(text)
        return
    sys.stdout.flush()
    buffer.write(text.encode("utf-8", "backslashreplace"))
    buffer.flush()


def apply_options(command: Command, options: Sequence[Decorator]) -> Command:
    """``command`` with ``options``, which its help lists in this order."""
    decorated: Any = command
    for option in reversed(options):
        decorated = option(decorated)
    return decorated  # type: ignore[no-any-return] # the decorators of click are not typed precisely enough


def option_group(name: str, options: Sequence[Decorator], build: Callable[..., Any]) -> Callable[[Command], Command]:
    """A decorator that adds ``options``; they arrive as one value, ``name``.

    ``build`` makes it of the options (or values of other groups) that its parameters are called after.
    """
    keys = tuple(inspect.signature(build).parameters)

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def wrapped(**given: Any) -> Any:
            value = build(**{key: given.pop(key) for key in keys})
            return command(**{name: value}, **given)

        return apply_options(wrapped, options)  # type: ignore[return-value] # it stands for the command

    return decorate


def common_options(command: Command) -> Command:
    """The options that every command has; they arrive as ``common``, a :class:`CommonOptions`."""
    options = [
        click.option("--json", "as_json", is_flag=True, help=_("Print one JSON document on standard output.")),
        # Read in wizard.cli before anything is parsed; here it is checked and explained.
        click.option(
            "--lang",
            type=click.Choice(LANGUAGES),
            expose_value=False,
            help=_("The language: English or Italian."),
        ),
        click.option("--plain", is_flag=True, help=_("Numbered questions, nothing redrawn: for screen readers.")),
        click.option(
            "--color",
            type=click.Choice(["auto", "always", "never"]),
            default="auto",
            help=_("Colours (NO_COLOR is honoured)."),
        ),
        click.option("--no-input", is_flag=True, help=_("Never ask; what is missing ends with exit code 3.")),
        click.option("-v", "--verbose", is_flag=True, help=_("Show more detail.")),
        click.option("--debug", is_flag=True, hidden=True, expose_value=False),
    ]
    decorated: Any = option_group("common", options, CommonOptions)(command)
    decorated.__click_params__.insert(0, version_option())  # the last one in the help
    return decorated  # type: ignore[no-any-return] # as above


def version_option() -> click.Option:
    """``--version``, on the group and on every command."""
    return click.Option(
        ["--version"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        help=_("Show the version and exit."),
        callback=_print_version,
    )


def _print_version(context: click.Context, _option: click.Parameter, wanted: bool) -> None:  # noqa: FBT001 - click's signature
    if wanted and not context.resilient_parsing:
        from wizard import __version__

        sys.stdout.write(f"mail-wizard {__version__}\n")
        context.exit()
