"""From what was found to one account."""

from __future__ import annotations

import pytest

from wizard.model.accounts import SAFE_DAYS, account_from
from wizard.model.address import Hostname, parse_address
from wizard.model.discovery import DiscoveryReport, Evidence, FoundServer, Source, Trust
from wizard.model.problems import ExitCode, NothingDiscovered, Problem
from wizard.model.provider import FactSource, Provider
from wizard.model.servers import (
    USUAL_PORTS,
    AfterDownload,
    AuthenticationMethod,
    ClientConfig,
    LeavePolicy,
    Protocol,
    SocketType,
    server,
)

ANNA = parse_address("anna@bücher.de")


def found(protocol, host="mail", security=SocketType.SSL, trust=Trust.AUTHENTICATED):
    made = server(
        protocol,
        hostname=Hostname(f"{host}.example.org"),
        port=USUAL_PORTS[protocol, security],
        socket_type=security,
        username="anna",
        authentication=[AuthenticationMethod.PASSWORD_CLEARTEXT],
    )
    return FoundServer(made, Evidence(Source.CATALOGUE, trust))


IMAP, POP3, SMTP = found(Protocol.IMAP), found(Protocol.POP3), found(Protocol.SMTP)


def report(**parts):
    return DiscoveryReport(address=ANNA, **parts)


def test_the_protocol_asked_for_comes_first_and_the_other_stays_as_an_alternative():
    both = report(imap=IMAP, pop3=POP3, smtp=SMTP)
    assert account_from(both, Protocol.IMAP).incoming == IMAP.server
    assert account_from(both, Protocol.IMAP).alternatives == (POP3.server,)
    assert account_from(both, Protocol.POP3).incoming == POP3.server
    assert account_from(both, Protocol.POP3).alternatives == (IMAP.server,)


def test_nothing_removes_mail_unasked():
    account = account_from(report(pop3=POP3, smtp=SMTP), Protocol.POP3)
    assert account.leave == LeavePolicy(AfterDownload.KEEP_DAYS, SAFE_DAYS)


def test_a_leave_policy_is_kept_for_pop3_and_dropped_where_there_is_none():
    remove = LeavePolicy(AfterDownload.REMOVE)
    assert account_from(report(pop3=POP3, smtp=SMTP), Protocol.POP3, leave=remove).leave == remove
    assert account_from(report(imap=IMAP, pop3=POP3, smtp=SMTP), Protocol.IMAP, leave=remove).leave == remove
    assert account_from(report(imap=IMAP, smtp=SMTP), Protocol.IMAP, leave=remove).leave is None


@pytest.mark.parametrize(
    ("protocol", "order"),
    [
        (Protocol.IMAP, ["imap:imap2", "pop3:mail", "pop3:pop2", "smtp:smtp2"]),
        (Protocol.POP3, ["pop3:pop2", "imap:mail", "imap:imap2", "smtp:smtp2"]),
    ],
)
def test_alternatives_go_same_protocol_other_incoming_outgoing(protocol, order):
    more = (found(Protocol.SMTP, "smtp2"), found(Protocol.IMAP, "imap2"), found(Protocol.POP3, "pop2"))
    account = account_from(report(imap=IMAP, pop3=POP3, smtp=SMTP, alternatives=more), protocol)
    assert [f"{server.protocol}:{server.hostname.partition('.')[0]}" for server in account.alternatives] == order


def test_a_server_that_is_found_twice_stands_once():
    again = (IMAP, POP3, POP3, SMTP, found(Protocol.IMAP, "imap2"), found(Protocol.IMAP, "imap2"))
    account = account_from(report(imap=IMAP, pop3=POP3, smtp=SMTP, alternatives=again), Protocol.IMAP)
    assert len(account.alternatives) == len(set(account.alternatives)) == 2


@pytest.mark.parametrize("parts", [{}, {"imap": IMAP}, {"smtp": SMTP}])
def test_what_cannot_read_and_send_is_nothing_discovered(parts):
    assert not report(**parts).usable
    with pytest.raises(NothingDiscovered, match=r"anna@bücher\.de") as caught:
        account_from(report(**parts), Protocol.IMAP)
    assert caught.value.exit_code is ExitCode.NOTHING_DISCOVERED


def test_a_protocol_that_is_not_offered_is_a_problem():
    with pytest.raises(Problem, match=r"POP3 is not offered for anna@bücher\.de"):
        account_from(report(imap=IMAP, smtp=SMTP), Protocol.POP3)


def provider(offers):
    config = ClientConfig("example", (ANNA.domain,), "Example Mail", (), ())
    source = FactSource("a guide", "2026-11-01", "confirmed")
    return Provider(
        id="example",
        name="Example Mail",
        config=config,
        mx_suffixes=(),
        offers=offers,
        password_kind="account",
        source=source,
    )


def test_the_provider_s_name_goes_along():
    account = account_from(report(imap=IMAP, smtp=SMTP, provider=provider("both")), Protocol.IMAP)
    assert (account.provider_id, account.provider_name) == ("example", "Example Mail")
    assert account.display_name == ""


@pytest.mark.parametrize(
    ("parts", "offers", "offer"),
    [
        ({"imap": IMAP, "pop3": POP3}, None, "both"),
        ({"imap": IMAP}, None, None),
        ({"imap": IMAP}, "imap_only", "imap_only"),
        ({"imap": IMAP}, "both", None),
        ({"pop3": POP3}, None, None),
        ({"pop3": POP3}, "pop_only", "pop_only"),
        ({}, None, None),
        ({}, "neither", "neither"),
    ],
)
def test_one_protocol_found_is_no_proof_that_the_other_is_missing(parts, offers, offer):
    known = provider(offers) if offers is not None else None
    assert report(**parts, smtp=SMTP, provider=known).offer == offer


def test_the_best_server_is_found_by_its_protocol():
    both = report(imap=IMAP, smtp=SMTP)
    assert [both.best(protocol) for protocol in Protocol] == [IMAP, None, SMTP]
