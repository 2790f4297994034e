"""A whole look-up: each way of publishing servers is found, with the right trust, whatever else does not answer."""

from __future__ import annotations

import pytest

from tests import measured
from tests.discovery.conftest import GRACES
from wizard.discovery.context import LookUpOptions
from wizard.discovery.lookup import discover
from wizard.model.address import parse_address
from wizard.model.discovery import Outcome, Source


@pytest.fixture(scope="module")
def served():
    from tests.world import World

    with World() as world:
        world.swallow(measured.SWALLOWS)
        measured.build(world)
        yield world


@pytest.fixture
def internet(served, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(served.ca_file))
    for name in GRACES:
        monkeypatch.setattr(name, 3.0)  # a busy machine does not need that long, and the deadline is later
    return served


def look_up(internet, address):
    options = LookUpOptions(timeout=6, ispdb_url=measured.ISPDB, allow_private=True)
    return discover(parse_address(address), options, network=internet.network())


def shown(found):
    return None if found is None else f"{found.server.hostname} {found.server.port}"


def assert_nobody_is_told(requests):
    """The address goes to the domain's own hosts alone, and no credential to anybody."""
    for _http, _method, url, headers, body in requests:
        assert not {"authorization", "cookie"} & {name.lower() for name in headers}
        if "ispdb.test" in url or "provider.test" in url:
            assert "anna" not in url
            assert b"anna" not in body


@pytest.mark.parametrize("case", measured.CASES, ids=lambda case: case.domain)
def test_what_is_published_is_found_and_nobody_else_is_told_who_asked(case, internet):
    before = len(internet.seen)
    report = look_up(internet, case.address)
    requests = [entry for entry in internet.seen[before:] if entry[0] == "http"]
    assert requests or case.source not in (Source.AUTOCONFIG, Source.ISPDB, Source.MX)
    assert_nobody_is_told(requests)
    assert (shown(report.imap), shown(report.pop3), shown(report.smtp)) == (case.imap, case.pop3, case.smtp)
    assert report.usable is (case.source is not None)
    for found in (report.imap, report.pop3, report.smtp):
        if found is not None:
            assert found.verified is True
            assert found.evidence.source == case.source
            assert found.evidence.trust == case.trust
    assert sorted(notice.code for notice in report.needs_consent) == sorted(case.consent)
    assert not [source_report for source_report in report.sources if "unexpected" in source_report.detail]


def test_a_stale_file_does_not_hide_who_receives_the_mail(internet):
    report = look_up(internet, "anna@stale.test")
    (notice,) = [notice for notice in report.warnings if notice.code == "sources_disagree" and "IMAP" in notice.text]
    assert "autoconfig: old.stale.test 993 (does not answer as it should)" in notice.text
    assert "mail delivery (MX): mail.provider.test 993 (answers)" in notice.text


def test_a_certificate_for_another_name_is_explained(internet):
    report = look_up(internet, "anna@shared.test")
    (notice,) = [notice for notice in report.warnings if notice.code == "certificate_name"]
    assert "mail.shared.test presents a certificate for server42.hoster.test" in notice.text


def test_every_source_says_what_it_was_asked_and_what_came_of_it(internet):
    report = look_up(internet, "anna@refusing.test")
    assert {source_report.source.value for source_report in report.sources} >= {
        "srv",
        "autoconfig",
        "ispdb",
        "mx",
        "probe",
    }
    for answer in report.sources:
        assert answer.outcome in (Outcome.NOTHING, Outcome.UNREACHABLE)
        if answer.source.value not in ("catalogue", "probe"):
            assert answer.url, answer
        assert answer.detail, answer
