"""The world that other tests stand on does what it promises: asked with plain clients of the standard library."""

from __future__ import annotations

import contextlib
import gzip
import http.client
import imaplib
import json
import poplib
import smtplib
import socket
import ssl
import subprocess
import sys
import time

import dns.flags
import dns.message
import dns.query
import dns.rcode
import pytest

from tests.ground import ROOT
from tests.world import Login, MailServer, Page, World, wires

ADDRESS = "203.0.113.10"
ADDRESS_6 = "2001:db8::10"
NAME = "mail.example.test"
WAIT = 3
GREETINGS = {"imap": b"* OK", "pop3": b"+OK", "smtp": b"220 "}
STARTTLS = {"imap": b"a STARTTLS\r\n", "pop3": b"STLS\r\n", "smtp": b"STARTTLS\r\n"}
REFUSALS = {"imap": b"a NO", "pop3": b"-ERR", "smtp": b"454 "}


@pytest.fixture
def world():
    with World() as world:
        yield world


@pytest.fixture
def trusting(world):
    """A context that trusts the authority of the world."""
    return ssl.create_default_context(cafile=world.ca_file)


def ask(world, name, kind="A", transport=dns.query.udp, **options):
    host, port = world.resolver.split(":")
    return transport(dns.message.make_query(name, kind, **options), host, port=int(port), timeout=WAIT)


def values(answer):
    return [record.to_text() for rrset in answer.answer for record in rrset]


def dial(world, address=ADDRESS, port=993, timeout=WAIT):
    return socket.create_connection(world.route(address, port), timeout)


def serve(world, protocol="imap", security="SSL", **options):
    world.mail(ADDRESS, 993, MailServer(protocol=protocol, security=security, **options))


def get(world, trusting, path="/", port=443, host=NAME, method="GET", body=None):
    """What one request brings: the response of http.client, and its body."""
    wire = dial(world, port=port)
    connection = http.client.HTTPConnection(host, port)
    connection.sock = trusting.wrap_socket(wire, server_hostname=host) if trusting else wire
    with contextlib.closing(connection):
        connection.request(method, path, body)
        response = connection.getresponse()
        return response, response.read()


def received_until_silence(wire):
    received = b""
    with contextlib.suppress(TimeoutError):
        while data := wire.recv(4096):
            received += data
    return received


# DNS


def test_a_name_exists_when_anything_is_known_of_it_or_below_it(world):
    world.dns("_imaps._tcp.example.test", SRV=[(0, 1, 993, NAME)])

    assert ask(world, "example.test").rcode() == dns.rcode.NOERROR
    assert ask(world, NAME).rcode() == dns.rcode.NXDOMAIN
    assert ask(world, "test", transport=dns.query.tcp).rcode() == dns.rcode.NOERROR
    assert world.seen == [("dns", "example.test", "A"), ("dns", NAME, "A"), ("dns", "test", "A")]


@pytest.mark.parametrize(
    ("kind", "given", "expected"),
    [
        ("A", ["203.0.113.1", "203.0.113.2"], ["203.0.113.1", "203.0.113.2"]),
        ("AAAA", "2001:db8::1", ["2001:db8::1"]),
        ("MX", [(10, "mx.example.test")], ["10 mx.example.test."]),
        ("MX", [(0, ".")], ["0 ."]),
        ("SRV", [(0, 1, 993, NAME)], [f"0 1 993 {NAME}."]),
        ("SRV", [(0, 0, 0, "")], ["0 0 0 ."]),
        ("TXT", "v=spf1 -all", ['"v=spf1 -all"']),
        ("TXT", [b"\xff", "x" * 256], ['"\\255"', f'"{"x" * 255}" "x"']),
    ],
)
def test_every_type_of_record_is_given_as_simple_values(world, kind, given, expected):
    world.dns("Example.TEST.", **{kind: given})

    assert sorted(values(ask(world, "example.test", kind))) == sorted(expected)  # dnspython shuffles them


def test_an_alias_is_followed_and_a_wildcard_stands_for_what_does_not_exist(world):
    world.dns("www.example.test", CNAME="host.example.test")
    world.dns("host.example.test", A="203.0.113.1")
    world.dns("*.example.test", A="203.0.113.2")

    assert values(ask(world, "www.example.test")) == ["host.example.test.", "203.0.113.1"]
    assert values(ask(world, "anything.example.test")) == ["203.0.113.2"]
    assert ask(world, "below.host.example.test").rcode() == dns.rcode.NXDOMAIN


def test_an_answer_too_long_for_a_datagram_comes_over_tcp(world):
    world.dns("example.test", MX=[(number, f"mx{number}.example.test") for number in range(500)])

    assert ask(world, "example.test", "MX").flags & dns.flags.TC
    assert len(values(ask(world, "example.test", "MX", transport=dns.query.tcp))) == 500


@pytest.mark.parametrize(("behaviour", "code"), [("servfail", dns.rcode.SERVFAIL), ("refused", dns.rcode.REFUSED)])
def test_a_resolver_says_that_it_cannot_or_will_not(world, behaviour, code):
    world.dns_behaviour("example.test", behaviour)

    assert ask(world, "example.test").rcode() == code
    assert ask(world, "below.example.test").rcode() == dns.rcode.NXDOMAIN


@pytest.mark.parametrize("pattern", ["below.example.test", "*.example.test", "*.test", "*"])
def test_a_behaviour_is_that_of_a_name_or_of_all_below_a_domain(world, pattern):
    world.dns_behaviour(pattern, "truncated")

    truncated = ask(world, "below.example.test")

    assert truncated.flags & dns.flags.TC
    assert not ask(world, "below.example.test", transport=dns.query.tcp).flags & dns.flags.TC
    assert bool(ask(world, "test").flags & dns.flags.TC) == (pattern == "*")


@pytest.mark.parametrize("transport", [dns.query.udp, dns.query.tcp])
def test_a_silent_resolver_never_answers(world, transport):
    world.dns_behaviour("example.test", "silent")
    host, port = world.resolver.split(":")

    with pytest.raises(dns.exception.Timeout):
        transport(dns.message.make_query("example.test", "A"), host, port=int(port), timeout=0.2)

    assert world.seen == [("dns", "example.test", "A")]


def test_a_broken_answer_is_no_answer(world):
    world.dns_behaviour("garbage.test", "garbage")
    world.dns_behaviour("forged.test", "wrong-id")

    with pytest.raises(dns.exception.DNSException):
        ask(world, "garbage.test")
    with pytest.raises(dns.query.BadResponse):
        ask(world, "forged.test")


def test_a_resolver_vouches_only_for_what_it_validated_and_only_to_those_who_ask(world):
    world.dns("signed.test", A="203.0.113.1")
    world.dns("alias.signed.test", CNAME="plain.test")
    world.dns("plain.test", A="203.0.113.2")

    def vouched(name, **options):
        return bool(ask(world, name, **options).flags & dns.flags.AD)

    wanting = {"flags": dns.flags.RD | dns.flags.AD}
    assert not vouched("signed.test", **wanting)
    world.validated = True
    assert not vouched("signed.test")
    assert vouched("signed.test", **wanting)
    assert vouched("plain.test", want_dnssec=True)
    world.validated = {"signed.test"}
    assert vouched("signed.test", **wanting)
    assert not vouched("plain.test", **wanting)
    assert not vouched("alias.signed.test", **wanting)


def test_answers_take_the_time_they_are_given(world):
    world.dns_delay = 0.1
    for transport in (dns.query.udp, dns.query.tcp):
        started = time.monotonic()
        ask(world, "example.test", transport=transport)
        assert time.monotonic() - started >= 0.1


# connecting


def test_where_nobody_serves_connections_are_refused(world):
    serve(world)

    for address, port in [(ADDRESS, 143), ("203.0.113.11", 993), (ADDRESS_6, 993)]:
        with pytest.raises(ConnectionRefusedError):
            dial(world, address, port)

    assert world.dialled == [(ADDRESS, 143), ("203.0.113.11", 993), (ADDRESS_6, 993)]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows refuses where others drop")
@pytest.mark.parametrize("address", ["203.0.113.66", "2001:db8::66"])
def test_a_connection_to_a_host_that_swallows_packets_never_comes_about(world, address):
    world.swallow(address)

    for port in (443, 993):
        with pytest.raises(TimeoutError):
            dial(world, address, port, timeout=0.2)


def test_the_same_host_is_served_over_ipv4_and_ipv6(world):
    for address in (ADDRESS, ADDRESS_6):
        world.mail(address, 143, MailServer(protocol="imap", security="plain"))

        with dial(world, address, 143) as wire:
            assert wire.recv(4) == b"* OK"

    assert world.seen == [("mail", "imap", ADDRESS, 143, []), ("mail", "imap", ADDRESS_6, 143, [])]


# mail


@pytest.mark.parametrize("security", ["SSL", "STARTTLS"])
def test_an_imap_client_upgrades_logs_in_and_reads_the_inbox(world, trusting, security):
    serve(world, security=security, certificate=["localhost"], users={"anna": 'se"cret'}, messages=5)
    _, port = world.route(ADDRESS, 993)

    if security == "SSL":
        client = imaplib.IMAP4_SSL("localhost", port, ssl_context=trusting, timeout=WAIT)
    else:
        client = imaplib.IMAP4("localhost", port, timeout=WAIT)
        assert "LOGINDISABLED" in client.capabilities
        client.starttls(trusting)
    assert "AUTH=PLAIN" in client.capabilities
    with pytest.raises(imaplib.IMAP4.error, match="Invalid credentials"):
        client.login("anna", "wrong")
    with pytest.raises(imaplib.IMAP4.error, match="Invalid credentials"):
        client.authenticate("PLAIN", lambda _: b"\0anna\0wrong")
    assert client.login("anna", 'se"cret')[0] == "OK"
    assert client.select() == ("OK", [b"5"])
    assert client.status("INBOX", "(MESSAGES)")[1] == [b"INBOX (MESSAGES 5 UNSEEN 0 UIDNEXT 6)"]
    client.logout()

    assert world.logins == [
        Login("imap", ADDRESS, 993, "", "anna", False),
        Login("imap", ADDRESS, 993, "PLAIN", "anna", False),
        Login("imap", ADDRESS, 993, "", "anna", True),
    ]


@pytest.mark.parametrize("security", ["SSL", "STARTTLS"])
def test_a_pop3_client_upgrades_logs_in_and_counts(world, trusting, security):
    serve(world, "pop3", security, certificate=["localhost"], users={"anna": "secret"})
    _, port = world.route(ADDRESS, 993)

    if security == "SSL":
        client = poplib.POP3_SSL("localhost", port, context=trusting, timeout=WAIT)
    else:
        client = poplib.POP3("localhost", port, timeout=WAIT)
        assert "USER" not in client.capa()
        with pytest.raises(poplib.error_proto, match="without TLS"):
            client.user("anna")
        client.stls(trusting)
    assert client.capa()["SASL"] == ["PLAIN", "LOGIN"]
    client.user("anna")
    with pytest.raises(poplib.error_proto, match="AUTH"):
        client.pass_("wrong")
    client.user("anna")
    client.pass_("secret")
    assert client.stat() == (3, 3000)
    client.quit()

    assert [login.accepted for login in world.logins] == [False, True]


@pytest.mark.parametrize("security", ["SSL", "STARTTLS"])
@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_an_smtp_client_upgrades_logs_in_and_sends(world, trusting, security, mechanism):
    serve(world, "smtp", security, certificate=["localhost"], users={"anna": "secret"}, auth=[mechanism])
    _, port = world.route(ADDRESS, 993)

    if security == "SSL":
        client = smtplib.SMTP_SSL("localhost", port, "me.test", context=trusting, timeout=WAIT)
    else:
        client = smtplib.SMTP("localhost", port, "me.test", timeout=WAIT)
        client.ehlo()
        assert not client.has_extn("auth")
        client.starttls(context=trusting)
    with pytest.raises(smtplib.SMTPAuthenticationError):
        client.login("anna", "wrong")
    client.login("anna", "secret")
    client.sendmail("anna@example.test", "anna@example.test", "Subject: hello\r\n\r\nHello")
    client.quit()

    assert {login.mechanism for login in world.logins} == {mechanism}
    assert "Subject: hello" in world.mail_commands()


def test_a_mechanism_offered_for_its_name_lets_nobody_in(world, trusting):
    serve(world, auth=["XOAUTH2"], users={"anna": ""}, refusal="Get a new token")
    with trusting.wrap_socket(dial(world), server_hostname=NAME) as wire:
        wire.recv(100)
        wire.sendall(b"a AUTHENTICATE XOAUTH2 eA==\r\nb AUTHENTICATE PLAIN\r\nc AUTHENTICATE XOAUTH2 *\r\n")

        lines = b"".join(iter(lambda: wire.recv(1), b"c")).decode()

    assert "a NO [AUTHENTICATIONFAILED] Get a new token" in lines
    assert "b NO Not offered" in lines


@pytest.mark.parametrize("protocol", GREETINGS)
def test_commands_sent_before_the_greeting_are_answered_after_it(world, trusting, protocol):
    serve(world, protocol)
    commands = {"imap": b"a CAPABILITY\r\nb LOGOUT\r\n", "pop3": b"CAPA\r\nQUIT\r\n", "smtp": b"EHLO me\r\nQUIT\r\n"}

    with trusting.wrap_socket(dial(world), server_hostname=NAME) as wire:
        wire.sendall(commands[protocol])
        answer = b"".join(iter(lambda: wire.recv(4096), b""))

    assert answer.startswith(GREETINGS[protocol])
    assert b"PIPELINING" in answer or b"IMAP4rev1" in answer
    assert world.mail_commands() == commands[protocol].decode().split("\r\n")[:-1]


def test_greeting_and_capabilities_are_as_given_before_and_after_tls(world, trusting):
    serve(
        world,
        "smtp",
        "STARTTLS",
        greeting="220 \x1b[31mred",
        capabilities=["AUTH GSSAPI"],
        capabilities_before_tls=["HELP", "AUTH PLAIN"],
    )
    client = smtplib.SMTP(local_hostname="me.test", timeout=WAIT)
    client._host = NAME

    assert client.connect(*world.route(ADDRESS, 993)) == (220, b"\x1b[31mred")
    assert client.ehlo() == (250, b"world.test\nHELP\nAUTH PLAIN")
    client.docmd("STARTTLS")
    client.sock = trusting.wrap_socket(client.sock, server_hostname=NAME)
    client.file = client.sock.makefile("rb")
    assert client.ehlo() == (250, b"world.test\nAUTH GSSAPI")
    client.close()


@pytest.mark.parametrize(
    ("certificate", "reason"),
    [
        ("self-signed", "self-signed certificate"),
        ("expired", "certificate has expired"),
        ("not-yet-valid", "certificate is not yet valid"),
        ("unknown-ca", "unable to get local issuer certificate"),
        (["other.example.test"], "Hostname mismatch"),
    ],
)
def test_a_wrong_certificate_is_wrong_in_one_way(world, trusting, certificate, reason):
    serve(world, certificate=certificate)

    with dial(world) as wire, pytest.raises(ssl.SSLCertVerificationError) as failed:
        trusting.wrap_socket(wire, server_hostname=NAME)

    assert reason in failed.value.verify_message


@pytest.mark.parametrize(
    ("certificate", "names"), [(None, [NAME]), (["*.example.test", "b.test"], ["*.example.test", "b.test"])]
)
def test_a_good_certificate_has_the_names_given_or_the_name_asked_for(world, trusting, certificate, names):
    serve(world, certificate=certificate)

    with dial(world) as wire, trusting.wrap_socket(wire, server_hostname=NAME) as secured:
        assert [name for _, name in secured.getpeercert()["subjectAltName"]] == names


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_an_old_server_speaks_no_new_tls(world, trusting):
    serve(world, tls_versions=["TLSv1", "TLSv1.1"])

    with dial(world) as wire, pytest.raises(ssl.SSLError, match="PROTOCOL_VERSION"):
        trusting.wrap_socket(wire, server_hostname=NAME)
    trusting.minimum_version = ssl.TLSVersion.TLSv1
    trusting.set_ciphers("DEFAULT:@SECLEVEL=0")
    with dial(world) as wire, trusting.wrap_socket(wire, server_hostname=NAME) as secured:
        assert secured.version() == "TLSv1.1"


@pytest.mark.parametrize("protocol", GREETINGS)
def test_a_reset_comes_in_the_handshake_or_soon_where_there_is_none(world, trusting, protocol):
    serve(world, protocol, behaviour="reset")
    world.mail(ADDRESS, 143, MailServer(protocol=protocol, security="STARTTLS", behaviour="reset"))

    with dial(world) as wire, pytest.raises(ConnectionResetError):
        trusting.wrap_socket(wire, server_hostname=NAME)
    with dial(world, port=143) as wire, pytest.raises(ConnectionResetError):
        wire.recv(1)


@pytest.mark.parametrize("security", ["SSL", "STARTTLS", "plain"])
def test_a_server_closes_at_once(world, security):
    serve(world, security=security, behaviour="close")

    with dial(world) as wire:
        assert wire.recv(1) == b""


def test_a_silent_server_does_not_even_shake_hands_and_one_without_greeting_does(world, trusting):
    serve(world, behaviour="silent")
    world.mail(ADDRESS, 995, MailServer(protocol="pop3", behaviour="no_greeting"))

    with dial(world, timeout=0.2) as wire, pytest.raises(TimeoutError):
        trusting.wrap_socket(wire, server_hostname=NAME)
    with trusting.wrap_socket(dial(world, port=995), server_hostname=NAME) as wire:
        wire.settimeout(0.2)
        with pytest.raises(TimeoutError):
            wire.recv(1)


@pytest.mark.parametrize("protocol", GREETINGS)
def test_a_slow_server_sends_a_byte_a_second(world, trusting, protocol):
    serve(world, protocol, behaviour="slow")

    with trusting.wrap_socket(dial(world), server_hostname=NAME) as wire:
        assert wire.recv(100) == GREETINGS[protocol][:1]
        wire.settimeout(0.3)
        with pytest.raises(TimeoutError):
            wire.recv(1)


@pytest.mark.parametrize("protocol", GREETINGS)
@pytest.mark.parametrize(("behaviour", "lines"), [("endless_greeting", True), ("endless_line", False)])
def test_an_endless_greeting_has_lines_or_not_one(world, protocol, behaviour, lines):
    serve(world, protocol, "plain", behaviour=behaviour)

    with dial(world) as wire:
        received = b""
        while len(received) < 500_000:
            received += wire.recv(65536)

    assert received.startswith(GREETINGS[protocol][:3])
    assert (received.count(b"\r\n") > 1000) if lines else (b"\n" not in received)


@pytest.mark.parametrize(("protocol", "goodbye"), [("imap", b"* BYE "), ("pop3", b"-ERR "), ("smtp", b"421 ")])
def test_a_full_server_says_goodbye_and_closes(world, trusting, protocol, goodbye):
    serve(world, protocol, behaviour="greeting_bye")

    with trusting.wrap_socket(dial(world), server_hostname=NAME) as wire:
        received = b"".join(iter(lambda: wire.recv(4096), b""))

    assert received.startswith(goodbye)


def test_garbage_is_binary_and_a_web_server_on_a_mail_port_answers_a_command_in_http(world):
    serve(world, security="plain", behaviour="garbage")
    world.mail(ADDRESS, 143, MailServer(protocol="imap", security="plain", behaviour="web"))

    with dial(world) as wire:
        assert wire.recv(4096) == wires.GARBAGE
    with dial(world, port=143) as wire:
        wire.sendall(b"a CAPABILITY\r\n")
        assert wire.recv(4096).startswith(b"HTTP/1.1 400 Bad Request\r\n")


@pytest.mark.parametrize("protocol", GREETINGS)
def test_starttls_may_be_refused_although_it_was_offered(world, protocol):
    serve(world, protocol, "STARTTLS", behaviour="starttls_refused")

    with dial(world) as wire:
        wire.recv(4096)
        wire.sendall(STARTTLS[protocol])
        assert wire.recv(4096).startswith(REFUSALS[protocol])


@pytest.mark.parametrize("protocol", GREETINGS)
def test_injected_text_comes_in_the_packet_that_agrees_to_starttls(world, trusting, protocol):
    serve(world, protocol, "STARTTLS", behaviour="injection")

    with dial(world) as wire:
        wire.recv(4096)
        wire.sendall(STARTTLS[protocol])
        received = wire.recv(4096)
        assert received.count(b"\r\n") > 1
        with trusting.wrap_socket(wire, server_hostname=NAME) as secured:
            assert secured.version()


def test_the_handshake_after_starttls_may_fail(world, trusting):
    serve(world, security="STARTTLS", behaviour="starttls_broken")

    with dial(world) as wire:
        wire.recv(4096)
        wire.sendall(STARTTLS["imap"])
        wire.recv(4096)
        with pytest.raises(ssl.SSLError):
            trusting.wrap_socket(wire, server_hostname=NAME)


@pytest.mark.parametrize(
    "wrong",
    [
        {"protocol": "nntp"},
        {"protocol": "imap", "security": "TLS"},
        {"protocol": "imap", "behaviour": "sulking"},
        {"protocol": "imap", "certificate": "selfsigned"},
    ],
)
def test_a_misspelt_server_is_a_mistake_of_the_test(wrong):
    with pytest.raises(ValueError, match="one of"):
        MailServer(**wrong)


# web


def test_a_page_is_served_for_its_url_and_for_every_query(world, trusting):
    world.web(ADDRESS, {f"https://{NAME}/a": Page("a"), f"https://{NAME}/a?b=c%40d": Page("query", "text/plain")})

    response, body = get(world, trusting, "/a?b=c%40d")
    assert (response.status, response.headers["Content-Type"], body) == (200, "text/plain", b"query")
    assert get(world, trusting, "/a?other")[1] == b"a"
    assert get(world, trusting, "/b")[0].status == 404
    assert [entry[:3] for entry in world.seen][:1] == [("http", "GET", f"https://{NAME}/a?b=c%40d")]
    assert world.seen[0][3]["host"].startswith(NAME)


def test_one_address_serves_several_hosts_and_schemes_and_ports(world, trusting):
    world.web(ADDRESS, {"https://a.test/": Page("a")}, certificate=["a.test"])
    world.web(ADDRESS, {"https://b.test/": Page("b"), "http://b.test/": Page("plain")}, certificate=["b.test"])
    world.web(ADDRESS, {"https://b.test:8443/": Page("port")}, certificate=["b.test"])

    assert get(world, trusting, host="a.test")[1] == b"a"
    assert get(world, trusting, host="b.test")[1] == b"b"
    assert get(world, None, host="b.test", port=80)[1] == b"plain"
    assert get(world, trusting, host="b.test", port=8443)[1] == b"port"
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        get(world, trusting, host="c.test")


def test_a_page_may_redirect_or_be_made_from_the_request(world, trusting):
    pages = {
        f"https://{NAME}/old": Page(status=302, headers={"Location": f"https://{NAME}/new"}),
        f"https://{NAME}/new": lambda request: Page(request.body.upper()),
    }
    world.web(ADDRESS, pages)

    response, _ = get(world, trusting, "/old")
    assert (response.status, response.headers["Location"]) == (302, f"https://{NAME}/new")
    assert get(world, trusting, "/new", method="POST", body="hello")[1] == b"HELLO"
    assert world.seen[-1][-1] == b"hello"


def test_a_connection_is_used_again_and_head_has_no_body(world, trusting):
    world.web(ADDRESS, {f"https://{NAME}/": Page("body")})

    with trusting.wrap_socket(dial(world, port=443), server_hostname=NAME) as wire:
        for method in ("HEAD", "GET"):
            wire.sendall(f"{method} / HTTP/1.1\r\nHost: {NAME}\r\n\r\n".encode())
            received = wire.recv(4096)
            assert received.startswith(b"HTTP/1.1 200 OK\r\n")
            assert received.endswith(b"body") == (method == "GET")


def serve_page(world, behaviour, body="x" * 100):
    world.web(ADDRESS, {f"https://{NAME}/": Page(body, behaviour=behaviour)})


def test_a_little_body_unpacks_to_very_much(world, trusting):
    serve_page(world, "gzip_bomb")

    response, body = get(world, trusting)

    assert response.headers["Content-Encoding"] == "gzip"
    assert len(body) < 100_000
    assert len(gzip.decompress(body)) == 16 << 20


def test_a_body_without_end(world, trusting):
    serve_page(world, "endless")
    with trusting.wrap_socket(dial(world, port=443), server_hostname=NAME) as wire:
        wire.sendall(f"GET / HTTP/1.1\r\nHost: {NAME}\r\n\r\n".encode())
        received = b""
        while len(received) < 1_000_000:
            received += wire.recv(65536)

    assert b"Transfer-Encoding: chunked\r\n" in received


def test_headers_of_a_mebibyte(world, trusting):
    serve_page(world, "big_headers")
    with trusting.wrap_socket(dial(world, port=443), server_hostname=NAME) as wire:
        wire.sendall(f"GET / HTTP/1.1\r\nHost: {NAME}\r\nConnection: close\r\n\r\n".encode())
        received = b"".join(iter(lambda: wire.recv(65536), b""))

    assert received.index(b"\r\n\r\n") > 1_000_000


@pytest.mark.parametrize("behaviour", ["slow", "slow_body"])
def test_a_page_comes_a_byte_a_second(world, trusting, behaviour):
    serve_page(world, behaviour)
    with trusting.wrap_socket(dial(world, port=443), server_hostname=NAME) as wire:
        wire.sendall(f"GET / HTTP/1.1\r\nHost: {NAME}\r\n\r\n".encode())
        wire.settimeout(0.3)
        received = received_until_silence(wire)

    assert (received == b"H") if behaviour == "slow" else received.endswith(b"\r\n\r\nx")


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        ("reset", ConnectionResetError),
        ("silent", TimeoutError),
        ("garbage", http.client.BadStatusLine),
        ("cut_off", http.client.IncompleteRead),
    ],
)
def test_a_request_gets_no_whole_answer(world, trusting, behaviour, error):
    serve_page(world, behaviour)
    wire = trusting.wrap_socket(dial(world, port=443), server_hostname=NAME)
    wire.settimeout(0.3)
    connection = http.client.HTTPConnection(NAME)
    connection.sock = wire
    connection.request("GET", "/")

    with contextlib.closing(connection), pytest.raises(error):
        connection.getresponse().read()

    assert [entry[:3] for entry in world.seen] == [("http", "GET", f"https://{NAME}/")]


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [("reset", ConnectionResetError), ("silent", TimeoutError), ("close", OSError), ("plain", ssl.SSLError)],
)
def test_a_web_server_may_not_even_shake_hands(world, trusting, behaviour, error):
    world.web(ADDRESS, {}, behaviour=behaviour)

    with dial(world, port=443, timeout=0.3 if behaviour == "silent" else WAIT) as wire, pytest.raises(error):
        trusting.wrap_socket(wire, server_hostname=NAME)


# the world itself


def test_a_world_ends_at_once_with_everybody_still_connected(trusting):
    with World() as world:
        serve(world, behaviour="slow")
        world.mail(ADDRESS, 143, MailServer(protocol="imap", security="plain", behaviour="endless_line"))
        connected = [
            trusting.wrap_socket(dial(world), server_hostname=NAME),
            dial(world, port=143),
            dial(world, port=143),
        ]
        place = world.route(ADDRESS, 143)
        started = time.monotonic()

    assert time.monotonic() - started < 5  # the slow one alone would go on for longer
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(place, WAIT)
    for wire in connected:
        wire.close()


def test_a_mistake_in_a_page_fails_the_test(trusting):
    def mistaken(request):
        raise KeyError(request.url)

    world = World().__enter__()
    world.web(ADDRESS, {f"https://{NAME}/": mistaken})
    with pytest.raises(http.client.RemoteDisconnected):
        get(world, trusting)

    with pytest.raises(RuntimeError) as failed:
        world.__exit__(None)
    assert isinstance(failed.value.__cause__, KeyError)


def test_a_port_is_served_once(world):
    serve(world)

    with pytest.raises(ValueError, match="served already"):
        serve(world)


def test_a_scenario_is_served_on_its_real_addresses_by_a_process_of_its_own(tmp_path):
    with socket.socket() as one, socket.socket() as other:
        for free in (one, other):
            free.bind(("127.0.0.1", 0))
        port, dns_port = one.getsockname()[1], other.getsockname()[1]
    scenario = tmp_path / "scenario.py"
    scenario.write_text(
        "from tests.world import MailServer\n"
        f"DNS_ADDRESS, DNS_PORT = '127.0.0.1', {dns_port}\n"
        "def build(world):\n"
        "    world.dns('example.test', TXT=[b'hello'])\n"
        f"    world.mail('127.0.0.1', {port}, MailServer(protocol='imap', certificate=['{NAME}']))\n"
    )
    question = dns.message.make_query("example.test", "TXT")

    command = [sys.executable, "-m", "tests.world", str(scenario)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, text=True) as process:
        served = json.loads(process.stdout.readline())
        assert served["resolver"] == f"127.0.0.1:{dns_port}"
        assert dns.query.udp(question, "127.0.0.1", port=dns_port, timeout=WAIT).answer
        trusting = ssl.create_default_context(cafile=served["ca_file"])
        wire = socket.create_connection(("127.0.0.1", port), WAIT)
        with trusting.wrap_socket(wire, server_hostname=NAME) as secured:
            assert secured.recv(4) == b"* OK"
        process.stdin.close()
        told = json.loads(process.stdout.readline())

    assert told == {"seen": [["dns", "example.test", "TXT"], ["mail", "imap", "127.0.0.1", port, []]], "logins": []}
    assert process.returncode == 0
