"""Odd things that published settings hold; how they are read, is said by the tests below and by these elsewhere.

A server that is not understood is left out, and the others stay; what is no settings at all is nothing or malformed.

automx2: no body
  tests/discovery/test_config_file.py::test_an_answer_without_a_file
zero servers are legal
  tests/programs/test_autodiscover.py::test_a_response_without_servers_is_legal
Encryption over SSL
  tests/programs/test_autodiscover.py::test_the_encryption_of_a_server
the null MX
  tests/discovery/test_mx.py::test_a_null_mx_says_that_the_domain_takes_no_mail
the null MX
  tests/discovery/test_probe.py::test_a_domain_that_says_it_takes_no_mail_is_left_alone
who takes its own mail
  tests/discovery/test_mx.py::test_a_domain_that_takes_its_own_mail_asks_nobody_else
a validated MX
  tests/discovery/test_mx.py::test_an_answer_that_was_validated_makes_what_follows_authenticated
a silent resolver
  tests/discovery/test_failures.py::test_a_resolver_that_gives_no_answer
URLs that are none
  tests/net/test_urls.py::test_any_other_url_is_refused_as_a_value
certificates, guessed
  tests/discovery/test_probe.py::test_a_server_whose_certificate_does_not_hold_is_not_found_and_the_reason_is_told
an international domain
  tests/discovery/test_probe.py::test_an_international_domain_is_found_under_its_name_in_the_network
odd addresses
  tests/discovery/test_security_rules.py::test_20_an_odd_address_arrives_as_it_is
captive portals
  tests/discovery/test_security_rules.py::test_21_a_captive_portal_is_nothing_found
names that are numbers
  tests/model/test_address.py::test_what_the_network_would_read_as_an_ip_address_is_no_host_name
"""

from __future__ import annotations

import ast
import re

import pytest

from tests.discovery.published_files import config, incoming, lines, outgoing
from tests.discovery.whole import (
    AUTOCONFIG,
    AUTODISCOVER,
    AUTODISCOVER_AT_DOMAIN,
    DOMAIN,
    ISPDB,
    MAIL,
    MAIL_HOST,
    SERVED,
    WELL_KNOWN,
    by_source,
    good_file,
    look_up,
    publish_srv,
    serve_mail,
    serve_web,
)
from tests.ground import ROOT
from tests.world import MailServer, Page
from wizard.discovery.config_file import read_config
from wizard.discovery.sources.mx import provider_domains
from wizard.model.address import Domain, parse_address
from wizard.model.discovery import Evidence, Outcome, Source, Trust
from wizard.model.servers import AfterDownload, AuthenticationMethod, SocketType
from wizard.programs.autoconfig import read_autoconfig

ANNA = parse_address("anna@example.test")
GOOD = "imap imap.example.test 993 SSL anna@example.test"
SENDS = "smtp smtp.example.test 465 SSL anna@example.test"
UNKNOWN = '<imap><rootFolder path="INBOX."/></imap><pop3/><new><hostname>x</hostname></new>'
PASSWORD, OAUTH2 = AuthenticationMethod.PASSWORD_CLEARTEXT, AuthenticationMethod.OAUTH2


def test_the_tests_of_the_table_are_there():
    nodes = re.findall(r"(tests/\S+)::(\w+)$", __doc__, re.MULTILINE)
    assert len(nodes) == 14
    for file, name in nodes:
        tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, name


def read(body, address=ANNA):
    return read_config(body, address, Evidence(Source.AUTOCONFIG, Trust.AUTHENTICATED), "autoconfig.example.test")


def spoiled(old, new):
    """The file with two servers for IMAP, the first one of which was spoiled."""
    first = incoming("first.example.test")
    assert old in first
    return config(first.replace(old, new), incoming(), outgoing())


def element(name, *texts):
    return "".join(f"<{name}>{text}</{name}>" for text in texts)


# --- what is left out, while the next server counts


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('type="imap"', 'type="imap5"'),
        ('type="imap"', 'type="smtp"'),
        ('type="imap"', 'type="exchange"'),
        ('type="imap"', 'type="ews"'),
        ('type="imap"', 'type="graph"'),
        (' type="imap"', ""),
        ("SSL", "key-from-DNSSEC"),
        ("SSL", "TLS"),
        ("SSL", ""),
        (element("socketType", "SSL"), ""),
        ("password-cleartext", "client-IP-address"),  # reading without any log-in is nobody's mailbox
        ("993", "0"),
        ("993", "100000"),
        ("993", "-993"),
        ("993", "invalid"),
        ("993", "9 93"),
        ("993", "٩٩٣"),
        ("993", ""),
        (element("port", 993), ""),
        ("first.example.test", "in valid"),
        ("first.example.test", "-invalid"),
        ("first.example.test", "192.0.2.1"),
        ("first.example.test", "first.example.test/x"),
        ("first.example.test", ""),
        (element("hostname", "first.example.test"), ""),
        ("%EMAILADDRESS%", ""),
    ],
)
def test_a_server_that_is_not_understood_gives_way_to_the_next(old, new):
    assert lines(read(spoiled(old, new))) == [GOOD, SENDS]


def test_a_server_within_another_one_does_not_count():
    nested = incoming("first.example.test", kind="imap5").replace("</incomingServer>", incoming() + "</incomingServer>")
    assert lines(read(config(nested, incoming("third.example.test"), outgoing()))) == [
        GOOD.replace("imap.example", "third.example"),
        SENDS,
    ]


def test_a_server_outside_the_provider_does_not_count():
    body = config().replace(b"</clientConfig>", incoming("late.example.test").encode() + b"</clientConfig>")
    assert lines(read(body)) == [GOOD, SENDS]


def test_servers_of_exchange_beside_those_of_mail_are_left_out():
    ews = (
        '<incomingServer type="exchange"><url>https://ews.example.test/EWS/Exchange.asmx</url>'
        "<username>x</username><authentication>OAuth2</authentication></incomingServer>"
    )
    assert lines(read(config(ews, ews.replace("exchange", "graph"), incoming(), outgoing()))) == [GOOD, SENDS]


# --- what counts all the same


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("first.example.test", "first.example.test."),  # a final dot
        ("first.example.test", "  FIRST.example.TEST\n"),
        (element("hostname", "first.example.test"), element("hostname", "first.example.test", "other.example.test")),
        (element("port", 993), element("port", 993, 143)),
        (element("username", "%EMAILADDRESS%"), element("username", "%EMAILADDRESS%", "somebody")),
        (element("socketType", "SSL"), element("socketType", "GSSAPI2", "SSL", "plain")),
        (element("authentication", "password-cleartext"), element("authentication", "new-one", "plain", "secure")),
        ("<hostname>", "<!-- eMail / Kundennummer --><hostname>"),
        ("%EMAILADDRESS%", "<!-- Kundennummer, eMail -->%EMAILADDRESS%"),
        ("%EMAILADDRESS%", "<![CDATA[%EMAILADDRESS%]]>"),
        ("%EMAILADDRESS%", "%EMAILLOCALPART%@%EMAILDOMAIN%"),
        ("first.example.test", "first.%EMAILDOMAIN%"),
        ("</incomingServer>", f"{UNKNOWN}</incomingServer>"),
    ],
)  # fmt: skip
def test_a_server_that_is_written_oddly_is_read(old, new):
    assert lines(read(spoiled(old, new)))[0] == GOOD.replace("imap.example", "first.example")


def test_of_several_kinds_of_encryption_the_first_known_one_counts():
    both = element("socketType", "GSSAPI2", "plain", "SSL")
    report = read(config(incoming().replace(element("socketType", "SSL"), both), outgoing()))
    assert report.servers[0].server.socket_type is SocketType.PLAIN


@pytest.mark.parametrize(
    ("username", "filled"),
    [("%EMAILDOMAIN%", "example.test"), ("%EMAILLOCALPART%", "anna"), ("%EMAILLOCALPART%%EMAILLOCALPART%", "annaanna")],
)  # fmt: skip
def test_placeholders_in_a_user_name(username, filled):
    assert read(config(incoming(username=username), outgoing())).servers[0].server.username == filled


@pytest.mark.parametrize(
    ("host", "filled"),
    [
        ("%EMAILDOMAIN%", "example.test"),
        ("imap.%EMAILDOMAIN%", "imap.example.test"),
        ("%EMAILLOCALPART%.domain.test", "anna.domain.test"),
    ],
)
def test_placeholders_in_a_host_name(host, filled):
    assert read(config(incoming(host), outgoing())).servers[0].server.hostname == filled


def test_old_names_of_ways_to_log_in():
    several = element("authentication", "plain", "secure")
    old = incoming().replace(element("authentication", "password-cleartext"), several)
    assert read(config(old, outgoing())).servers[0].server.authentication == (
        PASSWORD,
        AuthenticationMethod.PASSWORD_ENCRYPTED,
    )


@pytest.mark.parametrize("word", ["none", "client-IP-address", "smtp-after-pop"])
def test_sending_without_a_log_in_needs_no_user_name(word):
    server = outgoing(username="").replace("password-cleartext", word)
    (sends,) = [found.server for found in read(config(incoming(), server)).servers if found.server.protocol == "smtp"]
    assert sends.username == ""
    assert sends.authentication in ((AuthenticationMethod.NONE,), (AuthenticationMethod.CLIENT_IP_ADDRESS,))


@pytest.mark.parametrize(
    ("days", "kept"),
    [("999", 999), ("14", 14), ("0", None), ("-1", None), ("abc", None), ("9" * 5000, None), ("", None)],
)
def test_days_on_the_server(days, kept):
    elements = element("leaveMessagesOnServer", "true") + element("daysToLeaveMessagesOnServer", days)
    extension = element("pop3", elements)
    pop = incoming("pop.example.test", 995, "pop3").replace("</incomingServer>", f"{extension}</incomingServer>")
    leave = read_autoconfig(config(pop, outgoing()), "x").leave
    assert leave.kind is (AfterDownload.KEEP if kept is None else AfterDownload.KEEP_DAYS)
    assert leave.days == kept


def test_four_ways_of_reading_keep_their_order():
    servers = [
        incoming(port=993),
        incoming(port=143, security="STARTTLS"),
        incoming(port=995, kind="pop3"),
        incoming(port=110, kind="pop3", security="STARTTLS"),
    ]
    read_ones = read(config(*servers, outgoing())).servers[:4]
    assert [(found.server.protocol, found.server.port) for found in read_ones] == [
        ("imap", 993),
        ("imap", 143),
        ("pop3", 995),
        ("pop3", 110),
    ]


def test_imap_on_the_port_of_pop3_is_taken_at_its_word(world):
    world.dns(MAIL_HOST, A=[MAIL])
    world.mail(MAIL, 995, MailServer(protocol="imap", certificate=[MAIL_HOST]))
    world.mail(MAIL, 465, MailServer(protocol="smtp", certificate=[MAIL_HOST]))
    serve_web(world, {AUTOCONFIG: Page(config(incoming(MAIL_HOST, 995), outgoing(MAIL_HOST)))})
    report = look_up(world, probe=False)
    assert (report.imap.server.port, report.imap.verified) == (995, True)


# --- documents


@pytest.mark.parametrize(
    "encoded",
    [
        config().decode().encode("utf-8-sig"),
        config().decode().replace("UTF-8", "UTF-16").encode("utf-16"),
        b"\xff\xfe" + config().decode().replace("UTF-8", "utf-16").encode("utf-16-le"),
        b"\xfe\xff" + config().decode().replace("UTF-8", "utf-16").encode("utf-16-be"),
        config(name="Poste ànna").decode().replace("UTF-8", "iso-8859-15").encode("iso-8859-15"),
        config(name="Poste “ànna”").decode().replace("UTF-8", "windows-1252").encode("windows-1252"),
        config().replace(b'<?xml version="1.0" encoding="UTF-8"?>\n', b""),
        config().replace(b"\n", b"\r\n"),
        config().replace(b"<clientConfig ", b'<clientConfig xmlns="https://example.test/ns" '),
        config().replace(b"<displayName>", b"<unknown/><identity/><displayName>"),
        config().replace(b"<emailProvider", b"<!-- none --><?php echo 1 ?><emailProvider"),
        config() + b"\n<!-- generated -->\n",
    ],
)
def test_a_document_in_any_writing_is_read(world, encoded):
    serve_web(world, {AUTOCONFIG: Page(encoded)})
    assert lines(by_source(look_up(world, probe=False))["autoconfig"]) == [GOOD, SENDS]


@pytest.mark.parametrize(
    "body",
    [
        b"this is no XML",
        config().replace(b"clientConfig", b"serverConfig"),
        config()[:-20],
        config()[:200],
        config().replace(b"</domain>", b""),
        config().replace(b"<domain>example.test</domain>", b""),
        config().replace(b"<domain>example.test</domain>", b"<domain>-invalid</domain>"),
        config().replace(b' id="example.test"', b""),
        config().replace(b' id="example.test"', b' id="-23"'),
        config().replace(b"UTF-8", b"no-such-encoding"),
        config().replace(b"UTF-8", b"rot13"),
        config().replace(b"UTF-8", b"utf-7"),
        config(incoming().replace("imap", "imap5"), outgoing(port="")),
        config(incoming("in valid")),
        config(outgoing(port="0")),
        b"<clientConfig version='1.1'/>",
        b"<clientConfig/><clientConfig/>",
        b"\x00" * 5000,
        b"\xff\xfe\x00",
    ],
)
def test_what_is_no_settings_is_malformed_and_hides_nothing(world, body):
    serve_mail(world)
    serve_web(world, {AUTOCONFIG: Page(body), WELL_KNOWN: good_file()})
    report = look_up(world, probe=False)
    answer = by_source(report)["autoconfig"]
    assert answer.outcome is Outcome.MALFORMED
    assert "autoconfig.example.test" in answer.detail
    assert report.imap.evidence.source is Source.WELL_KNOWN


def test_a_domain_that_is_only_a_placeholder_is_left_out_beside_a_good_one():
    body = config(domains=("example.test", "%EMAILDOMAIN%"))
    assert lines(read(body)) == [GOOD, SENDS]


# --- automx2


def test_a_server_that_knows_no_such_domain_is_nothing_and_one_that_wants_the_address_refused_the_question(world):
    def automx2(request):
        return Page("", status=204 if "emailaddress=" in request.url else 400)

    urls = (AUTOCONFIG, WELL_KNOWN, f"{ISPDB}{DOMAIN}", "https://autoconfig.hoster.test/mail/config-v1.1.xml")
    serve_web(world, dict.fromkeys(urls, automx2))
    world.dns(DOMAIN, MX=[(10, "mx.hoster.test")])
    answers = by_source(look_up(world, probe=False))
    for name in ("autoconfig", "well-known", "mx"):
        assert answers[name].outcome is Outcome.NOTHING, answers[name]
    assert answers["ispdb"].outcome is Outcome.REFUSED


# --- Autodiscover


def pox(*protocols, action="settings", extra=""):
    made = "".join(
        f"<Protocol><Type>{kind}</Type><Server>{MAIL_HOST}</Server><Port>{port}</Port>{more}</Protocol>"
        for kind, port, more in protocols
    )
    return Page(
        '<?xml version="1.0" encoding="utf-8"?><Autodiscover '
        'xmlns="http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006"><Response '
        'xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a">'
        f"<Account><AccountType>email</AccountType><Action>{action}</Action>{extra}{made}</Account></Response></Autodiscover>"
    )


def test_encryption_decides_over_ssl_on_live_servers(world):
    """A reader that looks at SSL alone takes these for unencrypted."""
    serve_mail(world, served=SERVED[3:])
    off = "<SSL>off</SSL><Encryption>TLS</Encryption>"
    serve_web(world, {AUTODISCOVER: pox(("IMAP", 143, off), ("POP3", 110, off), ("SMTP", 587, off))})
    report = look_up(world, probe=False)
    for found in (report.imap, report.pop3, report.smtp):
        assert (found.server.socket_type, found.verified) == (SocketType.STARTTLS, True)


def test_an_answer_that_refers_to_another_place_is_followed_within_the_domain(world):
    serve_mail(world)
    there = f"https://ex.{DOMAIN}/autodiscover/autodiscover.xml"
    refers = pox(action="redirectUrl", extra=element("RedirectUrl", there))
    serve_web(world, {AUTODISCOVER_AT_DOMAIN: refers, there: pox(("IMAP", 993, ""), ("SMTP", 465, ""))})
    report = look_up(world, probe=False)
    assert report.imap.evidence.url == there
    assert report.imap.verified is True


def test_exchange_that_wants_a_password_does_not_hide_the_database(world):
    serve_mail(world)
    serve_web(world, {AUTODISCOVER: Page("", status=401), f"{ISPDB}{DOMAIN}": good_file()})
    report = look_up(world, probe=False)
    assert report.imap.evidence.source is Source.ISPDB


# --- ways to log in


def methods_of(world, published, announced):
    """How to log in at a server that was published with some ways and announces others."""
    serve_mail(world, served=SERVED[:3], auth=announced)
    text = element("authentication", *published)
    servers = [
        server.replace(element("authentication", "password-cleartext"), text)
        for server in (incoming(MAIL_HOST), outgoing(MAIL_HOST))
    ]
    serve_web(world, {AUTOCONFIG: Page(config(*servers))})
    report = look_up(world, probe=False)
    return report, report.smtp.server.authentication


@pytest.mark.parametrize(
    ("published", "announced", "found"),
    [
        (["OAuth2", "password-cleartext"], ["PLAIN"], (PASSWORD,)),
        (["OAuth2", "password-cleartext"], ["XOAUTH2", "PLAIN"], (OAUTH2, PASSWORD)),
        (["OAuth2"], ["PLAIN", "LOGIN"], (PASSWORD,)),
        (["OAuth2"], ["XOAUTH2"], (OAUTH2,)),
    ],
)
def test_what_the_server_announces_decides_between_ways_to_log_in(world, published, announced, found):
    report, methods = methods_of(world, published, announced)
    assert methods == found
    assert ("oauth2_only" in [notice.code for notice in report.warnings]) is (found == (OAUTH2,))


def test_the_catalogue_keeps_its_word_about_ways_to_log_in(world, example, own, write):
    """A provider may announce passwords that no account can use any more: that is what its entry knows."""
    serve_mail(world, auth=["PLAIN", "LOGIN"])
    example["domains"] = {"guide": [DOMAIN]}
    for server in (*example["incoming"], *example["outgoing"]):
        server |= {"host": MAIL_HOST, "authentication": ["OAuth2"]}
    write(example)
    report = look_up(world, templates=own)
    assert (report.imap.verified, report.imap.evidence.source) == (True, Source.CATALOGUE)
    assert report.imap.server.authentication == report.smtp.server.authentication == (OAUTH2,)


# --- the DNS


def test_records_as_gmail_and_fastmail_have_them(world):
    serve_mail(world, served=(SERVED[0], SERVED[5]))
    world.dns(f"_imap._tcp.{DOMAIN}", SRV=[(0, 0, 0, ".")])
    world.dns(f"_imaps._tcp.{DOMAIN}", SRV=[(5, 0, 993, MAIL_HOST)])
    world.dns(f"_pop3._tcp.{DOMAIN}", SRV=[(0, 0, 0, ".")])
    world.dns(f"_pop3s._tcp.{DOMAIN}", SRV=[(0, 0, 0, ".")])
    world.dns(f"_submission._tcp.{DOMAIN}", SRV=[(5, 0, 587, MAIL_HOST)])
    world.dns(f"_jmap._tcp.{DOMAIN}", SRV=[(0, 1, 443, f"api.{DOMAIN}")])
    report = look_up(world)
    assert (report.imap.server.port, report.smtp.server.port, report.pop3) == (993, 587, None)
    assert report.imap.verified is True


def test_a_dot_that_comes_with_a_real_target_is_no_denial(world):
    serve_mail(world)
    publish_srv(world)
    world.dns(f"_imaps._tcp.{DOMAIN}", SRV=[(0, 0, 0, ".")])
    assert look_up(world).imap.verified is True


def test_a_domain_typed_with_a_final_dot_is_the_same(world):
    serve_mail(world)
    publish_srv(world)
    assert look_up(world, "anna@EXAMPLE.test.").imap.server.hostname == MAIL_HOST


def test_an_alias_at_the_autoconfig_host_counts_with_a_certificate_for_it(world):
    serve_mail(world)
    serve_web(world, {AUTOCONFIG: good_file()}, address="203.0.113.21")
    world.dns(f"conf.{DOMAIN}", CNAME="front.hoster.test")
    world.dns("front.hoster.test", A=["203.0.113.22"])
    world.web("203.0.113.22", {WELL_KNOWN: good_file()}, certificate=["front.hoster.test"])
    world.dns(DOMAIN, A=["203.0.113.22"])
    answers = by_source(look_up(world))
    assert answers["autoconfig"].outcome is Outcome.FOUND
    assert answers["well-known"].outcome in (Outcome.UNREACHABLE, Outcome.CANCELLED)  # the hoster's own name only


def test_an_alias_is_followed_to_the_host_and_the_name_stays_the_one_that_was_asked(world):
    serve_mail(world)
    world.dns(f"autoconfig.{DOMAIN}", CNAME="front.hoster.test")
    world.dns("front.hoster.test", A=["203.0.113.21"])
    world.web("203.0.113.21", {AUTOCONFIG: good_file()}, certificate=[f"autoconfig.{DOMAIN}"])
    report = look_up(world, probe=False)
    assert report.imap.evidence.trust is Trust.AUTHENTICATED
    assert report.needs_consent == ()


def test_a_domain_where_every_name_exists_proves_nothing(world):
    world.dns(
        f"*.{DOMAIN}", A=[MAIL], MX=[(10, f"x.{DOMAIN}")], TXT=["v=spf1 -all"], SRV=[(0, 0, 443, f"www.{DOMAIN}")]
    )
    world.dns(DOMAIN, A=[MAIL])
    world.web(MAIL, {f"https://{DOMAIN}/": Page("<html/>", "text/html")}, certificate=[f"*.{DOMAIN}", DOMAIN])
    for port, protocol, _security in SERVED[3:]:
        world.mail(MAIL, port, MailServer(protocol=protocol, security="plain"))
    report = look_up(world, allow_insecure=True)
    assert not [found for source in report.sources for found in source.servers if found.verified is True]


@pytest.mark.parametrize(
    ("host", "domain", "found"),
    [
        ("mx.more.subdomain.example.co.uk", "other.test", ["more.subdomain.example.co.uk", "example.co.uk"]),
        ("subdomain.example.co.uk", "other.test", ["example.co.uk"]),
        ("mx.example.co.uk", "example.co.uk", []),
        ("mx.example.co.uk", "co.uk", ["example.co.uk"]),
        ("co.uk", "other.test", []),
        ("many.subdomains.of.test.test", "other.test", ["subdomains.of.test.test", "test.test"]),
        ("mx1.user.github.io", "other.test", ["user.github.io"]),
    ],
)  # fmt: skip
def test_the_domains_behind_a_mail_exchanger(host, domain, found):
    assert [provider_domain.ascii for provider_domain in provider_domains([host], Domain(domain))] == found
