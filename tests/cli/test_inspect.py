"""``inspect``: what a file says, for people and scripts; and ``export`` from any of these files."""

from __future__ import annotations

import json
import plistlib

import pytest


@pytest.fixture
def exported(run_cli, tmp_path):
    """Files of an account in the directory ``out``."""

    def export(*words: str) -> None:
        ran = run_cli("export", "anna@gmx.net", "--offline", "--name", "Anna Rossi", "--output", "out", *words)
        assert ran.code == 0, ran.stderr

    return export


def test_a_person_reads_what_a_profile_says(run_cli, exported) -> None:
    exported("--format", "mobileconfig")
    ran = run_cli("inspect", "out/anna@gmx.net.mobileconfig")
    assert (ran.code, ran.stderr) == (0, "")
    for words in ("A profile for Apple devices", "anna@gmx.net", "Anna Rossi", "imap.gmx.net 993 SSL/TLS"):
        assert words in ran.stdout
    assert "mail-wizard export --settings" in ran.stdout


def test_one_format_becomes_another_in_one_step_and_in_two(run_cli, exported, tmp_path) -> None:
    exported("--format", "mobileconfig")
    profile = "out/anna@gmx.net.mobileconfig"
    (tmp_path / "s.json").write_text(run_cli("inspect", profile, "--json").stdout)
    words = ("--format", "thunderbird-android", "--json")
    one = run_cli("export", "--settings", profile, "--output", "one", *words)
    two = run_cli("export", "--settings", "s.json", "--name", "Anna Rossi", "--output", "two", *words)
    three = run_cli("export", "anna@gmx.net", "--offline", "--name", "Anna Rossi", "--output", "three", *words)
    sums = [json.loads(ran.stdout)["files"][0]["sha256"] for ran in (one, two, three)]
    assert sums[0] == sums[1] == sums[2]


def test_what_the_document_has_no_place_for_is_named_with_its_option(run_cli, exported) -> None:
    exported("--format", "thunderbird-userjs", "--protocol", "pop3", "--leave-days", "5")
    document = json.loads(run_cli("inspect", "out/user.js", "--json").stdout)
    (notice,) = document["warnings"]
    assert notice["code"] == "also_said"
    assert notice["text"].endswith("--name 'Anna Rossi'")
    assert document["leave_days"] == 5
    assert document["pop3"]["source"] == "user"
    assert document["imap"] is None


def test_a_pop_account_stays_one_with_its_days_when_nobody_says_otherwise(run_cli, exported, tmp_path) -> None:
    exported("--format", "thunderbird-userjs", "--protocol", "pop3", "--leave-days", "5")
    assert run_cli("export", "--settings", "out/user.js", "--format", "getmail", "--output", "kept").code == 0
    assert "delete_after = 5" in (tmp_path / "kept" / "getmailrc").read_text()
    words = ("--format", "getmail", "--leave-days", "9", "--output", "said")
    assert run_cli("export", "--settings", "out/user.js", *words).code == 0
    assert "delete_after = 9" in (tmp_path / "said" / "getmailrc").read_text()


def test_what_a_file_does_not_say_is_null_with_a_warning_and_half_an_account_is_completed(
    run_cli, exported, tmp_path
) -> None:
    exported("--format", "mbsync,msmtp")
    document = json.loads(run_cli("inspect", "out/mbsyncrc", "--json").stdout)
    assert document["smtp"] is None
    assert [one["code"] for one in document["warnings"]] == ["no_outgoing"]
    alone = run_cli("export", "--settings", "out/mbsyncrc", "--format", "mobileconfig")
    assert alone.code == 4
    assert "none for sending" in alone.stderr
    both = ("--settings", "out/mbsyncrc", "--settings", "out/msmtprc")
    assert run_cli("export", *both, "--format", "mobileconfig", "--output", "whole").code == 0
    payload = plistlib.loads((tmp_path / "whole" / "anna@gmx.net.mobileconfig").read_bytes())["PayloadContent"][0]
    assert (payload["IncomingMailServerHostName"], payload["OutgoingMailServerHostName"]) == (
        "imap.gmx.net",
        "mail.gmx.net",
    )


def test_a_file_for_any_address_is_shown_and_needs_one_for_files(run_cli, exported, tmp_path) -> None:
    exported("--format", "autoconfig")
    shown = run_cli("inspect", "out/config-v1.1.xml")
    assert shown.code == 0
    assert "For any address" in shown.stdout
    ran = run_cli("inspect", "out/config-v1.1.xml", "--json")
    assert (ran.code, json.loads(ran.stdout)["address"]) == (0, None)
    ran = run_cli("inspect", "out/config-v1.1.xml", "--json", "--account", "bob@gmx.net")
    assert json.loads(ran.stdout)["imap"]["username"] == "bob@gmx.net"
    words = ("--settings", "out/config-v1.1.xml", "--format", "aerc", "--output", "bob")
    assert run_cli("export", *words).code == 3
    assert run_cli("export", "bob@gmx.net", *words).code == 0
    assert "bob%40gmx.net" in (tmp_path / "bob" / "accounts.conf").read_text()


def test_standard_input_is_a_file_too(run_cli, exported, tmp_path) -> None:
    exported("--format", "thunderbird-android")
    text = (tmp_path / "out" / "anna@gmx.net.k9s").read_text()
    assert json.loads(run_cli("inspect", "-", "--json", stdin=text).stdout)["address"] == "anna@gmx.net"
    assert run_cli("export", "--settings", "-", "--settings", "-", "--format", "card", stdin=text).code == 2


def test_several_accounts_in_one_file_are_all_shown_or_one_is_picked(run_cli, exported, tmp_path) -> None:
    settings = []
    for address in ("anna@gmx.net", "bob@libero.it"):
        settings.append(tmp_path / f"{address}.json")
        settings[-1].write_text(run_cli("discover", address, "--offline", "--json").stdout)
    words = [word for one in settings for word in ("--settings", one)]
    assert run_cli("export", *words, "--format", "thunderbird-qr", "--output", "out").code == 0
    shown = run_cli("inspect", "out/accounts.png").stdout
    assert shown.index("anna@gmx.net") < shown.index("bob@libero.it")
    document = json.loads(run_cli("inspect", "out/accounts.png", "--json").stdout)
    assert [one["address"] for one in document["accounts"]] == ["anna@gmx.net", "bob@libero.it"]
    (tmp_path / "all.json").write_text(json.dumps(document))
    for file in ("out/accounts.png", "all.json"):
        one = json.loads(run_cli("inspect", file, "--json", "--account", "bob@libero.it").stdout)
        assert one["address"] == "bob@libero.it"
        assert (
            run_cli("export", "--settings", file, "--format", "thunderbird-userjs", "--output", f"{file}-all").code == 0
        )
    nobody = run_cli("inspect", "all.json", "--account", "eva@gmx.net")
    assert nobody.code == 2
    assert "anna@gmx.net, bob@libero.it" in nobody.stderr


HOSTILE = {
    "nothing": (b"", "not a settings file"),
    "noise": (bytes(range(256)) * 4, "not a settings file"),
    "an entity": (b'<!DOCTYPE x [<!ENTITY a "b">]>\n<clientConfig/>', "document type"),
    "deep": (b"<clientConfig>" * 100, "nested too deeply"),
    "a profile without accounts": (plistlib.dumps({"PayloadContent": []}), "no mail account"),
    "a profile of the wrong shape": (plistlib.dumps({"PayloadContent": "x"}), "not a profile"),
    "a wrong port": (
        (
            b'{"schema": 1, "address": "a@example.org",\n "imap": {"host": "x.org", "port": 0, "socket_type": "SSL", '
            b'"username": "a", "authentication": ["none"]}}'
        ),
        "line 2",
    ),
    "one account of several": (
        b'{"schema": 1,\n "accounts": [{"schema": 1, "address": "a@example.org"},\n {"schema": 1, "e_mail": "b"}]}',
        "line 3, accounts.1.e_mail",
    ),
    "an open quote": (b'IMAPAccount x\nHost "imap.example.org\n', "line 2"),
    "half of a picture": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "picture"),
    "preferences that are a program": (b'user_pref("a", 1);\nalert("b");\n', "line 2"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_ends_with_a_sentence_and_2(run_cli, tmp_path, name: str) -> None:
    content, words = HOSTILE[name]
    (tmp_path / "file").write_bytes(content)
    ran = run_cli("inspect", "file")
    assert ran.code == 2
    assert ran.stdout == ""
    assert ran.stderr.startswith("mail-wizard: file")
    assert words in ran.stderr
    assert ran.stderr.count("\n") == 1
    assert run_cli("export", "--settings", "file", "--format", "card").code == 2


def test_a_file_that_is_not_there_or_endless_is_said(run_cli, tmp_path) -> None:
    assert "This file does not exist" in run_cli("inspect", "nowhere").stderr
    assert "larger than" in run_cli("inspect", "/dev/zero").stderr
    assert run_cli("inspect", ".").code == 2


def test_a_bridge_on_this_computer_is_shown_and_only_making_a_file_of_it_is_refused(run_cli, tmp_path) -> None:
    (tmp_path / "accounts.conf").write_text(
        "[bridge]\nsource = imap://anna%40example.org@127.0.0.1:1143\n"
        "outgoing = smtp://anna%40example.org@127.0.0.1:1025\nfrom = Anna Rossi <anna@example.org>\n"
    )
    shown = run_cli("inspect", "accounts.conf")
    assert shown.code == 0
    for words in ("127.0.0.1 1143 STARTTLS", "127.0.0.1 1025 STARTTLS", "Anna Rossi"):
        assert words in shown.stdout
    refused = run_cli("export", "--settings", "accounts.conf", "--format", "thunderbird-android")
    assert refused.code == 2
    assert "is a number" in refused.stderr


def test_a_user_name_that_only_the_program_knows_is_filled_in_by_the_account_option(run_cli, tmp_path) -> None:
    (tmp_path / "muttrc").write_text(
        'set imap_user = $my_user\nset folder = "imaps://imap.example.org/"\nset spoolfile = "+INBOX"\n'
        'set smtp_url = "smtp://$my_user@smtp.example.org:587/"\nset from = $my_user\n'
    )
    shown = run_cli("inspect", "muttrc")
    assert shown.code == 0
    assert shown.stdout.count("user name not in this file") == 2
    filled = json.loads(run_cli("inspect", "muttrc", "--account", "anna@example.org", "--json").stdout)
    assert [filled[side]["username"] for side in ("imap", "smtp")] == ["anna@example.org"] * 2


def test_one_of_several_accounts_is_chosen_by_its_address_or_by_what_the_file_calls_it(run_cli, tmp_path) -> None:
    (tmp_path / "mbsyncrc").write_text(
        "IMAPAccount one\nHost imap.example.org\nUser anna@example.org\nTLSType IMAPS\n\n"
        "IMAPAccount two\nHost imap.example.net\nUser bea\nTLSType IMAPS\n"
    )
    both = run_cli("inspect", "mbsyncrc")
    assert "imap.example.org" in both.stdout
    assert "imap.example.net" in both.stdout
    for chosen, host in (("anna@example.org", "imap.example.org"), ("two", "imap.example.net")):
        shown = run_cli("inspect", "mbsyncrc", "--account", chosen)
        assert (shown.code, host in shown.stdout, both.stdout == shown.stdout) == (0, True, False)


def test_the_files_of_a_neomuttrc_are_read_when_asked_for_and_within_its_directory_only(run_cli, tmp_path) -> None:
    (tmp_path / "elsewhere").write_text("set folder=imaps://x@elsewhere.example/\n")
    folder = tmp_path / "mutt"
    (folder / "accounts").mkdir(parents=True)
    (folder / "muttrc").write_text("set ssl_starttls=yes\nsource accounts/anna\nsource ../elsewhere\nsource muttrc\n")
    (folder / "accounts" / "anna").write_text(
        'set folder="imaps://anna@imap.example.org/"\nsource accounts/anna\nset from=anna@example.org\n'
    )
    alone = run_cli("inspect", "mutt/muttrc")
    assert (alone.code, "imap.example.org" in alone.stderr) == (2, False)
    shown = run_cli("inspect", "mutt/muttrc", "--follow")
    assert shown.code == 0
    assert "imap.example.org 993 SSL/TLS" in shown.stdout
    assert "elsewhere.example" not in shown.stdout
    assert "It also reads ../elsewhere" in " ".join(shown.stdout.split())


def test_a_directory_of_getmail_is_read_as_a_whole(run_cli, tmp_path) -> None:
    folder = tmp_path / "getmail"
    folder.mkdir()
    for name in ("anna", "bea"):
        (folder / name).write_text(
            f"[retriever]\ntype = SimplePOP3SSLRetriever\nserver = pop-{name}.example.org\nusername = {name}\n"
        )
    (folder / "oldmail-pop").write_bytes(b"\0\1")
    shown = run_cli("inspect", "getmail")
    assert shown.code == 0
    assert all(f"pop-{name}.example.org 995" in shown.stdout for name in ("anna", "bea"))
    assert "pop-anna" not in run_cli("inspect", "getmail", "--account", "bea").stdout
    (tmp_path / "empty").mkdir()
    refused = run_cli("inspect", "empty")
    assert (refused.code, "holds no file of getmail" in refused.stderr) == (2, True)


@pytest.mark.parametrize("first", ["set folder=imaps://imap.one.example/\nset imap_user=one@example.org\n", ""])
def test_a_file_that_a_hook_of_neomutt_reads_is_the_profile_of_the_hook(run_cli, tmp_path, first) -> None:
    (tmp_path / "muttrc").write_text(f'{first}folder-hook two "source acc2.rc"\n')
    two = "set imap_user=two@example.net\nset folder=imaps://imap.two.example/\nset from=two@example.net\n"
    (tmp_path / "acc2.rc").write_text(two)
    ran = run_cli("inspect", "muttrc")
    assert "acc2.rc" in ran.stdout + ran.stderr
    followed = run_cli("inspect", "muttrc", "--follow", "--account", "two@example.net", "--json")
    assert json.loads(followed.stdout)["imap"]["host"] == "imap.two.example"
