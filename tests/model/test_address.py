"""Addresses, domains, host names and ports: what is read, what is refused, and what is suggested instead."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.model.address import AddressProblem, Domain, parse_address, parse_domain, parse_hostname, parse_port
from wizard.model.problems import ExitCode
from wizard.model.text import has_controls


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("anna@example.org", "anna@example.org"),
        ("  anna@example.org\n", "anna@example.org"),
        ("mailto:anna@example.org", "anna@example.org"),
        ("MAILTO:anna@example.org", "anna@example.org"),
        ("<anna@example.org>", "anna@example.org"),
        ("anna@ example.org", "anna@example.org"),
        ("anna@EXAMPLE.Org", "anna@example.org"),
        ("Anna.Rossi@example.org", "Anna.Rossi@example.org"),
        ("anna+news@example.org", "anna+news@example.org"),
        ("o'hara=x{y}|z~!#$%&*/?^_`@example.org", "o'hara=x{y}|z~!#$%&*/?^_`@example.org"),
        ("anna@example.org.", "anna@example.org"),
        ("anna@example.org。", "anna@example.org"),
        ("anna@a-b.c-d.example.org", "anna@a-b.c-d.example.org"),
        ("a@1und1.de", "a@1und1.de"),
        ("a@3.14.example.org", "a@3.14.example.org"),
        ('"anna rossi"@example.org', '"anna rossi"@example.org'),
        ('"anna@home"@example.org', '"anna@home"@example.org'),
        (r'"anna\"x"@example.org', r'"anna\"x"@example.org'),
        ("günther@example.org", "günther@example.org"),
        ("用户@例子.广告", "用户@xn--fsqu00a.xn--4rr70v"),
        ("anna@bücher.de", "anna@xn--bcher-kva.de"),
        ("anna@BÜCHER.de", "anna@xn--bcher-kva.de"),
        ("anna@bu\u0308cher.de", "anna@xn--bcher-kva.de"),
        ("anna@XN--BCHER-KVA.de", "anna@xn--bcher-kva.de"),
        ("anna@straße.de", "anna@xn--strae-oqa.de"),
        ("x" * 64 + "@example.org", "x" * 64 + "@example.org"),
        ("a@" + ".".join(["x" * 63] * 3) + ".example", "a@" + ".".join(["x" * 63] * 3) + ".example"),
    ],
)
def test_a_valid_address_is_read(typed, written):
    assert str(parse_address(typed)) == written


@pytest.mark.parametrize(
    ("typed", "reason", "suggestion"),
    [
        ("", "This is empty", None),
        ("   ", "This is empty", None),
        ("anna", "has no @", None),
        ("example.org", "has no @", None),
        ("@example.org", "nothing before the @", None),
        ("anna@", "nothing after the @", None),
        ("@", "nothing before the @", None),
        ("anna@@example.org", "more than one @", "anna@example.org"),
        ("anna@home@example.org", "more than one @", "anna@example.org"),
        ("anna rossi@example.org", "a space in it", "annarossi@example.org"),
        ("anna @ example.org", "a space in it", "anna@example.org"),
        ("anna\u00a0x@example.org", "a space in it", "annax@example.org"),
        ("anna@exa mple.org", "a space in it", "anna@example.org"),
        (".anna@example.org", "a dot at the start", "anna@example.org"),
        ("anna.@example.org", "a dot at the start", "anna@example.org"),
        ("anna..rossi@example.org", "two dots in a row", "anna.rossi@example.org"),
        (".@example.org", "a dot at the start", None),
        ("anna,rossi@example.org", "cannot have: “,”", None),
        ('anna"rossi@example.org', 'cannot have: “"”', None),
        ("anna@example..org", "two dots in a row", "anna@example.org"),
        ("anna@.example.org", "begins with one", "anna@example.org"),
        ("anna@example.org..", "two dots in a row", "anna@example.org"),
        ("anna@example,org", "cannot have: “,”", "anna@example.org"),
        ("anna@-example.org", "begins or ends with a hyphen", "anna@example.org"),
        ("anna@exa_mple.org", "cannot have: “_”", None),
        ("anna@bü cher.de", "written as a domain name", "anna@bücher.de"),
        ("anna@localhost", "has no dot", None),
        ("anna@192.0.2.1", "is a number", None),
        ("anna@[192.0.2.1]", "number in brackets", None),
        ("anna@example.0x7f", "is a number", None),
        ("x" * 65 + "@example.org", "longer than 64", None),
        ("ü" * 33 + "@example.org", "longer than 64", None),
        ("a@" + "x" * 64 + ".org", "longer than 63", None),
        ("a@" + "x" * 300 + ".org", "has 304 characters", None),
        ("a@" + ".".join(["x" * 49] * 6), "253 at most", None),
        ("a@" + "ü" * 200 + ".org", "written as a domain name", None),
    ],
)
def test_a_wrong_address_gets_a_sentence_and_the_nearest_right_one(typed, reason, suggestion):
    with pytest.raises(AddressProblem) as caught:
        parse_address(typed)
    assert reason in caught.value.text
    assert caught.value.suggestion == suggestion
    assert caught.value.exit_code is ExitCode.USAGE
    if suggestion is not None:
        assert caught.value.text.endswith(f"Did you mean {suggestion}?")
        parse_address(suggestion)


@pytest.mark.parametrize(
    "control", ["\x00", "\x07", "\x1b[31m", "\x7f", "\x9b", "\u200b", "\u202e", "\ufeff", "\ud800"]
)
@pytest.mark.parametrize("pattern", ["an{}na@example.org", "anna@exam{}ple.org", '"an{}na"@example.org'])
def test_a_control_character_is_refused_and_never_repeated(control, pattern):
    with pytest.raises(AddressProblem, match="control character") as caught:
        parse_address(pattern.format(control))
    assert not has_controls(caught.value.text)


def test_a_long_domain_is_not_repeated_in_full():
    with pytest.raises(AddressProblem) as caught:
        parse_address("a@" + "x" * 5000 + ".org")
    assert len(caught.value.text) < 200


def test_the_network_s_form_is_measured_too():
    # 60 letters each, which are more than 63 once written as an A-label
    with pytest.raises(AddressProblem):
        parse_domain(".".join(["ü" * 60] * 4))


def test_people_see_the_domain_as_they_write_it():
    address = parse_address("anna@bücher.de")
    assert address.unicode == "anna@bücher.de"
    assert address.domain.shown == "bücher.de (xn--bcher-kva.de)"
    assert parse_domain("example.org").shown == "example.org"


def test_a_look_alike_shows_itself():
    assert parse_domain("аррӏе.com").shown == "аррӏе.com (xn--80ak6aa92e.com)"
    assert parse_domain("аррӏе.com") != parse_domain("apple.com")


def test_an_a_label_that_says_nothing_valid_stays_as_it_is():
    assert Domain("xn--zzzzzz99.com").unicode == "xn--zzzzzz99.com"


def test_an_invisible_joiner_that_idna_allows_is_not_shown():
    domain = parse_domain("xn--mgba3gch31f060k.com")
    assert domain.unicode == domain.ascii == domain.shown


@pytest.mark.parametrize("typed", ["mail.example.org", "MAIL.example.org", "mail.example.org.", " mail.example.org "])
def test_a_host_name_is_read_in_lower_case_without_a_final_dot(typed):
    assert parse_hostname(typed) == "mail.example.org"


def test_a_host_name_may_have_one_label_and_a_domain_may_not():
    assert parse_hostname("localhost") == "localhost"
    with pytest.raises(AddressProblem):
        parse_domain("localhost")


@pytest.mark.parametrize("number", ["192.0.2.1", "10.1", "2130706433", "0x7f000001", "127.0.0.0x1"])
def test_what_the_network_would_read_as_an_ip_address_is_no_host_name(number):
    with pytest.raises(AddressProblem, match="is a number"):
        parse_hostname(number)


@pytest.mark.parametrize(
    "typed", ["", ".", "::1", "mail:993", "mail/x", "imap.example.org\x00", "a" * 254, "*.example.org"]
)
def test_what_is_no_host_name_is_refused(typed):
    with pytest.raises(AddressProblem):
        parse_hostname(typed)


@pytest.mark.parametrize(("typed", "port"), [("1", 1), ("993", 993), (993, 993), ("65535", 65535), ("0993", 993)])
def test_a_port_is_read(typed, port):
    assert parse_port(typed) == port


@pytest.mark.parametrize(
    "typed", ["", "0", 0, "65536", "-1", "9 93", "1e3", "٣", "993.0", "9" * 5000, True, "x\x1b[0m"]
)
def test_what_is_no_port_is_refused_in_a_printable_sentence(typed):
    with pytest.raises(AddressProblem, match="is not a port") as caught:
        parse_port(typed)
    assert not has_controls(caught.value.text)
    assert len(caught.value.text) < 200


anything = st.text(max_size=80)
nearly = st.from_regex(r'[\w."@ ,<>!ü。-]{0,20}@[\w.ü ,。@-]{0,30}', fullmatch=True)


@given(anything | nearly)
def test_any_text_is_an_address_or_an_address_problem(text):
    try:
        address = parse_address(text)
    except AddressProblem as caught:
        problem = caught
    else:
        assert parse_address(str(address)) == address
        assert str(address).isprintable() or not address.local.isascii()
        assert parse_address(address.unicode) == address
        return
    assert not has_controls(problem.text)
    if problem.suggestion is not None:
        assert parse_address(problem.suggestion).unicode == problem.suggestion


@given(anything | st.from_regex(r"[\wü.。:x-]{1,40}", fullmatch=True))
def test_any_text_is_a_host_name_or_an_address_problem(text):
    try:
        name = parse_hostname(text)
    except AddressProblem:
        return
    assert name.isascii()
    assert name == name.lower()
    assert len(name) <= 253
    assert parse_hostname(name) == name
