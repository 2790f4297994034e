"""What the catalogue knows of a provider answers questions of the advice, where a source says it."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import product

import pytest

from wizard.advice.evaluation import evaluate
from wizard.advice.rules_file import load_rules
from wizard.app.questions import interview_for, unused_mail_is_deleted, with_provider_facts
from wizard.discovery.catalogue import provider_named
from wizard.interview.answers import Answers, Origin
from wizard.interview.steps import UNKNOWN
from wizard.model.provider import FactSource, Provider
from wizard.model.provider_facts import Inactivity, Loss, MailFolder, PasswordEnds, ProviderFact, Retention
from wizard.model.recommendation import Option
from wizard.resources.templates import templates_root

READ = FactSource("Help of the provider", "2026-11-28", "reported")
HEARD = FactSource("General knowledge", "2026-11-28", "unverified")


def provider(*facts: ProviderFact) -> Provider:
    known = provider_named("posteo")
    assert known is not None
    return replace(known, facts=facts)


def deleted_after_30_days(source: FactSource, folder: MailFolder = MailFolder.INBOX) -> Provider:
    return provider(Retention(folder=folder, days=30, source=source))


@pytest.mark.parametrize(("source", "answer"), [(READ, "deleted_by_age"), (HEARD, None)])
def test_that_mail_is_deleted_by_its_age_is_an_answer_where_it_was_read_somewhere(source, answer):
    found = with_provider_facts(Answers(), deleted_after_30_days(source))
    assert found.get("expiry") == answer
    assert found.origin("expiry") is (Origin.DISCOVERED if answer else None)


def test_what_the_person_says_stands_above_it():
    said = Answers().with_("expiry", "kept", Origin.SET)
    assert with_provider_facts(said, deleted_after_30_days(READ)).get("expiry") == "kept"


def test_a_folder_that_is_emptied_nearly_everywhere_does_not_count():
    assert with_provider_facts(Answers(), deleted_after_30_days(READ, MailFolder.TRASH)).get("expiry") is None


def test_a_provider_of_which_nothing_is_known_answers_nothing():
    assert with_provider_facts(Answers(), provider()).get("expiry") is None


@pytest.mark.parametrize(
    ("days", "removes", "source", "asked"),
    [
        (45, Loss.MAIL, READ, True),
        (90, Loss.MAILBOX, READ, True),
        (90, Loss.ACCESS, READ, False),  # what is closed can be opened again
        (365, Loss.MAIL, READ, False),  # longer than anybody stays away who still wants the mailbox
        (45, Loss.MAIL, HEARD, False),
    ],
)
def test_mail_that_goes_when_nobody_looks_for_long_is_asked_about(monkeypatch, days, removes, source, asked):
    known = provider(Inactivity(days=days, removes=removes, source=source))
    assert unused_mail_is_deleted(known) is asked
    monkeypatch.setattr("wizard.discovery.catalogue.find_provider", lambda _domain: known)
    answers = Answers().with_("address", "anna@posteo.de", Origin.TYPED)
    walk, put = interview_for(None).begin(answers), []
    while walk.key is not None:
        put.append(walk.key)
        values = {"devices": "several", "quota": "ample", "backup": "none", "expiry": "deleted_when_unused"}
        walk = interview_for(None).answer(walk, values.get(walk.key, UNKNOWN))
    assert ("expiry" in put[:4]) is asked


def test_a_paid_plan_is_asked_about_before_files_are_made(run_cli, tmp_path):
    own = tmp_path / "mine" / "providers"
    own.mkdir(parents=True)
    facts = "facts:\n  paid_only: {protocols: [imap], source: ispdb}\nsources:\n"
    (own / "posteo.yaml").write_text(_bundled("posteo").replace("sources:\n", facts, 1))
    words = ["export", "anna@posteo.de", "--offline", "--format", "card", "--templates", "mine", "--output", "out"]
    refused = run_cli(*words, "--no-input")
    assert refused.code == 3
    assert "IMAP works in paid plans only" in refused.stderr
    assert "--accept paid_plan" in refused.stderr
    assert run_cli(*words, "--no-input", "--accept", "paid_plan").code == 0
    assert run_cli(*words, "--no-input", "--protocol", "pop3", "--force").code == 0


def test_what_a_person_has_to_know_in_time_is_told_with_the_servers(run_cli, monkeypatch):
    facts = (
        Inactivity(days=90, removes=Loss.MAIL, source=READ),
        Retention(folder=MailFolder.INBOX, days=30, source=READ),
        Retention(folder=MailFolder.TRASH, days=7, source=READ),
        PasswordEnds(days=91, source=READ),
    )
    monkeypatch.setattr("wizard.discovery.sources.catalogue.find_provider", lambda *_domain, **_own: provider(*facts))
    ran = run_cli("discover", "anna@posteo.de", "--offline", "--json")
    told = {warning["code"]: warning["text"] for warning in json.loads(ran.stdout)["warnings"]}
    assert {"inactivity", "retention", "password_ends"} <= told.keys()
    assert ("90" in told["inactivity"], "inbox" in told["retention"], "91" in told["password_ends"]) == (True,) * 3


def test_a_password_that_ends_is_told_on_the_card_and_with_the_files(run_cli, tmp_path):
    own = tmp_path / "mine" / "providers"
    own.mkdir(parents=True)
    facts = "facts:\n  password_ends: {days: 91, source: ispdb}\n  pop_fetches: {source: ispdb}\nsources:\n"
    (own / "posteo.yaml").write_text(_bundled("posteo").replace("sources:\n", facts, 1))
    words = ["export", "anna@posteo.de", "--offline", "--format", "card", "--templates", "mine", "--output", "out"]
    ran = run_cli(*words, "--no-input")
    assert "ends after 91 days" in " ".join(ran.stdout.split())
    assert "POP3 fetches" not in ran.stdout
    assert "ends after 91 days" in " ".join((tmp_path / "out" / "anna@posteo.de.txt").read_text().split())


@pytest.mark.parametrize("answers", [*product(("one", "several"), ("tight", "ample"), ("none", "regular"))])
def test_at_virgilio_mail_that_nobody_looks_at_for_90_days_is_never_left_to_plain_imap(answers):
    known = Answers().with_("address", "anna@virgilio.it", Origin.TYPED)
    walk, put = interview_for(None).begin(known), []
    values = dict(zip(("devices", "quota", "backup"), answers, strict=True), expiry="deleted_when_unused")
    while walk.key is not None:
        put.append(walk.key)
        walk = interview_for(None).answer(walk, values.get(walk.key, UNKNOWN))
    assert "expiry" in put
    assert evaluate(load_rules(), walk.answers.values()).option is not Option.IMAP


@pytest.mark.parametrize(
    ("words", "code", "said"), [((), 3, "--accept paid_plan"), (("--protocol", "pop3"), 2, "POP3 is not offered")]
)
def test_at_onet_there_is_no_pop3_and_imap_needs_a_paid_plan(run_cli, words, code, said):
    ran = run_cli("export", "anna@onet.pl", "--offline", "--format", "card", "--output", "out", "--no-input", *words)
    assert ran.code == code
    assert said in ran.stderr


def test_the_password_of_aruba_pec_that_ends_is_told_in_the_steps_and_on_the_card(run_cli, tmp_path):
    ran = run_cli("export", "anna@pec.it", "--offline", "--format", "card", "--output", "out", "--no-input", "--force")
    steps, card = ran.stdout, (tmp_path / "out" / "anna@pec.it.txt").read_text()
    assert "ends after three months" in " ".join(steps.split())
    assert "ends after 90 days" in " ".join(card.split())


def _bundled(name: str) -> str:
    return (templates_root() / "providers" / f"{name}.yaml").read_text(encoding="utf-8")


def test_imap_at_rediffmail_is_paid_and_pop3_is_not(run_cli):
    words = ["export", "anna@rediffmail.com", "--offline", "--format", "card", "--no-input", "--output"]
    refused = run_cli(*words, "imap", "--protocol", "imap")
    assert refused.code == 3
    assert "--accept paid_plan" in refused.stderr
    assert run_cli(*words, "pop3", "--protocol", "pop3").code == 0


def test_that_imap_at_netease_needs_a_program_that_says_its_name_is_told_with_the_files(run_cli):
    words = ["export", "anna@163.com", "--offline", "--format", "card", "--no-input", "--force", "--output", "out"]
    assert "RFC 2971" in run_cli(*words, "--protocol", "imap").stdout
    assert "RFC 2971" not in run_cli(*words, "--protocol", "pop3").stdout
