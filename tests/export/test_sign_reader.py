"""The reader of profiles, signed or not, for files of anybody."""

from __future__ import annotations

import contextlib
import plistlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_accounts import HOSTILE, MATRIX, make

from wizard.export.render import Refusal, render
from wizard.model.problems import Problem
from wizard.model.servers import AuthenticationMethod, Protocol, SocketType
from wizard.programs.mobileconfig import SIGNED_DATA, NotSigned, read_profile, signed_content


@pytest.mark.parametrize("name", MATRIX)
def test_what_was_written_is_read(name: str) -> None:
    account = MATRIX[name]
    made = render("mobileconfig", account)
    if isinstance(made, Refusal):
        return
    read = read_profile(made[0].content, "x")
    (found,) = read.accounts
    for server, wanted in ((found.incoming[0], account.incoming), (found.outgoing[0], account.outgoing)):
        assert (server.protocol, server.hostname, server.port) == (wanted.protocol, wanted.hostname, wanted.port)
        assert (server.socket_type, server.username) == (wanted.socket_type, wanted.username)
        assert set(server.authentication) <= set(wanted.authentication)
    assert (found.address, found.display_name, found.leave) == (account.address, account.display_name, None)
    assert (read.signed, read.skipped) == (False, ())


@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_value_is_read_as_it_is(value: str) -> None:
    made = render("mobileconfig", make(name=value))
    assert read_profile(made[0].content, "x").accounts[0].display_name == value


GOOD = plistlib.loads(render("mobileconfig", make())[0].content)


def changed(**values: object) -> bytes:
    """The good profile with other values in its account; None takes one out."""
    inner = {**GOOD["PayloadContent"][0], **values}
    return plistlib.dumps({**GOOD, "PayloadContent": [{k: v for k, v in inner.items() if v is not None}]})


def test_the_gaps_of_a_profile_are_filled_as_a_device_fills_them() -> None:
    (account,) = read_profile(
        changed(
            EmailAddress=None,
            EmailAccountName=None,
            IncomingMailServerPortNumber=None,
            IncomingMailServerUseSSL=None,
            OutgoingMailServerPortNumber=587,
            OutgoingMailServerUsername=None,
            OutgoingMailServerAuthentication="EmailAuthNone",
            IncomingPassword="canary",
        ),
        "x",
    ).accounts
    assert account.address is None
    assert (account.incoming[0].port, account.incoming[0].socket_type) == (143, SocketType.PLAIN)
    assert (account.outgoing[0].port, account.outgoing[0].socket_type) == (587, SocketType.STARTTLS)
    assert account.outgoing[0].authentication == (AuthenticationMethod.NONE,)
    assert "canary" not in repr(account)


def test_other_payloads_are_passed_over_and_a_bad_account_is_named() -> None:
    bad = {**GOOD["PayloadContent"][0], "EmailAccountType": "EmailTypeExchange"}
    content = plistlib.dumps({**GOOD, "PayloadContent": [{"PayloadType": "x"}, "y", bad, GOOD["PayloadContent"][0]]})
    read = read_profile(content, "x")
    assert len(read.accounts) == 1
    assert [reason.split(":")[0] for reason in read.skipped] == ["3"]
    assert read_profile(plistlib.dumps(plistlib.loads(content), fmt=plistlib.FMT_BINARY), "x") == read


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<plist/>",
        plistlib.dumps([]),
        plistlib.dumps({}),
        plistlib.dumps({"PayloadContent": b"encrypted"}),
        plistlib.dumps({"PayloadContent": []}),
        plistlib.dumps({"PayloadContent": [{}] * 201}),
        b"bplist00" + b"\xff" * 40,
        b"<!DOCTYPE plist [<!ENTITY a 'b'>]><plist><dict/></plist>",
        b"<plist>" + b"<array>" * 100_000,
        b" " * (1024 * 1024 + 1),
        b"\x30",
        b"\x30\x80" * 5000,
        b"\x30\x84\xff\xff\xff\xff",
        changed(EmailAccountType=None),
        changed(EmailAddress="anna"),
        changed(EmailAccountName="over\u202eride"),
        changed(IncomingMailServerPortNumber="993"),
        changed(IncomingMailServerPortNumber=True),
        changed(IncomingMailServerAuthentication="EmailAuthKerberos"),
        changed(IncomingMailServerAuthentication=7),
    ],
)
def test_a_file_that_cannot_be_used_is_a_problem(content: bytes) -> None:
    with pytest.raises(Problem) as caught:
        read_profile(content, "x.mobileconfig")
    assert caught.value.place is not None
    assert caught.value.place.file == "x.mobileconfig"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (changed(IncomingMailServerHostName=None), "The name is empty"),
        (changed(IncomingMailServerHostName="10.0.0.1"), "“10.0.0.1” is a number"),
        (changed(IncomingMailServerPortNumber=-1), "is not a port"),
        (changed(IncomingMailServerPortNumber=2**63), "is not a port"),
        (changed(IncomingMailServerUsername=None), "no user name"),
    ],
)
def test_a_server_that_cannot_be_used_stays_with_the_reason(content: bytes, reason: str) -> None:
    (account,) = read_profile(content, "x.mobileconfig").accounts
    (server,) = account.incomplete
    assert reason in server.reasons[0]
    assert (account.incoming, len(account.outgoing)) == ((), 1)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_problem_and_nothing_worse(content: bytes) -> None:
    for start in (b"", b"\x30", b"bplist00"):
        with pytest.raises(Problem):
            read_profile(start + content, "x")


# Signatures, by hand: the real ones are those of test_sign.py and of tests/real/test_signature.py.


def part(tag: int, *values: bytes, open_length: bool = False) -> bytes:
    value = b"".join(values)
    if open_length:
        return bytes([tag, 0x80]) + value + b"\0\0"
    size = len(value)
    length = bytes([size]) if size < 128 else bytes([0x82]) + size.to_bytes(2, "big")
    return bytes([tag]) + length + value


def signed(content: bytes, *, pieces: bool = False, open_length: bool = False, kind: bytes = SIGNED_DATA) -> bytes:
    """Signed data without signatures, which is all that this reader looks at."""
    if pieces:
        half = len(content) // 2
        octets = part(0x24, part(4, content[:half]), part(4, content[half:]), open_length=open_length)
    else:
        octets = part(4, content)
    data = bytes.fromhex("06092a864886f70d010701")
    inner = part(0x30, data, part(0xA0, octets, open_length=open_length), open_length=open_length)
    body = part(0x30, part(2, b"\1"), part(0x31), inner, part(0x31), open_length=open_length)
    return part(0x30, part(6, kind), part(0xA0, body, open_length=open_length), open_length=open_length)


@pytest.mark.parametrize("pieces", [False, True])
@pytest.mark.parametrize("open_length", [False, True])
def test_both_ways_to_write_lengths_and_strings_are_read(pieces: bool, open_length: bool) -> None:
    content = render("mobileconfig", make(protocol=Protocol.POP3))[0].content
    read = read_profile(signed(content, pieces=pieces, open_length=open_length), "x")
    assert read.signed
    assert read.accounts == read_profile(content, "x").accounts


def test_a_signature_without_content_or_of_other_data_is_none() -> None:
    for wrong in (
        signed(b"x", kind=bytes.fromhex("2a864886f70d010703")),
        signed(b"x")[:-3],
        part(0x30, part(6, SIGNED_DATA), part(0xA0, part(0x30, part(2, b"\1"), part(0x31), part(0x30, part(6, b"x"))))),
        b"\x24\x80" * 20,
    ):
        with pytest.raises(NotSigned):
            signed_content(wrong)


@given(st.binary(max_size=60), st.integers(0, 60), st.binary(min_size=1, max_size=4))
def test_a_damaged_signature_is_read_or_refused_and_nothing_worse(content: bytes, at: int, noise: bytes) -> None:
    whole = signed(content, pieces=True, open_length=True)
    with contextlib.suppress(NotSigned):
        assert isinstance(signed_content(whole[:at] + noise + whole[at + len(noise) :]), bytes)
