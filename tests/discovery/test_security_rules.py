"""The rules of safety of a look-up, each with the tests that hold it: those below, and these elsewhere.

1   tests/discovery/test_config_file.py::test_nothing_is_fetched_without_encryption
1   tests/discovery/test_autodiscover_source.py::test_nothing_is_asked_over_plain_http
1   tests/discovery/test_ispdb_source.py::test_a_mirror_without_encryption_is_refused
1   tests/discovery/test_security_rules.py::test_1_what_is_there_over_plain_http_only_is_not_found
2   tests/net/test_http.py::test_a_redirect_to_an_unsafe_place_is_not_followed
2   tests/discovery/test_config_file.py::test_a_redirect_to_http_is_refused
2   tests/discovery/test_pacc_source.py::test_a_redirect_to_plain_http_is_refused
3   tests/discovery/test_config_file.py::test_a_way_out_of_the_domain_and_back_lowers_the_trust_too
3   tests/discovery/test_srv.py::test_one_answer_that_was_not_validated_makes_all_of_it_doubtful
4   tests/net/test_http.py::test_four_redirects_are_followed_and_no_fifth
4   tests/discovery/test_failures.py::test_redirects_without_an_end
4   tests/discovery/test_config_file.py::test_a_redirect_out_of_the_domain_lowers_the_trust_and_needs_consent
5   tests/net/test_http.py::test_no_credentials_are_sent_when_a_server_asks_for_some
5   tests/net/test_http.py::test_cookies_of_a_redirect_are_not_sent_on
5   tests/discovery/test_security_rules.py::test_5_whoever_wants_a_password_gets_none
6   tests/discovery/test_security_rules.py::test_6_records_that_lead_out_of_the_domain_need_consent
6   tests/discovery/test_security_rules.py::test_6_records_that_were_validated_need_none
6   tests/discovery/test_mx.py::test_an_answer_that_was_validated_makes_what_follows_authenticated
7   tests/discovery/test_security_rules.py::test_7_the_domain_is_shown_whole_and_look_alikes_in_both_writings
7   tests/model/test_address.py::test_a_look_alike_shows_itself
8   tests/discovery/test_security_rules.py::test_8_a_certificate_that_does_not_hold_is_never_passed_over
8   tests/discovery/test_security_rules.py::test_8_tls_of_yesterday_is_no_encryption
8   tests/net/test_tls.py::test_the_context_verifies_chain_and_name_and_refuses_old_tls
9   tests/discovery/test_security_rules.py::test_9_an_upgrade_that_fails_is_no_server
9   tests/discovery/test_security_rules.py::test_9_a_server_that_hides_its_upgrade_is_left_out
9   tests/net/test_conversation.py::test_bytes_before_the_handshake_are_an_attack_in_one_packet_or_two
10  tests/net/test_http.py::test_a_bomb_never_unpacks
10  tests/net/test_http.py::test_headers_have_a_bound
10  tests/net/test_http.py::test_a_whole_fetch_has_its_time_and_no_more
10  tests/discovery/test_failures.py::test_web_servers_that_misbehave
11  tests/discovery/test_security_rules.py::test_11_a_document_that_is_built_to_hurt_is_refused
12  tests/discovery/test_security_rules.py::test_12_no_name_in_the_dns_leads_into_the_own_network
12  tests/discovery/test_security_rules.py::test_12_a_redirect_into_the_own_network_is_not_followed
12  tests/discovery/test_security_rules.py::test_12_of_mixed_addresses_only_the_public_ones_are_dialled
12  tests/discovery/test_security_rules.py::test_12_remote_data_leads_to_ports_of_mail_and_https_only
12  tests/net/test_policy.py::test_another_address_is_allowed_to_those_who_said_so_only
12  tests/net/test_connect.py::test_a_name_that_changes_its_address_between_two_questions_is_not_asked_again
13  tests/discovery/test_security_rules.py::test_13_what_is_no_host_name_is_no_server
13  tests/model/test_address.py::test_what_is_no_host_name_is_refused
14  tests/discovery/test_security_rules.py::test_14_a_local_part_that_reads_like_a_placeholder_stays_as_it_is
14  tests/model/test_servers.py::test_a_local_part_that_looks_like_a_placeholder_stays_as_it_is
15  tests/discovery/test_security_rules.py::test_15_nothing_of_a_stranger_writes_on_the_terminal
15  tests/discovery/test_security_rules.py::test_15_not_in_colour_either
15  tests/model/test_problems.py::test_escape_sequences_and_reversed_text_do_not_reach_a_terminal
16  tests/export/test_autoconfig_file.py::test_a_value_with_a_control_character_is_refused_by_every_format
16  tests/discovery/test_security_rules.py::test_16_a_user_name_with_a_line_break_never_comes_in
17  tests/discovery/test_security_rules.py::test_17_nobody_logs_in
18  tests/discovery/test_security_rules.py::test_18_a_server_that_wants_a_password_is_not_called_a_wrong_password
19  tests/discovery/test_security_rules.py::test_19_once_it_has_ended_nothing_is_asked_any_more
20  tests/discovery/test_security_rules.py::test_20_an_odd_address_arrives_as_it_is
21  tests/discovery/test_security_rules.py::test_21_a_captive_portal_is_nothing_found
21  tests/discovery/test_security_rules.py::test_21_a_captive_portal_that_redirects_everybody_is_nothing_found
21  tests/discovery/test_config_file.py::test_an_answer_without_a_file
22  tests/discovery/test_security_rules.py::test_22_no_option_takes_a_password
23  tests/discovery/test_pacc_source.py::test_a_document_without_its_digest_is_refused
23  tests/discovery/test_security_rules.py::test_23_a_document_with_another_digest_does_not_count
24  tests/discovery/test_measured.py::test_what_is_published_is_found_and_nobody_else_is_told_who_asked
24  tests/discovery/test_mx.py::test_the_provider_itself_is_asked_and_not_told_the_address
24  tests/discovery/test_security_rules.py::test_24_the_address_is_told_to_hosts_of_its_own_domain_alone
24  tests/discovery/test_security_rules.py::test_24_below_a_public_suffix_nobody_is_told_the_address
"""

from __future__ import annotations

import ast
import base64
import hashlib
import io
import json
import re
from functools import cache
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree as ET

import pytest

from tests.discovery.published_files import config, incoming, outgoing
from tests.discovery.whole import (
    ANNA,
    AUTOCONFIG,
    AUTODISCOVER,
    DOMAIN,
    ISPDB,
    MAIL,
    MAIL_HOST,
    PACC,
    SERVED,
    SERVICES,
    URLS,
    WELL_KNOWN,
    by_source,
    good_file,
    look_up,
    publish_srv,
    serve_mail,
    serve_web,
    texts,
)
from tests.ground import ROOT
from tests.world import MailServer, Page
from wizard.model.discovery import Outcome, Trust

GLOBAL = "8.8.4.4"  # an address that the policy allows; the world maps it to loopback
RULES = range(1, 25)


def table():
    """Rule and test, line by line of the text above."""
    return [(int(rule), node) for rule, node in re.findall(r"^(\d+)\s+(tests/\S+)$", __doc__, re.MULTILINE)]


@cache
def names_in(file):
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_has_tests_that_are_there(rule):
    nodes = [node for number, node in table() if number == rule]
    assert nodes
    for node in nodes:
        file, name = node.split("::")
        assert name in names_in(file), node


def test_every_numbered_test_of_this_file_is_in_the_table():
    listed = {node.rpartition("::")[2] for _rule, node in table()}
    assert {name for name in names_in("tests/discovery/test_security_rules.py") if re.match(r"test_\d", name)} <= listed


def requests(world):
    """Every request of HTTP that arrived: method, URL, headers, body."""
    return [event[1:] for event in world.seen if event[0] == "http"]


# --- who is believed


def test_1_what_is_there_over_plain_http_only_is_not_found(world):
    serve_mail(world)
    serve_web(world, {url.replace("https:", "http:"): good_file() for url in URLS})
    report = look_up(world, probe=False)
    assert not report.usable
    assert requests(world) == []
    assert not [port for _address, port in world.dialled if port == 80]


def test_5_whoever_wants_a_password_gets_none(world):
    wanted = {"WWW-Authenticate": 'Basic realm="mail"', "Set-Cookie": "who=anna"}
    serve_web(world, dict.fromkeys(URLS, Page("", status=401, headers=wanted)))
    assert not look_up(world).usable
    assert len(requests(world)) >= len(URLS)
    for _method, url, headers, _body in requests(world):
        assert not {"authorization", "cookie", "proxy-authorization", "from", "referer"} & set(headers)
        assert "@" not in urlsplit(url).netloc


@pytest.mark.parametrize("kind", ["SRV", "MX"])
def test_6_records_that_lead_out_of_the_domain_need_consent(world, kind):
    serve_mail(world, "mail.hoster.test")
    if kind == "SRV":
        publish_srv(world, "mail.hoster.test")
    else:
        world.dns(DOMAIN, MX=[(10, "mx.hoster.test")])
        serve_web(world, {f"{ISPDB}hoster.test": good_file("mail.hoster.test")})
    report = look_up(world)
    assert report.imap.server.hostname == "mail.hoster.test"
    assert report.imap.evidence.trust is Trust.UNAUTHENTICATED
    (notice,) = report.needs_consent
    assert notice.code == "foreign_domain"
    assert "hoster.test" in notice.text


def test_6_records_that_were_validated_need_none(world):
    world.validated = True
    serve_mail(world, "mail.hoster.test")
    publish_srv(world, "mail.hoster.test")
    report = look_up(world)
    assert report.imap.evidence.trust is Trust.AUTHENTICATED
    assert report.needs_consent == ()


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        (f"mail.{'a' * 63}.{'b' * 63}.test", f"{'b' * 63}.test"),
        # “раураl” in Cyrillic letters, as the network writes it
        ("mail.xn--80aa0aelr.test", "(xn--80aa0aelr.test)"),
    ],
)
def test_7_the_domain_is_shown_whole_and_look_alikes_in_both_writings(world, host, shown):
    serve_mail(world, host)
    publish_srv(world, host)
    report = look_up(world)
    (notice,) = report.needs_consent
    assert shown in notice.text
    assert host not in notice.text or shown in host
    if "xn--" in host:
        assert not notice.text.isascii()


# --- encryption


@pytest.mark.parametrize("certificate", ["self-signed", "expired", "not-yet-valid", "unknown-ca", ["mail.other.test"]])
@pytest.mark.parametrize("security", ["SSL", "STARTTLS"])
def test_8_a_certificate_that_does_not_hold_is_never_passed_over(world, certificate, security):
    at = ["SSL", "STARTTLS"].index(security)
    serve_mail(world, served=[service for service in SERVED if service[2] == security], certificate=certificate)
    publish_srv(world, services=SERVICES[at::2])
    report = look_up(world, allow_insecure=True)
    for found in (report.imap, report.pop3, report.smtp, *report.alternatives):
        assert found.verified is not True
    assert "certificate" in report.imap.trouble
    assert "not_answering" in [notice.code for notice in report.warnings]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_8_tls_of_yesterday_is_no_encryption(world):
    serve_mail(world, served=SERVED[:3], tls_versions=("TLSv1", "TLSv1.1"))
    publish_srv(world)
    report = look_up(world)
    assert report.imap.verified is False
    assert "outdated" in report.imap.trouble


@pytest.mark.parametrize("behaviour", ["starttls_refused", "starttls_broken", "injection"])
def test_9_an_upgrade_that_fails_is_no_server(world, behaviour):
    serve_mail(world, served=SERVED[3:], behaviour=behaviour)
    publish_srv(world, services=SERVICES[1::2])
    report = look_up(world)
    assert not [found for source in report.sources for found in source.servers if found.verified is True]
    assert world.logins == []
    commands = " ".join(world.mail_commands()).upper()
    assert "AUTH" not in commands
    assert "LOGIN " not in commands


def test_9_a_server_that_hides_its_upgrade_is_left_out(world):
    """What somebody on the way does who wants the password in the clear: STARTTLS is taken out of the list."""
    capabilities = {"capabilities_before_tls": ["IMAP4rev1", "AUTH=PLAIN"]}
    for port, protocol in ((143, "imap"), (110, "pop3"), (587, "smtp")):
        world.mail(MAIL, port, MailServer(protocol=protocol, security="plain", **capabilities))
    world.dns(MAIL_HOST, A=[MAIL])
    publish_srv(world, services=SERVICES[1::2])
    report = look_up(world)
    assert not [found for source in report.sources for found in source.servers if found.verified is True]
    assert all(found_server.server.secure for found_server in (report.imap, report.pop3, report.smtp))


# --- what is read

LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><clientConfig version="1.1">&c;</clientConfig>"""
OUTSIDE = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>
<clientConfig version="1.1"><emailProvider id="example.test"><domain>&a;</domain></emailProvider></clientConfig>"""
DEEP = b"<clientConfig>" + b"<a>" * 5000 + b"</a>" * 5000 + b"</clientConfig>"
MANY = config(*[incoming(f"imap{number}.example.test") for number in range(65)], outgoing())


@pytest.mark.parametrize("body", [LAUGHS, OUTSIDE, DEEP, MANY], ids=["laughs", "outside", "deep", "many"])
def test_11_a_document_that_is_built_to_hurt_is_refused(world, body):
    serve_mail(world)
    serve_web(world, dict.fromkeys(URLS, Page(body)))
    report = look_up(world, probe=False)
    answers = by_source(report)
    for name in ("autoconfig", "well-known", "ispdb", "autodiscover"):
        assert answers[name].outcome is Outcome.MALFORMED, name
        assert answers[name].servers == ()
    assert "root:" not in json.dumps(texts(report))


OWN_NETWORK = (
    ("A", "127.0.0.1"),
    ("A", "10.1.2.3"),
    ("A", "172.16.0.1"),
    ("A", "192.168.1.1"),
    ("A", "169.254.169.254"),
    ("A", "100.64.0.1"),
    ("A", "0.0.0.0"),
    ("A", "224.0.0.1"),
    ("A", "255.255.255.255"),
    ("AAAA", "::1"),
    ("AAAA", "::"),
    ("AAAA", "::ffff:10.0.0.1"),
    ("AAAA", "::ffff:127.0.0.1"),
    ("AAAA", "::10.0.0.1"),
    ("AAAA", "fe80::1"),
    ("AAAA", "fc00::1"),
    ("AAAA", "fd12:3456::1"),
    ("AAAA", "2002:a00:1::1"),
    ("AAAA", "64:ff9b::a00:1"),
    ("AAAA", "ff02::1"),
)


@pytest.mark.parametrize(("kind", "address"), OWN_NETWORK)
def test_12_no_name_in_the_dns_leads_into_the_own_network(world, kind, address):
    world.dns(f"*.{DOMAIN}", **{kind: [address]})
    world.dns(DOMAIN, **{kind: [address]}, MX=[(10, f"mx.{DOMAIN}"), (20, "mx.stranger.test")])
    world.dns("*.stranger.test", **{kind: [address]})
    world.dns("ispdb.test", **{kind: [address]})
    publish_srv(world, services=SERVICES)
    publish_srv(world, f"autodiscover.{DOMAIN}", services=())
    report = look_up(world, network=world.network(allow_private=False), allow_private=False)
    assert world.dialled == []
    answers = by_source(report)
    assert answers["autoconfig"].outcome is Outcome.REFUSED
    assert "--allow-private" in answers["autoconfig"].detail
    assert answers["srv"].servers[0].verified is False


def test_12_a_redirect_into_the_own_network_is_not_followed(world):
    world.dns("inside.example.test", A=["10.0.0.1"])
    locations = iter(
        ["https://inside.example.test/", "https://169.254.169.254/", "https://[::1]/", "https://0x7f000001/"] * 9
    )
    serve_web(
        world,
        dict.fromkeys(URLS, lambda _request: Page(status=302, headers={"Location": next(locations)})),
        address=GLOBAL,
    )
    look_up(world, network=world.network(allow_private=False), allow_private=False, probe=False)
    assert set(world.dialled) == {(GLOBAL, 443)}


def test_12_of_mixed_addresses_only_the_public_ones_are_dialled(world):
    serve_mail(world, address=GLOBAL)
    world.dns(MAIL_HOST, A=["10.0.0.1", "127.0.0.1"], AAAA=["::1", "fe80::1"])
    publish_srv(world)
    report = look_up(world, network=world.network(allow_private=False), allow_private=False)
    assert report.imap.verified is True
    assert {address for address, _port in world.dialled} == {GLOBAL}


def test_12_remote_data_leads_to_ports_of_mail_and_https_only(world):
    odd = (22, 80, 443, 3306, 6379, 8080, 11211, 65535)
    world.dns(MAIL_HOST, A=[GLOBAL])
    for service in (*SERVICES, "_autodiscover"):
        world.dns(f"{service}._tcp.{DOMAIN}", SRV=[(0, 0, port, MAIL_HOST) for port in odd])
    servers = [incoming(MAIL_HOST, port) for port in odd] + [outgoing(MAIL_HOST, port) for port in odd]
    pages = dict.fromkeys((AUTOCONFIG, WELL_KNOWN, f"{ISPDB}{DOMAIN}"), Page(config(*servers)))
    serve_web(world, pages, address="8.8.8.8")
    report = look_up(world, network=world.network(allow_private=False), allow_private=False, probe=False)
    assert {port for address, port in world.dialled if address == GLOBAL} <= {443}  # Autodiscover, which is https
    assert by_source(report)["srv"].outcome is Outcome.REFUSED
    assert by_source(report)["autoconfig"].outcome is Outcome.REFUSED


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "[::1]",
        "::1",
        "0x7f.1",
        "2130706433",
        "mail.example.test/x",
        "mail.example.test:993",
        "anna@mail.example.test",
        "mail%2eexample.test",
        "mail example.test",
        "-mail.example.test",
        "mail..example.test",
        "",
        "a" * 64 + ".test",
        ".".join(["abcdefgh"] * 30),
        "%EMAILLOCALPART%.example.test",
    ],
)
def test_13_what_is_no_host_name_is_no_server(world, host):
    serve_mail(world)
    body = config(incoming(host), incoming(MAIL_HOST), outgoing(MAIL_HOST), outgoing(host))
    serve_web(world, {AUTOCONFIG: Page(body)})
    report = look_up(world, "a/b+c@example.test", probe=False)
    answer = by_source(report)["autoconfig"]
    assert {found.server.hostname for found in answer.servers} == {MAIL_HOST}


@pytest.mark.parametrize("local", ["%EMAILDOMAIN%", "%EMAILADDRESS%", "%EMAILLOCALPART%", "%EMAILLOCALPART%x%EMAIL"])
def test_14_a_local_part_that_reads_like_a_placeholder_stays_as_it_is(world, local):
    serve_mail(world)
    names = ("%EMAILADDRESS%", "%EMAILLOCALPART%", "%EMAILLOCALPART%.%EMAILDOMAIN%")
    serve_web(world, {AUTOCONFIG: Page(config(*(incoming(MAIL_HOST, username=name) for name in names), outgoing()))})
    answer = by_source(look_up(world, f"{local}@{DOMAIN}", probe=False))["autoconfig"]
    assert [found.server.username for found in answer.servers[:3]] == [f"{local}@{DOMAIN}", local, f"{local}.{DOMAIN}"]


# --- what is shown

ESCAPE = "\x1b]8;;http://evil.test\x07\x1b[2J\u202eevil\u2066\x9b31m\r\n"


def escape_of_xml(text):
    """What XML can hold of it."""
    return text.replace("\x1b", "\u202e").replace("\x07", "\u2067").replace("\x9b", "\u009b")


def evil_world(world):
    host, odd = MAIL_HOST, escape_of_xml(ESCAPE)
    bad = {"greeting": f"* OK {ESCAPE.strip()}", "capabilities": ["IMAP4rev1", f"AUTH=PLAIN{ESCAPE.strip()}"]}
    world.dns(host, A=[MAIL])
    world.mail(MAIL, 993, MailServer(protocol="imap", **bad))
    world.mail(MAIL, 995, MailServer(protocol="pop3", greeting=f"-ERR {ESCAPE.strip()}"))
    world.mail(MAIL, 465, MailServer(protocol="smtp", greeting=f"554 {ESCAPE.strip()}"))
    good, odd_name = incoming(host), incoming(host, username=odd)
    named = config(good, odd_name, incoming(odd), incoming(host, 995, "pop3"), outgoing(host), name=odd)
    error = f"<Error><ErrorCode>{odd}</ErrorCode><Message>{odd}</Message></Error>"
    pox = f"<Autodiscover><Response>{error}</Response></Autodiscover>"
    document = json.dumps({"info": {"provider": {"name": ESCAPE}}, ESCAPE: 1}).encode()
    pages = {
        AUTOCONFIG: Page(named),
        WELL_KNOWN: Page(status=302, headers={"Location": "https://evil.test/\x1b]0;owned\x07"}),
        AUTODISCOVER: Page(pox),
        PACC: Page(document, "application/json\x1b[31m"),
        f"{ISPDB}{DOMAIN}": Page(f"<clientConfig>{odd}</wrong{odd}>".encode()),
    }
    serve_web(world, pages)
    digest = base64.b64encode(hashlib.sha256(document).digest())
    world.dns(f"_ua-auto-config.{DOMAIN}", TXT=[b"v=UAAC1; a=sha256; d=" + digest, ESCAPE.encode()])
    world.dns(f"_imaps._tcp.{DOMAIN}", SRV=[(0, 1, 993, host), (0, 1, 993, "\\027[31m.example.test")])
    world.dns(f"_pop3s._tcp.{DOMAIN}", SRV=[(0, 1, 12345, "evil\\027]8.example.test"), (0, 1, 995, host)])
    world.dns(DOMAIN, MX=[(10, "\\027[2J.evil.test"), (20, f"mx.{DOMAIN}")])


def test_15_nothing_of_a_stranger_writes_on_the_terminal(world):
    from wizard.programs.documents import report_document
    from wizard.terminal.lookup import show_report
    from wizard.terminal.screen import Screen

    evil_world(world)
    report = look_up(world)
    assert report.imap.verified is True
    for text in texts(report):
        assert text.isprintable(), text
    document = json.dumps(report_document(report), ensure_ascii=False)
    stream = io.StringIO()
    show_report(Screen(stream, color=False), report, verbose=True)
    for shown in (document, stream.getvalue().replace("\n", "")):
        assert not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown)


def test_15_not_in_colour_either(world):
    from wizard.terminal.lookup import show_report
    from wizard.terminal.screen import Screen

    evil_world(world)
    stream = io.StringIO()
    show_report(Screen(stream, color=True), look_up(world), verbose=True)
    shown = re.sub(r"\x1b\[[0-9;]*m", "", stream.getvalue()).replace("\n", "")  # our own colours
    assert not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown)


@pytest.mark.parametrize("text", ['a"&#10;PassCmd "touch x', "a&#13;&#10;b", "a&#9;b", "a\u2028b", "x" * 100_000])
def test_16_a_user_name_with_a_line_break_never_comes_in(world, text):
    serve_mail(world)
    pox = (
        f"<Autodiscover><Response><Account><Protocol><Type>IMAP</Type><Server>{MAIL_HOST}</Server><Port>993</Port>"
        f"<LoginName>{text}</LoginName></Protocol></Account></Response></Autodiscover>"
    )
    pages = {AUTOCONFIG: Page(config(incoming(MAIL_HOST, username=text), incoming(MAIL_HOST), outgoing(MAIL_HOST)))}
    serve_web(world, {**pages, AUTODISCOVER: Page(pox)})
    report = look_up(world, probe=False)
    for found_server in (found for source in report.sources for found in source.servers):
        assert found_server.server.username == ANNA
    assert report.usable


# --- what is said


def test_17_nobody_logs_in(world):
    serve_mail(world)
    publish_srv(world)
    serve_web(world, dict.fromkeys(URLS, good_file()))
    assert look_up(world).usable
    assert world.logins == []
    for command in world.mail_commands():
        assert command.split()[-1] in ("CAPABILITY", "CAPA", "[127.0.0.1]", "STARTTLS", "STLS", "LOGOUT", "QUIT")
        assert "anna" not in command


def test_18_a_server_that_wants_a_password_is_not_called_a_wrong_password(world):
    serve_web(world, {AUTODISCOVER: Page("", status=401, headers={"WWW-Authenticate": "Basic"})})
    answer = by_source(look_up(world))["autodiscover"]
    assert "asks for a password before it answers" in answer.detail
    assert not re.search(r"wrong|incorrect|rejected|failed", answer.detail)


def test_19_once_it_has_ended_nothing_is_asked_any_more(world):
    serve_mail(world)
    publish_srv(world)
    serve_web(world, {AUTOCONFIG: Page(good_file().body, behaviour="slow")})
    look_up(world)
    dialled = len(world.dialled)
    world.rest(0.2)  # what was on its way may still arrive
    seen = len(world.seen)
    world.rest(0.4)
    assert (len(world.seen), len(world.dialled)) == (seen, dialled)
    endpoints = [event[2:4] for event in world.seen if event[0] == "mail"]
    assert len(endpoints) == len(set(endpoints))


@pytest.mark.parametrize(
    "address",
    [
        "a+b@example.test",
        "o'brien&co@example.test",
        '"quoted a@b"@example.test',
        "anna=b?c#d%41@example.test",
        "ånna.é@example.test",
        "a/b@example.test",
        '"<x>&amp;]]>"@example.test',
        "a+b@bücher.test",
    ],
)
def test_20_an_odd_address_arrives_as_it_is(world, address):
    from wizard.model.address import parse_address

    written = str(parse_address(address))
    domain = written.rpartition("@")[2]
    urls = [url.replace(DOMAIN, domain) for url in URLS]
    serve_web(world, dict.fromkeys(urls, Page("", status=404)))
    look_up(world, address)
    requested = {url.partition("?")[0]: (url, body) for _method, url, _headers, body in requests(world)}
    assert set(requested) == set(urls)
    for url in urls[:2]:
        whole = urlsplit(requested[url][0])
        assert parse_qs(whole.query, strict_parsing=True) == {"emailaddress": [written]}
        assert re.fullmatch(r"emailaddress=[A-Za-z0-9._~%-]+", whole.query)
        assert not whole.fragment
    for url in urls[2:4]:
        tree = ET.fromstring(requested[url][1])
        assert [element.text for element in tree.iter() if element.tag.endswith("EMailAddress")] == [written]
    for url in urls[4:]:
        assert requested[url] == (url, b"")


def test_21_a_captive_portal_is_nothing_found(world):
    """Every name leads to one machine, which answers every path with its page. (Its certificates even hold.)"""
    page = Page("<!doctype html><html><title>Welcome to the airport</title></html>", "text/html; charset=utf-8")
    world.dns("*.test", A=["203.0.113.20"])
    serve_web(world, dict.fromkeys(URLS, page))
    report = look_up(world)
    assert not report.usable
    answers = by_source(report)
    for name in ("autoconfig", "well-known", "ispdb", "autodiscover", "pacc"):
        assert answers[name].outcome is Outcome.NOTHING, name
    assert not [source_report for source_report in report.sources if source_report.outcome is Outcome.FOUND]


def test_21_a_captive_portal_that_redirects_everybody_is_nothing_found(world):
    portal = "https://login.airport.test/"
    page = Page("<html><title>Pay first</title></html>", "text/html")
    serve_web(world, {**dict.fromkeys(URLS, Page(status=302, headers={"Location": portal})), portal: page})
    report = look_up(world)
    assert not report.usable
    assert by_source(report)["autoconfig"].outcome is Outcome.NOTHING
    assert not [url for _method, url, *_ in requests(world) if url.startswith(portal) and "anna" in url]
    assert not [body for _method, url, _headers, body in requests(world) if url.startswith(portal) and body]


def test_22_no_option_takes_a_password(run_cli):
    for command in ("setup", "discover", "export"):
        options = re.findall(r"--[a-z-]+", run_cli(command, "--help").stdout)
        assert options
        assert not [option for option in options if re.fullmatch(r"--(password|pass|secret|token)", option)]


def test_23_a_document_with_another_digest_does_not_count(world):
    serve_mail(world)
    document = json.dumps(
        {
            "protocols": {"imap": {"host": MAIL_HOST}, "submit": {"host": MAIL_HOST}},
            "authentication": {"password": True},
        }
    ).encode()
    serve_web(world, {PACC: Page(document, "application/json")})
    other = base64.b64encode(hashlib.sha256(document + b" ").digest())
    world.dns(f"_ua-auto-config.{DOMAIN}", TXT=[b"v=UAAC1; a=sha256; d=" + other])
    report = look_up(world, probe=False)
    assert by_source(report)["pacc"].outcome is Outcome.REFUSED
    assert not report.usable


def test_24_the_address_is_told_to_hosts_of_its_own_domain_alone(world):
    redirect = Page(status=307, headers={"Location": "https://elsewhere.test/ask"})
    pages = {
        AUTOCONFIG: redirect,
        AUTODISCOVER: redirect,
        f"{ISPDB}{DOMAIN}": Page("", status=404),
        f"{ISPDB}hoster.test": Page("", status=404),
        "https://autoconfig.hoster.test/mail/config-v1.1.xml": Page("", status=404),
        "https://elsewhere.test/ask": Page("", status=404),
        "https://exchange.hoster.test/autodiscover/autodiscover.xml": Page("", status=404),
    }
    serve_web(world, pages)
    world.dns(DOMAIN, MX=[(10, "mx.hoster.test")])
    world.dns(f"_autodiscover._tcp.{DOMAIN}", SRV=[(0, 0, 443, "exchange.hoster.test")])
    serve_mail(world, "mx.hoster.test")
    report = look_up(world)
    hosts = {
        urlsplit(url).hostname
        for _method, url, headers, body in requests(world)
        if "anna" in url or b"anna" in body or "anna" in " ".join(headers.values())
    }
    assert hosts
    assert all(host == DOMAIN or host.endswith(f".{DOMAIN}") for host in hosts)
    asked = {urlsplit(url).hostname for _method, url, *_ in requests(world)}
    assert {"autoconfig.hoster.test", "ispdb.test", "elsewhere.test"} <= asked
    assert "exchange.hoster.test" not in asked
    assert not [name for what, name, *_ in world.seen if what == "dns" and "anna" in name]
    assert by_source(report)["autodiscover"].outcome is Outcome.REFUSED


def test_24_below_a_public_suffix_nobody_is_told_the_address(world):
    """Whoever registers autoconfig.github.io must not be the one who says where the mail of github.io is."""
    domain = "github.io"
    urls = [url.replace(DOMAIN, domain) for url in URLS]
    serve_mail(world, "mail.evil.test")
    serve_web(world, dict.fromkeys(urls, good_file("mail.evil.test", domains=(domain,))))
    answers = by_source(look_up(world, f"anna@{domain}"))
    asked = {urlsplit(url).hostname for _method, url, *_ in requests(world)}
    assert asked == {domain, "ispdb.test"}
    for name in ("autoconfig", "pacc"):
        assert answers[name].outcome is Outcome.REFUSED
        assert "every name belongs to somebody else" in answers[name].detail
