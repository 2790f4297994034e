"""PACC as a source: the document counts with its digest in the DNS, and not without."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json

import pytest

from tests.world import Page, World
from wizard.discovery.context import Context, LookUpOptions
from wizard.discovery.sources import pacc
from wizard.model.address import parse_address
from wizard.model.discovery import Outcome, SourceReport, Trust

WEB, OTHER = "203.0.113.20", "198.51.100.20"
HOST = "ua-auto-config.example.test"
NAME = "_ua-auto-config.example.test"
URL = f"https://{HOST}/.well-known/user-agent-configuration.json"
DOCUMENT = json.dumps(
    {
        "protocols": {"imap": {"host": "imap.example.test"}, "submit": {"host": "smtp.example.test"}},
        "authentication": {"password": True},
        "info": {"provider": {"name": "Example Mail"}},
    }
).encode()


def digest(content: bytes) -> str:
    return f"v=UAAC1; a=sha256; d={base64.b64encode(hashlib.sha256(content).digest()).decode()}"


def publish(world: World, content: bytes = DOCUMENT, *texts: str, **page) -> None:
    world.dns(HOST, A=[WEB])
    world.web(WEB, {URL: Page(content, **{"content_type": "application/json", **page})}, [HOST])
    if texts:
        world.dns(NAME, TXT=list(texts))


def find(world: World) -> SourceReport:
    async def run():
        return await pacc.find(Context(parse_address("anna@example.test"), LookUpOptions(), world.network()))

    return asyncio.run(run())


def test_a_document_with_its_digest_is_found(world):
    publish(world, DOCUMENT, digest(DOCUMENT))
    report = find(world)
    assert (report.outcome, report.url, report.detail) == (Outcome.FOUND, URL, "Settings of “Example Mail”.")
    assert [(found.server.hostname, found.server.port) for found in report.servers] == [
        ("imap.example.test", 993),
        ("smtp.example.test", 465),
    ]
    assert {found.evidence.trust for found in report.servers} == {Trust.AUTHENTICATED}
    assert {found.server.username for found in report.servers} == {"anna@example.test"}


def test_the_host_is_not_told_the_address(world):
    publish(world, DOCUMENT, digest(DOCUMENT))
    find(world)
    requests = [entry for entry in world.seen if entry[0] == "http"]
    assert [(method, url) for _http, method, url, _headers, _body in requests] == [("GET", URL)]
    assert "anna" not in repr(requests)


def test_one_of_several_digests_is_enough(world):
    publish(world, DOCUMENT, "something else", digest(b"the document of yesterday"), digest(DOCUMENT))
    assert find(world).outcome is Outcome.FOUND


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        ((), "no digest"),
        (("v=spf1 -all",), "no digest"),
        (("v=UAAC1; a=sha512; d=AAAA",), "no digest"),
        ((digest(DOCUMENT + b" "),), "not the one whose digest"),
    ],
)
def test_a_document_without_its_digest_is_refused(world, texts, words):
    publish(world, DOCUMENT, *texts)
    report = find(world)
    assert (report.outcome, report.servers) == (Outcome.REFUSED, ())
    assert words in report.detail
    assert report.url == f"dns:{NAME}?type=TXT"


def test_a_document_whose_digest_nobody_can_ask_for_is_not_found(world):
    publish(world, DOCUMENT, digest(DOCUMENT))
    world.dns_behaviour(NAME, "servfail")
    report = find(world)
    assert (report.outcome, report.servers) == (Outcome.UNREACHABLE, ())


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"protocols": {}, "protocols": {}}', b"[" * 5000])
def test_a_wrong_document_with_the_right_digest_is_malformed(world, content):
    publish(world, content, digest(content))
    report = find(world)
    assert (report.outcome, report.servers) == (Outcome.MALFORMED, ())
    assert HOST in report.detail


def test_a_document_that_has_nothing_of_mail_is_nothing(world):
    content = b'{"protocols": {"jmap": {"url": "https://j.example.test"}}, "authentication": {"password": true}}'
    publish(world, content, digest(content))
    assert find(world).outcome is Outcome.NOTHING


def test_a_web_page_for_every_path_is_nothing(world):
    publish(world, b"<!doctype html><html></html>", content_type="text/html")
    assert find(world).outcome is Outcome.NOTHING


def test_no_such_file_and_no_such_host_are_nothing(world):
    assert find(world).outcome is Outcome.NOTHING
    publish(world, b"", digest(DOCUMENT), status=404)
    assert find(world).outcome is Outcome.NOTHING


def test_a_redirect_out_of_the_domain_makes_it_worth_less(world):
    publish(world, b"", digest(DOCUMENT), status=302, headers={"Location": "https://pacc.hoster.test/x.json"})
    world.dns("pacc.hoster.test", A=[OTHER])
    world.web(OTHER, {"https://pacc.hoster.test/x.json": Page(DOCUMENT)}, ["pacc.hoster.test"])
    report = find(world)
    assert report.outcome is Outcome.FOUND
    assert {found.evidence.trust for found in report.servers} == {Trust.UNAUTHENTICATED}
    assert "hoster.test" in report.detail
    (question,) = report.needs_consent
    assert question.code == "foreign_domain"
    assert "hoster.test, because ua-auto-config.example.test redirects there" in question.text


def test_a_redirect_to_plain_http_is_refused(world):
    publish(world, b"", digest(DOCUMENT), status=302, headers={"Location": f"http://{HOST}/x.json"})
    assert find(world).outcome is Outcome.REFUSED


@pytest.mark.parametrize("behaviour", ["endless", "gzip_bomb", "big_headers", "reset", "garbage", "cut_off"])
def test_hostile_servers_find_nothing_and_break_nothing(world, behaviour):
    publish(world, DOCUMENT, digest(DOCUMENT), behaviour=behaviour)
    report = find(world)
    assert report.servers == ()
    assert report.outcome in (Outcome.MALFORMED, Outcome.UNREACHABLE)
