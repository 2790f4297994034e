"""Autodiscover responses: what published files say, by MS-OXDSCLI and as servers really write them."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.model.address import parse_address
from wizard.model.problems import Problem
from wizard.model.servers import AuthenticationMethod, Protocol, SocketType
from wizard.programs.autodiscover import read_autodiscover
from wizard.programs.elements import SIZE_LIMIT

ANNA = parse_address("anna@example.org")

OUTLOOK = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"
RESPONSE = "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006"


def response(account: str, before: str = "") -> bytes:
    return f"""<?xml version="1.0" encoding="utf-8"?>
<Autodiscover xmlns="{RESPONSE}"><Response xmlns="{OUTLOOK}">{before}<Account>
<AccountType>email</AccountType>{account}</Account></Response></Autodiscover>""".encode()


def protocol(kind: str = "IMAP", server: str = "mail.example.org", **elements: str | int) -> str:
    inside = "".join(f"<{name}>{value}</{name}>" for name, value in elements.items())
    return f"<Protocol><Type>{kind}</Type><Server>{server}</Server>{inside}</Protocol>"


def read(account: str, address=ANNA):
    return read_autodiscover(response(account), "autodiscover.xml", address)


def only(account: str):
    found = read(account).account
    (server,) = found.incoming + found.outgoing
    return server


def test_a_usual_file_with_all_three_protocols():
    found = read(
        "<Action>settings</Action>"
        + protocol("IMAP", "imap.example.org", Port=993, LoginName="anna", DomainRequired="off", SPA="off", SSL="on")
        + protocol("POP3", "pop.example.org", Port=995, LoginName="anna@example.org", SSL="on", AuthRequired="on")
        + protocol("SMTP", "smtp.example.org", Port=587, SSL="off", Encryption="TLS", UsePOPAuth="on")
    )
    imap, pop3 = found.account.incoming
    (smtp,) = found.account.outgoing
    assert (imap.protocol, imap.hostname, imap.port, imap.username) == (Protocol.IMAP, "imap.example.org", 993, "anna")
    assert (pop3.protocol, pop3.port, pop3.username) == (Protocol.POP3, 995, "anna@example.org")
    assert (smtp.port, smtp.socket_type, smtp.username) == (587, SocketType.STARTTLS, "anna")
    assert imap.authentication == (AuthenticationMethod.PASSWORD_CLEARTEXT,)
    assert not found.exchange


@pytest.mark.parametrize(
    ("elements", "expected"),
    [
        ({"Port": 993}, ["SSL"]),
        ({"Port": 993, "SSL": "on"}, ["SSL"]),
        ({"Port": 993, "SSL": "off", "Encryption": "SSL"}, ["SSL"]),
        ({"Port": 143, "SSL": "on"}, ["STARTTLS"]),
        ({"Port": 143, "SSL": "off"}, ["STARTTLS", "plain"]),
        ({"Port": 143, "SSL": "off", "Encryption": "TLS"}, ["STARTTLS"]),
        ({"Port": 143, "SSL": "on", "Encryption": "tls"}, ["STARTTLS"]),
        ({"Port": 143, "SSL": "on", "Encryption": "None"}, ["plain"]),
        ({"Port": 143, "Encryption": "Auto", "SSL": "off"}, ["STARTTLS"]),
        ({"Port": 993, "Encryption": "Auto", "SSL": "off"}, ["SSL"]),
        ({"Port": 993, "SSL": "off"}, ["plain"]),
        ({"Port": 143, "Encryption": "SSL"}, ["SSL"]),
        *(({"Port": port, "SSL": "off", "Encryption": "TLS"}, ["SSL"]) for port in (993, 995, 465)),
        *(({"Port": port, "Encryption": "TLS"}, ["STARTTLS"]) for port in (25, 2525, 1143)),
        ({"Port": 1143, "SSL": "off"}, ["plain"]),
        ({"Port": 1993}, ["SSL"]),
        ({"Port": 143, "Encryption": "key-from-DNSSEC", "SSL": "on"}, ["STARTTLS"]),
    ],
)
def test_the_encryption_of_a_server(elements, expected):
    assert [server.socket_type.value for server in read(protocol(**elements)).account.incoming] == expected


@pytest.mark.parametrize(
    ("kind", "elements", "port"),
    [
        ("IMAP", {}, 993),
        ("POP3", {"SSL": "on"}, 995),
        ("SMTP", {"Encryption": "TLS"}, 587),
        ("SMTP", {"Encryption": "SSL"}, 465),
        ("IMAP", {"Encryption": "None"}, 143),
        ("POP3", {"SSL": "off"}, 110),
    ],
)
def test_a_missing_port_is_that_of_the_protocol_and_its_encryption(kind, elements, port):
    found = read(protocol(kind, **elements)).account
    assert {server.port for server in found.incoming + found.outgoing} == {port}


@pytest.mark.parametrize(
    ("elements", "username"),
    [
        ({}, "anna@example.org"),
        ({"LoginName": ""}, "anna@example.org"),
        ({"LoginName": "a.rossi"}, "a.rossi"),
        ({"LoginName": "a.rossi", "DomainRequired": "on"}, "a.rossi@example.org"),
        (
            {"LoginName": "a.rossi", "DomainRequired": "on", "DomainName": "mail.example.org"},
            "a.rossi@mail.example.org",
        ),
        ({"LoginName": "a.rossi", "DomainRequired": "on", "DomainName": "CORP"}, "CORP\\a.rossi"),
        ({"LoginName": "CORP\\a.rossi", "DomainRequired": "on"}, "CORP\\a.rossi"),
        ({"LoginName": "a.rossi", "DomainRequired": "off", "DomainName": "CORP"}, "a.rossi"),
        ({"LoginName": "%EMAILADDRESS%"}, "anna@example.org"),
        ({"LoginName": "%emaillocalpart%"}, "anna"),
        ({"LoginName": "%EMAILLOCALPART%@mail.%EMAILDOMAIN%"}, "anna@mail.example.org"),
        ({"LoginName": "%EMAILADDRESS%", "DomainRequired": "on"}, "anna@example.org"),
        ({"LoginName": "%EMAILLOCALPART%", "DomainRequired": "on"}, "anna@example.org"),
        ({"LoginName": "%EMAILLOCALPART%", "DomainRequired": "on", "DomainName": "%EMAILDOMAIN%"}, "anna@example.org"),
    ],
)
def test_the_user_name(elements, username):
    assert only(protocol(**elements)).username == username


def test_sending_takes_the_user_name_of_reading_only_where_it_says_so():
    pop = protocol("POP3", LoginName="box17")
    (server,) = read(protocol("SMTP", UsePOPAuth="on") + pop).account.outgoing
    (unsaid,) = read(protocol("SMTP") + pop).account.outgoing
    assert (server.username, unsaid.username) == ("box17", "anna@example.org")


@pytest.mark.parametrize(
    ("kind", "elements", "method"),
    [
        ("IMAP", {"SPA": "on"}, AuthenticationMethod.NTLM),
        ("IMAP", {"SPA": "off"}, AuthenticationMethod.PASSWORD_CLEARTEXT),
        ("IMAP", {}, AuthenticationMethod.PASSWORD_CLEARTEXT),
        ("IMAP", {"AuthRequired": "off"}, AuthenticationMethod.PASSWORD_CLEARTEXT),
        ("SMTP", {"AuthRequired": "off"}, AuthenticationMethod.NONE),
        ("SMTP", {"AuthRequired": "on"}, AuthenticationMethod.PASSWORD_CLEARTEXT),
    ],
)
def test_how_to_log_in(kind, elements, method):
    assert only(protocol(kind, **elements)).authentication == (method,)


def test_a_response_without_servers_is_legal():
    found = read("<Action>settings</Action>")
    assert found.account.incoming == found.account.outgoing == ()
    assert found.error == ""


def test_exchange_is_mentioned_and_not_read():
    found = read(protocol("EXCH", "exchange.example.org") + protocol("EXPR", "owa.example.org") + protocol("POP3"))
    assert found.exchange
    assert [server.protocol for server in found.account.incoming] == [Protocol.POP3]


def test_the_type_may_be_an_attribute_and_names_may_have_prefixes():
    content = f"""<a:Autodiscover xmlns:a="{RESPONSE}" xmlns:o="{OUTLOOK}"><o:Response><o:Account>
      <o:Protocol Type="IMAP"><o:Server>mail.example.org</o:Server></o:Protocol>
    </o:Account></o:Response></a:Autodiscover>""".encode()
    (found,) = read_autodiscover(content, "x", ANNA).account.incoming
    assert found.hostname == "mail.example.org"


@pytest.mark.parametrize(
    "bad",
    [
        protocol("IMAP", "192.0.2.1"),
        protocol("IMAP", "mail example.org"),
        protocol("IMAP", ""),
        protocol("IMAP", "mail.example.org", Port=0),
        protocol("IMAP", "mail.example.org", Port=99999),
        protocol("IMAP", "mail.example.org", Port="993x"),
        protocol("IMAP", "mail.example.org", LoginName="anna\u202e"),
    ],
)
def test_a_server_that_makes_no_sense_is_left_out_and_the_others_stay(bad):
    found = read(bad + protocol("POP3")).account
    assert [server.protocol for server in found.incoming] == [Protocol.POP3]
    (reason,) = found.skipped
    assert reason.startswith("line ")


def test_redirects_count_where_the_action_says_so_or_nothing_else_is_said():
    url = "<RedirectUrl>https://other.example.org/autodiscover/autodiscover.xml</RedirectUrl>"
    assert read(url).redirect_url == "https://other.example.org/autodiscover/autodiscover.xml"
    assert read("<Action>redirectUrl</Action>" + url).redirect_url is not None
    assert read("<Action>settings</Action>" + url).redirect_url is None
    found = read("<Action>redirectAddr</Action><RedirectAddr>anna@mail.example.org</RedirectAddr>")
    assert (found.redirect_address, found.redirect_url) == ("anna@mail.example.org", None)


def test_an_error_is_reported_in_a_printable_way():
    content = f"""<Autodiscover xmlns="{RESPONSE}"><Response><Error Time="1" Id="2"><ErrorCode>600</ErrorCode>
    <Message>Invalid\u202e Request</Message></Error></Response></Autodiscover>""".encode()
    assert read_autodiscover(content, "x", ANNA).error == "600 Invalid\N{REPLACEMENT CHARACTER} Request"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<clientConfig/>", "not an Autodiscover response"),
        (b"<Autodiscover/>", "not an Autodiscover response"),
        (b"not xml", "not valid XML"),
        (b"<Autodiscover><Response>", "not valid XML"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><Autodiscover/>', "document type"),
        (b"<a>" * 17 + b"</a>" * 17, "nested too deeply"),
        (b"<Autodiscover>" + b" " * SIZE_LIMIT + b"</Autodiscover>", "larger than 256 KiB"),
        (response(protocol() * 65), "more than 64 servers"),
    ],
)
def test_what_is_refused(content, words):
    with pytest.raises(Problem, match=words) as caught:
        read_autodiscover(content, "autodiscover.xml", ANNA)
    assert "autodiscover.xml" in str(caught.value)


@given(
    st.lists(
        st.sampled_from(
            ["<Protocol>", "</Protocol>", "<Type>", "</Type>", "IMAP", "<Server>", "</Server>", "a.b", "<Port>", "\x00"]
        ),
        max_size=30,
    )
)
def test_nothing_makes_the_reader_fail_otherwise(parts):
    with contextlib.suppress(Problem):
        read("".join(parts))
