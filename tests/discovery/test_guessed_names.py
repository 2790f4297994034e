"""Which names are tried: a pure expansion of names and ports, and which one is the better."""

from __future__ import annotations

from tests.discovery.findings import found
from wizard.discovery.guesses import (
    MX_LIMIT,
    PUBLISHED_LIMIT,
    Lead,
    mx_guesses,
    own_guesses,
    provider_guesses,
    published_guesses,
)
from wizard.model.address import Domain, parse_domain
from wizard.model.discovery import Outcome, Source, SourceReport, Trust
from wizard.model.servers import Protocol, SocketType

EXAMPLE = parse_domain("example.org")


def ranked_names(guesses, protocol: Protocol) -> list[tuple[str, int]]:
    ranked = sorted((guess for guess in guesses if guess.protocol is protocol), key=lambda guess: guess.rank)
    return [(guess.host, guess.port) for guess in ranked]


def nobodys(_host: str) -> bool:
    return False


def everybodys(_host: str) -> bool:
    return True


def test_tls_from_the_first_byte_comes_first_and_the_name_of_the_protocol_before_the_general_one():
    guesses = own_guesses(EXAMPLE)
    assert ranked_names(guesses, Protocol.IMAP) == [
        ("imap.example.org", 993),
        ("mail.example.org", 993),
        ("example.org", 993),
        ("imap.example.org", 143),
        ("mail.example.org", 143),
        ("example.org", 143),
    ]
    assert ranked_names(guesses, Protocol.POP3)[:4] == [
        ("pop.example.org", 995),
        ("pop3.example.org", 995),
        ("mail.example.org", 995),
        ("example.org", 995),
    ]
    assert ranked_names(guesses, Protocol.SMTP)[2:4] == [("example.org", 465), ("smtp.example.org", 587)]


def test_port_25_and_unencrypted_connections_are_never_guessed():
    guesses = own_guesses(EXAMPLE) + mx_guesses(EXAMPLE, ["mx.example.org"], everybodys)
    assert {guess.port for guess in guesses} == {993, 143, 995, 110, 465, 587}
    assert {guess.socket_type for guess in guesses} == {SocketType.SSL, SocketType.STARTTLS}


def test_all_guesses_together_are_few():
    hosts = [f"mx{number}.hoster.example" for number in range(500)]
    guesses = own_guesses(EXAMPLE) + mx_guesses(EXAMPLE, hosts, nobodys)
    assert len({guess.host for guess in guesses if guess.foreign}) == MX_LIMIT
    assert len(guesses) <= 40
    assert len(set(guesses)) == len(guesses)


def test_a_foreign_mx_host_comes_after_everything_of_the_domain_itself():
    guesses = own_guesses(EXAMPLE) + mx_guesses(EXAMPLE, ["mx.hoster.example"], nobodys)
    assert ranked_names(guesses, Protocol.IMAP)[-2:] == [("mx.hoster.example", 993), ("mx.hoster.example", 143)]


def test_an_mx_host_of_the_domain_comes_after_the_usual_names_with_the_same_encryption():
    guesses = own_guesses(EXAMPLE) + mx_guesses(EXAMPLE, ["mx.example.org"], everybodys)
    names = ranked_names(guesses, Protocol.IMAP)
    assert names.index(("mx.example.org", 993)) == 3
    assert names.index(("mx.example.org", 993)) < names.index(("imap.example.org", 143))


def test_an_mx_host_that_has_a_usual_name_is_not_tried_twice():
    assert [guess.protocol for guess in mx_guesses(EXAMPLE, ["mail.example.org"], everybodys)] == []
    # smtp. is a usual name for sending only.
    others = {guess.protocol for guess in mx_guesses(EXAMPLE, ["smtp.example.org"], everybodys)}
    assert others == {Protocol.IMAP, Protocol.POP3}


def test_the_null_mx_and_nonsense_suggest_nothing():
    assert mx_guesses(EXAMPLE, ["", "192.0.2.1", "a..b", "-"], nobodys) == ()


def test_an_international_domain_is_guessed_in_the_form_of_the_network():
    assert "imap.xn--bcher-kva.example" in {guess.host for guess in own_guesses(parse_domain("bücher.example"))}


def test_a_domain_of_the_greatest_length_leaves_room_for_itself_only():
    longest = parse_domain(".".join(["a" * 63] * 3 + ["b" * 56, "org"]))
    assert {guess.host for guess in own_guesses(longest)} == {longest.ascii}


# --- what follows from servers that were published


def published(*servers, source=Source.SRV, not_offered=()):
    return SourceReport(source, Outcome.FOUND, servers=servers, not_offered=not_offered)


def names_of(reports, protocol: Protocol) -> list[tuple[str, int]]:
    return ranked_names(published_guesses(reports), protocol)


def test_the_host_that_receives_is_tried_for_sending_before_names_like_its_own():
    report = published(found(Protocol.IMAP, Source.SRV, host="imap.hoster.example"))
    assert names_of([report], Protocol.SMTP) == [
        ("imap.hoster.example", 465),
        ("smtp.hoster.example", 465),
        ("mail.hoster.example", 465),
        ("imap.hoster.example", 587),
        ("smtp.hoster.example", 587),
        ("mail.hoster.example", 587),
    ]
    assert {guess.protocol for guess in published_guesses([report])} == {Protocol.SMTP}
    assert {guess.lead for guess in published_guesses([report])} == {Lead.PUBLISHED}


def test_the_host_that_sends_is_tried_for_receiving():
    report = published(found(Protocol.SMTP, Source.SRV, host="smtps.hoster.example", port=465))
    imap = [name for name, port in names_of([report], Protocol.IMAP) if port == 993]
    pop3 = [name for name, port in names_of([report], Protocol.POP3) if port == 995]
    assert imap == [f"{label}.hoster.example" for label in ("smtps", "imaps", "imap", "mail")]
    assert pop3 == [f"{label}.hoster.example" for label in ("smtps", "pops", "pop3s", "pop", "pop3", "mail")]


def test_names_with_more_than_the_service_in_them_have_siblings_too():
    def siblings(host):
        report = published(found(Protocol.IMAP, Source.SRV, host=host))
        return [name for name, port in names_of([report], Protocol.SMTP) if port == 465][1:]

    assert siblings("imap-mail.hoster.example") == ["smtp-mail.hoster.example"]
    assert siblings("imapmail.hoster.example") == ["smtpmail.hoster.example"]
    assert siblings("imap2.hoster.example") == ["smtp2.hoster.example"]
    assert siblings("imap.eu.hoster.example") == ["smtp.eu.hoster.example", "mail.eu.hoster.example"]
    for host in ("server42.hoster.example", "imaginary.hoster.example", "imap.example", "imap.co.uk"):
        assert siblings(host) == [], host  # no name of a service, or nothing but a public suffix above it


def test_what_is_published_or_denied_is_not_guessed():
    receives = found(Protocol.IMAP, Source.SRV, host="imap.hoster.example")
    sends = found(Protocol.SMTP, Source.AUTOCONFIG, host="smtp.hoster.example", port=465)
    assert published_guesses([published(receives), published(sends, source=Source.AUTOCONFIG)]) == ()
    assert published_guesses([published(receives, not_offered=(Protocol.SMTP,))]) == ()
    without_imap = published(sends, source=Source.AUTOCONFIG, not_offered=(Protocol.IMAP,))
    assert {guess.protocol for guess in published_guesses([without_imap])} == {Protocol.POP3}


def test_a_guess_leads_to_no_other():
    guessed = found(Protocol.IMAP, Source.PROBE, host="imap.hoster.example", trust=Trust.GUESSED)
    assert published_guesses([published(guessed, source=Source.PROBE)]) == ()


def test_a_server_for_sending_that_does_not_encrypt_is_none():
    servers = (
        found(Protocol.IMAP, Source.SRV, host="imap.hoster.example"),
        found(Protocol.SMTP, Source.SRV, host="out.hoster.example", port=25, security="plain"),
    )
    assert ("imap.hoster.example", 465) in names_of([published(*servers)], Protocol.SMTP)


def test_few_hosts_are_tried_and_those_of_the_higher_source_first():
    lower = published(
        *(found(Protocol.IMAP, Source.ISPDB, host=f"h{number}.lower.example") for number in range(9)),
        source=Source.ISPDB,
    )
    higher = published(found(Protocol.POP3, Source.SRV, host="box.higher.example"))
    hosts = [name for name, port in names_of([lower, higher], Protocol.SMTP) if port == 465]
    assert hosts == ["box.higher.example", "h0.lower.example"]
    assert len(hosts) == PUBLISHED_LIMIT


# --- the names of those who take the mail


def test_the_longer_domain_comes_first_and_the_domain_itself_is_no_server():
    guesses = provider_guesses([Domain("eu.hoster.example"), Domain("hoster.example")])
    assert ranked_names(guesses, Protocol.SMTP)[:4] == [
        ("smtp.eu.hoster.example", 465),
        ("mail.eu.hoster.example", 465),
        ("smtp.hoster.example", 465),
        ("mail.hoster.example", 465),
    ]
    assert {guess.zone for guess in guesses} == {"eu.hoster.example", "hoster.example"}
    assert all(guess.foreign for guess in guesses)


def test_those_of_others_come_after_the_host_that_takes_the_mail():
    hosts = mx_guesses(EXAMPLE, ["mx.hoster.example"], nobodys)
    names = provider_guesses([Domain("hoster.example")])
    assert max(guess.rank for guess in hosts) < min(guess.rank for guess in names)
