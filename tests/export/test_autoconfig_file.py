"""The autoconfig file: what two real clients make of it, by rules taken from their code, and what is refused."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from sample_accounts import (
    ADDRESSES,
    HOSTILE,
    KEEP,
    KEEP_3,
    MATRIX,
    OAUTH2,
    OAUTH2_AND_PASSWORD,
    PASSWORD,
    REMOVE,
    UNSAFE,
    legible,
    make,
)

from wizard.export.render import Refusal, render
from wizard.model.address import Hostname, parse_address
from wizard.model.servers import AuthenticationMethod, Protocol, SocketType, fill
from wizard.programs.autoconfig import read_autoconfig, survives_thunderbird, username_for


def xml_of(account) -> bytes:
    made = render("autoconfig", account)
    assert not isinstance(made, Refusal), made
    return made[0].content


def android_reads(content: bytes) -> dict[str, object]:
    """A port of the rules of Thunderbird for Android's reader: what it throws for rejects the whole file."""
    provider = ET.fromstring(content).find("emailProvider")
    assert provider is not None
    assert provider.get("id")
    assert provider.findall("domain")
    found: dict[str, object] = {}
    for element in provider:
        if element.tag not in ("incomingServer", "outgoingServer"):
            continue
        kind = element.get("type")
        if element.tag == "incomingServer" and kind != "imap":
            continue
        if element.tag == "outgoingServer" and kind != "smtp":
            continue
        host, port, user = element.findtext("hostname"), element.findtext("port"), element.findtext("username")
        if not host or not port or not user:
            raise ValueError("missing element")
        security = element.findtext("socketType")
        if security not in ("SSL", "STARTTLS"):
            raise ValueError(f"socketType {security}")
        methods = [method.text for method in element.findall("authentication")]
        usable = [method for method in methods if method in ("OAuth2", "password-cleartext", "password-encrypted")]
        if not usable:
            raise ValueError("authentication")
        found.setdefault(kind or "", (host, int(port), security, user, usable[0]))
    return found


@pytest.mark.parametrize("name", [name for name in MATRIX if name.startswith("imap")])
def test_thunderbird_for_android_reads_every_file_with_imap(name: str) -> None:
    account = MATRIX[name]
    read = android_reads(xml_of(account))
    for kind, server in (("imap", account.incoming), ("smtp", account.outgoing)):
        host, port, security, user, method = read[kind]
        assert (host, port, security) == (server.hostname, server.port, server.socket_type)
        assert fill(user, account.address) == server.username
        assert method == server.authentication[0]


@pytest.mark.parametrize("name", MATRIX)
def test_the_recommended_server_stands_first_and_the_policy_is_said(name: str) -> None:
    account = MATRIX[name]
    read = read_autoconfig(xml_of(account), "x")
    assert read.config.filled(account.address).incoming[0] == account.incoming
    assert account.leave is not None
    expected = account.leave.days if account.leave.days is not None or account.leave == REMOVE else 3650
    assert read.leave is not None
    assert read.leave.days == expected
    assert (read.leave == REMOVE) == (account.leave == REMOVE)


def test_messages_kept_for_good_get_a_step_that_says_what_to_untick() -> None:
    made = render("autoconfig", make(protocol=Protocol.POP3, leave=KEEP))
    assert any("untick" in step for step in made[0].install)
    made = render("autoconfig", make(protocol=Protocol.POP3, leave=KEEP_3))
    assert not any("untick" in step for step in made[0].install)


def test_the_file_is_utf_8_without_a_byte_order_mark_and_names_have_their_lengths() -> None:
    content = xml_of(make(provider="Ä" * 90))
    assert content.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n<clientConfig version="1.1">')
    provider = ET.fromstring(content).find("emailProvider")
    assert len(provider.findtext("displayName")) == 60
    assert len(provider.findtext("displayShortName")) == 20


def test_an_unencrypted_alternative_is_left_out_unless_the_account_is_unencrypted() -> None:
    from dataclasses import replace

    secure = make()
    plain = replace(secure.alternatives[0], socket_type=SocketType.PLAIN)
    assert b"plain<" not in xml_of(replace(secure, alternatives=(plain,), leave=secure.leave))
    unencrypted = make(security=SocketType.PLAIN)
    assert xml_of(unencrypted).count(b"<socketType>plain<") == 3


def test_no_policy_is_written_when_the_only_pop3_server_was_left_out() -> None:
    from dataclasses import replace

    account = make()
    plain = replace(account.alternatives[0], socket_type=SocketType.PLAIN)
    assert b"pop3" not in xml_of(replace(account, alternatives=(plain,)))


@pytest.mark.parametrize("methods", [OAUTH2_AND_PASSWORD, (AuthenticationMethod.TLS_CLIENT_CERT, *PASSWORD)])
def test_the_password_stands_beside_a_method_that_a_program_may_not_know(methods) -> None:
    root = ET.fromstring(xml_of(make(methods=methods)))
    for server in [*root.iter("incomingServer"), *root.iter("outgoingServer")]:
        assert server.findall("authentication")[-1].text == "password-cleartext"


def test_oauth2_alone_is_refused_for_a_server_whose_sign_in_page_thunderbird_does_not_know() -> None:
    made = render("autoconfig", make(methods=OAUTH2))
    assert isinstance(made, Refusal)
    assert "imap.example.org" in made.reason
    assert not isinstance(render("autoconfig", make("anna@outlook.com", methods=OAUTH2)), Refusal)


def test_a_domain_that_only_ends_like_a_known_one_is_not_known() -> None:
    assert isinstance(render("autoconfig", make("anna@notgmail.com", methods=OAUTH2)), Refusal)


@pytest.mark.parametrize(
    ("username", "read_as_it_is"),
    [
        ("anna", True),
        ("123456", True),
        ("0", True),
        ("true", True),
        ("DOM\\007", True),
        ("007", False),
        ("1e3", False),
        ("0x10", False),
        (".5", False),
        ("1.50", False),
        ("+7", False),
        ("TRUE", False),
        ("12345678901234567890", False),
        ("1_000", True),
    ],
)
def test_a_user_name_that_thunderbird_takes_for_a_number_is_refused(username: str, read_as_it_is: bool) -> None:
    assert survives_thunderbird(username) is read_as_it_is
    assert isinstance(render("autoconfig", make(username=username)), Refusal) is not read_as_it_is


def test_a_numeric_local_part_is_saved_by_its_placeholder() -> None:
    content = xml_of(make("0123456@example.org", username="0123456"))
    assert b"<username>%EMAILLOCALPART%</username>" in content


@pytest.mark.parametrize(
    "address", ["a%EMAILDOMAIN%b@example.org", "x%EMAILLOCALPART%@example.org", "x%REALNAME%@example.org"]
)
def test_an_address_with_a_placeholder_in_it_is_never_written_so_that_it_is_replaced_twice(address: str) -> None:
    made = render("autoconfig", make(address))
    assert isinstance(made, Refusal)
    assert username_for(address, parse_address(address)) is None


def test_an_address_with_two_at_signs_is_refused() -> None:
    assert isinstance(render("autoconfig", make('"a@b"@example.org')), Refusal)


@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_user_name_is_read_back_as_it_is_or_refused(value: str) -> None:
    made = render("autoconfig", make(username=value))
    if isinstance(made, Refusal):
        assert not survives_thunderbird(value) or "%EMAIL" in value or "%REALNAME%" in value or "\u200d" in value
        return
    read = read_autoconfig(made[0].content, "x").config.filled(parse_address("anna@example.org"))
    assert {server.username for server in (*read.incoming, *read.outgoing)} == {value}


@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_provider_name_is_read_back_as_it_is(value: str) -> None:
    root = ET.fromstring(xml_of(make(provider=value)))
    assert root.findtext("emailProvider/displayName") == (value if len(value) <= 60 else value[:59].rstrip() + "…")


@pytest.mark.parametrize("value", UNSAFE)
@pytest.mark.parametrize("where", ["username", "provider", "name"])
@pytest.mark.parametrize("format_id", ["autoconfig", "mobileconfig", "card"])
def test_a_value_with_a_control_character_is_refused_by_every_format(value: str, where: str, format_id: str) -> None:
    made = render(format_id, make(**{where: value}))
    assert isinstance(made, Refusal)
    assert made.reason.isprintable()


@pytest.mark.parametrize("format_id", ["autoconfig", "mobileconfig", "card"])
def test_an_empty_user_name_is_refused_where_somebody_logs_in(format_id: str) -> None:
    assert isinstance(render(format_id, make(username="")), Refusal)
    nobody = (AuthenticationMethod.NONE,)
    made = render(format_id, make(outgoing_methods=nobody, outgoing_username=""))
    assert not isinstance(made, Refusal), made


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_odd_address_is_read_back_or_refused(address: str) -> None:
    made = render("autoconfig", make(address))
    assert isinstance(made, Refusal) is ("%EMAIL" in address)


@given(legible(60, min_size=1))
def test_any_printable_user_name_is_read_back_or_refused(value: str) -> None:
    made = render("autoconfig", make(username=value))
    if not isinstance(made, Refusal):
        read = read_autoconfig(made[0].content, "x").config.filled(parse_address("anna@example.org"))
        assert read.incoming[0].username == value


def test_a_server_name_that_is_a_number_to_thunderbird_is_refused() -> None:
    from dataclasses import replace

    account = make()
    assert isinstance(
        render("autoconfig", replace(account, incoming=replace(account.incoming, hostname=Hostname("0x10")))), Refusal
    )
