"""Settings that are said to be elsewhere: they are read once somebody agreed, and that is asked wherever it can be."""

from __future__ import annotations

import json

import pytest

from tests.world import Page

ANNA = "anna@example.test"
PATH = "/autodiscover/autodiscover.xml"
ANSWER = (
    '<?xml version="1.0" encoding="utf-8"?>'
    '<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006">'
    '<Response xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a">'
    "<Account><AccountType>email</AccountType>{inside}</Account></Response></Autodiscover>"
)
ELSEWHERE = "<Action>redirectAddr</Action><RedirectAddr>anna@group.test</RedirectAddr>"
URL = f"<Action>redirectUrl</Action><RedirectUrl>https://autodiscover.group.test{PATH}</RedirectUrl>"
SERVERS = "<Action>settings</Action>" + "".join(
    f"<Protocol><Type>{kind}</Type><Server>mail.group.test</Server><Port>{port}</Port><SSL>on</SSL></Protocol>"
    for kind, port in (("IMAP", 993), ("SMTP", 465))
)


@pytest.fixture(params=[ELSEWHERE, URL], ids=["address", "url"])
def referring(online, request):
    online.machine("mail.group.test")
    online.publish("autodiscover.example.test", Page(ANSWER.format(inside=request.param)), PATH)
    online.publish("autodiscover.group.test", Page(ANSWER.format(inside=SERVERS)), PATH)
    return online


def flat(text):
    return " ".join(text.split())


@pytest.mark.parametrize("words", [("export", ANNA, "--format", "card"), ("setup", ANNA, "--defaults")])
def test_where_nobody_is_asked_the_option_is_named(referring, words, tmp_path):
    ran = referring.run(*words, "--no-input", "--output", str(tmp_path / "out"))
    assert ran.code == 3
    assert "are said to be at group.test" in flat(ran.stderr)
    assert "--accept foreign_domain" in flat(ran.stderr)


def test_the_doctor_says_where_the_settings_are_said_to_be(referring):
    ran = referring.run("doctor", ANNA)
    assert ran.code == 4
    assert "are said to be at group.test" in flat(ran.stderr)
    assert "--accept foreign_domain" in flat(ran.stderr)


def test_a_network_that_leads_every_name_to_itself_is_not_believed_for_a_valid_certificate(online):
    portal = online.machine("login.hotel.test", ports=(993, 995, 465), certificate=["login.hotel.test"])
    online.world.dns("*", A=[portal])
    for name in ("gmail.com", "outlook.com", "yahoo.com", "invalid", "libero.it", "example.test"):
        online.world.dns(f"*.{name}", A=[portal])
        online.world.dns(name, A=[portal])
    for address in ("anna@libero.it", ANNA):
        document = json.loads(online.run("discover", address, "--json", "--no-ispdb").stdout)
        assert document["warnings"][0]["code"] == "captive_portal"
        shown = [document[kind] for kind in ("imap", "pop3", "smtp")] + document["alternatives"]
        assert not [server for server in shown if server and server["host"] == "login.hotel.test"]


def test_a_file_that_leaves_the_encryption_open_is_not_taken_for_more_than_the_server_has(online):
    online.machine("mail.example.test", ports=(143, 587), security="plain")
    inside = "<Action>settings</Action>" + "".join(
        f"<Protocol><Type>{kind}</Type><Server>mail.example.test</Server><Port>{port}</Port><SSL>off</SSL></Protocol>"
        for kind, port in (("IMAP", 143), ("SMTP", 587))
    )
    online.publish("autodiscover.example.test", Page(ANSWER.format(inside=inside)), PATH)
    ran = online.run("discover", ANNA, "--json", "--no-probe")
    document = json.loads(ran.stdout)
    assert ran.code == 4
    assert (document["imap"], document["smtp"]) == (None, None)
    (notice,) = [notice for notice in document["warnings"] if notice["code"] == "plaintext_only"]
    assert "offer no encryption" in notice["text"]
