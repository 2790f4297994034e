"""With which security a server is tried, when that is decided, and what is made of it."""

from __future__ import annotations

import pytest

from tests.discovery.findings import found, reported
from wizard.discovery.attempts import contradictions, is_decided, securities_to_try, settled
from wizard.model.discovery import Source
from wizard.model.servers import Protocol, SocketType
from wizard.net.failures import Failure, FailureKind
from wizard.net.mail import Endpoint, ServerInfo

HOST = "mail.example.org"
SSL, STARTTLS, PLAIN = SocketType.SSL, SocketType.STARTTLS, SocketType.PLAIN


def everyone(_found) -> bool:
    return True


def published(port: int, security: SocketType, **how):
    return found(Protocol.IMAP, Source.AUTOCONFIG, port=port, security=security.value, verified=None, **how)


def answer(security: SocketType, port: int = 993) -> ServerInfo:
    return ServerInfo(Endpoint(Protocol.IMAP, HOST, port, security), "203.0.113.1", "ready", (), (), "TLSv1.3")


def failure(kind: str, port: int = 993) -> Failure:
    return Failure(FailureKind(kind), HOST, port)


@pytest.mark.parametrize(
    ("port", "security", "tried"),
    [
        (993, SSL, [SSL]),
        (143, STARTTLS, [STARTTLS]),
        (1993, SSL, [SSL]),
        (993, STARTTLS, [SSL, STARTTLS]),
        (143, SSL, [SSL, STARTTLS]),
        (2525, SSL, [SSL, STARTTLS]),
        (143, PLAIN, [STARTTLS]),
        (993, PLAIN, [SSL, STARTTLS]),
        (1143, PLAIN, [STARTTLS]),
    ],
)
def test_what_is_published_is_tried_and_what_the_port_says(port, security, tried):
    server = published(port, security).server
    assert list(securities_to_try(server, allow_insecure=False)) == tried
    permitted = [*tried, PLAIN] if security is PLAIN else tried
    assert list(securities_to_try(server, allow_insecure=True)) == permitted


BOTH = (SSL, STARTTLS)


@pytest.mark.parametrize(
    ("seen", "decided"),
    [
        ({}, False),
        ({SSL: answer(SSL)}, True),
        ({STARTTLS: answer(STARTTLS)}, False),  # TLS from the first byte would be better
        ({SSL: failure("not_tls")}, False),
        ({SSL: failure("timeout")}, False),
        ({SSL: failure("tls_expired")}, True),  # the port speaks TLS: nothing will be said in the clear
        ({SSL: failure("server_says_no")}, True),
        ({STARTTLS: failure("tls_expired")}, False),
        ({SSL: failure("not_tls"), STARTTLS: failure("timeout")}, True),
    ],
)
def test_nobody_is_waited_for_who_cannot_change_anything(seen, decided):
    assert is_decided(BOTH, seen) is decided


@pytest.mark.parametrize(
    ("server", "seen", "outcome"),
    [
        (published(993, STARTTLS), {SSL: answer(SSL)}, (SSL, True, STARTTLS)),
        (published(993, STARTTLS), {STARTTLS: answer(STARTTLS)}, (STARTTLS, True, None)),
        (published(993, STARTTLS), {SSL: answer(SSL), STARTTLS: answer(STARTTLS)}, (SSL, True, STARTTLS)),
        (published(143, SSL), {SSL: failure("not_tls"), STARTTLS: answer(STARTTLS)}, (STARTTLS, True, SSL)),
        (published(143, SSL), {SSL: failure("not_tls"), STARTTLS: failure("tls_expired")}, (STARTTLS, False, SSL)),
        (published(993, STARTTLS), {SSL: failure("tls_name_mismatch")}, (SSL, False, STARTTLS)),
        (published(143, SSL), {SSL: failure("not_tls"), STARTTLS: failure("server_says_no")}, (SSL, False, None)),
    ],
)
def test_a_server_gets_the_security_that_works_or_that_it_was_seen_to_expect(server, seen, outcome):
    made = settled(server, BOTH, seen)
    assert (made.server.socket_type, made.verified, made.published) == outcome
    assert made.evidence == server.evidence


@pytest.mark.parametrize(
    ("seen", "trouble"),
    [
        ({}, f"No connection to {HOST} 993 succeeded; the following was tried: STARTTLS (as published), "),
        ({SSL: failure("connection_lost"), STARTTLS: failure("timeout")}, "STARTTLS (as published), SSL/TLS (usual on"),
        ({SSL: failure("connection_refused")}, f"{HOST} 993 refused the connection."),
        ({SSL: failure("not_tls"), STARTTLS: failure("wrong_protocol")}, "uses a different protocol than expected."),
        ({SSL: failure("timeout"), STARTTLS: failure("starttls_injection")}, "before the encryption began"),
    ],
)
def test_what_fails_in_both_ways_is_said_in_one_sentence(seen, trouble):
    made = settled(published(993, STARTTLS), BOTH, seen)
    assert trouble in made.trouble
    assert (made.verified, made.published) == (False, None)


def test_what_fails_in_the_only_way_is_said_as_it_was_seen():
    assert settled(published(993, SSL), [SSL], {}).trouble == f"{HOST} 993 did not answer in time."
    assert settled(published(993, SSL), [SSL], {SSL: failure("not_tls")}).trouble == f"{HOST} 993 does not speak TLS."


@pytest.mark.parametrize(
    ("seen", "offers_none"),
    [
        ({STARTTLS: failure("starttls_missing", 143)}, True),
        ({STARTTLS: failure("starttls_refused", 143)}, False),
        ({STARTTLS: failure("timeout", 143)}, False),
        ({}, False),
    ],
)
def test_no_encryption_is_what_a_server_itself_says(seen, offers_none):
    made = settled(published(143, PLAIN), [STARTTLS], seen)
    assert (made.server.socket_type, made.offers_no_encryption) == (PLAIN, offers_none)


@pytest.mark.parametrize("seen", [{}, {SSL: failure("connection_refused"), STARTTLS: failure("connection_refused")}])
def test_no_encryption_on_a_port_of_tls_that_nobody_saw_is_read_as_the_port_means_it(seen):
    made = settled(published(993, PLAIN), BOTH, seen)
    assert (made.server.socket_type, made.verified, made.published) == (SSL, False, PLAIN)
    assert made.trouble
    assert not made.offers_no_encryption


def test_a_contradiction_is_named_once_with_everybody_who_published_it():
    works = settled(published(993, STARTTLS), BOTH, {SSL: answer(SSL)})
    reports = [reported(source, works) for source in (Source.AUTOCONFIG, Source.AUTODISCOVER)]
    (notice,) = contradictions(reports, everyone)
    assert notice.code == "contradictory_port"
    assert "published with STARTTLS (autoconfig, Autodiscover)" in notice.text


def test_a_source_that_also_names_the_pair_that_works_contradicts_nothing():
    works = settled(published(993, STARTTLS), BOTH, {SSL: answer(SSL)})
    assert list(contradictions([reported(Source.AUTOCONFIG, works, published(993, SSL))], everyone)) == []
