"""When a look-up may end: a higher source is waited for, a lower one only while it can still matter."""

from __future__ import annotations

import pytest

from tests.discovery.findings import found
from wizard.discovery.completion import GRACE, SourceState, has_usable_account, is_complete
from wizard.model.address import Domain
from wizard.model.discovery import Outcome, Source, SourceReport, Trust
from wizard.model.servers import Protocol

DOMAIN = Domain("example.org")


def answered(source, protocols=(Protocol.IMAP, Protocol.POP3, Protocol.SMTP), *, not_offered=(), **options):
    servers = tuple(found(one, source, **options) for one in protocols)
    return SourceState(source, SourceReport(source, Outcome.FOUND, servers=servers, not_offered=not_offered))


def nothing(source):
    return SourceState(source, SourceReport(source, Outcome.NOTHING))


def pending(source):
    return SourceState(source, None)


def test_it_goes_on_while_nothing_is_known():
    assert not is_complete([nothing(Source.SRV), pending(Source.ISPDB)], DOMAIN, 0)


def test_it_ends_when_everybody_has_answered():
    assert is_complete([nothing(Source.SRV), nothing(Source.ISPDB)], DOMAIN, 0)


def test_a_higher_source_is_waited_for():
    assert not is_complete([pending(Source.SRV), answered(Source.ISPDB)], DOMAIN, GRACE / 2)


def test_but_no_longer_than_the_grace():
    assert is_complete([pending(Source.SRV), answered(Source.ISPDB)], DOMAIN, GRACE)


def test_a_lower_source_is_not_waited_for():
    assert is_complete([answered(Source.SRV), pending(Source.AUTOCONFIG), pending(Source.PROBE)], DOMAIN, 0)


@pytest.mark.parametrize("left", [Protocol.IMAP, Protocol.POP3])
def test_a_lower_source_is_waited_for_while_a_protocol_is_missing(left):
    some = answered(Source.SRV, [one for one in Protocol if one is not left])
    assert not is_complete([some, pending(Source.PROBE)], DOMAIN, 0)
    assert is_complete([some, pending(Source.PROBE)], DOMAIN, GRACE)


def test_a_protocol_that_is_said_not_to_be_offered_is_not_waited_for():
    some = answered(Source.SRV, [Protocol.POP3, Protocol.SMTP], not_offered=(Protocol.IMAP,))
    assert is_complete([some, pending(Source.PROBE)], DOMAIN, 0)


def test_servers_that_do_not_answer_are_no_answer():
    stale = answered(Source.AUTOCONFIG, verified=False)
    assert not has_usable_account([stale])
    assert not is_complete([stale, pending(Source.MX)], DOMAIN, 0)


def test_without_a_server_to_send_with_it_goes_on():
    assert not is_complete([answered(Source.SRV, [Protocol.IMAP, Protocol.POP3]), pending(Source.PROBE)], DOMAIN, GRACE)


def test_two_sources_together_can_be_enough():
    parts = [answered(Source.SRV, [Protocol.IMAP, Protocol.POP3]), answered(Source.AUTOCONFIG, [Protocol.SMTP])]
    assert is_complete([*parts, pending(Source.PROBE)], DOMAIN, 0)


def test_encryption_from_the_first_byte_is_waited_for():
    upgraded = answered(Source.SRV, security="STARTTLS")
    assert not is_complete([upgraded, pending(Source.AUTOCONFIG)], DOMAIN, 0)
    assert is_complete([upgraded, pending(Source.AUTOCONFIG)], DOMAIN, GRACE)


def test_a_guess_is_not_waited_for_where_somebody_published_an_upgrade():
    assert is_complete([answered(Source.SRV, security="STARTTLS"), pending(Source.PROBE)], DOMAIN, 0)


def test_a_source_that_can_be_trusted_is_waited_for_where_another_domain_was_named():
    foreign = answered(Source.SRV, host="mail.hoster.example", trust=Trust.UNAUTHENTICATED)
    assert not is_complete([foreign, pending(Source.AUTOCONFIG)], DOMAIN, 0)
    own = answered(Source.SRV, trust=Trust.UNAUTHENTICATED)
    assert is_complete([own, pending(Source.AUTOCONFIG)], DOMAIN, 0)


def test_a_provider_that_lets_no_program_in_ends_it_at_once():
    from wizard.discovery.catalogue import provider_named

    closed = next(one for one in map(provider_named, ("tutanota", "tuta")) if one is not None)
    assert closed.offers == "neither"
    known = SourceState(Source.CATALOGUE, SourceReport(Source.CATALOGUE, Outcome.FOUND, provider=closed))
    assert is_complete([known, pending(Source.SRV)], DOMAIN, 0)
