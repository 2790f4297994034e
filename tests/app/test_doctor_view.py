"""The doctor as a use case: it runs without a terminal, and asks through its view what only a person can say."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace

import pytest

from tests.model.test_accounts import IMAP, SMTP
from wizard.app.doctor import DoctorRequest, examine, password_doubts
from wizard.app.passwords import PasswordSource
from wizard.app.typed_servers import TypedServers, targets_of
from wizard.discovery.context import LookUpOptions
from wizard.model.address import parse_address
from wizard.model.discovery import DiscoveryReport, Evidence, Source, Trust
from wizard.model.problems import ExitCode, Notice, Problem
from wizard.model.secret import Secret
from wizard.model.servers import Protocol

ANNA = parse_address("anna@example.test")
NOWHERE = LookUpOptions(resolver="127.0.0.1:9", probe=False, ispdb=False, timeout=1)


class Notes:
    """A view that answers by itself and notes what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.steps: list[tuple[Protocol, str]] = []

    def wait_for(self, look_up):
        self.asked.append("wait")
        return look_up.result()

    def may_send_password(self, doubts):
        self.asked.append("may send")
        return False

    def ask_password(self, message):
        self.asked.append(message)
        return Secret(b"secret")

    @contextmanager
    def climbing(self, targets):
        yield lambda target, rung: self.steps.append((target.protocol, rung.name.value))


def request(**values) -> DoctorRequest:
    given = {"address": ANNA, "look_up": NOWHERE, "typed": TypedServers(), "password": PasswordSource()}
    return DoctorRequest(**(given | values))


def test_every_step_reaches_the_view_and_the_password_is_asked_for_there():
    """A port that nobody listens on is enough: the first steps end, and the finding is the root cause."""
    view = Notes()
    typed = TypedServers(imap="localhost:9")
    result = examine(request(typed=typed, login=True, look_up=NOWHERE), view)
    assert result.exit_code is ExitCode.NETWORK
    assert view.steps[0] == (Protocol.IMAP, "dns")
    assert [text for text in view.asked if "localhost" in text and ANNA.unicode in text]
    assert "wait" not in view.asked


@pytest.mark.parametrize(
    "values",
    [
        {"look_up": LookUpOptions(offline=True)},
        {"settings": "x", "typed": TypedServers(imap="mail.example.test")},
        {"password": PasswordSource(command="true")},
        {"accept": ("gues",)},
    ],
    ids=["offline", "settings and servers", "a password without a log-in", "a code that is none"],
)
def test_what_does_not_go_together_is_said_before_anything_is_asked(values):
    view = Notes()
    with pytest.raises(Problem):
        examine(request(**values), view)
    assert view.asked == view.steps == []


def test_only_a_doubt_that_nobody_agreed_to_keeps_a_password_back():
    guess = replace(IMAP, evidence=Evidence(Source.PROBE, Trust.GUESSED))
    notice = Notice("guess", "guessed")
    report = DiscoveryReport(address=ANNA, imap=guess, smtp=SMTP, needs_consent=(notice,))
    targets = targets_of(report)
    assert [doubt.code for doubt in password_doubts(report, targets, ())] == ["guess"]
    assert password_doubts(report, targets, ("guess",)) == ()
    assert password_doubts(replace(report, needs_consent=()), targets, ()) == ()


def test_where_the_person_says_no_nothing_is_asked_further_and_that_is_noted(monkeypatch):
    guess = replace(
        IMAP, evidence=Evidence(Source.PROBE, Trust.GUESSED), server=replace(IMAP.server, hostname="localhost")
    )
    report = DiscoveryReport(address=ANNA, imap=guess, needs_consent=(Notice("guess", "guessed"),))
    view = Notes()
    monkeypatch.setattr(view, "wait_for", lambda look_up: (look_up.cancel(), report)[1])
    result = examine(request(login=True, look_up=NOWHERE), view)
    assert view.asked == ["may send"]
    assert [notice.code for notice in result.notes] == ["guessed", "login_not_tried"]
