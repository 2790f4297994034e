"""Preferences of a fresh Thunderbird profile: what they say, how they are escaped, and the reader of any such file."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_accounts import (
    ADDRESSES,
    HOSTILE,
    KEEP,
    KEEP_14,
    MATRIX,
    OAUTH2,
    OAUTH2_AND_PASSWORD,
    REMOVE,
    UNSAFE,
    legible,
    make,
)

from wizard.discovery.catalogue import provider_named
from wizard.export.render import About, Refusal, render
from wizard.model.problems import Problem
from wizard.model.provider import FactSource
from wizard.model.provider_facts import FolderNames, MostConnections
from wizard.model.servers import AfterDownload, AuthenticationMethod, LeavePolicy, Protocol, SocketType
from wizard.programs.userjs import read_preferences, read_userjs

READ = FactSource("Help of the provider", "2026-11-28", "reported")


def lines_of(account, **about) -> dict[str, object]:
    """The preferences by a reading of its own: every line that is no comment is one call, its value JSON."""
    made = render("thunderbird-userjs", account, About(**about))
    assert not isinstance(made, Refusal), made
    (file,) = made
    preferences: dict[str, object] = {}
    for line in file.content.decode("ascii").splitlines():
        if line.startswith("//"):
            continue
        found = re.fullmatch(r'user_pref\(("[A-Za-z0-9_.]+"), (.*)\);', line)
        assert found is not None, line
        key = json.loads(found[1])
        assert key not in preferences
        preferences[key] = json.loads(found[2])
    return preferences


@pytest.mark.parametrize("name", MATRIX)
def test_the_preferences_say_what_the_account_says(name: str) -> None:
    account = MATRIX[name]
    settings = lines_of(account)
    sockets = {SocketType.SSL: 3, SocketType.STARTTLS: 2}
    for start, user, security, server in (
        ("mail.server.server1.", "userName", "socketType", account.incoming),
        ("mail.smtpserver.smtp1.", "username", "try_ssl", account.outgoing),
    ):
        assert settings[start + "type"] == server.protocol.value
        assert settings[start + "hostname"] == server.hostname
        assert settings[start + "port"] == server.port
        assert settings[start + user] == server.username
        assert settings[start + security] == sockets[server.socket_type]
        method = {"encrypted": 4, "oauth2_and_password": 10, "oauth2": 10}.get(name.split("-")[2], 3)
        assert settings[start + "authMethod"] == method
    assert settings["mail.identity.id1.useremail"] == str(account.address)
    assert settings["mail.identity.id1.fullName"] == account.display_name


@pytest.mark.parametrize(
    ("leave", "stays", "by_age", "days"),
    [(KEEP, True, False, None), (KEEP_14, True, True, 14), (REMOVE, False, False, None)],
)
def test_what_becomes_of_messages_is_said_in_full(leave, stays: bool, by_age: bool, days: int | None) -> None:
    settings = lines_of(make(protocol=Protocol.POP3, leave=leave))
    start = "mail.server.server1."
    assert settings[start + "leave_on_server"] is stays
    assert settings[start + "delete_by_age_from_server"] is by_age
    assert settings.get(start + "num_days_to_leave_on_server") == days
    assert settings[start + "delete_mail_left_on_server"] is False
    imap = lines_of(make(leave=leave))
    assert not [key for key in imap if "leave" in key or "delete" in key]


def test_of_several_ways_to_log_in_the_first_that_works_is_written() -> None:
    known = lines_of(make("anna@gmail.com", methods=OAUTH2_AND_PASSWORD))
    unknown = lines_of(make(methods=OAUTH2_AND_PASSWORD))
    assert (known["mail.server.server1.authMethod"], unknown["mail.server.server1.authMethod"]) == (10, 3)
    assert isinstance(render("thunderbird-userjs", make(methods=OAUTH2)), Refusal)


def test_sending_without_a_log_in_has_no_user_name() -> None:
    settings = lines_of(make(outgoing_methods=(AuthenticationMethod.NONE,), outgoing_username=""))
    assert "mail.smtpserver.smtp1.username" not in settings
    assert settings["mail.smtpserver.smtp1.authMethod"] == 1


@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_value_is_a_string_and_nothing_else(value: str) -> None:
    joined = "\u200d" in value
    settings = lines_of(make(name=value, username="u" if joined else value))
    assert settings["mail.identity.id1.fullName"] == value
    assert settings["mail.server.server1.userName"] == ("u" if joined else value)
    assert re.fullmatch(r"imap://[A-Za-z0-9*_.%-]+@imap\.example\.org/Sent", settings["mail.identity.id1.fcc_folder"])


@pytest.mark.parametrize("value", UNSAFE)
def test_an_unsafe_value_is_refused(value: str) -> None:
    assert isinstance(render("thunderbird-userjs", make(name=value)), Refusal)
    assert isinstance(render("thunderbird-userjs", make(username=value)), Refusal)


@given(legible(80))
def test_any_printable_name_comes_back_as_it_is(value: str) -> None:
    account = make(name=value)
    (file,) = render("thunderbird-userjs", account)
    assert read_userjs(file.content, "user.js").accounts[0].display_name == value
    assert lines_of(account)["mail.identity.id1.fullName"] == value


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_address_comes_back(address: str) -> None:
    assert lines_of(make(address))["mail.identity.id1.useremail"] == str(make(address).address)


def test_the_steps_say_what_the_file_does_to_other_accounts() -> None:
    (file,) = render("thunderbird-userjs", make())
    text = " ".join(file.install)
    assert "disappear" in file.install[0]
    assert "remove “user.js” from the folder" in text


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("993", "143"),
        ('"imap.example.org"', '"imap.example.net"'),
        ("socketType", "socketTyp"),
        ("Anna Rossi", "Carla"),
        ('"account1"', '"account1,account2"'),
        ("user_pref", "alert"),
        ("Anna", "Ännä"),
    ],
)
def test_a_template_that_says_something_else_is_caught(tmp_path, old: str, new: str) -> None:
    (tmp_path / "clients").mkdir()
    (file,) = render("thunderbird-userjs", make())
    text = file.content.decode().replace(old, new, 1)
    if "account2" in new:
        text += 'user_pref("mail.account.account2.server", "server1");\n'
        text += 'user_pref("mail.account.account2.identities", "id1");\n'
    (tmp_path / "clients/thunderbird-userjs.js.j2").write_text(text)
    with pytest.raises(Problem, match="does not write what the account contains"):
        render("thunderbird-userjs", make(), About(own_templates=tmp_path))


# What follows is the reader, for files of anybody.

PREFS = rb"""
# Mozilla User Preferences
/* a comment
   user_pref("commented", true); */
user_pref("mail.accountmanager.accounts", "account2, account1 ,account3,,account2");
user_pref("mail.accountmanager.defaultaccount", "account1");
user_pref("mail.account.account1.server", "server1"); user_pref("mail.account.account1.identities", "id1,id2");
user_pref("mail.account.account2.server", "server2");
user_pref("mail.account.account3.server", "server3");
user_pref("mail.account.account3.identities", "id1");
user_pref('mail.server.server1.type', 'pop3');
user_pref("mail.server.server1.hostname" , "pop.example.org" ) ;
user_pref("mail.server.server1.userName", "DOM\\anna \"x\" \x41\u00e9\ud83d\ude00");
user_pref("mail.server.server1.leave_on_server", true);
user_pref("mail.server.server1.port", "no number");
user_pref("mail.server.server2.type", "none");
user_pref("mail.server.server3.type", "imap");
user_pref("mail.server.server3.hostname", "10.0.0.1");
user_pref("mail.server.server3.userName", "anna");
user_pref("mail.identity.id1.useremail", "anna@example.org");
user_pref("mail.identity.id1.fullName", 'It\'s Anna');
user_pref("mail.smtp.defaultserver", "smtp5");
user_pref("mail.smtpserver.smtp5.hostname", "smtp.example.org");
user_pref("mail.smtpserver.smtp5.try_ssl", 2);
user_pref("mail.smtpserver.smtp5.authMethod", 1);
user_pref("mail.smtpserver.smtp5.password", "canary");
"""


def test_the_preferences_of_an_old_profile_are_read_with_thunderbirds_defaults() -> None:
    read = read_userjs(PREFS, "prefs.js")
    account, third = read.accounts
    incoming, outgoing = account.incoming[0], account.outgoing[0]
    assert (incoming.protocol, incoming.hostname, incoming.port) == (Protocol.POP3, "pop.example.org", 110)
    assert incoming.socket_type is SocketType.PLAIN
    assert incoming.username == 'DOM\\anna "x" Aé😀'
    assert incoming.authentication == (AuthenticationMethod.PASSWORD_CLEARTEXT,)
    assert (outgoing.port, outgoing.socket_type) == (587, SocketType.STARTTLS)
    assert outgoing.authentication == (AuthenticationMethod.NONE,)
    assert account.display_name == "It's Anna"
    assert account.leave == LeavePolicy(AfterDownload.KEEP)
    assert [server.hostname for server in third.incomplete] == ["10.0.0.1"]
    assert "canary" not in repr(read)


@pytest.mark.parametrize(
    ("old", "new", "address", "outgoing"),
    [
        (b'identities", "id1,id2"', b'identities", ""', None, ["smtp.example.org"]),
        (b'smtp.defaultserver", "smtp5"', b'smtpservers", "smtp5,smtp6"', "anna@example.org", ["smtp.example.org"]),
        (b'smtp.defaultserver"', b'x"', "anna@example.org", []),
    ],
)
def test_what_is_missing_around_the_servers_does_not_hide_them(old, new, address, outgoing) -> None:
    content = PREFS.replace(old, new)
    assert content != PREFS
    account = read_userjs(content, "x").accounts[0]
    assert (None if account.address is None else str(account.address)) == address
    assert account.incoming[0].hostname == "pop.example.org"
    assert [server.hostname for server in account.outgoing] == outgoing


def test_the_last_of_two_values_counts_and_a_line_that_is_wrong_is_named() -> None:
    assert read_preferences(b'user_pref("a", 1);\nuser_pref("a", -2);pref("b", false);', "x") == {"a": -2, "b": False}
    with pytest.raises(Problem) as caught:
        read_preferences(b'user_pref("a", 1);\n\nuser_pref("b", 1 + 1);', "user.js")
    assert caught.value.place is not None
    assert (caught.value.place.file, caught.value.place.line) == ("user.js", 3)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"alert(1);",
        b'user_pref("a", alert(1));',
        b'user_pref("a", "b" + "c");',
        b'user_pref("a", "b)',
        b'user_pref("a", 99999999999999999999);',
        b'user_pref("mail.accountmanager.accounts", "account1");',
        b"/* " + b"*" * 100_000,
        b'user_pref("' + b"a" * 100_000,
        b'user_pref("a", "' + b"\\" * 100_001,
        b" " * (4 * 1024 * 1024 + 1),
        PREFS.replace(b"account2, account1 ,account3", ",".join(f"account{n}" for n in range(65)).encode()),
        PREFS.replace(b"try_ssl", b"try_ssl_").replace(b"hostname", b"host"),
        PREFS.replace(b'authMethod", 1', b'authMethod", 99'),
    ],
)
def test_a_file_that_cannot_be_used_is_a_problem(content: bytes) -> None:
    with pytest.raises(Problem):
        read_userjs(content, "user.js")


@given(st.binary(max_size=200))
def test_any_bytes_are_a_problem_and_nothing_worse(content: bytes) -> None:
    for start in (b"", b'user_pref("a", "'):
        with pytest.raises(Problem):
            read_userjs(start + content, "x")


# What is known of the provider


def provider_with(*facts):
    known = provider_named("posteo")
    assert known is not None
    return replace(known, facts=facts)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("Posta inviata", "Posta%20inviata"),
        ("INBOX.Inviata", "INBOX/Inviata"),
        ("INBOX/Spedite", "INBOX/Spedite"),
        ("Gesendet & weg", "Gesendet%20%26-%20weg"),
        ("已发送", "%26XfJT0ZAB-"),
    ],
)
def test_the_folder_of_sent_mail_is_the_one_that_the_provider_has(name, path):
    provider = provider_with(FolderNames(sent=name, source=READ))
    settings = lines_of(make(), provider=provider)
    assert settings["mail.identity.id1.fcc_folder"] == f"imap://anna%40example.org@imap.example.org/{path}"
    assert settings["mail.identity.id1.draft_folder"].endswith("/Drafts")
    pop3 = lines_of(make(protocol=Protocol.POP3), provider=provider)
    assert pop3["mail.identity.id1.fcc_folder"].endswith("/Sent")  # with POP3 it is a folder of this computer


def test_no_more_connections_than_the_provider_takes():
    key = "mail.server.server1.max_cached_connections"
    assert lines_of(make(), provider=provider_with(MostConnections(most=4, source=READ)))[key] == 2
    assert key not in lines_of(make(), provider=provider_with(MostConnections(most=15, source=READ)))
