"""Single lines of mail servers, friendly and hostile ones."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.model.servers import AuthenticationMethod, Protocol, SocketType
from wizard.model.text import has_controls
from wizard.net.failures import FailureKind
from wizard.net.responses import (
    MAX_CAPABILITIES,
    Greeting,
    Rejection,
    login_methods,
    mechanisms,
    offers_starttls,
    parse_greeting,
    parse_imap_capabilities,
    parse_reply_line,
    unstuff_pop3_line,
)

CLEARTEXT = AuthenticationMethod.PASSWORD_CLEARTEXT
ENCRYPTED = AuthenticationMethod.PASSWORD_ENCRYPTED
OAUTH2 = AuthenticationMethod.OAUTH2

# Half of them begin as real lines do, so that what comes after the beginning is reached.
BEGINNINGS = (
    "* OK [CAPABILITY ",
    "* CAPABILITY ",
    "* BYE ",
    "+OK ",
    "-ERR ",
    "220 ",
    "220-",
    "554 ",
    "HTTP/1.1 ",
    "c OK ",
)
LINES = st.builds(str.__add__, st.sampled_from(("", "", "", *BEGINNINGS)), st.text(max_size=200))
CAPABILITIES = st.lists(
    st.one_of(
        st.text(max_size=20),
        st.sampled_from(
            [
                "AUTH=PLAIN",
                "AUTH=",
                "AUTH",
                "SASL",
                "SASL PLAIN",
                "USER",
                "LOGINDISABLED",
                "AUTH=XOAUTH2",
                "AUTH GSSAPI NTLM",
            ]
        ),
    ),
    max_size=8,
).map(tuple)


@pytest.mark.parametrize(
    ("protocol", "line", "text"),
    [
        (Protocol.IMAP, "* OK Dovecot ready.", "Dovecot ready."),
        (Protocol.IMAP, "* ok ready", "ready"),
        (Protocol.IMAP, "* OK", ""),
        (Protocol.POP3, "+OK Dovecot ready. <1.2@host>", "Dovecot ready. <1.2@host>"),
        (Protocol.POP3, "+OK", ""),
        (Protocol.SMTP, "220 mx.example.org ESMTP Postfix", "mx.example.org ESMTP Postfix"),
        (Protocol.SMTP, "220", ""),
    ],
)
def test_a_greeting_is_its_text(protocol, line, text):
    assert parse_greeting(protocol, line) == Greeting(text)


def test_a_greeting_of_imap_may_name_the_capabilities():
    greeting = parse_greeting(Protocol.IMAP, "* OK [CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN] Hello")
    assert isinstance(greeting, Greeting)
    assert greeting.capabilities == ("IMAP4rev1", "STARTTLS", "AUTH=PLAIN")


def test_preauth_means_that_one_is_logged_in():
    greeting = parse_greeting(Protocol.IMAP, "* PREAUTH Hello anna")
    assert isinstance(greeting, Greeting)
    assert greeting.logged_in


def test_a_greeting_of_smtp_may_have_more_lines():
    greeting = parse_greeting(Protocol.SMTP, "220-mx.example.org says a lot")
    assert isinstance(greeting, Greeting)
    assert greeting.more


@pytest.mark.parametrize(
    ("protocol", "line", "detail"),
    [
        (Protocol.IMAP, "* BYE Too many connections", "Too many connections"),
        (Protocol.POP3, "-ERR [SYS/TEMP] Later, please", "[SYS/TEMP] Later, please"),
        (Protocol.POP3, "-ERR", ""),
        (Protocol.SMTP, "421 4.7.0 Try again", "421 4.7.0 Try again"),
        (Protocol.SMTP, "554 You are listed", "554 You are listed"),
    ],
)
def test_a_server_that_does_not_want_to_talk_is_heard(protocol, line, detail):
    assert parse_greeting(protocol, line) == Rejection(FailureKind.SERVER_SAYS_NO, detail)


@pytest.mark.parametrize(
    ("protocol", "line", "detail"),
    [
        (Protocol.IMAP, "220 mx.example.org ESMTP", "SMTP: 220 mx.example.org ESMTP"),
        (Protocol.IMAP, "+OK ready", "POP3: +OK ready"),
        (Protocol.IMAP, "HTTP/1.1 400 Bad Request", "HTTP: HTTP/1.1 400 Bad Request"),
        (Protocol.IMAP, "* OKAY", "* OKAY"),
        (Protocol.POP3, "* OK IMAP4rev1", "IMAP: * OK IMAP4rev1"),
        (Protocol.POP3, "<html>", "HTTP: <html>"),
        (Protocol.POP3, "+OKAY", "+OKAY"),
        (Protocol.SMTP, "SSH-2.0-OpenSSH_9.6", "SSH: SSH-2.0-OpenSSH_9.6"),
        (Protocol.SMTP, "+OK", "POP3: +OK"),
        (Protocol.SMTP, "200 news.example.org InterNetNews", "200 news.example.org InterNetNews"),
        (Protocol.SMTP, "2200 no", "2200 no"),
        (Protocol.SMTP, "", ""),
    ],
)
def test_another_protocol_is_named_with_its_words(protocol, line, detail):
    assert parse_greeting(protocol, line) == Rejection(FailureKind.WRONG_PROTOCOL, detail)


def test_escape_sequences_of_a_banner_never_reach_the_terminal():
    greeting = parse_greeting(Protocol.IMAP, "* OK \x1b]8;;http://evil\x07click\u202e")
    assert isinstance(greeting, Greeting)
    assert not has_controls(greeting.text)
    assert "click" in greeting.text


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("* CAPABILITY IMAP4rev1 IDLE", ("IMAP4rev1", "IDLE")),
        ("* capability imap4rev1", ("imap4rev1",)),
        ("c OK [CAPABILITY IMAP4rev2] done", ("IMAP4rev2",)),
        ("* CAPABILITY ", ()),
        ("* OK nothing of the kind", None),
        ("* CAPABILITYX IMAP4rev1", None),
    ],
)
def test_capabilities_of_imap(line, expected):
    assert parse_imap_capabilities(line) == expected


def test_not_more_capabilities_than_a_server_can_have():
    listed = parse_imap_capabilities("* CAPABILITY " + "A " * 4000)
    assert listed is not None
    assert len(listed) == MAX_CAPABILITIES


def test_lines_of_a_pop3_list_lose_their_stuffing_and_a_dot_ends_it():
    assert unstuff_pop3_line("..X") == ".X"
    assert unstuff_pop3_line("SASL PLAIN ") == "SASL PLAIN"
    assert unstuff_pop3_line(".") is None


@pytest.mark.parametrize(
    ("line", "code", "more", "text"),
    [
        ("250-PIPELINING", 250, True, "PIPELINING"),
        ("250 AUTH PLAIN", 250, False, "AUTH PLAIN"),
        ("250", 250, False, ""),
        ("502 5.5.1 Unknown", 502, False, "5.5.1 Unknown"),
    ],
)
def test_lines_of_an_smtp_reply(line, code, more, text):
    reply = parse_reply_line(line)
    assert reply is not None
    assert (reply.code, reply.more, reply.text) == (code, more, text)


@pytest.mark.parametrize("line", ["", "25", "250x", "650 no", "two hundred", "٢٢٠ digits of others"])
def test_what_is_no_smtp_reply(line):
    assert parse_reply_line(line) is None


@pytest.mark.parametrize(
    ("protocol", "capabilities", "offered"),
    [
        (Protocol.IMAP, ("IMAP4rev1", "starttls"), True),
        (Protocol.IMAP, ("IMAP4rev1", "XSTARTTLS"), False),
        (Protocol.POP3, ("STLS",), True),
        (Protocol.POP3, ("STARTTLS",), False),
        (Protocol.SMTP, ("STARTTLS",), True),
        (Protocol.SMTP, ("", "SIZE 1"), False),
    ],
)
def test_whether_the_upgrade_is_offered(protocol, capabilities, offered):
    assert offers_starttls(protocol, capabilities) is offered


@pytest.mark.parametrize(
    ("protocol", "capabilities", "expected"),
    [
        (Protocol.IMAP, ("IMAP4rev1", "AUTH=PLAIN", "auth=login"), (CLEARTEXT,)),
        (Protocol.IMAP, ("IMAP4rev1",), (CLEARTEXT,)),  # the LOGIN command
        (Protocol.IMAP, ("IMAP4rev1", "LOGINDISABLED"), ()),
        (Protocol.IMAP, ("IMAP4rev1", "LOGINDISABLED", "AUTH=XOAUTH2"), (OAUTH2,)),
        (Protocol.IMAP, ("IMAP4rev1", "AUTH=XOAUTH2", "AUTH=OAUTHBEARER"), (OAUTH2,)),
        (Protocol.IMAP, ("AUTH=XOAUTH2", "AUTH=PLAIN"), (CLEARTEXT, OAUTH2)),
        (Protocol.IMAP, ("AUTH=SCRAM-SHA-256-PLUS", "AUTH=XOAUTH2"), (ENCRYPTED, OAUTH2)),
        (Protocol.IMAP, ("AUTH=XOAUTH2", "AUTH=GSSAPI"), (AuthenticationMethod.GSSAPI, OAUTH2)),
        (Protocol.IMAP, ("AUTH=EXTERNAL",), (AuthenticationMethod.TLS_CLIENT_CERT,)),
        (Protocol.IMAP, (), ()),  # nothing known
        (Protocol.POP3, ("TOP", "USER", "SASL CRAM-MD5"), (CLEARTEXT, ENCRYPTED)),
        (Protocol.POP3, ("TOP", "SASL XOAUTH2"), (OAUTH2,)),
        (Protocol.POP3, ("TOP", "SASL"), ()),  # passwords only after STLS
        (Protocol.POP3, ("TOP", "UIDL"), (CLEARTEXT,)),
        (Protocol.POP3, (), (CLEARTEXT,)),  # no CAPA
        (
            Protocol.SMTP,
            ("AUTH GSSAPI NTLM LOGIN",),
            (CLEARTEXT, AuthenticationMethod.GSSAPI, AuthenticationMethod.NTLM),
        ),
        (Protocol.SMTP, ("AUTH=LOGIN DIGEST-MD5",), (CLEARTEXT, ENCRYPTED)),
        (Protocol.SMTP, ("AUTH PLAIN", "AUTH=PLAIN"), (CLEARTEXT,)),
        (Protocol.SMTP, ("SIZE 1", "AUTHX PLAIN"), ()),
        (Protocol.SMTP, ("AUTH X-UNHEARD-OF",), ()),
    ],
)
def test_how_to_log_in(protocol, capabilities, expected):
    assert login_methods(protocol, capabilities, SocketType.SSL) == expected


def test_without_tls_the_encrypted_password_comes_first():
    capabilities = ("AUTH=PLAIN", "AUTH=CRAM-MD5")
    assert login_methods(Protocol.IMAP, capabilities, SocketType.PLAIN) == (ENCRYPTED, CLEARTEXT)
    assert login_methods(Protocol.IMAP, capabilities, SocketType.STARTTLS) == (CLEARTEXT, ENCRYPTED)


@given(st.sampled_from(Protocol), LINES)
def test_every_line_gives_a_printable_greeting_or_a_refusal(protocol, line):
    found = parse_greeting(protocol, line)
    if isinstance(found, Greeting):
        shown = [found.text, *(found.capabilities or ())]
    else:
        assert found.kind in (FailureKind.WRONG_PROTOCOL, FailureKind.SERVER_SAYS_NO)
        shown = [found.detail]
    assert not any(has_controls(text) for text in shown)
    assert all(len(text) <= 310 for text in shown)


@given(LINES)
def test_every_line_of_an_answer_is_read_or_refused(line):
    listed = parse_imap_capabilities(line)
    assert listed is None or (len(listed) <= MAX_CAPABILITIES and not any(has_controls(text) for text in listed))
    stripped = unstuff_pop3_line(line)
    assert stripped is None or not has_controls(stripped)
    reply = parse_reply_line(line)
    assert reply is None or (200 <= reply.code < 600 and not has_controls(reply.text))


@given(st.sampled_from(Protocol), CAPABILITIES, st.sampled_from(SocketType))
def test_oauth2_is_never_first_unless_it_is_alone(protocol, capabilities, socket_type):
    methods = login_methods(protocol, capabilities, socket_type)
    assert len(set(methods)) == len(methods)
    assert methods[:1] != (OAUTH2,) or methods == (OAUTH2,)
    assert isinstance(offers_starttls(protocol, capabilities), bool)
    assert "" not in mechanisms(protocol, capabilities)


@pytest.mark.parametrize(
    "line", ["* OK [CAPABILITY " * 480, "[CAPABILITY " * 680, "* OK [" + " " * 8000, "220" + "-" * 8000]
)
def test_no_line_takes_long(line):
    begun = time.process_time()
    for protocol in Protocol:
        parse_greeting(protocol, line)
    parse_imap_capabilities(line)
    assert time.process_time() - begun < 0.5  # some 2 ms; hundreds where a pattern goes back for every beginning
