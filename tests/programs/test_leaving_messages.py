"""How long POP3 leaves messages: what each format says of it is read as its program reads it, at every bound."""

from __future__ import annotations

import pytest
from sample_accounts import KEEP, KEEP_14, REMOVE, make

from wizard.export.registry import formats
from wizard.export.render import Refusal, render
from wizard.model.address import parse_address
from wizard.model.servers import AfterDownload, LeavePolicy, Protocol
from wizard.programs.autoconfig import read_autoconfig, username_for
from wizard.programs.getmail import read_getmail
from wizard.programs.neomutt import read_neomutt
from wizard.programs.prf import read_prf
from wizard.programs.userjs import read_userjs


def days(count: int) -> LeavePolicy:
    return LeavePolicy(AfterDownload.KEEP_DAYS, count)


GETMAIL = "[retriever]\ntype = SimplePOP3SSLRetriever\nserver = pop.example.org\nusername = anna\n[options]\n"


@pytest.mark.parametrize(
    ("options", "policy"),
    [
        ("", KEEP),
        ("delete = true", REMOVE),
        ("delete = false", KEEP),
        ("delete = false\ndelete_after = 14", KEEP_14),
        ("delete_after = 1", days(1)),
        ("delete_after = 3650", days(3650)),
        ("delete_after = 0", KEEP),
        ("delete_after = 3651", KEEP),
        ("delete_after = 00014", KEEP),
        ("delete_after = ٣", KEEP),
        ("delete_after = 1.5", KEEP),
        ("delete_after = " + "1" * 5000, KEEP),
    ],
)
def test_getmail(options: str, policy: LeavePolicy) -> None:
    assert read_getmail((GETMAIL + options).encode(), "getmailrc").accounts[0].leave == policy


@pytest.mark.parametrize(
    ("variables", "policy"),
    [
        ("set pop_host = pops://pop.example.org pop_delete = yes", REMOVE),
        ("set pop_host = pops://pop.example.org pop_delete = no", KEEP),
        ("set pop_host = pops://pop.example.org", KEEP),
        ("set spoolfile = pops://pop.example.org pop_delete = yes", KEEP),
        ("set folder = imaps://imap.example.org imap_user = anna", None),
    ],
)
def test_neomutt(variables: str, policy: LeavePolicy | None) -> None:
    assert read_neomutt(f"set pop_user = anna\n{variables}\n".encode(), "neomuttrc").accounts[0].leave == policy


def profile(number: str) -> bytes:
    made = render("outlook-prf", make(protocol=Protocol.POP3, leave=KEEP_14, both=False))
    assert not isinstance(made, Refusal)
    return made[0].content.replace(b"LeaveOnServer=0xE0003", f"LeaveOnServer={number}".encode())


@pytest.mark.parametrize(
    ("number", "policy"),
    [
        ("0xE0003", KEEP_14),
        ("917507", KEEP_14),
        ("0xE0007", KEEP_14),
        ("0x1", KEEP),
        ("0x5", KEEP),
        ("0xE0001", KEEP),
        ("0x3", KEEP),
        ("0x10003", days(1)),
        ("0xE420003", days(3650)),
        ("0xE430003", days(3650)),
        ("0x0", REMOVE),
        ("0x2", REMOVE),
        ("0xE0002", REMOVE),
        ("forever", REMOVE),
    ],
)
def test_an_outlook_profile_file(number: str, policy: LeavePolicy) -> None:
    assert read_prf(profile(number), "a.prf").accounts[0].leave == policy


BY_AGE = ['leave_on_server", true', 'delete_by_age_from_server", true']


def preferences(*lines: str) -> bytes:
    made = render("thunderbird-userjs", make(protocol=Protocol.POP3, leave=KEEP_14, both=False))
    assert not isinstance(made, Refusal)
    kept = [line for line in made[0].content.decode().splitlines() if "leave" not in line and "delete" not in line]
    return "\n".join([*kept, *(f'user_pref("mail.server.server1.{line});' for line in lines)]).encode()


@pytest.mark.parametrize(
    ("lines", "policy"),
    [
        ([], REMOVE),
        (['delete_by_age_from_server", true', 'num_days_to_leave_on_server", 14'], REMOVE),
        (['leave_on_server", true'], KEEP),
        (['leave_on_server", true', 'num_days_to_leave_on_server", 14'], KEEP),
        (BY_AGE, days(7)),
        ([*BY_AGE, 'num_days_to_leave_on_server", 1'], days(1)),
        ([*BY_AGE, 'num_days_to_leave_on_server", -5'], days(1)),
        (
            [*BY_AGE, 'num_days_to_leave_on_server", 3650'],
            days(3650),
        ),
        (
            [*BY_AGE, 'num_days_to_leave_on_server", 9999'],
            days(3650),
        ),
    ],
)
def test_preferences_of_thunderbird(lines: list[str], policy: LeavePolicy) -> None:
    assert read_userjs(preferences(*lines), "user.js").accounts[0].leave == policy


def configuration(extension: str) -> bytes:
    made = render("autoconfig", make(protocol=Protocol.POP3, leave=KEEP_14, both=False))
    assert not isinstance(made, Refusal)
    before, _pop3, rest = made[0].content.decode().partition("<pop3>")
    return (before + extension + rest.partition("</pop3>")[2]).encode()


STAYS = "<leaveMessagesOnServer>true</leaveMessagesOnServer>"


def stays_for(text: str) -> str:
    return f"<pop3>{STAYS}<daysToLeaveMessagesOnServer>{text}</daysToLeaveMessagesOnServer></pop3>"


@pytest.mark.parametrize(
    ("extension", "policy"),
    [
        ("", None),
        ("<pop3/>", None),
        ("<pop3><leaveMessagesOnServer>yes</leaveMessagesOnServer></pop3>", None),
        ("<pop3><leaveMessagesOnServer>false</leaveMessagesOnServer></pop3>", REMOVE),
        (f"<pop3>{STAYS}</pop3>", KEEP),
        (stays_for("14"), KEEP_14),
        (stays_for("1"), days(1)),
        (stays_for("3650"), days(3650)),
        (stays_for("00014"), KEEP_14),
        (stays_for("000014"), KEEP),
        (stays_for("0"), KEEP),
        (stays_for("3651"), KEEP),
        (stays_for("٣"), KEEP),
        (stays_for("-1"), KEEP),
        (stays_for("two"), KEEP),
        (stays_for("9" * 5000), KEEP),
    ],
)
def test_autoconfig(extension: str, policy: LeavePolicy | None) -> None:
    assert read_autoconfig(configuration(extension), "config-v1.1.xml").leave == policy


@pytest.mark.parametrize("format_id", [entry.id for entry in formats()])
def test_what_pop3_removes_is_never_said_of_imap(format_id: str) -> None:
    """The policy is meant for POP3, the alternative of the account; most formats write its first server alone."""
    removing, keeping = (render(format_id, make(leave=leave)) for leave in (REMOVE, KEEP))
    assert not isinstance(removing, Refusal)
    assert not isinstance(keeping, Refusal)
    if format_id != "autoconfig":  # which writes both servers
        assert [file.content for file in removing] == [file.content for file in keeping]


@pytest.mark.parametrize(
    ("name", "refused"),
    [('"Anna', False), ("'", False), ("XaX", False), ("\"x'", False), ('""', True), ("'a'", True)],
)
def test_an_outlook_profile_file_refuses_only_names_between_two_quotes_of_one_kind(name: str, refused: bool) -> None:
    made = render("outlook-prf", make(name=name))
    assert isinstance(made, Refusal) is refused
    if not isinstance(made, Refusal):
        assert read_prf(made[0].content, "a.prf").accounts[0].display_name == name


def test_a_user_name_that_thunderbird_changes_is_found_in_addresses_with_percent_signs_too() -> None:
    assert username_for("007", parse_address("a%b@example.org")) is None
    assert username_for("false", parse_address("anna@example.org")) == "false"
    assert username_for("FALSE", parse_address("anna@example.org")) is None


def test_preferences_of_thunderbird_are_refused_for_an_address_with_two_at_signs() -> None:
    assert isinstance(render("thunderbird-userjs", make('"a@b"@example.org', username="anna")), Refusal)
