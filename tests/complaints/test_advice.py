"""Situations in which the usual advice loses mail, or leaves a wish aside: what the command says."""

from __future__ import annotations

import json

import pytest


def advised(run_cli, *answers: str) -> dict:
    sets = [part for answer in answers for part in ("--set", answer)]
    ran = run_cli("recommend", "--json", "--no-input", *sets)
    assert ran.code == 0, ran.stderr
    return json.loads(ran.stdout)


def codes(advice: dict) -> list[str]:
    return [warning["code"] for warning in advice["warnings"]]


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        ((), "imap_archive"),
        (("devices=several", "quota=ample", "backup=none"), "imap_archive"),
        (("devices=one", "backup=regular", "quota=ample"), "pop_keep"),
        (("devices=main_plus_glance", "backup=regular", "webmail=sometimes"), "pop_keep"),
        (("devices=several", "backup=regular", "folders=needed"), "imap_archive"),
        (("shared=several_people", "backup=regular"), "imap_archive"),
        (("disk=little", "backup=none", "device_risk=portable"), "imap_archive"),
        (("provider=pop_only", "backup=none"), "pop_keep"),
    ],
)
def test_where_the_provider_deletes_mail_by_its_age_the_mailbox_is_never_the_only_place(run_cli, answers, outcome):
    advice = advised(run_cli, "expiry=deleted_by_age", *answers)
    assert advice["recommendation"] == outcome
    assert "mail_expires" in codes(advice)
    assert advice["leave_days"] is None or advice["leave_days"] <= 14
    assert ("backup_first" in codes(advice)) == ("backup=regular" not in answers)
    texts = " ".join(warning["text"] for warning in advice["warnings"])
    assert "let nothing leave the mailbox" not in texts  # the provider would delete it meanwhile
    if outcome == "imap_archive":
        assert "expiry" in [veto["key"] for veto in advice["vetoes"] if veto["option"] == "imap"]


def test_a_mailbox_that_keeps_its_mail_is_advised_as_before(run_cli):
    assert advised(run_cli, "expiry=kept")["recommendation"] == advised(run_cli)["recommendation"] == "imap"


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        ((), "imap_archive"),
        (("devices=one",), "imap_archive"),
        (("devices=several",), "imap_archive"),
        (("devices=one", "disk=plenty", "device_risk=low"), "pop_keep"),
        (("devices=main_plus_glance", "disk=plenty", "device_risk=low"), "pop_keep"),
        (("devices=one", "disk=plenty", "device_risk=portable"), "imap_archive"),
    ],
)
def test_who_wants_no_mail_at_the_provider_is_told_the_way_there_and_the_backup_first(run_cli, answers, outcome):
    advice = advised(run_cli, "privacy=off_server", *answers)
    assert advice["recommendation"] == outcome
    assert "backup_first" in codes(advice)
    assert advice["leave_days"] in (None, 30)


def test_who_has_no_backup_is_told_to_make_one_before_any_mail_leaves(run_cli):
    advice = advised(run_cli, "privacy=off_server", "devices=one", "disk=plenty", "device_risk=low", "backup=none")
    assert advice["recommendation"] == "imap"
    assert "off_server_needs_backup" in codes(advice)


@pytest.mark.parametrize(
    "answers",
    [
        ("quota=tight", "backup=regular"),
        ("privacy=off_server", "backup=regular"),
        ("offline=everything", "backup=regular", "quota=ample"),
        ("offline=everything", "backup=regular", "quota=tight", "folders=needed"),
    ],
)
def test_pop3_here_and_imap_there_are_explained_as_a_pair(run_cli, answers):
    advice = advised(run_cli, "devices=main_plus_glance", *answers)
    [said] = [warning["text"] for warning in advice["warnings"] if warning["code"] == "pop_here_imap_there"]
    assert "IMAP" in said
    assert "leave" in said
    assert "elete" in said


@pytest.mark.parametrize("answer", ["devices=several", "devices=one", "provider=pop_only", "provider=imap_only"])
def test_the_pair_is_not_spoken_of_where_there_is_none(run_cli, answer):
    given = ("devices=main_plus_glance", "quota=tight", "backup=regular", answer)
    assert "pop_here_imap_there" not in codes(advised(run_cli, *given))
