"""Servers and accounts: what cannot be true cannot be made, and placeholders are filled once."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.model.address import AddressProblem, Domain, EmailAddress, Hostname, Port, parse_address
from wizard.model.problems import Problem
from wizard.model.servers import (
    PLACEHOLDERS,
    USUAL_PORTS,
    AfterDownload,
    AuthenticationMethod,
    ClientConfig,
    IncomingServer,
    LeavePolicy,
    MailAccount,
    OutgoingServer,
    Protocol,
    SocketType,
    check_template,
    fill,
    server,
)

ANNA = parse_address("anna@example.org")
ANNA_IDN = parse_address("Anna@bücher.de")
PASSWORD = AuthenticationMethod.PASSWORD_CLEARTEXT
OAUTH2 = AuthenticationMethod.OAUTH2


def make(protocol, host="mail.example.org", *, username="anna", authentication=(PASSWORD,), socket_type=SocketType.SSL):
    return server(
        protocol,
        hostname=Hostname(host),
        port=USUAL_PORTS[protocol, socket_type],
        socket_type=socket_type,
        username=username,
        authentication=authentication,
    )


def test_the_protocol_decides_the_class():
    assert isinstance(make(Protocol.IMAP), IncomingServer)
    assert isinstance(make(Protocol.POP3), IncomingServer)
    assert isinstance(make(Protocol.SMTP), OutgoingServer)


@pytest.mark.parametrize(
    ("kind", "protocol"),
    [(IncomingServer, Protocol.SMTP), (OutgoingServer, Protocol.IMAP), (OutgoingServer, Protocol.POP3)],
)
def test_a_server_of_the_wrong_class_cannot_be_made(kind, protocol):
    with pytest.raises(ValueError, match="protocol"):
        kind(
            protocol=protocol,
            hostname=Hostname("mail.example.org"),
            port=Port(993),
            socket_type=SocketType.SSL,
            username="anna",
            authentication=(PASSWORD,),
        )


def test_a_server_is_filled_in_host_and_user_name():
    filled = make(Protocol.IMAP, "imap.%EMAILDOMAIN%", username="%EMAILLOCALPART%").filled(ANNA)
    assert (filled.hostname, filled.username) == ("imap.example.org", "anna")
    assert isinstance(filled, IncomingServer)


def test_a_host_that_is_none_once_filled_is_refused():
    with pytest.raises(AddressProblem):
        make(Protocol.IMAP, "imap_%EMAILDOMAIN%").filled(ANNA)


def test_incoming_and_outgoing_user_names_may_differ():
    config = ClientConfig(
        "example.org",
        (ANNA.domain,),
        "Example",
        (make(Protocol.IMAP, username="%EMAILADDRESS%"),),
        (make(Protocol.SMTP, username="%EMAILLOCALPART%"),),
    ).filled(ANNA)
    assert config.incoming[0].username == "anna@example.org"
    assert config.outgoing[0].username == "anna"


def test_every_protocol_has_a_usual_port_for_every_security():
    assert set(USUAL_PORTS) == {(protocol, security) for protocol in Protocol for security in SocketType}


def test_a_plain_connection_is_not_secure():
    assert [make(Protocol.IMAP, socket_type=kind).secure for kind in SocketType] == [True, True, False]


@pytest.mark.parametrize(
    ("methods", "takes_password", "only_oauth2"),
    [
        ((PASSWORD,), True, False),
        ((OAUTH2, PASSWORD), True, False),
        ((OAUTH2,), False, True),
        ((AuthenticationMethod.GSSAPI,), False, False),
        ((), False, False),
    ],
)
def test_ways_to_log_in(methods, takes_password, only_oauth2):
    server = make(Protocol.IMAP, authentication=methods)
    assert (server.takes_password, server.only_oauth2) == (takes_password, only_oauth2)


@pytest.mark.parametrize("days", [1, 14, 3650])
def test_days_belong_to_a_policy_that_keeps_for_days(days):
    assert LeavePolicy(AfterDownload.KEEP_DAYS, days).days == days


@pytest.mark.parametrize(
    ("kind", "days"),
    [
        (AfterDownload.KEEP_DAYS, None),
        (AfterDownload.KEEP, 14),
        (AfterDownload.REMOVE, 14),
        (AfterDownload.KEEP_DAYS, 0),
        (AfterDownload.KEEP_DAYS, -1),
        (AfterDownload.KEEP_DAYS, 3651),
    ],
)
def test_a_policy_that_contradicts_itself_cannot_be_made(kind, days):
    with pytest.raises(ValueError, match="days"):
        LeavePolicy(kind, days)


KEEP = LeavePolicy(AfterDownload.KEEP_DAYS, 14)


def account(incoming=Protocol.IMAP, **changes):
    first = make(incoming) if isinstance(incoming, Protocol) else incoming
    given = {"address": ANNA, "display_name": "Anna", "incoming": first, "outgoing": make(Protocol.SMTP)}
    return MailAccount(**{**given, **changes})


def test_an_imap_account_has_no_leave_policy():
    assert account().leave is None
    with pytest.raises(ValueError, match="belongs to POP3"):
        account(leave=KEEP)


def test_a_pop3_account_needs_one():
    assert account(Protocol.POP3, leave=KEEP).has_pop3
    with pytest.raises(ValueError, match="needs a leave policy"):
        account(Protocol.POP3)


def test_pop3_as_an_alternative_needs_one_as_well():
    assert account(alternatives=(make(Protocol.POP3),), leave=KEEP).has_pop3
    with pytest.raises(ValueError, match="needs a leave policy"):
        account(alternatives=(make(Protocol.POP3),))


def test_an_account_is_only_oauth2_when_either_side_is():
    oauth2 = {"authentication": (OAUTH2,)}
    assert account(outgoing=make(Protocol.SMTP, **oauth2)).only_oauth2
    assert account(incoming=make(Protocol.IMAP, **oauth2)).only_oauth2
    assert not account().only_oauth2


def test_an_account_cannot_be_changed_in_place():
    with pytest.raises(FrozenInstanceError):
        account().display_name = "Eve"


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        ("%EMAILADDRESS%", "Anna@xn--bcher-kva.de"),
        ("%EMAILLOCALPART%", "Anna"),
        ("imap.%EMAILDOMAIN%", "imap.xn--bcher-kva.de"),
        ("%EMAILLOCALPART%.%EMAILDOMAIN%", "Anna.xn--bcher-kva.de"),
        ("%EMAILDOMAIN%\\%EMAILLOCALPART%", "xn--bcher-kva.de\\Anna"),
        ("imap.example.org", "imap.example.org"),
        ("%emaildomain%", "xn--bcher-kva.de"),
        ("%EmailLocalPart%", "Anna"),
        ("", ""),
    ],
)
def test_every_placeholder_is_filled(template, filled):
    assert fill(template, ANNA_IDN) == filled


@pytest.mark.parametrize("local", PLACEHOLDERS)
def test_a_local_part_that_looks_like_a_placeholder_stays_as_it_is(local):
    address = EmailAddress(local, Domain("example.org"))
    assert fill("%EMAILLOCALPART%", address) == local
    assert fill("%EMAILADDRESS%", address) == f"{local}@example.org"


def test_placeholders_do_not_grow_together_out_of_what_was_put_in():
    address = EmailAddress("%EMAIL", Domain("example.org"))
    assert fill("%EMAILLOCALPART%DOMAIN%", address) == "%EMAILDOMAIN%"


@given(
    st.lists(st.sampled_from([*PLACEHOLDERS, "%", "EMAIL", "x", "DOMAIN%"]), max_size=8), st.sampled_from(PLACEHOLDERS)
)
def test_as_much_is_put_in_as_there_are_placeholders(parts, local):
    # A domain that no local part and no template holds: it is counted.
    template = "|".join(parts)
    filled = fill(template, EmailAddress(local, Domain("q.example")))
    assert filled.count("q.example") == template.count("%EMAILDOMAIN%") + template.count("%EMAILADDRESS%")


@pytest.mark.parametrize("template", ["", "anna", "imap.%EMAILDOMAIN%", "100% %EMAILADDRESS%", "%EMAILLOCALPART%%40x"])
def test_a_template_with_known_placeholders_passes(template):
    check_template(template)


@pytest.mark.parametrize(
    "template", ["%EMAILADRESS%", "%USERNAME%", "%emaildomain%", "%EMAILDOMAIN", "%emaildomain", "x%REALNAME%y"]
)
def test_a_word_that_only_looks_like_a_placeholder_is_refused_and_the_real_ones_named(template):
    with pytest.raises(Problem) as caught:
        check_template(template)
    assert all(name in caught.value.text for name in PLACEHOLDERS)
