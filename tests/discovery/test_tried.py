"""Which guesses count as servers that are there but fail, and which of them comes first."""

from __future__ import annotations

import pytest

from tests.discovery.findings import found
from wizard.discovery.guesses import mx_guesses, own_guesses
from wizard.discovery.tried import is_there, left_out, tried_in_vain
from wizard.model.address import parse_address
from wizard.model.discovery import Source, Trust
from wizard.model.servers import Protocol
from wizard.net.failures import Failure, FailureKind

ANNA = parse_address("anna@example.org")
OWN = own_guesses(ANNA.domain)
IMAP_AT_MAIL = next(guess for guess in OWN if guess.protocol is Protocol.IMAP and guess.host == "mail.example.org")
IMAP_AT_DOMAIN = next(guess for guess in OWN if guess.protocol is Protocol.IMAP and guess.host == "example.org")
AT_MX = mx_guesses(ANNA.domain, ["mx.hoster.example"], lambda _host: False)[0]


def failure(guess, kind):
    return Failure(kind, guess.host, guess.port)


@pytest.mark.parametrize(
    ("kind", "usual_name", "domain", "mx"),
    [
        (FailureKind.TLS_SELF_SIGNED, True, True, True),
        (FailureKind.STARTTLS_MISSING, True, True, True),
        (FailureKind.TIMEOUT, True, False, False),
        (FailureKind.CONNECTION_REFUSED, False, False, False),
        (FailureKind.NO_SUCH_NAME, False, False, False),
        (FailureKind.DNS_TIMEOUT, False, False, False),
    ],
)
def test_a_server_is_there_that_shows_a_certificate_or_speaks_and_silence_counts_at_a_usual_name(
    kind, usual_name, domain, mx
):
    there = [is_there(guess, failure(guess, kind)) for guess in (IMAP_AT_MAIL, IMAP_AT_DOMAIN, AT_MX)]
    assert there == [usual_name, domain, mx]


def test_a_certificate_comes_before_words_before_silence_and_the_better_guess_first():
    met = [
        (IMAP_AT_MAIL, failure(IMAP_AT_MAIL, FailureKind.TIMEOUT)),
        (IMAP_AT_MAIL, failure(IMAP_AT_MAIL, FailureKind.WRONG_PROTOCOL)),
        (AT_MX, failure(AT_MX, FailureKind.TLS_EXPIRED)),
        (IMAP_AT_DOMAIN, failure(IMAP_AT_DOMAIN, FailureKind.TLS_EXPIRED)),
    ]
    tried = tried_in_vain(met, ANNA)
    hosts = ["example.org", "mx.hoster.example", "mail.example.org", "mail.example.org"]
    assert [server.server.hostname for server in tried] == hosts
    assert {(server.verified, server.evidence.trust) for server in tried} == {(False, Trust.GUESSED)}
    assert all(server.trouble for server in tried)


def test_what_is_left_out_says_the_place():
    (server,) = left_out([found(Protocol.IMAP, Source.SRV, port=9993, verified=None)])
    assert server.verified is False
    assert "mail.example.org 9993" in server.trouble
