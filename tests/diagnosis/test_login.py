"""Logging in to servers of our own: every mechanism, odd passwords, few tries, and no trace of the password."""

from __future__ import annotations

import asyncio
import base64
import copy
import io
import logging
import pickle
import traceback
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.diagnosis.situations import ADDRESS, EVERY, PERSON, steps, usual_port
from tests.world import MailServer
from wizard.diagnosis.login import message_to_oneself, next_attempt, other_username, usable_mechanisms
from wizard.model.address import parse_address
from wizard.model.diagnosis import LoginAttempt
from wizard.model.secret import Secret, without
from wizard.model.servers import Protocol, SocketType
from wizard.net.connect import Connection, connect
from wizard.net.conversation import Conversation, Ended
from wizard.net.failures import FailureKind
from wizard.net.login import Login, encode_cram_md5, encode_plain, quote_imap, smtp_words

SSL, STARTTLS, PLAIN = SocketType.SSL, SocketType.STARTTLS, SocketType.PLAIN
NAME = str(PERSON)
PASSWORD = "correct horse"
CANARY = "Kanari3nvogel-im-Käfig"
ODD = ['with "quotes" and \\backslash\\', "àèìòù €", "a{3}", " spaces around ", "tab\tinside", "%s ☃ 100%", "*", "("]


@pytest.fixture
def serve(world):
    """``serve(protocol, socket_type, **server)`` on the usual port of HOST; NAME and PASSWORD are let in."""

    def serve(protocol, socket_type=SSL, **server):
        server.setdefault("users", {NAME: PASSWORD})
        security = server.pop("security", socket_type)
        world.mail(
            ADDRESS, usual_port(protocol, socket_type), MailServer(protocol=protocol, security=security, **server)
        )

    return serve


def _mechanisms(world):
    return [(login.mechanism, login.username, login.accepted) for login in world.logins]


@pytest.mark.parametrize("protocol", Protocol)
@pytest.mark.parametrize("socket_type", [SSL, STARTTLS])
def test_the_right_password_opens(world, serve, climb, protocol, socket_type):
    serve(protocol, socket_type)
    seen = climb(protocol, socket_type, password=Secret(PASSWORD))
    assert seen.failure is None
    assert [(attempt.mechanism, attempt.accepted) for attempt in seen.logins] == [("PLAIN", True)]
    assert seen.messages == (None if protocol is Protocol.SMTP else 3)
    assert _mechanisms(world) == [("PLAIN", NAME, True)]


OFFERED = [
    (Protocol.IMAP, ("PLAIN",), {}, "PLAIN", "PLAIN"),
    (Protocol.IMAP, ("PLAIN",), {"initial_response": False}, "PLAIN", "PLAIN"),
    (Protocol.IMAP, (), {}, "LOGIN", ""),
    (Protocol.IMAP, ("CRAM-MD5",), {"capabilities": ["IMAP4rev1", "AUTH=CRAM-MD5", "LOGINDISABLED"]}, "CRAM-MD5", None),
    (Protocol.POP3, ("PLAIN",), {}, "PLAIN", "PLAIN"),
    (Protocol.POP3, (), {}, "USER", ""),
    (Protocol.POP3, ("CRAM-MD5",), {"capabilities": ["SASL CRAM-MD5"]}, "CRAM-MD5", None),
    (Protocol.SMTP, ("PLAIN",), {}, "PLAIN", "PLAIN"),
    (Protocol.SMTP, ("LOGIN",), {}, "LOGIN", "LOGIN"),
    (Protocol.SMTP, ("CRAM-MD5",), {}, "CRAM-MD5", None),
]


@pytest.mark.parametrize(("protocol", "auth", "more", "mechanism", "heard"), OFFERED)
@pytest.mark.parametrize("password", [PASSWORD, *ODD])
def test_every_mechanism_carries_every_password(world, serve, climb, protocol, auth, more, mechanism, heard, password):
    serve(protocol, auth=auth, users={NAME: password}, **more)
    seen = climb(protocol, password=Secret(password))
    assert [(attempt.mechanism, attempt.accepted) for attempt in seen.logins] == [(mechanism, True)], seen.logins
    assert _mechanisms(world) == [(mechanism if heard is None else heard, NAME, True)]


@pytest.mark.parametrize("protocol", Protocol)
@pytest.mark.parametrize("auth", [("PLAIN",), ("LOGIN",), ()])
def test_names_beyond_ascii_go_as_utf8(world, serve, climb, protocol, auth):
    name = 'Jörg "J" Müller'
    serve(protocol, auth=auth, users={name: PASSWORD})
    seen = climb(protocol, username=name, password=Secret(PASSWORD))
    if protocol is Protocol.SMTP and not auth:
        assert seen.failure == "login_impossible"
    else:
        assert world.logins[0].username == name
        assert seen.logins[0].accepted


def test_a_line_end_in_a_password_is_no_command(world, serve, climb):
    evil = "x\r\nDELE 1"
    serve(Protocol.POP3, auth=(), users={NAME: evil})
    seen = climb(Protocol.POP3, password=Secret(evil))
    assert seen.failure == "login_impossible"
    assert not any("DELE" in command for command in world.mail_commands())


def test_a_line_end_in_a_password_goes_as_a_literal(serve, climb):
    serve(Protocol.IMAP, auth=(), users={NAME: "two\r\nlines"})
    assert climb(Protocol.IMAP, password=Secret("two\r\nlines")).logins[0].accepted


def test_without_tls_the_mechanism_that_hides_the_password_comes_first(world, serve, climb):
    serve(Protocol.IMAP, PLAIN, auth=("PLAIN", "CRAM-MD5"))
    seen = climb(Protocol.IMAP, PLAIN, password=Secret(PASSWORD), allow_insecure=True)
    assert seen.logins[0].mechanism == "CRAM-MD5"
    assert seen.logins[0].accepted
    assert PASSWORD.encode() not in world.wire


@pytest.mark.parametrize(
    ("protocol", "code", "text"),
    [
        (Protocol.IMAP, "AUTHENTICATIONFAILED", "Invalid credentials"),
        (Protocol.POP3, "AUTH", "Invalid credentials"),
        (Protocol.SMTP, "535 5.7.8", "Invalid credentials"),
    ],
)
def test_a_refusal_is_quoted_with_its_code(serve, climb, protocol, code, text):
    serve(protocol)
    seen = climb(protocol, password=Secret("wrong"))
    assert seen.failure == "login_refused"
    assert (seen.logins[0].accepted, seen.logins[0].code, seen.logins[0].text) == (False, code, text)
    assert steps(seen)[-1] == "login failed"


@pytest.mark.parametrize("protocol", Protocol)
def test_the_other_form_of_the_name_is_the_second_and_last_try(world, serve, climb, protocol):
    serve(protocol, users={"anna": PASSWORD})
    seen = climb(protocol, password=Secret(PASSWORD))
    assert [(attempt.username, attempt.accepted) for attempt in seen.logins] == [(NAME, False), ("anna", True)]
    assert seen.failure == "login_refused"  # that of the settings
    assert len(world.logins) == 2


@pytest.mark.parametrize("protocol", Protocol)
def test_no_server_is_tried_more_than_twice(world, serve, climb, protocol):
    serve(protocol, users={})
    seen = climb(protocol, password=Secret("wrong"))
    assert len(seen.logins) == 2
    assert len(world.logins) == 2


def test_two_targets_on_one_server_share_its_tries(world, serve):
    from wizard.diagnosis.diagnose import observe
    from wizard.diagnosis.options import CheckOptions
    from wizard.model.diagnosis import Target

    serve(Protocol.IMAP, users={})
    target = Target(protocol=Protocol.IMAP, host="mail.example.test", port=993, socket_type=SSL, username=NAME)
    options = CheckOptions(address=PERSON, password=Secret("wrong"))
    asyncio.run(observe([target, target, target], options, world.network()))
    assert len(world.logins) == 2


@pytest.mark.parametrize(
    "refusal",
    [
        "NO [ALERT] Application-specific password required: https://support.example.test/apps",
        "NO [UNAVAILABLE] Try again later",
        "NO [LIMIT] Too many",
        "NO [AUTHENTICATIONFAILED] Please see http://help.example.test/",
        "* BYE [UNAVAILABLE] Going down",
    ],
)
def test_where_the_server_says_something_else_there_is_one_try(world, serve, climb, refusal):
    serve(Protocol.IMAP, users={}, refused_with=refusal)
    seen = climb(password=Secret("wrong"))
    assert len(world.logins) == 1
    assert seen.logins[0].text


def test_another_mechanism_is_tried_where_the_first_is_not_taken(world, serve, climb):
    serve(Protocol.SMTP, auth=("LOGIN",), capabilities=["AUTH PLAIN LOGIN"])
    seen = climb(Protocol.SMTP, password=Secret(PASSWORD))
    assert [(attempt.mechanism, attempt.code, attempt.accepted) for attempt in seen.logins] == [
        ("PLAIN", "504 5.5.4", False),
        ("LOGIN", "235 2.7.0", True),
    ]
    assert seen.failure is None


@pytest.mark.parametrize("protocol", [Protocol.IMAP, Protocol.SMTP])
def test_oauth2_is_recognised_and_not_done(world, serve, climb, protocol):
    serve(protocol, auth=("XOAUTH2", "OAUTHBEARER"))
    seen = climb(protocol, password=Secret(PASSWORD))
    assert seen.failure == "login_impossible"
    assert "XOAUTH2" in seen.detail
    assert not world.logins


def test_an_inbox_that_does_not_open_is_told(serve, climb):
    serve(Protocol.IMAP, answers={"EXAMINE": "NO [SERVERBUG] Mailbox is corrupt"})
    seen = climb(password=Secret(PASSWORD))
    assert (seen.failure, seen.extra["mailbox"]) == ("mailbox_refused", "NO [SERVERBUG] Mailbox is corrupt")
    assert steps(seen)[-2:] == ["login ok", "mailbox failed"]


def test_the_quota_is_told_where_the_server_says_it(serve, climb):
    serve(Protocol.IMAP, quota=(1000, 1024))
    seen = climb(password=Secret(PASSWORD))
    assert (seen.extra["quota_used"], seen.extra["quota_limit"]) == ("1000", "1024")
    assert seen.messages == 3


def test_nothing_is_sent_unless_asked(world, serve, climb):
    serve(Protocol.SMTP)
    seen = climb(Protocol.SMTP, password=Secret(PASSWORD))
    assert seen.sent is None
    assert not any(command.startswith(("MAIL", "RCPT", "DATA")) for command in world.mail_commands())


def test_the_message_goes_to_oneself_and_to_nobody_else(world, serve, climb):
    serve(Protocol.SMTP, STARTTLS)
    seen = climb(Protocol.SMTP, STARTTLS, password=Secret(PASSWORD), send_test=True)
    assert seen.sent.accepted
    commands = world.mail_commands()
    assert [line for line in commands if line.startswith("RCPT")] == [f"RCPT TO:<{NAME}>"]
    assert [line for line in commands if line.startswith("MAIL")] == [f"MAIL FROM:<{NAME}>"]
    assert f"To: {NAME}" in commands
    assert not [line for line in commands if line.startswith(("Cc:", "Bcc:"))]


@pytest.mark.parametrize(
    ("answers", "command", "code"),
    [
        ({"MAIL": "553 5.7.1 Sender address rejected: not owned by user"}, "MAIL", "553 5.7.1"),
        ({"RCPT": "554 5.7.1 Relay access denied"}, "RCPT", "554 5.7.1"),
        ({"DATA": "452 4.2.2 Mailbox full"}, "DATA", "452 4.2.2"),
    ],
)
def test_a_message_that_is_refused_says_where(serve, climb, answers, command, code):
    serve(Protocol.SMTP, answers=answers)
    seen = climb(Protocol.SMTP, password=Secret(PASSWORD), send_test=True)
    assert (seen.failure, seen.sent.mechanism, seen.sent.code) == ("message_refused", command, code)


def test_the_message_is_ascii_with_the_headers_that_machines_want():
    message = message_to_oneself(PERSON)
    assert message.isascii()
    head = message.split(b"\r\n\r\n")[0].decode()
    for header in ("From: anna@example.test", "To: anna@example.test", "Date: ", "Auto-Submitted: auto-generated"):
        assert header in head
    assert max(map(len, message.split(b"\r\n"))) < 999
    assert "jörg@example.test" in message_to_oneself(parse_address("jörg@example.test")).decode()


# What must never be seen


@pytest.mark.parametrize(("protocol", "socket_type"), EVERY)
@pytest.mark.parametrize("auth", [("PLAIN",), ("LOGIN",), ("CRAM-MD5",), ()])
@pytest.mark.parametrize("users", [{NAME: CANARY}, {}, {"anna": CANARY}], ids=["right", "wrong", "other name"])
def test_the_canary_is_in_nothing_that_is_kept_and_travels_encrypted_only(
    world, serve, climb, caplog, capfd, protocol, socket_type, auth, users
):
    caplog.set_level(logging.DEBUG)
    refused = {"imap": "NO", "pop3": "-ERR", "smtp": "535"}[protocol]
    serve(protocol, socket_type, auth=auth, users=users, refused_with=f"{refused} no {{password}} in {{command}}")
    shown = []
    seen = climb(protocol, socket_type, password=Secret(CANARY), on_rung=lambda *rung: shown.append(rung))
    kept = repr(seen) + repr(shown) + caplog.text + "".join(capfd.readouterr())
    _no_canary(kept)
    assert not _forms() & {form for form in _forms() if form in bytes(world.wire)}
    if socket_type is PLAIN:
        assert not world.logins
    elif not (protocol is Protocol.SMTP and not auth):
        assert world.logins, seen


def _forms() -> set[bytes]:
    plain = base64.b64encode(f"\0{NAME}\0{CANARY}".encode())
    short = base64.b64encode(f"\0anna\0{CANARY}".encode())
    return {CANARY.encode(), base64.b64encode(CANARY.encode()), plain, short}


def _no_canary(kept: str) -> None:
    for form in _forms():
        assert form.decode() not in kept
    assert CANARY[:8] not in kept


@pytest.mark.parametrize("protocol", Protocol)
@pytest.mark.parametrize("where", ["EXAMINE", "STAT", "MAIL", "RCPT", "CAPABILITY"])
def test_a_server_that_repeats_the_password_later_is_not_quoted(serve, climb, protocol, where):
    words = {"imap": f"NO {CANARY}", "pop3": f"-ERR {CANARY}", "smtp": f"554 5.7.1 {CANARY}"}[protocol]
    serve(protocol, users={NAME: CANARY}, answers={where: words})
    _no_canary(repr(climb(protocol, password=Secret(CANARY), send_test=True)))


@pytest.mark.parametrize("protocol", Protocol)
@pytest.mark.parametrize("behaviour", ["cut off", "silent"])
def test_no_traceback_shows_the_password_not_even_with_the_variables_of_every_frame(protocol, behaviour):
    """Without TLS, where the most is in the frames, and with a server that repeats it."""
    errors = asyncio.run(_failing_logins(protocol, behaviour))
    assert errors
    for error in errors:
        shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
        _no_canary(shown)
        out = io.StringIO()
        traceback.print_exception(error, file=out)
        _no_canary(out.getvalue() + repr(error) + str(error))


async def _failing_logins(protocol, behaviour):
    import socket

    errors = []
    for mechanism in ("PLAIN", "LOGIN", "USER", "CRAM-MD5"):
        own, peer = socket.socketpair()
        own.setblocking(False)
        with peer, Conversation(Connection(own, "192.0.2.1", "mail.example.test", 1)) as talk:
            talk.begin("login")
            peer.sendall(_echo(protocol))
            if behaviour == "cut off":
                peer.shutdown(socket.SHUT_WR)
            login = Login(talk, protocol, initial_response=True, in_clear=True)
            try:
                async with asyncio.timeout(0.2):
                    await login.attempt(mechanism, NAME, Secret(CANARY))
            except (Ended, OSError) as error:
                errors.append(error)
                failure = talk.failure(error)
                _no_canary(repr(failure))
    return errors


def _echo(protocol) -> bytes:
    """Prompts for all that can be asked, then the password in half a line."""
    prompt = {"imap": "+ ", "pop3": "+ ", "smtp": "334 "}[protocol] + "PDE4OTZAd29ybGQ+"
    return f"{prompt}\r\n{prompt}\r\nyou said {CANARY}".encode()


def test_outside_tls_a_secret_is_refused_by_the_conversation_itself(world, serve):
    serve(Protocol.IMAP, PLAIN)

    async def run():
        connection = await connect(world.network(), "mail.example.test", 143)
        with Conversation(connection) as talk:
            with pytest.raises(Ended) as ended:
                await Login(talk, Protocol.IMAP).attempt("LOGIN", NAME, Secret(CANARY))
            return ended.value.kind

    assert asyncio.run(run()) is FailureKind.NOT_TLS
    assert CANARY.encode() not in world.wire


def test_a_secret_shows_stars_and_is_neither_copied_nor_pickled():
    secret = Secret(CANARY)
    assert {repr(secret), str(secret), f"{secret}", f"{secret:>3}", f"{secret!r}"} == {"***"}
    for doing in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError) as refused:
            doing(secret)
        assert CANARY not in str(refused.value)
    with secret:
        assert secret.reveal().decode() == CANARY
    assert secret.reveal() == b""


def test_a_secret_without_utf8_is_an_error_that_does_not_show_it():
    with pytest.raises(ValueError, match="no UTF-8") as refused:
        Secret(CANARY + "\ud812")
    shown = "".join(traceback.format_exception(refused.value))
    assert CANARY not in shown


def test_what_the_password_was_made_into_is_wiped_and_the_password_is_not(serve, climb, monkeypatch):
    wiped = []
    original = Secret.wipe
    monkeypatch.setattr(Secret, "wipe", lambda self: (wiped.append(len(self)), original(self))[1])
    serve(Protocol.IMAP, auth=())
    password = Secret(PASSWORD)
    climb(password=password)
    assert len(wiped) >= 2
    assert password.reveal().decode() == PASSWORD


@given(st.text(min_size=4, max_size=40), st.text(max_size=30), st.text(max_size=30))
def test_a_secret_is_taken_out_of_any_text(password, before, after):
    password = password.encode("utf-8", "ignore").decode()
    if len(password) < 4 or password in before + "***" + after:
        return
    cleaned = without(before + password + after, (Secret(password),))
    assert password not in cleaned or "***" in cleaned


def test_a_secret_that_was_cut_at_the_end_is_taken_out_too():
    assert without("you said Kanari3nv…", (Secret(CANARY),)) == "you said ***"


# The pure parts


def test_plain_is_that_of_the_rfc():
    assert encode_plain("tim", Secret("tanstaaftanstaaf")).reveal() == base64.b64encode(b"\0tim\0tanstaaftanstaaf")


def test_cram_md5_is_that_of_the_rfc():
    """RFC 2195 section 2."""
    challenge = b"<1896.697170952@postoffice.reston.mci.net>"
    answer = encode_cram_md5("tim", Secret("tanstaaftanstaaf"), challenge)
    assert answer.reveal() == b"dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw"


@given(st.text(st.characters(codec="ascii", exclude_categories=["Cc"])))
def test_a_quoted_string_reads_back(text):
    quoted = quote_imap(Secret(text)).reveal().decode()
    assert quoted[0] == quoted[-1] == '"'
    body, plain = quoted[1:-1], []
    while body:
        step = 2 if body[0] == "\\" else 1
        plain.append(body[step - 1])
        body = body[step:]
    assert "".join(plain) == text


@pytest.mark.parametrize(
    ("protocol", "capabilities", "encrypted", "expected"),
    [
        (Protocol.IMAP, ("IMAP4rev1", "AUTH=PLAIN", "AUTH=CRAM-MD5"), True, ("PLAIN", "LOGIN", "CRAM-MD5")),
        (Protocol.IMAP, ("IMAP4rev1", "AUTH=PLAIN", "AUTH=CRAM-MD5"), False, ("CRAM-MD5", "LOGIN", "PLAIN")),
        (Protocol.IMAP, ("IMAP4rev1", "AUTH=XOAUTH2"), True, ()),
        (Protocol.IMAP, ("IMAP4rev1", "LOGINDISABLED"), True, ()),
        (Protocol.POP3, (), True, ("USER",)),
        (Protocol.POP3, ("SASL PLAIN",), True, ("PLAIN",)),
        (Protocol.SMTP, ("AUTH=LOGIN PLAIN",), True, ("PLAIN", "LOGIN")),
        (Protocol.SMTP, (), True, ()),
    ],
)
def test_the_mechanisms_that_are_used(protocol, capabilities, encrypted, expected):
    assert usable_mechanisms(protocol, capabilities, encrypted=encrypted) == expected


def test_the_other_form_of_a_name():
    assert other_username(NAME, PERSON) == "anna"
    assert other_username("anna", PERSON) == NAME
    assert other_username(NAME.upper(), PERSON) == "anna"
    assert other_username("someone", PERSON) == NAME


def test_an_enhanced_code_is_told_once():
    lines = ["5.7.8 Username and Password not accepted. Learn", "5.7.8 more at https://example.test"]
    assert smtp_words(535, lines) == (
        "535 5.7.8",
        "Username and Password not accepted. Learn more at https://example.test",
    )
    assert smtp_words(454, ["Busy"]) == ("454", "Busy")


REFUSED = LoginAttempt(mechanism="PLAIN", username="anna", accepted=False)


@pytest.mark.parametrize(
    "code",
    [*("NO", "no", "-ERR", "AUTHENTICATIONFAILED", "AUTH"), *("535", "535 5.7.0", "535 5.7.3", "535 5.7.8")],
)
def test_after_a_wrong_name_or_password_the_other_form_of_the_name_is_tried(code):
    attempt = replace(REFUSED, code=code, text="No.")
    assert next_attempt(Protocol.IMAP, attempt, "anna", ("PLAIN", "LOGIN"), PERSON) == ("PLAIN", NAME)


@pytest.mark.parametrize("code", ["BAD", "bad", "CANNOT", "500", "501", "504", "504 5.5.4", "501 5.5.2"])
def test_after_a_mechanism_that_is_not_taken_the_next_one_is_tried_with_the_same_name(code):
    attempt = replace(REFUSED, code=code)
    every = ("PLAIN", "LOGIN", "CRAM-MD5")
    assert next_attempt(Protocol.IMAP, attempt, "anna", every, PERSON) == ("CRAM-MD5", "anna")  # another method
    assert next_attempt(Protocol.IMAP, attempt, "anna", ("PLAIN", "LOGIN"), PERSON) == ("LOGIN", "anna")
    assert next_attempt(Protocol.IMAP, attempt, "anna", ("LOGIN", "PLAIN"), PERSON) == (None, "anna")


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("NO", "Please log in via your web browser: HTTPS://example.org/"),
        ("535", "5.7.8 see http://example.org/"),
        *((code, "") for code in ("UNAVAILABLE", "ALERT", "LIMIT", "INUSE", "EXPIRED", "SYS/TEMP", "LOGIN-DELAY")),
        *((code, "") for code in ("421", "454 4.7.0", "534 5.7.9", "535 5.7.139", "538 5.7.11", "550", "BYE", "")),
    ],
)
def test_a_server_that_says_something_else_is_not_tried_again(code, text):
    attempt = replace(REFUSED, code=code, text=text)
    assert next_attempt(Protocol.IMAP, attempt, "anna", ("PLAIN", "LOGIN"), PERSON) == (None, "anna")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mailbox is locked by POP server", (None, "anna")),
        ("La password è scaduta", (None, "anna")),
        ("AUTHENTICATE mechanism not supported, mate", ("LOGIN", "anna")),
        ("Benutzername oder Passwort falsch", ("PLAIN", NAME)),
        ("Nothing that anybody knows", ("PLAIN", NAME)),
    ],
)
def test_what_the_words_speak_of_decides_on_a_second_attempt(text, expected):
    attempt = replace(REFUSED, code="NO", text=text)
    assert next_attempt(Protocol.IMAP, attempt, "anna", ("PLAIN", "LOGIN"), PERSON) == expected


@pytest.mark.parametrize(
    ("capabilities", "expected"),
    [
        (("IMAP4rev1",), ("LOGIN",)),
        (("IMAP4rev1", "AUTH=PLAIN", "LOGINDISABLED"), ("PLAIN",)),
        (("IMAP4rev1", "AUTH=LOGIN", "LOGINDISABLED"), ()),
        (("IMAP4rev1", "AUTH=LOGIN"), ("LOGIN",)),
    ],
)
def test_the_command_login_of_imap_is_used_unless_it_is_disabled(capabilities, expected):
    assert usable_mechanisms(Protocol.IMAP, capabilities, encrypted=True) == expected
