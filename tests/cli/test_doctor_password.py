"""``doctor --login``: where the password comes from, where it goes, and that it is nowhere else."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.cli.doctor_runs import ADDRESS, CANARY, PRINTING, USERS, codes, document, flat
from tests.terminal import CTRL_C, DOWN, ENTER


def test_the_right_password_from_a_command_opens_everything(healthy, secret):
    made = document(healthy.run("doctor", ADDRESS, "--json", "--login", "--password-command", PRINTING), 0)
    assert [one["rungs"][-1]["name"] for one in made["targets"]] == ["mailbox", "mailbox", "login"]
    assert sorted((one.protocol, one.accepted) for one in healthy.world.logins) == [
        (protocol, True) for protocol in ("imap", "pop3", "smtp")
    ]


def test_no_keys_are_logged_while_a_password_is_sent(healthy, secret, tmp_path):
    keys = tmp_path / "keys"
    words = ["doctor", ADDRESS, "--json", "--login", "--password-command", f"cat {secret}"]
    document(healthy.run(*words, env={"SSLKEYLOGFILE": str(keys)}), 0)
    assert healthy.world.logins
    assert not keys.exists()


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


WAITING = (
    "import os, sys, time; sys.stdout.reconfigure(encoding='utf-8'); "
    "[time.sleep(0.01) for _ in iter(lambda: os.path.exists('seen'), True)]; print(open('secret').read())"
)
"""As PRINTING, but not before the file ``seen`` is there."""


def _seen_of_children(pid: int, stop: threading.Event, found: set[str], seen: Path) -> None:
    """Arguments and environments of a process and all below it, as long as it lives; ``seen`` once WAITING was."""
    while not stop.is_set():
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                status = (folder / "stat").read_text().rpartition(")")[2].split()
                if int(folder.name) == pid or int(status[1]) == pid:
                    arguments = (folder / "cmdline").read_bytes().decode("utf-8", "replace")
                    found.add(arguments)
                    found.add((folder / "environ").read_bytes().decode("utf-8", "replace"))
                    if arguments.split("\0")[1:3] == ["-c", WAITING]:
                        seen.touch()
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
    printing = f'{sys.executable} -c "{WAITING}"'
    words = ("doctor", ADDRESS, *online.options, "--imap", "mail.example.test", "--smtp", "out.example.test", "--login",
             "--send-test", "--password-command", printing, "--debug", "-v", "--report", "report.txt")  # fmt: skip
    found: set[str] = set()
    seen = tmp_path / "seen"
    for more in ([], ["--json", "--force"]):
        stop = threading.Event()
        process = subprocess.Popen(
            [sys.executable, "-X", "dev", "-m", "wizard", *words, *more],
            env={**online.environment, "PYTHONASYNCIODEBUG": "1"}, cwd=tmp_path, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        watcher = threading.Thread(target=_seen_of_children, args=(process.pid, stop, found, seen))
        watcher.start()
        out, err = process.communicate(timeout=60)
        stop.set()
        watcher.join()
        found |= {out.decode(), err.decode()}
        assert seen.exists(), "the child was not seen"
        seen.unlink()
        assert process.returncode == (0 if right else 6), err.decode()
    found |= {
        path.read_text(encoding="utf-8", errors="replace")
        for path in tmp_path.rglob("*")
        if path.is_file() and path != secret
    }
    from base64 import b64encode

    assert any("wizard" in one for one in found)
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
