"""From MX records to the provider behind them."""

from __future__ import annotations

import asyncio

import pytest

from tests.discovery.published_files import config, incoming, lines, outgoing
from wizard.discovery.context import Context, LookUpOptions
from wizard.discovery.sources import mx
from wizard.model.address import Domain, parse_address
from wizard.model.discovery import Outcome, Source, Trust
from wizard.net.dns import Answer, MxRecord

BASE = "https://ispdb.test/v1.1/"


def hosts(*records, secure=False):
    return mx.mail_hosts(Answer(tuple(MxRecord(preference, host) for preference, host in records), secure))


def domains(*names, own="example.test"):
    return [domain.ascii for domain in mx.provider_domains(names, Domain(own))]


# --- which hosts, and whose they are


def test_the_most_preferred_host_comes_first_and_each_once():
    assert hosts((20, "b.test"), (10, "z.test"), (10, "a.test"), (30, "a.test")) == ("a.test", "z.test", "b.test")


def test_a_null_mx_has_no_host():
    assert hosts((0, "")) == ()


def test_five_hundred_records_are_cut_to_those_that_count():
    assert len(hosts(*((number, f"h{number}.test") for number in range(500)))) == mx.HOSTS


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("mx.hoster.test", ["hoster.test"]),
        ("hoster.test", ["hoster.test"]),
        ("many.subdomains.of.hoster.test", ["subdomains.of.hoster.test", "hoster.test"]),
        ("more.subdomain.hoster.co.uk", ["subdomain.hoster.co.uk", "hoster.co.uk"]),
        ("mx.hoster.co.uk", ["hoster.co.uk"]),
        ("aspmx.l.google.com", ["l.google.com", "google.com"]),
    ],
)
def test_the_longer_name_of_a_provider_comes_before_the_registrable_domain(host, expected):
    assert domains(host) == expected


def test_a_host_of_the_domain_itself_leads_nowhere():
    assert domains("mx.example.test") == []
    assert domains("mx.example.test", "backup.hoster.test") == []


def test_a_host_of_ones_own_behind_that_of_a_provider_does_not_hide_it():
    assert domains("mx.hoster.test", "mx.example.test") == ["hoster.test"]


def test_a_department_is_led_to_the_domain_it_belongs_to_and_not_back_to_itself():
    assert domains("mx.students.uni.test", own="students.uni.test") == ["uni.test"]


def test_three_providers_are_enough():
    names = [f"mx.h{number}.test" for number in range(6)]
    assert domains(*names) == ["h0.test", "h1.test", "h2.test"]


def test_a_public_suffix_is_nobodys_domain():
    assert domains("mx.co.uk", "co.uk", "localhost") == ["mx.co.uk"]


# --- asked for real


def ask(world, address="anna@example.test", **options):
    look_options = LookUpOptions(ispdb_url=BASE, **options)

    async def run():
        return await mx.find(Context(parse_address(address), look_options, world.network()))

    return asyncio.run(run())


def serve(world, url, page, address):
    from tests.world import Page

    host = url.split("/")[2]
    world.dns(host, A=[address])
    world.web(
        address, {url: page if isinstance(page, Page) else Page(page, content_type="text/xml")}, certificate=[host]
    )


def autoconfig_of(domain):
    return f"https://autoconfig.{domain}/mail/config-v1.1.xml"


def test_a_null_mx_says_that_the_domain_takes_no_mail(world):
    world.dns("example.test", MX=[(0, ".")])
    report = ask(world)
    assert report.outcome is Outcome.NOTHING
    assert report.detail == "This domain accepts no mail: its MX record says so."
    assert report.url == "dns:example.test?type=MX"


def test_a_domain_without_mx_records_says_so(world):
    world.dns("example.test", A=["203.0.113.1"])
    assert ask(world).detail == "The domain has no MX records."


def test_a_domain_that_does_not_exist_says_so(world):
    report = ask(world)
    assert report.outcome is Outcome.NOTHING
    assert report.detail == "The domain example.test does not exist in the DNS."


def test_a_domain_that_takes_its_own_mail_asks_nobody_else(world):
    world.dns("example.test", MX=[(10, "mx.example.test")])
    report = ask(world)
    assert report.outcome is Outcome.NOTHING
    assert "mx.example.test" in report.detail
    assert {event[1].rstrip(".") for event in world.seen} == {"example.test"}


def test_a_resolver_in_trouble_is_unreachable(world):
    world.dns("example.test", MX=[(10, "mx.hoster.test")])
    world.dns_behaviour("example.test", "servfail")
    assert ask(world).outcome is Outcome.UNREACHABLE


def test_a_provider_of_the_catalogue_is_known_without_asking_anybody(world):
    world.dns("example.test", MX=[(1, "aspmx.l.google.com"), (5, "alt1.aspmx.l.google.com")])
    report = ask(world)
    assert report.outcome is Outcome.FOUND
    assert report.provider is not None
    assert report.provider.id == "gmail"
    assert "imap imap.gmail.com 993 SSL anna@example.test" in lines(report)
    assert {found.evidence.source for found in report.servers} == {Source.MX}
    assert Trust.AUTHENTICATED not in {found.evidence.trust for found in report.servers}
    assert {event[0] for event in world.seen} == {"dns"}


def test_the_catalogue_is_believed_as_far_as_the_mx_answer(world):
    world.dns("example.test", MX=[(1, "aspmx.l.google.com")])
    world.validated = True
    assert Trust.UNAUTHENTICATED not in {found.evidence.trust for found in ask(world).servers}


def test_a_provider_of_the_persons_own_catalogue_counts(world, own, write, example):
    example["mx_suffixes"] = {"guide": ["hoster.test"]}
    write(example)
    world.dns("example.test", MX=[(1, "mx1.hoster.test")])
    world.validated = True
    report = ask(world, templates=own)
    assert report.provider.id == "example"
    assert lines(report)[0] == "imap mail.example.org 993 SSL anna@example.test"
    assert {found.evidence.trust for found in report.servers} == {Trust.AUTHENTICATED}


def test_a_doubtful_entry_of_the_catalogue_is_a_guess(world, own, write, example):
    example["mx_suffixes"] = {"hearsay": ["hoster.test"]}
    write(example)
    world.dns("example.test", MX=[(1, "mx1.hoster.test")])
    world.validated = True
    assert {found.evidence.trust for found in ask(world, templates=own).servers} == {Trust.GUESSED}


def test_the_ispdb_knows_the_provider(world):
    world.dns("example.test", MX=[(10, "mx.hoster.test")])
    serve(
        world, f"{BASE}hoster.test", config(incoming("imap.hoster.test"), outgoing("smtp.hoster.test")), "203.0.113.5"
    )
    report = ask(world)
    assert report.outcome is Outcome.FOUND
    assert lines(report)[0] == "imap imap.hoster.test 993 SSL anna@example.test"
    assert report.url == "dns:example.test?type=MX"
    assert {found.evidence.url for found in report.servers} == {f"{BASE}hoster.test"}
    assert {found.evidence.source for found in report.servers} == {Source.MX}
    assert {found.evidence.trust for found in report.servers} == {Trust.UNAUTHENTICATED}
    assert "mx.hoster.test" in report.detail


def test_an_answer_that_was_validated_makes_what_follows_authenticated(world):
    world.validated = True
    world.dns("example.test", MX=[(10, "mx.hoster.test")])
    serve(world, f"{BASE}hoster.test", config(), "203.0.113.5")
    assert {found.evidence.trust for found in ask(world).servers} == {Trust.AUTHENTICATED}


def test_the_provider_itself_is_asked_and_not_told_the_address(world):
    world.dns("example.test", MX=[(10, "mx.hoster.test")])
    serve(world, autoconfig_of("hoster.test"), config(), "203.0.113.6")
    report = ask(world, "anna.bianchi@example.test")
    assert report.outcome is Outcome.FOUND
    assert {found.evidence.url for found in report.servers} == {autoconfig_of("hoster.test")}
    assert "anna.bianchi" not in repr(world.seen)
    assert "emailaddress" not in repr(world.seen)


@pytest.mark.usefixtures("unhurried")
def test_the_ispdb_wins_over_the_providers_own_file(world):
    world.dns("example.test", MX=[(10, "mx.hoster.test")])
    serve(world, f"{BASE}hoster.test", config(incoming("database.test"), outgoing()), "203.0.113.5")
    serve(world, autoconfig_of("hoster.test"), config(incoming("own.test"), outgoing()), "203.0.113.6")
    assert lines(ask(world))[0].startswith("imap database.test ")


def test_without_the_ispdb_it_is_not_asked(world):
    world.dns("example.test", MX=[(10, "mx.hoster.test")])
    serve(world, f"{BASE}hoster.test", config(incoming("database.test"), outgoing()), "203.0.113.5")
    serve(world, autoconfig_of("hoster.test"), config(incoming("own.test"), outgoing()), "203.0.113.6")
    assert lines(ask(world, ispdb=False))[0].startswith("imap own.test ")
    assert "ispdb.test" not in repr(world.seen)


def test_a_directory_takes_the_place_of_the_ispdb_on_the_web(world, tmp_path):
    (tmp_path / "hoster.test.xml").write_bytes(config(incoming("directory.test"), outgoing()))
    world.dns("example.test", MX=[(10, "mx.hoster.test")])
    report = ask(world, ispdb_directory=tmp_path)
    assert lines(report)[0].startswith("imap directory.test ")
    assert report.servers[0].evidence.trust is Trust.UNAUTHENTICATED
    assert "ispdb.test" not in repr(world.seen)


@pytest.mark.usefixtures("unhurried")
def test_the_longer_domain_of_a_provider_wins_over_the_registrable_one(world):
    world.dns("example.test", MX=[(10, "mx.mail.hoster.test")])
    serve(world, autoconfig_of("mail.hoster.test"), config(incoming("longer.test"), outgoing()), "203.0.113.5")
    serve(world, autoconfig_of("hoster.test"), config(incoming("shorter.test"), outgoing()), "203.0.113.6")
    assert lines(ask(world))[0].startswith("imap longer.test ")


def test_a_database_that_swallows_packets_does_not_hide_the_provider(world):
    world.dns("example.test", MX=[(10, "mx.hoster.test")])
    world.dns("ispdb.test", A=["203.0.113.66"])
    world.swallow("203.0.113.66")
    serve(world, autoconfig_of("hoster.test"), config(incoming("own.test"), outgoing()), "203.0.113.6")
    report = ask(world)
    assert report.outcome is Outcome.FOUND
    assert lines(report)[0].startswith("imap own.test ")


def test_nothing_of_anybody_names_who_takes_the_mail(world):
    world.dns("example.test", MX=[(10, "mx.hoster.test")])
    world.dns("ispdb.test", A=["203.0.113.5"])
    serve(world, f"{BASE}another.test", config(), "203.0.113.5")
    report = ask(world)
    assert report.outcome is Outcome.NOTHING
    assert "mx.hoster.test" in report.detail
    assert "hoster.test." in report.detail


def test_a_database_in_trouble_is_said_where_nothing_was_found(world):
    from tests.world import Page

    world.dns("example.test", MX=[(10, "mx.hoster.test")])
    serve(world, f"{BASE}hoster.test", Page(b"", status=503), "203.0.113.5")
    report = ask(world)
    assert report.outcome is Outcome.UNREACHABLE
    assert "503" in report.detail


def test_five_hundred_mx_records_ask_about_three_providers(world):
    world.dns("example.test", MX=[(number, f"mx.h{number}.test") for number in range(500)])
    ask(world)
    asked = {event[1].rstrip(".") for event in world.seen if event[0] == "dns" and "autoconfig" in event[1]}
    assert asked == {f"autoconfig.h{number}.test" for number in range(3)}


# --- behind a filter: who may send for the domain (SPF)


def behind_a_filter(world):
    world.dns("example.test", MX=[(10, "mx.filter.test")], TXT=["v=spf1 include:_spf.google.com ~all"])


def test_who_may_send_is_a_guess_whatever_the_dns_can_prove(world):
    world.validated = True
    behind_a_filter(world)
    report = ask(world)
    assert report.provider.id == "gmail"
    assert {found.evidence.trust for found in report.servers} == {Trust.GUESSED}
    assert report.url == "dns:example.test?type=TXT"
    assert [notice.code for notice in report.needs_consent] == ["foreign_domain"]


def test_a_database_that_swallows_packets_does_not_hide_who_may_send(world, monkeypatch):
    monkeypatch.setattr(mx, "SILENCE", 0.2)
    behind_a_filter(world)
    world.dns("ispdb.test", A=["203.0.113.66"])
    world.swallow("203.0.113.66")
    assert ask(world).provider.id == "gmail"


def test_a_name_server_that_swallows_the_question_holds_nobody_up(world, monkeypatch):
    monkeypatch.setattr(mx, "PATIENCE", 0.1)
    world.dns("example.test", MX=[(10, "mx.hoster.test")])
    world.dns("_spf.example.test", TXT=["v=spf1 include:_spf.google.com ~all"])
    world.dns("example.test", TXT=["v=spf1 include:_spf.example.test ~all"])
    world.dns_behaviour("_spf.example.test", "silent")
    assert ask(world).outcome is Outcome.NOTHING


def test_a_provider_that_is_known_without_servers_is_not_replaced_by_another(world, own, write, example):
    for key in ("incoming", "outgoing"):
        del example[key]
    example["mx_suffixes"] = {"guide": ["filter.test"]}
    example["offers"]["protocols"] = "not_known"
    write(example)
    behind_a_filter(world)
    report = ask(world, templates=own)
    assert (report.provider.id, report.servers) == ("example", ())
