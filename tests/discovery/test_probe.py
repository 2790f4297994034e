"""Guesses that are tried: what answers is found, the better one first, and nobody is waited for in vain."""

from __future__ import annotations

import asyncio
from time import monotonic

import pytest

from tests.discovery import findings
from tests.world import MailServer, World
from wizard.discovery.certificate_names import candidates, named_by_certificate
from wizard.discovery.context import Context, LookUpOptions
from wizard.discovery.sources import probe
from wizard.model.address import parse_address
from wizard.model.discovery import Outcome, Source, SourceReport, Trust
from wizard.model.servers import AuthenticationMethod, Protocol, SocketType
from wizard.net.failures import Failure, FailureKind
from wizard.net.mail import Endpoint

pytestmark = pytest.mark.usefixtures("unhurried")

GRACE = probe.GRACE
LIMIT = 20
"""Seconds, far less than anybody is waited for who must not be."""

HOST, SECOND, FOREIGN = "203.0.113.10", "203.0.113.11", "198.51.100.42"
TLS = (("imap", 993), ("pop3", 995), ("smtp", 465))
UPGRADED = (("imap", 143), ("pop3", 110), ("smtp", 587))


def serve(world: World, address: str, ports=TLS, security="SSL", **options) -> None:
    for protocol, port in ports:
        world.mail(address, port, MailServer(protocol=protocol, security=security, **options))


def look(world: World, address: str = "anna@example.test", **options) -> Context:
    return Context(parse_address(address), LookUpOptions(**options), world.network())


def find(world: World, address: str = "anna@example.test", **options):
    async def run():
        return await probe.find(look(world, address, **options))

    return asyncio.run(run())


def listed(report) -> list[tuple[str, str, int]]:
    return [(found.server.protocol.value, found.server.hostname, found.server.port) for found in report.servers]


def test_one_name_that_answers_on_every_port_of_tls_is_found(world):
    world.dns("mail.example.test", A=[HOST])
    serve(world, HOST)
    report = find(world)
    assert report.outcome is Outcome.FOUND
    assert listed(report) == [
        ("imap", "mail.example.test", 993),
        ("pop3", "mail.example.test", 995),
        ("smtp", "mail.example.test", 465),
    ]
    for found in report.servers:
        assert found.verified is True
        assert found.evidence.trust is Trust.GUESSED
        assert found.server.username == "anna@example.test"
        assert found.server.authentication == (AuthenticationMethod.PASSWORD_CLEARTEXT,)
    assert report.needs_consent == report.warnings == ()


def test_servers_with_starttls_only_are_found(world):
    for name in ("imap", "pop", "smtp"):
        world.dns(f"{name}.example.test", A=[HOST])
    serve(world, HOST, UPGRADED, "STARTTLS")
    report = find(world)
    assert listed(report) == [
        ("imap", "imap.example.test", 143),
        ("pop3", "pop.example.test", 110),
        ("smtp", "smtp.example.test", 587),
    ]
    assert {found.server.socket_type for found in report.servers} == {SocketType.STARTTLS}


def test_an_international_domain_is_found_under_its_name_in_the_network(world):
    world.dns("mail.xn--bcher-kva.test", A=[HOST])
    serve(world, HOST)
    assert ("imap", "mail.xn--bcher-kva.test", 993) in listed(find(world, "anna@bücher.test"))


def test_tls_from_the_first_byte_wins_and_the_name_of_the_protocol_wins(world):
    world.dns("imap.example.test", A=[HOST])
    world.dns("smtp.example.test", A=[HOST])
    world.dns("mail.example.test", A=[SECOND])
    for address in (HOST, SECOND):
        serve(world, address)
        serve(world, address, UPGRADED, "STARTTLS")
    first = {protocol: (host, port) for protocol, host, port in reversed(listed(find(world)))}
    assert first == {
        "imap": ("imap.example.test", 993),
        "pop3": ("mail.example.test", 995),
        "smtp": ("smtp.example.test", 465),
    }


def test_a_machine_with_two_names_is_one_server(world):
    world.dns("imap.example.test", A=[HOST])
    world.dns("mail.example.test", A=[HOST])
    serve(world, HOST)
    assert [host for protocol, host, _port in listed(find(world)) if protocol == "imap"] == ["imap.example.test"]


def test_the_ways_to_log_in_are_those_that_the_server_announces(world):
    world.dns("mail.example.test", A=[HOST])
    serve(world, HOST, auth=("XOAUTH2",))
    methods = {
        found.server.authentication for found in find(world).servers if found.server.protocol is not Protocol.POP3
    }
    assert methods == {(AuthenticationMethod.OAUTH2,)}


@pytest.mark.parametrize("certificate", ["self-signed", "expired", "unknown-ca"])
def test_a_server_whose_certificate_does_not_hold_is_not_found_and_the_reason_is_told(world, certificate):
    world.dns("mail.example.test", A=[HOST])
    serve(world, HOST, certificate=certificate)
    report = find(world)
    assert (report.outcome, report.servers) == (Outcome.UNREACHABLE, ())
    assert report.detail.startswith("The certificate of mail.example.test ")


@pytest.mark.parametrize("behaviour", ["garbage", "web", "greeting_bye", "reset", "close"])
def test_what_speaks_no_mail_is_not_found(world, behaviour):
    world.dns("mail.example.test", A=[HOST])
    serve(world, HOST, TLS[:1], behaviour=behaviour)
    report = find(world)
    assert (report.outcome is Outcome.FOUND, report.servers) == (False, ())
    assert "mail.example.test" in report.detail


def test_an_injection_before_tls_is_an_attack_and_named(world):
    world.dns("mail.example.test", A=[HOST])
    serve(world, HOST, UPGRADED, "STARTTLS", behaviour="injection")
    report = find(world)
    assert report.outcome is Outcome.REFUSED
    assert "before the encryption" in report.detail


def test_a_domain_without_mail_servers_is_nothing(world):
    world.dns("example.test", A=[HOST])
    report = find(world)
    assert (report.outcome, report.detail) == (Outcome.NOTHING, "No mail server answers at the usual names.")


def test_nobody_is_connected_to_for_names_that_do_not_exist(world):
    world.dns("mail.example.test", A=[HOST])
    serve(world, HOST)
    find(world)
    assert {address for address, _port in world.dialled} == {HOST}


def test_a_domain_that_says_it_takes_no_mail_is_left_alone(world):
    world.dns("example.test", MX=[(0, ".")])
    report = find(world)
    assert (report.outcome, report.servers) == (Outcome.NOTHING, ())
    assert "accepts no mail" in report.detail


def test_only_the_usual_ports_are_dialled_and_no_address_is_sent(world):
    world.dns("mail.example.test", A=[HOST])
    serve(world, HOST)
    find(world)
    assert {port for _address, port in world.dialled} <= {993, 143, 995, 110, 465, 587}
    assert not any("anna" in command for command in world.mail_commands())


def test_an_mx_host_of_the_domain_is_tried_too(world):
    world.dns("example.test", MX=[(10, "server.example.test")])
    world.dns("server.example.test", A=[HOST])
    serve(world, HOST)
    report = find(world)
    assert {host for _protocol, host, _port in listed(report)} == {"server.example.test"}
    assert len(report.servers) == 3


def test_an_mx_host_elsewhere_is_tried_when_nothing_of_the_domain_answers(world):
    world.dns("example.test", MX=[(10, "mail.hoster.test")])
    world.dns("mail.hoster.test", A=[FOREIGN])
    serve(world, FOREIGN)
    report = find(world)
    assert {host for _protocol, host, _port in listed(report)} == {"mail.hoster.test"}
    assert {found.evidence.trust for found in report.servers} == {Trust.GUESSED}


def test_an_mx_host_elsewhere_does_not_come_before_a_host_of_the_domain(world):
    world.dns("example.test", MX=[(10, "mail.hoster.test")])
    world.dns("mail.hoster.test", A=[FOREIGN])
    world.dns("mail.example.test", A=[HOST])
    serve(world, FOREIGN)
    serve(world, HOST, UPGRADED, "STARTTLS")
    firsts = {protocol: host for protocol, host, _port in reversed(listed(find(world)))}
    assert set(firsts.values()) == {"mail.example.test"}


def test_an_mx_host_elsewhere_is_left_alone_when_the_domain_itself_answers(world, monkeypatch):
    monkeypatch.setattr(probe, "FOREIGN_DELAY", 30)  # however busy this machine is
    world.dns("example.test", MX=[(10, "mail.hoster.test")])
    world.dns("mail.hoster.test", A=[FOREIGN])
    world.dns("mail.example.test", A=[HOST])
    serve(world, FOREIGN)
    serve(world, HOST)
    find(world)
    assert FOREIGN not in {address for address, _port in world.dialled}


def test_hundreds_of_mx_records_lead_to_few_connections(world):
    world.dns("example.test", MX=[(number, f"mx{number}.hoster.test") for number in range(1, 120)])
    for number in range(1, 120):
        world.dns(f"mx{number}.hoster.test", A=[f"198.51.100.{number}"])
    find(world)
    assert len(world.dialled) <= 3 * 6


class TestCertificatesOfSharedHosters:
    NAMES = ("server42.hoster.test",)

    def test_the_name_on_the_certificate_is_offered_with_the_reason_and_a_question(self, world):
        world.dns("mail.example.test", A=[HOST])
        world.dns("server42.hoster.test", A=[HOST])
        serve(world, HOST, certificate=self.NAMES)
        report = find(world)
        assert {host for _protocol, host, _port in listed(report)} == {"server42.hoster.test"}
        assert len(report.servers) == 3
        for found in report.servers:
            assert (found.verified, found.evidence.trust) == (True, Trust.GUESSED)
        (warning,) = report.warnings
        (question,) = report.needs_consent
        assert (warning.code, question.code) == ("certificate_name", "foreign_domain")
        for text in (warning.text, question.text):
            assert "mail.example.test presents a certificate for server42.hoster.test" in text
        assert "hoster.test?" in question.text

    def test_names_of_who_takes_the_mail_are_tried_first_and_few_of_all(self):
        names = (
            "a.customer.test",
            "*.hoster.test",
            "b.other.test",
            "mail.example.test",
            "s42.hoster.test",
            "c.more.test",
        )
        tried = candidates(names, "mail.example.test", ["mx1.hoster.test"])
        assert tried == ("s42.hoster.test", "a.customer.test", "b.other.test")

    def test_other_failures_lead_nowhere(self, world):
        endpoint = Endpoint(Protocol.IMAP, "mail.example.test", 993, SocketType.SSL)
        failure = Failure(FailureKind.TLS_EXPIRED, "mail.example.test", 993, certificate_names=self.NAMES)

        async def run():
            return await named_by_certificate(look(world), endpoint, failure)

        assert asyncio.run(run()) is None
        assert world.seen == []

    def test_it_works_through_starttls_too(self, world):
        world.dns("mail.example.test", A=[HOST])
        world.dns("server42.hoster.test", A=[HOST])
        serve(world, HOST, UPGRADED, "STARTTLS", certificate=self.NAMES)
        assert ("imap", "server42.hoster.test", 143) in listed(find(world))

    def test_a_name_that_leads_to_another_machine_is_not_taken(self, world):
        world.dns("mail.example.test", A=[HOST])
        world.dns("server42.hoster.test", A=[FOREIGN])
        serve(world, HOST, certificate=self.NAMES)
        serve(world, FOREIGN, certificate=self.NAMES)
        report = find(world)
        assert (report.outcome, report.servers) == (Outcome.UNREACHABLE, ())
        assert "is for another name: server42.hoster.test" in report.detail
        assert FOREIGN not in {address for address, _port in world.dialled}

    @pytest.mark.parametrize("names", [("*.hoster.test",), ("unknown.hoster.test",)])
    def test_wildcards_and_names_that_do_not_exist_lead_nowhere(self, world, names):
        world.dns("mail.example.test", A=[HOST])
        serve(world, HOST, certificate=names)
        assert find(world).servers == ()

    def test_a_self_signed_certificate_leads_nowhere(self, world):
        world.dns("mail.example.test", A=[HOST])
        serve(world, HOST, certificate="self-signed")
        assert find(world).servers == ()

    def test_another_name_in_the_same_domain_needs_no_consent(self, world):
        world.dns("mail.example.test", A=[HOST])
        world.dns("box.example.test", A=[HOST])
        serve(world, HOST, certificate=("box.example.test",))
        report = find(world)
        assert {host for _protocol, host, _port in listed(report)} == {"box.example.test"}
        assert report.needs_consent == ()

    def test_what_answers_to_the_domain_itself_comes_first(self, world):
        world.dns("imap.example.test", A=[SECOND])
        world.dns("mail.example.test", A=[HOST])
        world.dns("server42.hoster.test", A=[SECOND])
        serve(world, HOST)
        serve(world, SECOND, certificate=self.NAMES)
        imap = [host for protocol, host, _port in listed(find(world)) if protocol == "imap"]
        assert imap[0] == "mail.example.test"


class TestEveryNameExists:
    def test_names_count_when_a_certificate_proves_them(self, world):
        world.dns("*.example.test", A=[HOST])
        serve(world, HOST, certificate=("mail.example.test",))
        report = find(world)
        assert {host for _protocol, host, _port in listed(report)} == {"mail.example.test"}

    def test_a_certificate_that_leads_to_a_name_which_was_tried_anyway_is_not_worth_a_word(self, world):
        world.dns("*.example.test", A=[HOST])
        serve(world, HOST, certificate=("mail.example.test",))
        report = find(world)
        assert len(report.servers) == len(set(listed(report)))
        assert report.warnings == ()

    def test_a_server_without_encryption_does_not(self, world):
        world.dns("*.example.test", A=[HOST])
        serve(world, HOST, UPGRADED, "plain")
        report = find(world)
        assert report.servers == ()
        assert any(entry[0] == "dns" and entry[1].startswith("mw-") for entry in world.seen)


class TestServersWithoutEncryption:
    def test_they_are_reported_so_that_people_learn_why_they_are_left_out(self, world):
        world.dns("mail.example.test", A=[HOST])
        serve(world, HOST, UPGRADED, "plain")
        report = find(world)
        assert listed(report) == [
            ("imap", "mail.example.test", 143),
            ("pop3", "mail.example.test", 110),
            ("smtp", "mail.example.test", 587),
        ]
        for found in report.servers:
            assert (found.server.socket_type, found.verified) == (SocketType.PLAIN, False)
            assert "does not offer to encrypt" in found.trouble

    def test_one_that_encrypts_beside_it_makes_it_uninteresting(self, world):
        world.dns("mail.example.test", A=[HOST])
        serve(world, HOST)
        serve(world, HOST, UPGRADED, "plain")
        assert {found.server.socket_type for found in find(world).servers} == {SocketType.SSL}

    def test_their_ways_to_log_in_are_asked_for_where_they_are_permitted(self, world):
        world.dns("mail.example.test", A=[HOST])
        serve(world, HOST, (("imap", 143),), "plain", auth=("CRAM-MD5",))
        (found,) = find(world, allow_insecure=True).servers
        assert AuthenticationMethod.PASSWORD_ENCRYPTED in found.server.authentication


class TestWaiting:
    """Who never answers would be waited for a minute, so that the bounds hold on a busy machine too."""

    @pytest.fixture(autouse=True)
    def endless(self, unhurried, monkeypatch) -> None:
        monkeypatch.setattr("wizard.net.connect.TIMEOUT", 60.0)
        monkeypatch.setattr("wizard.net.nameservers.TIMEOUT", 60.0)

    @pytest.fixture
    def grace(self, endless, monkeypatch) -> None:
        monkeypatch.setattr(probe, "GRACE", GRACE)

    def timed(self, world, **options) -> tuple[float, list[tuple[str, str, int]]]:
        begun = monotonic()
        report = find(world, **options)
        return monotonic() - begun, listed(report)

    def test_a_name_that_swallows_packets_holds_up_a_lesser_one_for_a_short_time_only(self, world, grace):
        world.dns("imap.example.test", A=["203.0.113.66"])
        world.swallow("203.0.113.66")
        world.dns("mail.example.test", A=[HOST])
        serve(world, HOST)
        seconds, found = self.timed(world)
        assert ("imap", "mail.example.test", 993) in found
        assert seconds < LIMIT

    def test_ports_of_the_second_protocol_that_swallow_packets_are_not_waited_for_to_the_end(self, world, grace):
        world.dns("pop.example.test", A=["203.0.113.66"])
        world.swallow("203.0.113.66")
        for name in ("imap", "smtp"):
            world.dns(f"{name}.example.test", A=[HOST])
        serve(world, HOST, (("imap", 993), ("smtp", 465)))
        seconds, found = self.timed(world)
        assert found == [("imap", "imap.example.test", 993), ("smtp", "smtp.example.test", 465)]
        assert seconds < LIMIT

    def test_the_best_answers_end_the_wait_at_once(self, world):
        for name in ("imap", "pop", "smtp"):
            world.dns(f"{name}.example.test", A=[HOST])
        world.dns("mail.example.test", A=["203.0.113.66"])
        world.dns("example.test", A=["203.0.113.66"])
        world.swallow("203.0.113.66")
        serve(world, HOST)
        seconds, found = self.timed(world)
        assert len(found) == 3
        assert seconds < LIMIT

    def test_a_silent_question_for_the_mx_does_not_hold_up_what_is_found(self, world):
        world.dns_behaviour("example.test", "silent")
        for name in ("imap", "pop", "smtp"):
            world.dns(f"{name}.example.test", A=[HOST])
        serve(world, HOST)
        seconds, found = self.timed(world)
        assert len(found) == 3
        assert seconds < LIMIT

    def test_cancelling_ends_everything(self, world):
        world.dns("mail.example.test", A=["203.0.113.66"])
        world.swallow("203.0.113.66")

        async def run() -> None:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.3):
                    await probe.find(look(world))
            left = asyncio.all_tasks() - {asyncio.current_task()}
            # A question to the DNS goes on by itself, for others who may have asked it.
            assert not [task for task in left if "exchange" not in repr(task.get_coro())]

        begun = monotonic()
        asyncio.run(run())
        assert monotonic() - begun < LIMIT


class TestWhatOthersLearn:
    """Findings of other sources, as the look-up has them."""

    def probed(self, world, report, *, said_later=True):
        """What is found where another source has said ``report``, before or while it is tried."""

        async def run():
            context = look(world)
            context.findings.expect([Source.PROBE, report.source])
            if not said_later:
                context.findings.publish(report, final=True)
            probing = asyncio.create_task(probe.find(context))
            if said_later:
                while Source.PROBE not in context.findings.reports:  # nothing but this is waited for
                    await asyncio.sleep(0.01)
                context.findings.publish(report, final=True)
            return await probing

        return asyncio.run(run())

    @pytest.mark.parametrize("said_later", [True, False])
    def test_servers_that_are_published_lead_to_guesses_whenever_that_is(self, world, said_later):
        world.dns("imap.hoster.test", A=[FOREIGN])
        serve(world, FOREIGN)
        published = findings.found(Protocol.IMAP, Source.SRV, host="imap.hoster.test")
        report = self.probed(world, findings.reported(Source.SRV, published), said_later=said_later)
        assert listed(report) == [("smtp", "imap.hoster.test", 465)]

    def test_what_was_found_is_known_while_others_are_waited_for(self, world):
        world.dns("mail.example.test", A=[HOST])
        serve(world, HOST)
        report = self.probed(world, findings.reported(Source.SRV))  # ends only when something was published before
        assert len(report.servers) == 3

    @pytest.mark.parametrize("outcome", [Outcome.NOTHING, Outcome.UNREACHABLE])
    def test_the_names_of_those_who_take_the_mail_wait_for_what_they_publish(self, world, outcome):
        world.dns("example.test", MX=[(10, "mx1.hoster.test")])
        world.dns("mail.hoster.test", A=[FOREIGN])
        serve(world, FOREIGN)
        assert len(self.probed(world, SourceReport(Source.MX, outcome)).servers) == 3

    def test_and_are_left_alone_where_those_publish_any(self, world):
        world.dns("example.test", MX=[(10, "mx1.hoster.test")])
        world.dns("mail.hoster.test", A=[FOREIGN])
        serve(world, FOREIGN)
        servers = [findings.found(protocol, Source.MX, host="in.hoster.test") for protocol in Protocol]
        assert self.probed(world, findings.reported(Source.MX, *servers)).servers == ()

    def test_but_not_for_ever(self, world, monkeypatch):
        monkeypatch.setattr(probe, "PROVIDER_DELAY", 0.05)
        world.dns("example.test", MX=[(10, "mx1.hoster.test")])
        world.dns("mail.hoster.test", A=[FOREIGN])
        serve(world, FOREIGN)

        async def run():
            context = look(world)
            context.findings.expect([Source.PROBE, Source.MX])
            probing = asyncio.create_task(probe.find(context))
            while len(getattr(context.findings.reports.get(Source.PROBE), "servers", ())) < 3:
                await asyncio.sleep(0.01)
            probing.cancel()

        asyncio.run(run())
