"""The settings document: what ``discover --json`` prints, and what is wrong in one that a person wrote."""

from __future__ import annotations

import pytest

from tests.discovery.findings import found
from wizard.discovery.catalogue import provider_named
from wizard.model.address import parse_address
from wizard.model.discovery import DiscoveryReport, Source, Trust
from wizard.model.problems import Problem
from wizard.model.servers import Protocol
from wizard.programs.documents import report_document
from wizard.programs.settings import all_settings_from, settings_from


@pytest.mark.parametrize("seen", [True, False, None])
def test_verified_says_whether_tls_and_a_greeting_were_seen(seen):
    report = DiscoveryReport(
        address=parse_address("anna@example.org"),
        imap=found(Protocol.IMAP, Source.ISPDB, verified=seen),
        smtp=found(Protocol.SMTP, Source.ISPDB, security="plain", verified=seen),
    )
    document = report_document(report)
    assert document["imap"]["verified"] is seen
    assert document["smtp"]["verified"] is (None if seen is None else False)


LEAST = """\
{"schema": 1,
 "address": "anna@example.org",
 "imap": {"host": "imap.example.org",
          "port": 993,
          "socket_type": "SSL",
          "username": "anna",
          "authentication": ["password-cleartext"]},
 "provider": {"id": "example", "name": "Example"},
 "sources": [{"source": "srv", "outcome": "found", "detail": "two records"}],
 "warnings": [{"code": "guess", "text": "It is a guess."}]}
"""


def test_the_least_that_a_person_writes_is_read() -> None:
    report = settings_from(LEAST, "s.json")
    assert report.imap is not None
    assert (report.imap.server.hostname, report.imap.evidence.source) == ("imap.example.org", Source.USER)
    assert report.imap.evidence.trust is Trust.AUTHENTICATED
    assert (report.pop3, report.smtp, report.alternatives) == (None, None, ())
    assert report.provider is not None
    assert (report.provider.name, report.provider.source.confidence) == ("Example", "unverified")


def test_a_provider_that_is_known_is_more_than_its_name() -> None:
    known = provider_named("gmx")
    assert settings_from(LEAST, "s.json", provider_named=lambda _id: known).provider is known
    unknown = settings_from(LEAST, "s.json", provider_named=lambda _id: None).provider
    assert unknown is not None
    assert unknown.name == "Example"


def test_the_user_name_is_empty_only_where_nobody_logs_in() -> None:
    text = LEAST.replace('"anna",', '"",')
    report = settings_from(text.replace("password-cleartext", "none"), "s.json")
    assert report.imap is not None
    assert report.imap.server.username == ""
    with pytest.raises(Problem, match="user name is expected"):
        settings_from(text, "s.json")


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "words"),
    [
        ('"schema": 1', '"schema": 2', 1, "schema", "This is schema 2; this program reads schema 1."),
        ('"schema": 1', '"schema": true', 1, "schema", "This is schema True"),
        ('"schema": 1,', "", 1, None, "“schema” is missing"),
        ('"address"', '"adress"', 2, "adress", "Did you mean address?"),
        ("anna@example.org", "anna.example.org", 2, "address", "has no @"),
        ('"host"', '"domain": "example.com", "host"', 3, "imap.domain", "is not known"),
        (' "imap"', ' "domain": "example.com", "imap"', 3, "domain", "not the one of the address, example.org"),
        (' "imap"', ' "domain": "example..org", "imap"', 3, "domain", ""),
        ("imap.example.org", "imap_example.org", 3, "imap.host", ""),
        ("993", "99300", 4, "imap.port", "from 1 to 65535"),
        ('"SSL"', '"SLS"', 5, "imap.socket_type", "Did you mean SSL?"),
        ('"anna"', "7", 6, "imap.username", "in quotes if it is a number"),
        ('"anna"', '" anna"', 6, "imap.username", "user name is expected"),
        ('"anna"', '"' + "a" * 501 + '"', 6, "imap.username", "user name is expected"),
        ('"anna"', '"an\\u202ena"', 6, "imap.username", "invisible control character"),
        ('"password-cleartext"', '"password-clear"', 7, "imap.authentication.0", "Did you mean password-cleartext?"),
        ('["password-cleartext"]', "[]", 7, "imap.authentication", "list is expected"),
        ('"Example"', '"Exam\\nple"', 8, "provider.name", "on one line"),
        ('"two records"', "null", 9, "sources.0.detail", "text is expected"),
        ('"found"', '"fund"', 9, "sources.0.outcome", "Did you mean found?"),
        ('"guess"', '"A guess"', 10, "warnings.0.code", "lowercase letters"),
        ('"guess"', '"guess", "code": "guess"', 10, None, "given twice"),
        ('"warnings": [', '"warnings": [' + "{}, " * 200, 10, "warnings", "More than 200 entries"),
        ("993", "NaN", 4, "imap.port", "whole number"),
    ],
)
def test_what_is_wrong_is_named_with_file_line_key_and_the_nearest_value(old, new, line, key, words) -> None:
    assert old in LEAST
    with pytest.raises(Problem) as caught:
        settings_from(LEAST.replace(old, new, 1), "s.json")
    place = caught.value.place
    assert place is not None
    assert (place.file, place.line, place.key) == ("s.json", line, key)
    assert words in caught.value.text


def test_several_accounts_are_read_as_such_and_a_mistake_in_one_has_its_place() -> None:
    several = f'{{"schema": 1, "accounts": [\n{LEAST},\n{LEAST.replace("anna@", "bob@")}]}}'
    assert [read.report.address.local for read in all_settings_from(several, "s.json")] == ["anna", "bob"]
    assert [read.report.address.local for read in all_settings_from(LEAST, "s.json")] == ["anna"]
    with pytest.raises(Problem) as caught:
        all_settings_from(several.replace('"port": 993', '"port": 0'), "s.json")
    assert str(caught.value).startswith("s.json, line 5, accounts.0.imap.port: ")
    for wrong, key in (
        (several.replace("1, ", "2, ", 1), "schema"),
        (several.replace("accounts", "account"), "account"),
    ):
        with pytest.raises(Problem) as caught:
            all_settings_from(wrong, "s.json")
        assert caught.value.place is not None
        assert caught.value.place.key == key
