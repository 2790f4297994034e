"""Which protocol an account gets, and how long POP3 leaves messages on the server."""

from __future__ import annotations

import pytest

from tests.model.test_accounts import IMAP, POP3, SMTP, report
from wizard.advice.recommendation import recommend
from wizard.app.plan import leave_for, protocol_for
from wizard.model.accounts import account_from
from wizard.model.recommendation import Confidence, Option, Recommendation
from wizard.model.servers import AfterDownload, LeavePolicy, Protocol

REMOVE = LeavePolicy(AfterDownload.REMOVE)


def keep(days: int) -> LeavePolicy:
    return LeavePolicy(AfterDownload.KEEP_DAYS, days)


def advice(option: Option, leave_days: int | None = None) -> Recommendation:
    return Recommendation(option=option, confidence=Confidence.CLEAR, scores={}, leave_days=leave_days)


ADVICE = [advice(option, 7 if option is Option.POP_KEEP else None) for option in Option]


@pytest.mark.parametrize("protocol", [Protocol.IMAP, Protocol.POP3])
@pytest.mark.parametrize("given", ADVICE, ids=lambda given: given.option.value)
@pytest.mark.parametrize(("days", "policy"), [(0, REMOVE), (1, keep(1)), (14, keep(14)), (3650, keep(3650))])
def test_the_days_that_the_person_names_win_over_any_advice(given, protocol, days, policy):
    assert leave_for(given, protocol, days) == policy


def test_pop3_removes_at_once_only_where_that_is_the_advice():
    assert leave_for(advice(Option.POP), Protocol.POP3, None) == REMOVE
    for given in ADVICE:
        if given.option is not Option.POP:
            assert leave_for(given, Protocol.POP3, None).kind is AfterDownload.KEEP_DAYS


def test_an_imap_account_never_gets_a_pop3_server_that_removes_unless_the_person_says_so():
    """Its POP3 server is an alternative only: nobody was advised to empty the mailbox with it."""
    both = report(imap=IMAP, pop3=POP3, smtp=SMTP)
    for given in ADVICE:
        policy = leave_for(given, Protocol.IMAP, None)
        assert policy.kind is AfterDownload.KEEP_DAYS
        assert account_from(both, Protocol.IMAP, leave=policy).leave == policy
    assert leave_for(advice(Option.POP), Protocol.IMAP, None) == keep(14)


@pytest.mark.parametrize("days", [7, 14, 30])
@pytest.mark.parametrize("protocol", [Protocol.IMAP, Protocol.POP3])
def test_the_days_of_the_advice_are_the_days_of_the_account(protocol, days):
    assert leave_for(advice(Option.POP_KEEP, days), protocol, None) == keep(days)


@pytest.mark.parametrize("option", [Option.IMAP, Option.IMAP_ARCHIVE, Option.NONE])
def test_pop3_against_the_advice_keeps_messages_for_a_fortnight(option):
    assert leave_for(advice(option), Protocol.POP3, None) == keep(14)


def test_without_any_answer_pop3_keeps_messages_for_a_fortnight():
    assert leave_for(recommend({}), Protocol.POP3, None) == keep(14)
    assert account_from(report(pop3=POP3, smtp=SMTP), Protocol.POP3).leave == keep(14)


@pytest.mark.parametrize(
    ("option", "servers", "protocol"),
    [
        (Option.IMAP, {"imap": IMAP, "pop3": POP3}, Protocol.IMAP),
        (Option.IMAP_ARCHIVE, {"imap": IMAP, "pop3": POP3}, Protocol.IMAP),
        (Option.POP_KEEP, {"imap": IMAP, "pop3": POP3}, Protocol.POP3),
        (Option.POP, {"imap": IMAP, "pop3": POP3}, Protocol.POP3),
        (Option.NONE, {"imap": IMAP, "pop3": POP3}, Protocol.IMAP),
        (Option.IMAP, {"pop3": POP3}, Protocol.POP3),
        (Option.POP, {"imap": IMAP}, Protocol.IMAP),
        (Option.IMAP, {}, Protocol.IMAP),
        (Option.POP, {}, Protocol.POP3),
    ],
)
def test_the_protocol_is_the_advised_one_or_the_one_there_is_a_server_for(option, servers, protocol):
    assert protocol_for(advice(option), report(**servers, smtp=SMTP), None) is protocol


@pytest.mark.parametrize("wished", ["imap", "pop3"])
def test_the_protocol_that_the_person_names_wins(wished):
    for option in Option:
        assert protocol_for(advice(option), report(imap=IMAP, smtp=SMTP), wished) == wished
