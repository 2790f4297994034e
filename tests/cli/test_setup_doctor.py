"""The doctor within the guided way: servers nobody has connected to, their causes, and the log-in on request."""

from __future__ import annotations

import pytest

from tests.cli.test_setup_online import DOUBT, card, to_the_servers, type_server
from tests.online import config_of
from tests.terminal import CTRL_C, ENTER, UP

ADDRESS = "anna@example.test"
CANARY = "Kanari3nvogel-im-Käfig"
LOGIN = "Shall I check that logging in works?"


@pytest.fixture
def published(online):
    """A domain whose servers are published, and answer."""
    online.machine("mail.example.test", users={ADDRESS: CANARY})
    online.publish("autoconfig.example.test", config_of("mail.example.test", "example.test"))
    return online


def connections(online) -> int:
    return len([one for one in online.world.seen if one[0] == "mail"])


@pytest.mark.slow
def test_servers_that_were_seen_to_answer_are_not_connected_to_again(published):
    with published.open(ADDRESS, *DOUBT) as terminal:
        to_the_servers(terminal)
        shown = terminal.see("Is everything right?", LOGIN)
        before = connections(published)
        assert "Connecting to the servers." not in shown
        terminal.press(ENTER)
        assert terminal.end() == 0
    assert connections(published) == before
    assert published.world.logins == []


@pytest.mark.slow
def test_a_typed_server_that_fails_has_its_cause_and_choices(online, tmp_path):
    online.world.dns("example.test", TXT=["nothing to see"])
    online.machine("mail.provider.test")
    with online.open(ADDRESS, "--no-probe", *DOUBT) as terminal:
        to_the_servers(terminal)
        type_server(terminal, "incoming", "imapp.provider.test")
        type_server(terminal, "outgoing", "mail.provider.test")
        terminal.see("There is no server with the name imapp.provider.test.", "Check the server name letter by",
                     "Use these servers anyway", "> Enter the servers by hand", "Stop here")  # fmt: skip
        terminal.press(ENTER)
        type_server(terminal, "incoming", "mail.provider.test")
        terminal.see("They answer as they should.", "Is everything right?")
        terminal.press(ENTER)
        assert terminal.end() == 0
    assert "imapp" not in card(tmp_path)


@pytest.mark.slow
def test_who_uses_a_failing_server_all_the_same_is_not_asked_again(online, tmp_path):
    online.world.dns("example.test", TXT=["nothing to see"])
    online.machine("mail.provider.test", ports=(465,))
    with online.open(ADDRESS, "--no-probe", *DOUBT) as terminal:
        to_the_servers(terminal)
        for kind in ("incoming", "outgoing"):
            type_server(terminal, kind, "mail.provider.test")
        terminal.see("nothing answers on port 993", "What now?")
        terminal.pick("Use these servers anyway")
        terminal.see("Is everything right?", "does not answer as it should")
        terminal.press(ENTER)
        assert terminal.end() == 0
    assert "mail.provider.test" in card(tmp_path)


@pytest.mark.slow
def test_who_stops_there_has_no_file(online, tmp_path):
    online.world.dns("example.test", TXT=["nothing to see"])
    with online.open(ADDRESS, "--no-probe", *DOUBT) as terminal:
        to_the_servers(terminal)
        for kind in ("incoming", "outgoing"):
            type_server(terminal, kind, "mail.provider.test")
        terminal.see("What now?")
        terminal.pick("Stop here")
        assert terminal.end() == 130
    assert not (tmp_path / "work" / ADDRESS).exists()


def test_the_log_in_is_tried_on_request_and_its_outcome_said(published, tmp_path):
    with published.open(ADDRESS, *DOUBT) as terminal:
        to_the_servers(terminal)
        terminal.see("Is everything right?")
        terminal.pick(LOGIN)
        terminal.see(
            f"The password of {ADDRESS}. It goes to mail.example.test and nowhere else.", "Password (not shown):"
        )
        terminal.press("wrong password", ENTER)
        terminal.see(
            "The server does not accept the user name with this password.", "What to do", "Is everything right?"
        )
        terminal.press(UP, UP, ENTER)  # the last line but one: what was picked before still stands above
        terminal.see("Password (not shown):")
        terminal.press(CANARY, ENTER)
        terminal.see("Logging in works, for receiving and for sending.", "Arrow keys move")
        terminal.pick("Yes: write the files")
        assert terminal.end() == 0
        assert CANARY not in terminal.raw
    assert {(one.protocol, one.accepted) for one in published.world.logins} == {
        (protocol, accepted) for protocol in ("imap", "smtp") for accepted in (True, False)
    }
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not [path for path in written if CANARY.encode() in path.read_bytes()]


@pytest.mark.slow
def test_ctrl_c_at_the_password_goes_back_to_the_summary(published):
    with published.open(ADDRESS, *DOUBT) as terminal:
        to_the_servers(terminal)
        terminal.see("Is everything right?")
        terminal.pick(LOGIN)
        terminal.see("Password (not shown):")
        terminal.press(CTRL_C)
        terminal.see("The log-in was not tried.", "Arrow keys move")
        terminal.press(ENTER)
        assert terminal.end() == 0
    assert published.world.logins == []


@pytest.mark.slow
def test_offline_nothing_is_connected_to_and_no_log_in_offered(published):
    with published.open("anna@gmx.net", "--offline", *DOUBT) as terminal:
        to_the_servers(terminal)
        assert LOGIN not in terminal.see("Is everything right?")
        terminal.press(ENTER)
        assert terminal.end() == 0
    assert connections(published) == 0


def test_without_questions_nobody_logs_in(published):
    ran = published.run("setup", ADDRESS, "--defaults", "--no-input", *DOUBT, "--dry-run")
    assert ran.code == 0
    assert published.world.logins == []


@pytest.mark.slow
def test_ctrl_c_while_it_connects_goes_on_without(online):
    online.world.dns("example.test", TXT=["nothing to see"])
    online.machine("mail.provider.test", behaviour="silent")
    with online.open(ADDRESS, "--no-probe", *DOUBT) as terminal:
        to_the_servers(terminal)
        for kind in ("incoming", "outgoing"):
            type_server(terminal, kind, "mail.provider.test")
        terminal.see("Connecting to the servers. Press Ctrl-C to skip this.", "encryption (TLS)", moving=True)
        terminal.interrupt()
        assert "not tried" in terminal.see("Is everything right?", "Arrow keys move")
        terminal.press(ENTER)
        assert terminal.end() == 0


def test_where_the_password_would_be_shown_the_log_in_is_left_out_and_the_files_are_written(published, tmp_path):
    """A pipe as standard input, as mintty on Windows is one."""
    answers = ("1", "2", "1", "1", "1", "1")
    ran = published.run("setup", ADDRESS, "--plain", *DOUBT, stdin="\n".join([*answers, "1", "8", "1", ""]))
    said = " ".join(ran.stderr.split())
    assert LOGIN in said, ran.stderr
    assert "with --password-command or --password-fd, or use another terminal." in said, ran.stderr
    assert ran.code == 0
    assert published.world.logins == []
    assert list((tmp_path / ADDRESS).iterdir())


@pytest.mark.slow
def test_who_comes_with_a_trouble_hears_the_cause_and_goes_on(published):
    with published.open(ADDRESS, *DOUBT) as terminal:
        terminal.see("1 of about", "None of this: my mail does not work, find out why")
        terminal.pick("None of this: my mail does not work, find out why")
        terminal.see("In which program does your mail not work?")
        terminal.pick("Outlook (classic)")
        terminal.see("What does it show?")
        terminal.press("0x800CCC0E", ENTER)
        terminal.see("settings in Outlook (classic)", "What would you like to do next?", "Arrow keys move")
        shown = " ".join(terminal.everything.split())  # the first lines may have left the screen
        assert "gets no connection to the server" in shown
        assert "Nothing is wrong" in shown
        terminal.press(ENTER)
        terminal.see("1 of about", "Arrow keys move")
        terminal.press(CTRL_C)
        assert terminal.end() == 130
    assert published.world.logins == []


@pytest.mark.slow
def test_the_log_in_can_be_tried_there_too(published):
    with published.open(ADDRESS, *DOUBT) as terminal:
        terminal.see("None of this: my mail does not work, find out why")
        terminal.pick("None of this: my mail does not work, find out why")
        terminal.see("In which program does your mail not work?", "Arrow keys move")
        terminal.press(ENTER)
        terminal.see("What does it show?")
        terminal.press(ENTER)
        terminal.see("What would you like to do next?", "Arrow keys move")
        terminal.pick("Check the log-in, too (asks for the password)")
        terminal.see("Password (not shown):")
        terminal.press("wrong password", ENTER)
        terminal.see("The server does not accept the user name with this password.", "Set up the address")
        terminal.press(CTRL_C)
        assert terminal.end() == 130
        assert "wrong password" not in terminal.raw
