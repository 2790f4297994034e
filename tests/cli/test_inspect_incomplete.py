"""A file that does not say everything is shown with what it lacks; only making a file of it is refused."""

from __future__ import annotations

import json
import plistlib

import pytest

SIDE = {"Authentication": "EmailAuthPassword", "UseSSL": True}


def profile(*, user: str = "", host: str = "imap.example.org", address: str = "") -> bytes:
    payload = {"PayloadType": "com.apple.mail.managed", "EmailAccountType": "EmailTypeIMAP", "EmailAddress": address}
    sides = (("Incoming", host, 993), ("Outgoing", "smtp.example.org", 465))
    for side, name, port in sides:
        values = SIDE | {"HostName": name, "PortNumber": port} | ({"Username": user} if user else {})
        payload |= {f"{side}MailServer{key}": value for key, value in values.items()}
    return plistlib.dumps({"PayloadType": "Configuration", "PayloadContent": [payload]})


@pytest.fixture
def kept(tmp_path):
    def keep(content: bytes | str, name: str = "file") -> str:
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return name

    return keep


def test_a_user_name_that_is_not_in_the_file_is_named_so_and_the_account_option_gives_it(run_cli, kept) -> None:
    file = kept(profile(address="bea@example.org"))
    shown = run_cli("inspect", file)
    assert shown.code == 0
    assert shown.stdout.count("user name not in this file") == 2
    assert "imap.example.org 993 SSL/TLS" in shown.stdout
    filled = json.loads(run_cli("inspect", file, "--json", "--account", "bea@example.org").stdout)
    assert [filled[side]["username"] for side in ("imap", "smtp")] == ["bea@example.org"] * 2
    assert filled["warnings"] == []
    assert run_cli("export", "bea@example.org", "--settings", file, "--format", "thunderbird-android").code == 0
    refused = run_cli("export", "--settings", file, "--format", "thunderbird-android")
    assert (refused.code, "Give the address" in refused.stderr) == (2, True)


def test_a_profile_whose_device_asks_for_everything_is_for_any_address(run_cli, kept) -> None:
    file = kept(profile())
    shown = run_cli("inspect", file)
    assert "For any address" in shown.stdout
    assert shown.stdout.count("user name %EMAILADDRESS%") == 2
    assert "mail-wizard export ADDRESS --settings" in shown.stdout
    filled = json.loads(run_cli("inspect", file, "--json", "--account", "bea@example.org").stdout)
    assert (filled["imap"]["username"], filled["warnings"]) == ("bea@example.org", [])
    assert run_cli("export", "bea@example.org", "--settings", file, "--format", "thunderbird-android").code == 0
    assert run_cli("export", "--settings", file, "--format", "thunderbird-android").code == 3


def test_a_number_in_place_of_a_host_name_is_shown_and_only_making_a_file_is_refused(run_cli, kept) -> None:
    file = kept(profile(user="anna", host="192.0.2.7", address="anna@example.org"))
    shown = run_cli("inspect", file).stdout
    assert "IMAP  192.0.2.7 993 SSL/TLS" in shown
    assert "mail-wizard export" not in shown
    document = json.loads(run_cli("inspect", file, "--json").stdout)
    assert (document["imap"]["host"], document["imap"]["username"]) == ("192.0.2.7", "anna")
    assert [warning["code"] for warning in document["warnings"]] == ["incomplete"]
    again = kept(json.dumps(document), "s.json")
    assert json.loads(run_cli("inspect", again, "--json").stdout) == document
    for settings in (file, again):
        refused = run_cli("export", "--settings", settings, "--format", "thunderbird-android")
        assert refused.code == 2
        assert refused.stderr.startswith(f"mail-wizard: {settings}: IMAP 192.0.2.7 cannot be used")
        assert "“192.0.2.7” is a number" in refused.stderr


@pytest.mark.parametrize("value", [1, "true", 0])
def test_an_encryption_that_is_no_truth_value_is_not_taken_for_none(run_cli, kept, value: object) -> None:
    document = plistlib.loads(profile(user="anna", address="anna@example.org"))
    document["PayloadContent"][0]["IncomingMailServerUseSSL"] = value
    read = json.loads(run_cli("inspect", kept(plistlib.dumps(document)), "--json").stdout)
    assert (read["imap"]["port"], read["imap"]["socket_type"]) == (993, None)


def test_the_doctor_does_not_examine_half_of_a_file_in_silence(run_cli, kept) -> None:
    file = kept(profile(user="anna", host="192.0.2.7", address="anna@example.org"))
    ran = run_cli("doctor", "anna@example.org", "--settings", file)
    assert (ran.code, "“192.0.2.7” is a number" in ran.stderr) == (2, True)


def test_what_a_document_lacks_is_null_and_read_back_as_missing(run_cli, kept) -> None:
    server = {"host": "imap.example.org", "port": None, "socket_type": None, "username": None}
    text = json.dumps(
        {"schema": 1, "address": "anna@example.org", "imap": server | {"authentication": ["password-cleartext"]}}
    )
    shown = run_cli("inspect", kept(text, "s.json"))
    words = "imap.example.org, port not in this file, encryption not in this file; user name not in this file"
    assert all(word in " ".join(shown.stdout.split()) for word in words.split("; "))
    assert "does not say whether the connection is encrypted" in " ".join(shown.stdout.split())
    document = json.loads(run_cli("inspect", "s.json", "--json").stdout)
    assert server.items() <= document["imap"].items()
    refused = run_cli("export", "--settings", "s.json", "--format", "thunderbird-android")
    assert refused.code == 2
    assert "does not say whether the connection is encrypted" in refused.stderr


@pytest.mark.parametrize(("days", "line"), [(0, "delete = true"), (5, "delete_after = 5")])
def test_the_days_are_in_the_document_and_kept_by_it(run_cli, tmp_path, days: int, line: str) -> None:
    words = ("--protocol", "pop3", "--leave-days", str(days), "--output", "out", "--format", "thunderbird-userjs")
    assert run_cli("export", "anna@gmx.net", "--offline", *words).code == 0
    document = json.loads(run_cli("inspect", "out/user.js", "--json").stdout)
    assert document["leave_days"] == days
    (tmp_path / "s.json").write_text(json.dumps(document))
    assert run_cli("export", "--settings", "s.json", "--format", "getmail", "--output", "kept").code == 0
    assert line in (tmp_path / "kept" / "getmailrc").read_text()
