"""The questions in a real pseudo-terminal, seen as a person sees them: keys, narrow screens, both languages."""

from __future__ import annotations

import json
import re
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.terminal import CTRL_C, CTRL_D, DOWN, ENTER, SHIFT_TAB, SPACE, UP, Terminal
from tests.terminal.asker import ADDRESS_PROBLEM, LONG, MESSAGE, ORDER, WHY
from wizard import language
from wizard.interview.questions import question
from wizard.language import translate as _

if TYPE_CHECKING:
    from collections.abc import Callable

ASKER = Path(__file__).with_name("asker.py")
COLOURS = re.compile(r"\x1b\[(?:[\d;]*;)?(?:3[0-8]|4[0-8]|9\d|10[0-7])(?:;[\d;]*)?m")


@pytest.fixture
def opened(cli_environment, tmp_path) -> Callable[..., Terminal]:
    def made(scenario: str, *arguments: str, env: dict[str, str] | None = None, **how: object) -> Terminal:
        environment = {**cli_environment, **(env or {})}
        command = (sys.executable, str(ASKER))
        return Terminal([scenario, *arguments], env=environment, cwd=tmp_path, command=command, **how)

    return made


def result(terminal: Terminal) -> object:
    assert terminal.end() == 0, terminal.everything
    return json.loads(terminal.raw.rpartition("RESULT ")[2].strip())


def pointed(terminal: Terminal) -> str:
    """The line of the list that the pointer stands on: the last one with its sign."""
    return [line.strip() for line in terminal.shown.splitlines() if line.startswith("  > ")][-1].removeprefix("> ")


def choose(terminal: Terminal, label: str) -> None:
    """Move down to the line that begins with ``label`` (a question that was answered has such lines too), and Enter."""
    for _time in range(20):
        if pointed(terminal).startswith(label):
            terminal.press(ENTER)
            return
        terminal.press(DOWN)
    raise AssertionError(f"the pointer never reached {label!r}\n{terminal.shown}")


def flat(text: str) -> str:
    return " ".join(text.split())


# --- keys


def test_arrow_keys_move_and_enter_chooses(opened):
    with opened("interview") as terminal:
        terminal.see("Where do you read this mailbox?", "1 of about 4", "Arrow keys move")
        assert pointed(terminal) == "On one computer or phone only"
        terminal.press(DOWN, DOWN)
        assert pointed(terminal) == "On several devices equally"
        terminal.press(UP)
        assert pointed(terminal) == "On one main computer, and a glance on the phone"
        assert "the phone must not take any of it away" not in flat(terminal.shown)
        terminal.press(ENTER)
        shown = terminal.see("web browser", "(2 of about 4)")
        assert "> On one main computer, and a glance on the phone\n" in shown
        assert "the phone must not take any of it away" in flat(shown)
        terminal.press(ENTER)
        terminal.see("3 of about 4")
        terminal.press(ENTER)
        terminal.see("4 of about 4")
        terminal.press(DOWN, ENTER)
        assert result(terminal) == {
            "answers": {"devices": "main_plus_glance", "webmail": "never", "sent": "not_needed", "folders": "needed"},
            "declined": [],
        }


@pytest.mark.parametrize("way", ["Shift-Tab", "the visible choice"])
def test_going_back_preselects_the_earlier_answer(opened, way):
    with opened("interview") as terminal:
        terminal.see("Where do you read")
        terminal.press(DOWN, DOWN, ENTER)
        terminal.see("web browser", "Shift-Tab goes back")
        terminal.press(*([SHIFT_TAB] if way == "Shift-Tab" else [UP, ENTER]))
        terminal.see("1 of about 4")
        assert "2 of about 4" not in terminal.shown
        assert pointed(terminal) == "On several devices equally"
        assert "Back" not in terminal.shown.split("1 of about 4")[1]


def test_the_first_question_does_not_go_back(opened):
    with opened("interview") as terminal:
        before = terminal.see("Where do you read")
        terminal.press(SHIFT_TAB)
        assert terminal.shown == before


@pytest.mark.parametrize("way", ["?", "the visible choice"])
def test_why_is_told_and_the_question_put_again(opened, way):
    with opened("interview") as terminal:
        terminal.see("Where do you read")
        terminal.press(DOWN)
        terminal.press(*(["?"] if way == "?" else [DOWN, DOWN, DOWN, ENTER]))
        shown = terminal.see("One device can keep the mail for itself.")
        assert shown.count("Where do you read this mailbox?") == 1
        assert shown.index("One device") < shown.index("Where do you read")
        stayed = "On one main computer, and a glance on the phone"
        assert pointed(terminal) == (stayed if way == "?" else "On one computer or phone only")


@pytest.mark.slow
def test_not_knowing_is_a_choice_and_stays_preselected(opened):
    with opened("interview") as terminal:
        terminal.see("Where do you read")
        choose(terminal, "I don't know")
        assert "> I don't know\n" in terminal.see("web browser")
        terminal.press(SHIFT_TAB)
        terminal.see("1 of about 4")
        assert pointed(terminal) == "I don't know"
        terminal.press(ENTER)
        for number in (2, 3, 4):
            terminal.see(f"{number} of about 4")
            choose(terminal, "I don't know")
        assert result(terminal) == {"answers": {}, "declined": sorted(ORDER)}


@pytest.mark.parametrize("key", [CTRL_C, CTRL_D])
def test_breaking_off_carries_the_answers_and_leaves_a_clean_terminal(opened, key):
    with opened("interview") as terminal:
        terminal.see("Where do you read")
        terminal.press(ENTER)
        terminal.see("web browser")
        terminal.press(key)
        assert result(terminal) == {"interrupted": {"devices": "one"}}
        assert "Arrow keys" not in terminal.shown
        assert not terminal.screen.cursor.hidden


@pytest.mark.parametrize(
    ("key", "scenario"),
    [
        (CTRL_D, "text"),
        (CTRL_C, "checkbox"),
        *(pytest.param(*pair, marks=pytest.mark.slow) for pair in ((CTRL_C, "text"), (CTRL_D, "many"))),
    ],
)
def test_every_kind_of_question_can_be_broken_off(opened, key, scenario):
    with opened(scenario) as terminal:
        terminal.see("?" if scenario != "text" else "address")
        terminal.press(key)
        assert result(terminal) == "interrupted"


def test_letters_do_nothing_in_a_list(opened):
    with opened("interview") as terminal:
        before = terminal.see("Where do you read")
        terminal.press("j", "k", "a", "1", "\x12", "\x13", "\x11x", "\x1b5", "\x19", "\x1b[200~2\r\x1b[201~")
        assert terminal.shown == before


@pytest.mark.slow
def test_a_list_longer_than_the_screen_scrolls_with_the_pointer(opened):
    with opened("many", lines=12) as terminal:
        terminal.see("Which?", "Arrow keys move", "Line number 20")
        assert pointed(terminal) == "Line number 20"
        for _time in range(12):
            terminal.press(DOWN)
        assert pointed(terminal) == "Line number 2"
        assert "Which?" in terminal.shown
        terminal.press(ENTER)
        assert result(terminal) == "v2"


@pytest.mark.slow
def test_suspending_and_going_on(cli_environment, tmp_path):
    shell = shutil.which("bash")
    if shell is None:
        pytest.skip("there is no bash, and suspending needs a shell with jobs")
    environment = {**cli_environment, "PS1": "shell> ", "SHELL": shell}
    with Terminal(["--norc", "-i"], env=environment, cwd=tmp_path, command=(shell,)) as terminal:
        terminal.see("shell>")
        terminal.press(f"{sys.executable} {ASKER} interview", ENTER)
        terminal.see("Where do you read", "Arrow keys move")
        terminal.press(DOWN, "\x1a")
        terminal.see("Stopped", "shell>")
        terminal.press("fg", ENTER)
        deadline = time.monotonic() + 20
        while "Arrow keys move" not in terminal.shown.rpartition("fg")[2] and time.monotonic() < deadline:
            terminal.press()
            terminal._read(0.1)
        assert pointed(terminal) == "On one main computer, and a glance on the phone"
        terminal.press(CTRL_C)
        terminal.see("RESULT")
        terminal.press("exit", ENTER)
        terminal.end()


# --- text


def test_text_is_checked_while_it_is_typed(opened):
    with opened("text") as terminal:
        shown = terminal.see("Your e-mail address", "(such as anna@example.org)", "Shift-Tab goes back")
        assert ADDRESS_PROBLEM not in flat(shown)
        terminal.press("anna")
        terminal.see(ADDRESS_PROBLEM)
        terminal.press(ENTER)
        terminal.see("> anna", ADDRESS_PROBLEM)
        terminal.press("@")
        assert ADDRESS_PROBLEM not in flat(terminal.shown)
        terminal.press("example.org", ENTER)
        assert result(terminal) == "anna@example.org"
        assert "> anna@example.org" in terminal.shown


def test_enter_on_nothing_says_what_is_missing(opened):
    with opened("text") as terminal:
        terminal.see("Your e-mail address")
        terminal.press(ENTER)
        terminal.see(ADDRESS_PROBLEM)


@pytest.mark.parametrize("key", ["\x1b\r", "\x0f", "\x1b#"], ids=["Alt-Enter", "Ctrl-O", "Alt-#"])
def test_no_key_sends_a_wrong_text_off(opened, key):
    with opened("text") as terminal:
        terminal.see("Your e-mail address")
        terminal.press("anna", key)
        terminal.see(ADDRESS_PROBLEM)
        assert "RESULT" not in terminal.raw


def test_a_pasted_text_loses_its_line_breaks_and_is_not_sent_off(opened):
    with opened("text") as terminal:
        terminal.see("Your e-mail address")
        terminal.press("\x1b[200~ anna@example.org\r\n\x1b[201~")
        assert pointed(terminal) == "anna@example.org"
        assert "RESULT" not in terminal.raw
        terminal.press(ENTER)
        assert result(terminal) == "anna@example.org"


def test_a_text_can_be_edited_where_it_stands(opened):
    with opened("edit") as terminal:
        terminal.see("> Anna")
        terminal.press("\x1b[D", "\x1b[D", "X", ENTER)
        assert result(terminal) == "AnXna"


def test_going_back_from_a_text(opened):
    with opened("text") as terminal:
        terminal.see("Your e-mail address")
        terminal.press("anna", SHIFT_TAB)
        assert result(terminal) == "BACK"


# --- several answers


def test_space_switches_and_enter_needs_one_at_least(opened):
    with opened("checkbox") as terminal:
        terminal.see("For which programs?", "[x] Short")
        terminal.press(UP, UP, SPACE)
        terminal.see("[ ] Short")
        terminal.press(ENTER)
        terminal.see("Please choose at least one.")
        terminal.press(UP, UP, SPACE)
        assert "Please choose" not in terminal.shown
        terminal.press("a", "i", ENTER)
        assert result(terminal) == ["a"]


def test_going_back_from_several_answers(opened):
    with opened("checkbox") as terminal:
        terminal.see("For which programs?")
        choose(terminal, "Back")
        assert result(terminal) == "BACK"


# --- the review


@pytest.mark.slow
def test_a_line_of_the_review_is_changed_and_what_depends_on_it_asked_again(opened):
    with opened("changes") as terminal:
        shown = terminal.see(
            "Provider: IMAP and POP3 (looked up)", "These are your answers.", "Everything is right: continue"
        )
        assert "Devices: On several devices equally (from --set)" in flat(shown)
        assert "In the browser: Never (from the answers file)" in flat(shown)
        assert "Sent mail: Yes, everywhere (your answer)" in flat(shown)
        assert "Folders: I don't know" in flat(shown)
        choose(terminal, "Devices:")
        terminal.see("Where do you read", "Shift-Tab")
        assert pointed(terminal) == "On several devices equally"
        choose(terminal, "On one main computer")
        terminal.see("Should the mail you send", "Shift-Tab")
        assert pointed(terminal) == "Yes, everywhere"
        terminal.press(ENTER)
        terminal.see("Devices: On one main computer, and a glance on the phone (your answer)")
        choose(terminal, "Devices:")
        terminal.see("Shift-Tab goes back")
        choose(terminal, "Back")
        terminal.see("Everything is right: continue")
        choose(terminal, "Devices:")
        terminal.see("Shift-Tab goes back")
        terminal.press(UP)
        assert pointed(terminal) == "On one computer or phone only"
        terminal.press(ENTER)
        shown = terminal.see("Devices: On one computer or phone only (your answer)")
        assert "Sent mail" not in shown.rpartition("These are your answers.")[2]
        terminal.press(ENTER)
        assert result(terminal) == {"devices": "one", "webmail": "never", "provider": "both"}


# --- what the terminal is like


@pytest.mark.parametrize(
    ("how", "speak", "columns"),
    [
        ((), "marked", 40),
        pytest.param((), "en", 80, marks=pytest.mark.slow),
        pytest.param(("--plain",), "en", 40, marks=pytest.mark.slow),
        (("--plain",), "marked", 80),
    ],
)
def test_no_text_is_cut_however_narrow_the_terminal(opened, columns, speak, how):
    as_shown = (lambda text: f"⟦{text} so to say⟧") if speak == "marked" else str
    with opened("long", *how, columns=columns, lines=60, env={"SPEAK": speak}) as terminal:
        shown = terminal.see(as_shown("Back"))
        for text in (MESSAGE, "I don't know", "Why do we ask?"):
            assert as_shown(text) in flat(shown)
        for _value, label, hint in LONG:
            assert as_shown(label) in flat(shown)
            assert not hint or as_shown(hint) in flat(shown)
        terminal.press("?", *([ENTER] if how else []))
        terminal.see(as_shown(WHY))


@pytest.mark.parametrize("scenario", ["interview", "changes", "text", "checkbox"])
@pytest.mark.parametrize("how", [(), pytest.param(("--plain",), marks=pytest.mark.slow)], ids=["arrows", "plain"])
def test_every_word_on_the_screen_comes_from_the_catalogue(opened, scenario, how):
    with opened(scenario, *how, lines=60, env={"SPEAK": "marked"}) as terminal:
        terminal.see("⟦")
        enter = [ENTER] if how else []
        if scenario == "text":
            terminal.press("anna", *enter)
            terminal.see(f"⟦{ADDRESS_PROBLEM} so to say⟧")
        elif scenario == "checkbox":
            terminal.press(*(["0", ENTER] if how else [UP, UP, SPACE, ENTER]))
            terminal.see("⟦Please choose at least one. so to say⟧")
        elif scenario != "changes":
            terminal.press("?", *enter)
        left = flat(terminal.shown)
        while "⟦" in left:
            stripped = re.sub(r"⟦[^⟦⟧]*⟧", "", left)
            assert stripped != left, left
            left = stripped
        assert re.findall(r"[^\W\d]{2,}", left.replace("anna", "").replace("[x]", "")) == []


@pytest.mark.slow
@pytest.mark.parametrize("speak", ["en", "it"])
@pytest.mark.parametrize("columns", [40, 80])
def test_the_interview_goes_through_in_both_languages(opened, speak, columns):
    language.activate(speak)
    with opened("interview", columns=columns, lines=40, env={"SPEAK": speak}) as terminal:
        for number, key in enumerate(ORDER, 1):
            one = question(key)
            where = _("{number} of about {total}").format(number=number, total=len(ORDER))
            terminal.see(where, _(one.text), *(_(choice.label) for choice in one.choices), _("I don't know"))
            if number == 2:
                terminal.press(SHIFT_TAB)
                terminal.see(_("{number} of about {total}").format(number=1, total=len(ORDER)))
                terminal.press(ENTER)
                terminal.see(where)
            terminal.press("?")
            terminal.see(_(one.why))
            terminal.press(DOWN, ENTER)
            if follows := one.choices[1].then:
                terminal.see(_(follows))
        answers = {key: question(key).values[1] for key in ORDER}
        assert result(terminal) == {"answers": answers, "declined": []}


@pytest.mark.parametrize(
    ("before", "after"), [(80, 23), *(pytest.param(*pair, marks=pytest.mark.slow) for pair in ((80, 40), (40, 80)))]
)
def test_a_list_is_drawn_anew_when_the_terminal_changes_its_width(opened, before, after):
    with opened("long", columns=before, lines=50) as terminal:
        terminal.see(MESSAGE)
        terminal.press(DOWN)
        terminal.resize(after, 50)
        shown = terminal.see(MESSAGE, "I don't know", *(label for _value, label, _hint in LONG))
        assert max(len(line) for line in shown.splitlines()) < after
        assert pointed(terminal)[:12] == LONG[1][1][:12]
        terminal.press(DOWN, ENTER)
        assert result(terminal) == "c"


@pytest.mark.slow
def test_what_was_typed_and_ticked_survives_a_change_of_width(opened):
    with opened("text", columns=80) as terminal:
        terminal.see("Your e-mail address")
        terminal.press("anna", "\x1b[D")
        terminal.resize(40, 50)
        terminal.see("> anna", ADDRESS_PROBLEM, "Type and press Enter; Shift-Tab goes back.")
        terminal.press("@", ENTER)
        assert result(terminal) == "ann@a"
    with opened("checkbox", columns=80) as terminal:
        terminal.see("For which programs?")
        terminal.press(DOWN, SPACE)
        terminal.resize(40, 50)
        terminal.see("[x] A second one that is not short", "with a hint behind it)")
        terminal.press(ENTER)
        assert result(terminal) == ["b", "c"]


@pytest.mark.parametrize(
    ("env", "coloured"),
    [
        pytest.param({}, True, marks=pytest.mark.slow),
        ({"NO_COLOR": "1"}, False),
        pytest.param({"COLOR": "never"}, False, marks=pytest.mark.slow),
        ({"COLOR": "always", "NO_COLOR": "1"}, True),
    ],
)
def test_colours_can_be_switched_off_and_nothing_is_lost_without_them(opened, env, coloured):
    with opened("text", env=env) as terminal:
        terminal.see("Your e-mail address")
        terminal.press("anna", ENTER)
        terminal.see(ADDRESS_PROBLEM)
        assert bool(COLOURS.search(terminal.raw)) is coloured
    with opened("checkbox", env=env) as terminal:
        terminal.see("> [ ] A first answer", "[x] Short")
        assert bool(COLOURS.search(terminal.raw)) is coloured


def test_a_terminal_that_does_not_tell_where_its_cursor_is_is_not_waited_for(opened):
    """Many do not (mosh, some consoles): prompt_toolkit would wait two seconds and warn in English."""
    with opened("interview") as terminal:
        terminal.see("Where do you read")
        began = time.monotonic()
        for number in (2, 3):
            terminal.press(ENTER)
            terminal.see(f"{number} of about 4")
        terminal.press(ENTER)
        result(terminal)
        assert time.monotonic() - began < 8
        assert "\x1b[6n" not in terminal.raw
        assert "WARNING" not in terminal.raw


def test_a_terminal_that_cannot_redraw_gets_numbers(opened):
    with opened("interview", env={"TERM": "dumb"}) as terminal:
        terminal.see("Where do you read", "3. On several devices", "Number:")
        terminal.press("3", ENTER)
        terminal.see("web browser")
        terminal.press("6", ENTER)
        terminal.see("Number (Enter alone: 3):")
        terminal.press(CTRL_C)
        assert result(terminal) == {"interrupted": {}}
        assert "\x1b" not in terminal.raw.replace("\x1b[?2004h", "")
