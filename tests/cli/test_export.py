"""``export``: files from an address or from settings, and what is never overwritten."""

from __future__ import annotations

import hashlib
import json
import plistlib
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest


def test_three_formats_are_written_and_listed(run_cli, tmp_path):
    ran = run_cli(
        "export",
        "anna@gmx.net",
        "--offline",
        "--format",
        "autoconfig,mobileconfig",
        "--format",
        "card",
        "--output",
        "out",
        "--json",
    )
    assert (ran.code, ran.stderr) == (0, "")
    document = json.loads(ran.stdout)
    assert [Path(one["path"]).name for one in document["files"]] == [
        "config-v1.1.xml", "anna@gmx.net.mobileconfig", "anna@gmx.net.html", "anna@gmx.net.txt",
    ]  # fmt: skip
    assert document["refused"] == []
    for one in document["files"]:
        content = (tmp_path / one["path"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == one["sha256"]
        assert f"{(tmp_path / one['path']).stat().st_mode & 0o777:04o}" == one["mode"]
        assert one["install"]
    root = ET.parse(tmp_path / "out" / "config-v1.1.xml").getroot()
    assert root.find("emailProvider/incomingServer").get("type") == "imap"
    assert (
        plistlib.loads((tmp_path / "out" / "anna@gmx.net.mobileconfig").read_bytes())["PayloadType"] == "Configuration"
    )


def test_the_answers_decide_the_protocol_and_the_days(run_cli, tmp_path):
    answers = [
        "devices=one",
        "quota=tight",
        "backup=regular",
        "privacy=off_server",
        "webmail=never",
        "shared=one_person",
    ]
    words = [word for one in answers for word in ("--set", one)]
    advice = json.loads(run_cli("recommend", *words, "--set", "address=anna@gmx.net", "--json").stdout)
    assert advice["protocol"] == "pop3"
    run_cli("export", "anna@gmx.net", "--offline", "--format", "autoconfig", "--output", "out", *words)
    first = ET.parse(tmp_path / "out" / "config-v1.1.xml").getroot().find("emailProvider/incomingServer")
    assert first.get("type") == "pop3"
    if advice["recommendation"] == "pop_keep":
        assert first.findtext("pop3/daysToLeaveMessagesOnServer") == str(advice["leave_days"])


def test_protocol_and_leave_days_are_what_the_person_says(run_cli, tmp_path):
    run_cli(
        "export",
        "anna@gmx.net",
        "--offline",
        "--format",
        "autoconfig",
        "--protocol",
        "pop3",
        "--leave-days",
        "21",
        "--output",
        "out",
    )
    first = ET.parse(tmp_path / "out" / "config-v1.1.xml").getroot().find("emailProvider/incomingServer")
    assert (first.get("type"), first.findtext("pop3/daysToLeaveMessagesOnServer")) == ("pop3", "21")


def test_settings_of_discover_are_what_export_reads(run_cli, tmp_path):
    settings = run_cli("discover", "anna@gmx.net", "--offline", "--json").stdout
    (tmp_path / "s.json").write_text(settings)
    one = run_cli("export", "--settings", "s.json", "--format", "card", "--output", "one", "--json")
    two = run_cli(
        "export", "anna@gmx.net", "--settings", "-", "--format", "card", "--output", "two", "--json", stdin=settings
    )
    three = run_cli("export", "anna@gmx.net", "--offline", "--format", "card", "--output", "three", "--json")
    sums = [[file["sha256"] for file in json.loads(ran.stdout)["files"]] for ran in (one, two, three)]
    assert sums[0] == sums[1] == sums[2]
    other = run_cli("export", "eva@gmx.net", "--settings", "s.json", "--format", "card")
    assert other.code == 2
    assert "anna@gmx.net" in other.stderr


def test_wrong_settings_are_named_with_file_line_and_key(run_cli, tmp_path):
    settings = run_cli("discover", "anna@gmx.net", "--offline", "--json").stdout
    (tmp_path / "s.json").write_text(settings.replace('"port": 993', '"port": 99300', 1))
    ran = run_cli("export", "--settings", "s.json", "--format", "card")
    assert ran.code == 2
    assert "s.json, line " in ran.stderr
    assert "port" in ran.stderr


def test_an_existing_file_is_never_overwritten_without_force(run_cli, tmp_path):
    words = ["export", "anna@gmx.net", "--offline", "--format", "autoconfig,card", "--output", "out"]
    assert run_cli(*words).code == 0
    mine = tmp_path / "out" / "config-v1.1.xml"
    mine.write_text("mine")
    ran = run_cli(*words, "--name", "Anna")
    assert ran.code == 7
    assert "config-v1.1.xml" in ran.stderr
    assert "--force" in ran.stderr
    assert mine.read_text() == "mine"
    assert run_cli(*words, "--name", "Anna", "--force").code == 0
    assert "Anna" in (tmp_path / "out" / "anna@gmx.net.txt").read_text()


def test_a_dry_run_writes_nothing(run_cli, tmp_path):
    ran = run_cli("export", "anna@gmx.net", "--offline", "--format", "card", "--output", "out", "--dry-run")
    assert ran.code == 0
    assert "anna@gmx.net.html" in ran.stdout
    assert not (tmp_path / "out").exists()


def test_one_file_goes_to_standard_output_as_it_is(run_cli, tmp_path):
    ran = run_cli("export", "anna@gmx.net", "--offline", "--format", "autoconfig", "--output", "-")
    assert ran.code == 0
    assert ET.fromstring(ran.stdout).tag == "clientConfig"
    assert list(tmp_path.iterdir()) == []
    assert run_cli("export", "anna@gmx.net", "--offline", "--format", "card", "--output", "-").code == 2


def test_a_document_and_a_file_do_not_share_standard_output(run_cli):
    words = ("export", "anna@gmx.net", "--offline", "--format", "autoconfig", "--output", "-", "--json")
    ran = run_cli(*words)
    assert ran.code == 2
    assert json.loads(ran.stdout)["error"]["where"]["key"] == "--output"
    planned = run_cli(*words, "--dry-run")
    assert (planned.code, json.loads(planned.stdout)["files"][0]["path"]) == (0, "-")


@pytest.mark.parametrize(
    ("format_id", "name", "beginning"),
    [
        ("card", "card.html", b"<!DOCTYPE html>"),
        ("card", "card.txt", b"anna@"),
        ("thunderbird-qr", "a.png", b"\x89PNG"),
    ],
)
def test_of_a_format_with_several_files_a_path_means_the_one_with_its_ending(
    run_cli, tmp_path, format_id: str, name: str, beginning: bytes
):
    ran = run_cli("export", "anna@gmx.net", "--offline", "--format", format_id, "--output", name, "--json")
    assert ran.code == 0, ran.stderr
    assert [one["path"] for one in json.loads(ran.stdout)["files"]] == [name]
    assert (tmp_path / name).read_bytes()[:200].lstrip().find(beginning) >= 0
    again = run_cli("export", "anna@gmx.net", "--offline", "--format", f"{format_id},autoconfig", "--output", name)
    assert again.code == 2, "several formats were squeezed into one file"


def test_the_steps_name_the_file_as_it_was_called(run_cli, tmp_path):
    words = ("export", "anna@gmx.net", "--offline", "--json")
    ran = run_cli(*words, "--format", "mobileconfig", "--output", "my.mobileconfig")
    (one,) = json.loads(ran.stdout)["files"]
    assert any(
        step.endswith("open it there, in Mail or Safari.") and "my.mobileconfig" in step for step in one["install"]
    )
    assert not any("anna@gmx.net.mobileconfig" in step for step in one["install"])
    (tmp_path / "mine").write_text("")
    ran = run_cli(*words, "--format", "neomutt", "--output", "mine", "--force")
    (one,) = json.loads(ran.stdout)["files"]
    assert any(step.startswith("Copy mine to ~/.config/neomutt/neomuttrc ") for step in one["install"]), one["install"]


def test_the_files_go_into_a_folder_named_after_the_address(run_cli, tmp_path):
    assert run_cli("export", "anna@gmx.net", "--offline", "--format", "autoconfig").code == 0
    assert (tmp_path / "anna@gmx.net" / "config-v1.1.xml").is_file()


def test_an_unknown_domain_ends_with_4_and_writes_nothing(run_cli, tmp_path):
    ran = run_cli("export", "anna@nowhere.example.org", "--offline", "--format", "card")
    assert ran.code == 4
    assert "Nothing is known about nowhere.example.org" in ran.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_guess_needs_consent(run_cli, tmp_path):
    settings = json.loads(run_cli("discover", "anna@gmx.net", "--offline", "--json").stdout)
    settings["needs_consent"] = [{"code": "guess", "text": "These servers are a guess."}]
    settings["imap"]["trust"] = "guessed"
    (tmp_path / "s.json").write_text(json.dumps(settings))
    ran = run_cli("export", "--settings", "s.json", "--format", "card")
    assert ran.code == 3
    assert "--accept guess" in ran.stderr
    assert run_cli("export", "--settings", "s.json", "--format", "card", "--accept", "guess").code == 0


def test_a_guess_that_the_account_does_not_use_needs_no_consent_and_is_left_out(run_cli, tmp_path):
    # Of this provider's servers only the one for POP3 is not confirmed.
    words = ["export", "anna@pec.it", "--offline", "--format", "autoconfig", "--output", "out"]
    assert run_cli(*words).code == 0
    assert b'type="pop3"' not in (tmp_path / "out" / "config-v1.1.xml").read_bytes()
    ran = run_cli(*words, "--force", "--protocol", "pop3")
    assert ran.code == 3
    assert "pop3s.pec.aruba.it" in ran.stderr
    assert run_cli(*words, "--force", "--protocol", "pop3", "--accept", "guess").code == 0


def test_what_no_format_can_say_is_refused_and_ends_with_8(run_cli, tmp_path):
    settings = json.loads(run_cli("discover", "anna@gmx.net", "--offline", "--json").stdout)
    for protocol in ("imap", "pop3", "smtp"):
        settings[protocol]["authentication"] = ["OAuth2"]
        settings[protocol]["host"] = f"{protocol}.example.org"
    settings["alternatives"], settings["provider"] = [], None
    (tmp_path / "s.json").write_text(json.dumps(settings))
    ran = run_cli("export", "--settings", "s.json", "--format", "mobileconfig", "--json")
    assert ran.code == 8
    document = json.loads(ran.stdout)
    assert document["files"] == []
    assert document["refused"][0]["format"] == "mobileconfig"
    assert "OAuth2" in document["refused"][0]["reason"]


@pytest.mark.parametrize("words", [["formats"], ["questions"], ["providers"], ["providers", "gmx.net"]])
def test_what_the_program_knows_is_listed_for_people_and_scripts(run_cli, words):
    ran = run_cli(*words)
    assert (ran.code, ran.stderr) == (0, "")
    wide = [line for line in ran.stdout.splitlines() if len(line) > 80 and "://" not in line]
    assert not wide  # an address of the web stays whole, so that it can be copied
    document = json.loads(run_cli(*words, "--json").stdout)
    assert document["schema"] == 1
    assert len(document) == 2
