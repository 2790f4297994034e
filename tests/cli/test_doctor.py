"""``doctor`` as a real command on an internet of our own: what it says, what it ends with, and what it never says."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.terminal import CTRL_C, DOWN, ENTER
from tests.test_schemas import wrong

ADDRESS = "anna@example.test"
CANARY = "Kanari3nvogel-im-Käfig"
USERS = {ADDRESS: CANARY}
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
PRINTING = f"{sys.executable} -c \"import sys; sys.stdout.reconfigure(encoding='utf-8'); print(open('secret').read())\""


def flat(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture
def healthy(online):
    """A domain with SRV records and servers as they should be."""
    online.machine("mail.example.test", users=USERS)
    online.srv("example.test", "mail.example.test")
    return online


@pytest.fixture
def secret(tmp_path) -> Path:
    """A file with the password: no test may have it among the arguments."""
    path = tmp_path / "secret"
    path.write_text(CANARY + "\n", encoding="utf-8")
    return path


def document(ran, code: int) -> dict:
    assert ran.code == code, (ran.stdout, ran.stderr)
    made = json.loads(ran.stdout)
    assert wrong("doctor", made) == []
    return made


def codes(made: dict) -> list[str]:
    return [one["code"] for one in made["findings"]]


# what is looked at


def test_healthy_servers_end_with_0_and_every_step_side_by_side(healthy):
    ran = healthy.run("doctor", ADDRESS)
    assert (ran.code, ran.stderr) == (0, "")
    assert re.search(r"^ +IMAP +POP3 +SMTP$", ran.stdout, re.MULTILINE)
    assert re.search(r"^encryption \(TLS\) +ok [\d.]+ s +ok [\d.]+ s +ok [\d.]+ s$", ran.stdout, re.MULTILINE)
    assert "Nothing is wrong" in ran.stdout
    assert "--login does that" in flat(ran.stdout)
    assert healthy.world.logins == []


def test_the_document_has_every_step_and_no_finding(healthy):
    made = document(healthy.run("doctor", ADDRESS, "--json"), 0)
    assert made["findings"] == []
    assert [one["protocol"] for one in made["targets"]] == ["imap", "pop3", "smtp"]
    steps = [(rung["name"], rung["status"]) for rung in made["targets"][0]["rungs"]]
    assert steps == [
        *((name, "ok") for name in ("dns", "tcp", "tls", "greeting", "capabilities")),
        ("login", "skipped"),
    ]


def test_the_connection_by_ipv4_and_by_ipv6_is_told_apart(online):
    online.world.dns("mail.example.test", AAAA=["::1"])
    online.machine("mail.example.test", ports=(993,))
    made = document(online.run("doctor", ADDRESS, "--json", "--imap", "mail.example.test"), 5)
    connected = next(one for one in made["targets"][0]["rungs"] if one["name"] == "tcp")
    assert connected["detail"].endswith("(IPv4: ok, IPv6: refused)")
    assert codes(made) == ["ipv6_broken"]


def test_one_protocol_alone(healthy):
    made = document(healthy.run("doctor", ADDRESS, "--json", "--protocol", "imap"), 0)
    assert [one["protocol"] for one in made["targets"]] == ["imap", "smtp"]


def test_what_a_program_has_is_compared_with_what_was_found(healthy):
    ran = healthy.run("doctor", ADDRESS, "--imap", "mail.example.test:993", "--security", "STARTTLS")
    assert ran.code == 5
    said = flat(ran.stdout)
    assert "Your program has the security STARTTLS on port 993, but there the server wants encryption" in said
    assert (
        "your program has mail.example.test, port 993, STARTTLS; for your address, mail.example.test, port 993," in said
    )
    assert "Choose SSL/TLS as the security of the connection, and leave port 993." in said


def test_a_wrong_host_is_answered_with_the_one_that_was_found(healthy):
    made = document(healthy.run("doctor", ADDRESS, "--json", "--imap", "wrong.example.test"), 5)
    assert codes(made) == ["host_not_found"]
    assert "mail.example.test" in made["findings"][0]["steps"][0]
    assert "993" in made["findings"][0]["steps"][0]
    assert not [one for one in made["findings"][0]["steps"][1:] if "mail.example.test" in one], "told once"


def test_servers_that_fail_alike_are_each_answered_with_the_one_that_was_found(healthy):
    healthy.machine("mute.example.test", ports=(993, 465), behaviour="close")
    typed = ("--imap", "mute.example.test", "--smtp", "mute.example.test")
    made = document(healthy.run("doctor", ADDRESS, "--json", *typed), 5)
    assert codes(made) == ["temporarily_unavailable"]
    assert made["findings"][0]["protocol"] is None
    assert made["notes"] == []
    first, second = made["findings"][0]["steps"][:2]
    assert first.startswith("For IMAP, enter mail.example.test as the server name and port 993")
    assert second.startswith("For SMTP, enter mail.example.test as the server name and port 465")


def test_another_host_that_works_is_a_note_and_no_finding(healthy):
    healthy.machine("other.example.test", users=USERS)
    made = document(healthy.run("doctor", ADDRESS, "--json", "--imap", "other.example.test"), 0)
    assert [one["code"] for one in made["notes"]] == ["differs", "login_not_tried"]
    assert "other.example.test, port 993" in made["notes"][0]["text"]


def test_another_user_name_is_a_note_unless_it_is_let_in(healthy):
    made = document(healthy.run("doctor", ADDRESS, "--json", "--username", "anna", "--protocol", "imap"), 0)
    said = [one["text"] for one in made["notes"] if one["code"] == "differs"]
    assert len(said) == 2
    assert "user name “anna”" in said[0]
    assert f"“{ADDRESS}” was found" in said[0]


def test_typed_servers_need_no_look_up_to_find_anything(online):
    online.machine("mail.hoster.test")
    made = document(
        online.run("doctor", ADDRESS, "--json", "--imap", "mail.hoster.test", "--smtp", "mail.hoster.test"), 0
    )
    assert [(one["protocol"], one["port"], one["source"]) for one in made["targets"]] == [
        ("imap", 993, "user"),
        ("smtp", 465, "user"),
    ]


def test_a_typed_host_may_have_a_private_address(online, run_cli):
    """The person's own word is enough; a host that is only found needs --allow-private."""
    online.machine("mail.example.test")
    online.srv("example.test", "mail.example.test")
    asked = ("doctor", ADDRESS, "--json", "--resolver", online.world.resolver)
    document(run_cli(*asked, "--imap", "mail.example.test", env=online.environment), 0)
    found = document(run_cli(*asked, env=online.environment), 5)
    assert codes(found) == ["host_not_found"]
    assert "--allow-private" in " ".join(found["findings"][0]["steps"])


def test_the_port_says_the_security_where_nobody_does(online):
    online.machine("mail.example.test", ports=(143, 587))
    options = ("--imap", "mail.example.test:143", "--smtp", "mail.example.test:587")
    made = document(online.run("doctor", ADDRESS, "--json", *options), 0)
    assert [one["socket_type"] for one in made["targets"]] == ["STARTTLS", "STARTTLS"]
    shown = online.run("doctor", ADDRESS, *options).stdout
    assert shown.index("greeting") < shown.index("upgrade (STARTTLS)") < shown.index("encryption (TLS)")


def test_settings_from_a_file_that_discover_wrote(healthy, tmp_path):
    (tmp_path / "settings.json").write_text(healthy.run("discover", ADDRESS, "--json").stdout, encoding="utf-8")
    made = document(healthy.run("doctor", ADDRESS, "--json", "--settings", "settings.json"), 0)
    assert len(made["targets"]) == 3


def test_settings_from_the_file_of_a_mail_program(healthy, tmp_path):
    (tmp_path / "msmtprc").write_text(
        f"account a\nhost mail.example.test\nport 466\ntls on\ntls_starttls off\nauth on\nfrom {ADDRESS}\nuser anna\n"
    )
    made = document(healthy.run("doctor", ADDRESS, "--json", "--settings", "msmtprc"), 5)
    assert codes(made) == ["port_refused"]
    assert made["targets"][0]["username"] == "anna"
    assert "port 465" in made["findings"][0]["steps"][0]


def test_a_domain_that_does_not_exist_is_a_cause_with_steps(online):
    made = document(online.run("doctor", "anna@nowhere.test", "--json"), 5)
    assert codes(made) == ["domain_not_found"]


def test_no_network_is_a_cause_with_steps(online):
    online.world.dns_behaviour("*", "refused")
    made = document(online.run("doctor", ADDRESS, "--json"), 5)
    assert codes(made) == ["host_not_found"]
    assert "not online" in made["findings"][0]["cause"]


def test_a_domain_of_which_nothing_is_known_ends_with_4_and_what_to_do(online):
    online.world.dns("example.test", A=["127.0.0.9"])
    ran = online.run("doctor", ADDRESS, "--json")
    assert ran.code == 4
    assert "--imap HOST" in json.loads(ran.stdout)["error"]["text"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--offline",), "--offline leaves it nothing to do"),
        (("--security", "SSL"), "--security: It belongs to --imap"),
        (("--imap", "127.0.0.1"), "--imap: “127.0.0.1” is a number"),
        (("--imap", "mail.example.test:0"), "--imap: “0” is no port"),
        (("--imap", "https://mail.example.test/webmail"), "Write the name alone, or the name, a colon and the port"),
        (("--imap", "mail.example.test 993"), "“mail.example.test 993” is not the name of a server"),
        (("--pop3", "mail.example.test:"), "--pop3: “mail.example.test:” is not the name of a server"),
        (("--report", "-"), "--report: A file is wanted"),
        (("--imap", "mail.example.test", "--settings", "x"), "--settings: Settings come from a file or are typed"),
        (("--username", " "), "--username: The user name is empty"),
        (("--password-command", "true"), "needed for --login"),
        (("--login", "--password-command", "true", "--password-fd", "3"), "not both"),
        (("--login", "--password-command", "'"), "--password-command: The command cannot be read"),
        (("--login", "--password-command", "false"), "ended with exit code 1"),
        (("--login", "--password-command", "no-such-program x"), "“no-such-program” cannot be started"),
        (("--login", "--password-command", "true"), "the first line is empty"),
        (("--login", "--password-fd", "77"), "Descriptor 77 cannot be read"),
        (("--device", "outlok-2010"), "Did you mean outlook-2010?"),
        (("--report", "no/such/folder/x"), "There is no such directory"),
        (("--accept", "gues"), "Did you mean guess?"),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, tuple) else "",
)
def test_what_does_not_go_is_said_with_the_option(healthy, options, said):
    ran = healthy.run("doctor", ADDRESS, *options)
    assert ran.code == 2, ran.stderr
    assert said in flat(ran.stderr)
    assert ran.stdout == ""


def test_an_address_is_needed(healthy):
    assert healthy.run("doctor").code == 2


# devices


def test_the_devices_are_listed_without_an_address(run_cli):
    ran = run_cli("doctor", "--device", "list")
    assert ran.code == 0
    assert "outlook-2010" in ran.stdout
    assert wrong("devices", json.loads(run_cli("doctor", "--device", "list", "--json").stdout)) == []


def test_an_old_device_is_told_why_it_cannot_connect(online):
    online.machine("mail.example.test", ports=(993,), tls_versions=["TLSv1.3"])
    made = document(
        online.run("doctor", ADDRESS, "--json", "--imap", "mail.example.test", "--device", "android 4.0"), 5
    )
    assert "device_tls_too_old" in codes(made)
    assert made["targets"][0]["rungs"][2]["status"] == "ok"


def test_the_same_trouble_of_a_device_at_two_servers_is_told_once(online):
    online.machine("mail.example.test", ports=(993, 465), tls_versions=["TLSv1.3"])
    typed = ("--imap", "mail.example.test", "--smtp", "mail.example.test", "--device", "android-4.0")
    made = document(online.run("doctor", ADDRESS, "--json", *typed), 5)
    too_old = [one for one in made["findings"] if one["code"] == "device_tls_too_old"]
    assert [one["protocol"] for one in too_old] == [None]


def test_a_device_that_nothing_speaks_against_is_named(online):
    online.machine("mail.example.test", ports=(993,))
    made = document(online.run("doctor", ADDRESS, "--json", "--imap", "mail.example.test", "--device", "android 15"), 0)
    assert [one["text"] for one in made["notes"] if one["code"] == "device_fits"] == [
        "Android 15 or newer: nothing was seen that would keep it from these servers."
    ]


def test_a_server_that_was_not_reached_is_not_compared(online):
    online.machine("mail.example.test", ports=())
    made = document(
        online.run("doctor", ADDRESS, "--json", "--imap", "mail.example.test", "--device", "android-4.0"), 5
    )
    assert codes(made) == ["port_refused"]
    assert [one["code"] for one in made["notes"]] == ["device_not_compared"]


# logging in


def test_the_right_password_from_a_command_opens_everything(healthy, secret):
    made = document(healthy.run("doctor", ADDRESS, "--json", "--login", "--password-command", PRINTING), 0)
    assert [one["rungs"][-1]["name"] for one in made["targets"]] == ["mailbox", "mailbox", "login"]
    assert [(one.protocol, one.accepted) for one in healthy.world.logins] == [
        (protocol, True) for protocol in ("imap", "pop3", "smtp")
    ] or len(healthy.world.logins) == 3
    assert all(one.accepted for one in healthy.world.logins)


def test_a_command_is_run_without_a_shell(healthy, tmp_path):
    command = f"{sys.executable} -c 'import sys; print(sys.argv[1:])' $HOME ; touch made"
    ran = healthy.run("doctor", ADDRESS, "--login", "--password-command", command)
    assert ran.code == 6
    assert not (tmp_path / "made").exists()


def test_a_wrong_password_ends_with_6_after_two_tries_a_server(healthy):
    made = document(healthy.run("doctor", ADDRESS, "--json", "--login", "--password-command", "echo wrong-password"), 6)
    assert codes(made) == ["auth_failed"]
    assert made["findings"][0]["protocol"] is None, "the same at all servers is told once"
    tries = [(one.protocol, one.port) for one in healthy.world.logins]
    assert max(tries.count(one) for one in tries) <= 2


def test_the_password_from_a_descriptor(healthy, secret, cli_environment, tmp_path):
    with secret.open("rb") as stream:
        done = subprocess.run(
            [sys.executable, "-m", "wizard", "doctor", ADDRESS, *healthy.options, "--json", "--login",
             "--password-fd", str(stream.fileno())],
            env=healthy.environment, cwd=tmp_path, pass_fds=(stream.fileno(),), stdin=subprocess.DEVNULL,
            capture_output=True, check=False, timeout=60,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert CANARY not in done.stdout.decode()
    assert len(healthy.world.logins) == 3


def test_without_a_source_and_a_terminal_it_ends_with_3_and_names_both_options(healthy):
    ran = healthy.run("doctor", ADDRESS, "--login")
    assert ran.code == 3
    assert "--password-command, --password-fd" in ran.stderr
    assert healthy.world.logins == []


def test_the_terminal_asks_says_where_it_goes_and_shows_nothing(healthy):
    with healthy.open("doctor", ADDRESS, "--login") as terminal:
        terminal.see(
            f"The password of {ADDRESS}. It goes to mail.example.test and nowhere else.", "Password (not shown):"
        )
        terminal.press(ENTER)
        terminal.see("The password is empty.")
        terminal.press(CANARY, ENTER)
        assert terminal.end() == 0
        assert "Nothing is wrong" in terminal.everything
        assert CANARY not in terminal.raw
    assert {one.protocol for one in healthy.world.logins if one.accepted} == {"imap", "pop3", "smtp"}


def test_ctrl_c_at_the_password_is_an_interruption_and_the_terminal_is_as_it_was(healthy):
    with healthy.open("doctor", ADDRESS, "--login") as terminal:
        terminal.see("Password (not shown):")
        terminal.press(CTRL_C)
        assert terminal.end() == 130
    assert healthy.world.logins == []


def test_where_the_password_would_be_shown_it_is_not_asked_for_and_the_other_ways_are_named(healthy):
    """A pipe as standard input, as mintty on Windows is one: nothing keeps it from showing what is typed."""
    ran = healthy.run("doctor", ADDRESS, "--login", "--plain", stdin=CANARY + "\n")
    assert ran.code == 3
    assert "with --password-command or --password-fd" in flat(ran.stderr)
    assert CANARY not in ran.stdout + ran.stderr
    assert healthy.world.logins == []


def test_names_that_are_only_usual_get_no_password(online, secret):
    ran = online.run("doctor", "anna@nowhere.test", "--json", "--login", "--password-command", "false")
    made = document(ran, 5)
    assert codes(made) == ["domain_not_found"]
    assert [one["code"] for one in made["notes"]] == ["login_not_tried"]


def test_a_name_that_was_refused_is_not_told_to_be_entered(healthy, secret, tmp_path):
    (tmp_path / "secret").write_text("wrong\n", encoding="utf-8")
    options = ("--username", "anna", "--protocol", "imap", "--login", "--password-command", PRINTING)
    made = document(healthy.run("doctor", ADDRESS, "--json", *options), 6)
    assert [(one.username, one.accepted) for one in healthy.world.logins if one.protocol == "imap"] == [
        ("anna", False),
        (ADDRESS, False),
    ]
    assert codes(made) == ["auth_failed"]
    assert not [step for step in made["findings"][0]["steps"] if "was found for your address" in step]
    assert made["notes"] == []


def test_servers_of_somebody_else_get_no_password_unasked(online, secret):
    online.machine("mail.hoster.test", users=USERS)
    online.srv("example.test", "mail.hoster.test")
    options = ("--login", "--password-command", PRINTING)
    ran = online.run("doctor", ADDRESS, *options)
    assert ran.code == 3
    assert "--accept foreign_domain" in ran.stderr
    assert online.world.logins == []
    assert document(online.run("doctor", ADDRESS, "--json", *options, "--accept", "foreign_domain"), 0)
    assert len(online.world.logins) == 3


def test_the_person_may_say_no_and_is_checked_without_a_log_in(online):
    online.machine("mail.hoster.test", users=USERS)
    online.srv("example.test", "mail.hoster.test")
    with online.open("doctor", ADDRESS, "--login") as terminal:
        terminal.see("hoster.test", "Shall the password be sent there?")
        terminal.press(ENTER)
        assert terminal.end() == 0
        assert "The log-in was not tried." in terminal.everything
    with online.open("doctor", ADDRESS, "--login") as terminal:
        terminal.see("Shall the password be sent there?")
        terminal.press(DOWN, ENTER)
        terminal.see("Password (not shown):")
        terminal.press(CANARY, ENTER)
        assert terminal.end() == 0
    assert {one.protocol for one in online.world.logins} == {"imap", "pop3", "smtp"}


def test_a_message_goes_to_oneself_on_request_only(healthy, secret):
    options = ("--send-test", "--password-command", PRINTING, "--protocol", "imap")
    made = document(healthy.run("doctor", ADDRESS, "--json", *options), 0)
    assert [(one["code"], ADDRESS in one["text"]) for one in made["notes"]] == [("test_sent", True)]
    commands = [line for line in healthy.world.mail_commands() if line.startswith(("MAIL FROM", "RCPT TO"))]
    assert [line.partition(" SIZE")[0] for line in commands] == [f"MAIL FROM:<{ADDRESS}>", f"RCPT TO:<{ADDRESS}>"]


def test_a_server_without_encryption_gets_no_password(online, secret):
    online.machine("mail.example.test", ports=(143,), users=USERS)
    options = ("--imap", "mail.example.test:143", "--security", "plain", "--login", "--password-command", PRINTING)
    made = document(online.run("doctor", ADDRESS, "--json", *options), 6)
    assert codes(made) == ["login_disabled"]
    assert online.world.logins == []


# what is written


def test_a_report_for_a_helpdesk(healthy, tmp_path):
    options = ("--login", "--password-command", "echo wrong-password", "--report", "report.txt")
    assert healthy.run("doctor", ADDRESS, *options).code == 6
    text = (tmp_path / "report.txt").read_text(encoding="utf-8")
    for part in (ADDRESS, "mail-wizard ", "Python 3.", "OpenSSL ", "IMAP: mail.example.test 993 SSL/TLS",
                 "encryption (TLS): ok", "log-in: failed", "auth_failed", "1.1 "):  # fmt: skip
        assert part in text
    assert "wrong-password" not in text
    assert os.uname().nodename not in text
    if os.name == "posix":
        assert (tmp_path / "report.txt").stat().st_mode & 0o077 == 0


def test_addresses_are_shortened_on_request(healthy, tmp_path):
    options = ("--report", "report.txt", "--shorten-addresses", "--username", "anna", "--login")
    healthy.run("doctor", ADDRESS, *options, "--password-command", "echo wrong-password")
    text = (tmp_path / "report.txt").read_text(encoding="utf-8")
    assert "a…@example.test" in text
    assert not re.search(r"\banna\b", text)


def test_a_report_that_exists_is_left_alone_and_nothing_is_asked_or_sent(healthy, tmp_path):
    (tmp_path / "report.txt").write_text("mine")
    assert healthy.run("doctor", ADDRESS, "--login", "--report", "report.txt").code == 7
    assert healthy.world.dialled == []
    assert (tmp_path / "report.txt").read_text() == "mine"
    assert healthy.run("doctor", ADDRESS, "--report", "report.txt", "--force").code == 0
    assert ADDRESS in (tmp_path / "report.txt").read_text(encoding="utf-8")


# how it is shown


def test_in_plain_mode_every_step_is_a_line_and_nothing_is_drawn_again(healthy):
    ran = healthy.run("doctor", ADDRESS, "--plain")
    assert ran.code == 0
    assert (
        len(re.findall(r"^(?:IMAP|POP3|SMTP), [\w\- ]+(?:\(\w+\))?: (?:ok|not tried)", ran.stderr, re.MULTILINE)) == 18
    )
    assert "\x1b" not in ran.stderr + ran.stdout


@pytest.mark.parametrize("columns", [40, 60, 80])
def test_a_terminal_shows_the_ladders_as_they_are_climbed(healthy, columns):
    with healthy.open("doctor", ADDRESS, "--imap", "mail.example.test", columns=columns, lines=60) as terminal:
        assert terminal.end() == 0
        assert all(len(line) <= columns for line in terminal.everything.splitlines())
        assert "Nothing is wrong" in terminal.everything
        assert "…" in terminal.raw


def test_ctrl_c_ends_a_run_that_waits(online):
    online.machine("mail.example.test", ports=(993,), behaviour="silent")
    with online.open("doctor", ADDRESS, "--imap", "mail.example.test") as terminal:
        terminal.see("connection (TCP)", moving=True)
        terminal.interrupt()
        assert terminal.end(10) == 130
        assert "Traceback" not in terminal.raw


def test_italian_from_the_first_word_to_the_last(healthy):
    ran = healthy.run("doctor", ADDRESS, "--lang", "it", "--imap", "mail.example.test:144")
    assert ran.code == 5
    assert "What to do" not in ran.stdout
    assert "Se fino a poco fa funzionava" in ran.stdout


HOSTILE = "* OK \x1b]0;owned\x07\x1b[2J\x9b31m evil \u202egnp"


def test_hostile_text_of_a_server_reaches_neither_terminal_nor_file_raw(online, tmp_path):
    online.machine("mail.example.test", ports=(993,), users={}, greeting=HOSTILE,
                   refused_with="NO [ALERT] \x1b[2J\x07evil \u202e words\x9b")  # fmt: skip
    options = ("--imap", "mail.example.test", "--login", "--password-command", "echo wrong-password", "-v",
               "--report", "report.txt")  # fmt: skip
    with online.open("doctor", ADDRESS, *options) as terminal:
        assert terminal.end() == 6
        assert "evil" in terminal.everything
        rest = ESCAPES.sub("", terminal.raw)
        assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202e]", rest), repr(rest)
        assert "\x1b[2J" not in terminal.raw
    text = (tmp_path / "work" / "report.txt").read_text(encoding="utf-8")
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", text)
    ran = online.run("doctor", ADDRESS, "--json", *options[:-2])
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", ran.stdout)


def test_the_deadline_holds_for_the_whole_command(online):
    online.machine("mail.example.test", ports=(993, 995, 465), behaviour="slow")
    for name in ("example.test", "autoconfig.example.test"):
        online.mute(name)
    online.srv("example.test", "mail.example.test")
    begun = time.monotonic()
    ran = online.run("doctor", ADDRESS, "--json", "--timeout", "2")
    assert time.monotonic() - begun < 8
    assert document(ran, 5)["elapsed_ms"] < 3500


# the password


def _seen_of_children(pid: int, stop: threading.Event, found: set[str]) -> None:
    """Arguments and environments of a process and all below it, as long as it lives."""
    while not stop.is_set():
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                status = (folder / "stat").read_text().rpartition(")")[2].split()
                if int(folder.name) == pid or int(status[1]) == pid:
                    found.add((folder / "cmdline").read_bytes().decode("utf-8", "replace"))
                    found.add((folder / "environ").read_bytes().decode("utf-8", "replace"))
            except (OSError, ValueError, IndexError):
                continue
        time.sleep(0.002)


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="this system has no /proc")
@pytest.mark.parametrize("right", [True, False], ids=["accepted", "refused"])
def test_the_canary_is_nowhere(online, secret, tmp_path, right):
    """Neither in arguments or environments, nor in what is printed or written, even where a server repeats it."""
    repeated = {"refused_with": "NO [ALERT] no: {password} {command}"}
    online.machine("mail.example.test", ports=(993,), users=USERS if right else {}, **repeated)
    online.machine(
        "out.example.test", ports=(465,), users=USERS if right else {}, refused_with="535 5.7.8 {password} {command}"
    )
    words = ("doctor", ADDRESS, *online.options, "--imap", "mail.example.test", "--smtp", "out.example.test", "--login",
             "--send-test", "--password-command", PRINTING, "--debug", "-v", "--report", "report.txt")  # fmt: skip
    found: set[str] = set()
    for more in ([], ["--json", "--force"]):
        stop = threading.Event()
        process = subprocess.Popen(
            [sys.executable, "-X", "dev", "-m", "wizard", *words, *more],
            env={**online.environment, "PYTHONASYNCIODEBUG": "1"}, cwd=tmp_path, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        watcher = threading.Thread(target=_seen_of_children, args=(process.pid, stop, found))
        watcher.start()
        out, err = process.communicate(timeout=60)
        stop.set()
        watcher.join()
        found |= {out.decode(), err.decode()}
        assert process.returncode == (0 if right else 6), err.decode()
    found |= {
        path.read_text(encoding="utf-8", errors="replace")
        for path in tmp_path.rglob("*")
        if path.is_file() and path != secret
    }
    from base64 import b64encode

    assert any("wizard" in one for one in found)
    assert any("secret" in one for one in found), "the child was seen"
    for form in (
        CANARY,
        b64encode(CANARY.encode()).decode()[:12],
        b64encode(f"\0{ADDRESS}\0{CANARY}".encode()).decode()[24:44],
    ):
        assert not [one for one in found if form in one], form
    assert len(online.world.logins) >= 2


def test_a_traceback_does_not_show_it(healthy, secret):
    """A mistake in the middle of a log-in, made on purpose, with --debug."""
    broken = (
        "import sys, wizard.net.login as login\n"
        "def attempt(self, mechanism, username, password):\n"
        "    raise RuntimeError('broken on purpose')\n"
        "login.Login.attempt = attempt\n"
        "from wizard.cli import main\n"
        "sys.exit(main())\n"
    )
    command = (sys.executable, "-c", broken)
    ran = healthy.run("doctor", ADDRESS, "--login", "--password-command", PRINTING, "--debug", command=command)
    assert "broken on purpose" in ran.stderr
    assert "Traceback" in ran.stderr
    assert CANARY not in ran.stderr + ran.stdout
    ran = healthy.run("doctor", ADDRESS, "--login", "--password-command", PRINTING, command=command)
    assert ran.code == 1
    assert CANARY not in ran.stderr + ran.stdout


# three people who could not connect, in their own language


def test_a_hoster_whose_certificate_is_for_its_own_name(online):
    """She typed mail.DOMAIN, as most guides say; the certificate of the shared server is for the hoster's name."""
    shared = online.machine("server1.hoster.test")
    online.world.dns("example.test", A=[shared], MX=[(10, "mail.example.test")])
    online.world.dns("mail.example.test", A=[shared])
    ran = online.run("doctor", ADDRESS, "--imap", "mail.example.test", "--lang", "it")
    assert ran.code == 5
    assert "Il certificato del server è per un altro nome" in flat(ran.stdout)
    assert "1. Come nome del server scrivi server1.hoster.test, al posto di mail.example.test." in flat(ran.stdout)


@pytest.mark.parametrize(
    ("says", "code", "step"),
    [
        (
            "NO [ALERT] Application-specific password required: https://support.google.com/accounts/answer/185833",
            "auth_needs_app_password",
            "al posto di quella di sempre",
        ),
        (
            "NO [ALERT] Your account is not enabled for IMAP use. Please visit your Gmail settings page",
            "protocol_switched_off",
            "consenti IMAP per i programmi di posta",
        ),
    ],
)
def test_access_that_broke_after_a_long_time(online, secret, says, code, step):
    online.machine("mail.example.test", ports=(993,), refused_with=says)
    options = ("--login", "--password-command", PRINTING, "--imap", "mail.example.test", "--lang", "it")
    made = document(online.run("doctor", ADDRESS, "--json", *options), 6)
    assert codes(made) == [code]
    assert [one for one in made["findings"][0]["steps"] if step in one]
    assert len(online.world.logins) == 1  # the server has said what it is: no second try


def test_a_refused_password_at_a_provider_says_what_the_provider_wants(online, secret):
    online.machine("imapmail.libero.it", ports=(993,), refused_with="NO [AUTHENTICATIONFAILED] Authentication failed.")
    online.machine("smtp.libero.it", ports=(465,), refused_with="535 5.7.8 Authentication failed.")
    options = ("--login", "--password-command", PRINTING, "--protocol", "imap")
    made = document(online.run("doctor", "anna@libero.it", "--json", *options), 6)
    assert codes(made) == ["auth_failed"]
    assert made["findings"][0]["protocol"] is None
    assert [one for one in made["findings"][0]["steps"] if "make a password for programs in Libero" in one]
