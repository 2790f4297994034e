"""Guesses are a pure expansion: names, ports, and which one is the better."""

from __future__ import annotations

from wizard.discovery.guessing import MX_LIMIT, mx_guesses, own_guesses
from wizard.model.address import parse_domain
from wizard.model.servers import Protocol, SocketType

EXAMPLE = parse_domain("example.org")


def listed(guesses, protocol: Protocol) -> list[tuple[str, int]]:
    ranked = sorted((one for one in guesses if one.protocol is protocol), key=lambda one: one.rank)
    return [(one.host, one.port) for one in ranked]


def nobodys(_host: str) -> bool:
    return False


def everybodys(_host: str) -> bool:
    return True


def test_tls_from_the_first_byte_comes_first_and_the_name_of_the_protocol_before_the_general_one():
    guesses = own_guesses(EXAMPLE)
    assert listed(guesses, Protocol.IMAP) == [
        ("imap.example.org", 993),
        ("mail.example.org", 993),
        ("example.org", 993),
        ("imap.example.org", 143),
        ("mail.example.org", 143),
        ("example.org", 143),
    ]
    assert listed(guesses, Protocol.POP3)[:4] == [
        ("pop.example.org", 995),
        ("pop3.example.org", 995),
        ("mail.example.org", 995),
        ("example.org", 995),
    ]
    assert listed(guesses, Protocol.SMTP)[2:4] == [("example.org", 465), ("smtp.example.org", 587)]


def test_port_25_and_unencrypted_connections_are_never_guessed():
    guesses = own_guesses(EXAMPLE) + mx_guesses(EXAMPLE, ["mx.example.org"], everybodys)
    assert {one.port for one in guesses} == {993, 143, 995, 110, 465, 587}
    assert {one.socket_type for one in guesses} == {SocketType.SSL, SocketType.STARTTLS}


def test_all_guesses_together_are_few():
    hosts = [f"mx{number}.hoster.example" for number in range(500)]
    guesses = own_guesses(EXAMPLE) + mx_guesses(EXAMPLE, hosts, nobodys)
    assert len({one.host for one in guesses if one.foreign}) == MX_LIMIT
    assert len(guesses) <= 40
    assert len(set(guesses)) == len(guesses)


def test_a_foreign_mx_host_comes_after_everything_of_the_domain_itself():
    guesses = own_guesses(EXAMPLE) + mx_guesses(EXAMPLE, ["mx.hoster.example"], nobodys)
    assert listed(guesses, Protocol.IMAP)[-2:] == [("mx.hoster.example", 993), ("mx.hoster.example", 143)]


def test_an_mx_host_of_the_domain_comes_after_the_usual_names_with_the_same_encryption():
    guesses = own_guesses(EXAMPLE) + mx_guesses(EXAMPLE, ["mx.example.org"], everybodys)
    names = listed(guesses, Protocol.IMAP)
    assert names.index(("mx.example.org", 993)) == 3
    assert names.index(("mx.example.org", 993)) < names.index(("imap.example.org", 143))


def test_an_mx_host_that_has_a_usual_name_is_not_tried_twice():
    assert [one.protocol for one in mx_guesses(EXAMPLE, ["mail.example.org"], everybodys)] == []
    # smtp. is a usual name for sending only.
    others = {one.protocol for one in mx_guesses(EXAMPLE, ["smtp.example.org"], everybodys)}
    assert others == {Protocol.IMAP, Protocol.POP3}


def test_the_null_mx_and_nonsense_suggest_nothing():
    assert mx_guesses(EXAMPLE, ["", "192.0.2.1", "a..b", "-"], nobodys) == ()


def test_an_international_domain_is_guessed_in_the_form_of_the_network():
    assert "imap.xn--bcher-kva.example" in {one.host for one in own_guesses(parse_domain("bücher.example"))}


def test_a_domain_of_the_greatest_length_leaves_room_for_itself_only():
    longest = parse_domain(".".join(["a" * 63] * 3 + ["b" * 56, "org"]))
    assert {one.host for one in own_guesses(longest)} == {longest.ascii}
