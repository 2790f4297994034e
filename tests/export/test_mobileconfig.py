"""Profiles: Apple's schema, the identity that makes one replace another, and what they cannot say."""

from __future__ import annotations

import plistlib
from dataclasses import replace

import pytest
from apple_schema import Schema
from hypothesis import given
from sample_accounts import (
    ADDRESSES,
    HOSTILE,
    KEEP,
    KEEP_14,
    MATRIX,
    OAUTH2,
    OAUTH2_AND_PASSWORD,
    REMOVE,
    legible,
    make,
)

from wizard.export.render import Refusal, render
from wizard.language import activate
from wizard.model.address import Hostname, Port
from wizard.model.servers import AuthenticationMethod, Protocol, SocketType
from wizard.programs.mobileconfig import read_plist


def profile_of(account):
    made = render("mobileconfig", account)
    assert not isinstance(made, Refusal), made
    (file,) = made
    return plistlib.loads(file.content)


def account_of(account):
    return profile_of(account)["PayloadContent"][0]


@pytest.fixture(scope="session")
def apple(shared_data) -> Schema:
    return Schema(shared_data / "apple")


def test_every_exported_profile_passes_apples_schema(apple: Schema) -> None:
    seen = 0
    accounts = [
        *MATRIX.values(),
        *(make(name=value, username=value) for value in HOSTILE),
        *(make(address) for address in ADDRESSES),
        make(security=SocketType.PLAIN),
        make(name=""),
        make(outgoing_methods=(AuthenticationMethod.NONE,), outgoing_username=""),
    ]
    for account in accounts:
        made = render("mobileconfig", account)
        if not isinstance(made, Refusal):
            assert apple.errors(plistlib.loads(made[0].content)) == []
            seen += 1
    assert seen > 50


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda p: p["PayloadContent"][0].pop("EmailAccountType"), "EmailAccountType is missing"),
        (lambda p: p["PayloadContent"][0].update(SMIMEEnable=True), "unknown key SMIMEEnable"),
        (lambda p: p.update(PayloadVersion=1.0), "float instead of <integer>"),
        (lambda p: p["PayloadContent"][0].update(IncomingMailServerPortNumber="993"), "str instead of <integer>"),
        (lambda p: p["PayloadContent"][0].update(EmailAccountType="IMAP"), "is none of"),
        (lambda p: p.update(PayloadUUID=p["PayloadContent"][0]["PayloadUUID"]), "used more than once"),
    ],
)
def test_the_checker_itself_sees_what_is_wrong(apple: Schema, change, complaint: str) -> None:
    profile = profile_of(make())
    change(profile)
    assert any(complaint in error for error in apple.errors(profile)), apple.errors(profile)


def test_oauth2_alone_is_refused_with_what_to_do_instead() -> None:
    made = render("mobileconfig", make("anna@outlook.com", methods=OAUTH2))
    assert isinstance(made, Refusal)
    assert "settings of the device" in made.reason
    half = make(outgoing_methods=OAUTH2)
    assert isinstance(render("mobileconfig", half), Refusal)


def test_a_password_is_used_where_it_stands_beside_oauth2() -> None:
    account = account_of(make("anna@gmail.com", methods=OAUTH2_AND_PASSWORD))
    assert account["IncomingMailServerAuthentication"] == "EmailAuthPassword"


@pytest.mark.parametrize("name", [name for name in MATRIX if name.split("-")[2] != "oauth2"])
def test_every_value_of_the_account_is_in_the_profile(name: str) -> None:
    account = MATRIX[name]
    settings = account_of(account)
    assert settings["EmailAccountType"] == (
        "EmailTypePOP" if account.incoming.protocol is Protocol.POP3 else "EmailTypeIMAP"
    )
    for side, server in (("Incoming", account.incoming), ("Outgoing", account.outgoing)):
        assert settings[f"{side}MailServerHostName"] == server.hostname
        assert settings[f"{side}MailServerPortNumber"] == server.port
        assert settings[f"{side}MailServerUseSSL"] is True
        assert settings[f"{side}MailServerUsername"] == server.username
    assert settings["EmailAddress"] == str(account.address)
    assert settings["EmailAccountName"] == "Anna Rossi"
    assert settings["OutgoingPasswordSameAsIncomingPassword"] is True


def test_a_corrected_profile_replaces_the_old_one_and_updates_its_account() -> None:
    old, new = profile_of(make()), profile_of(make(domain="other.example", port=1993, name="Anna R.", username="anna"))
    assert old != new
    for where in (lambda p: p, lambda p: p["PayloadContent"][0]):
        assert where(old)["PayloadIdentifier"] == where(new)["PayloadIdentifier"]
        assert where(old)["PayloadUUID"] == where(new)["PayloadUUID"]


def test_the_identity_does_not_change_with_the_language() -> None:
    english = profile_of(make())
    activate("it")
    italian = profile_of(make())
    assert english["PayloadIdentifier"] == italian["PayloadIdentifier"]
    assert english["PayloadUUID"] == italian["PayloadUUID"]


def test_another_protocol_is_another_account_in_the_same_profile() -> None:
    imap, pop3 = profile_of(make()), profile_of(make(protocol=Protocol.POP3))
    assert imap["PayloadIdentifier"] == pop3["PayloadIdentifier"]
    assert imap["PayloadUUID"] == pop3["PayloadUUID"]
    assert imap["PayloadContent"][0]["PayloadUUID"] != pop3["PayloadContent"][0]["PayloadUUID"]


def test_two_mailboxes_never_share_an_identity() -> None:
    addresses = ["a+b@d.example", "a_b@d.example", "a.b@d.example", "A@d.example", "a@d.example", "a@e.example"]
    profiles = [profile_of(make(address)) for address in addresses]
    identities = [profile[key] for profile in profiles for key in ("PayloadIdentifier", "PayloadUUID")]
    identities += [profile["PayloadContent"][0]["PayloadUUID"] for profile in profiles]
    assert len(set(identities)) == 3 * len(addresses)


def test_the_identity_of_a_mailbox_is_what_it_always_was() -> None:
    profile = profile_of(make())
    assert profile["PayloadIdentifier"] == "org.example.mailsetup.a3bf8623"
    assert profile["PayloadUUID"] == "AE694E77-DB1A-5E94-A215-CFA80FF289F7"
    assert profile["PayloadContent"][0]["PayloadUUID"] == "A7144379-B3B7-5326-9CF6-6FCAC3946886"


@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_value_is_read_back_as_it_is(value: str) -> None:
    joined = "\u200d" in value
    settings = account_of(make(name=value, username="u" if joined else value, provider=value))
    assert settings["EmailAccountName"] == value
    assert joined or settings["IncomingMailServerUsername"] == value


@given(legible(60))
def test_any_printable_name_is_read_back_as_it_is(value: str) -> None:
    assert account_of(make(name=value)).get("EmailAccountName", "") == value


@pytest.mark.parametrize(
    ("port", "security"),
    [(993, SocketType.STARTTLS), (143, SocketType.SSL), (587, SocketType.SSL)],
)
def test_a_port_that_contradicts_the_security_is_refused(port: int, security: SocketType) -> None:
    assert isinstance(render("mobileconfig", make(port=port, security=security)), Refusal)


def test_an_unencrypted_account_says_so() -> None:
    settings = account_of(make(security=SocketType.PLAIN))
    assert settings["IncomingMailServerUseSSL"] is False


@pytest.mark.parametrize(("leave", "word"), [(KEEP, "Never"), (KEEP_14, "14 days"), (REMOVE, "backup")])
def test_the_steps_say_what_a_profile_cannot_say_about_pop3(leave, word: str) -> None:
    made = render("mobileconfig", make(protocol=Protocol.POP3, leave=leave))
    steps = [step for step in made[0].install if "cannot say how long" in step]
    assert len(steps) == 1
    assert word in steps[0]
    assert not any("cannot say how long" in step for step in render("mobileconfig", make())[0].install)


def test_a_missing_name_leaves_its_key_out() -> None:
    assert "EmailAccountName" not in account_of(make(name=""))


def test_a_host_name_that_is_empty_never_becomes_a_profile() -> None:
    from wizard.model.problems import Problem

    account = make()
    with pytest.raises(Problem, match="IncomingMailServerHostName"):
        render(
            "mobileconfig", replace(account, incoming=replace(account.incoming, hostname=Hostname(""), port=Port(1)))
        )


@pytest.mark.parametrize(
    ("inside", "complaint"),
    [
        ("<key>A</key><real>1</real>", "<real>"),
        ("<key>A</key><integer>1.0</integer>", "1.0"),
        ("<key>A</key><string>b</string><key>A</key><string>c</string>", "twice"),
        ("<key>A</key>", "shorter"),
        ("<string>b</string>", "shorter"),
        ("<string>A</string><string>b</string>", "missing"),
        ("<key>A</key><string>b<key>c</key></string>", "elements"),
        ("<key>A</key><true>no</true>", "<true>"),
        ("<key>A</key>b<string>b</string>", "text"),
        ("<key>A</key><array>b</array>", "text"),
        ("<key>A</key><date>2026-01-01T00:00:00Z</date>", "<date>"),
        ("<key>A", "mismatched tag"),
    ],
)
def test_what_a_profile_has_no_use_for_is_not_read_back(inside: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        read_plist(f'<plist version="1.0"><dict>{inside}</dict></plist>'.encode())


@pytest.mark.parametrize("content", ["<plist/>", "<dict/>", "<plist><array/></plist>", "<plist><dict/><dict/></plist>"])
def test_a_property_list_is_one_dictionary(content: str) -> None:
    with pytest.raises(ValueError, match="one dictionary"):
        read_plist(content.encode())


def test_a_profile_is_read_back_as_plistlib_reads_it() -> None:
    content = {"A": "<&>\u00e9", "B": "", "C": 1, "D": True, "E": [{"F": False}, "g", []], "H": {}}
    assert read_plist(plistlib.dumps(content)) == content
