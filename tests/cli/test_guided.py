"""The guided way in a real pseudo-terminal, as a person goes through it."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.terminal import CTRL_C, ENTER, SHIFT_TAB, Terminal

ANSWERS = {
    "Where do you read this mailbox?": "On several devices",
    "Do you also read it in a web browser": "Never",
    "Who opens this mailbox?": "Only me",
    "How full is the mailbox?": "There is plenty of space",
    "Is your computer backed up regularly?": "No",
}


def answer_all(terminal: Terminal, until: str = "What would you like to do next?") -> None:
    """Answer what is asked: as in ANSWERS, else “I don't know”, until the advice stands there."""
    for _question in range(12):
        bottom = "\n".join(terminal.see_any("Arrow keys move", until).splitlines()[-12:])
        if until in bottom:
            return
        below = " ".join(bottom.split())
        label = next((label for text, label in ANSWERS.items() if text in below and label in below), "I don't know")
        terminal.pick(label)
    raise AssertionError(f"more than nine questions\n{terminal.everything}")


def test_from_an_address_to_files(open_terminal, tmp_path):
    with open_terminal("--offline") as terminal:
        terminal.see("Your e-mail address")
        terminal.press("anna@@gmx.net", ENTER)
        terminal.see("has more than one @")
        terminal.press("\x7f" * len("@gmx.net"), "gmx.net", ENTER)
        terminal.see("GMX")
        answer_all(terminal)
        terminal.see("Our advice", "IMAP", "Because", "What would you like to do next?")
        terminal.press(ENTER)
        terminal.see("imap.gmx.net 993 SSL/TLS", "from the built-in catalogue", "Your name")
        terminal.press("Anna Rossi", ENTER)
        terminal.see("For which programs?")
        terminal.press(ENTER)
        terminal.see("Is everything right?", "Your name: Anna Rossi", "mail.gmx.net")
        assert not (tmp_path / "work" / "anna@gmx.net").exists()
        terminal.press(ENTER)
        assert terminal.end() == 0
        assert "config-v1.1.xml" in terminal.everything
    written = tmp_path / "work" / "anna@gmx.net"
    assert sorted(one.name for one in written.iterdir()) == [
        "anna@gmx.net.html", "anna@gmx.net.mobileconfig", "anna@gmx.net.txt", "config-v1.1.xml",
    ]  # fmt: skip
    first = ET.parse(written / "config-v1.1.xml").getroot().find("emailProvider/incomingServer")
    assert (first.get("type"), first.findtext("hostname")) == ("imap", "imap.gmx.net")


@pytest.mark.slow
def test_every_line_of_the_summary_can_be_changed(open_terminal, tmp_path):
    with open_terminal("anna@gmx.net", "--offline", "--set", "clients=autoconfig") as terminal:
        answer_all(terminal)
        terminal.press(ENTER)
        terminal.see("Your name")
        terminal.press("Anna", ENTER)
        terminal.see("Is everything right?")
        terminal.pick("Way of reading")
        terminal.see("How do you want to read the mail?")
        terminal.pick("POP3")
        terminal.see("Is everything right?", "pop.gmx.net")
        terminal.pick("Messages:")
        terminal.see("What happens to a message")
        terminal.pick("It stays for some days")
        terminal.see("For how many days?")
        terminal.press("\x7f" * 4, "21", ENTER)
        terminal.see("Is everything right?", "21 days")
        terminal.pick("Incoming:")
        terminal.see("The server for incoming mail (POP3)")
        terminal.press(SHIFT_TAB)
        terminal.see("Is everything right?")
        terminal.pick("Into:")
        terminal.see("Which folder should the files go into?")
        terminal.press("\x7f" * 40, "elsewhere", ENTER)
        terminal.see("Is everything right?", "Into: elsewhere")
        terminal.pick("Yes: write the files")
        assert terminal.end() == 0
    first = ET.parse(tmp_path / "work" / "elsewhere" / "config-v1.1.xml").getroot().find("emailProvider/incomingServer")
    assert first.get("type") == "pop3"
    assert first.findtext("pop3/daysToLeaveMessagesOnServer") == "21"


@pytest.mark.slow
def test_what_the_summary_changed_stays_when_the_questions_are_put_again_and_is_saved(open_terminal, tmp_path):
    words = ["anna@nowhere.example.org", "--offline", "--set", "clients=card", "--save-answers", "a.yaml"]
    with open_terminal(*words, "--set", "name=Ann") as terminal:
        answer_all(terminal)
        terminal.press(ENTER)
        for protocol in ("imap", "smtp"):
            terminal.see("The server for", f"{protocol}.nowhere.example.org (a guess)")
            terminal.pick(f"{protocol}.nowhere")
            terminal.see("Port and security")
            terminal.press(ENTER)
            terminal.see("User name at this server")
            terminal.press(ENTER)
        terminal.see("Is everything right?")
        terminal.pick("Your name:")
        terminal.see("Your name, as others")
        terminal.press("a Rossi", ENTER)
        terminal.see("Is everything right?", "Your name: Anna Rossi")
        terminal.pick("Go through the questions again")
        terminal.see("1 of about")
        answer_all(terminal)
        terminal.press(ENTER)
        terminal.see("Is everything right?", "Your name: Anna Rossi", "imap.nowhere.example.org 993")
        terminal.press(ENTER)
        assert terminal.end() == 0
    assert "name: Anna Rossi" in (tmp_path / "work" / "a.yaml").read_text()


def test_ctrl_c_keeps_the_answers_and_the_next_start_offers_them(open_terminal, tmp_path):
    with open_terminal("anna@gmx.net", "--offline") as terminal:
        terminal.see("Arrow keys move")
        terminal.press(ENTER)
        terminal.see("Back")
        terminal.press(CTRL_C)
        assert terminal.end() == 130
        assert "Interrupted; nothing was written." in " ".join(terminal.everything.split())
        assert "interrupted.json" in "".join(terminal.everything.split())
        assert "Traceback" not in terminal.everything
    assert list((tmp_path / "work").iterdir()) == []
    with open_terminal("--offline") as terminal:
        terminal.see("Continue from there?", "anna@gmx.net")
        terminal.press(ENTER)
        terminal.see("Arrow keys move", "GMX")
        answer_all(terminal)
        terminal.press(CTRL_C)
        assert terminal.end() == 130
    with open_terminal("--offline") as terminal:
        terminal.see("Continue from there?")
        terminal.pick("No, start over")
        terminal.see("Your e-mail address")
        terminal.press(CTRL_C)
        assert terminal.end() == 130
    with open_terminal("--offline") as terminal:
        shown = terminal.see("Your e-mail address")
        assert "Continue from there?" not in shown
        terminal.press(CTRL_C)
        assert terminal.end() == 130


@pytest.mark.slow
def test_shift_tab_goes_back_and_the_advice_can_be_refined(open_terminal):
    with open_terminal("anna@gmx.net", "--offline") as terminal:
        first = terminal.see("1 of about")
        terminal.press(ENTER)
        terminal.see("2 of about", "Shift-Tab goes back")
        terminal.press(SHIFT_TAB)
        again = terminal.see("1 of about")
        question = next(line for line in first.splitlines() if "1 of about" in line)
        assert question in again
        answer_all(terminal)
        terminal.pick("Change an answer")
        terminal.see("your answer")
        terminal.press(CTRL_C)
        assert terminal.end() == 130


@pytest.mark.slow
def test_a_slip_in_a_well_known_domain_is_asked_about(open_terminal):
    with open_terminal("anna@gmial.com", "--offline") as terminal:
        terminal.see("Did you mean anna@gmail.com?", "Yes, anna@gmail.com", "No, anna@gmial.com is right")
        terminal.press(CTRL_C)
        assert terminal.end() == 130


@pytest.mark.slow
def test_servers_are_entered_by_hand_when_nothing_is_known(open_terminal, tmp_path):
    with open_terminal("anna@nowhere.example.org", "--offline", "--set", "clients=card") as terminal:
        answer_all(terminal)
        terminal.press(ENTER)
        terminal.see("Nothing is known about nowhere.example.org", "imap.nowhere.example.org (a guess)")
        terminal.pick("I know its name")
        terminal.see("Name of the server")
        terminal.press("post office", ENTER)
        terminal.see("Did you mean")
        terminal.press("\x7f" * 20, "mail.example.org", ENTER)
        terminal.see("Port and security")
        terminal.press(ENTER)
        terminal.see("User name at this server")
        terminal.press(ENTER)
        terminal.see("The server for outgoing mail (SMTP)")
        terminal.pick("smtp.nowhere.example.org")
        terminal.see("Port and security")
        terminal.press(ENTER)
        terminal.see("User name at this server")
        terminal.press(ENTER)
        terminal.see("typed by you", "a guess: please check", "Your name")
        terminal.press(ENTER)
        terminal.see("Is everything right?")
        terminal.press(ENTER)
        assert terminal.end() == 0
    text = (tmp_path / "work" / "anna@nowhere.example.org" / "anna@nowhere.example.org.txt").read_text()
    assert "mail.example.org" in text
    assert "smtp.nowhere.example.org" in text


@pytest.mark.slow
@pytest.mark.parametrize("columns", [40, 60])
def test_a_narrow_terminal_shows_every_line_whole(open_terminal, columns):
    with open_terminal("anna@gmx.net", "--offline", columns=columns, lines=70) as terminal:
        answer_all(terminal)
        terminal.press(ENTER)
        terminal.see("Your name")
        terminal.press(CTRL_C)
        assert terminal.end() == 130
        flat = " ".join(terminal.everything.split())
        assert "imap.gmx.net 993 SSL/TLS" in flat


def answer_by_number(terminal: Terminal) -> None:
    """The whole way with the first line of every list."""
    for _question in range(12):
        if "What would you like to do next?" in terminal.see("Number"):
            break
        terminal.press("1\r")
    terminal.press("1\r")
    terminal.see("Your name")
    terminal.press("Anna\r")
    terminal.see("Is everything right?")
    terminal.press("1\r")


def test_plain_asks_with_numbers_and_draws_nothing(open_terminal, tmp_path):
    with open_terminal("anna@gmx.net", "--offline", "--plain", "--set", "clients=card", lines=200) as terminal:
        answer_by_number(terminal)
        assert terminal.end() == 0
        assert "\x1b" not in terminal.raw
    assert (tmp_path / "work" / "anna@gmx.net" / "anna@gmx.net.html").is_file()


@pytest.mark.slow
def test_json_and_questions_together_print_only_the_document_on_standard_output(open_terminal, tmp_path):
    import sys

    wizard = f"{sys.executable} -m wizard anna@gmx.net --offline --plain --json --set clients=card > out.json"
    with open_terminal(command=["bash", "-c", wizard], lines=200) as terminal:
        answer_by_number(terminal)
        assert terminal.end() == 0
    assert json.loads((tmp_path / "work" / "out.json").read_text())["address"] == "anna@gmx.net"


@pytest.mark.slow
def test_back_from_the_first_question_is_the_address_again(open_terminal, cli_environment):
    with open_terminal("anna@gmx.net", "--offline") as terminal:
        terminal.see("GMX", "1 of about", "Back")
        terminal.press(SHIFT_TAB)
        terminal.see("Your e-mail address", "> anna@gmx.net")
        terminal.press("\x7f" * len("gmx.net"), "libero.it", ENTER)
        terminal.see("Libero", "1 of about")
        terminal.press(CTRL_C)
        assert terminal.end() == 130
    kept = next(Path(cli_environment["XDG_STATE_HOME"]).rglob("interrupted.json"))
    assert "anna@libero.it" in kept.read_text()


@pytest.mark.slow
def test_recommend_asks_in_a_terminal_and_keeps_the_answers_too(open_terminal):
    with open_terminal("recommend") as terminal:
        terminal.see("Where do you read this mailbox?")
        terminal.pick("On several devices")
        terminal.see("2 of about")
        terminal.press(CTRL_C)
        assert terminal.end() == 130
        assert "interrupted.json" in "".join(terminal.everything.split())
    with open_terminal("--offline") as terminal:
        terminal.see("Continue from there?", "no address yet")
        terminal.press(CTRL_C)
        assert terminal.end() == 130
    with open_terminal("recommend") as terminal:
        answer_all(terminal, until="IMAP is not a backup")
        assert terminal.end() == 0


@pytest.mark.slow
def test_the_whole_way_in_italian_on_a_narrow_terminal(open_terminal, tmp_path):
    """Unknown, why, back, an interruption, going on, and a change: in Italian, 40 columns wide."""
    italian = ["--lang", "it", "--offline"]
    with open_terminal(*italian, columns=40, lines=60) as terminal:
        terminal.see("Il tuo indirizzo email")
        terminal.press("anna@@libero.it", ENTER)
        terminal.see("ha più di una @")
        terminal.press("\x7f" * len("@libero.it"), "libero.it", ENTER)
        terminal.see("Dove leggi questa casella?")
        terminal.pick("Su più dispositivi")
        terminal.see("Quanto è piena la casella?")
        terminal.press(SHIFT_TAB)
        terminal.see("Dove leggi questa casella?")
        terminal.press(ENTER)
        terminal.see("Quanto è piena la casella?")
        terminal.pick("Perché lo chiediamo?")
        terminal.see("respinge la posta nuova")
        terminal.pick("Non lo so")
        terminal.see("backup")
        terminal.press(CTRL_C)
        assert terminal.end() == 130
        assert "Interrotto; non è stato scritto nulla." in " ".join(terminal.everything.split())  # no word is broken
    with open_terminal(*italian, columns=40, lines=60) as terminal:
        terminal.see("anna@libero.it", "?")
        terminal.press(ENTER)
        for _question in range(12):
            if "E adesso?" in terminal.see("Le frecce"):
                break
            terminal.pick("Non lo so")
        terminal.see("Da ora in poi")
        terminal.pick("Cambia una risposta")
        terminal.see("Dispositivi: Su più dispositivi")
        terminal.pick("Dispositivi:")
        terminal.see("Dove leggi questa casella?")
        terminal.pick("Su un solo computer")
        terminal.see("Dispositivi: Su un solo computer")
        terminal.press(CTRL_C)
        assert terminal.end() == 130
        assert "Traceback" not in terminal.everything
