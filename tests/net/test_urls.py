"""Which URLs may be asked, and where a redirect leads: what is odd is refused, and nothing ever raises."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wizard.model.address import parse_hostname
from wizard.model.text import has_controls
from wizard.net.failures import Failure, FailureKind
from wizard.net.urls import MAX_URL, SecureUrl, follow, parse_secure_url

ASKED = SecureUrl("autoconfig.example.org", "/mail/config-v1.1.xml?emailaddress=a%2Bb%40example.org")


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("https://example.org", "https://example.org/"),
        ("https://example.org/", "https://example.org/"),
        ("https://example.org?a=b", "https://example.org/?a=b"),
        ("HTTPS://Example.ORG/Mail", "https://example.org/Mail"),
        ("https://example.org:443/a", "https://example.org/a"),
        ("https://example.org:/a", "https://example.org/a"),
        ("https://example.org./a", "https://example.org/a"),
        ("https://example.org/a#fragment", "https://example.org/a"),
        (
            "https://example.org/?emailaddress=a%2Bb%40example.org",
            "https://example.org/?emailaddress=a%2Bb%40example.org",
        ),
        ("https://bücher.de/ü?q=ü", "https://xn--bcher-kva.de/%C3%BC?q=%C3%BC"),
        ('https://example.org/a"<b>', "https://example.org/a%22%3Cb%3E"),
        ("https://example.org/a;b@c:d", "https://example.org/a;b@c:d"),
        ("https://example.org//a//b", "https://example.org//a//b"),
    ],
)
def test_a_secure_url_is_read_and_written_in_one_way(text, read):
    url = parse_secure_url(text)
    assert isinstance(url, SecureUrl)
    assert str(url) == read
    assert parse_secure_url(read) == url


REFUSED = [
    "",
    "http://example.org/",
    "HTTP://example.org/",
    "ftp://example.org/",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "data:text/xml,<a/>",
    "//example.org/",
    "example.org/a",
    "https:",
    "https:/",
    "https://",
    "https:example.org",
    "https:/example.org",
    "https:///example.org",
    "https:////example.com/",
    "https://unparsable::",
    "https://example.org:8443/",
    "https://example.org:80/",
    "https://example.org:0/",
    "https://example.org:443x/",
    "https://example.org:-443/",
    "https://example.org:٤٤٣/",
    "https://example.org:99999/",
    "https://anna@example.org/",
    "https://anna:secret@example.org/",
    "https://@example.org/",
    "https://example.org:443@evil.example/",
    "https://127.0.0.1/",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f.1/",
    "https://１２７.0.0.1/",
    "https://[::1]/",
    "https://[::1%25eth0]/",
    "https://[example.org]/",
    "https://[v1.example.org]/",
    "https://[/",
    "https://exa mple.org/",
    "https://example.org/a b",
    "https://example.org/\r\nX: y",
    "https://exam\tple.org/",
    "https://example.org/\x1b]8;;http://evil\x07",
    "https://example.org/\u202e",
    "https://example.org\\@evil.example/",
    "https:\\\\example.org\\",
    "https://example.org/\\evil",
    "https://ex%61mple.org/",
    "https://example..org/",
    "https://-example.org/",
    "https://" + "a" * 64 + ".org/",
    "https://" + "a." * 200 + "org/",
    "https://example.org/" + "a" * MAX_URL,
    "https://example.org/" + "ü" * (MAX_URL // 2),
    "https://exa℀mple.org/",
]


@pytest.mark.parametrize("text", REFUSED)
def test_any_other_url_is_refused_as_a_value(text):
    refused = parse_secure_url(text)
    assert isinstance(refused, Failure)
    assert refused.kind == FailureKind.REDIRECT_REFUSED
    assert not has_controls(refused.detail)


@pytest.mark.parametrize(
    ("location", "led"),
    [
        ("https://other.example/config.xml", "https://other.example/config.xml"),
        ("//other.example/config.xml", "https://other.example/config.xml"),
        ("/config.xml", "https://autoconfig.example.org/config.xml"),
        ("config.xml", "https://autoconfig.example.org/mail/config.xml"),
        ("../config.xml", "https://autoconfig.example.org/config.xml"),
        ("../../../config.xml", "https://autoconfig.example.org/config.xml"),
        ("?a=b", "https://autoconfig.example.org/mail/config-v1.1.xml?a=b"),
        ("config.xml?at=1:2", "https://autoconfig.example.org/mail/config.xml?at=1:2"),
        ("/.//evil.example/", "https://autoconfig.example.org//evil.example/"),
        ("https://autoconfig.example.org/konfig-ü.xml", "https://autoconfig.example.org/konfig-%C3%BC.xml"),
    ],
)
def test_a_redirect_is_resolved_against_the_url_that_was_asked(location, led):
    assert str(follow(ASKED, location)) == led


@pytest.mark.parametrize(
    "location",
    # What has no scheme, and no odd spelling, is a relative reference and stays with the host.
    [text for text in REFUSED if text not in ("", "//example.org/", "example.org/a")]
    + [
        "///evil.example/",
        "////evil.example/",
        "//evil.example:8443/",
        "//anna@evil.example/",
        "//",
        "/\\evil.example/",
    ]
    + ["\\\\evil.example/", "//127.0.0.1/", "//[::1]/", "config.xml:8", "//evil.example\\.example.org/"],
)
def test_a_redirect_to_any_other_place_is_refused_and_its_sender_named(location):
    refused = follow(ASKED, location)
    assert isinstance(refused, Failure)
    assert refused.kind == FailureKind.REDIRECT_REFUSED
    assert refused.host == ASKED.host


HOSTILE = st.text(st.sampled_from("https:HTTP/\\@?#[]%.;&=+ \t\r\n\x00\x1b\u202e-_019aexmplorg:43üß。１℀"), max_size=60)
LOCATIONS = st.one_of(
    st.text(max_size=100),
    HOSTILE,
    st.builds(
        lambda start, rest: start + rest,
        st.sampled_from(["https://", "//", "/", "https:", "https://a.example"]),
        HOSTILE,
    ),
)


def test_who_names_a_url_may_name_a_port_and_a_redirect_may_not():
    url = parse_secure_url("https://ispdb.test:8443/v1.1/", any_port=True)
    assert url == SecureUrl("ispdb.test", "/v1.1/", 8443)
    assert (str(url), url.authority) == ("https://ispdb.test:8443/v1.1/", "ispdb.test:8443")
    for text in ("https://ispdb.test:0/", "http://ispdb.test:8443/", "https://ispdb.test:99999/"):
        assert isinstance(parse_secure_url(text, any_port=True), Failure)
    for text in ("https://ispdb.test:8443/v1.1/", "https://ispdb.test:8444/", "/v1.1/"):
        assert isinstance(follow(url, text), Failure)


@given(LOCATIONS)
@example("https://a@b")
@example("https://[")
def test_whatever_a_redirect_says_it_leads_to_one_safe_url_or_nowhere(location):
    led = follow(ASKED, location)
    if isinstance(led, Failure):
        assert led.host == ASKED.host
        assert not has_controls(led.detail)
        return
    written = str(led)
    parts = urlsplit(written)
    assert parts.scheme == "https"
    assert parts.netloc == led.host == parse_hostname(led.host)
    assert led.target.startswith("/")
    assert written.isascii()
    assert written.isprintable()
    assert not set(' \\#"<>[]') & set(written)
    assert parse_secure_url(written) == led
    assert len(led.target) <= MAX_URL


@given(st.text(st.sampled_from("/.?;=a:%-"), max_size=40).filter(lambda text: not text.startswith("//")))
def test_a_relative_redirect_never_leaves_the_host(location):
    led = follow(ASKED, location)
    assert isinstance(led, Failure) or led.host == ASKED.host
