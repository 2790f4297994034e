"""``doctor --report``: the text for a helpdesk, and what a hostile server cannot put into it."""

from __future__ import annotations

import os
import re

from tests.cli.doctor_runs import ADDRESS

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
HOSTILE = "* OK \x1b]0;owned\x07\x1b[2J\x9b31m evil \u202egnp"


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
