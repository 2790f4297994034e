"""The options that several commands share, each written once."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from wizard.cli.commands import apply_options, version_option
from wizard.cli.network import network_options
from wizard.cli.signing import signer_of, signing_options
from wizard.language import LANGUAGES
from wizard.language import translate as _
from wizard.model.password_store import PasswordStore
from wizard.model.problems import Place, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from wizard.app.plan import Request
    from wizard.discovery.context import LookUpOptions
    from wizard.interview.answers import Answers
    from wizard.terminal.prompters import Prompter
    from wizard.terminal.screen import Screen

Command = TypeVar("Command", bound="Callable[..., Any]")


@dataclass(frozen=True, slots=True)
class Manners:
    """How this run talks: the options that every command has."""

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


def manners(command: Command) -> Command:
    """The options that every command has; they arrive as one :class:`Manners`."""
    import functools

    @functools.wraps(command)
    def wrapped(
        *,
        as_json: bool,
        plain: bool,
        color: str,
        no_input: bool,
        verbose: bool,
        **rest: Any,
    ) -> Any:
        return command(manners=Manners(as_json, plain, color, no_input, verbose), **rest)

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
        click.option("-v", "--verbose", is_flag=True, help=_("Say more about what is done.")),
        click.option("--debug", is_flag=True, hidden=True, expose_value=False),
    ]
    made: Any = wrapped
    for option in reversed(options):
        made = option(made)
    made.__click_params__.insert(0, version_option())
    return made  # type: ignore[no-any-return] # the decorators of click are not typed precisely enough


def answer_options(command: Command) -> Command:
    """--answers, --set, --save-answers, --defaults, --scoring."""
    options = [
        click.option("--answers", metavar=_("FILE"), help=_("Answers from a YAML or JSON file; - is standard input.")),
        click.option(
            "--set",
            "sets",
            metavar=_("KEY=VALUE"),
            multiple=True,
            help=_("One answer; wins over the file. Repeatable."),
        ),
        click.option("--save-answers", metavar=_("FILE"), type=Path, help=_("Write the answers to a file.")),
        click.option(
            "--scoring", metavar=_("FILE"), type=Path, help=_("Your own criteria instead of the built-in ones.")
        ),
    ]
    return apply_options(command, options)


def writing_options(command: Command) -> Command:
    """What decides the contents and the place of files."""
    options = [
        click.option(
            "--output", metavar=_("DIR"), help=_("Where to write: a directory, a file, or - for standard output.")
        ),
        click.option("--force", is_flag=True, help=_("Overwrite files that exist.")),
        click.option("--dry-run", is_flag=True, help=_("Do everything but write.")),
        click.option("--name", metavar=_("NAME"), help=_("Your name, as others see it in your messages.")),
        click.option("--protocol", type=click.Choice(["imap", "pop3"]), help=_("Instead of what the advice says.")),
        click.option(
            "--leave-days",
            metavar=_("N"),
            type=click.IntRange(0, 3650),
            help=_("Days that POP3 leaves messages on the server (0: remove at once)."),
        ),
        click.option(
            "--password-store",
            type=click.Choice([one.value for one in PasswordStore]),
            default=PasswordStore.PASS.value,
            help=_("Where terminal programs get the password: “pass” if you do not say. It is never in a file."),
        ),
        click.option(
            "--templates", metavar=_("DIR"), type=Path, help=_("Your own templates, by name before the built-in ones.")
        ),
        *signing_options(),
    ]
    return apply_options(command, options)


def request_options(command: Command) -> Command:
    """All options of the commands that write files; they arrive, checked, as one Request beside ``address``."""
    import functools

    @functools.wraps(command)
    def wrapped(
        *,
        address: str | None,
        answers: str | None,
        sets: tuple[str, ...],
        name: str | None,
        look_up: LookUpOptions,
        templates: Path | None,
        save_answers: Path | None,
        scoring: Path | None,
        output: str | None,
        force: bool,
        dry_run: bool,
        protocol: str | None,
        leave_days: int | None,
        password_store: str,
        sign: Path | None,
        sign_key: Path | None,
        sign_chain: Path | None,
        **rest: Any,
    ) -> Any:
        from wizard.app.plan import Request

        own = own_templates(templates)  # first: answers are checked against the questions in it
        request = Request(
            address=address,
            answers=read_given(answers, sets, name),
            save_answers=save_answers,
            scoring=scoring,
            look_up=replace(look_up, templates=own),
            output=output,
            force=force,
            dry_run=dry_run,
            protocol=protocol,
            leave_days=leave_days,
            accept=look_up.accepted,
            password_store=PasswordStore(password_store),
            templates=own,
            signer=signer_of(sign, sign_key, sign_chain),
        )
        return command(request=request, **rest)

    made: Any = answer_options(network_options(writing_options(wrapped)))
    return click.argument("address", metavar=_("[ADDRESS]"), required=False)(made)  # type: ignore[no-any-return]


def require_one_product(manners: Manners, request: Request) -> None:
    """Raise Problem when both a document and a file are to go to standard output, which holds one thing alone."""
    if manners.as_json and request.output == "-" and not request.dry_run:
        raise Problem(
            _("With --json the document goes to standard output; give the file another place with --output."),
            place=Place(key="--output"),
        )


def read_given(answers: str | None, sets: tuple[str, ...], name: str | None = None) -> Answers:
    """The answers of the command line: the file's, ``--set`` above them, and ``--name`` above both."""
    from wizard.interview.answers import Origin, check_answer, gather

    given = gather(answers, sets, clients=FormatIds())
    if name is None:
        return given
    return given.with_("name", check_answer("name", name, Place("--name")), Origin.SET)


class FormatIds(Collection[str]):
    """The ids of the formats, read from their file only when an answer names one."""

    def _all(self) -> list[str]:
        from wizard.export.registry import formats

        return [one.id for one in formats()]

    def __contains__(self, word: object) -> bool:
        return word in self._all()

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())


def own_templates(directory: Path | None) -> Path | None:
    """The directory of ``--templates``, whose questions count from now on; raises Problem when it is none."""
    if directory is None:
        return None
    if not directory.is_dir():
        raise Problem(_("There is no such directory."), place=Place(str(directory), key="--templates"))
    from wizard.interview.questions import use_own_questions

    use_own_questions(directory)
    return directory
