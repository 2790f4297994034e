"""Every cause that docs/doctor.md names is found where servers really behave so, from the wire to the words."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.diagnosis.situations import ADDRESS, CASES, HOST, Case, Situation, login, serve
from tests.world import World
from wizard import language
from wizard.diagnosis.findings import finding_for, finding_for_unseen
from wizard.diagnosis.knowledge import knowledge
from wizard.diagnosis.rules import find_causes
from wizard.model.servers import Protocol

if TYPE_CHECKING:
    from wizard.model.diagnosis import Diagnosis

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "doctor.md"


IMPATIENCE = {
    "wizard.net.connect.TIMEOUT": 0.4,
    "wizard.diagnosis.ladder.CONVERSATION": 0.4,
    "wizard.net.mail.CONVERSATION_TIMEOUT": 0.4,
    "wizard.net.unverified.BANNER_WAIT": 0.2,
    "wizard.net.unverified.TIMEOUT": 0.4,
}


@cache
def diagnosed(case: Case) -> tuple[Situation, Diagnosis, frozenset[tuple[str, str]]]:
    """What comes of a case, in English: the finding, and the texts (code and case) that were used. Built once a run."""
    used: set[tuple[str, str]] = set()

    def noting(made):
        def noted(cause, *about):
            used.add((cause.code, cause.case))
            return made(cause, *about)

        return noted

    with World() as world, pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(world.ca_file))
        for made in (finding_for, finding_for_unseen):
            patch.setattr(f"wizard.diagnosis.rules.{made.__name__}", noting(made))
        if case.silent:  # nobody waits for long for what never comes; what follows stays as it is
            for name, seconds in IMPATIENCE.items():
                patch.setattr(name, seconds)
        world.dns(HOST, A=[ADDRESS])
        world.dns("example.test", MX=[(10, HOST)])
        situation = case.build(world)
        return situation, situation.diagnose(world), frozenset(used)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.code}-{case.name}")
def test_the_cause_is_found(case: Case):
    _situation, diagnosis, _used = diagnosed(case)
    found = {finding.code: finding for finding in diagnosis.findings}
    assert case.code in found, [(finding.code, finding.cause) for finding in diagnosis.findings]
    finding = found[case.code]
    assert case.words in finding.cause, finding
    assert finding.evidence
    assert finding.steps
    assert diagnosis.findings[0].code == case.code, "what is told first is the root cause"


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.code}-{case.name}")
def test_the_cause_is_told_in_italian(case: Case):
    situation, diagnosis, _used = diagnosed(case)
    language.activate("it")
    known = (situation.provider, situation.missing, situation.left_out)
    beside = {"providers": situation.providers, "home": situation.home}
    findings = find_causes(situation.address, diagnosis.observations, *known, **beside)
    assert [finding.code for finding in findings] == [finding.code for finding in diagnosis.findings]
    cause = next(finding.cause for finding in findings if finding.code == case.code)
    assert cause
    assert not re.search(r"\b(the|your|server is|and)\b", cause), cause


def documented() -> list[str]:
    table = DOCUMENT.read_text(encoding="utf-8").partition("## Codes")[2].partition("\n## ")[0]
    return re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)


def test_every_code_of_the_document_has_a_server_that_behaves_so():
    codes = documented()
    assert len(codes) > 30
    assert [code for code in codes if code not in {case.code for case in CASES}] == []


def test_the_document_the_words_and_the_cases_have_the_same_codes():
    assert set(documented()) == set(knowledge().codes) == {case.code for case in CASES}


def test_every_way_to_tell_a_cause_has_a_server_that_behaves_so():
    """Not only the codes: also the special cases of each, which have sentences and steps of their own."""
    used = {texts for case in CASES for texts in diagnosed(case)[2]}
    # No way to a network at all is shown in a namespace of its own (tests/real/test_doctor_real.py).
    assert set(knowledge().texts) - used == {("port_filtered", "unreachable")}


def test_no_two_cases_have_one_name():
    assert len({case.name for case in CASES}) == len(CASES)


SENTENCES = knowledge().sentences
AT_COMMAND = {
    "smtp_sender_refused": "MAIL",
    "smtp_relay_denied": "RCPT",
    "smtp_auth_missing": "MAIL",
    "rate_reached": "RCPT",
    "sending_suspended": "MAIL",
}
IN_THE_GREETING = ("421", "554 5.7.1 Service unavailable")


@pytest.mark.parametrize(
    ("sentence", "protocol"),
    [
        pytest.param(sentence, protocol, id=f"{sentence.who}-{protocol}")
        for sentence in SENTENCES
        for protocol in sentence.protocols
    ],
)
def test_a_server_that_says_a_known_sentence_is_understood(world, sentence, protocol):
    code, says = sentence.meaning.code, _as_a_line(sentence.says, protocol)
    if (code, sentence.meaning.case) == ("username_form", ""):  # it asks for the whole address, which was tried
        code = "auth_failed"
    if (code, sentence.meaning.case) == ("login_disabled", "without_encryption"):  # which is on: no readable password
        code = "auth_mechanism_missing"
    how = {"users": {}, "refused_with": says}
    if protocol is Protocol.SMTP and code in AT_COMMAND:
        how = {"answers": {AT_COMMAND[code]: says}}
    elif protocol is Protocol.SMTP and says.startswith(IN_THE_GREETING):
        how = {"greeting": says}
    found = serve(world, protocol, **how)
    domains = knowledge().speakers.get(sentence.who)
    if domains:
        found = replace(found, host=f"mail.{domains[0]}")
        world.dns(found.host, A=[ADDRESS])
    diagnosis = Situation(targets=[found], options=login(send_test=True)).diagnose(world)
    assert diagnosis.findings[0].code == code, diagnosis.findings
    assert code == "username_form" or "The server said: “" in diagnosis.findings[0].evidence


def _as_a_line(says: str, protocol: Protocol) -> str:
    """The words as the server puts them on the wire; of several lines, each on its own."""
    if protocol is Protocol.SMTP:
        line = says if says[:3].isdigit() else f"535 {says}"
        return re.sub(r"(?<=\w) (?=550 )", "\r\n", line) if " 550 " in line else line.replace("550-", "550 ")
    words = says.removeprefix("NO ").removeprefix("BAD ").removeprefix("-ERR ")
    return f"NO {words}" if protocol is Protocol.IMAP else f"-ERR {words}"
