"""The command's name is found among the words, wherever the options stand."""

from __future__ import annotations

from importlib import import_module

import click
import pytest

from wizard.cli.commands import COMMANDS, GROUPS, VALUE_OPTIONS, with_command


def _commands(command: click.Command):
    yield command
    for inner in getattr(command, "commands", {}).values():
        yield from _commands(inner)


def test_the_groups_are_those_commands_that_have_commands():
    assert {key for key in COMMANDS if isinstance(import_module(f"wizard.cli.{key}").command, click.Group)} == GROUPS


def test_every_option_that_takes_a_value_is_known_before_anything_is_parsed():
    found = {
        name
        for key in COMMANDS
        for command in _commands(import_module(f"wizard.cli.{key}").command)
        for option in command.params
        if isinstance(option, click.Option) and not option.is_flag
        for name in (*option.opts, *option.secondary_opts)
    }
    assert found == VALUE_OPTIONS


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ([], ["setup"]),
        (["--version"], ["--version"]),
        (["anna@gmx.net"], ["setup", "anna@gmx.net"]),
        (["--plain", "anna@gmx.net"], ["setup", "--plain", "anna@gmx.net"]),
        (["--lang", "it", "export", "anna@gmx.net"], ["export", "--lang", "it", "anna@gmx.net"]),
        (["--password-store", "oama", "export"], ["export", "--password-store", "oama"]),
        (["--set=devices=one", "recommend"], ["recommend", "--set=devices=one"]),
        (["--lang", "it", "templates", "list"], ["templates", "list", "--lang", "it"]),
        (["--", "export"], ["setup", "--", "export"]),
    ],
)
def test_options_may_stand_before_the_command(words, found):
    assert with_command(words) == found


def test_a_mistyped_command_is_not_taken_for_an_address():
    with pytest.raises(click.UsageError, match="Did you mean export"):
        with_command(["exprot", "anna@gmx.net"])
