"""The guided way in an internet of our own, in a pseudo-terminal: what is doubted is asked about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.test_guided import answer_all
from tests.discovery.published_files import config, incoming, outgoing
from tests.online import config_of
from tests.terminal import DOWN, ENTER, Terminal

if TYPE_CHECKING:
    from pathlib import Path

KNOWN = ("--set", "clients=card", "--set", "name=Anna", "--set", "devices=several", "--set", "quota=ample")
DOUBT = ("--lang", "en", *KNOWN)


def to_the_servers(terminal: Terminal) -> None:
    """Answer the questions, and go on from the advice."""
    answer_all(terminal)
    terminal.press(ENTER)


def type_server(terminal: Terminal, kind: str, host: str) -> None:
    """Enter a server by hand, the rest as it is preset."""
    terminal.see(f"The server for {kind} mail", "> I know its name")
    terminal.press(ENTER)
    terminal.see("Name of the server")
    terminal.press("\x7f" * 40, host, ENTER)
    terminal.see("Port and security")
    terminal.press(ENTER)
    terminal.see("User name at this server")
    terminal.press(ENTER)


def card(tmp_path: Path, address: str = "anna@example.test") -> str:
    return (tmp_path / "work" / address / f"{address}.txt").read_text()


def test_servers_that_answer_are_taken_without_a_question(online, tmp_path):
    online.machine("mail.example.test")
    online.publish("autoconfig.example.test", config_of("mail.example.test", "example.test"))
    with online.open("anna@example.test", *DOUBT) as terminal:
        terminal.see("Looking for the servers while we talk")
        to_the_servers(terminal)
        shown = terminal.see("mail.example.test 993 SSL/TLS", "answers, certificate valid", "Is everything right?")
        assert "published by the provider (autoconfig); protected in transit" in " ".join(shown.split())
        terminal.press(ENTER)
        assert terminal.end() == 0
    assert "mail.example.test" in card(tmp_path)


@pytest.mark.slow
def test_a_foreign_domain_is_asked_about_and_enter_alone_does_not_agree(online, tmp_path):
    online.machine("mail.xn--bcher-kva.test")
    online.srv("example.test", "mail.xn--bcher-kva.test")
    with online.open("anna@example.test", *DOUBT) as terminal:
        to_the_servers(terminal)
        shown = terminal.see("The servers for example.test are at bücher.test (xn--bcher-kva.test)", "Stop here")
        assert "> Enter the servers by hand" in shown
        terminal.pick("Yes: use these servers")
        terminal.see("Is everything right?")
        terminal.press(ENTER)
        assert terminal.end() == 0
    assert "mail.xn--bcher-kva.test" in card(tmp_path)


@pytest.mark.slow
def test_who_stops_at_a_doubt_keeps_the_answers_and_writes_nothing(online, tmp_path):
    online.machine("mail.hoster.test")
    online.srv("example.test", "mail.hoster.test")
    with online.open("anna@example.test", *DOUBT) as terminal:
        to_the_servers(terminal)
        terminal.see("hoster.test", "Stop here")
        terminal.pick("Stop here")
        assert terminal.end() == 130
        assert "Stopped; nothing was written." in " ".join(terminal.everything.split())
        assert "interrupted.json" in "".join(terminal.everything.split())
    assert list((tmp_path / "work").iterdir()) == []


@pytest.mark.slow
def test_instead_of_a_guess_servers_are_entered_by_hand_and_not_doubted_again(online, tmp_path):
    online.machine("mail.example.test")
    online.machine("imap.provider.test", "smtp.provider.test")
    with online.open("anna@example.test", *DOUBT) as terminal:
        to_the_servers(terminal)
        terminal.see("found by probing; a guess: please check", "compare them with what your provider says")
        terminal.press(ENTER)
        type_server(terminal, "incoming", "imap.provider.test")
        type_server(terminal, "outgoing", "smtp.provider.test")
        terminal.see("typed by you", "Is everything right?", "imap.provider.test 993")
        terminal.press(ENTER)
        assert terminal.end() == 0
    assert "smtp.provider.test" in card(tmp_path)


@pytest.mark.slow
def test_back_from_the_first_server_by_hand_is_the_doubt_again(online):
    online.machine("mail.example.test")
    with online.open("anna@example.test", *DOUBT) as terminal:
        to_the_servers(terminal)
        terminal.see("compare them with what your provider says")
        terminal.press(ENTER)
        terminal.see("The server for incoming mail (IMAP)", "mail.example.test (unchanged)")
        terminal.pick("Back")
        terminal.see("compare them with what your provider says", "> Enter the servers by hand")


@pytest.mark.slow
@pytest.mark.parametrize("chosen", ["Use these servers anyway", "Enter the servers by hand"])
def test_a_server_that_does_not_answer_is_said_with_its_reason_and_what_one_can_do(online, tmp_path, chosen):
    online.machine("mail.example.test", certificate="self-signed")
    online.machine("imap.provider.test", "smtp.provider.test")
    online.publish("autoconfig.example.test", config_of("mail.example.test", "example.test"))
    with online.open("anna@example.test", *DOUBT) as terminal:
        to_the_servers(terminal)
        shown = terminal.see("Not every server answers as it should.", "What now?", "Stop here")
        assert "The certificate of mail.example.test 993 is self-signed." in " ".join(shown.split())
        terminal.pick(chosen)
        if chosen.startswith("Enter"):
            type_server(terminal, "incoming", "imap.provider.test")
            type_server(terminal, "outgoing", "smtp.provider.test")
        terminal.see("Is everything right?")
        terminal.press(ENTER)
        assert terminal.end() == 0
    assert ("imap.provider.test" in card(tmp_path)) == chosen.startswith("Enter")


@pytest.mark.slow
def test_plaintext_is_asked_about_in_plain_words(online):
    servers = (incoming("mail.example.test", 143, security="plain"), outgoing("mail.example.test", security="SSL"))
    online.publish("autoconfig.example.test", config(*servers, domains=("example.test",)))
    online.machine("mail.example.test", ports=(143,), security="plain")
    with online.open("anna@example.test", "--allow-insecure", *DOUBT) as terminal:
        to_the_servers(terminal)
        for _question in range(3):
            shown = terminal.see_any("Use them without encryption", "What now?")
            if "Use them without encryption" in shown:
                break
            terminal.pick("Use these servers anyway")
        assert "others can read your password and your mail" in " ".join(shown.split())
        assert "> Enter the servers by hand" in shown


@pytest.mark.slow
def test_a_domain_that_does_not_exist_is_said_and_the_one_that_was_meant_is_offered(online):
    online.world.dns("gmail.com", TXT=["there"])
    with online.open("anna@gmial.com", *DOUBT) as terminal:
        terminal.see("Did you mean anna@gmail.com?")
        terminal.pick("No, anna@gmial.com is right")
        answer_all(terminal, until="What now?")
        terminal.see("The domain gmial.com does not exist", "> I meant anna@gmail.com", "Stop here")
        terminal.press(ENTER)
        answer_all(terminal)
        terminal.press(ENTER)
        terminal.see("imap.gmail.com 993")


@pytest.mark.slow
def test_an_address_with_a_domain_that_does_not_exist_can_be_corrected_or_kept(online):
    online.machine("mail.example.test")
    online.publish("autoconfig.example.test", config_of("mail.example.test", "example.test"))
    with online.open("anna@exampel.test", *DOUBT) as terminal:
        answer_all(terminal, until="What now?")
        terminal.see("The domain exampel.test does not exist", "> Correct the address")
        terminal.press(ENTER)
        terminal.see("Your e-mail address", "> anna@exampel.test")
        terminal.press("\x7f" * len("exampel.test"), "example.test", ENTER)
        answer_all(terminal)
        terminal.press(ENTER)
        terminal.see("mail.example.test 993 SSL/TLS", "answers, certificate valid")
    with online.open("anna@exampel.test", *DOUBT) as terminal:
        terminal.see_any("Continue from there?", "1 of about")
        answer_all(terminal, until="What now?")
        terminal.pick("Enter the servers by hand")
        answer_all(terminal)
        terminal.press(ENTER)
        terminal.see("Please enter the servers by hand", "The server for incoming mail")


def slow(online) -> None:
    """A domain whose web hosts let everybody wait, and that has nothing else."""
    for name in ("example.test", "autoconfig.example.test", "autodiscover.example.test"):
        online.mute(name)


@pytest.mark.slow
def test_without_a_network_one_looks_again_or_goes_on_with_what_is_known(online, tmp_path):
    online.world.dns_behaviour("*", "refused")
    words = ("anna@gmx.net", *DOUBT)
    with online.open(*words) as terminal:
        answer_all(terminal, until="Look again")
        terminal.see("Is this computer connected to the internet?", "> Look again", "Continue without the network")
        terminal.press(ENTER)
        terminal.see("Is this computer connected to the internet?", "> Look again")
        terminal.pick("Continue without the network")
        answer_all(terminal)
        terminal.press(ENTER)
        shown = terminal.see("imap.gmx.net 993 SSL/TLS", "does not answer as it should", "Is everything right?")
        assert "What now?" not in shown
        terminal.press(ENTER)
        assert terminal.end() == 0
    assert "imap.gmx.net" in card(tmp_path, "anna@gmx.net")


ALL_KNOWN = (*DOUBT, "--set", "backup=none", "--set", "moving=staying", "--set", "webmail=never", "--set",
             "shared=one_person", "--timeout", "60")  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    ("columns", "language", "waiting", "by_hand"),
    [
        (80, "en", "Still looking for the servers.", "The server for incoming mail (IMAP)"),
        (40, "it", "Stiamo ancora cercando i server.", "Il server della posta in arrivo (IMAP)"),
    ],
)
def test_ctrl_c_ends_the_wait_for_the_look_up_and_leads_to_typing(online, columns, language, waiting, by_hand):
    slow(online)
    words = [word for word in ALL_KNOWN if word not in ("--lang", "en")]
    with online.open("anna@example.test", "--lang", language, *words, columns=columns) as terminal:
        while "Ctrl-C" not in terminal.see_any("Ctrl-C", "Arrow keys", "Le frecce"):
            terminal.press(DOWN, ENTER)
        terminal.see(waiting, "autoconfig", " … ", moving=True)
        terminal.interrupt()
        terminal.see("Continue" if language == "en" else "Avanti")
        terminal.press(ENTER)
        terminal.see(by_hand)


def test_without_questions_a_missing_consent_ends_with_3_and_names_it(online, tmp_path):
    online.machine("mail.hoster.test")
    online.srv("example.test", "mail.hoster.test")
    words = ("setup", "anna@example.test", "--no-input", "--set", "clients=card", "--output", "out")
    ran = online.run(*words)
    assert ran.code == 3
    assert "The servers for example.test are at hoster.test" in ran.stderr
    assert ran.stderr.rstrip().endswith("To agree, add: --accept foreign_domain")
    assert not (tmp_path / "out").exists()
    assert online.run(*words, "--accept", "foreign_domain").code == 0


def test_without_questions_nothing_found_ends_with_4_and_a_silent_server_is_said(online):
    online.machine("mail.dead.test", ports=())
    online.publish("autoconfig.dead.test", config_of("mail.dead.test", "dead.test"))
    words = ("--no-input", "--set", "clients=card", "--dry-run")
    ran = online.run("setup", "anna@nothing.test", *words)
    assert ran.code == 4
    assert "The domain nothing.test does not exist: is the address spelled correctly?" in ran.stderr
    ran = online.run("setup", "anna@dead.test", *words)
    assert ran.code == 0
    assert "mail.dead.test 993 refused the connection." in " ".join(ran.stderr.split())
