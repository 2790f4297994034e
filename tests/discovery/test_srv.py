"""SRV records: chosen from as RFC 2782 says, read as RFC 6186 and RFC 8314 say."""

from __future__ import annotations

import asyncio
from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.discovery.context import Context, LookUpOptions
from wizard.discovery.sources import srv
from wizard.discovery.sources.srv import in_order
from wizard.model.address import parse_address
from wizard.model.discovery import Outcome, Source, Trust
from wizard.model.servers import AuthenticationMethod, Protocol, SocketType
from wizard.net.dns import Answer, SrvRecord
from wizard.net.failures import Failure, FailureKind

ANNA = parse_address("anna@example.test")
NOBODY = Answer((), secure=False, exists=False)


def record(target, port=993, priority=0, weight=1):
    return SrvRecord(priority, weight, port, target)


def answered(*records, secure=False):
    return Answer(tuple(records), secure)


def read(*, seed=1, **answers):
    """The report for the services that are given; the others do not exist."""
    return srv.report_of(ANNA, {service: answers.get(service, NOBODY) for service in srv.SERVICES}, Random(seed))


def shown(report):
    return [
        f"{found.server.protocol} {found.server.hostname} {found.server.port} {found.server.socket_type}"
        for found in report.servers
    ]


def targets(records, seed=1):
    return [srv_record.target for srv_record in in_order(records, Random(seed))]


# --- the order of RFC 2782


def test_a_lower_priority_comes_first_whatever_the_weights():
    records = [record("c", priority=20, weight=65535), record("a", priority=0, weight=0), record("b", priority=10)]
    assert all(targets(records, seed) == ["a", "b", "c"] for seed in range(50))


def test_equals_are_drawn_as_often_as_their_weights_say():
    records = [record("one", weight=10), record("six", weight=60), record("three", weight=30)]
    chance = Random(7)
    first = Counter(in_order(records, chance)[0].target for _ in range(6000))
    # The number is drawn from 0 to the sum, both included: 11 : 60 : 30 of 101 as the records are sorted here.
    for target, share in (("one", 11 / 101), ("three", 30 / 101), ("six", 60 / 101)):
        assert first[target] / 6000 == pytest.approx(share, abs=0.03)


def test_the_second_is_drawn_from_those_that_are_left():
    records = [record("heavy", weight=1000), record("one", weight=10), record("three", weight=30)]
    chance = Random(3)
    orders = [tuple(srv_record.target for srv_record in in_order(records, chance)) for _ in range(4000)]
    second = Counter(order[1] for order in orders if order[0] == "heavy")
    assert second["three"] / sum(second.values()) == pytest.approx(0.74, abs=0.04)


def test_a_weight_of_nothing_leaves_a_small_chance():
    records = [record("never", weight=0), record("mostly", weight=9)]
    chance = Random(5)
    first = Counter(in_order(records, chance)[0].target for _ in range(3000))
    assert first["never"] / 3000 == pytest.approx(0.1, abs=0.03)


def test_no_record_is_lost_or_doubled():
    records = [record(f"h{number}", priority=number % 3, weight=number % 5) for number in range(60)]
    for seed in range(20):
        assert sorted(targets(records, seed)) == sorted(record.target for record in records)


def test_records_that_all_have_no_weight_are_all_kept():
    assert sorted(targets([record("a", weight=0), record("b", weight=0)])) == ["a", "b"]


# --- what the records mean


def test_each_service_is_a_protocol_and_a_kind_of_encryption():
    report = read(
        _imaps=answered(record("i.example.test", 993)),
        _imap=answered(record("i.example.test", 143)),
        _pop3s=answered(record("p.example.test", 995)),
        _pop3=answered(record("p.example.test", 110)),
        _submissions=answered(record("s.example.test", 465)),
        _submission=answered(record("s.example.test", 587)),
    )
    assert report.outcome is Outcome.FOUND
    assert shown(report) == [
        "imap i.example.test 993 SSL",
        "imap i.example.test 143 STARTTLS",
        "pop3 p.example.test 995 SSL",
        "pop3 p.example.test 110 STARTTLS",
        "smtp s.example.test 465 SSL",
        "smtp s.example.test 587 STARTTLS",
    ]
    assert all(found.server.username == "anna@example.test" for found in report.servers)
    assert all(found.server.authentication == (AuthenticationMethod.PASSWORD_CLEARTEXT,) for found in report.servers)
    assert all(found.verified is None for found in report.servers)
    assert report.servers[2].evidence.source is Source.SRV
    assert report.servers[2].evidence.url == "dns:_pop3s._tcp.example.test?type=SRV"


def test_a_placeholder_in_the_address_itself_is_not_filled_in():
    address = parse_address("%EMAILDOMAIN%@example.test")
    answers = dict.fromkeys(srv.SERVICES, NOBODY) | {"_imaps": answered(record("i.example.test"))}
    (found,) = srv.report_of(address, answers, Random(1)).servers
    assert found.server.username == "%EMAILDOMAIN%@example.test"


def test_the_second_target_follows_the_first_so_that_a_dead_one_gives_way():
    report = read(_imaps=answered(record("live.example.test", priority=5), record("dead.example.test", priority=1)))
    assert shown(report) == ["imap dead.example.test 993 SSL", "imap live.example.test 993 SSL"]


def test_encryption_from_the_first_byte_comes_before_starttls_whatever_the_priorities():
    report = read(
        _imap=answered(record("a.example.test", 143, priority=0)), _imaps=answered(record("b.example.test", priority=9))
    )
    assert [found.server.socket_type for found in report.servers] == [SocketType.SSL, SocketType.STARTTLS]


def test_a_domain_can_say_that_it_prefers_pop3():
    report = read(
        _imaps=answered(record("i.example.test", priority=10)),
        _pop3s=answered(record("p.example.test", 995, priority=1)),
        _submissions=answered(record("s.example.test", 465)),
    )
    assert [found.server.protocol for found in report.servers] == [Protocol.POP3, Protocol.IMAP, Protocol.SMTP]


# --- “.”: decidedly not offered


def test_a_dot_says_that_a_protocol_is_not_offered():
    report = read(
        _imaps=answered(record("")),
        _imap=answered(record("")),
        _pop3s=answered(record("p.example.test", 995)),
        _submissions=answered(record("s.example.test", 465)),
    )
    assert report.not_offered == (Protocol.IMAP,)
    assert report.detail == "The domain says that it does not offer IMAP."
    assert [found.server.protocol for found in report.servers] == [Protocol.POP3, Protocol.SMTP]


def test_a_dot_for_one_service_denies_nothing_while_the_other_is_offered():
    report = read(_imap=answered(record("", 0)), _imaps=answered(record("imap.example.test")))
    assert report.not_offered == ()
    assert report.detail == "Not offered: _imap."


def test_a_dot_denies_nothing_while_the_other_question_has_no_answer():
    lost = Failure(FailureKind.DNS_TIMEOUT, "_imaps._tcp.example.test")
    report = read(_imap=answered(record("")), _imaps=lost)
    assert report.not_offered == ()


def test_only_dots_are_nothing_found_with_the_reason():
    report = read(_imaps=answered(record("")), _pop3s=answered(record("")), _submission=answered(record("")))
    assert report.outcome is Outcome.NOTHING
    assert report.not_offered == (Protocol.IMAP, Protocol.POP3, Protocol.SMTP)
    assert report.servers == ()


def test_a_dot_among_real_targets_is_left_out():
    report = read(_imaps=answered(record(""), record("imap.example.test")))
    assert shown(report) == ["imap imap.example.test 993 SSL"]
    assert report.not_offered == ()


# --- what is refused, and what fails


def test_a_port_that_is_not_for_mail_is_left_out_and_named():
    report = read(_imaps=answered(record("imap.example.test", 22), record("imap.example.test", 993)))
    assert shown(report) == ["imap imap.example.test 993 SSL"]
    assert "imap.example.test 22" in report.detail


def test_nothing_but_odd_ports_is_refused_and_not_taken_for_not_offered():
    report = read(_imaps=answered(record("imap.example.test", 6379)), _imap=answered(record("")))
    assert report.outcome is Outcome.REFUSED
    assert report.servers == ()
    assert report.not_offered == ()


def test_nothing_published_says_so():
    report = read()
    assert report.outcome is Outcome.NOTHING
    assert report.detail == "The domain has no SRV records for mail."


def test_a_failed_question_does_not_discard_the_other_answers():
    lost = Failure(FailureKind.DNS_TIMEOUT, "_imaps._tcp.example.test")
    report = read(_imaps=lost, _pop3s=answered(record("p.example.test", 995)))
    assert report.outcome is Outcome.FOUND
    assert shown(report) == ["pop3 p.example.test 995 SSL"]
    assert "_imaps._tcp.example.test" in report.detail


def test_where_a_question_failed_and_nothing_was_found_nobody_says_that_there_is_nothing():
    report = read(_submission=Failure(FailureKind.DNS_FAILED, "_submission._tcp.example.test"))
    assert report.outcome is Outcome.UNREACHABLE


def test_five_hundred_targets_are_cut_to_those_that_can_be_tried():
    records = [record(f"h{number}.example.test", priority=number) for number in range(500)]
    report = read(_imaps=answered(*records))
    assert shown(report)[0] == "imap h0.example.test 993 SSL"
    assert len(report.servers) == srv.TARGETS


# --- trust


def test_answers_that_a_resolver_validated_are_authenticated():
    report = read(_imaps=answered(record("i.example.test"), secure=True))
    assert {found.evidence.trust for found in report.servers} == {Trust.AUTHENTICATED}


def test_one_answer_that_was_not_validated_makes_all_of_it_doubtful():
    report = read(
        _imaps=answered(record("i.example.test"), secure=True),
        _submissions=answered(record("s.example.test", 465), secure=False),
    )
    assert {found.evidence.trust for found in report.servers} == {Trust.UNAUTHENTICATED}


def test_an_answer_that_gave_no_server_does_not_count_for_trust():
    report = read(
        _imaps=answered(record("i.example.test"), secure=True),
        _imap=answered(record(""), secure=False),
        _pop3s=answered(record("p.example.test", 4711), secure=False),
    )
    assert {found.evidence.trust for found in report.servers} == {Trust.AUTHENTICATED}


# --- asked for real


def ask(world, address="anna@example.test"):
    async def run():
        return await srv.find(Context(parse_address(address), LookUpOptions(), world.network()))

    return asyncio.run(run())


def test_all_six_services_are_asked_for(world):
    world.dns("_pop3s._tcp.example.test", SRV=[(0, 1, 995, "pop.example.test")])
    world.dns("_submission._tcp.example.test", SRV=[(0, 1, 587, "smtp.example.test")])
    report = ask(world)
    assert shown(report) == ["pop3 pop.example.test 995 SSL", "smtp smtp.example.test 587 STARTTLS"]
    asked = {event[1].rstrip(".") for event in world.seen if event[0] == "dns" and event[2] == "SRV"}
    assert asked == {f"{service}._tcp.example.test" for service in srv.SERVICES}


def test_a_dot_over_the_wire(world):
    world.dns("_imap._tcp.example.test", SRV=[(0, 0, 0, ".")])
    world.dns("_pop3s._tcp.example.test", SRV=[(0, 1, 995, "pop.example.test")])
    report = ask(world)
    assert report.not_offered == (Protocol.IMAP,)


def test_a_domain_with_letters_beyond_ascii_is_asked_as_a_labels(world):
    world.dns("_imaps._tcp.xn--bcher-kva.test", SRV=[(0, 1, 993, "imap.xn--bcher-kva.test")])
    report = ask(world, "jürgen@bücher.test")
    assert shown(report) == ["imap imap.xn--bcher-kva.test 993 SSL"]
    assert report.servers[0].server.username == "jürgen@xn--bcher-kva.test"


def test_one_service_whose_server_is_broken_leaves_the_others(world):
    world.dns("_submissions._tcp.example.test", SRV=[(0, 1, 465, "smtp.example.test")])
    world.dns_behaviour("_imaps._tcp.example.test", "servfail")
    report = ask(world)
    assert report.outcome is Outcome.FOUND
    assert "_imaps._tcp.example.test" in report.detail


def test_a_validating_resolver_makes_the_records_authenticated(world):
    world.validated = True
    world.dns("_imaps._tcp.example.test", SRV=[(0, 1, 993, "imap.example.test")])
    assert ask(world).servers[0].evidence.trust is Trust.AUTHENTICATED


# --- whatever comes

hypothesis_records = st.lists(
    st.builds(
        SrvRecord,
        st.integers(0, 3),
        st.integers(0, 65535),
        st.sampled_from([0, 22, 143, 993, 65535]),
        st.sampled_from(["", "a.test", "b.test"]),
    ),
    max_size=12,
)


@given(hypothesis_records, st.integers(0, 99))
def test_any_order_is_a_permutation_by_priority(records, seed):
    ordered = in_order(records, Random(seed))
    assert Counter(ordered) == Counter(records)
    assert [srv_record.priority for srv_record in ordered] == sorted(record.priority for record in records)


@given(st.dictionaries(st.sampled_from(list(srv.SERVICES)), hypothesis_records))
def test_any_records_make_a_report_that_does_not_contradict_itself(records):
    report = read(**{service: answered(*listed) for service, listed in records.items()})
    assert (report.outcome is Outcome.FOUND) == bool(report.servers)
    assert not {found.server.protocol for found in report.servers} & set(report.not_offered)
    assert {found.server.port for found in report.servers} <= {143, 993}
    assert report.detail.isprintable()
