"""When a look-up may end: a higher source is waited for, a lower one only while it can still matter."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.discovery.findings import found
from wizard.discovery.completion import GRACE, SourceState, has_usable_account, is_complete
from wizard.model.address import Domain
from wizard.model.discovery import Outcome, Source, SourceReport, Trust
from wizard.model.servers import Protocol

DOMAIN = Domain("example.org")


def answered(source, protocols=(Protocol.IMAP, Protocol.POP3, Protocol.SMTP), *, not_offered=(), **options):
    servers = tuple(found(protocol, source, **options) for protocol in protocols)
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
    some = answered(Source.SRV, [protocol for protocol in Protocol if protocol is not left])
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

    closed = next(filter(None, map(provider_named, ("tutanota", "tuta"))))
    assert closed.offers == "neither"
    known = SourceState(Source.CATALOGUE, SourceReport(Source.CATALOGUE, Outcome.FOUND, provider=closed))
    assert is_complete([known, pending(Source.SRV)], DOMAIN, 0)


def test_the_grace_is_the_documented_one():
    assert GRACE == 0.8


def provider(offers):
    from wizard.discovery.catalogue import provider_named

    known = provider_named("gmx")
    assert known is not None
    return replace(known, offers=offers)


def known_provider(offers, protocols):
    servers = tuple(found(protocol, Source.CATALOGUE) for protocol in protocols)
    report = SourceReport(Source.CATALOGUE, Outcome.FOUND, servers=servers, provider=provider(offers))
    return SourceState(Source.CATALOGUE, report)


@pytest.mark.parametrize(
    ("offers", "offered", "complete"),
    [
        ("imap_only", Protocol.IMAP, True),
        ("imap_only", Protocol.POP3, False),
        ("pop_only", Protocol.POP3, True),
        ("pop_only", Protocol.IMAP, False),
        ("both", Protocol.IMAP, False),
        (None, Protocol.POP3, False),
    ],
)
def test_what_the_provider_does_not_offer_is_not_waited_for(offers, offered, complete):
    states = [known_provider(offers, [offered, Protocol.SMTP]), pending(Source.SRV)]
    assert is_complete(states, DOMAIN, 0) is complete
    assert is_complete([nothing(Source.SRV), *states], DOMAIN, 0) is complete  # whoever names the provider


def test_a_provider_that_is_still_being_connected_to_does_not_end_it():
    report = SourceReport(Source.CATALOGUE, Outcome.FOUND, provider=provider("neither"))
    assert not is_complete([SourceState(Source.CATALOGUE, None, report), pending(Source.SRV)], DOMAIN, 0)
    open_one = replace(report, provider=provider("both"))
    assert not is_complete([SourceState(Source.CATALOGUE, open_one), pending(Source.SRV)], DOMAIN, 0)


def test_what_was_seen_of_a_source_counts_before_it_is_done():
    report = answered(Source.SRV).report
    assert has_usable_account([SourceState(Source.SRV, None, report)])
    assert not has_usable_account([SourceState(Source.SRV, None, None)])
    assert is_complete([SourceState(Source.SRV, None, report), pending(Source.PROBE)], DOMAIN, 0)
    # Once it is done, its last word counts.
    stale = answered(Source.SRV, verified=False).report
    assert not has_usable_account([SourceState(Source.SRV, stale, report)])


@pytest.mark.parametrize(
    ("protocols", "usable"),
    [
        ((Protocol.IMAP, Protocol.SMTP), True),
        ((Protocol.POP3, Protocol.SMTP), True),
        ((Protocol.IMAP, Protocol.POP3), False),
        ((Protocol.SMTP,), False),
    ],
)
def test_an_account_needs_one_server_to_read_with_and_one_to_send_with(protocols, usable):
    assert has_usable_account([answered(Source.SRV, protocols)]) is usable


@pytest.mark.parametrize("verified", [None, False])
def test_only_servers_that_were_seen_to_answer_and_encrypt_make_an_account(verified):
    assert not has_usable_account([answered(Source.SRV, verified=verified)])
    plain = answered(Source.SRV, [Protocol.SMTP], security="plain")
    assert not has_usable_account([answered(Source.SRV, [Protocol.IMAP]), plain])


def test_one_protocol_of_a_lower_source_makes_it_wait_for_those_between():
    lower = [answered(Source.SRV, [Protocol.IMAP, Protocol.POP3]), pending(Source.AUTOCONFIG)]
    assert not is_complete([*lower, answered(Source.ISPDB, [Protocol.SMTP])], DOMAIN, 0)


def test_one_pending_source_that_matters_is_enough_to_wait():
    upgraded = answered(Source.SRV, security="STARTTLS")
    assert not is_complete([upgraded, pending(Source.AUTOCONFIG), pending(Source.PROBE)], DOMAIN, 0)


def test_one_server_with_an_upgrade_is_enough_to_wait():
    servers = [found(protocol, Source.SRV) for protocol in (Protocol.IMAP, Protocol.POP3)]
    servers.append(found(Protocol.SMTP, Source.SRV, security="STARTTLS"))
    mixed = SourceState(Source.SRV, SourceReport(Source.SRV, Outcome.FOUND, servers=tuple(servers)))
    assert not is_complete([mixed, pending(Source.ISPDB)], DOMAIN, 0)


def test_a_guess_is_checked_against_what_others_publish():
    guessed = answered(Source.CATALOGUE, trust=Trust.GUESSED)
    assert not is_complete([guessed, pending(Source.ISPDB)], DOMAIN, 0)
    assert is_complete([guessed, pending(Source.PROBE)], DOMAIN, 0)


@pytest.mark.parametrize("guessed", [[Protocol.SMTP], [Protocol.IMAP, Protocol.POP3]])
def test_a_guess_is_waited_for_where_it_may_keep_an_account_with_one_owner(guessed):
    known = answered(Source.SRV, [protocol for protocol in Protocol if protocol not in guessed])
    parts = [known, SourceState(Source.PROBE, None, answered(Source.PROBE, guessed, trust=Trust.GUESSED).report)]
    assert not is_complete(parts, DOMAIN, 0)
    assert is_complete(parts, DOMAIN, GRACE)


def test_a_guessed_second_protocol_for_reading_is_nothing_to_wait_for():
    known = answered(Source.SRV, [Protocol.IMAP, Protocol.SMTP])
    guess = answered(Source.PROBE, [Protocol.POP3], trust=Trust.GUESSED).report
    assert is_complete([known, SourceState(Source.PROBE, None, guess)], DOMAIN, 0)


# --- whom the mail is delivered to


OWN, HOSTER = {"host": "mail.example.org"}, {"host": "mail.hoster.example"}


def receiving(*hosts, provider=None):
    """MX records were read; what is published by those whom they name is not known yet."""
    begun = SourceReport(Source.MX, Outcome.CANCELLED, mail_hosts=hosts, provider=provider)
    return SourceState(Source.MX, None, begun)


@pytest.mark.parametrize(
    ("published", "mx", "complete"),
    [
        (OWN, pending(Source.MX), False),  # the records have not been read
        (OWN, receiving("mx.filter.example"), True),
        (HOSTER, receiving("mx.hoster.example"), True),
        (HOSTER, receiving("mx.filter.example"), False),
        (OWN, receiving("mx.gmx.net", provider=provider("both")), False),
        (HOSTER, receiving("mx.gmx.net", provider=provider("both")), False),
        (HOSTER, nothing(Source.MX), True),
    ],
)
def test_whom_the_mail_is_delivered_to_is_waited_for_while_this_could_change_the_owner(published, mx, complete):
    states = [answered(Source.AUTOCONFIG, **published), mx]
    assert is_complete(states, DOMAIN, 0) is complete
    assert is_complete(states, DOMAIN, GRACE)


def test_what_the_database_has_for_the_domain_waits_for_nobody():
    assert is_complete([answered(Source.ISPDB, **HOSTER), pending(Source.MX)], DOMAIN, 0)


def test_receiving_and_sending_of_two_owners_are_not_enough():
    halves = [answered(Source.SRV, [Protocol.IMAP]), answered(Source.AUTOCONFIG, [Protocol.SMTP], **HOSTER)]
    assert not is_complete([*halves, pending(Source.PROBE)], DOMAIN, GRACE)


def test_the_owner_that_leads_is_waited_for_while_its_servers_are_connected_to():
    new = answered(Source.MX, host="mail.gmx.net", trust=Trust.UNAUTHENTICATED, verified=None).report
    new = replace(new, provider=provider("both"), mail_hosts=("mx00.gmx.net",))
    states = [answered(Source.AUTOCONFIG), SourceState(Source.MX, None, new)]
    assert not is_complete(states, DOMAIN, 0)
    assert is_complete(states, DOMAIN, GRACE)


def test_a_source_that_cannot_answer_in_time_any_more_is_not_waited_for():
    """Its word would count more, and another one's would, too."""
    late = SourceState(Source.AUTOCONFIG, None, None, too_late=True)
    best = answered(Source.ISPDB)
    assert is_complete([late, best], DOMAIN, 0)
    assert not is_complete([late, pending(Source.WELL_KNOWN), best], DOMAIN, 0)
    assert not is_complete([late, nothing(Source.ISPDB)], DOMAIN, 0)
