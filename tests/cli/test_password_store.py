"""``--password-store``: from the command line into the files of terminal programs."""

from __future__ import annotations

import json

import pytest

TERMINAL = "neomutt,aerc,mbsync,getmail,fetchmail,msmtp,himalaya,offlineimap"


def exported(run_cli, *arguments: str):
    ran = run_cli("export", *arguments, "--offline", "--output", "out", "--json")
    return ran.code, json.loads(ran.stdout)


@pytest.mark.parametrize(
    ("store", "command"),
    [
        ([], "pass show mail/anna@gmx.net"),
        (["--password-store", "secret-tool"], "secret-tool lookup mail anna@gmx.net"),
        (["--password-store", "keychain"], "security find-generic-password -s mail -a anna@gmx.net -w"),
    ],
)
def test_the_chosen_store_is_asked_by_every_file(run_cli, tmp_path, store, command) -> None:
    code, document = exported(run_cli, "anna@gmx.net", "--protocol", "imap", "--format", TERMINAL, *store)
    assert code == 0
    assert [one["mode"] for one in document["files"]] == ["0600"] * 8
    for one in document["files"]:
        text = (tmp_path / one["path"]).read_text().replace('", "', " ")
        assert command in text, one["format"]


def test_tokens_make_possible_what_passwords_cannot(run_cli, tmp_path) -> None:
    code, document = exported(run_cli, "anna@outlook.com", "--format", "neomutt,msmtp")
    assert code == 8
    assert all("--password-store oama" in one["reason"] for one in document["refused"])
    code, document = exported(run_cli, "anna@outlook.com", "--format", "neomutt,msmtp", "--password-store", "oama")
    assert code == 0
    assert all("oama access anna@outlook.com" in (tmp_path / one["path"]).read_text() for one in document["files"])


def test_an_unknown_store_ends_with_2_and_the_known_ones(run_cli) -> None:
    ran = run_cli("export", "anna@gmx.net", "--offline", "--format", "msmtp", "--password-store", "paper")
    assert ran.code == 2
    assert "secret-tool" in ran.stderr


def test_pop3_in_a_program_that_only_knows_imap_is_refused_and_the_rest_is_written(run_cli) -> None:
    code, document = exported(run_cli, "anna@gmx.net", "--protocol", "pop3", "--format", TERMINAL)
    assert code == 0
    assert {one["format"] for one in document["refused"]} == {"aerc", "mbsync", "himalaya", "offlineimap"}
    assert {one["format"] for one in document["files"]} == {"neomutt", "getmail", "fetchmail", "msmtp"}
