"""The plain prompter: numbered lines on one stream, answers from another, nothing redrawn."""

from __future__ import annotations

import io
from typing import Any

import pytest

from wizard.interview.steps import BACK, UNKNOWN, Checkbox, Choice, Select, Text
from wizard.model.problems import InputNeeded
from wizard.terminal.prompters.plain import PlainPrompter

CHOICES = (Choice("one", "On one computer only"), Choice("two", "On two", "a hint"), Choice("three", "3D"))


class Typed(io.StringIO):
    """Lines that a person types on a terminal: it shows them itself, and its end is Ctrl-D."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


def where(text: str = "Where?", choices: tuple[Choice, ...] = CHOICES, **more: Any) -> Select:
    return Select(id="where", text=text, choices=choices, **more)


def which(**more: Any) -> Checkbox:
    return Checkbox(id="which", text="Which?", choices=CHOICES, **more)


def typing(text: str = "Name?", **more: Any) -> Text:
    return Text(id="name", text=text, **more)


def plain(*lines: str, terminal: bool = True) -> tuple[PlainPrompter, io.StringIO]:
    shown = io.StringIO()
    feed = "".join(line + "\n" for line in lines)
    return PlainPrompter(Typed(feed) if terminal else io.StringIO(feed), shown), shown


def select(*lines: str, **more: object):
    prompter, shown = plain(*lines)
    return prompter.ask(where(**more)), shown.getvalue()


def test_choices_are_numbered_one_a_line_and_the_moves_are_choices_too() -> None:
    _picked, shown = select("1", unknown=True, why="Because.", back=True, position="3 of about 7")
    assert shown == (
        "\n"
        "Where?                                                             3 of about 7\n"
        "  1. On one computer only\n"
        "  2. On two (a hint)\n"
        "  3. 3D\n"
        "  4. I don't know\n"
        "  5. Why do we ask?\n"
        "  6. Back\n"
        "Number: "
    )


@pytest.mark.parametrize(
    ("typed", "picked"),
    [
        ("1", "one"),
        (" 2 ", "two"),
        ("002", "two"),
        ("two", "two"),
        ("TWO", "two"),
        ("on two (a hint)", "two"),
        ("On One Computer Only", "one"),
        ("4", UNKNOWN),
        ("i DON'T know", UNKNOWN),
        ("6", BACK),
        ("<", BACK),
        ("back", BACK),
    ],
)
def test_a_number_a_label_a_value_or_a_sign_is_accepted(typed: str, picked: object) -> None:
    assert select(typed, unknown=True, why="Because.", back=True)[0] == picked


@pytest.mark.parametrize("typed", ["", "0", "7", "-1", "1.5", "99999999999", "²", "perhaps", "<script>", "\x1b[A"])
def test_anything_else_is_asked_again_with_one_sentence(typed: str) -> None:
    picked, shown = select(typed, "1", unknown=True, why="Because.", back=True)
    assert picked == "one"
    assert shown.count("Please type a number from 1 to 6.") == 1
    assert shown.count("Where?") == 1


def test_signs_mean_nothing_where_their_move_is_not_offered() -> None:
    picked, shown = select("<", "?", "1")
    assert picked == "one"
    assert shown.count("Please type a number from 1 to 3.") == 2


@pytest.mark.parametrize("typed", ["?", "5", "Why do we ask?"])
def test_why_is_answered_and_the_question_stays(typed: str) -> None:
    picked, shown = select(typed, "2", unknown=True, why="Because it matters.", back=True)
    assert picked == "two"
    assert "Because it matters." in shown


def test_enter_alone_takes_the_preselected_answer_and_says_so_before() -> None:
    picked, shown = select("", default="two")
    assert picked == "two"
    assert "Number (Enter alone: 2): " in shown
    assert select("", default=UNKNOWN, unknown=True)[0] is UNKNOWN


def test_enter_alone_takes_nothing_when_nothing_is_preselected() -> None:
    assert select("", "3", default="gone")[0] == "three"


def test_a_text_is_checked_and_asked_again_with_one_sentence() -> None:
    prompter, shown = plain("anna", "anna@example.org ")
    check = lambda text: None if "@" in text else "There is no @ in it."  # noqa: E731
    assert (
        prompter.ask(typing("Your e-mail address", validate=check, instruction="such as a@b.org")) == "anna@example.org"
    )
    assert shown.getvalue().count("There is no @ in it.") == 1
    assert "(such as a@b.org)" in shown.getvalue()


def test_a_text_has_a_default_and_a_way_back() -> None:
    assert plain("")[0].ask(typing(default="Anna")) == "Anna"
    assert plain("Bruno")[0].ask(typing(default="Anna")) == "Bruno"
    assert plain("<")[0].ask(typing(back=True)) is BACK
    assert plain("<")[0].ask(typing()) == "<"
    assert plain("")[0].ask(typing()) == ""


@pytest.mark.parametrize(
    ("typed", "picked"),
    [
        ("1,3", ("one", "three")),
        ("3 1", ("one", "three")),
        ("3, 1,3", ("one", "three")),
        ("two", ("two",)),
        ("On one computer only", ("one",)),
        ("0", ()),
        ("", ("two",)),
        ("<", BACK),
    ],
)
def test_several_answers_are_numbers_with_commas_or_spaces(typed: str, picked: object) -> None:
    prompter, _shown = plain(typed)
    assert prompter.ask(which(default=("two",), back=True)) == picked


def test_too_few_and_unknown_numbers_are_asked_again() -> None:
    prompter, shown = plain("0", "1,9", "x", "1")
    assert prompter.ask(which(at_least=1)) == ("one",)
    assert shown.getvalue().count("Please choose at least one.") == 1
    assert shown.getvalue().count("Please type numbers from 1 to 3, with commas between.") == 2
    assert "0 means none" not in shown.getvalue()


def test_ctrl_d_on_a_terminal_breaks_off() -> None:
    with pytest.raises(KeyboardInterrupt):
        select()


def test_piped_input_that_ran_out_ends_with_exit_code_3_and_says_what_is_missing() -> None:
    prompter, _shown = plain("9", terminal=False)
    with pytest.raises(InputNeeded, match="“Where\\?” Give it with --set devices") as caught:
        prompter.ask(where(given_by="--set devices=…"))
    assert caught.value.exit_code == 3


def test_what_comes_out_of_a_pipe_is_shown_without_its_control_characters() -> None:
    prompter, shown = plain("\x1b[2Jone", "one", terminal=False)
    assert prompter.ask(where()) == "one"
    assert "\x1b" not in shown.getvalue()
    assert "Number: one\n" in shown.getvalue()


def test_bytes_that_are_no_text_are_asked_again() -> None:
    class OneBadLine(Typed):
        bad = True

        def readline(self, size: int = -1) -> str:
            if self.bad:
                self.bad = False
                raise UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte")
            return super().readline(size)

    shown = io.StringIO()
    assert PlainPrompter(OneBadLine("anna\n"), shown).ask(typing()) == "anna"
    assert "not readable text" in shown.getvalue()


@pytest.mark.parametrize("columns", [20, 40, 60, 80, 200])
def test_nothing_is_wider_than_the_terminal_and_no_word_is_lost(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    prompter, shown = plain("?", "1")
    long = (Choice("a", "A label that goes on and on, with many words", "and a hint"), Choice("b", "Short"))
    question = "A question that is rather long for such a terminal?"
    prompter.ask(where(question, long, why="x " * 40, unknown=True, position="3 of 7"))
    assert max(len(line) for line in shown.getvalue().replace(": ", ":\n").split("\n")) <= min(80, columns) - 1
    flat = " ".join(shown.getvalue().split())
    assert "A label that goes on and on, with many words (and a hint)" in flat
    assert "A question that is rather long for such a terminal?" in flat
    assert "3 of 7" in flat


def test_nothing_is_redrawn_or_coloured() -> None:
    prompter, shown = plain("x", "?", "1", "1,2", "Anna")
    prompter.ask(where(why="Because."))
    prompter.ask(which())
    prompter.ask(typing())
    prompter.say("A sentence.")
    assert not set(shown.getvalue()) & {"\x1b", "\r", "\b"}


def test_hostile_labels_cannot_reach_the_terminal() -> None:
    prompter, shown = plain("1")
    prompter.say("\x1b[31mred\x07")
    prompter.ask(where("\x1b]0;title\x07?", (Choice("a", "\x1b[2J"), Choice("b", "\u202eb"))))
    assert not set(shown.getvalue()) & {"\x1b", "\x07", "\u202e"}
