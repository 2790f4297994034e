"""Every cause that docs/doctor.md names is found where servers really behave so, from the wire to the words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.diagnosis.climbing import ADDRESS, HOST
from tests.diagnosis.situations import CASES, Case, Situation, login, serve
from tests.world import World
from wizard import language
from wizard.diagnosis.findings import finding_for
from wizard.diagnosis.knowledge import knowledge
from wizard.model.servers import Protocol

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "doctor.md"


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """Nobody waits for long for what never comes; what is waited for, and what follows, stays as it is."""
    for name, seconds in (
        ("wizard.net.connect.TIMEOUT", 0.8),
        ("wizard.diagnosis.ladder.CONVERSATION", 0.8),
        ("wizard.net.mail.CONVERSATION_TIMEOUT", 0.8),
        ("wizard.net.unverified.BANNER_WAIT", 0.3),
        ("wizard.net.unverified.TIMEOUT", 0.8),
    ):
        monkeypatch.setattr(name, seconds)


@pytest.mark.parametrize("one", CASES, ids=lambda one: f"{one.code}-{one.name}")
def test_the_cause_is_found(world, one: Case):
    diagnosis = one.build(world).diagnose(world)
    found = {finding.code: finding for finding in diagnosis.findings}
    assert one.code in found, [(each.code, each.cause) for each in diagnosis.findings]
    finding = found[one.code]
    assert one.words in finding.cause, finding
    assert finding.evidence
    assert finding.steps
    assert diagnosis.findings[0].code == one.code, "what is told first is the root cause"


@pytest.mark.parametrize("one", CASES, ids=lambda one: f"{one.code}-{one.name}")
def test_the_cause_is_told_in_italian(world, one: Case):
    language.activate("it")
    diagnosis = one.build(world).diagnose(world)
    finding = next(each for each in diagnosis.findings if each.code == one.code)
    assert finding.cause
    assert not re.search(r"\b(the|your|server is|and)\b", finding.cause), finding.cause


def documented() -> list[str]:
    table = DOCUMENT.read_text(encoding="utf-8").partition("## Codes")[2].partition("\n## ")[0]
    return re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)


def test_every_code_of_the_document_has_a_server_that_behaves_so():
    codes = documented()
    assert len(codes) > 30
    assert [code for code in codes if code not in {one.code for one in CASES}] == []


def test_the_document_the_words_and_the_cases_have_the_same_codes():
    assert set(documented()) == set(knowledge().codes) == {one.code for one in CASES}


def test_every_way_to_tell_a_cause_has_a_server_that_behaves_so(monkeypatch):
    """Not only the codes: also the special cases of each, which have sentences and steps of their own."""
    told: set[tuple[str, str]] = set()

    def noted(suspicion, case):
        told.add((suspicion.code, suspicion.case))
        return finding_for(suspicion, case)

    monkeypatch.setattr("wizard.diagnosis.rules.finding_for", noted)
    for one in CASES:
        with World() as world:
            monkeypatch.setenv("SSL_CERT_FILE", str(world.ca_file))
            world.dns(HOST, A=[ADDRESS])
            world.dns("example.test", MX=[(10, HOST)])
            one.build(world).diagnose(world)
    # No way to a network at all is shown in a namespace of its own (tests/real/test_doctor_real.py).
    assert set(knowledge().texts) - told == {("port_filtered", "unreachable")}


def test_no_two_cases_have_one_name():
    assert len({one.name for one in CASES}) == len(CASES)


SENTENCES = knowledge().sentences
AT_COMMAND = {"smtp_sender_refused": "MAIL", "smtp_relay_denied": "RCPT", "smtp_auth_missing": "MAIL"}
IN_THE_GREETING = ("421", "554 5.7.1 Service unavailable")


@pytest.mark.parametrize(
    ("sentence", "protocol"),
    [pytest.param(one, protocol, id=f"{one.who}-{protocol}") for one in SENTENCES for protocol in one.protocols],
)
def test_a_server_that_says_a_known_sentence_is_understood(world, sentence, protocol):
    code, says = sentence.meaning.code, _as_a_line(sentence.says, protocol)
    how = {"users": {}, "refused_with": says}
    if protocol is Protocol.SMTP and code in AT_COMMAND:
        how = {"answers": {AT_COMMAND[code]: says}}
    elif protocol is Protocol.SMTP and says.startswith(IN_THE_GREETING):
        how = {"greeting": says}
    found = serve(world, protocol, **how)
    diagnosis = Situation(targets=[found], wishes=login(send_test=True)).diagnose(world)
    assert diagnosis.findings[0].code == code, diagnosis.findings
    assert code == "username_form" or "The server said: “" in diagnosis.findings[0].evidence


def _as_a_line(says: str, protocol: Protocol) -> str:
    """The words as the server puts them on the wire; of several lines, each on its own."""
    if protocol is Protocol.SMTP:
        line = says if says[:3].isdigit() else f"535 {says}"
        return re.sub(r"(?<=\w) (?=550 )", "\r\n", line) if " 550 " in line else line.replace("550-", "550 ")
    words = says.removeprefix("NO ").removeprefix("BAD ").removeprefix("-ERR ")
    return f"NO {words}" if protocol is Protocol.IMAP else f"-ERR {words}"
