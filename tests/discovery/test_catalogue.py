"""Looking providers up: the right one, and without reading the others."""

from __future__ import annotations

import os

import pytest

from wizard.discovery.catalogue import all_providers, find_by_host, find_by_mx, find_provider, provider_named
from wizard.model.address import Domain
from wizard.model.problems import Problem

PROVIDERS = all_providers()
BY_DOMAIN = [(str(domain), provider.id) for provider in PROVIDERS for domain in provider.config.domains]


def test_every_domain_of_the_catalogue_finds_its_provider():
    wrong = [(domain, wanted) for domain, wanted in BY_DOMAIN if find_provider(Domain(domain)).id != wanted]
    assert len(BY_DOMAIN) > 500
    assert wrong == []


def test_a_domain_belongs_to_one_provider_only():
    domains = [domain for domain, _provider in BY_DOMAIN]
    assert sorted(domains) == sorted(set(domains))


def test_an_mx_suffix_belongs_to_one_provider_only():
    suffixes = [suffix for provider in PROVIDERS for suffix in provider.mx_suffixes]
    assert sorted(suffixes) == sorted(set(suffixes))


@pytest.mark.parametrize("domain", ["gmail.com", "mail.com", "gmx.net", "gmx.com", "libero.it", "pec.it", "zoho.com"])
def test_a_lookup_parses_the_one_file_that_it_needs(domain, parsed):
    assert find_provider(Domain(domain)) is not None
    assert len(parsed) == 1, parsed


def test_no_lookup_of_a_known_domain_parses_more_than_two_files(parsed):
    from wizard.discovery import catalogue

    most = 0
    for domain, _provider in {provider: (domain, provider) for domain, provider in BY_DOMAIN}.values():
        catalogue._bundled_provider.cache_clear()
        parsed.clear()
        find_provider(Domain(domain))
        most = max(most, len(parsed))
    assert most in (1, 2), most


@pytest.mark.parametrize("domain", ["unknown.example", "il.com", "ail.com", "mail.gmail.com", "gmail.com.evil.example"])
def test_an_unknown_domain_parses_nothing_and_finds_nobody(domain, parsed):
    assert find_provider(Domain(domain)) is None
    assert parsed == []


def test_a_name_that_is_only_that_of_a_server_finds_nobody():
    assert find_provider(Domain("imap.gmail.com")) is None


def test_a_second_lookup_of_a_bundled_provider_parses_nothing_more(parsed):
    assert find_provider(Domain("gmail.com")) is find_provider(Domain("googlemail.com"))
    assert parsed == ["gmail.yaml"]


@pytest.mark.parametrize(
    ("host", "wanted"),
    [
        ("aspmx.l.google.com", "gmail"),
        ("ASPMX.L.GOOGLE.COM.", "gmail"),
        ("example-org.mail.protection.outlook.com", "office365"),
        ("outlook-com.olc.protection.outlook.com", "outlook"),
        ("mta7.am0.yahoodns.net", "yahoo"),
        ("mx-aol.mail.gm0.yahoodns.net", "aol"),
        ("mx.pec.aruba.it", "aruba-pec"),
        ("mx.aruba.it", "aruba"),
        ("mx.cert.legalmail.it", "legalmail"),
        ("spool.mail.gandi.net", "gandi"),
        ("mx1.ovh.net", "ovh"),
        ("in1-smtp.messagingengine.com", "fastmail"),
        ("mx10.mailspamprotection.com", "siteground"),
        ("mx1.privateemail.com", "privateemail"),
        ("mx.zoho.com", "zohopro"),
        ("mx01.mail.icloud.com", "icloud"),
    ],
)
def test_a_mail_exchanger_finds_its_provider_by_the_longest_suffix(host, wanted):
    assert find_by_mx(host).id == wanted


@pytest.mark.parametrize("host", ["notgoogle.com", "google.com.evil.example", "com", "", ".", "mx.example.org"])
def test_a_mail_exchanger_of_nobody_finds_nobody(host):
    assert find_by_mx(host) is None


@pytest.mark.parametrize("name", ["libero", "LIBERO", " libero.it ", "Libero Mail", "iol.it"])
def test_a_provider_is_found_by_id_name_or_domain(name):
    assert provider_named(name).id == "libero"


@pytest.mark.parametrize("name", ["", "  ", "nobody", "../gmail", "a@b", "x" * 5000])
def test_a_name_that_nobody_has_finds_nobody(name):
    assert provider_named(name) is None


def test_an_own_file_shadows_the_bundled_one_of_its_name(own, write, example):
    example |= {"id": "gmail", "domains": {"guide": ["gmail.com"]}}
    write(example, "gmail.yaml")
    assert find_provider(Domain("gmail.com"), own=own).name == "Example Mail"
    assert find_provider(Domain("googlemail.com"), own=own) is None
    assert find_provider(Domain("gmail.com")).name == "Gmail"


def test_an_own_file_for_a_bundled_domain_comes_first(own, write, example):
    example["domains"]["guide"].append("libero.it")
    write(example)
    assert find_provider(Domain("libero.it"), own=own).id == "example"


def test_an_own_file_is_read_anew_each_time(own, write, example):
    write(example)
    assert find_provider(Domain("example.org"), own=own).name == "Example Mail"
    write(example | {"name": "Changed"})
    assert find_provider(Domain("example.org"), own=own).name == "Changed"


def test_a_broken_own_file_is_only_complained_about_where_it_matters(own, write):
    write("id: example\ndomains: {guide: [example.org]}\nnames: Example\n")
    assert find_provider(Domain("libero.it"), own=own).id == "libero"
    with pytest.raises(Problem):
        find_provider(Domain("example.org"), own=own)
    with pytest.raises(Problem):
        all_providers(own=own)


def test_an_own_directory_without_providers_changes_nothing(tmp_path):
    assert find_provider(Domain("libero.it"), own=tmp_path).id == "libero"
    (tmp_path / "providers").write_text("not a directory")
    assert find_provider(Domain("libero.it"), own=tmp_path).id == "libero"


def test_hidden_files_and_files_of_another_kind_are_left_alone(own, write, example):
    write(example, ".example.yaml")
    write(example, "example.yaml~")
    write(example, "example.yml")
    assert find_provider(Domain("example.org"), own=own) is None


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_among_the_own_files_is_refused_and_not_waited_for(own):
    os.mkfifo(own / "providers" / "pipe.yaml")
    with pytest.raises(Problem, match="not a file") as refused:
        find_provider(Domain("libero.it"), own=own)
    assert "pipe.yaml" in str(refused.value)


def test_a_directory_among_the_own_files_is_refused(own):
    (own / "providers" / "odd.yaml").mkdir()
    with pytest.raises(Problem, match="not a file"):
        find_provider(Domain("libero.it"), own=own)


@pytest.mark.parametrize(
    ("host", "wanted"),
    [
        ("imap.gmail.com", "gmail"),
        ("imap.googlemail.com", "gmail"),
        ("SMTP.Gmail.com.", "gmail"),
        ("imap.mail.yahoo.co.uk", "yahoo"),
        ("imap.ionos.fr", "ionos"),
        ("imap.aruba.it", "aruba"),
        ("smtp.pec.aruba.it", "aruba-pec"),
        ("mail.posteo.de", "posteo"),
        ("outlook.office365.com", "office365"),
    ],
)
def test_a_server_finds_its_provider_by_its_own_name_by_a_suffix_or_by_its_neighbours(host, wanted):
    found = find_by_host(host)
    assert found is not None
    assert found.id == wanted


@pytest.mark.parametrize(
    "host",
    ["imap.gmail.com.example.org", "mail.example.org", "vps1.vps.ovh.net", "1.clients.your-server.de", "com", ""],
)
def test_a_server_of_nobody_and_of_a_customer_s_own_finds_nobody(host):
    assert find_by_host(host) is None


def test_of_two_providers_with_one_server_that_of_the_address_is_the_one():
    for name in ("outlook", "office365"):
        assert find_by_host("outlook.office365.com", likely=provider_named(name)).id == name


def test_a_suffix_of_servers_belongs_to_one_provider_only():
    suffixes = [suffix for provider in all_providers() for suffix in provider.server_suffixes]
    assert len(suffixes) == len(set(suffixes))
