"""The guided way as the terminal draws it: by a prompter by script, on a screen that is kept."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest

from tests.app.journey import ONLINE, diagnosis, found, request, usual
from wizard.advice.recommendation import recommend
from wizard.app.guided.work import Stopped
from wizard.interview import partial
from wizard.interview.answers import Answers
from wizard.interview.steps import BACK, Password
from wizard.model.discovery import DiscoveryReport, Trust
from wizard.model.problems import ExitCode, InputNeeded, Notice
from wizard.model.secret import Secret
from wizard.model.servers import Protocol
from wizard.terminal import guided
from wizard.terminal.guided import ask_questions, run_guided
from wizard.terminal.prompters import Prompter
from wizard.terminal.screen import Screen

if TYPE_CHECKING:
    from wizard.app.guided.state import Outcome
    from wizard.app.plan import Request
    from wizard.interview.steps import Step

IMAP, SMTP = Protocol.IMAP, Protocol.SMTP
CTRL_C = object()


class ScriptedPrompter(Prompter):
    """Answers as usual, or with the next of the ``answers`` for a step; says what it says on the screen."""

    def __init__(self, stream: io.StringIO, **answers: Any) -> None:
        self._stream = stream
        self._answers = {key: list(value) if isinstance(value, list) else [value] for key, value in answers.items()}
        self.steps: list[str] = []

    def say(self, text: str) -> None:
        self._stream.write(text + "\n")

    def ask(self, step: Step) -> Any:
        self.steps.append(step.id)
        left = self._answers.get(step.id.replace("-", "_"), [])
        value = left.pop(0) if left else Secret("pass") if isinstance(step, Password) else usual(step)
        if value is CTRL_C:
            raise KeyboardInterrupt
        if isinstance(value, Exception):
            raise value
        return value


class FoundAtOnce:
    """A look-up that is over."""

    def __init__(self, report: DiscoveryReport, *, done: bool = True) -> None:
        self._report, self.done = report, done
        self.cancelled = False

    def result(self) -> DiscoveryReport:
        return self._report

    def cancel(self) -> None:
        self.cancelled = True


@pytest.fixture(autouse=True)
def work_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def find(monkeypatch):
    """``find(imap=…)``: what every look-up finds; the look-ups that were begun."""
    begun: list[FoundAtOnce] = []

    def finding(*, done: bool = True, **parts: Any) -> list[FoundAtOnce]:
        servers = {"imap": found(IMAP, "imap.example.test"), "smtp": found(SMTP, "smtp.example.test"), **parts}

        def start(address, _options):
            begun.append(FoundAtOnce(DiscoveryReport(address=address, **servers), done=done))
            return begun[-1]

        monkeypatch.setattr("wizard.discovery.lookup.start", start)
        return begun

    return finding


def go(asked: Request, *, defaults: bool = False, **answers: Any) -> tuple[Outcome, str, ScriptedPrompter]:
    shown = io.StringIO()
    prompter = ScriptedPrompter(shown, **answers)
    outcome = run_guided(asked, prompter, Screen(shown, color=False), defaults=defaults)
    return outcome, shown.getvalue(), prompter


def online(**more: Any) -> Request:
    return request("anna@example.test", look_up=ONLINE, **more)


def test_advice_servers_and_files(tmp_path):
    outcome, shown, _prompter = go(request("anna@gmx.net"), devices="several", advice="why")
    assert "GMX is known." in shown
    assert shown.count("Our advice") == 2  # once with all its reasons
    assert "imap.gmx.net 993 SSL/TLS" in shown
    assert "Do first" in shown
    assert outcome.written.files
    assert partial.offered() is None
    assert (tmp_path / "anna@gmx.net").is_dir()


@pytest.mark.parametrize("step", ["quota", "advice", "name", "programs", "summary"])
def test_ctrl_c_keeps_the_answers_and_says_where(step):
    with pytest.raises(Stopped) as caught:
        go(request("anna@gmail.com"), devices="several", **{step: CTRL_C})
    assert caught.value.exit_code is ExitCode.INTERRUPTED
    assert caught.value.text.startswith("Interrupted; nothing was written.")
    assert "interrupted.json" in caught.value.text
    kept = partial.offered()
    assert kept is not None
    assert kept.answers.get("devices") == "several"


def test_whoever_chooses_to_stop_reads_another_sentence(find):
    find(imap=found(IMAP, "imap.example.test", trust=Trust.GUESSED), needs_consent=(Notice("guess", "A guess."),))
    with pytest.raises(Stopped) as caught:
        go(online(), devices="several", consent="stop")
    assert caught.value.text.startswith("Stopped; nothing was written.")


def test_what_an_interrupted_run_left_is_gone_on_with_or_forgotten():
    with pytest.raises(Stopped):
        go(request("anna@gmail.com"), devices="several", advice=CTRL_C)
    outcome, _shown, prompter = go(request(dry_run=True), resume="on")
    assert str(outcome.plan.report.address) == "anna@gmail.com"
    assert "address" not in prompter.steps
    go(request(dry_run=True), resume="afresh")
    assert partial.offered() is None


def test_another_address_cancels_the_look_up_of_the_first_one(find):
    begun = find()
    go(online(), devices=[BACK, "several"], address="bruno@example.test")
    assert [look_up.cancelled for look_up in begun] == [True, False]


def test_whoever_does_not_wait_for_the_look_up_goes_on_with_what_is_there(find, monkeypatch):
    find(done=False)

    def watch(_look_up, _screen):
        raise KeyboardInterrupt

    monkeypatch.setattr(guided, "watch", watch)
    outcome, shown, _prompter = go(online())
    assert "Still looking for the servers." in shown
    assert outcome.written.files


def test_what_is_seen_of_servers_is_shown_and_ctrl_c_goes_on_without(find, monkeypatch):
    untried = found(IMAP, "imap.example.test", verified=None)
    find(imap=untried)
    answers = [lambda report, servers, *_more: diagnosis(report.address, servers, IMAP), KeyboardInterrupt]

    def connect(*arguments):
        answer = answers.pop(0)
        if answer is KeyboardInterrupt:
            raise KeyboardInterrupt
        return answer(*arguments)

    monkeypatch.setattr(guided, "connect", connect)
    _outcome, shown, prompter = go(online())
    assert "Connecting to the servers. Press Ctrl-C to skip this." in shown
    assert "Nothing answers for imap." in shown
    assert "silent-servers" in prompter.steps
    _outcome, shown, prompter = go(online(force=True))
    assert "silent-servers" not in prompter.steps


def test_the_password_is_wiped_and_what_cannot_be_asked_is_said(find, monkeypatch):
    find()
    seen: list[Secret] = []

    def connect(report, servers, _options, _on_rung, password=None):
        seen.append(password)
        return diagnosis(report.address, servers)

    monkeypatch.setattr(guided, "connect", connect)
    passwords = [Secret("kanari3"), CTRL_C, InputNeeded("It would be shown.")]
    _outcome, shown, _prompter = go(online(), summary=["log-in"] * 3, password=passwords)
    assert "Logging in works" in shown
    assert "The log-in was not tried." in shown
    assert "It would be shown." in shown
    assert len(seen) == 1
    assert not len(seen[0])
    assert "kanari3" not in shown


def test_with_defaults_silent_servers_are_said(find):
    find(imap=found(IMAP, "imap.example.test", verified=False))
    _outcome, shown, prompter = go(online(answers={"clients": "card"}), defaults=True)
    assert "Not every server answers as it should." in shown
    assert prompter.steps == []


def test_the_questions_alone_are_asked_with_a_way_back_and_keep_what_was_answered():
    shown = io.StringIO()
    prompter = ScriptedPrompter(shown, devices=[BACK, "one", "several"], quota=[BACK, "tight"])
    answers = ask_questions(Answers(), prompter, None)
    assert prompter.steps[:4] == ["devices", "devices", "quota", "devices"]
    assert answers.get("devices") == "several"
    assert recommend(answers.values()).protocol is not None
    with pytest.raises(Stopped):
        ask_questions(Answers(), ScriptedPrompter(shown, quota=CTRL_C), None)
