"""The ISPDB as a source: over https, and from a directory."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys

import pytest

from tests.discovery.published_files import config, incoming, lines, outgoing
from tests.ground import ROOT, shared
from wizard.discovery.context import Context, LookUpOptions
from wizard.discovery.sources import ispdb
from wizard.discovery.sources.ispdb import find_in_directory
from wizard.model.address import Domain, EmailAddress, parse_address
from wizard.model.discovery import Outcome, Source, Trust
from wizard.model.problems import Problem
from wizard.programs.autoconfig import read_autoconfig

ANNA = parse_address("anna@example.test")


def found(directory, address=ANNA):
    return find_in_directory(directory, address.domain, address)


# --- a directory


@pytest.mark.parametrize("name", ["example.test", "example.test.xml"])
def test_a_file_named_after_the_domain_is_its_file(tmp_path, name):
    (tmp_path / name).write_bytes(config(domains=("hoster.test",)))
    report = found(tmp_path)
    assert report.outcome is Outcome.FOUND
    assert lines(report)[0] == "imap imap.example.test 993 SSL anna@example.test"
    assert {found.evidence.trust for found in report.servers} == {Trust.AUTHENTICATED}
    assert {found.evidence.source for found in report.servers} == {Source.ISPDB}
    assert report.url == (tmp_path / name).as_uri()


def test_a_file_that_lists_the_domain_is_found_under_any_name(tmp_path):
    (tmp_path / "a.xml").write_bytes(config(domains=("other.test",)))
    (tmp_path / "hoster.test.xml").write_bytes(config(domains=("hoster.test", "Example.TEST")))
    assert found(tmp_path).url == (tmp_path / "hoster.test.xml").as_uri()


def test_a_domain_listed_with_letters_beyond_ascii_is_found(tmp_path):
    (tmp_path / "a.xml").write_bytes(config(domains=("hoster.test", "bücher.test")))
    assert found(tmp_path, parse_address("anna@bücher.test")).outcome is Outcome.FOUND


def test_a_domain_that_is_only_mentioned_is_not_listed(tmp_path):
    (tmp_path / "a.xml").write_bytes(config(domains=("hoster.test",), name="not example.test"))
    (tmp_path / "b.xml").write_bytes(config(domains=("sub.example.test", "example.test.hoster.test")))
    report = found(tmp_path)
    assert report.outcome is Outcome.NOTHING
    assert "example.test" in report.detail


def test_a_checkout_with_the_files_one_level_down_will_do(tmp_path):
    (tmp_path / "ispdb").mkdir()
    (tmp_path / "ispdb" / "hoster.xml").write_bytes(config())
    assert found(tmp_path).outcome is Outcome.FOUND


def test_a_spoiled_file_is_malformed_with_its_name_and_line(tmp_path):
    (tmp_path / "example.test.xml").write_bytes(b"<clientConfig>\n<emailProvider>\n</clientConfig>")
    report = found(tmp_path)
    assert report.outcome is Outcome.MALFORMED
    assert report.detail.startswith("example.test.xml, line 3: ")


def test_a_spoiled_file_does_not_hide_a_good_one(tmp_path):
    (tmp_path / "a.xml").write_bytes(b"<clientConfig><domain>example.test</domain>")
    (tmp_path / "b.xml").write_bytes(config())
    assert found(tmp_path).url == (tmp_path / "b.xml").as_uri()


def test_a_file_that_is_too_large_is_not_read_on(tmp_path):
    (tmp_path / "example.test").write_bytes(config() + b" " * 300_000)
    report = found(tmp_path)
    assert report.outcome is Outcome.MALFORMED
    assert "KiB" in report.detail


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with a name")
def test_a_pipe_in_the_way_is_not_opened(tmp_path):
    os.mkfifo(tmp_path / "example.test")
    os.mkfifo(tmp_path / "other.xml")
    (tmp_path / "folder.xml").mkdir()
    assert found(tmp_path).outcome is Outcome.NOTHING


def test_a_directory_that_is_not_there_is_said_to_be_so(tmp_path):
    report = found(tmp_path / "nowhere")
    assert report.outcome is Outcome.UNREACHABLE
    assert "nowhere" in report.detail


def test_a_port_that_is_not_for_mail_is_left_out_here_too(tmp_path):
    (tmp_path / "example.test").write_bytes(config(incoming(port=6379), incoming(), outgoing()))
    assert len(found(tmp_path).servers) == 2


def test_a_directory_needs_no_network_module(tmp_path):
    (tmp_path / "example.test").write_bytes(config())
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from wizard.discovery.sources.ispdb import find_in_directory\n"
        "from wizard.model.address import parse_address\n"
        "anna = parse_address('anna@example.test')\n"
        "assert find_in_directory(Path(sys.argv[1]), anna.domain, anna).servers\n"
        "print(sorted({'asyncio', 'ssl', 'socket', 'dns', 'h11'} & set(sys.modules)))\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"


def read_or_reason(path):
    try:
        return read_autoconfig(path.read_bytes(), path.name).config
    except Problem as problem:
        return str(problem)


def test_every_file_of_the_database_is_read_as_its_reader_reads_it():
    directory = shared("data/ispdb")
    files = sorted(directory.glob("*.xml"))
    assert len(files) > 50
    compared = 0
    for path in files:
        config_read = read_or_reason(path)
        if isinstance(config_read, str):
            domain = Domain(path.stem)
            report = find_in_directory(directory, domain, EmailAddress("anna", domain))
            assert (report.outcome, report.detail) == (Outcome.MALFORMED, config_read)
            continue
        for domain in config_read.domains:
            address = EmailAddress("anna", domain)
            report = find_in_directory(directory, domain, address)
            expected = config_read.filled(address)
            assert tuple(found.server for found in report.servers) == (*expected.incoming, *expected.outgoing), (
                path.name
            )
            assert report.url == path.absolute().as_uri()
            compared += 1
    assert compared > 200


# --- over https

BASE = "https://ispdb.test/v1.1/"


def ask(world, address="anna@example.test", **options):
    look_options = LookUpOptions(ispdb_url=BASE, **options)

    async def run():
        return await ispdb.find(Context(parse_address(address), look_options, world.network()))

    return asyncio.run(run())


def serve(world, pages):
    from tests.world import Page

    world.dns("ispdb.test", A=["203.0.113.30"])
    world.web(
        "203.0.113.30",
        {url: page if isinstance(page, Page) else Page(page, content_type="text/xml") for url, page in pages.items()},
        certificate=["ispdb.test"],
    )


def test_the_database_is_told_the_domain_and_never_the_address(world):
    serve(world, {f"{BASE}example.test": config()})
    report = ask(world, "anna.bianchi@example.test")
    assert report.outcome is Outcome.FOUND
    assert report.url == f"{BASE}example.test"
    assert {found.evidence.trust for found in report.servers} == {Trust.AUTHENTICATED}
    assert lines(report)[0] == "imap imap.example.test 993 SSL anna.bianchi@example.test"
    assert "anna.bianchi" not in repr(world.seen)


def test_a_domain_that_is_not_in_the_database_is_nothing(world):
    from tests.world import Page

    serve(world, {f"{BASE}example.test": Page(b"<html>no", status=404, content_type="text/html")})
    report = ask(world)
    assert report.outcome is Outcome.NOTHING
    assert report.detail == "ispdb.test has no settings for example.test."


def test_a_mirror_without_encryption_is_refused(world):
    async def run():
        options = LookUpOptions(ispdb_url="http://ispdb.test/v1.1/")
        return await ispdb.find(Context(ANNA, options, world.network()))

    report = asyncio.run(run())
    assert report.outcome is Outcome.REFUSED
    assert world.seen == []


def test_a_mirror_may_have_a_port_of_its_own(world):
    from tests.world import Page

    mirror = "https://ispdb.test:8443/find?domain="
    serve(world, {f"{mirror}example.test": Page(config())})

    async def run():
        return await ispdb.find(Context(ANNA, LookUpOptions(ispdb_url=mirror), world.network()))

    assert asyncio.run(run()).outcome is Outcome.FOUND
    ((_http, _method, url, headers, _body),) = [event for event in world.seen if event[0] == "http"]
    assert (url, headers["host"]) == (f"{mirror}example.test", "ispdb.test:8443")


def test_a_mirror_that_somebody_named_may_be_in_their_own_house_and_nobody_else():
    from wizard.discovery.engine import open_network

    policy = open_network(LookUpOptions(ispdb_url="https://ispdb.test/", resolver="192.0.2.1")).policy
    assert policy.allows("ispdb.test", "10.0.0.1")
    assert not policy.allows("autoconfig.example.test", "10.0.0.1")
    usual = open_network(LookUpOptions(resolver="192.0.2.1")).policy
    assert not usual.allows("autoconfig.thunderbird.net", "10.0.0.1")


def test_with_a_directory_nobody_is_asked(world, tmp_path):
    (tmp_path / "example.test").write_bytes(config())
    report = ask(world, ispdb_directory=tmp_path)
    assert report.outcome is Outcome.FOUND
    assert world.seen == []
