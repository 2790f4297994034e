"""The commands by name: the module each lives in is imported when it is called, its one-line help is here."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from wizard.cli.common import version_option
from wizard.language import mark
from wizard.language import translate as _
from wizard.model.problems import nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS = {
    "setup": mark("Set up an address, step by step (this is what runs without a command)."),
    "recommend": mark("POP3 or IMAP? The advice alone, from answers."),
    "discover": mark("The servers of an address, with where each was found."),
    "doctor": mark("Why does it not connect? What is wrong, and what to do."),
    "export": mark("Write the files for your mail programs."),
    "inspect": mark("What a settings file in any of these formats says."),
    "templates": mark("The templates that files are made from, to make your own."),
    "formats": mark("The formats that can be written, and the programs they are for."),
    "questions": mark("The questions of the wizard, with their keys and values."),
    "providers": mark("The providers that the program knows."),
}

GROUPS = frozenset({"templates"})
"""The commands that have commands of their own."""

# Options that take a value: needed to find the command's name among the words before anything is parsed.
# A test compares this with the options that the commands really have.
VALUE_OPTIONS = frozenset(
    {
        "--accept",
        "--account",
        "--answers",
        "--color",
        "--device",
        "--format",
        "--imap",
        "--ispdb",
        "--lang",
        "--leave-days",
        "--name",
        "--output",
        "--password-command",
        "--password-fd",
        "--password-store",
        "--pop3",
        "--program",
        "--protocol",
        "--report",
        "--resolver",
        "--save-answers",
        "--says",
        "--scoring",
        "--security",
        "--set",
        "--settings",
        "--sign",
        "--sign-chain",
        "--sign-key",
        "--smtp",
        "--templates",
        "--timeout",
        "--username",
    }
)


class LazyGroup(click.Group):
    """A group that imports a command's module only when that command runs."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command. Raises ReaderGone in place of BrokenPipeError, which click up to 8.1 ends with 1."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:  # a standard output of Windows, or of the program that calls us
            from wizard.cli.streams import ReaderGone

            raise ReaderGone from error

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"wizard.cli.{cmd_name}").command
        command.options_metavar = _("[OPTIONS]")  # click writes its own word, in English
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section(_("Commands")):
            formatter.write_dl([(name, _(text)) for name, text in COMMANDS.items()])


def with_command(words: Sequence[str]) -> list[str]:
    """The words with the command's name in front: options may stand before it, and ``setup`` may be left out."""
    position = _first_argument(words)
    if position is None:
        alone = [word for word in words if word in ("--help", "-h", "--version")]
        # The group knows these alone: --lang has had its effect already, and the others have none here.
        return alone or ["setup", *words]
    word = words[position]
    if word in GROUPS:  # its commands have the options, not the group
        return [*words[position:], *words[:position]]
    if word in COMMANDS:
        return [word, *words[:position], *words[position + 1 :]]
    meant = nearest(word, COMMANDS)
    if "@" not in word and meant is not None:
        raise click.UsageError(
            _("There is no command “{word}”.").format(word=word) + " " + _("Did you mean {word}?").format(word=meant)
        )
    return ["setup", *words]


def _first_argument(words: Sequence[str]) -> int | None:
    skip = False
    for position, word in enumerate(words):
        if skip:
            skip = False
        elif word == "--":
            return None
        elif not word.startswith("-") or word == "-":
            return position
        else:
            skip = word in VALUE_OPTIONS
    return None


def group() -> LazyGroup:
    """The command with all its subcommands."""
    commands = LazyGroup(
        name="mail-wizard",
        help=_(
            "From an e-mail address to good advice and working settings: which way of reading mail suits you "
            "(IMAP or POP3) and why, and ready files for your mail programs.\n\nRun it without a command to be asked "
            "a few questions."
        ),
        epilog=_("Each command has its own --help."),
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
        options_metavar=_("[OPTIONS]"),
        subcommand_metavar=_("[COMMAND] [ADDRESS]"),
        invoke_without_command=True,
    )
    commands.params.append(version_option())
    return commands
