"""Names in SPF records: what may send for a domain, read and not evaluated."""

from __future__ import annotations

import asyncio

import pytest

from wizard.discovery.catalogue import find_by_spf
from wizard.discovery.context import Context, LookUpOptions
from wizard.discovery.spf import LENGTH, NAMES, OWN_RECORDS, named_domains, providers_by_spf
from wizard.model.address import parse_address


@pytest.mark.parametrize(
    ("record", "names"),
    [
        (b"v=spf1 include:_spf.google.com ~all", ("_spf.google.com",)),
        (b"v=spf1 a mx +include:b.test include:a.test -all", ("b.test", "a.test")),
        (b"V=SPF1 Include:B.Test. REDIRECT=A.test", ("b.test", "a.test")),
        (b"v=spf1 redirect=_spf.hoster.test", ("_spf.hoster.test",)),
        (b"v=spf1 -include:a.test ~include:b.test ?include:c.test", ()),
        (b"v=spf1 include:%{d}.a.test exists:%{i}.b.test exp=c.test", ()),
        (b"v=spf1 include: redirect= include:a..test include:192.0.2.1 include:test include:a_.b/24", ()),
        (b"v=spf1", ()),
        (b"v=spf10 include:a.test", ()),
        (b"include:a.test", ()),
        (b"v=spf1 include:\xff.test include:a\x1b[31m.test", ()),
        (b"v=spf1 include:a.test" + b" " * LENGTH, ()),
    ],
)
def test_names_that_may_send_are_read_and_nothing_else(record, names):
    assert named_domains([record]) == names


def test_two_records_are_both_read_in_an_order_that_does_not_change():
    records = [b"v=spf1 include:b.test -all", b"google-site-verification=x", b"v=spf1 include:a.test -all"]
    assert named_domains(records) == named_domains(reversed(records)) == ("a.test", "b.test")


def test_no_record_names_more_than_a_checker_would_ask_for():
    record = " ".join(["v=spf1", *(f"include:n{number}.test" for number in range(200))])
    assert len(named_domains([record.encode()])) == NAMES


@pytest.mark.parametrize(
    ("name", "provider"),
    [
        ("_spf.google.com", "gmail"),
        ("spf.protection.outlook.com", "office365"),
        ("outlook.com", "office365"),  # addresses at the domain itself are another matter
        ("spf.messagingengine.com", "fastmail"),
        ("mx.ovh.com", "ovh"),
        ("_spf.mail.yahoo.com", "yahoo"),
        ("zoho.eu", "zoho-eu"),
        ("sendgrid.net", None),
        ("amazonses.com", None),
        ("outlook.com.evil.test", None),
        ("notgoogle.com", None),
        ("com", None),
    ],
)
def test_the_provider_is_known_by_what_its_customers_include(name, provider):
    found = find_by_spf(name)
    assert (found.id if found is not None else None) == provider


def providers(world) -> list[str]:
    async def run():
        context = Context(parse_address("anna@example.test"), LookUpOptions(), world.network())
        return await providers_by_spf(context)

    return [provider.id for provider in asyncio.run(run())]


def test_a_provider_without_servers_for_other_programs_holds_no_mailboxes_for_them(world):
    world.dns("example.test", TXT=["v=spf1 include:_spf.protonmail.ch include:_spf.google.com ~all"])
    assert providers(world) == ["gmail"]


def test_records_of_the_same_owner_are_asked_for_once_and_few_of_them(world):
    own = [f"_s{number}.example.test" for number in range(20)]
    world.dns("example.test", TXT=[" ".join(["v=spf1", *(f"include:{name}" for name in own)])])
    for name in own:
        world.dns(name, TXT=[f"v=spf1 include:{name} include:example.test include:deep.example.test -all"])
    world.dns("deep.example.test", TXT=["v=spf1 include:_spf.google.com -all"])
    assert providers(world) == []
    asked = [event[1].rstrip(".") for event in world.seen if event[0] == "dns"]
    assert sorted(asked) == sorted(["example.test", *own[:OWN_RECORDS]])
