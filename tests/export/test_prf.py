"""Outlook profile files: every key has its line of mapping, what Windows would change is refused; and their reader."""

from __future__ import annotations

import configparser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_accounts import HOSTILE, KEEP, KEEP_3, KEEP_14, MATRIX, REMOVE, UNSAFE, make

from wizard.export.render import About, Refusal, render
from wizard.model.problems import Problem
from wizard.model.servers import AfterDownload, AuthenticationMethod, LeavePolicy, Protocol, SocketType
from wizard.programs.prf import read_prf

PROPERTIES = {
    "AccountName": "PT_UNICODE,0x0002",
    "DisplayName": "PT_UNICODE,0x000B",
    "EmailAddress": "PT_UNICODE,0x000C",
    "ConnectionType": "PT_LONG,0x000F",
    "Server": "PT_UNICODE,0x0100",
    "UserName": "PT_UNICODE,0x0101",
    "Port": "PT_LONG,0x0104",
    "UseSSL": "PT_LONG,0x0105",
    "UseSPA": "PT_LONG,0x0108",
    "SMTPServer": "PT_UNICODE,0x0200",
    "SMTPPort": "PT_LONG,0x0201",
    "SMTPUseSSL": "PT_LONG,0x0202",
    "SMTPUseAuth": "PT_LONG,0x0203",
    "SMTPUserName": "PT_UNICODE,0x0204",
    "SMTPUseSPA": "PT_LONG,0x0207",
    "SMTPAuthMethod": "PT_LONG,0x0208",
    "SMTPSecureConnection": "PT_LONG,0x020A",
    "LeaveOnServer": "PT_LONG,0x1000",
}
"""The properties of an account, by Microsoft's own files; what begins with IMAP or POP3 without that."""


def sections_of(content: bytes) -> configparser.ConfigParser:
    """The file by the standard library's reader; CRLF and ASCII are required."""
    text = content.decode("ascii")
    assert "\n" not in text.replace("\r\n", "")
    parser = configparser.ConfigParser(interpolation=None, delimiters=("=",), comment_prefixes=(";",), strict=True)
    parser.optionxform = str
    parser.read_string(text.replace("\r\n", "\n"))
    return parser


def account_of(account, **about) -> dict[str, str]:
    made = render("outlook-prf", account, About(**about))
    assert not isinstance(made, Refusal), made
    (file,) = made
    sections = sections_of(file.content)
    kind = {"I_Mail": "POP3", "IMAP_I_Mail": "IMAP"}[sections["Internet Account List"]["Account1"]]
    mapping = dict(sections[sections["Internet Account List"]["Account1"]])
    assert mapping.pop("AccountType") == kind
    assert {name.removeprefix(kind): value for name, value in mapping.items()}.items() <= PROPERTIES.items()
    settings = dict(sections["Account1"])
    assert set(settings) - {"UniqueService"} <= set(mapping)
    assert settings.pop("UniqueService") == "No"
    assert not [key for section in sections.values() for key in section if "assword" in key]
    return {name.removeprefix(kind): value for name, value in settings.items()} | {"kind": kind}


@pytest.mark.parametrize("name", MATRIX)
def test_the_file_says_what_the_account_says_or_is_refused(name: str) -> None:
    account = MATRIX[name]
    made = render("outlook-prf", account)
    if isinstance(made, Refusal):
        assert "-oauth2-" in name or "-encrypted-" in name or "-starttls-" in name
        return
    settings = account_of(account)
    assert settings["kind"].lower() == account.incoming.protocol.value
    assert (settings["Server"], settings["Port"]) == (account.incoming.hostname, str(account.incoming.port))
    assert settings["UserName"] == account.incoming.username
    assert (settings["UseSSL"], settings["UseSPA"]) == ("1", "0")
    assert (settings["SMTPServer"], settings["SMTPPort"]) == (account.outgoing.hostname, str(account.outgoing.port))
    assert (settings["SMTPUseSSL"], settings["SMTPSecureConnection"], settings["SMTPUseAuth"]) == ("1", "1", "1")
    if account.incoming.username == account.outgoing.username:
        assert settings["SMTPAuthMethod"] == "0"
        assert "SMTPUserName" not in settings
    else:
        assert (settings["SMTPAuthMethod"], settings["SMTPUserName"]) == ("1", account.outgoing.username)
    assert (settings["EmailAddress"], settings["DisplayName"]) == (str(account.address), account.display_name)


@pytest.mark.parametrize(
    ("leave", "number"),
    [
        (KEEP, 0x1),
        (KEEP_14, 0xE0003),
        (KEEP_3, 0x30003),
        (REMOVE, 0),
        (LeavePolicy(AfterDownload.KEEP_DAYS, 3650), 0xE420003),
    ],
)
def test_leave_and_days_are_in_one_number(leave: LeavePolicy, number: int) -> None:
    account = make(protocol=Protocol.POP3, leave=leave)
    assert int(account_of(account)["LeaveOnServer"], 16) == number
    (file,) = render("outlook-prf", account)
    assert read_prf(file.content, "x").accounts[0].leave == leave
    assert "LeaveOnServer" not in account_of(make(leave=leave))


def test_starttls_can_be_said_for_sending_only() -> None:
    from dataclasses import replace

    from wizard.model.address import Port

    account = make()
    upgraded = replace(account.outgoing, socket_type=SocketType.STARTTLS, port=Port(587))
    settings = account_of(replace(account, outgoing=upgraded))
    assert (settings["SMTPSecureConnection"], settings["SMTPUseSSL"], settings["SMTPPort"]) == ("2", "0", "587")
    made = render("outlook-prf", make(security=SocketType.STARTTLS))
    assert isinstance(made, Refusal)
    assert "993" in made.reason


def test_sending_without_a_log_in_and_windows_log_ins_have_their_words() -> None:
    settings = account_of(make(outgoing_methods=(AuthenticationMethod.NONE,), outgoing_username=""))
    assert settings["SMTPUseAuth"] == "0"
    assert "SMTPAuthMethod" not in settings
    settings = account_of(make(methods=(AuthenticationMethod.NTLM,)))
    assert (settings["UseSPA"], settings["SMTPUseSPA"]) == ("1", "1")


def test_an_existing_profile_is_never_replaced() -> None:
    (file,) = render("outlook-prf", make())
    general = sections_of(file.content)["General"]
    assert general["OverwriteProfile"] == "Append"
    assert (general["DefaultProfile"], general["ModifyDefaultProfileIfPresent"]) == ("No", "No")
    assert general["ProfileName"] == "anna@example.org"
    assert not dict(sections_of(file.content)["Service List"])


@pytest.mark.parametrize(
    "value", [*HOSTILE, "'quoted'", '"quoted"', "'", "%USERNAME%", "50% of 100%", "a%b", "; x", "[x]"]
)
def test_a_hostile_value_comes_back_as_it_is_or_is_refused(value: str) -> None:
    for account in (make(name=value), make(username=value)):
        made = render("outlook-prf", account)
        if isinstance(made, Refusal):
            refused = value.isascii() and "Windows would change" in made.reason
            assert refused or not value.isascii()
        else:
            settings = account_of(account)
            assert value in (settings["DisplayName"], settings["UserName"])
            assert value.isascii()


@pytest.mark.parametrize("value", ["'quoted'", '"quoted"', "%USERNAME%", "Zoë", " Anna"])
def test_what_windows_would_change_is_refused(value: str) -> None:
    assert isinstance(render("outlook-prf", make(name=value)), Refusal)
    assert isinstance(render("outlook-prf", make(username=value)), Refusal)


@pytest.mark.parametrize("value", UNSAFE)
def test_an_unsafe_value_is_refused(value: str) -> None:
    assert isinstance(render("outlook-prf", make(name=value)), Refusal)
    assert isinstance(render("outlook-prf", make(username=value)), Refusal)


@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), max_size=60))
def test_any_printable_name_comes_back_or_is_refused(value: str) -> None:
    made = render("outlook-prf", make(name=value))
    if not isinstance(made, Refusal):
        assert account_of(make(name=value)).get("DisplayName", "") == value
        assert read_prf(made[0].content, "x").accounts[0].display_name == value


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("993", "143"),
        ("IMAPUseSSL=1", "IMAPUseSSL=0"),
        ("imap.example.org", "imap.example.net"),
        ("IMAPServer=PT_UNICODE,0x0100\n", ""),
        ("SMTPAuthMethod=PT_LONG,0x0208\n", ""),
        ("ConnectionType=0", "ConnectionType=0\nPassword=canary"),
        ("ConnectionType=0", "ConnectionType=0\nUnknown=1"),
        ("Anna Rossi", "Ännä"),
        ("Account1=IMAP_I_Mail", "Account1=IMAP_I_Mail\nAccount2=IMAP_I_Mail"),
    ],
)
def test_a_template_that_says_something_else_is_caught(tmp_path, old: str, new: str) -> None:
    (file,) = render("outlook-prf", make())
    text = file.content.decode().replace("\r\n", "\n")
    assert old in text
    (tmp_path / "clients").mkdir()
    (tmp_path / "clients/outlook-prf.ini.j2").write_text(text.replace(old, new, 1))
    with pytest.raises(Problem, match="does not write what the account contains"):
        render("outlook-prf", make(), About(own_templates=tmp_path))


# What follows is the reader, for files of anybody.

OTHER = """\
[ internet account list ]
Account1=I_Mail
account2 = IMAP_I_Mail
Account3=HTTP_Mail

[ACCOUNT1]
POP3Server = "pop.example.org"
POP3UserName=anna
EmailAddress=anna@example.org
DisplayName='Zoë'
Password=canary
LeaveOnServer=327683
SMTPServer=smtp.example.org
SMTPUseAuth=1
SMTPUserName=other
SMTPSecureConnection=3
Ignored=1
; SMTPPort=26
[Account2]
IMAPServer=10.0.0.1
[I_Mail]
AccountType=POP3
POP3Server=PT_UNICODE,0x0100
POP3UserName=PT_UNICODE,0x0101
EmailAddress=PT_UNICODE,0x000C
DisplayName=PT_UNICODE,0x000B
SMTPServer=x
SMTPUseAuth=x
SMTPUserName=x
SMTPSecureConnection=x
LeaveOnServer=x
[IMAP_I_Mail]
AccountType=IMAP
IMAPServer=x
[HTTP_Mail]
AccountType=HTTP
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_file_of_another_program_is_read_as_windows_reads_it(encoding: str) -> None:
    read = read_prf(OTHER.replace("\n", "\r\n").encode(encoding), "x.prf")
    account, second = read.accounts
    incoming, outgoing = account.incoming[0], account.outgoing[0]
    assert (incoming.hostname, incoming.port, incoming.socket_type) == ("pop.example.org", 110, SocketType.PLAIN)
    assert account.display_name == "Zoë"
    assert account.leave == LeavePolicy(AfterDownload.KEEP_DAYS, 5)
    assert (outgoing.port, outgoing.socket_type, outgoing.username) == (25, SocketType.STARTTLS, "anna")
    assert [server.hostname for server in second.incomplete] == ["10.0.0.1"]
    assert read.skipped == ("account3: the type “HTTP” is not known",)
    assert "canary" not in repr(read)


def test_a_key_without_a_line_of_mapping_does_not_count() -> None:
    content = OTHER.replace("POP3Server=PT_UNICODE,0x0100\n", "").encode()
    account = read_prf(content, "x.prf").accounts[0]
    assert (account.incoming, account.incomplete, len(account.outgoing)) == ((), (), 1)


def test_what_an_account_lacks_is_missing_and_the_rest_stays() -> None:
    nobody = read_prf(OTHER.replace("anna@example.org", "anna").encode(), "x.prf").accounts[0]
    assert (nobody.address, len(nobody.incoming)) == (None, 1)
    nameless = read_prf(OTHER.replace("=anna\n", "=\n").encode(), "x.prf").accounts[0]
    assert [server.username for server in nameless.incomplete] == [None, None]
    silent = read_prf(OTHER.replace("smtp.example.org", "").encode(), "x.prf").accounts[0]
    assert (silent.outgoing, silent.incomplete) == ((), ())
    odd = read_prf(OTHER.replace("'Zoë'", "over\u202eride").encode(), "x.prf")
    assert (len(odd.accounts), [reason.split(":")[0] for reason in odd.skipped]) == (1, ["account1", "account3"])


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_two_bytes_a_letter_are_recognised_without_a_mark(encoding: str) -> None:
    from wizard.programs.registry import recognise

    content = OTHER.replace("\n", "\r\n").encode(encoding)
    assert recognise(content, "x") == "outlook-prf"
    assert read_prf(content, "x").accounts[0].display_name == "Zoë"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[General]\n",
        b"[Internet Account List]\n",
        b"[Internet Account List]\nAccount1=I_Mail\n",
        b"[Internet Account List]\n" + b"".join(b"Account%d=I_Mail\n" % n for n in range(65)),
        b"x" * (256 * 1024 + 1),
    ],
)
def test_a_file_that_cannot_be_used_is_a_problem(content: bytes) -> None:
    with pytest.raises(Problem):
        read_prf(content, "x.prf")


@given(st.binary(max_size=200))
def test_any_bytes_are_a_problem_and_nothing_worse(content: bytes) -> None:
    for start in (
        b"",
        b"\xff\xfe",
        b"[Internet Account List]\nAccount1=I_Mail\n[I_Mail]\nAccountType=POP3\n[Account1]\n",
    ):
        with pytest.raises(Problem):
            read_prf(start + content, "x")
