"""Whose servers they are, and which owner leads: the rules one by one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.discovery.findings import found, reported
from wizard.discovery.catalogue import provider_named
from wizard.discovery.context import LookUpOptions
from wizard.discovery.report import merge_reports
from wizard.discovery.sources.catalogue import servers_of
from wizard.model.address import parse_address
from wizard.model.discovery import Outcome, Source, SourceReport, Trust
from wizard.model.servers import Protocol

ANNA = parse_address("anna@example.org")
IMAP, POP3, SMTP = Protocol.IMAP, Protocol.POP3, Protocol.SMTP
PUBLISHED = (Source.SRV, Source.AUTOCONFIG, Source.WELL_KNOWN, Source.AUTODISCOVER, Source.PACC)
UNSURE, GUESSED = {"trust": Trust.UNAUTHENTICATED}, {"trust": Trust.GUESSED}


def whole(source, host, *, protocols=(IMAP, POP3, SMTP), **how):
    """A source's report of an account at ``host``."""
    return reported(source, *(found(protocol, source, host=host, **how) for protocol in protocols))


def mx(host, *servers, provider=None, **how):
    """What the MX records lead to."""
    return reported(Source.MX, *servers, mail_hosts=(host,), provider=provider, **how)


def posteo(*, trust=Trust.UNAUTHENTICATED, verified=True):
    """The mail is delivered to a provider of the catalogue."""
    provider = provider_named("posteo")
    servers = servers_of(provider, ANNA, Source.MX, trust, provider.source)
    return mx("mx01.posteo.de", *(seen(server, verified) for server in servers), provider=provider)


def seen(server, verified):
    return replace(server, verified=verified, evidence=replace(server.evidence, trust=Trust.UNAUTHENTICATED))


def merged(*reports, address=ANNA):
    ordered = sorted(reports, key=lambda report: tuple(Source).index(report.source))
    return merge_reports(address, ordered, LookUpOptions(), 1, "2026-11-28")


def used(report):
    return {server and server.server.hostname for server in (report.imap, report.smtp)}


def told(report):
    return [notice.text for notice in report.warnings if notice.code == "several_providers"]


# --- what belongs together


def test_every_host_of_the_domain_is_its_own():
    report = merged(
        whole(Source.SRV, "imap.example.org", protocols=[IMAP]),
        whole(Source.PACC, "smtp.example.org", protocols=[SMTP]),
    )
    assert used(report) == {"imap.example.org", "smtp.example.org"}


def test_below_a_public_suffix_every_name_is_another_owner():
    report = merged(
        whole(Source.SRV, "one.github.io", protocols=[IMAP]),
        whole(Source.AUTOCONFIG, "two.github.io", protocols=[SMTP]),
    )
    assert report.smtp is None or report.imap is None


def test_what_one_answer_names_together_belongs_together_for_everybody():
    both = reported(
        Source.ISPDB,
        found(IMAP, Source.ISPDB, host="imap.one.test"),
        found(SMTP, Source.ISPDB, host="smtp.two.test"),
    )
    report = merged(both, whole(Source.AUTODISCOVER, "pop.two.test", protocols=[POP3]))
    assert report.pop3.server.hostname == "pop.two.test"


def test_an_answer_that_nothing_protects_makes_nobody_one_with_the_domain():
    srv = reported(
        Source.SRV, found(IMAP, Source.SRV, **UNSURE), found(POP3, Source.SRV, host="pop.evil.test", **UNSURE)
    )
    report = merged(srv, whole(Source.AUTOCONFIG, "mail.example.org", protocols=[IMAP, SMTP]))
    assert report.pop3 is None
    sure = reported(Source.SRV, found(IMAP, Source.SRV), found(POP3, Source.SRV, host="pop.hoster.test"))
    assert merged(sure, whole(Source.AUTOCONFIG, "mail.example.org", protocols=[IMAP, SMTP])).pop3 is not None


def test_a_half_that_the_same_answer_names_elsewhere_completes_the_account():
    srv = reported(
        Source.SRV, found(IMAP, Source.SRV, **UNSURE), found(SMTP, Source.SRV, host="smtp.relay.test", **UNSURE)
    )
    report = merged(srv)
    assert used(report) == {"mail.example.org", "smtp.relay.test"}
    assert [notice.code for notice in report.needs_consent] == ["foreign_domain"]


@pytest.mark.parametrize(
    ("host", "completes"),
    [("imap.one.test", True), ("smtp.example.org", True), ("smtp.one.test", True), ("smtp.two.test", False)],
)
def test_a_guess_completes_at_a_host_of_the_owner_or_of_the_domain(host, completes):
    half = whole(Source.AUTOCONFIG, "imap.one.test", protocols=[IMAP])
    report = merged(half, whole(Source.PROBE, host, protocols=[SMTP], **GUESSED))
    assert (report.smtp is not None) is completes


def test_a_guess_of_the_other_protocol_comes_to_no_other_owner():
    report = merged(
        whole(Source.AUTOCONFIG, "mail.one.test", protocols=[IMAP, SMTP]),
        whole(Source.PROBE, "pop.example.org", protocols=[POP3], **GUESSED),
    )
    assert report.pop3 is None


def test_the_catalogue_knows_several_domains_of_one_provider():
    file = whole(Source.AUTOCONFIG, "mail.messagingengine.com", protocols=[IMAP, SMTP])
    provider = provider_named("fastmail")
    servers = servers_of(provider, ANNA, Source.MX, Trust.UNAUTHENTICATED, provider.source)
    report = merged(file, mx("in1-smtp.messagingengine.com", *servers, provider=provider))
    assert report.provider is provider
    assert used(report) == {"mail.messagingengine.com"}
    assert told(report) == []


def test_a_provider_whose_servers_have_names_of_the_domain_is_the_domains_owner():
    provider = provider_named("siteground")
    servers = servers_of(provider, ANNA, Source.MX, Trust.UNAUTHENTICATED, provider.source)
    report = merged(mx("mx1.mailspamprotection.com", *servers, provider=provider))
    assert (used(report), report.provider) == ({"mail.example.org"}, provider)


# --- who leads


@pytest.mark.parametrize("source", PUBLISHED)
@pytest.mark.parametrize("host", ["mail.example.org", "mail.old.test"])
def test_what_is_merely_published_gives_way_to_a_provider_that_the_mail_is_delivered_to(source, host):
    report = merged(whole(source, host), posteo())
    assert used(report) == {"posteo.de"}
    assert report.provider.id == "posteo"
    assert [other.imap.server.hostname for other in report.others] == [host]
    assert report.others[0].provider is None
    assert len(told(report)) == len(told(report.others[0])) == 1


@pytest.mark.parametrize("source", [Source.CATALOGUE, Source.ISPDB])
def test_what_others_look_after_for_this_domain_gives_way_only_where_it_is_silent(source):
    assert used(merged(whole(source, "mail.old.test"), posteo())) == {"mail.old.test"}
    assert used(merged(whole(source, "mail.old.test", verified=False), posteo())) == {"posteo.de"}


@pytest.mark.parametrize(
    ("host", "leads"), [("mail.example.org", "mail.example.org"), ("mail.old.test", "mail.new.test")]
)
def test_an_unknown_receiver_takes_nothing_from_the_domains_own_servers(host, leads):
    new = [found(protocol, Source.MX, host="mail.new.test", **UNSURE) for protocol in (IMAP, SMTP)]
    report = merged(whole(Source.AUTOCONFIG, host), mx("mx.new.test", *new))
    assert used(report) == {leads}
    (text,) = told(report)
    assert text.startswith("The DNS says, and nothing protects it, that mail for") is (host == leads)


@pytest.mark.parametrize("trust", [Trust.UNAUTHENTICATED, Trust.AUTHENTICATED])
def test_dnssec_decides_whether_consent_is_needed_and_nothing_else(trust):
    new = [found(protocol, Source.MX, host="mail.new.test", trust=trust) for protocol in (IMAP, SMTP)]
    own = merged(whole(Source.AUTOCONFIG, "mail.example.org"), mx("mx.new.test", *new))
    assert used(own) == {"mail.example.org"}
    moved = merged(whole(Source.AUTOCONFIG, "mail.old.test"), mx("mx.new.test", *new))
    assert used(moved) == {"mail.new.test"}
    assert bool(moved.needs_consent) is (trust is Trust.UNAUTHENTICATED)


def test_who_receives_the_mail_is_known_by_the_host_where_the_source_found_nothing():
    new = whole(Source.SRV, "mail.new.test", **UNSURE)
    report = merged(new, whole(Source.AUTOCONFIG, "mail.old.test"), mx("mx.new.test"))
    assert used(report) == {"mail.new.test"}


def test_a_provider_that_is_guessed_behind_a_filter_is_no_receiver():
    provider = provider_named("posteo")
    servers = servers_of(provider, ANNA, Source.MX, Trust.GUESSED, provider.source)
    report = merged(whole(Source.AUTOCONFIG, "mail.old.test"), mx("mx.filter.test", *servers, provider=provider))
    assert used(report) == {"mail.old.test"}
    assert report.provider is None


@pytest.mark.parametrize("own", [True, False])
def test_a_whole_account_comes_before_half_of_one(own):
    host = "mail.example.org" if own else "mail.one.test"
    report = merged(
        whole(Source.SRV, host, protocols=[IMAP]), whole(Source.AUTODISCOVER, "mail.two.test", protocols=[IMAP, SMTP])
    )
    assert used(report) == {"mail.two.test"}


@pytest.mark.parametrize("source", [Source.SRV, Source.MX])
def test_half_an_account_of_the_domains_own_comes_before_a_whole_one_that_anybody_could_have_named(source):
    half = whole(Source.AUTOCONFIG, "mail.example.org", protocols=[IMAP])
    guess = whole(Source.PROBE, "mail.example.org", protocols=[SMTP], **GUESSED)
    servers = [found(protocol, source, host="mail.evil.test", **UNSURE) for protocol in (IMAP, POP3, SMTP)]
    stranger = reported(source, *servers, mail_hosts=("mx.evil.test",) if source is Source.MX else ())
    report = merged(half, guess, stranger)
    assert used(report) == {"mail.example.org"}
    assert report.pop3 is None
    assert used(merged(guess, stranger)) == {"mail.evil.test"}


def test_servers_that_were_seen_dead_come_last_but_those_of_a_known_receiver():
    assert used(merged(whole(Source.AUTOCONFIG, "mail.old.test"), posteo(verified=False))) == {"posteo.de"}
    assert used(merged(whole(Source.AUTOCONFIG, "mail.old.test", verified=False), posteo(verified=None))) == {
        "posteo.de"
    }


def test_the_catalogues_provider_stays_where_its_servers_only_do_not_answer():
    provider = provider_named("posteo")
    silent = [found(protocol, Source.CATALOGUE, host="posteo.de", verified=False) for protocol in (IMAP, SMTP)]
    known = reported(Source.CATALOGUE, *silent, provider=provider)
    report = merged(known, whole(Source.AUTOCONFIG, "mail.one.test"))
    assert (used(report), report.provider) == ({"mail.one.test"}, provider)


def test_where_the_receiver_lets_no_program_in_nothing_that_is_left_behind_is_used():
    closed = replace(provider_named("tuta"), mx_suffixes=("tutanota.de",))
    report = merged(whole(Source.AUTOCONFIG, "mail.old.test"), mx("mail.tutanota.de", provider=closed))
    assert (used(report), report.provider, report.others) == ({None}, closed, ())
    assert "Mail for example.org is delivered to Tuta" in told(report)[0]
    curated = merged(whole(Source.ISPDB, "mail.old.test"), mx("mail.tutanota.de", provider=closed))
    assert used(curated) == {"mail.old.test"}


# --- the parent domain


SUB = parse_address("anna@sub.example.org")


@pytest.mark.parametrize("host", ["mail.example.org", "mail.hoster.test"])
def test_what_is_published_for_exactly_this_domain_speaks_for_it(host):
    parent = [found(protocol, Source.MX, host=host, **UNSURE) for protocol in (IMAP, POP3, SMTP)]
    exact = whole(Source.SRV, "mail.one.test", protocols=[IMAP, SMTP], **UNSURE)
    report = merged(exact, mx("mx.example.org", *parent), address=SUB)
    assert used(report) == {"mail.one.test"}
    assert (report.pop3, report.alternatives, report.others, told(report)) == (None, (), (), [])
    assert "sources_disagree" not in [notice.code for notice in report.warnings]


@pytest.mark.parametrize("exact", [{"verified": False}, {"trust": Trust.GUESSED}])
def test_the_parent_domain_serves_where_nothing_that_answers_is_published_for_this_one(exact):
    parent = [found(protocol, Source.MX, host="mail.example.org", **UNSURE) for protocol in (IMAP, SMTP)]
    report = merged(whole(Source.SRV, "mail.one.test", **exact), mx("mx.example.org", *parent), address=SUB)
    assert used(report) == {"mail.example.org"}


def test_nothing_found_is_nobodys():
    report = merged(SourceReport(Source.SRV, Outcome.NOTHING), mx("mx.one.test"))
    assert (used(report), told(report), report.others) == ({None}, [], ())
