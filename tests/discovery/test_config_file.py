"""Autoconfig files that a provider publishes: on its autoconfig host, and below /.well-known/."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.discovery.published_files import config, incoming, lines, outgoing
from wizard.discovery.config_file import is_web_page, read_config
from wizard.discovery.context import Context, LookUpOptions
from wizard.discovery.sources import autoconfig, well_known
from wizard.discovery.sources.autoconfig import autoconfig_url
from wizard.discovery.sources.ispdb import ispdb_url
from wizard.discovery.sources.well_known import well_known_url
from wizard.model.address import Domain, parse_address
from wizard.model.discovery import Evidence, Outcome, Source, Trust

ANNA = parse_address("anna@example.test")
URL = "https://autoconfig.example.test/mail/config-v1.1.xml"
WELL_KNOWN = "https://example.test/.well-known/autoconfig/mail/config-v1.1.xml"
HTML = b"<!DOCTYPE html>\n<html><head><title>Welcome</title></head><body>Our shop</body></html>"


# --- the URLs


@pytest.mark.parametrize(
    ("written", "encoded"),
    [
        ("anna@example.test", "anna%40example.test"),
        ("anna+mail@example.test", "anna%2Bmail%40example.test"),
        ("a.b-c_d~e@example.test", "a.b-c_d~e%40example.test"),
        ('"a&b=c #?/%"@example.test', "%22a%26b%3Dc%20%23%3F%2F%25%22%40example.test"),
        ("o'neil@example.test", "o%27neil%40example.test"),
        ("jürgen@bücher.test", "j%C3%BCrgen%40xn--bcher-kva.test"),
        ("%EMAILDOMAIN%@example.test", "%25EMAILDOMAIN%25%40example.test"),
    ],
)
def test_an_odd_address_stays_one_value_of_the_query(written, encoded):
    address = parse_address(written)
    for url in (autoconfig_url(address.domain, address), well_known_url(address.domain, address)):
        assert url.endswith(f"?emailaddress={encoded}")
        parts = urlsplit(url)
        assert parts.fragment == ""
        assert parse_qsl(parts.query) == [("emailaddress", str(address))]


def test_the_places_of_the_files():
    domain = Domain("example.test")
    assert autoconfig_url(domain) == URL
    assert well_known_url(domain) == WELL_KNOWN


@pytest.mark.parametrize("base", ["https://ispdb.test/v1.1/", "https://ispdb.test/v1.1"])
def test_a_mirror_of_the_ispdb_may_be_written_without_the_last_slash(base):
    assert ispdb_url(base, Domain("example.test")) == "https://ispdb.test/v1.1/example.test"


def test_a_mirror_may_be_a_question():
    from wizard.cli.options import ispdb_mirror

    base = ispdb_mirror({"MAIL_WIZARD_ISPDB_URL": "https://ispdb.test/?domain="})
    assert ispdb_url(base, Domain("example.test")) == "https://ispdb.test/?domain=example.test"


# --- what a body is


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (HTML, "text/html"),
        (b"\xef\xbb\xbf\r\n <HTML><body>hello", "text/xml"),
        (b'<?xml version="1.0"?><!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0"><html xmlns="x">', ""),
        (b"not found", "text/html"),
        ("<!doctype HTML><p>".encode("utf-16"), ""),
        (b"<p>", "application/xhtml+xml"),
    ],
)
def test_a_web_page_is_known_by_its_type_or_its_beginning(body, content_type):
    assert is_web_page(body, content_type)


def test_settings_are_read_even_where_the_server_calls_them_a_web_page():
    assert not is_web_page(config(), "text/html")
    assert not is_web_page(config().decode().replace("UTF-8", "UTF-16").encode("utf-16"), "text/html")


# --- a body as a report


def read(body, address=ANNA):
    return read_config(body, address, Evidence(Source.AUTOCONFIG, Trust.AUTHENTICATED, URL), "the.host")


def test_sending_without_a_user_name_takes_the_one_for_receiving():
    """As teol.net.xml of the ISPDB has it; a password is of no use without a name."""
    nameless = outgoing().replace("<username>%EMAILADDRESS%</username>", "")
    report = read(config(incoming(username="%EMAILLOCALPART%"), nameless))
    assert lines(report) == ["imap imap.example.test 993 SSL anna", "smtp smtp.example.test 465 SSL anna"]


def test_the_name_of_a_provider_may_be_the_domain():
    """As mail.ee.xml of the ISPDB has it."""
    assert read(config(name="%EMAILDOMAIN%")).detail == "Settings of “example.test”."


def test_servers_come_in_the_order_of_the_file_with_placeholders_filled_in():
    report = read(
        config(
            incoming("%EMAILDOMAIN%", username="%EMAILLOCALPART%"),
            incoming("pop.%EMAILDOMAIN%", 995, "pop3"),
            incoming("imap.example.test", 143, security="STARTTLS"),
            outgoing(port=587, security="STARTTLS"),
        )
    )
    assert report.outcome is Outcome.FOUND
    assert lines(report) == [
        "imap example.test 993 SSL anna",
        "pop3 pop.example.test 995 SSL anna@example.test",
        "imap imap.example.test 143 STARTTLS anna@example.test",
        "smtp smtp.example.test 587 STARTTLS anna@example.test",
    ]
    assert report.detail == "Settings of “Example Mail”."
    assert all(found.evidence == Evidence(Source.AUTOCONFIG, Trust.AUTHENTICATED, URL) for found in report.servers)


def test_placeholders_are_filled_in_once():
    report = read(config(), parse_address("%EMAILDOMAIN%@example.test"))
    assert report.servers[0].server.username == "%EMAILDOMAIN%@example.test"


def test_servers_without_encryption_are_kept_for_whoever_decides():
    report = read(config(incoming(port=143, security="plain"), outgoing()))
    assert lines(report)[0] == "imap imap.example.test 143 plain anna@example.test"


def test_a_file_for_another_domain_counts_when_our_host_served_it():
    assert read(config(domains=("hoster.test",))).outcome is Outcome.FOUND


def test_a_port_that_is_not_for_mail_is_left_out_and_named():
    report = read(config(incoming("imap.example.test", 22), incoming(), outgoing()))
    assert lines(report)[0] == "imap imap.example.test 993 SSL anna@example.test"
    assert len(report.servers) == 2
    assert "imap.example.test 22" in report.detail


def test_nothing_but_odd_ports_is_refused():
    report = read(config(incoming(port=8143), outgoing(port=6379)))
    assert report.outcome is Outcome.REFUSED
    assert report.servers == ()


def test_a_host_name_that_only_some_address_makes_wrong_is_left_out():
    body = config(incoming("%EMAILLOCALPART%.example.test"), incoming(), outgoing())
    assert lines(read(body))[0].startswith("imap anna.example.test ")
    report = read(body, parse_address("a_b@example.test"))
    assert lines(report)[0].startswith("imap imap.example.test ")
    assert "%EMAILLOCALPART%.example.test" in report.detail


@pytest.mark.parametrize(
    ("body", "line"),
    [
        (b"<clientConfig>\n<emailProvider>\n</clientConfig>", 3),
        (config()[:200], None),
        (b'<?xml version="1.0"?>\n<!DOCTYPE x [<!ENTITY a "b">]>\n<clientConfig/>', 2),
        (b"\n\n<serverConfig/>", 3),
        (b"{}", 1),
    ],
)
def test_a_malformed_file_is_said_to_be_so_with_its_line(body, line):
    report = read(body)
    assert report.outcome is Outcome.MALFORMED
    assert report.servers == ()
    assert report.detail.startswith("the.host, line ")
    assert line is None or f"line {line}:" in report.detail


def test_what_a_file_calls_itself_cannot_write_to_the_terminal():
    name = "Mail\u202e\u0085 &#x202e;&#x85;&#x9b;2J"
    report = read(config(name=name))
    assert report.outcome is Outcome.FOUND
    assert report.detail.isprintable()


# --- asked for real


def ask(world, source, address="anna@example.test"):
    async def run():
        return await source.find(Context(parse_address(address), LookUpOptions(), world.network()))

    return asyncio.run(run())


def publish(world, pages, *, host, address="203.0.113.20", names=None):
    from tests.world import Page

    world.dns(host, A=[address])
    world.web(
        address,
        {url: page if isinstance(page, Page) else Page(page, content_type="text/xml") for url, page in pages.items()},
        certificate=names or [host],
    )


def test_the_autoconfig_host_is_told_the_address_and_gives_the_servers(world):
    publish(world, {URL: config()}, host="autoconfig.example.test")
    report = ask(world, autoconfig, "anna+list@example.test")
    assert report.outcome is Outcome.FOUND
    assert report.source is Source.AUTOCONFIG
    assert report.url == f"{URL}?emailaddress=anna%2Blist%40example.test"
    assert {found.evidence.trust for found in report.servers} == {Trust.AUTHENTICATED}
    assert report.needs_consent == ()
    (asked,) = [event for event in world.seen if event[0] == "http"]
    assert "emailaddress=anna%2Blist%40example.test" in asked[2]


def test_the_well_known_place_on_the_domain_itself(world):
    publish(world, {WELL_KNOWN: config()}, host="example.test")
    report = ask(world, well_known)
    assert report.outcome is Outcome.FOUND
    assert report.source is Source.WELL_KNOWN
    assert {found.evidence.source for found in report.servers} == {Source.WELL_KNOWN}
    assert report.url == f"{WELL_KNOWN}?emailaddress=anna%40example.test"


def test_no_credentials_are_sent(world):
    publish(world, {URL: config()}, host="autoconfig.example.test")
    ask(world, autoconfig)
    (asked,) = [event for event in world.seen if event[0] == "http"]
    assert not {name.lower() for name in dict(asked[3])} & {"authorization", "cookie"}


@pytest.mark.parametrize(
    ("status", "outcome", "words"),
    [
        (404, Outcome.NOTHING, "autoconfig.example.test has no settings for example.test."),
        (410, Outcome.NOTHING, "autoconfig.example.test has no settings for example.test."),
        (204, Outcome.NOTHING, "autoconfig.example.test has no settings for example.test."),
        (200, Outcome.NOTHING, "autoconfig.example.test has no settings for example.test."),
        *((status, Outcome.REFUSED, f"refused the question (HTTP status {status})") for status in (400, 401, 403, 429)),
        (500, Outcome.UNREACHABLE, "500"),
        (503, Outcome.UNREACHABLE, "503"),
    ],
)
def test_an_answer_without_a_file(world, status, outcome, words):
    from tests.world import Page

    publish(world, {URL: Page(b"", status=status)}, host="autoconfig.example.test")
    report = ask(world, autoconfig)
    assert report.outcome is outcome
    assert words in report.detail
    assert report.servers == ()


def test_a_web_page_for_every_path_is_nothing_and_no_error(world):
    from tests.world import Page

    publish(world, {URL: Page(HTML, content_type="text/html; charset=utf-8")}, host="autoconfig.example.test")
    report = ask(world, autoconfig)
    assert report.outcome is Outcome.NOTHING
    assert "web page" in report.detail


def test_a_host_that_does_not_exist_is_nothing(world):
    world.dns("example.test", MX=[(10, "mx.example.test")])
    report = ask(world, autoconfig)
    assert report.outcome is Outcome.NOTHING
    assert "autoconfig.example.test" in report.detail


def test_malformed_xml_is_said_with_its_line(world):
    publish(world, {URL: b"<clientConfig>\n<emailProvider>\n"}, host="autoconfig.example.test")
    report = ask(world, autoconfig)
    assert report.outcome is Outcome.MALFORMED
    assert "autoconfig.example.test, line 3: " in report.detail


def test_a_certificate_for_another_name_is_unreachable_and_said(world):
    publish(world, {URL: config()}, host="autoconfig.example.test", names=["server42.hoster.test"])
    report = ask(world, autoconfig)
    assert report.outcome is Outcome.UNREACHABLE
    assert report.detail.startswith("The certificate of autoconfig.example.test 443 is for another name")


def redirect(location):
    from tests.world import Page

    return Page(b"", status=302, headers={"Location": location})


def test_a_redirect_within_the_domain_keeps_the_trust(world):
    there = "https://conf.example.test/anna.xml"
    publish(world, {URL: redirect(there)}, host="autoconfig.example.test")
    publish(world, {there: config()}, host="conf.example.test", address="203.0.113.21")
    report = ask(world, autoconfig)
    assert report.outcome is Outcome.FOUND
    assert {found.evidence.trust for found in report.servers} == {Trust.AUTHENTICATED}
    assert report.servers[0].evidence.url == there
    assert report.url.startswith(URL)
    assert report.needs_consent == ()


def test_a_redirect_out_of_the_domain_lowers_the_trust_and_needs_consent(world):
    there = "https://conf.xn--bcher-kva.test/anna.xml"
    publish(world, {URL: redirect(there)}, host="autoconfig.example.test")
    publish(world, {there: config()}, host="conf.xn--bcher-kva.test", address="203.0.113.21")
    report = ask(world, autoconfig)
    assert report.outcome is Outcome.FOUND
    assert {found.evidence.trust for found in report.servers} == {Trust.UNAUTHENTICATED}
    (notice,) = report.needs_consent
    assert notice.code == "foreign_domain"
    assert "bücher.test (xn--bcher-kva.test)" in notice.text
    assert "bücher.test (xn--bcher-kva.test)" in report.detail


def test_a_way_out_of_the_domain_and_back_lowers_the_trust_too(world):
    outside, back = "https://stranger.test/x", "https://conf.example.test/anna.xml"
    publish(world, {URL: redirect(outside)}, host="autoconfig.example.test")
    publish(world, {outside: redirect(back)}, host="stranger.test", address="203.0.113.21")
    publish(world, {back: config()}, host="conf.example.test", address="203.0.113.22")
    report = ask(world, autoconfig)
    assert {found.evidence.trust for found in report.servers} == {Trust.UNAUTHENTICATED}
    assert "stranger.test" in report.needs_consent[0].text


@pytest.mark.parametrize(
    ("host", "trust"), [("github.io", Trust.AUTHENTICATED), ("else.github.io", Trust.UNAUTHENTICATED)]
)
def test_under_a_public_suffix_only_the_very_domain_of_the_address_is_at_home(world, host, trust):
    there = f"https://{host}/mail.xml"
    publish(world, {well_known_url(Domain("github.io")): redirect(there)}, host="github.io")
    publish(world, {there: config()}, host=host)
    report = ask(world, well_known, "anna@github.io")
    assert {found.evidence.trust for found in report.servers} == {trust}


def test_a_redirect_to_http_is_refused(world):
    publish(world, {URL: redirect("http://autoconfig.example.test/x")}, host="autoconfig.example.test")
    report = ask(world, autoconfig)
    assert report.outcome is Outcome.REFUSED
    assert report.servers == ()


def test_nothing_is_fetched_without_encryption(world):
    from tests.world import Page

    world.dns("autoconfig.example.test", A=["203.0.113.20"])
    world.web(
        "203.0.113.20",
        {URL.replace("https:", "http:"): Page(config(), content_type="text/xml")},
        certificate=["autoconfig.example.test"],
    )
    report = ask(world, autoconfig)
    assert report.servers == ()
    assert not [event for event in world.seen if event[0] == "http" and event[2].startswith("http:")]


# --- whatever comes

PIECES = [
    *(config()[start : start + 40] for start in range(0, 400, 40)),
    *(b"<", b"\0", b"&amp;", b"&x;", b"]]>", b"<!DOCTYPE a>", b"\xff\xfe", b"<domain>", b"<port>99999</port>"),
]


@given(st.binary(max_size=200) | st.lists(st.sampled_from(PIECES), max_size=30).map(b"".join))
def test_no_body_is_too_odd_to_report(body):
    report = read(body)
    assert (report.outcome is Outcome.FOUND) == bool(report.servers)
    assert report.detail.isprintable()
    is_web_page(body, "")
