"""Two servers of one account: a reason that one of them names holds for the other, and findings do not contradict."""

from __future__ import annotations

import pytest

from tests.cli.doctor_runs import CANARY, PRINTING, document

ANNA = "anna@example.test"
BARE = {465: "535 5.7.8 Incorrect authentication data", 993: "NO [AUTHENTICATIONFAILED] Authentication failed."}


@pytest.fixture
def pair(online, tmp_path):
    """Runs the command with a log-in for a server to read with and one to send with."""
    (tmp_path / "secret").write_text(CANARY + "\n", encoding="utf-8")

    def run(imap, smtp, *, hosts=("imap.example.test", "smtp.example.test"), code=6):
        for host, port, says in zip(hosts, (993, 465), (imap, smtp), strict=True):
            users = {ANNA: CANARY} if says is None else {}
            online.machine(host, ports=(port,), users=users, **({} if says is None else {"refused_with": says}))
        given = ("--imap", hosts[0], "--smtp", hosts[1], "--login", "--password-command", PRINTING)
        return document(online.run("doctor", ANNA, "--json", *given), code)["findings"]

    return run


REASONS = [
    ("NO Your account is temporarily locked", "rate_limited"),
    ("NO Kennwort abgelaufen", "password_expired"),
    ("NO La password è scaduta", "password_expired"),
    ("NO IMAP is disabled for your account", "protocol_switched_off"),
    ("NO Trop de tentatives, réessayez plus tard", "rate_limited"),
    ("NO Application-specific password required", "auth_needs_app_password"),
]


@pytest.mark.parametrize(("says", "code"), REASONS)
def test_a_reason_of_the_one_server_is_told_and_no_bare_refusal_of_the_other(pair, says, code):
    (found,) = pair(says, BARE[465], code=5 if code == "rate_limited" else 6)
    assert (found["code"], found["protocol"]) == (code, "imap")


def test_the_reason_may_come_from_the_server_for_sending(pair):
    (found,) = pair(BARE[993], "535 5.7.8 Your account is temporarily locked", code=5)
    assert (found["code"], found["protocol"]) == ("rate_limited", "smtp")


def test_two_companies_have_their_own_reasons(pair):
    found = pair("NO Kennwort abgelaufen", BARE[465], hosts=("imap.example.test", "smtp.relay.test"))
    assert {finding["protocol"] for finding in found} == {"imap", "smtp"}


@pytest.mark.parametrize(("imap", "smtp", "refusing"), [(None, BARE[465], "smtp"), (BARE[993], None, "imap")])
def test_a_password_that_one_server_accepts_is_right(pair, imap, smtp, refusing):
    (found,) = pair(imap, smtp)
    assert (found["code"], found["protocol"]) == ("auth_failed", refusing)
    assert "both are right" in found["cause"]
    assert not any("new one" in step or "new password" in step for step in found["steps"])
