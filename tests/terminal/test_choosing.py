"""Which prompter is chosen, and the one that asks nobody."""

from __future__ import annotations

import io
import sys

import pytest

from wizard.interview.steps import Checkbox, Choice, Password, Select, Text
from wizard.model.problems import InputNeeded
from wizard.terminal.prompters import choose_prompter
from wizard.terminal.prompters.common import columns, headline, wrapped
from wizard.terminal.prompters.plain import PlainPrompter, SilentPrompter


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def choose(*, plain: bool = False, no_input: bool = False, stdin: object = None, stderr: object = None, term: str = ""):
    return choose_prompter(
        plain=plain,
        no_input=no_input,
        stdin=stdin,  # type: ignore[arg-type]
        stderr=stderr or Terminal(),  # type: ignore[arg-type]
        environ={"TERM": term} if term else {},
    )


PIPE, TERMINAL = io.StringIO(), Terminal()


@pytest.mark.parametrize(
    ("wish", "kind"),
    [
        ({"no_input": True, "stdin": TERMINAL}, SilentPrompter),
        ({"no_input": True, "plain": True, "stdin": TERMINAL}, SilentPrompter),
        ({"stdin": None}, SilentPrompter),
        ({"stdin": PIPE}, SilentPrompter),
        ({"stdin": PIPE, "plain": True}, PlainPrompter),
        ({"stdin": TERMINAL, "plain": True}, PlainPrompter),
        ({"stdin": TERMINAL, "stderr": io.StringIO(), "term": "xterm"}, SilentPrompter),
    ],
)
def test_the_prompter_follows_the_options_and_the_terminals(wish: dict[str, object], kind: type) -> None:
    assert isinstance(choose(**wish), kind)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no TERM")
@pytest.mark.parametrize("term", ["", "dumb", "unknown"])
def test_a_terminal_that_cannot_redraw_gets_plain_questions(term: str) -> None:
    assert isinstance(choose(stdin=TERMINAL, term=term), PlainPrompter)


def test_a_closed_standard_input_is_nobody() -> None:
    closed = Terminal()
    closed.close()
    assert isinstance(choose(stdin=closed), SilentPrompter)


def test_the_silent_prompter_ends_every_question_with_the_option_that_answers_it() -> None:
    silent = SilentPrompter(io.StringIO())
    assert not silent.interactive
    for step in (
        Text(id="a", text="Your e-mail address", default="a@b.org", given_by="an address"),
        Select(id="a", text="Where?", choices=(Choice("a", "A"),), default="a", given_by="an address"),
        Checkbox(id="a", text="Which?", choices=(Choice("a", "A"),), default=("a",), given_by="an address"),
        Password(id="a", text="Password?", given_by="an address"),
    ):
        with pytest.raises(InputNeeded, match="Give it with an address") as caught:
            silent.ask(step)
        assert caught.value.exit_code == 3


def test_the_silent_prompter_still_says_what_there_is_to_say() -> None:
    stderr = io.StringIO()
    SilentPrompter(stderr).say("A sentence.")
    assert stderr.getvalue() == "A sentence.\n"


@pytest.mark.parametrize(
    ("given", "got"), [("40", 40), ("5", 20), ("300", 80), ("", 80), ("x", 80), ("0", 20), ("9" * 50, 80)]
)
def test_the_width_is_sensible_whatever_columns_says(given: str, got: int) -> None:
    assert columns(io.StringIO(), {"COLUMNS": given}) == got


def test_a_word_longer_than_the_line_is_broken_and_nothing_is_lost() -> None:
    lines = wrapped("see " + "x" * 50, 20, "  ")
    assert max(map(len, lines)) <= 20
    assert "".join("".join(lines).split()) == "see" + "x" * 50


def test_the_position_stands_at_the_edge_or_below() -> None:
    assert headline("Where?", "1 of 2", 30) == ["  Where?                1 of 2"]
    assert headline("Where is it now?", "1 of 2", 20) == ["  Where is it now?", "  (1 of 2)"]
