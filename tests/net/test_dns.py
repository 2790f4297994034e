"""Names asked for, of name servers that answer well, badly, late or never."""

from __future__ import annotations

import asyncio
import gc
import logging
from pathlib import Path

import dns.flags
import dns.message
import dns.name
import dns.rcode
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.net.cancelling import cancel_at_once
from tests.net.nameserver import nameserver
from wizard.model.problems import Problem
from wizard.net import nameservers
from wizard.net.dns import Answer, MxRecord, Resolver, SrvRecord, open_resolver
from wizard.net.failures import Failure, FailureKind
from wizard.net.nameservers import Hosts, Nameserver, parse_nameserver, read_resolv_conf, system_nameservers


def ask(answering, question, **options):
    """Asks one server; gives the answer and what the server saw."""

    async def main():
        async with nameserver(answering, **options) as running:
            return await question(Resolver([running.server])), running

    return asyncio.run(main())


# ---------------------------------------------------------------------------------------------------------- records


def test_the_servers_of_a_service_come_by_priority():
    answer, running = ask(
        lambda asked: asked.reply(
            "SRV 20 0 993 B.example.org.", "SRV 10 5 993 a.example.org.", "SRV 10 7 994 a.example.org."
        ),
        lambda resolver: resolver.srv("_imaps._tcp.example.org"),
    )
    assert answer == Answer(
        (
            SrvRecord(10, 5, 993, "a.example.org"),
            SrvRecord(10, 7, 994, "a.example.org"),
            SrvRecord(20, 0, 993, "b.example.org"),
        ),
        secure=False,
    )
    assert running.questions == [("_imaps._tcp.example.org", "SRV")]


def test_a_dot_says_that_a_service_is_not_offered_and_that_a_domain_takes_no_mail():
    srv, _ = ask(lambda asked: asked.reply("SRV 0 0 0 ."), lambda resolver: resolver.srv("_imap._tcp.example.org"))
    mx, _ = ask(lambda asked: asked.reply("MX 0 ."), lambda resolver: resolver.mx("example.org"))
    assert srv.records == (SrvRecord(0, 0, 0, ""),)
    assert mx.records == (MxRecord(0, ""),)


def test_a_target_that_no_host_can_have_is_dropped():
    names = [
        "good.example.org.",
        r"bad\032name.example.org.",
        r"\027]8\059x.example.org.",
        "under_score.example.org.",
        "1.2.3.4.",
    ]
    answer, _ = ask(
        lambda asked: asked.reply(*(f"MX {number} {name}" for number, name in enumerate(names))),
        lambda resolver: resolver.mx("example.org"),
    )
    assert answer.records == (MxRecord(0, "good.example.org"),)


def test_the_strings_of_a_text_are_joined():
    answer, _ = ask(
        lambda asked: asked.reply('TXT "v=UAAC1; " "a=sha256"', 'TXT "\\255"'),
        lambda resolver: resolver.txt("example.org"),
    )
    assert answer.records == (b"v=UAAC1; a=sha256", b"\xff")


def test_no_such_name_and_no_such_record_differ():
    nothing, _ = ask(lambda asked: asked.reply(), lambda resolver: resolver.mx("example.org"))
    nobody, _ = ask(lambda asked: asked.reply(rcode=dns.rcode.NXDOMAIN), lambda resolver: resolver.mx("example.org"))
    assert nothing == Answer((), secure=False)
    assert nobody == Answer((), secure=False, exists=False)


def test_a_name_that_is_too_long_does_not_exist_and_nobody_is_asked():
    domain = ".".join(["a" * 60] * 4) + ".example"
    answer, running = ask(lambda asked: asked.reply(), lambda resolver: resolver.srv(f"_submissions._tcp.{domain}"))
    assert answer == Answer((), secure=False, exists=False)
    assert running.seen == []


def test_five_hundred_mail_exchangers_come_over_tcp_and_the_first_64_are_kept():
    def answering(asked):
        if not asked.stream:
            return asked.reply(flags=dns.flags.TC)
        return asked.reply(*(f"MX {1000 - number} mx{number}.example.org." for number in range(500)))

    answer, running = ask(answering, lambda resolver: resolver.mx("example.org"))
    assert [asked.stream for asked in running.seen] == [False, True]
    assert answer.records[0] == MxRecord(501, "mx499.example.org")
    assert len(answer.records) == 64


# ---------------------------------------------------------------------------------------------------------- aliases


def test_aliases_are_followed_as_the_answer_gives_them():
    answer, running = ask(
        lambda asked: asked.reply(
            "CNAME two.example.org.",
            "two.example.org. CNAME three.example.net.",
            "three.example.net. MX 1 mx.example.net.",
        ),
        lambda resolver: resolver.mx("example.org"),
    )
    assert answer.records == (MxRecord(1, "mx.example.net"),)
    assert len(running.seen) == 1


def test_an_alias_to_nothing_gives_nothing_and_a_record_of_another_name_does_not_count():
    answer, _ = ask(
        lambda asked: asked.reply("CNAME two.example.org.", "other.example.org. MX 1 mx.example.net."),
        lambda resolver: resolver.mx("example.org"),
    )
    assert answer == Answer((), secure=False)


@pytest.mark.parametrize(("length", "found"), [(8, True), (9, False)])
def test_a_chain_of_aliases_has_an_end(length, found):
    def answering(asked):
        chain = [f"n{number}.example.org. CNAME n{number + 1}.example.org." for number in range(length)]
        return asked.reply(*chain, f"n{length}.example.org. MX 1 mx.example.org.")

    answer, _ = ask(answering, lambda resolver: resolver.mx("n0.example.org"))
    assert (isinstance(answer, Answer) and answer.records != ()) == found
    assert found or answer.kind is FailureKind.DNS_FAILED


def test_aliases_in_a_circle_are_a_failure():
    answer, _ = ask(
        lambda asked: asked.reply("CNAME two.example.org.", "two.example.org. CNAME example.org."),
        lambda resolver: resolver.mx("example.org"),
    )
    assert answer.kind is FailureKind.DNS_FAILED


# -------------------------------------------------------------------------------------------------------- addresses


def both(four, six):
    return lambda asked: asked.reply(*(four if asked.kind == "A" else six))


def test_both_families_are_asked_at_once_and_ipv6_comes_first():
    answer, running = ask(
        both(["A 192.0.2.1"], ["AAAA 2001:db8::1"]),
        lambda resolver: resolver.addresses("mail.example.org", patience=60),
    )
    assert answer == Answer(("2001:db8::1", "192.0.2.1"), secure=False)
    assert sorted(running.questions) == [("mail.example.org", "A"), ("mail.example.org", "AAAA")]


@pytest.mark.parametrize(
    ("four", "six", "expected"),
    [([], ["AAAA 2001:db8::1"], ("2001:db8::1",)), (["A 192.0.2.1"], [], ("192.0.2.1",)), ([], [], ())],
)
def test_a_host_may_have_one_family_or_none(four, six, expected):
    answer, _ = ask(both(four, six), lambda resolver: resolver.addresses("mail.example.org"))
    assert answer == Answer(expected, secure=False)


def test_addresses_of_ipv4_do_not_wait_for_a_server_that_swallows_questions_for_ipv6(monkeypatch):
    monkeypatch.setattr(nameservers, "TIMEOUT", 3600)

    async def question(resolver):
        return await asyncio.wait_for(resolver.addresses("mail.example.org"), 30)

    answer, _ = ask(lambda asked: asked.reply("A 192.0.2.1") if asked.kind == "A" else None, question)
    assert answer.records == ("192.0.2.1",)


@pytest.mark.parametrize(
    ("late", "seconds", "four", "expected"),
    [
        ("AAAA", 0.01, ["A 192.0.2.1"], ("2001:db8::1", "192.0.2.1")),
        ("AAAA", 0.2, [], ("2001:db8::1",)),
        ("A", 0.2, ["A 192.0.2.1"], ("2001:db8::1", "192.0.2.1")),
    ],
    ids=["IPv6 within the delay", "IPv6 where there is no IPv4", "IPv4, always"],
)
def test_a_late_answer_is_waited_for(late, seconds, four, expected):
    def answering(asked):
        reply = both(four, ["AAAA 2001:db8::1"])(asked)
        if asked.kind != late:
            return reply
        loop = asyncio.get_running_loop()
        loop.call_later(seconds, lambda: servers[0].transport.sendto(reply.to_wire(), asked.peer))
        return None

    async def main():
        async with nameserver(answering) as running:
            servers.append(running)
            return await Resolver([running.server]).addresses("mail.example.org", patience=60)

    servers = []
    assert asyncio.run(main()).records == expected


def test_one_family_that_fails_does_not_hide_the_other():
    def answering(asked):
        return asked.reply("AAAA 2001:db8::1") if asked.kind == "AAAA" else asked.reply(rcode=dns.rcode.SERVFAIL)

    answer, _ = ask(answering, lambda resolver: resolver.addresses("mail.example.org"))
    assert answer.records == ("2001:db8::1",)


def test_nothing_of_one_family_and_a_failure_of_the_other_is_a_failure():
    def answering(asked):
        return asked.reply() if asked.kind == "AAAA" else asked.reply(rcode=dns.rcode.SERVFAIL)

    answer, _ = ask(answering, lambda resolver: resolver.addresses("mail.example.org"))
    assert answer.kind is FailureKind.DNS_FAILED
    assert "SERVFAIL" in answer.detail


@pytest.mark.parametrize("address", ["192.0.2.1", "::1", "fe80::1%eth0"])
def test_an_address_is_its_own_and_nobody_is_asked(address):
    answer, running = ask(lambda asked: asked.reply(), lambda resolver: resolver.addresses(address))
    assert answer.records == (address,)
    assert running.seen == []


def test_a_number_that_some_programs_read_as_an_address_is_a_name_like_any_other():
    answer, running = ask(
        lambda asked: asked.reply(rcode=dns.rcode.NXDOMAIN), lambda resolver: resolver.addresses("127.1")
    )
    assert answer == Answer((), secure=False, exists=False)
    assert len(running.seen) == 2


def test_a_host_with_a_thousand_addresses_keeps_few():
    many = [f"A 10.0.{number // 250}.{number % 250}" for number in range(1000)]

    def answering(asked):
        if asked.kind == "AAAA":
            return asked.reply()
        return asked.reply(*many) if asked.stream else asked.reply(flags=dns.flags.TC)

    answer, _ = ask(answering, lambda resolver: resolver.addresses("mail.example.org"))
    assert len(answer.records) == 16


# ------------------------------------------------------------------------------------------------- questions and trust


def test_a_question_asks_for_validation_and_announces_how_much_arrives():
    _, running = ask(lambda asked: asked.reply(), lambda resolver: resolver.mx("example.org"))
    query = running.seen[0].query
    assert query.flags & dns.flags.AD
    assert query.flags & dns.flags.RD
    assert (query.edns, query.payload) == (0, 1232)


def test_every_question_has_a_port_and_an_id_of_its_own():
    async def question(resolver):
        await asyncio.gather(*(resolver.mx(f"{number}.example.org") for number in range(20)))

    _, running = ask(lambda asked: asked.reply(), question)
    assert len({asked.query.id for asked in running.seen}) > 15
    assert len({asked.peer for asked in running.seen}) > 15


@pytest.mark.parametrize("trusted", [True, False])
def test_an_answer_is_secure_where_the_server_says_so_and_is_trusted_with_it(trusted):
    answer, _ = ask(
        lambda asked: asked.reply("MX 1 mx.example.org.", flags=dns.flags.AD),
        lambda resolver: resolver.mx("example.org"),
        trusted=trusted,
    )
    assert answer.secure is trusted


def test_addresses_are_secure_when_both_answers_are():
    def answering(asked):
        four = asked.kind == "A"
        return asked.reply("A 192.0.2.1" if four else "AAAA 2001:db8::1", flags=dns.flags.AD if four else 0)

    answer, _ = ask(answering, lambda resolver: resolver.addresses("mail.example.org", patience=60))
    assert not answer.secure


# ------------------------------------------------------------------------------------------------- bad servers


def wrong_id(asked):
    reply = asked.reply("MX 1 evil.example.net.")
    reply.id ^= 1
    return reply


def test_an_answer_with_another_id_is_not_heard():
    async def main():
        def answering(asked):
            running.transport.sendto(wrong_id(asked).to_wire(), asked.peer)
            running.transport.sendto(b"", asked.peer)
            running.transport.sendto(asked.query.to_wire(), asked.peer)
            return asked.reply("MX 1 mx.example.org.")

        async with nameserver(answering) as running:
            return await Resolver([running.server]).mx("example.org")

    assert asyncio.run(main()).records == (MxRecord(1, "mx.example.org"),)


@pytest.mark.parametrize("misfit", ["other question", "malformed"])
def test_a_forged_datagram_that_does_not_fit_does_not_end_the_question(misfit, monkeypatch):
    """Whoever guesses port and id but not the question, or sends half a message, stops nothing (RFC 5452 section 9)."""
    # dnspython before 2.9 loses a datagram that comes right behind another: then it is asked for again.
    monkeypatch.setattr(nameservers, "RESEND_DELAY", 0.05)

    def answering(asked):
        good, cut = asked.reply("MX 1 mx.example.org.").to_wire(), asked.reply("MX 1 evil.").to_wire()[:-3]
        running.transport.sendto(cut if misfit == "malformed" else other_question(asked).to_wire(), asked.peer)
        return good

    async def main():
        nonlocal running
        async with nameserver(answering) as running:
            return await Resolver([running.server]).mx("example.org")

    running = None
    assert asyncio.run(main()).records == (MxRecord(1, "mx.example.org"),)


def other_question(asked):
    reply = asked.reply("MX 1 evil.example.net.")
    reply.question[0].name = dns.name.from_text("evil.example.net")
    return reply


BAD = {
    "SERVFAIL": lambda asked: asked.reply(rcode=dns.rcode.SERVFAIL),
    "REFUSED": lambda asked: asked.reply(rcode=dns.rcode.REFUSED),
    "something else": other_question,
    "malformed": lambda asked: asked.reply("MX 1 mx.example.org.").to_wire()[:-3],
    "connection broke": lambda asked: b"" if asked.stream else asked.reply(flags=dns.flags.TC),
    "does not look names up": lambda asked: dns.message.make_response(asked.query),
    "cut off": lambda asked: asked.reply(flags=dns.flags.TC),
}


@pytest.mark.parametrize("reason", BAD)
def test_a_server_that_fails_is_named_with_the_reason(reason, monkeypatch):
    monkeypatch.setattr(nameservers, "RESEND_DELAY", 0.05)  # after that, TCP says what is wrong
    answer, _ = ask(BAD[reason], lambda resolver: resolver.mx("example.org"))
    assert isinstance(answer, Failure)
    assert (answer.kind, answer.host) == (FailureKind.DNS_FAILED, "example.org")
    assert answer.detail.startswith("127.0.0.1: ")
    assert reason in answer.detail


@pytest.mark.parametrize("reason", BAD)
def test_a_server_that_fails_gives_way_to_the_next_at_once(reason, monkeypatch):
    monkeypatch.setattr(nameservers, "STAGGER_DELAY", 3600)
    if reason in ("malformed", "something else"):  # as a datagram that counts as none, until TCP says the same
        monkeypatch.setattr(nameservers, "RESEND_DELAY", 0.05)
    else:
        monkeypatch.setattr(nameservers, "RESEND_DELAY", 3600)

    async def main():
        good = nameserver(lambda asked: asked.reply("MX 1 mx.example.org."))
        async with nameserver(BAD[reason]) as first, good as second:
            return await Resolver([first.server, second.server]).mx("example.org")

    assert asyncio.run(main()).records == (MxRecord(1, "mx.example.org"),)


def test_a_port_where_nobody_listens_fails_at_once(monkeypatch):
    monkeypatch.setattr(nameservers, "TIMEOUT", 3600)
    monkeypatch.setattr(nameservers, "RESEND_DELAY", 3600)

    async def main():
        async with nameserver(lambda asked: None) as running:
            gone = running.server
        await asyncio.sleep(0)
        return await asyncio.wait_for(Resolver([gone]).mx("example.org"), 30)

    answer = asyncio.run(main())
    assert answer.kind is FailureKind.DNS_FAILED
    assert "refused" in answer.detail


def test_a_machine_without_name_servers_is_a_failure_not_a_problem():
    answer = asyncio.run(Resolver([]).mx("example.org"))
    assert answer.kind is FailureKind.DNS_FAILED


def test_an_old_server_is_asked_again_without_edns():
    def answering(asked):
        if asked.query.edns >= 0:
            return asked.reply(rcode=dns.rcode.FORMERR)
        return asked.reply("MX 1 mx.example.org.")

    answer, running = ask(answering, lambda resolver: resolver.mx("example.org"))
    assert answer.records == (MxRecord(1, "mx.example.org"),)
    assert len(running.seen) == 2


def test_a_lost_packet_is_sent_again(monkeypatch):
    monkeypatch.setattr(nameservers, "RESEND_DELAY", 0.05)
    lost = []

    def answering(asked):
        lost.extend([] if asked.stream else [asked])
        return None if asked.stream or len(lost) < 3 else asked.reply("MX 1 mx.example.org.")

    answer, running = ask(answering, lambda resolver: resolver.mx("example.org"))
    assert answer.records == (MxRecord(1, "mx.example.org"),)
    assert len({(asked.peer, asked.query.id) for asked in running.seen if not asked.stream}) == 1


def test_where_datagrams_are_lost_the_answer_comes_over_tcp(monkeypatch):
    monkeypatch.setattr(nameservers, "RESEND_DELAY", 0.05)
    answer, running = ask(
        lambda asked: asked.reply("MX 1 mx.example.org.") if asked.stream else None,
        lambda resolver: resolver.mx("example.org"),
    )
    assert answer.records == (MxRecord(1, "mx.example.org"),)
    assert [asked.stream for asked in running.seen][:1] == [False]


def over_tcp_only(asked):
    return asked.reply("MX 1 mx.example.org.") if asked.stream else None


def test_where_datagrams_are_swallowed_the_first_answer_over_tcp_settles_it_for_all(monkeypatch):
    """The questions that left at the same time change over at once; those after it send no datagram any more."""
    monkeypatch.setattr(nameservers, "TCP_DELAY", 0.05)
    monkeypatch.setattr(nameservers, "RESEND_DELAY", 3600)
    monkeypatch.setattr(nameservers, "TIMEOUT", 3600)

    async def main():
        async with nameserver(over_tcp_only) as running:
            resolver = Resolver([running.server])
            together = [resolver.mx(f"host{number}.example.org") for number in range(20)]
            answers = [*await asyncio.wait_for(asyncio.gather(*together), 30), await resolver.mx("later.example.org")]
            return answers, [(asked.name, asked.stream) for asked in running.seen]

    answers, seen = asyncio.run(main())
    assert [answer.records for answer in answers] == [(MxRecord(1, "mx.example.org"),)] * 21
    assert ("later.example.org", True) in seen
    assert ("later.example.org", False) not in seen


def test_a_single_question_tries_tcp_where_the_server_is_silent(monkeypatch):
    monkeypatch.setattr(nameservers, "TCP_DELAY", 0.05)
    monkeypatch.setattr(nameservers, "RESEND_DELAY", 3600)
    monkeypatch.setattr(nameservers, "TIMEOUT", 0.4)

    async def main():
        async with nameserver(lambda asked: None) as running:
            resolver = Resolver([running.server])
            await asyncio.gather(*(resolver.mx(f"host{number}.org") for number in range(9)))
            return [asked for asked in running.seen if asked.stream]

    assert len(asyncio.run(main())) == 1


def test_a_server_that_answers_datagrams_is_not_asked_over_tcp_before_the_question_is_sent_again(monkeypatch):
    monkeypatch.setattr(nameservers, "TCP_DELAY", 0.01)
    monkeypatch.setattr(nameservers, "RESEND_DELAY", 3600)
    monkeypatch.setattr(nameservers, "TIMEOUT", 0.3)

    async def main():
        async with nameserver(lambda asked: asked.reply() if asked.name == "one.org" else None) as running:
            resolver = Resolver([running.server])
            await resolver.mx("one.org")
            lost = await resolver.mx("two.org")
            return lost, [asked for asked in running.seen if asked.stream]

    lost, streams = asyncio.run(main())
    assert lost.kind is FailureKind.DNS_TIMEOUT
    assert streams == []


def test_where_nobody_takes_datagrams_tcp_is_tried_at_once(monkeypatch):
    monkeypatch.setattr(nameservers, "TIMEOUT", 3600)
    monkeypatch.setattr(nameservers, "RESEND_DELAY", 3600)

    async def main():
        async with nameserver(lambda asked: asked.reply("MX 1 mx.example.org.")) as running:
            running.transport.abort()
            await asyncio.sleep(0)
            return await asyncio.wait_for(Resolver([running.server]).mx("example.org"), 30)

    assert asyncio.run(main()).records == (MxRecord(1, "mx.example.org"),)


def test_a_silent_server_does_not_keep_the_next_one_waiting(monkeypatch):
    monkeypatch.setattr(nameservers, "STAGGER_DELAY", 0.05)
    monkeypatch.setattr(nameservers, "TIMEOUT", 3600)

    async def main():
        good = nameserver(lambda asked: asked.reply("MX 1 mx.example.org."))
        async with nameserver(lambda asked: None) as first, good as second:
            return await asyncio.wait_for(Resolver([first.server, second.server]).mx("example.org"), 30)

    assert asyncio.run(main()).records == (MxRecord(1, "mx.example.org"),)


@pytest.mark.filterwarnings("error")
def test_nothing_is_left_running_when_the_answer_is_there(monkeypatch):
    monkeypatch.setattr(nameservers, "STAGGER_DELAY", 0.02)

    def answering(asked):
        return asked.reply("MX 1 mx.example.org.") if asked.stream else asked.reply(flags=dns.flags.TC)

    async def main():
        async with nameserver(lambda asked: None) as first, nameserver(answering) as second:
            await Resolver([first.server, second.server]).mx("example.org")
            for _ in range(100):
                await asyncio.sleep(0.01)
                if second.ended and len(asyncio.all_tasks()) == 1:
                    return True
            return False

    assert asyncio.run(main())
    gc.collect()


def test_a_dead_server_costs_its_time_once(monkeypatch):
    monkeypatch.setattr(nameservers, "STAGGER_DELAY", 0.05)
    monkeypatch.setattr(nameservers, "RESEND_DELAY", 3600)  # nor is it asked again, however busy this machine is

    async def main():
        good = nameserver(lambda asked: asked.reply("MX 1 mx.example.org."))
        async with nameserver(lambda asked: None) as first, good as second:
            resolver = Resolver([first.server, second.server])
            for name in ("one.example.org", "two.example.org", "three.example.org"):
                await resolver.mx(name)
            return first.questions

    assert asyncio.run(main()) == [("one.example.org", "MX")]


@pytest.mark.parametrize("stream", [False, True])
def test_a_server_that_never_answers_is_a_time_out(stream, monkeypatch):
    monkeypatch.setattr(nameservers, "TIMEOUT", 0.3)

    def answering(asked):
        return asked.reply(flags=dns.flags.TC) if stream and not asked.stream else None

    answer, running = ask(answering, lambda resolver: resolver.mx("example.org"))
    assert answer == Failure(FailureKind.DNS_TIMEOUT, "example.org", detail="no answer from 127.0.0.1")
    assert running.seen[-1].stream == stream


def test_the_time_for_a_question_is_shorter_than_for_a_look_up():
    assert nameservers.TIMEOUT <= 4


@given(st.binary(max_size=300))
def test_no_bytes_of_a_server_are_more_than_a_failure(tail):
    """What follows the header and the question, which must be ours to be read at all, is anything."""

    def answering(asked):
        if not asked.stream:
            return asked.reply(flags=dns.flags.TC)
        query = asked.query.to_wire()
        return query[:2] + b"\x81\x80" + query[4:6] + tail[:6].ljust(6, b"\0") + query[12:] + tail[6:]

    answer, _ = ask(answering, lambda resolver: resolver.mx("example.org"))
    assert isinstance(answer, Answer | Failure)


# --------------------------------------------------------------------------------------- sharing and cancelling


def test_the_same_question_is_asked_once_in_flight_and_afterwards():
    async def question(resolver):
        together = await asyncio.gather(*(resolver.mx("example.org") for _ in range(5)), resolver.mx("EXAMPLE.org"))
        return {*together, await resolver.mx("example.org")}

    answers, running = ask(lambda asked: asked.reply("MX 1 mx.example.org."), question)
    assert answers == {Answer((MxRecord(1, "mx.example.org"),), secure=False)}
    assert len(running.seen) == 1


def test_one_who_gives_up_does_not_take_the_answer_from_the_others():
    async def main():
        def answering(asked):
            asked_for.append(asked)

        asked_for = []
        async with nameserver(answering) as running:
            resolver = Resolver([running.server])
            hasty, patient = (asyncio.create_task(resolver.mx("example.org")) for _ in range(2))
            while not asked_for:
                await asyncio.sleep(0.001)
            hasty.cancel()
            with pytest.raises(asyncio.CancelledError):
                await hasty
            reply = asked_for[0].reply("MX 1 mx.example.org.")
            running.transport.sendto(reply.to_wire(), asked_for[0].peer)
            return await patient, len(asked_for)

    answer, asked = asyncio.run(main())
    assert answer.records == (MxRecord(1, "mx.example.org"),)
    assert asked == 1


@pytest.mark.parametrize("method", ["mx", "addresses"])
@pytest.mark.filterwarnings("error")
def test_cancelling_ends_at_once_without_a_word_and_leaves_nothing_open(method, caplog):
    caplog.set_level(logging.WARNING)

    async def main():
        async with nameserver(lambda asked: None) as running:
            resolver = Resolver([running.server, running.server])
            task = asyncio.create_task(getattr(resolver, method)("example.org"))
            while not running.seen:
                await asyncio.sleep(0.001)
            await cancel_at_once(task)

    asyncio.run(main())
    gc.collect()
    assert caplog.records == []


def test_a_question_that_the_end_of_a_loop_cut_off_is_asked_anew():
    async def cut_off():
        async with nameserver(lambda asked: None) as running:
            resolver = Resolver([running.server])
            waiting = asyncio.create_task(resolver.mx("example.org"))
            await asyncio.sleep(0.02)
            assert not waiting.done()
            return resolver

    async def anew(resolver):
        async with nameserver(lambda asked: asked.reply("MX 1 mx.example.org.")) as running:
            resolver._servers[:] = [nameservers.Transport(running.server)]
            return await resolver.mx("example.org")

    assert asyncio.run(anew(asyncio.run(cut_off()))).records == (MxRecord(1, "mx.example.org"),)


# ----------------------------------------------------------------------------------------------- which servers


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("9.9.9.9", ("9.9.9.9", 53)),
        (" 127.0.0.1:5353 ", ("127.0.0.1", 5353)),
        ("2620:fe::fe", ("2620:fe::fe", 53)),
        ("[2620:fe::fe]", ("2620:fe::fe", 53)),
        ("[::1]:5353", ("::1", 5353)),
        ("fe80::1%eth0", ("fe80::1%eth0", 53)),
    ],
)
def test_a_name_server_is_an_address_and_maybe_a_port(text, expected):
    server = parse_nameserver(text)
    assert (server.address, server.port) == expected
    assert server.trusted


@pytest.mark.parametrize(
    "text",
    [
        "",
        "dns.example.org",
        "9.9.9.9:",
        "9.9.9.9:0",
        "9.9.9.9:65536",
        "9.9.9.9:x",
        "9.9.9.9:٣",
        "[::1",
        "::1]:53",
        "[]:53",
        "[dns]:53",
        "9.9.9.9:53:53",
        ":53",
        "https://9.9.9.9/",
        "\x1b[31m",
    ],
)
def test_another_text_is_no_name_server(text):
    with pytest.raises(Problem, match="not a DNS server") as caught:
        open_resolver(text)
    assert "\x1b" not in caught.value.text


def test_the_servers_of_the_system_are_those_of_its_file():
    text = """# a comment: nameserver 192.0.2.99
nameserver 127.0.0.53
nameserver fe80::1%eth0
nameserver no-address
nameserver
search example.org
nameserver 192.0.2.1
nameserver 192.0.2.2
"""
    assert read_resolv_conf(text) == (
        Nameserver("127.0.0.53", trusted=True),
        Nameserver("fe80::1%eth0"),
        Nameserver("192.0.2.1"),
    )
    assert read_resolv_conf("nameserver 192.0.2.1\noptions edns0 trust-ad") == (Nameserver("192.0.2.1", trusted=True),)
    assert read_resolv_conf("") == ()


def test_the_system_is_read_without_a_word_of_complaint():
    assert all(server.port == 53 for server in system_nameservers())
    open_resolver(None)


def test_names_of_the_hosts_file_are_known_without_asking(tmp_path):
    path = tmp_path / "hosts"
    path.write_text(
        "127.0.0.1 localhost\n192.0.2.7\tMail.Example.org mail # other.example.org\n"
        "2001:db8::7 mail.example.org\nx mail\n"
    )

    async def main():
        async with nameserver(lambda asked: asked.reply(rcode=dns.rcode.NXDOMAIN)) as running:
            resolver = Resolver([running.server], Hosts(path))
            known = [await resolver.addresses(host) for host in ("mail.example.org", "localhost", "other.example.org")]
            await resolver.mx("mail.example.org")
            return known, running.questions

    (mail, localhost, other), questions = asyncio.run(main())
    assert mail.records == ("192.0.2.7", "2001:db8::7")
    assert localhost.records == ("127.0.0.1",)
    assert not other.exists
    assert ("mail.example.org", "MX") in questions
    assert ("mail.example.org", "A") not in questions


def test_localhost_needs_no_file(tmp_path):
    assert Hosts(tmp_path / "absent").addresses("localhost") == ("127.0.0.1", "::1")
    assert Hosts(tmp_path / "absent").addresses("example.org") == ()


def test_a_hosts_file_without_end_is_read_to_a_limit():
    endless = Path("/dev/zero")
    if not endless.exists():
        pytest.skip("this system has no /dev/zero")
    assert Hosts(endless).addresses("example.org") == ()
    assert len(nameservers._text_of(endless)) == 1 << 20


def test_the_hosts_file_counts_for_the_resolver_of_the_system_only():
    assert open_resolver("127.0.0.1:9")._hosts is None
    assert open_resolver(None)._hosts is not None
