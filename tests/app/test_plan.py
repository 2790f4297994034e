"""From what was asked for and found to one account: the protocol, the days that POP3 leaves messages, consent."""

from __future__ import annotations

from typing import Any

import pytest

from tests.app.journey import found, request
from tests.model.test_accounts import IMAP, POP3, SMTP, report
from wizard.advice.recommendation import recommend
from wizard.app.plan import (
    against_pair,
    check_accepted,
    guessed,
    leave_for,
    not_answering,
    protocol_for,
    require_consent,
    require_servers,
    used_servers,
    verified,
)
from wizard.model.accounts import account_from
from wizard.model.address import parse_address
from wizard.model.discovery import DiscoveryReport, Source, Trust
from wizard.model.problems import InputNeeded, NothingDiscovered, Notice, Problem
from wizard.model.recommendation import Confidence, Option, Recommendation
from wizard.model.servers import AfterDownload, LeavePolicy, Protocol, SocketType

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


@pytest.mark.parametrize("requested", ["imap", "pop3"])
def test_the_protocol_that_the_person_names_wins(requested):
    for option in Option:
        assert protocol_for(advice(option), report(imap=IMAP, smtp=SMTP), requested) == requested


def looked_up(**parts: Any) -> DiscoveryReport:
    return DiscoveryReport(address=parse_address("anna@example.test"), **parts)


FOUND = {"imap": found(Protocol.IMAP, "imap.example.test"), "pop3": found(Protocol.POP3, "pop.example.test")}
SENDING = found(Protocol.SMTP, "smtp.example.test")


def test_the_address_of_the_command_line_stands_above_that_of_the_answers():
    assert request("a@example.test", answers={"address": "b@example.test"}).mailbox == "a@example.test"
    assert request(answers={"address": "b@example.test"}).mailbox == "b@example.test"
    assert request().mailbox is None


def test_the_servers_of_an_account_are_those_of_its_protocol_and_for_sending():
    known = looked_up(smtp=SENDING, **FOUND)
    assert used_servers(known, Protocol.POP3) == (FOUND["pop3"], SENDING)
    assert used_servers(looked_up(imap=FOUND["imap"]), Protocol.POP3) == ()


def test_silent_are_the_used_servers_that_were_connected_to_in_vain():
    silent, untried = found(Protocol.POP3, "pop.test", verified=False), found(Protocol.SMTP, "smtp.test", verified=None)
    known = looked_up(imap=FOUND["imap"], pop3=silent, smtp=untried)
    assert not_answering(known, Protocol.POP3) == [silent]
    assert not_answering(known, Protocol.IMAP) == []


@pytest.mark.parametrize(
    ("states", "together"),
    [((True, True), True), ((True, None), None), ((False, None), False), ((True, False), False), ((), None)],
)
def test_verified_are_servers_that_all_answered(states, together):
    assert verified(None, *(found(Protocol.IMAP, "imap.test", verified=state) for state in states)) is together


def test_one_guess_makes_the_account_a_guess():
    assert guessed(None, SENDING, found(Protocol.IMAP, "imap.test", trust=Trust.GUESSED))
    assert not guessed(None, SENDING)


def test_an_account_needs_a_server_to_read_from_and_one_to_send_with():
    require_servers(looked_up(smtp=SENDING, pop3=FOUND["pop3"]), ())
    with pytest.raises(NothingDiscovered, match="Only a server for reading"):
        require_servers(looked_up(**FOUND), ())
    with pytest.raises(NothingDiscovered, match="Only a server for sending"):
        require_servers(looked_up(smtp=SENDING), ())
    with pytest.raises(NothingDiscovered, match="Nothing is known"):
        require_servers(looked_up(), ())


def test_settings_elsewhere_that_nobody_agreed_to_read_are_named_with_the_option():
    known = looked_up(needs_consent=(Notice("foreign_domain", "Said to be at group.test."),))
    with pytest.raises(InputNeeded, match=r"Said to be at group.test. To agree, add: --accept foreign_domain$"):
        require_servers(known, ())
    with pytest.raises(NothingDiscovered):
        require_servers(known, ("foreign_domain",))


def test_consent_that_is_missing_is_named_with_its_option_once():
    plain = found(Protocol.IMAP, "imap.test", security=SocketType.PLAIN, trust=Trust.GUESSED, source=Source.PROBE)
    asked = (Notice("plaintext", "Not encrypted."), Notice("guess", "A guess."))
    known = looked_up(imap=plain, smtp=SENDING, needs_consent=asked)
    with pytest.raises(InputNeeded) as caught:
        require_consent(known, Protocol.IMAP, ())
    assert caught.value.text.endswith("To agree, add: --accept plaintext --accept guess")
    with pytest.raises(InputNeeded, match=r"To agree, add: --accept guess$"):
        require_consent(known, Protocol.IMAP, ("plaintext",))
    require_consent(known, Protocol.IMAP, ("plaintext", "guess"))
    require_consent(known, Protocol.POP3, ())  # only what the account uses


def test_imap_for_the_phone_goes_with_pop3_that_leaves_messages_and_needs_its_own_consent():
    sure = {"pop3": found(Protocol.POP3, "pop.example.test"), "smtp": found(Protocol.SMTP, "smtp.example.test")}
    guess = found(Protocol.IMAP, "imap.example.test", source=Source.PROBE, trust=Trust.GUESSED)
    both = looked_up(**sure, imap=found(Protocol.IMAP, "imap.example.test"))
    assert against_pair(both, Protocol.POP3, keep(14), ()) is None
    assert "--protocol pop3" in (against_pair(both, Protocol.IMAP, keep(14), ()) or "")
    assert "--leave-days" in (against_pair(both, Protocol.POP3, REMOVE, ()) or "")
    assert "IMAP" in (against_pair(looked_up(**sure), Protocol.POP3, keep(14), ()) or "")
    unsure = looked_up(**sure, imap=guess, needs_consent=(Notice("guess", "A guess."),))
    assert "--accept guess" in (against_pair(unsure, Protocol.POP3, keep(14), ()) or "")
    assert against_pair(unsure, Protocol.POP3, keep(14), ("guess",)) is None


def test_only_what_can_be_agreed_to_is_accepted():
    check_accepted(("guess", "foreign_domain", "plaintext"))
    with pytest.raises(Problem, match="Did you mean plaintext"):
        check_accepted(("plain_text",))
