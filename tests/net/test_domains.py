"""Who a host belongs to."""

from __future__ import annotations

import publicsuffixlist
import pytest

from wizard.net import domains
from wizard.net.domains import registrable, same_registrable


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("example.org", "example.org"),
        ("mx1.mail.example.org", "example.org"),
        ("more.subdomain.example.co.uk", "example.co.uk"),
        ("MAIL.Example.CO.UK.", "example.co.uk"),
        ("anna.github.io", "anna.github.io"),
        ("www.city.kobe.jp", "city.kobe.jp"),
        ("a.b.c.kobe.jp", "b.c.kobe.jp"),
        ("mail.example.test", "example.test"),
        ("mail.xn--bcher-kva.de", "xn--bcher-kva.de"),
        ("mail.xn--e1afmkfd.xn--p1ai", "xn--e1afmkfd.xn--p1ai"),
        ("mail.example.xn--55qx5d.cn", "example.xn--55qx5d.cn"),
    ],
)
def test_the_domain_that_somebody_registered(host, expected):
    assert registrable(host) == expected


@pytest.mark.parametrize(
    "host",
    [
        "",
        ".",
        "com",
        "co.uk",
        "github.io",
        "c.kobe.jp",
        "xn--p1ai",
        "xn--55qx5d.cn",
        "localhost",
        "9.9.9.9",
        "10.1",
        "0x7f.0x1",
        "::1",
        "[::1]",
        "2620:fe::fe",
        "..",
        "a..b",
        "a..com",
        ".com",
        "example..com",
    ],
)
def test_what_nobody_registered_has_no_domain(host):
    assert registrable(host) is None


def test_two_hosts_of_one_owner():
    assert same_registrable("imap.example.co.uk", "smtp.example.co.uk")
    assert not same_registrable("imap.example.co.uk", "imap.other.co.uk")
    assert not same_registrable("anna.github.io", "bob.github.io")
    assert not same_registrable("com", "com")
    assert not same_registrable("127.0.0.1", "127.0.0.1")


def test_the_rules_of_one_top_level_domain_say_what_all_the_rules_say():
    """For every rule of the list, in both forms, and names one, two and three labels longer."""
    whole = publicsuffixlist.PublicSuffixList()
    # Of the thousand top-level domains that have no rule but themselves, some.
    rules = [rule for number, rule in enumerate(sorted(whole._publicsuffix)) if "." in rule or number % 20 == 0]
    for rule in rules:
        suffix = rule.lstrip("!").removeprefix("*.").encode("idna").decode("ascii")
        for name in (suffix, f"a.{suffix}", f"b.a.{suffix}", f"c.b.a.{suffix}"):
            assert registrable(name) == whole.privatesuffix(name), name


def test_a_first_look_up_reads_few_rules():
    assert len(domains._suffixes_under("org")._publicsuffix) < domains._list().count(b"\n") / 20
