"""The code on the card: read back by a QR reader, and by the rules of Thunderbird for Android's own reader."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
import zxingcpp
from sample_accounts import (
    ADDRESSES,
    GOLDEN,
    HOSTILE,
    MATRIX,
    OAUTH2,
    OAUTH2_AND_PASSWORD,
    PASSWORD,
    make,
)

from wizard.export.render import Refusal, render
from wizard.model.address import EmailAddress, Hostname, parse_domain
from wizard.model.servers import AuthenticationMethod, MailAccount, Protocol, SocketType
from wizard.programs.qr import scan_text
from wizard.programs.qr_picture import QUIET, ScanCode, scan_code


def android_reads(text: str) -> list[Any]:
    """A port of the rules of the reader (QrCodePayloadAdapter, QrCodePayloadValidator): raises what it refuses."""
    data = json.loads(text)
    version, (number, end), *accounts = data
    assert version == 1
    assert (number, end) == (1, 1)
    assert len(accounts) % 2 == 0
    assert accounts
    for incoming, groups in zip(accounts[::2], accounts[1::2], strict=True):
        server_is_read(incoming, kinds=(0, 1))
        assert groups
        for outgoing, *identities in groups:
            server_is_read(outgoing, kinds=(0,))
            assert identities
            for address, name in identities:
                assert re.fullmatch(r"[!-?A-~]+@[A-Za-z0-9.-]+", address)
                assert not re.search("[\r\n]", name)
    return data


def server_is_read(server: list[Any], *, kinds: tuple[int, ...]) -> None:
    kind, hostname, port, security, method, username = server
    assert all(type(number) is int for number in (kind, port, security, method))
    assert kind in kinds
    assert re.fullmatch(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", hostname)
    assert 1 <= port <= 65535
    assert security in (0, 2, 3)  # 1 is read, but as something that nobody asked for
    assert method in (0, 1, 2, 6)
    assert not re.search("[\r\n]", username)


def scanned(code: ScanCode, *, module: int = 6) -> str:
    """What a QR reader makes of the drawing, from its SVG path alone."""
    side = code.size * module
    picture = bytearray(b"\xff" * (side * side))
    drawn = 0
    for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", code.path):
        for line in range(int(y) * module, (int(y) + 1) * module):
            start = line * side + int(x) * module
            picture[start : start + int(length) * module] = bytes(int(length) * module)
        drawn += len(f"M{x} {y}h{length}v1h-{length}z")
    assert drawn == len(code.path)
    (found,) = zxingcpp.read_barcodes(memoryview(bytes(picture)).cast("B", (side, side)))
    return found.bytes.decode()


@pytest.mark.parametrize("name", MATRIX)
def test_a_code_says_what_the_account_says_or_is_not_there(name: str) -> None:
    account = MATRIX[name]
    text = scan_text(account)
    if text is None:
        assert "-oauth2-" in name  # smtp.outlook.com is not a server whose page it knows
        return
    _, _, incoming, [[outgoing, identity]] = android_reads(text)
    assert incoming[0] == (0 if account.incoming.protocol is Protocol.IMAP else 1)
    for values, server in ((incoming, account.incoming), (outgoing, account.outgoing)):
        assert values[1:4] == [server.hostname, server.port, 3 if server.socket_type is SocketType.SSL else 2]
        assert values[5] == server.username
    assert identity == [str(account.address), account.display_name]


@pytest.mark.parametrize("name", GOLDEN)
def test_a_qr_reader_reads_the_code_of_the_card(name: str) -> None:
    account = GOLDEN[name]
    text = scan_text(account)
    assert text is not None
    made = render("card", account)
    assert not isinstance(made, Refusal)
    page = made[0].content.decode()
    (size,) = re.findall(r'viewBox="0 0 (\d+) \1"', page)
    (path,) = re.findall(r'<path d="([^"]+)"', page)
    assert scanned(ScanCode(int(size), path)) == text


@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_value_goes_through_the_code_as_it_is(value: str) -> None:
    text = scan_text(make(username=value, name=value))
    assert text is not None
    _, _, incoming, [[outgoing, identity]] = android_reads(text)
    assert (incoming[5], outgoing[5], identity[1]) == (value, value, value)
    assert scanned(scan_code(text)) == text


def test_white_stands_around_the_code() -> None:
    code = scan_code("[]")
    numbers = [tuple(map(int, run)) for run in re.findall(r"M(\d+) (\d+)h(\d+)", code.path)]
    assert min(x for x, _, _ in numbers) == min(y for _, y, _ in numbers) == QUIET
    assert max(x + length for x, _, length in numbers) == code.size - QUIET
    assert max(y for _, y, _ in numbers) == code.size - QUIET - 1


def gmail(account: MailAccount, *, imap: str = "imap.gmail.com") -> MailAccount:
    return replace(account, incoming=replace(account.incoming, hostname=Hostname(imap)))


def test_the_sign_in_page_is_used_only_where_the_program_knows_it() -> None:
    both = make("anna@gmail.com", methods=OAUTH2_AND_PASSWORD)
    assert [server[4] for server in servers_of(both)] == [6, 6]
    assert [server[4] for server in servers_of(gmail(both, imap="imap.example.org"))] == [1, 6]
    assert scan_text(gmail(make("anna@gmail.com", methods=OAUTH2), imap="imap.example.org")) is None


def servers_of(account: MailAccount) -> list[list[Any]]:
    text = scan_text(account)
    assert text is not None
    _, _, incoming, [[outgoing, _]] = android_reads(text)
    return [incoming, outgoing]


@pytest.mark.parametrize(
    "methods", [(AuthenticationMethod.GSSAPI,), (AuthenticationMethod.NTLM,), (AuthenticationMethod.TLS_CLIENT_CERT,)]
)
def test_a_log_in_that_the_reader_refuses_gives_no_code(methods: tuple[AuthenticationMethod, ...]) -> None:
    assert scan_text(make(methods=methods)) is None
    assert scan_text(make(methods=(*methods, *PASSWORD))) is not None


def test_sending_without_log_in_is_said_and_receiving_without_is_not() -> None:
    none = (AuthenticationMethod.NONE,)
    assert servers_of(make(outgoing_methods=none, outgoing_username=""))[1][4:] == [0, ""]
    assert scan_text(make(methods=none)) is None


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_that_the_reader_refuses_gives_no_code(address: str) -> None:
    account = make(address)
    plain = re.fullmatch(r"[^\"\s]+", str(account.address)) and str(account.address).isascii()
    assert (scan_text(account) is not None) == bool(plain)


def test_an_international_domain_is_written_in_ascii() -> None:
    account = make(EmailAddress("anna", parse_domain("bücher.de")))
    assert servers_of(account)[0][1] == "imap.xn--bcher-kva.de"


def test_an_account_that_is_too_long_to_scan_gives_no_code_and_the_card_is_written_all_the_same() -> None:
    account = make(username="x" * 400, outgoing_username="y" * 400)
    assert scan_text(account) is None
    made = render("card", account)
    assert not isinstance(made, Refusal)
    assert b"<svg" not in made[0].content


def test_the_card_without_a_code_does_not_speak_of_one() -> None:
    page = render("card", make(methods=OAUTH2))[0].content
    assert b"<svg" not in page
    assert b"Scan" not in page
